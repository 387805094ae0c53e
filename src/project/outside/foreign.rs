//! Images that manifests and compose files run, and that the project does not build.

use super::matching::Names;
use super::{ImageName, Refers, Seen, Sighting};
use crate::project::{FileKind, Spot};

/// Images that are kept.
const MAX_IMAGES: usize = 1_000;

/// An image of somebody else's that the project runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its name.
    pub name: ImageName,
    /// As written, variables resolved as far as they could be (`*` for the rest).
    pub image: String,
    /// The service or container.
    pub at: Spot,
    /// Whether it is for development.
    pub development: bool,
}

/// Such images of all files, by file and place. One that is called as another one that the project builds may be that one.
pub(in super::super) fn foreign_images(seen: &[Seen]) -> Vec<Foreign> {
    let sightings: Vec<&Sighting> = seen.iter().flat_map(|seen| &seen.sightings).collect();
    let own = Names::of_builds(&sightings);
    let runs = sightings.into_iter().filter(|sighting| {
        matches!(sighting.used.kind, FileKind::Compose | FileKind::Yaml) && !sighting.is_built_elsewhere
    });
    let foreign = runs.filter_map(|sighting| {
        let Refers::Image(name) = &sighting.refers else { return None };
        let used = &sighting.used;
        let (at, development) = (used.at.clone(), used.development);
        let image = used.image.clone()?;
        (!own.has_last(name)).then(|| Foreign { name: name.clone(), image, at, development })
    });
    let mut found: Vec<Foreign> = foreign.take(MAX_IMAGES).collect();
    found.sort_by(|a, b| a.at.cmp(&b.at));
    found
}
