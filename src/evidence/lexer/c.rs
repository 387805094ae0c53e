//! C and C++.

use super::super::tokens::{Kind, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// Macros of systems that no Linux image is.
const FOREIGN: [&str; 10] = [
    "_WIN32",
    "WIN32",
    "_WIN64",
    "_MSC_VER",
    "__APPLE__",
    "__MACH__",
    "__ANDROID__",
    "__FreeBSD__",
    "__OpenBSD__",
    "Q_OS_WIN",
];

/// The tokens of a file, without what is compiled for other systems. `::` is one mark.
pub(in super::super) fn c(bytes: &[u8]) -> Tokens<'_> {
    let mut b = Builder::new(bytes);
    let mut unpaired = [0; 2];
    let mut conditions = Conditions::default();
    while !b.is_done() {
        match b.peek(0) {
            b'\n' => {
                b.fresh_line = true;
                b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => b.at += 1,
            b'#' if b.fresh_line => {
                conditions.line(&b.bytes[b.at + 1..b.line_end()]);
                directive(&mut b);
            }
            _ if conditions.is_foreign() => b.at = b.line_end(),
            b'/' if b.sees("//") => b.at = b.line_end(),
            b'/' if b.sees("/*") => {
                b.at += 2;
                b.skip_behind("*/");
            }
            b'R' if b.peek(1) == b'"' && raw(&mut b) => {}
            b'"' => line_string(&mut b, false, &mut unpaired[0]),
            b'\'' => line_string(&mut b, false, &mut unpaired[1]),
            b':' if b.sees("::") => {
                let start = b.at;
                b.at += 2;
                b.push(Kind::Mark, start);
            }
            _ => {
                if !bracket(&mut b) && !b.word_or_number() {
                    b.mark();
                }
            }
        }
    }
    b.finish()
}

/// The name of an included file is a text; the body of a macro is code like any other.
fn directive(b: &mut Builder<'_>) {
    let end = b.line_end();
    let line = &b.bytes[b.at..end];
    let word = line[1..].trim_ascii_start();
    if word.starts_with(b"define") {
        b.at += 1;
        return;
    }
    let name = line.iter().position(|c| matches!(c, b'<' | b'"'));
    if let (true, Some(start)) = (word.starts_with(b"include"), name) {
        let close = if line[start] == b'<' { b'>' } else { b'"' };
        if let Some(length) = line[start + 1..].iter().position(|c| *c == close) {
            let (from, to) = (b.at + start + 1, b.at + start + 1 + length);
            b.at = from;
            b.push_text(from, to, true);
        }
    }
    b.at = end;
}

/// The conditions around a line, as far as they are about other systems.
#[derive(Default)]
struct Conditions {
    /// For each open condition that is looked at, whether its present branch is for another system.
    open: Vec<bool>,
    /// Open conditions beyond those.
    more: usize,
}

impl Conditions {
    /// Conditions in each other that are looked at.
    const MAX_DEPTH: usize = 64;

    fn is_foreign(&self) -> bool {
        self.open.contains(&true)
    }

    fn line(&mut self, directive: &[u8]) {
        let text = String::from_utf8_lossy(directive);
        let text = text.trim();
        let is = |word: &str| {
            text.strip_prefix(word).is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric()))
        };
        if is("if") || is("ifdef") || is("ifndef") {
            if self.open.len() == Self::MAX_DEPTH {
                self.more += 1;
            } else {
                self.open.push(!is("ifndef") && is_foreign(text));
            }
        } else if is("endif") {
            if self.more > 0 {
                self.more -= 1;
            } else {
                self.open.pop();
            }
        } else if self.more == 0
            && let Some(last) = self.open.last_mut()
            && (is("else") || is("elif"))
        {
            *last = is("elif") && is_foreign(text);
        }
    }
}

/// Whether a condition holds on other systems alone.
fn is_foreign(condition: &str) -> bool {
    let never = condition.strip_prefix("if").is_some_and(|rest| rest.trim() == "0");
    let named = condition
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .any(|word| FOREIGN.contains(&word));
    never || (named && !condition.contains(['!', '|']))
}

/// `R"x(...)x"`; false if something else comes next.
fn raw(b: &mut Builder<'_>) -> bool {
    let rest = &b.bytes[b.at + 2..];
    let Some(length) = rest.iter().take(17).position(|c| *c == b'(') else { return false };
    let mut end = vec![b')'];
    end.extend_from_slice(&rest[..length]);
    end.push(b'"');
    let start = b.at + 2 + length + 1;
    match b.bytes[start..].windows(end.len()).position(|w| w == end) {
        Some(found) => {
            b.push_text(start, start + found, true);
            b.at = start + found + end.len();
        }
        None => {
            b.at = b.bytes.len();
            b.whole = false;
        }
    }
    true
}
