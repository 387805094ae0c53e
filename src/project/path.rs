//! Paths below a root, checked once and then trusted.

use std::fmt;
use std::sync::Arc;

/// A path below the root of a [`Files`](super::Files): UTF-8, names parted by `/`, none of them empty, `.` or
/// `..`, never absolute. The empty path is the root itself. Ordered as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectPath(Arc<str>);

/// Why a text is not a [`ProjectPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It starts at the root of the file system.
    #[error("the path is absolute; give it relative to the project")]
    Absolute,
    /// Its `..` lead out of the root.
    #[error("the path leads out of the project")]
    Leaves,
    /// It holds a NUL byte.
    #[error("the path holds a NUL byte")]
    Nul,
}

impl ProjectPath {
    /// The root itself.
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// Reads `text` as a path below the root; `.`, `..` and doubled slashes are resolved by name.
    pub fn new(text: &str) -> Result<Self, PathError> {
        Self::root().join(text)
    }

    /// `relative` as seen from this folder; `.`, `..` and doubled slashes are resolved by name.
    pub fn join(&self, relative: &str) -> Result<Self, PathError> {
        if relative.starts_with('/') {
            return Err(PathError::Absolute);
        }
        if relative.contains('\0') {
            return Err(PathError::Nul);
        }
        let mut path = String::from(&*self.0);
        for name in relative.split('/') {
            match name {
                "" | "." => {}
                ".." if path.is_empty() => return Err(PathError::Leaves),
                ".." => path.truncate(path.rfind('/').unwrap_or(0)),
                _ => push(&mut path, name),
            }
        }
        Ok(Self(path.into()))
    }

    /// The entry `name` of this folder. `name` is one a [`Files`](super::Files) listed, so it needs no check.
    pub(crate) fn child(&self, name: &str) -> Self {
        let mut path = String::with_capacity(self.0.len() + 1 + name.len());
        path.push_str(&self.0);
        push(&mut path, name);
        Self(path.into())
    }

    /// The text; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder it is in; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0[..self.0.rfind('/').unwrap_or(0)].into()))
    }

    /// The folder it is in; the root for the root.
    #[must_use]
    pub fn folder(&self) -> Self {
        self.parent().unwrap_or_else(Self::root)
    }

    /// Its last name; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// What follows the last `.` of the last name, if something stands before it.
    pub fn extension(&self) -> Option<&str> {
        self.file_name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ext)| ext)
    }

    /// Its names from the root on.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// What remains of it below `folder`, if it is there; empty for `folder` itself.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(&*folder.0)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }

    /// Whether it is `folder` or below it.
    pub fn is_within(&self, folder: &Self) -> bool {
        self.below(folder).is_some()
    }
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(name);
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_and_never_leave() {
        let table = [
            ("a/b", Ok("a/b")),
            ("./a//b/.", Ok("a/b")),
            ("a/../b", Ok("b")),
            ("a/..", Ok("")),
            ("", Ok("")),
            ("...", Ok("...")),
            ("..", Err(PathError::Leaves)),
            ("a/../../b", Err(PathError::Leaves)),
            ("/a", Err(PathError::Absolute)),
            ("a\0b", Err(PathError::Nul)),
        ];
        for (text, expected) in table {
            let got = ProjectPath::new(text);
            assert_eq!(got.as_ref().map(ProjectPath::as_str), expected.as_ref().copied(), "{text:?}");
        }
    }

    #[test]
    fn joins_from_a_folder() {
        let folder = ProjectPath::new("deploy/k8s").unwrap();
        assert_eq!(folder.join("../../Dockerfile").unwrap().as_str(), "Dockerfile");
        assert_eq!(folder.join("../../../x"), Err(PathError::Leaves));
        assert_eq!(folder.child("a.yaml").as_str(), "deploy/k8s/a.yaml");
        assert_eq!(ProjectPath::root().child("a").as_str(), "a");
    }

    #[test]
    fn parts() {
        let path = ProjectPath::new("a/b.tar.gz").unwrap();
        assert_eq!((path.file_name(), path.extension()), ("b.tar.gz", Some("gz")));
        assert_eq!(path.parent().unwrap().as_str(), "a");
        assert_eq!(ProjectPath::root().parent(), None);
        assert_eq!(ProjectPath::new(".env").unwrap().extension(), None);
        let folder = ProjectPath::new("a").unwrap();
        assert_eq!(path.below(&folder), Some("b.tar.gz"));
        assert_eq!(ProjectPath::new("ab/c").unwrap().below(&folder), None);
        assert_eq!(folder.below(&folder), Some(""));
        assert_eq!(ProjectPath::root().to_string(), ".");
    }
}
