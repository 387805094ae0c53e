//! Edits over files that stay as they are: what the engine and editors look at again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Entry, Fault, Files, Kind, Listing, ProjectPath, ReadError};

/// Created, changed and deleted files over another [`Files`].
#[derive(Clone, Debug)]
pub struct Overlay {
    base: Arc<dyn Files>,
    /// By the path free of links; nothing where the file is deleted.
    changes: BTreeMap<ProjectPath, Option<Written>>,
}

#[derive(Clone, Debug)]
struct Written {
    bytes: Arc<[u8]>,
    executable: bool,
}

impl Overlay {
    /// `base`, without a change yet.
    pub fn new(base: Arc<dyn Files>) -> Self {
        Self { base, changes: BTreeMap::new() }
    }

    /// Puts `bytes` at `path`: a new file, or another text of the one that is there (or of the one a link there
    /// leads to). An error if `path` leads out of the root.
    pub fn write(&mut self, path: &ProjectPath, bytes: Arc<[u8]>, executable: bool) -> Result<(), ReadError> {
        let real = self.real(path)?;
        self.changes.insert(real, Some(Written { bytes, executable }));
        Ok(())
    }

    /// Takes the file at `path` away. An error if nothing is there.
    pub fn delete(&mut self, path: &ProjectPath) -> Result<(), ReadError> {
        let real = self.resolve(path)?;
        self.changes.insert(real, None);
        Ok(())
    }

    /// The paths, free of links, that were written or deleted, sorted.
    pub fn changed(&self) -> impl Iterator<Item = &ProjectPath> {
        self.changes.keys()
    }

    /// `path` with the links of `base` followed as far as it exists there.
    fn real(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError> {
        let mut existing = path.clone();
        let mut rest = Vec::new();
        loop {
            match (self.base.resolve(&existing), existing.parent()) {
                (Ok(real), _) => return Ok(rest.iter().rev().fold(real, |at, name: &String| at.child(name))),
                (Err(error), Some(parent)) if error.fault == Fault::Missing => {
                    rest.push(existing.file_name().to_owned());
                    existing = parent;
                }
                (Err(error), _) => return Err(error.fault.at(path)),
            }
        }
    }

    /// What was done below the folder `real`, with the rest of the path.
    fn below(&self, real: &ProjectPath) -> impl Iterator<Item = (&str, &Option<Written>)> {
        self.changes.iter().filter_map(move |(at, change)| {
            let rest = at.below(real)?;
            (!rest.is_empty()).then_some((rest, change))
        })
    }

    fn makes_folder(&self, real: &ProjectPath) -> bool {
        self.below(real).any(|(_, change)| change.is_some())
    }
}

impl Files for Overlay {
    fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, ReadError> {
        match self.changes.get(&self.real(path)?) {
            Some(Some(written)) if written.bytes.len() as u64 > limit => {
                Err(Fault::TooLarge { size: written.bytes.len() as u64, limit }.at(path))
            }
            Some(Some(written)) => Ok(Arc::clone(&written.bytes)),
            Some(None) => Err(Fault::Missing.at(path)),
            None => self.base.read_up_to(path, limit),
        }
    }

    fn kind(&self, path: &ProjectPath) -> Result<Kind, ReadError> {
        let Some(folder) = path.parent() else { return self.base.kind(path) };
        let itself = self.real(&folder)?.child(path.file_name());
        match self.changes.get(&itself) {
            Some(Some(_)) => Ok(Kind::File),
            Some(None) => Err(Fault::Missing.at(path)),
            None => match self.base.kind(path) {
                Err(error) if error.fault == Fault::Missing && self.makes_folder(&itself) => Ok(Kind::Folder),
                known => known,
            },
        }
    }

    fn list(&self, path: &ProjectPath) -> Result<Listing, ReadError> {
        let real = self.real(path)?;
        let base = match self.base.list(&real) {
            Err(error) if error.fault == Fault::Missing && self.makes_folder(&real) => {
                Listing { entries: Arc::default(), complete: true }
            }
            known => known?,
        };
        let mut found: BTreeMap<&str, Kind> = base.entries.iter().map(|e| (&*e.name, e.kind)).collect();
        for (rest, change) in self.below(&real) {
            match (rest.split_once('/'), change) {
                (Some((name, _)), Some(_)) => _ = found.entry(name).or_insert(Kind::Folder),
                (Some(_), None) => {}
                (None, Some(_)) => _ = found.insert(rest, Kind::File),
                (None, None) => _ = found.remove(rest),
            }
        }
        let entries = found.into_iter().map(|(name, kind)| Entry { name: name.to_owned(), kind }).collect();
        Ok(Listing { entries, complete: base.complete })
    }

    fn resolve(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError> {
        let real = self.real(path)?;
        match self.changes.get(&real) {
            Some(Some(_)) => Ok(real),
            Some(None) => Err(Fault::Missing.at(path)),
            None if self.makes_folder(&real) => Ok(real),
            None => self.base.resolve(path),
        }
    }

    fn is_executable(&self, path: &ProjectPath) -> Result<bool, ReadError> {
        match self.changes.get(&self.real(path)?) {
            Some(Some(written)) => Ok(written.executable),
            Some(None) => Err(Fault::Missing.at(path)),
            None => self.base.is_executable(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn text(files: &dyn Files, at: &str) -> Result<String, Fault> {
        let bytes = files.read(&path(at)).map_err(|error| error.fault)?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    fn names(files: &dyn Files, at: &str) -> Vec<String> {
        files.list(&path(at)).unwrap().entries.iter().map(|e| e.name.clone()).collect()
    }

    #[test]
    fn changes_cover_the_base() {
        let mut overlay = Overlay::new(Arc::new(Memory::of([("a/old", "1"), ("a/gone", "2"), ("b", "3")])));
        overlay.write(&path("a/old"), Arc::from(*b"new"), false).unwrap();
        overlay.write(&path("c/d/e"), Arc::from(*b"created"), true).unwrap();
        overlay.delete(&path("a/gone")).unwrap();
        assert_eq!(text(&overlay, "a/old"), Ok("new".to_owned()));
        assert_eq!(text(&overlay, "a/gone"), Err(Fault::Missing));
        assert_eq!(text(&overlay, "b"), Ok("3".to_owned()));
        assert_eq!(names(&overlay, ""), ["a", "b", "c"]);
        assert_eq!(names(&overlay, "a"), ["old"]);
        assert_eq!(names(&overlay, "c"), ["d"]);
        assert_eq!(overlay.kind(&path("c/d")), Ok(Kind::Folder));
        assert_eq!(overlay.resolve(&path("c")), Ok(path("c")));
        assert_eq!(overlay.is_executable(&path("c/d/e")), Ok(true));
        assert_eq!(overlay.delete(&path("a/gone")).unwrap_err().fault, Fault::Missing);
        assert_eq!(
            overlay.changed().map(ProjectPath::as_str).collect::<Vec<_>>(),
            ["a/gone", "a/old", "c/d/e"]
        );
    }

    #[test]
    fn a_deleted_file_can_come_back() {
        let mut overlay = Overlay::new(Arc::new(Memory::of([("a", "1")])));
        overlay.delete(&path("a")).unwrap();
        assert_eq!(overlay.kind(&path("a")).unwrap_err().fault, Fault::Missing);
        overlay.write(&path("a"), Arc::from(*b"2"), false).unwrap();
        assert_eq!(text(&overlay, "a"), Ok("2".to_owned()));
    }

    #[test]
    fn links_of_the_base_lead_to_the_changed_text() {
        let mut memory = Memory::of([("releases/1/run.sh", "old")]);
        memory.link(path("current"), "releases/1");
        memory.link(path("out"), "../elsewhere");
        let mut overlay = Overlay::new(Arc::new(memory));
        overlay.write(&path("current/run.sh"), Arc::from(*b"new"), true).unwrap();
        overlay.write(&path("current/more.sh"), Arc::from(*b"more"), true).unwrap();
        assert_eq!(text(&overlay, "releases/1/run.sh"), Ok("new".to_owned()));
        assert_eq!(text(&overlay, "current/run.sh"), Ok("new".to_owned()));
        assert_eq!(names(&overlay, "current"), ["more.sh", "run.sh"]);
        assert_eq!(overlay.kind(&path("current")), Ok(Kind::Link));
        assert_eq!(overlay.write(&path("out/x"), Arc::from(*b""), false).unwrap_err().fault, Fault::Outside);
        assert_eq!(text(&overlay, "out/x"), Err(Fault::Outside));
    }

    #[test]
    fn overlays_stack() {
        let mut first = Overlay::new(Arc::new(Memory::of([("a", "1")])));
        first.write(&path("b"), Arc::from(*b"2"), false).unwrap();
        let mut second = Overlay::new(Arc::new(first));
        second.delete(&path("a")).unwrap();
        assert_eq!(names(&second, ""), ["b"]);
        assert_eq!(text(&second, "b"), Ok("2".to_owned()));
    }
}
