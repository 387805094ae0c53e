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

/// Keeps development dependencies out of the final image, where npm (6 with Node.js before 15, which knows
/// `--production` only) installs them and nothing at run time
/// shows a use of them: left out at once where nothing is built, else taken out behind the build.
pub(super) fn without_development(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    start: &Start,
    evidence: &Evidence,
    version: Option<&str>,
) {
    let Some((_, package)) = package(plan) else { return };
    if package.dev_dependencies.is_empty() || plan.cx.stage.config.env("NODE_ENV") == Some("production") {
        return;
    }
    let is_dev = |name: &str| package.dev_dependencies.iter().any(|d| d.name.value == name);
    let used = evidence.imports.iter().any(|i| is_dev(i)) || start.package_bin.as_deref().is_some_and(is_dev);
    // These run around an installation, and may need what is left out.
    let hooks = ["prepare", "postinstall", "install", "preinstall"];
    if used || hooks.iter().any(|h| package.script(h).is_some()) {
        return;
    }
    let installs: Vec<&Effect> = effects(plan).filter(|e| is_npm_install(e)).collect();
    let [install] = installs.as_slice() else { return };
    let old_npm = version.is_some_and(|v| compare_versions(v, "15").is_lt());
    let omit = if old_npm { "--production" } else { "--omit=dev" };
    let builds = effects(plan).any(|e| matches!(e.kind, EffectKind::Spawn { .. }));
    let names: Vec<_> = package.dev_dependencies.iter().map(|d| d.name.value.as_str()).take(4).collect();
    if builds {
        target.build_tail.push(format!("{} npm prune {omit}", plan.keyword("RUN")));
    } else if let Some(end) = end_of_command(plan, install.at) {
        target.words.push((end, format!(" {omit}")));
    } else {
        return;
    }
    plan.assume(format!("devDependencies ({}) are not used at run time", names.join(", ")), Some(install.at));
}

fn effects<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Effect> {
    plan.cx.stage.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    })
}

fn is_npm_install(effect: &Effect) -> bool {
    matches!(
        &effect.kind,
        EffectKind::LanguageInstall { manager: LanguageManager::Npm, development: true, packages, landing, .. }
            if packages.is_empty() && matches!(landing, crate::model::Landing::Project(_))
    )
}

/// The place behind the last byte of a command that stands on one line.
fn end_of_command(plan: &Plan<'_, '_>, at: Location) -> Option<Span> {
    let text = at.span.slice(plan.cx.model.dockerfile.source());
    let one_line = !text.contains(&b'\n') && !text.contains(&b'>') && text.starts_with(b"npm");
    one_line.then(|| Span::at(at.span.end))
}
