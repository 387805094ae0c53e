//! A stage that keeps its base and its files, and is started in another way.

use std::fmt::Write;

use barehull_syntax::Span;
use barehull_syntax::dockerfile::Keyword;

use super::config_lines::{Fate, fate, made_by, missing_lines};
use super::draft::Draft;
use super::style::quoted;
use super::target::Target;
use crate::edit::Edit;
use crate::model::{Model, Stage, StepKind};

/// Gives `stage` the ENTRYPOINT, CMD, ENV, WORKDIR and, where it has one, USER of `target`, its further instructions
/// (`build_tail`) in front of them, and takes out what `target.drop` names. Nothing else changes.
pub fn configure(model: &Model, stage: &Stage, target: &Target) -> Vec<Edit> {
    let mut draft = Draft::new(model);
    let config = &stage.config;
    let mut head: String = target.build_tail.iter().flat_map(|line| [line, "\n"]).collect();
    for (name, value) in &target.env {
        let pair = format!("{name}={}", quoted(value, model.dockerfile.escape()));
        let _ = writeln!(head, "{}", draft.style.instruction("ENV", &pair));
    }
    if let Some(folder) = &target.workdir {
        let _ = writeln!(head, "{}", draft.style.instruction("WORKDIR", folder));
    }
    if let Some(user) = &target.user {
        let _ = writeln!(head, "{}", draft.style.instruction("USER", user));
    }
    let builds = |s: &crate::model::Step| matches!(s.kind, StepKind::Run(_) | StepKind::Transfer(_));
    let last_build = stage.steps.iter().rposition(|s| builds(s) && !target.drop.contains(&s.instruction));
    for (at, step) in stage.steps.iter().enumerate() {
        let instruction = model.instruction(step);
        if target.drop.contains(&step.instruction) {
            draft.delete(instruction);
            continue;
        }
        let in_effect = match instruction.keyword {
            Keyword::Entrypoint => made_by(config.entrypoint.as_ref(), instruction),
            Keyword::Cmd => made_by(config.cmd.as_ref(), instruction),
            _ => continue,
        };
        // What is built below needs the user that it had.
        if in_effect && !head.is_empty() && last_build.is_none_or(|last| last < at) {
            let above = draft.with_comments(instruction);
            draft.replace(Span::at(above.start), &std::mem::take(&mut head));
        }
        match fate(&draft, stage, target, instruction) {
            Fate::Same => {}
            Fate::Changed(text) => draft.replace(instruction.span, &text),
            Fate::Gone => draft.delete(instruction),
        }
    }
    let steps: Vec<_> = stage.steps.iter().collect();
    let missing = head + &missing_lines(&draft, stage, target, &steps);
    if let (false, Some(last)) = (missing.is_empty(), steps.last()) {
        draft.insert_behind(model.instruction(last), &missing);
    }
    draft.finish()
}
