//! What a rule finds in an example of its own, and what is made of it: for those who read about the rule.

use std::sync::Arc;

use barehull_catalog::{Catalog, Date};

use super::analyse;
use crate::analysis::{Analysis, Rewrite};
use crate::config::{self, Config};
use crate::edit::FilePatch;
use crate::finding::{Level, Place};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};
use crate::rules::{Example, RuleMeta};

/// Categories of rules whose findings recipes are made to answer.
const OF_RECIPES: [&str; 4] = ["base", "manifest", "run-time", "surface"];

/// An example, looked at.
pub struct Shown {
    /// The Dockerfile, or what is in the image.
    pub text: &'static str,
    /// Whether it is the description of a built image.
    pub is_image: bool,
    /// Path and text of the other files that the findings point to.
    pub files: Vec<(&'static str, &'static str)>,
    /// Where the rule finds something, and what it says.
    pub says: Vec<(String, String)>,
    /// The fix; none where there is none.
    pub fix: Option<ShownFix>,
}

/// What answers the findings of an example.
pub struct ShownFix {
    /// The level of the fix.
    pub level: Level,
    /// The recipes that it is made of.
    pub recipes: Vec<&'static str>,
    /// The files it changes.
    pub patches: Vec<FilePatch>,
}

/// The first example that the rule itself has a fix for, else the first that a recipe answers, else the first; the day is
/// one on which the examples were written.
pub fn example(rule: &'static RuleMeta) -> Option<Shown> {
    let shown = rule.examples.iter().filter_map(|example| show(rule, example));
    shown.min_by_key(|shown| shown.fix.as_ref().map_or(2, |fix| usize::from(!fix.recipes.is_empty())))
}

fn show(rule: &'static RuleMeta, example: &'static Example) -> Option<Shown> {
    let (text, files, links) = match *example {
        Example::Image { described, says } => {
            let says = says.iter().map(|said| ("the image".to_owned(), (*said).to_owned())).collect();
            return Some(Shown { text: described, is_image: true, files: Vec::new(), says, fix: None });
        }
        Example::Dockerfile { text, files, links } => (text, files, links),
    };
    let mut memory = Memory::of(files.iter().copied().chain([("Dockerfile", text)]));
    for (path, target) in links {
        memory.link(ProjectPath::new(path).ok()?, target);
    }
    let project = Project::new(Arc::new(memory));
    let path = ProjectPath::new("Dockerfile").ok()?;
    let settings = files.iter().find(|(path, _)| config::NAMES.contains(path));
    let config = settings.and_then(|(_, text)| Config::read(text, &|name| Err(name.to_owned())).ok());
    let options = Options {
        only: vec![rule.id.to_owned()],
        today: Date::new(2026, 9, 15),
        config: config.as_ref(),
        fixes: Some(Level::Sketch),
        ..Options::new(Catalog::builtin())
    };
    let input = Input { path, text: None };
    let analysis = analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let says =
        analysis.findings.iter().map(|finding| (place(&analysis, &finding.place), finding.message.clone()));
    let says = says.collect();
    let points_to = |path: &str| {
        let places = analysis
            .findings
            .iter()
            .flat_map(|finding| finding.related.iter().map(|label| &label.place).chain([&finding.place]));
        config::NAMES.contains(&path) || places.into_iter().any(|place| is_in(&analysis, place, path))
    };
    let files = files.iter().copied().filter(|(path, _)| points_to(path)).collect();
    let fix = analysis.rewrite.and_then(|rewrite| answer(rule, rewrite));
    Some(Shown { text, is_image: false, files, says, fix })
}

/// The rewrite, if it answers a finding of the rule.
fn answer(rule: &RuleMeta, rewrite: Rewrite) -> Option<ShownFix> {
    let answers = rewrite.applied.iter().any(|fix| fix.resolves.iter().any(|(id, ..)| *id == rule.id));
    let recipes: Vec<_> = rewrite.applied.iter().map(|fix| fix.by).filter(|by| *by != rule.id).collect();
    // Recipes are about what an image holds and how it runs; that others are gone behind them is chance.
    let may_answer = recipes.is_empty() || OF_RECIPES.contains(&rule.category);
    let level = rewrite.applied.iter().map(|fix| fix.level).max().filter(|_| answers && may_answer)?;
    Some(ShownFix { level, recipes, patches: rewrite.patch })
}

fn is_in(analysis: &Analysis, place: &Place, path: &str) -> bool {
    match place {
        Place::Source(at) => analysis.sources.get(at.file).path.as_str() == path,
        Place::File(file) => file.as_str() == path,
        Place::Image { .. } | Place::Project => false,
    }
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
