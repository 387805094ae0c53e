//! The C library, by the loaders that are there.

use barehull_catalog::Libc;
use barehull_image::Tree;

/// Where loaders lie: in the System V ABI's folders, and where a merged `/usr` keeps them.
const FOLDERS: [&str; 5] = ["/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64"];

/// The library that dynamically linked programs find; `usual` is the distribution's, for images with two (`gcompat`, a
/// `musl` package on Debian).
pub(super) fn of(tree: &Tree, usual: Libc) -> Libc {
    let names: Vec<&str> = FOLDERS
        .iter()
        .filter_map(|folder| tree.resolve(folder).ok())
        .flat_map(|folder| tree.children(&folder.path))
        .filter(|entry| tree.resolve(&entry.path).is_ok_and(|file| !file.is_dir()))
        .map(|entry| entry.name())
        .collect();
    let has = |starts: &[&str]| names.iter().any(|name| starts.iter().any(|start| name.starts_with(start)));
    match (has(&["ld-linux", "ld64.so", "ld.so"]), has(&["ld-musl-"])) {
        (true, true) => usual,
        (true, false) => Libc::Glibc,
        (false, true) => Libc::Musl,
        (false, false) => Libc::None,
    }
}
