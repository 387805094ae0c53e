//! A final stage that only collects what other stages built changes its base where it stands.

use std::fmt::Write;

use barehull_syntax::dockerfile::Keyword;

use super::arguments::of_stages_below;
use super::config_lines::{Fate, Kept, fate, inherited_lines, kept_env, missing_lines, missing_user};
use super::draft::Draft;
use super::split::copy_line;
use super::target::Target;
use super::{Refusal, platform, refusals};
use crate::edit::Edit;
use crate::model::{Model, Stage, StepKind};

/// Puts `stage` on `target.base`. Its COPY lines stay; its RUN lines must all be in `target.drop`, since the
/// new base has no shell to run them.
///
/// # Errors
/// Where a RUN line is left, or other stages stand on this one.
pub fn rebase(
    model: &Model,
    stage: &Stage,
    target: &Target,
    base_workdir: &str,
) -> Result<Vec<Edit>, Refusal> {
    refusals(model, stage)?;
    let mut draft = Draft::new(model);
    for (span, text) in &target.words {
        draft.replace(*span, text);
    }
    let platform = if stage.platform.is_some() { String::new() } else { platform(model, stage, target) };
    draft.replace(stage.base_span, &(platform + &target.base));
    for step in &stage.steps {
        let instruction = model.instruction(step);
        if target.drop.contains(&step.instruction) {
            draft.delete(instruction);
            continue;
        }
        if matches!(step.kind, StepKind::Run(_)) {
            let reason =
                "this RUN would need a shell in the final stage: move it to a build stage".to_owned();
            return Err(Refusal { reason, at: model.at(instruction.span) });
        }
        match instruction.keyword {
            Keyword::Env => match kept_env(&draft, stage, target, instruction) {
                Kept::All => {}
                Kept::Some(text) => draft.replace(instruction.span, &text),
                Kept::None => draft.delete(instruction),
            },
            Keyword::Shell => draft.delete(instruction),
            _ => match fate(&draft, stage, target, instruction) {
                Fate::Same => {}
                Fate::Changed(text) => draft.replace(instruction.span, &text),
                Fate::Gone => draft.delete(instruction),
            },
        }
    }
    let (lines, foot) = inherited_lines(&draft, stage, target);
    let mut head = String::new();
    for argument in of_stages_below(model, stage, &lines) {
        let _ = writeln!(head, "{}", draft.text(argument.span));
    }
    head.push_str(&lines);
    let first = start_folder(model, stage);
    if first.is_some_and(|folder| folder != base_workdir) {
        let _ = writeln!(head, "{}", draft.style.instruction("WORKDIR", first.unwrap_or_default()));
    }
    let from = &model.dockerfile.instructions()[stage.from];
    if !head.is_empty() {
        draft.insert_behind(from, &head);
    }
    let mut behind_copies = String::new();
    for copy in &target.copies {
        behind_copies.push_str(&copy_line(draft.style, copy, target.build_name));
    }
    behind_copies.push_str(&foot);
    let transfer = |s: &&crate::model::Step| {
        matches!(s.kind, StepKind::Transfer(_)) && !target.drop.contains(&s.instruction)
    };
    if !behind_copies.is_empty() {
        let at = stage.steps.iter().rfind(transfer).map_or(from, |s| model.instruction(s));
        draft.insert_behind(at, &behind_copies);
    }
    let steps: Vec<_> = stage.steps.iter().collect();
    let missing = missing_user(&draft, stage, target, &steps) + &missing_lines(&draft, stage, target, &steps);
    if !missing.is_empty() {
        let last = steps.last().map_or(from, |s| model.instruction(s));
        draft.insert_behind(last, &missing);
    }
    Ok(draft.finish())
}

/// The folder that the stage starts in, where it matters: something is copied before WORKDIR says another, or no
/// WORKDIR with an absolute path does.
fn start_folder<'a>(model: &Model, stage: &'a Stage) -> Option<&'a str> {
    let step = stage.steps.iter().find(|s| {
        let instruction = model.instruction(s);
        match &s.kind {
            StepKind::Transfer(_) => !ends_absolute(instruction.rest.text()),
            _ => instruction.keyword == Keyword::Workdir,
        }
    });
    let Some(step) = step else { return Some(stage.config.workdir()) };
    let instruction = model.instruction(step);
    let is_absolute = instruction.keyword == Keyword::Workdir
        && instruction.rest.text().trim_start().trim_start_matches(['"', '\'']).starts_with('/');
    (!is_absolute).then_some(step.workdir.as_str())
}

/// Whether the last word of a COPY, in either form, is an absolute path.
fn ends_absolute(arguments: &str) -> bool {
    let words = arguments.trim_end().trim_end_matches(['"', ']', ' ']);
    words.rsplit([' ', '\t', '"']).next().is_some_and(|dest| dest.starts_with('/'))
}
