//! Go.

use super::super::tokens::{Kind, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// Words that may end a statement; any other word but a keyword may too.
const GOES_ON: [&[u8]; 21] = [
    b"case",
    b"chan",
    b"const",
    b"default",
    b"defer",
    b"else",
    b"for",
    b"func",
    b"go",
    b"goto",
    b"if",
    b"import",
    b"interface",
    b"map",
    b"package",
    b"range",
    b"select",
    b"struct",
    b"switch",
    b"type",
    b"var",
];

/// The tokens of a file.
pub(in super::super) fn go(bytes: &[u8]) -> Tokens<'_> {
    read(bytes, false)
}

/// The tokens of a file up to its first declaration.
pub(in super::super) fn go_imports(bytes: &[u8]) -> Tokens<'_> {
    read(bytes, true)
}

fn read(bytes: &[u8], imports_only: bool) -> Tokens<'_> {
    let mut b = Builder::new(bytes);
    // A quote is never unpaired in a valid file; a rune holds no line break either.
    let mut unpaired = [0; 2];
    while !b.is_done() {
        match b.peek(0) {
            b'\n' => {
                end_statement(&mut b);
                b.fresh_line = true;
                b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => b.at += 1,
            b'/' if b.sees("//") => b.at = b.line_end(),
            b'/' if b.sees("/*") => {
                let from = b.at;
                b.at += 2;
                b.skip_behind("*/");
                if b.bytes[from..b.at].contains(&b'\n') {
                    end_statement(&mut b);
                    b.fresh_line = true;
                }
            }
            b'"' => line_string(&mut b, false, &mut unpaired[0]),
            b'\'' => line_string(&mut b, false, &mut unpaired[1]),
            b'`' => {
                let start = b.at + 1;
                b.at += 1;
                b.skip_behind("`");
                let end = if b.whole { b.at - 1 } else { b.at };
                b.push_text(start, end, true);
            }
            _ => {
                if !bracket(&mut b) && !b.word_or_number() {
                    b.mark();
                }
                let word = b.bytes_of(b.last());
                if imports_only
                    && b.innermost().is_none()
                    && matches!(word, b"func" | b"type" | b"var" | b"const")
                {
                    break;
                }
            }
        }
    }
    b.finish()
}

/// Where the language puts a semicolon at the end of a line.
fn end_statement(b: &mut Builder<'_>) {
    let last = b.last();
    let ends = match b.kind(last) {
        Some(Kind::Number | Kind::Text | Kind::Close) => true,
        Some(Kind::Word) => !GOES_ON.contains(&b.bytes_of(last)),
        Some(Kind::Mark) => matches!(b.bytes_of(last), b"++" | b"--"),
        Some(Kind::Open | Kind::Newline) | None => false,
    };
    if ends {
        b.push(Kind::Newline, b.at);
    }
}
