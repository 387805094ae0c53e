//! Heredocs: their delimiters, and their bodies behind the line that opens them.

use super::{Lexer, is_meta};
use crate::shell::token::{Heredoc, TokenKind};

/// A heredoc whose body is still to come.
pub(super) struct Pending {
    pub heredoc: usize,
    delimiter: Vec<u8>,
    /// Number of frames around its operator: its body starts behind the line of those statements.
    depth: usize,
}

impl Lexer<'_> {
    /// At the delimiter of the heredoc that `token` opens.
    pub(super) fn heredoc_delimiter(&mut self, token: u32, chomp: bool) {
        let start = self.at;
        let mut delimiter = Vec::new();
        let mut quoted = false;
        let mut quote = None;
        while let Some(byte) = self.byte(self.at) {
            match (quote, byte) {
                (None, b'\'' | b'"') => {
                    quote = Some(byte);
                    quoted = true;
                }
                (Some(open), _) if open == byte => quote = None,
                (None, b'\\') => {
                    quoted = true;
                    self.at += 1;
                    delimiter.extend(self.byte(self.at));
                }
                (None, _) if is_meta(byte) => break,
                (_, b'\n') => break,
                _ => delimiter.push(byte),
            }
            self.at = (self.at + 1).min(self.end);
        }
        let end = self.at;
        self.blot(start, end);
        let none = (self.end as u32, self.end as u32);
        let heredoc = self.heredocs.len();
        self.tokens[token as usize].kind = TokenKind::Heredoc;
        self.tokens[token as usize].extra = heredoc as u32;
        self.end_token(token);
        let delimiter_range = (start as u32, end as u32);
        self.heredocs.push(Heredoc {
            delimiter: delimiter_range,
            body: none,
            end: none.1,
            expand: !quoted,
            chomp,
        });
        self.pending.push(Pending { heredoc, delimiter, depth: self.frames.len() });
    }

    /// Behind the line break that ends a statement: reads the bodies of the heredocs it opened.
    pub(super) fn read_heredocs(&mut self) {
        let depth = self.frames.len();
        let mut at = 0;
        while at < self.pending.len() {
            if self.pending[at].depth >= depth {
                let pending = self.pending.remove(at);
                self.read_heredoc(&pending);
            } else {
                at += 1;
            }
        }
    }

    fn read_heredoc(&mut self, pending: &Pending) {
        let start = self.at;
        let chomp = self.heredocs[pending.heredoc].chomp;
        let mut body_end = self.end;
        while self.at < self.end {
            let rest = &self.bytes[self.at..self.end];
            let len = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let line = rest[..len].strip_suffix(b"\r").unwrap_or(&rest[..len]);
            let tabs = if chomp { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
            let line_start = self.at;
            self.at = (self.at + len + 1).min(self.end);
            if line[tabs..] == pending.delimiter {
                body_end = line_start;
                break;
            }
        }
        self.heredocs[pending.heredoc].body = (start as u32, body_end as u32);
        self.heredocs[pending.heredoc].end = self.at as u32;
        self.overwrite(start, self.at, b' ');
    }
}
