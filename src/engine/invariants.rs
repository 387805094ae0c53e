//! What must hold of every fix before anybody sees it.

use std::collections::{BTreeMap, BTreeSet};

use barehull_catalog::{Role, Text};

use super::Look;
use crate::finding::{Finding, Place, StageIdentity};
use crate::model::{Base, EffectKind, Source, StepKind, Transfer};
use crate::project::ProjectPath;
use crate::rules;

/// What is said of a fix that mends nothing anybody was told of.
pub(super) const NO_FINDING_IS_GONE: &str = "no finding is gone";

/// A finding without its line: rule, stage, subject.
pub(super) type Identity = (&'static str, Option<StageIdentity>, String);

/// Checks that `after` is a fit result of a fix to `before`, which makes the files `created`; gives the findings that are
/// gone.
///
/// # Errors
/// Says which invariant is broken, and how.
pub(super) fn check(before: &Look, after: &Look, created: &[&ProjectPath]) -> Result<Vec<Identity>, String> {
    check_structure(before, after)?;
    findings_shrink(before, after, created)
}

/// Checks that `after` is a Dockerfile whose stages and references are those of `before`, and that no tool is new in
/// a final stage.
///
/// # Errors
/// Says which invariant is broken, and how.
pub(super) fn check_structure(before: &Look, after: &Look) -> Result<(), String> {
    if let Some(problem) = after.model.dockerfile.problems().first() {
        return Err(format!("the result is no valid Dockerfile: line {}: {}", problem.line, problem.message));
    }
    stages_stay(before, after)?;
    references_resolve(before, after)?;
    commands_find_their_files(before, after)?;
    no_surface_grows(before, after)
}

/// Every stage that had a name still has it, and the default target is the same one.
fn stages_stay(before: &Look, after: &Look) -> Result<(), String> {
    let names = |look: &Look| -> BTreeSet<String> {
        look.model.stages.iter().filter_map(|s| s.name.as_ref().map(|n| n.0.to_lowercase())).collect()
    };
    if let Some(gone) = names(before).difference(&names(after)).next() {
        return Err(format!("stage {gone} is gone"));
    }
    let last = |look: &Look| look.model.stages.last().and_then(|s| s.name.as_ref().map(|n| n.0.clone()));
    if last(before).is_some() && last(before) != last(after) {
        return Err("the default target is another stage".to_owned());
    }
    Ok(())
}

/// No reference became unknown, or an image where a stage was meant.
fn references_resolve(before: &Look, after: &Look) -> Result<(), String> {
    if after.model.later_references.len() > before.model.later_references.len() {
        return Err("a stage is used before it is defined".to_owned());
    }
    let unknown = |look: &Look| {
        let steps = look.model.stages.iter().flat_map(|s| &s.steps);
        let unknown = |t: &Transfer| matches!(t.from, Source::Unknown | Source::Later(_));
        steps.filter(|s| matches!(&s.kind, StepKind::Transfer(t) if unknown(t))).count()
    };
    if unknown(after) > unknown(before) {
        return Err("a COPY names a stage that is not there".to_owned());
    }
    let known = |text: &str| before.model.stages.iter().any(|s| s.base_text == text);
    for stage in &after.model.stages {
        let is_lost = matches!(stage.base, Base::Unresolved) && !known(&stage.base_text);
        if is_lost && !stage.base_text.contains('$') {
            return Err(format!("base {} is no image", stage.base_text));
        }
    }
    Ok(())
}

/// No RUN changes a file whose COPY is gone.
fn commands_find_their_files(before: &Look, after: &Look) -> Result<(), String> {
    let brought = brought_files(after);
    let gone: BTreeSet<String> = brought_files(before).difference(&brought).cloned().collect();
    let steps = after.model.stages.iter().flat_map(|s| &s.steps);
    for effect in
        steps.filter_map(|s| if let StepKind::Run(run) = &s.kind { Some(&run.effects) } else { None })
    {
        for effect in effect {
            let named = match &effect.kind {
                EffectKind::Chmod { path, .. } | EffectKind::Chown { path, .. } => Some(path),
                EffectKind::Spawn { program, .. } => Some(program),
                _ => None,
            };
            if let Some(path) = named.filter(|path| gone.contains(*path)) {
                return Err(format!("a RUN needs {path}, whose COPY is gone"));
            }
        }
    }
    Ok(())
}

/// The single files that COPY and ADD bring, by their paths in the image.
fn brought_files(look: &Look) -> BTreeSet<String> {
    let steps = look.model.stages.iter().flat_map(|s| &s.steps);
    let mut found = BTreeSet::new();
    for step in steps {
        let StepKind::Transfer(transfer) = &step.kind else { continue };
        let Some(dest) = &transfer.dest else { continue };
        let names =
            transfer.sources.iter().flatten().filter_map(|s| s.trim_end_matches('/').rsplit('/').next());
        found.insert(dest.trim_end_matches('/').to_owned());
        found.extend(names.map(|name| format!("{}/{name}", dest.trim_end_matches('/'))));
    }
    found
}

/// No final stage holds a tool that it did not hold before.
fn no_surface_grows(before: &Look, after: &Look) -> Result<(), String> {
    let surfaces = |look: &Look| -> BTreeMap<StageIdentity, BTreeMap<Role, BTreeSet<String>>> {
        let of = |stage: &crate::model::Stage| {
            let surface = stage.surface();
            let names = |role: Role| surface.names(role).into_iter().map(str::to_owned).collect();
            surface.groups.keys().map(|role| (*role, names(*role))).collect()
        };
        look.model.final_stages().map(|s| (s.identity.clone(), of(s))).collect()
    };
    let old = surfaces(before);
    for (stage, roles) in surfaces(after) {
        let known = old.get(&stage).ok_or_else(|| format!("final stage {} is new", stage.0))?;
        for (role, names) in roles {
            let had = known.get(&role).cloned().unwrap_or_default();
            if let Some(new) = names.difference(&had).next() {
                return Err(format!("{new} ({role}) is new in final stage {}", stage.0));
            }
        }
    }
    Ok(())
}

fn identity(finding: &Finding) -> Identity {
    (finding.rule.id, finding.stage.clone(), finding.subject.clone())
}

/// A finding of the stage is gone or smaller, and none of the same or a higher severity is new.
fn findings_shrink(before: &Look, after: &Look, created: &[&ProjectPath]) -> Result<Vec<Identity>, String> {
    let old: BTreeMap<Identity, &Finding> = before.findings.iter().map(|f| (identity(f), f)).collect();
    let new: BTreeMap<Identity, &Finding> = after.findings.iter().map(|f| (identity(f), f)).collect();
    let count = |look: &Look, of: &Finding| {
        look.findings.iter().filter(|f| f.rule.id == of.rule.id && f.stage == of.stage).count()
    };
    // Several findings may have one subject.
    let number = |look: &Look, id: &Identity| look.findings.iter().filter(|f| identity(f) == *id).count();
    // Some subjects quote the command, which a fix of another rule may change.
    let reworded = |f: &Finding| f.components.is_empty() && count(after, f) >= count(before, f);
    let resolved: Vec<Identity> = old
        .iter()
        .filter(|(id, f)| match new.get(*id) {
            Some(still) => {
                still.components.len() < f.components.len() || number(after, id) < number(before, id)
            }
            None => !reworded(f),
        })
        .map(|(id, _)| id.clone())
        .collect();
    let worst = resolved.iter().filter_map(|id| old.get(id)).map(|f| f.severity).max();
    let Some(worst) = worst else { return Err(NO_FINDING_IS_GONE.to_owned()) };
    for (id, finding) in &new {
        // The subject of a surface finding names its components, and what a copy brings is one finding where it was
        // several: none that was not there is no new finding.
        let shrunk = || {
            let known: BTreeSet<&Text> = old
                .values()
                .filter(|f| f.rule.id == finding.rule.id && f.stage == finding.stage)
                .flat_map(|f| &f.components)
                .collect();
            !finding.components.is_empty() && finding.components.iter().all(|c| known.contains(c))
        };
        // What a new manifest does not say yet is for the fixes that follow, and for whoever completes it.
        let is_of_new_file = match &finding.place {
            Place::Source(at) => created.contains(&&after.sources.get(at.file).path),
            _ => false,
        };
        // Work that leaves the image runs in one of others: who looks at that is for whoever runs it.
        let is_of_tool_image = finding.rule == rules::THIRD_PARTY_IMAGE_UNSCANNED;
        let is_old = || {
            old.contains_key(id)
                || finding.components.is_empty() && count(after, finding) <= count(before, finding)
        };
        let is_fine = is_of_new_file || is_of_tool_image || is_old() || shrunk();
        if finding.severity >= worst && !is_fine {
            return Err(format!("{} is new: {}", finding.rule.id, finding.message));
        }
    }
    Ok(resolved)
}
