//! The smallest parts of a shell text that a command is made of.
//!
//! Tokens stand in source order; those inside a substitution follow the word the substitution stands in
//! and lie inside its range.

/// What a token is to the command it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A word of a command, a loop's list or a case's subject.
    Word,
    /// `NAME=value` before a command's name; the `u32` of the token is the offset behind the name.
    Assignment,
    /// An operator with its target; the `u32` of the token is the offset of the target, which for a
    /// heredoc is its delimiter.
    Redirect,
    /// A heredoc; the `u32` of the token is its place in the list of heredocs.
    Heredoc,
    /// `!` before a pipeline.
    Bang,
    /// One pattern of a case arm.
    Pattern,
    /// The name a loop, a `select` or a function definition introduces.
    Name,
    /// Text whose quotes or parentheses never close.
    Unreadable,
}

/// One token: its kind and its byte range in the decoded text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    /// A redirection behind a compound command, whose skeleton is blank.
    pub is_bare: bool,
    pub start: u32,
    pub end: u32,
    /// Depends on the kind.
    pub extra: u32,
}

/// A heredoc's body, found where the line of its operator ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heredoc {
    /// The delimiter as written, quotes included.
    pub delimiter: (u32, u32),
    /// The body with its last line break, without the line of the delimiter.
    pub body: (u32, u32),
    /// Behind the line of the delimiter.
    pub end: u32,
    /// `$`, `` ` `` and `\` mean something in the body: no part of the delimiter was quoted.
    pub expand: bool,
    /// `<<-`: leading tabs of each line are cut.
    pub chomp: bool,
}
