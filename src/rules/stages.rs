//! `unused-stage`, `duplicate-stage-name`.

use super::FileCx;
use crate::finding::{Finding, Place};
use crate::model::Base;

pub(super) fn unused(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    let stages = model.stages.iter().filter(|stage| !stage.reachable);
    // Of stages that stand on each other the top one is told.
    let used = |id| model.stages.iter().any(|other| !other.reachable && other.uses().contains(&id));
    let loose = stages.filter(|stage| !used(stage.id) && !matches!(stage.base, Base::Unresolved));
    loose
        .map(|stage| {
            let label = stage.label();
            let message = format!(
                "nothing uses stage {label}, so BuildKit never builds it; name it with --target if somebody does"
            );
            let at = model.at(model.dockerfile.instructions()[stage.from].span);
            Finding::new(super::UNUSED_STAGE, Place::Source(at), message).subject(label)
        })
        .collect()
}

pub(super) fn duplicate_name(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    let mut found = Vec::new();
    for (at, stage) in model.stages.iter().enumerate() {
        let Some((name, span)) = &stage.name else { continue };
        let same = |other: &&crate::model::Stage| {
            other.name.as_ref().is_some_and(|(n, _)| n.eq_ignore_ascii_case(name))
        };
        let Some(first) = model.stages[..at].iter().find(same) else { continue };
        let message =
            format!("a stage above is called {name} as well: which of them is meant depends on the place");
        let mut finding = Finding::new(super::DUPLICATE_STAGE_NAME, Place::Source(model.at(*span)), message)
            .subject(name.to_lowercase());
        if let Some((_, span)) = &first.name {
            finding = finding.label(Place::Source(model.at(*span)), format!("the first {name}"));
        }
        found.push(finding);
    }
    found
}
