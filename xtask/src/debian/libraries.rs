use super::archive::Archive;
use std::collections::{BTreeMap, BTreeSet};

/// How far development packages are followed into each other (`libfoo-dev` that only leads to `libfoo2-dev`).
const MAX_DEPTH: u8 = 4;

/// Development package to the packages with the shared libraries it is for.
pub fn of(archive: &Archive, names: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let development = names.iter().filter(|name| name.ends_with("-dev") && archive.get(name).is_some());
    development.map(|name| (name.clone(), run_time(archive, name, 0).into_iter().collect())).collect()
}

fn run_time(archive: &Archive, name: &str, depth: u8) -> BTreeSet<String> {
    let depends = archive.depends(name);
    let libraries: BTreeSet<String> = depends
        .iter()
        .filter(|package| !package.ends_with("-dev"))
        .filter(|package| archive.get(package).is_some_and(|p| p.has_shared_library))
        .map(|package| (*package).to_owned())
        .collect();
    if !libraries.is_empty() || depth == MAX_DEPTH {
        return libraries;
    }
    let development = depends.into_iter().filter(|package| package.ends_with("-dev"));
    development.flat_map(|package| run_time(archive, package, depth + 1)).collect()
}
