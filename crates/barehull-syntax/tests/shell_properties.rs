//! What holds for every shell text, readable or not.

use barehull_syntax::{
    MappedText,
    shell::{CommandRef, Dialect, Inner, NodeKind, Script},
};
use proptest::prelude::*;
use regex::Regex;

fn read(text: &str) -> Script {
    Script::parse(&MappedText::verbatim(text, 0), Dialect::Bash)
}

/// Bits of shell text that make trouble when they meet.
const BITS: &[&str] = &[
    "a",
    "b",
    "apt-get",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    ";",
    "; ",
    " && ",
    " || ",
    " | ",
    "&",
    "|&",
    "(",
    ")",
    "((",
    "))",
    "{ ",
    "; }",
    "}",
    "{",
    "[[ ",
    " ]]",
    "[ ",
    " ]",
    "if ",
    "; then ",
    "; elif ",
    "; else ",
    "; fi",
    "for x ",
    "in ",
    "; do ",
    "; done",
    "while ",
    "until ",
    "case ",
    " in ",
    "esac",
    ";;",
    ";&",
    "f() ",
    "function ",
    "! ",
    "select ",
    "'",
    "'c d'",
    "\"",
    "\"e f\"",
    "$'",
    "$\"",
    "\\",
    "\\\n",
    "\\ ",
    "$",
    "$x",
    "${",
    "${x:-",
    "}",
    "$(",
    "`",
    "$((",
    "<(",
    ">(",
    "A=",
    "A=(",
    "A[",
    "]",
    "=",
    "+=",
    "<",
    ">",
    ">>",
    "2>&1",
    "&>",
    "<<<",
    "<<E",
    "<<-'E'",
    "\nE\n",
    "# g",
    "#",
    "*",
    "?",
    "~",
    "@(",
    "!(",
    "=~ ",
    "time ",
    "\r\n",
    "\t",
    "é",
    "\u{0}",
    "0",
    "exit",
    "exec ",
    "set -e",
    "sh -c ",
    "sudo ",
    "find . -exec ",
    "\\;",
    "eval ",
];

fn shell_text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(BITS), 0..40).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in ".{0,80}") {
        look_at_all(&read(&text));
    }

    #[test]
    fn any_shell_like_text_is_read(text in shell_text()) {
        look_at_all(&read(&text));
    }

    #[test]
    fn nodes_lie_inside_and_in_order(text in shell_text()) {
        let script = read(&text);
        let body = |node: barehull_syntax::shell::NodeRef<'_>| node.kind().is_substitution() || node.kind() == NodeKind::Unknown;
        for node in script.nodes() {
            prop_assert!(node.range().end <= text.len());
            let mut behind = node.range().start;
            // What stands in heredocs and in redirections behind a compound command lies outside.
            for child in node.children().filter(|child| !body(*child)) {
                prop_assert!(child.range().start >= behind, "{script:?}");
                prop_assert!(child.range().end <= node.range().end, "{script:?}");
                behind = child.range().end;
            }
        }
    }

    #[test]
    fn nothing_is_left_out(text in shell_text()) {
        let left = left_out(&read(&text));
        prop_assert!(left.is_empty(), "{left:?}\n{:?}", read(&text));
    }
}

/// Asks everything there is to ask.
fn look_at_all(script: &Script) {
    let _ = format!("{script:?}");
    script.visit(&mut |visit| drop(format!("{visit:?}")));
    for command in script.commands() {
        let _ = (command.name(), command.base_name(), command.piped_from(), command.piped_to());
        let _ = (command.source(), command.enclosing_function(), command.certain(), command.range());
        for word in command.words() {
            let _ = (word.literal(), word.pattern(), word.display(), word.source(), word.split_assignment());
            let _ = (word.mapped(), word.mapped_with_variables(), word.parts());
        }
        if let Inner::Script { script, .. } = command.unwrap().inner {
            script.commands().for_each(|command| {
                let _ = command.source();
            });
        }
    }
}

/// The parts of a text that are in no word, assignment, redirection or unknown node, and are no operator,
/// keyword or comment.
fn left_out(script: &Script) -> Vec<String> {
    const COVERED: Option<u8> = Some(1);
    let text = script.text().text();
    let mut rest = text.as_bytes().to_vec();
    let mut cover = |range: std::ops::Range<usize>, with: Option<u8>| {
        rest[range.clone()].copy_from_slice(&text.as_bytes()[range.clone()]);
        if let Some(byte) = with {
            rest[range].fill(byte);
        }
    };
    for node in script.nodes() {
        if node.kind().is_substitution() {
            cover(node.range(), None);
            if node.text().starts_with('`') {
                // Where a comment in backticks ends.
                cover(node.range().end - 1..node.range().end, Some(b'\n'));
            }
            continue;
        }
        if node.kind() == NodeKind::Unknown {
            cover(node.range(), COVERED);
        }
        node.words().for_each(|word| cover(word.range(), COVERED));
        if let Some(name) = node.name() {
            let start = name.as_ptr() as usize - text.as_ptr() as usize;
            cover(start..start + name.len(), COVERED);
        }
        if let Some(command) = script.commands().find(|command| command.node().id() == node.id()) {
            command.assignments().for_each(|assignment| cover(assignment.range(), COVERED));
        }
        for redirect in node.redirects() {
            cover(redirect.range(), COVERED);
            if let Some(heredoc) = redirect.heredoc {
                let body = heredoc.text.range();
                let line_end = text[body.end..].find('\n').map_or(text.len(), |len| body.end + len);
                cover(body.start..line_end, COVERED);
            }
        }
    }
    let rest = String::from_utf8(rest).expect("whole words are covered");
    let comments = Regex::new(r"(^|[\s;&|()`\x01])#[^\n]*").unwrap();
    let rest = comments.replace_all(&rest, "$1 ");
    let grammar = Regex::new(concat!(
        r"^(;;&|;;|;&|;|&&|\|\||\|&|\||&|\$\(|[<>]\(|[(){}`!]|",
        r"if|then|elif|else|fi|for|select|while|until|do|done|case|esac|in|function)+$"
    ))
    .unwrap();
    let rest = rest.replace("\\\r\n", " ").replace("\\\n", " ");
    rest.split([' ', '\t', '\r', '\n', '\u{1}'])
        .filter(|part| !part.is_empty() && !grammar.is_match(part))
        .map(str::to_owned)
        .collect()
}

#[test]
fn depth_and_length_cost_neither_stack_nor_minutes() {
    let cases = [
        vec!["a"; 10_000].join(" && "),
        vec!["a"; 10_000].join(" | "),
        vec!["a b c"; 10_000].join("; "),
        "a ".repeat(100_000),
        format!("{}a{}", "( ".repeat(1_000), " )".repeat(1_000)),
        format!("{}a{}", "((".repeat(1_000), "))".repeat(1_000)),
        format!("{}a{}", "{ ".repeat(1_000), "; }".repeat(1_000)),
        format!("{}a{}", "$(".repeat(1_000), ")".repeat(1_000)),
        format!("{}a{}", "\"$(".repeat(1_000), ")\"".repeat(1_000)),
        format!("{}a{}", "${x:-".repeat(1_000), "}".repeat(1_000)),
        format!("{}a{}", "if a; then ".repeat(1_000), "; fi".repeat(1_000)),
        format!("{}a{}", "a | { b | c || ".repeat(1_000), "; }".repeat(1_000)),
        "((".repeat(10_000),
        "$((".repeat(10_000),
        "$(".repeat(10_000),
        "a `".repeat(10_001),
        "{ ".repeat(10_000),
        "case x in a) ".repeat(10_000),
        "if a; then ".repeat(10_000),
        "a[".repeat(10_000),
        "\"${".repeat(10_000),
        "! ".repeat(10_000),
        "cat <<E ".repeat(5_000),
        format!("{}\n{}", "cat <<E; ".repeat(2_000), "$(a)\nE\n".repeat(2_000)),
        "f() ".repeat(10_000),
        "} ".repeat(10_000),
        "a) ".repeat(10_000),
        "for x in ".repeat(10_000),
        "sudo ".repeat(10_000),
    ];
    for text in cases {
        let script = read(&text);
        script.visit(&mut |_| {});
        let words = script.commands().flat_map(CommandRef::words);
        words.for_each(|word| drop(word.literal()));
    }
}

#[test]
fn many_and_lists_are_one_list() {
    let script = read(&vec!["a"; 10_000].join(" && "));
    assert_eq!(script.commands().count(), 10_000);
    assert!(script.commands().all(|command| command.certain()));
    let script = read(&format!("{}a{}", "( ".repeat(1_000), " )".repeat(1_000)));
    assert_eq!(script.commands().map(|command| command.node().ancestors().count()).max(), Some(1_001));
}
