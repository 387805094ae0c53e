//! Heredocs: marks in the instruction's text, bodies in the lines below.

use std::ops::Range;

use super::arguments::Fault;
use super::instruction::Heredoc;
use super::lines::{self, Logical};
use super::word::{self, ExpandError};
use crate::{LineIndex, MappedText, Span};

/// How often the end of a heredoc is looked for in vain before further ones are taken as unterminated:
/// BuildKit stops at the first, and each search reads the rest of the file.
const MAX_UNTERMINATED: u32 = 16;

/// An opening mark.
struct Mark {
    name: String,
    chomp: bool,
    expand: bool,
    /// From `<<` to the end of the name, in the logical line.
    range: Range<usize>,
}

/// Reads the bodies that stand below instructions.
pub(super) struct Bodies<'a> {
    pub(super) source: &'a [u8],
    pub(super) index: &'a LineIndex,
    unterminated: u32,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(source: &'a [u8], index: &'a LineIndex) -> Self {
        Self { source, index, unterminated: 0 }
    }

    /// Reads the heredocs that `logical` opens; their bodies start at the 1-based line `next`, which is
    /// moved behind them. With a fault, the heredocs in front of it.
    pub(super) fn read(&mut self, logical: &Logical, next: &mut u32) -> (Vec<Heredoc>, Option<Fault>) {
        let mut heredocs = Vec::new();
        let marks = match marks(logical.bytes) {
            Ok(marks) => marks,
            Err((range, error)) => {
                return (heredocs, Some(Fault::new(range, error.to_string())));
            }
        };
        for mark in marks {
            let Some(end) = self.find_end(&mark, *next) else {
                let help = format!("end it with a line that consists of {:?} alone", mark.name);
                let fault = Fault::new(mark.range, "unterminated heredoc").with_help(help);
                return (heredocs, Some(fault));
            };
            let lines = Span::new(self.index.line_start(*next), self.index.line_start(end));
            heredocs.push(Heredoc {
                mark: logical.span(mark.range.start, mark.range.end),
                body: body(self.source, lines, mark.chomp),
                lines,
                name: mark.name,
                chomp: mark.chomp,
                expand: mark.expand,
                end: lines::content(self.source, self.index, end),
            });
            *next = end + 1;
        }
        (heredocs, None)
    }

    /// The 1-based line that ends the heredoc.
    fn find_end(&mut self, mark: &Mark, first: u32) -> Option<u32> {
        if self.unterminated >= MAX_UNTERMINATED {
            return None;
        }
        let name = mark.name.as_bytes();
        for line in first..=lines::count(self.index) {
            if lines::is_too_long(self.source, self.index, line) {
                break;
            }
            let mut content = lines::content(self.source, self.index, line).slice(self.source);
            while mark.chomp && content.first() == Some(&b'\t') {
                content = &content[1..];
            }
            if content == name {
                return Some(line);
            }
        }
        self.unterminated += 1;
        None
    }
}

/// The body's text; `chomp` cuts the tabs at the start of each line.
fn body(source: &[u8], lines: Span, chomp: bool) -> MappedText {
    let bytes = lines.slice(source);
    let mut text = MappedText::new();
    if chomp {
        let mut at = lines.start;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let tabs = line.iter().take_while(|b| **b == b'\t').count();
            text.push_removed(Span::new(at, at + tabs as u32));
            text.push_bytes(&line[tabs..], at + tabs as u32);
            at += line.len() as u32;
        }
    } else {
        text.push_bytes(bytes, lines.start);
    }
    if text.is_empty() { MappedText::empty_at(lines.start) } else { text }
}

/// The marks in `line`, the whole logical line. A line that does not lex has none.
fn marks(line: &[u8]) -> Result<Vec<Mark>, (Range<usize>, ExpandError)> {
    // BuildKit lexes with a backslash here, whatever the escape directive says.
    let words = word::split(line, '\\', true, true).unwrap_or_default();
    let mut marks = Vec::new();
    for word in words {
        let range = word.range.clone();
        marks.extend(mark(&word.text, range.clone()).map_err(|error| (range, error))?);
    }
    Ok(marks)
}

/// Reads a word like `3<<-"EOF"` that stands at `range`.
fn mark(word: &str, range: Range<usize>) -> Result<Option<Mark>, ExpandError> {
    let Some((chomp, name, digits)) = parts(word) else { return Ok(None) };
    let plain = word::split(name.as_bytes(), '\\', false, false)?;
    let [plain] = plain.as_slice() else { return Ok(None) };
    let quoted = word::split(name.as_bytes(), '\\', true, false)?;
    let [quoted] = quoted.as_slice() else { return Ok(None) };
    Ok(Some(Mark {
        name: plain.text.clone(),
        chomp,
        expand: quotes(&plain.text) == quotes(&quoted.text),
        range: range.start + digits..range.end,
    }))
}

/// `<<` or `<<-`, the name with its quotes, and the number of digits in front.
fn parts(word: &str) -> Option<(bool, &str, usize)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - rest.len();
    let rest = rest.strip_prefix("<<")?;
    let dashless = rest.strip_prefix('-');
    let name = dashless.unwrap_or(rest).trim_start_matches(['\t', '\n', '\u{C}', '\r', ' ']);
    (!name.is_empty() && !name.contains('<')).then_some((dashless.is_some(), name, digits))
}

fn quotes(text: &str) -> usize {
    text.bytes().filter(|b| matches!(b, b'\'' | b'"')).count()
}

/// The name of the heredoc that COPY and ADD take the argument `word` for.
pub(super) fn mark_name(word: &str) -> Option<String> {
    if !word.contains("<<") {
        return None;
    }
    mark(word, 0..word.len()).ok().flatten().map(|mark| mark.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(String, bool, bool, &str)> {
        let marks = marks(line.as_bytes()).unwrap_or_default();
        marks.into_iter().map(|m| (m.name, m.chomp, m.expand, &line[m.range])).collect()
    }

    #[test]
    fn marks_of_all_kinds() {
        let eof = |chomp, expand, mark| vec![("EOF".to_owned(), chomp, expand, mark)];
        assert_eq!(found("RUN <<EOF"), eof(false, true, "<<EOF"));
        assert_eq!(found("RUN 3<<-'EOF' cat"), eof(true, false, "<<-'EOF'"));
        assert_eq!(found("RUN << \"E\"OF"), eof(false, false, "<< \"E\"OF"));
        assert_eq!(found("COPY <<a <<b /x/").len(), 2);
    }

    #[test]
    fn what_looks_like_a_mark_and_is_none() {
        for line in
            ["RUN cat<<EOF", "RUN a <<<EOF", "RUN echo '<<EOF'", "RUN <<- EOF", "RUN <<", "RUN it's <<EOF"]
        {
            assert_eq!(found(line), [], "{line}");
        }
        assert_eq!(found("RUN echo ${x!} <<EOF"), [], "BuildKit ignores the marks of a line it cannot lex");
    }
}
