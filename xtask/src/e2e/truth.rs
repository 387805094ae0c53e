//! What `surface` claims of an image against what is in its file system.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use barehull_catalog::Catalog;
use serde_json::Value;

use super::bases::Version;

/// Paths by role.
pub type Surface = BTreeMap<String, BTreeSet<String>>;

/// Roles that the bar of recall is set for.
pub const MEASURED: [&str; 4] = ["shell", "package-manager", "network-client", "debug-tool"];

/// What barehull claims of a stage.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// The stage's base.
    pub base: String,
    /// What is present.
    pub surface: Surface,
}

impl Claim {
    /// Of the stage that is built: the target, else the last one; from the output of `surface --format json`.
    pub fn read(json: &str, target: Option<&str>) -> Result<Self> {
        let report: Value = serde_json::from_str(json).context("surface --format json")?;
        let stages = report["files"][0]["stages"].as_array().context("no stage in the report")?;
        let named = |stage: &&Value| target.is_some() && stage["name"].as_str() == target;
        let stage = stages.iter().find(named).or(stages.last()).context("no stage in the report")?;
        let mut surface = Surface::new();
        for (role, components) in stage["surface"].as_object().context("no surface in the report")? {
            let present = components.as_array().into_iter().flatten().filter(|c| c["presence"] == "present");
            let paths: BTreeSet<String> =
                present.filter_map(|c| Some(c["path"].as_str()?.to_owned())).collect();
            if !paths.is_empty() {
                surface.insert(role.clone(), paths);
            }
        }
        Ok(Self { base: stage["base"].as_str().unwrap_or_default().to_owned(), surface })
    }
}

/// An image's size and the tools in it.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Of all files, each hard link once.
    pub bytes: u64,
    /// The tools found.
    pub surface: Surface,
}

impl Contents {
    /// Of a root file system.
    pub fn of(root: &Path) -> Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let mut contents = Self::default();
        let mut inodes = BTreeSet::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let entry = entry?;
                let (path, kind) = (entry.path(), entry.file_type()?);
                if kind.is_dir() {
                    folders.push(path);
                    continue;
                }
                let meta = entry.metadata()?;
                if inodes.insert(meta.ino()) {
                    contents.bytes += meta.len();
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                let Some(role) = Catalog::builtin().role_of(&name) else { continue };
                if is_command_folder(&folder) && is_executable(root, &path) {
                    let inside = format!("/{}", path.strip_prefix(root)?.display());
                    contents.surface.entry(role.to_string()).or_default().insert(inside);
                }
            }
        }
        Ok(contents)
    }

    /// The same with the version in names that the real image would have.
    pub fn named(mut self, versions: &[Version]) -> Self {
        for version in versions {
            for paths in self.surface.values_mut() {
                let renamed = std::mem::take(paths).into_iter();
                *paths = renamed.map(|path| path.replace(&version.has, &version.named)).collect();
            }
        }
        self
    }
}

/// Whether commands lie in the folder.
fn is_command_folder(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| ["bin", "sbin", "busybox"].iter().any(|known| name == *known))
}

/// Whether it is, at the end of its links, a file that may be executed.
fn is_executable(root: &Path, path: &Path) -> bool {
    let mut path = path.to_owned();
    for _ in 0..16 {
        let Ok(meta) = path.symlink_metadata() else { return false };
        if !meta.is_symlink() {
            return meta.is_file() && meta.permissions().mode() & 0o111 != 0;
        }
        let Ok(target) = fs::read_link(&path) else { return false };
        let from = if target.is_absolute() { root } else { path.parent().unwrap_or(root) };
        path = below(root, from, &target);
    }
    false
}

/// `target` seen from `from`, never above `root`.
fn below(root: &Path, from: &Path, target: &Path) -> PathBuf {
    let mut path = from.to_owned();
    for part in target.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path != root => {
                path.pop();
            }
            _ => {}
        }
    }
    path
}

/// Claims that held and that did not, of one role or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Claimed and there.
    pub right: usize,
    /// Claimed and not there: the image and the path.
    pub wrong: Vec<(String, String)>,
    /// There and not claimed: the image and the path.
    pub missed: Vec<(String, String)>,
}

impl Score {
    /// The share of what is claimed that is there, in per cent.
    pub fn precision(&self) -> f64 {
        share(self.right, self.wrong.len())
    }

    /// The share of what is there that is claimed, in per cent.
    pub fn recall(&self) -> f64 {
        share(self.right, self.missed.len())
    }
}

#[allow(clippy::cast_precision_loss)] // counts of a few thousand
fn share(right: usize, rest: usize) -> f64 {
    if right + rest == 0 { 100.0 } else { right as f64 * 100.0 / (right + rest) as f64 }
}

/// Adds an image's claims to the score of each role.
pub fn compare(scores: &mut BTreeMap<String, Score>, image: &str, claimed: &Surface, real: &Surface) {
    let nothing = BTreeSet::new();
    let roles: BTreeSet<&String> = claimed.keys().chain(real.keys()).collect();
    for role in roles {
        let (claimed, real) = (claimed.get(role).unwrap_or(&nothing), real.get(role).unwrap_or(&nothing));
        let score = scores.entry(role.clone()).or_default();
        let of_image = |path: &String| (image.to_owned(), path.clone());
        score.right += claimed.intersection(real).count();
        score.wrong.extend(claimed.difference(real).map(of_image));
        score.missed.extend(real.difference(claimed).map(of_image));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(role: &str, paths: &[&str]) -> Surface {
        BTreeMap::from([(role.to_owned(), paths.iter().map(|&path| path.to_owned()).collect())])
    }

    #[test]
    fn scores_count_by_role() {
        let mut scores = BTreeMap::new();
        compare(
            &mut scores,
            "a",
            &surface("shell", &["/bin/sh", "/bin/zsh"]),
            &surface("shell", &["/bin/sh"]),
        );
        compare(&mut scores, "b", &Surface::new(), &surface("debug-tool", &["/bin/gdb"]));
        let shells = &scores["shell"];
        assert_eq!((shells.precision(), shells.recall()), (50.0, 100.0));
        assert_eq!(scores["debug-tool"].missed, [("b".to_owned(), "/bin/gdb".to_owned())]);
    }

    #[test]
    fn links_stay_below_the_root() {
        let root = Path::new("/r");
        assert_eq!(below(root, Path::new("/r/usr/bin"), Path::new("../../../etc/x")), Path::new("/r/etc/x"));
        assert_eq!(below(root, root, Path::new("/bin/sh")), Path::new("/r/bin/sh"));
    }
}
