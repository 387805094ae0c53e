//! From a fix as a rule writes it to edits.

use barehull_syntax::dockerfile::Pair;
use barehull_syntax::{Location, MappedText, Span};

use super::schema::{Change, FixLevel, Part};
use super::site::{Site, What};
use crate::edit::{Edit, TextHash};
use crate::finding::Level;

impl From<FixLevel> for Level {
    fn from(level: FixLevel) -> Self {
        match level {
            FixLevel::Safe => Self::Safe,
            FixLevel::Review => Self::Review,
            FixLevel::Sketch => Self::Sketch,
        }
    }
}

/// The edits; none where a part does not stand in the file as it is meant (an escape, a continuation).
pub(super) fn edits(change: &Change, site: &Site<'_>, all: &str) -> Option<Vec<Edit>> {
    let source = site.model.dockerfile.source();
    let fill = |template| site.fill(template, all);
    let newline = line_end(source);
    let (span, text) = match change {
        Change::Replace(Part::Keyword, with) => {
            let span = site.instruction.keyword_span;
            let is_lower = !span.slice(source).iter().any(u8::is_ascii_uppercase);
            (span, if is_lower { fill(with).to_lowercase() } else { fill(with) })
        }
        Change::Replace(part, with) => (span_of(*part, site)?, fill(with)),
        Change::Delete(Part::Instruction) => (lines_of(source, site.instruction.span)?, String::new()),
        Change::Delete(part) => (with_blanks_before(source, span_of(*part, site)?), String::new()),
        Change::InsertBefore(Part::Instruction, with) => {
            (Span::at(lines_of(source, site.instruction.span)?.start), fill(with) + newline)
        }
        Change::InsertAfter(Part::Instruction, with) => {
            let lines = lines_of(source, site.instruction.span)?;
            let is_open = !lines.slice(source).ends_with(b"\n");
            let text = fill(with);
            (Span::at(lines.end), if is_open { format!("{newline}{text}") } else { text + newline })
        }
        Change::InsertBefore(part, with) => (Span::at(span_of(*part, site)?.start), fill(with)),
        Change::InsertAfter(part, with) => (Span::at(span_of(*part, site)?.end), fill(with)),
    };
    Some(vec![replace(site.model, span, text)])
}

/// An edit of the Dockerfile.
pub(crate) fn replace(model: &crate::model::Model, span: Span, text: String) -> Edit {
    let of = TextHash::of(model.dockerfile.source());
    Edit::Replace { location: Location::new(model.file, span), text, of }
}

fn span_of(part: Part, site: &Site<'_>) -> Option<Span> {
    let argument = |arg: &crate::model::Argument| arg.exact.then_some(arg.at.span);
    match part {
        Part::Instruction => Some(site.instruction.span),
        Part::Keyword => Some(site.instruction.keyword_span),
        Part::Text => {
            let text = &site.instruction.rest;
            let start = text.text().len() - text.text().trim_start().len();
            text.source(start..text.text().trim_end().len()).exact()
        }
        Part::Command => site.command()?.name_at.map(|at| at.span),
        Part::Subcommand => argument(site.subcommand()?),
        Part::Arg => argument(site.caught_argument()?),
        Part::Value => match site.what {
            What::Pair(pair) => {
                let value = pair.value.as_ref()?;
                value.source(0..value.text().len()).exact()
            }
            What::Word(word) => word.source(0..word.text().len()).exact(),
            _ => None,
        },
        Part::Assigned => match site.what {
            What::Pair(pair) => assigned(pair),
            _ => None,
        },
    }
}

/// From the end of the name to that of the value, where quotes around the value change nothing in it.
fn assigned(pair: &Pair) -> Option<Span> {
    let (name, value) = (&pair.name, pair.value.as_ref()?);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:;@%+,~=${}() ".contains(c);
    let is_meant = pair.legacy && !value.text().is_empty() && value.text().chars().all(is_plain);
    let span = |text: &MappedText| text.source(0..text.text().len()).exact();
    is_meant.then_some(Span::new(span(name)?.end, span(value)?.end))
}

/// The whole lines of an instruction, with their line breaks.
fn lines_of(source: &[u8], span: Span) -> Option<Span> {
    let before = &source[..span.start as usize];
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let only_blanks = before[start..].iter().all(|b| matches!(b, b' ' | b'\t'));
    let behind = &source[span.end as usize..];
    let end = behind.iter().position(|b| *b == b'\n').map_or(behind.len(), |at| at + 1);
    only_blanks.then(|| Span::new(start as u32, span.end + end as u32))
}

/// The line break that the file uses.
fn line_end(source: &[u8]) -> &'static str {
    let first = source.iter().position(|b| *b == b'\n').unwrap_or(0);
    if first > 0 && source[first - 1] == b'\r' { "\r\n" } else { "\n" }
}

fn with_blanks_before(source: &[u8], span: Span) -> Span {
    let blanks = source[..span.start as usize].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    Span::new(span.start - blanks as u32, span.end)
}
