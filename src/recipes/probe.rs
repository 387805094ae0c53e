//! Health checks that call a network client, read as what they ask.

use std::fmt::Write;

use barehull_syntax::MappedText;
use barehull_syntax::shell::{CommandRef, Dialect, Inner, PartKind, Role, Script, Word};

use crate::model::{Health, Launch, Stage};

/// What a health check asks of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An HTTP request that must succeed.
    Http {
        /// The address, as written: a local one. A variable stands in it as `${NAME}` or `${NAME:-default}`.
        url: String,
        /// Headers that it sends besides, none of them with a variable.
        headers: Vec<(String, String)>,
        /// Whether a status of 400 and above fails it (curl: only with `-f`).
        fails_on_status: bool,
    },
    /// A connection that must be accepted.
    Tcp {
        /// Host, as written.
        host: String,
        /// Port.
        port: u16,
    },
    /// A program of the image's own with its arguments, none of which needs a shell.
    Own(Vec<String>),
}

/// The probe of a stage's health check: `None` if it has none, an error in words if it cannot be read as one.
pub fn probe_of(stage: &Stage) -> Option<Result<Probe, String>> {
    let health = stage.config.healthcheck.as_ref()?;
    match &health.value {
        Health::None => None,
        Health::Check { launch, .. } => Some(probe(launch)),
    }
}

/// What a command line asks, as a probe of a manifest gives it.
pub fn probe_of_words(words: &[String]) -> Result<Probe, String> {
    probe(&Launch::Exec(words.iter().map(|w| MappedText::verbatim(w, 0)).collect()))
}

/// What the command of a health check asks; an error in words if it cannot be read as one question.
pub fn probe(launch: &Launch) -> Result<Probe, String> {
    let (script, exec) = match launch {
        Launch::Exec(items) => (Script::from_argv(items), Some(items)),
        Launch::Shell(text) => (Script::parse(text, Dialect::Posix), None),
    };
    if let Some(inner) = inner_script(&script) {
        return of_script(&inner);
    }
    if let Some(items) = exec {
        let argv: Vec<String> = items.iter().map(|i| i.text().to_owned()).collect();
        return match of_argv(&argv) {
            Some(probe) => probe,
            None => Ok(Probe::Own(argv)),
        };
    }
    of_script(&script)
}

/// The text behind `sh -c`, where that is all the command does.
fn inner_script(script: &Script) -> Option<Script> {
    match script.commands().next()?.unwrap().inner {
        Inner::Script { script, .. } => Some(*script),
        _ => None,
    }
}

/// `curl -f URL || exit 1`, `wget ... URL`, `nc -z host port`: one client, then nothing but an exit code.
fn of_script(script: &Script) -> Result<Probe, String> {
    let unreadable = || "it does more than call one address".to_owned();
    if script.has_unknown() {
        return Err(unreadable());
    }
    let mut probe = None;
    for command in script.commands() {
        match command.name().as_deref() {
            Some("exit" | "true" | "false" | ":") if probe.is_none() || says_the_same(command) => {}
            Some(_) if probe.is_none() => {
                if command.piped_to().is_some()
                    || command.in_substitution()
                    || command.assignments().next().is_some()
                {
                    return Err(unreadable());
                }
                let argv: Option<Vec<String>> = command.words().map(with_variables).collect();
                let argv = argv.ok_or("it expands what only a shell can")?;
                let plain = argv.iter().all(|a| !a.contains("${"));
                let own = || if plain { Ok(Probe::Own(argv.clone())) } else { Err(unreadable()) };
                probe = Some(of_argv(&argv).unwrap_or_else(own));
            }
            _ => return Err(unreadable()),
        }
    }
    probe.unwrap_or_else(|| Err(unreadable()))
}

/// Whether what stands behind a client only says again what its exit code says: `|| exit 1`, `&& exit 0`.
fn says_the_same(command: CommandRef<'_>) -> bool {
    let words: Vec<_> = command.words().map(Word::display).collect();
    let words: Vec<&str> = words.iter().map(|w| &**w).collect();
    match (command.node().role(), words.as_slice()) {
        (Role::Or, ["exit" | "false"]) | (Role::And, ["exit" | "true" | ":"]) => true,
        (Role::Or, ["exit", code]) => *code != "0",
        (Role::And, ["exit", code]) => *code == "0",
        _ => false,
    }
}

/// A word with its variables as `${NAME}` or `${NAME:-default}`; nothing for other expansions.
pub fn with_variables(word: Word<'_>) -> Option<String> {
    let mut text = String::new();
    for part in word.parts() {
        match part.kind {
            PartKind::Literal(literal) if !literal.contains('$') => text.push_str(&literal),
            PartKind::Variable(v) if v.is_plain() && is_name(v.name) => {
                let _ = write!(text, "${{{}}}", v.name);
            }
            PartKind::Variable(v) if v.operator == ":-" && v.prefix.is_empty() && is_name(v.name) => {
                let default = v.argument?.literal()?;
                if default.contains(['}', '$']) {
                    return None;
                }
                let _ = write!(text, "${{{}:-{default}}}", v.name);
            }
            _ => return None,
        }
    }
    Some(text)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// A part of a probe's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// An environment variable, and what stands for it where it is unset or empty.
    Variable(&'a str, Option<&'a str>),
}

/// An address taken apart at its variables.
pub fn pieces(url: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = url;
    while let Some((text, behind)) = rest.split_once("${") {
        let Some((variable, after)) = behind.split_once('}') else { break };
        if !text.is_empty() {
            found.push(Piece::Text(text));
        }
        found.push(match variable.split_once(":-") {
            Some((name, default)) => Piece::Variable(name, Some(default)),
            None => Piece::Variable(variable, None),
        });
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    found
}

/// The probe of a command line; `None` if its program is no known client.
fn of_argv(argv: &[String]) -> Option<Result<Probe, String>> {
    let name = argv.first()?.rsplit('/').next()?;
    let rest = &argv[1..];
    match name {
        "curl" => Some(http(rest, curl_fails(rest))),
        "wget" => Some(http(rest, true)),
        "nc" | "ncat" | "netcat" => Some(tcp(rest)),
        _ => None,
    }
}

fn curl_fails(args: &[String]) -> bool {
    args.iter().any(|a| {
        a == "--fail"
            || a == "--fail-with-body"
            || (a.starts_with('-') && !a.starts_with("--") && a.contains('f'))
    })
}

fn http(args: &[String], fails_on_status: bool) -> Result<Probe, String> {
    const WITH_VALUE: [&str; 14] = [
        "-o",
        "--output",
        "-O",
        "--output-document",
        "-m",
        "--max-time",
        "--connect-timeout",
        "-T",
        "--timeout",
        "-t",
        "--tries",
        "--retry",
        "-P",
        "-w",
    ];
    const CHANGES: [&str; 10] = [
        "-X",
        "--request",
        "-d",
        "--data",
        "-u",
        "--user",
        "-k",
        "--insecure",
        "--unix-socket",
        "--post-data",
    ];
    let (mut urls, mut headers) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let written = match arg.strip_prefix("--header=") {
            None if arg == "-H" || arg == "--header" => args.next().map(String::as_str),
            written => written,
        };
        if let Some(written) = written {
            headers.push(header(written).ok_or_else(|| format!("its request has the header {written}"))?);
            continue;
        }
        if CHANGES.iter().any(|c| arg == c || (c.starts_with("--") && arg.starts_with(&format!("{c}=")))) {
            return Err(format!("its request uses {arg}"));
        }
        if WITH_VALUE.contains(&arg.as_str()) {
            args.next();
        } else if arg.starts_with('-') && !arg.starts_with("--") && arg.ends_with(['o', 'O']) && arg.len() > 2
        {
            // `-qO-` and `-sLo /dev/null`: the cluster's last option takes the next word, unless it is `-`.
            args.next();
        } else if !arg.starts_with('-') {
            urls.push(arg.clone());
        }
    }
    let [url] = urls.as_slice() else { return Err("it does not call exactly one address".to_owned()) };
    let url = if url.contains("://") { url.clone() } else { format!("http://{url}") };
    if url.starts_with("https://") {
        return Err("it uses TLS, whose certificate the client may or may not check".to_owned());
    }
    if !url.starts_with("http://") {
        return Err("it does not speak HTTP".to_owned());
    }
    Ok(Probe::Http { url, headers, fails_on_status })
}

/// `Name: value`; nothing for one that clients make themselves, or whose value is not plain.
fn header(written: &str) -> Option<(String, String)> {
    const OWN: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];
    let (name, value) = written.split_once(':')?;
    let value = value.trim();
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_plain = !value.is_empty() && !value.contains("${") && !value.contains(char::is_control);
    let is_own = OWN.iter().any(|own| name.eq_ignore_ascii_case(own));
    (is_name && is_plain && !is_own).then(|| (name.to_owned(), value.to_owned()))
}

fn tcp(args: &[String]) -> Result<Probe, String> {
    let words: Vec<&String> = args.iter().filter(|a| !a.starts_with('-')).collect();
    match words.as_slice() {
        [host, port] if !host.contains("${") => {
            let port = port.parse().map_err(|_| "its port is no number".to_owned())?;
            Ok(Probe::Tcp { host: (*host).clone(), port })
        }
        _ => Err("it does not name one host and port".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Result<Probe, String> {
        probe(&Launch::Shell(MappedText::verbatim(text, 0)))
    }

    #[test]
    fn an_address_is_taken_apart_at_its_variables() {
        use Piece::{Text, Variable};
        let cases = [
            ("http://a/", vec![Text("http://a/")]),
            ("http://a:${P}", vec![Text("http://a:"), Variable("P", None)]),
            ("${A:-x}/b", vec![Variable("A", Some("x")), Text("/b")]),
        ];
        for (url, wanted) in cases {
            assert_eq!(pieces(url), wanted, "{url}");
        }
    }

    #[test]
    fn the_usual_checks_are_read() {
        let http = |url: &str, fails_on_status| {
            Ok(Probe::Http { url: url.to_owned(), headers: Vec::new(), fails_on_status })
        };
        let header = ("X-Of".to_owned(), "a: b".to_owned());
        let with_header =
            Probe::Http { url: "http://a/".to_owned(), headers: vec![header], fails_on_status: true };
        let cases = [
            ("curl -f http://localhost:3000/health || exit 1", http("http://localhost:3000/health", true)),
            ("curl --fail -s -o /dev/null localhost:8080", http("http://localhost:8080", true)),
            ("wget -qO- http://127.0.0.1/ || exit 1", http("http://127.0.0.1/", true)),
            (
                "wget --no-verbose --tries=1 --spider http://localhost:80/ || exit 1",
                http("http://localhost:80/", true),
            ),
            ("curl -s http://localhost/", http("http://localhost/", false)),
            ("curl -f http://localhost:${PORT:-80}/$P", http("http://localhost:${PORT:-80}/${P}", true)),
            ("curl -H 'X-Of: a: b' -f http://a/", Ok(with_header.clone())),
            ("wget -q --header='X-Of: a: b' http://a/", Ok(with_header)),
            ("curl -f http://a/ || exit $?", http("http://a/", true)),
            ("curl -f http://a/ && exit 0 || exit 1", http("http://a/", true)),
            ("nc -z localhost 5432", Ok(Probe::Tcp { host: "localhost".to_owned(), port: 5432 })),
        ];
        for (text, wanted) in cases {
            assert_eq!(shell(text), wanted, "{text}");
        }
        for text in [
            "curl -f http://localhost:$(cat /port)/",
            "node check.js $PORT",
            "curl -s x | grep ok",
            "curl -X POST http://a",
            "curl -H \"X-Of: $A\" http://a",
            "curl -H 'Host: b' http://a",
            "a && b",
            "curl -f http://a/ || exit 0",
            "curl -f http://a/ || true",
            "curl -f http://a/ && exit 1",
            "curl -f http://a/; exit 1",
        ] {
            assert!(shell(text).is_err(), "{text}");
        }
    }
}
