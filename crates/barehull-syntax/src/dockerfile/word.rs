//! Words with variables, quotes and escapes, as BuildKit's shell lexer processes them.

use std::ops::Range;

use super::lexer::{Lexer, Word};

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ExpandError {
    #[error("unexpected end of statement while looking for matching {0}")]
    Unterminated(&'static str),
    #[error("syntax error: missing '{0}'")]
    Missing(&'static str),
    #[error("syntax error: bad substitution")]
    BadSubstitution,
    #[error("unsupported modifier ({0}) in substitution")]
    UnsupportedModifier(String),
    /// `${name:?message}` without a value.
    #[error("{name}: {message}")]
    Required { name: String, message: String },
    #[error("invalid pattern ({0}) in substitution")]
    InvalidPattern(String),
    #[error("variables are nested too deep")]
    TooDeep,
    #[error("the value is too long")]
    TooLong,
}

/// A word with its variables replaced and its quotes and escapes undone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Expanded {
    /// The result.
    pub value: String,
    /// Variables that had a value, each once, in order of first use.
    pub used: Vec<String>,
    /// Variables that had none, each once, in order of first use.
    pub unset: Vec<String>,
}

/// A variable that a word refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The variable.
    pub name: String,
    /// The whole reference in the word, from `$` on, bytes.
    pub range: Range<usize>,
    /// The name in the word, bytes.
    pub name_range: Range<usize>,
    /// What `${name...}` does with the value: `:-`, `+`, `%`, `/`, ...; empty in `$name` and `${name}`.
    pub modifier: String,
}

/// Expands `word` to one text, white space kept. `lookup` gives the value of a variable that is set.
/// `escape` is the escape character of the Dockerfile.
pub fn expand(
    word: &str,
    escape: u8,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Expanded, ExpandError> {
    let mut lexer = Lexer::new(word.as_bytes(), char::from(escape), lookup);
    let (value, _) = lexer.run()?;
    let (mut used, mut unset) = (Vec::new(), Vec::new());
    for (reference, is_set) in lexer.references {
        let names = if is_set { &mut used } else { &mut unset };
        if !names.contains(&reference.name) {
            names.push(reference.name);
        }
    }
    Ok(Expanded { value, used, unset })
}

/// Expands `word` and splits the result at white space outside quotes (EXPOSE does this).
pub fn expand_words(
    word: &str,
    escape: u8,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, ExpandError> {
    let (_, words) = Lexer::new(word.as_bytes(), char::from(escape), lookup).run()?;
    Ok(words.into_iter().map(|word| word.text).collect())
}

/// The variables that `word` refers to, nested ones before the one around them. What stands behind a
/// syntax error is not listed.
pub fn variables(word: &str, escape: u8) -> Vec<Reference> {
    let mut lexer = Lexer::new(word.as_bytes(), char::from(escape), &|_| None);
    lexer.keep_unset = true;
    // An error ends the list; the references in front of it stand.
    let _ = lexer.run();
    lexer.references.into_iter().map(|(reference, _)| reference).collect()
}

/// Splits a text like [`expand_words`], without any variable set: references, and as far as told quotes
/// and escapes, stay in the words.
pub(super) fn split(
    text: &[u8],
    escape: char,
    raw_quotes: bool,
    raw_escapes: bool,
) -> Result<Vec<Word>, ExpandError> {
    let mut lexer = Lexer::new(text, escape, &|_| None);
    lexer.keep_unset = true;
    lexer.raw_quotes = raw_quotes;
    lexer.raw_escapes = raw_escapes;
    lexer.run().map(|(_, words)| words)
}
