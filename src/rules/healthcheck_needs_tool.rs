//! `healthcheck-needs-tool`: a health check that keeps a shell or a network client in the image.

use std::collections::BTreeSet;

use barehull_catalog::Role;

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::needs::Why;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let Some(at) = cx.stage.config.healthcheck.as_ref().and_then(|h| h.from.location()) else {
        return Vec::new();
    };
    let needs = cx.stage.needs.programs.iter().filter(|n| n.why == Why::HealthCheck);
    let tools: BTreeSet<&str> = needs
        .map(|n| n.name())
        .filter(|name| matches!(cx.catalog.role_of(name), Some(Role::Shell | Role::NetworkClient)))
        .collect();
    if tools.is_empty() {
        return Vec::new();
    }
    let names: Vec<_> = tools.iter().copied().collect();
    let message = format!(
        "HEALTHCHECK keeps {} in the image: check with the application's own run time",
        names.join(" and ")
    );
    let finding = Finding::new(super::HEALTHCHECK_NEEDS_TOOL, Place::Source(at), message);
    vec![
        finding
            .stage(&cx.stage.identity)
            .subject("healthcheck")
            .components(names.iter().map(|&n| n.to_owned())),
    ]
}
