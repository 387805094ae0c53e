//! When a command runs: always, perhaps, inside what.

use super::{CommandRef, NodeKind, NodeRef, Role};

/// What is true of everything inside a node, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Context(pub u16);

impl Context {
    /// Runs only if a condition holds: in a branch, a loop's body, right of `||`.
    pub const CONDITIONAL: Context = Context(1);
    /// Runs unless something before it fails, or ends the script, and nobody notices.
    pub const USUAL: Context = Context(2);
    /// In the body of a function.
    pub const FUNCTION: Context = Context(4);
    /// In `$(...)`, backticks or `<(...)`.
    pub const SUBSTITUTION: Context = Context(8);
    /// Started with `&`.
    pub const BACKGROUND: Context = Context(16);
    /// The last thing the script or function does.
    pub const TAIL: Context = Context(32);
    /// In the body of a loop.
    pub const LOOP: Context = Context(64);
    /// In `( ... )`: what it changes in the shell is lost behind it.
    pub const SUBSHELL: Context = Context(128);
    /// Something in it may end the script with success.
    pub const ENDS: Context = Context(256);

    /// Its failure is a failure of the script or function.
    pub const STATUS: Context = Context(512);
    /// `set -e` is on.
    pub const ERREXIT: Context = Context(1024);

    pub const fn has(self, other: Context) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn with(self, other: Context) -> Context {
        Context(self.0 | other.0)
    }

    #[must_use]
    pub const fn only(self, other: Context) -> Context {
        Context(self.0 & other.0)
    }

    #[must_use]
    pub const fn without(self, other: Context) -> Context {
        Context(self.0 & !other.0)
    }
}

/// How sure it is that a command runs whenever its script (or, in a function, the function) succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Only if a condition holds: it is in a branch, in the body of a loop, right of `||`, or behind a test.
    Sometimes,
    /// Unless something before it fails, or ends the script early, and that goes unnoticed: `b` in
    /// `a && b; c` and in `a && b || c`.
    Usually,
    /// Always.
    Always,
}

impl<'s> NodeRef<'s> {
    fn context(self) -> Context {
        self.data().context
    }

    /// How sure it is that this runs whenever the script succeeds, or, in a function, the function.
    pub fn certainty(self) -> Certainty {
        if self.context().has(Context::CONDITIONAL) {
            Certainty::Sometimes
        } else if self.context().has(Context::USUAL) {
            Certainty::Usually
        } else {
            Certainty::Always
        }
    }

    /// It stands in the body of a function.
    pub fn in_function(self) -> bool {
        self.context().has(Context::FUNCTION)
    }

    /// It stands in `$(...)`, backticks or a process substitution.
    pub fn in_substitution(self) -> bool {
        self.context().has(Context::SUBSTITUTION)
    }

    /// The name of the function around it.
    pub fn enclosing_function(self) -> Option<&'s str> {
        self.ancestors().find(|node| node.kind() == NodeKind::Function)?.name()
    }
}

impl<'s> CommandRef<'s> {
    /// It runs whenever the script runs to success. Not in a function: that must be called.
    pub fn certain(self) -> bool {
        self.certainty() == Certainty::Always && !self.in_function()
    }

    /// It runs only if a condition holds.
    pub fn conditional(self) -> bool {
        self.certainty() == Certainty::Sometimes
    }

    /// How sure it is that it runs whenever the script succeeds, or, in a function, the function.
    pub fn certainty(self) -> Certainty {
        self.node.certainty()
    }

    /// It stands in the body of a function.
    pub fn in_function(self) -> bool {
        self.node.in_function()
    }

    /// The name of the function around it.
    pub fn enclosing_function(self) -> Option<&'s str> {
        self.node.enclosing_function()
    }

    /// It stands in `$(...)`, backticks or a process substitution.
    pub fn in_substitution(self) -> bool {
        self.node.in_substitution()
    }

    /// It stands in the body of a loop.
    pub fn in_loop(self) -> bool {
        self.node.context().has(Context::LOOP)
    }

    /// It stands in `( ... )`, a substitution or a pipeline: what it changes in the shell (folder,
    /// variables) is lost behind it.
    pub fn in_subshell(self) -> bool {
        self.node.context().has(Context::SUBSHELL)
    }

    /// It runs in the background.
    pub fn background(self) -> bool {
        self.node.context().has(Context::BACKGROUND)
    }

    /// It is the last thing the script (or the function) does, perhaps one of several in branches: its exit
    /// status is the script's.
    pub fn last(self) -> bool {
        self.node.context().has(Context::TAIL)
    }

    /// The node whose output it reads: its left neighbour in the nearest pipeline around it.
    pub fn piped_from(self) -> Option<NodeRef<'s>> {
        let (pipeline, member) = self.pipeline()?;
        pipeline.children().take_while(|node| node.id() != member.id()).last()
    }

    /// The node that reads its output: its right neighbour in the nearest pipeline around it.
    pub fn piped_to(self) -> Option<NodeRef<'s>> {
        let (pipeline, member) = self.pipeline()?;
        pipeline
            .children()
            .skip_while(|node| node.id() <= member.id())
            .find(|node| matches!(node.role(), Role::Pipe | Role::PipeBoth))
    }

    /// The nearest pipeline around it, and the member of it that it stands in. A substitution or a function
    /// body has its own output.
    fn pipeline(self) -> Option<(NodeRef<'s>, NodeRef<'s>)> {
        let mut member = self.node;
        while let Some(parent) = member.parent() {
            match parent.kind() {
                NodeKind::Pipeline => return Some((parent, member)),
                NodeKind::Substitution | NodeKind::ProcessSubstitution | NodeKind::Function => return None,
                _ => member = parent,
            }
        }
        None
    }
}
