//! Python 2 and 3. Indented blocks are groups.

use super::super::tokens::{Group, Kind, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// The tokens of a module.
pub(in super::super) fn python(bytes: &[u8]) -> Tokens<'_> {
    let mut lexer =
        Lexer { b: Builder::new(bytes), strings: Vec::new(), indents: Vec::new(), unpaired: [0; 2] };
    if lexer.b.sees("\u{feff}") {
        lexer.b.at = '\u{feff}'.len_utf8();
    }
    lexer.indentation();
    while !lexer.b.is_done() {
        match lexer.b.innermost() {
            Some(Group::Quoted) => lexer.quoted(),
            _ => lexer.code(),
        }
    }
    lexer.b.finish()
}

/// The quotes of an f-string.
#[derive(Clone, Copy)]
struct Quotes {
    byte: u8,
    triple: bool,
    raw: bool,
}

struct Lexer<'a> {
    b: Builder<'a>,
    /// The f-strings that are open.
    strings: Vec<Quotes>,
    /// Columns of the blocks that are open.
    indents: Vec<usize>,
    /// Ends of the lines on which a single, a double quote has no partner.
    unpaired: [usize; 2],
}

impl Lexer<'_> {
    fn code(&mut self) {
        match self.b.peek(0) {
            b'\n' => {
                self.b.at += 1;
                self.b.fresh_line = true;
                if matches!(self.b.innermost(), None | Some(Group::Block)) {
                    self.indentation();
                }
            }
            b'\\' if self.b.sees("\\\n") => self.b.at += 2,
            b'\\' if self.b.sees("\\\r\n") => self.b.at += 3,
            byte if byte.is_ascii_whitespace() => self.b.at += 1,
            b'#' => self.b.at = self.b.line_end(),
            b'\'' | b'"' => self.string(0),
            b':' if self.b.innermost() == Some(Group::Hole) => self.format(),
            byte => {
                if let Some(length) = self.prefix(byte) {
                    self.string(length);
                } else if !bracket(&mut self.b) && !self.b.word_or_number() {
                    self.b.mark();
                }
            }
        }
    }

    /// Ends the statement before a new line, and opens and closes blocks as its indentation says. Lines with
    /// nothing but a comment say nothing.
    fn indentation(&mut self) {
        let mut column = 0;
        loop {
            match self.b.peek(0) {
                b' ' => column += 1,
                b'\t' => column = (column / TAB + 1) * TAB,
                b'\r' | b'\x0c' => {}
                b'\n' => column = 0,
                b'#' => {
                    self.b.at = self.b.line_end();
                    continue;
                }
                _ => break,
            }
            self.b.at += 1;
        }
        if !matches!(self.b.kind(self.b.last()), None | Some(Kind::Newline)) {
            self.b.push(Kind::Newline, self.b.at);
            self.b.fresh_line = true;
        }
        if self.b.is_done() {
            return;
        }
        while self.indents.last().is_some_and(|open| *open > column) {
            self.indents.pop();
            self.b.close(&[Group::Block], 0);
            self.b.fresh_line = true;
        }
        if column > self.indents.last().copied().unwrap_or(0) {
            self.indents.push(column);
            self.b.open(Group::Block, 0);
            self.b.fresh_line = true;
        }
    }

    /// The length of the string prefix that starts here, if a quote follows it.
    fn prefix(&self, first: u8) -> Option<usize> {
        let is_prefix = |b: u8| matches!(b.to_ascii_lowercase(), b'r' | b'b' | b'u' | b'f' | b't');
        if !is_prefix(first) {
            return None;
        }
        let length = if is_prefix(self.b.peek(1)) { 2 } else { 1 };
        matches!(self.b.peek(length), b'\'' | b'"').then_some(length)
    }

    fn string(&mut self, prefix: usize) {
        let letters = self.b.bytes[self.b.at..self.b.at + prefix].to_ascii_lowercase();
        let raw = letters.contains(&b'r');
        let byte = self.b.peek(prefix);
        let triple = self.b.peek(prefix + 1) == byte && self.b.peek(prefix + 2) == byte;
        if letters.contains(&b'f') || letters.contains(&b't') {
            self.b.open(Group::Quoted, prefix + if triple { 3 } else { 1 });
            self.strings.push(Quotes { byte, triple, raw });
            return;
        }
        self.b.at += prefix;
        if !triple {
            line_string(&mut self.b, raw, &mut self.unpaired[usize::from(byte == b'"')]);
            return;
        }
        self.b.at += 3;
        let start = self.b.at;
        let quotes = Quotes { byte, triple, raw };
        while !self.b.is_done() && !self.at_end_of(quotes) {
            self.b.at += if self.b.peek(0) == b'\\' { 2 } else { 1 };
        }
        let end = self.b.at.min(self.b.bytes.len());
        self.b.at = end;
        self.b.whole &= self.at_end_of(quotes);
        self.b.push_text(start, end, raw);
        self.b.at = (end + 3).min(self.b.bytes.len());
    }

    fn at_end_of(&self, quotes: Quotes) -> bool {
        let byte = quotes.byte;
        self.b.peek(0) == byte && (!quotes.triple || (self.b.peek(1) == byte && self.b.peek(2) == byte))
    }

    /// The text of an f-string up to its end or its next hole.
    fn quoted(&mut self) {
        let Some(quotes) = self.strings.last().copied() else { return self.b.close(&[Group::Quoted], 0) };
        let start = self.b.at;
        let mut end = None;
        while end.is_none() && !self.b.is_done() && !self.at_end_of(quotes) {
            match self.b.peek(0) {
                b'\\' => self.b.at += 2,
                b'\n' if !quotes.triple => break,
                // A doubled brace stands for itself: the text goes on behind the second.
                b'{' | b'}' if self.b.peek(1) == self.b.peek(0) => end = Some(self.b.at + 1),
                b'{' => break,
                _ => self.b.at += 1,
            }
        }
        self.b.at = self.b.at.min(self.b.bytes.len());
        let text_end = end.unwrap_or(self.b.at);
        if start < text_end {
            self.b.push_text(start, text_end, quotes.raw);
        }
        if end.is_some() {
            self.b.at = text_end + 1;
        } else if self.at_end_of(quotes) {
            self.strings.pop();
            self.b.close(&[Group::Quoted], if quotes.triple { 3 } else { 1 });
        } else if self.b.peek(0) == b'{' {
            self.b.open(Group::Hole, 1);
        } else {
            self.b.whole = false;
            self.strings.pop();
            self.b.close(&[Group::Quoted], 0);
        }
    }

    /// The format behind the value in a hole.
    fn format(&mut self) {
        let start = self.b.at;
        while !self.b.is_done() && !matches!(self.b.peek(0), b'{' | b'}' | b'\n') {
            self.b.at += 1;
        }
        self.b.push(Kind::Mark, start);
    }
}
