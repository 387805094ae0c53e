//! Changes files, whole or not at all, and never outside the project.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use barehull::edit::FilePatch;
use tempfile::NamedTempFile;

/// A change that only has to be made visible.
#[derive(Debug)]
pub enum Prepared {
    /// Puts the new text in the place of the file.
    Replace(NamedTempFile, PathBuf),
    /// Puts a new file where nothing is.
    Create(NamedTempFile, PathBuf),
    /// Removes the file.
    Remove(PathBuf),
}

/// Checks that `patch` fits the files below `root` (absolute, without links) and writes its text beside them.
pub fn prepare(root: &Path, patch: &FilePatch) -> Result<Prepared> {
    let named = root.join(patch.path.as_str());
    match (&patch.before, &patch.after) {
        (Some(before), Some(after)) => {
            let real = inside(root, &named)?;
            unchanged(&real, before)?;
            let temporary = beside(&real, after)?;
            temporary.as_file().set_permissions(fs::metadata(&real)?.permissions())?;
            Ok(Prepared::Replace(temporary, real))
        }
        (None, Some(after)) => {
            if named.symlink_metadata().is_ok() {
                bail!("there is a file already");
            }
            let folder = named.parent().context("it has no folder")?;
            let there = folder.ancestors().find(|folder| folder.exists()).context("it has no folder")?;
            inside(root, there)?;
            fs::create_dir_all(folder)?;
            let temporary = beside(&named, after)?;
            set_mode(temporary.as_file(), patch.mode)?;
            Ok(Prepared::Create(temporary, named))
        }
        (Some(before), None) => {
            if inside(root, &named)? != named {
                bail!("it is reached through a symbolic link; remove it yourself");
            }
            unchanged(&named, before)?;
            Ok(Prepared::Remove(named))
        }
        (None, None) => bail!("there is nothing to change"),
    }
}

impl Prepared {
    /// Makes the change visible, in one step.
    pub fn commit(self) -> Result<()> {
        match self {
            Self::Replace(temporary, path) => {
                temporary.persist(&path).with_context(|| path.display().to_string())?;
            }
            Self::Create(temporary, path) => {
                temporary.persist_noclobber(&path).with_context(|| path.display().to_string())?;
            }
            Self::Remove(path) => fs::remove_file(&path).with_context(|| path.display().to_string())?,
        }
        Ok(())
    }
}

/// The file that `path` leads to; an error if that is outside `root`.
fn inside(root: &Path, path: &Path) -> Result<PathBuf> {
    let real = path.canonicalize()?;
    if !real.starts_with(root) {
        bail!("a symbolic link leads out of the project; it is not written through");
    }
    Ok(real)
}

/// An error unless the file still is what was analysed.
fn unchanged(path: &Path, before: &[u8]) -> Result<()> {
    let mut now = Vec::with_capacity(before.len() + 1);
    File::open(path)?.take(before.len() as u64 + 1).read_to_end(&mut now)?;
    if now != before {
        bail!("it changed meanwhile; run again");
    }
    Ok(())
}

/// A file beside `path` with the new text.
fn beside(path: &Path, text: &[u8]) -> Result<NamedTempFile> {
    let folder = path.parent().context("it has no folder")?;
    let mut temporary = tempfile::Builder::new().prefix(".barehull-").tempfile_in(folder)?;
    temporary.write_all(text)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// There are no modes here.
#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}
