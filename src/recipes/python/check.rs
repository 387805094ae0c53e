//! Health checks in exec form, with Python itself as the client.

use super::super::probe::{Piece, Probe, pieces};

/// A health check in exec form with Python itself as the client.
pub(super) fn check(python: &str, probe: &Probe) -> Option<Vec<String>> {
    let script = match probe {
        Probe::Http { url, headers, fails_on_status: true } => {
            let os = if url.contains("${") { "import os, urllib.request" } else { "import urllib.request" };
            let sent = headers.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value)));
            let sent = sent.collect::<Vec<_>>().join(", ");
            let asked = if sent.is_empty() {
                address(url)
            } else {
                format!("urllib.request.Request({}, headers={{{sent}}})", address(url))
            };
            format!("{os}; urllib.request.urlopen({asked}, timeout=5)")
        }
        Probe::Http { url, headers, .. } if url.contains("${") || !headers.is_empty() => return None,
        Probe::Http { url, fails_on_status: false, .. } => {
            let rest = url.trim_start_matches("http://");
            let (host, path) =
                rest.split_once('/').map_or((rest, String::from("/")), |(h, p)| (h, format!("/{p}")));
            format!(
                "import http.client as h; c = h.HTTPConnection({}, timeout=5); c.request('GET', {}); c.getresponse()",
                quoted(host),
                quoted(&path)
            )
        }
        Probe::Tcp { host, port } => {
            format!("import socket; socket.create_connection(({}, {port}), 5)", quoted(host))
        }
        Probe::Own(argv) => return own_check(python, argv),
    };
    Some(vec![python.to_owned(), "-c".to_owned(), script])
}

/// A string literal in single quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// An address as an expression: its variables are looked up when the check runs.
pub(super) fn address(url: &str) -> String {
    let parts = pieces(url).into_iter().map(|piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Variable(name, None) => format!("os.environ[{}]", quoted(name)),
        Piece::Variable(name, Some(default)) => {
            format!("(os.environ.get({}) or {})", quoted(name), quoted(default))
        }
    });
    parts.collect::<Vec<_>>().join(" + ")
}

/// A check that is a Python program already.
fn own_check(python: &str, argv: &[String]) -> Option<Vec<String>> {
    let (program, rest) = argv.split_first()?;
    let is_python = program.rsplit('/').next().is_some_and(|name| name.starts_with("python"));
    is_python.then(|| std::iter::once(python.to_owned()).chain(rest.iter().cloned()).collect())
}
