//! `non-minimal-base`: the final image stands on a base made for building or for people, not for one process.

use super::StageCx;
use crate::finding::{Finding, Place};

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let Some(facts) = cx.root_facts() else { return Vec::new() };
    if facts.minimal {
        return Vec::new();
    }
    let brought = cx.brought_by_base();
    if brought == 0 {
        return Vec::new();
    }
    let base = cx.root_base_text();
    let message = format!("{base} is not a minimal base: it brings {brought} tools into the final image");
    let finding = Finding::new(super::NON_MINIMAL_BASE, Place::Source(cx.base_line()), message);
    vec![finding.stage(&cx.stage.identity).subject(base)]
}
