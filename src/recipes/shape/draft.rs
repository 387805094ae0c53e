//! Edits to one Dockerfile while a rewrite is being drawn up.

use barehull_syntax::Span;
use barehull_syntax::dockerfile::Instruction;

use super::style::Style;
use crate::edit::{Edit, TextHash};
use crate::model::Model;

/// The edits so far, and how to make more in the file's own style.
pub(super) struct Draft<'a> {
    pub(super) model: &'a Model,
    pub(super) style: Style,
    hash: TextHash,
    edits: Vec<(Span, String)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let source = model.dockerfile.source();
        let style = Style::of(&model.dockerfile);
        Self { model, style, hash: TextHash::of(source), edits: Vec::new() }
    }

    /// Puts `text` in the place of `span`; `\n` in it becomes the file's line break.
    pub(super) fn replace(&mut self, span: Span, text: &str) {
        let text =
            if self.style.newline == "\n" { text.to_owned() } else { text.replace('\n', self.style.newline) };
        self.edits.push((span, text));
    }

    /// The instruction's text as it stands, line breaks as `\n`.
    pub(super) fn text(&self, span: Span) -> String {
        String::from_utf8_lossy(span.slice(self.model.dockerfile.source())).replace("\r\n", "\n")
    }

    /// The instruction with the comment lines that stand directly above it.
    pub(super) fn with_comments(&self, instruction: &Instruction) -> Span {
        let comments = self.model.dockerfile.leading_comments(instruction);
        comments.map_or(instruction.span, |c| c.cover(instruction.span))
    }

    /// Deletes an instruction, its comments and its line break; of two blank lines that then meet, one.
    pub(super) fn delete(&mut self, instruction: &Instruction) {
        let span = self.whole_lines(self.with_comments(instruction));
        self.replace(span, "");
    }

    /// `span` from the start of its first line to behind the line break of its last.
    fn whole_lines(&self, span: Span) -> Span {
        let lines = self.model.dockerfile.line_index();
        let start = lines.line_start(lines.line(span.start));
        Span::new(start, lines.line_start(lines.line(span.end) + 1))
    }

    /// Whole lines that go, with the blank line behind them where one stands in front of them, too.
    fn without_double_blank(&self, span: Span) -> Span {
        let source = self.model.dockerfile.source();
        let lines = self.model.dockerfile.line_index();
        let blank_at = |line: u32| {
            line >= 1
                && line < lines.lines()
                && lines.line_span(source, line).is_some_and(|l| l.slice(source).trim_ascii().is_empty())
        };
        let (first, next) = (lines.line(span.start), lines.line(span.end));
        let is_whole = lines.line_start(first) == span.start && lines.line_start(next) == span.end;
        if is_whole && !span.is_empty() && (first == 1 || blank_at(first - 1)) && blank_at(next) {
            return Span::new(span.start, lines.line_start(next + 1));
        }
        span
    }

    /// The place behind the line break of the instruction's last line, and whether that line has one.
    pub(super) fn behind(&self, instruction: &Instruction) -> (u32, bool) {
        let lines = self.model.dockerfile.line_index();
        let source = self.model.dockerfile.source();
        let end = lines.line_start(lines.line(instruction.span.end) + 1);
        (end, end > 0 && source.get(end as usize - 1) == Some(&b'\n'))
    }

    /// Inserts whole lines (each ends in `\n`) behind `instruction`.
    pub(super) fn insert_behind(&mut self, instruction: &Instruction, lines: &str) {
        let (at, broken) = self.behind(instruction);
        if let Some(span) = self.open_continuation(instruction, at) {
            self.replace(span, "");
        }
        let text = if broken { lines.to_owned() } else { format!("\n{}", lines.trim_end_matches('\n')) };
        self.replace(Span::at(at), &text);
    }

    /// The escape character at the end of a file's last instruction, which continues it over nothing: what follows
    /// it would become part of the instruction.
    fn open_continuation(&self, instruction: &Instruction, end: u32) -> Option<Span> {
        let start = instruction.span.start;
        let text = self.model.dockerfile.source().get(start as usize..end as usize)?.trim_ascii_end();
        let before = text.strip_suffix(&[self.model.dockerfile.escape()])?.trim_ascii_end();
        Some(Span::new(start + before.len() as u32, start + text.len() as u32))
    }

    /// The edits, in order; insertions at one place are joined in the order they were made, and an
    /// insertion right where a deletion starts or ends becomes part of it.
    pub(super) fn finish(mut self) -> Vec<Edit> {
        self.edits.sort_by_key(|(span, _)| (span.start, span.end));
        let mut merged: Vec<(Span, String)> = Vec::new();
        for (span, text) in std::mem::take(&mut self.edits) {
            match merged.last_mut() {
                Some((last, before))
                    if last.end == span.start || (span.is_empty() && span.start < last.end) =>
                {
                    *last = last.cover(span);
                    before.push_str(&text);
                }
                _ => merged.push((span, text)),
            }
        }
        let file = self.model.file;
        let lines = |(span, text): (Span, String)| {
            let span = if text.is_empty() { self.without_double_blank(span) } else { span };
            (span, text)
        };
        let merged: Vec<_> = merged.into_iter().map(lines).collect();
        merged
            .into_iter()
            .map(|(span, text)| Edit::Replace {
                location: barehull_syntax::Location::new(file, span),
                text,
                of: self.hash,
            })
            .collect()
    }
}
