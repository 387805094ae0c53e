//! `third-party-image-unscanned`: an image of somebody else's that the project runs, and that nobody scans, or that nobody
//! mends any more.

use std::collections::BTreeMap;

use barehull_catalog::{Eol, ImageRef};

use super::FileCx;
use super::no_update_automation::is_for_tests;
use crate::finding::{Finding, Severity};
use crate::project::ProjectPath;
use crate::project::outside::{Foreign, Target};

/// Who publishes images for everybody, beside Docker Hub's own: starts of names. What else has an owner in its name may be
/// built by another project of the same people, and scanned there.
const PUBLISHERS: [&str; 26] = [
    "bitnami/",
    "bitnamilegacy/",
    "cgr.dev/chainguard/",
    "confluentinc/",
    "docker.elastic.co/",
    "fluent/",
    "gcr.io/distroless/",
    "ghcr.io/dexidp/",
    "grafana/",
    "hashicorp/",
    "jaegertracing/",
    "keycloak/",
    "mcr.microsoft.com/",
    "minio/",
    "nginxinc/",
    "nvcr.io/nvidia/",
    "openzipkin/",
    "otel/",
    "prom/",
    "provectuslabs/",
    "public.ecr.aws/docker/library/",
    "quay.io/keycloak/",
    "quay.io/minio/",
    "quay.io/prometheus/",
    "registry.access.redhat.com/",
    "registry.k8s.io/",
];
/// Images of one finding that are named.
const NAMED: usize = 5;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let is_used = |foreign: &&Foreign| !foreign.development && !is_for_others(&foreign.at.path);
    let foreign: Vec<&Foreign> = cx.around.foreign_of(cx.path).filter(is_used).collect();
    let mut found = ended(cx, &foreign);
    if cx.around.has_ci && !cx.around.may_scan {
        found.extend(unscanned(cx, &foreign));
    }
    found
}

/// One finding for each image of a file that is past its end of life.
fn ended(cx: &FileCx<'_>, foreign: &[&Foreign]) -> Vec<Finding> {
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for foreign in foreign {
        let Some(eol) = end_of_life(cx, foreign) else { continue };
        let place = cx.place(&foreign.at);
        let subject = format!("{}: {} {} {}", foreign.at.path, foreign.name, eol.product, eol.cycle);
        if let Some(known) = found.get_mut(&subject) {
            known.related.push(crate::finding::Label { place, text: "it runs here, too".to_owned() });
            continue;
        }
        let message = format!(
            "{} is {} {}, which has had no fixes since {}: take a newer one",
            foreign.image, eol.product, eol.cycle, eol.date
        );
        let finding = Finding::new(super::THIRD_PARTY_IMAGE_UNSCANNED, place, message).subject(&subject);
        found.insert(subject, finding);
    }
    found.into_values().collect()
}

/// The end of what the image is for, else of what it stands on, if that is past.
fn end_of_life(cx: &FileCx<'_>, foreign: &Foreign) -> Option<Eol> {
    let today = cx.today?;
    // A version that a variable may change is not known.
    foreign.name.tag()?;
    let image: ImageRef = foreign.image.parse().ok()?;
    let facts = cx.catalog.image(&image)?;
    let past = facts.eol.iter().filter(|eol| eol.date < today);
    past.min_by_key(|eol| super::end_of_life::is_distribution(&eol.product)).cloned()
}

/// One finding for each file, about the images of it that no job scans.
fn unscanned(cx: &FileCx<'_>, foreign: &[&Foreign]) -> Vec<Finding> {
    let scans = &cx.around.scans;
    if scans.iter().any(|scan| scan.target == Target::Unknown) {
        return Vec::new();
    }
    let is_scanned = |foreign: &Foreign| {
        scans.iter().any(|scan| matches!(&scan.target, Target::Image(name) if name.is_same(&foreign.name)))
    };
    let mut files: BTreeMap<&ProjectPath, Vec<&Foreign>> = BTreeMap::new();
    for foreign in foreign.iter().filter(|foreign| is_published(foreign) && !is_scanned(foreign)) {
        let of_file = files.entry(&foreign.at.path).or_default();
        if of_file.iter().all(|known| known.image != foreign.image) {
            of_file.push(foreign);
        }
    }
    files.into_iter().filter_map(|(path, images)| finding(cx, path, &images)).collect()
}

fn finding(cx: &FileCx<'_>, path: &ProjectPath, images: &[&Foreign]) -> Option<Finding> {
    let (first, others) = images.split_first()?;
    let names: Vec<&str> = images.iter().map(|foreign| foreign.image.as_str()).collect();
    let listed = match names.as_slice() {
        [all @ .., last] if !all.is_empty() && names.len() <= NAMED => {
            format!("{} and {last}", all.join(", "))
        }
        [one] => (*one).to_owned(),
        many => format!("{} and {} more", many[..NAMED].join(", "), many.len() - NAMED),
    };
    let message =
        format!("the project runs {listed}, and nothing in its CI looks for packages with known holes there");
    let mut finding = Finding::new(super::THIRD_PARTY_IMAGE_UNSCANNED, cx.place(&first.at), message)
        .subject(format!("{path}: unscanned"));
    finding.severity = Severity::Info;
    Some(others.iter().fold(finding, |finding, foreign| {
        finding.label(cx.place(&foreign.at), format!("and {}", foreign.image))
    }))
}

/// Whether somebody publishes the image for everybody.
fn is_published(foreign: &Foreign) -> bool {
    let name = foreign.name.as_str();
    !name.contains('*') && (!name.contains('/') || PUBLISHERS.iter().any(|start| name.starts_with(start)))
}

/// Whether a file is for tests, for examples or for the machines of developers, by its name.
fn is_for_others(path: &ProjectPath) -> bool {
    let words =
        ["test", "tests", "testing", "e2e", "ci", "local", "example", "sample", "demo", "bench", "benchmark"];
    let name = path.file_name().to_ascii_lowercase();
    is_for_tests(path) || name.split(['.', '-', '_']).any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_others_are_told_by_their_names() {
        let table = [
            ("compose.yaml", false),
            ("deploy/latest.yaml", false),
            ("docker-compose.test.yml", true),
            ("docker-compose-ci.yml", true),
            ("examples/compose.yaml", true),
            ("k8s/local.yaml", true),
        ];
        for (path, expected) in table {
            assert_eq!(is_for_others(&ProjectPath::new(path).unwrap()), expected, "{path}");
        }
    }
}
