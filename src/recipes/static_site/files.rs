//! What the stages put into the image besides nginx itself, as copies.

use std::collections::BTreeSet;

use super::super::plan::Plan;
use super::super::runtime_steps;
use super::super::shape::{CopyLine, Target};
use super::super::{RecipeCx, contents};
use super::{USER, WRITTEN};
use crate::model::{Effect, EffectKind, Landing, Named, Sink, StepKind};

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

/// Whether `path` is copied with the server itself.
pub(super) fn is_of_server(path: &str) -> bool {
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

/// Paths that belong to another user than root, or have to: keys that openssl makes only their owner may read.
fn given_away(cx: &RecipeCx<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps) {
        match &step.kind {
            StepKind::Transfer(t)
                if t.chown.as_deref().is_some_and(|c| !c.starts_with("root") && !c.starts_with('0')) =>
            {
                found.extend(t.dest.as_deref().map(|d| d.trim_end_matches('/').to_owned()));
            }
            StepKind::Run(run) => {
                for effect in &run.effects {
                    found.extend(made_by_openssl(&effect.kind));
                    if let EffectKind::Chown { path, .. } = &effect.kind {
                        found.insert(path.trim_end_matches('/').to_owned());
                    }
                }
            }
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
            let own = given.iter().any(|g| is_below(g, &p)) || volumes.contains(&p);
            CopyLine { chown: own.then(|| user.clone()), ..CopyLine::of(&p, &p) }
        })
        .collect()
}

/// The files that a call of openssl writes, where their paths are absolute.
fn made_by_openssl(kind: &EffectKind) -> Vec<String> {
    let EffectKind::Spawn { program, args } = kind else { return Vec::new() };
    if !program.ends_with("openssl") {
        return Vec::new();
    }
    let option = |a: &Option<String>| matches!(a.as_deref(), Some("-out" | "-keyout"));
    args.windows(2)
        .filter(|w| option(&w[0]))
        .filter_map(|w| w[1].clone())
        .filter(|p| p.starts_with('/'))
        .collect()
}

/// nginx starts no programs, so that only packages which may hold modules or data for it are to be judged.
fn judge_packages(plan: &mut Plan<'_, '_>, packages: &[Named], at: barehull_syntax::Location) {
    let may_be_read = |name: &str| ["nginx", "lib", "geoip"].iter().any(|part| name.contains(part));
    let (read, others): (Vec<_>, Vec<_>) =
        packages.iter().filter(|p| !runtime_steps::is_covered(&p.name)).partition(|p| may_be_read(&p.name));
    for package in read {
        runtime_steps::judge_package(plan, package);
    }
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|p| p.name.as_str()).collect();
        plan.assume(format!("nothing needs {} in the running container", names.join(", ")), Some(at));
    }
}

/// The path that an effect of a RUN makes, if it makes one.
fn left_by(plan: &mut Plan<'_, '_>, effect: &Effect) -> Option<String> {
    if runtime_steps::is_needless(effect) {
        return None;
    }
    if let EffectKind::Install { packages, root: None, .. } = &effect.kind {
        judge_packages(plan, packages, effect.at);
        return None;
    }
    if let Some(path) = made_by_openssl(&effect.kind).into_iter().find(|p| !is_of_server(p)) {
        return Some(path.rsplit_once('/').map_or(path.clone(), |(folder, _)| folder.to_owned()));
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
        EffectKind::Spawn { .. } if !made_by_openssl(&effect.kind).is_empty() => None,
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
