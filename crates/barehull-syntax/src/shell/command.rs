//! Simple commands: words, assignments, redirections.

use std::{borrow::Cow, ops::Range};

use super::{
    NodeKind, NodeRef, Script, Word,
    token::{Token, TokenKind},
    word::WordMode,
};
use crate::SourceRange;

/// A simple command, or what a wrapper in one runs (`apt-get update` in `sudo apt-get update`).
#[derive(Clone, Copy)]
pub struct CommandRef<'s> {
    pub(crate) node: NodeRef<'s>,
    /// The tokens that are words of this command.
    pub(crate) tokens: (u32, u32),
}

/// `NAME=value` in front of a command, or a statement of its own.
#[derive(Clone, Copy)]
pub struct Assignment<'s> {
    /// The variable's name.
    pub name: &'s str,
    /// `[...]` behind the name, as written; empty if there is none.
    pub subscript: &'s str,
    /// `+=`.
    pub appends: bool,
    /// The value; for `NAME=(...)` one part, [`super::PartKind::Array`].
    pub value: Word<'s>,
    /// Bytes of the whole assignment in the decoded text.
    start: u32,
}

impl Assignment<'_> {
    /// Its bytes in the decoded text of the script.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.value.range().end
    }
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    /// `<`.
    Read,
    /// `>` and `>|`.
    Write,
    /// `>>`.
    Append,
    /// `<>`.
    ReadWrite,
    /// `&>` and `>&file`: standard output and standard error.
    WriteBoth,
    /// `&>>`.
    AppendBoth,
    /// `<&` and `>&`: the target is a descriptor, or `-` to close.
    Duplicate,
    /// `<<<`.
    HereString,
    /// `<<` and `<<-`.
    Heredoc,
}

/// A redirection of a command.
#[derive(Clone, Copy)]
pub struct Redirect<'s> {
    /// What it does.
    pub kind: RedirectKind,
    /// The descriptor, where one is written.
    pub descriptor: Option<u32>,
    /// The file, descriptor, text, or a heredoc's delimiter.
    pub target: Word<'s>,
    /// A heredoc's body.
    pub heredoc: Option<HeredocBody<'s>>,
    start: u32,
    end: u32,
}

/// The body of a heredoc.
#[derive(Clone, Copy)]
pub struct HeredocBody<'s> {
    /// The body: from the first line to the last, without the line of the delimiter. Where nothing is
    /// expanded it is literal; the tabs that `<<-` cuts are not part of it then.
    pub text: Word<'s>,
    /// Variables and substitutions in the body are expanded.
    pub expand: bool,
    /// `<<-`: the shell cuts leading tabs of each line.
    pub chomp: bool,
}

impl Redirect<'_> {
    /// Bytes of operator and target in the decoded text of the script.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<'s> CommandRef<'s> {
    /// The command of a node; `None` if it is none. Tests, and assignments alone, count: they have words,
    /// or none.
    pub fn of(node: NodeRef<'s>) -> Option<Self> {
        matches!(node.kind(), NodeKind::Command | NodeKind::Assignment | NodeKind::Test)
            .then(|| Self { node, tokens: node.data().tokens })
    }

    /// The node it stands in; for what a wrapper runs, the node of the wrapper.
    pub fn node(self) -> NodeRef<'s> {
        self.node
    }

    /// The script it stands in.
    pub fn script(self) -> &'s Script {
        self.node.script
    }

    /// Whether a wrapper runs it: then assignments and redirections are the wrapper's.
    pub fn is_wrapped(self) -> bool {
        self.tokens != self.node.data().tokens
    }

    /// Its words, the name first.
    pub fn words(self) -> impl Iterator<Item = Word<'s>> {
        self.own_tokens(TokenKind::Word)
            .map(move |token| Word::of_token(self.script(), self.node.id(), token))
    }

    /// Its words but the name.
    pub fn arguments(self) -> impl Iterator<Item = Word<'s>> {
        self.words().skip(1)
    }

    /// The command that its words from number `index` on are, as for what stands behind `--`.
    pub fn from_word(self, index: usize) -> Option<Self> {
        let first = self.word_tokens().nth(index)?;
        Some(Self { tokens: (first, self.tokens.1), ..self })
    }

    /// The word that names what it runs.
    pub fn name_word(self) -> Option<Word<'s>> {
        self.words().next()
    }

    /// What it runs, as written (`/usr/bin/apt-get`), if that can be told.
    pub fn name(self) -> Option<Cow<'s, str>> {
        self.name_word()?.literal()
    }

    /// What it runs without the folder (`apt-get`), if that can be told.
    pub fn base_name(self) -> Option<Cow<'s, str>> {
        Some(match self.name()? {
            Cow::Borrowed(name) => Cow::Borrowed(name.rsplit('/').next().unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.rsplit('/').next().unwrap_or(&name).to_owned()),
        })
    }

    /// The variables set for it, or by it where it has no words.
    pub fn assignments(self) -> impl Iterator<Item = Assignment<'s>> {
        self.own_tokens(TokenKind::Assignment).map(move |token| self.assignment(token))
    }

    /// Its redirections in order.
    pub fn redirects(self) -> impl Iterator<Item = Redirect<'s>> {
        self.node.redirects()
    }

    /// Its bytes in the decoded text of the script: from its first word, assignment or redirection to the
    /// last; for what a wrapper runs, its words.
    pub fn range(self) -> Range<usize> {
        if !self.is_wrapped() {
            return self.node.range();
        }
        let mut words = self.words();
        let Some(first) = words.next() else { return self.node.range() };
        first.range().start..words.last().unwrap_or(first).range().end
    }

    /// Its bytes in the file.
    pub fn source(self) -> SourceRange {
        self.script().source(self.range())
    }

    /// The tokens of its words, by number.
    pub(crate) fn word_tokens(self) -> impl Iterator<Item = u32> {
        let tokens = self.script().own_tokens(self.tokens);
        tokens.filter(|(_, token)| token.kind == TokenKind::Word).map(|(number, _)| number)
    }

    fn own_tokens(self, kind: TokenKind) -> impl Iterator<Item = &'s Token> {
        self.script().own_tokens(self.tokens).map(|(_, token)| token).filter(move |token| token.kind == kind)
    }

    fn assignment(self, token: &Token) -> Assignment<'s> {
        let script = self.script();
        let text = &script.text.text()[token.start as usize..token.end as usize];
        let (target, rest) = text.split_at((token.extra - token.start) as usize);
        let (name, subscript) = target.split_at(target.find('[').unwrap_or(target.len()));
        let appends = rest.starts_with('+');
        let value_start = token.extra + 1 + u32::from(appends);
        let value =
            Word { script, owner: self.node.id(), start: value_start, end: token.end, mode: WordMode::Value };
        Assignment { name, subscript, appends, value, start: token.start }
    }
}

impl<'s> NodeRef<'s> {
    /// The redirections written at this node, in order: among the words of a command, or behind a compound
    /// command, whose range does not include them.
    pub fn redirects(self) -> impl Iterator<Item = Redirect<'s>> {
        let compound = &self.script.compound_redirects;
        let tokens = match compound.binary_search_by_key(&self.id().0, |(node, _)| *node) {
            Ok(at) => compound[at].1,
            Err(_) => self.data().tokens,
        };
        self.script.own_tokens(tokens).filter_map(move |(_, token)| match token.kind {
            TokenKind::Redirect => Some(self.redirect(token)),
            TokenKind::Heredoc => Some(self.heredoc(token)),
            _ => None,
        })
    }

    fn redirect(self, token: &Token) -> Redirect<'s> {
        let text = self.script.text.text();
        let written = &text[token.start as usize..token.extra as usize];
        let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (descriptor, operator) = written.split_at(digits);
        let target = self.redirect_target(token.extra, token.end);
        let names_file =
            !target.raw().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '$' | '"'));
        let kind = match operator.trim_end_matches(|c: char| c.is_whitespace() || c == '\\') {
            "<" => RedirectKind::Read,
            ">>" => RedirectKind::Append,
            "<>" => RedirectKind::ReadWrite,
            "&>" => RedirectKind::WriteBoth,
            "&>>" => RedirectKind::AppendBoth,
            "<<<" => RedirectKind::HereString,
            ">&" if descriptor.is_empty() && names_file => RedirectKind::WriteBoth,
            "<&" | ">&" => RedirectKind::Duplicate,
            _ => RedirectKind::Write,
        };
        Redirect {
            kind,
            descriptor: descriptor.parse().ok(),
            target,
            heredoc: None,
            start: token.start,
            end: token.end,
        }
    }

    fn heredoc(self, token: &Token) -> Redirect<'s> {
        let heredoc = self.script.heredocs[token.extra as usize];
        let written = &self.script.text.text()[token.start as usize..token.end as usize];
        let digits = written.find('<').unwrap_or(0);
        let chomp = heredoc.chomp;
        let mode = if heredoc.expand { WordMode::Heredoc { chomp } } else { WordMode::Verbatim { chomp } };
        let body =
            Word { script: self.script, owner: self.id(), start: heredoc.body.0, end: heredoc.body.1, mode };
        Redirect {
            kind: RedirectKind::Heredoc,
            descriptor: written[..digits].parse().ok(),
            target: self.redirect_target(heredoc.delimiter.0, heredoc.delimiter.1),
            heredoc: Some(HeredocBody { text: body, expand: heredoc.expand, chomp: heredoc.chomp }),
            start: token.start,
            end: token.end,
        }
    }

    fn redirect_target(self, start: u32, end: u32) -> Word<'s> {
        Word { script: self.script, owner: self.id(), start, end, mode: WordMode::Shell }
    }
}

impl std::fmt::Debug for CommandRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.words()).finish()
    }
}
