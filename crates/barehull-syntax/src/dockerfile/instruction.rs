//! What an instruction consists of, with a span for every part a rule may point at.

use crate::{MappedText, Span};

/// The instructions of the Dockerfile reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is named as in the Dockerfile reference")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// A word BuildKit does not know; the file has a problem at it.
    Unknown,
}

/// One instruction, in file order. ONBUILD holds the instruction it defers in [`Instruction::deferred`].
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the keyword (or a continuation in front of it) to the end of the last line (heredoc bodies and
    /// their end markers included), without the last line break.
    pub span: Span,
    /// 1-based first line, as BuildKit counts.
    pub first_line: u32,
    /// 1-based last line, as BuildKit counts (heredocs included).
    pub last_line: u32,
    /// Which instruction.
    pub keyword: Keyword,
    /// The keyword's bytes, in the letter case of the file.
    pub keyword_span: Span,
    /// The keyword as written, continuations in it undone, where BuildKit does not know it.
    pub unknown: Option<Box<MappedText>>,
    /// HEALTHCHECK only: the word that tells CMD from NONE.
    pub health_type: Option<Box<MappedText>>,
    /// `--name=value` flags before the arguments.
    pub flags: Vec<Flag>,
    /// The arguments, in the form BuildKit read them.
    pub args: Arguments,
    /// Heredocs that the instruction opens, in order.
    pub heredocs: Vec<Heredoc>,
    /// The whole logical line behind the keyword and the flags, continuations decoded: what a shell-form
    /// RUN gives to the shell (before heredoc bodies).
    pub rest: MappedText,
    /// ONBUILD only: the instruction it defers (same lines).
    pub deferred: Option<Box<Instruction>>,
}

/// A flag such as `--from=build` or `--link`.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The whole flag, dashes included.
    pub span: Span,
    /// The name without dashes.
    pub name: MappedText,
    /// The value behind `=`, if there is one; quotes as BuildKit leaves them.
    pub value: Option<MappedText>,
}

/// The arguments of an instruction.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// Shell form: one text, as the shell gets it (RUN, CMD, ENTRYPOINT, the command of HEALTHCHECK behind
    /// its `CMD`); MAINTAINER's text.
    Shell(MappedText),
    /// JSON form: the decoded strings; `span` is the whole array.
    Json {
        /// From `[` to `]`.
        span: Span,
        /// Each string, decoded; its span lies inside the quotes.
        items: Vec<MappedText>,
    },
    /// White-space separated words (FROM, COPY, ADD, EXPOSE, ARG, VOLUME), raw: quotes and variables not
    /// yet resolved. USER, WORKDIR and STOPSIGNAL have one word, which may hold white space; HEALTHCHECK
    /// NONE, ONBUILD and unknown instructions have none.
    Words(Vec<MappedText>),
    /// `NAME=value` pairs (ENV, LABEL), raw.
    Pairs(Vec<Pair>),
}

/// A pair of ENV, LABEL or ARG. Values are raw: quotes and variables not yet resolved.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The name.
    pub name: MappedText,
    /// The value; absent in `ARG NAME`.
    pub value: Option<MappedText>,
    /// Whether it was written in the legacy form `ENV name value`.
    pub legacy: bool,
}

/// A heredoc of RUN, COPY or ADD.
#[derive(Clone, Debug)]
pub struct Heredoc {
    /// The delimiter, quotes removed.
    pub name: String,
    /// The opening mark `<<-"EOF"` in the instruction's first line.
    pub mark: Span,
    /// `<<-`: leading tabs are cut.
    pub chomp: bool,
    /// Variables in the body are expanded (the delimiter was not quoted).
    pub expand: bool,
    /// The body, leading tabs cut for `<<-`, with its last line break.
    pub body: MappedText,
    /// The body's lines in the file, line breaks included, tabs not cut.
    pub lines: Span,
    /// The line of the end marker, without its line break.
    pub end: Span,
}

/// Something BuildKit refuses the file for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which part of BuildKit refuses it.
    pub kind: ProblemKind,
    /// Where: the wrong instruction, or the part of it.
    pub span: Span,
    /// The 1-based line that BuildKit names, else the first line of the wrong instruction.
    pub line: u32,
    /// What is wrong, in BuildKit's words.
    pub message: String,
    /// What to do about it, where the message does not say so itself.
    pub help: Option<String>,
}

/// Which part of BuildKit refuses a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The parser: it reads the whole file first and names no line.
    Parser,
    /// The reader of instructions: it names the line.
    Reader,
    /// The reader of instructions found no FROM in front of the instruction: it names no line.
    NoStage,
}
