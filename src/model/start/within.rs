//! What a command of a script stands in, which decides whether and how often it runs.

use barehull_syntax::shell::{NodeKind, NodeRef, Role};
use barehull_syntax::{FileId, Location};

/// Something around a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// What.
    pub kind: WithinKind,
    /// All of it, from its first word to its last.
    pub at: Location,
}

/// What is around a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WithinKind {
    /// It is the condition of an `if` or a loop.
    Condition,
    /// A branch of `if` or `case`.
    Branch,
    /// The body of a loop.
    Loop,
    /// A list with `&&` or `||`, behind its first command.
    List,
    /// A pipeline.
    Pipeline,
    /// `( ... )`.
    Subshell,
    /// A function, by its name.
    Function(String),
}

/// What is around a node, from the nearest outwards.
pub(super) fn of(node: NodeRef<'_>, file: FileId) -> Vec<Within> {
    let mut found = Vec::new();
    let mut inner = node;
    for outer in node.ancestors() {
        let in_condition = inner.role() == Role::Condition;
        let kind = match outer.kind() {
            NodeKind::If | NodeKind::Loop(_) if in_condition => Some(WithinKind::Condition),
            NodeKind::If | NodeKind::CaseArm => Some(WithinKind::Branch),
            NodeKind::Loop(_) => Some(WithinKind::Loop),
            NodeKind::AndOr if matches!(inner.role(), Role::And | Role::Or) => Some(WithinKind::List),
            NodeKind::Pipeline => Some(WithinKind::Pipeline),
            NodeKind::Subshell => Some(WithinKind::Subshell),
            NodeKind::Function => Some(WithinKind::Function(outer.name().unwrap_or_default().to_owned())),
            _ => None,
        };
        if let Some(kind) = kind {
            found.push(Within { kind, at: Location::new(file, outer.source().span()) });
        }
        inner = outer;
    }
    found
}
