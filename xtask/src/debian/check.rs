use super::apt::Apt;
use super::archive::Archive;
use anyhow::Result;
use barehull_catalog::{Catalog, Family, PackageSet};
use std::collections::BTreeSet;

/// Of the catalog's packages, one in this many is installed in simulation.
const SAMPLE: usize = 60;

/// Compares each package's executables, as the catalog has them, with the file lists; the number of differences.
pub fn files(archive: &Archive, release: &str) -> usize {
    let catalog = Catalog::builtin();
    let set = catalog.packages(&catalog.os(Family::Debian, Some(release)));
    let mut differences = 0;
    for (name, package) in archive.packages() {
        let known: BTreeSet<String> = own_executables(&set, name);
        if set.knows(name) && known != package.executables {
            println!("{release} {name}: the catalog has {known:?}, the file list {:?}", package.executables);
            differences += 1;
        }
    }
    differences
}

fn own_executables(set: &PackageSet<'_>, name: &str) -> BTreeSet<String> {
    let brought = set.brings([name], false).components;
    brought
        .into_iter()
        .filter(|component| component.package == name)
        .map(|component| component.path)
        .collect()
}

/// Compares what the catalog says these packages (or a sample) pull in with apt's simulation.
pub fn installations(apt: &Apt, archive: &Archive, release: &str, packages: &[&str]) -> Result<usize> {
    apt.set_installed(archive.base().map(|package| package.stanza.as_str()))?;
    let catalog = Catalog::builtin();
    let set = catalog.packages(&catalog.os(Family::Debian, Some(release)));
    let sample: Vec<&str> = if packages.is_empty() {
        let known =
            archive.packages().map(|(name, _)| name).filter(|name| set.knows(name) && !archive.is_base(name));
        known.step_by(SAMPLE).collect()
    } else {
        packages.iter().copied().filter(|name| archive.get(name).is_some()).collect()
    };
    let bringing = |name: &String| archive.get(name).is_some_and(|package| !package.executables.is_empty());
    let mut differences = 0;
    for package in &sample {
        for recommends in [false, true] {
            let Ok(installed) = apt.simulate(package, recommends) else {
                println!("{release} {package}: apt cannot install it");
                continue;
            };
            let by_apt: BTreeSet<String> = installed.into_iter().filter(bringing).collect();
            let by_catalog: BTreeSet<String> =
                set.closure([package], recommends).into_iter().filter(bringing).collect();
            if by_apt != by_catalog {
                let missing: Vec<_> = by_apt.difference(&by_catalog).collect();
                let extra: Vec<_> = by_catalog.difference(&by_apt).collect();
                println!(
                    "{release} {package} (recommends: {recommends}): missing {missing:?}, too many {extra:?}"
                );
                differences += 1;
            }
        }
    }
    println!("{release}: {} packages compared with apt", sample.len());
    Ok(differences)
}
