//! Physical lines joined into logical ones.

use super::runes;
use crate::{LineIndex, MappedText, Span};

/// BuildKit refuses a line of this many bytes or more (line break not counted).
pub(super) const MAX_LINE: u32 = 65_536;

/// What a physical line inside an instruction contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inner {
    /// A comment: skipped, the instruction goes on.
    Comment,
    /// White space only: skipped, the instruction goes on.
    Blank,
    /// Its first `kept` bytes; whether the instruction goes on.
    Text { kept: usize, continued: bool },
}

/// Reads a physical line (no line break) that stands behind a continuation.
pub(super) fn inner(content: &[u8], escape: u8) -> Inner {
    match content.get(runes::leading_space(content)) {
        None => Inner::Blank,
        Some(b'#') => Inner::Comment,
        Some(_) => {
            let (kept, continued) = cut_continuation(content, escape);
            Inner::Text { kept, continued }
        }
    }
}

/// Length of the line without its continuation mark, and whether it has one: the escape character, not
/// behind another one, with nothing but blanks and tabs after it.
pub(super) fn cut_continuation(content: &[u8], escape: u8) -> (usize, bool) {
    let end = content.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |last| last + 1);
    match content[..end] {
        [.., before, last] if last == escape && before != escape => (end - 1, true),
        [only] if only == escape => (0, true),
        _ => (content.len(), false),
    }
}

/// Number of lines; the empty text behind the last line break is none.
pub(super) fn count(index: &LineIndex) -> u32 {
    let last = index.lines();
    if index.full_line(last).is_empty() { last - 1 } else { last }
}

/// The 1-based `line` without its line break; BuildKit takes every `\r` at its end as part of that.
pub(super) fn content(source: &[u8], index: &LineIndex, line: u32) -> Span {
    let full = index.full_line(line);
    let bytes = full.slice(source);
    let end = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |last| last + 1);
    Span::new(full.start, full.start + end as u32)
}

/// Whether BuildKit's scanner refuses the 1-based `line`.
pub(super) fn is_too_long(source: &[u8], index: &LineIndex, line: u32) -> bool {
    let full = index.full_line(line);
    full.len() >= MAX_LINE && full.len() - u32::from(full.slice(source).ends_with(b"\n")) >= MAX_LINE
}

/// Where a run of logical text comes from.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Start in the logical line.
    at: usize,
    /// Start in the file.
    source: u32,
}

/// Scratch space for joining lines; reused from one instruction to the next.
#[derive(Default)]
pub(super) struct Joiner {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Joiner {
    /// The logical line that starts with `first` (a part of the 1-based `line`), and the line behind it.
    pub(super) fn join<'a>(
        &'a mut self,
        source: &'a [u8],
        index: &LineIndex,
        first: Span,
        line: u32,
        escape: u8,
    ) -> (Logical<'a>, u32) {
        self.pieces.clear();
        self.pieces.push(Piece { at: 0, source: first.start });
        let bytes = first.slice(source);
        let (kept, mut continued) = cut_continuation(bytes, escape);
        let mut next = line + 1;
        let lines = count(index);
        if !continued {
            return (Logical { bytes, pieces: &self.pieces }, next);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(&bytes[..kept]);
        while continued && next <= lines && !is_too_long(source, index, next) {
            let span = content(source, index, next);
            let bytes = span.slice(source);
            next += 1;
            if let Inner::Text { kept, continued: more } = inner(bytes, escape) {
                self.push(&bytes[..kept], span.start);
                continued = more;
            }
        }
        (Logical { bytes: &self.bytes, pieces: &self.pieces }, next)
    }

    fn push(&mut self, bytes: &[u8], source: u32) {
        if bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.pieces.clear();
        }
        self.pieces.push(Piece { at: self.bytes.len(), source });
        self.bytes.extend_from_slice(bytes);
    }
}

/// One instruction's lines, joined. It has at least one piece.
#[derive(Clone, Copy)]
pub(super) struct Logical<'a> {
    pub(super) bytes: &'a [u8],
    pieces: &'a [Piece],
}

impl Logical<'_> {
    /// The piece that holds logical byte `at`.
    fn piece(&self, at: usize) -> usize {
        if self.pieces.len() == 1 {
            return 0;
        }
        self.pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)
    }

    /// Place in the file of logical byte `at`.
    pub(super) fn source(&self, at: usize) -> u32 {
        let piece = self.pieces[self.piece(at)];
        piece.source + (at - piece.at) as u32
    }

    /// The file's bytes from logical byte `start` up to logical byte `end`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let from = self.source(start);
        if start >= end { Span::at(from) } else { Span::new(from, self.source(end - 1) + 1) }
    }

    /// The logical bytes `start..end`, decoded.
    pub(super) fn text(&self, start: usize, end: usize) -> MappedText {
        if start >= end {
            return MappedText::empty_at(self.source(start));
        }
        let joints = self.piece(end - 1) - self.piece(start);
        let mut text = MappedText::with_capacity(end - start, 2 * joints + 1);
        self.append(start, end, &mut text);
        text
    }

    /// The decoded bytes between logical byte `mark` and logical byte `end`, neither included; an empty
    /// text stands right behind the mark.
    pub(super) fn text_behind(&self, mark: usize, end: usize) -> MappedText {
        if mark + 1 >= end { MappedText::empty_at(self.source(mark) + 1) } else { self.text(mark + 1, end) }
    }

    /// Appends the logical bytes `start..end` to `text`.
    pub(super) fn append(&self, start: usize, end: usize, text: &mut MappedText) {
        if start >= end {
            return;
        }
        let mut at = start;
        for index in self.piece(start)..self.pieces.len() {
            let piece = self.pieces[index];
            let next = self.pieces.get(index + 1);
            let stop = next.map_or(end, |next| next.at.min(end));
            let source = piece.source + (at - piece.at) as u32;
            text.push_bytes(&self.bytes[at..stop], source);
            at = stop;
            match next {
                Some(next) if at < end => {
                    let behind = piece.source + (next.at - piece.at) as u32;
                    text.push_removed(Span::new(behind, next.source));
                }
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_continuation_mark_is_not_behind_another_one() {
        assert_eq!(cut_continuation(b"a \\ \t", b'\\'), (2, true));
        assert_eq!(cut_continuation(b"\\", b'\\'), (0, true));
        assert_eq!(cut_continuation(b"a\\\\", b'\\'), (3, false));
        assert_eq!(cut_continuation(b"a\\", b'`'), (2, false));
        assert_eq!(cut_continuation(b"", b'\\'), (0, false));
    }

    #[test]
    fn comments_and_blank_lines_vanish_between_joined_lines() {
        let source = b"RUN a \\\n  # why\n\n \\\n  b\nUSER x\n";
        let index = LineIndex::new(source);
        let mut joiner = Joiner::default();
        let (line, next) = joiner.join(source, &index, Span::new(0, 7), 1, b'\\');
        assert_eq!(line.bytes, b"RUN a    b");
        assert_eq!(next, 6);
        let text = line.text(4, 10);
        assert_eq!(text.text(), "a    b");
        assert_eq!(text.source(5..6).exact(), Some(Span::new(22, 23)));
    }
}
