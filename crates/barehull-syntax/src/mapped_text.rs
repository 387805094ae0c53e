//! Decoded text that remembers where in the file each part came from.
//!
//! A `RUN` instruction's shell text is not a slice of the file: continuations are gone, comments inside
//! them too, JSON escapes are undone, and `sh -c '...'` decodes once more. A [`MappedText`] holds the
//! decoded text and, for every part of it, the bytes of the file. Mappings compose:
//! [`MappedText::through`] turns "decoded from that decoded text" into "decoded from the file".

use std::ops::Range;

use compact_str::CompactString;
use smallvec::{SmallVec, smallvec};

use crate::Span;

/// How a segment's decoded text relates to its source bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// The same bytes in both, so that every offset inside maps exactly.
    Verbatim,
    /// Different bytes (an escape); maps only as a whole.
    Decoded,
    /// Source bytes that the decoded text leaves out (a continuation, a comment inside one).
    Removed,
}

/// One part of a [`MappedText`]. Segments are in order and cover the decoded text without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Start in the decoded text, bytes.
    pub start: u32,
    /// Length in the decoded text, bytes; 0 for removed segments.
    pub len: u32,
    /// The source bytes.
    pub source: Span,
    /// How the two relate.
    pub kind: SegmentKind,
}

/// The source bytes of a decoded range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceRange {
    /// Byte for byte the decoded text: an edit may replace just this.
    Exact(Span),
    /// The smallest span that yields the range; it holds more than the decoded text (a continuation, an
    /// escape), so an edit must replace the whole argument.
    Composite(Span),
}

impl SourceRange {
    /// The span, exact or not: for pointing at, not for editing.
    pub const fn span(self) -> Span {
        match self {
            Self::Exact(span) | Self::Composite(span) => span,
        }
    }

    /// The span, if it is exact.
    pub const fn exact(self) -> Option<Span> {
        match self {
            Self::Exact(span) => Some(span),
            Self::Composite(_) => None,
        }
    }
}

/// Decoded text with its source map. A word on one line needs no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MappedText {
    text: CompactString,
    segments: SmallVec<[Segment; 1]>,
}

impl MappedText {
    /// An empty text, to push segments to.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty text with room for `bytes` bytes in `segments` segments.
    pub(crate) fn with_capacity(bytes: usize, segments: usize) -> Self {
        Self { text: CompactString::with_capacity(bytes), segments: SmallVec::with_capacity(segments) }
    }

    /// An empty text that still has a place: byte `offset` of the source (the nothing behind `--from=`).
    pub fn empty_at(offset: u32) -> Self {
        let segment = Segment { start: 0, len: 0, source: Span::at(offset), kind: SegmentKind::Verbatim };
        Self { text: CompactString::default(), segments: smallvec![segment] }
    }

    /// Text that stands in the source as it is, starting at byte `start`.
    pub fn verbatim(text: &str, start: u32) -> Self {
        let mut mapped = Self::new();
        mapped.push_verbatim(text, start);
        mapped
    }

    /// Appends text that stands in the source as it is, starting at byte `start`.
    pub fn push_verbatim(&mut self, text: &str, start: u32) {
        if text.is_empty() {
            return;
        }
        let len = text.len() as u32;
        let at = self.text.len() as u32;
        self.text.push_str(text);
        if let Some(last) = self.segments.last_mut()
            && last.kind == SegmentKind::Verbatim
            && last.source.end == start
        {
            last.len += len;
            last.source.end += len;
            return;
        }
        let source = Span::new(start, start + len);
        self.segments.push(Segment { start: at, len, source, kind: SegmentKind::Verbatim });
    }

    /// Appends text that the bytes `source` stand for.
    pub fn push_decoded(&mut self, text: &str, source: Span) {
        let segment = Segment {
            start: self.text.len() as u32,
            len: text.len() as u32,
            source,
            kind: if text.is_empty() { SegmentKind::Removed } else { SegmentKind::Decoded },
        };
        self.text.push_str(text);
        self.segments.push(segment);
    }

    /// Notes that the bytes `source` left no trace in the text.
    pub fn push_removed(&mut self, source: Span) {
        if !source.is_empty() {
            self.push_decoded("", source);
        }
    }

    /// Appends source bytes that may not be UTF-8; each invalid byte decodes to U+FFFD, as in BuildKit.
    pub fn push_bytes(&mut self, bytes: &[u8], start: u32) {
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.push_verbatim(text, start);
            return;
        }
        let mut at = start;
        for chunk in bytes.utf8_chunks() {
            self.push_verbatim(chunk.valid(), at);
            at += chunk.valid().len() as u32;
            for _ in chunk.invalid() {
                self.push_decoded("\u{FFFD}", Span::new(at, at + 1));
                at += 1;
            }
        }
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no decoded text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The source bytes of the whole text, from the first segment to the last.
    pub fn span(&self) -> Span {
        match (self.segments.first(), self.segments.last()) {
            (Some(first), Some(last)) => first.source.cover(last.source),
            _ => Span::default(),
        }
    }

    /// The source bytes of the decoded bytes `range` (cut to the text).
    pub fn source(&self, range: Range<usize>) -> SourceRange {
        let end = range.end.min(self.text.len()) as u32;
        let start = (range.start as u32).min(end);
        if start == end {
            return self.source_of_point(start);
        }
        let first = self.segments.partition_point(|s| s.start + s.len <= start);
        let mut span: Option<Span> = None;
        let mut exact = true;
        for segment in &self.segments[first..] {
            if segment.start >= end {
                break;
            }
            let part = match segment.kind {
                SegmentKind::Verbatim => Span::new(
                    segment.source.start + start.saturating_sub(segment.start),
                    segment.source.end - (segment.start + segment.len).saturating_sub(end),
                ),
                SegmentKind::Decoded => {
                    exact = false;
                    segment.source
                }
                SegmentKind::Removed => continue,
            };
            exact &= span.is_none_or(|before| before.end == part.start);
            span = Some(span.map_or(part, |before| before.cover(part)));
        }
        let span = span.unwrap_or_default();
        if exact { SourceRange::Exact(span) } else { SourceRange::Composite(span) }
    }

    fn source_of_point(&self, at: u32) -> SourceRange {
        let next = self.segments.partition_point(|s| s.start + s.len <= at);
        match self.segments.get(next) {
            Some(s) if s.kind == SegmentKind::Verbatim => {
                SourceRange::Exact(Span::at(s.source.start + (at - s.start)))
            }
            Some(s) => SourceRange::Composite(Span::at(s.source.start)),
            None => {
                let last = self.segments.iter().rev().find(|s| s.kind != SegmentKind::Removed);
                SourceRange::Exact(Span::at(last.map_or(0, |s| s.source.end)))
            }
        }
    }

    /// The part `range` of the text, with its mapping.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> MappedText {
        let end = range.end.min(self.text.len());
        let start = range.start.min(end);
        if start == end {
            return MappedText::empty_at(self.source(start..end).span().start);
        }
        MappedText::verbatim(&self.text[start..end], start as u32).through(self)
    }

    /// `self` was decoded from the text of `outer`: the same text, mapped to what `outer` maps to.
    #[must_use]
    pub fn through(&self, outer: &MappedText) -> MappedText {
        let mut result = MappedText::new();
        for segment in &self.segments {
            let text = &self.text[segment.start as usize..(segment.start + segment.len) as usize];
            match segment.kind {
                SegmentKind::Verbatim => outer.copy_range(segment.source, &mut result),
                SegmentKind::Decoded => {
                    result.push_decoded(text, outer.source(segment.source.range()).span());
                }
                SegmentKind::Removed => {
                    result.push_removed(outer.source(segment.source.range()).span());
                }
            }
        }
        result
    }

    /// Appends the decoded bytes `range` of `self` to `result`, segment by segment.
    fn copy_range(&self, range: Span, result: &mut MappedText) {
        let first = self.segments.partition_point(|s| s.start + s.len <= range.start);
        for segment in &self.segments[first..] {
            if segment.start >= range.end {
                break;
            }
            let from = segment.start.max(range.start);
            let to = (segment.start + segment.len).min(range.end);
            let text = &self.text[from as usize..to as usize];
            match segment.kind {
                SegmentKind::Verbatim => {
                    result.push_verbatim(text, segment.source.start + (from - segment.start));
                }
                SegmentKind::Decoded => result.push_decoded(text, segment.source),
                SegmentKind::Removed => result.push_removed(segment.source),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab\<newline>cd` as a Dockerfile decodes it.
    fn continued() -> MappedText {
        let mut text = MappedText::verbatim("ab", 10);
        text.push_removed(Span::new(12, 14));
        text.push_verbatim("cd", 14);
        text
    }

    #[test]
    fn a_word_on_one_line_is_exact_and_one_across_lines_is_not() {
        let text = continued();
        assert_eq!(text.text(), "abcd");
        assert_eq!(text.source(0..2), SourceRange::Exact(Span::new(10, 12)));
        assert_eq!(text.source(2..3), SourceRange::Exact(Span::new(14, 15)));
        assert_eq!(text.source(1..3), SourceRange::Composite(Span::new(11, 15)));
    }

    #[test]
    fn mappings_compose() {
        let outer = continued();
        let mut inner = MappedText::verbatim("a", 0);
        inner.push_decoded("\n", Span::new(1, 3));
        inner.push_verbatim("d", 3);
        let both = inner.through(&outer);
        assert_eq!(both.text(), "a\nd");
        assert_eq!(both.source(0..1), SourceRange::Exact(Span::new(10, 11)));
        assert_eq!(both.source(1..2), SourceRange::Composite(Span::new(11, 15)));
        assert_eq!(both.source(2..3), SourceRange::Exact(Span::new(15, 16)));
    }

    #[test]
    fn invalid_bytes_keep_their_place() {
        let mut text = MappedText::new();
        text.push_bytes(b"a\xFFb", 5);
        assert_eq!(text.text(), "a\u{FFFD}b");
        assert_eq!(text.source(4..5), SourceRange::Exact(Span::new(7, 8)));
    }
}
