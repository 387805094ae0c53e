//! The one place that turns byte offsets into lines and columns.

use crate::Span;

/// A place as people count: both **1-based**; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct LineColumn {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in Unicode scalar values (a byte of invalid UTF-8 counts as one).
    pub column: u32,
}

/// Start offsets of the lines of one text. Lines end at `\n`; a `\r` before it belongs to the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Indexes `source`.
    pub fn new(source: &[u8]) -> Self {
        let mut starts = Vec::with_capacity(source.len() / 24 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', source).map(|at| at as u32 + 1));
        Self { starts, len: source.len() as u32 }
    }

    /// The 1-based line that holds byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// Line and column of byte `offset` of `source`, the text this index was made for.
    pub fn line_column(&self, source: &[u8], offset: u32) -> LineColumn {
        let offset = offset.min(self.len);
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let before = Span::new(start, offset.max(start)).slice(source);
        let width = |chunk: std::str::Utf8Chunk| chunk.valid().chars().count() + chunk.invalid().len();
        let column = before.utf8_chunks().map(width).sum::<usize>() as u32 + 1;
        LineColumn { line, column }
    }

    /// The bytes of 1-based `line` without its line break, or nothing where there is no such line.
    pub fn line_span(&self, source: &[u8], line: u32) -> Option<Span> {
        let start = *self.starts.get((line as usize).checked_sub(1)?)?;
        let mut end = self.starts.get(line as usize).copied().unwrap_or(self.len);
        while end > start && matches!(source.get(end as usize - 1), Some(b'\n' | b'\r')) {
            end -= 1;
        }
        Some(Span::new(start, end))
    }

    /// The bytes of 1-based `line` with its line break; empty behind the last line.
    pub fn full_line(&self, line: u32) -> Span {
        Span::new(self.line_start(line), self.line_start(line.saturating_add(1)))
    }

    /// Offset of the first byte of 1-based `line`; the end of the text behind the last line.
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get((line as usize).saturating_sub(1)).copied().unwrap_or(self.len)
    }

    /// Number of lines; a text that ends in a line break has an empty last one.
    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_scalars_and_lines_start_at_one() {
        let text = "a\né€x\r\n".as_bytes();
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, 0), LineColumn { line: 1, column: 1 });
        assert_eq!(index.line_column(text, 7), LineColumn { line: 2, column: 3 });
        assert_eq!(index.line_span(text, 2), Some(Span::new(2, 8)));
        assert_eq!(index.lines(), 3);
    }

    #[test]
    fn offsets_past_the_end_are_the_end() {
        let index = LineIndex::new(b"ab");
        assert_eq!(index.line_column(b"ab", 99), LineColumn { line: 1, column: 3 });
    }
}
