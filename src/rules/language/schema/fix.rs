//! How a finding is mended.

use std::borrow::Cow;

use super::{List, Template};

/// How far a fix can be trusted; see `finding::Level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "named as the levels of fixes")]
pub enum FixLevel {
    Safe,
    Review,
    Sketch,
}

/// A part of the file that a fix changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The whole instruction; deleted with its line break.
    Instruction,
    /// Its keyword.
    Keyword,
    /// Its arguments.
    Text,
    /// The program of the command.
    Command,
    /// The command's first argument that is no option.
    Subcommand,
    /// The option or argument that was asked for.
    Arg,
    /// The value of a variable or label, the port of EXPOSE.
    Value,
    /// All behind the name of a variable or label in the old form, where the value is plain.
    Assigned,
}

/// What is done to it.
#[derive(Clone, Debug)]
pub enum Change {
    /// `with` takes its place.
    Replace(Part, Template),
    /// It goes, with the blanks before it.
    Delete(Part),
    /// A text in front of it; in front of an instruction a line.
    InsertBefore(Part, Template),
    /// A text behind it; behind an instruction a line.
    InsertAfter(Part, Template),
}

/// How a finding is mended.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(try_from = "FixText")]
pub struct FixTemplate {
    /// How far it can be trusted.
    pub level: FixLevel,
    /// What it does, in the imperative.
    pub title: Template,
    /// What it relies on.
    pub assumes: List<Template>,
    /// The change.
    pub change: Change,
}

/// A fix as it is written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FixText {
    level: FixLevel,
    title: Template,
    #[serde(default)]
    assumes: Vec<Template>,
    #[serde(default)]
    replace: Option<Part>,
    #[serde(default)]
    delete: Option<Part>,
    #[serde(default)]
    insert_before: Option<Part>,
    #[serde(default)]
    insert_after: Option<Part>,
    #[serde(default)]
    with: Option<Template>,
}

impl TryFrom<FixText> for FixTemplate {
    type Error = &'static str;

    fn try_from(text: FixText) -> Result<Self, Self::Error> {
        let FixText { level, title, assumes, replace, delete, insert_before, insert_after, with } = text;
        let change = match (replace, delete, insert_before, insert_after, with) {
            (Some(part), None, None, None, Some(with)) => Change::Replace(part, with),
            (None, Some(part), None, None, None) => Change::Delete(part),
            (None, None, Some(part), None, Some(with)) => Change::InsertBefore(part, with),
            (None, None, None, Some(part), Some(with)) => Change::InsertAfter(part, with),
            _ => {
                return Err(
                    "a fix has one of `replace`, `delete`, `insert-before` and `insert-after`, and `with` but \
                            for `delete`",
                );
            }
        };
        if level != FixLevel::Safe && assumes.is_empty() && level == FixLevel::Review {
            return Err("a fix at level review says what it `assumes`");
        }
        Ok(Self { level, title, assumes: Cow::Owned(assumes), change })
    }
}
