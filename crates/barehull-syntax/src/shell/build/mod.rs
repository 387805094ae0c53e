//! From the grammar's tree of a skeleton to the arena of nodes.

mod arena;
mod chain;
mod grammar;
mod walk;

use std::cell::RefCell;

use tree_sitter::{Parser, Tree};

use super::{
    NodeKind, Script, flow,
    lex::{Lexed, lex, lex_word},
    token::TokenKind,
};
use arena::Open;

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(grammar::parser());
}

/// Substitutions in heredocs in substitutions in heredocs ... are read this deep.
const MAX_DEPTH: u32 = 8;

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
        depth: 0,
        has_errors: false,
        in_word: false,
    };
    builder.open(NodeKind::Sequence, 0, end as u32, false);
    builder.read(lexed, 0);
    builder.close();
    script.compound_redirects.sort_unstable_by_key(|(node, _)| *node);
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
    /// How many words the skeleton at hand is inside of.
    depth: u32,
    /// The tree at hand has errors or missing parts.
    has_errors: bool,
    /// The next command of the tree stands for a word.
    in_word: bool,
}

impl Builder<'_> {
    /// Reads one skeleton into nodes: the whole script, or, inside an open node, a word apart.
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
        // The first token of a word is the word.
        (self.base, self.token, self.token_end) = (base, token_base + u32::from(self.in_word), token_end);
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

    /// Reads the substitutions that are not in the skeleton: in the bodies of the heredocs among `tokens`, and
    /// in the targets of redirections of compound commands.
    fn read_words_apart(&mut self, tokens: (u32, u32)) {
        for token in tokens.0..tokens.1 {
            let token = self.script.tokens[token as usize];
            if token.kind == TokenKind::Heredoc {
                let heredoc = self.script.heredocs[token.extra as usize];
                if heredoc.expand {
                    self.read_word(heredoc.body, true);
                }
            } else if token.is_bare {
                self.read_word((token.extra, token.end), false);
            }
        }
    }

    fn read_word(&mut self, (start, end): (u32, u32), is_heredoc: bool) {
        let text = self.script.text.text();
        let word = &text[start as usize..end as usize];
        if !(word.contains("$(") || word.contains('`') || word.contains("<(") || word.contains(">(")) {
            return;
        }
        let lexed = lex_word(text, start as usize, end as usize, is_heredoc);
        let is_readable = lexed.tokens.first().is_some_and(|token| token.kind == TokenKind::Word);
        if self.depth == MAX_DEPTH || !is_readable {
            return self.unknown(start, end);
        }
        self.depth += 1;
        self.in_word = true;
        self.read(lexed, start as usize);
        self.in_word = false;
        self.depth -= 1;
    }
}

fn parse(skeleton: &[u8]) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.parse(skeleton, None))
}
