use super::archive::Archive;
use std::collections::{BTreeMap, BTreeSet};

/// How far development packages are followed into each other (`libfoo-dev` that only leads to `libfoo2-dev`).
const MAX_DEPTH: u8 = 4;

/// The C and C++ run time, which every program has already.
const TOOLCHAIN: [&str; 5] = ["libc6", "libc-dev-bin", "libstdc++", "libgcc-", "libasan"];

/// Development package to the packages with the shared libraries it is for.
pub fn of(archive: &Archive, names: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let known = names.iter().filter(|name| is_development(name) && archive.get(name).is_some());
    known.map(|name| (name.clone(), run_time(archive, name, 0).into_iter().collect())).collect()
}

fn run_time(archive: &Archive, name: &str, depth: u8) -> BTreeSet<String> {
    let depends = archive.all_depends(name);
    let depends =
        depends.into_iter().filter(|package| !TOOLCHAIN.iter().any(|start| package.starts_with(start)));
    let (development, libraries): (Vec<&str>, Vec<&str>) =
        depends.partition(|package| is_development(package));
    let libraries: BTreeSet<String> = libraries
        .into_iter()
        .filter(|package| archive.get(package).is_some_and(|package| package.has_shared_library))
        .map(str::to_owned)
        .collect();
    // Beside its own libraries, those of packages it only leads to: of the same source, or if it has none itself.
    let followed = development
        .into_iter()
        .filter(|package| libraries.is_empty() || archive.source(package) == archive.source(name))
        .filter(|_| depth < MAX_DEPTH);
    let further: Vec<_> = followed.flat_map(|package| run_time(archive, package, depth + 1)).collect();
    libraries.into_iter().chain(further).collect()
}

/// `libpq-dev`, `libmariadb-dev-compat`, `krb5-multidev`.
fn is_development(name: &str) -> bool {
    name.ends_with("-dev") || name.ends_with("-multidev") || name.contains("-dev-")
}
