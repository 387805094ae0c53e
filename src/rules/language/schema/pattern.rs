//! Comparisons with a text.

use serde::de::{self, Deserialize, Deserializer};

use super::super::regular::Regular;
use super::Text;

/// A comparison with a text.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// The very text.
    Exact(Text),
    /// `text*`.
    Prefix(Text),
    /// `*text`.
    Suffix(Text),
    /// `*text*`.
    Contains(Text),
    /// `*`: any text, but there must be one.
    Any,
    /// `/expression/`; a user's rules only.
    Regular(Regular),
}

impl Pattern {
    /// Reads a pattern as it is written.
    ///
    /// # Errors
    /// If an asterisk stands in the middle, or the expression cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > 2 && text.starts_with('/') && text.ends_with('/') {
            return Regular::new(&text[1..text.len() - 1]).map(Self::Regular);
        }
        let (starts, ends) = (text.starts_with('*'), text.len() > 1 && text.ends_with('*'));
        let inner = text.trim_start_matches('*').trim_end_matches('*');
        if inner.contains('*') {
            return Err(format!(
                "`{text}`: an asterisk stands at the start or the end; write a regular expression between slashes"
            ));
        }
        let inner = || Text::Owned(inner.to_owned());
        Ok(match (starts, ends) {
            (true, _) if text.chars().all(|c| c == '*') => Self::Any,
            (true, true) => Self::Contains(inner()),
            (true, false) => Self::Suffix(inner()),
            (false, true) => Self::Prefix(inner()),
            (false, false) => Self::Exact(inner()),
        })
    }
}

/// A pattern as it is written.
pub(super) struct PatternText(pub(super) Pattern);

impl<'de> Deserialize<'de> for PatternText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Pattern::read(&text).map(Self).map_err(de::Error::custom)
    }
}
