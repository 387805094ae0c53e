//! Recipes: whole-stage rewrites, one file each. A recipe reads the model and the build context, decides what
//! the final image shall be ([`shape::Target`]), or says what stands in the way.

mod absent_files;
mod accounts;
mod bases;
mod chosen_base;
mod closure;
mod contents;
mod data_files;
mod dotnet;
mod go;
mod go_cgo;
mod ground;
mod installroot;
mod java;
mod launch;
mod manifest_edits;
mod native;
mod no_recipe;
mod node;
mod outside;
mod plan;
mod pod_security;
mod probe;
mod probes;
mod production_tag;
mod python;
mod ruby;
mod runtime_steps;
mod service_checks;
mod shape;
mod start_move;
mod start_script;
mod static_site;
mod strip;
#[cfg(test)]
mod tests;
mod trim;
mod variables;

pub use shape::debug_stage;

use std::cell::RefCell;

use barehull_catalog::{Catalog, ImageFacts, Runtime};
use barehull_syntax::Location;

use crate::finding::{Blocker, Fix, Level, Place};
use crate::model::image_files::ImageFiles;
use crate::model::{Base, Model, Stage};
use crate::options::Options;
use crate::project::outside::{Matched, OutsideUse};
use crate::project::{Files, Spot};

/// What a recipe sees: one final stage.
pub struct RecipeCx<'a> {
    /// The Dockerfile, understood.
    pub model: &'a Model,
    /// The final stage.
    pub stage: &'a Stage,
    /// What is known of images, packages and tools.
    pub catalog: &'a Catalog,
    /// Settings of the run.
    pub options: &'a Options<'a>,
    /// The stage's files, as far as they come from the build context.
    pub(crate) files: RefCell<ImageFiles<'a>>,
    /// Who else runs the image, and how.
    pub uses: &'a [OutsideUse],
    /// The project's files, for places in them.
    pub project: &'a dyn Files,
}

/// What a recipe says of a stage.
pub enum Outcome {
    /// It is not for this stage.
    NotApplicable,
    /// It is, but something stands in the way.
    Blocked(Vec<Blocker>),
    /// It has a rewrite; the blockers say why it is at no better level.
    Fix(Box<Fix>, Vec<Blocker>),
}

/// A strategy that rewrites a whole stage.
pub struct Recipe {
    /// Kebab-case name.
    pub id: &'static str,
    /// What it makes, in a few words.
    pub title: &'static str,
    /// When it is for a stage, what it makes of it and what it assumes: paragraphs, blank lines between them.
    pub about: &'static str,
    /// Looks at a stage.
    pub plan: fn(&RecipeCx<'_>) -> Outcome,
}

/// All recipes, the widest rewrite first; of several that have a fix at one level, the first wins. Behind them those
/// that make fixes of their own beside it.
pub const RECIPES: &[&Recipe] = &[
    // What it says of manifests, the others hold their images against.
    &probes::RECIPE,
    &production_tag::RECIPE,
    &go::RECIPE,
    &node::RECIPE,
    &python::RECIPE,
    &java::RECIPE,
    &native::RECIPE,
    &dotnet::RECIPE,
    &static_site::RECIPE,
    &ruby::RECIPE,
    &start_script::RECIPE,
    &start_move::RECIPE,
    &installroot::RECIPE,
    &strip::RECIPE,
    &trim::RECIPE,
    &pod_security::RECIPE,
];

/// Whether a recipe only takes a step: others may go on from what it made.
pub fn is_step(recipe: &str) -> bool {
    [start_script::RECIPE.id, start_move::RECIPE.id, probes::RECIPE.id].contains(&recipe)
}

/// Whether a recipe makes a fix of its own, which stands beside the rewrite of the image.
fn is_beside(recipe: &str) -> bool {
    [pod_security::RECIPE.id].contains(&recipe)
}

/// The fixes that stand beside the rewrite of a stage, each by itself, and what they leave alone.
pub fn beside(cx: &RecipeCx<'_>) -> (Vec<Fix>, Vec<Blocker>) {
    let (mut fixes, mut blockers) = (Vec::new(), Vec::new());
    if is_for_development(cx) {
        return (fixes, blockers);
    }
    for recipe in wanted(cx).filter(|recipe| is_beside(recipe.id)) {
        match (recipe.plan)(cx) {
            Outcome::NotApplicable => {}
            Outcome::Blocked(more) => blockers.extend(more),
            Outcome::Fix(fix, more) => {
                fixes.push(Fix { base_after: None, ..*fix });
                blockers.extend(more);
            }
        }
    }
    (fixes, blockers)
}

/// The recipes that the user did not leave out.
fn wanted(cx: &RecipeCx<'_>) -> impl Iterator<Item = &'static Recipe> {
    RECIPES.iter().copied().filter(|recipe| !cx.options.skip_fixes.contains(&recipe.id))
}

/// The best rewrite of a stage, and every blocker on the way; where none of an ecosystem is for it, why not. Before it
/// the steps that are sketches: whoever wants those goes on from them, and for all others they are withheld.
pub fn plan(cx: &RecipeCx<'_>) -> (Vec<Fix>, Vec<Blocker>) {
    if is_for_development(cx) {
        return (Vec::new(), Vec::new());
    }
    if let Some(blocker) = no_recipe::left_alone(cx) {
        return (Vec::new(), vec![blocker]);
    }
    let mut fixes: Vec<Fix> = Vec::new();
    let mut best: Option<Fix> = None;
    let mut blockers: Vec<Blocker> = Vec::new();
    for recipe in wanted(cx).filter(|recipe| !is_beside(recipe.id)) {
        let outcome = (recipe.plan)(cx);
        match outcome {
            Outcome::NotApplicable => {}
            Outcome::Fix(..) if !is_generic(recipe.id) && !is_step(recipe.id) && has_triggers(cx) => {
                let (at, base) = no_recipe::bottom(cx);
                let reason = format!(
                    "the ONBUILD instructions of {base} build the application, and they were not read: write them out"
                );
                blockers.push(cx.blocker(recipe.id, reason, Place::Source(at)));
            }
            Outcome::Fix(..) if !is_generic(recipe.id) && !is_step(recipe.id) && !base_is_known(cx) => {
                let (at, base) = no_recipe::bottom(cx);
                let reason = format!("the base {base} is not known: the program may use what it brings");
                blockers.push(cx.blocker(recipe.id, reason, Place::Source(at)));
            }
            Outcome::Blocked(more) => blockers.extend(more),
            Outcome::Fix(fix, more) if is_step(recipe.id) && fix.level == Level::Sketch => {
                blockers.extend(more);
                fixes.push(*fix);
            }
            Outcome::Fix(fix, more) => {
                let better = best.as_ref().is_none_or(|b| fix.level < b.level);
                // How far a generic recipe would come is of no interest beside a better rewrite.
                if better || !is_generic(recipe.id) {
                    blockers.extend(more);
                }
                if better {
                    best = Some(*fix);
                }
            }
        }
    }
    if best.as_ref().is_some_and(|b| !is_generic(b.by) && !is_step(b.by)) {
        blockers.retain(|b| !is_generic(b.recipe));
    }
    if blockers.iter().all(|b| is_generic(b.recipe)) && best.as_ref().is_none_or(|b| b.by == trim::RECIPE.id)
    {
        let told = |b: &Blocker| blockers.iter().any(|t| t.reason == b.reason && t.place == b.place);
        let more: Vec<Blocker> = no_recipe::blockers(cx).into_iter().filter(|b| !told(b)).collect();
        blockers.extend(more);
    }
    fixes.extend(best);
    (fixes, blockers)
}

/// Whether the image at the bottom has instructions that run in builds that stand on it.
fn has_triggers(cx: &RecipeCx<'_>) -> bool {
    let Base::Image { image, .. } = cx.model.root_base(cx.stage.id) else { return false };
    image.effective_tag().is_some_and(|tag| tag.split('-').any(|part| part == "onbuild"))
}

/// FROM of the stage at the bottom, where an ARG without a value stands in front of the image, and its name.
fn unset_in_base<'a>(cx: &RecipeCx<'a>) -> Option<(Location, &'a str)> {
    let bottom = *cx.model.lineage(cx.stage.id).last()?;
    let (name, _) = bottom.base_text.strip_prefix("${")?.split_once('}')?;
    let is_unset = cx.model.global_args.iter().any(|(known, value)| known == name && value.is_none());
    let is_known = matches!(bottom.base, Base::Image { .. });
    let at = cx.model.at(cx.model.dockerfile.instructions()[bottom.from].span);
    (is_unset && is_known).then_some((at, name))
}

/// Whether somebody knows what the base of a stage brings.
fn base_is_known(cx: &RecipeCx<'_>) -> bool {
    !matches!(cx.model.root_base(cx.stage.id), Base::Image { facts: None, .. } | Base::Unresolved)
}

/// Whether a recipe is for any application.
fn is_generic(recipe: &str) -> bool {
    [installroot::RECIPE.id, strip::RECIPE.id, trim::RECIPE.id].contains(&recipe)
}

/// Whether a stage that is not the last is built by services for development alone: its tools are wanted.
fn is_for_development(cx: &RecipeCx<'_>) -> bool {
    let is_last = cx.model.stages.last().is_some_and(|s| s.id == cx.stage.id);
    if is_last {
        return false;
    }
    let matched = |u: &&OutsideUse| u.matched != Matched::Unmatched;
    let mut uses = cx.uses.iter().filter(matched).filter(|u| cx.model.is_used_by(cx.stage.id, u));
    let first = uses.next();
    first.is_some_and(|u| u.development.is_likely()) && uses.all(|u| u.development.is_likely())
}

/// What is known of the base of the stage, if it carries the run time of this name and is no minimal one already.
fn base_with<'a>(cx: &RecipeCx<'a>, runtime: &str) -> Option<(&'a ImageFacts, &'a Runtime)> {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else { return None };
    let found = facts.runtime.as_ref().filter(|r| r.name == runtime)?;
    (!is_minimal(cx)).then_some((facts, found))
}

/// Whether a stage stands on a minimal base already: nothing is left for a recipe to do.
fn is_minimal(cx: &RecipeCx<'_>) -> bool {
    match cx.model.root_base(cx.stage.id) {
        Base::Scratch => true,
        Base::Image { facts: Some(facts), .. } => facts.minimal && facts.debug_of.is_none(),
        _ => false,
    }
}

impl RecipeCx<'_> {
    /// A place in a file of the project.
    fn place(&self, spot: &Spot) -> Place {
        match self.project.read(&spot.path) {
            Ok(bytes) => {
                let file = self.files.borrow_mut().add(&spot.path, &bytes);
                Place::Source(Location::new(file, spot.span))
            }
            Err(_) => Place::File(spot.path.clone()),
        }
    }

    /// A blocker of `recipe` for this stage.
    pub fn blocker(&self, recipe: &'static str, reason: impl Into<String>, place: Place) -> Blocker {
        Blocker { recipe, stage: self.stage.identity.clone(), reason: reason.into(), place }
    }
}
