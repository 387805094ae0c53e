//! The characters of a word, told apart by what quoting and expansion make of them.

use super::{
    NodeKind, NodeRef, PartKind, Variable, Word,
    escape::ansi_c_escape,
    skip::{skip_balanced, skip_braces},
    word::WordMode,
};

/// A run of a word's bytes with one fate.
pub(crate) struct Piece<'s> {
    pub kind: PieceKind<'s>,
    pub start: u32,
    pub end: u32,
    pub quoted: bool,
}

pub(crate) enum PieceKind<'s> {
    /// The bytes stand for themselves.
    Verbatim,
    /// The bytes are an escape for this character.
    Decoded(char),
    /// Quotes, a backslash, a continued line: the bytes leave no trace.
    Removed,
    /// The bytes are expanded.
    Dynamic(PartKind<'s>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
    /// `$'...'`.
    AnsiC,
}

/// Reads a word from left to right.
pub(crate) struct Pieces<'s> {
    word: Word<'s>,
    text: &'s str,
    at: usize,
    end: usize,
    quotes: Quotes,
}

impl<'s> Pieces<'s> {
    pub fn new(word: Word<'s>) -> Self {
        let quotes = match word.mode {
            WordMode::Shell | WordMode::Value | WordMode::Verbatim { .. } => Quotes::None,
            WordMode::Heredoc { .. } | WordMode::Quoted => Quotes::Double,
        };
        let range = word.range();
        Self { word, text: word.script.text.text(), at: range.start, end: range.end, quotes }
    }

    fn rest(&self) -> &'s str {
        &self.text[self.at..self.end]
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.rest().as_bytes().get(ahead).copied()
    }

    /// The piece of the next `len` bytes, which are passed.
    fn piece(&mut self, len: usize, kind: PieceKind<'s>) -> Piece<'s> {
        let start = self.at;
        self.at = (start + len).min(self.end);
        Piece { kind, start: start as u32, end: self.at as u32, quoted: self.quotes != Quotes::None }
    }

    fn verbatim(&mut self, len: usize) -> Piece<'s> {
        self.piece(len, PieceKind::Verbatim)
    }

    fn dynamic(&mut self, len: usize, kind: impl FnOnce(&'s str) -> PartKind<'s>) -> Piece<'s> {
        let raw = &self.rest()[..len];
        self.piece(len, PieceKind::Dynamic(kind(raw)))
    }

    /// Length of the run of bytes before the next one for which `special` holds.
    fn run(&self, special: impl Fn(u8) -> bool) -> usize {
        let len = self.rest().bytes().position(special).unwrap_or(self.rest().len());
        match self.rest()[..len].find('\n') {
            Some(line_end) if self.chomps() => line_end + 1,
            _ => len,
        }
    }

    /// Whether tabs at the start of lines are cut.
    fn chomps(&self) -> bool {
        matches!(self.word.mode, WordMode::Heredoc { chomp: true } | WordMode::Verbatim { chomp: true })
    }

    /// Tabs at the start of a line, where they are cut.
    fn leading_tabs(&self) -> usize {
        let starts_line = self.at == self.word.start as usize || self.text[..self.at].ends_with('\n');
        if self.chomps() && starts_line { self.run(|byte| byte != b'\t') } else { 0 }
    }

    fn char_len(&self, ahead: usize) -> usize {
        self.rest()[ahead..].chars().next().map_or(0, char::len_utf8)
    }

    fn next_unquoted(&mut self) -> Piece<'s> {
        let run = self.run(|byte| b"\\'\"$`*?[{~<>(@+!".contains(&byte));
        if run > 0 {
            return self.verbatim(run);
        }
        match self.rest().as_bytes()[0] {
            b'\\' => self.backslash(|_| true),
            b'\'' => self.open(Quotes::Single, 1),
            b'"' => self.open(Quotes::Double, 1),
            b'$' if self.byte(1) == Some(b'\'') => self.open(Quotes::AnsiC, 2),
            b'$' if self.byte(1) == Some(b'"') => self.open(Quotes::Double, 2),
            b'$' | b'`' => self.expansion(),
            b'<' | b'>' if self.byte(1) == Some(b'(') => self.process_substitution(),
            b'~' if self.starts_tilde() => {
                let len = 1 + self.rest()[1..].bytes().take_while(|b| is_user_name(*b)).count();
                self.dynamic(len, PartKind::Tilde)
            }
            b'(' if self.text[..self.at].ends_with('=') => {
                let len = skip_balanced(self.rest());
                self.dynamic(len, PartKind::Array)
            }
            _ if self.word.mode == WordMode::Value => self.verbatim(1),
            b'*' | b'?' | b'@' | b'+' | b'!' if self.byte(1) == Some(b'(') => {
                let len = 1 + skip_balanced(&self.rest()[1..]);
                self.dynamic(len, PartKind::Glob)
            }
            b'*' | b'?' => self.dynamic(1, PartKind::Glob),
            b'[' => match bracket_pattern_len(self.rest()) {
                Some(len) => self.dynamic(len, PartKind::Glob),
                None => self.verbatim(1),
            },
            b'{' => match brace_expansion_len(self.rest()) {
                Some(len) => self.dynamic(len, PartKind::Brace),
                None => self.verbatim(1),
            },
            _ => self.verbatim(1),
        }
    }

    fn next_in_double_quotes(&mut self) -> Piece<'s> {
        let in_heredoc = matches!(self.word.mode, WordMode::Heredoc { .. });
        let run = self.run(|byte| matches!(byte, b'\\' | b'$' | b'`') || byte == b'"' && !in_heredoc);
        if run > 0 {
            return self.verbatim(run);
        }
        match self.rest().as_bytes()[0] {
            b'\\' => {
                self.backslash(|byte| matches!(byte, b'$' | b'`' | b'\\') || byte == b'"' && !in_heredoc)
            }
            // Inside `"${x:-...}"` quotes come and go, and either way nothing is split.
            b'"' if self.word.mode == WordMode::Quoted => self.piece(1, PieceKind::Removed),
            b'"' => self.close(),
            _ => self.expansion(),
        }
    }

    fn next_in_single_quotes(&mut self) -> Piece<'s> {
        match self.run(|byte| byte == b'\'') {
            0 => self.close(),
            run => self.verbatim(run),
        }
    }

    fn next_in_ansi_c_quotes(&mut self) -> Piece<'s> {
        let run = self.run(|byte| matches!(byte, b'\'' | b'\\'));
        if run > 0 {
            return self.verbatim(run);
        }
        if self.byte(0) == Some(b'\'') {
            return self.close();
        }
        match ansi_c_escape(self.rest()) {
            Some((Some(char), len)) => self.piece(len, PieceKind::Decoded(char)),
            Some((None, len)) => self.dynamic(len, PartKind::Unreadable),
            None => self.verbatim(1),
        }
    }

    fn open(&mut self, quotes: Quotes, len: usize) -> Piece<'s> {
        self.quotes = quotes;
        self.piece(len, PieceKind::Removed)
    }

    fn close(&mut self) -> Piece<'s> {
        let piece = self.piece(1, PieceKind::Removed);
        self.quotes = Quotes::None;
        piece
    }

    /// A backslash and what it escapes, if that is one of `escapable`.
    fn backslash(&mut self, escapable: impl Fn(u8) -> bool) -> Piece<'s> {
        match self.byte(1) {
            None => self.verbatim(1),
            Some(b'\n') => self.piece(2, PieceKind::Removed),
            Some(b'\r') if self.byte(2) == Some(b'\n') => self.piece(3, PieceKind::Removed),
            Some(byte) if escapable(byte) => {
                let len = 1 + self.char_len(1);
                let char = self.rest()[1..].chars().next().unwrap_or('\\');
                self.piece(len, PieceKind::Decoded(char))
            }
            Some(_) => self.verbatim(1),
        }
    }

    /// `$...` or a backtick; a `$` that introduces nothing stands for itself.
    fn expansion(&mut self) -> Piece<'s> {
        if let Some(node) = self.word.script.substitution_at(self.word.owner, self.at) {
            return self.substitution(node);
        }
        let rest = self.rest();
        let Some(after) = rest.strip_prefix('$') else { return self.unread_substitution(0) };
        let first = after.bytes().next().unwrap_or(b' ');
        if after.starts_with("((") || first == b'[' {
            let len = 1 + skip_balanced(after);
            return self.dynamic(len, PartKind::Arithmetic);
        }
        if first == b'(' {
            return self.unread_substitution(1);
        }
        if first == b'{' {
            let len = skip_braces(rest);
            let variable = self.braced_variable(len);
            return self.dynamic(len, |_| PartKind::Variable(variable));
        }
        let name_len = match first {
            b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' => 1,
            _ => after.bytes().take_while(|b| is_name_byte(*b)).count(),
        };
        if name_len == 0 {
            return self.verbatim(1);
        }
        let variable = Variable { name: &after[..name_len], prefix: "", operator: "", argument: None };
        self.dynamic(1 + name_len, |_| PartKind::Variable(variable))
    }

    /// The variable in the next `len` bytes, `${...}`.
    fn braced_variable(&self, len: usize) -> Variable<'s> {
        let body = &self.rest()[2..len];
        let body = body.strip_suffix('}').unwrap_or(body);
        let prefix_len = usize::from(
            body.len() > 1 && body.starts_with(['#', '!']) && !body[1..].starts_with([':', '}', '-']),
        );
        let (prefix, named) = body.split_at(prefix_len);
        let mut name_len = match named.bytes().take_while(|b| is_name_byte(*b)).count() {
            0 => named.chars().next().map_or(0, char::len_utf8),
            count => count,
        };
        if named[name_len..].starts_with('[') {
            name_len += skip_balanced(&named[name_len..]);
        }
        let (name, behind) = named.split_at(name_len);
        let known = OPERATORS.iter().find(|operator| behind.starts_with(**operator));
        // What is no operator is not lost: it makes the expansion more than the variable's value.
        let operator = known.copied().unwrap_or(&behind[..behind.chars().next().map_or(0, char::len_utf8)]);
        let argument_start = self.at + 2 + prefix_len + name_len + operator.len();
        let mode = if self.quotes == Quotes::None { WordMode::Shell } else { WordMode::Quoted };
        let argument = (!operator.is_empty()).then(|| Word {
            start: argument_start as u32,
            end: (self.at + 2 + body.len()) as u32,
            mode,
            ..self.word
        });
        Variable { name, prefix, operator, argument }
    }

    fn process_substitution(&mut self) -> Piece<'s> {
        match self.word.script.substitution_at(self.word.owner, self.at) {
            Some(node) => self.substitution(node),
            None => self.unread_substitution(1),
        }
    }

    fn substitution(&mut self, node: NodeRef<'s>) -> Piece<'s> {
        let len = node.range().end.saturating_sub(self.at).clamp(1, self.rest().len());
        self.dynamic(len, |raw| match node.kind() {
            NodeKind::Substitution => PartKind::Command(node),
            NodeKind::ProcessSubstitution => PartKind::Process(node),
            _ => PartKind::Unreadable(raw),
        })
    }

    /// A substitution without a node: there is no command in it, or else it could not be read. Its bracket or
    /// backtick is `open` bytes ahead.
    fn unread_substitution(&mut self, open: usize) -> Piece<'s> {
        let len = open + skip_balanced(&self.rest()[open..]);
        let inside = self.rest()[..len].trim_matches(['$', '(', ')', '`', '<', '>']).trim_start();
        if inside.is_empty() || inside.starts_with('#') {
            return self.piece(len, PieceKind::Removed);
        }
        self.dynamic(len, PartKind::Unreadable)
    }

    fn starts_tilde(&self) -> bool {
        self.at == self.word.start as usize
            || self.word.mode == WordMode::Value && self.text[..self.at].ends_with(':')
    }
}

impl<'s> Iterator for Pieces<'s> {
    type Item = Piece<'s>;

    fn next(&mut self) -> Option<Piece<'s>> {
        if self.at >= self.end {
            return None;
        }
        Some(match self.quotes {
            _ if self.leading_tabs() > 0 => self.piece(self.leading_tabs(), PieceKind::Removed),
            Quotes::None if matches!(self.word.mode, WordMode::Verbatim { .. }) => {
                self.verbatim(self.run(|_| false))
            }
            Quotes::None => self.next_unquoted(),
            Quotes::Single => self.next_in_single_quotes(),
            Quotes::Double => self.next_in_double_quotes(),
            Quotes::AnsiC => self.next_in_ansi_c_quotes(),
        })
    }
}

/// Operators of `${name...}`, the longer of two with the same beginning first.
const OPERATORS: [&str; 22] = [
    ":-", ":=", ":?", ":+", "-", "=", "?", "+", "##", "#", "%%", "%", "//", "/#", "/%", "/", "^^", "^", ",,",
    ",", "@", ":",
];

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_user_name(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b'-' | b'.' | b'+')
}

/// Length of the pattern `[...]` at the start of `rest`, if it closes.
fn bracket_pattern_len(rest: &str) -> Option<usize> {
    let negated = usize::from(rest[1..].starts_with(['!', '^']));
    let close = rest.as_bytes().get(2 + negated..)?.iter().position(|byte| *byte == b']')?;
    Some(3 + negated + close)
}

/// Length of the brace expansion at the start of `rest`, if it is one: it closes, and has a comma or `..`.
fn brace_expansion_len(rest: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut chooses = false;
    let mut bytes = rest.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'\'' | b'"' => drop(bytes.find(|(_, other)| *other == byte)),
            b'{' => depth += 1,
            b',' if depth == 1 => chooses = true,
            b'.' if depth == 1 && rest[at..].starts_with("..") => chooses = true,
            b'}' if depth == 1 => return chooses.then_some(at + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
