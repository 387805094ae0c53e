//! Settings of Java applications that name files which are written: Spring's `application.properties` and
//! `application.yml`, Logback's and Log4j's XML.

use barehull_syntax::Span;

use super::uses::Uses;

/// Lines of one file that are read.
const MAX_LINES: usize = 20_000;
/// Keys around a key of YAML.
const MAX_DEPTH: usize = 32;

/// Keys whose value is a file, or a folder, that is written to.
const FILES: [&str; 2] = ["logging.file.name", "logging.file"];
const FOLDERS: [&str; 5] = [
    "logging.file.path",
    "logging.path",
    "server.tomcat.basedir",
    "server.tomcat.accesslog.directory",
    "spring.servlet.multipart.location",
];
/// Starts of addresses of databases in a file.
const DATABASES: [&str; 5] = ["jdbc:h2:file:", "jdbc:h2:.", "jdbc:h2:/", "jdbc:sqlite:", "jdbc:hsqldb:file:"];

/// Whether a file holds such settings, by its name.
pub(super) fn is_settings(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let of =
        |starts: &[&str]| starts.iter().any(|start| stem == *start || stem.starts_with(&format!("{start}-")));
    match extension {
        "properties" | "yml" | "yaml" => of(&["application", "bootstrap"]) && !stem.ends_with("-test"),
        "xml" => of(&["logback", "log4j2"]) && !stem.ends_with("-test"),
        _ => false,
    }
}

/// What the settings of a file show.
pub(super) fn uses(name: &str, bytes: &[u8]) -> Uses {
    let mut uses = Uses::default();
    let Ok(text) = std::str::from_utf8(bytes) else { return uses };
    let mut keys: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n').take(MAX_LINES) {
        let span = Span::new(at as u32, (at + line.trim_end().len()) as u32);
        at += line.len();
        if name.ends_with(".xml") {
            xml(line, span, &mut uses);
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        if name.ends_with(".properties") {
            if let Some((key, value)) = line.split_once(['=', ':']) {
                setting(key.trim(), value.trim(), span, &mut uses);
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        keys.retain(|(depth, _)| *depth < indent);
        if keys.len() < MAX_DEPTH {
            keys.push((indent, key));
        }
        let value = value.trim().trim_matches(['"', '\'']);
        if !value.is_empty() {
            let path: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
            setting(&path.join("."), value, span, &mut uses);
        }
    }
    uses
}

fn setting(key: &str, value: &str, span: Span, uses: &mut Uses) {
    if FILES.contains(&key) {
        write(value, "logging.file", span, uses);
    } else if FOLDERS.contains(&key) {
        write(&format!("{}/", value.trim_end_matches('/')), "a setting of Spring", span, uses);
    } else if let Some(prefix) = DATABASES.iter().find(|prefix| value.starts_with(**prefix)) {
        // The path starts with what tells it from an address.
        let prefix = prefix.trim_end_matches(['.', '/']);
        let path = value[prefix.len()..].split([';', '?']).next().unwrap_or_default();
        write(path, "a database in a file", span, uses);
    }
}

/// `<file>logs/app.log</file>`, `fileName="logs/app.log"`.
fn xml(line: &str, span: Span, uses: &mut Uses) {
    let between = |start: &str, end: char| line.split_once(start)?.1.split(end).next();
    let found = [
        between("<file>", '<'),
        between("<File>", '<'),
        between("<fileNamePattern>", '<'),
        between("<FileNamePattern>", '<'),
        between("fileName=\"", '"'),
        between("filePattern=\"", '"'),
    ];
    for path in found.into_iter().flatten() {
        write(path.trim(), "the settings of logging", span, uses);
    }
}

/// Notes a path that is written; of `${LOGS:-logs}` and `${LOGS:logs}` the default counts, and nothing is known of what
/// stands behind a variable without one.
fn write(path: &str, how: &'static str, span: Span, uses: &mut Uses) {
    let mut known = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once("${") {
        known.push_str(before);
        let Some((variable, after)) = behind.split_once('}') else { return };
        let Some((_, default)) = variable.split_once(':') else {
            if let Some(end) = known.rfind('/') {
                known.truncate(end + 1);
                return uses.written(known, how, span);
            }
            return;
        };
        known.push_str(default.trim_start_matches('-'));
        rest = after;
    }
    known.push_str(rest);
    // `%d{yyyy-MM}` in patterns for names.
    if let Some(at) = known.find('%') {
        let end = known[..at].rfind('/').map_or(0, |end| end + 1);
        known.truncate(end);
    }
    uses.written(known, how, span);
}

#[cfg(test)]
mod tests {
    use super::{is_settings, uses};

    #[test]
    fn names_of_settings() {
        for name in ["application.yml", "application-prod.properties", "logback-spring.xml", "bootstrap.yaml"]
        {
            assert!(is_settings(name), "{name}");
        }
        for name in
            ["application-test.yml", "pom.xml", "messages.properties", "applications.yml", "logback-test.xml"]
        {
            assert!(!is_settings(name), "{name}");
        }
    }

    #[test]
    fn paths_that_are_written() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                "application.properties",
                "# logging.file=x\nlogging.file.name = logs/app.log\n",
                &["logs/app.log"],
            ),
            ("application.properties", "spring.datasource.url=jdbc:h2:file:./data/db;MODE=x", &["./data/db"]),
            ("application.properties", "spring.datasource.url=jdbc:h2:./db", &["./db"]),
            ("application.properties", "spring.datasource.url=jdbc:postgresql://db/x", &[]),
            (
                "application.yml",
                "logging:\n  level:\n    root: info\n  file:\n    path: /var/log/app\n",
                &["/var/log/app/"],
            ),
            ("application.yml", "logging:\n  file:\n    name: ${LOGS:logs}/a.log\n", &["logs/a.log"]),
            ("application.yml", "other:\n  file:\n    name: a.log\n", &[]),
            ("application.yml", "logging.file.name: \"/tmp/a.log\"\n", &[]),
            (
                "logback.xml",
                "<file>${HOME}/a.log</file>\n  <fileNamePattern>logs/a.%d{yyyy}.gz</fileNamePattern>",
                &["logs/"],
            ),
            ("log4j2.xml", "<RollingFile fileName=\"logs/a.log\" filePattern=\"${dir}\">", &["logs/a.log"]),
            ("application.yml", "a:\n b: ${\n\t: x\n:", &[]),
        ];
        for (name, text, expected) in cases {
            let found = uses(name, text.as_bytes());
            let paths: Vec<&str> = found.writes.iter().map(|(path, _, _)| path.as_str()).collect();
            assert_eq!(paths, *expected, "{text}");
        }
    }
}
