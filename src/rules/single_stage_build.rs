//! `single-stage-build`: the image that is shipped is the one that was built in.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::{Effect, EffectKind, Landing, LanguageManager, StepKind};

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    if cx.model.stages.len() != 1 {
        return Vec::new();
    }
    let runs = cx.stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some(run),
        _ => None,
    });
    let Some(effect) = runs.flat_map(|r| &r.effects).find(|e| builds(e)) else { return Vec::new() };
    let message =
        "the application is built in the image that is shipped: its build tools and sources ship with it";
    let finding = Finding::new(super::SINGLE_STAGE_BUILD, Place::Source(cx.base_line()), message)
        .stage(&cx.stage.identity)
        .subject("stage")
        .label(Place::Source(effect.at), "it is built here");
    vec![finding]
}

/// Whether an effect is part of building an application rather than of furnishing an image.
fn builds(effect: &Effect) -> bool {
    match &effect.kind {
        // What a manifest lists, or lands in the project; a tool that is installed by its name builds nothing.
        EffectKind::LanguageInstall { manager, packages, landing, .. } => {
            !matches!(manager, LanguageManager::Conda)
                && (packages.is_empty() || matches!(landing, Landing::Project(_)))
        }
        EffectKind::Spawn { program, args } => {
            let name = program.rsplit('/').next().unwrap_or(program);
            let sub = args.first().and_then(|a| a.as_deref()).unwrap_or_default();
            match name {
                "make" | "cmake" | "ninja" | "gcc" | "g++" | "cc" | "clang" | "rustc" | "javac" | "mvn"
                | "gradle" | "gradlew" | "mvnw" | "tsc" | "webpack" => true,
                "go" => matches!(sub, "build" | "install" | "get"),
                "cargo" => matches!(sub, "build" | "install"),
                "dotnet" => matches!(sub, "build" | "publish"),
                "npm" | "yarn" | "pnpm" => matches!(sub, "run" | "build"),
                _ => false,
            }
        }
        _ => false,
    }
}
