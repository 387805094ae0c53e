//! The catalog's Debian data against apt.
//!
//! apt works in a folder of its own (`target/apt/RELEASE`), so neither the machine's sources nor its installed
//! packages count: package lists and file lists of a release come from `apt-get update`, and what an installation
//! would pull in from `apt-get --simulate` in a system that has what an official image has.

mod apt;
mod archive;
mod check;
mod libraries;
mod links;
mod reach;
mod yaml;

use anyhow::{Context, Result, anyhow};
use apt::Apt;
use archive::Archive;
use barehull_catalog::schema::CatalogFile;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The releases that the catalog covers: number and name.
const RELEASES: [(&str, &str); 3] = [("11", "bullseye"), ("12", "bookworm"), ("13", "trixie")];

/// Rewrites `packages/debian.yaml` and `runtime-libraries.yaml` for the names that they have and those in the file,
/// one a line.
pub fn generate(names_file: Option<&str>) -> Result<()> {
    let (mut names, mut development) = known_names()?;
    if let Some(path) = names_file {
        let text = fs::read_to_string(path).with_context(|| path.to_owned())?;
        names.extend(text.split_whitespace().map(str::to_owned));
        development.extend(text.split_whitespace().map(str::to_owned));
    }
    let mut releases = Vec::new();
    for (number, codename) in RELEASES {
        let archive = Archive::read(&Apt::with_lists(codename)?, number)?;
        let facts = reach::facts(&archive, &names);
        println!(
            "{codename}: {} packages bring something, {} do not",
            facts.entries.len(),
            facts.nothing.len()
        );
        releases.push((number, facts, libraries::of(&archive, &development)));
    }
    let absent = names.iter().filter(|name| !releases.iter().any(|(_, facts, _)| facts.has(name))).count();
    println!("{absent} names are in no release");
    yaml::write_packages(&data("packages/debian.yaml"), &releases)?;
    yaml::write_libraries(&data("runtime-libraries.yaml"), &releases)
}

/// Compares the data with apt: with `packages`, what each of these installs; without, all entries with the file
/// lists, and a sample with apt's simulation.
pub fn check(packages: &[&str]) -> Result<()> {
    let mut differences = 0;
    for (number, codename) in RELEASES {
        let apt = Apt::with_lists(codename)?;
        let archive = Archive::read(&apt, number)?;
        differences += check::files(&archive, number);
        differences += check::installations(&apt, &archive, number, packages)?;
    }
    if differences == 0 { Ok(()) } else { Err(anyhow!("{differences} differences")) }
}

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/barehull-catalog/data").join(path)
}

/// The names in the data as it is: packages, and those with run-time libraries.
fn known_names() -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let (mut packages, mut development) = (BTreeSet::new(), BTreeSet::new());
    for path in
        ["packages/debian.yaml", "runtime-libraries.yaml"].map(data).into_iter().filter(|p| p.exists())
    {
        let file: CatalogFile = serde_yaml::from_str(&fs::read_to_string(&path)?)?;
        for set in file.packages {
            packages.extend(set.entries.into_keys().chain(set.nothing).chain(set.provides.into_keys()));
        }
        development.extend(file.runtime_libraries.into_iter().flat_map(|set| set.packages.into_keys()));
    }
    Ok((packages, development))
}

/// What differs between releases, as sets: the releases something is true of, and all that is true of just these.
fn by_releases<K: Ord + Clone, V: Ord + Clone>(
    releases: &[(&str, BTreeMap<K, V>)],
) -> BTreeMap<Vec<String>, BTreeMap<K, V>> {
    let mut same: BTreeMap<(K, V), Vec<String>> = BTreeMap::new();
    for (number, facts) in releases {
        for (key, value) in facts {
            same.entry((key.clone(), value.clone())).or_default().push((*number).to_owned());
        }
    }
    let mut sets: BTreeMap<Vec<String>, BTreeMap<K, V>> = BTreeMap::new();
    for ((key, value), numbers) in same {
        sets.entry(numbers).or_default().insert(key, value);
    }
    sets
}
