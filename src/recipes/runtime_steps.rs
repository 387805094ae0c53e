//! What the RUN instructions of a final stage are for, when the stage is to stand on a base without a shell:
//! which of them the new base makes needless, and what the others leave behind that must be copied.

use std::collections::BTreeSet;

use super::ground::NONROOT;
use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::evidence::{Evidence, Language};
use crate::model::image_files::ImageFiles;
use crate::model::{Effect, EffectKind, Landing, Named, Source, Stage, StageId, StepKind, absolute};

/// Packages whose content every base with a libc, and distroless/static, has.
const COVERED: [&str; 14] = [
    "ca-certificates",
    "ca-certificates-bundle",
    "tzdata",
    "libc6-compat",
    "gcompat",
    "libc6",
    "musl",
    "netbase",
    "base-files",
    "openssl-libs",
    "libgcc-s1",
    "libgcc",
    "apt-transport-https",
    "gnupg",
];

/// Packages that hold nothing themselves and stand for build tools.
const BUILD_SETS: [&str; 5] =
    ["alpine-sdk", "build-base", "build-essential", "software-properties-common", "gcc-c++"];

/// What is left of the final stage's RUN instructions.
pub enum Leftovers {
    /// Nothing: all of them can go.
    None,
    /// The stage must stay as a build stage; these are the files to take from it.
    Some(Vec<CopyLine>),
}

/// The packages that a stage's own instructions install.
pub fn installed(stage: &Stage) -> impl Iterator<Item = &Named> {
    effects(stage).flat_map(|e| match &e.kind {
        EffectKind::Install { packages, root: None, .. } => packages.as_slice(),
        _ => &[],
    })
}

fn effects(stage: &Stage) -> impl Iterator<Item = &Effect> {
    stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

/// Sorts out the RUN instructions of the stage; those that can go are put into `target.drop`.
pub fn leftovers(plan: &mut Plan<'_, '_>, target: &mut Target) -> Leftovers {
    let stage = plan.cx.stage;
    let lineage = plan.cx.model.lineage(stage.id);
    let lower_works = lineage.iter().skip(1).any(|s| {
        s.steps.iter().any(|step| match &step.kind {
            StepKind::Run(run) => !run.effects.iter().all(is_needless),
            StepKind::Transfer(_) => true,
            StepKind::Config => false,
        })
    });
    let mut needless = BTreeSet::new();
    let mut kept = lower_works;
    for step in &stage.steps {
        let StepKind::Run(run) = &step.kind else { continue };
        if run.effects.iter().all(|e| is_needless(e) || is_dropped_install(plan, e)) {
            needless.insert(step.instruction);
        } else {
            kept = true;
        }
    }
    if !kept {
        target.drop.extend(needless);
        return Leftovers::None;
    }
    Leftovers::Some(files(plan))
}

/// Whether an effect leaves nothing that a running application sees.
fn is_needless(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::RefreshLists(_)
        | EffectKind::CleanCache(_)
        | EffectKind::Upgrade(_)
        | EffectKind::Uninstall { .. }
        | EffectKind::MarkAuto { .. }
        | EffectKind::MarkManual { .. }
        | EffectKind::Account { .. }
        | EffectKind::Nothing => true,
        EffectKind::Install { packages, root: None, .. } => {
            packages.iter().all(|p| COVERED.contains(&p.name.as_str()))
        }
        EffectKind::Remove { path, .. } => {
            ["/var/lib/apt", "/var/cache", "/tmp", "/root/.cache", "/var/lib/dpkg", "/usr/share", "/var/log"]
                .iter()
                .any(|prefix| path.starts_with(prefix))
        }
        _ => false,
    }
}

/// Whether the new base has what the package holds.
pub fn is_covered(package: &str) -> bool {
    COVERED.contains(&package)
}

/// Blocks on a package that the application may need; one whose tools nothing starts stays behind.
pub fn judge_package(plan: &mut Plan<'_, '_>, package: &Named) -> bool {
    let stage = plan.cx.stage;
    let Some(os) = &stage.os else { return false };
    let brought = plan.cx.catalog.packages(os).brings([&package.name], false);
    let needed = brought.components.iter().filter(|c| c.package == package.name).any(|c| {
        let name = c.path.rsplit('/').next().unwrap_or_default();
        stage.needs.of(name).any(|n| n.why != crate::model::needs::Why::HealthCheck)
    });
    let has_own = brought.components.iter().any(|c| c.package == package.name);
    if needed || !(has_own || BUILD_SETS.contains(&package.name.as_str())) {
        let why = if needed { "which the image uses at run time" } else { "which the application may use" };
        plan.block(
            format!(
                "the image installs {}, {why}: copy what it needs of it from a build stage",
                package.name
            ),
            package.at,
        );
        return false;
    }
    plan.assume(
        format!("nothing starts what {} brought in the running container", package.name),
        Some(package.at),
    );
    true
}

/// An installation of tools that nothing needs; packages that nobody can judge are blockers.
fn is_dropped_install(plan: &mut Plan<'_, '_>, effect: &Effect) -> bool {
    let EffectKind::Install { packages, root: None, .. } = &effect.kind else { return false };
    for package in packages.iter().filter(|p| !is_covered(&p.name)) {
        judge_package(plan, package);
    }
    true
}

/// The folders of the context that the given stages copy from, scanned for what the sources show.
pub fn scan(files: &mut ImageFiles<'_>, stages: &[StageId], language: Language) -> Evidence {
    let mut folders = BTreeSet::new();
    let mut complete = true;
    for stage in stages {
        let (listed, all) = files.from_context(*stage);
        complete &= all;
        folders.extend(listed.iter().filter_map(|(_, from)| from.parent()));
    }
    let roots: Vec<_> = folders
        .iter()
        .filter(|f| !folders.iter().any(|other| other != *f && f.is_within(other)))
        .cloned()
        .collect();
    let mut evidence = files.scan(&roots, language);
    evidence.complete &= complete;
    evidence
}

/// Programs that build; what they write belongs to the application's folder.
const BUILDERS: [&str; 14] = [
    "npm", "npx", "yarn", "pnpm", "node", "tsc", "bun", "corepack", "python", "python3", "make", "gulp",
    "grunt", "webpack",
];

/// Everything the stage and those below it put into the image outside the base, as copies; the application's
/// folder first. Folders the application writes to belong to its user.
pub fn everything(plan: &mut Plan<'_, '_>, workdir: &str, evidence: &Evidence) -> Vec<CopyLine> {
    let mut copies = files(plan);
    copies.retain(|c| c.source != workdir && !c.source.starts_with(&format!("{workdir}/")));
    let writes = evidence.writes.iter().filter(|w| {
        let path = absolute(workdir, &w.path);
        path.starts_with(&format!("{workdir}/"))
    });
    let mut chown = None;
    if let Some(first) = writes.into_iter().next() {
        chown = Some(NONROOT.to_owned());
        plan.assume(
            format!(
                "the application writes below {workdir} ({}): the folder is its own, its code included",
                first.path
            ),
            Some(first.place),
        );
    }
    let owned = plan.cx.stage.steps.iter().any(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(
            |e| matches!(&e.kind, EffectKind::Chown { path, .. } if path.trim_end_matches('/') == workdir),
        ),
        StepKind::Transfer(t) => {
            t.chown.as_deref().is_some_and(|c| !c.starts_with("root") && !c.starts_with('0'))
        }
        StepKind::Config => false,
    });
    if owned {
        chown = Some(NONROOT.to_owned());
    }
    if let (Some(owner), Some(user)) = (&mut chown, plan.cx.stage.config.user.as_ref()) {
        if user.value.bytes().next().is_some_and(|b| b.is_ascii_digit()) {
            owner.clone_from(&user.value);
        }
    }
    let app = CopyLine { chown, ..CopyLine::of(workdir, "./") };
    std::iter::once(app).chain(copies).collect()
}

/// What the stage's own instructions made, as copies: what they brought, and folders they made.
fn files(plan: &mut Plan<'_, '_>) -> Vec<CopyLine> {
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
                if transfer.chown.as_deref().is_some_and(|c| !c.starts_with("root") && !c.starts_with('0')) {
                    owned.insert(landing(dest, transfer));
                }
                paths.push(landing(dest, transfer));
            }
            StepKind::Run(run) => {
                for effect in &run.effects {
                    run_path(plan, effect, &mut paths, &mut owned);
                }
            }
            StepKind::Config => {}
        }
    }
    merge(paths, &owned)
}

/// The path that a COPY makes: the file itself where one file goes into a folder.
fn landing(dest: &str, transfer: &crate::model::Transfer) -> String {
    let folder = dest.trim_end_matches('/');
    let [Some(source)] = transfer.sources.as_slice() else { return or_root(folder) };
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let file = matches!(transfer.from, Source::Stage(_)) && dest.ends_with('/') && !name.is_empty();
    let whole = matches!(name, "." | "") || name.contains(['*', '?']);
    if file && !whole { format!("{folder}/{name}") } else { or_root(folder) }
}

fn or_root(folder: &str) -> String {
    if folder.is_empty() { "/".to_owned() } else { folder.to_owned() }
}

/// What an effect of a RUN leaves behind; blocks on what cannot be copied.
fn run_path(plan: &mut Plan<'_, '_>, effect: &Effect, paths: &mut Vec<String>, owned: &mut BTreeSet<String>) {
    if is_needless(effect) || is_dropped_install(plan, effect) {
        return;
    }
    match &effect.kind {
        EffectKind::MakeFolder { path } | EffectKind::Write { path } | EffectKind::Link { path, .. } => {
            paths.push(path.clone());
        }
        EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => {
            paths.push(to.trim_end_matches('/').to_owned())
        }
        EffectKind::Unpack { folder } => paths.push(folder.clone()),
        EffectKind::Fetch {
            to: crate::model::Sink::File(path) | crate::model::Sink::Folder(path), ..
        } => {
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
        EffectKind::LanguageInstall { landing: Landing::Global, packages, .. } => {
            let names: Vec<_> = packages.iter().map(|p| p.name.as_str()).collect();
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
fn merge(paths: Vec<String>, owned: &BTreeSet<String>) -> Vec<CopyLine> {
    let all: BTreeSet<String> = paths.into_iter().filter(|p| !p.starts_with("/tmp") && p != "/").collect();
    let covers = |a: &String, b: &String| a != b && b.starts_with(&format!("{a}/"));
    all.iter()
        .filter(|path| {
            !all.iter().any(|other| covers(other, path) && (owned.contains(other) || !owned.contains(*path)))
        })
        .map(|path| CopyLine {
            chown: owned.contains(path).then(|| NONROOT.to_owned()),
            ..CopyLine::of(path, path)
        })
        .collect()
}
