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
    let mut found = Vec::new();
    for seen in seen {
        // A compose file that does not run the project's own image as it is shipped is for developing it.
        let development = !seen.sightings.iter().any(|sighting| is_shipped(sighting, &own));
        for sighting in &seen.sightings {
            let Refers::Image(name) = &sighting.refers else { continue };
            let used = &sighting.used;
            let is_foreign = matches!(used.kind, FileKind::Compose | FileKind::Yaml)
                && sighting.is_run_only
                && !own.has_last(name)
                && found.len() < MAX_IMAGES;
            let Some(image) = used.image.clone().filter(|_| is_foreign) else { continue };
            let development = used.development.is_likely() || development && used.kind == FileKind::Compose;
            found.push(Foreign { name: name.clone(), image, at: used.at.clone(), development });
        }
    }
    found.sort_by(|a, b| a.at.cmp(&b.at));
    found
}

/// Whether a service runs what the project builds, and not for development.
fn is_shipped(sighting: &Sighting, own: &Names) -> bool {
    let is_own = match &sighting.refers {
        Refers::Build => true,
        Refers::Image(name) => !sighting.is_run_only || own.has_last(name),
        _ => false,
    };
    is_own && !sighting.used.development.is_likely()
}
