//! Dockerfile text as instructions.
//!
//! ```
//! use barehull_syntax::dockerfile::{Dockerfile, View};
//!
//! let file = Dockerfile::parse("FROM alpine\nUSER nobody\n".as_bytes());
//! assert!(file.problems().is_empty());
//! let View::User(user) = file.instructions()[1].view() else { panic!("no USER") };
//! assert_eq!(user.text.text(), "nobody");
//! assert_eq!(file.line_index().line(user.text.span().start), 2);
//! ```

mod arguments;
mod check;
mod csv;
mod directives;
mod duration;
mod flags;
mod head;
mod heredoc;
mod instruction;
mod json;
mod lexer;
mod lines;
mod mount;
mod parse;
mod pattern;
mod reading;
mod runes;
mod substitution;
mod suggest;
mod tokens;
mod viewing;
mod views;
mod word;

use std::sync::Arc;

pub use directives::{Directive, DirectiveName};
pub use instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, Pair, Problem, ProblemKind};
pub use mount::{Mount, MountField};
pub use reading::{HeredocReading, InstructionReading, Reading};
pub use tokens::{Token, TokenKind};
pub use views::{
    AddView, ArgView, Command, CopyView, FromView, HealthcheckView, RunView, Source, UserView, View,
};
pub use word::{ExpandError, Expanded, Reference, expand, expand_words, variables};

use crate::{LineIndex, Span};

/// A Dockerfile: its bytes, and everything read from them.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    source: Arc<[u8]>,
    index: LineIndex,
    escape: u8,
    directives: Vec<Directive>,
    instructions: Vec<Instruction>,
    problems: Vec<Problem>,
}

impl Dockerfile {
    /// Reads any bytes. What is wrong with them is in [`Dockerfile::problems`]; the rest is read as far as
    /// that goes. Of input over 4 GiB nothing is read.
    pub fn parse(source: impl Into<Arc<[u8]>>) -> Self {
        let mut source = source.into();
        let is_too_big = u32::try_from(source.len()).is_err();
        if is_too_big {
            source = Arc::default();
        }
        let index = LineIndex::new(&source);
        let mut parsed = parse::parse(&source, &index);
        if is_too_big {
            "file larger than 4 GiB".clone_into(&mut parsed.problems[0].message);
        }
        let refused = check::check(&parsed);
        parsed.problems.extend(refused);
        Self {
            source,
            index,
            escape: parsed.escape,
            directives: parsed.directives,
            instructions: parsed.instructions,
            problems: parsed.problems,
        }
    }

    /// The bytes of the file.
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// The text of the file, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.source).ok()
    }

    /// Lines and columns of offsets in the file.
    pub fn line_index(&self) -> &LineIndex {
        &self.index
    }

    /// The escape character in force: `\` or `` ` ``.
    pub fn escape(&self) -> u8 {
        self.escape
    }

    /// The parser directives at the top of the file.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// The instructions, in file order; those BuildKit refuses too.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// What BuildKit refuses the file for; empty if it accepts the file. The first is what BuildKit says;
    /// the others are what it might say once that is repaired.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The comment lines that stand directly above `instruction`, with their indentation and without the
    /// last line break. Parser directives are none.
    pub fn leading_comments(&self, instruction: &Instruction) -> Option<Span> {
        let before = self.instructions.partition_point(|other| other.span.end <= instruction.span.start);
        let floor = before.checked_sub(1).map_or(0, |last| self.instructions[last].last_line);
        let directives = self.directives.last().map_or(0, |last| self.index.line(last.span.start));
        let is_comment = |line: &u32| {
            let text = parse::unindented(&self.source, &self.index, *line).slice(&self.source);
            text.starts_with(b"#")
        };
        let lines = (floor.max(directives) + 1..instruction.first_line).rev().take_while(is_comment);
        let first = lines.last()?;
        let end = lines::content(&self.source, &self.index, instruction.first_line - 1).end;
        let start = self.index.line_start(first) + if first == 1 { parse::bom_len(&self.source) } else { 0 };
        Some(Span::new(start, end))
    }
}
