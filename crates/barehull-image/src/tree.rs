#[cfg(test)]
mod tests;

use crate::path;
use crate::{Content, ElfFacts, Script};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;

/// The links that [`Tree::resolve`] follows at most, as Linux does.
const MAX_LINKS: usize = 40;
/// Names that it goes through at most besides those of the path: several times as many as links of real images have.
const MAX_STEPS: usize = 256;

/// The file system that a container sees: all layers, one over the other.
///
/// Paths are absolute, without `.`, `..` or a slash at the end, and lead through no symbolic link; a byte that is no
/// UTF-8 is written `\xNN`.
#[derive(Debug, Default)]
pub struct Tree {
    pub(crate) entries: BTreeSet<ByPath>,
    pub(crate) shadowed: Vec<Shadowed>,
}

/// A file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// Permissions with setuid (`0o4000`), setgid (`0o2000`) and sticky bit (`0o1000`); no file type.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Bytes of a regular file.
    pub size: u64,
    /// The layer that brought it, counted from 0.
    pub layer: u32,
    /// What is kept of its contents.
    pub content: Content,
    /// Whether it has file capabilities (the attribute `security.capability`).
    pub has_capability: bool,
    /// Whether it is a further name of a file that is listed under another path.
    pub is_hard_link: bool,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink {
        /// As written; it may lead anywhere or nowhere.
        target: Box<str>,
    },
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// A socket (in a folder only: archives hold none).
    Socket,
}

/// What a lower layer carries and no container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The entry as it was, with its contents but for package databases: a secret that was removed is still there.
    pub entry: Entry,
    /// The layer that removed or replaced it.
    pub by: u32,
    /// Whether something else is at its path now; otherwise it was removed.
    pub replaced: bool,
}

/// Why a path leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// There is nothing at this path, to which the asked one leads.
    Missing(String),
    /// More than 40 links, or too long a way: they lead in a circle.
    Loop,
    /// This path is no folder, but the asked one goes on below it.
    NotAFolder(String),
}

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "there is no {}", path.escape_debug()),
            Self::Loop => f.write_str("its links lead in a circle"),
            Self::NotAFolder(path) => write!(f, "{} is not a folder", path.escape_debug()),
        }
    }
}

impl Entry {
    /// The last part of its path; empty for the root.
    pub fn name(&self) -> &str {
        path::split(&self.path).map_or("", |(_, name)| name)
    }

    /// Whether it is a regular file that somebody may execute.
    pub fn is_executable(&self) -> bool {
        self.kind == Kind::File && self.mode & 0o111 != 0
    }

    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }

    /// Where it leads, if it is a symbolic link.
    pub fn link_target(&self) -> Option<&str> {
        match &self.kind {
            Kind::Symlink { target } => Some(target),
            _ => None,
        }
    }

    /// What it says of itself, if it is an ELF file that was read.
    pub fn elf(&self) -> Option<&ElfFacts> {
        match &self.content {
            Content::Elf(program) => Some(&program.facts),
            _ => None,
        }
    }

    /// The script, if it is one.
    pub fn script(&self) -> Option<&Script> {
        match &self.content {
            Content::Script(script) => Some(script),
            _ => None,
        }
    }

    /// Its bytes, if they were kept whole.
    pub fn text(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Text(text) => Some(&text.0),
            Content::Script(script) => script.text.as_ref().map(|text| &*text.0),
            _ => None,
        }
    }
}

impl Tree {
    /// How many entries there are, the root included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries in the order of their paths' bytes.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|entry| &entry.0)
    }

    /// What is at exactly this path; no link is followed.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path).map(|entry| &entry.0)
    }

    /// What the path leads to, as a container sees it: links are followed, at most 40, and `..` in the root is the
    /// root. A relative path starts at the root.
    ///
    /// # Errors
    /// If it leads to nothing.
    pub fn resolve(&self, path: &str) -> Result<&Entry, Unresolved> {
        let real = self.real_path(path, true)?;
        self.get(&real).ok_or(Unresolved::Missing(real))
    }

    /// As [`Tree::resolve`], but a relative path starts in `folder`.
    ///
    /// # Errors
    /// If it leads to nothing.
    pub fn resolve_from(&self, folder: &str, path: &str) -> Result<&Entry, Unresolved> {
        if path.starts_with('/') { self.resolve(path) } else { self.resolve(&path::join(folder, path)) }
    }

    /// As [`Tree::resolve`], but a link in the last place is not followed.
    ///
    /// # Errors
    /// If it leads to nothing.
    pub fn resolve_link(&self, path: &str) -> Result<&Entry, Unresolved> {
        let real = self.real_path(path, false)?;
        self.get(&real).ok_or(Unresolved::Missing(real))
    }

    /// What lies directly in a folder, by name. Nothing where it is no folder; links are not followed.
    pub fn children(&self, folder: &str) -> impl Iterator<Item = &Entry> {
        let prefix = prefix(folder);
        let mut from = format!("{prefix}\0");
        std::iter::from_fn(move || {
            loop {
                let entry = &self
                    .entries
                    .range::<str, _>((Bound::Included(from.as_str()), Bound::Unbounded))
                    .next()?
                    .0;
                let rest = entry.path.strip_prefix(prefix.as_str())?;
                if let Some(at) = rest.find('/') {
                    // Below a child: on to what comes after all that is.
                    from = past(&entry.path[..=prefix.len() + at]);
                } else {
                    from = format!("{}\0", entry.path);
                    return Some(entry);
                }
            }
        })
    }

    /// Everything below a folder, in the order of the paths' bytes, without the folder itself.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &Entry> {
        let prefix = prefix(folder);
        let end = past(&prefix);
        self.entries
            .range::<str, _>((Bound::Excluded(prefix.as_str()), Bound::Excluded(end.as_str())))
            .map(|entry| &entry.0)
    }

    /// What upper layers removed or replaced and lower ones still carry, in the order in which that happened.
    pub fn shadowed(&self) -> &[Shadowed] {
        &self.shadowed
    }

    /// The path behind all links. The last part may be missing; what is above it may not.
    pub(crate) fn real_path(&self, path: &str, follow_last: bool) -> Result<String, Unresolved> {
        self.real_path_within(path, follow_last, &mut (MAX_STEPS + path.split('/').count()))
    }

    /// As [`Tree::real_path`], with a count of steps that is used up; when it is, that is a loop.
    pub(crate) fn real_path_within(
        &self,
        path: &str,
        follow_last: bool,
        steps: &mut usize,
    ) -> Result<String, Unresolved> {
        // Names still to go, the next one last.
        let mut left: Vec<&str> = path.rsplit('/').collect();
        let mut at = "/".to_owned();
        let mut links = 0;
        while let Some(name) = left.pop() {
            *steps = steps.checked_sub(1).ok_or(Unresolved::Loop)?;
            match name {
                "" | "." => continue,
                ".." => {
                    at.truncate(path::split(&at).map_or(1, |(folder, _)| folder.len()));
                    continue;
                }
                _ => {}
            }
            let next = path::join(&at, name);
            let is_last = left.iter().all(|name| matches!(*name, "" | "."));
            let Some(entry) = self.get(&next) else {
                return if is_last { Ok(next) } else { Err(Unresolved::Missing(next)) };
            };
            match &entry.kind {
                Kind::Symlink { target } if follow_last || !is_last => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Unresolved::Loop);
                    }
                    left.extend(target.rsplit('/'));
                    if target.starts_with('/') {
                        "/".clone_into(&mut at);
                    }
                }
                Kind::Dir => at = next,
                _ if is_last => return Ok(next),
                _ => return Err(Unresolved::NotAFolder(next)),
            }
        }
        Ok(at)
    }
}

/// What the paths below a folder start with.
pub(crate) fn prefix(folder: &str) -> String {
    if folder == "/" { "/".to_owned() } else { format!("{folder}/") }
}

/// The first text behind all that start with the prefix, which ends with a slash.
pub(crate) fn past(prefix: &str) -> String {
    format!("{}0", &prefix[..prefix.len() - 1])
}

/// An entry in the order of paths.
#[derive(Debug)]
pub(crate) struct ByPath(pub(crate) Entry);

impl Borrow<str> for ByPath {
    fn borrow(&self) -> &str {
        &self.0.path
    }
}

impl PartialEq for ByPath {
    fn eq(&self, other: &Self) -> bool {
        self.0.path == other.0.path
    }
}

impl Eq for ByPath {}

impl PartialOrd for ByPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByPath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.path.cmp(&other.0.path)
    }
}
