//! PHP between its tags; what stands outside is no code.

use super::super::tokens::{Group, Kind, Tokens};
use super::bracket;
use super::builder::{Builder, is_word_byte};

/// The tokens of a file.
pub(in super::super) fn php(bytes: &[u8]) -> Tokens<'_> {
    let mut lexer = Lexer { b: Builder::new(bytes), quotes: Vec::new() };
    lexer.page();
    while !lexer.b.is_done() {
        match lexer.b.innermost() {
            Some(Group::Quoted) => lexer.quoted(),
            _ => lexer.code(),
        }
    }
    lexer.b.finish().with_dots(&["->", "?->", "::"])
}

struct Lexer<'a> {
    b: Builder<'a>,
    /// The quotes of the strings with holes that are open.
    quotes: Vec<u8>,
}

impl Lexer<'_> {
    /// Skips to the next opening tag.
    fn page(&mut self) {
        let rest = &self.b.bytes[self.b.at..];
        match rest.windows(2).position(|w| w == b"<?") {
            Some(found) => {
                self.b.at += found + 2;
                if self.b.sees("php") {
                    self.b.at += 3;
                } else if self.b.sees("=") {
                    self.b.at += 1;
                }
            }
            None => self.b.at = self.b.bytes.len(),
        }
        self.b.fresh_line = true;
    }

    fn code(&mut self) {
        let start = self.b.at;
        match self.b.peek(0) {
            b'\n' => {
                self.b.at += 1;
                self.b.fresh_line = true;
            }
            byte if byte.is_ascii_whitespace() => self.b.at += 1,
            b'?' if self.b.sees("?>") => {
                self.b.at += 2;
                self.page();
            }
            b'#' if !self.b.sees("#[") => self.line_comment(),
            b'/' if self.b.sees("//") => self.line_comment(),
            b'/' if self.b.sees("/*") => {
                self.b.at += 2;
                self.b.skip_behind("*/");
            }
            b'\'' => self.plain(),
            b'"' => self.open(b'"', 1),
            b'`' => {
                self.b.at += 1;
                self.b.push(Kind::Word, start);
                self.open(b'`', 0);
            }
            b'<' if self.b.sees("<<<") => self.document(),
            _ => {
                let long = ["?->", "::", ".=", "??"].into_iter().find(|mark| self.b.sees(mark));
                if let Some(mark) = long {
                    self.b.at += mark.len();
                    self.b.push(Kind::Mark, start);
                } else if !bracket(&mut self.b) && !self.b.word_or_number() {
                    self.b.mark();
                }
            }
        }
    }

    /// A comment to the end of its line, or to a closing tag on it.
    fn line_comment(&mut self) {
        let end = self.b.line_end();
        let line = &self.b.bytes[self.b.at..end];
        self.b.at = line.windows(2).position(|w| w == b"?>").map_or(end, |tag| self.b.at + tag);
    }

    /// A string in single quotes, over any number of lines.
    fn plain(&mut self) {
        let start = self.b.at + 1;
        self.b.at = start;
        while !self.b.is_done() && self.b.peek(0) != b'\'' {
            self.b.at += if self.b.peek(0) == b'\\' { 2 } else { 1 };
        }
        let end = self.b.at.min(self.b.bytes.len());
        self.b.whole &= end < self.b.bytes.len();
        self.b.push_text(start, end, false);
        self.b.at = (end + 1).min(self.b.bytes.len());
    }

    /// `<<<EOT`: a text whose holes are not looked into is not known.
    fn document(&mut self) {
        let start = self.b.at;
        let line = &self.b.bytes[start + 3..self.b.line_end()];
        let name = String::from_utf8_lossy(line).trim().trim_matches(['"', '\'']).to_owned();
        if name.is_empty() || !name.bytes().all(is_word_byte) {
            return self.b.mark();
        }
        self.b.at = self.b.line_end();
        self.b.push(Kind::Mark, start);
        while !self.b.is_done() {
            self.b.at = (self.b.at + 1).min(self.b.bytes.len());
            let line = &self.b.bytes[self.b.at..self.b.line_end()];
            let text = line.trim_ascii_start();
            let rest = text.strip_prefix(name.as_bytes());
            if rest.is_some_and(|rest| !rest.first().is_some_and(|b| is_word_byte(*b))) {
                self.b.at += line.len() - text.len() + name.len();
                return;
            }
            self.b.at = self.b.line_end();
        }
        self.b.whole = false;
    }

    fn open(&mut self, quote: u8, length: usize) {
        self.b.open(Group::Quoted, length);
        self.quotes.push(quote);
    }

    /// The text of a string up to its end or its next hole.
    fn quoted(&mut self) {
        let Some(quote) = self.quotes.last().copied() else { return self.b.close(&[Group::Quoted], 0) };
        let start = self.b.at;
        while !self.b.is_done() {
            let next = self.b.peek(1);
            match self.b.peek(0) {
                b'\\' => self.b.at += 2,
                byte if byte == quote => break,
                b'$' if next == b'{' || next.is_ascii_alphabetic() || next == b'_' => break,
                b'{' if next == b'$' => break,
                _ => self.b.at += 1,
            }
        }
        self.b.at = self.b.at.min(self.b.bytes.len());
        if start < self.b.at {
            self.b.push_text(start, self.b.at, false);
        }
        match self.b.peek(0) {
            _ if self.b.is_done() => {
                self.b.whole = false;
                self.quotes.pop();
                self.b.close(&[Group::Quoted], 0);
            }
            byte if byte == quote => {
                self.quotes.pop();
                self.b.close(&[Group::Quoted], 1);
            }
            b'{' => self.b.open(Group::Hole, 1),
            _ if self.b.peek(1) == b'{' => self.b.open(Group::Hole, 2),
            _ => self.variable(),
        }
    }

    /// `$name` in a string; what stands behind it (`[0]`, `->name`) belongs to the hole.
    fn variable(&mut self) {
        self.b.open(Group::Hole, 0);
        self.b.word_or_number();
        let member = self.b.sees("->") && is_word_byte(self.b.peek(2));
        if member || self.b.peek(0) == b'[' {
            self.b.mark();
            while !self.b.is_done() && is_word_byte(self.b.peek(0)) {
                self.b.at += 1;
            }
        }
        self.b.close(&[Group::Hole], 0);
    }
}
