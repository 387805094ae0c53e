//! `eol-base`, `eol-runtime`: nobody mends what the image is made of any more.

use barehull_catalog::{Date, ImageFacts};

use super::{FileCx, RuleMeta};
use crate::finding::{Finding, Label, Place, Severity};
use crate::model::{Base, Stage};

/// Products whose cycles are distributions.
const DISTRIBUTIONS: [&str; 16] = [
    "debian",
    "ubuntu",
    "alpine-linux",
    "centos",
    "centos-stream",
    "rhel",
    "rocky-linux",
    "almalinux",
    "oracle-linux",
    "fedora",
    "amazon-linux",
    "opensuse",
    "sles",
    "azure-linux",
    "photon",
    "distroless",
];

/// Whether the cycles of a product are those of a distribution.
pub(super) fn is_distribution(product: &str) -> bool {
    DISTRIBUTIONS.contains(&product)
}

pub(super) fn base(cx: &FileCx<'_>) -> Vec<Finding> {
    findings(cx, super::EOL_BASE, true)
}

pub(super) fn runtime(cx: &FileCx<'_>) -> Vec<Finding> {
    findings(cx, super::EOL_RUNTIME, false)
}

fn findings(cx: &FileCx<'_>, rule: &'static RuleMeta, distribution: bool) -> Vec<Finding> {
    let Some(today) = cx.today else { return Vec::new() };
    let shipped = super::language::ShippedStages::of(cx.model);
    let mut found: Vec<Finding> = Vec::new();
    for stage in cx.model.stages.iter().filter(|stage| stage.reachable) {
        let Some(mut finding) = of_stage(cx, stage, rule, distribution, today) else { continue };
        if !shipped.contains(stage) {
            finding.severity = Severity::Info;
        }
        // An image that several stages start from is told once.
        match found.iter_mut().find(|known| known.message == finding.message) {
            Some(known) => {
                let label = Label { place: finding.place, text: "this stage too".to_owned() };
                known.related.push(label);
                known.severity = known.severity.max(finding.severity);
            }
            None => found.push(finding),
        }
    }
    found
}

fn of_stage(
    cx: &FileCx<'_>,
    stage: &Stage,
    rule: &'static RuleMeta,
    distribution: bool,
    today: Date,
) -> Option<Finding> {
    let Base::Image { facts: Some(facts), .. } = &stage.base else { return None };
    let facts: &ImageFacts = facts;
    let ended =
        facts.eol.iter().find(|eol| eol.date < today && is_distribution(&eol.product) == distribution)?;
    let message = format!(
        "{} stands on {} {}, which has had no fixes since {}: take a newer one",
        stage.base_text, ended.product, ended.cycle, ended.date
    );
    let finding = Finding::new(rule, Place::Source(cx.model.at(stage.base_span)), message);
    Some(finding.subject(format!("{} {}", ended.product, ended.cycle)))
}
