//! A source file as tokens that know their partners, whatever the language.

use std::ops::Range;

use barehull_syntax::Span;

/// Where a partner or an enclosing bracket is missing.
const NONE: u32 = u32::MAX;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// What stands between the quotes of a string, or a piece of a string with holes.
    Text,
    /// The start of a group.
    Open,
    /// Its end.
    Close,
    /// An operator or any other byte.
    Mark,
    /// The end of a statement that a line break ends.
    Newline,
}

/// What encloses tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Round,
    Square,
    Curly,
    /// A string with holes: a template literal, an f-string.
    Quoted,
    /// A hole in a string.
    Hole,
    /// An indented block.
    Block,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    group: Group,
    /// A string in which a backslash means itself.
    raw: bool,
    /// The first token of its line.
    first: bool,
    start: u32,
    end: u32,
    mate: u32,
    parent: u32,
}

/// The tokens of one file; an index that no token has is no error but a token that is nothing.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    all: Vec<Token>,
    /// Whether every string and comment had an end.
    pub whole: bool,
}

impl<'a> Tokens<'a> {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Bytes of the file.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|t| t.kind)
    }

    /// The bytes of a token as text; empty if they are not UTF-8.
    pub fn text(&self, at: usize) -> &'a str {
        let Some(token) = self.all.get(at) else { return "" };
        std::str::from_utf8(&self.bytes[token.start as usize..token.end as usize]).unwrap_or_default()
    }

    /// The name at `at`, if one is there.
    pub fn word(&self, at: usize) -> Option<&'a str> {
        (self.kind(at) == Some(Kind::Word)).then(|| self.text(at))
    }

    pub fn is_word(&self, at: usize, word: &str) -> bool {
        self.word(at) == Some(word)
    }

    /// Whether the operator `mark` is at `at`.
    pub fn is(&self, at: usize, mark: &str) -> bool {
        self.kind(at) == Some(Kind::Mark) && self.text(at) == mark
    }

    /// Whether `.` (or `?.`) is at `at`.
    pub fn is_dot(&self, at: usize) -> bool {
        self.is(at, ".") || self.is(at, "?.")
    }

    /// Whether a group of this kind starts at `at`.
    pub fn opens(&self, at: usize, group: Group) -> bool {
        self.all.get(at).is_some_and(|t| t.kind == Kind::Open && t.group == group)
    }

    /// The kind of the group that starts or ends at `at`.
    pub fn group(&self, at: usize) -> Option<Group> {
        self.all.get(at).filter(|t| matches!(t.kind, Kind::Open | Kind::Close)).map(|t| t.group)
    }

    /// Whether the token at `at` is the first of its line.
    pub fn is_first(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(|t| t.first)
    }

    /// The partner of the group's start or end at `at`; the end of the file for a group without one.
    pub fn mate(&self, at: usize) -> usize {
        self.all.get(at).map_or(self.len(), |t| (t.mate as usize).min(self.len()))
    }

    /// The start of the group around `at`.
    pub fn parent(&self, at: usize) -> Option<usize> {
        self.all.get(at).map(|t| t.parent).filter(|p| *p != NONE).map(|p| p as usize)
    }

    /// The token behind the one at `at`, or behind the group that starts there.
    pub fn behind(&self, at: usize) -> usize {
        if self.kind(at) == Some(Kind::Open) { self.mate(at) + 1 } else { at + 1 }
    }

    /// The token before the one at `at`; past the end for the first.
    pub fn before(&self, at: usize) -> usize {
        at.checked_sub(1).unwrap_or(usize::MAX)
    }

    /// What stands in the file from the token at `start` up to the one at `end`.
    pub fn text_between(&self, start: usize, end: usize) -> &'a str {
        if start >= end {
            return "";
        }
        std::str::from_utf8(self.span(start..end).slice(self.bytes)).unwrap_or_default()
    }

    /// The bytes of the tokens `range`, which is not empty.
    pub fn span(&self, range: Range<usize>) -> Span {
        let last = range.end.min(self.len()).saturating_sub(1);
        let start = self.all.get(range.start).map_or(0, |t| t.start);
        Span::new(start, self.all.get(last).map_or(start, |t| t.end.max(start)))
    }

    /// What the string at `at` says, escapes resolved.
    pub fn string(&self, at: usize) -> String {
        let text = self.text(at);
        if !text.contains('\\') || self.all.get(at).is_some_and(|t| t.raw) {
            return text.to_owned();
        }
        unescape(text)
    }

    /// The parts of `range` between the marks `by` at its own level; a last empty one does not count.
    pub fn split(&self, range: Range<usize>, by: &str) -> Vec<Range<usize>> {
        self.first_parts(range, by, usize::MAX)
    }

    fn first_parts(&self, range: Range<usize>, by: &str, limit: usize) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut start, mut at) = (range.start, range.start);
        while at < range.end && parts.len() < limit {
            if self.is(at, by) {
                parts.push(start..at);
                start = at + 1;
            }
            at = self.behind(at);
        }
        if start < range.end && parts.len() < limit {
            parts.push(start..range.end);
        }
        parts
    }

    /// What stands between the commas of the group that starts at `open`.
    pub fn items(&self, open: usize) -> Vec<Range<usize>> {
        self.first_items(open, usize::MAX)
    }

    /// The first of that.
    pub fn first_items(&self, open: usize, limit: usize) -> Vec<Range<usize>> {
        let parts = self.first_parts(open + 1..self.mate(open), ",", limit);
        parts.into_iter().map(|p| self.trimmed(p)).filter(|p| !p.is_empty()).collect()
    }

    /// `range` without line ends at its edges.
    pub fn trimmed(&self, mut range: Range<usize>) -> Range<usize> {
        while range.start < range.end && self.kind(range.start) == Some(Kind::Newline) {
            range.start += 1;
        }
        while range.start < range.end && self.kind(range.end - 1) == Some(Kind::Newline) {
            range.end -= 1;
        }
        range
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('x') => plain.extend(hexadecimal(&mut rest, 2)),
            Some('u') => plain.extend(hexadecimal(&mut rest, 4)),
            // A line continued.
            Some('\n') | None => {}
            Some(other) => plain.push(other),
        }
    }
    plain
}

/// The character that the next `digits` digits name; nothing (and nothing taken) if they do not.
fn hexadecimal(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let code = rest.as_str().get(..digits)?;
    let found = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?;
    rest.nth(digits - 1);
    Some(found)
}

/// Puts tokens together, and groups with their ends.
pub(super) struct Builder<'a> {
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
    "===", "!==", "...", "**=", "||=", "&&=", "??=", "//=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", ":=",
    "->", "<-", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "**",
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
        while !self.is_done() && (is_word_byte(self.peek(0)) || (kind == Kind::Number && self.peek(0) == b'.')) {
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
        Tokens { bytes: self.bytes, all: self.tokens, whole: self.whole }
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
