//! What is installed below node_modules: development dependencies that need not travel, native code.

use barehull_catalog::compare_versions;
use barehull_syntax::{Location, Span};

use super::start::Start;
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, LanguageManager, StepKind};
use crate::project::manifests::NodePackage;
use crate::recipes::plan::Plan;
use crate::recipes::shape::Target;

/// Packages whose installation compiles or fetches code for one C library.
const NATIVE: [&str; 24] = [
    "@prisma/client",
    "argon2",
    "bcrypt",
    "better-sqlite3",
    "bufferutil",
    "canvas",
    "cpu-features",
    "deasync",
    "fsevents",
    "grpc",
    "iconv",
    "isolated-vm",
    "leveldown",
    "libxmljs",
    "lmdb",
    "node-sass",
    "oracledb",
    "re2",
    "robotjs",
    "sharp",
    "snappy",
    "sodium-native",
    "sqlite3",
    "zeromq",
];

/// The packages with native code that the application depends on, by name.
pub(super) fn native_modules(plan: &mut Plan<'_, '_>) -> Vec<String> {
    let Some((_, package)) = package(plan) else { return Vec::new() };
    let names =
        package.dependencies.iter().chain(&package.optional_dependencies).map(|d| d.name.value.clone());
    names.filter(|n| NATIVE.contains(&n.as_str())).collect()
}

fn package(plan: &Plan<'_, '_>) -> Option<(barehull_syntax::FileId, NodePackage)> {
    let workdir = plan.cx.stage.config.workdir().to_owned();
    plan.cx.files.borrow_mut().node_package(&workdir)
}

/// Keeps development dependencies out of the final image where nothing at run time shows a use of them: left out
/// at once where nothing is built, else taken out behind the build. npm 6 (with Node.js before 15) knows
/// `--production` only.
pub(super) fn without_development(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &Start,
    evidence: &Evidence,
    version: Option<&str>,
) {
    let Some((_, package)) = package(plan) else { return };
    let installs: Vec<&Effect> = effects(plan).filter(|e| is_install(e)).collect();
    let [install] = installs.as_slice() else { return };
    if package.dev_dependencies.is_empty() || is_production(plan, install.at) {
        return;
    }
    let is_dev = |name: &str| package.dev_dependencies.iter().any(|d| d.name.value == name);
    let used = evidence.imports.iter().any(|i| is_dev(i)) || start.package_bin.as_deref().is_some_and(is_dev);
    if used {
        return;
    }
    let names: Vec<_> = package.dev_dependencies.iter().map(|d| d.name.value.as_str()).take(4).collect();
    let names = names.join(", ");
    // These run around an installation, and may need what is left out.
    let hooked =
        ["prepare", "postinstall", "install", "preinstall"].iter().any(|h| package.script(h).is_some());
    let builds = effects(plan).any(|e| matches!(e.kind, EffectKind::Spawn { .. }));
    let old_npm = version.is_some_and(|v| compare_versions(v, "15").is_lt());
    let omit = if old_npm { "--production" } else { "--omit=dev" };
    let prune = match &install.kind {
        EffectKind::LanguageInstall { manager: LanguageManager::Npm, .. } => {
            Some(format!("npm prune {omit}"))
        }
        EffectKind::LanguageInstall { manager: LanguageManager::Pnpm, .. }
            if package.workspaces.is_empty() =>
        {
            Some("pnpm prune --prod".to_owned())
        }
        _ => None,
    };
    let is_npm = prune.as_ref().is_some_and(|p| p.starts_with("npm"));
    match (prune, end_of_command(plan, install.at)) {
        _ if hooked || start.folder.is_some() => {}
        (Some(prune), _) if builds && same_user(plan, install.at) => {
            target.build_tail.push(format!("{} {prune}", plan.keyword("RUN")));
            plan.assume(format!("devDependencies ({names}) are not used at run time"), Some(install.at));
            return;
        }
        (Some(_), Some(end)) if is_npm && !builds => {
            target.words.push((end, format!(" {omit}")));
            plan.assume(format!("devDependencies ({names}) are not used at run time"), Some(install.at));
            return;
        }
        _ => {}
    }
    plan.assume(
        format!("devDependencies ({names}) may stay in the image: they were in it before"),
        Some(install.at),
    );
}

/// Whether NODE_ENV keeps development dependencies out of the installation already.
fn is_production(plan: &Plan<'_, '_>, install: Location) -> bool {
    let set = plan.cx.stage.config.env.iter().find(|v| v.name == "NODE_ENV");
    set.is_some_and(|v| {
        let before = v.from.location().is_none_or(|at| at.span.start < install.span.start);
        before && v.value.as_deref() == Some("production")
    })
}

/// Whether the stage ends as the user who installed: another one could not remove anything.
fn same_user(plan: &Plan<'_, '_>, install: Location) -> bool {
    let stage = plan.cx.stage;
    let installed = stage.steps.iter().find(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(|e| e.at == install),
        _ => false,
    });
    let last = stage.steps.iter().rfind(|s| !matches!(s.kind, StepKind::Config));
    matches!((installed, last), (Some(a), Some(b)) if a.user == b.user)
}

fn effects<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Effect> {
    plan.cx.stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

fn is_install(effect: &Effect) -> bool {
    use LanguageManager::{Npm, Pnpm, Yarn};
    matches!(
        &effect.kind,
        EffectKind::LanguageInstall { manager: Npm | Yarn | Pnpm, development: true, packages, landing, .. }
            if packages.is_empty() && matches!(landing, crate::model::Landing::Project(_))
    )
}

/// The place behind the last byte of a command that stands on one line.
fn end_of_command(plan: &Plan<'_, '_>, at: Location) -> Option<Span> {
    let text = at.span.slice(plan.cx.model.dockerfile.source());
    let one_line = !text.contains(&b'\n') && !text.contains(&b'>') && text.starts_with(b"npm");
    one_line.then(|| Span::at(at.span.end))
}
