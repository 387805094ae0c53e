//! The image below a stage gives way to a smaller one of its own family: everything else stays as it is.

use std::fmt::Write;

use barehull_syntax::dockerfile::Keyword;

use super::Refusal;
use super::config_lines::{Fate, fate};
use super::draft::Draft;
use super::style::quoted;
use super::target::Target;
use crate::edit::Edit;
use crate::model::{Model, Stage, StepKind};

/// Puts the stage at the bottom of `stage`'s lineage on `target.base`. RUN lines of the lineage must all be in
/// `target.drop`, since the new base has no shell to run them.
///
/// # Errors
/// Where a RUN line is left, or stages outside the lineage stand on the image or read its files.
pub fn swap(model: &Model, stage: &Stage, target: &Target) -> Result<Vec<Edit>, Refusal> {
    let lineage = model.lineage(stage.id);
    let bottom = lineage.last().copied().unwrap_or(stage);
    others_can_do_without(model, stage, bottom)?;
    let mut draft = Draft::new(model);
    for (span, text) in &target.words {
        draft.replace(*span, text);
    }
    draft.replace(bottom.base_span, &target.base);
    for step in lineage.iter().rev().flat_map(|s| &s.steps) {
        let instruction = model.instruction(step);
        if target.drop.contains(&step.instruction) {
            draft.delete(instruction);
            continue;
        }
        if matches!(step.kind, StepKind::Run(_)) {
            let reason = "this RUN would need a shell in the final stage: move it to a build stage";
            return Err(Refusal { reason: reason.to_owned(), at: model.at(instruction.span) });
        }
        match instruction.keyword {
            Keyword::Shell => draft.delete(instruction),
            Keyword::Onbuild => {
                let reason = "ONBUILD triggers run in other images' builds, which expect a shell: rewrite those images first";
                return Err(Refusal { reason: reason.to_owned(), at: model.at(instruction.span) });
            }
            _ => match fate(&draft, stage, target, instruction) {
                Fate::Same => {}
                Fate::Changed(text) => draft.replace(instruction.span, &text),
                Fate::Gone => draft.delete(instruction),
            },
        }
    }
    let escape = model.dockerfile.escape();
    let mut head = String::new();
    for (name, value) in &target.env {
        let pair = format!("{name}={}", quoted(value, escape));
        let _ = writeln!(head, "{}", draft.style.instruction("ENV", &pair));
    }
    if !head.is_empty() {
        draft.insert_behind(&model.dockerfile.instructions()[bottom.from], &head);
    }
    Ok(draft.finish())
}

/// Refuses where a stage outside the lineage needs what the image loses.
fn others_can_do_without(model: &Model, stage: &Stage, bottom: &Stage) -> Result<(), Refusal> {
    let lineage = model.lineage(stage.id);
    let stands_on = |other: &Stage| model.lineage(other.id).iter().any(|s| s.id == bottom.id);
    for other in model.stages.iter().filter(|s| s.id != stage.id) {
        let is_below = lineage.iter().any(|s| s.id == other.id);
        let runs = other.steps.iter().any(|s| matches!(s.kind, StepKind::Run(_)));
        if !is_below && stands_on(other) && (runs || other.is_final) {
            let at = model.at(model.dockerfile.instructions()[other.from].span);
            let reason = format!(
                "stage {} stands on the same image and would lose its tools: give it a FROM of its own",
                other.label()
            );
            return Err(Refusal { reason, at });
        }
        for step in &other.steps {
            let reads = |id| stands_on(model.stage(id));
            if step.kind.sources().iter().filter_map(|s| s.stage()).any(reads) {
                let at = model.at(model.instruction(step).span);
                let reason = "another stage reads files of this image: let it read them from a build stage";
                return Err(Refusal { reason: reason.to_owned(), at });
            }
        }
    }
    Ok(())
}
