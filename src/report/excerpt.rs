//! The lines of a file that a finding points at, cut and escaped so that they can be shown.
//!
//! A line may be fifty megabytes long and hold anything; what is shown of it is short and visible, and the
//! marks are moved to where their text went.

use std::ops::Range;

use barehull_syntax::Span;

use super::escape::push_escaped;
use crate::source::SourceFile;

/// Bytes of a line that are shown; of a longer one, the part around its first mark.
const LINE_BYTES: usize = 240;
/// Bytes shown before the first mark of a line that is cut.
const BEFORE_MARK: usize = 40;
/// Lines that a mark covers; of a longer one, only the first line is marked.
const MARK_LINES: u32 = 6;

/// Lines of a file as they are shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text; tabs are kept, other hostile characters are escaped.
    pub text: String,
    /// The 1-based number of its first line.
    pub first_line: u32,
    /// Where in the text each mark went, in the order they were given.
    pub marks: Vec<Range<usize>>,
}

impl Excerpt {
    /// The lines of `file` from the first that one of `marks` touches to the last.
    pub fn new(file: &SourceFile, marks: &[Span]) -> Self {
        let spans: Vec<Span> = marks.iter().map(|mark| trimmed(file, *mark)).collect();
        let first = spans.iter().map(|s| file.lines.line(s.start)).min().unwrap_or(1);
        let last = spans.iter().map(|s| file.lines.line(s.end)).max().unwrap_or(first);
        let mut points: Vec<u32> = spans.iter().flat_map(|s| [s.start, s.end]).collect();
        points.sort_unstable();
        points.dedup();
        let mut writer = Writer { out: String::new(), points: &points, placed: Vec::new() };
        for line in first..=last {
            if let Some(span) = file.lines.line_span(&file.bytes, line) {
                writer.line(&file.bytes, span);
            }
        }
        let placed = writer.finish();
        let place = |offset| points.binary_search(&offset).map_or(0, |at| placed[at]);
        let marks = spans.iter().map(|s| place(s.start)..place(s.end)).collect();
        Self { text: writer.out, first_line: first, marks }
    }

    /// The 1-based column at which the mark `at` starts in what is shown.
    pub fn column(&self, at: usize) -> usize {
        let before = &self.text[..self.marks[at].start];
        before[before.rfind('\n').map_or(0, |line_break| line_break + 1)..].chars().count() + 1
    }
}

/// The mark without the line break at its end; only its first line if it covers many.
fn trimmed(file: &SourceFile, mark: Span) -> Span {
    let len = file.bytes.len() as u32;
    let (start, mut end) = (mark.start.min(len), mark.end.min(len));
    while end > start && matches!(file.bytes[end as usize - 1], b'\n' | b'\r') {
        end -= 1;
    }
    let first = file.lines.line(start);
    if file.lines.line(end) - first >= MARK_LINES
        && let Some(line) = file.lines.line_span(&file.bytes, first)
    {
        end = line.end.max(start);
    }
    Span::new(start, end)
}

struct Writer<'a> {
    out: String,
    /// Offsets in the file, sorted.
    points: &'a [u32],
    /// Where in `out` the first of them went.
    placed: Vec<usize>,
}

impl Writer<'_> {
    fn line(&mut self, bytes: &[u8], line: Span) {
        let shown = self.shown(bytes, line);
        self.place_up_to(line.start);
        if shown.start > line.start {
            self.place_up_to(shown.start - 1);
            self.out.push('…');
        }
        let mut offset = shown.start;
        for chunk in shown.slice(bytes).utf8_chunks() {
            for c in chunk.valid().chars() {
                self.place_up_to(offset);
                if c == '\t' {
                    self.out.push(c);
                } else {
                    push_escaped(&mut self.out, c);
                }
                offset += c.len_utf8() as u32;
            }
            if !chunk.invalid().is_empty() {
                self.place_up_to(offset);
                self.out.push('\u{FFFD}');
                offset += chunk.invalid().len() as u32;
            }
        }
        self.place_up_to(shown.end);
        if shown.end < line.end {
            self.out.push('…');
            self.place_up_to(line.end);
        }
        self.out.push('\n');
    }

    /// The part of a line that is shown, from character to character.
    fn shown(&self, bytes: &[u8], line: Span) -> Span {
        if line.len() as usize <= LINE_BYTES {
            return line;
        }
        let next = self.points.get(self.points.partition_point(|p| *p < line.start));
        let mark = next.copied().filter(|p| *p <= line.end).unwrap_or(line.start);
        let start = mark.saturating_sub(BEFORE_MARK as u32).max(line.start);
        let end = (start + LINE_BYTES as u32).min(line.end);
        let whole = |mut at: u32| {
            while at < line.end && bytes[at as usize] & 0xC0 == 0x80 && at < end + 4 {
                at += 1;
            }
            at
        };
        Span::new(whole(start), whole(end))
    }

    /// Places every point up to `offset` at the end of what is written.
    fn place_up_to(&mut self, offset: u32) {
        while self.points.get(self.placed.len()).is_some_and(|p| *p <= offset) {
            self.placed.push(self.out.len());
        }
    }

    /// Places the points that are left, and gives all.
    fn finish(&mut self) -> Vec<usize> {
        self.place_up_to(u32::MAX);
        std::mem::take(&mut self.placed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use barehull_syntax::LineIndex;

    use super::*;
    use crate::project::ProjectPath;

    fn file(text: &[u8]) -> SourceFile {
        let path = ProjectPath::new("Dockerfile").unwrap();
        SourceFile { path, bytes: Arc::from(text), lines: LineIndex::new(text) }
    }

    fn marked(text: &[u8], start: u32, end: u32) -> (Excerpt, String) {
        let excerpt = Excerpt::new(&file(text), &[Span::new(start, end)]);
        let mark = excerpt.text[excerpt.marks[0].clone()].to_owned();
        (excerpt, mark)
    }

    #[test]
    fn marks_follow_their_text() {
        let (excerpt, mark) = marked(b"FROM a\nRUN \x1b[31m\xff x\n", 11, 17);
        assert_eq!(excerpt.text, "RUN \\u{1b}[31m\u{FFFD} x\n");
        assert_eq!((excerpt.first_line, mark.as_str()), (2, "\\u{1b}[31m\u{FFFD}"));
    }

    #[test]
    fn a_mark_over_several_lines_ends_before_the_line_break() {
        let (excerpt, mark) = marked(b"FROM a\nRUN b \\\r\n  c\r\nCMD d\n", 7, 21);
        assert_eq!(excerpt.text, "RUN b \\\n  c\n");
        assert_eq!(mark, "RUN b \\\n  c");
    }

    #[test]
    fn only_the_first_line_of_a_long_mark_is_marked() {
        let text = "RUN a \\\n b \\\n c \\\n d \\\n e \\\n f \\\n g\n";
        assert_eq!(marked(text.as_bytes(), 0, text.len() as u32).1, "RUN a \\");
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let mut text = "é".repeat(5_000).into_bytes();
        text.extend(b"MARK");
        text.extend("é".repeat(5_000).into_bytes());
        let (excerpt, mark) = marked(&text, 10_000, 10_004);
        assert_eq!(mark, "MARK");
        assert!(excerpt.text.starts_with("…é") && excerpt.text.ends_with("é…\n"));
        assert!(excerpt.text.len() < 300);
    }

    #[test]
    fn places_at_the_end_and_behind_it_are_the_end() {
        assert_eq!(marked(b"a", 1, 1).0.marks[0], 1..1);
        assert_eq!(marked(b"", 0, 0).0.marks[0], 0..0);
        assert_eq!(marked(b"a\n", 5, 9).0.first_line, 2);
    }
}
