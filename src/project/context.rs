//! The build context: what COPY and ADD can bring, and nothing else.

use std::path::Path;
use std::sync::Arc;

use barehull_syntax::LineIndex;

use super::dockerignore::State;
use super::go_path::clean;
use super::{Disk, Fault, Files, Kind, Memo, Note, Patterns, ProjectPath, ReadError};

/// Bytes an ignore file may have.
const MAX_IGNORE_BYTES: u64 = 1 << 20;
/// Entries looked at to tell whether an ignored folder still holds something.
const MAX_SEARCHED: usize = 20_000;

/// The folder that builders send, less what its ignore file names. Paths are those of the [`Files`] it is in,
/// which are the project's unless [`is_foreign`](Self::is_foreign).
#[derive(Clone, Debug)]
pub struct BuildContext {
    files: Option<Arc<dyn Files>>,
    root: ProjectPath,
    foreign: bool,
    ignore_file: Option<ProjectPath>,
    patterns: Arc<Patterns>,
    notes: Vec<Note>,
}

/// Why the builder would not find a path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unseen {
    /// There is no context (standard input), so nothing can be said.
    #[error("there is no build context to look in")]
    NoContext,
    /// The ignore file keeps it out.
    #[error("{path} is kept out of the build context by {by}")]
    Ignored {
        /// The path.
        path: ProjectPath,
        /// The ignore file.
        by: ProjectPath,
    },
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl BuildContext {
    /// No context: every look-up says so.
    pub fn absent() -> Self {
        Self {
            files: None,
            root: ProjectPath::root(),
            foreign: false,
            ignore_file: None,
            patterns: Arc::default(),
            notes: Vec::new(),
        }
    }

    /// The folder `root` of the project's `files`, with its `.dockerignore`.
    pub fn new(files: Arc<dyn Files>, root: &ProjectPath) -> Result<Self, ReadError> {
        let real = files.resolve(root)?;
        if files.kind(&real)? != Kind::Folder {
            return Err(Fault::NotAFolder.at(root));
        }
        let mut context = Self { files: Some(files), root: real, ..Self::absent() };
        context.read_ignore_file(&context.root.child(".dockerignore"));
        Ok(context)
    }

    /// A folder that is not in the project (`--context ../elsewhere`): read through a jail of its own.
    pub fn foreign(folder: &Path) -> std::io::Result<Self> {
        let files: Arc<dyn Files> = Arc::new(Memo::new(Arc::new(Disk::new(folder)?)));
        let context = Self::new(files, &ProjectPath::root()).map_err(std::io::Error::other)?;
        Ok(Self { foreign: true, ..context })
    }

    /// The same folder as builders send it for `dockerfile` (of the project's `files`): a `<name>.dockerignore`
    /// beside it takes the place of `.dockerignore`, even if it is empty.
    #[must_use]
    pub fn for_dockerfile(&self, files: &dyn Files, dockerfile: &ProjectPath) -> Self {
        let own = dockerfile.folder().child(&format!("{}.dockerignore", dockerfile.file_name()));
        let mut context = self.clone();
        if self.files.is_some() && files.is_file(&own) {
            (context.patterns, context.ignore_file) = (Arc::default(), None);
            context.notes.clear();
            context.take_patterns(&own, files.read_up_to(&own, MAX_IGNORE_BYTES));
        }
        context
    }

    fn read_ignore_file(&mut self, path: &ProjectPath) {
        let Some(files) = self.files.clone() else { return };
        match files.read_up_to(path, MAX_IGNORE_BYTES) {
            Err(error) if error.fault == Fault::Missing => {}
            read => self.take_patterns(path, read),
        }
    }

    fn take_patterns(&mut self, path: &ProjectPath, read: Result<Arc<[u8]>, ReadError>) {
        self.ignore_file = Some(path.clone());
        match read {
            Ok(bytes) => {
                let lines = LineIndex::new(&bytes);
                let (patterns, errors) = Patterns::parse(&bytes);
                self.patterns = Arc::new(patterns);
                self.notes.extend(errors.into_iter().map(|error| Note {
                    path: path.clone(),
                    line: Some(lines.line(error.span.start)),
                    text: error.what,
                }));
            }
            Err(error) => {
                let text = format!("not heeded: {}", error.fault);
                self.notes.push(Note { path: path.clone(), line: None, text });
            }
        }
    }

    /// Whether there is a context at all.
    pub fn is_present(&self) -> bool {
        self.files.is_some()
    }

    /// Whether it lies outside of the project, so that its paths are not the project's and no edit can reach it.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// Its folder, links followed.
    pub fn root(&self) -> &ProjectPath {
        &self.root
    }

    /// The ignore file that is heeded, if there is one.
    pub fn ignore_file(&self) -> Option<&ProjectPath> {
        self.ignore_file.as_ref()
    }

    /// What could not be read of the ignore file: then more is seen here than by the builder.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The path that a builder reads `source` of COPY or ADD as: from the context's root, and never above it.
    pub fn source_path(&self, source: &str) -> Option<ProjectPath> {
        self.root.join(clean(&format!("/{source}")).trim_start_matches('/')).ok()
    }

    /// Where `path` really is, links followed, if the builder sees it.
    pub fn find(&self, path: &ProjectPath) -> Result<ProjectPath, Unseen> {
        let files = self.files.as_ref().ok_or(Unseen::NoContext)?;
        let real = files.resolve(path)?;
        let outside = || Unseen::Read(Fault::Outside.at(path));
        let inner = path.below(&self.root).ok_or_else(outside)?;
        real.below(&self.root).ok_or_else(outside)?;
        if self.patterns.is_empty() {
            return Ok(real);
        }
        // The builder gets links as links: one that is ignored leads nowhere.
        let link_ignored = real != *path
            && inner.match_indices('/').map(|(at, _)| at).chain([inner.len()]).any(|end| {
                let step = self.root.child(&inner[..end]);
                files.kind(&step) == Ok(Kind::Link) && self.ignores(&step)
            });
        if link_ignored || (self.ignores(&real) && !self.holds_something(&real)) {
            let by = self.ignore_file.clone().unwrap_or_else(|| self.root.child(".dockerignore"));
            return Err(Unseen::Ignored { path: path.clone(), by });
        }
        Ok(real)
    }

    /// Whether the builder sees something at `path`; nothing without a context.
    pub fn exists(&self, path: &ProjectPath) -> Option<bool> {
        self.is_present().then(|| self.find(path).is_ok())
    }

    /// Whether what the builder sees at `path`, links followed, is a folder.
    pub fn is_folder(&self, path: &ProjectPath) -> bool {
        match (&self.files, self.find(path)) {
            (Some(files), Ok(real)) => files.kind(&real) == Ok(Kind::Folder),
            _ => false,
        }
    }

    /// The bytes of the file at `path`, if the builder sees it.
    pub fn read(&self, path: &ProjectPath) -> Result<Arc<[u8]>, Unseen> {
        self.read_up_to(path, super::MAX_FILE_BYTES)
    }

    /// The same, an error if it has more than `limit` bytes.
    pub fn read_up_to(&self, path: &ProjectPath, limit: u64) -> Result<Arc<[u8]>, Unseen> {
        let real = self.find(path)?;
        let files = self.files.as_ref().ok_or(Unseen::NoContext)?;
        Ok(files.read_up_to(&real, limit)?)
    }

    /// Whether the file at `path` may be executed, if the builder sees it.
    pub fn is_executable(&self, path: &ProjectPath) -> Result<bool, Unseen> {
        let real = self.find(path)?;
        let files = self.files.as_ref().ok_or(Unseen::NoContext)?;
        Ok(files.is_executable(&real)?)
    }

    /// The entries of the folder at `path` that the builder sees, sorted by name, and whether these are all.
    pub fn list(&self, path: &ProjectPath) -> Result<(Vec<(ProjectPath, Kind)>, bool), Unseen> {
        let real = self.find(path)?;
        let files = self.files.as_ref().ok_or(Unseen::NoContext)?;
        let listing = files.list(&real)?;
        let entries = listing.entries.iter().map(|e| (real.child(&e.name), e.kind));
        let seen = entries
            .filter(|(at, kind)| !self.ignores(at) || (*kind == Kind::Folder && self.holds_something(at)));
        Ok((seen.collect(), listing.complete))
    }

    /// Whether the patterns match `path` itself, which is free of links.
    pub(crate) fn ignores(&self, path: &ProjectPath) -> bool {
        path.below(&self.root).is_some_and(|inner| self.patterns.matches(inner))
    }

    /// Whether an exception brings back something in the ignored folder `path`.
    fn holds_something(&self, path: &ProjectPath) -> bool {
        if !self.patterns.has_exceptions() {
            return false;
        }
        let mut found = false;
        let limit = MAX_SEARCHED;
        self.walk(path, limit, |step| {
            found |= !step.ignored && step.kind != Kind::Folder;
            if found { Descend::Stop } else { Descend::Into }
        });
        found
    }

    /// Shows `visit` everything below the folder `path` (free of links), ignored or not, in order; entries of a
    /// folder before those of its folders. Folders are entered as `visit` says, ignored ones only where an
    /// exception could reach below them. False if more than `limit` entries are there or a folder is unreadable.
    pub(super) fn walk(
        &self,
        path: &ProjectPath,
        limit: usize,
        mut visit: impl FnMut(&Step) -> Descend,
    ) -> bool {
        let Some(files) = &self.files else { return false };
        let mut above = State::default();
        let inner = path.below(&self.root).unwrap_or_default();
        for end in inner.match_indices('/').map(|(at, _)| at).chain([inner.len()]).filter(|end| *end > 0) {
            self.patterns.enter(&mut above, &inner[..end]);
        }
        let mut left = limit;
        let mut complete = true;
        let mut folders = vec![(path.clone(), above)];
        while let Some((folder, state)) = folders.pop() {
            let Ok(listing) = files.list(&folder) else {
                complete = false;
                continue;
            };
            complete &= listing.complete;
            let first = folders.len();
            for entry in listing.entries.iter() {
                if left == 0 {
                    return false;
                }
                left -= 1;
                let at = folder.child(&entry.name);
                let mut own = state.clone();
                let ignored = self.patterns.enter(&mut own, at.below(&self.root).unwrap_or_default());
                let step = Step { path: at, kind: entry.kind, ignored };
                match visit(&step) {
                    Descend::Stop => return complete,
                    Descend::Into
                        if entry.kind == Kind::Folder && (!ignored || self.patterns.has_exceptions()) =>
                    {
                        folders.push((step.path, own));
                    }
                    Descend::Into | Descend::Over => {}
                }
            }
            folders[first..].reverse();
        }
        complete
    }
}

/// One entry met by [`BuildContext::walk`].
pub(super) struct Step {
    pub path: ProjectPath,
    pub kind: Kind,
    /// Whether the patterns match it.
    pub ignored: bool,
}

/// Where [`BuildContext::walk`] goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Descend {
    /// Into the entry, if it is a folder.
    Into,
    /// To the next entry.
    Over,
    /// Nowhere: enough is known.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn context(files: &[(&str, &str)], root: &str) -> BuildContext {
        BuildContext::new(Arc::new(Memory::of(files.iter().copied())), &path(root)).unwrap()
    }

    #[test]
    fn sees_what_the_ignore_file_leaves() {
        let context = context(
            &[
                ("app/.dockerignore", "*\n!src\nsrc/*.tmp\n!deep/in/side.txt\n"),
                ("app/src/main.js", "x"),
                ("app/src/a.tmp", ""),
                ("app/deep/in/side.txt", ""),
                ("app/deep/out.txt", ""),
                ("app/package.json", ""),
                ("other/file", ""),
            ],
            "app",
        );
        for (at, seen) in [
            ("app/src/main.js", true),
            ("app/src/a.tmp", false),
            ("app/deep", true),
            ("app/deep/in/side.txt", true),
            ("app/deep/out.txt", false),
            ("app/package.json", false),
            ("app/.dockerignore", false),
            ("app/nothing", false),
            ("other/file", false),
        ] {
            assert_eq!(context.exists(&path(at)), Some(seen), "{at}");
        }
        let names: Vec<_> = context.list(&path("app")).unwrap().0.into_iter().map(|(p, _)| p).collect();
        assert_eq!(names, [path("app/deep"), path("app/src")]);
        assert_eq!(&*context.read(&path("app/src/main.js")).unwrap(), b"x");
        assert_eq!(
            context.read(&path("app/package.json")).unwrap_err().to_string(),
            "app/package.json is kept out of the build context by app/.dockerignore"
        );
    }

    #[test]
    fn the_dockerfiles_own_ignore_file_wins() {
        let files: Arc<dyn Files> = Arc::new(Memory::of([
            (".dockerignore", "a"),
            ("a", ""),
            ("b", ""),
            ("docker/web.Dockerfile", ""),
            ("docker/web.Dockerfile.dockerignore", "b\n"),
            ("docker/all.Dockerfile", ""),
            ("docker/all.Dockerfile.dockerignore", ""),
        ]));
        let context = BuildContext::new(Arc::clone(&files), &ProjectPath::root()).unwrap();
        let seen = |context: &BuildContext| ["a", "b"].map(|name| context.exists(&path(name)).unwrap());
        assert_eq!(seen(&context), [false, true]);
        assert_eq!(seen(&context.for_dockerfile(&*files, &path("docker/web.Dockerfile"))), [true, false]);
        assert_eq!(seen(&context.for_dockerfile(&*files, &path("docker/all.Dockerfile"))), [true, true]);
        assert_eq!(seen(&context.for_dockerfile(&*files, &path("docker/other.Dockerfile"))), [false, true]);
    }

    #[test]
    fn links_count_by_what_they_are_and_what_they_lead_to() {
        let mut memory = Memory::of([
            ("app/.dockerignore", "secret\ncurrent\n"),
            ("app/secret/key", "k"),
            ("app/releases/1/run", "r"),
            ("shared/lib", "l"),
        ]);
        memory.link(path("app/way-to-secret"), "secret");
        memory.link(path("app/current"), "releases/1");
        memory.link(path("app/latest"), "releases/1");
        memory.link(path("app/shared"), "../shared");
        let context = BuildContext::new(Arc::new(memory), &path("app")).unwrap();
        assert_eq!(&*context.read(&path("app/latest/run")).unwrap(), b"r");
        assert!(matches!(context.read(&path("app/way-to-secret/key")), Err(Unseen::Ignored { .. })));
        assert!(matches!(context.read(&path("app/current/run")), Err(Unseen::Ignored { .. })));
        // Inside the project, but not inside the context.
        assert!(
            matches!(context.read(&path("app/shared/lib")), Err(Unseen::Read(e)) if e.fault == Fault::Outside)
        );
    }

    #[test]
    fn sources_never_climb_above_the_context() {
        let context = context(&[("app/x", "")], "app");
        for source in ["x", "./x", "/x", "../x", "/../../x", "a/../x", "x/"] {
            assert_eq!(context.source_path(source), Some(path("app/x")), "{source}");
        }
        assert_eq!(context.source_path("."), Some(path("app")));
    }

    #[test]
    fn without_a_context_nothing_is_claimed() {
        let context = BuildContext::absent();
        assert_eq!(context.exists(&path("a")), None);
        assert_eq!(context.read(&path("a")), Err(Unseen::NoContext));
    }

    #[test]
    fn bad_patterns_are_noted_with_their_line() {
        let context = context(&[(".dockerignore", "a\n[\n"), ("a", ""), ("b", "")], "");
        assert_eq!(context.exists(&path("a")), Some(false));
        assert_eq!(context.notes()[0].line, Some(2));
        assert!(context.notes()[0].to_string().starts_with(".dockerignore:2: builders refuse"));
    }

    #[test]
    fn a_foreign_folder_has_its_own_jail() {
        let top = tempfile::tempdir().unwrap();
        std::fs::create_dir(top.path().join("context")).unwrap();
        std::fs::write(top.path().join("context/a"), "1").unwrap();
        let context = BuildContext::foreign(&top.path().join("context")).unwrap();
        assert!(context.is_foreign() && context.exists(&path("a")) == Some(true));
        assert!(BuildContext::foreign(&top.path().join("nothing")).is_err());
    }
}
