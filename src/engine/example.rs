//! What a rule finds in an example of its own, and what is made of it: for those who read about the rule.

use std::sync::Arc;

use barehull_catalog::{Catalog, Date};

use super::analyse;
use crate::analysis::Analysis;
use crate::edit::FilePatch;
use crate::finding::{Level, Place};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};
use crate::rules::{Example, RuleMeta};

/// An example, looked at.
pub struct Shown {
    /// The Dockerfile.
    pub dockerfile: &'static str,
    /// Where the rule finds something, and what it says.
    pub says: Vec<(String, String)>,
    /// The level of the fix, and the files it changes; none where there is no fix.
    pub fix: Option<(Level, Vec<FilePatch>)>,
}

/// The first example that the rule itself has a fix for, else the first; the day is one on which the examples were
/// written.
pub fn example(rule: &'static RuleMeta) -> Option<Shown> {
    let mut shown = rule.examples.iter().filter_map(|example| show(rule, example));
    let first = shown.next()?;
    if first.fix.is_some() {
        return Some(first);
    }
    Some(shown.find(|shown| shown.fix.is_some()).unwrap_or(first))
}

fn show(rule: &'static RuleMeta, example: &'static Example) -> Option<Shown> {
    let files = example.files.iter().copied().chain([("Dockerfile", example.dockerfile)]);
    let project = Project::new(Arc::new(Memory::of(files)));
    let path = ProjectPath::new("Dockerfile").ok()?;
    let options = Options {
        only: vec![rule.id.to_owned()],
        today: Date::new(2026, 9, 15),
        fixes: Some(Level::Sketch),
        ..Options::new(Catalog::builtin())
    };
    let input = Input { path, text: None };
    let analysis = analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let says =
        analysis.findings.iter().map(|finding| (place(&analysis, &finding.place), finding.message.clone()));
    let says = says.collect();
    let fix = analysis.rewrite.filter(|rewrite| {
        // What recipes make of it is told by their page, but for what only they can mend.
        let is_own = rewrite.applied.iter().all(|fix| fix.by == rule.id);
        is_own || rule.surface_role.is_some() || rule.matchers.is_empty() && rule.category == "surface"
    });
    let fix = fix.and_then(|rewrite| {
        let level = rewrite.applied.iter().map(|fix| fix.level).max()?;
        Some((level, rewrite.patch))
    });
    Some(Shown { dockerfile: example.dockerfile, says, fix })
}

fn place(analysis: &Analysis, place: &Place) -> String {
    match place {
        Place::Source(at) if at.file == analysis.file => format!("line {}", analysis.sources.line(*at)),
        Place::Source(at) => format!("{}:{}", analysis.sources.get(at.file).path, analysis.sources.line(*at)),
        Place::File(path) => path.to_string(),
        Place::Image { path, .. } => path.clone(),
        Place::Project => "the project".to_owned(),
    }
}
