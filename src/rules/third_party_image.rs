//! `third-party-image-unscanned`: an image of somebody else's that the project runs, and that nobody scans, or that nobody
//! mends any more.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use barehull_catalog::{Eol, ImageRef};

use super::FileCx;
use super::end_of_life::is_distribution;
use super::no_update_automation::is_for_tests;
use crate::finding::{Finding, Label, Severity};
use crate::model::Base;
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
/// Words in the names of files and folders that are not for production.
const FOR_OTHERS: [&str; 24] = [
    "bench",
    "benchmark",
    "benchmarks",
    "ci",
    "contrib",
    "cypress",
    "ddev",
    "demo",
    "demos",
    "dev",
    "devcontainer",
    "development",
    "e2e",
    "example",
    "examples",
    "local",
    "playwright",
    "sample",
    "samples",
    "template",
    "templates",
    "test",
    "testing",
    "tests",
];
/// Images of one finding that are named.
const NAMED: usize = 5;
/// Places of them that are shown.
const LABELLED: usize = 20;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let is_used = |foreign: &&Foreign| !foreign.development && !is_for_others(&foreign.at.path);
    let (mut ended, mut others) = (BTreeMap::new(), Vec::new());
    for foreign in cx.around.foreign_of(cx.path).filter(is_used) {
        match end_of_life(cx, foreign) {
            // What the Dockerfile stands on is told there.
            Some(eol) if is_own_base(cx, &eol) => {}
            Some(eol) => add_ended(cx, foreign, &eol, &mut ended),
            None => others.push(foreign),
        }
    }
    let mut found: Vec<Finding> = ended.into_values().collect();
    if cx.around.has_ci && !cx.around.may_scan {
        found.extend(unscanned(cx, &others));
    }
    found
}

/// Adds what is said of an image past its end of life: once for each version in a file.
fn add_ended(cx: &FileCx<'_>, foreign: &Foreign, eol: &Eol, found: &mut BTreeMap<String, Finding>) {
    let place = cx.place(&foreign.at);
    let subject = format!("{}: {} {} {}", foreign.at.path, foreign.name, eol.product, eol.cycle);
    match found.entry(subject) {
        Entry::Occupied(mut known) => {
            known.get_mut().related.push(Label { place, text: "it runs here, too".to_owned() });
        }
        Entry::Vacant(free) => {
            let message = format!(
                "{} is {} {}, which has had no fixes since {}: take a newer one",
                shown(foreign),
                eol.product,
                eol.cycle,
                eol.date
            );
            let finding = Finding::new(super::THIRD_PARTY_IMAGE_UNSCANNED, place, message);
            let subject = free.key().clone();
            free.insert(finding.subject(subject));
        }
    }
}

/// The end of what the image is for, if that is past. That of the distribution below counts only where the tag names it:
/// what others stand on is moved while the tag stays.
fn end_of_life(cx: &FileCx<'_>, foreign: &Foreign) -> Option<Eol> {
    let today = cx.today?;
    // A version that a variable may change is not known.
    let tag = foreign.name.tag()?;
    let image: ImageRef = foreign.image.parse().ok()?;
    let facts = cx.catalog.image(&image)?;
    let names = |cycle: &str| tag.split(|c: char| !c.is_ascii_digit() && c != '.').any(|part| part == cycle);
    let counts = |eol: &&Eol| !is_distribution(&eol.product) || names(&eol.cycle);
    let past = facts.eol.iter().filter(|eol| eol.date < today).filter(counts);
    past.min_by_key(|eol| is_distribution(&eol.product)).cloned()
}

/// Whether a stage of the Dockerfile stands on the same version of the same thing.
fn is_own_base(cx: &FileCx<'_>, eol: &Eol) -> bool {
    cx.model.stages.iter().any(|stage| match &stage.base {
        Base::Image { facts: Some(facts), .. } => {
            facts.eol.iter().any(|own| (&own.product, &own.cycle) == (&eol.product, &eol.cycle))
        }
        _ => false,
    })
}

/// One finding about all images that no job scans.
fn unscanned(cx: &FileCx<'_>, foreign: &[&Foreign]) -> Option<Finding> {
    let scans = &cx.around.scans;
    if scans.iter().any(|scan| scan.target == Target::Unknown) {
        return None;
    }
    let is_scanned = |foreign: &Foreign| {
        scans.iter().any(|scan| matches!(&scan.target, Target::Image(name) if name.is_same(&foreign.name)))
    };
    let mut images: Vec<(String, &Foreign)> = Vec::new();
    for foreign in foreign.iter().filter(|foreign| is_published(foreign) && !is_scanned(foreign)) {
        let name = shown(foreign);
        if images.iter().all(|(known, _)| *known != name) {
            images.push((name, foreign));
        }
    }
    let ((_, first), others) = images.split_first()?;
    let names: Vec<&str> = images.iter().map(|(name, _)| name.as_str()).collect();
    let listed = match names.as_slice() {
        [one] => (*one).to_owned(),
        [all @ .., last] if names.len() <= NAMED => format!("{} and {last}", all.join(", ")),
        many => format!("{} and {} more", many[..NAMED].join(", "), many.len() - NAMED),
    };
    let message =
        format!("the project runs {listed}, and nothing in its CI looks for packages with known holes there");
    let mut finding =
        Finding::new(super::THIRD_PARTY_IMAGE_UNSCANNED, cx.place(&first.at), message).subject("unscanned");
    finding.severity = Severity::Info;
    let labelled = others.iter().take(LABELLED);
    Some(labelled.fold(finding, |finding, (name, foreign)| {
        finding.label(cx.place(&foreign.at), format!("{name}, too"))
    }))
}

/// The image without its digest.
fn shown(foreign: &Foreign) -> String {
    let name = foreign.name.as_str();
    foreign.name.tag().map_or_else(|| name.to_owned(), |tag| format!("{name}:{tag}"))
}

/// Whether somebody publishes the image for everybody.
fn is_published(foreign: &Foreign) -> bool {
    let name = foreign.name.as_str();
    !name.contains('*') && (!name.contains('/') || PUBLISHERS.iter().any(|start| name.starts_with(start)))
}

/// Whether a file is for tests, for examples or for the machines of developers, by its name or its folders'.
fn is_for_others(path: &ProjectPath) -> bool {
    let is_telling = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.split(['.', '-', '_']).any(|word| FOR_OTHERS.contains(&word))
    };
    is_for_tests(path) || path.as_str().split('/').any(is_telling)
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
            ("Shop.Tests/compose.yaml", true),
            (".devcontainer/docker-compose.yml", true),
            ("devices/compose.yaml", false),
        ];
        for (path, expected) in table {
            assert_eq!(is_for_others(&ProjectPath::new(path).unwrap()), expected, "{path}");
        }
    }
}
