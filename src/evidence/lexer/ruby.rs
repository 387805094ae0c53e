//! Ruby, as far as its calls and their texts go. Arguments without parentheses become a group where the function
//! is one that starts programs.

use super::super::tokens::{Group, Kind, Tokens};
use super::bracket;
use super::builder::{Builder, is_word_byte};

/// Functions whose arguments are wanted, parentheses or not.
const STARTERS: [&[u8]; 11] = [
    b"system",
    b"exec",
    b"spawn",
    b"popen",
    b"popen2",
    b"popen2e",
    b"popen3",
    b"capture2",
    b"capture2e",
    b"capture3",
    b"pipeline",
];
/// Words behind which an expression starts, or a statement ends.
const KEYWORDS: [&[u8]; 20] = [
    b"if", b"unless", b"while", b"until", b"and", b"or", b"not", b"do", b"then", b"else", b"elsif", b"when",
    b"in", b"return", b"rescue", b"end", b"puts", b"raise", b"case", b"yield",
];
/// Bytes that a regular expression may go on for.
const MAX_EXPRESSION: usize = 4096;

/// The tokens of a file.
pub(in super::super) fn ruby(bytes: &[u8]) -> Tokens<'_> {
    let mut lexer = Lexer {
        b: Builder::new(bytes),
        texts: Vec::new(),
        commands: Vec::new(),
        documents: Vec::new(),
        no_expression: 0,
        spaced: true,
    };
    lexer.no_code();
    while !lexer.b.is_done() {
        match lexer.b.innermost() {
            Some(Group::Quoted) => lexer.quoted(),
            _ => lexer.code(),
        }
    }
    lexer.end_command();
    lexer.b.finish().with_dots(&[".", "&.", "::"])
}

/// A string with holes that is open.
#[derive(Clone, Copy)]
struct Text {
    open: u8,
    close: u8,
    /// Brackets inside that have no end yet.
    depth: usize,
}

struct Lexer<'a> {
    b: Builder<'a>,
    texts: Vec<Text>,
    /// Groups of arguments without parentheses, by their start.
    commands: Vec<usize>,
    /// Here-documents whose texts start on the next line.
    documents: Vec<Vec<u8>>,
    /// A slash before this is none of a regular expression: it would not end.
    no_expression: usize,
    /// Whether a space stood before what comes next.
    spaced: bool,
}

impl Lexer<'_> {
    fn code(&mut self) {
        let start = self.b.at;
        let byte = self.b.peek(0);
        let spaced = std::mem::take(&mut self.spaced);
        match byte {
            b'\n' => self.line(),
            b'\\' if self.b.peek(1) == b'\n' => {
                self.b.at += 2;
                self.spaced = true;
            }
            byte if byte.is_ascii_whitespace() => {
                self.b.at += 1;
                self.spaced = true;
            }
            b'#' => self.b.at = self.b.line_end(),
            b'\'' => self.plain(1, b'\'', b'\''),
            b'"' => self.open(1, b'"', b'"'),
            b'`' if !self.is_name_of_method() => {
                self.b.at += 1;
                self.b.push(Kind::Word, start);
                self.open(0, b'`', b'`');
            }
            b'%' if self.starts_value(spaced) && self.percent() => {}
            b'/' if self.starts_value(spaced) && self.expression() => {}
            b'?' if self.starts_value(spaced)
                && self.b.peek(1).is_ascii_graphic()
                && !is_word_byte(self.b.peek(2)) =>
            {
                self.b.at += 2;
                self.b.push(Kind::Mark, start);
            }
            b'<' if self.b.sees("<<") && self.starts_value(spaced) && self.document() => {}
            b':' => self.colon(),
            b'$' if !is_word_byte(self.b.peek(1)) && self.b.peek(1).is_ascii_graphic() => {
                self.b.at += 2;
                self.b.push(Kind::Word, start);
            }
            b';' => {
                self.end_command();
                self.b.mark();
            }
            b')' | b']' | b'}' => {
                self.end_command();
                bracket(&mut self.b);
            }
            byte if byte == b'@' || (is_word_byte(byte) && !byte.is_ascii_digit()) => self.word(),
            _ => {
                if !bracket(&mut self.b) && !self.b.word_or_number() {
                    self.b.mark();
                }
            }
        }
    }

    /// The end of a line: of a statement, unless it goes on.
    fn line(&mut self) {
        let last = self.b.last();
        let ends = |mark: &[u8]| matches!(mark, b";" | b"!") || mark.starts_with(b"?") || mark.len() > 3;
        let goes_on = self.b.kind(last) == Some(Kind::Mark) && !ends(self.b.bytes_of(last));
        let open = matches!(self.b.innermost(), Some(Group::Round | Group::Square)) && !self.in_command();
        if !goes_on && !open {
            self.end_command();
            if !matches!(self.b.kind(self.b.last()), None | Some(Kind::Newline)) {
                self.b.push(Kind::Newline, self.b.at);
            }
        }
        self.b.at += 1;
        for name in std::mem::take(&mut self.documents) {
            self.skip_document(&name);
        }
        self.b.fresh_line = true;
        self.spaced = true;
        self.no_code();
    }

    /// Skips what only looks like code, where a line starts.
    fn no_code(&mut self) {
        if self.b.sees("=begin") {
            self.b.skip_behind("\n=end");
            self.b.at = self.b.line_end();
        } else if self.b.sees("__END__") {
            self.b.at = self.b.bytes.len();
        }
    }

    /// Whether a value may start here: nothing that is one stands before it, or a name of a function with a space
    /// only in front (`puts /a/`).
    fn starts_value(&self, spaced: bool) -> bool {
        let last = self.b.last();
        match self.b.kind(last) {
            None | Some(Kind::Newline | Kind::Open | Kind::Mark) => true,
            Some(Kind::Word) if KEYWORDS.contains(&self.b.bytes_of(last)) => true,
            Some(Kind::Word) => {
                let next = if self.b.sees("<<") { self.b.peek(2) } else { self.b.peek(1) };
                spaced && !next.is_ascii_whitespace() && next != b'='
            }
            Some(Kind::Number | Kind::Text | Kind::Close) => false,
        }
    }

    /// Behind `def` or a dot a backtick is a method's name.
    fn is_name_of_method(&self) -> bool {
        matches!(self.b.bytes_of(self.b.last()), b"def" | b"." | b"&.")
    }

    fn in_command(&self) -> bool {
        self.b.innermost_at().is_some() && self.b.innermost_at() == self.commands.last().copied()
    }

    fn end_command(&mut self) {
        while self.in_command() {
            self.commands.pop();
            self.b.close(&[Group::Round], 0);
        }
    }

    /// A name with what belongs to it: `@name`, `name?`, `name!`.
    fn word(&mut self) {
        let start = self.b.at;
        while self.b.peek(0) == b'@' {
            self.b.at += 1;
        }
        while is_word_byte(self.b.peek(0)) {
            self.b.at += 1;
        }
        if matches!(self.b.peek(0), b'?' | b'!') && self.b.peek(1) != b'=' && self.b.at > start {
            self.b.at += 1;
        }
        let word = &self.b.bytes[start..self.b.at];
        if matches!(
            word,
            b"if" | b"unless" | b"while" | b"until" | b"and" | b"or" | b"do" | b"then" | b"rescue" | b"end"
        ) {
            self.end_command();
        }
        self.b.push(Kind::Word, start);
        if STARTERS.contains(&word) && self.has_bare_arguments() {
            self.b.open(Group::Round, 0);
            self.commands.extend(self.b.innermost_at());
        }
    }

    /// Whether arguments without parentheses follow.
    fn has_bare_arguments(&self) -> bool {
        let rest = &self.b.bytes[self.b.at..self.b.line_end()];
        let text = rest.trim_ascii_start();
        if text.len() == rest.len() || matches!(self.b.bytes_of(self.b.last().wrapping_sub(1)), b"def") {
            return false;
        }
        let end = text.iter().position(|b| !is_word_byte(*b)).unwrap_or(text.len());
        let next = text.get(1).copied().unwrap_or(b' ');
        match text.first() {
            Some(b'"' | b'\'' | b'`' | b'@' | b'[') => true,
            Some(b'*' | b'%' | b':') => !next.is_ascii_whitespace() && next != b'=',
            Some(b'<') => text.starts_with(b"<<") && text.get(2).is_some_and(|b| !b.is_ascii_whitespace()),
            Some(byte) if is_word_byte(*byte) => !KEYWORDS.contains(&&text[..end]),
            _ => false,
        }
    }

    /// `::`, a symbol, or what stands behind a key.
    fn colon(&mut self) {
        let start = self.b.at;
        if self.b.sees("::") {
            self.b.at += 2;
            // `::Kernel`: the name alone.
            if matches!(self.b.kind(self.b.last()), Some(Kind::Word | Kind::Close)) {
                self.b.push(Kind::Mark, start);
            }
        } else if is_word_byte(self.b.peek(1)) && !self.b.peek(1).is_ascii_digit() {
            self.b.at += 1;
            while is_word_byte(self.b.peek(0)) {
                self.b.at += 1;
            }
            if matches!(self.b.peek(0), b'?' | b'!') {
                self.b.at += 1;
            }
            self.b.push_text(start + 1, self.b.at, true);
        } else {
            self.b.mark();
        }
    }

    /// `%w[a b]`, `%x(ls)`, `%(text)`; false if it is an operator.
    fn percent(&mut self) -> bool {
        let letter = self.b.peek(1);
        let (kind, length) = if letter.is_ascii_alphabetic() { (letter, 2) } else { (b'Q', 1) };
        let open = self.b.peek(length);
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            byte if byte.is_ascii_punctuation() && byte != b'=' => byte,
            _ => return false,
        };
        let start = self.b.at;
        match kind {
            b'w' | b'W' | b'i' | b'I' => self.words(length, open, close),
            b'x' => {
                self.b.at += length;
                self.b.push(Kind::Word, start);
                self.open(1, open, close);
            }
            b'Q' => self.open(length + 1, open, close),
            b'q' | b's' | b'r' => self.plain(length + 1, open, close),
            _ => return false,
        }
        true
    }

    /// Passes a byte between brackets, `depth` more of which are open; at the one that closes it stays, and says no.
    fn inside(&mut self, depth: &mut u32, open: u8, close: u8) -> bool {
        match self.b.peek(0) {
            b'\\' => self.b.at += 1,
            byte if byte == close && *depth == 0 => return false,
            byte if byte == close => *depth -= 1,
            byte if byte == open => *depth += 1,
            _ => {}
        }
        self.b.at += 1;
        true
    }

    /// The words of `%w[...]`, as a list; a word with a hole is not known.
    fn words(&mut self, prefix: usize, open: u8, close: u8) {
        self.b.open(Group::Square, prefix + 1);
        let mut depth = 0;
        while !self.b.is_done() {
            let start = self.b.at;
            while !self.b.is_done()
                && !self.b.peek(0).is_ascii_whitespace()
                && self.inside(&mut depth, open, close)
            {}
            self.b.at = self.b.at.min(self.b.bytes.len());
            if start < self.b.at {
                let word_end = self.b.at;
                let has_hole = self.b.bytes[start..word_end].windows(2).any(|w| w == b"#{");
                if has_hole {
                    self.b.push(Kind::Mark, start);
                } else {
                    self.b.push_text(start, word_end, true);
                }
            } else if self.b.peek(0) == close && !self.b.is_done() {
                return self.b.close(&[Group::Square], 1);
            } else {
                self.b.at += 1;
            }
        }
        self.b.whole = false;
    }

    /// A regular expression, read as one token; false if it would have no end.
    fn expression(&mut self) -> bool {
        let start = self.b.at;
        if start < self.no_expression {
            return false;
        }
        let limit = (start + MAX_EXPRESSION).min(self.b.bytes.len());
        let mut at = start + 1;
        while at < limit {
            match self.b.bytes[at] {
                b'\\' => at += 1,
                b'/' => {
                    self.b.push_text(start + 1, at, true);
                    self.b.at = at + 1;
                    while self.b.peek(0).is_ascii_lowercase() {
                        self.b.at += 1;
                    }
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        self.no_expression = limit;
        false
    }

    /// `<<~NAME`: its text is on the lines that follow, and is not known.
    fn document(&mut self) -> bool {
        let start = self.b.at;
        let mut at = start + 2;
        if matches!(self.b.bytes.get(at), Some(b'~' | b'-')) {
            at += 1;
        }
        let quote = self.b.bytes.get(at).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        at += usize::from(quote.is_some());
        let name_start = at;
        while self.b.bytes.get(at).is_some_and(|b| is_word_byte(*b)) {
            at += 1;
        }
        let name = &self.b.bytes[name_start..at];
        let is_name = name.first().is_some_and(|b| b.is_ascii_uppercase() || *b == b'_' || quote.is_some());
        if !is_name {
            return false;
        }
        self.documents.push(name.to_vec());
        self.b.at = (at + usize::from(quote.is_some())).min(self.b.bytes.len());
        self.b.push(Kind::Mark, start);
        true
    }

    fn skip_document(&mut self, name: &[u8]) {
        while !self.b.is_done() {
            let end = self.b.line_end();
            let line = self.b.bytes[self.b.at..end].trim_ascii();
            self.b.at = (end + 1).min(self.b.bytes.len());
            if line == name {
                return;
            }
        }
        self.b.whole = false;
    }

    /// A text without holes, `prefix` bytes on, which nests where it has two different brackets.
    fn plain(&mut self, prefix: usize, open: u8, close: u8) {
        let start = (self.b.at + prefix).min(self.b.bytes.len());
        self.b.at = start;
        let mut depth = 0;
        while !self.b.is_done() && self.inside(&mut depth, open, close) {}
        let end = self.b.at.min(self.b.bytes.len());
        self.b.whole &= end < self.b.bytes.len();
        self.b.push_text(start, end, false);
        self.b.at = (end + 1).min(self.b.bytes.len());
    }

    fn open(&mut self, length: usize, open: u8, close: u8) {
        self.b.open(Group::Quoted, length);
        self.texts.push(Text { open, close, depth: 0 });
    }

    /// The text of a string up to its end or its next hole.
    fn quoted(&mut self) {
        let Some(mut text) = self.texts.last().copied() else { return self.b.close(&[Group::Quoted], 0) };
        let start = self.b.at;
        while !self.b.is_done() {
            match self.b.peek(0) {
                b'\\' => self.b.at += 1,
                b'#' if self.b.peek(1) == b'{' => break,
                byte if byte == text.close && text.depth == 0 => break,
                byte if byte == text.close => text.depth -= 1,
                byte if byte == text.open => text.depth += 1,
                _ => {}
            }
            self.b.at += 1;
        }
        self.b.at = self.b.at.min(self.b.bytes.len());
        if start < self.b.at {
            self.b.push_text(start, self.b.at, false);
        }
        if let Some(last) = self.texts.last_mut() {
            *last = text;
        }
        if self.b.sees("#{") {
            self.b.open(Group::Hole, 2);
            return;
        }
        self.b.whole &= !self.b.is_done();
        self.texts.pop();
        let length = usize::from(!self.b.is_done());
        self.b.close(&[Group::Quoted], length);
    }
}
