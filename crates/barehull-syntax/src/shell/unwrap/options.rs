//! The options of a wrapper, up to the command it runs.

use std::borrow::Cow;

use super::specs::Spec;
use crate::shell::Word;

/// Options that were given, with their values.
pub(super) struct Options<'s> {
    given: Vec<(String, Option<Word<'s>>)>,
    /// The index of the first word behind the options.
    pub end: usize,
}

/// The name under which operands among the options are noted.
pub(super) const OPERAND: &str = "operand";

impl<'s> Options<'s> {
    /// The value of the first of `names` that was given with one.
    pub fn value_of(&self, names: &[&str]) -> Option<Word<'s>> {
        self.given.iter().filter(|(name, _)| names.contains(&name.as_str())).find_map(|(_, value)| *value)
    }

    pub fn has_any(&self, names: &[&str]) -> bool {
        self.given.iter().any(|(name, _)| names.contains(&name.as_str()))
    }
}

/// Reads the options behind the wrapper's name, up to the first word that is none.
pub(super) fn read_options<'s>(spec: &Spec, words: &[Word<'s>]) -> Options<'s> {
    let mut options = Options { given: Vec::new(), end: 1 };
    while let Some(word) = words.get(options.end) {
        let text = match word.literal() {
            Some(text) => text,
            // `--user="$name"`: the option is plain, its value is not.
            None if word.raw().starts_with('-') => Cow::Borrowed(word.raw()),
            None => break,
        };
        if !text.starts_with('-') {
            // `su user -c text`: options go on behind the operands.
            if !spec.permutes || options.has_any(spec.operands_given_by) {
                break;
            }
            options.given.push((OPERAND.to_owned(), Some(*word)));
            options.end += 1;
            continue;
        }
        options.end += 1;
        if text == "--" {
            break;
        }
        match text.strip_prefix("--") {
            Some(long) => read_long(spec, words, long, &mut options),
            None if text == "-" => options.given.push((text.into_owned(), None)),
            None => read_cluster(spec, words, &text, &mut options),
        }
    }
    options
}

/// `--name`, `--name=value` or `--name value`.
fn read_long<'s>(spec: &Spec, words: &[Word<'s>], long: &str, options: &mut Options<'s>) {
    let (name, value) = match long.split_once('=') {
        Some((name, _)) => (name, words[options.end - 1].behind("--".len() + name.len() + "=".len())),
        None if spec.long_values.contains(&long) => (long, next_word(words, options)),
        None => (long, None),
    };
    options.given.push((format!("--{name}"), value));
}

/// `-abc`: each letter an option, the rest of the word or the next one the value of the first that takes one.
fn read_cluster<'s>(spec: &Spec, words: &[Word<'s>], text: &str, options: &mut Options<'s>) {
    let word = words[options.end - 1];
    for (at, letter) in text.char_indices().skip(1) {
        let behind = at + letter.len_utf8();
        let takes_value = spec.short_values.contains(letter);
        let value = match takes_value {
            false => None,
            true if behind == text.len() => next_word(words, options),
            true => word.behind(behind),
        };
        options.given.push((format!("-{letter}"), value));
        if takes_value {
            break;
        }
    }
}

fn next_word<'s>(words: &[Word<'s>], options: &mut Options<'s>) -> Option<Word<'s>> {
    options.end += 1;
    words.get(options.end - 1).copied()
}
