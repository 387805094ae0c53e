//! Words among statements: keywords, names, assignments, and where a word ends.

use super::{Close, Code, Expect, Frame, Lexer, Place, is_blank, is_meta};
use crate::shell::{token::TokenKind, word::is_plain};

impl Lexer<'_> {
    /// At the first byte of a word among statements.
    pub(super) fn start_word(&mut self) {
        let start = self.at;
        let end = start + self.plain_len();
        let is_whole = self.ends_word(end) && self.byte(end) != Some(b'(');
        let expect = self.expect();
        if is_whole && self.keyword(expect, start, end) {
            return;
        }
        let name_len = match expect {
            Expect::Command | Expect::Prefix => assignment_name_len(&self.bytes[start..self.end]),
            _ => None,
        };
        if expect == Expect::Command && name_len.is_none() && self.function(start, end) {
            return;
        }
        let (kind, next) = match expect {
            Expect::Command | Expect::Prefix if name_len.is_some() => (TokenKind::Assignment, Expect::Prefix),
            Expect::LoopName => (TokenKind::Name, Expect::LoopIn { name_end: end }),
            Expect::CaseSubject => (TokenKind::Word, Expect::CaseIn),
            Expect::Pattern => (TokenKind::Pattern, Expect::Pattern),
            Expect::LoopIn { .. } | Expect::LoopList { .. } | Expect::CaseIn => (TokenKind::Word, expect),
            Expect::AfterCompound => (TokenKind::Word, Expect::AfterCompound),
            Expect::FunctionName => return self.function_name(start, end),
            Expect::Command | Expect::Prefix | Expect::Arguments => (TokenKind::Word, Expect::Arguments),
        };
        let token = self.start_token(kind, start);
        self.tokens[token as usize].extra = (start + name_len.unwrap_or(0)) as u32;
        self.set_expect(next);
        self.pass(end - start);
        if is_whole {
            self.end_token(token);
        } else {
            self.frames.push(Frame::Word { token, place: Place::Command });
        }
    }

    /// Length of the run of bytes at hand that mean nothing in a word.
    fn plain_len(&self) -> usize {
        let rest = &self.bytes[self.at..self.end];
        let ends = |byte: &u8| !is_plain(*byte) && !matches!(byte, b'{' | b'}' | b'[');
        rest.iter().position(ends).unwrap_or(rest.len())
    }

    /// Whether a word that is plain so far ends at `at`.
    fn ends_word(&self, at: usize) -> bool {
        match self.byte(at) {
            None => true,
            Some(b'<' | b'>') => self.byte(at + 1) != Some(b'('),
            Some(b'`') => self.in_backticks,
            Some(byte) => is_meta(byte),
        }
    }

    fn behind_continuations(&self) -> usize {
        let mut at = self.at;
        while self.continuation(at) > 0 {
            at += self.continuation(at);
        }
        at
    }

    fn expect(&self) -> Expect {
        match self.frames.last() {
            Some(Frame::Code(code)) => code.expect,
            _ => Expect::Arguments,
        }
    }

    pub(super) fn set_expect(&mut self, expect: Expect) {
        if let Some(Frame::Code(code)) = self.frames.last_mut() {
            code.expect = expect;
        }
    }

    /// Passes the word if it is a keyword here.
    fn keyword(&mut self, expect: Expect, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        let is_expected = match expect {
            Expect::Command | Expect::AfterCompound => self.statement_keyword(expect, start, end),
            Expect::CaseIn if word == b"in" => {
                self.end_run(Expect::Pattern);
                true
            }
            Expect::Pattern if word == b"esac" => {
                self.frames.pop();
                true
            }
            Expect::LoopIn { name_end } if word == b"in" => {
                // The grammar wants it on the line of the name.
                self.overwrite(name_end, start, b' ');
                self.end_run(Expect::LoopList { in_at: start });
                true
            }
            Expect::LoopIn { name_end } if word == b"do" => {
                if !self.bytes[name_end..start].contains(&b'\n') {
                    self.put_terminator_before(start);
                }
                self.end_run(Expect::Command);
                true
            }
            _ => false,
        };
        if is_expected {
            self.at = end;
        }
        is_expected
    }

    fn statement_keyword(&mut self, expect: Expect, start: usize, end: usize) -> bool {
        let word = &self.bytes[start..end];
        let may_open = expect == Expect::Command;
        let next = match word {
            b"then" | b"do" | b"else" | b"elif" => Expect::Command,
            b"fi" | b"done" | b"}" | b"esac" => Expect::AfterCompound,
            b"if" | b"while" | b"until" | b"{" if may_open => Expect::Command,
            b"for" | b"select" if may_open => Expect::LoopName,
            b"function" if may_open => Expect::FunctionName,
            b"case" if may_open => Expect::AfterCompound,
            b"!" if may_open => {
                let token = self.push_token(TokenKind::Bang, start);
                self.tokens[token as usize].end = end as u32;
                self.overwrite(start, end, b' ');
                Expect::Command
            }
            b"[[" if may_open => {
                self.open_test(start, end);
                return true;
            }
            _ => return false,
        };
        if !may_open {
            self.put_terminator_before(start);
        }
        self.end_run(next);
        match word {
            b"case" => {
                let expect = Expect::CaseSubject;
                self.frames.push(Frame::Code(Code { expect, ..Code::new(Close::Esac, start) }));
            }
            b"esac" if self.closes_with(Close::Esac) => drop(self.frames.pop()),
            _ => {}
        }
        true
    }

    fn closes_with(&self, close: Close) -> bool {
        matches!(self.frames.last(), Some(Frame::Code(code)) if code.close == close)
    }

    /// Passes `name()` if the plain word at hand is followed by parentheses.
    fn function(&mut self, start: usize, end: usize) -> bool {
        let behind = self.behind_parens(end);
        if start == end || behind == end {
            return false;
        }
        self.function_name(start, end);
        true
    }

    fn function_name(&mut self, start: usize, end: usize) {
        // A name that is not plain is no name; the byte is passed all the same.
        let end = end.max(start + 1);
        let token = self.push_token(TokenKind::Name, start);
        self.tokens[token as usize].end = end as u32;
        self.blot(start, end);
        self.end_run(Expect::Command);
        self.at = self.behind_parens(end);
    }

    /// The offset behind `()` at `at`; `at` if there is none.
    fn behind_parens(&self, at: usize) -> usize {
        let skip_blanks = |from: usize| {
            let rest = &self.bytes[from..self.end];
            from + rest.iter().take_while(|byte| is_blank(**byte)).count()
        };
        let open = skip_blanks(at);
        if self.byte(open) != Some(b'(') {
            return at;
        }
        let close = skip_blanks(open + 1);
        if self.byte(close) == Some(b')') { close + 1 } else { at }
    }

    /// In a word, outside quotes.
    pub(super) fn word(&mut self, token: u32, place: Place) {
        while let Some(byte) = self.byte(self.at) {
            let frames = self.frames.len();
            match byte {
                b'\\' if self.continuation(self.at) > 0 => {
                    let behind = self.behind_continuations();
                    if self.ends_word(behind) {
                        return self.finish_word(token, place);
                    }
                    self.pass(behind - self.at);
                }
                b'\\' => self.pass(2),
                b'\'' => self.open(Frame::Single),
                b'"' => self.open(Frame::Double),
                b'$' => self.dollar(false),
                b'`' if self.in_backticks => return self.finish_word(token, place),
                b'`' => self.backtick(false),
                b'<' | b'>' if place == Place::Command && self.byte(self.at + 1) == Some(b'(') => {
                    self.open_substitution(2);
                }
                b'(' if place == Place::TestPattern => {
                    self.open(Frame::Parens { depth: 1, comments: false });
                }
                b'(' if matches!(self.bytes[self.at - 1], b'=') && place == Place::Command => {
                    self.open(Frame::Parens { depth: 1, comments: true });
                }
                b'(' if matches!(self.bytes[self.at - 1], b'?' | b'*' | b'+' | b'@' | b'!') => {
                    self.open(Frame::Parens { depth: 1, comments: false });
                }
                b'|' | b'<' | b'>' if place == Place::TestPattern => self.pass(1),
                _ if is_meta(byte) => return self.finish_word(token, place),
                _ => self.pass(self.plain_len().max(1)),
            }
            if self.frames.len() != frames {
                return;
            }
        }
    }

    /// Passes the byte that opens `frame`.
    pub(super) fn open(&mut self, frame: Frame) {
        self.pass(1);
        self.frames.push(frame);
    }

    /// The word of the innermost frame ends here.
    pub(super) fn finish_word(&mut self, token: u32, place: Place) {
        self.frames.pop();
        let end = self.at;
        self.tokens[token as usize].end = end as u32;
        let start = self.tokens[token as usize].start as usize;
        match self.frames.last_mut() {
            Some(Frame::Code(_)) => self.end_token(token),
            Some(Frame::Brackets { pattern_next, .. }) => {
                let operator = &self.bytes[start..end];
                *pattern_next = place == Place::Test && matches!(operator, b"=~" | b"==" | b"=" | b"!=");
            }
            _ => {}
        }
    }
}

/// Length of the `[...]` that `bytes` start with.
fn subscript_len(bytes: &[u8]) -> Option<usize> {
    const MAX_LEN: usize = 256;
    let mut depth = 0;
    for (at, byte) in bytes.iter().take(MAX_LEN).enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// Length of `NAME` or `NAME[...]` if `=` or `+=` follows it.
fn assignment_name_len(bytes: &[u8]) -> Option<usize> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut len = bytes.iter().position(|byte| !is_name(byte))?;
    if len == 0 || bytes[0].is_ascii_digit() {
        return None;
    }
    if bytes[len] == b'[' {
        len += subscript_len(&bytes[len..])?;
    }
    match bytes[len..] {
        [b'=', ..] | [b'+', b'=', ..] => Some(len),
        _ => None,
    }
}
