//! What the stages put into the image besides nginx itself, as copies.

use std::collections::BTreeSet;

use super::super::plan::Plan;
use super::super::runtime_steps;
use super::super::shape::{CopyLine, Target};
use super::super::{RecipeCx, contents};
use super::{USER, WRITTEN};
use crate::model::{Effect, EffectKind, Landing, Sink, StepKind};

/// Folders of the server that are copied whole.
const OF_SERVER: [&str; 2] = ["/etc/nginx", "/usr/share/nginx/html"];
/// What a RUN leaves there is for root's nginx alone.
const LEFT: [&str; 6] =
    ["/docker-entrypoint.d", "/docker-entrypoint.sh", "/run", "/tmp", "/var/lib/nginx", "/var/run"];
/// Programs that leave nothing but what they are pointed at.
const HARMLESS: [&str; 6] = ["brotli", "envsubst", "find", "nginx", "setcap", "xargs"];

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_of_server(path: &str) -> bool {
    OF_SERVER.iter().chain(&WRITTEN).any(|folder| is_below(path, folder))
}

/// Whether a COPY brings pages, or the configuration of a site.
pub(super) fn is_site(path: &str) -> bool {
    is_below(path, "/usr/share/nginx/html") || is_below(path, "/etc/nginx/conf.d")
}

/// The server's folders; those whose files a RUN or COPY gave away stay its user's.
pub(super) fn of_server(cx: &RecipeCx<'_>, target: &Target) -> Vec<CopyLine> {
    let user = target.user.as_deref().unwrap_or(USER).to_owned();
    let given = given_away(cx);
    let mut copies: Vec<CopyLine> = OF_SERVER
        .iter()
        .map(|folder| {
            let own = given.iter().any(|g| is_below(g, folder) || is_below(folder, g));
            CopyLine { chown: own.then(|| user.clone()), ..CopyLine::of(folder, folder) }
        })
        .collect();
    copies.extend(WRITTEN.iter().map(|f| CopyLine { chown: Some(user.clone()), ..CopyLine::of(f, f) }));
    copies
}

/// Paths that belong to another user than root.
fn given_away(cx: &RecipeCx<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps) {
        match &step.kind {
            StepKind::Transfer(t)
                if t.chown.as_deref().is_some_and(|c| !c.starts_with("root") && !c.starts_with('0')) =>
            {
                found.extend(t.dest.as_deref().map(|d| d.trim_end_matches('/').to_owned()));
            }
            StepKind::Run(run) => found.extend(run.effects.iter().filter_map(|e| match &e.kind {
                EffectKind::Chown { path, .. } => Some(path.trim_end_matches('/').to_owned()),
                _ => None,
            })),
            _ => {}
        }
    }
    found
}

/// Copies of what lies outside the server's folders; blocks on what a RUN leaves nobody knows where.
pub(super) fn extra(plan: &mut Plan<'_, '_>, target: &mut Target) -> Vec<CopyLine> {
    let cx = plan.cx;
    let mut paths: BTreeSet<String> = BTreeSet::new();
    let mut needless = Some(BTreeSet::new());
    for stage in cx.model.lineage(cx.stage.id) {
        for step in &stage.steps {
            match &step.kind {
                StepKind::Transfer(t) if t.dest.is_none() => {
                    let at = cx.model.at(cx.model.instruction(step).span);
                    plan.block("where this COPY lands is not known before the build", at);
                }
                StepKind::Run(run) => {
                    for effect in &run.effects {
                        paths.extend(left_by(plan, effect));
                    }
                    let installs = |e: &Effect| matches!(e.kind, EffectKind::Install { root: None, .. });
                    let nothing = runtime_steps::edited_by(run).is_none()
                        && run.effects.iter().all(|e| runtime_steps::is_needless(e) || installs(e));
                    // A later RUN may use what an earlier one installs: all of them go, or none.
                    match &mut needless {
                        Some(all) if nothing => {
                            all.insert(step.instruction);
                        }
                        _ => needless = None,
                    }
                }
                _ => {}
            }
        }
        paths.extend(contents::landings(stage));
    }
    if paths.contains("/") {
        plan.block(
            "a COPY puts files into /, where they cannot be told from the system: give them a folder",
            plan.base_line(),
        );
    }
    if cx.model.lineage(cx.stage.id).len() == 1 {
        target.drop.extend(needless.into_iter().flatten());
    }
    paths.extend(contents::volumes(cx).into_iter().map(|v| v.source));
    let given = given_away(cx);
    let volumes: BTreeSet<String> = contents::volumes(cx).into_iter().map(|v| v.source).collect();
    let user = target.user.clone().unwrap_or_else(|| USER.to_owned());
    paths.retain(|p| p != "/" && !is_of_server(p) && !LEFT.iter().any(|l| is_below(p, l)));
    let all = paths.clone();
    paths.retain(|p| !all.iter().any(|other| other != p && is_below(p, other)));
    paths
        .into_iter()
        .map(|p| {
            let own = given.contains(&p) || volumes.contains(&p);
            CopyLine { chown: own.then(|| user.clone()), ..CopyLine::of(&p, &p) }
        })
        .collect()
}

/// The path that an effect of a RUN makes, if it makes one.
fn left_by(plan: &mut Plan<'_, '_>, effect: &Effect) -> Option<String> {
    if runtime_steps::is_needless(effect) || runtime_steps::is_dropped_install(plan, effect) {
        return None;
    }
    match &effect.kind {
        EffectKind::MakeFolder { path }
        | EffectKind::Write { path }
        | EffectKind::Link { path, .. }
        | EffectKind::Copy { to: path, .. }
        | EffectKind::Move { to: path, .. }
        | EffectKind::Unpack { folder: path }
        | EffectKind::Chown { path, .. }
        | EffectKind::Fetch { to: Sink::File(path) | Sink::Folder(path), .. }
        | EffectKind::LanguageInstall { landing: Landing::Project(path) | Landing::Folder(path), .. } => {
            Some(path.trim_end_matches('/').to_owned())
        }
        EffectKind::Chmod { .. } | EffectKind::Remove { .. } => None,
        EffectKind::Spawn { program, .. }
            if HARMLESS.contains(&program.rsplit('/').next().unwrap_or(program)) =>
        {
            None
        }
        _ => {
            plan.block(
                "what this RUN leaves in the image is not known: move it to a build stage and copy its result",
                effect.at,
            );
            None
        }
    }
}
