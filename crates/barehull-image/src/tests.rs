//! Whole images, made in memory and read from disk.

mod formats;
mod hostile;
mod layers;
mod random;
mod tools;

use crate::fixture::image::{Archive, Builder, Files, write_archive};
use crate::{Image, OpenOptions, ReadError, Tree};
use tempfile::TempDir;

/// Reads files as an archive.
fn open(files: &Files, options: &OpenOptions) -> Result<Image, ReadError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    write_archive(files, &path).unwrap();
    Image::open(&path, options)
}

/// An image of these layers, in its plainest form.
fn image(layers: impl IntoIterator<Item = Archive>) -> Result<Image, ReadError> {
    open(&Builder::new(layers).docker_archive(), &OpenOptions::default())
}

/// All paths but the root.
fn paths(tree: &Tree) -> Vec<&str> {
    tree.iter().skip(1).map(|entry| &*entry.path).collect()
}
