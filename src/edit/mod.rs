//! Edits: what a fix changes, how edits meet, how they become text and diffs.

mod apply;
mod diff;
mod merge;

pub use apply::{ApplyError, apply};
pub use diff::{FilePatch, unified_diff};
pub use merge::merge;

use barehull_syntax::Location;
use sha2::{Digest, Sha256};

use crate::project::ProjectPath;

/// The hash of the text an edit was made for: an edit never lands in a text its author did not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextHash([u8; 16]);

impl TextHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(bytes)[..16]);
        Self(short)
    }
}

/// One change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts `text` in the place of the bytes at `location` (an empty span inserts).
    Replace {
        /// The bytes that go.
        location: Location,
        /// What comes instead.
        text: String,
        /// The whole file's text when the edit was made.
        of: TextHash,
    },
    /// Writes a file that is not there yet.
    Create {
        /// Where.
        path: ProjectPath,
        /// Its text.
        text: String,
        /// Unix permission bits, 0o644 or 0o755.
        mode: u32,
    },
    /// Removes a file.
    Delete {
        /// Which.
        path: ProjectPath,
        /// Its text when the edit was made.
        of: TextHash,
    },
}
