//! A folder of the machine as [`Files`]: the jail.

use std::collections::HashSet;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::files::{Found, MAX_FOLDER_ENTRIES, follow};
use super::{Entry, Fault, Files, Kind, Listing, ProjectPath, ReadError};

/// The files below one folder. Nothing outside of it is opened, whatever links say; nothing but regular files
/// is opened at all.
/// One is for one run: a folder that was no link once is not asked again.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    folders: RwLock<HashSet<ProjectPath>>,
}

impl Disk {
    /// The files below `root`, which may itself be a link. An error if it is not a folder.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.is_dir() {
            return Err(std::io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root, folders: RwLock::default() })
    }

    /// The folder, absolute and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn on_disk(&self, path: &ProjectPath) -> Result<PathBuf, Fault> {
        // A name such as `C:` or one with a backslash would mean something else to Windows.
        if cfg!(windows) && path.as_str().contains(['\\', ':']) {
            return Err(Fault::Missing);
        }
        Ok(path.names().fold(self.root.clone(), |at, name| at.join(name)))
    }

    fn look(&self, path: &ProjectPath) -> Result<Found, Fault> {
        // A panic elsewhere cannot leave a half-made entry here, so a poisoned lock is as good as any.
        if self.folders.read().unwrap_or_else(PoisonError::into_inner).contains(path) {
            return Ok(Found::Plain(Kind::Folder));
        }
        let at = self.on_disk(path)?;
        let kind = kind_of(&at.symlink_metadata()?);
        if kind == Kind::Folder {
            self.folders.write().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        }
        if kind != Kind::Link {
            return Ok(Found::Plain(kind));
        }
        // A target that is not UTF-8 cannot be a path here: as if it led to nothing.
        let target = at.read_link()?.into_os_string().into_string().map_err(|_| Fault::Missing)?;
        Ok(Found::Link(target))
    }

    fn follow(&self, path: &ProjectPath, last: bool) -> Result<(ProjectPath, Kind), ReadError> {
        let inside = |text: &str| {
            let below = Path::new(text).strip_prefix(&self.root).ok()?;
            below.to_str().map(str::to_owned)
        };
        follow(path, last, |step| self.look(step), inside).map_err(|fault| fault.at(path))
    }

    fn read_regular(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, Fault> {
        let at = self.on_disk(path)?;
        let before = at.symlink_metadata()?;
        let file = open(&at)?;
        let metadata = file.metadata()?;
        // The path was free of links and a regular file when it was resolved. If it is not any more, or not the
        // same file, something moved it meanwhile.
        if !metadata.is_file() || !same_file(&before, &metadata) {
            return Err(Fault::NotAFile);
        }
        if metadata.len() > limit {
            return Err(Fault::TooLarge { size: metadata.len(), limit });
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        // A file that grows meanwhile is still bounded.
        let read = file.take(limit + 1).read_to_end(&mut bytes)? as u64;
        if read > limit {
            return Err(Fault::TooLarge { size: read, limit });
        }
        Ok(bytes.into())
    }
}

impl Files for Disk {
    fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, ReadError> {
        match self.follow(path, true)? {
            (real, Kind::File) => self.read_regular(&real, limit).map_err(|fault| fault.at(path)),
            _ => Err(Fault::NotAFile.at(path)),
        }
    }

    fn kind(&self, path: &ProjectPath) -> Result<Kind, ReadError> {
        Ok(self.follow(path, false)?.1)
    }

    fn list(&self, path: &ProjectPath) -> Result<Listing, ReadError> {
        let (real, kind) = self.follow(path, true)?;
        if kind != Kind::Folder {
            return Err(Fault::NotAFolder.at(path));
        }
        let at = self.on_disk(&real).map_err(|fault| fault.at(path))?;
        let mut entries = Vec::new();
        let mut complete = true;
        for entry in at.read_dir().map_err(|error| Fault::from(error).at(path))? {
            if entries.len() == MAX_FOLDER_ENTRIES {
                complete = false;
                break;
            }
            let entry = entry.map_err(|error| Fault::from(error).at(path))?;
            match (entry.file_name().into_string(), entry.file_type()) {
                (Ok(name), Ok(found)) => entries.push(Entry { name, kind: kind_of_type(found) }),
                _ => complete = false,
            }
        }
        entries.sort_unstable();
        Ok(Listing { entries: entries.into(), complete })
    }

    fn resolve(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError> {
        Ok(self.follow(path, true)?.0)
    }

    fn is_executable(&self, path: &ProjectPath) -> Result<bool, ReadError> {
        let real = self.resolve(path)?;
        let metadata = self.on_disk(&real).and_then(|at| Ok(at.symlink_metadata()?));
        Ok(executable(&metadata.map_err(|fault| fault.at(path))?))
    }
}

fn kind_of(metadata: &Metadata) -> Kind {
    kind_of_type(metadata.file_type())
}

fn kind_of_type(found: std::fs::FileType) -> Kind {
    if found.is_file() {
        Kind::File
    } else if found.is_dir() {
        Kind::Folder
    } else if found.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// Opens for reading without following a link at the end and without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(at: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(at)
}

#[cfg(not(unix))]
fn open(at: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(at)
}

#[cfg(unix)]
fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.is_file() && metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn executable(_: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn fault<T: std::fmt::Debug>(result: Result<T, ReadError>) -> Fault {
        result.unwrap_err().fault
    }

    /// `outside/secret` beside `root/`, which is the jail.
    fn jail() -> (tempfile::TempDir, PathBuf, Disk) {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("root/sub/deep")).unwrap();
        fs::create_dir(top.path().join("outside")).unwrap();
        fs::write(top.path().join("outside/secret"), "s").unwrap();
        let root = top.path().join("root").canonicalize().unwrap();
        fs::write(root.join("sub/file"), "text").unwrap();
        let disk = Disk::new(&root).unwrap();
        (top, root, disk)
    }

    #[test]
    fn links_inside_are_followed_links_outside_are_not() {
        let (top, root, disk) = jail();
        symlink("sub/file", root.join("near")).unwrap();
        symlink("../file", root.join("sub/deep/up")).unwrap();
        symlink(root.join("sub"), root.join("absolute")).unwrap();
        symlink("../outside/secret", root.join("out")).unwrap();
        symlink("../outside", root.join("folder-out")).unwrap();
        symlink(top.path().join("outside/secret"), root.join("absolute-out")).unwrap();
        symlink("sub/../../outside/secret", root.join("winding")).unwrap();
        symlink("../root/sub/file", root.join("out-and-in")).unwrap();
        for inside in ["near", "sub/deep/up", "absolute/file"] {
            assert_eq!(&*disk.read(&path(inside)).unwrap(), b"text", "{inside}");
            assert_eq!(disk.resolve(&path(inside)).unwrap().as_str(), "sub/file");
        }
        for outside in ["out", "folder-out/secret", "absolute-out", "winding", "out-and-in"] {
            assert_eq!(fault(disk.read(&path(outside))), Fault::Outside, "{outside}");
        }
        assert_eq!(fault(disk.list(&path("folder-out"))), Fault::Outside);
        assert_eq!(disk.kind(&path("out")), Ok(Kind::Link));
        assert!(disk.is_folder(&path("absolute")) && !disk.is_file(&path("out")));
    }

    #[test]
    fn dangling_and_circular_links_are_errors() {
        let (_top, root, disk) = jail();
        symlink("nothing", root.join("dangling")).unwrap();
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        symlink(".", root.join("here")).unwrap();
        assert_eq!(fault(disk.read(&path("dangling"))), Fault::Missing);
        assert_eq!(fault(disk.read(&path("a"))), Fault::Loop);
        assert_eq!(&*disk.read(&path("here/here/sub/file")).unwrap(), b"text");
        let long = vec!["here"; 41].join("/");
        assert_eq!(fault(disk.read(&path(&long))), Fault::Loop);
    }

    #[test]
    fn only_regular_files_are_opened() {
        let (_top, root, disk) = jail();
        let pipe = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap();
        assert!(pipe.success());
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        symlink("/dev/zero", root.join("zero")).unwrap();
        assert_eq!(fault(disk.read(&path("pipe"))), Fault::NotAFile);
        assert_eq!(fault(disk.read(&path("socket"))), Fault::NotAFile);
        assert_eq!(fault(disk.read(&path("sub"))), Fault::NotAFile);
        assert_eq!(fault(disk.read(&path("zero"))), Fault::Outside);
        assert_eq!(fault(disk.read(&path("sub/file/x"))), Fault::Missing);
        // Even if a pipe took a file's place between the look and the open, opening it must not wait.
        assert!(open(&root.join("pipe")).unwrap().metadata().is_ok_and(|m| !m.is_file()));
    }

    #[test]
    fn size_is_capped() {
        let (_top, root, disk) = jail();
        fs::File::create(root.join("huge")).unwrap().set_len(super::super::MAX_FILE_BYTES + 1).unwrap();
        assert!(matches!(fault(disk.read(&path("huge"))), Fault::TooLarge { .. }));
        assert_eq!(fault(disk.read_up_to(&path("sub/file"), 3)), Fault::TooLarge { size: 4, limit: 3 });
        assert_eq!(&*disk.read_up_to(&path("sub/file"), 4).unwrap(), b"text");
    }

    #[test]
    fn unreadable_files_say_so() {
        let (_top, root, disk) = jail();
        fs::set_permissions(root.join("sub/file"), fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser reads everything: then there is nothing to see here.
        if fs::File::open(root.join("sub/file")).is_err() {
            assert_eq!(fault(disk.read(&path("sub/file"))), Fault::Denied);
        }
    }

    #[test]
    fn lists_sorted_and_says_what_it_left_out() {
        use std::os::unix::ffi::OsStrExt;
        let (_top, root, disk) = jail();
        fs::write(root.join("b"), "").unwrap();
        fs::write(root.join("a"), "").unwrap();
        fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o755)).unwrap();
        let listing = disk.list(&ProjectPath::root()).unwrap();
        let names: Vec<_> = listing.entries.iter().map(|e| e.name.as_str()).collect();
        assert_eq!((names, listing.complete), (vec!["a", "b", "sub"], true));
        fs::write(root.join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
        assert!(!disk.list(&ProjectPath::root()).unwrap().complete);
        assert_eq!(disk.is_executable(&path("a")), Ok(true));
        assert_eq!(disk.is_executable(&path("b")), Ok(false));
        assert_eq!(fault(disk.list(&path("a"))), Fault::NotAFolder);
    }

    #[test]
    fn errors_name_the_path_and_what_to_do() {
        let (_top, root, disk) = jail();
        symlink("../outside/secret", root.join("out")).unwrap();
        assert_eq!(
            disk.read(&path("out")).unwrap_err().to_string(),
            "out: a symbolic link leads out of the folder that may be read; replace it with the file itself"
        );
    }
}
