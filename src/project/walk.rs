//! Walks a tree as git sees it: sorted, without what `.gitignore` files name, and never endlessly.

use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::names::is_foreign_folder;
use super::{Files, Kind, ProjectPath};

/// Entries looked at in one walk.
const MAX_ENTRIES: usize = 200_000;
/// Folders inside folders that are entered.
const MAX_DEPTH: usize = 64;
/// Bytes of one `.gitignore` that are read.
const MAX_GITIGNORE_BYTES: u64 = 256 << 10;
/// Lines of `.gitignore` files that are heeded in one walk.
const MAX_GITIGNORE_LINES: usize = 10_000;

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked<T> {
    /// What was kept of the files: those of a folder by name, then those of its folders.
    pub found: Vec<T>,
    /// Whether everything was seen: false where a limit was met or a folder could not be read.
    pub complete: bool,
}

/// Keeps of every regular file below `start` what `keep` makes of it. Links are not followed: what they lead to
/// inside the project is found where it is. `.gitignore` files count from the root of `files` down.
pub fn walk<T>(
    files: &dyn Files,
    start: &ProjectPath,
    mut keep: impl FnMut(ProjectPath) -> Option<T>,
) -> Walked<T> {
    let mut walker =
        Walker { files, lines_left: MAX_GITIGNORE_LINES, entries_left: MAX_ENTRIES, complete: true };
    let mut found = Vec::new();
    // Folders still to enter, the next one last; each with the ignore files above it.
    let mut folders = vec![(start.clone(), walker.rules_above(start))];
    while let Some((folder, above)) = folders.pop() {
        let Some(entries) = walker.entries(&folder) else { continue };
        let rules = walker.rules_of(&folder, above, &entries);
        let first = folders.len();
        for (name, kind) in entries {
            let path = folder.child(&name);
            match kind {
                Kind::Folder if is_foreign_folder(&name) || ignored(rules.as_deref(), &path, true) => {}
                Kind::Folder if path.names().count() > MAX_DEPTH => walker.complete = false,
                Kind::Folder => folders.push((path, rules.clone())),
                Kind::File if !ignored(rules.as_deref(), &path, false) => found.extend(keep(path)),
                Kind::File | Kind::Link | Kind::Other => {}
            }
        }
        folders[first..].reverse();
    }
    Walked { found, complete: walker.complete }
}

/// The patterns of one folder's `.gitignore`, and those above it.
struct Rules {
    folder: ProjectPath,
    patterns: Gitignore,
    above: Option<Arc<Rules>>,
}

struct Walker<'a> {
    files: &'a dyn Files,
    lines_left: usize,
    entries_left: usize,
    complete: bool,
}

impl Walker<'_> {
    /// The entries of `folder` as far as the limit allows.
    fn entries(&mut self, folder: &ProjectPath) -> Option<Vec<(String, Kind)>> {
        let Ok(listing) = self.files.list(folder) else {
            self.complete = false;
            return None;
        };
        let seen = listing.entries.len().min(self.entries_left);
        self.complete &= listing.complete && seen == listing.entries.len();
        self.entries_left -= seen;
        Some(listing.entries[..seen].iter().map(|e| (e.name.clone(), e.kind)).collect())
    }

    /// The rules of the folders that `start` is in.
    fn rules_above(&mut self, start: &ProjectPath) -> Option<Arc<Rules>> {
        let mut rules = None;
        let mut folder = ProjectPath::root();
        for name in start.names() {
            rules = self.add_rules(&folder, rules);
            folder = folder.child(name);
        }
        rules
    }

    fn rules_of(
        &mut self,
        folder: &ProjectPath,
        above: Option<Arc<Rules>>,
        entries: &[(String, Kind)],
    ) -> Option<Arc<Rules>> {
        let has_own = entries.iter().any(|(name, kind)| name == ".gitignore" && *kind != Kind::Folder);
        if has_own { self.add_rules(folder, above) } else { above }
    }

    fn add_rules(&mut self, folder: &ProjectPath, above: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
        let path = folder.child(".gitignore");
        if !self.files.is_file(&path) {
            return above;
        }
        let Ok(bytes) = self.files.read_up_to(&path, MAX_GITIGNORE_BYTES) else {
            self.complete = false;
            return above;
        };
        let mut builder = GitignoreBuilder::new("");
        for line in String::from_utf8_lossy(&bytes).lines() {
            if self.lines_left == 0 {
                self.complete = false;
                break;
            }
            self.lines_left -= 1;
            // Git passes over a line it cannot read, too.
            let _ = builder.add_line(None, line);
        }
        let Ok(patterns) = builder.build() else {
            self.complete = false;
            return above;
        };
        Some(Arc::new(Rules { folder: folder.clone(), patterns, above }))
    }
}

/// Whether the innermost pattern that speaks of `path` ignores it. Folders above it are not: they would not have
/// been entered.
fn ignored(mut rules: Option<&Rules>, path: &ProjectPath, is_folder: bool) -> bool {
    while let Some(these) = rules {
        let below = path.below(&these.folder).unwrap_or_default();
        match these.patterns.matched(below, is_folder) {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => rules = these.above.as_deref(),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::{Disk, Memory};
    use super::*;

    fn found(files: &dyn Files, start: &str) -> Vec<String> {
        let walked = walk(files, &ProjectPath::new(start).unwrap(), Some);
        assert!(walked.complete);
        walked.found.iter().map(|p| p.as_str().to_owned()).collect()
    }

    #[test]
    fn gitignore_files_are_heeded_folder_by_folder() {
        let files = Memory::of([
            (".gitignore", "*.log\n/build/\n!keep.log\n[\ndocs/*.html\n"),
            ("a.log", ""),
            ("keep.log", ""),
            ("build/out", ""),
            ("src/build/kept", ""),
            ("src/.gitignore", "!b.log\n/gen\n"),
            ("src/b.log", ""),
            ("src/gen/x", ""),
            ("src/deep/gen/y", ""),
            ("docs/i.html", ""),
            ("docs/sub/i.html", ""),
            (".git/config", ""),
            ("node_modules/m/Dockerfile", ""),
            (".github/workflows/ci.yml", ""),
        ]);
        let expected = [
            ".gitignore",
            "keep.log",
            ".github/workflows/ci.yml",
            "docs/sub/i.html",
            "src/.gitignore",
            "src/b.log",
            "src/build/kept",
            "src/deep/gen/y",
        ];
        assert_eq!(found(&files, ""), expected);
        // From a subfolder the files above it count as well.
        assert_eq!(found(&files, "src"), &expected[4..]);
    }

    #[test]
    fn limits_are_told() {
        let deep = vec!["d"; MAX_DEPTH + 2].join("/");
        let files = Memory::of([(deep.as_str(), ""), ("top", "")]);
        let walked = walk(&files, &ProjectPath::root(), Some);
        assert_eq!((walked.found.len(), walked.complete), (1, false));

        let many = "a*b?c\n".repeat(MAX_GITIGNORE_LINES + 1);
        let files = Memory::of([(".gitignore", many.as_str())]);
        assert!(!walk(&files, &ProjectPath::root(), Some).complete);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        assert!(!walk(&Memory::default(), &ProjectPath::new("x").unwrap(), Some).complete);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_do_not_hold_it_up() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::write(at("sub/file"), "").unwrap();
        std::os::unix::fs::symlink("..", at("sub/circle")).unwrap();
        std::os::unix::fs::symlink("/etc", at("outside")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("sub/.gitignore")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at(".gitignore")).status().unwrap().success());
        assert_eq!(found(&Disk::new(folder.path()).unwrap(), ""), ["sub/file"]);
    }
}
