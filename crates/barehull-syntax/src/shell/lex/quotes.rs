//! Quotes and brackets inside words, and what `$` and backticks open in and outside them.

use super::{Close, Code, Frame, Lexer, Place, is_blank, is_meta};
use crate::shell::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn single_quotes(&mut self) {
        let rest = &self.bytes[self.at..self.end];
        match rest.iter().position(|byte| *byte == b'\'') {
            Some(len) => {
                self.pass(len + 1);
                self.frames.pop();
            }
            None => self.pass(rest.len()),
        }
    }

    /// In `$'...'`.
    pub(super) fn ansi_c_quotes(&mut self) {
        match self.bytes[self.at] {
            b'\\' => self.pass(2),
            b'\'' => self.close(),
            _ => self.pass(1),
        }
    }

    pub(super) fn double_quotes(&mut self) {
        if self.bytes[self.at] == b'"' {
            return self.close();
        }
        self.quoted();
    }

    /// One step through text in which only `\`, `$` and backticks mean something.
    pub(super) fn quoted(&mut self) {
        match self.bytes[self.at] {
            b'\\' => self.pass(2),
            b'$' => self.dollar(true),
            b'`' => self.backtick(true),
            _ => {
                let rest = &self.bytes[self.at..self.end];
                let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'$' | b'`');
                self.pass(rest.iter().position(special).unwrap_or(rest.len()).max(1));
            }
        }
    }

    pub(super) fn braces(&mut self, in_double: bool) {
        match self.bytes[self.at] {
            b'}' => self.close(),
            b'\'' if !in_double => self.open(Frame::Single),
            _ => self.unquoted(),
        }
    }

    pub(super) fn arithmetic(&mut self, depth: u32, close: u8) {
        let open = if close == b')' { b'(' } else { b'[' };
        let byte = self.bytes[self.at];
        if byte != open && byte != close {
            return self.unquoted();
        }
        self.pass(1);
        self.nest(depth, byte == open);
    }

    pub(super) fn parens(&mut self, depth: u32, comments: bool) {
        let byte = self.bytes[self.at];
        let behind_blank = is_blank(self.bytes[self.at - 1]) || self.bytes[self.at - 1] == b'\n';
        match byte {
            b'(' | b')' => {
                self.pass(1);
                self.nest(depth, byte == b'(');
            }
            b'#' if comments && behind_blank => {
                let rest = &self.bytes[self.at..self.end];
                self.pass(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
            }
            b'\'' => self.open(Frame::Single),
            _ => self.unquoted(),
        }
    }

    /// A bracket opened or closed; the last one to close ends the frame.
    fn nest(&mut self, depth: u32, opens: bool) {
        let new_depth = if opens { depth + 1 } else { depth - 1 };
        match self.frames.last_mut() {
            Some(Frame::Arithmetic { depth, .. } | Frame::Parens { depth, .. }) if new_depth > 0 => {
                *depth = new_depth;
            }
            _ => drop(self.frames.pop()),
        }
    }

    /// One step through brackets of some kind, in which quotes count.
    fn unquoted(&mut self) {
        match self.bytes[self.at] {
            b'"' => self.open(Frame::Double),
            b'\\' => self.pass(2),
            b'$' => self.dollar(false),
            b'`' => self.backtick(false),
            _ => self.pass(1),
        }
    }

    fn close(&mut self) {
        self.pass(1);
        self.frames.pop();
    }

    /// At a `$`.
    pub(super) fn dollar(&mut self, in_double: bool) {
        match (self.byte(self.at + 1), self.byte(self.at + 2)) {
            (Some(b'('), Some(b'(')) if self.is_arithmetic(self.at + 1) => {
                self.pass(3);
                self.frames.push(Frame::Arithmetic { depth: 2, close: b')' });
            }
            (Some(b'('), _) => self.open_substitution(2),
            (Some(b'{'), _) => {
                self.pass(2);
                self.frames.push(Frame::Brace { in_double });
            }
            (Some(b'['), _) => {
                self.pass(2);
                self.frames.push(Frame::Arithmetic { depth: 1, close: b']' });
            }
            (Some(b'\''), _) if !in_double => {
                self.pass(2);
                self.frames.push(Frame::AnsiC);
            }
            // `$$(` is a variable and a parenthesis.
            (Some(b'$'), _) => self.pass(2),
            _ => self.pass(1),
        }
    }

    /// At `$(` or `<(`, which look the same in the skeleton.
    pub(super) fn open_substitution(&mut self, len: usize) {
        if self.is_in_braces() {
            self.optional.push(self.at as u32);
        }
        let start = self.at;
        self.overwrite(start, start + 1, b'$');
        self.at += len;
        self.frames.push(Frame::Code(Code::new(Close::Substitution, start)));
    }

    /// Whether the text at hand stands in `${...}`.
    fn is_in_braces(&self) -> bool {
        let in_word = |frame: &&Frame| !matches!(frame, Frame::Word { .. } | Frame::Code(_));
        self.frames.iter().rev().take_while(in_word).any(|frame| matches!(frame, Frame::Brace { .. }))
    }

    /// At a backtick. The commands in backticks are read in place, unless escapes in them must be undone
    /// first: then they are unreadable.
    pub(super) fn backtick(&mut self, in_double: bool) {
        if self.in_backticks {
            return self.close_backticks();
        }
        let mut close = self.at + 1;
        let mut has_escapes = false;
        while let Some(byte) = self.byte(close).filter(|byte| *byte != b'`') {
            if byte == b'\\' {
                let escaped = self.byte(close + 1);
                has_escapes |=
                    matches!(escaped, Some(b'`' | b'\\' | b'$')) || in_double && escaped == Some(b'"');
                close += 1;
            }
            close += 1;
        }
        if has_escapes || close >= self.end {
            let token = self.push_token(TokenKind::Unreadable, self.at);
            self.pass(close + 1 - self.at);
            self.tokens[token as usize].end = self.at as u32;
            return;
        }
        if self.is_in_braces() {
            self.optional.push(self.at as u32);
        }
        self.frames.push(Frame::Code(Code::new(Close::Backtick, self.at)));
        self.at += 1;
        self.in_backticks = true;
    }

    /// A backtick while backticks are open ends all that was opened since.
    pub(super) fn close_backticks(&mut self) {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Code(Code { close: Close::Backtick, start, .. }) => {
                    self.end_substitution(start);
                    break;
                }
                Frame::Word { token, .. } => self.tokens[token as usize].end = self.at as u32,
                _ => {}
            }
        }
        self.in_backticks = false;
    }

    /// At `[[`.
    pub(super) fn open_test(&mut self, start: usize, end: usize) {
        let token = self.start_token(TokenKind::Word, start);
        self.tokens[token as usize].end = end as u32;
        self.set_expect(super::Expect::Arguments);
        self.blot(start, end);
        self.frames.push(Frame::Brackets { token, pattern_next: false });
    }

    /// Between the words of `[[ ... ]]`.
    pub(super) fn brackets(&mut self, pattern_next: bool) {
        let start = self.at;
        let byte = self.bytes[start];
        if byte == b'`' && self.in_backticks {
            return self.close_backticks();
        }
        let ends_test = self.starts_with(b"]]") && self.byte(start + 2).is_none_or(is_meta);
        let operator_len = match byte {
            _ if ends_test => 2,
            b'&' | b'|' if self.byte(start + 1) == Some(byte) => 2,
            b'(' if pattern_next => 0,
            b'(' | b')' | b'<' | b'>' | b'&' | b'|' | b';' => 1,
            _ => 0,
        };
        if is_blank(byte) || byte == b'\n' || self.continuation(start) > 0 {
            return self.pass(self.continuation(start).max(1));
        }
        let token = self.push_token(TokenKind::Word, start);
        if operator_len == 0 {
            let place = if pattern_next { Place::TestPattern } else { Place::Test };
            return self.frames.push(Frame::Word { token, place });
        }
        self.pass(operator_len);
        self.tokens[token as usize].end = self.at as u32;
        if ends_test {
            self.frames.pop();
            if let Some(Frame::Code(code)) = self.frames.last_mut() {
                code.run_end = Some(self.at);
            }
        }
    }

    /// Whether the `((` at `open` is closed by `))`, so that it is arithmetic and not two parentheses. With
    /// too much nesting to find out, it is taken for arithmetic.
    pub(super) fn is_arithmetic(&mut self, open: usize) -> bool {
        let mut depth = 0u32;
        let mut at = open;
        while at < self.end && self.lookahead > 0 {
            self.lookahead -= 1;
            match self.bytes[at] {
                b'\\' => at += 1,
                quote @ (b'\'' | b'"') => {
                    let rest = &self.bytes[at + 1..self.end];
                    at += 1 + rest.iter().position(|byte| *byte == quote).unwrap_or(rest.len());
                }
                b'(' => depth += 1,
                b')' if depth == 2 => return self.byte(at + 1) == Some(b')'),
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        self.lookahead == 0
    }
}
