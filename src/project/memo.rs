//! Remembers what was looked up, so that one run sees one state of the disk and asks for it once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Files, Kind, Listing, ProjectPath, ReadError};

/// Answers remembered per kind of look-up; beyond that every look-up goes through.
const MAX_ANSWERS: usize = 50_000;
/// A file of more bytes is read anew each time.
const MAX_FILE: usize = 256 << 10;
/// Bytes of files remembered in all.
const MAX_BYTES: usize = 8 << 20;

/// [`Files`] that ask another one and remember its answers.
#[derive(Debug)]
pub struct Memo {
    inner: Arc<dyn Files>,
    kinds: Answers<Kind>,
    listings: Answers<Listing>,
    targets: Answers<ProjectPath>,
    executables: Answers<bool>,
    texts: Mutex<Texts>,
}

type Answers<T> = Mutex<HashMap<ProjectPath, Result<T, ReadError>>>;

#[derive(Debug, Default)]
struct Texts {
    by_path: HashMap<ProjectPath, Arc<[u8]>>,
    bytes: usize,
}

impl Memo {
    /// Remembers the answers of `inner`.
    pub fn new(inner: Arc<dyn Files>) -> Self {
        Self {
            inner,
            kinds: Mutex::default(),
            listings: Mutex::default(),
            targets: Mutex::default(),
            executables: Mutex::default(),
            texts: Mutex::default(),
        }
    }
}

/// The remembered answer for `path`, or a new one. The lock is not held while asking.
fn recall<T: Clone>(
    answers: &Answers<T>,
    path: &ProjectPath,
    ask: impl FnOnce() -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    // A panic elsewhere cannot leave a half-made answer here, so a poisoned lock is as good as any.
    if let Some(known) = answers.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
        return known.clone();
    }
    let answer = ask();
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    if answers.len() < MAX_ANSWERS {
        // Whoever came first is right: all of a run see the same.
        return answers.entry(path.clone()).or_insert(answer).clone();
    }
    answer
}

impl Files for Memo {
    fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, ReadError> {
        let known = self.texts.lock().unwrap_or_else(PoisonError::into_inner).by_path.get(path).cloned();
        if let Some(bytes) = known.filter(|bytes| bytes.len() as u64 <= limit) {
            return Ok(bytes);
        }
        let bytes = self.inner.read_up_to(path, limit)?;
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.len() <= MAX_FILE
            && texts.bytes + bytes.len() <= MAX_BYTES
            && !texts.by_path.contains_key(path)
        {
            texts.bytes += bytes.len();
            texts.by_path.insert(path.clone(), Arc::clone(&bytes));
        }
        Ok(bytes)
    }

    fn kind(&self, path: &ProjectPath) -> Result<Kind, ReadError> {
        recall(&self.kinds, path, || self.inner.kind(path))
    }

    fn list(&self, path: &ProjectPath) -> Result<Listing, ReadError> {
        recall(&self.listings, path, || self.inner.list(path))
    }

    fn resolve(&self, path: &ProjectPath) -> Result<ProjectPath, ReadError> {
        recall(&self.targets, path, || self.inner.resolve(path))
    }

    fn is_executable(&self, path: &ProjectPath) -> Result<bool, ReadError> {
        recall(&self.executables, path, || self.inner.is_executable(path))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Disk, Fault};
    use super::*;

    #[test]
    fn one_run_sees_one_state() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "1").unwrap();
        let memo = Memo::new(Arc::new(Disk::new(folder.path()).unwrap()));
        let (a, b) = (ProjectPath::new("a").unwrap(), ProjectPath::new("b").unwrap());
        assert_eq!(&*memo.read(&a).unwrap(), b"1");
        assert_eq!(memo.kind(&b).unwrap_err().fault, Fault::Missing);
        std::fs::write(folder.path().join("a"), "22").unwrap();
        std::fs::write(folder.path().join("b"), "").unwrap();
        assert_eq!(&*memo.read(&a).unwrap(), b"1");
        assert_eq!(memo.kind(&b).unwrap_err().fault, Fault::Missing);
        assert!(memo.read_up_to(&a, 0).is_err());
    }
}
