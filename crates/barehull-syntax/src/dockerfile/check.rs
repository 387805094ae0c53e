//! What BuildKit's reader of instructions refuses, after its parser has read the whole file.

use super::flags;
use super::heredoc;
use super::instruction::{Arguments, Instruction, Keyword, Problem, ProblemKind};
use super::parse::{MAX_PROBLEMS, Parsed};
use super::runes;
use super::suggest;
use super::viewing::is_as;
use crate::{MappedText, Span};

/// Why an instruction is refused.
pub(super) struct Wrong {
    pub(super) span: Span,
    pub(super) message: String,
}

impl Wrong {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// Checks all instructions of `parsed`. An instruction that the parser
/// refuses already is not refused again; nor is an unknown one behind a heredoc without end, as it may be
/// a line of its body.
pub(super) fn check(parsed: &Parsed) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut has_stage = false;
    for instruction in &parsed.instructions {
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        let line = instruction.first_line;
        let is_body = parsed.open_heredoc.is_some_and(|open| line > open);
        let is_refused = parsed.problems.binary_search_by_key(&line, |problem| problem.line).is_ok();
        let checked = match instruction.keyword {
            _ if is_refused => Ok(()),
            Keyword::Unknown if is_body => Ok(()),
            Keyword::Unknown => Err(unknown(instruction)),
            _ => instruction.check(),
        };
        let needs_stage = !matches!(instruction.keyword, Keyword::Arg | Keyword::From | Keyword::Unknown);
        if let Err(wrong) = checked {
            problems.push(problem(ProblemKind::Reader, instruction, wrong, None));
        } else if needs_stage && !has_stage {
            let wrong = Wrong::new(instruction.keyword_span, "no build stage in current context");
            let help = "start the stage with FROM; only ARG may stand above it";
            problems.push(problem(ProblemKind::NoStage, instruction, wrong, Some(help)));
            // Said once: the instructions below would only repeat it.
            has_stage = true;
        }
        has_stage |= instruction.keyword == Keyword::From;
    }
    problems
}

fn problem(kind: ProblemKind, instruction: &Instruction, wrong: Wrong, help: Option<&str>) -> Problem {
    Problem {
        kind,
        span: wrong.span,
        line: instruction.first_line,
        message: wrong.message,
        help: help.map(str::to_owned),
    }
}

fn unknown(instruction: &Instruction) -> Wrong {
    let word = instruction.unknown.as_ref().map_or("", |word| word.text());
    let hint = suggest::hint(suggest::instruction(word).as_deref());
    Wrong::new(instruction.keyword_span, format!("unknown instruction: {word}{hint}"))
}

impl Instruction {
    /// Refuses what BuildKit refuses, in the same order.
    fn check(&self) -> Result<(), Wrong> {
        match self.keyword {
            Keyword::Add | Keyword::Copy => self.check_copy(),
            Keyword::Arg => self.check_arg(),
            Keyword::Cmd | Keyword::Entrypoint => flags::check(self),
            Keyword::Env | Keyword::Label => self.check_pairs(),
            Keyword::Expose => self.at_least_one().and_then(|()| flags::check(self)),
            Keyword::From => self.check_from(),
            Keyword::Healthcheck => self.check_healthcheck(),
            Keyword::Maintainer | Keyword::User | Keyword::Workdir => {
                self.exactly_one().and_then(|()| flags::check(self))
            }
            Keyword::Onbuild => self.check_onbuild(),
            Keyword::Run => flags::check(self).and_then(|()| flags::check_run(self)),
            Keyword::Shell => self.check_shell(),
            // BuildKit does not look at the flags of STOPSIGNAL and ARG.
            Keyword::Stopsignal => self.exactly_one(),
            Keyword::Volume => self.check_volume(),
            Keyword::Unknown => Ok(()),
        }
    }

    /// Refuses the instruction as a whole.
    fn wrong(&self, what: &str) -> Result<(), Wrong> {
        Err(Wrong::new(self.keyword_span, format!("{} {what}", self.keyword.name())))
    }

    fn at_least_one(&self) -> Result<(), Wrong> {
        if self.rest.is_empty() || self.no_args() {
            return self.wrong("requires at least one argument");
        }
        Ok(())
    }

    fn exactly_one(&self) -> Result<(), Wrong> {
        if self.rest.is_empty() { self.wrong("requires exactly one argument") } else { Ok(()) }
    }

    fn no_args(&self) -> bool {
        match &self.args {
            Arguments::Shell(text) => text.is_empty(),
            Arguments::Json { items, .. } | Arguments::Words(items) => items.is_empty(),
            Arguments::Pairs(pairs) => pairs.is_empty(),
        }
    }

    fn words(&self) -> &[MappedText] {
        match &self.args {
            Arguments::Json { items, .. } | Arguments::Words(items) => items,
            Arguments::Shell(_) | Arguments::Pairs(_) => &[],
        }
    }

    fn check_copy(&self) -> Result<(), Wrong> {
        let [_, .., dest] = self.words() else {
            return self.wrong(
                "requires at least two arguments, but only one was provided. \
                 Destination could not be determined",
            );
        };
        flags::check(self)?;
        if heredoc::mark_name(dest.text()).is_some() {
            let message = format!("{} cannot accept a heredoc as a destination", self.keyword.name());
            return Err(Wrong::new(dest.span(), message));
        }
        Ok(())
    }

    fn check_arg(&self) -> Result<(), Wrong> {
        self.at_least_one()?;
        match self.words().iter().find(|word| word.text().starts_with('=')) {
            Some(word) => Err(Wrong::new(word.span(), "ARG names can not be blank")),
            None => Ok(()),
        }
    }

    fn check_pairs(&self) -> Result<(), Wrong> {
        flags::check(self)?;
        self.at_least_one()?;
        let Arguments::Pairs(pairs) = &self.args else { return Ok(()) };
        match pairs.iter().find(|pair| pair.name.is_empty()) {
            Some(pair) => {
                let message = format!("{} names can not be blank", self.keyword.name());
                Err(Wrong::new(pair.name.span(), message))
            }
            None => Ok(()),
        }
    }

    fn check_from(&self) -> Result<(), Wrong> {
        match self.words() {
            [_] => {}
            [_, word, name] if is_as(word.text()) => check_stage_name(name)?,
            _ => return self.wrong("requires either one or three arguments"),
        }
        flags::check(self)
    }

    fn check_onbuild(&self) -> Result<(), Wrong> {
        let Some(deferred) = &self.deferred else {
            return self.wrong("requires at least one argument");
        };
        flags::check(self)?;
        let span = deferred.keyword_span;
        // BuildKit compares more leniently here than where it looks keywords up.
        let trigger = match &deferred.unknown {
            Some(word) => runes::upper(word.text().trim()),
            None => deferred.keyword.name().to_owned(),
        };
        match trigger.as_str() {
            "ONBUILD" => Err(Wrong::new(span, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")),
            "MAINTAINER" | "FROM" => {
                Err(Wrong::new(span, format!("{trigger} isn't allowed as an ONBUILD trigger")))
            }
            _ => Ok(()),
        }
    }

    fn check_shell(&self) -> Result<(), Wrong> {
        flags::check(self)?;
        self.at_least_one()?;
        match self.args {
            Arguments::Json { .. } => Ok(()),
            _ => self.wrong("requires the arguments to be in JSON form"),
        }
    }

    fn check_volume(&self) -> Result<(), Wrong> {
        self.at_least_one()?;
        flags::check(self)?;
        let is_empty = |text: &&MappedText| runes::trimmed_len(text.text().as_bytes()) == 0;
        match self.words().iter().find(is_empty) {
            Some(text) => Err(Wrong::new(text.span(), "VOLUME specified can not be an empty string")),
            None => Ok(()),
        }
    }

    fn check_healthcheck(&self) -> Result<(), Wrong> {
        let Some(word) = &self.health_type else {
            return self.wrong("requires at least one argument");
        };
        let kind = runes::upper(word.text());
        if kind == "NONE" {
            return if self.no_args() { Ok(()) } else { self.wrong("NONE takes no arguments") };
        }
        flags::check(self)?;
        if kind != "CMD" {
            let message = format!("Unknown type {} in HEALTHCHECK (try CMD)", runes::quote(&kind));
            return Err(Wrong::new(word.span(), message));
        }
        if self.no_args() {
            return Err(Wrong::new(word.span(), "Missing command after HEALTHCHECK CMD"));
        }
        flags::check_health(self)
    }
}

/// A stage's name: a letter, then letters, digits, `-`, `_`, `.`; letter case does not count.
fn check_stage_name(name: &MappedText) -> Result<(), Wrong> {
    let lower = name.text().to_lowercase();
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    if lower.starts_with(|c: char| c.is_ascii_lowercase()) && lower.bytes().all(is_inner) {
        return Ok(());
    }
    let message = format!(
        "invalid name for build stage: {}, name can't start with a number or contain symbols",
        runes::quote(name.text())
    );
    Err(Wrong::new(name.span(), message))
}
