//! Statements: operators, keywords, and where each simple command starts and ends.

use super::{Close, Code, Expect, Frame, Lexer, Place, is_blank, is_meta};
use crate::shell::token::{Token, TokenKind};

impl Lexer<'_> {
    fn frame(&mut self) -> &mut Code {
        match self.frames.last_mut() {
            Some(Frame::Code(code)) => code,
            _ => unreachable!("statements are read only in a frame of code"),
        }
    }

    /// Ends the simple command at hand; what comes next is `expect`.
    pub(super) fn end_run(&mut self, expect: Expect) {
        let code = self.frame();
        code.run_end = None;
        code.expect = expect;
    }

    /// Starts a token: one of the simple command at hand, or the first of a new one.
    pub(super) fn start_token(&mut self, kind: TokenKind, start: usize) -> u32 {
        self.frame().line_end = None;
        if let Some(end) = self.frame().run_end {
            self.blot(end, start);
        }
        self.push_token(kind, start)
    }

    /// Ends a token of the simple command at hand.
    pub(super) fn end_token(&mut self, token: u32) {
        let end = self.at;
        let kind = self.tokens[token as usize].kind;
        self.tokens[token as usize].end = end as u32;
        if kind == TokenKind::Assignment && end as u32 <= self.tokens[token as usize].extra {
            // The word ended inside the brackets.
            self.tokens[token as usize].kind = TokenKind::Word;
        }
        if self.tokens[token as usize].is_bare {
            self.blank_out(token);
        } else {
            self.frame().run_end = Some(end);
        }
    }

    /// The grammar misplaces redirections of compound commands: it need not see them.
    fn blank_out(&mut self, token: u32) {
        let Token { start, end, .. } = self.tokens[token as usize];
        self.overwrite(start as usize, end as usize, b' ');
        let inside = self.tokens.split_off(token as usize + 1);
        // A body that is still to come is not in the target: it stays for the builder to find.
        let is_pending = |token: &Token| {
            token.kind == TokenKind::Heredoc
                && self.pending.iter().any(|pending| pending.heredoc == token.extra as usize)
        };
        self.tokens.extend(inside.into_iter().filter(is_pending));
    }

    pub(super) fn code(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            _ if is_blank(byte) => self.at += 1,
            b'\\' if self.continuation(self.at) > 0 => {
                let to = self.at + self.continuation(self.at);
                self.overwrite(self.at, to, b' ');
                self.at = to;
            }
            b'\n' => self.newline(),
            b'#' => self.comment(),
            b';' => self.semicolon(),
            b'&' if self.byte(self.at + 1) == Some(b'>') => self.redirect(self.at),
            b'&' | b'|' => self.connector(),
            b'(' => self.open_paren(),
            b')' => self.close_paren(),
            b'`' if self.in_backticks => self.close_backticks(),
            b'<' | b'>' if self.byte(self.at + 1) != Some(b'(') => self.redirect(self.at),
            b'0'..=b'9' if self.is_descriptor() => self.redirect(self.at),
            _ => self.start_word(),
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        match self.frame().expect {
            Expect::Command
            | Expect::LoopName
            | Expect::LoopIn { .. }
            | Expect::CaseSubject
            | Expect::CaseIn
            | Expect::Pattern
            | Expect::FunctionName => {}
            Expect::LoopList { in_at } => self.end_line(Some(in_at)),
            Expect::Prefix | Expect::Arguments | Expect::AfterCompound => self.end_line(None),
        }
        self.read_heredocs();
    }

    /// A line break ends a statement. The grammar takes it for a blank at times, but never a semicolon.
    fn end_line(&mut self, loop_in_at: Option<usize>) {
        self.overwrite(self.at - 1, self.at, b';');
        self.frame().line_end = Some(self.at - 1);
        match loop_in_at {
            Some(in_at) => self.end_loop_list(in_at),
            None => self.end_run(Expect::Command),
        }
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..self.end];
        // Backticks close before anything in them is read.
        let ends = |byte: &u8| *byte == b'\n' || *byte == b'`' && self.in_backticks;
        let to = self.at + rest.iter().position(ends).unwrap_or(rest.len());
        self.overwrite(self.at, to, b' ');
        self.at = to;
    }

    fn semicolon(&mut self) {
        let in_case = self.frame().close == Close::Esac;
        let ends_arm = self.starts_with(b";;") || self.starts_with(b";&");
        match self.frame().expect {
            Expect::LoopList { in_at } => self.end_loop_list(in_at),
            _ if in_case && ends_arm => self.end_run(Expect::Pattern),
            _ => self.end_run(Expect::Command),
        }
        let len = match ends_arm {
            true if self.starts_with(b";;&") => 3,
            true => 2,
            false => 1,
        };
        if in_case && ends_arm {
            // The grammar does not know `;&` and `;;&` in the last arm, nor `;` before them.
            if let Some(line_end) = self.frame().line_end.take() {
                self.overwrite(line_end, line_end + 1, b'\n');
            }
            self.overwrite(self.at, self.at + len, b' ');
            self.overwrite(self.at, self.at + 2, b';');
        }
        self.at += len;
    }

    /// `&`, `&&`, `|`, `||`, `|&`. Between the patterns of a case arm `|` is blotted out with them.
    fn connector(&mut self) {
        let two = self.starts_with(b"&&") || self.starts_with(b"||") || self.starts_with(b"|&");
        if self.frame().expect != Expect::Pattern {
            self.end_run(Expect::Command);
        }
        self.at += if two { 2 } else { 1 };
    }

    fn open_paren(&mut self) {
        let start = self.at;
        let double = self.byte(start + 1) == Some(b'(');
        let expect = self.frame().expect;
        match expect {
            Expect::Pattern => {
                self.overwrite(start, start + 1, b' ');
                self.at += 1;
            }
            Expect::LoopName if double => self.c_style_header(),
            Expect::Command if double && self.is_arithmetic(start) => {
                let token = self.start_token(TokenKind::Word, start);
                self.frame().expect = Expect::Arguments;
                self.frames.push(Frame::Word { token, place: Place::Command });
                self.pass(2);
                self.frames.push(Frame::Arithmetic { depth: 2, close: b')' });
            }
            _ => {
                self.end_run(Expect::AfterCompound);
                self.at += 1;
                self.frames.push(Frame::Code(Code::new(Close::Subshell, start)));
            }
        }
    }

    fn close_paren(&mut self) {
        let Code { close, start, expect, .. } = *self.frame();
        match close {
            Close::Esac if expect == Expect::Pattern => {
                self.at += 1;
                self.end_run(Expect::Command);
            }
            // No `esac` came: the parenthesis closes what the `case` stands in.
            Close::Esac if self.is_closed_outside() => drop(self.frames.pop()),
            Close::Subshell => {
                self.frames.pop();
                self.at += 1;
            }
            Close::Substitution => {
                self.frames.pop();
                self.end_substitution(start);
            }
            Close::Esac | Close::End | Close::Backtick => {
                self.at += 1;
                self.end_run(Expect::AfterCompound);
            }
        }
    }

    /// Whether a `)` is expected by code around the `case` at hand.
    fn is_closed_outside(&self) -> bool {
        let closes = self.frames.iter().rev().map_while(|frame| match frame {
            Frame::Code(code) => Some(code.close),
            _ => None,
        });
        closes
            .into_iter()
            .find(|close| *close != Close::Esac)
            .is_some_and(|close| matches!(close, Close::Subshell | Close::Substitution))
    }

    /// `for ((a; b; c))` gets the form `for xxxx;`, which the grammar reads as a loop over the arguments.
    fn c_style_header(&mut self) {
        let start = self.at;
        let token = self.push_token(TokenKind::Word, start);
        self.frame().expect = Expect::LoopIn { name_end: start };
        self.frames.push(Frame::Word { token, place: Place::Command });
        self.pass(2);
        self.frames.push(Frame::Arithmetic { depth: 2, close: b')' });
    }

    fn end_loop_list(&mut self, in_at: usize) {
        if self.frame().run_end.is_none() {
            // The grammar wants a word behind `in`.
            self.overwrite(in_at, in_at + 2, b' ');
        }
        self.end_run(Expect::Command);
    }

    /// Digits that a redirection follows at once.
    fn is_descriptor(&self) -> bool {
        let digits = self.bytes[self.at..self.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        matches!(self.byte(self.at + digits), Some(b'<' | b'>'))
    }

    /// A redirection from its descriptor or operator on.
    fn redirect(&mut self, start: usize) {
        let mut operator = start;
        while self.bytes[operator].is_ascii_digit() {
            operator += 1;
        }
        let len = OPERATORS
            .iter()
            .find(|op| self.bytes[operator..self.end].starts_with(op))
            .map_or(1, |op| op.len());
        let is_heredoc = matches!(&self.bytes[operator..operator + len], b"<<" | b"<<-");
        let is_bare = self.frame().expect == Expect::AfterCompound;
        if self.frame().expect == Expect::Command {
            self.frame().expect = Expect::Prefix;
        }
        let token = self.start_token(TokenKind::Redirect, start);
        self.tokens[token as usize].is_bare = is_bare;
        self.at = operator + len;
        while let Some(skip) = self.blank_len() {
            self.at += skip;
        }
        let target = self.at;
        self.blot(start, target);
        self.tokens[token as usize].extra = target as u32;
        let ends_here = |byte: u8| is_meta(byte) && !matches!(byte, b'<' | b'>');
        if self.byte(target).is_none_or(ends_here) {
            self.tokens[token as usize].kind = TokenKind::Unreadable;
            return self.end_token(token);
        }
        if is_heredoc {
            return self.heredoc_delimiter(token, &self.bytes[operator..operator + len] == b"<<-");
        }
        self.frames.push(Frame::Word { token, place: Place::Command });
    }

    fn blank_len(&self) -> Option<usize> {
        match self.byte(self.at)? {
            byte if is_blank(byte) => Some(1),
            _ => Some(self.continuation(self.at)).filter(|len| *len > 0),
        }
    }

    /// Pushes back the end of a statement where the shell needs none but the grammar does: `{ a; } then`,
    /// `for x do`.
    pub(super) fn put_terminator_before(&mut self, keyword: usize) {
        if keyword > self.base && is_blank(self.bytes[keyword - 1]) {
            self.overwrite(keyword - 1, keyword, b';');
        }
    }
}

/// Redirection operators, longest first.
const OPERATORS: [&[u8]; 13] =
    [b"&>>", b"<<<", b"<<-", b"&>", b"<<", b"<&", b"<>", b">>", b">&", b">|", b"<", b">", b"&"];
