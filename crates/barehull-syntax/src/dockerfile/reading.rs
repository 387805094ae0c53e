//! What was read, in the terms of BuildKit's own parser: for comparing parsers, and for other tools.

use std::borrow::Cow;

use serde::Serialize;

use super::instruction::{Arguments, Flag, Instruction, Keyword, Pair, Problem, ProblemKind};
use super::lines::Joiner;
use super::{Dockerfile, lines, runes};
use crate::LineIndex;

/// A Dockerfile as BuildKit reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Whether BuildKit's parser and its reader of instructions accept the whole file.
    pub accepted: bool,
    /// What BuildKit says if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The escape character in force.
    pub escape: char,
    /// Number of build stages; 0 if the file is not accepted.
    pub stages: usize,
    /// The instructions, also of a file that is not accepted.
    pub instructions: Vec<InstructionReading>,
}

/// One instruction as BuildKit splits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstructionReading {
    /// The keyword in upper case, known or not.
    pub keyword: String,
    /// 1-based.
    pub first_line: u32,
    /// 1-based; heredocs included.
    pub last_line: u32,
    /// The flags, quotes and escapes undone.
    pub flags: Vec<String>,
    /// The arguments. ENV and LABEL: name, value and `=` (empty in the legacy form) of each pair. ONBUILD:
    /// the keyword it defers, then that one's arguments.
    pub args: Vec<String>,
    /// Whether the arguments, or those of the deferred instruction, are in JSON form.
    pub json: bool,
    /// The heredocs.
    pub heredocs: Vec<HeredocReading>,
}

/// One heredoc as BuildKit reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeredocReading {
    /// The delimiter without quotes.
    pub name: String,
    /// Whether it was opened with `<<-`.
    pub chomp: bool,
    /// Whether variables are expanded.
    pub expand: bool,
    /// The body as it stands in the file: tabs are not cut.
    pub content: String,
}

impl Dockerfile {
    /// What was read, in BuildKit's terms.
    pub fn reading(&self) -> Reading {
        let error = self.problems.first().map(error);
        let accepted = error.is_none();
        let from = self.instructions.iter().filter(|i| i.keyword == Keyword::From).count();
        Reading {
            accepted,
            error,
            escape: char::from(self.escape),
            stages: if accepted { from } else { 0 },
            instructions: self.instructions.iter().map(|i| self.instruction_reading(i)).collect(),
        }
    }

    /// The keyword of `instruction` as written, continuations inside it undone.
    pub fn keyword_text(&self, instruction: &Instruction) -> Cow<'_, str> {
        if let Some(unknown) = &instruction.unknown {
            return Cow::Owned(unknown.text().to_owned());
        }
        let bytes = instruction.keyword_span.slice(&self.source);
        if memchr::memchr(b'\n', bytes).is_none() {
            return runes::lossy(bytes);
        }
        let index = LineIndex::new(bytes);
        let first = lines::content(bytes, &index, 1);
        let mut joiner = Joiner::default();
        let (line, _) = joiner.join(bytes, &index, first, 1, self.escape);
        Cow::Owned(runes::lossy(line.bytes).into_owned())
    }

    fn instruction_reading(&self, instruction: &Instruction) -> InstructionReading {
        InstructionReading {
            keyword: runes::upper(&self.keyword_text(instruction)),
            first_line: instruction.first_line,
            last_line: instruction.last_line,
            flags: instruction.flags.iter().map(flag).collect(),
            args: self.args(instruction),
            json: is_json(instruction) || instruction.deferred.as_deref().is_some_and(is_json),
            heredocs: instruction
                .heredocs
                .iter()
                .map(|heredoc| HeredocReading {
                    name: heredoc.name.clone(),
                    chomp: heredoc.chomp,
                    expand: heredoc.expand,
                    content: runes::lossy(heredoc.lines.slice(&self.source)).into_owned(),
                })
                .collect(),
        }
    }

    fn args(&self, instruction: &Instruction) -> Vec<String> {
        let mut args = Vec::new();
        match instruction.keyword {
            Keyword::Healthcheck => {
                args.extend(instruction.health_type.iter().map(|text| text.text().to_owned()));
            }
            Keyword::Unknown => args.push(String::new()),
            _ => {}
        }
        match &instruction.args {
            Arguments::Shell(text) if text.is_empty() => {}
            Arguments::Shell(text) => args.push(text.text().to_owned()),
            Arguments::Json { items: texts, .. } | Arguments::Words(texts) => {
                args.extend(texts.iter().map(|text| text.text().to_owned()));
            }
            Arguments::Pairs(pairs) => args.extend(pairs.iter().flat_map(pair)),
        }
        if let Some(deferred) = &instruction.deferred {
            args.push(self.keyword_text(deferred).into_owned());
            args.extend(self.args(deferred));
        }
        args
    }
}

fn error(problem: &Problem) -> String {
    match problem.kind {
        ProblemKind::Reader => {
            format!("dockerfile parse error on line {}: {}", problem.line, problem.message)
        }
        ProblemKind::Parser | ProblemKind::NoStage => problem.message.clone(),
    }
}

fn is_json(instruction: &Instruction) -> bool {
    matches!(instruction.args, Arguments::Json { .. })
}

fn flag(flag: &Flag) -> String {
    match &flag.value {
        Some(value) => format!("--{}={}", flag.name.text(), value.text()),
        None => format!("--{}", flag.name.text()),
    }
}

fn pair(pair: &Pair) -> [String; 3] {
    let value = pair.value.as_ref().map_or("", |value| value.text());
    let delimiter = if pair.legacy { "" } else { "=" };
    [pair.name.text(), value, delimiter].map(str::to_owned)
}
