//! `runs-as-root`: the process has the rights of root, because the file says so, because the base does, or
//! because nobody said otherwise.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::Provenance;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let config = &cx.stage.config;
    // An unknown base may name a user itself, and a variable may be anything: nothing is known then.
    if config.runs_as_root() != Some(true) || (config.user.is_none() && !cx.base_is_known()) {
        return Vec::new();
    }
    let from = cx.base_line();
    let (place, message) = match config.user.as_ref().map(|u| &u.from) {
        Some(Provenance::Instruction { at, .. }) => {
            (Place::Source(*at), "the process runs as root: this USER says so".to_owned())
        }
        Some(Provenance::Base(image)) => {
            (Place::Source(from), format!("the process runs as root: {image} says so and no USER changes it"))
        }
        None => (Place::Source(from), "the process runs as root: no USER says otherwise".to_owned()),
    };
    vec![Finding::new(super::RUNS_AS_ROOT, place, message).stage(&cx.stage.identity).subject("user")]
}
