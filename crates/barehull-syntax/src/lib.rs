//! Dockerfiles as a lossless tree, and the shell text inside them as commands.
//!
//! * [`dockerfile`]: bytes to instructions, agreeing with BuildKit's parser line by line.
//! * [`shell`] (feature `shell`): shell text to commands.
//! * [`MappedText`]: decoded text that knows which bytes of the file each part came from.
//!
//! The crate knows nothing of rules, base images or tools.

pub mod dockerfile;
mod line_index;
mod mapped_text;
#[cfg(feature = "shell")]
pub mod shell;
mod span;

pub use line_index::{LineColumn, LineIndex};
pub use mapped_text::{MappedText, Segment, SegmentKind, SourceRange};
pub use span::{FileId, Location, Span};
