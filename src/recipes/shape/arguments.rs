//! ARGs that the configuration of stages below the final one is made of: both go along as they are written.

use std::collections::BTreeSet;

use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword};

use super::split::mentions;
use crate::model::{Model, Provenance, Stage};

/// The value of a pair that an ENV or LABEL of a stage sets, as it is written, where all its variables are ARGs of
/// that stage: another build has another value.
pub(in crate::recipes) fn as_written<'m>(model: &'m Model, from: &Provenance, name: &str) -> Option<&'m str> {
    let Provenance::Instruction { stage, at } = from else { return None };
    let instructions = model.dockerfile.instructions();
    let instruction = instructions.iter().find(|i| i.span == at.span)?;
    let Arguments::Pairs(pairs) = &instruction.args else { return None };
    let pair = pairs.iter().find(|p| p.name.text() == name && !p.legacy)?;
    let raw = pair.value.as_ref()?.text();
    let inner = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')).unwrap_or(raw);
    let plain = |c: char| c.is_alphanumeric() || "/._-:,+@%=${}".contains(c);
    if !inner.contains('$') || !inner.chars().all(plain) {
        return None;
    }
    let declared = declared(model, model.stage(*stage));
    let names = declared.iter().filter(|(_, arg)| arg.span.start < instruction.span.start);
    let names: BTreeSet<&str> = names.map(|(name, _)| *name).collect();
    let mut variables = inner.split('$').skip(1).map(|rest| {
        let rest = rest.trim_start_matches('{');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    });
    variables.all(|variable| names.contains(variable)).then_some(raw)
}

/// ARG instructions of stages below `stage` that declare what `text` uses, each name once.
pub(super) fn of_stages_below<'m>(model: &'m Model, stage: &Stage, text: &str) -> Vec<&'m Instruction> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<&Instruction> = Vec::new();
    for below in model.lineage(stage.id).into_iter().skip(1) {
        for (name, instruction) in declared(model, below) {
            let is_new = mentions(text, name) && seen.insert(name);
            if is_new && !found.iter().any(|other| other.span == instruction.span) {
                found.push(instruction);
            }
        }
    }
    found
}

/// The ARGs that a stage declares.
fn declared<'m>(model: &'m Model, stage: &Stage) -> Vec<(&'m str, &'m Instruction)> {
    let behind = model.dockerfile.instructions().iter().skip(stage.from + 1);
    let inside = behind.take_while(|i| i.keyword != Keyword::From).filter(|i| i.keyword == Keyword::Arg);
    inside.flat_map(|arg| names(arg).into_iter().map(move |name| (name, arg))).collect()
}

/// The names an ARG instruction declares.
pub(super) fn names(arg: &Instruction) -> Vec<&str> {
    match &arg.args {
        Arguments::Pairs(pairs) => pairs.iter().map(|p| p.name.text()).collect(),
        Arguments::Words(words) => {
            words.iter().map(|w| w.text().split('=').next().unwrap_or_default()).collect()
        }
        _ => Vec::new(),
    }
}
