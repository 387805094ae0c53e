//! Which words of a network client's command line are addresses, and which are values of options.

use super::Command;

/// The options of a program that take a value.
pub(super) struct Options {
    /// Letters.
    short: &'static str,
    /// Names, without dashes.
    long: &'static [&'static str],
}

/// A command line, taken apart.
pub(super) struct Line<'a> {
    /// Options that take a value, with it; without where it cannot be told.
    values: Vec<(&'a str, Option<&'a str>)>,
    operands: Vec<Option<&'a str>>,
}

pub(super) const CURL: Options = Options {
    short: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    long: &[
        "abstract-unix-socket",
        "alt-svc",
        "aws-sigv4",
        "cacert",
        "capath",
        "cert",
        "cert-type",
        "ciphers",
        "config",
        "connect-timeout",
        "connect-to",
        "continue-at",
        "cookie",
        "cookie-jar",
        "create-file-mode",
        "crlfile",
        "curves",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "data-urlencode",
        "delegation",
        "dns-interface",
        "dns-servers",
        "doh-url",
        "engine",
        "etag-compare",
        "etag-save",
        "expect100-timeout",
        "form",
        "form-string",
        "happy-eyeballs-timeout-ms",
        "header",
        "hsts",
        "interface",
        "json",
        "keepalive-time",
        "key",
        "key-type",
        "limit-rate",
        "local-port",
        "max-filesize",
        "max-redirs",
        "max-time",
        "netrc-file",
        "noproxy",
        "oauth2-bearer",
        "output",
        "output-dir",
        "parallel-max",
        "pass",
        "pinnedpubkey",
        "preproxy",
        "proto",
        "proto-default",
        "proto-redir",
        "proxy",
        "proxy-cacert",
        "proxy-capath",
        "proxy-cert",
        "proxy-header",
        "proxy-key",
        "proxy-pass",
        "proxy-user",
        "pubkey",
        "quote",
        "random-file",
        "range",
        "rate",
        "referer",
        "request",
        "request-target",
        "resolve",
        "retry",
        "retry-delay",
        "retry-max-time",
        "service-name",
        "socks4",
        "socks4a",
        "socks5",
        "socks5-hostname",
        "speed-limit",
        "speed-time",
        "stderr",
        "time-cond",
        "tls-max",
        "tls13-ciphers",
        "tlspassword",
        "tlsuser",
        "trace",
        "trace-ascii",
        "unix-socket",
        "upload-file",
        "url",
        "url-query",
        "user",
        "user-agent",
        "variable",
        "write-out",
    ],
};

pub(super) const WGET: Options = Options {
    short: "aABDeiIloOPQRtTUwX",
    long: &[
        "accept",
        "accept-regex",
        "append-output",
        "base",
        "bind-address",
        "body-data",
        "body-file",
        "ca-certificate",
        "ca-directory",
        "certificate",
        "certificate-type",
        "ciphers",
        "compression",
        "config",
        "connect-timeout",
        "crl-file",
        "cut-dirs",
        "default-page",
        "directory-prefix",
        "dns-servers",
        "dns-timeout",
        "domains",
        "exclude-directories",
        "exclude-domains",
        "execute",
        "follow-tags",
        "ftp-password",
        "ftp-user",
        "header",
        "http-password",
        "http-user",
        "ignore-tags",
        "include-directories",
        "input-file",
        "level",
        "limit-rate",
        "load-cookies",
        "local-encoding",
        "max-redirect",
        "method",
        "output-document",
        "output-file",
        "password",
        "pinnedpubkey",
        "post-data",
        "post-file",
        "prefer-family",
        "private-key",
        "private-key-type",
        "progress",
        "proxy-password",
        "proxy-user",
        "quota",
        "read-timeout",
        "referer",
        "regex-type",
        "reject",
        "reject-regex",
        "remote-encoding",
        "report-speed",
        "restrict-file-names",
        "retry-on-http-error",
        "save-cookies",
        "secure-protocol",
        "start-pos",
        "timeout",
        "tries",
        "use-askpass",
        "user",
        "user-agent",
        "wait",
        "waitretry",
    ],
};

pub(super) const ARIA: Options = Options {
    short: "diojklmpstx",
    long: &["dir", "input-file", "log", "max-connection-per-server", "out", "split"],
};

/// Takes a command line apart as `getopt_long` does: `-fsSLo FILE`, `-oFILE`, `--output FILE`, `--output=FILE`.
pub(super) fn read<'a>(command: &'a Command, options: &Options) -> Line<'a> {
    let mut line = Line { values: Vec::new(), operands: Vec::new() };
    let mut words = command.args.iter().map(|arg| arg.text.as_deref());
    let mut ended = false;
    while let Some(word) = words.next() {
        let Some(text) = word.filter(|text| !ended && text.len() > 1 && text.starts_with('-')) else {
            line.operands.push(word);
            continue;
        };
        if text == "--" {
            ended = true;
        } else if let Some(long) = text.strip_prefix("--") {
            match long.split_once('=') {
                Some((name, value)) => line.values.push((name, Some(value))),
                None if options.long.contains(&long) => line.values.push((long, words.next().flatten())),
                None => {}
            }
        } else if let Some((letter, value)) = of_cluster(&text[1..], options) {
            let value = if value.is_empty() { words.next().flatten() } else { Some(value) };
            line.values.push((letter, value));
        }
    }
    line
}

/// The letter that takes a value, and what stands behind it.
fn of_cluster<'a>(letters: &'a str, options: &Options) -> Option<(&'a str, &'a str)> {
    let at = letters.find(|letter| options.short.contains(letter))?;
    Some((&letters[at..=at], &letters[at + 1..]))
}

impl<'a> Line<'a> {
    /// The value of an option, if it can be told.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.values.iter().find(|(name, _)| names.contains(name))?.1
    }

    /// Whether an option is given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.values.iter().any(|(name, _)| names.contains(name))
    }

    /// The addresses; a word that cannot be told may be one.
    pub(super) fn addresses(&self) -> impl Iterator<Item = Option<String>> {
        let explicit = self.values.iter().filter(|(name, _)| *name == "url").map(|(_, value)| *value);
        let is_address = |word: Option<&str>| word.is_none_or(|word| word.contains(['.', ':', '/', '[']));
        let operands = self.operands.iter().copied().filter(move |word| is_address(*word));
        explicit.chain(operands).map(|word| word.map(str::to_owned))
    }
}
