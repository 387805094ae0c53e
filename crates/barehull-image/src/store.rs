//! Files that blobs and manifests are read from: those of a folder, or the members of an archive.

use crate::tar::{self, MemberKind, Reader, Source};
use crate::unpack::of_io;
use crate::{Limits, ReadError, path};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Links from member to member that are followed.
const MAX_LINKS: usize = 8;

/// A folder or an archive on disk.
#[derive(Debug)]
pub(crate) enum Store {
    Folder(PathBuf),
    Archive(Archive),
}

/// An archive, and where its members are.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    members: BTreeMap<String, Found>,
}

#[derive(Debug)]
enum Found {
    Contents { at: u64, size: u64 },
    Link { target: String },
}

/// A file of a store, to be read once.
#[derive(Debug)]
pub(crate) struct Member {
    from: io::Take<File>,
    pub(crate) size: u64,
}

impl Read for Member {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.from.read(buffer)
    }
}

impl Store {
    /// The archive in a file: its members are listed, none is read.
    pub(crate) fn archive(path: &Path, limits: &Limits) -> Result<Self, ReadError> {
        Archive::open(path, limits).map(Self::Archive)
    }

    /// Whether there is a regular file of this name.
    pub(crate) fn holds(&self, name: &str) -> bool {
        match self {
            Self::Folder(root) => {
                below(root, name).is_ok_and(|path| path.symlink_metadata().is_ok_and(|found| found.is_file()))
            }
            Self::Archive(archive) => archive.find(name).is_some(),
        }
    }

    /// # Errors
    /// If it is not there, or is no regular file. In a folder no link is followed.
    pub(crate) fn open(&self, name: &str) -> Result<Member, ReadError> {
        let missing = || ReadError::Missing { name: name.to_owned() };
        match self {
            Self::Folder(root) => {
                let path = below(root, name)?;
                let file = open_regular(&path).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => missing(),
                    _ => ReadError::Io { path: path.clone(), source: error },
                })?;
                let size = file.metadata().map_err(ReadError::io(&path))?.len();
                Ok(Member { from: file.take(size), size })
            }
            Self::Archive(archive) => {
                let (at, size) = archive.find(name).ok_or_else(missing)?;
                let mut file = File::open(&archive.path).map_err(ReadError::io(&archive.path))?;
                file.seek(SeekFrom::Start(at)).map_err(ReadError::io(&archive.path))?;
                Ok(Member { from: file.take(size), size })
            }
        }
    }

    /// All bytes of a small file.
    ///
    /// # Errors
    /// As [`Store::open`], or if it is larger than `limit`.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        let member = self.open(name)?;
        if member.size > limit {
            return Err(ReadError::TooLarge { name: name.to_owned(), limit, unit: "bytes" });
        }
        let mut bytes = Vec::with_capacity(member.size as usize);
        let size = member.size;
        member.from.take(size).read_to_end(&mut bytes).map_err(|error| of_io(name, &error))?;
        if (bytes.len() as u64) < size {
            return Err(ReadError::Truncated { name: name.to_owned() });
        }
        Ok(bytes)
    }
}

/// The path of a file of the folder, if no link is on the way to it.
fn below(root: &Path, name: &str) -> Result<PathBuf, ReadError> {
    let (name, _) = path::normalize(name);
    let mut at = root.to_owned();
    let mut parts = name.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        at.push(part);
        if parts.peek().is_some() && at.is_symlink() {
            return Err(ReadError::invalid(at.display().to_string(), "a link, which is not followed here"));
        }
    }
    Ok(at)
}

#[cfg(unix)]
fn open_regular(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;

    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    regular(opened?)
}

#[cfg(not(unix))]
fn open_regular(path: &Path) -> io::Result<File> {
    if path.symlink_metadata()?.is_symlink() {
        return Err(io::Error::other("a link, which is not followed here"));
    }
    regular(File::open(path)?)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

impl Archive {
    fn open(path: &Path, limits: &Limits) -> Result<Self, ReadError> {
        let failed = |error: io::Error| ReadError::Io { path: path.to_owned(), source: error };
        let file = regular(File::open(path).map_err(failed)?).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let name = path.display().to_string();
        let mut reader =
            Reader::new(Seekable { file: BufReader::new(file), at: 0, length }, limits.tar_header_bytes);
        let mut members = BTreeMap::new();
        let (mut count, mut name_bytes) = (0, 0);
        while let Some(member) = reader.next().map_err(|error| of_io(&name, &error))? {
            count += 1;
            name_bytes += member.name.len() as u64;
            if count > limits.entries {
                return Err(ReadError::TooLarge { name, limit: limits.entries, unit: "members" });
            }
            if name_bytes > limits.name_bytes {
                return Err(ReadError::TooLarge { name, limit: limits.name_bytes, unit: "bytes of names" });
            }
            let at = reader.source().at;
            let key = path::normalize(&member.name).0;
            let found = match member.kind {
                MemberKind::File if !member.is_sparse => Found::Contents { at, size: member.size },
                MemberKind::HardLink(target) => Found::Link { target: path::normalize(&target).0 },
                MemberKind::Symlink(target) => {
                    let folder = path::split(&key).map_or("/", |(folder, _)| folder);
                    let target = if target.starts_with('/') { target } else { path::join(folder, &target) };
                    Found::Link { target: path::normalize(&target).0 }
                }
                _ => continue,
            };
            members.insert(key, found);
        }
        Ok(Self { path: path.to_owned(), members })
    }

    /// Where the contents of a member are, and how long.
    fn find(&self, name: &str) -> Option<(u64, u64)> {
        let mut name = path::normalize(name).0;
        for _ in 0..=MAX_LINKS {
            match self.members.get(&name)? {
                Found::Contents { at, size } => return Some((*at, *size)),
                Found::Link { target } => name.clone_from(target),
            }
        }
        None
    }
}

/// A file that is passed over without being read.
struct Seekable {
    file: BufReader<File>,
    at: u64,
    length: u64,
}

impl Read for Seekable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Source for Seekable {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        if count > self.length.saturating_sub(self.at) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.seek_relative(i64::try_from(count).map_err(io::Error::other)?)?;
        self.at += count;
        Ok(())
    }
}

/// The first bytes of a file, for [`tar`] has no mark at its start.
pub(crate) fn first_bytes(path: &Path) -> Result<Vec<u8>, ReadError> {
    let file = regular(File::open(path).map_err(ReadError::io(path))?).map_err(ReadError::io(path))?;
    let mut bytes = Vec::new();
    file.take(tar::BLOCK as u64).read_to_end(&mut bytes).map_err(ReadError::io(path))?;
    Ok(bytes)
}
