//! Shell text as commands.
//!
//! A [`Script`] is the structure of one shell text: what a `RUN` gives to its shell, an entrypoint script,
//! the text behind `sh -c`. Its [commands](Script::commands) know when they run, their words know what they
//! expand to and which bytes of the file they come from. What could not be read is a node too
//! ([`NodeKind::Unknown`]): nothing is ever left out.

mod build;
mod builtins;
mod command;
mod context;
mod dialect;
mod dump;
mod escape;
mod flow;
mod forms;
mod lex;
mod node;
mod pieces;
mod skip;
mod token;
mod unwrap;
mod visit;
mod word;

use std::ops::Range;

pub use builtins::is_builtin;
pub use command::{Assignment, CommandRef, HeredocBody, Redirect, RedirectKind};
pub use context::Certainty;
pub use dialect::{Dialect, dialect_of, dialect_of_shebang};
pub use node::{LoopKind, NodeId, NodeKind, NodeRef, Role};
pub use unwrap::{Inner, Unwrapped, Wrapper, WrapperKind};
pub use visit::{Visit, Visited};
pub use word::{Part, PartKind, Variable, Word};

use crate::{MappedText, SourceRange};
use node::Node;
use token::{Heredoc, Token};

/// The structure of one shell text.
#[derive(Clone)]
pub struct Script {
    text: MappedText,
    dialect: Dialect,
    /// Words are already what a program gets: this was an exec form.
    is_argv: bool,
    /// How many scripts this one is inside of.
    nesting: u8,
    tokens: Vec<Token>,
    heredocs: Vec<Heredoc>,
    nodes: Vec<Node>,
    /// The tokens of redirections behind compound commands, by node.
    compound_redirects: Vec<(u32, (u32, u32))>,
}

impl Script {
    /// Reads `text`, which may be anything.
    pub fn parse(text: &MappedText, dialect: Dialect) -> Script {
        let mut script = Script::empty(text.clone(), dialect);
        match dialect {
            Dialect::Posix | Dialect::Bash => build::build(&mut script),
            Dialect::NotPosix => script.nodes.push(Node::unknown_root(text.text().len() as u32)),
        }
        script
    }

    /// Reads a text that a command of this script gives to a shell; `None` if too many are inside each other.
    fn parse_inner(&self, text: &MappedText, dialect: Dialect) -> Option<Script> {
        /// `sh -c "sh -c '...'"` and so on, this deep.
        const MAX_NESTING: u8 = 8;
        let nesting = self.nesting + 1;
        (nesting <= MAX_NESTING).then(|| Script { nesting, ..Script::parse(text, dialect) })
    }

    fn empty(text: MappedText, dialect: Dialect) -> Script {
        Script {
            text,
            dialect,
            is_argv: false,
            nesting: 0,
            tokens: Vec::new(),
            heredocs: Vec::new(),
            nodes: Vec::new(),
            compound_redirects: Vec::new(),
        }
    }

    /// The text it was read from.
    pub fn text(&self) -> &MappedText {
        &self.text
    }

    /// The language it was read as.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The node of the whole text.
    pub fn root(&self) -> NodeRef<'_> {
        self.node(NodeId(0))
    }

    /// A node of this script.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { script: self, id }
    }

    /// All nodes in source order, parents before children.
    pub fn nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        (0..self.nodes.len() as u32).map(|id| self.node(NodeId(id)))
    }

    /// All simple commands, tests and assignments in source order, those in substitutions and functions
    /// included.
    pub fn commands(&self) -> impl Iterator<Item = CommandRef<'_>> {
        self.nodes().filter_map(CommandRef::of)
    }

    /// The parts that could not be read.
    pub fn unknowns(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.nodes().filter(|node| node.kind() == NodeKind::Unknown)
    }

    /// Whether a part could not be read.
    pub fn has_unknown(&self) -> bool {
        self.unknowns().next().is_some()
    }

    /// The functions that the script defines, in source order.
    pub fn functions(&self) -> impl Iterator<Item = (&str, NodeRef<'_>)> {
        self.nodes()
            .filter(|node| node.kind() == NodeKind::Function)
            .filter_map(|node| Some((node.name()?, node)))
    }

    /// The bytes in the file that the bytes `range` of the decoded text come from.
    pub fn source(&self, range: Range<usize>) -> SourceRange {
        self.text.source(range)
    }

    /// The tokens of a node, those of substitutions inside words left out.
    fn own_tokens(&self, (first, end): (u32, u32)) -> impl Iterator<Item = (u32, &Token)> {
        let mut behind = 0;
        (first..end).zip(&self.tokens[first as usize..end as usize]).filter(move |(_, token)| {
            let own = token.start >= behind;
            if own {
                behind = token.end;
            }
            own
        })
    }

    /// The substitution that starts at byte `at` of the text, in a word of `owner`.
    fn substitution_at(&self, owner: NodeId, at: usize) -> Option<NodeRef<'_>> {
        let inside = owner.0 as usize + 1..self.nodes[owner.0 as usize].next as usize;
        let first = inside.start + self.nodes[inside].partition_point(|node| (node.start as usize) < at);
        let node = self.node(NodeId(first as u32));
        let starts_here = self.nodes.get(first).is_some_and(|node| node.start as usize == at);
        (starts_here && first < self.nodes[owner.0 as usize].next as usize).then_some(node)
    }
}
