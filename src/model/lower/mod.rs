//! Commands become effects, once.
//!
//! [`run`] reads a RUN instruction; [`script`] any shell text (an entrypoint script, a shell-form CMD).
//! Each family of programs has its own file.

mod account;
pub(super) mod command;
mod fetch;
mod files;
mod language;
mod packages;
mod readers;
mod walk;

use barehull_syntax::dockerfile::{Arguments, Instruction};
use barehull_syntax::shell::{Dialect, Script, dialect_of, dialect_of_shebang};
use barehull_syntax::{FileId, MappedText, Span};

use super::effect::Effect;
use super::executed::Executed;
use super::resolve::Scope;

/// What a RUN instruction meets.
pub(crate) struct RunCx<'a> {
    pub(crate) instruction: &'a Instruction,
    pub(crate) file: FileId,
    pub(crate) workdir: &'a str,
    pub(crate) scope: &'a Scope,
    /// SHELL, where it was set.
    pub(crate) shell: Option<&'a [String]>,
}

/// A shell text, read.
pub(crate) struct Lowered {
    pub(crate) scripts: Vec<Script>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) commands: Vec<Executed>,
}

/// Lowers a RUN instruction.
pub(crate) fn run(cx: &RunCx<'_>) -> Lowered {
    let mut lowered = Lowered { scripts: Vec::new(), effects: Vec::new(), commands: Vec::new() };
    for script in scripts_of(cx) {
        let walked = walk::walk(&script, cx.file, cx.workdir, cx.scope);
        let first = lowered.effects.len() as u32;
        lowered.effects.extend(walked.effects);
        lowered.commands.extend(walked.commands.into_iter().map(|command| command.behind(first)));
        lowered.scripts.push(script);
    }
    lowered
}

/// Lowers a shell text that starts in `workdir`.
pub(crate) fn script(script: &Script, file: FileId, workdir: &str, scope: &Scope) -> Vec<Effect> {
    walk::walk(script, file, workdir, scope).effects
}

/// The dialect of a stage's SHELL; `/bin/sh` where none was set.
pub(crate) fn dialect(shell: Option<&[String]>) -> Dialect {
    match shell {
        None => Dialect::Posix,
        Some(argv) => dialect_of(&argv.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}

/// The shell texts of a RUN: its line, or the bodies of its heredocs where the line is nothing else.
fn scripts_of(cx: &RunCx<'_>) -> Vec<Script> {
    let instruction = cx.instruction;
    let dialect = dialect(cx.shell);
    match &instruction.args {
        Arguments::Json { items, .. } => vec![Script::from_argv(items)],
        Arguments::Shell(text) => {
            if instruction.heredocs.is_empty() {
                return vec![Script::parse(text, dialect)];
            }
            if only_heredocs(text, instruction) {
                let bodies = instruction.heredocs.iter().map(|h| &h.body);
                return bodies.map(|b| Script::parse(b, dialect_of_body(b.text(), dialect))).collect();
            }
            vec![Script::parse(&with_bodies(text, instruction), dialect)]
        }
        Arguments::Words(_) | Arguments::Pairs(_) => Vec::new(),
    }
}

/// A heredoc that is the whole RUN may start with a shebang line.
fn dialect_of_body(body: &str, default: Dialect) -> Dialect {
    body.lines().next().and_then(dialect_of_shebang).unwrap_or(default)
}

/// Whether nothing but heredoc marks stands on the line.
fn only_heredocs(text: &MappedText, instruction: &Instruction) -> bool {
    let marks: usize = instruction.heredocs.iter().map(|h| h.mark.len() as usize).sum();
    text.text().bytes().filter(|b| !b.is_ascii_whitespace()).count() == marks
}

/// The line with the bodies below it, as the shell gets it.
fn with_bodies(text: &MappedText, instruction: &Instruction) -> MappedText {
    let mut whole = MappedText::new();
    append(&mut whole, text);
    for heredoc in &instruction.heredocs {
        whole.push_decoded("\n", Span::at(heredoc.body.span().start));
        append(&mut whole, &heredoc.body);
        whole.push_decoded(&heredoc.name, heredoc.end);
    }
    whole.push_decoded("\n", Span::at(instruction.span.end));
    whole
}

/// Appends `more`, its mapping kept.
fn append(whole: &mut MappedText, more: &MappedText) {
    for segment in more.segments() {
        let range = segment.start as usize..(segment.start + segment.len) as usize;
        match segment.kind {
            barehull_syntax::SegmentKind::Verbatim => {
                whole.push_verbatim(&more.text()[range], segment.source.start);
            }
            barehull_syntax::SegmentKind::Decoded => whole.push_decoded(&more.text()[range], segment.source),
            barehull_syntax::SegmentKind::Removed => whole.push_removed(segment.source),
        }
    }
}
