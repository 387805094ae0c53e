//! `docs/recipes.md`: each recipe with a patch that it really makes of a sample, and what stood in its way elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use barehull::analysis::Analysis;
use barehull::edit::unified_diff;
use barehull::engine;
use barehull::finding::Level;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Disk, Project, ProjectPath};
use barehull::recipes::{RECIPES, Recipe};
use barehull::report::{Look, Paths, rewrite};
use barehull_catalog::Catalog;
use serde::Deserialize;

/// Blockers of a recipe that are shown.
const BLOCKERS: usize = 6;

const HEAD: &str = "\
# Recipes

Written by `cargo xtask docs`; do not edit. A recipe turns one final stage into an image with less in it. They are tried in
this order; of those that have a rewrite, the one with the best level wins, and among equals the first. What stands in the way
of a better one is told as a blocker, with its line. `barehull explain --recipe NAME` prints the text of one.

The patches below are what `barehull fix` prints for applications in [samples](../samples/README.md), and the words below each
patch are what it says on standard error.
";

/// `sample.yaml`, as far as it says how the Dockerfile is built.
#[derive(Deserialize)]
struct Description {
    title: String,
    #[serde(default)]
    dockerfile: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    args: std::collections::BTreeMap<String, String>,
}

/// A sample, and what barehull makes of it.
pub(super) struct Example {
    name: String,
    title: String,
    pub(super) analysis: Analysis,
}

/// The page.
pub fn page() -> Result<String> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut folders: Vec<PathBuf> = fs::read_dir(&samples)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|folder| folder.join("sample.yaml").exists())
        .collect();
    folders.sort();
    let examples = folders.iter().map(|folder| example(folder)).collect::<Result<Vec<_>>>()?;
    let mut page = HEAD.to_owned();
    for recipe in RECIPES {
        let _ = writeln!(page, "\n## {}\n\n{}\n\n{}", recipe.id, recipe.title, recipe.about.trim());
        patch(recipe, &examples, &mut page);
        blockers(recipe, &examples, &mut page);
    }
    Ok(page)
}

pub(super) fn example(folder: &Path) -> Result<Example> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(folder.join("sample.yaml"))?;
    let description: Description = serde_yaml::from_str(&text).with_context(|| name.clone())?;
    let project = Project::new(Arc::new(Disk::new(folder)?));
    let path = description.dockerfile.as_deref().unwrap_or("Dockerfile");
    let path = ProjectPath::new(path).with_context(|| format!("{name}: {path} is no path"))?;
    let options = Options {
        targets: description.target.into_iter().collect(),
        build_args: description.args,
        fixes: Some(Level::Sketch),
        ..Options::new(Catalog::builtin())
    };
    let analysis =
        engine::analyse(&project, &Input { path, text: None }, &ContextChoice::DockerfileFolder, &options);
    Ok(Example { name, title: description.title, analysis })
}

/// The patch that the recipe makes of a sample at its best level and that leaves the least, the shortest of several.
fn patch(recipe: &Recipe, examples: &[Example], page: &mut String) {
    let made = examples.iter().filter_map(|example| {
        let rewrite = example.analysis.rewrite.as_ref()?;
        let fix = rewrite.applied.iter().find(|fix| fix.by == recipe.id)?;
        let text: String = rewrite.patch.iter().map(|patch| unified_diff(patch, "")).collect();
        let left: usize =
            rewrite.stages_after.iter().filter(|s| s.is_final).map(|s| s.surface.present()).sum();
        Some(((fix.level, left, rewrite.applied.len(), text.len()), example, text))
    });
    let Some((_, example, text)) = made.min_by_key(|(order, ..)| *order) else { return };
    let _ = writeln!(
        page,
        "\n[samples/{0}](../samples/{0}): {1}\n\n```diff\n{2}```",
        example.name, example.title, text
    );
    let words = rewrite::file(&example.analysis, &Paths::Project, Look::PLAIN);
    let _ = writeln!(page, "\n```text\n{words}```");
}

fn blockers(recipe: &Recipe, examples: &[Example], page: &mut String) {
    let own = examples.iter().flat_map(|e| e.analysis.blockers.iter().map(move |b| (b, &e.name)));
    let found: BTreeSet<(&str, &str)> = own
        .filter(|(b, _)| b.recipe == recipe.id)
        .map(|(b, name)| (b.reason.as_str(), name.as_str()))
        .collect();
    if found.is_empty() {
        return;
    }
    page.push_str("\nWhat stood in its way in samples:\n\n");
    for (reason, name) in found.into_iter().take(BLOCKERS) {
        let _ = writeln!(page, "- {reason} ([{name}](../samples/{name}))");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_fresh() {
        let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/recipes.md"));
        let fresh = super::page().expect("the samples can be read");
        assert!(written.unwrap_or_default() == fresh, "docs/recipes.md is stale: run `cargo xtask docs`");
    }
}
