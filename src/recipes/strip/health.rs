//! Health checks whose shell can go.

use barehull_syntax::MappedText;
use barehull_syntax::shell::{Dialect, NodeKind, Script};

use super::start::{is_shell, last};
use crate::model::Launch;

/// The command of a health check without its shell, where that tells the same: one program, then at most an exit
/// code. Docker takes every code but 0 for unhealthy.
pub(super) fn without_shell(launch: &Launch) -> Option<Vec<String>> {
    let script = match launch {
        Launch::Exec(items) if items.first().is_some_and(|i| is_shell(last(i.text()))) => {
            let [_, option, text] = items.as_slice() else { return None };
            (option.text() == "-c").then(|| Script::parse(text, Dialect::Posix))?
        }
        Launch::Exec(items) => return Some(items.iter().map(|i: &MappedText| i.text().to_owned()).collect()),
        Launch::Shell(text) => Script::parse(text, Dialect::Posix),
    };
    let plain = |kind: NodeKind| matches!(kind, NodeKind::Sequence | NodeKind::Command | NodeKind::AndOr);
    if script.has_unknown() || !script.nodes().all(|n| plain(n.kind())) {
        return None;
    }
    let mut commands = script.commands();
    let first = commands.next()?;
    let quiet = first.redirects().all(|r| r.target.literal().is_some_and(|t| t == "/dev/null" || t == "1"));
    if first.background() || first.assignments().next().is_some() || !quiet {
        return None;
    }
    let fails = commands.all(|c| {
        let words: Vec<_> = c.words().filter_map(|w| w.literal()).collect();
        matches!(words.as_slice(), [exit, code] if exit == "exit" && code != "0")
            || matches!(words.as_slice(), [word] if word == "false")
    });
    let argv: Option<Vec<String>> = first.words().map(|w| w.literal().map(|t| t.into_owned())).collect();
    let text = script.text().text();
    let alternative = !text.contains("&&") && !text.contains(';');
    argv.filter(|a| {
        fails
            && alternative
            && a.first().is_some_and(|p| !is_shell(last(p)) && p != "exit" && p != "test" && p != "[")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_and_an_exit_code_need_no_shell() {
        let of = |text: &str| without_shell(&Launch::Shell(MappedText::verbatim(text, 0)));
        let argv = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for (text, wanted) in [
            ("curl -f http://localhost/ || exit 1", argv("curl -f http://localhost/")),
            ("curl -f http://localhost/ > /dev/null 2>&1 || exit 1", argv("curl -f http://localhost/")),
            ("redis-cli ping", argv("redis-cli ping")),
            ("curl -f http://localhost/ || exit 0", None),
            ("curl -f http://localhost/ && exit 1", None),
            ("curl -f http://localhost/; exit 1", None),
            ("curl -f http://localhost:$PORT/ || exit 1", None),
            ("curl -s http://localhost/ | grep ok", None),
            ("test -f /tmp/ok || exit 1", None),
            ("A=1 curl localhost", None),
            ("curl localhost > /tmp/x", None),
            ("sh check.sh || exit 1", None),
        ] {
            assert_eq!(of(text), wanted, "{text}");
        }
    }
}
