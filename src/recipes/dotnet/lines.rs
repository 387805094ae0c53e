//! RUN lines of the stages that become the image: which of them the new base makes needless.

use super::super::contents;
use super::super::plan::Plan;
use super::super::runtime_steps;
use super::super::shape::Target;
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, StepKind};

/// What the RUN lines come to.
pub(super) struct Lines {
    /// Whether all of them go.
    pub go: bool,
    /// Whether they install ICU.
    pub icu: bool,
}

/// Reads the RUN lines of the lineage; those that can go are put into `target.drop`.
pub(super) fn read(plan: &mut Plan<'_, '_>, target: &mut Target, evidence: &Evidence) -> Lines {
    let mut lines = Lines { go: true, icu: false };
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    // Folders that hold something by now.
    let mut filled: Vec<String> = Vec::new();
    for stage in lineage.into_iter().rev() {
        for step in &stage.steps {
            let StepKind::Run(run) = &step.kind else {
                if matches!(step.kind, StepKind::Transfer(_)) {
                    filled.extend(contents::landings(stage));
                }
                continue;
            };
            let edited = runtime_steps::edited_by(run);
            if let Some(path) =
                edited.as_ref().filter(|p| ["/etc", "/usr", "/lib"].iter().any(|f| p.starts_with(f)))
            {
                let at = plan.cx.model.at(plan.cx.model.instruction(step).span);
                plan.block(
                    format!(
                        "this RUN changes {path} of the old base: copy the changed file from a build stage"
                    ),
                    at,
                );
            }
            let mut goes = edited.is_none();
            for effect in &run.effects {
                goes &= is_needless(plan, effect, evidence, &filled, &mut lines);
            }
            if goes {
                target.drop.insert(step.instruction);
            }
            lines.go &= goes;
        }
    }
    lines
}

fn is_needless(
    plan: &mut Plan<'_, '_>,
    effect: &Effect,
    evidence: &Evidence,
    filled: &[String],
    lines: &mut Lines,
) -> bool {
    if let EffectKind::Install { packages, root: None, .. } = &effect.kind {
        for package in packages {
            let name = package.name.as_str();
            if name.starts_with("icu-") || name.starts_with("libicu") {
                lines.icu = true;
            } else if name == "tzdata" {
                // Only the image with ICU has time zones.
                lines.icu |=
                    plan.cx.stage.os.as_ref().is_some_and(|o| o.family == barehull_catalog::Family::Alpine);
            } else if !runtime_steps::is_covered(name) {
                runtime_steps::judge_package(plan, package);
            }
        }
        return true;
    }
    match &effect.kind {
        // The folder is empty yet: it only says who may make files beside the program.
        EffectKind::Chown { path, .. } if evidence.writes.is_empty() && evidence.complete => {
            let path = path.trim_end_matches('/');
            let empty = !filled.iter().any(|f| f == path || f.starts_with(&format!("{path}/")));
            if empty {
                plan.assume(format!("the process makes no files in {path}"), Some(effect.at));
            }
            empty
        }
        _ => runtime_steps::is_needless(effect),
    }
}
