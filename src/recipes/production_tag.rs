//! Images whose tag adds a shell for debugging or building (`:debug`, `latest-dev`), in a final stage: the
//! production tag that the catalog names for them.

use std::collections::BTreeSet;

use barehull_catalog::ImageFacts;

use super::plan::Plan;
use super::runtime_steps::{self, Packages};
use super::shape::{Target, split, swap};
use super::{Outcome, Recipe, RecipeCx, accounts, contents, ground, launch, outside, service_checks};
use crate::finding::Place;
use crate::model::needs::Why;
use crate::model::{Base, Effect, EffectKind, Landing, StepKind};

/// Debug tags to production tags.
pub static RECIPE: Recipe = Recipe {
    id: "production-tag",
    title: "Production tag in place of the one with a shell",
    about: "For final stages on an image that is another one with a shell added: `:debug` of distroless, \
            `-dev` of Chainguard. FROM gets the production tag, where nothing in the image and nobody \
            outside uses the shell.",
    plan,
};

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Base::Image { facts: Some(debug), .. } = cx.model.root_base(cx.stage.id) else {
        return Outcome::NotApplicable;
    };
    let Some(reference) = debug.debug_of.clone() else { return Outcome::NotApplicable };
    let Some(production) = reference.parse().ok().and_then(|image| cx.catalog.image(&image)) else {
        return Outcome::NotApplicable;
    };
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = launch::process(&mut plan, None) else { return plan.blocked() };
    let provided = provided(cx, debug, &process.argv[0]);
    needs(&mut plan, debug, &production, &provided);
    let names: Vec<&str> = provided.iter().map(String::as_str).collect();
    let checks = service_checks::settle(&mut plan, &names, |_, asked| service_checks::own(&names, asked));
    outside::settle(&mut plan, outside::Offer { programs: &names, interpreter: false, checks });
    ground::note_digest(&mut plan, &reference);
    if debug.runtime.as_ref().is_some_and(|r| r.name == "java") {
        plan.assume(
            "the program needs no tools of the JDK, which the tag with a shell has, nor its compiler",
            Some(plan.base_line()),
        );
    }
    let mut target = Target { base: reference.clone(), build_name: "build", ..Target::default() };
    launch::declare(&mut target, &process, &process.argv);
    if cx.stage.config.entrypoint.as_ref().is_some_and(|e| e.from.location().is_none()) {
        // The production tag has the same.
        target.entrypoint = None;
    } else if cx.stage.config.entrypoint.as_ref().is_some_and(|e| e.value.is_empty()) {
        target.entrypoint = Some(Vec::new());
    }
    settle_user(&mut plan, &mut target);
    note_user(&mut plan, debug, &production);
    let title = format!("Use the production tag {reference}");
    if only_links(&mut target, cx) {
        return plan.finish(title, &target, || swap(cx.model, cx.stage, &target));
    }
    installed(&mut plan);
    target.copies = contents::files(&mut plan, Packages::Judge);
    contents::make_volumes(&plan, &mut target);
    accounts::number_owners(cx, &mut target);
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// The programs that the production image has for certain: what is started, what was copied in, the language's own.
fn provided(cx: &RecipeCx<'_>, debug: &ImageFacts, program: &str) -> BTreeSet<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let mut found: BTreeSet<String> =
        cx.model.lineage(cx.stage.id).into_iter().flat_map(contents::landings).map(|l| name(&l)).collect();
    found.insert(name(program));
    if let Some(runtime) = &debug.runtime {
        found.insert(runtime.name.to_string());
        found.extend(runtime.interpreter.as_deref().map(name));
    }
    found
}

/// Blocks on every use of a program that only the debug tag has.
fn needs(plan: &mut Plan<'_, '_>, debug: &ImageFacts, production: &ImageFacts, provided: &BTreeSet<String>) {
    let stays = |path: &str| production.components.iter().any(|c| c.component.path == path);
    let goes =
        |name: &str| debug.components.iter().any(|c| c.component.name() == name && !stays(&c.component.path));
    let stage = plan.cx.stage;
    for need in &stage.needs.programs {
        // What ENTRYPOINT and CMD start was read already; other files' uses are judged as such.
        if matches!(
            need.why,
            Why::Entrypoint | Why::Cmd | Why::Outside(_) | Why::Person(_) | Why::Terminal(_)
        ) || provided.contains(need.name())
        {
            continue;
        }
        let bare = !need.program.contains('/');
        if bare || goes(need.name()) || need.program.starts_with("/busybox/") {
            let place = need.place.clone().unwrap_or(Place::Source(plan.base_line()));
            plan.block(
                format!("{} starts {}, which only the tag with a shell has", need.why, need.name()),
                place,
            );
        }
    }
    for unnamed in &stage.needs.unnamed {
        let place = unnamed.place.clone().unwrap_or(Place::Source(plan.base_line()));
        plan.block(unnamed.reason.clone(), place);
    }
}

/// A user that an instruction makes becomes its number; others are the image's own, or numbers, and stay.
fn settle_user(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let cx = plan.cx;
    let Some(user) = cx.stage.config.user.as_ref().filter(|u| u.from.location().is_some()) else { return };
    let made = effects(cx).any(|e| matches!(e.kind, EffectKind::Account { .. }));
    let number = accounts::number_of(cx, &user.value).filter(|_| made);
    target.user = Some(number.unwrap_or_else(|| user.value.clone()));
}

/// Says so where the production tag's own user is not the one of the tag with a shell.
fn note_user(plan: &mut Plan<'_, '_>, debug: &ImageFacts, production: &ImageFacts) {
    let own = plan.cx.stage.config.user.as_ref().is_some_and(|u| u.from.location().is_some());
    if !own && debug.config.user != production.config.user && !production.user_is_root() {
        let user = production.config.user.as_deref().unwrap_or_default().to_owned();
        plan.assume(
            format!("the process runs as {user}, the production tag's user: it writes only to /tmp and to volumes that this user may write to"),
            Some(plan.base_line()),
        );
    }
}

fn effects<'a>(cx: &RecipeCx<'a>) -> impl Iterator<Item = &'a Effect> {
    cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

/// Whether the RUN lines do nothing but make the shell easier to find; then they go.
fn only_links(target: &mut Target, cx: &RecipeCx<'_>) -> bool {
    let is_link = |e: &Effect| {
        matches!(&e.kind, EffectKind::Link { target, .. } if target.starts_with("/busybox/"))
            || runtime_steps::is_needless(e)
    };
    for step in cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps) {
        if let StepKind::Run(run) = &step.kind {
            if !run.effects.iter().all(is_link) {
                target.drop.clear();
                return false;
            }
            target.drop.insert(step.instruction);
        }
    }
    true
}

/// Blocks on packages beside the interpreter: they cannot be told from what the image has there.
fn installed(plan: &mut Plan<'_, '_>) {
    for effect in effects(plan.cx).collect::<Vec<_>>() {
        if let EffectKind::LanguageInstall { landing: Landing::Global | Landing::Home, .. } = &effect.kind {
            plan.block(
                "packages are installed beside the interpreter: install them into a folder or an environment of their own",
                effect.at,
            );
        }
    }
}
