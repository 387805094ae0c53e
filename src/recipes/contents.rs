//! What a stage put into its image, as the copies that a new final stage makes of it.

use std::collections::BTreeSet;

use barehull_catalog::{Origin, Presence};

use super::RecipeCx;
use super::accounts::number_of;
use super::ground::NONROOT;
use super::plan::Plan;
use super::runtime_steps::{Packages, is_dropped_install, is_needless};
use super::shape::{CopyLine, Target};
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, Landing, Sink, Source, Stage, Step, StepKind, Transfer, absolute};

/// Programs that build; what they write belongs to the application's folder.
const BUILDERS: [&str; 28] = [
    "ant", "jar", "javac", "jlink", "kotlinc", "sbt", "scalac", "npm", "npx", "yarn", "pnpm", "node", "tsc",
    "bun", "corepack", "python", "python3", "make", "gulp", "grunt", "webpack", "bundle", "bundler", "gem",
    "rake", "rails", "ruby", "bootsnap",
];

/// Everything the stage and those below it put into the image outside the base, as copies; the application's
/// folder first. Folders the application writes to belong to its user.
pub fn everything(
    plan: &mut Plan<'_, '_>,
    workdir: &str,
    evidence: &Evidence,
    packages: Packages,
) -> Vec<CopyLine> {
    let mut copies = files(plan, packages);
    without_tools(plan, &mut copies);
    let below = |path: &str| path.strip_prefix(workdir).is_some_and(|rest| rest.starts_with('/'));
    copies.retain(|c| c.source != workdir && !below(&c.source));
    for copy in copies.iter_mut().filter(|c| c.chown.is_none()) {
        let inside = |path: &str| path == copy.source || path.starts_with(&format!("{}/", copy.source));
        if evidence.writes.iter().any(|w| inside(absolute(workdir, &w.path).trim_end_matches('/'))) {
            copy.chown = Some(owner(plan.cx));
        }
    }
    let stage = plan.cx.stage;
    let mut chown = is_owned(stage, workdir).then(|| owner(plan.cx));
    if let Some(first) = evidence.writes.iter().find(|w| below(&absolute(workdir, &w.path))) {
        chown = Some(owner(plan.cx));
        plan.assume(
            format!(
                "the application writes below {workdir} ({}): the folder is its own, its code included",
                first.path
            ),
            Some(first.place),
        );
    }
    if stage.config.volumes.iter().any(|v| below(&v.value)) {
        chown = Some(owner(plan.cx));
    }
    let around = |path: &str| workdir.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    if let Some(whole) = copies.iter_mut().find(|c| around(&c.source)) {
        whole.chown = whole.chown.take().or(chown);
        return copies;
    }
    let app = CopyLine { chown, ..CopyLine::of(workdir, workdir) };
    std::iter::once(app).chain(copies).collect()
}

/// Leaves out single files that are tools (uv, a copied curl) and that nothing starts.
fn without_tools(plan: &mut Plan<'_, '_>, copies: &mut Vec<CopyLine>) {
    let stage = plan.cx.stage;
    let plain = |path: &str| path.strip_prefix("/usr").unwrap_or(path).to_owned();
    for entry in stage.inventory.materialise().iter().filter(|e| e.presence == Presence::Present) {
        let (path, name) = (&entry.component.path, entry.component.name());
        let Origin::Copied { at, .. } = &entry.origin else { continue };
        if stage.needs.of(name).next().is_some() {
            continue;
        }
        let before = copies.len();
        copies.retain(|c| plain(&c.source) != plain(path));
        if copies.len() < before {
            plan.assume(format!("nothing starts {name} in the running container"), Some(*at));
        }
    }
}

/// Whether the stage gives its application's folder to another user than root.
fn is_owned(stage: &Stage, workdir: &str) -> bool {
    stage.steps.iter().any(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(
            |e| matches!(&e.kind, EffectKind::Chown { path, .. } if path.trim_end_matches('/') == workdir),
        ),
        StepKind::Transfer(t) => is_given_away(t),
        StepKind::Config => false,
    })
}

fn is_given_away(transfer: &Transfer) -> bool {
    transfer.chown.as_deref().is_some_and(|c| !c.starts_with("root") && !c.starts_with('0'))
}

/// Who owns what the process writes: the number of its user, else the new base's user.
pub fn owner(cx: &RecipeCx<'_>) -> String {
    let user = cx.stage.config.user.as_ref().filter(|_| cx.stage.config.runs_as_root() == Some(false));
    user.and_then(|u| number_of(cx, &u.value)).unwrap_or_else(|| NONROOT.to_owned())
}

/// The mount points of the stage's volumes, owned by the image's user.
pub fn volumes(cx: &RecipeCx<'_>) -> Vec<CopyLine> {
    let own =
        cx.stage.config.volumes.iter().filter(|v| v.from.location().is_some() && v.value.starts_with('/'));
    own.map(|v| v.value.trim_end_matches('/'))
        .map(|path| CopyLine { chown: Some(owner(cx)), ..CopyLine::of(path, path) })
        .collect()
}

/// Makes the folders of volumes in the build stage, where nothing there makes them: whoever is not root cannot
/// write to a mount point that the builder made.
pub fn make_volumes(plan: &Plan<'_, '_>, target: &mut Target) {
    let stage = plan.cx.stage;
    let landings = landings(stage);
    let effects = stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    });
    let folders: BTreeSet<&str> = effects
        .filter_map(|e| match &e.kind {
            EffectKind::MakeFolder { path } => Some(path.trim_end_matches('/')),
            _ => None,
        })
        .collect();
    let made = |path: &str| {
        folders.contains(path) || landings.iter().any(|l| l == path || path.starts_with(&format!("{l}/")))
    };
    let missing: Vec<String> = volumes(plan.cx).into_iter().map(|c| c.source).filter(|v| !made(v)).collect();
    if !missing.is_empty() {
        target.build_tail.insert(0, format!("{} mkdir -p {}", plan.keyword("RUN"), missing.join(" ")));
    }
}

/// The paths that the stage's COPY and ADD make, as far as they are known.
pub fn landings(stage: &Stage) -> Vec<String> {
    let transfers = stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => Some(t),
        _ => None,
    });
    transfers.filter_map(|t| Some(landing(t.dest.as_deref()?, t))).collect()
}

/// What the stage's own instructions made, as copies: what they brought, and folders they made.
pub fn files(plan: &mut Plan<'_, '_>, packages: Packages) -> Vec<CopyLine> {
    let stage = plan.cx.stage;
    let mut owned: BTreeSet<String> = BTreeSet::new();
    let mut paths: Vec<String> = Vec::new();
    let lineage = plan.cx.model.lineage(stage.id);
    for step in lineage.iter().rev().flat_map(|s| &s.steps) {
        match &step.kind {
            StepKind::Transfer(transfer) => {
                let Some(dest) = &transfer.dest else {
                    let at = plan.cx.model.at(plan.cx.model.instruction(step).span);
                    plan.block("where this COPY lands is not known before the build", at);
                    continue;
                };
                let landed = landing(dest, transfer);
                if landed == "/" {
                    paths.extend(into_root(plan, step, transfer));
                    continue;
                }
                if is_given_away(transfer) {
                    owned.insert(landed.clone());
                }
                paths.push(landed);
            }
            StepKind::Run(run) => {
                for effect in &run.effects {
                    run_path(plan, effect, packages, &mut paths, &mut owned);
                }
            }
            StepKind::Config => {}
        }
    }
    for volume in volumes(plan.cx) {
        owned.insert(volume.source.clone());
        paths.push(volume.source);
    }
    merge(paths, &owned, &owner(plan.cx))
}

/// What a COPY into `/` brings, by name; blocks where only the build knows. Files that only the package managers
/// read stay behind.
fn into_root(plan: &mut Plan<'_, '_>, step: &Step, transfer: &Transfer) -> Vec<String> {
    const FOR_INSTALLING: [&str; 8] = [
        "requirements",
        "constraints",
        "package",
        "yarn.lock",
        "pnpm-lock",
        "pyproject",
        "poetry.lock",
        "Pipfile",
    ];
    let mut found = Vec::new();
    for source in &transfer.sources {
        let name = source.as_deref().map_or("", |s| s.trim_end_matches('/').rsplit('/').next().unwrap_or(s));
        if FOR_INSTALLING.iter().any(|f| name.starts_with(f)) {
            continue;
        }
        if name.trim_start_matches('.').contains('.') && !name.contains(['*', '?', '[']) {
            found.push(format!("/{name}"));
            continue;
        }
        let at = plan.cx.model.at(plan.cx.model.instruction(step).span);
        plan.block(
            "this COPY puts files into /, where they cannot be told from the system: give them a folder",
            at,
        );
        break;
    }
    found
}

/// Folders of the system: what is copied into one is a file among others.
const SHARED: [&str; 11] = [
    "",
    "/bin",
    "/etc",
    "/lib",
    "/sbin",
    "/usr/bin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/sbin",
];

/// The path that a COPY makes: the file itself where one file goes into a folder of the system. Of a folder, the
/// content is copied.
pub fn landing(dest: &str, transfer: &Transfer) -> String {
    let folder = dest.trim_end_matches('/');
    let [Some(source)] = transfer.sources.as_slice() else { return or_root(folder) };
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let file = matches!(transfer.from, Source::Stage(_)) && SHARED.contains(&folder) && dest.ends_with('/');
    let whole = matches!(name, "." | "") || name.contains(['*', '?']);
    if file && !whole { format!("{folder}/{name}") } else { or_root(folder) }
}

/// Whether a path is a folder that every system has.
pub fn is_of_system(path: &str) -> bool {
    SHARED.contains(&path)
        || matches!(path, "/usr" | "/usr/local" | "/usr/share" | "/var" | "/var/lib" | "/opt" | "/srv")
}

fn or_root(folder: &str) -> String {
    if folder.is_empty() { "/".to_owned() } else { folder.to_owned() }
}

/// What an effect of a RUN leaves behind; blocks on what cannot be copied.
fn run_path(
    plan: &mut Plan<'_, '_>,
    effect: &Effect,
    packages: Packages,
    paths: &mut Vec<String>,
    owned: &mut BTreeSet<String>,
) {
    if is_needless(effect) {
        return;
    }
    if let EffectKind::Install { root: None, .. } = effect.kind {
        if packages == Packages::Judge {
            is_dropped_install(plan, effect);
        }
        return;
    }
    match &effect.kind {
        // Settings of the gem program, which stays behind or has nothing to install.
        EffectKind::Write { path } if path.ends_with("/.gemrc") || path == "/etc/gemrc" => {}
        EffectKind::Write { path } if path.contains("/~") => plan.block(
            "this RUN writes to the home of a user, which the new base has not: write to a folder by name",
            effect.at,
        ),
        EffectKind::MakeFolder { path } | EffectKind::Write { path } | EffectKind::Link { path, .. } => {
            paths.push(path.clone());
        }
        EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => {
            paths.push(to.trim_end_matches('/').to_owned());
        }
        EffectKind::Unpack { folder } => paths.push(folder.clone()),
        EffectKind::Fetch { to: Sink::File(path) | Sink::Folder(path), .. } => {
            paths.push(path.clone());
        }
        EffectKind::LanguageInstall {
            landing: Landing::Project(folder) | Landing::Folder(folder), ..
        } => {
            paths.push(folder.clone());
        }
        EffectKind::Chown { path, .. } => {
            owned.insert(path.trim_end_matches('/').to_owned());
            paths.push(path.trim_end_matches('/').to_owned());
        }
        EffectKind::Chmod { .. } | EffectKind::Remove { .. } => {}
        EffectKind::Spawn { program, .. }
            if BUILDERS.contains(&program.rsplit('/').next().unwrap_or(program)) => {}
        EffectKind::LanguageInstall { landing: Landing::Global, .. } if packages == Packages::Judged => {}
        EffectKind::LanguageInstall { landing: Landing::Global, packages: named, .. } => {
            let names: Vec<_> = named.iter().map(|p| p.name.as_str()).collect();
            plan.assume(
                format!("the application does not use what is installed globally: {}", names.join(", ")),
                Some(effect.at),
            );
        }
        _ => plan.block(
            "what this RUN leaves in the image is not known: move it to a build stage and copy its result",
            effect.at,
        ),
    }
}

/// One line per path; a path below another one needs none, unless its owner differs.
fn merge(paths: Vec<String>, owned: &BTreeSet<String>, owner: &str) -> Vec<CopyLine> {
    let all: BTreeSet<String> = paths.into_iter().filter(|p| !p.starts_with("/tmp") && p != "/").collect();
    let covers = |a: &String, b: &String| a != b && b.starts_with(&format!("{a}/"));
    all.iter()
        .filter(|path| {
            !all.iter().any(|other| covers(other, path) && (owned.contains(other) || !owned.contains(*path)))
        })
        .map(|path| CopyLine {
            chown: owned.contains(path).then(|| owner.to_owned()),
            ..CopyLine::of(path, path)
        })
        .collect()
}
