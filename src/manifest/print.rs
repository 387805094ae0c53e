//! Values as YAML, as a person would write them.

use super::Data;
use super::data::stays_text;
use super::style::Style;

/// Columns of a line that a list in brackets may take.
const MAX_LINE: usize = 90;

/// Writes values in one style; lines end in LF.
pub(super) struct Printer {
    style: Style,
    out: String,
}

impl Printer {
    pub const fn new(style: Style) -> Self {
        Self { style, out: String::new() }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.out
    }

    fn indent(&mut self, column: usize) {
        self.out.extend(std::iter::repeat_n(' ', column));
    }

    /// A map as a document.
    pub fn document(&mut self, map: &Data) {
        if let Data::Map(entries) = map {
            for (key, value) in entries {
                self.entry(key, value, 0);
            }
        }
    }

    /// `key: value` lines at `column`.
    pub fn entry(&mut self, key: &str, value: &Data, column: usize) {
        self.indent(column);
        self.entry_here(key, value, column);
    }

    fn entry_here(&mut self, key: &str, value: &Data, column: usize) {
        self.out.push_str(&scalar(key, self.style.double_quotes, false));
        self.out.push(':');
        self.value(key, value, column);
    }

    /// What follows the colon of `key` at `column`, with the line's end.
    pub fn value(&mut self, key: &str, value: &Data, column: usize) {
        match value {
            Data::Map(entries) if !entries.is_empty() => {
                self.out.push('\n');
                let column = column + self.style.step;
                for (key, value) in entries {
                    self.entry(key, value, column);
                }
            }
            Data::List(items) if !items.is_empty() && !self.in_brackets(key, items, column) => {
                self.out.push('\n');
                let column = column + self.style.dash;
                for item in items {
                    self.item(item, column);
                }
            }
            Data::Null => self.out.push('\n'),
            other => {
                self.out.push(' ');
                self.on_line(other, column + self.style.step);
            }
        }
    }

    /// An item whose dash is at `column`.
    pub fn item(&mut self, item: &Data, column: usize) {
        self.indent(column);
        self.out.push('-');
        let inner = column + self.style.item;
        match item {
            Data::Null => return self.out.push('\n'),
            _ => self.indent(self.style.item - 1),
        }
        match item {
            Data::Map(entries) if !entries.is_empty() => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        self.indent(inner);
                    }
                    self.entry_here(key, value, inner);
                }
            }
            other => self.on_line(other, inner),
        }
    }

    /// A value that begins on the line; the lines of a text are at `column`.
    fn on_line(&mut self, value: &Data, column: usize) {
        match value {
            Data::Text(text) if is_block(text) => self.block(text, column),
            other => {
                self.out.push_str(&inline(other, self.style.double_quotes));
                self.out.push('\n');
            }
        }
    }

    fn block(&mut self, text: &str, column: usize) {
        let trimmed = text.trim_end_matches('\n');
        let mark = match text.len() - trimmed.len() {
            0 => "|-",
            1 => "|",
            _ => "|+",
        };
        self.out.push_str(mark);
        self.out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(column);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// Short words of commands and the like go on one line where the document does so.
    fn in_brackets(&self, key: &str, items: &[Data], column: usize) -> bool {
        if !matches!(key, "command" | "args" | "entrypoint" | "test" | "drop" | "add") {
            return false;
        }
        let short = |item: &Data| match item {
            Data::Text(text) => !text.contains('\n'),
            Data::Word(_) => true,
            _ => false,
        };
        let all = Data::List(items.to_vec());
        self.style.brackets && items.iter().all(short) && column + inline(&all, true).len() < MAX_LINE
    }
}

/// A value on one line, collections in brackets and braces.
pub(super) fn inline(value: &Data, double: bool) -> String {
    match value {
        Data::Null => "null".to_owned(),
        Data::Word(word) => word.clone(),
        Data::Text(text) => scalar(text, double, false),
        Data::List(items) => {
            // Words of a command have quotes, whether they need them or not.
            let item = |item: &Data| match item {
                Data::Text(text) if double => quoted(text),
                Data::Text(text) => scalar(text, double, true),
                other => inline(other, double),
            };
            format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        Data::Map(entries) => {
            let entry = |(key, value): &(String, Data)| {
                let value = match value {
                    Data::Text(text) => scalar(text, double, true),
                    other => inline(other, double),
                };
                format!("{}: {value}", scalar(key, double, true))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Whether a text is written as a block of lines: it has several, and a block keeps every character of them.
fn is_block(text: &str) -> bool {
    let plain = |c: char| c == '\n' || c == '\t' || !(c.is_control() || is_special(c));
    let first = text.split('\n').next().unwrap_or_default();
    text.contains('\n')
        && text.chars().all(plain)
        && !first.trim().is_empty()
        && !first.starts_with([' ', '\t'])
}

/// Characters that some reader takes for the end of a line, or for none.
fn is_special(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// A string on one line, in quotes only where it needs them.
fn scalar(text: &str, double: bool, flow: bool) -> String {
    if is_plain_text(text, flow) {
        return text.to_owned();
    }
    let single = !double && text.chars().all(|c| !c.is_control() && !is_special(c));
    if single { format!("'{}'", text.replace('\'', "''")) } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || is_special(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_plain_text(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator = "-?:,[]{}#&*!|>'\"%@`".contains(first);
    let follows = text[first.len_utf8()..].chars().next();
    // A dash before a word begins no list.
    let word = first == '-' && follows.is_some_and(|c| !c.is_whitespace()) && !text.starts_with("---");
    let ends = text.ends_with([' ', ':']) || first == ' ';
    let inside =
        text.contains(": ") || text.contains(" #") || text.chars().any(|c| c.is_control() || is_special(c));
    let breaks_flow = flow && text.contains([',', '[', ']', '{', '}', ':', '#', '"', '\'']);
    stays_text(text) && (!indicator || word) && !ends && !inside && !breaks_flow && !text.contains("{{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> Style {
        Style { step: 2, dash: 2, item: 2, brackets: true, double_quotes: true, crlf: false }
    }

    #[test]
    fn quotes_stand_where_yaml_needs_them() {
        let table = [
            ("web", "web"),
            ("acme/web:1.2", "acme/web:1.2"),
            ("64Mi", "64Mi"),
            ("-jar", "-jar"),
            ("/bin/sh -c x", "/bin/sh -c x"),
            ("8080", "\"8080\""),
            ("1e3", "\"1e3\""),
            ("0x1f", "\"0x1f\""),
            ("12:30", "\"12:30\""),
            ("yes", "\"yes\""),
            ("N", "\"N\""),
            ("", "\"\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("a:", "\"a:\""),
            ("*x", "\"*x\""),
            ("--x", "--x"),
            ("---", "\"---\""),
            ("-", "\"-\""),
            ("a\u{1b}", "\"a\\u001b\""),
            ("say \"x\"", "say \"x\""),
            ("é", "é"),
            ("{{x}}", "\"{{x}}\""),
        ];
        for (text, expected) in table {
            assert_eq!(scalar(text, true, false), expected, "{text:?}");
        }
        assert_eq!(scalar("8080", false, false), "'8080'");
        assert_eq!(scalar("it's: a", false, false), "'it''s: a'");
    }

    #[test]
    fn whole_values() {
        let data = Data::Map(vec![
            ("name".to_owned(), Data::text("wait")),
            (
                "command".to_owned(),
                Data::texts(&["sh".to_owned(), "-c".to_owned(), "set -eu\nexit\n".to_owned()]),
            ),
            ("args".to_owned(), Data::texts(&["a".to_owned(), "-b".to_owned()])),
            ("emptyDir".to_owned(), Data::Map(Vec::new())),
            ("security".to_owned(), Data::Map(vec![("user".to_owned(), Data::Word("1000".to_owned()))])),
            ("port".to_owned(), Data::text("80")),
        ]);
        let mut printer = Printer::new(style());
        printer.item(&data, 4);
        assert_eq!(
            printer.finish(),
            "    - name: wait\n      command:\n        - sh\n        - -c\n        - |\n          set -eu\n          exit\n      args: [\"a\", \"-b\"]\n      emptyDir: {}\n      security:\n        user: 1000\n      port: \"80\"\n"
        );
    }
}
