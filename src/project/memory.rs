//! Files that were never on a disk: tests, the playground, standard input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::{Found, follow};
use super::{Entry, Fault, Files, Kind, Listing, ProjectPath, ReadError};

/// A tree held in memory. Folders are there because something is in them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    entries: BTreeMap<ProjectPath, Held>,
}

#[derive(Clone, Debug)]
enum Held {
    File { bytes: Arc<[u8]>, executable: bool },
    Link(String),
}

impl Memory {
    /// A tree of the files `(path, text)`.
    ///
    /// # Panics
    /// If a path is not one below the root.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut memory = Self::default();
        for (path, text) in files {
            let path = ProjectPath::new(path).expect("a path below the root");
            memory.write(path, text.as_bytes(), false);
        }
        memory
    }

    /// Puts a file at `path`.
    pub fn write(&mut self, path: ProjectPath, bytes: &[u8], executable: bool) {
        self.entries.insert(path, Held::File { bytes: bytes.into(), executable });
    }

    /// Puts a symbolic link to `target` at `path`.
    pub fn link(&mut self, path: ProjectPath, target: &str) {
        self.entries.insert(path, Held::Link(target.to_owned()));
    }

    fn look(&self, path: &ProjectPath) -> Result<Found, Fault> {
        match self.entries.get(path) {
            Some(Held::File { .. }) => Ok(Found::Plain(Kind::File)),
            Some(Held::Link(target)) => Ok(Found::Link(target.clone())),
            None if self.below(path).next().is_some() => Ok(Found::Plain(Kind::Folder)),
            None => Err(Fault::Missing),
        }
    }

    /// Everything below the folder `path`: what follows it, and what is there.
    fn below(&self, path: &ProjectPath) -> impl Iterator<Item = (&str, &Held)> {
        let entries = self.entries.range(path.clone()..);
        let start = path.as_str().to_owned();
        entries
            .take_while(move |(at, _)| at.as_str().starts_with(&start))
            .filter_map({
                let path = path.clone();
                move |(at, held)| Some((at.below(&path)?, held))
            })
            .filter(|(rest, _)| !rest.is_empty())
    }

    fn follow(&self, path: &ProjectPath, last: bool) -> Result<(ProjectPath, Kind), ReadError> {
        follow(path, last, |step| self.look(step), |_| None).map_err(|fault| fault.at(path))
    }

    fn file(&self, path: &ProjectPath) -> Result<(&Arc<[u8]>, bool), ReadError> {
        match self.entries.get(&self.resolve(path)?) {
            Some(Held::File { bytes, executable }) => Ok((bytes, *executable)),
            _ => Err(Fault::NotAFile.at(path)),
        }
    }
}

impl Files for Memory {
    fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, ReadError> {
        let (bytes, _) = self.file(path)?;
        let size = bytes.len() as u64;
        if size > limit {
            return Err(Fault::TooLarge { size, limit }.at(path));
        }
        Ok(Arc::clone(bytes))
    }

    fn kind(&self, path: &ProjectPath) -> Result<Kind, ReadError> {
        Ok(self.follow(path, false)?.1)
    }

    fn list(&self, path: &ProjectPath) -> Result<Listing, ReadError> {
        let (real, kind) = self.follow(path, true)?;
        if kind != Kind::Folder {
            return Err(Fault::NotAFolder.at(path));
        }
        let mut found = BTreeMap::new();
        for (rest, held) in self.below(&real) {
            let (name, kind) = match (rest.split_once('/'), held) {
                (Some((name, _)), _) => (name, Kind::Folder),
                (None, Held::File { .. }) => (rest, Kind::File),
                (None, Held::Link(_)) => (rest, Kind::Link),
            };
            found.insert(name.to_owned(), kind);
        }
        let entries = found.into_iter().map(|(name, kind)| Entry { name, kind }).collect();
        Ok(Listing { entries, complete: true })
    }

    fn resolve(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError> {
        Ok(self.follow(path, true)?.0)
    }

    fn is_executable(&self, path: &ProjectPath) -> Result<bool, ReadError> {
        Ok(self.file(path)?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    #[test]
    fn folders_come_from_their_files() {
        let memory = Memory::of([("a/b/c", "1"), ("a/d", "2"), ("ab", "3")]);
        let names = |at: &str| -> Vec<(String, Kind)> {
            let listing = memory.list(&path(at)).unwrap();
            listing.entries.iter().map(|e| (e.name.clone(), e.kind)).collect()
        };
        assert_eq!(names(""), [("a".to_owned(), Kind::Folder), ("ab".to_owned(), Kind::File)]);
        assert_eq!(names("a"), [("b".to_owned(), Kind::Folder), ("d".to_owned(), Kind::File)]);
        assert_eq!(memory.kind(&path("a/b")), Ok(Kind::Folder));
        assert_eq!(memory.kind(&path("a/x")).unwrap_err().fault, Fault::Missing);
        assert_eq!(memory.read(&path("a")).unwrap_err().fault, Fault::NotAFile);
        assert_eq!(
            memory.read_up_to(&path("ab"), 0).unwrap_err().fault,
            Fault::TooLarge { size: 1, limit: 0 }
        );
    }

    #[test]
    fn an_empty_tree_has_a_root() {
        assert!(Memory::default().list(&ProjectPath::root()).unwrap().entries.is_empty());
    }

    #[test]
    fn links_obey_the_jail() {
        let mut memory = Memory::of([("a/file", "x")]);
        memory.link(path("in"), "a/file");
        memory.link(path("out"), "../a/file");
        memory.link(path("absolute"), "/a/file");
        assert_eq!(&*memory.read(&path("in")).unwrap(), b"x");
        assert_eq!(memory.read(&path("out")).unwrap_err().fault, Fault::Outside);
        assert_eq!(memory.read(&path("absolute")).unwrap_err().fault, Fault::Outside);
    }
}
