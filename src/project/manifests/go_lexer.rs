//! Go source text as tokens: just enough to find imports and calls without being fooled by comments and strings.

use barehull_syntax::Span;

/// A token and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: TokenKind<'a>,
    pub span: Span,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// A string literal, its usual escapes undone.
    Text(String),
    /// A `//go:` comment, whole.
    Directive(&'a str),
    /// Any other character.
    Sign(char),
    /// A number or rune.
    Other,
}

impl Token<'_> {
    /// Whether it is the sign `c`.
    pub fn is(&self, c: char) -> bool {
        self.kind == TokenKind::Sign(c)
    }
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &text[at..];
        let (len, kind) = match byte {
            b'/' if rest.starts_with("//") => {
                let line = rest.split('\n').next().unwrap_or_default();
                (line.len(), line.starts_with("//go:").then(|| TokenKind::Directive(line.trim_end())))
            }
            b'/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), None),
            b'"' => {
                let len = quoted(rest, b'"');
                (len, Some(TokenKind::Text(unescaped(inner(&rest[..len])))))
            }
            b'`' => {
                let len = rest[1..].find('`').map_or(rest.len(), |end| end + 2);
                (len, Some(TokenKind::Text(inner(&rest[..len]).to_owned())))
            }
            b'\'' => (quoted(rest, b'\''), Some(TokenKind::Other)),
            b'0'..=b'9' => (run(rest, |c| c.is_ascii_alphanumeric() || c == '_'), Some(TokenKind::Other)),
            b if b.is_ascii_whitespace() => (1, None),
            _ => {
                let name = run(rest, |c| c.is_alphanumeric() || c == '_');
                let c = rest.chars().next().unwrap_or_default();
                if name > 0 {
                    (name, Some(TokenKind::Name(&rest[..name])))
                } else {
                    (c.len_utf8(), Some(TokenKind::Sign(c)))
                }
            }
        };
        if let Some(kind) = kind {
            found.push(Token { kind, span: Span::new(at as u32, (at + len) as u32) });
        }
        at += len;
    }
    found
}

fn run(text: &str, takes: impl Fn(char) -> bool) -> usize {
    text.find(|c| !takes(c)).unwrap_or(text.len())
}

/// Length of a literal between `quote`s; it ends at the line's end at the latest, as in Go.
fn quoted(text: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return at,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b if b == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A literal without its quotes; the closing one may be missing.
fn inner(literal: &str) -> &str {
    let quote = &literal[..1];
    let rest = &literal[1..];
    rest.strip_suffix(quote).unwrap_or(rest)
}

fn unescaped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => found.push('\n'),
            ('\\', Some('t')) => found.push('\t'),
            ('\\', Some(other)) => found.push(other),
            _ => found.push(c),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::TokenKind::{Directive, Name, Other, Sign, Text};
    use super::*;

    #[test]
    fn comments_and_literals_do_not_fool_it() {
        let text = "//go:build linux\npackage main // x\n/* import \"C\" */\nx := '\"' + `raw \"C\"` + \"a\\\"b\\n\" + 0x1f.é";
        let kinds: Vec<_> = tokens(text).into_iter().map(|token| token.kind).collect();
        let expected = [
            Directive("//go:build linux"),
            Name("package"),
            Name("main"),
            Name("x"),
            Sign(':'),
            Sign('='),
            Other,
            Sign('+'),
            Text("raw \"C\"".to_owned()),
            Sign('+'),
            Text("a\"b\n".to_owned()),
            Sign('+'),
            Other,
            Sign('.'),
            Name("é"),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn unfinished_text_ends() {
        for text in ["\"abc", "`abc", "'", "/* x", "\"a\\", "\"", "`", "//", "\"é"] {
            let total = tokens(text).last().map_or(0, |token| token.span.end);
            assert!(total as usize <= text.len(), "{text}");
        }
    }
}
