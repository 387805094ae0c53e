//! Shell text to tokens, and to a skeleton of itself that the grammar reads without fail.
//!
//! What a word is depends on quotes, expansions and heredocs, which are the shell's business and which the
//! grammar misreads at times; what a statement is depends on keywords and operators, which are the grammar's.
//! So the lexer finds the words, notes them as tokens, and blots out every simple command with `x` in a copy
//! of the same length. Keywords, operators, and the `$(` and `)` of substitutions stay where they are:
//!
//! ```text
//! if ! grep -q "a;b" /etc/x; then A=1 f >&2 "$(date +'%Y')"; fi   # done
//! if   xxxxxxxxxxxxxxxxxxxx; then xxxxxxxxxxx$(xxxxxxxxxx)x; fi
//! ```

mod code;
mod heredoc;
mod quotes;
mod words;

use super::token::{Heredoc, Token, TokenKind};

/// What the lexer made of a text.
pub(crate) struct Lexed {
    /// As long as the text, with every simple command blotted out.
    pub skeleton: Vec<u8>,
    pub tokens: Vec<Token>,
    pub heredocs: Vec<Heredoc>,
    /// Where the substitutions in `${x:-$(...)}` and the like start, in order.
    pub optional: Vec<u32>,
}

/// Reads the shell text `text[start..end]`; all offsets are those of `text`, the skeleton's are relative to
/// `start`.
pub(crate) fn lex(text: &str, start: usize, end: usize) -> Lexed {
    let mut lexer = Lexer::new(text, start, end);
    lexer.frames.push(Frame::Code(Code::new(Close::End, start)));
    lexer.run();
    lexer.finish()
}

/// Reads a text that is one word with substitutions in it: the body of a heredoc, or the target of a
/// redirection.
pub(crate) fn lex_word(text: &str, start: usize, end: usize, is_heredoc: bool) -> Lexed {
    let mut lexer = Lexer::new(text, start, end);
    lexer.frames.push(Frame::Code(Code::new(Close::End, start)));
    lexer.push_token(TokenKind::Word, start);
    lexer.frames.push(Frame::Word { token: 0, place: Place::Command });
    if is_heredoc {
        lexer.frames.push(Frame::HeredocBody);
    }
    lexer.run();
    lexer.finish()
}

struct Lexer<'t> {
    bytes: &'t [u8],
    /// Where the text to read starts: the skeleton's byte 0.
    base: usize,
    at: usize,
    end: usize,
    skeleton: Vec<u8>,
    tokens: Vec<Token>,
    heredocs: Vec<Heredoc>,
    optional: Vec<u32>,
    /// Heredocs whose bodies are still to come.
    pending: Vec<heredoc::Pending>,
    frames: Vec<Frame>,
    /// Backticks are open: the next one closes.
    in_backticks: bool,
    /// Bytes that may still be looked at to tell `$((` from `$( (`.
    lookahead: usize,
}

/// What the bytes at hand are in; the innermost frame is last.
enum Frame {
    /// Statements.
    Code(Code),
    /// A word outside quotes.
    Word { token: u32, place: Place },
    /// `'...'`.
    Single,
    /// `"..."`.
    Double,
    /// `$'...'`.
    AnsiC,
    /// `${...}`; in double quotes a single quote is a character like any other.
    Brace { in_double: bool },
    /// `$((...))`, `((...))` or `$[...]`: how many brackets are open, and which close them.
    Arithmetic { depth: u32, close: u8 },
    /// `NAME=(...)`, or the parentheses of an extended pattern or a regular expression.
    Parens { depth: u32, comments: bool },
    /// `[[ ... ]]`; the word after `=~`, `==` and `!=` is a pattern.
    Brackets { token: u32, pattern_next: bool },
    /// A heredoc's body.
    HeredocBody,
}

/// Where a word stands, which says where it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among the words of a command, a list, a pattern.
    Command,
    /// In `[[ ... ]]`.
    Test,
    /// In `[[ ... ]]` right of an operator that takes a pattern: `|` and parentheses are part of it.
    TestPattern,
}

/// What ends the statements of a [`Code`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Close {
    /// The end of the text.
    End,
    /// `)` of a subshell.
    Subshell,
    /// `)` of a substitution.
    Substitution,
    /// A backtick.
    Backtick,
    /// `esac`.
    Esac,
}

/// What may come next among statements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A statement: keywords and assignments count.
    Command,
    /// The rest of a command that has assignments or redirections but no name yet.
    Prefix,
    /// Arguments.
    Arguments,
    /// Redirections behind `}`, `)`, `fi`, `done` or `esac`, or a keyword.
    AfterCompound,
    /// The variable of `for` or `select`.
    LoopName,
    /// `in`, or the end of the header; the name ended at this offset.
    LoopIn { name_end: usize },
    /// The words behind `in`, which stands at this offset.
    LoopList { in_at: usize },
    /// What `case` looks at.
    CaseSubject,
    /// The `in` of a `case`.
    CaseIn,
    /// The patterns of a case arm, or `esac`.
    Pattern,
    /// The name behind `function`.
    FunctionName,
}

/// Statements up to what closes them.
#[derive(Clone, Copy)]
struct Code {
    close: Close,
    /// Where a substitution starts, from its `$` or backtick on.
    start: usize,
    expect: Expect,
    /// The line break that ended the last statement, if nothing has come since.
    line_end: Option<usize>,
    /// Where the last token of the simple command (list, pattern) at hand ended.
    run_end: Option<usize>,
}

impl Code {
    fn new(close: Close, start: usize) -> Self {
        Self { close, start, expect: Expect::Command, line_end: None, run_end: None }
    }
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, start: usize, end: usize) -> Self {
        let bytes = text.as_bytes();
        Self {
            bytes,
            base: start,
            at: start,
            end,
            skeleton: bytes[start..end].to_vec(),
            tokens: Vec::with_capacity((end - start) / 8),
            heredocs: Vec::new(),
            optional: Vec::new(),
            pending: Vec::new(),
            frames: Vec::new(),
            in_backticks: false,
            lookahead: 16 * (end - start),
        }
    }

    fn run(&mut self) {
        while self.at < self.end {
            match self.frames.last() {
                Some(Frame::Code(_)) => self.code(),
                Some(Frame::Word { token, place }) => self.word(*token, *place),
                Some(Frame::Single) => self.single_quotes(),
                Some(Frame::Double) => self.double_quotes(),
                Some(Frame::AnsiC) => self.ansi_c_quotes(),
                Some(Frame::Brace { in_double }) => self.braces(*in_double),
                Some(Frame::Arithmetic { depth, close }) => self.arithmetic(*depth, *close),
                Some(Frame::Parens { depth, comments }) => self.parens(*depth, *comments),
                Some(Frame::Brackets { pattern_next, .. }) => self.brackets(*pattern_next),
                Some(Frame::HeredocBody) => self.quoted(),
                None => unreachable!("the outermost frame is never popped"),
            }
        }
    }

    /// Closes what the end of the text closes; what is open beyond that makes the word it stands in
    /// unreadable.
    fn finish(mut self) -> Lexed {
        if matches!(self.frames.last(), Some(Frame::HeredocBody)) {
            self.frames.pop();
        }
        if let Some(Frame::Word { token, place }) = self.frames.last() {
            self.finish_word(*token, *place);
        }
        let is_code = |frame: &Frame| matches!(frame, Frame::Code(_));
        if let Some(open) = self.frames.iter().position(|frame| !is_code(frame)) {
            self.give_up_on(open);
        }
        Lexed {
            skeleton: self.skeleton,
            tokens: self.tokens,
            heredocs: self.heredocs,
            optional: self.optional,
        }
    }

    /// The outermost word or test that is still open spoils everything from its start to the end.
    fn give_up_on(&mut self, frame: usize) {
        let first = match self.frames[frame] {
            Frame::Word { token, .. } | Frame::Brackets { token, .. } => token as usize,
            _ => self.tokens.len().saturating_sub(1),
        };
        let Some(token) = self.tokens.get_mut(first) else { return };
        token.kind = TokenKind::Unreadable;
        token.end = self.end as u32;
        let start = token.start as usize;
        self.tokens.truncate(first + 1);
        self.blot(start, self.end);
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes[..self.end].get(at).copied()
    }

    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.bytes[self.at..self.end].starts_with(prefix)
    }

    /// Blots out the bytes from `from` to `to`.
    fn blot(&mut self, from: usize, to: usize) {
        self.overwrite(from, to, b'x');
    }

    fn overwrite(&mut self, from: usize, to: usize, byte: u8) {
        let to = to.min(self.end);
        if from < to {
            self.skeleton[from - self.base..to - self.base].fill(byte);
        }
    }

    /// Blots out the next `len` bytes and passes them.
    fn pass(&mut self, len: usize) {
        let to = (self.at + len).min(self.end);
        self.blot(self.at, to);
        self.at = to;
    }

    /// A substitution that started at `start` ends before the byte at hand, which closes it. The grammar wants a
    /// command in it: one without is blotted out.
    fn end_substitution(&mut self, start: usize) {
        self.at += 1;
        let inside = &self.skeleton[start - self.base..self.at - self.base];
        if inside.iter().all(|byte| matches!(byte, b'$' | b'(' | b')' | b'`') || byte.is_ascii_whitespace()) {
            self.blot(start, self.at);
        }
    }

    /// Adds a token whose end is not known yet.
    fn push_token(&mut self, kind: TokenKind, start: usize) -> u32 {
        let (start, end) = (start as u32, self.end as u32);
        self.tokens.push(Token { kind, is_bare: false, start, end, extra: 0 });
        self.tokens.len() as u32 - 1
    }

    /// Length of a continued line's `\` and line break at `at`, 0 if there is none.
    fn continuation(&self, at: usize) -> usize {
        match self.bytes[at.min(self.end)..self.end] {
            [b'\\', b'\n', ..] => 2,
            [b'\\', b'\r', b'\n', ..] => 3,
            _ => 0,
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Bytes that end a word.
fn is_meta(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}
