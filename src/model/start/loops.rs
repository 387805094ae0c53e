//! Loops that ask again and again whether something is there, and loops that never end.

use std::collections::{HashMap, HashSet};

use barehull_syntax::shell::{CommandRef, LoopKind, NodeId, NodeKind, NodeRef, Role, Script};

use super::classify::{dials, name_of};
use super::programs;

/// What the loops of a script are for.
pub(super) struct Loops {
    /// They wait.
    waiting: HashSet<NodeId>,
    /// They do something over and over.
    endless: HashSet<NodeId>,
}

/// What was seen in one loop.
#[derive(Default)]
struct Seen {
    sleeps: bool,
    leaves: bool,
    /// The condition asks a service.
    asks: bool,
    /// The condition says something: it is not `true`, and reads no lines.
    decides: bool,
    /// The condition looks at a process.
    watches: bool,
    /// Its body asks a service.
    asks_inside: bool,
}

impl Loops {
    pub(super) fn of(script: &Script) -> Self {
        let mut seen: HashMap<NodeId, Seen> = HashMap::new();
        for command in script.commands() {
            let name = name_of(command);
            let mut inner = command.node();
            for node in command.node().ancestors() {
                if matches!(node.kind(), NodeKind::Loop(_)) {
                    note(seen.entry(node.id()).or_default(), command, &name, inner.role() == Role::Condition);
                }
                inner = node;
            }
        }
        let mut loops = Self { waiting: HashSet::new(), endless: HashSet::new() };
        for (id, seen) in seen {
            let NodeKind::Loop(kind) = script.node(id).kind() else { continue };
            let waits = match kind {
                LoopKind::While | LoopKind::Until if seen.watches => false,
                LoopKind::While | LoopKind::Until => {
                    seen.asks || (seen.sleeps && (seen.decides || seen.leaves))
                }
                LoopKind::For | LoopKind::Select => seen.sleeps && (seen.leaves || seen.asks_inside),
            };
            if waits {
                loops.waiting.insert(id);
            } else if matches!(kind, LoopKind::While | LoopKind::Until) && seen.sleeps {
                loops.endless.insert(id);
            }
        }
        loops
    }

    /// Whether a command is part of waiting.
    pub(super) fn waits(&self, node: NodeRef<'_>) -> bool {
        node.ancestors().any(|n| self.waiting.contains(&n.id()))
    }

    /// Whether a command is done over and over, while the container runs.
    pub(super) fn goes_on(&self, node: NodeRef<'_>) -> bool {
        node.ancestors().any(|n| self.endless.contains(&n.id()))
    }

    /// Whether a command is the condition of a loop that waits.
    pub(super) fn is_question(&self, node: NodeRef<'_>) -> bool {
        let mut inner = node;
        for outer in node.ancestors() {
            if self.waiting.contains(&outer.id()) && inner.role() == Role::Condition {
                return true;
            }
            inner = outer;
        }
        false
    }
}

fn note(seen: &mut Seen, command: CommandRef<'_>, name: &str, in_condition: bool) {
    seen.sleeps |= name == "sleep";
    if in_condition {
        seen.asks |= programs::is_client(name) || dials(command);
        seen.watches |= matches!(name, "kill" | "pgrep" | "pidof" | "ps" | "pkill");
        let forever = matches!(name, "true" | ":" | "read" | "getopts" | "sleep")
            || (matches!(name, "[" | "test") && command.arguments().all(|w| w.is("1") || w.is("]")));
        seen.decides |= !forever;
    } else {
        seen.leaves |= matches!(name, "break" | "exit" | "return" | "exec");
        seen.asks_inside |= programs::is_client(name) || dials(command);
    }
}
