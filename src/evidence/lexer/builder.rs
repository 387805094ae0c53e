//! Puts tokens together while a text is read.

use super::super::tokens::{Group, Kind, NONE, Token, Tokens};

/// Puts tokens together, and groups with their ends.
pub(in super::super) struct Builder<'a> {
    pub bytes: &'a [u8],
    /// Offset of the next byte to read.
    pub at: usize,
    pub whole: bool,
    /// Whether a line break was met since the last token.
    pub fresh_line: bool,
    tokens: Vec<Token>,
    open: Vec<u32>,
    /// How many groups of each kind are open.
    depth: [u32; 6],
}

/// Operators of more than one byte in any of the languages, the longest first.
const MARKS: [&str; 30] = [
    "===", "!==", "...", "**=", "||=", "&&=", "??=", "//=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??",
    "?.", ":=", "->", "<-", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "**",
];

impl<'a> Builder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            whole: true,
            fresh_line: true,
            tokens: Vec::with_capacity(bytes.len() / 6),
            open: Vec::new(),
            depth: [0; 6],
        }
    }

    /// The byte `ahead` bytes on; 0 behind the end.
    pub fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Whether `text` comes next.
    pub fn sees(&self, text: &str) -> bool {
        self.bytes[self.at..].starts_with(text.as_bytes())
    }

    /// Offset of the next line break, or of the end.
    pub fn line_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        self.at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
    }

    /// Moves behind the next `text`, or to the end of a file that is then not whole.
    pub fn skip_behind(&mut self, text: &str) {
        let rest = &self.bytes[self.at..];
        if let Some(found) = rest.windows(text.len()).position(|w| w == text.as_bytes()) {
            self.at += found + text.len();
        } else {
            self.at = self.bytes.len();
            self.whole = false;
        }
    }

    /// Index of the last token; past the end if there is none.
    pub fn last(&self) -> usize {
        self.tokens.len().checked_sub(1).unwrap_or(usize::MAX)
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    pub fn bytes_of(&self, at: usize) -> &'a [u8] {
        self.tokens.get(at).map_or(&[], |t| &self.bytes[t.start as usize..t.end as usize])
    }

    pub fn group(&self, at: usize) -> Option<Group> {
        self.tokens.get(at).filter(|t| matches!(t.kind, Kind::Open | Kind::Close)).map(|t| t.group)
    }

    pub fn mate(&self, at: usize) -> Option<usize> {
        self.tokens.get(at).map(|t| t.mate).filter(|m| *m != NONE).map(|m| m as usize)
    }

    /// Index of the start of the group that is open.
    pub fn innermost_at(&self) -> Option<usize> {
        self.open.last().map(|at| *at as usize)
    }

    /// The group that is open.
    pub fn innermost(&self) -> Option<Group> {
        self.open.last().map(|at| self.tokens[*at as usize].group)
    }

    /// Adds the bytes from `start` up to here.
    pub fn push(&mut self, kind: Kind, start: usize) {
        self.add(kind, Group::Round, start, self.at, false);
    }

    /// Adds the content of a string.
    pub fn push_text(&mut self, start: usize, end: usize, raw: bool) {
        self.add(Kind::Text, Group::Round, start, end, raw);
    }

    fn add(&mut self, kind: Kind, group: Group, start: usize, end: usize, raw: bool) {
        let parent = self.open.last().copied().unwrap_or(NONE);
        let first = std::mem::take(&mut self.fresh_line);
        let (start, end) = (start as u32, end as u32);
        self.tokens.push(Token { kind, group, raw, first, start, end, mate: NONE, parent });
    }

    /// Starts a group with the next `length` bytes.
    pub fn open(&mut self, group: Group, length: usize) {
        let start = self.at;
        self.at += length;
        self.add(Kind::Open, group, start, self.at, false);
        self.open.push(self.last() as u32);
        self.depth[group as usize] += 1;
    }

    /// Ends the nearest open group of one of the kinds with the next `length` bytes: groups inside that have no
    /// end stay without one. The bytes are a mark if no such group is open.
    pub fn close(&mut self, groups: &[Group], length: usize) {
        let start = self.at;
        self.at += length;
        if groups.iter().all(|g| self.depth[*g as usize] == 0) {
            self.push(Kind::Mark, start);
            return;
        }
        while let Some(open) = self.open.pop() {
            let group = self.tokens[open as usize].group;
            self.depth[group as usize] -= 1;
            if groups.contains(&group) {
                self.add(Kind::Close, group, start, self.at, false);
                let close = self.last();
                self.tokens[open as usize].mate = close as u32;
                self.tokens[close].mate = open;
                return;
            }
        }
    }

    /// Adds the operator that comes next, or the one byte.
    pub fn mark(&mut self) {
        let start = self.at;
        let known = MARKS.iter().find(|m| self.sees(m));
        self.at += known.map_or(1, |m| m.len());
        self.push(Kind::Mark, start);
    }

    /// Adds the name or number that comes next, if one does.
    pub fn word_or_number(&mut self) -> bool {
        let start = self.at;
        let kind = match self.peek(0) {
            b'0'..=b'9' => Kind::Number,
            b if is_word_byte(b) => Kind::Word,
            _ => return false,
        };
        while !self.is_done()
            && (is_word_byte(self.peek(0)) || (kind == Kind::Number && self.peek(0) == b'.'))
        {
            self.at += 1;
        }
        self.push(kind, start);
        true
    }

    /// The byte behind the end of a string on one line that starts with the quote here, if it has an end.
    pub fn string_end(&self, quote: u8) -> Option<usize> {
        let mut at = self.at + 1;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' if self.bytes.get(at + 1) == Some(&b'\r') => at += 2,
                b'\\' => at += 1,
                b'\n' => return None,
                b if *b == quote => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        None
    }

    pub fn finish(mut self) -> Tokens<'a> {
        self.whole &= self.depth[Group::Quoted as usize] == 0;
        Tokens::new(self.bytes, self.tokens, self.whole)
    }
}

/// Whether a byte may stand in a name.
pub fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
