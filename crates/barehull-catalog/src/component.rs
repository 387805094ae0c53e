use std::borrow::Cow;
use std::sync::Arc;

use crate::{Role, Text};
use barehull_syntax::Location;

/// One executable that matters for hardening.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Component {
    /// Its absolute path in the image.
    pub path: Text,
    /// Why it matters.
    pub role: Role,
}

impl Component {
    /// The component at `path`.
    pub fn new(path: impl Into<Text>, role: Role) -> Self {
        Self { path: path.into(), role }
    }

    /// What it is called: the path's last part.
    pub fn name(&self) -> &str {
        last_part(&self.path)
    }

    /// The same, to keep: what the catalog itself holds is not copied.
    pub fn name_text(&self) -> Text {
        match &self.path {
            Cow::Borrowed(path) => Cow::Borrowed(last_part(path)),
            Cow::Owned(path) => Cow::Owned(last_part(path).to_owned()),
        }
    }
}

/// The last part of a path of either system.
pub(crate) fn last_part(path: &str) -> &str {
    // Asked of every component, often: faster than a search for characters.
    let start = path.bytes().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |at| at + 1);
    &path[start..]
}

/// What brought a component into a stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The image the stage starts from.
    BaseImage {
        /// As the file names it.
        image: Arc<str>,
    },
    /// An instruction of the stage or of a stage it starts from.
    Instruction(Location),
    /// A copy from another stage or image.
    Copied {
        /// The stage or image it was taken from.
        stage: String,
        /// What brought it there.
        origin: Box<Origin>,
        /// The instruction that copies.
        at: Location,
    },
    /// A layer of a built image.
    Layer {
        /// Counted from 0, the lowest.
        index: u32,
        /// What the image's history says of it.
        created_by: String,
    },
}

/// Whether a component can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is there at run time.
    Present,
    /// A later layer removed it: gone at run time, but still in the image.
    Shadowed,
}

impl Presence {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Shadowed => "shadowed",
        }
    }
}

/// Whether a list is known to be whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// What is not listed is not there.
    Exact,
    /// Something unknown happened: the list proves presence, never absence.
    AtLeast,
}

impl Completeness {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::AtLeast => "at-least",
        }
    }

    /// Exact only if both are.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact, Self::Exact) => Self::Exact,
            _ => Self::AtLeast,
        }
    }

    /// From now on at least.
    pub const fn weaken(&mut self) {
        *self = Self::AtLeast;
    }

    /// Exact if the condition holds.
    pub const fn exact_if(condition: bool) -> Self {
        if condition { Self::Exact } else { Self::AtLeast }
    }
}
