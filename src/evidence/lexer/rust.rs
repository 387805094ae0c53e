//! Rust.

use super::super::tokens::{Kind, Tokens};
use super::bracket;
use super::builder::Builder;

/// Bytes of a character literal, escapes included: `'\u{10FFFF}'`.
const MAX_CHARACTER: usize = 14;

/// The tokens of a file. `::` is one mark, and the `!` of a macro that is called is none.
pub(in super::super) fn rust(bytes: &[u8]) -> Tokens<'_> {
    let mut b = Builder::new(bytes);
    while !b.is_done() {
        match b.peek(0) {
            b'\n' => {
                b.fresh_line = true;
                b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => b.at += 1,
            b'/' if b.sees("//") => b.at = b.line_end(),
            b'/' if b.sees("/*") => comment(&mut b),
            b'"' => text(&mut b),
            b'\'' => character(&mut b),
            b'b' | b'c' if b.peek(1) == b'"' => {
                b.at += 1;
                text(&mut b);
            }
            b'b' if b.peek(1) == b'\'' => {
                b.at += 1;
                character(&mut b);
            }
            b'r' | b'b' | b'c' if raw(&mut b) => {}
            b':' if b.sees("::") => {
                let start = b.at;
                b.at += 2;
                b.push(Kind::Mark, start);
            }
            b'!' if b.kind(b.last()) == Some(Kind::Word) && matches!(b.peek(1), b'(' | b'[' | b'{') => {
                b.at += 1;
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

/// Comments may hold comments.
fn comment(b: &mut Builder<'_>) {
    let mut depth = 0_usize;
    while !b.is_done() {
        if b.sees("/*") {
            depth += 1;
            b.at += 2;
        } else if b.sees("*/") {
            depth -= 1;
            b.at += 2;
            if depth == 0 {
                return;
            }
        } else {
            b.fresh_line |= b.peek(0) == b'\n';
            b.at += 1;
        }
    }
    b.whole = false;
}

/// A string, which may stand on several lines.
fn text(b: &mut Builder<'_>) {
    let start = b.at + 1;
    b.at = start;
    while !b.is_done() {
        match b.peek(0) {
            b'\\' => b.at += 2,
            b'"' => {
                b.push_text(start, b.at, false);
                b.at += 1;
                return;
            }
            _ => b.at += 1,
        }
    }
    b.at = b.bytes.len();
    b.whole = false;
}

/// `'a'` and `'\n'`; the name of a lifetime is nothing.
fn character(b: &mut Builder<'_>) {
    let start = b.at + 1;
    let rest = &b.bytes[start.min(b.bytes.len())..];
    let end = if rest.first() == Some(&b'\\') {
        rest.iter().take(MAX_CHARACTER).skip(2).position(|c| *c == b'\'').map(|at| at + 2)
    } else {
        let length = match rest.first() {
            Some(0xF0..) => 4,
            Some(0xE0..) => 3,
            Some(0xC0..) => 2,
            _ => 1,
        };
        (rest.get(length) == Some(&b'\'')).then_some(length)
    };
    match end {
        Some(length) => {
            b.push_text(start, start + length, false);
            b.at = start + length + 1;
        }
        None => b.at += 1,
    }
}

/// `r"..."`, `r#"..."#`, with `b` or `c` in front; false if something else comes next.
fn raw(b: &mut Builder<'_>) -> bool {
    let prefix = if b.peek(0) == b'r' { 1 } else { 2 };
    if prefix == 2 && b.peek(1) != b'r' {
        return false;
    }
    let hashes = b.bytes[b.at + prefix..].iter().take_while(|c| **c == b'#').count();
    if b.peek(prefix + hashes) != b'"' {
        return false;
    }
    let start = b.at + prefix + hashes + 1;
    let mut at = start;
    while at < b.bytes.len() {
        let closes = b.bytes[at] == b'"'
            && b.bytes[at + 1..].iter().take(hashes).filter(|c| **c == b'#').count() == hashes;
        if closes {
            b.push_text(start, at, true);
            b.at = at + 1 + hashes;
            return true;
        }
        at += 1;
    }
    b.at = b.bytes.len();
    b.whole = false;
    true
}
