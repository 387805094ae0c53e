//! A folder that holds a root file system. Reads need Unix: owners, modes and links that are not followed.

use crate::ReadError;
use crate::image::{Image, OpenOptions};
use std::path::Path;

#[cfg(unix)]
mod walk;

#[cfg(not(unix))]
pub(crate) fn read(path: &Path, _: &OpenOptions) -> Result<Image, ReadError> {
    Err(ReadError::invalid(path.display().to_string(), "a root file system folder can only be read on Unix"))
}

#[cfg(unix)]
pub(crate) fn read(path: &Path, options: &OpenOptions) -> Result<Image, ReadError> {
    use crate::{Layer, packages};

    let read = walk::read(path, &options.limits)?;
    let layer = Layer {
        index: 0,
        digest: None,
        diff_id: None,
        created_by: String::new(),
        size: read.bytes,
        unpacked_size: read.bytes,
        entries: read.tree.len() as u64,
    };
    let mut notes = read.notes.into_list();
    let packages = packages::read(&read.tree, &mut notes);
    Ok(Image {
        config: options.config.clone().unwrap_or_default(),
        layers: vec![layer],
        tree: read.tree,
        notes,
        packages,
        completeness: read.completeness,
        name: None,
        digest: None,
    })
}
