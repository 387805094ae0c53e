//! How a container runtime finds the program of a command.

use std::fmt;

use barehull_image::{Content, Entry, Tree, Unresolved};

use super::permissions::{Access, Identity};

/// `PATH` where a configuration sets none: what container runtimes give to the process.
pub(super) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where programs are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) tree: &'a Tree,
    /// `PATH`.
    pub(super) path: &'a str,
    /// The working directory.
    pub(super) folder: &'a str,
    pub(super) identity: Option<&'a Identity>,
}

/// Why a program cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is in no folder of `PATH`.
    NotOnPath(String),
    /// Nothing is at its path.
    Missing(String),
    /// It is a link that leads to nothing.
    Dangling { link: String, to: String },
    /// Its links lead in a circle.
    Circle(String),
    /// It is a folder.
    Folder(String),
    /// Nobody may execute it.
    NotExecutable(String),
    /// The user may not execute it.
    NotForUser(String),
    /// The user may not go into this folder.
    Barred { path: String, folder: String },
    /// It is neither a program nor a script.
    NoProgram(String),
}

/// A sentence that starts with the program's name.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOnPath(name) => {
                write!(f, "{name} is in no folder of PATH: copy or install it, or give its full path")
            }
            Self::Missing(path) => write!(f, "{path} is not in the image: copy it, or correct the path"),
            Self::Dangling { link, to } => write!(f, "{link} is a link to {to}, which is not in the image"),
            Self::Circle(path) => write!(f, "the links of {path} lead in a circle"),
            Self::Folder(path) => write!(f, "{path} is a folder"),
            Self::NotExecutable(path) => {
                write!(f, "{path} is not executable: `chmod +x` it, or COPY it with --chmod=0755")
            }
            Self::NotForUser(path) => {
                write!(f, "the user of the image may not execute {path}: COPY it with --chmod=0755")
            }
            Self::Barred { path, folder } => {
                write!(
                    f,
                    "the user of the image may not go into {folder}, where {path} lies: put it elsewhere, or change the mode"
                )
            }
            Self::NoProgram(path) => {
                write!(f, "{path} is neither a program nor a script with a first line `#!`")
            }
        }
    }
}

impl<'a> Search<'a> {
    /// The file that `name` starts: a path, or a name that is looked for in the folders of `PATH`.
    pub(super) fn program(self, name: &str) -> Result<&'a Entry, Trouble> {
        if name.contains('/') {
            return self.at(name);
        }
        let mut nearest = None;
        for folder in self.path.split(':') {
            let folder = if folder.is_empty() { self.folder } else { folder };
            match self.at(&format!("{}/{name}", folder.trim_end_matches('/'))) {
                Ok(entry) => return Ok(entry),
                Err(Trouble::Missing(_)) => {}
                // As a shell does, go on, but remember what was nearly it.
                Err(trouble) => nearest = nearest.or(Some(trouble)),
            }
        }
        Err(nearest.unwrap_or_else(|| Trouble::NotOnPath(name.to_owned())))
    }

    /// The executable file that a path leads to.
    fn at(self, path: &str) -> Result<&'a Entry, Trouble> {
        let entry = self.file(path)?;
        let path = path.to_owned();
        if entry.is_dir() {
            return Err(Trouble::Folder(path));
        }
        if !entry.is_executable() {
            return Err(Trouble::NotExecutable(path));
        }
        if self.identity.is_some_and(|identity| !identity.may(Access::Execute, entry)) {
            return Err(Trouble::NotForUser(path));
        }
        Ok(entry)
    }

    /// What a path leads to, executable or not.
    pub(super) fn file(self, path: &str) -> Result<&'a Entry, Trouble> {
        let entry = self.tree.resolve_from(self.folder, path).map_err(|why| match why {
            Unresolved::Loop => Trouble::Circle(path.to_owned()),
            Unresolved::Missing(_) | Unresolved::NotAFolder(_) => match self.link(path) {
                Some(to) => Trouble::Dangling { link: path.to_owned(), to: to.to_owned() },
                None => Trouble::Missing(path.to_owned()),
            },
        })?;
        let barred = self.identity.and_then(|identity| identity.barred_from(self.tree, &entry.path));
        match barred {
            Some(folder) => Err(Trouble::Barred { path: path.to_owned(), folder: folder.path.to_string() }),
            None => Ok(entry),
        }
    }

    /// Where the link at a path leads, if there is one.
    fn link(self, path: &str) -> Option<&'a str> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = if folder.is_empty() && path.starts_with('/') { "/" } else { folder };
        let folder = self.tree.resolve_from(self.folder, folder).ok()?;
        let entry = self.tree.get(&format!("{}/{name}", folder.path.trim_end_matches('/')))?;
        entry.link_target()
    }
}

/// Whether the kernel starts a file. What was too large to be read may well be a program.
pub(super) fn is_startable(entry: &Entry) -> bool {
    matches!(entry.content, Content::Elf(_) | Content::Script(_) | Content::Unread(_))
}
