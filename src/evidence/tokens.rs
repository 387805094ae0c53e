//! A source file as tokens that know their partners, whatever the language.

use std::ops::Range;

use barehull_syntax::Span;

/// Where a partner or an enclosing bracket is missing.
pub(super) const NONE: u32 = u32::MAX;

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

/// One token; places are bytes, partners are indices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub group: Group,
    /// A string in which a backslash means itself.
    pub raw: bool,
    /// The first token of its line.
    pub first: bool,
    pub start: u32,
    pub end: u32,
    pub mate: u32,
    pub parent: u32,
}

/// The tokens of one file; an index that no token has is no error but a token that is nothing.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    all: Vec<Token>,
    /// Whether every string and comment had an end.
    pub whole: bool,
    /// What stands between an object and its member.
    dots: &'static [&'static str],
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8], all: Vec<Token>, whole: bool) -> Self {
        Self { bytes, all, whole, dots: &[".", "?.", "::"] }
    }

    /// The same where members stand behind other marks than dots.
    pub fn with_dots(self, dots: &'static [&'static str]) -> Self {
        Self { dots, ..self }
    }

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

    /// Whether `.` (or `?.`, or what the language has in its place) is at `at`.
    pub fn is_dot(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Mark) && self.dots.contains(&self.text(at))
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

/// The token before the one at `at`; past the end for the first.
pub(super) fn previous(at: usize) -> usize {
    at.checked_sub(1).unwrap_or(usize::MAX)
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
