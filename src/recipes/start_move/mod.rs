//! Work that a start script does before the application runs moves into init containers, `ConfigMap`s and the build,
//! and the application is started without a shell. Other recipes go on from there.

mod paths;
mod pods;
mod prepare;
mod task;
mod wait;

use super::accounts::number_of;
use super::launch::launch_line;
use super::plan::Plan;
use super::shape::{Target, configure};
use super::start_script::without_script;
use super::{Outcome, Recipe, RecipeCx};
use crate::model::start::{Class, StartScript, UnitKind};
use crate::project::FileKind;
use crate::project::outside::{Matched, OutsideUse};

/// Scripts that wait, download, render configuration, migrate databases or set permissions.
pub static RECIPE: Recipe = Recipe {
    id: "start-work",
    title: "Move start-time work out of the image",
    about: "For stages whose ENTRYPOINT or CMD is a shell script that does work before it passes on to the \
            application, and that Kubernetes manifests of the project run. Waiting for other services and downloads go \
            to init containers with an image of their own, what they write into a volume that both mount; files made \
            of templates go to an init container with the template in a ConfigMap, files that never change to a \
            ConfigMap alone; migrations go to an init container of the application's image; owners and folders to the \
            build, or to the pod's fsGroup. The Dockerfile then starts the application itself, and other recipes go \
            on from there, since no shell is needed any more.\n\n\
            Nothing moves unless everything does: a script that does anything else, starts other processes, or decides \
            at start what to run is left alone, and what stands in the way is told with its line.",
    plan,
};

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(script) = &cx.stage.needs.start_script else { return Outcome::NotApplicable };
    let has_work = script.has_work() || script.rest.as_ref().is_some_and(|r| r.handover.user.is_some());
    if !has_work {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    let uses: Vec<&OutsideUse> = cx
        .uses
        .iter()
        .filter(|u| u.matched != Matched::Unmatched && cx.model.is_used_by(cx.stage.id, u))
        .collect();
    let tasks = task::tasks(&mut plan, &uses, &script.units);
    let Some(rest) = &script.rest else {
        if !plan.is_blocked() {
            plan.block("what the start script runs in the end is decided at the start", script.at);
        }
        return plan.blocked();
    };
    let Some(mut target) = without_script(&mut plan, script, rest) else {
        return if plan.is_blocked() { plan.blocked() } else { Outcome::NotApplicable };
    };
    block_switch(&mut plan, script, &target);
    let made: Vec<String> = tasks.iter().flat_map(|t| &t.outputs).map(|o| o.path.clone()).collect();
    let prepared = prepare::prepare(&mut plan, &script.units, &uses, &made);
    let pods = pods::pods(&mut plan, script);
    let needs_pods = !tasks.is_empty() || prepared.group.is_some();
    if pods.is_empty() && needs_pods && !plan.is_blocked() {
        plan.block(
            "no manifest of the project runs this image: its start-time work has nowhere to go (name the image with --image, or the manifests with --manifests)",
            script.at,
        );
    }
    note_other_uses(&mut plan, &uses, script, needs_pods);
    let user = rest.handover.user.as_deref().and_then(|u| number_of(cx, u));
    let manifests = pods::edits(&mut plan, &pods, &tasks, &prepared, user.as_deref());
    note_work(&mut plan, script);
    target.user.clone_from(&rest.handover.user);
    target.build_tail = prepared.lines;
    let title = format!("Move what {} does at the start out of the image", script.program);
    plan.finish(title, &target, || {
        let mut edits = configure(cx.model, cx.stage, &target);
        edits.extend(manifests);
        Ok(edits)
    })
}

/// A script that changes the user for one command alone must be started with that, and by root.
fn block_switch(plan: &mut Plan<'_, '_>, script: &StartScript, target: &Target) {
    let switch = script.units.iter().find_map(|u| match &u.kind {
        UnitKind::Switch { command, .. } => Some((u.at, command)),
        _ => None,
    });
    let Some((at, command)) = switch else { return };
    let started = target.entrypoint.iter().chain(&target.cmd).flatten().next();
    if command.is_some() && started != command.as_ref() {
        plan.block("the start script changes the user for another command than the image's own", at);
    }
    if plan.cx.stage.config.runs_as_root() != Some(true) {
        plan.block(
            "the start script changes the user where root starts it, and the image has another user",
            at,
        );
    }
}

/// Uses that start the image without an init container lose the work: compose services, `docker run`.
fn note_other_uses(plan: &mut Plan<'_, '_>, uses: &[&OutsideUse], script: &StartScript, needs_pods: bool) {
    if !needs_pods {
        return;
    }
    for used in uses.iter().filter(|u| u.kind != FileKind::Yaml && !u.development && u.entrypoint.is_none()) {
        let runs = used.kind == FileKind::Compose || used.command.is_some() || used.image.is_some();
        if !runs {
            continue;
        }
        let place = plan.cx.place(&used.at);
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        if used.kind == FileKind::Compose {
            plan.block(
                format!(
                    "{name} in {} starts {} too: its work needs a service of its own there",
                    used.at.path, script.program
                ),
                place,
            );
        } else {
            plan.assume_at(
                format!(
                    "whoever starts the image in {} does what {} did first",
                    used.at.path, script.program
                ),
                Some(place),
            );
        }
    }
}

/// What differs for all work that moves, each said once.
fn note_work(plan: &mut Plan<'_, '_>, script: &StartScript) {
    let work = || {
        script.units.iter().filter_map(|u| match &u.kind {
            UnitKind::Work(class) if *class != Class::Permissions => Some((u, *class)),
            _ => None,
        })
    };
    let at = launch_line(plan);
    if work().next().is_some() {
        plan.assume("init containers run once for each pod: nothing of this work is needed again when the application alone is restarted", Some(at));
        plan.assume("what init containers ask over the network does not need the sidecar of a service mesh, which starts after them", Some(at));
    }
    for (unit, class) in work() {
        if !unit.stops && class != Class::Wait {
            plan.assume("the application is not started where this fails: the script went on", Some(unit.at));
        }
        if class == Class::Job {
            plan.assume(
                "what this changes lies outside of the container or on a volume that is mounted, and it may run for each new pod, as it did",
                Some(unit.at),
            );
        }
    }
}
