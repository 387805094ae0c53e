//! What gets a command's output.

use barehull_syntax::shell::{CommandRef, Inner, NodeKind, NodeRef};

use crate::model::executed::Reader;

/// Nodes around a command that are looked at.
const MAX_AROUND: usize = 64;
/// Commands of a pipeline that are looked at.
const MAX_READERS: usize = 8;

/// The commands behind `command` in its pipeline, then the shell whose text its output is.
pub(super) fn of(command: CommandRef<'_>) -> Vec<Reader> {
    let mut readers = Vec::new();
    let mut node = command.node();
    for _ in 0..MAX_AROUND {
        let Some(parent) = node.parent() else { break };
        match parent.kind() {
            NodeKind::Pipeline => {
                let behind = std::iter::successors(node.next_sibling(), |member| member.next_sibling());
                let behind = behind.take(MAX_READERS - readers.len());
                readers.extend(behind.map(|member| reader(member.first_command(), false)));
            }
            NodeKind::Function => break,
            kind if kind.is_substitution() => {
                readers.extend(parent.parent().and_then(|owner| runs_as_text(owner, parent)));
                break;
            }
            _ => {}
        }
        node = parent;
    }
    readers
}

fn reader(command: Option<CommandRef<'_>>, as_text: bool) -> Reader {
    let unknown = || Reader { name: String::new(), args: Vec::new(), as_text };
    let Some(command) = command else { return unknown() };
    let unwrapped = command.unwrap();
    let command = match (&unwrapped.inner, unwrapped.wrappers.last()) {
        (Inner::Command(inner), _) => *inner,
        (_, Some(wrapper)) => wrapper.command,
        (_, None) => command,
    };
    let name = command.base_name().map(|name| name.into_owned()).unwrap_or_default();
    let args = command.arguments().map(|word| word.literal().map(|text| text.into_owned())).collect();
    Reader { name, args, as_text }
}

/// The command that a substitution stands in, if it runs the output: `sh -c "$(...)"`, `eval`, `source <(...)`.
fn runs_as_text(owner: NodeRef<'_>, substitution: NodeRef<'_>) -> Option<Reader> {
    let command = owner.first_command().filter(|command| command.node().id() == owner.id())?;
    let mut reader = reader(Some(command), true);
    let is_process = substitution.kind() == NodeKind::ProcessSubstitution;
    let runs = match reader.name.as_str() {
        "eval" => true,
        "." | "source" => is_process,
        name if is_shell(name) => {
            is_process || reader.args.iter().flatten().any(|arg| arg.starts_with('-') && arg.ends_with('c'))
        }
        name if is_interpreter(name) => {
            is_process || reader.args.iter().flatten().any(|arg| matches!(arg.as_str(), "-c" | "-e"))
        }
        _ => false,
    };
    reader.as_text = runs;
    runs.then_some(reader)
}

/// Whether a program is a shell.
pub(crate) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "fish")
}

/// Whether a program runs what it reads in a language.
pub(crate) fn is_interpreter(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(name, "python" | "perl" | "ruby" | "node" | "php")
}
