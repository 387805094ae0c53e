//! From the grammar's tree of a skeleton to the arena of nodes.

mod arena;
mod grammar;
mod walk;

use std::cell::RefCell;

use tree_sitter::{Parser, Tree};

use super::{
    NodeKind, Script, flow,
    lex::{Lexed, lex, lex_heredoc_body},
    token::TokenKind,
};
use arena::Open;

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(grammar::parser());
}

/// Substitutions in heredocs in substitutions in heredocs ... are read this deep.
const MAX_HEREDOC_DEPTH: u32 = 8;

/// Fills the arena of `script` from its text.
pub(super) fn build(script: &mut Script) {
    let end = script.text.text().len();
    let lexed = lex(script.text.text(), 0, end);
    let mut builder = Builder {
        script: &mut *script,
        open: Vec::new(),
        base: 0,
        optional: Vec::new(),
        token: 0,
        token_end: 0,
        bang: None,
        heredoc_depth: 0,
        has_errors: false,
        in_heredoc_body: false,
    };
    builder.open(NodeKind::Sequence, 0, end as u32, false);
    builder.read(lexed, 0);
    builder.close();
    flow::set_contexts(script);
}

struct Builder<'s> {
    script: &'s mut Script,
    /// The nodes being filled, the innermost last.
    open: Vec<Open>,
    /// Offset of the skeleton at hand in the text.
    base: usize,
    /// Where substitutions start that run only if a variable is not set (or is).
    optional: Vec<u32>,
    /// The next token to give to a node, and the end of those of the skeleton at hand.
    token: u32,
    token_end: u32,
    /// A `!` was passed that no pipeline has taken yet.
    bang: Option<u32>,
    heredoc_depth: u32,
    /// The tree at hand has errors or missing parts.
    has_errors: bool,
    /// The next command stands for the body of a heredoc.
    in_heredoc_body: bool,
}

impl Builder<'_> {
    /// Reads one skeleton into nodes: the whole script, or, inside an open node, the body of a heredoc.
    fn read(&mut self, lexed: Lexed, base: usize) {
        let token_base = self.script.tokens.len() as u32;
        let heredoc_base = self.script.heredocs.len() as u32;
        self.script.heredocs.extend(lexed.heredocs);
        self.optional.extend(lexed.optional);
        self.optional.sort_unstable();
        self.script.tokens.extend(lexed.tokens);
        if heredoc_base > 0 {
            let heredocs = self.script.tokens[token_base as usize..].iter_mut();
            heredocs
                .filter(|token| token.kind == TokenKind::Heredoc)
                .for_each(|token| token.extra += heredoc_base);
        }
        let around = (self.base, self.token, self.token_end, self.has_errors);
        let token_end = self.script.tokens.len() as u32;
        // The first token of a heredoc's body is the body.
        (self.base, self.token, self.token_end) =
            (base, token_base + u32::from(self.in_heredoc_body), token_end);
        match parse(&lexed.skeleton) {
            Some(tree) => {
                self.has_errors = tree.root_node().has_error();
                self.walk(&tree, &lexed.skeleton);
            }
            None => self.unknown(base as u32, (base + lexed.skeleton.len()) as u32),
        }
        self.advance(u32::MAX);
        (self.base, self.token, self.token_end, self.has_errors) = around;
    }

    /// Reads the substitutions in the bodies of the heredocs that the innermost open node opens.
    fn read_heredoc_bodies(&mut self, tokens: (u32, u32)) {
        for token in tokens.0..tokens.1 {
            let token = self.script.tokens[token as usize];
            if token.kind != TokenKind::Heredoc {
                continue;
            }
            let heredoc = self.script.heredocs[token.extra as usize];
            let (start, end) = (heredoc.body.0 as usize, heredoc.body.1 as usize);
            let body = &self.script.text.text()[start..end];
            if !heredoc.expand || !(body.contains("$(") || body.contains('`')) {
                continue;
            }
            let lexed = lex_heredoc_body(self.script.text.text(), start, end);
            let is_readable = lexed.tokens.first().is_some_and(|token| token.kind == TokenKind::Word);
            if self.heredoc_depth == MAX_HEREDOC_DEPTH || !is_readable {
                self.unknown(heredoc.body.0, heredoc.body.1);
                continue;
            }
            self.heredoc_depth += 1;
            self.in_heredoc_body = true;
            self.read(lexed, start);
            self.in_heredoc_body = false;
            self.heredoc_depth -= 1;
        }
    }
}

fn parse(skeleton: &[u8]) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.parse(skeleton, None))
}
