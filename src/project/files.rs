//! What is read, wherever it is: the [`Files`] trait and its errors.

use std::sync::Arc;

use super::ProjectPath;

/// Bytes a file may have to be read at all: 64 MiB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;
/// Entries of one folder that are listed.
pub const MAX_FOLDER_ENTRIES: usize = 100_000;
/// Symbolic links followed for one path, as Linux does.
pub(super) const MAX_LINKS: usize = 40;

/// A tree of files behind a root that nothing leads out of: symbolic links are followed step by step as long
/// as they stay inside.
pub trait Files: Send + Sync + std::fmt::Debug {
    /// The bytes of the regular file at `path`, links followed, at most [`MAX_FILE_BYTES`].
    fn read(&self, path: &ProjectPath) -> Result<Arc<[u8]>, ReadError> {
        self.read_up_to(path, MAX_FILE_BYTES)
    }

    /// The bytes of the regular file at `path`, links followed; an error if it has more than `limit` bytes.
    fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, ReadError>;

    /// What is at `path` itself: links on the way are followed, one at its end is not.
    fn kind(&self, path: &ProjectPath) -> Result<Kind, ReadError>;

    /// The entries of the folder at `path`, links followed, sorted by name.
    fn list(&self, path: &ProjectPath) -> Result<Listing, ReadError>;

    /// `path` with every link followed; an error if nothing is there.
    fn resolve(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError>;

    /// Whether the file at `path`, links followed, may be executed by its owner.
    fn is_executable(&self, path: &ProjectPath) -> Result<bool, ReadError>;

    /// Whether `path`, links followed, is a regular file.
    fn is_file(&self, path: &ProjectPath) -> bool {
        self.resolve(path).and_then(|real| self.kind(&real)) == Ok(Kind::File)
    }

    /// Whether `path`, links followed, is a folder.
    fn is_folder(&self, path: &ProjectPath) -> bool {
        self.resolve(path).and_then(|real| self.kind(&real)) == Ok(Kind::Folder)
    }
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device: never opened.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is; links are not followed.
    pub kind: Kind,
}

/// The entries of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Sorted by name.
    pub entries: Arc<[Entry]>,
    /// Whether these are all: false beyond [`MAX_FOLDER_ENTRIES`] and where a name is not UTF-8.
    pub complete: bool,
}

/// Why a path could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}")]
pub struct ReadError {
    /// The path that was asked for.
    pub path: ProjectPath,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing is there.
    #[error("no such file or folder")]
    Missing,
    /// A symbolic link leads out of the root.
    #[error("a symbolic link leads out of the folder that may be read; replace it with the file itself")]
    Outside,
    /// Symbolic links lead in a circle.
    #[error("its symbolic links lead in a circle; mend the links")]
    Loop,
    /// It is a folder, a pipe, a socket or a device.
    #[error("not a regular file")]
    NotAFile,
    /// It is not a folder.
    #[error("not a folder")]
    NotAFolder,
    /// It has more bytes than are read.
    #[error("{size} bytes, more than the {limit} that are read; make it smaller or leave it out")]
    TooLarge {
        /// Bytes it has (at least).
        size: u64,
        /// Bytes that would be read.
        limit: u64,
    },
    /// The operating system refuses.
    #[error("permission denied; make it readable or leave it out")]
    Denied,
    /// The operating system failed otherwise.
    #[error("cannot be read: {0}")]
    Io(String),
}

impl Fault {
    /// The error for `path`.
    pub(super) fn at(self, path: &ProjectPath) -> ReadError {
        ReadError { path: path.clone(), fault: self }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing,
            ErrorKind::PermissionDenied => Self::Denied,
            ErrorKind::IsADirectory => Self::NotAFile,
            _ => Self::Io(error.to_string()),
        }
    }
}

/// What a look-up of one entry found, for [`follow`].
pub(super) enum Found {
    /// Not a link.
    Plain(Kind),
    /// A link, and the text it holds.
    Link(String),
}

/// Follows the links of `path` step by step. `look` is asked for one path at a time whose folders are already
/// free of links; `inside` turns an absolute link's text into a path below the root, or nothing if it leaves.
/// With `last` false a link at the end is left alone.
pub(super) fn follow(
    path: &ProjectPath,
    last: bool,
    mut look: impl FnMut(&ProjectPath) -> Result<Found, Fault>,
    inside: impl Fn(&str) -> Option<String>,
) -> Result<(ProjectPath, Kind), Fault> {
    let mut real = ProjectPath::root();
    let mut kind = Kind::Folder;
    // Names still to walk, the next one last.
    let mut ahead: Vec<String> = path.names().rev().map(str::to_owned).collect();
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        if kind != Kind::Folder {
            return Err(Fault::Missing);
        }
        if name == ".." {
            real = real.parent().ok_or(Fault::Outside)?;
            continue;
        }
        let next = real.child(&name);
        match look(&next)? {
            Found::Plain(found) => (real, kind) = (next, found),
            Found::Link(_) if ahead.is_empty() && !last => return Ok((next, Kind::Link)),
            Found::Link(text) => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Fault::Loop);
                }
                let text = if text.starts_with('/') {
                    real = ProjectPath::root();
                    inside(&text).ok_or(Fault::Outside)?
                } else {
                    text
                };
                let steps = text.split('/').filter(|s| !s.is_empty() && *s != ".");
                ahead.extend(steps.rev().map(str::to_owned));
                kind = Kind::Folder;
            }
        }
    }
    Ok((real, kind))
}
