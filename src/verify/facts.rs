//! The image in numbers.

use barehull_image::{Image, Kind};

use crate::analysis::{BuiltImage, BuiltLayer};
use crate::describe::os_release::OsRelease;

/// What the image consists of.
pub(super) fn of(image: &Image) -> BuiltImage {
    let files = image.tree.iter().filter(|entry| entry.kind == Kind::File).count();
    let layers = image.layers.iter().map(|layer| BuiltLayer {
        created_by: super::subject::step_in_words(&layer.created_by).into_owned(),
        diff_id: layer.diff_id.clone(),
        stored_bytes: layer.size,
        entries: layer.entries,
    });
    BuiltImage {
        name: image.name.clone(),
        os: OsRelease::of(&image.tree).and_then(|words| words.title()),
        architecture: image.config.architecture.clone(),
        stored_bytes: image.size(),
        visible_bytes: image.visible_size(),
        files: files as u64,
        layers: layers.collect(),
        packages: packages(image),
        has_unread_packages: image.packages.iter().any(|database| database.packages.is_none()),
        notes: image.notes.iter().map(ToString::to_string).collect(),
    }
}

/// `name version` of what the package databases list.
fn packages(image: &Image) -> Vec<String> {
    let listed = image.packages.iter().flat_map(|database| database.packages.iter().flatten());
    let mut packages: Vec<String> =
        listed.map(|package| format!("{} {}", package.name, package.version).trim_end().to_owned()).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}
