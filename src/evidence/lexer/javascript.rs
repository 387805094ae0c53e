//! JavaScript and TypeScript, with or without JSX.

use super::super::tokens::{Group, Kind, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// Words behind which `/` starts a regular expression.
const BEFORE_REGEX: [&[u8]; 13] = [
    b"return", b"typeof", b"case", b"in", b"of", b"delete", b"void", b"throw", b"new", b"else", b"do",
    b"await", b"yield",
];
/// Words whose parenthesis is followed by a statement.
const BEFORE_STATEMENT: [&[u8]; 4] = [b"if", b"while", b"for", b"with"];

/// The tokens of a script or module.
pub(in super::super) fn javascript(bytes: &[u8]) -> Tokens<'_> {
    let mut lexer = Lexer { b: Builder::new(bytes), unpaired: [0; 2], no_regex: 0 };
    if lexer.b.sees("#!") {
        lexer.b.at = lexer.b.line_end();
    }
    while !lexer.b.is_done() {
        if lexer.b.innermost() == Some(Group::Quoted) {
            lexer.template();
        } else {
            lexer.code();
        }
    }
    lexer.b.finish()
}

struct Lexer<'a> {
    b: Builder<'a>,
    /// Ends of the lines on which a single, a double quote has no partner (text in JSX).
    unpaired: [usize; 2],
    /// End of the line on which a slash starts no regular expression.
    no_regex: usize,
}

impl Lexer<'_> {
    fn code(&mut self) {
        match self.b.peek(0) {
            b'\n' => {
                self.b.fresh_line = true;
                self.b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => self.b.at += 1,
            b'/' => self.slash(),
            b'\'' => line_string(&mut self.b, false, &mut self.unpaired[0]),
            b'"' => line_string(&mut self.b, false, &mut self.unpaired[1]),
            b'`' => self.b.open(Group::Quoted, 1),
            _ => {
                if !bracket(&mut self.b) && !self.b.word_or_number() {
                    self.b.mark();
                }
            }
        }
    }

    /// The text of a template up to its end or its next hole.
    fn template(&mut self) {
        let start = self.b.at;
        loop {
            match self.b.peek(0) {
                _ if self.b.is_done() => break,
                b'\\' => self.b.at += 1,
                b'`' => break,
                b'$' if self.b.peek(1) == b'{' => break,
                _ => {}
            }
            self.b.at += 1;
        }
        let end = self.b.at.min(self.b.bytes.len());
        self.b.at = end;
        if start < end {
            self.b.push_text(start, end, false);
        }
        match self.b.peek(0) {
            b'`' => self.b.close(&[Group::Quoted], 1),
            b'$' => self.b.open(Group::Hole, 2),
            _ => {}
        }
    }

    fn slash(&mut self) {
        if self.b.sees("//") {
            self.b.at = self.b.line_end();
        } else if self.b.sees("/*") {
            let from = self.b.at;
            self.b.at += 2;
            self.b.skip_behind("*/");
            self.b.fresh_line |= self.b.bytes[from..self.b.at].contains(&b'\n');
        } else if let Some(end) = self.regex_end() {
            let start = self.b.at;
            self.b.at = end;
            self.b.push(Kind::Number, start);
        } else {
            self.b.mark();
        }
    }

    /// The end of the regular expression that starts here, if one does: it has to end on its line.
    fn regex_end(&mut self) -> Option<usize> {
        if self.b.at < self.no_regex || !self.expects_operand() || self.b.peek(1) == b'>' {
            return None;
        }
        let mut in_class = false;
        let mut at = self.b.at + 1;
        while let Some(byte) = self.b.bytes.get(at).filter(|b| **b != b'\n') {
            match byte {
                b'\\' if self.b.bytes.get(at + 1) != Some(&b'\n') => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        self.no_regex = self.b.line_end();
        None
    }

    /// Whether a value is to come, so that `/` is no division.
    fn expects_operand(&self) -> bool {
        let b = &self.b;
        let last = b.last();
        match b.kind(last) {
            None | Some(Kind::Open | Kind::Newline) => true,
            Some(Kind::Number | Kind::Text) => false,
            Some(Kind::Word) => BEFORE_REGEX.contains(&b.bytes_of(last)),
            Some(Kind::Mark) => match b.bytes_of(last) {
                b"++" | b"--" => false,
                // `</b>` closes an element.
                b"<" => b.bytes[b.at - 1] != b'<',
                _ => true,
            },
            Some(Kind::Close) => match b.group(last) {
                Some(Group::Curly) => true,
                Some(Group::Round) => b
                    .mate(last)
                    .and_then(|open| open.checked_sub(1))
                    .is_some_and(|word| BEFORE_STATEMENT.contains(&b.bytes_of(word))),
                _ => false,
            },
        }
    }
}
