//! `later-stage-reference`: FROM names a stage that comes later, which to BuildKit is an image.

use super::FileCx;
use crate::finding::{Finding, Place};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    model
        .later_references
        .iter()
        .map(|reference| {
            let name = &reference.name;
            let message = format!(
                "`{name}` is a stage further down, so the builder pulls an image called {name} instead: \
                 move the stage above this line"
            );
            let stage = model.stage(reference.stage);
            let from = model.dockerfile.instructions()[stage.from].span;
            Finding::new(super::LATER_STAGE_REFERENCE, Place::Source(reference.at), message)
                .subject(name.clone())
                .label(Place::Source(model.at(from)), format!("{name} is defined here"))
        })
        .collect()
}
