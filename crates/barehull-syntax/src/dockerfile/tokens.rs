//! The file as tokens that tile it: concatenated they are the input, byte for byte.

use super::Dockerfile;
use super::instruction::Instruction;
use super::lines::{self, Inner};
use super::parse;
use super::runes;
use crate::Span;

/// What a part of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// The byte-order mark.
    ByteOrderMark,
    /// A parser directive, from `#` to the end of the line.
    Directive,
    /// A comment, from `#` to the end of the line; also inside an instruction.
    Comment,
    /// White space between other tokens, and on blank lines.
    Space,
    /// The keyword of an instruction, or a part of it.
    Keyword,
    /// A flag, or a part of it.
    Flag,
    /// Text of the arguments on one line.
    Text,
    /// The escape character at the end of a line, with the blanks behind it.
    Continuation,
    /// The lines of a heredoc, line breaks included.
    HeredocBody,
    /// The line that ends a heredoc.
    HeredocEnd,
    /// A line over BuildKit's limit, which is not read.
    Overlong,
    /// A line break, with every `\r` in front of it.
    LineBreak,
}

/// A part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes; never empty.
    pub span: Span,
}

impl Dockerfile {
    /// The tokens of the file, in order and without gaps.
    pub fn tokens(&self) -> impl Iterator<Item = Token> + '_ {
        let mut walk = Walk { file: self, line: 1, instruction: 0, named: Vec::new(), out: Vec::new() };
        std::iter::from_fn(move || walk.step()).flatten()
    }
}

struct Walk<'a> {
    file: &'a Dockerfile,
    /// The next line, 1-based.
    line: u32,
    /// The next instruction.
    instruction: usize,
    /// Keyword and flags of the instruction being walked that are not behind us, last first.
    named: Vec<Token>,
    out: Vec<Token>,
}

impl Walk<'_> {
    /// The tokens of the next line, or of the next instruction.
    fn step(&mut self) -> Option<Vec<Token>> {
        if self.line > lines::count(&self.file.index) {
            return None;
        }
        match self.file.instructions.get(self.instruction) {
            Some(next) if next.first_line == self.line => {
                self.instruction += 1;
                self.instruction(next);
            }
            _ => self.outer_line(),
        }
        Some(std::mem::take(&mut self.out))
    }

    fn push(&mut self, kind: TokenKind, start: u32, end: u32) {
        if start < end {
            self.out.push(Token { kind, span: Span::new(start, end) });
        }
    }

    /// Byte-order mark and indentation up to `text`, on the current line.
    fn indentation(&mut self, text: Span) {
        let start = self.file.index.line_start(self.line);
        let bom = if self.line == 1 { parse::bom_len(&self.file.source) } else { 0 };
        self.push(TokenKind::ByteOrderMark, start, start + bom);
        self.push(TokenKind::Space, start + bom, text.start);
    }

    /// The line break of the current line, whose text ends at `from`; goes to the next line.
    fn line_break(&mut self, from: u32) {
        self.push(TokenKind::LineBreak, from, self.file.index.full_line(self.line).end);
        self.line += 1;
    }

    /// A line outside instructions.
    fn outer_line(&mut self) {
        let file = self.file;
        let text = parse::unindented(&file.source, &file.index, self.line);
        self.indentation(text);
        let kind = if lines::is_too_long(&file.source, &file.index, self.line) {
            TokenKind::Overlong
        } else if file.directives.iter().any(|directive| directive.span.start == text.start) {
            TokenKind::Directive
        } else {
            TokenKind::Comment
        };
        self.push(kind, text.start, text.end);
        self.line_break(text.end);
    }

    fn instruction(&mut self, instruction: &Instruction) {
        let file = self.file;
        let head_end = instruction.heredocs.first().map(|heredoc| heredoc.lines.start);
        let last = head_end.map_or(instruction.last_line, |start| file.index.line(start) - 1);
        let first = parse::unindented(&file.source, &file.index, self.line);
        self.indentation(first);
        let flags = instruction.flags.iter().rev();
        self.named = flags.map(|flag| Token { kind: TokenKind::Flag, span: flag.span }).collect();
        // An instruction of nothing but continuations has no keyword.
        if !instruction.keyword_span.is_empty() {
            self.named.push(Token { kind: TokenKind::Keyword, span: instruction.keyword_span });
        }
        let (kept, continued) = lines::cut_continuation(first.slice(&file.source), file.escape);
        self.text_line(first, kept, continued);
        while self.line <= last {
            self.inner_line();
        }
        for heredoc in &instruction.heredocs {
            self.push(TokenKind::HeredocBody, heredoc.lines.start, heredoc.lines.end);
            self.line = file.index.line(heredoc.end.start);
            self.push(TokenKind::HeredocEnd, heredoc.end.start, heredoc.end.end);
            self.line_break(heredoc.end.end);
        }
    }

    /// A line behind a continuation.
    fn inner_line(&mut self) {
        let file = self.file;
        let content = lines::content(&file.source, &file.index, self.line);
        match lines::inner(content.slice(&file.source), file.escape) {
            Inner::Text { kept, continued } => self.text_line(content, kept, continued),
            Inner::Comment | Inner::Blank => {
                let text = parse::unindented(&file.source, &file.index, self.line);
                self.push(TokenKind::Space, content.start, text.start);
                self.push(TokenKind::Comment, text.start, text.end);
                self.line_break(text.end);
            }
        }
    }

    /// A line with instruction text: `kept` bytes of `content`, then the continuation.
    fn text_line(&mut self, content: Span, kept: usize, continued: bool) {
        let text_end = content.start + kept as u32;
        self.parts(Span::new(content.start, text_end));
        if continued {
            self.push(TokenKind::Continuation, text_end, content.end);
        }
        self.line_break(content.end);
    }

    /// Tells keyword, flags, argument text and the space between them apart.
    fn parts(&mut self, text: Span) {
        let mut at = text.start;
        while let Some(&Token { kind, span }) = self.named.last()
            && span.start < text.end
        {
            let start = span.start.max(at);
            self.arguments(Span::new(at, start));
            at = span.end.min(text.end);
            self.push(kind, start, at);
            if span.end > text.end {
                break;
            }
            self.named.pop();
        }
        self.arguments(Span::new(at, text.end));
    }

    fn arguments(&mut self, text: Span) {
        let bytes = text.slice(&self.file.source);
        let end = text.start + runes::trimmed_len(bytes) as u32;
        let start = (text.start + runes::leading_space(bytes) as u32).min(end.max(text.start));
        if start >= end {
            return self.push(TokenKind::Space, text.start, text.end);
        }
        self.push(TokenKind::Space, text.start, start);
        self.push(TokenKind::Text, start, end);
        self.push(TokenKind::Space, end, text.end);
    }
}
