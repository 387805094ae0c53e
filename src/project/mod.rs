//! Everything that is read: the files of the project and of the build context, each kind by its own reader.

mod context;
mod copies;
mod copy;
mod disk;
mod dockerignore;
mod files;
mod go_path;
mod index;
mod json;
pub mod manifests;
mod memo;
mod memory;
mod names;
pub mod outside;
mod overlay;
mod path;
mod spot;
mod toml;
pub(crate) mod tree;
mod walk;
pub(crate) mod yaml;

pub use context::{BuildContext, Unseen};
pub use copies::{Copied, Copies, Gap, Mapping};
pub use copy::{CopyRequest, image_path};
pub use disk::Disk;
pub use dockerignore::{IgnoreError, Patterns};
pub use files::{Entry, Fault, Files, Kind, Listing, MAX_FILE_BYTES, MAX_FOLDER_ENTRIES, ReadError};
pub use index::Project;
pub use memo::Memo;
pub use memory::Memory;
pub use names::{FileKind, file_kind, is_dockerfile_name};
pub use overlay::Overlay;
pub use path::{PathError, ProjectPath};
pub use spot::{Note, Sited, Spot};
pub use walk::{Walked, walk};
