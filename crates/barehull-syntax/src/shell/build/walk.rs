//! One pass over the grammar's tree.

use tree_sitter::{Node, Tree, TreeCursor};

use super::{
    Builder,
    arena::is_command,
    grammar::{Symbol, symbol},
};
use crate::shell::{
    context::Context,
    node::{LoopKind, NodeKind, Role},
    token::TokenKind,
};

/// How the walk goes on from a node of the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// With its children; when it is left, what it opened is closed.
    Into,
    /// Past it; what it opened is closed.
    Past,
    /// Past a keyword: what it opened stays open until the next keyword.
    Keyword,
}

impl Builder<'_> {
    /// Makes nodes of a tree; its depth costs heap, not stack.
    pub(super) fn walk(&mut self, tree: &Tree, skeleton: &[u8]) {
        const KEEP: usize = usize::MAX;
        let mut cursor: TreeCursor = tree.walk();
        // For each node of the tree that the walk is in: how many nodes stay open behind it.
        let mut depths: Vec<usize> = Vec::new();
        loop {
            let node = cursor.node();
            let symbol = symbol(node.kind_id());
            if matches!(symbol, Symbol::DoGroup | Symbol::Elif | Symbol::Else) {
                self.close_part();
            }
            let depth = self.open.len();
            let step = self.enter(symbol, node, skeleton);
            depths.push(if step == Step::Keyword { KEEP } else { depth });
            if step == Step::Into && cursor.goto_first_child() {
                continue;
            }
            loop {
                if let Some(depth) = depths.pop() {
                    self.close_to(depth);
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    fn enter(&mut self, symbol: Symbol, node: Node, skeleton: &[u8]) -> Step {
        if symbol == Symbol::Transparent && !self.has_errors {
            return Step::Into;
        }
        if self.has_errors && node.is_missing() {
            let at = (self.base + node.start_byte()) as u32;
            self.unknown(at, at);
            return Step::Keyword;
        }
        let range = node.byte_range();
        let (start, end) = ((self.base + range.start) as u32, (self.base + range.end) as u32);
        match symbol {
            Symbol::Transparent => {}
            Symbol::List | Symbol::Pipeline => self.open_chain(symbol, start, end),
            Symbol::Command if self.in_word => self.in_word = false,
            Symbol::Command => {
                let kind = self.command_kind(start, end);
                self.open_statement(kind, start, end, true);
                let first = self.script.tokens[..self.token_end as usize].get(self.token as usize);
                if first.is_none_or(|token| token.start != start) {
                    self.spoil();
                }
                let has_substitution = skeleton[range].iter().any(|byte| matches!(byte, b'(' | b'`'));
                if !has_substitution && !self.has_errors {
                    return Step::Past;
                }
            }
            Symbol::For => {
                let kind =
                    if self.text(start, end).starts_with("for") { LoopKind::For } else { LoopKind::Select };
                self.open_statement(NodeKind::Loop(kind), start, end, true);
            }
            Symbol::While => {
                let is_while = self.text(start, end).starts_with("while");
                let kind = if is_while { LoopKind::While } else { LoopKind::Until };
                self.open_statement(NodeKind::Loop(kind), start, end, false);
                self.open_sequence(Role::Condition, start + "while".len() as u32);
            }
            Symbol::DoGroup => {
                self.begin(start);
                self.open_sequence(Role::Body, start + "do".len() as u32);
            }
            Symbol::If => {
                self.open_statement(NodeKind::If, start, end, false);
                self.open_sequence(Role::Condition, start + "if".len() as u32);
            }
            Symbol::Elif => self.open_sequence(Role::Condition, start + "elif".len() as u32),
            Symbol::Else => self.open_sequence(Role::Else, start + "else".len() as u32),
            Symbol::Then => {
                self.close_part();
                self.open_sequence(Role::Body, end);
                return Step::Keyword;
            }
            Symbol::Fi => {
                self.close_part();
                return Step::Keyword;
            }
            Symbol::Case => self.open_statement(NodeKind::Case, start, end, true),
            Symbol::CaseItem => {
                self.begin(start);
                self.open(NodeKind::CaseArm, start, end, true);
            }
            Symbol::Function => {
                self.open_statement(NodeKind::Function, start, end, true);
                self.set_next_role(Role::Body);
            }
            Symbol::Group => self.open_statement(NodeKind::Group, start, end, false),
            Symbol::Subshell => self.open_statement(NodeKind::Subshell, start, end, false),
            Symbol::Substitution => {
                // The word that the substitution stands in may start with it.
                self.advance(start + 1);
                if self.top().is_some_and(|open| open.in_header && open.token_end < end) {
                    // The tree and the lexer disagree on where it ends.
                    self.unreadable(start, end);
                    return Step::Past;
                }
                let is_process = self.text(start, end).starts_with(['<', '>']);
                let kind = if is_process { NodeKind::ProcessSubstitution } else { NodeKind::Substitution };
                self.open(kind, start, end, false);
                if self.optional.binary_search(&start).is_ok() {
                    self.mark(self.script.nodes.len() - 1, Context::CONDITIONAL);
                }
            }
            Symbol::AndAnd | Symbol::OrOr | Symbol::Pipe | Symbol::PipeBoth => {
                self.operator(symbol);
                return Step::Keyword;
            }
            Symbol::Background => {
                let child = self.top().map_or(0, |open| open.last_child) as usize;
                self.mark(child, Context::BACKGROUND);
                return Step::Keyword;
            }
            Symbol::Unreadable => {
                self.unreadable(start, end);
                return Step::Past;
            }
        }
        Step::Into
    }

    fn mark(&mut self, node: usize, what: Context) {
        let context = &mut self.script.nodes[node].context;
        *context = context.with(what);
    }

    fn text(&self, start: u32, end: u32) -> &str {
        &self.script.text.text()[start as usize..end as usize]
    }

    /// A statement begins at `start`: the tokens before it were its parent's.
    pub(super) fn begin(&mut self, start: u32) {
        self.advance(start);
        if self.is_in_command() {
            self.spoil();
        }
        self.end_header();
    }

    /// Whether the innermost open node is a simple command whose tokens are at hand.
    fn is_in_command(&self) -> bool {
        self.open.last().is_some_and(|open| open.in_header) && self.top_kind().is_some_and(is_command)
    }

    /// Opens a statement, inside a negation if `!` stands before it.
    pub(super) fn open_statement(&mut self, kind: NodeKind, start: u32, end: u32, has_header: bool) {
        self.begin(start);
        if let Some(bang) = self.bang.take() {
            self.open(NodeKind::Negated, bang, end, false);
        }
        self.open(kind, start, end, has_header);
    }

    pub(super) fn set_next_role(&mut self, role: Role) {
        if let Some(open) = self.top() {
            open.next_role = role;
        }
    }

    /// Closes the condition or branch at hand when the next keyword of its `if` or loop comes.
    fn close_part(&mut self) {
        let parent = self.open.len().checked_sub(2).map(|at| self.open[at].id as usize);
        let is_part = self.top_kind() == Some(NodeKind::Sequence)
            && parent
                .is_some_and(|id| matches!(self.script.nodes[id].kind, NodeKind::If | NodeKind::Loop(_)));
        if is_part {
            self.close();
        }
    }

    /// What the simple command at `start` is, by its tokens.
    fn command_kind(&mut self, start: u32, end: u32) -> NodeKind {
        self.advance(start);
        let mut has_assignment = false;
        let mut behind = 0;
        for token in &self.script.tokens[self.token as usize..self.token_end as usize] {
            if token.start >= end {
                break;
            }
            if token.start < behind {
                continue;
            }
            behind = token.end;
            match token.kind {
                TokenKind::Assignment => has_assignment = true,
                TokenKind::Word => {
                    let word = self.text(token.start, token.end);
                    let is_test = word == "[[" || word.starts_with("((");
                    return if is_test { NodeKind::Test } else { NodeKind::Command };
                }
                _ => {}
            }
        }
        if has_assignment { NodeKind::Assignment } else { NodeKind::Command }
    }

    /// An error of the grammar: the command it is in cannot be read, or else the range cannot.
    fn unreadable(&mut self, start: u32, end: u32) {
        self.advance(start);
        let is_in_command = self.is_in_command();
        if is_in_command {
            self.spoil();
        } else {
            self.end_header();
        }
        // A word that starts in the error may end behind it.
        let first = self.token;
        let mut behind = end;
        while self.token < self.token_end && self.script.tokens[self.token as usize].start < behind {
            behind = behind.max(self.script.tokens[self.token as usize].end);
            self.token += 1;
        }
        if !is_in_command {
            self.unknown(start, behind);
            self.unknown_heredocs((first, self.token));
        }
    }
}
