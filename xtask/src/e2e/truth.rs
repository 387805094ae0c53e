//! What `surface` claims of an image against what is in its file system.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use barehull_catalog::{Catalog, Entry, Presence};
use barehull_image::{Image, inventory};
use serde_json::Value;

use super::bases::Version;

/// Paths by role.
type Surface = BTreeMap<String, BTreeSet<String>>;

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

/// A tool in an image: all the paths that lead to it under one name. `x86_64-linux-gnu-objdump` and the link `objdump`
/// to it are one, `gcc-12` and the link `gcc` are two.
type Names = BTreeSet<String>;

/// An image's size and the tools in it.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Of all files, each hard link once.
    pub bytes: u64,
    /// The tools found, by role.
    pub tools: BTreeMap<String, Vec<Names>>,
    /// Role and path of tools that are removed, but in a layer below still.
    pub shadowed: Vec<(String, String)>,
}

impl Contents {
    /// Of an image.
    pub fn of(image: &Image) -> Self {
        let found = inventory(image, Catalog::builtin());
        let (present, shadowed): (Vec<_>, Vec<_>) =
            found.materialise().iter().partition(|entry| entry.presence == Presence::Present);
        let components: Vec<_> = present.into_iter().map(|entry| entry.component.clone()).collect();
        let of_below = |entry: &Entry| (entry.component.role.to_string(), entry.component.path.to_string());
        let paths: BTreeSet<&str> = components.iter().map(|component| component.path.as_ref()).collect();
        let mut groups: BTreeMap<(String, String), Names> = BTreeMap::new();
        for component in &components {
            let path: &str = &component.path;
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let plain = without_triplet(name);
            let beside = format!("{folder}/{plain}");
            let file = if paths.contains(beside.as_str()) { beside.as_str() } else { path };
            let real = image.tree.resolve(file).map_or(file, |entry| &entry.path).to_owned();
            let group = groups.entry((component.role.to_string(), format!("{real} {plain}"))).or_default();
            group.insert(path.to_owned());
        }
        let mut contents = Self {
            bytes: image.visible_size(),
            tools: BTreeMap::new(),
            shadowed: shadowed.into_iter().map(of_below).collect(),
        };
        for ((role, _), names) in groups {
            contents.tools.entry(role).or_default().push(names);
        }
        contents
    }

    /// The same with the version in names that the real image would have.
    pub fn named(mut self, versions: &[Version]) -> Self {
        for version in versions {
            for names in self.tools.values_mut().flatten() {
                let renamed = std::mem::take(names).into_iter();
                *names = renamed.map(|path| path.replace(&version.has, &version.named)).collect();
            }
        }
        self
    }

    /// How many tools there are.
    pub fn count(&self) -> usize {
        self.tools.values().map(Vec::len).sum()
    }
}

/// The name without the architecture that Debian puts before or behind it: `x86_64-linux-gnu-gcc-12` is `gcc-12`, and
/// `cpan5.40-x86_64-linux-gnu` is `cpan`.
fn without_triplet(name: &str) -> &str {
    const TRIPLET: &str = "x86_64-linux-gnu";
    if let Some(rest) = name.strip_prefix(TRIPLET).and_then(|rest| rest.strip_prefix('-')) {
        return rest;
    }
    let versioned = name.strip_suffix(TRIPLET).and_then(|rest| rest.strip_suffix('-'));
    versioned.map_or(name, |rest| rest.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
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
pub fn compare(scores: &mut BTreeMap<String, Score>, image: &str, claim: &Claim, contents: &Contents) {
    let (no_claims, no_tools) = (Names::new(), Vec::new());
    let roles: BTreeSet<&String> = claim.surface.keys().chain(contents.tools.keys()).collect();
    for role in roles {
        let claimed = claim.surface.get(role).unwrap_or(&no_claims);
        let tools = contents.tools.get(role).unwrap_or(&no_tools);
        let score = scores.entry(role.clone()).or_default();
        let of_image = |path: &String| (image.to_owned(), path.clone());
        let (right, missed): (Vec<&Names>, Vec<&Names>) =
            tools.iter().partition(|names| !names.is_disjoint(claimed));
        score.right += right.len();
        score.missed.extend(missed.iter().filter_map(|names| names.first()).map(of_image));
        let wrong = claimed.iter().filter(|path| !tools.iter().any(|names| names.contains(*path)));
        score.wrong.extend(wrong.map(of_image));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(role: &str, paths: &[&str]) -> Names {
        assert!(MEASURED.contains(&role));
        paths.iter().map(|&path| path.to_owned()).collect()
    }

    fn contents(role: &str, tools: &[&[&str]]) -> Contents {
        let names = tools.iter().map(|names| of(role, names)).collect();
        Contents { tools: BTreeMap::from([(role.to_owned(), names)]), ..Contents::default() }
    }

    fn claim(role: &str, paths: &[&str]) -> Claim {
        Claim { base: String::new(), surface: BTreeMap::from([(role.to_owned(), of(role, paths))]) }
    }

    #[test]
    fn scores_count_by_role() {
        let mut scores = BTreeMap::new();
        compare(
            &mut scores,
            "a",
            &claim("shell", &["/bin/sh", "/bin/zsh"]),
            &contents("shell", &[&["/bin/sh"]]),
        );
        let objdump: &[&str] = &["/bin/objdump", "/bin/x86_64-linux-gnu-objdump"];
        let tools = contents("debug-tool", &[objdump, &["/bin/gdb"]]);
        compare(&mut scores, "b", &claim("debug-tool", &["/bin/objdump"]), &tools);
        let shells = &scores["shell"];
        assert_eq!((shells.precision(), shells.recall()), (50.0, 100.0));
        assert_eq!(scores["debug-tool"].missed, [("b".to_owned(), "/bin/gdb".to_owned())]);
    }

    #[test]
    fn names_without_their_architecture() {
        assert_eq!(without_triplet("x86_64-linux-gnu-gcc-12"), "gcc-12");
        assert_eq!(without_triplet("cpan5.40-x86_64-linux-gnu"), "cpan");
        assert_eq!(without_triplet("gcc-12"), "gcc-12");
    }
}
