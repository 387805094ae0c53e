//! Opening and closing nodes, and giving each its tokens.

use super::Builder;
use crate::shell::{
    context::Context,
    node::{Node, NodeKind, Role},
    token::{Token, TokenKind},
};

/// A node that is being filled.
pub(super) struct Open {
    pub id: u32,
    /// The tokens at hand are its own: no statement in it has begun yet.
    pub in_header: bool,
    /// What its next child is to it.
    pub next_role: Role,
    /// Its last child so far.
    pub last_child: u32,
    /// The end of its last token so far: tokens before that stand in a substitution.
    pub token_end: u32,
    pub has_heredoc: bool,
    /// It ends where its last child ends.
    pub grows: bool,
    /// Something in it cannot be read: it becomes unknown as a whole.
    pub is_spoiled: bool,
}

impl Open {
    pub fn new(id: u32) -> Self {
        Self {
            id,
            in_header: false,
            next_role: Role::Plain,
            last_child: id,
            token_end: 0,
            has_heredoc: false,
            grows: false,
            is_spoiled: false,
        }
    }
}

impl Builder<'_> {
    pub fn top(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    pub fn top_kind(&self) -> Option<NodeKind> {
        self.open.last().map(|open| self.script.nodes[open.id as usize].kind)
    }

    fn push_node(&mut self, kind: NodeKind, start: u32, end: u32) -> u32 {
        let id = self.script.nodes.len() as u32;
        let (parent, role) = match self.open.last_mut() {
            Some(open) => {
                open.last_child = id;
                (open.id, std::mem::replace(&mut open.next_role, Role::Plain))
            }
            None => (0, Role::Plain),
        };
        let tokens = (self.token, self.token);
        let context = Context::default();
        self.script.nodes.push(Node { kind, role, context, start, end, parent, next: id + 1, tokens });
        id
    }

    /// Opens a node; the tokens at hand are its own if `in_header`.
    pub fn open(&mut self, kind: NodeKind, start: u32, end: u32, in_header: bool) {
        let id = self.push_node(kind, start, end);
        self.open.push(Open { in_header, ..Open::new(id) });
    }

    /// Opens a sequence that no node of the tree stands for: it ends where its last statement ends.
    pub fn open_sequence(&mut self, role: Role, start: u32) {
        if let Some(open) = self.top() {
            open.next_role = role;
        }
        self.open(NodeKind::Sequence, start, start, false);
        if let Some(open) = self.top() {
            open.grows = true;
        }
    }

    /// Closes the innermost open node.
    pub fn close(&mut self) {
        let Some(open) = self.open.last() else { return };
        let id = open.id as usize;
        self.advance(self.script.nodes[id].end);
        self.end_header();
        if self.open.last().is_some_and(|open| open.has_heredoc) {
            self.read_words_apart(self.script.nodes[id].tokens);
        }
        self.take_redirects(id);
        if let Some(start) = self.bang.take() {
            self.unknown(start, start + 1);
        }
        let Some(open) = self.open.pop() else { return };
        let Node { end, tokens, .. } = self.script.nodes[id];
        // A command is its tokens and nothing else: no keyword that the grammar took for a word.
        let is_spoiled = open.is_spoiled || is_command(self.script.nodes[id].kind) && open.token_end != end;
        if is_spoiled {
            self.script.nodes.truncate(id + 1);
            self.script.nodes[id].kind = NodeKind::Unknown;
            self.script.compound_redirects.retain(|(node, _)| (*node as usize) < id);
        }
        self.script.nodes[id].next = self.script.nodes.len() as u32;
        if is_spoiled {
            self.unknown_tokens((tokens.0, self.token), end);
        }
        self.grow(end);
    }

    /// Stretches the innermost open node to `end` if it has no end of its own, but not beyond what it is in.
    fn grow(&mut self, end: u32) {
        let Some(open) = self.open.last().filter(|open| open.grows) else { return };
        let around = self.open.iter().rev().find(|open| !open.grows);
        let limit = around.map_or(end, |open| self.script.nodes[open.id as usize].end);
        let node = &mut self.script.nodes[open.id as usize];
        node.end = node.end.max(end.min(limit));
    }

    /// Gives the compound command that ends here the redirections behind it.
    fn take_redirects(&mut self, id: usize) {
        let is_compound = matches!(
            self.script.nodes[id].kind,
            NodeKind::If | NodeKind::Loop(_) | NodeKind::Case | NodeKind::Subshell | NodeKind::Group
        );
        let first = self.token;
        let rest = &self.script.tokens[first as usize..self.token_end as usize];
        let is_redirect = |token: &&Token| token.is_bare && token.kind != TokenKind::Unreadable;
        let count = rest.iter().take_while(is_redirect).count() as u32;
        if is_compound && count > 0 {
            self.token += count;
            self.script.compound_redirects.push((id as u32, (first, first + count)));
            self.read_words_apart((first, first + count));
        }
    }

    /// Closes nodes until `depth` are open.
    pub fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.close();
        }
    }

    /// The tokens that follow are no longer those of the innermost open node.
    pub fn end_header(&mut self) {
        let token = self.token;
        if let Some(open) = self.open.last_mut().filter(|open| open.in_header) {
            open.in_header = false;
            self.script.nodes[open.id as usize].tokens.1 = token;
        }
    }

    /// Gives the tokens before byte `to` to the innermost open node. A token that is nobody's becomes an
    /// unknown node.
    pub fn advance(&mut self, to: u32) {
        while self.token < self.token_end {
            let token = self.script.tokens[self.token as usize];
            if token.start >= to {
                return;
            }
            self.token += 1;
            let Some(open) = self.open.last_mut() else { return };
            if token.kind == TokenKind::Bang {
                open.is_spoiled |= open.in_header;
                self.bang = Some(token.start);
                continue;
            }
            let is_first = open.token_end == 0;
            let is_inside_word = token.start < open.token_end;
            open.token_end = open.token_end.max(token.end);
            let takes = open.in_header
                && !is_inside_word
                && takes_token(self.script.nodes[open.id as usize].kind, token, is_first);
            match token.kind {
                TokenKind::Unreadable if open.in_header && !is_inside_word => open.is_spoiled = true,
                TokenKind::Heredoc if takes => open.has_heredoc = true,
                _ if takes => {}
                _ => {
                    self.unknown(token.start, token.end);
                    self.unknown_heredocs((self.token - 1, self.token));
                }
            }
        }
    }

    /// Adds the bodies of the heredocs among `tokens`, which no node opens, as unknown nodes.
    pub fn unknown_heredocs(&mut self, tokens: (u32, u32)) {
        for token in tokens.0..tokens.1 {
            let token = self.script.tokens[token as usize];
            if token.kind == TokenKind::Heredoc {
                let heredoc = self.script.heredocs[token.extra as usize];
                self.unknown(heredoc.body.0, heredoc.end);
            }
        }
    }

    /// Adds what the tokens hold that starts at byte `from` or later as unknown nodes.
    pub fn unknown_tokens(&mut self, tokens: (u32, u32), from: u32) {
        for number in tokens.0..tokens.1 {
            let token = self.script.tokens[number as usize];
            if token.start >= from {
                self.unknown(token.start, token.end);
            }
            self.unknown_heredocs((number, number + 1));
        }
    }

    /// Makes the innermost open node unknown as a whole.
    pub fn spoil(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.is_spoiled = true;
        }
    }

    /// Adds an unknown node to the innermost open one. The tokens in its range are not passed.
    pub fn unknown(&mut self, start: u32, end: u32) {
        let id = self.push_node(NodeKind::Unknown, start, end);
        self.script.nodes[id as usize].tokens.1 = self.token;
        self.grow(end);
    }
}

/// Whether a node is a simple command.
pub(super) fn is_command(node: NodeKind) -> bool {
    matches!(node, NodeKind::Command | NodeKind::Assignment | NodeKind::Test)
}

/// Whether a token is part of the header of a node.
fn takes_token(node: NodeKind, token: Token, is_first: bool) -> bool {
    match node {
        NodeKind::Function => token.kind == TokenKind::Name && is_first,
        NodeKind::Loop(_) => token.kind == TokenKind::Word || token.kind == TokenKind::Name && is_first,
        NodeKind::Case => token.kind == TokenKind::Word && is_first,
        NodeKind::CaseArm => token.kind == TokenKind::Pattern,
        NodeKind::Command | NodeKind::Assignment | NodeKind::Test => {
            !token.is_bare
                && matches!(
                    token.kind,
                    TokenKind::Word | TokenKind::Assignment | TokenKind::Redirect | TokenKind::Heredoc
                )
        }
        _ => false,
    }
}
