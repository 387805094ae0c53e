//! Words: what they expand to, as far as that can be told.

use std::{borrow::Cow, ops::Range};

use super::{
    NodeId, NodeRef, Script,
    pieces::{PieceKind, Pieces},
    token::Token,
};
use crate::{MappedText, SourceRange, Span};

/// A word, or another text that expands like one (a heredoc's body, the default in `${x:-default}`).
#[derive(Clone, Copy)]
pub struct Word<'s> {
    pub(crate) script: &'s Script,
    /// The node whose children are the substitutions in the word.
    pub(crate) owner: NodeId,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) mode: WordMode,
}

/// Which characters mean something in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordMode {
    /// A word as the shell reads it.
    Shell,
    /// The value of an assignment: a tilde counts behind each colon, globs and braces do not expand.
    Value,
    /// Nothing: an item of an exec form, the body of a heredoc with a quoted delimiter. With `chomp`, the tabs
    /// at the start of each line are cut.
    Verbatim { chomp: bool },
    /// The body of a heredoc: `$`, `` ` `` and `\`.
    Heredoc { chomp: bool },
    /// The argument in `"${x:-argument}"`: as inside double quotes.
    Quoted,
}

/// A part of a word.
#[derive(Clone, Debug)]
pub struct Part<'s> {
    /// What it is.
    pub kind: PartKind<'s>,
    /// Its bytes in the decoded text of the script, quotes of literals left out.
    pub range: Range<usize>,
    /// It stands in quotes, so that its result is not split or globbed.
    pub quoted: bool,
}

/// What a part of a word is.
#[derive(Clone, Debug)]
pub enum PartKind<'s> {
    /// Text, quotes removed and escapes undone.
    Literal(Cow<'s, str>),
    /// `$x`, `${x}`, `${x:-y}`, `$1`, `$@`, ...
    Variable(Variable<'s>),
    /// `$(...)`, `` `...` ``: the node with its commands.
    Command(NodeRef<'s>),
    /// A substitution whose commands could not be read, or an escape for a byte that is no character, as
    /// written.
    Unreadable(&'s str),
    /// `<(...)`, `>(...)`: the node with its commands.
    Process(NodeRef<'s>),
    /// `$((...))`, `$[...]`, as written.
    Arithmetic(&'s str),
    /// `*`, `?`, `[...]` or an extended pattern, as written.
    Glob(&'s str),
    /// `{a,b}` or `{1..9}`, as written. Bash expands it, dash and ash do not.
    Brace(&'s str),
    /// `~` or `~user`, as written.
    Tilde(&'s str),
    /// The parenthesised elements in `NAME=(a b)`, as written.
    Array(&'s str),
}

/// The expansion of a variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'s> {
    /// The name, or the one character of a special parameter (`1`, `@`, `?`).
    pub name: &'s str,
    /// `#` in `${#x}`, `!` in `${!x}`, else empty.
    pub prefix: &'s str,
    /// The operator behind the name, such as `:-`, `#` or `//`; empty if there is none.
    pub operator: &'s str,
    /// What stands behind the operator.
    pub argument: Option<Word<'s>>,
}

impl<'s> Variable<'s> {
    /// What is used in place of an unset variable: the argument of `:-`, `-`, `:=` or `=`.
    pub fn default(&self) -> Option<Word<'s>> {
        self.argument.filter(|_| matches!(self.operator, ":-" | "-" | ":=" | "="))
    }

    /// Whether the expansion is the variable's value and nothing else.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty() && self.operator.is_empty()
    }
}

impl<'s> Word<'s> {
    pub(crate) fn of_token(script: &'s Script, owner: NodeId, token: &Token) -> Self {
        let mode = if script.is_argv { WordMode::Verbatim { chomp: false } } else { WordMode::Shell };
        Self { script, owner, start: token.start, end: token.end, mode }
    }

    /// Its bytes in the decoded text of the script, quotes included.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Its bytes in the file, quotes included.
    pub fn source(self) -> SourceRange {
        self.script.source(self.range())
    }

    /// As written, quotes included.
    pub fn raw(self) -> &'s str {
        &self.script.text.text()[self.range()]
    }

    pub(crate) fn pieces(self) -> Pieces<'s> {
        Pieces::new(self)
    }

    /// Its parts in order. Literal text in and outside quotes makes separate parts.
    pub fn parts(self) -> Vec<Part<'s>> {
        let mut parts: Vec<Part<'s>> = Vec::new();
        let text = self.script.text.text();
        for piece in self.pieces() {
            let range = piece.start as usize..piece.end as usize;
            let literal: Cow<'s, str> = match piece.kind {
                PieceKind::Removed => continue,
                PieceKind::Dynamic(kind) => {
                    parts.push(Part { kind, range, quoted: piece.quoted });
                    continue;
                }
                PieceKind::Verbatim => Cow::Borrowed(&text[range.clone()]),
                PieceKind::Decoded(char) => Cow::Owned(char.to_string()),
            };
            match parts.last_mut() {
                Some(Part { kind: PartKind::Literal(before), range: place, quoted })
                    if *quoted == piece.quoted =>
                {
                    before.to_mut().push_str(&literal);
                    place.end = range.end;
                }
                _ => parts.push(Part { kind: PartKind::Literal(literal), range, quoted: piece.quoted }),
            }
        }
        parts
    }

    /// The text it stands for, if that can be told: no part of it is expanded. Quotes are removed and
    /// escapes undone.
    pub fn literal(self) -> Option<Cow<'s, str>> {
        self.decode(|_, _| None)
    }

    /// Like [`Word::literal`], with globs allowed: the text as a pattern in which `*`, `?` and `[` that were
    /// quoted are escaped with a backslash.
    pub fn pattern(self) -> Option<String> {
        let text = self.script.text.text();
        let mut pattern = String::new();
        for piece in self.pieces() {
            match piece.kind {
                PieceKind::Removed => {}
                PieceKind::Dynamic(PartKind::Glob(glob)) => pattern.push_str(glob),
                PieceKind::Dynamic(_) => return None,
                PieceKind::Verbatim => {
                    text[piece.start as usize..piece.end as usize]
                        .chars()
                        .for_each(|char| push_pattern_char(&mut pattern, char));
                }
                PieceKind::Decoded(char) => push_pattern_char(&mut pattern, char),
            }
        }
        Some(pattern)
    }

    /// For people: the literal text, with parts that are expanded as they are written.
    pub fn display(self) -> Cow<'s, str> {
        self.decode(|_, raw| Some(raw)).unwrap_or(Cow::Borrowed(""))
    }

    /// Whether it expands to exactly `text`.
    pub fn is(self, text: &str) -> bool {
        self.raw() == text && self.raw().bytes().all(is_plain) || self.literal().is_some_and(|it| it == text)
    }

    /// The literal text with its mapping to the file; `None` if a part is expanded.
    pub fn mapped(self) -> Option<MappedText> {
        self.mapped_with(|_| false)
    }

    /// The literal text with its mapping to the file, with the variables, substitutions and arithmetic in
    /// it as they are written; `None` if something else is expanded (a glob, a tilde).
    pub fn mapped_with_variables(self) -> Option<MappedText> {
        self.mapped_with(|kind| {
            matches!(
                kind,
                PartKind::Variable(_)
                    | PartKind::Command(_)
                    | PartKind::Unreadable(_)
                    | PartKind::Arithmetic(_)
            )
        })
    }

    /// The words `NAME` and `value` of `NAME=value`, as `export`, `env` and `ENV`-like commands take them.
    pub fn split_assignment(self) -> Option<(&'s str, Word<'s>)> {
        let raw = self.raw();
        let name_len = raw.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        if name_len == 0 || raw.as_bytes()[name_len] != b'=' || raw.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        let mode = if self.mode == WordMode::Shell { WordMode::Value } else { self.mode };
        Some((&raw[..name_len], Word { start: self.start + name_len as u32 + 1, mode, ..self }))
    }

    /// The word without its first `len` bytes, if those mean nothing to the shell.
    pub(crate) fn behind(self, len: usize) -> Option<Word<'s>> {
        let is_plain_before = self.raw().bytes().take(len).all(is_plain);
        is_plain_before.then(|| Word { start: self.start + len as u32, ..self })
    }

    /// The literal pieces put together; `dynamic` says what to put for a part that is expanded.
    fn decode(self, dynamic: impl Fn(&PartKind<'s>, &'s str) -> Option<&'s str>) -> Option<Cow<'s, str>> {
        let text = self.script.text.text();
        let mut result: Cow<'s, str> = Cow::Borrowed("");
        for piece in self.pieces() {
            let raw = &text[piece.start as usize..piece.end as usize];
            let part = match piece.kind {
                PieceKind::Removed => continue,
                PieceKind::Dynamic(kind) => dynamic(&kind, raw)?,
                PieceKind::Verbatim => raw,
                PieceKind::Decoded(char) => {
                    result.to_mut().push(char);
                    continue;
                }
            };
            if result.is_empty() {
                result = Cow::Borrowed(part);
            } else {
                result.to_mut().push_str(part);
            }
        }
        Some(result)
    }

    fn mapped_with(self, keep: impl Fn(&PartKind<'s>) -> bool) -> Option<MappedText> {
        let text = self.script.text.text();
        let mut mapped = MappedText::new();
        let mut buffer = [0; 4];
        for piece in self.pieces() {
            let span = Span::new(piece.start, piece.end);
            match piece.kind {
                PieceKind::Removed => mapped.push_removed(span),
                PieceKind::Decoded(char) => mapped.push_decoded(char.encode_utf8(&mut buffer), span),
                PieceKind::Dynamic(kind) if !keep(&kind) => return None,
                PieceKind::Dynamic(_) | PieceKind::Verbatim => {
                    mapped.push_verbatim(&text[span.range()], span.start);
                }
            }
        }
        Some(mapped.through(&self.script.text))
    }
}

/// Bytes that mean nothing to the shell anywhere in a word.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_-./:,=@%+^!]".contains(&byte)
}

fn push_pattern_char(pattern: &mut String, char: char) {
    if matches!(char, '*' | '?' | '[' | '\\') {
        pattern.push('\\');
    }
    pattern.push(char);
}

impl std::fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.raw())
    }
}
