//! Every command that runs, with its wrappers taken off, wherever it is written.

use super::{Certainty, CommandRef, Inner, NodeKind, NodeRef, Script, Unwrapped, Wrapper};

/// One command that runs, or a part that cannot be told, and all that is around it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// What runs.
    pub what: Visited<'a>,
    /// All wrappers around it, those around the `sh -c` it stands in included, the outermost first.
    pub wrappers: &'a [Wrapper<'a>],
    /// How sure it is that it runs whenever the script succeeds, or, in a function, the function.
    pub certainty: Certainty,
    /// It stands in the body of a function of the script or of a text inside it.
    pub in_function: bool,
    /// It stands in a command substitution or process substitution.
    pub in_substitution: bool,
}

/// What a [`Visit`] is about.
#[derive(Clone, Copy, Debug)]
pub enum Visited<'a> {
    /// A command that wraps no other.
    Command(CommandRef<'a>),
    /// A wrapper that runs something that cannot be told.
    UnknownInside(CommandRef<'a>),
    /// Text that could not be read.
    Unknown(NodeRef<'a>),
}

impl Script {
    /// Shows `visitor` every command, assignment and test in source order. In place of a wrapper it sees what the
    /// wrapper runs; in place of `sh -c`, the commands of the text. What runs nothing (`command -v x`) is seen
    /// as it is.
    pub fn visit(&self, visitor: &mut dyn FnMut(Visit<'_>)) {
        let around = Visit {
            what: Visited::Unknown(self.root()),
            wrappers: &[],
            certainty: Certainty::Always,
            in_function: false,
            in_substitution: false,
        };
        visit_script(self, around, false, visitor);
    }
}

/// `is_expanded`: a shell expands the text first, so that substitutions in it belong to the script around.
fn visit_script(script: &Script, around: Visit<'_>, is_expanded: bool, visitor: &mut dyn FnMut(Visit<'_>)) {
    for node in script.nodes() {
        if is_expanded && node.in_substitution() {
            continue;
        }
        let visit = Visit {
            certainty: around.certainty.min(node.certainty()),
            in_function: around.in_function || node.in_function(),
            in_substitution: around.in_substitution || node.in_substitution(),
            ..around
        };
        if node.kind() == NodeKind::Unknown {
            visitor(Visit { what: Visited::Unknown(node), ..visit });
        } else if let Some(command) = CommandRef::of(node) {
            visit_unwrapped(command, &command.unwrap(), visit, visitor);
        }
    }
}

fn visit_unwrapped(
    command: CommandRef<'_>,
    unwrapped: &Unwrapped<'_>,
    around: Visit<'_>,
    visitor: &mut dyn FnMut(Visit<'_>),
) {
    let wrappers: Vec<Wrapper<'_>>;
    let mut visit = around;
    if !unwrapped.wrappers.is_empty() {
        wrappers = around.wrappers.iter().chain(&unwrapped.wrappers).cloned().collect();
        visit.wrappers = &wrappers;
    }
    match &unwrapped.inner {
        Inner::Command(inner) => visitor(Visit { what: Visited::Command(*inner), ..visit }),
        Inner::Script { script, is_literal } => visit_script(script, visit, !is_literal, visitor),
        Inner::Several(all) => all.iter().for_each(|one| visit_unwrapped(command, one, visit, visitor)),
        Inner::Nothing => visitor(Visit { what: Visited::Command(command), ..around }),
        Inner::Unknown => visitor(Visit { what: Visited::UnknownInside(command), ..visit }),
    }
}
