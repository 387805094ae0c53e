//! Source text to tokens: what is code, what is a comment, what is a string and what stands in its holes.
//! Each byte is looked at a bounded number of times, whatever the input.

mod builder;
mod c;
mod dotnet;
mod go;
mod java;
mod javascript;
mod php;
mod python;
mod ruby;
mod rust;

pub(super) use c::c;
pub(super) use dotnet::{Flavour, dotnet};
pub(super) use go::{go, go_imports};
pub(super) use java::java;
pub(super) use javascript::javascript;
pub(super) use php::php;
pub(super) use python::python;
pub(super) use ruby::ruby;
pub(super) use rust::rust;

use super::tokens::{Group, Kind};
use builder::Builder;

/// Reads a string on one line that starts here; a quote without a partner on its line is a mark. `unpaired` is
/// the end of the line on which this quote has been found without one.
fn line_string(b: &mut Builder<'_>, raw: bool, unpaired: &mut usize) {
    let start = b.at;
    if start >= *unpaired {
        if let Some(end) = b.string_end(b.peek(0)) {
            b.at = end;
            b.push_text(start + 1, end - 1, raw);
            return;
        }
        *unpaired = b.line_end();
    }
    b.at += 1;
    b.push(Kind::Mark, start);
}

/// Reads a bracket, if one comes next.
fn bracket(b: &mut Builder<'_>) -> bool {
    match b.peek(0) {
        b'(' => b.open(Group::Round, 1),
        b'[' => b.open(Group::Square, 1),
        b'{' => b.open(Group::Curly, 1),
        b')' => b.close(&[Group::Round], 1),
        b']' => b.close(&[Group::Square], 1),
        b'}' => b.close(&[Group::Curly, Group::Hole], 1),
        _ => return false,
    }
    true
}
