//! The image in numbers.

use barehull_image::{Entry, Image, Kind};

use crate::analysis::{BuiltImage, BuiltLayer};

/// What the image consists of.
pub(super) fn of(image: &Image) -> BuiltImage {
    let files = image.tree.iter().filter(|entry| entry.kind == Kind::File).count();
    let layers = image.layers.iter().map(|layer| BuiltLayer {
        created_by: super::subject::step_in_words(&layer.created_by).into_owned(),
        stored_bytes: layer.size,
        entries: layer.entries,
    });
    BuiltImage {
        name: image.name.clone(),
        os: operating_system(image),
        architecture: image.config.architecture.clone(),
        stored_bytes: image.size(),
        visible_bytes: image.visible_size(),
        files: files as u64,
        layers: layers.collect(),
        packages: packages(image),
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

/// `Debian 12`, from the words of os-release.
fn operating_system(image: &Image) -> Option<String> {
    let file = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|path| image.tree.resolve(path).ok().and_then(Entry::text))?;
    let text = String::from_utf8_lossy(file);
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned())
    };
    let name = value("NAME").map(|name| name.trim_end_matches(" GNU/Linux").to_owned())?;
    Some(value("VERSION_ID").map_or_else(|| name.clone(), |version| format!("{name} {version}")))
}
