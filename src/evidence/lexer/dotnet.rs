//! C#, F# and Visual Basic.

use super::super::tokens::{Kind, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// Which of the languages a file is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Flavour {
    CSharp,
    FSharp,
    VisualBasic,
}

/// The tokens of a file. A string with holes has the mark `$` in front.
pub(in super::super) fn dotnet(bytes: &[u8], flavour: Flavour) -> Tokens<'_> {
    let mut b = Builder::new(bytes);
    let mut unpaired = 0;
    while !b.is_done() {
        match b.peek(0) {
            b'\n' => {
                b.fresh_line = true;
                b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => b.at += 1,
            b'\'' if flavour == Flavour::VisualBasic => b.at = b.line_end(),
            b'/' if flavour != Flavour::VisualBasic && b.sees("//") => b.at = b.line_end(),
            b'/' if flavour == Flavour::CSharp && b.sees("/*") => {
                b.at += 2;
                b.skip_behind("*/");
            }
            // `(*)` is the operator.
            b'(' if flavour == Flavour::FSharp && b.sees("(*") && b.peek(2) != b')' => {
                b.at += 2;
                b.skip_behind("*)");
            }
            b'\'' => character(&mut b),
            b'"' | b'@' | b'$' if starts_string(&b) => string(&mut b, flavour, &mut unpaired),
            _ => {
                if !bracket(&mut b) && !b.word_or_number() {
                    b.mark();
                }
            }
        }
    }
    b.finish()
}

/// Whether a quote follows the marks `@` and `$` here, if there are any.
fn starts_string(b: &Builder<'_>) -> bool {
    let marks = (0..8).take_while(|n| matches!(b.peek(*n), b'@' | b'$')).count();
    b.peek(marks) == b'"'
}

/// A character in quotes; a quote alone (a type parameter of F#) is a mark.
fn character(b: &mut Builder<'_>) {
    let start = b.at;
    let escaped = b.peek(1) == b'\\';
    let end = (2..12).find(|n| b.peek(*n) == b'\'' && !(escaped && *n == 2));
    let plain =
        end.filter(|n| escaped || *n <= 5).filter(|n| !b.bytes[start + 1..start + n].contains(&b'\n'));
    b.at += plain.map_or(1, |n| n + 1);
    b.push(Kind::Mark, start);
}

fn string(b: &mut Builder<'_>, flavour: Flavour, unpaired: &mut usize) {
    let start = b.at;
    let (mut verbatim, mut holes) = (flavour == Flavour::VisualBasic, false);
    while matches!(b.peek(0), b'@' | b'$') {
        verbatim |= b.peek(0) == b'@';
        holes |= b.peek(0) == b'$';
        b.at += 1;
    }
    if holes {
        b.push(Kind::Mark, start);
    }
    if flavour != Flavour::VisualBasic && b.sees("\"\"\"") {
        let quotes = (0..64).take_while(|n| b.peek(*n) == b'"').count();
        let from = b.at + quotes;
        b.at = from;
        b.skip_behind(&"\"".repeat(quotes));
        let end = if b.whole { b.at - quotes } else { b.at };
        b.push_text(from, end.max(from), true);
    } else if verbatim {
        doubled(b);
    } else {
        line_string(b, false, unpaired);
    }
}

/// A string in which a doubled quote stands for one, and a backslash for itself.
fn doubled(b: &mut Builder<'_>) {
    let from = b.at + 1;
    b.at = from;
    loop {
        if b.is_done() {
            b.whole = false;
            break;
        }
        if b.peek(0) == b'"' {
            if b.peek(1) != b'"' {
                break;
            }
            b.at += 1;
        }
        b.at += 1;
    }
    let end = b.at.min(b.bytes.len());
    b.push_text(from, end, true);
    b.at = end + 1;
}
