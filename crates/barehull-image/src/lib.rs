//! Built container images, read without a container engine: layers, the file system that a container sees, what
//! programs in it need, and the inventory of its tools.
//!
//! [`Image::open`] takes an OCI image layout (folder or tar), an archive of `docker save` in either form, or a root
//! file system folder. All of it is read once, front to back; nothing is extracted, written or executed, and nothing
//! outside of the given file or folder is opened. [`Limits`] says where reading stops.
//!
//! ```no_run
//! use barehull_catalog::Catalog;
//! use barehull_image::{Image, OpenOptions, inventory};
//!
//! let image = Image::open("app.tar".as_ref(), &OpenOptions::default())?;
//! for layer in &image.layers {
//!     println!("{} bytes by {}", layer.size, layer.created_by);
//! }
//! if let Ok(shell) = image.tree.resolve("/bin/sh") {
//!     println!("a shell: {}", shell.path);
//! }
//! for tool in inventory(&image, Catalog::builtin()).materialise() {
//!     println!("{} {:?}", tool.component.path, tool.component.role);
//! }
//! # Ok::<(), barehull_image::ReadError>(())
//! ```

mod config;
mod content;
mod contents;
mod digest;
mod docker;
pub mod elf;
mod error;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
mod image;
mod inventory;
mod layer;
mod limits;
pub mod loader;
mod manifest;
mod merge;
mod note;
mod oci;
mod packages;
mod path;
mod rootfs;
mod store;
mod tar;
#[cfg(test)]
mod tests;
mod tree;
mod unpack;
mod wanted;

pub use config::{Healthcheck, HistoryStep, ImageConfig};
pub use content::{Content, MultiCall, Program, Script, Text, Unread};
pub use elf::ElfFacts;
pub use error::ReadError;
pub use image::{Image, Layer, OpenOptions, Platform};
pub use inventory::{inventory, is_usr_merged};
pub use limits::Limits;
pub use note::{Note, NoteKind};
pub use packages::{Package, PackageDatabase, PackageManager, owners};
pub use tree::{Entry, Kind, Shadowed, Tree, Unresolved};
