//! Parser directives: `# syntax=...`, `# escape=...`, `# check=...` at the top of the file.

use super::runes;
use crate::{MappedText, Span};

/// The parser directives BuildKit knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectiveName {
    /// Which frontend reads the file.
    Syntax,
    /// The escape character.
    Escape,
    /// How BuildKit's own checks behave.
    Check,
}

impl DirectiveName {
    /// The name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Escape => "escape",
            Self::Check => "check",
        }
    }

    fn read(name: &[u8]) -> Option<Self> {
        [Self::Syntax, Self::Escape, Self::Check]
            .into_iter()
            .find(|known| name.eq_ignore_ascii_case(known.as_str().as_bytes()))
    }
}

/// A parser directive.
#[derive(Clone, Debug)]
pub struct Directive {
    /// The comment that holds it, from `#`, without the line break.
    pub span: Span,
    /// Which one.
    pub name: DirectiveName,
    /// The name's bytes, in the letter case of the file.
    pub name_span: Span,
    /// The value.
    pub value: MappedText,
}

/// Reads one line (indentation and line break removed) that starts at byte `start` of the file.
pub(super) fn read(line: &[u8], start: u32) -> Option<Directive> {
    let rest = line.strip_prefix(b"#")?;
    let name_at = 1 + runes::leading_space(rest);
    let name_len = line[name_at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let name = DirectiveName::read(&line[name_at..name_at + name_len])?;
    let equals = name_at + name_len + spaces(&line[name_at + name_len..]);
    if line.get(equals) != Some(&b'=') {
        return None;
    }
    let value = value_range(&line[equals + 1..])?;
    let mut text = MappedText::new();
    let value_at = equals + 1 + value.start;
    text.push_bytes(&line[value_at..equals + 1 + value.end], start + value_at as u32);
    Some(Directive {
        span: Span::new(start, start + line.len() as u32),
        name,
        name_span: Span::new(start + name_at as u32, start + (name_at + name_len) as u32),
        value: text,
    })
}

/// The value behind `=`: without surrounding blanks, but one blank where there is nothing else.
fn value_range(rest: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = spaces(rest);
    if start == rest.len() {
        return (start > 0).then(|| start - 1..start);
    }
    let end = rest.iter().rposition(|b| !is_space(*b))? + 1;
    Some(start..end)
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| is_space(**b)).count()
}

/// White space inside a directive; unlike elsewhere, the vertical tab is none.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(line: &str) -> Option<(DirectiveName, String)> {
        read(line.as_bytes(), 0).map(|d| (d.name, d.value.text().to_owned()))
    }

    #[test]
    fn names_and_values() {
        let syntax = Some((DirectiveName::Syntax, "docker/dockerfile:1".to_owned()));
        assert_eq!(value("# syntax=docker/dockerfile:1"), syntax);
        assert_eq!(value("#\tSyntax = docker/dockerfile:1 "), syntax);
        assert_eq!(value("#escape= "), Some((DirectiveName::Escape, " ".to_owned())));
        assert_eq!(value("# escape="), None);
        assert_eq!(value("# other=1"), None);
        assert_eq!(value("# syntax docker"), None);
    }
}
