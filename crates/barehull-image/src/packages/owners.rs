//! Which package a file belongs to.

use super::{FILES, PackageManager, STATUS_FOLDER, apk, dpkg};
use crate::{Entry, Tree, path};
use std::collections::{BTreeMap, BTreeSet};

/// Where dpkg keeps the list of files of each package.
const LISTS: &str = "/var/lib/dpkg/info";

/// The packages that the given paths belong to, as far as file lists are there: dpkg's (and the checksums that
/// distroless images have instead), apk's.
pub fn owners<'a>(tree: &Tree, paths: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let wanted: BTreeSet<&str> = paths.into_iter().collect();
    let names: BTreeSet<&str> = wanted.iter().filter_map(|path| Some(path::split(path)?.1)).collect();
    // Lists say `/bin/sh` where `/bin` is a link.
    let links: BTreeMap<&str, &str> = tree
        .children("/")
        .filter(|entry| entry.link_target().is_some())
        .filter_map(|link| Some((link.name(), &*tree.resolve(&link.path).ok()?.path)))
        .collect();
    let mut owners = BTreeMap::new();
    let mut owned = |package: &str, listed: &str| {
        // Only a name that is asked for is worth a look: lists are long.
        if !listed.rsplit('/').next().is_some_and(|name| names.contains(name)) {
            return;
        }
        let listed = listed.trim_start_matches('/');
        let real = match listed.split_once('/') {
            Some((top, rest)) if links.contains_key(top) => path::join(links[top], rest),
            _ => path::join("/", listed),
        };
        if let Some(path) = wanted.get(real.as_str()) {
            owners.entry(*path).or_insert_with(|| package.to_owned());
        }
    };
    for list in tree.children(LISTS) {
        if let (Some(name), Some(text)) = (list.name().strip_suffix(".list"), list.text()) {
            // `libc6:amd64`
            let package = name.split(':').next().unwrap_or(name);
            String::from_utf8_lossy(text).lines().for_each(|path| owned(package, path));
        }
    }
    for list in tree.children(STATUS_FOLDER) {
        if let (Some(status), Some(text)) = (list.path.strip_suffix(".md5sums"), list.text()) {
            let status = tree.get(status).and_then(Entry::text).unwrap_or_default();
            let Some(package) = dpkg::packages(status).into_iter().next() else { continue };
            let text = String::from_utf8_lossy(text);
            text.lines()
                .filter_map(|line| line.split_once("  "))
                .for_each(|(_, path)| owned(&package.name, path));
        }
    }
    for (_, path) in FILES.iter().filter(|(manager, _)| *manager == PackageManager::Apk) {
        if let Some(text) = tree.get(path).and_then(|entry| entry.text()) {
            apk::files(&String::from_utf8_lossy(text)).for_each(|(package, path)| owned(package, &path));
        }
    }
    owners
}
