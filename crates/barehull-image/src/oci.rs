//! OCI image layouts: which image of the index is meant, and its parts.

use crate::digest::Digest;
use crate::image::{OpenOptions, Platform};
use crate::layer::{Blob, Parts};
use crate::manifest::{Descriptor, Document, Manifest};
use crate::store::Store;
use crate::{ImageConfig, Limits, ReadError};
use std::collections::BTreeSet;

/// The index of a layout.
pub(crate) const INDEX: &str = "index.json";

/// An image that the index leads to.
struct Candidate {
    descriptor: Descriptor,
    names: Vec<String>,
    platform: Option<Platform>,
}

/// The parts of the image that the options mean.
pub(crate) fn parts(store: &Store, options: &OpenOptions) -> Result<Parts, ReadError> {
    let limits = &options.limits;
    let mut candidates = candidates(store, limits)?;
    if let Some(wanted) = &options.name {
        let all = choices(&candidates);
        candidates.retain(|candidate| {
            Digest::parse(&candidate.descriptor.digest).is_ok_and(|digest| digest.is_meant(wanted))
                || candidate.names.iter().any(|name| is_name(wanted, name))
        });
        some(&candidates, wanted, all)?;
    }
    let all = choices(&candidates);
    if options.platform.is_some() || candidates.len() > 1 {
        for candidate in candidates.iter_mut().filter(|candidate| candidate.platform.is_none()) {
            candidate.platform = platform_of(store, &candidate.descriptor, limits);
        }
    }
    if let Some(wanted) = &options.platform {
        candidates.retain(|candidate| candidate.platform.as_ref().is_some_and(|has| fits(wanted, has)));
        some(&candidates, &wanted.to_string(), all)?;
    } else {
        prefer_this_machine(&mut candidates);
    }
    match candidates.as_slice() {
        [] => Err(ReadError::Missing { name: format!("an image in {INDEX}") }),
        [one] => {
            let manifest = read_manifest(store, &one.descriptor, limits)?;
            let mut parts = resolve(store, &manifest, limits)?;
            parts.name = one.names.first().cloned();
            parts.digest = Some(one.descriptor.digest.clone());
            Ok(parts)
        }
        several => Err(ReadError::Ambiguous { choices: choices(several) }),
    }
}

/// All images of the index and of the indexes in it, each once.
fn candidates(store: &Store, limits: &Limits) -> Result<Vec<Candidate>, ReadError> {
    let top = store.read(INDEX, limits.json_bytes)?;
    let Document::Index(top) = Document::parse(INDEX, &top)? else {
        return Err(ReadError::invalid(INDEX, "not an index"));
    };
    let mut found: Vec<Candidate> = Vec::new();
    let mut seen = BTreeSet::new();
    // The next one last.
    let mut left: Vec<(Descriptor, Vec<String>)> =
        top.into_iter().rev().map(|next| (next, Vec::new())).collect();
    let mut count = 0;
    while let Some((descriptor, mut names)) = left.pop() {
        count += 1;
        if count > limits.manifests {
            return Err(ReadError::TooLarge {
                name: INDEX.to_owned(),
                limit: limits.manifests as u64,
                unit: "manifests",
            });
        }
        if descriptor.is_no_image() {
            continue;
        }
        names.extend(descriptor.names().cloned());
        if !seen.insert(descriptor.digest.clone()) {
            if let Some(known) = found.iter_mut().find(|known| known.descriptor.digest == descriptor.digest) {
                known.names.extend(names);
            }
            continue;
        }
        // A layout may list platforms that it does not hold; only if it holds none that is an error.
        let is_here = store.holds(&Digest::parse(&descriptor.digest)?.blob_path());
        if descriptor.is_manifest() || !is_here {
            found.push(Candidate { platform: descriptor.platform(), descriptor, names });
            continue;
        }
        match read_document(store, &descriptor, limits)? {
            Document::Index(inner) => left.extend(inner.into_iter().rev().map(|next| (next, names.clone()))),
            Document::Manifest(_) => {
                found.push(Candidate { platform: descriptor.platform(), descriptor, names });
            }
        }
    }
    let is_here = |candidate: &Candidate| {
        Digest::parse(&candidate.descriptor.digest).is_ok_and(|digest| store.holds(&digest.blob_path()))
    };
    if found.iter().any(is_here) {
        found.retain(is_here);
    }
    Ok(found)
}

/// Names and platforms, as a person would choose by.
fn choices(candidates: &[Candidate]) -> Vec<String> {
    let line = |candidate: &Candidate| {
        let mut words = candidate.names.clone();
        words.extend(candidate.platform.as_ref().map(ToString::to_string));
        words.push(candidate.descriptor.digest.clone());
        words.join("  ")
    };
    candidates.iter().map(line).collect()
}

fn some(candidates: &[Candidate], wanted: &str, choices: Vec<String>) -> Result<(), ReadError> {
    if candidates.is_empty() {
        return Err(ReadError::NoMatch { wanted: wanted.to_owned(), choices });
    }
    Ok(())
}

/// Whether an image called `name` is meant by `wanted`; a name without a tag means `latest`, and a layout may hold the
/// tag alone.
pub(crate) fn is_name(wanted: &str, name: &str) -> bool {
    let full = |name: &str| {
        let short = ["docker.io/", "library/", "localhost/"]
            .iter()
            .fold(name, |name, prefix| name.strip_prefix(prefix).unwrap_or(name));
        let has_tag = short.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
        if has_tag { short.to_owned() } else { format!("{short}:latest") }
    };
    let tag_alone = !name.contains(['/', ':']);
    wanted == name
        || full(wanted) == full(name)
        || (tag_alone && full(wanted).rsplit_once(':').is_some_and(|(_, tag)| tag == name))
}

fn fits(wanted: &Platform, has: &Platform) -> bool {
    wanted.os == has.os
        && wanted.architecture == has.architecture
        && (wanted.variant.is_none() || wanted.variant == has.variant || has.variant.is_none())
}

/// Of several images, those for this machine, else those for the most usual one.
fn prefer_this_machine(candidates: &mut Vec<Candidate>) {
    let here = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    for architecture in [here, "amd64"] {
        let wanted =
            Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None };
        let is_fit =
            |candidate: &Candidate| candidate.platform.as_ref().is_some_and(|has| fits(&wanted, has));
        if candidates.len() > 1 && candidates.iter().any(is_fit) {
            candidates.retain(is_fit);
            return;
        }
    }
}

/// What the configuration says, where the index says nothing.
fn platform_of(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Option<Platform> {
    let manifest = read_manifest(store, descriptor, limits).ok()?;
    let config = read_blob(store, &manifest.config, limits).ok()?;
    let config = ImageConfig::from_json(&config).ok()?;
    Some(Platform { os: config.os, architecture: config.architecture, variant: config.variant })
}

fn read_manifest(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Result<Manifest, ReadError> {
    match read_document(store, descriptor, limits)? {
        Document::Manifest(manifest) => Ok(manifest),
        Document::Index(_) => Err(ReadError::invalid(&descriptor.digest, "not the manifest of an image")),
    }
}

fn read_document(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Result<Document, ReadError> {
    Document::parse(&descriptor.digest, &read_blob(store, descriptor, limits)?)
}

/// The bytes of a small blob, compared with its digest.
fn read_blob(store: &Store, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let digest = Digest::parse(&descriptor.digest)?;
    let bytes = store.read(&digest.blob_path(), limits.json_bytes)?;
    let mut hasher = digest.hasher();
    hasher.update(&bytes);
    digest.check(&digest.blob_path(), hasher)?;
    Ok(bytes)
}

fn resolve(store: &Store, manifest: &Manifest, limits: &Limits) -> Result<Parts, ReadError> {
    let config = read_blob(store, &manifest.config, limits)?;
    let config = parse_config(&manifest.config.digest, &config)?;
    let blob = |descriptor: &Descriptor| {
        let digest = Digest::parse(&descriptor.digest)?;
        Ok(Blob { name: digest.blob_path(), size: Some(descriptor.size), digest: Some(digest) })
    };
    let layers = manifest.layers.iter().map(blob).collect::<Result<_, ReadError>>()?;
    Ok(Parts { config, layers, name: None, digest: None })
}

/// # Errors
/// What does not fit.
pub(crate) fn parse_config(name: &str, json: &[u8]) -> Result<ImageConfig, ReadError> {
    ImageConfig::from_json(json).map_err(|reason| ReadError::invalid(name, reason))
}
