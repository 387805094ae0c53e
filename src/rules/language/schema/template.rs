//! Texts with gaps for what was found.

use std::borrow::Cow;

use serde::de::{self, Deserialize, Deserializer};

use super::{List, Text};

/// A part of what a rule found, to be put into a message or a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The image, as written, arguments resolved.
    Image,
    /// The image's tag.
    Tag,
    /// The image's registry.
    Registry,
    /// `--platform`.
    Platform,
    /// The name of a variable, label or package.
    Name,
    /// Its value; the port of EXPOSE.
    Value,
    /// Its value, in double quotes where it has blanks.
    Quoted,
    /// The instruction's arguments.
    Text,
    /// The command as it is written; elsewhere the instruction's arguments.
    Line,
    /// The instruction's keyword.
    Instruction,
    /// The program.
    Command,
    /// Its first argument that is no option.
    Subcommand,
    /// The option or argument that was asked for.
    Arg,
    /// The source that was asked for.
    Source,
    /// The destination of COPY or ADD.
    Dest,
    /// The user of the stage.
    User,
    /// What `group` puts together: the names, or values.
    All,
}

const FIELDS: &[(&str, Field)] = &[
    ("image", Field::Image),
    ("tag", Field::Tag),
    ("registry", Field::Registry),
    ("platform", Field::Platform),
    ("name", Field::Name),
    ("value", Field::Value),
    ("quoted", Field::Quoted),
    ("text", Field::Text),
    ("line", Field::Line),
    ("instruction", Field::Instruction),
    ("command", Field::Command),
    ("subcommand", Field::Subcommand),
    ("arg", Field::Arg),
    ("source", Field::Source),
    ("dest", Field::Dest),
    ("user", Field::User),
    ("all", Field::All),
];

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(Text),
    /// What was found.
    Field(Field),
}

/// Text with `{name}` for what was found; `{{` and `}}` are braces.
#[derive(Clone, Debug, Default)]
pub struct Template(pub List<Piece>);

impl Template {
    /// Reads a template as it is written.
    ///
    /// # Errors
    /// If a field is not known or a brace is left open.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            plain.push_str(&rest[..brace]);
            rest = &rest[brace..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push_str(&rest[..1]);
                rest = &rest[2..];
                continue;
            }
            let close = rest.find('}').filter(|_| rest.starts_with('{'));
            let close = close.ok_or_else(|| format!("`{text}`: a brace alone is written twice"))?;
            let name = &rest[1..close];
            let field = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
            let field = field.ok_or_else(|| {
                let known: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
                format!("`{{{name}}}` is nothing that can be put in; there are {}", known.join(", "))
            })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(Text::Owned(std::mem::take(&mut plain))));
            }
            pieces.push(Piece::Field(field));
            rest = &rest[close + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(Text::Owned(plain)));
        }
        Ok(Self(Cow::Owned(pieces)))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}
