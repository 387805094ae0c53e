//! What a build leaves behind: histories of version control, caches of package managers.

use barehull_image::Entry;

use super::reach::Reached;
use super::subject::{Subject, place};
use crate::finding::Finding;
use crate::report::built::size;
use crate::rules;

/// Folders of version control.
const HISTORIES: [&str; 3] = [".git", ".hg", ".svn"];
/// Folders of libraries, whose packages may bring such a folder for their tests.
const LIBRARIES: [&str; 3] = ["/node_modules/", "/site-packages/", "/dist-packages/"];
/// Caches, by where they are below a home folder.
const HOME_CACHES: [&str; 8] = [
    ".cache",
    ".npm",
    ".cargo/registry",
    "go/pkg/mod",
    ".m2/repository",
    ".gradle/caches",
    ".bundle/cache",
    ".nuget",
];
/// Caches of the system.
const CACHES: [&str; 9] = [
    "/var/cache/apt",
    "/var/lib/apt/lists",
    "/var/cache/apk",
    "/var/cache/dnf",
    "/var/cache/yum",
    "/var/cache/zypp",
    "/var/cache/pacman/pkg",
    "/usr/local/share/.cache",
    "/go/pkg/mod",
];
/// Bytes of a cache that are worth a word.
const MIN_CACHE: u64 = 100_000;

/// One finding for each folder.
pub(super) fn check(subject: &Subject<'_>, _: &Reached) -> Vec<Finding> {
    let histories = subject.tree.iter().filter(|entry| is_history(subject, entry)).map(|entry| {
        let message = format!(
            "{} holds the history of the sources, all that was ever committed: keep it out of the build context with \
             .dockerignore",
            entry.path
        );
        subject.at(rules::VCS_FOLDER_IN_IMAGE, entry, message).subject(entry.path.to_string())
    });
    let homes = subject.tree.children("/home").map(|entry| entry.path.to_string());
    let homes: Vec<String> = homes.chain(["/root".to_owned()]).collect();
    let below = homes.iter().flat_map(|home| HOME_CACHES.iter().map(move |cache| format!("{home}/{cache}")));
    let caches = CACHES.iter().map(|cache| (*cache).to_owned()).chain(below).filter_map(|cache| {
        let folder = subject.tree.get(&cache)?;
        let bytes: u64 =
            subject.tree.below(&cache).filter(|entry| !entry.is_hard_link).map(|entry| entry.size).sum();
        (bytes >= MIN_CACHE).then(|| {
            let message = format!(
                "{cache} is a cache of {}, of use to builds only: remove it in the RUN that fills it, or keep it out \
                 with RUN --mount=type=cache",
                size(bytes)
            );
            let first = subject.tree.below(&cache).find(|entry| entry.size > 0).unwrap_or(folder);
            let finding = Finding::new(rules::BUILD_CACHE_IN_IMAGE, place(folder), message).subject(cache.clone());
            subject.with_layer(finding, first.layer, &cache)
        })
    });
    histories.chain(caches).collect()
}

/// A folder of version control with something in it, of the application itself.
fn is_history(subject: &Subject<'_>, entry: &Entry) -> bool {
    entry.is_dir()
        && HISTORIES.contains(&entry.name())
        && !LIBRARIES.iter().any(|library| entry.path.contains(library))
        && subject.tree.children(&entry.path).next().is_some()
}
