//! Archives of `docker save`: `manifest.json` names configuration and layers of each image.

use crate::digest::Digest;
use crate::image::OpenOptions;
use crate::layer::{Blob, Parts};
use crate::manifest::{DockerImage, parse};
use crate::oci::{is_name, parse_config};
use crate::store::Store;
use crate::{Limits, ReadError};

/// The list of images.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Whether there is such a list with an image in it. A root file system may hold a file of that name, too.
pub(crate) fn is_saved(store: &Store, limits: &Limits) -> bool {
    match store {
        Store::Archive(_) => store.holds(MANIFEST),
        Store::Folder(_) => store
            .read(MANIFEST, limits.json_bytes)
            .and_then(|json| parse::<Vec<DockerImage>>(MANIFEST, &json))
            .is_ok_and(|images| images.iter().any(|image| store.holds(&image.config))),
    }
}

/// The parts of the image that the options mean.
pub(crate) fn parts(store: &Store, options: &OpenOptions) -> Result<Parts, ReadError> {
    let limits = &options.limits;
    let images: Vec<DockerImage> = parse(MANIFEST, &store.read(MANIFEST, limits.json_bytes)?)?;
    let choices = || -> Vec<String> { images.iter().map(choice).collect() };
    let is_meant = |image: &&DockerImage| match &options.name {
        Some(wanted) => {
            image.config.contains(wanted) || image.repo_tags.iter().any(|tag| is_name(wanted, tag))
        }
        None => true,
    };
    let meant: Vec<&DockerImage> = images.iter().filter(is_meant).collect();
    let image = match (meant.as_slice(), &options.name) {
        ([one], _) => *one,
        ([], Some(wanted)) => return Err(ReadError::NoMatch { wanted: wanted.clone(), choices: choices() }),
        ([], None) => return Err(ReadError::Missing { name: format!("an image in {MANIFEST}") }),
        _ => return Err(ReadError::Ambiguous { choices: choices() }),
    };
    let json = store.read(&image.config, limits.json_bytes)?;
    let digest = Digest::of_file_name(&image.config);
    if let Some(digest) = &digest {
        let mut hasher = digest.hasher();
        hasher.update(&json);
        digest.check(&image.config, hasher)?;
    }
    let config = parse_config(&image.config, &json)?;
    // Blobs of the newer form are named by their digests; the older form is checked by the configuration.
    let blob = |name: &String| Blob { name: name.clone(), size: None, digest: Digest::of_file_name(name) };
    Ok(Parts {
        config,
        layers: image.layers.iter().map(blob).collect(),
        name: image.repo_tags.first().cloned(),
        digest: digest.map(|digest| digest.as_str().to_owned()),
    })
}

fn choice(image: &DockerImage) -> String {
    if image.repo_tags.is_empty() { image.config.clone() } else { image.repo_tags.join("  ") }
}
