//! What `${name<modifier>word}` makes of a variable's value.

use super::pattern;
use super::word::ExpandError;

/// `${name<modifier>word}`.
pub(super) struct Substitution {
    pub(super) name: String,
    pub(super) modifier: char,
    /// The modifier as written, with its colon.
    pub(super) written: String,
    /// Behind a colon an empty value counts as none.
    pub(super) null_is_unset: bool,
}

impl Substitution {
    /// What the reference yields for a variable with `value`.
    pub(super) fn apply(&self, value: Option<String>, word: String) -> Result<String, ExpandError> {
        let is_empty = self.null_is_unset && value.as_deref() == Some("");
        match (self.modifier, value) {
            ('-', Some(value)) if !is_empty => Ok(value),
            ('-', _) => Ok(word),
            ('+', Some(_)) if !is_empty => Ok(word),
            ('+', _) => Ok(String::new()),
            ('?', Some(value)) if !is_empty => Ok(value),
            ('?', value) => {
                let state = if value.is_some() { "empty" } else { "unset" };
                let default = || format!("is not allowed to be {state}");
                let message = if word.is_empty() { default() } else { word };
                Err(ExpandError::Required { name: self.name.clone(), message })
            }
            ('#' | '%', value) => {
                let value = value.unwrap_or_default();
                let longest = word.strip_prefix(self.modifier);
                let (pattern, greedy) = (longest.unwrap_or(&word), longest.is_some());
                if self.modifier == '#' {
                    pattern::trim_prefix(pattern, &value, greedy)
                } else {
                    pattern::trim_suffix(pattern, &value, greedy)
                }
            }
            _ => Err(ExpandError::UnsupportedModifier(self.written.clone())),
        }
    }
}
