//! The JSON documents of image layouts and of `docker save`.

use crate::ReadError;
use crate::config::or_default;
use crate::image::Platform;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A reference to a blob.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) annotations: BTreeMap<String, String>,
    platform: Option<PlatformFields>,
    #[serde(default, deserialize_with = "or_default")]
    artifact_type: String,
}

#[derive(Clone, Debug, Deserialize)]
struct PlatformFields {
    #[serde(default, deserialize_with = "or_default")]
    architecture: String,
    #[serde(default, deserialize_with = "or_default")]
    os: String,
    variant: Option<String>,
}

/// A document that a descriptor leads to: an index or a manifest.
#[derive(Debug)]
pub(crate) enum Document {
    Index(Vec<Descriptor>),
    Manifest(Manifest),
}

/// The parts of one image.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
}

/// An image in an archive of `docker save`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DockerImage {
    pub(crate) config: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) repo_tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) layers: Vec<String>,
}

impl Descriptor {
    /// Whether it leads to something else than an image: a signature, an attestation, a chart.
    pub(crate) fn is_no_image(&self) -> bool {
        !self.artifact_type.is_empty()
            || self.annotations.contains_key("vnd.docker.reference.type")
            || self.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
    }

    /// Whether it says that it leads to an image's manifest, so that it need not be read to know.
    pub(crate) fn is_manifest(&self) -> bool {
        matches!(
            self.media_type.as_str(),
            "application/vnd.oci.image.manifest.v1+json"
                | "application/vnd.docker.distribution.manifest.v2+json"
        )
    }

    /// The platform, if it is told.
    pub(crate) fn platform(&self) -> Option<Platform> {
        let fields = self.platform.as_ref()?;
        let variant = fields.variant.clone().filter(|variant| !variant.is_empty());
        Some(Platform { os: fields.os.clone(), architecture: fields.architecture.clone(), variant })
    }

    /// What the image is called.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
            .iter()
            .filter_map(|key| self.annotations.get(*key))
    }
}

impl Document {
    /// # Errors
    /// If it is neither, or both: then readers would not agree on what it is.
    pub(crate) fn parse(name: &str, json: &[u8]) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            schema_version: Option<u32>,
            manifests: Option<Vec<Descriptor>>,
            config: Option<Descriptor>,
            layers: Option<Vec<Descriptor>>,
        }
        let fields: Fields = parse(name, json)?;
        if fields.schema_version == Some(1) {
            return Err(ReadError::invalid(name, "a manifest of the old schema 1, which is not read"));
        }
        match (fields.manifests, fields.config, fields.layers) {
            (Some(manifests), None, None) => Ok(Self::Index(manifests)),
            (None, Some(config), layers) => {
                Ok(Self::Manifest(Manifest { config, layers: layers.unwrap_or_default() }))
            }
            _ => Err(ReadError::invalid(name, "neither an index nor the manifest of an image")),
        }
    }
}

/// # Errors
/// What does not fit, with line and column.
pub(crate) fn parse<T: DeserializeOwned>(name: &str, json: &[u8]) -> Result<T, ReadError> {
    serde_json::from_slice(json).map_err(|error| ReadError::invalid(name, error.to_string()))
}
