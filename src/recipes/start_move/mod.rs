//! Work that a start script does before the application runs moves into init containers, `ConfigMap`s and the build,
//! and the application is started without a shell. Other recipes go on from there.

mod launch_of;
mod paths;
mod pods;
mod prepare;
mod proposal;
mod services;
mod task;
mod wait;

pub(super) use task::label;

use super::accounts::number_of;
use super::launch::launch_line;
use super::plan::Plan;
use super::shape::{Target, configure};
use super::start_script::without_script;
use super::trim;
use super::{Outcome, Recipe, RecipeCx};
use crate::model::start::{Class, StartScript, UnitKind};
use crate::options::Migrations;
use crate::project::FileKind;
use crate::project::outside::{Matched, OutsideUse};

/// Scripts that wait, download, render configuration, migrate databases or set permissions.
pub static RECIPE: Recipe = Recipe {
    id: "start-work",
    title: "Move start-time work out of the image",
    about: "For stages whose ENTRYPOINT or CMD is a shell script that does work before it passes on to the \
            application, and that Kubernetes manifests or compose files of the project run. Waiting for other services and downloads go \
            to init containers with an image of their own, what they write into a volume that both mount; files made \
            of templates go to an init container with the template in a ConfigMap, files that never change to a \
            ConfigMap alone; migrations go to an init container of the application's image; owners and folders to the \
            build, or to the pod's fsGroup. In compose files services that run to their end take the place of init \
            containers. The Dockerfile then starts the application itself, and other recipes go \
            on from there, since no shell is needed any more.\n\n\
            Nothing moves unless everything does: a script that does anything else, starts other processes, or decides \
            at start what to run is left alone, and what stands in the way is told with its line.\n\n\
            Where nothing in the project runs the image, a sketch (`--level sketch`) adds a Deployment, k8s/NAME.yaml; of a \
            Helm chart, and of a manifest that cannot be edited, it says what to add by hand.",
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
    let starts = launch_of::Starts::of(&cx.stage.config, script);
    let pods = pods::pods(&mut plan, &uses, &starts, &rest.handover);
    let user = rest.handover.user.as_deref().and_then(|u| number_of(cx, u));
    let mut elsewhere = pods::edits(&mut plan, &pods, &tasks, &prepared, user.as_deref());
    let (services, more) = services::edits(&mut plan, &uses, &starts, &tasks, &prepared);
    elsewhere.edits.extend(more.edits);
    elsewhere.by_hand.extend(more.by_hand);
    let has_work = !tasks.is_empty() || prepared.group.is_some();
    if !plan.is_blocked() {
        if pods.is_empty() && services == 0 && has_work {
            let work = proposal::Work { script, tasks: &tasks, prepared: &prepared, user: user.as_deref() };
            elsewhere.edits.extend(proposal::propose(&mut plan, &work));
        }
        for (by_hand, reason) in std::mem::take(&mut elsewhere.by_hand) {
            plan.leave_to_hand(by_hand, reason);
        }
    }
    if has_work {
        note_other_uses(&mut plan, &uses, script);
    }
    note_work(&mut plan, script, &uses);
    target.user.clone_from(&rest.handover.user);
    target.build_tail = prepared.lines;
    let title = format!("Move what {} does at the start out of the image", script.program);
    plan.finish(title, &target, || {
        let mut edits = configure(cx.model, cx.stage, &target);
        edits.extend(trim::tools_of_script(cx, script.at.file));
        edits.extend(elsewhere.edits);
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

/// Uses that start the image by hand lose the work, and so do strangers to whom a registry gives it.
fn note_other_uses(plan: &mut Plan<'_, '_>, uses: &[&OutsideUse], script: &StartScript) {
    let by_hand = |u: &&&OutsideUse| {
        !matches!(u.kind, FileKind::Yaml | FileKind::Compose) && u.entrypoint.is_none() && u.build.is_none()
    };
    for used in uses.iter().filter(by_hand) {
        let place = plan.cx.place(&used.at);
        let text =
            format!("whoever starts the image in {} does what {} did first", used.at.path, script.program);
        plan.assume_at(text, Some(place));
    }
    let is_published = |u: &&&OutsideUse| {
        matches!(u.kind, FileKind::Workflow | FileKind::GitlabCi | FileKind::OtherCi | FileKind::Jenkinsfile)
            && u.build.as_ref().is_some_and(|build| !build.names.is_empty())
    };
    if let Some(used) = uses.iter().find(is_published) {
        let place = plan.cx.place(&used.at);
        let text = format!(
            "nobody runs the image that {} publishes but with the files of this project: whoever does has to do what {} did first",
            used.at.path, script.program
        );
        plan.assume_at(text, Some(place));
    }
}

/// What differs for all work that moves, each said once.
fn note_work(plan: &mut Plan<'_, '_>, script: &StartScript, uses: &[&OutsideUse]) {
    let work = || {
        script.units.iter().filter_map(|u| match &u.kind {
            UnitKind::Work(class) if *class != Class::Permissions => Some((u, *class)),
            _ => None,
        })
    };
    let at = launch_line(plan);
    let only_compose = is_only_compose(uses);
    if work().next().is_some() && only_compose {
        plan.assume("services that run to their end run again with `docker compose up` alone: nothing of this work is needed again when the application's container is restarted", Some(at));
    } else if work().next().is_some() {
        plan.assume("init containers run once for each pod: nothing of this work is needed again when the application alone is restarted", Some(at));
        plan.assume("what init containers ask over the network does not need the sidecar of a service mesh, which starts after them", Some(at));
    }
    for (unit, class) in work() {
        if !unit.stops && class != Class::Wait {
            plan.assume("the application is not started where this fails: the script went on", Some(unit.at));
        }
        if class == Class::Job {
            let often = if only_compose {
                "it may run at each `docker compose up`, as it did at each start"
            } else if plan.cx.options.migrations == Migrations::Job {
                "the pods of the new version find it done when they start"
            } else {
                "it may run for each new pod, as it did (a Job would run it once for each release: --migrations job)"
            };
            let text = format!(
                "what this changes lies outside of the container or on a volume that is mounted, and {often}"
            );
            plan.assume(text, Some(unit.at));
        }
    }
}

/// Whether compose files run the image, and no manifest does.
fn is_only_compose(uses: &[&OutsideUse]) -> bool {
    uses.iter().any(|u| u.kind == FileKind::Compose) && uses.iter().all(|u| u.kind != FileKind::Yaml)
}
