use crate::{ElfFacts, Package};
use std::sync::Arc;

/// What is kept of a file's contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Nothing: it is no regular file, or nothing that is looked at.
    #[default]
    Other,
    /// An ELF file.
    Elf(Arc<Program>),
    /// A file that starts with `#!`.
    Script(Arc<Script>),
    /// A text that later checks read, whole.
    Text(Arc<Text>),
    /// What a package database lists that is no text.
    Packages(Arc<[Package]>),
    /// It should have been read, but was not.
    Unread(Unread),
}

/// An ELF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it says of itself.
    pub facts: ElfFacts,
    /// The binary of many names that it is, whatever it is called.
    pub multi_call: Option<MultiCall>,
}

/// One binary that is many programs, by the name it is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MultiCall {
    /// BusyBox.
    Busybox,
    /// Toybox.
    Toybox,
}

impl MultiCall {
    /// As the catalog names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Busybox => "busybox",
            Self::Toybox => "toybox",
        }
    }
}

/// A file that starts with `#!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What follows `#!` on the first line, without spaces around it. What is no UTF-8 is replaced.
    pub interpreter: String,
    /// All of it; `None` where it is larger than [`Limits::text_bytes`](crate::Limits::text_bytes).
    pub text: Option<Text>,
}

/// The bytes of a whole file.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub Box<[u8]>);

impl Text {
    /// As text; what is no UTF-8 is replaced.
    pub fn as_str(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Text").field(&self.as_str()).finish()
    }
}

/// Why a file's contents are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unread {
    /// It is larger than what is read.
    TooLarge,
    /// As many texts as are kept were kept already.
    OverBudget,
    /// It has holes; they are never filled.
    Sparse,
    /// It starts as an ELF file does, but no loader would take it.
    Malformed,
    /// The machine does not let it be read.
    Forbidden,
}
