//! The folders whose files an entrypoint script of a base image runs at the first start (`/docker-entrypoint-initdb.d`).

use crate::model::{EffectKind, Source, Stage, StepKind, Transfer};
use crate::recipes::RecipeCx;

/// What the names of such folders start with.
const FOLDER: &str = "/docker-entrypoint";

/// Files that the scripts give to the client of their database, which no program but an unpacker sees before.
const DATA: [&str; 5] = [".sql", ".sql.gz", ".sql.xz", ".sql.zst", ".sql.bz2"];

/// Whether an instruction put something there that may start programs.
pub(super) fn may_start_programs(cx: &RecipeCx<'_>) -> bool {
    cx.model.lineage(cx.stage.id).into_iter().any(|stage| {
        stage.steps.iter().any(|step| match &step.kind {
            StepKind::Transfer(transfer) => {
                lands_there(transfer) && !names_data(transfer) && !brings_data(cx, stage)
            }
            StepKind::Run(run) => {
                let prepares = |kind: &EffectKind| {
                    matches!(
                        kind,
                        EffectKind::Chown { .. } | EffectKind::Chmod { .. } | EffectKind::MakeFolder { .. }
                    )
                };
                let text = cx.model.instruction(step).rest.text();
                let folder = text.match_indices(FOLDER).any(|(at, _)| text[at..].contains(".d"));
                folder && !run.effects.iter().all(|e| prepares(&e.kind))
            }
            StepKind::Config => false,
        })
    })
}

fn lands_there(transfer: &Transfer) -> bool {
    let script = |dest: &str| dest.ends_with(".sh") && !dest.contains(".d/");
    transfer.dest.as_deref().is_some_and(|dest| dest.starts_with(FOLDER) && !script(dest))
}

/// Whether the instruction itself says that it brings data alone.
fn names_data(transfer: &Transfer) -> bool {
    transfer.sources.iter().all(|source| source.as_deref().is_some_and(is_data))
}

/// Whether all that the stage brings there from the build context is data.
fn brings_data(cx: &RecipeCx<'_>, stage: &Stage) -> bool {
    let others = stage
        .steps
        .iter()
        .any(|s| matches!(&s.kind, StepKind::Transfer(t) if t.from != Source::Context && lands_there(t)));
    let mut files = cx.files.borrow_mut();
    if others || files.context().is_none() {
        return false;
    }
    let (listed, complete) = files.context_files(stage.id);
    complete && listed.iter().filter(|(path, _)| path.starts_with(FOLDER)).all(|(path, _)| is_data(path))
}

fn is_data(name: &str) -> bool {
    DATA.iter().any(|end| name.ends_with(end))
}
