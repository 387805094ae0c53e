use crate::contents::{self, Contents};
use crate::merge::Merge;
use crate::note::{NoteKind, Notes};
use crate::{Content, Entry, Kind, Limits, ReadError, Tree, Unread, path};
use barehull_catalog::Completeness;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::rc::Rc;

/// What a folder holds.
pub(super) struct Read {
    pub(super) tree: Tree,
    pub(super) notes: Notes,
    pub(super) completeness: Completeness,
    /// Of all regular files.
    pub(super) bytes: u64,
}

/// A folder still to be listed.
struct Pending {
    /// The folder it lies in, open: what is opened is always one name of a folder that is known to be inside.
    above: Rc<OwnedFd>,
    name: CString,
    path: String,
}

struct Walk<'a> {
    merge: Merge,
    contents: Contents,
    limits: &'a Limits,
    /// Regular files with several names, by device and inode.
    seen: HashMap<(u64, u64), String>,
    device: u64,
    completeness: Completeness,
    bytes: u64,
    pending: Vec<Pending>,
}

/// Reads all that lies below `root`, which may be named by a link. No link below it is followed, nothing but folders
/// and regular files is opened, and no other file system is entered.
pub(super) fn read(root: &Path, limits: &Limits) -> Result<Read, ReadError> {
    let fail = |errno: rustix::io::Errno| ReadError::Io { path: root.to_owned(), source: errno.into() };
    let folder = rustix::fs::open(root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(fail)?;
    let stat = rustix::fs::fstat(&folder).map_err(fail)?;
    let mut walk = Walk {
        merge: Merge::new(limits),
        contents: Contents::new(limits),
        limits,
        seen: HashMap::new(),
        device: device(&stat),
        completeness: Completeness::Exact,
        bytes: 0,
        pending: Vec::new(),
    };
    walk.merge.put(entry("/", Kind::Dir, &stat));
    walk.list(folder, "/")?;
    while let Some(next) = walk.pending.pop() {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&*next.above, &next.name, flags, Mode::empty()) {
            Ok(folder) => walk.list(folder, &next.path)?,
            Err(_) => walk.lacks(&next.path),
        }
    }
    let Walk { merge, completeness, bytes, .. } = walk;
    let (tree, notes) = merge.finish();
    Ok(Read { tree, notes, completeness, bytes })
}

impl Walk<'_> {
    /// Reads what lies in a folder; the folders in it are left for later.
    fn list(&mut self, folder: OwnedFd, at: &str) -> Result<(), ReadError> {
        let names = self.names(&folder, at)?;
        let folder = Rc::new(folder);
        let first = self.pending.len();
        for name in names {
            let path = path::join(at, &path::text(name.to_bytes()));
            let Ok(stat) = rustix::fs::statat(&*folder, &name, AtFlags::SYMLINK_NOFOLLOW) else {
                self.lacks(&path);
                continue;
            };
            self.merge.count(&path)?;
            let kind = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => {
                    self.file(&folder, &name, &path, &stat)?;
                    continue;
                }
                FileType::Symlink => match rustix::fs::readlinkat(&*folder, &name, Vec::new()) {
                    Ok(target) => {
                        let target = path::text(target.to_bytes());
                        self.merge.count_target(&target)?;
                        Kind::Symlink { target: target.into() }
                    }
                    Err(_) => {
                        self.lacks(&path);
                        continue;
                    }
                },
                FileType::Directory => Kind::Dir,
                FileType::CharacterDevice => Kind::CharDevice,
                FileType::BlockDevice => Kind::BlockDevice,
                FileType::Socket => Kind::Socket,
                FileType::Fifo | FileType::Unknown => Kind::Fifo,
            };
            let is_dir = kind == Kind::Dir;
            self.merge.put(entry(&path, kind, &stat));
            if is_dir && device(&stat) == self.device {
                self.pending.push(Pending { above: Rc::clone(&folder), name, path });
            } else if is_dir {
                self.merge.note(NoteKind::OtherFileSystem, &path);
            }
        }
        self.pending[first..].reverse();
        Ok(())
    }

    /// The names in a folder, in order.
    fn names(&mut self, folder: &OwnedFd, at: &str) -> Result<Vec<CString>, ReadError> {
        let mut names = Vec::new();
        let Ok(list) = rustix::fs::Dir::read_from(folder) else {
            self.lacks(at);
            return Ok(names);
        };
        for found in list {
            match found {
                Ok(found) if matches!(found.file_name().to_bytes(), b"." | b"..") => {}
                Ok(found) => names.push(found.file_name().to_owned()),
                Err(_) => self.lacks(at),
            }
            if names.len() as u64 > self.limits.entries {
                return Err(ReadError::TooLarge {
                    name: at.to_owned(),
                    limit: self.limits.entries,
                    unit: "entries",
                });
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn file(&mut self, folder: &OwnedFd, name: &CStr, path: &str, stat: &Stat) -> Result<(), ReadError> {
        let inode = (device(stat), stat.st_ino);
        if stat.st_nlink > 1 {
            if let Some(first) = self.seen.get(&inode) {
                let first = first.clone();
                return self.merge.put_hard_link(path.to_owned(), &first);
            }
            self.seen.insert(inode, path.to_owned());
        }
        let mut entry = entry(path, Kind::File, stat);
        self.bytes += entry.size;
        // What is no regular file any more, or cannot be opened, is not known.
        let opened = open_file(folder, name)
            .filter(|file| rustix::fs::fstat(file).is_ok_and(|now| (device(&now), now.st_ino) == inode));
        if let Some(mut file) = opened {
            entry.has_capability = entry.is_executable() && has_capability(&file);
            let read = self.contents.read(path, entry.mode, entry.size, &mut file);
            entry.content = read.unwrap_or(Content::Unread(Unread::Forbidden));
        } else {
            entry.content = Content::Unread(Unread::Forbidden);
        }
        if let Some(note) = contents::note_of(&entry.content) {
            self.merge.note(note, path);
        }
        self.merge.put(entry);
        Ok(())
    }

    /// Something is not in the tree that is in the folder.
    fn lacks(&mut self, path: &str) {
        self.merge.note(NoteKind::Unreadable, path);
        self.completeness.weaken();
    }
}

/// Opens a file; `NONBLOCK`, so that a pipe which takes its place meanwhile does not wait for a writer.
fn open_file(folder: &OwnedFd, name: &CStr) -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty()).ok().map(File::from)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_capability(file: &File) -> bool {
    let mut value = [0_u8; 64];
    // An attribute that is larger than any capability is one all the same.
    matches!(
        rustix::fs::fgetxattr(file, "security.capability", &mut value),
        Ok(_) | Err(rustix::io::Errno::RANGE)
    )
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn has_capability(_: &File) -> bool {
    false
}

#[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // its type differs between systems
fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

#[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // as above
fn entry(path: &str, kind: Kind, stat: &Stat) -> Entry {
    Entry {
        path: path.into(),
        size: if kind == Kind::File { stat.st_size as u64 } else { 0 },
        kind,
        mode: stat.st_mode as u32 & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        layer: 0,
        content: Content::Other,
        has_capability: false,
        is_hard_link: false,
    }
}
