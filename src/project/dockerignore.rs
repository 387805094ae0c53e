//! `.dockerignore` files with BuildKit's semantics, which are not git's.
//!
//! The rules are those of moby/patternmatcher and its `ignorefile` package as BuildKit's context transfer calls
//! them: every pattern is tried on a path and on every folder above it, and the last one that decides wins.

use std::iter::Peekable;
use std::str::Chars;

use barehull_syntax::Span;
use regex::Regex;

use super::go_path::{self, clean};

/// A line longer than this ends the builder's reading with an error (the buffer of Go's line scanner).
const MAX_LINE_BYTES: usize = 64 << 10;
/// Patterns that are compiled; a file with more is an error here.
const MAX_PATTERNS: usize = 10_000;
/// Bytes a compiled pattern may take.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A list of patterns, the last one that decides first in rank.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    patterns: Vec<IgnorePattern>,
}

/// Why a builder refuses a pattern, and where in the file it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct IgnoreError {
    /// What is wrong and what to do.
    pub what: String,
    /// The line; empty for patterns that come from no file.
    pub span: Span,
}

#[derive(Clone, Debug)]
struct IgnorePattern {
    /// `!`: what it matches is brought back.
    exception: bool,
    matcher: Matcher,
}

/// How a cleaned pattern is compared.
#[derive(Clone, Debug)]
enum Matcher {
    Exact(String),
    /// `folder/**`: everything that starts with `folder/`.
    Prefix(String),
    /// `**/name`, `**name`: everything that ends so; with a leading `/`, also the rest alone.
    Suffix(String),
    Regex(Box<Regex>),
    /// Something only Go's regular expressions know; no file is named so.
    Never,
}

impl Patterns {
    /// Reads an ignore file: its patterns, and what in it a builder on Linux refuses (and then builds nothing).
    /// Patterns that are refused match nothing here.
    pub fn parse(bytes: &[u8]) -> (Self, Vec<IgnoreError>) {
        let mut patterns = Vec::new();
        let mut errors = Vec::new();
        let mut start = 0;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let span = Span::new(start, start + line.len() as u32);
            start = span.end;
            if line.len() > MAX_LINE_BYTES {
                let what = "the line is longer than 65,536 bytes, which builders refuse; split it".to_owned();
                errors.push(IgnoreError { what, span });
                break;
            }
            let line = String::from_utf8_lossy(line);
            let line = if span.start == 0 { line.strip_prefix('\u{feff}').unwrap_or(&line) } else { &line };
            let Some(text) = pattern_of_line(line) else { continue };
            if patterns.len() == MAX_PATTERNS {
                let what = format!("more than {MAX_PATTERNS} patterns are not read; make it fewer");
                errors.push(IgnoreError { what, span });
                break;
            }
            match IgnorePattern::new(&text) {
                Ok(pattern) => patterns.push(pattern),
                Err(what) => errors.push(IgnoreError { what, span }),
            }
        }
        (Self { patterns }, errors)
    }

    /// Patterns that stand alone, as in `COPY --exclude=…`; empty ones are passed over.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, IgnoreError> {
        let texts = texts.into_iter().filter(|text| !text.trim().is_empty());
        let error = |what| IgnoreError { what, span: Span::default() };
        let patterns = texts.map(|text| IgnorePattern::new(text).map_err(error)).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a pattern brings something back (`!`): then a folder that matches may still hold files that do not.
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|p| p.exception)
    }

    /// Whether the path (`/` between names, cleaned, below the root) is matched, folders above it considered.
    pub fn matches(&self, path: &str) -> bool {
        let mut state = State::default();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.filter(|end| *end > 0).fold(false, |_, end| self.enter(&mut state, &path[..end]))
    }

    /// Whether `path` is matched, given the state of the folder it is in; turns `state` into that of `path`.
    pub(super) fn enter(&self, state: &mut State, path: &str) -> bool {
        let inherited = std::mem::take(&mut state.matched);
        let mut decided = false;
        state.matched = self
            .patterns
            .iter()
            .enumerate()
            .map(|(at, pattern)| {
                let above = inherited.get(at).copied().unwrap_or_default();
                // A pattern that could not change the verdict is not tried, and so not inherited below: BuildKit's
                // order of evaluation, which shows where exceptions and their folders are mixed.
                let matched = above || (pattern.exception == decided && pattern.matcher.matches(path));
                if matched {
                    decided = !pattern.exception;
                }
                matched
            })
            .collect();
        decided
    }
}

/// Which patterns matched a folder or one above it.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    matched: Vec<bool>,
}

/// The cleaned pattern of a line of an ignore file, with its `!`; nothing for comments and blank lines.
fn pattern_of_line(line: &str) -> Option<String> {
    // Only at the very start of a line: an indented `#` is a pattern.
    if line.starts_with('#') {
        return None;
    }
    let line = line.trim();
    let (mark, text) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", line),
    };
    if text.is_empty() {
        return (!mark.is_empty()).then(|| mark.to_owned());
    }
    let text = clean(text);
    let text = if text.len() > 1 { text.strip_prefix('/').unwrap_or(&text) } else { &text };
    Some(format!("{mark}{text}"))
}

impl IgnorePattern {
    fn new(text: &str) -> Result<Self, String> {
        let cleaned = clean(text.trim());
        let (exception, text) = match cleaned.strip_prefix('!') {
            Some("") => {
                return Err(
                    "a lone ! brings nothing back; name what it should, or remove the line".to_owned()
                );
            }
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        let bad = |why: &dyn std::fmt::Display| format!("builders refuse the pattern {text:?}: {why}");
        go_path::Pattern::new(text).map_err(|error| bad(&error))?;
        Ok(Self { exception, matcher: Matcher::new(text).map_err(|error| bad(&error))? })
    }
}

impl Matcher {
    /// Translates a pattern the way patternmatcher does, its oddities included: `**` eats the slash behind it.
    fn new(pattern: &str) -> Result<Self, String> {
        let mut regex = String::from("^");
        let mut kind = Matcher::Exact(pattern.to_owned());
        let mut needs_regex = false;
        let mut rest = pattern.chars().peekable();
        let mut first = true;
        let mut in_class = false;
        while let Some(c) = rest.next() {
            match c {
                '*' if rest.peek() == Some(&'*') => {
                    rest.next();
                    rest.next_if_eq(&'/');
                    let at_end = rest.peek().is_none();
                    regex.push_str(if at_end { ".*" } else { "(.*/)?" });
                    match (first, at_end, &kind) {
                        (true, ..) => (kind, needs_regex) = (Matcher::Suffix(pattern[2..].to_owned()), false),
                        (_, true, Matcher::Exact(_)) if !needs_regex => {
                            kind = Matcher::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned());
                        }
                        _ => needs_regex = true,
                    }
                }
                '*' | '?' => {
                    // Inside a class the bracket is one of its characters, and the class ends with what follows.
                    regex.push_str(if in_class { "\\[^/]" } else { "[^/]" });
                    if c == '*' {
                        regex.push('*');
                    }
                    in_class = false;
                    needs_regex = true;
                }
                '\\' => match rest.next() {
                    Some(next) => match escaped(next)? {
                        Some(text) => {
                            regex.push_str(&text);
                            needs_regex = true;
                        }
                        None => return Ok(Self::Never),
                    },
                    None => regex.push_str("\\\\"),
                },
                '[' if in_class => regex.push_str("\\["),
                '[' | ']' => {
                    in_class = c == '[';
                    regex.push(c);
                    needs_regex = true;
                }
                '.' | '+' | '(' | ')' | '}' | '$' => regex.extend(['\\', c]),
                '{' => match repetition(&mut rest).filter(|_| !in_class) {
                    Some(times) => regex.push_str(&times),
                    None => regex.push_str("\\{"),
                },
                // Of these two alike inside a class Rust makes operators, Go characters.
                '&' | '~' if in_class => regex.extend(['\\', c]),
                // Everything else stays: `^` anchors and `|` parts alternatives, as patternmatcher lets them.
                _ => regex.push(c),
            }
            first = false;
        }
        if !needs_regex {
            return Ok(kind);
        }
        regex.push('$');
        let built = regex::RegexBuilder::new(&regex).size_limit(MAX_REGEX_BYTES).build();
        Ok(Self::Regex(Box::new(built.map_err(|_| go_path::BadPattern.to_string())?)))
    }

    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text.as_str()),
            Self::Suffix(text) => path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path),
            Self::Regex(regex) => regex.is_match(path),
            Self::Never => false,
        }
    }
}

/// What follows `{` if it is a count (`2}`, `2,}`, `2,3}`), with the brace: patternmatcher lets it repeat.
fn repetition(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let inner: String = rest.clone().take_while(|c| *c != '}').take(10).collect();
    let (low, high) = inner.split_once(',').unwrap_or((&inner, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let closed = rest.clone().nth(inner.chars().count()) == Some('}');
    if low.is_empty() || !digits(low) || !digits(high) || !closed {
        return None;
    }
    rest.nth(inner.len());
    Some(format!("{{{inner}}}"))
}

/// A backslash and `c` in Go's regular expressions: for letters a class, a border or a control character rather
/// than the letter, so `bin\Debug` does not mean what its author thinks. Nothing for what Rust's cannot say.
fn escaped(c: char) -> Result<Option<String>, String> {
    Ok(Some(match c {
        'd' => "[0-9]".to_owned(),
        'D' => "[^0-9]".to_owned(),
        's' => "[\\t\\n\\f\\r ]".to_owned(),
        'S' => "[^\\t\\n\\f\\r ]".to_owned(),
        'w' => "[0-9A-Za-z_]".to_owned(),
        'W' => "[^0-9A-Za-z_]".to_owned(),
        'b' => "(?-u:\\b)".to_owned(),
        'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'A' | 'z' | 'B' => format!("\\{c}"),
        'p' | 'P' | 'Q' | 'E' | 'C' | 'x' | '0'..='7' => return Ok(None),
        _ if c.is_ascii_alphanumeric() || !c.is_ascii() => return Err(go_path::BadPattern.to_string()),
        _ => regex::escape(c.encode_utf8(&mut [0; 4])),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(patterns: &[&str], path: &str) -> bool {
        Patterns::of(patterns.iter().copied()).unwrap().matches(path)
    }

    fn ignored(file: &str, path: &str) -> bool {
        let (patterns, errors) = Patterns::parse(file.as_bytes());
        assert_eq!(errors, [], "{file:?}");
        patterns.matches(path)
    }

    /// One pattern against one path, from the documented behaviour of moby/patternmatcher.
    #[test]
    fn single_patterns() {
        let table = [
            ("**", "file", true),
            ("**/", "file", true),
            ("**", "dir/file", true),
            ("**/", "dir/file", true),
            ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir/dir2/file", true),
            ("**/dir", "dir", true),
            ("**/dir", "dir/file", true),
            ("**/dir2/*", "dir/dir2/file", true),
            ("**/dir2/**", "dir/dir2/dir3/file", true),
            ("**file", "file", true),
            ("**file", "dir/file", true),
            ("**/file", "dir/file", true),
            ("**file", "dir/dir/file", true),
            ("**/file", "dir/dir/file", true),
            ("**/file*", "dir/dir/file", true),
            ("**/file*", "dir/dir/file.txt", true),
            ("**/file*txt", "dir/dir/file.txt", true),
            ("**/file*.txt*", "dir/dir/file.txt", true),
            ("**/**/*.txt", "dir/dir/file.txt", true),
            ("**/**/*.txt2", "dir/dir/file.txt", false),
            ("**/*.txt", "file.txt", true),
            ("**/**/*.txt", "file.txt", true),
            ("a**/*.txt", "a/file.txt", true),
            ("a**/*.txt", "a/dir/dir/file.txt", true),
            ("a/*.txt", "a/dir/file.txt", false),
            ("a/*.txt", "a/file.txt", true),
            ("a/*.txt**", "a/file.txt", true),
            ("a[b-d]e", "ae", false),
            ("a[b-d]e", "ace", true),
            ("a[b-d]e", "aae", false),
            ("a[^b-d]e", "aze", true),
            (".*", ".foo", true),
            (".*", "foo", false),
            ("abc.def", "abcdef", false),
            ("abc.def", "abc.def", true),
            ("abc.def", "abcZdef", false),
            ("abc?def", "abcZdef", true),
            ("abc?def", "abcdef", false),
            ("a\\\\", "a\\", true),
            ("a\\*b", "a*b", true),
            ("**/foo/bar", "foo/bar", true),
            ("**/foo/bar", "dir/dir2/foo/bar", true),
            ("abc/**", "abc", false),
            ("abc/**", "abc/def/ghi", true),
            ("**/.foo", ".foo", true),
            ("**/.foo", "bar.foo", false),
            ("a(b)c/def", "a(b)c/def", true),
            ("a(b)c/def", "a(b)c/xyz", false),
            ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
            ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true),
            ("*", "a/b/c", true),
            ("a*", "ab/c", true),
            ("docs/", "docs/README.md", true),
            ("./docs", "docs/README.md", true),
            ("docs/../src", "src/a", true),
            // These exclude nothing: no path below the root is called so.
            (".", "a/b", false),
            ("/", "a", false),
            ("../a", "a", false),
            ("a[[]b", "a[b", true),
            ("[a&&b]", "&", true),
            ("x]*", "x]y", true),
            // patternmatcher escapes neither `|` nor braces.
            ("a|b*", "bc", true),
            ("*.{js,ts}", "a.{js,ts}", true),
            ("*.{js,ts}", "a.js", false),
            ("?a{2}", "xaa", true),
        ];
        for (pattern, path, expected) in table {
            assert_eq!(matches(&[pattern], path), expected, "{pattern:?} {path:?}");
        }
    }

    #[test]
    fn order_and_exceptions() {
        let table: &[(&[&str], &str, bool)] = &[
            (&["docs", "!docs/README.md"], "docs/README.md", false),
            (&["docs", "!docs/README.md"], "docs/other.md", true),
            (&["docs/*", "!docs/README.md"], "docs/README.md", false),
            (&["!a.go", "*.go"], "a.go", true),
            (&["*.go", "!a.go"], "a.go", false),
            (&["**", "!util/docker/web"], "util/docker/web/foo", false),
            (&["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", true),
            (&["**", "!dist/*.whl"], "dist/a+b.whl", false),
            (&["*", "!src", "!package.json"], "src/a/b.js", false),
            (&["*", "!src", "src/**/*.test.js"], "src/a/b.test.js", true),
            (&["*", "!src"], "test/a", true),
            (&["**/node_modules", "!node_modules/keep"], "node_modules/keep/x", false),
            // An exception for a folder that is not ignored itself does not reach what is ignored below it.
            (&["a/b", "!a"], "a/b", true),
        ];
        for (patterns, path, expected) in table {
            assert_eq!(matches(patterns, path), *expected, "{patterns:?} {path:?}");
        }
    }

    #[test]
    fn lines_of_the_file() {
        let file = "\u{feff}# comment\n/test2\n  /a/file/here/  \n\n # not a comment\n! /kept/abs/path\r\nkept\n!kept\r\n";
        for (path, expected) in [
            ("test2/x", true),
            ("a/file/here", true),
            ("# not a comment", true),
            ("comment", false),
            ("kept/abs/path", false),
        ] {
            assert_eq!(ignored(file, path), expected, "{path:?}");
        }
        assert!(!ignored("", "a"));
        assert!(ignored("a b", "a b"));
    }

    #[test]
    fn what_builders_refuse_is_told_with_its_line() {
        let file = b"ok\n!\nbin\\Release\n[Local-Only]\n[\n!/\nlast\n";
        let (patterns, errors) = Patterns::parse(file);
        let lines: Vec<_> =
            errors.iter().map(|e| String::from_utf8_lossy(e.span.slice(file)).trim().to_owned()).collect();
        assert_eq!(lines, ["!", "bin\\Release", "[Local-Only]", "[", "!/"]);
        assert!(patterns.matches("last") && patterns.matches("ok"));
        assert!(errors[1].to_string().contains("bin\\\\Release"), "{}", errors[1]);
        let long = format!("ok\n{}\nlast", "x".repeat(MAX_LINE_BYTES + 1));
        assert_eq!(Patterns::parse(long.as_bytes()).1.len(), 1);
        // Accepted on Linux, though it means nothing there.
        assert!(!ignored("obj\\x64\nbin\\Debug", "bin/Debug"));
    }
}
