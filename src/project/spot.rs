//! Places and remarks about files that no analysis has numbered yet.

use barehull_syntax::Span;

use super::ProjectPath;

/// Bytes of a file of the project. What is read once for the whole project is shared by all analyses, and a
/// [`FileId`](barehull_syntax::FileId) means something in one only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The file.
    pub path: ProjectPath,
    /// The bytes.
    pub span: Span,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sited<T> {
    /// The value.
    pub value: T,
    /// The bytes that say so.
    pub span: Span,
}

impl<T> Sited<T> {
    /// `value`, said at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// Something about a file that kept it, or a part of it, from being read. Never a failure of the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file.
    pub path: ProjectPath,
    /// 1-based line, where one is to blame.
    pub line: Option<u32>,
    /// What is wrong and what to do, one sentence.
    pub text: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.text),
            None => write!(f, "{}: {}", self.path, self.text),
        }
    }
}
