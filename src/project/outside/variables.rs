//! Variables of scripts, makefiles and CI files, as far as they are literal.

use std::collections::HashMap;

/// Stands for what a variable hides. No name, path or flag of ours has it.
pub(super) const UNKNOWN: char = '\u{1a}';
/// Stands for a dollar sign that starts no variable (`'$x'` in a shell, `$$` in compose files).
pub(super) const DOLLAR: char = '\u{1b}';
/// Bytes of a value that is kept.
const MAX_VALUE: usize = 1 << 10;
/// Variables in variables that are followed.
const MAX_DEPTH: usize = 8;
/// Bytes of an expanded text.
const MAX_LENGTH: usize = 8 << 10;

/// Whether `text` holds something that could not be expanded.
pub(super) fn is_unresolved(text: &str) -> bool {
    text.contains(UNKNOWN)
}

/// `text` for people: a `*` for what is hidden.
pub(super) fn shown(text: &str) -> String {
    text.replace(UNKNOWN, "*")
}

/// The variables that a file assigns, each with its only value; without one where there are several.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables(HashMap<String, Option<String>>);

impl Variables {
    /// Collects `NAME=value`, `NAME := value`, `export NAME=value`, `NAME: value` (upper case only) line by line.
    pub fn scan(text: &str) -> Self {
        let mut variables = Self::default();
        for line in text.lines() {
            if let Some((name, value)) = assignment(line) {
                variables.set(name, value);
            }
        }
        variables
    }

    /// Adds an assignment; a second, different one makes the value unknown.
    pub fn set(&mut self, name: &str, value: &str) {
        let known = self.0.entry(name.to_owned()).or_insert_with(|| Some(value.to_owned()));
        if known.as_deref() != Some(value) || value.len() > MAX_VALUE {
            *known = None;
        }
    }

    /// Sets a value, whatever was known of it.
    pub fn define(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), (value.len() <= MAX_VALUE).then(|| value.to_owned()));
    }

    /// The value of `name`, not expanded.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// `text` with its variables replaced; [`UNKNOWN`] for those that are not known.
    pub fn expand(&self, text: &str) -> String {
        let mut found = text.to_owned();
        for _ in 0..MAX_DEPTH {
            if !has_variables(&found) {
                return found.replace(DOLLAR, "$");
            }
            found = self.expand_once(&found);
            if found.len() > MAX_LENGTH {
                return UNKNOWN.to_string();
            }
        }
        // Variables that stand for each other.
        if has_variables(&found) { UNKNOWN.to_string() } else { found.replace(DOLLAR, "$") }
    }

    fn expand_once(&self, text: &str) -> String {
        let mut found = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['$', '`', '{']) {
            found.push_str(&rest[..at]);
            rest = &rest[at..];
            let (len, value) = self.reference(rest);
            match value {
                Value::Known(value) => found.push_str(&value),
                Value::Unknown => found.push(UNKNOWN),
                Value::Plain => found.push_str(&rest[..len]),
            }
            rest = &rest[len..];
            if found.len() > MAX_LENGTH {
                break;
            }
        }
        found.push_str(rest);
        found
    }

    /// What `text`, which starts with `$`, a backtick or a brace, refers to, and how long that is.
    fn reference(&self, text: &str) -> (usize, Value) {
        let value =
            |name: &str| self.get(name).map_or(Value::Unknown, |value| Value::Known(value.to_owned()));
        let closed = |start: usize, end: &str| {
            text[start..].find(end).map(|at| (&text[start..start + at], start + at + end.len()))
        };
        if text.starts_with("${{") {
            let Some((inner, len)) = closed(3, "}}") else { return (text.len(), Value::Unknown) };
            let name =
                ["env.", "vars.", "inputs."].iter().find_map(|prefix| inner.trim().strip_prefix(prefix));
            return (len, name.map_or(Value::Unknown, value));
        }
        if text.starts_with("{{") {
            return (closed(2, "}}").map_or(text.len(), |(_, len)| len), Value::Unknown);
        }
        if text.starts_with('{') {
            return (1, Value::Plain);
        }
        if text.starts_with('`') {
            return (closed(1, "`").map_or(text.len(), |(_, len)| len), Value::Unknown);
        }
        if let Some(rest) = text.strip_prefix("${") {
            let len = 2 + balanced(rest, '{', '}');
            let inner = text[2..len].strip_suffix('}').unwrap_or(&text[2..len]);
            return (len, self.braced(inner));
        }
        if let Some(rest) = text.strip_prefix("$(") {
            let len = 2 + balanced(rest, '(', ')');
            let inner = text[2..len].strip_suffix(')').unwrap_or(&text[2..len]);
            return (len, if is_name(inner) { value(inner) } else { Value::Unknown });
        }
        if text.starts_with("$$") {
            // A dollar sign in makefiles and compose files; what follows is somebody else's variable.
            return (2, Value::Unknown);
        }
        let name = text[1..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .map_or(&text[1..], |end| &text[1..=end]);
        match name.chars().next() {
            Some(c) if c.is_ascii_digit() => (2, Value::Unknown),
            Some(_) => (1 + name.len(), value(name)),
            None if text[1..].starts_with(['@', '*', '#', '?', '!', '-']) => (2, Value::Unknown),
            None => (1, Value::Unknown),
        }
    }

    /// `NAME`, `NAME:-default`, `env.NAME`.
    fn braced(&self, inner: &str) -> Value {
        let name = inner.strip_prefix("env.").unwrap_or(inner);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let (name, operator) = name.split_at(end);
        if let (Some(known), true) =
            (self.get(name), !operator.starts_with(['+', '#', '%', '/', '^', ',', '[']))
        {
            return if operator.starts_with(":+") { Value::Unknown } else { Value::Known(known.to_owned()) };
        }
        // A variable from elsewhere: its default is what the file itself says.
        let default = [":-", ":=", "-", "="].iter().find_map(|mark| operator.strip_prefix(mark));
        match default {
            Some(default) if !self.0.contains_key(name) => Value::Known(default.to_owned()),
            _ => Value::Unknown,
        }
    }
}

enum Value {
    Known(String),
    Unknown,
    /// No variable after all.
    Plain,
}

fn has_variables(text: &str) -> bool {
    text.contains(['$', '`']) || text.contains("{{")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Bytes up to and with the bracket that closes what was opened before `text`, on the same logical line.
pub(super) fn balanced(text: &str, open: char, close: char) -> usize {
    let mut depth = 1;
    let mut continued = false;
    for (at, c) in text.char_indices() {
        if c == '\n' && !continued {
            return at;
        }
        continued = c == '\\' || (continued && c == '\r');
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

/// The name and value of a line that assigns one.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let mut line = line.trim();
    for word in ["- ", "export ", "readonly ", "local ", "declare ", "def ", "set -x "] {
        line = line.strip_prefix(word).unwrap_or(line).trim_start();
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let (name, rest) = line.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(value) = rest.strip_prefix(": ") {
        // YAML's keys are everywhere; variables are written in capitals.
        let capital = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        return (capital && !value.trim().is_empty()).then(|| (name, unquoted(value)));
    }
    let rest = rest.trim_start();
    let value = ["::=", ":=", "?=", "="].iter().find_map(|mark| rest.strip_prefix(mark))?;
    (!value.starts_with('=')).then(|| (name, unquoted(value)))
}

/// A value without its quotes or the comment behind it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner;
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end_matches([';', ',']).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_variables_are_expanded() {
        let text = "REGISTRY ?= ghcr.io/acme # ours\nexport NAME='web'\nIMAGE := $(REGISTRY)/$(NAME)\n  TAG: \"1.2\"\nGIT = $(shell git rev-parse HEAD)\nTWICE=a\nTWICE=b\nA=$B\nB=$A\ndef GROOVY = \"g\"\n";
        let variables = Variables::scan(text);
        let table = [
            ("$(IMAGE):$TAG", "ghcr.io/acme/web:1.2"),
            ("${IMAGE}", "ghcr.io/acme/web"),
            ("${{ env.NAME }}-x", "web-x"),
            ("${env.NAME}", "web"),
            ("$GIT", "*"),
            ("$TWICE", "*"),
            ("$A", "*"),
            ("${MISSING:-fallback}", "fallback"),
            ("${TWICE:-fallback}", "*"),
            ("${MISSING}/web", "*/web"),
            ("$REGISTRY/`id -u`", "ghcr.io/acme/*"),
            ("$(id -u)", "*"),
            ("{{ .Values.image }}:1", "*:1"),
            ("a{b,c}", "a{b,c}"),
            ("$1 $@ $", "* * *"),
            ("${NAME%b}", "*"),
            ("${GROOVY", "g"),
            ("plain", "plain"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(&variables.expand(text)), expected, "{text}");
        }
    }

    #[test]
    fn expansion_is_bounded() {
        let line = |level: u32| format!("V{level}={}\n", format!("$V{}", level - 1).repeat(16));
        let text =
            std::iter::once("V0=xxxxxxxxxxxxxxxx\n".to_owned()).chain((1..40).map(line)).collect::<String>();
        let variables = Variables::scan(&text);
        for level in [1, 3, 8, 39] {
            assert!(variables.expand(&format!("$V{level}")).len() <= 3 * MAX_LENGTH);
        }
        assert_eq!(variables.expand("$V39"), UNKNOWN.to_string());
    }
}
