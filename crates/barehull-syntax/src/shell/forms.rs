//! Scripts from the forms a command is written in: shell form, exec form, RUN with heredocs.

use super::{
    Dialect, NodeKind, Role, Script,
    context::Context,
    dialect_of_shebang,
    node::Node,
    token::{Token, TokenKind},
};
use crate::{
    MappedText, SegmentKind, Span,
    dockerfile::{Command, Heredoc, RunView},
};

impl Script {
    /// What a RUN runs, if `dialect` is that of the shell it is given to. With heredocs this is what BuildKit
    /// makes of them: a RUN that is nothing but a heredoc's mark runs the body, by the interpreter that the
    /// body's first line names, else by the shell; in any other the shell gets the bodies behind the command.
    pub fn of_run(run: &RunView<'_>, dialect: Dialect) -> Script {
        let Command::Shell(command) = run.command else { return Script::of_command(run.command, dialect) };
        match run.heredocs {
            [] => Script::parse(command, dialect),
            [script] if is_nothing_but(command, script) => {
                let first_line = script.body.text().lines().next().unwrap_or_default();
                Script::parse(&script.body, dialect_of_shebang(first_line).unwrap_or(dialect))
            }
            heredocs => {
                let mut text = command.clone();
                for heredoc in heredocs {
                    text.push_decoded("\n", Span::at(heredoc.lines.start));
                    append(&mut text, &heredoc.body);
                    text.push_decoded(&heredoc.name, heredoc.end);
                }
                Script::parse(&text, dialect)
            }
        }
    }

    /// What a CMD, ENTRYPOINT or HEALTHCHECK runs, if `dialect` is that of the shell it is given to.
    pub fn of_command(command: Command<'_>, dialect: Dialect) -> Script {
        match command {
            Command::Shell(text) => Script::parse(text, dialect),
            Command::Exec(items) => Script::from_argv(items),
        }
    }

    /// One command with the words `items`, in which no shell expands anything: the exec form, or a list of
    /// words in another file.
    pub fn from_argv(items: &[MappedText]) -> Script {
        let mut text = MappedText::new();
        let mut tokens = Vec::with_capacity(items.len());
        for item in items {
            append_word(&mut text, item);
            let end = text.text().len() as u32;
            let start = end - item.text().len() as u32;
            tokens.push(Token { kind: TokenKind::Word, is_bare: false, start, end, extra: 0 });
        }
        let context = Context::TAIL;
        let (role, start, end, parent, next) = (Role::Plain, 0, text.text().len() as u32, 0, 2);
        let node = |kind, tokens| Node { kind, role, context, start, end, parent, next, tokens };
        let command = node(NodeKind::Command, (0, tokens.len() as u32));
        let nodes = vec![node(NodeKind::Sequence, (0, 0)), command];
        Script { is_argv: true, tokens, nodes, ..Script::empty(text, Dialect::Posix) }
    }
}

/// Whether a command is the mark of a heredoc and nothing else.
fn is_nothing_but(command: &MappedText, heredoc: &Heredoc) -> bool {
    let text = command.text();
    let start = text.len() - text.trim_start().len();
    command.slice(start..text.trim_end().len()).span() == heredoc.mark
}

/// Appends a word to `text`, with a blank before it unless it is the first.
pub(super) fn append_word(text: &mut MappedText, word: &MappedText) {
    if !text.segments().is_empty() {
        text.push_decoded(" ", Span::at(text.span().end));
    }
    append(text, word);
}

fn append(text: &mut MappedText, more: &MappedText) {
    for segment in more.segments() {
        let part = &more.text()[segment.start as usize..(segment.start + segment.len) as usize];
        match segment.kind {
            SegmentKind::Verbatim => text.push_verbatim(part, segment.source.start),
            SegmentKind::Decoded | SegmentKind::Removed => text.push_decoded(part, segment.source),
        }
    }
}
