//! Go's `path` functions where builders lean on their exact results: Clean, and Match with its errors.

use std::str::Chars;

/// Go's `path.Clean`: the shortest path equivalent to `path` by its names alone; `.` for nothing.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => _ = names.pop(),
            ".." if rooted => {}
            _ => names.push(name),
        }
    }
    let text = names.join("/");
    match (rooted, text.is_empty()) {
        (true, _) => format!("/{text}"),
        (false, true) => ".".to_owned(),
        (false, false) => text,
    }
}

/// A pattern that Go's `filepath.Match` calls `ErrBadPattern`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern: check its brackets and backslashes")]
pub struct BadPattern;

/// One step of a compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Any run of characters but `/`.
    Star,
    /// One character but `/`.
    Any,
    /// This character.
    Literal(char),
    /// One character of (or, negated, none of) these ranges. A negated class matches `/`, as in Go.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// A pattern of Go's `filepath.Match` on Unix: `*`, `?`, `[a-z]`, `[^a-z]`, `\` before any character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Step>);

impl Pattern {
    /// Reads `text`.
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        let mut steps = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            steps.push(match c {
                '*' => Step::Star,
                '?' => Step::Any,
                '[' => class(&mut rest)?,
                '\\' => Step::Literal(rest.next().ok_or(BadPattern)?),
                _ => Step::Literal(c),
            });
        }
        // A run of stars is one star; keeping one bounds the work below.
        steps.dedup_by(|a, b| *a == Step::Star && *b == Step::Star);
        Ok(Self(steps))
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut step, mut at) = (0, 0);
        // The last star passed, and how far it reached: going back to the last one alone is enough.
        let mut star: Option<(usize, usize)> = None;
        loop {
            match (self.0.get(step), name.get(at)) {
                (None, None) => return true,
                (Some(Step::Star), _) => {
                    star = Some((step, at));
                    step += 1;
                    continue;
                }
                (Some(one), Some(c)) if one.takes(*c) => {
                    step += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            match star {
                Some((of, reached)) if name.get(reached).is_some_and(|c| *c != '/') => {
                    star = Some((of, reached + 1));
                    step = of + 1;
                    at = reached + 1;
                }
                _ => return false,
            }
        }
    }
}

impl Step {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => c != '/',
            Self::Literal(own) => *own == c,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// What follows `[`, up to and with `]`.
fn class(rest: &mut Chars<'_>) -> Result<Step, BadPattern> {
    let negated = rest.as_str().starts_with('^');
    if negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        if rest.as_str().starts_with(']') && !ranges.is_empty() {
            rest.next();
            return Ok(Step::Class { negated, ranges });
        }
        let low = class_char(rest)?;
        let mut high = low;
        if rest.as_str().starts_with('-') {
            rest.next();
            high = class_char(rest)?;
        }
        ranges.push((low, high));
    }
}

fn class_char(rest: &mut Chars<'_>) -> Result<char, BadPattern> {
    let c = match rest.next().ok_or(BadPattern)? {
        '-' | ']' => return Err(BadPattern),
        '\\' => rest.next().ok_or(BadPattern)?,
        c => c,
    };
    // Go wants something behind it: at least the closing bracket.
    if rest.as_str().is_empty() { Err(BadPattern) } else { Ok(c) }
}

/// Whether Docker reads `text` as a pattern rather than a name.
pub fn has_wildcards(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_as_go_does() {
        let table = [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("a/b/", "a/b"),
            ("a//b", "a/b"),
            ("./a", "a"),
            ("a/../b", "b"),
            ("..", ".."),
            ("../..", "../.."),
            ("../a/..", ".."),
            ("/..", "/"),
            ("/../a", "/a"),
            ("a/..", "."),
            ("//a", "/a"),
            ("a/./b/.", "a/b"),
        ];
        for (path, expected) in table {
            assert_eq!(clean(path), expected, "{path:?}");
        }
    }

    #[test]
    fn matches_as_go_does() {
        let bad = Err(BadPattern);
        // The documented behaviour of Go's filepath.Match, case by case.
        let table = [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "a", Ok(true)),
            ("a*", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[e-g]", "abc", Ok(false)),
            ("ab[^c]", "abc", Ok(false)),
            ("ab[^e-g]", "abc", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a[^a]b", "a☺b", Ok(true)),
            ("a???b", "a☺b", Ok(false)),
            ("[a-ζ]*", "α", Ok(true)),
            ("*[a-ζ]", "A", Ok(false)),
            ("a?b", "a/b", Ok(false)),
            ("a*b", "a/b", Ok(false)),
            ("a[^x]b", "a/b", Ok(true)),
            ("[\\]a]", "]", Ok(true)),
            ("[\\-x]", "-", Ok(true)),
            ("[x\\-]", "z", Ok(false)),
            ("[!a]", "!", Ok(true)),
            ("[]a]", "]", bad),
            ("[-]", "-", bad),
            ("[x-]", "x", bad),
            ("[-x]", "x", bad),
            ("\\", "a", bad),
            ("[a-b-c]", "a", bad),
            ("[", "a", bad),
            ("[^", "a", bad),
            ("[^bc", "a", bad),
            ("a[", "ab", bad),
            ("*x", "xxx", Ok(true)),
            ("**", "abc", Ok(true)),
            ("", "", Ok(true)),
            ("*", "", Ok(true)),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(Pattern::new(pattern).map(|p| p.matches(name)), expected, "{pattern:?} {name:?}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::new(&"*a".repeat(200)).unwrap();
        assert!(!pattern.matches(&"a".repeat(20_000).replace("aa", "ab").replace('a', "b")));
    }

    #[test]
    fn wildcards() {
        assert!(has_wildcards("a*") && has_wildcards("[a]") && has_wildcards("a?"));
        assert!(!has_wildcards("a\\*b") && !has_wildcards("]"));
    }
}
