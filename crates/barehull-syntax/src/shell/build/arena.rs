//! Opening and closing nodes, and giving each its tokens.

use super::Builder;
use crate::shell::{
    context::Context,
    node::{Node, NodeKind, Role},
    token::TokenKind,
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
        if open.is_spoiled {
            self.script.nodes.truncate(id + 1);
            self.script.nodes[id].kind = NodeKind::Unknown;
        }
        let next = self.script.nodes.len() as u32;
        self.script.nodes[id].next = next;
        let end = self.script.nodes[id].end;
        if let Some(parent) = self.open.last().filter(|parent| parent.grows) {
            let parent = &mut self.script.nodes[parent.id as usize];
            parent.end = parent.end.max(end);
        }
    }

    /// Gives the compound command that ends here the redirections behind it.
    fn take_redirects(&mut self, id: usize) {
        let is_compound = matches!(
            self.script.nodes[id].kind,
            NodeKind::If | NodeKind::Loop(_) | NodeKind::Case | NodeKind::Subshell | NodeKind::Group
        );
        let first = self.token;
        let rest = &self.script.tokens[first as usize..self.token_end as usize];
        let count = rest.iter().take_while(|token| token.is_bare).count() as u32;
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
                self.bang = Some(token.start);
                continue;
            }
            let is_inside_word = token.start < open.token_end;
            open.token_end = open.token_end.max(token.end);
            match token.kind {
                TokenKind::Unreadable if open.in_header && !is_inside_word => open.is_spoiled = true,
                TokenKind::Heredoc if open.in_header && !token.is_bare => open.has_heredoc = true,
                TokenKind::Unreadable => self.unknown(token.start, token.end),
                _ if open.in_header => {}
                _ => self.unknown(token.start, token.end),
            }
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
        if let Some(parent) = self.open.last().filter(|parent| parent.grows) {
            let parent = &mut self.script.nodes[parent.id as usize];
            parent.end = parent.end.max(end);
        }
    }
}
