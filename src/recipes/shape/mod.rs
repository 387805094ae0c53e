//! Turning a stage into the final image a recipe wants, as a diff a person would have made.
//!
//! [`split`] keeps the stage as a build stage and adds a final one behind it; [`rebase`] changes the base of
//! a stage that only collects what other stages built, and [`swap`] the image below it and the stages it stands on,
//! where the new one is of the same family. All keep what the image promised (ENV, EXPOSE,
//! LABEL, VOLUME, STOPSIGNAL, WORKDIR) and leave lines alone that need no change.

mod arguments;
mod config_lines;
mod configure;
mod debug_stage;
mod draft;
mod rebase;
mod split;
mod style;
mod swap;
mod target;
mod words;

pub(in crate::recipes) use arguments::as_written;
pub use configure::configure;
pub use debug_stage::debug_stage;
pub use rebase::rebase;
pub use split::{mentions, split};
pub use style::{Style, exec_form};
pub use swap::swap;
pub use target::{CopyLine, HealthChange, Target};
pub use words::take_out;

use barehull_syntax::Location;
use barehull_syntax::dockerfile::Keyword;

use crate::model::{Base, Model, Source, Stage, StepKind};

/// Why a stage cannot be reshaped; becomes a blocker of the recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence, with what to do.
    pub reason: String,
    /// Where it stands.
    pub at: Location,
}

/// `--platform` of the image that `stage` stands on, which the new base has to be of, too; a space behind it.
fn platform(model: &Model, stage: &Stage, target: &Target) -> String {
    let lineage = model.lineage(stage.id);
    match lineage.last().and_then(|bottom| bottom.platform.as_deref()) {
        Some(platform) if !target.cross_built => format!("--platform={platform} "),
        _ => String::new(),
    }
}

/// What no rewrite of `stage` may break: other stages that stand on it, and triggers for other images.
fn refusals(model: &Model, stage: &Stage) -> Result<(), Refusal> {
    for step in &stage.steps {
        let instruction = model.instruction(step);
        if instruction.keyword == Keyword::Onbuild {
            let reason = "ONBUILD triggers run in other images' builds, which expect a shell: rewrite those images first";
            return Err(Refusal { reason: reason.to_owned(), at: model.at(instruction.span) });
        }
    }
    for other in model.stages.iter().filter(|s| s.id != stage.id) {
        let from = &model.dockerfile.instructions()[other.from];
        if matches!(other.base, Base::Stage(id) if id == stage.id) {
            let reason = format!(
                "stage {} is built from this one and would lose its tools: let it start from the build stage",
                other.label()
            );
            return Err(Refusal { reason, at: model.at(from.span) });
        }
        for step in &other.steps {
            let reads = match &step.kind {
                StepKind::Transfer(t) => t.from == Source::Stage(stage.id),
                StepKind::Run(run) => run.mounts_from.contains(&Source::Stage(stage.id)),
                StepKind::Config => false,
            };
            if reads {
                let reason =
                    "another stage reads files of this one: let it read them from the build stage".to_owned();
                return Err(Refusal { reason, at: model.at(model.instruction(step).span) });
            }
        }
    }
    Ok(())
}

/// A new stage moves the index of later ones: none of them may be named by index.
fn refuse_indices_behind(model: &Model, stage: &Stage) -> Result<(), Refusal> {
    for step in model.stages.iter().skip(stage.id.index() + 1).flat_map(|s| &s.steps) {
        let instruction = model.instruction(step);
        let indexed = instruction
            .flags
            .iter()
            .filter_map(|f| f.value.as_ref())
            .find(|v| !v.is_empty() && v.text().bytes().all(|b| b.is_ascii_digit()));
        if indexed.is_some() && matches!(step.kind, StepKind::Transfer(_)) {
            let reason =
                "a stage is named by its index here, which a new stage would move: name the stage".to_owned();
            return Err(Refusal { reason, at: model.at(instruction.span) });
        }
    }
    Ok(())
}
