//! `manifest-capabilities`: a container keeps the capabilities that the container runtime gives to all.

use super::StageCx;
use crate::finding::Finding;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let found = cx.deployed.iter().filter_map(|deployed| {
        let security = &deployed.found.container().security;
        let drops_all = security.drop.iter().any(|name| name.eq_ignore_ascii_case("ALL"));
        let adds_all = security.add.iter().any(|name| name.eq_ignore_ascii_case("ALL"));
        let message = match (drops_all, adds_all) {
            (_, true) => "has all capabilities: add the one it needs by name",
            (true, false) => return None,
            (false, false) => {
                "keeps the capabilities that every container gets: drop `ALL`, add what it needs"
            }
        };
        let message = format!("{} {message}", deployed.title());
        Some(deployed.finding(super::MANIFEST_CAPABILITIES, cx, security.at, "", message))
    });
    found.collect()
}
