//! Java, Kotlin, Scala and Groovy: near enough to each other for one lexer.

use super::super::tokens::{Group, Tokens};
use super::builder::Builder;
use super::{bracket, line_string};

/// The tokens of a file. `templates`: `$name` and `${...}` in its strings are holes, as in Kotlin and Groovy.
pub(in super::super) fn java(bytes: &[u8], templates: bool) -> Tokens<'_> {
    let mut lexer = Lexer { b: Builder::new(bytes), unpaired: [0; 2], templates, triple: false };
    while !lexer.b.is_done() {
        if lexer.b.innermost() == Some(Group::Quoted) {
            lexer.template();
        } else {
            lexer.code();
        }
    }
    lexer.b.finish()
}

struct Lexer<'a> {
    b: Builder<'a>,
    /// Ends of the lines on which a single, a double quote has no partner.
    unpaired: [usize; 2],
    templates: bool,
    /// Whether the string with holes that was opened last ends in three quotes.
    triple: bool,
}

impl Lexer<'_> {
    fn code(&mut self) {
        match self.b.peek(0) {
            b'\n' => {
                self.b.fresh_line = true;
                self.b.at += 1;
            }
            byte if byte.is_ascii_whitespace() => self.b.at += 1,
            b'/' if self.b.sees("//") => self.b.at = self.b.line_end(),
            b'/' if self.b.sees("/*") => {
                self.b.at += 2;
                self.b.skip_behind("*/");
            }
            b'"' if self.b.sees("\"\"\"") => self.block(),
            b'"' if self.templates && self.has_holes() => {
                self.triple = false;
                self.b.open(Group::Quoted, 1);
            }
            b'"' => line_string(&mut self.b, false, &mut self.unpaired[0]),
            b'\'' => line_string(&mut self.b, false, &mut self.unpaired[1]),
            _ => {
                if !bracket(&mut self.b) && !self.b.word_or_number() {
                    self.b.mark();
                }
            }
        }
    }

    /// Whether the string on this line that starts here has an end, and a `$` before it.
    fn has_holes(&self) -> bool {
        let end = self.b.string_end(b'"');
        end.is_some_and(|end| self.b.bytes[self.b.at..end].contains(&b'$'))
    }

    /// A text in three quotes.
    fn block(&mut self) {
        if self.templates {
            self.triple = true;
            self.b.open(Group::Quoted, 3);
            return;
        }
        let start = self.b.at + 3;
        self.b.at = start;
        self.b.skip_behind("\"\"\"");
        let end = if self.b.whole { self.b.at - 3 } else { self.b.at };
        self.b.push_text(start, end.max(start), false);
    }

    /// The text of a string with holes, up to its end or its next hole.
    fn template(&mut self) {
        let quote = if self.triple { "\"\"\"" } else { "\"" };
        let start = self.b.at;
        while !self.b.is_done() && !self.b.sees(quote) && !self.at_hole() {
            self.b.at += if self.b.peek(0) == b'\\' && !self.triple { 2 } else { 1 };
        }
        self.b.at = self.b.at.min(self.b.bytes.len());
        if start < self.b.at {
            self.b.push_text(start, self.b.at, false);
        }
        if self.b.is_done() {
            return;
        }
        if self.b.sees(quote) {
            self.b.close(&[Group::Quoted], quote.len());
        } else if self.b.peek(1) == b'{' {
            self.b.open(Group::Hole, 2);
        } else {
            self.b.open(Group::Hole, 1);
            self.b.word_or_number();
            self.b.close(&[Group::Hole], 0);
        }
    }

    fn at_hole(&self) -> bool {
        let next = self.b.peek(1);
        self.b.peek(0) == b'$' && (next == b'{' || next.is_ascii_alphabetic() || next == b'_')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::tokens::Kind;

    #[test]
    fn strings_and_their_holes() {
        type Row = (&'static str, bool, &'static [(Kind, &'static str)]);
        let table: &[Row] = &[
            ("\"a\\\"b\"", false, &[(Kind::Text, "a\\\"b")]),
            ("\"\"\"\na\"b\n\"\"\"", false, &[(Kind::Text, "\na\"b\n")]),
            ("\"$a\"", false, &[(Kind::Text, "$a")]),
            ("'\"' // x", false, &[(Kind::Text, "\"")]),
            (
                "\"x$a\"",
                true,
                &[
                    (Kind::Open, "\""),
                    (Kind::Text, "x"),
                    (Kind::Open, "$"),
                    (Kind::Word, "a"),
                    (Kind::Close, ""),
                    (Kind::Close, "\""),
                ],
            ),
        ];
        for (text, templates, expected) in table {
            let tokens = java(text.as_bytes(), *templates);
            let found: Vec<_> =
                (0..tokens.len()).filter_map(|at| Some((tokens.kind(at)?, tokens.text(at)))).collect();
            assert_eq!(found, *expected, "{text}");
            assert!(tokens.whole, "{text}");
        }
    }
}
