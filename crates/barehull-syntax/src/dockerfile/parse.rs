//! Bytes to instructions: the loop over the lines of the file.

use std::ops::Range;

use super::arguments::{self, Fault};
use super::directives::{self, Directive, DirectiveName};
use super::head::{self, Head};
use super::heredoc::Bodies;
use super::instruction::{Arguments, Instruction, Keyword, Problem, ProblemKind};
use super::lines::{self, Joiner, Logical};
use super::runes;
use crate::{LineIndex, Span};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Neither parser nor reader lists more problems than this: the file is no Dockerfile.
pub(super) const MAX_PROBLEMS: usize = 1000;

/// What the parser read.
pub(super) struct Parsed {
    pub(super) escape: u8,
    pub(super) directives: Vec<Directive>,
    pub(super) instructions: Vec<Instruction>,
    /// What BuildKit's parser refuses, in file order.
    pub(super) problems: Vec<Problem>,
    /// The 1-based line of the first instruction with a heredoc that does not end.
    pub(super) open_heredoc: Option<u32>,
}

/// Reads all of `source`.
pub(super) fn parse(source: &[u8], index: &LineIndex) -> Parsed {
    let mut parser = Parser {
        source,
        index,
        bodies: Bodies::new(source, index),
        joiner: Joiner::default(),
        directives_done: false,
        parsed: Parsed {
            escape: b'\\',
            directives: Vec::new(),
            instructions: Vec::new(),
            problems: Vec::new(),
            open_heredoc: None,
        },
    };
    let mut line = 1;
    while line <= lines::count(index) {
        line = parser.line(line);
    }
    let mut parsed = parser.parsed;
    if parsed.instructions.is_empty() && parsed.problems.is_empty() {
        parsed.problems.push(Problem {
            kind: ProblemKind::Parser,
            span: Span::at(0),
            line: 1,
            message: "file with no instructions".to_owned(),
            help: Some("start with FROM and the name of a base image".to_owned()),
        });
    }
    parsed
}

/// Bytes of a byte-order mark at the start of the file.
pub(super) fn bom_len(source: &[u8]) -> u32 {
    if source.starts_with(BOM) { BOM.len() as u32 } else { 0 }
}

/// The line's text without byte-order mark, indentation and line break.
pub(super) fn unindented(source: &[u8], index: &LineIndex, line: u32) -> Span {
    let mut span = lines::content(source, index, line);
    if line == 1 {
        span.start += bom_len(source).min(span.len());
    }
    span.start += runes::leading_space(span.slice(source)) as u32;
    span
}

struct Parser<'a> {
    source: &'a [u8],
    index: &'a LineIndex,
    bodies: Bodies<'a>,
    joiner: Joiner,
    directives_done: bool,
    parsed: Parsed,
}

impl Parser<'_> {
    /// Reads what starts at the 1-based `line`; returns the line behind it.
    fn line(&mut self, line: u32) -> u32 {
        let span = unindented(self.source, self.index, line);
        if lines::is_too_long(self.source, self.index, line) {
            let message = format!("dockerfile line greater than max allowed size of {}", lines::MAX_LINE - 1);
            let help = Some("break it with continuations".to_owned());
            self.problem(self.index.full_line(line), line, message, help);
            self.directives_done = true;
            return line + 1;
        }
        let content = span.slice(self.source);
        match content.first() {
            Some(b'#') if !self.directives_done => self.directive(span, line),
            Some(b'#') => {}
            None => self.directives_done = true,
            Some(_) => {
                self.directives_done = true;
                return self.instruction(span, line);
            }
        }
        line + 1
    }

    fn directive(&mut self, span: Span, line: u32) {
        let Some(directive) = directives::read(span.slice(self.source), span.start) else {
            self.directives_done = true;
            return;
        };
        if self.parsed.directives.iter().any(|seen| seen.name == directive.name) {
            let message = format!("only one {} parser directive can be used", directive.name.as_str());
            self.problem(span, line, message, None);
            return;
        }
        if directive.name == DirectiveName::Escape {
            match directive.value.text() {
                "\\" => self.parsed.escape = b'\\',
                "`" => self.parsed.escape = b'`',
                other => {
                    let message = format!("invalid escape token '{other}' does not match ` or \\");
                    self.problem(directive.value.span(), line, message, None);
                }
            }
        }
        self.parsed.directives.push(directive);
    }

    fn instruction(&mut self, first: Span, line: u32) -> u32 {
        let escape = self.parsed.escape;
        let mut joiner = std::mem::take(&mut self.joiner);
        let (logical, mut next) = joiner.join(self.source, self.index, first, line, escape);
        let (mut instruction, mut fault) = read_instruction(&logical, escape);
        if fault.is_none() && can_open_heredocs(&instruction) && has_marks(logical.bytes) {
            (instruction.heredocs, fault) = self.bodies.read(&logical, &mut next);
            if fault.is_some() {
                self.parsed.open_heredoc.get_or_insert(line);
            }
            if let Some(deferred) = &mut instruction.deferred {
                deferred.heredocs.clone_from(&instruction.heredocs);
            }
        }
        let end = lines::content(self.source, self.index, next - 1).end.max(first.start);
        instruction.place(Span::new(first.start, end), line, next - 1);
        if let Some(fault) = fault {
            let span = logical.span(fault.range.start, fault.range.end);
            self.problem(span, line, fault.message, fault.help);
        }
        self.parsed.instructions.push(instruction);
        self.joiner = joiner;
        next
    }

    fn problem(&mut self, span: Span, line: u32, message: String, help: Option<String>) {
        if self.parsed.problems.len() < MAX_PROBLEMS {
            self.parsed.problems.push(Problem { kind: ProblemKind::Parser, span, line, message, help });
        }
    }
}

impl Instruction {
    /// Sets the lines, and the end of the span, of the instruction and of the one it defers.
    fn place(&mut self, span: Span, first_line: u32, last_line: u32) {
        self.span = span;
        self.first_line = first_line;
        self.last_line = last_line;
        if let Some(deferred) = &mut self.deferred {
            let start = deferred.keyword_span.start;
            deferred.place(Span::new(start, span.end.max(start)), first_line, last_line);
        }
    }
}

fn has_marks(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"<<").is_some()
}

fn can_open_heredocs(instruction: &Instruction) -> bool {
    let inner = match instruction.keyword {
        Keyword::Onbuild => instruction.deferred.as_deref(),
        _ => Some(instruction),
    };
    inner.is_some_and(|inner| {
        matches!(inner.keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
            && !matches!(inner.args, Arguments::Json { .. })
    })
}

/// Reads a logical line; lines and heredocs are not set yet.
fn read_instruction(line: &Logical, escape: u8) -> (Instruction, Option<Fault>) {
    let head = head::read(line, 0..line.bytes.len(), escape);
    let rest = head.rest.clone();
    let is_onbuild = head.keyword == Keyword::Onbuild;
    let (mut instruction, mut fault) = build(line, head, escape);
    if is_onbuild && !rest.is_empty() {
        let inner = head::read(line, rest, escape);
        let (keyword, inner_rest) = (inner.keyword, inner.rest.clone());
        let (deferred, inner_fault) = build(line, inner, escape);
        instruction.deferred = Some(Box::new(deferred));
        fault = inner_fault;
        if keyword == Keyword::Onbuild {
            fault = chained_fault(line, inner_rest, escape);
        }
    }
    (instruction, fault)
}

/// What the parser refuses inside `ONBUILD ONBUILD ...`, which the instruction reader refuses anyway.
fn chained_fault(line: &Logical, mut rest: Range<usize>, escape: u8) -> Option<Fault> {
    while !rest.is_empty() {
        let head = head::read(line, rest, escape);
        if head.keyword != Keyword::Onbuild {
            return arguments::read(head.keyword, line, head.rest, escape).1;
        }
        rest = head.rest;
    }
    None
}

fn build(line: &Logical, head: Head, escape: u8) -> (Instruction, Option<Fault>) {
    let rest = line.text(head.rest.start, head.rest.end);
    let boxed = |range: Range<usize>| Some(Box::new(line.text(range.start, range.end)));
    let unknown = if head.keyword == Keyword::Unknown { boxed(head.word.clone()) } else { None };
    let health_type = match head.keyword {
        Keyword::Healthcheck => {
            let (word, _) = arguments::health_parts(line.bytes, head.rest.clone());
            if word.is_empty() { None } else { boxed(word) }
        }
        _ => None,
    };
    let (args, fault) = arguments::read(head.keyword, line, head.rest, escape);
    let instruction = Instruction {
        span: Span::default(),
        first_line: 0,
        last_line: 0,
        keyword: head.keyword,
        keyword_span: line.span(head.word.start, head.word.end),
        unknown,
        health_type,
        flags: head.flags,
        args,
        heredocs: Vec::new(),
        rest,
        deferred: None,
    };
    (instruction, fault)
}
