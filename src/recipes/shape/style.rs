//! How the file at hand is written, so that new lines look like their neighbours.

use barehull_syntax::dockerfile::{Dockerfile, Keyword};

/// Line ends and letter case of a Dockerfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// `\n` or `\r\n`.
    pub newline: &'static str,
    lower: bool,
}

impl Style {
    /// The style most of the file is in.
    pub fn of(dockerfile: &Dockerfile) -> Self {
        let source = dockerfile.source();
        let first_break = source.iter().position(|b| *b == b'\n');
        let crlf = first_break.is_some_and(|at| at > 0 && source[at - 1] == b'\r');
        let lower = dockerfile
            .instructions()
            .iter()
            .find(|i| i.keyword == Keyword::From)
            .is_some_and(|i| i.keyword_span.slice(source).starts_with(b"f"));
        Self { newline: if crlf { "\r\n" } else { "\n" }, lower }
    }

    /// A keyword in the file's letter case.
    pub fn keyword(self, upper: &str) -> String {
        if self.lower { upper.to_lowercase() } else { upper.to_owned() }
    }

    /// An instruction in the file's letter case, without a line break.
    pub fn instruction(self, upper: &str, rest: &str) -> String {
        format!("{} {rest}", self.keyword(upper))
    }
}

/// `["a", "b"]`, as people write it. `<`, `>` and `&` stay as they are.
pub fn exec_form<S: AsRef<str>>(argv: &[S]) -> String {
    let items: Vec<_> = argv.iter().map(|a| serde_json::Value::from(a.as_ref()).to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// The same over several lines where it would be far too long for one.
pub fn exec_lines<S: AsRef<str>>(argv: &[S], escape: u8) -> String {
    const ONE_LINE: usize = 200;
    const LINE: usize = 100;
    let form = exec_form(argv);
    if form.len() <= ONE_LINE {
        return form;
    }
    let mut lines = vec![String::new()];
    for (at, word) in argv.iter().enumerate() {
        let item = serde_json::Value::from(word.as_ref()).to_string();
        let item = if at + 1 < argv.len() { item + "," } else { item };
        let line = lines.last_mut().filter(|line| line.is_empty() || line.len() + item.len() < LINE);
        match line {
            Some(line) if line.is_empty() => line.push_str(&item),
            Some(line) => line.extend([" ", &item]),
            None => lines.push(item),
        }
    }
    format!("[{}]", lines.join(&format!(" {}\n     ", char::from(escape))))
}

/// A value for `ENV NAME=value` or a word of COPY: in double quotes where it has white space, quotes or
/// backslashes. Dollar signs are escaped, since the value is already resolved.
pub fn quoted(value: &str, escape: u8) -> String {
    let escape = char::from(escape);
    let plain = |c: char| c.is_alphanumeric() || "/._-:,+@%=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        if c == '"' || c == '$' || c == escape {
            out.push(escape);
        }
        out.push(c);
    }
    out.push('"');
    out
}
