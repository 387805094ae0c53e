//! Wrappers that read text: shells with `-c`, and `eval`.

use super::{Inner, Layer, Wrapper, WrapperKind};
use crate::{
    MappedText,
    shell::{CommandRef, Dialect, Word, dialect::dialect_of_program, forms::append_word},
};

/// The layer that a shell or `eval` makes; `None` if the command is neither, or runs a script by its name.
pub(super) fn layer_of<'s>(command: CommandRef<'s>, name: &str) -> Option<Layer<'s>> {
    let words: Vec<Word<'s>> = command.words().collect();
    if name == "eval" {
        let inner = eval(command, &words[1..]);
        return Some(Layer { wrapper: Wrapper::new(WrapperKind::Eval, command), inner });
    }
    let dialect = dialect_of_program(name)?;
    let inner = match dialect {
        Dialect::NotPosix if words.len() > 1 => Inner::Unknown,
        Dialect::NotPosix => return None,
        Dialect::Posix | Dialect::Bash => script_of(command, command_text(&words)?, dialect),
    };
    let wrapper = Wrapper { dialect: Some(dialect), ..Wrapper::new(WrapperKind::Shell, command) };
    Some(Layer { wrapper, inner })
}

/// The text that a shell reads because of `-c`.
fn command_text<'s>(words: &[Word<'s>]) -> Option<Word<'s>> {
    let mut has_text = false;
    let mut at = 1;
    while let Some(option) = words.get(at).and_then(|word| word.literal()) {
        let is_option = option.len() > 1 && option.starts_with(['-', '+']);
        if !is_option {
            break;
        }
        at += 1;
        match option.strip_prefix("--") {
            Some("") => break,
            Some("rcfile" | "init-file") => at += 1,
            Some(_) => {}
            None => {
                has_text |= option.starts_with('-') && option.contains('c');
                // `-o pipefail`, `-O extglob`: each takes the next word.
                at += option.matches(['o', 'O']).count();
            }
        }
    }
    words.get(at).copied().filter(|_| has_text)
}

/// The commands in a text that a shell reads.
pub(super) fn script_of<'s>(command: CommandRef<'s>, text: Word<'s>, dialect: Dialect) -> Inner<'s> {
    match text.mapped() {
        Some(mapped) => parse(command, &mapped, dialect, true),
        None => match text.mapped_with_variables() {
            Some(mapped) => parse(command, &mapped, dialect, false),
            None => Inner::Unknown,
        },
    }
}

/// `eval` puts its words together, with a blank between two.
fn eval<'s>(command: CommandRef<'s>, words: &[Word<'s>]) -> Inner<'s> {
    let mut text = MappedText::new();
    let mut is_literal = true;
    for word in words {
        let mapped = match word.mapped() {
            Some(mapped) => mapped,
            None => match word.mapped_with_variables() {
                Some(mapped) => {
                    is_literal = false;
                    mapped
                }
                None => return Inner::Unknown,
            },
        };
        append_word(&mut text, &mapped);
    }
    if words.is_empty() {
        Inner::Nothing
    } else {
        parse(command, &text, command.script().dialect(), is_literal)
    }
}

fn parse<'s>(command: CommandRef<'s>, text: &MappedText, dialect: Dialect, is_literal: bool) -> Inner<'s> {
    match command.script().parse_inner(text, dialect) {
        Some(script) => Inner::Script { script: Box::new(script), is_literal },
        None => Inner::Unknown,
    }
}
