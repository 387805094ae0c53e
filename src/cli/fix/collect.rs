//! The patches of a run, file by file: those of several Dockerfiles to one file become one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use barehull::edit::{FilePatch, merge, unified_diff};
use barehull::project::ProjectPath;

use crate::cli::inputs::{Job, Jobs, Site};
use crate::cli::write::{self, Prepared};

/// Changes by file.
#[derive(Debug, Default)]
pub struct Collected {
    files: BTreeMap<(Option<PathBuf>, ProjectPath), Change>,
    /// Dockerfiles whose patch is in.
    patched: usize,
}

/// One changed file.
#[derive(Debug)]
pub struct Change {
    site: Arc<Site>,
    patch: FilePatch,
    /// The Dockerfile it was first changed for, as people see it.
    by: String,
}

/// Two Dockerfiles want one file to change in ways that contradict each other.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict {
    dockerfile: String,
    file: String,
    other: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dockerfile, file, other } = self;
        write!(f, "{dockerfile}: left out, since it changes {file} in another way than {other}; ")?;
        f.write_str("apply this patch and run again")
    }
}

impl Collected {
    /// Adds the patches of one Dockerfile: all, or none where one of them contradicts what is there.
    pub fn add(&mut self, job: &Job, patches: Vec<FilePatch>) -> Result<(), Conflict> {
        let mut merged = Vec::new();
        for patch in patches {
            let key = (job.site.root.clone(), patch.path.clone());
            let patch = match self.files.get(&key) {
                None => patch,
                Some(known) => merge(&known.patch, &patch).ok_or_else(|| Conflict {
                    dockerfile: job.shown_path(),
                    file: job.site.shown.show(&patch.path),
                    other: known.by.clone(),
                })?,
            };
            merged.push((key, patch));
        }
        self.patched += usize::from(!merged.is_empty());
        for (key, patch) in merged {
            let by = self.files.get(&key).map_or_else(|| job.shown_path(), |known| known.by.clone());
            self.files.insert(key, Change { site: Arc::clone(&job.site), patch, by });
        }
        Ok(())
    }

    /// The changed files, sorted.
    pub fn changes(&self) -> Vec<&Change> {
        self.files.values().collect()
    }

    /// What became of the Dockerfiles, in a line.
    pub fn summary(&self, jobs: &Jobs) -> String {
        let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
        format!(
            "{} of {} patched, {} changed",
            self.patched,
            count(jobs.list.len(), "Dockerfile"),
            count(self.files.len(), "file")
        )
    }
}

impl Change {
    /// The file, as people see it.
    pub fn shown_path(&self) -> String {
        self.site.shown.show(&self.patch.path)
    }

    /// The change as a unified diff whose paths start at `base`.
    pub fn diff(&self, base: &Base) -> String {
        unified_diff(&self.patch, &base.prefix(self.site.root.as_deref()))
    }

    /// Gets ready to change the file itself.
    pub fn prepare(&self) -> Result<Prepared> {
        let root = self.site.root.as_deref().context("standard input cannot be written to")?;
        write::prepare(root, &self.patch).with_context(|| self.shown_path())
    }
}

/// The folder at which the paths of a patch start.
#[derive(Debug, PartialEq, Eq)]
pub struct Base {
    folder: PathBuf,
    here: PathBuf,
}

/// The folder at which the paths of all `changes` start: the top of the git work tree, else the working
/// directory, else the project. Nothing where there is no change; an error where there is no such folder.
pub fn base(changes: &[&Change]) -> Result<Option<Base>> {
    let here = std::env::current_dir()?.canonicalize()?;
    let mut folder = None;
    for change in changes {
        let this = start(&change.site, &here);
        match &folder {
            None => folder = Some(this),
            Some(known) if *known != this => bail!(
                "{} and {} are in different projects, which no single patch can change; name those of one at a time",
                known.display(),
                this.display()
            ),
            Some(_) => {}
        }
    }
    Ok(folder.map(|folder| Base { folder, here }))
}

fn start(site: &Site, here: &Path) -> PathBuf {
    match (&site.git, &site.root) {
        (Some(top), _) => top.clone(),
        (None, Some(root)) if !root.starts_with(here) => root.clone(),
        (None, _) => here.to_owned(),
    }
}

impl Base {
    /// What stands before the paths of the project at `root`.
    fn prefix(&self, root: Option<&Path>) -> String {
        let below = root.and_then(|root| root.strip_prefix(&self.folder).ok()).unwrap_or(Path::new(""));
        below.iter().map(|name| name.to_string_lossy() + "/").collect()
    }

    /// The folder, unless it is the working directory.
    pub fn elsewhere(&self) -> Option<&Path> {
        (self.folder != self.here).then_some(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use barehull::options::Input;
    use barehull::project::{Memory, Project};
    use barehull::report::Paths;

    use super::*;

    fn job(site: &Arc<Site>, path: &str) -> Job {
        let input = Input { path: ProjectPath::new(path).unwrap(), text: None };
        Job { site: Arc::clone(site), input, is_stdin: false, config: None }
    }

    fn patch(path: &str, before: &str, after: &str) -> FilePatch {
        let bytes = |text: &str| Some(Arc::from(text.as_bytes()));
        FilePatch {
            path: ProjectPath::new(path).unwrap(),
            before: bytes(before),
            after: bytes(after),
            mode: 0o644,
        }
    }

    #[test]
    fn patches_to_a_shared_file_become_one_or_stay_out_whole() {
        let site = Arc::new(Site {
            project: Project::new(Arc::new(Memory::default())),
            root: None,
            git: None,
            shown: Paths::Project,
            stable: Paths::Project,
        });
        let shared = "a\nb\nc\nd\n";
        let mut collected = Collected::default();
        let (first, second, third) = (job(&site, "1"), job(&site, "2"), job(&site, "3"));
        collected
            .add(&first, vec![patch("1", "x\n", "y\n"), patch("shared", shared, "A\nb\nc\nd\n")])
            .unwrap();
        collected.add(&second, vec![patch("shared", shared, "a\nb\nc\nD\n")]).unwrap();
        let conflict = collected
            .add(&third, vec![patch("3", "x\n", "y\n"), patch("shared", shared, "!\nb\nc\nd\n")])
            .unwrap_err();
        assert_eq!((conflict.dockerfile.as_str(), conflict.other.as_str()), ("3", "1"));
        let base = base(&collected.changes()).unwrap().unwrap();
        let diffs: String = collected.changes().iter().map(|change| change.diff(&base)).collect();
        assert_eq!(diffs.matches("diff --git").count(), 2, "{diffs}");
        assert!(diffs.contains("-a\n+A\n b\n c\n-d\n+D\n"), "{diffs}");
    }
}
