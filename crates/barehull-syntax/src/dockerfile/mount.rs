//! The value of `RUN --mount=...`.

use super::csv;
use super::instruction::Flag;
use crate::{MappedText, Span};

/// A mount of a RUN instruction: its fields as written; variables are not resolved.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// The fields between the commas.
    pub fields: Vec<MountField>,
}

/// A field of a mount: `key=value`, or `key` alone.
#[derive(Clone, Debug)]
pub struct MountField {
    /// The key as written; BuildKit ignores its letter case.
    pub key: MappedText,
    /// The value, if there is one.
    pub value: Option<MappedText>,
}

impl MountField {
    fn new(field: &MappedText) -> Self {
        let text = field.text();
        let Some(equals) = text.find('=') else { return Self { key: field.clone(), value: None } };
        Self { key: field.slice(0..equals), value: Some(field.slice(equals + 1..text.len())) }
    }
}

impl Mount {
    /// Reads a `--mount` flag; nothing if its value is no CSV.
    pub(super) fn read(flag: &Flag) -> Option<Self> {
        let fields = csv::fields(flag.value.as_ref()?).ok()?;
        Some(Self { span: flag.span, fields: fields.iter().map(MountField::new).collect() })
    }

    /// The last field with one of the names `keys` (lower case).
    fn last(&self, keys: &[&str]) -> Option<&MountField> {
        self.fields
            .iter()
            .rev()
            .find(|field| keys.iter().any(|key| field.key.text().eq_ignore_ascii_case(key)))
    }

    fn value(&self, keys: &[&str]) -> Option<&MappedText> {
        self.last(keys)?.value.as_ref()
    }

    /// `bind` (the default, where this is nothing), `cache`, `tmpfs`, `secret` or `ssh`.
    pub fn kind(&self) -> Option<&MappedText> {
        self.value(&["type"])
    }

    /// Whether the mount is of `kind`, given in lower case.
    pub fn is_kind(&self, kind: &str) -> bool {
        self.kind().map_or("bind", MappedText::text).eq_ignore_ascii_case(kind)
    }

    /// The stage, image or named context that is mounted.
    pub fn from(&self) -> Option<&MappedText> {
        self.value(&["from"])
    }

    /// The path in what is mounted; the file of a secret.
    pub fn source(&self) -> Option<&MappedText> {
        self.value(&["source", "src"])
    }

    /// Where it is mounted.
    pub fn target(&self) -> Option<&MappedText> {
        self.value(&["target", "dst", "destination"])
    }

    /// The name of a cache, a secret or an ssh agent.
    pub fn id(&self) -> Option<&MappedText> {
        self.value(&["id"])
    }

    /// How a cache is shared.
    pub fn sharing(&self) -> Option<&MappedText> {
        self.value(&["sharing"])
    }

    /// The environment variable that holds a secret.
    pub fn env(&self) -> Option<&MappedText> {
        self.value(&["env"])
    }

    /// Whether a secret or an ssh agent must be there.
    pub fn is_required(&self) -> bool {
        let field = self.last(&["required"]);
        field
            .is_some_and(|field| field.value.as_ref().is_none_or(|value| is_true(value.text()) == Some(true)))
    }

    /// Whether the command cannot write to it. Bind mounts, secrets and ssh agents are read-only unless they say
    /// otherwise.
    pub fn is_read_only(&self) -> bool {
        let Some(field) = self.last(&["readonly", "ro", "readwrite", "rw"]) else {
            return !self.is_kind("cache") && !self.is_kind("tmpfs");
        };
        let is_set = field.value.as_ref().is_none_or(|value| is_true(value.text()) == Some(true));
        let is_ro = field.key.text().to_ascii_lowercase().starts_with("ro")
            || field.key.text().eq_ignore_ascii_case("readonly");
        is_set == is_ro
    }
}

/// A truth value as Go reads it.
pub(super) fn is_true(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
