//! The structure of a shell text: an arena of nodes in source order, parents before their children.

use std::ops::Range;

use super::{CommandRef, Script, Word, context::Context, token::TokenKind};
use crate::SourceRange;

/// A node of one [`Script`]; means nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// Statements one after the other: `a; b`, lines. The whole script, a condition, a body.
    Sequence,
    /// `a && b || c`, flat; each child's [`Role`] tells the operator before it.
    AndOr,
    /// `a | b`, flat; each child's [`Role`] tells the operator before it.
    Pipeline,
    /// `! a`.
    Negated,
    /// `if`: children are [`Role::Condition`] and [`Role::Body`] in turn, then perhaps [`Role::Else`].
    If,
    /// A loop: its children are a [`Role::Condition`] (`while`, `until`) and a [`Role::Body`]; its words the
    /// list of a `for` or `select`.
    Loop(LoopKind),
    /// `case`: its word is the subject, its children are [`NodeKind::CaseArm`]s.
    Case,
    /// `a|b) ... ;;`: its words are the patterns.
    CaseArm,
    /// `f() { ...; }`; its child is the body.
    Function,
    /// `( ... )`.
    Subshell,
    /// `{ ...; }`.
    Group,
    /// A simple command; without words, only redirections.
    Command,
    /// `A=b` without a command.
    Assignment,
    /// `[[ ... ]]` or `(( ... ))`. (`[ ... ]` is a command.)
    Test,
    /// `$( ... )` or `` `...` `` in a word, an assignment or a heredoc of the parent.
    Substitution,
    /// `<( ... )` or `>( ... )` in a word or redirection of the parent.
    ProcessSubstitution,
    /// Text that could not be read: anything may happen there.
    Unknown,
}

impl NodeKind {
    /// Whether it is a command substitution or a process substitution.
    pub fn is_substitution(self) -> bool {
        matches!(self, Self::Substitution | Self::ProcessSubstitution)
    }
}

/// Which loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named as the keywords")]
pub enum LoopKind {
    For,
    While,
    Until,
    Select,
}

/// What a node is to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Nothing special: a statement, the first of a list or pipeline, a substitution.
    Plain,
    /// Right of `&&`.
    And,
    /// Right of `||`.
    Or,
    /// Right of `|`.
    Pipe,
    /// Right of `|&`.
    PipeBoth,
    /// The condition of an `if`, `elif`, `while` or `until`.
    Condition,
    /// What a condition, loop, case arm or function runs.
    Body,
    /// What `else` runs.
    Else,
}

/// One node as it is stored; [`NodeRef`] is how it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub role: Role,
    pub context: Context,
    /// Byte range in the decoded text.
    pub start: u32,
    pub end: u32,
    pub parent: u32,
    /// Behind the last node of this one's subtree.
    pub next: u32,
    /// The tokens from the first that is this node's own up to the last, those of substitutions among them.
    pub tokens: (u32, u32),
}

impl Node {
    /// The only node of a text that is not read.
    pub fn unknown_root(end: u32) -> Self {
        let (kind, role, context) = (NodeKind::Unknown, Role::Plain, Context::TAIL);
        Self { kind, role, context, start: 0, end, parent: 0, next: 1, tokens: (0, 0) }
    }
}

/// A node in its script.
#[derive(Clone, Copy)]
pub struct NodeRef<'s> {
    pub(crate) script: &'s Script,
    pub(crate) id: NodeId,
}

impl<'s> NodeRef<'s> {
    pub(crate) fn data(self) -> &'s Node {
        &self.script.nodes[self.id.0 as usize]
    }

    /// This node's place in its script.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// What it is.
    pub fn kind(self) -> NodeKind {
        self.data().kind
    }

    /// What it is to its parent.
    pub fn role(self) -> Role {
        self.data().role
    }

    /// Its bytes in the decoded text.
    pub fn range(self) -> Range<usize> {
        self.data().start as usize..self.data().end as usize
    }

    /// Its bytes in the file.
    pub fn source(self) -> SourceRange {
        self.script.source(self.range())
    }

    /// Its decoded text.
    pub fn text(self) -> &'s str {
        &self.script.text.text()[self.range()]
    }

    /// The node around it; the root has none.
    pub fn parent(self) -> Option<NodeRef<'s>> {
        (self.id.0 != 0).then(|| self.script.node(NodeId(self.data().parent)))
    }

    /// The nodes around it, from the nearest to the root.
    pub fn ancestors(self) -> impl Iterator<Item = NodeRef<'s>> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// The node behind it among the children of its parent.
    pub fn next_sibling(self) -> Option<NodeRef<'s>> {
        let (next, end) = (self.data().next, self.parent()?.data().next);
        (next < end).then(|| self.script.node(NodeId(next)))
    }

    /// The first simple command in it, itself included.
    pub fn first_command(self) -> Option<CommandRef<'s>> {
        (self.id.0..self.data().next).find_map(|id| CommandRef::of(self.script.node(NodeId(id))))
    }

    /// Its children in source order.
    pub fn children(self) -> impl Iterator<Item = NodeRef<'s>> {
        let script = self.script;
        let end = self.data().next;
        let first = Some(self.id.0 + 1).filter(|id| *id < end);
        std::iter::successors(first, move |id| {
            Some(script.nodes[*id as usize].next).filter(|next| *next < end)
        })
        .map(move |id| NodeRef { script, id: NodeId(id) })
    }

    /// Its words: of a command or test, the list of a loop, the subject of a case, the patterns of an arm.
    pub fn words(self) -> impl Iterator<Item = Word<'s>> {
        self.script
            .own_tokens(self.data().tokens)
            .filter(|(_, token)| matches!(token.kind, TokenKind::Word | TokenKind::Pattern))
            .map(move |(_, token)| Word::of_token(self.script, self.id, token))
    }

    /// The name it introduces: of a function, or the variable of a `for` or `select`.
    pub fn name(self) -> Option<&'s str> {
        let (_, name) =
            self.script.own_tokens(self.data().tokens).find(|(_, token)| token.kind == TokenKind::Name)?;
        Some(&self.script.text.text()[name.start as usize..name.end as usize])
    }
}

impl std::fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.kind(), self.text())
    }
}
