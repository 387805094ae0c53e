//! Words with variables, quotes and escapes, as BuildKit's shell lexer processes them.

use std::ops::Range;

use super::lexer::{Lexer, Word};

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ExpandError {
    #[error("unexpected end of statement while looking for matching {0}")]
    Unterminated(&'static str),
    #[error("syntax error: missing {0}")]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// `HOME=/root`, `EMPTY=`, `FILE=a/b.tar.gz`, `LIST=a  b`.
    fn value_of(name: &str) -> Option<String> {
        let known = [("HOME", "/root"), ("EMPTY", ""), ("FILE", "a/b.tar.gz"), ("LIST", "a  b")];
        known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn value(word: &str) -> Result<String, ExpandError> {
        expand(word, b'\\', &value_of).map(|expanded| expanded.value)
    }

    #[test]
    fn words_expand_as_in_buildkit() {
        let cases = [
            ("plain", "plain"),
            ("$HOME/x", "/root/x"),
            ("${HOME}x$NONE.", "/rootx."),
            ("a$", "a$"),
            ("$.x", "$.x"),
            ("$1a${2}b$@c$$", "abc"),
            ("\\$HOME \\a \\\\", "$HOME a \\"),
            ("end\\", "end"),
            ("'$HOME' '\\'", "$HOME \\"),
            ("\"$HOME\\t\\\"\\$x 'y'\"", "/root\\t\"$x 'y'"),
            ("a''b\"\"", "ab"),
            ("${NONE:-d}${NONE-d}${EMPTY:-d}${EMPTY-d}", "ddd"),
            ("${HOME:+s}${HOME+s}${EMPTY:+s}${EMPTY+s}${NONE:+s}", "sss"),
            ("${HOME:?no}${EMPTY?no}", "/root"),
            ("${NONE:-${EMPTY:-$HOME}}", "/root"),
            ("${NONE:-a b\\}c}", "a b}c"),
            ("${FILE#*/}|${FILE#*.}|${FILE##*.}", "b.tar.gz|tar.gz|gz"),
            ("${FILE%.*}|${FILE%%.*}|${FILE%x}", "a/b.tar|a/b|a/b.tar.gz"),
            ("${FILE%.t?r.gz}|${FILE#\\*}", "a/b|a/b.tar.gz"),
            ("${FILE/a/X}|${FILE//a/X}|${FILE//./}", "X/b.tar.gz|X/b.tXr.gz|a/btargz"),
            ("${FILE/\\//-}", "a-b.tar.gz"),
            ("${LIST} <<x", "a  b <<x"),
            ("é$HOMEé", "é"),
        ];
        for (word, wanted) in cases {
            assert_eq!(value(word).as_deref(), Ok(wanted), "{word}");
        }
    }

    #[test]
    fn words_that_do_not_expand() {
        use ExpandError as E;
        let required = |name: &str, message: &str| E::Required { name: name.into(), message: message.into() };
        let cases = [
            ("it's", E::Unterminated("single-quote")),
            ("\"a", E::Unterminated("double-quote")),
            ("${HOME:-a", E::Missing("'}'")),
            ("${", E::Missing("'}'")),
            ("${}", E::BadSubstitution),
            ("${:-a}", E::BadSubstitution),
            ("${HOME!}", E::UnsupportedModifier("!".into())),
            ("${HOME:=a}", E::UnsupportedModifier(":=".into())),
            ("${HOME:#a}", E::UnsupportedModifier(":#".into())),
            ("${HOME", E::UnsupportedModifier("\u{FFFD}".into())),
            ("${HOME/a}", E::Missing("'/' in ${}")),
            ("${NONE?}", required("NONE", "is not allowed to be unset")),
            ("${EMPTY:?say why}", required("EMPTY", "say why")),
            ("${FILE#\\x}", E::InvalidPattern("\\x".into())),
        ];
        for (word, wanted) in cases {
            assert_eq!(value(word), Err(wanted), "{word}");
        }
    }

    #[test]
    fn the_escape_character_is_the_one_in_force() {
        let expanded = expand("C:\\dir `$HOME \"`$x\"", b'`', &value_of);
        assert_eq!(expanded.map(|e| e.value).as_deref(), Ok("C:\\dir $HOME $x"));
    }

    #[test]
    fn used_and_unset_variables_are_told_apart() {
        let expanded = expand("$HOME ${A:-$B} $A $HOME", b'\\', &value_of).unwrap();
        assert_eq!(expanded.used, ["HOME"]);
        assert_eq!(expanded.unset, ["B", "A"]);
    }

    #[test]
    fn references_have_ranges() {
        let word = "x$A-${B:-\"$C\"} '$D'";
        let found = variables(word, b'\\');
        let shown: Vec<_> = found
            .iter()
            .map(|r| (&word[r.range.clone()], &word[r.name_range.clone()], r.modifier.as_str()))
            .collect();
        assert_eq!(shown, [("$A", "A", ""), ("$C", "C", ""), ("${B:-\"$C\"}", "B", ":-")]);
        assert_eq!(variables("$A '", b'\\').len(), 1, "those in front of an error are listed");
    }

    #[test]
    fn words_split_behind_the_expansion() {
        let words = |word| expand_words(word, b'\\', &value_of).unwrap();
        assert_eq!(words("8080 ${LIST}x \"$LIST\" a\\ b"), ["8080", "a", "bx", "a  b", "a b"]);
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nested = |depth: usize| format!("{}x{}", "${N:-".repeat(depth), "}".repeat(depth));
        assert_eq!(value(&nested(90)).as_deref(), Ok("x"));
        assert_eq!(value(&nested(50_000)), Err(ExpandError::TooDeep));
        let big = |_: &str| Some("x".repeat(1 << 19));
        assert_eq!(expand("$A$A$A", b'\\', &big).map(|_| ()), Err(ExpandError::TooLong));
        assert_eq!(expand("\"$A$A$A\"", b'\\', &big).map(|_| ()), Err(ExpandError::TooLong));
    }
}
