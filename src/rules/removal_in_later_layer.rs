//! `removal-in-later-layer`: what a RUN removes is still in the layer that brought it.

use super::FileCx;
use super::language::one_line;
use crate::finding::{Finding, Place};
use crate::model::{Effect, EffectKind, Sink, Stage, Step, StepKind};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let stages = cx.model.stages.iter().filter(|stage| cx.shipped.contains(stage));
    stages.flat_map(|stage| of_stage(cx, stage)).collect()
}

fn of_stage(cx: &FileCx<'_>, stage: &Stage) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, step) in stage.steps.iter().enumerate() {
        let StepKind::Run(run) = &step.kind else { continue };
        let is_removal = |effect: &&Effect| {
            matches!(effect.kind, EffectKind::Remove { .. } | EffectKind::Uninstall { .. })
        };
        for effect in run.effects.iter().filter(is_removal) {
            let brought = stage.steps[..at].iter().rev().find(|earlier| {
                // What this RUN brings itself is no earlier layer's.
                brings(earlier, effect) && !run.effects.iter().any(|own| makes(own, effect))
            });
            let Some(earlier) = brought else { continue };
            let what = match &effect.kind {
                EffectKind::Remove { path, .. } => path.clone(),
                EffectKind::Uninstall { packages, .. } => {
                    packages.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(" ")
                }
                _ => continue,
            };
            let what = one_line(&what);
            let message = format!("still in the layer that brought it, so remove it in the same RUN: {what}");
            let finding = Finding::new(super::REMOVAL_IN_LATER_LAYER, Place::Source(effect.at), message);
            let brought = Place::Source(cx.model.at(cx.model.instruction(earlier).span));
            found.push(finding.stage(&stage.identity).subject(what).label(brought, "this layer keeps it"));
        }
    }
    found
}

/// Whether a step brings what `removal` takes away.
fn brings(step: &Step, removal: &Effect) -> bool {
    match (&step.kind, &removal.kind) {
        (StepKind::Run(run), _) => {
            run.effects.iter().any(|effect| makes(effect, removal))
                && !run.effects.iter().any(|effect| undoes(effect, removal))
        }
        (StepKind::Transfer(transfer), EffectKind::Remove { path, .. }) => {
            let Some(dest) = transfer.dest.as_deref() else { return false };
            // A file that is copied into a folder has its own name there.
            let names = transfer.sources.iter().flatten().map(|s| s.trim_end_matches('/'));
            let names = names.map(|s| s.rsplit('/').next().unwrap_or(s));
            dest.trim_end_matches('/') == path.as_str()
                || dest.ends_with('/') && names.into_iter().any(|name| *path == format!("{dest}{name}"))
        }
        _ => false,
    }
}

/// Whether an effect takes away what `removal` does.
fn undoes(effect: &Effect, removal: &Effect) -> bool {
    match (&effect.kind, &removal.kind) {
        (EffectKind::Remove { path: first, .. }, EffectKind::Remove { path, .. }) => first == path,
        (EffectKind::Uninstall { packages: first, .. }, EffectKind::Uninstall { packages, .. }) => {
            packages.iter().all(|gone| first.iter().any(|f| f.name == gone.name))
        }
        _ => false,
    }
}

/// Whether an effect makes what `removal` takes away.
fn makes(effect: &Effect, removal: &Effect) -> bool {
    match (&effect.kind, &removal.kind) {
        (EffectKind::Fetch { to: Sink::File(made), .. }, EffectKind::Remove { path, .. }) => made == path,
        (
            EffectKind::Install { packages: made, manager, group, .. },
            EffectKind::Uninstall { packages, manager: other, .. },
        ) => {
            let brought = |name: &str| group.as_deref() == Some(name) || made.iter().any(|m| m.name == name);
            manager == other && packages.iter().any(|gone| brought(&gone.name))
        }
        _ => false,
    }
}
