//! `healthcheck-not-asked`: a manifest runs the image without a probe, and Kubernetes never reads its HEALTHCHECK.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::Health;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let health = cx.stage.config.healthcheck.as_ref();
    let own = health.filter(|h| matches!(h.value, Health::Check { .. })).and_then(|h| h.from.location());
    let Some(health) = own else { return Vec::new() };
    let unasked = cx.deployed.iter().filter(|deployed| deployed.found.is_unasked());
    let found = unasked.map(|deployed| {
        let message = format!(
            "{} has no probe, and Kubernetes does not read the image's HEALTHCHECK: nothing asks how it is",
            deployed.title()
        );
        let finding = deployed.finding(super::HEALTHCHECK_NOT_ASKED, cx, None, "", message);
        finding.label(Place::Source(health), "what nobody asks")
    });
    found.collect()
}
