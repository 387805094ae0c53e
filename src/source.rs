//! The files of one analysis: every [`FileId`] is an index into one [`Sources`].

use std::sync::Arc;

use barehull_syntax::{FileId, LineColumn, LineIndex, Location};

use crate::project::ProjectPath;

/// One file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its path in the project.
    pub path: ProjectPath,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Its lines.
    pub lines: LineIndex,
}

impl SourceFile {
    /// The text, unless it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// The files of one analysis, in the order they were first read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// The id of `path`, adding the file if it is new.
    pub fn add(&mut self, path: &ProjectPath, bytes: &Arc<[u8]>) -> FileId {
        if let Some(known) = self.find(path) {
            return known;
        }
        let id = FileId(self.files.len() as u32);
        let lines = LineIndex::new(bytes);
        self.files.push(SourceFile { path: path.clone(), bytes: Arc::clone(bytes), lines });
        id
    }

    /// The id of `path`, if it was read.
    pub fn find(&self, path: &ProjectPath) -> Option<FileId> {
        self.files.iter().position(|f| f.path == *path).map(|at| FileId(at as u32))
    }

    /// The file behind an id.
    ///
    /// # Panics
    /// If the id is of another analysis, which is a defect.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The bytes at `location`.
    pub fn slice(&self, location: Location) -> &[u8] {
        location.span.slice(&self.get(location.file).bytes)
    }

    /// The bytes at `location` as text; invalid UTF-8 becomes U+FFFD.
    pub fn text(&self, location: Location) -> String {
        String::from_utf8_lossy(self.slice(location)).into_owned()
    }

    /// 1-based line of the first byte of `location`.
    pub fn line(&self, location: Location) -> u32 {
        self.get(location.file).lines.line(location.span.start)
    }

    /// Line and column where `location` starts.
    pub fn start(&self, location: Location) -> LineColumn {
        let file = self.get(location.file);
        file.lines.line_column(&file.bytes, location.span.start)
    }

    /// Line and column behind the last byte of `location`.
    pub fn end(&self, location: Location) -> LineColumn {
        let file = self.get(location.file);
        file.lines.line_column(&file.bytes, location.span.end)
    }
}
