//! The programs that supervisord starts, from its configuration.

use barehull_syntax::Span;

/// A `[program:x]` section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Program<'t> {
    /// Its command line, which no shell reads.
    pub(super) command: &'t str,
    /// Where that stands.
    pub(super) span: Span,
}

/// Where supervisord looks for its configuration when nothing names it.
pub(super) const DEFAULT_FILES: [&str; 4] = [
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor.conf",
    "/usr/etc/supervisord.conf",
];

/// Folders whose files the configurations of distributions include.
pub(super) const INCLUDED: [&str; 3] =
    ["/etc/supervisor/conf.d/", "/etc/supervisord.d/", "/etc/supervisor.d/"];

/// The configuration file that the arguments of supervisord name.
pub(super) fn named_file(args: &[Option<String>]) -> Option<&str> {
    let mut words = args.iter().map(|a| a.as_deref().unwrap_or_default());
    while let Some(word) = words.next() {
        if matches!(word, "-c" | "--configuration") {
            return words.next();
        }
        let attached = word.strip_prefix("--configuration=").or_else(|| word.strip_prefix("-c"));
        if attached.is_some() {
            return attached;
        }
    }
    None
}

/// The programs of a configuration, in order.
pub(super) fn programs(text: &str) -> Vec<Program<'_>> {
    let mut found = Vec::new();
    let mut in_program = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (at, trimmed) = (start, line.trim());
        start += line.len();
        if trimmed.starts_with('[') {
            in_program =
                ["[program:", "[fcgi-program:", "[eventlistener:"].iter().any(|s| trimmed.starts_with(s));
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        if !in_program || name.trim() != "command" {
            continue;
        }
        // A semicolon behind a space starts a comment.
        let command = value.split(" ;").next().unwrap_or(value).trim();
        let offset = at + name.len() + 1 + (value.len() - value.trim_start().len());
        if !command.is_empty() {
            found.push(Program { command, span: Span::new(offset as u32, (offset + command.len()) as u32) });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_a_configuration() {
        let text = "[supervisord]\nnodaemon=true\ncommand=no\n\n[program:a]\r\ncommand = /usr/sbin/sshd -D ; keys\r\n\
                    environment=command=no\n;command=no\n[eventlistener:b]\ncommand=b\n";
        let found = programs(text);
        let commands: Vec<&str> = found.iter().map(|p| p.command).collect();
        assert_eq!(commands, ["/usr/sbin/sshd -D", "b"]);
        for program in &found {
            assert_eq!(program.span.slice(text.as_bytes()), program.command.as_bytes());
        }
        let words =
            |text: &str| -> Vec<Option<String>> { text.split(' ').map(|w| Some(w.to_owned())).collect() };
        for args in ["-n -c /a", "--configuration=/a -n", "-c/a", "--configuration /a"] {
            assert_eq!(named_file(&words(args)), Some("/a"), "{args}");
        }
        assert_eq!(named_file(&words("-n")), None);
    }
}
