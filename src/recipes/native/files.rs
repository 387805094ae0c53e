//! What goes along with a program out of the stage that built it.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use super::super::{contents, data_files};
use super::program::Program;
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, Sink, StepKind, Toolchain, absolute, spawned};

/// Names that one assumption tells.
const MAX_NAMES: usize = 6;
/// Folders whose content only builds use.
const OF_BUILDS: [&str; 16] = [
    "/build",
    "/cargo",
    "/etc/apt",
    "/opt/cargo",
    "/root",
    "/src",
    "/tmp",
    "/usr/include",
    "/usr/lib",
    "/usr/local/cargo",
    "/usr/local/include",
    "/usr/local/lib",
    "/usr/local/rustup",
    "/usr/share",
    "/usr/src",
    "/var",
];

/// Adds the program and the files that go with it to the copies of a stage that is split.
pub(super) fn of_stage(plan: &mut Plan<'_, '_>, target: &mut Target, program: &Program, evidence: &Evidence) {
    target.copies.push(CopyLine::of(&program.path, &program.path));
    let sources = source_folders(plan);
    brought(plan, target, &sources);
    left_by_build(plan, target, &sources, evidence);
    data_files::beside(plan, target, evidence, endings(program.toolchain), true);
    target.copies.extend(contents::volumes(plan.cx));
    let mut seen = BTreeSet::new();
    let program = program.path.clone();
    target.copies.retain(|c| {
        seen.insert(c.source.clone())
            && (c.source == program || !program.starts_with(&format!("{}/", c.source)))
    });
}

/// Folders in which something is compiled.
fn source_folders(plan: &Plan<'_, '_>) -> BTreeSet<String> {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let steps = lineage.into_iter().flat_map(|s| &s.steps);
    steps
        .filter(|s| match &s.kind {
            StepKind::Run(run) => run.effects.iter().any(|e| spawned(e).is_some()),
            _ => false,
        })
        .map(|s| s.workdir.clone())
        .chain(std::iter::once(plan.cx.stage.config.workdir().to_owned()))
        .filter(|folder| folder != "/")
        .collect()
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `path` belongs to what is compiled, or to the tools that do it.
fn is_of_build(path: &str, sources: &BTreeSet<String>) -> bool {
    OF_BUILDS.iter().any(|folder| is_inside(path, folder))
        || sources.iter().any(|folder| is_inside(path, folder) || is_inside(folder, path))
}

/// What COPY puts beside the sources goes along.
fn brought(plan: &mut Plan<'_, '_>, target: &mut Target, sources: &BTreeSet<String>) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    for landed in lineage.into_iter().rev().flat_map(contents::landings) {
        if landed == "/" {
            let at = super::super::launch::launch_line(plan);
            plan.assume("the program reads no file that a COPY puts into / for the build", Some(at));
        } else if !is_of_build(&landed, sources) && !is_system_folder(&landed) {
            target.copies.push(CopyLine::of(&landed, &landed));
        }
    }
}

fn is_system_folder(path: &str) -> bool {
    ["/bin", "/etc", "/lib", "/opt", "/sbin", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/usr/sbin"]
        .contains(&path)
}

/// What commands leave outside the sources: taken where something names it, else an assumption.
fn left_by_build(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    sources: &BTreeSet<String>,
    evidence: &Evidence,
) {
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let effects: Vec<&Effect> = lineage
        .into_iter()
        .rev()
        .flat_map(|s| &s.steps)
        .flat_map(|s| match &s.kind {
            StepKind::Run(run) => run.effects.as_slice(),
            _ => &[],
        })
        .collect();
    let owned: BTreeSet<&str> = effects
        .iter()
        .filter_map(|e| match &e.kind {
            EffectKind::Chown { path, .. } => Some(path.trim_end_matches('/')),
            _ => None,
        })
        .collect();
    let uses = evidence.reads.iter().chain(&evidence.writes);
    let used: Vec<String> = uses.map(|u| absolute(&workdir, u.path.trim_end_matches('*'))).collect();
    let config = &plan.cx.stage.config;
    let mut words: Vec<&str> = config.env.iter().filter_map(|v| v.value.as_deref()).collect();
    for launch in [&config.cmd, &config.entrypoint].into_iter().flatten() {
        words.extend(launch.value.argv().into_iter().flatten());
    }
    let is_named = |path: &str| {
        used.iter().any(|u| is_inside(u, path) || is_inside(path, u))
            || words.iter().any(|w| w.contains(path))
    };
    let mut left: Vec<(String, Location)> = Vec::new();
    let mut copies = Vec::new();
    for effect in effects {
        let Some(path) = path_left(effect) else { continue };
        let copied = target.copies.iter().chain(&copies).any(|c| is_inside(&path, &c.source));
        if copied || is_of_build(&path, sources) || is_system_folder(&path) {
            continue;
        }
        if owned.contains(path.as_str()) || is_named(&path) {
            let chown = owned.contains(path.as_str()).then(|| contents::owner(plan.cx));
            copies.push(CopyLine { chown, ..CopyLine::of(&path, &path) });
        } else if !left.iter().any(|(known, _)| *known == path) {
            left.push((path, effect.at));
        }
    }
    target.copies.extend(copies);
    if let Some((_, at)) = left.first() {
        let names: Vec<&str> = left.iter().take(MAX_NAMES).map(|(path, _)| path.as_str()).collect();
        let more = left
            .len()
            .checked_sub(MAX_NAMES)
            .filter(|n| *n > 0)
            .map_or(String::new(), |n| format!(" and {n} more"));
        plan.assume(
            format!(
                "the program needs nothing of what the build leaves in {}{more} but what it is linked to",
                names.join(", ")
            ),
            Some(*at),
        );
    }
}

/// The path that a command makes outside of what compilers do.
fn path_left(effect: &Effect) -> Option<String> {
    let path = match &effect.kind {
        EffectKind::MakeFolder { path } | EffectKind::Write { path } | EffectKind::Link { path, .. } => path,
        EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => to,
        EffectKind::Unpack { folder } => folder,
        EffectKind::Fetch { to: Sink::File(path) | Sink::Folder(path), .. } => path,
        EffectKind::Chown { path, .. } => path,
        _ => return None,
    };
    let path = path.trim_end_matches('/');
    (path.starts_with('/') && !path.contains(['*', '?', '[', '$'])).then(|| path.to_owned())
}

/// Endings of files that only the compiler and its tools read.
fn endings(toolchain: Toolchain) -> &'static [&'static str] {
    match toolchain {
        Toolchain::Rust => &[
            ".rs",
            "cargo.toml",
            "cargo.lock",
            "rust-toolchain",
            "rust-toolchain.toml",
            "clippy.toml",
            "rustfmt.toml",
            "justfile",
        ],
        Toolchain::C => &[
            ".c",
            ".cc",
            ".cpp",
            ".cxx",
            ".h",
            ".hh",
            ".hpp",
            ".hxx",
            ".inl",
            ".s",
            ".asm",
            ".o",
            ".a",
            ".in",
            ".ac",
            ".am",
            ".m4",
            ".cmake",
            "cmakelists.txt",
            "meson.build",
            "meson_options.txt",
            ".mk",
            ".pro",
            "configure",
            ".patch",
        ],
        Toolchain::Other(_) => &[
            ".hs",
            ".cabal",
            "stack.yaml",
            "stack.yaml.lock",
            "package.yaml",
            "cabal.project",
            ".ml",
            ".mli",
            ".opam",
            "dune",
            "dune-project",
            ".zig",
            ".zon",
            ".nim",
            ".nimble",
            ".cr",
            "shard.yml",
            "shard.lock",
            ".d",
            ".di",
            "dub.json",
            "dub.sdl",
            "dub.selections.json",
            ".swift",
            "package.resolved",
            ".c",
            ".h",
            ".pas",
            ".adb",
            ".ads",
            ".f90",
        ],
    }
}
