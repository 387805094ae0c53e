//! `manifest-privilege-escalation`: a process of the container can get more rights than it starts with.

use super::StageCx;
use crate::finding::Finding;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let found = cx.deployed.iter().filter_map(|deployed| {
        let security = &deployed.found.container().security;
        let message = match (security.privileged, security.escalation) {
            (Some(true), _) => "is privileged: it can do to the node whatever root can",
            (_, Some(false)) => return None,
            _ => "may get more rights than it starts with: set `allowPrivilegeEscalation: false`",
        };
        let message = format!("{} {message}", deployed.title());
        Some(deployed.finding(super::MANIFEST_PRIVILEGE_ESCALATION, cx, security.at, "", message))
    });
    found.collect()
}
