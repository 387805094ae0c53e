//! Everything that is read: the files of the project and of the build context, each kind by its own reader.

mod disk;
mod files;
mod memory;
mod path;

pub use disk::Disk;
pub use files::{Entry, Fault, Files, Kind, Listing, MAX_FILE_BYTES, MAX_FOLDER_ENTRIES, ReadError};
pub use memory::Memory;
pub use path::{PathError, ProjectPath};
