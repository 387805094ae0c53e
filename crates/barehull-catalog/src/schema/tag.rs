use super::{List, OsEntry, Text};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// Patterns longer than this, or with more optional parts, are refused: matching tries every combination.
const MAX_LENGTH: usize = 120;
const MAX_OPTIONAL: usize = 6;

/// A pattern of tags or names, with `{version}`, `{release}`, `{date}`, `{any}` and optional parts in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPattern(Text);

/// Why a pattern is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagError {
    /// Over 120 bytes or over six optional parts.
    TooComplex,
    /// Brackets or braces that do not match; brackets do not nest.
    Unbalanced,
    /// `{...}` with another word.
    UnknownCapture,
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooComplex => "the pattern is too long or has more than six optional parts",
            Self::Unbalanced => "a bracket or brace of the pattern has no partner, or brackets nest",
            Self::UnknownCapture => "a pattern knows {version}, {release}, {date} and {any}",
        })
    }
}

impl std::error::Error for TagError {}

/// What a tag or name said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// The version, words such as `lts` replaced by what they stand for.
    pub version: Option<String>,
    /// The release's number.
    pub release: Option<String>,
}

/// Words that stand for something in a tag.
#[derive(Clone, Copy)]
pub struct TagWords<'a> {
    /// Words for a version.
    pub versions: &'a [(Text, Text)],
    /// The releases that `{release}` may name.
    pub os: Option<&'a OsEntry>,
}

#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    Literal(&'a str),
    Version,
    Release,
    Date,
    Any,
}

impl TagPattern {
    /// The pattern, unchecked: for the built-in tables, which the build has checked.
    pub const fn constant(pattern: &'static str) -> Self {
        Self(Text::Borrowed(pattern))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it holds captures or optional parts.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['{', '['])
    }

    /// What `text` says, if it is of this form.
    pub fn matches(&self, text: &str, words: TagWords<'_>) -> Option<Captures> {
        let parts = parts(&self.0).ok()?;
        let optional = parts.iter().filter(|(is_optional, _)| *is_optional).count();
        // From all optional parts to none, the leftmost being the most significant.
        (0..1_u32 << optional).rev().find_map(|chosen| {
            let mut bit = optional;
            let mut tokens = Vec::new();
            for (is_optional, part) in &parts {
                if *is_optional {
                    bit -= 1;
                    if chosen >> bit & 1 == 0 {
                        continue;
                    }
                }
                tokens.extend_from_slice(part);
            }
            match_tokens(&tokens, text, words)
        })
    }
}

impl TryFrom<String> for TagPattern {
    type Error = TagError;

    fn try_from(text: String) -> Result<Self, TagError> {
        parts(&text)?;
        Ok(Self(Text::Owned(text)))
    }
}

impl<'de> Deserialize<'de> for TagPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

/// The pattern cut into required and optional runs of tokens.
fn parts(pattern: &str) -> Result<Vec<(bool, Vec<Token<'_>>)>, TagError> {
    if pattern.len() > MAX_LENGTH || pattern.matches('[').count() > MAX_OPTIONAL {
        return Err(TagError::TooComplex);
    }
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(open) = rest.find('[') {
        parts.push((false, tokens(&rest[..open])?));
        let close = rest[open..].find(']').ok_or(TagError::Unbalanced)? + open;
        parts.push((true, tokens(&rest[open + 1..close])?));
        rest = &rest[close + 1..];
    }
    parts.push((false, tokens(rest)?));
    Ok(parts)
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, TagError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let literal = rest.find('{').unwrap_or(rest.len());
        if rest[..literal].contains(['[', ']', '}']) {
            return Err(TagError::Unbalanced);
        }
        if literal > 0 {
            tokens.push(Token::Literal(&rest[..literal]));
            rest = &rest[literal..];
            continue;
        }
        let close = rest.find('}').ok_or(TagError::Unbalanced)?;
        tokens.push(match &rest[1..close] {
            "version" => Token::Version,
            "release" => Token::Release,
            "date" => Token::Date,
            "any" => Token::Any,
            _ => return Err(TagError::UnknownCapture),
        });
        rest = &rest[close + 1..];
    }
    Ok(tokens)
}

/// Matches token by token; where a capture can end at several places, the longest that fits wins.
fn match_tokens(tokens: &[Token<'_>], text: &str, words: TagWords<'_>) -> Option<Captures> {
    let Some((token, rest)) = tokens.split_first() else {
        return text.is_empty().then(Captures::default);
    };
    match token {
        Token::Literal(literal) => match_tokens(rest, text.strip_prefix(literal)?, words),
        Token::Any => {
            let end = text.find('-').unwrap_or(text.len());
            (end > 0).then(|| match_tokens(rest, &text[end..], words)).flatten()
        }
        Token::Date => {
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            (6..=14).contains(&end).then(|| match_tokens(rest, &text[end..], words)).flatten()
        }
        Token::Version => version_ends(text, words.versions).into_iter().find_map(|(end, version)| {
            let captures = match_tokens(rest, &text[end..], words)?;
            Some(Captures { version: Some(version.to_owned()), ..captures })
        }),
        Token::Release => release_ends(text, words.os?).into_iter().find_map(|(end, release)| {
            let captures = match_tokens(rest, &text[end..], words)?;
            Some(Captures { release: Some(release.to_owned()), ..captures })
        }),
    }
}

/// Where a version that starts the text may end, with what it stands for.
fn version_ends<'a>(text: &'a str, words: &'a [(Text, Text)]) -> Vec<(usize, &'a str)> {
    let mut ends: Vec<(usize, &str)> = words
        .iter()
        .filter(|(word, _)| text.starts_with(word.as_ref()))
        .map(|(word, version)| (word.len(), version.as_ref()))
        .collect();
    ends.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let plain =
            text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_')).unwrap_or(text.len());
        let pre_release = ["-rc", "-beta", "-alpha", "-ea", "-preview"].iter().find_map(|mark| {
            let rest = text[plain..].strip_prefix(mark)?;
            Some(text.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len())
        });
        ends.extend(pre_release.map(|end| (end, &text[..end])));
        ends.push((plain, &text[..plain]));
    }
    ends
}

/// Where the name of a release that starts the text may end, with the release's number.
fn release_ends<'a>(text: &str, os: &'a OsEntry) -> Vec<(usize, &'a str)> {
    let mut ends: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_alphanumeric() && *c != '.')
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    ends.reverse();
    ends.into_iter().filter_map(|end| Some((end, os.release(&text[..end])?.release.as_ref()))).collect()
}

/// A YAML mapping of words, in its order.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<List<(Text, Text)>, D::Error> {
    struct Words;
    impl<'de> Visitor<'de> for Words {
        type Value = Vec<(Text, Text)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping of words to what they stand for")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut words: Self::Value = Vec::new();
            while let Some((word, meaning)) = map.next_entry::<Text, Text>()? {
                if words.iter().any(|(known, _)| *known == word) {
                    return Err(A::Error::custom(format!("`{word}` is there twice")));
                }
                words.push((word, meaning));
            }
            Ok(words)
        }
    }
    deserializer.deserialize_map(Words).map(List::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Family, Libc, Release};

    fn debian() -> OsEntry {
        let release = |number, codename| Release {
            release: Text::Borrowed(number),
            codename: Some(Text::Borrowed(codename)),
        };
        OsEntry {
            family: Family::Debian,
            source: Text::default(),
            date: None,
            libc: Libc::Glibc,
            merged_usr: true,
            merged_usr_since: None,
            usual: None,
            releases: vec![release("12", "bookworm"), release("13", "trixie")].into(),
            aliases: vec![("stable".into(), "13".into())].into(),
            packages_like: None,
        }
    }

    #[test]
    fn tags_say_version_and_release() {
        let os = debian();
        let versions = [(Text::Borrowed("lts"), Text::Borrowed("24")), ("latest".into(), "25".into())];
        let words = TagWords { versions: &versions, os: Some(&os) };
        let full = "[{version}-][{release}-]slim";
        let plain = "{version}[-{release}]";
        let table = [
            (full, "slim", Some((None, None))),
            (full, "22-slim", Some((Some("22"), None))),
            (full, "22.3.1-bookworm-slim", Some((Some("22.3.1"), Some("12")))),
            (full, "stable-slim", Some((None, Some("13")))),
            (full, "22-buster-slim", None),
            (plain, "lts", Some((Some("24"), None))),
            (plain, "3.14.0rc1-trixie", Some((Some("3.14.0rc1"), Some("13")))),
            (plain, "3.14-rc-trixie", Some((Some("3.14-rc"), Some("13")))),
            (plain, "8u402-12.5", Some((Some("8u402"), Some("12")))),
            (plain, "22-12x", None),
            (plain, "", None),
            ("{any}-temurin-{version}", "3.9.6-temurin-21.0.3_9", Some((Some("21.0.3_9"), None))),
            ("{release}-{date}-slim", "bookworm-20240110-slim", Some((None, Some("12")))),
            ("{release}-{date}-slim", "bookworm-2024-slim", None),
        ];
        for (pattern, tag, expected) in table {
            let found = TagPattern::constant(pattern).matches(tag, words).map(|c| (c.version, c.release));
            let expected = expected.map(|(v, r)| (v.map(str::to_owned), r.map(str::to_owned)));
            assert_eq!(found, expected, "{pattern} on {tag}");
        }
    }

    #[test]
    fn broken_patterns_are_refused() {
        let table = [
            ("[a", TagError::Unbalanced),
            ("a]", TagError::Unbalanced),
            ("[a[b]]", TagError::Unbalanced),
            ("{version", TagError::Unbalanced),
            ("{tag}", TagError::UnknownCapture),
            ("[a][b][c][d][e][f][g]", TagError::TooComplex),
        ];
        for (pattern, error) in table {
            assert_eq!(TagPattern::try_from(pattern.to_owned()), Err(error), "{pattern}");
        }
    }
}
