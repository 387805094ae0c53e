//! What goes along with a program out of the stage that built it.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use super::super::{contents, data_files};
use super::program::Program;
use crate::evidence::Evidence;
use crate::model::{Effect, EffectKind, Sink, Source, Step, StepKind, Toolchain, absolute, spawned};

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

/// Adds the program and the files that go with it to the copies of a stage that is split. `argv` starts it.
pub(super) fn of_stage(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    program: &Program,
    argv: &[String],
    evidence: &Evidence,
) {
    let whole = prefix(plan, program).unwrap_or_else(|| program.path.clone());
    target.copies.push(CopyLine::of(&whole, &whole));
    let sources = source_folders(plan);
    brought(plan, target, &sources);
    left_by_build(plan, target, &sources, argv, evidence);
    data_files::beside(plan, target, evidence, endings(program.toolchain), true);
    target.copies.extend(contents::volumes(plan.cx));
    let mut seen = BTreeSet::new();
    let around = |folder: &str| folder != whole && is_inside(&program.path, folder);
    let of_whole = |c: &CopyLine| c.source != whole && is_inside(&c.source, &whole) && c.chown.is_none();
    target.copies.retain(|c| seen.insert(c.source.clone()) && !around(&c.source) && !of_whole(c));
    written(plan, evidence);
}

/// Says what the program writes that only root may, unless a volume is there.
fn written(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let volumes: Vec<String> =
        plan.cx.stage.config.volumes.iter().map(|v| v.value.trim_end_matches('/').to_owned()).collect();
    let mut told = BTreeSet::new();
    for write in &evidence.writes {
        let path = absolute(&workdir, &write.path);
        if volumes.iter().any(|v| is_inside(&path, v)) || !told.insert(path.clone()) {
            continue;
        }
        plan.assume(
            format!(
                "the program writes {path} ({}): the image's user may, since a volume is mounted there",
                write.how
            ),
            Some(write.place),
        );
    }
}

/// The folder that a package of its own was installed into (`/opt/app` of `/opt/app/bin/app`): all of it is the
/// program's.
fn prefix(plan: &Plan<'_, '_>, program: &Program) -> Option<String> {
    let folder = program.path.rsplit_once('/')?.0;
    let prefix = folder.strip_suffix("/bin").or_else(|| folder.strip_suffix("/sbin"))?;
    let shared = matches!(prefix, "" | "/usr" | "/usr/local" | "/root") || prefix.ends_with("/.cargo");
    let told = super::program::installs_into(&plan.cx.model.lineage(program.stage), folder);
    (!shared && told).then(|| prefix.to_owned())
}

/// Absolute paths that the command line names and nothing of the copies covers: an installation may have made them.
pub(super) fn named_only(plan: &Plan<'_, '_>, target: &Target, argv: &[String]) -> Vec<String> {
    const OF_KERNEL: [&str; 7] = ["/dev", "/proc", "/run", "/sys", "/tmp", "/var/run", "/var/tmp"];
    let words = argv.iter().skip(1).map(|w| w.split_once('=').map_or(w.as_str(), |(_, value)| value));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let mut found: Vec<String> = words
        .filter(|w| w.len() > 1 && w.starts_with('/') && w.chars().all(plain))
        .map(|w| absolute("/", w))
        .filter(|w| !OF_KERNEL.iter().any(|folder| is_inside(w, folder)) && !is_system_folder(w))
        .filter(|w| !plan.cx.stage.config.volumes.iter().any(|v| is_inside(w, v.value.trim_end_matches('/'))))
        .filter(|w| !target.copies.iter().any(|c| is_inside(w, c.source.trim_end_matches('/'))))
        .collect();
    found.sort();
    found.dedup();
    found
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
        .chain(whole_contexts(plan))
        .filter(|folder| folder != "/")
        .collect()
}

/// Where COPY puts the whole build context.
fn whole_contexts(plan: &Plan<'_, '_>) -> Vec<String> {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let transfers = lineage.into_iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Transfer(t) if t.from == Source::Context => Some(t),
        _ => None,
    });
    transfers
        .filter(|t| t.sources.iter().flatten().any(|s| matches!(s.as_str(), "." | "./" | "/")))
        .filter_map(|t| t.dest.as_deref().map(|d| d.trim_end_matches('/').to_owned()))
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
    let removed = removed(plan);
    let mut found = Vec::new();
    for (at, step) in steps(plan).enumerate() {
        let StepKind::Transfer(transfer) = &step.kind else { continue };
        let Some(dest) = transfer.dest.as_deref() else { continue };
        let landed = contents::landing(dest, transfer);
        if landed == "/" {
            found.push(None);
        } else if !is_of_build(&landed, sources)
            && !is_system_folder(&landed)
            && !is_gone(&landed, (at, 0), &removed)
        {
            found.push(Some(landed));
        }
    }
    for landed in found {
        match landed {
            Some(landed) => target.copies.push(CopyLine::of(&landed, &landed)),
            None => {
                let at = super::super::launch::launch_line(plan);
                plan.assume("the program reads no file that a COPY puts into / for the build", Some(at));
            }
        }
    }
}

fn is_system_folder(path: &str) -> bool {
    ["/bin", "/etc", "/lib", "/opt", "/sbin", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/usr/sbin"]
        .contains(&path)
}

/// The steps of the stage and those below it, in order.
fn steps<'a>(plan: &Plan<'a, '_>) -> impl Iterator<Item = &'a Step> {
    plan.cx.model.lineage(plan.cx.stage.id).into_iter().rev().flat_map(|s| &s.steps)
}

/// When something happens: the step, and the effect in it.
type Moment = (usize, usize);

/// Effects of all RUN instructions, in order.
fn effects<'a>(plan: &Plan<'a, '_>) -> Vec<(Moment, &'a Effect)> {
    let mut found = Vec::new();
    for (at, step) in steps(plan).enumerate() {
        if let StepKind::Run(run) = &step.kind {
            found.extend(run.effects.iter().enumerate().map(|(n, effect)| ((at, n + 1), effect)));
        }
    }
    found
}

/// What commands remove or move away, and when.
fn removed(plan: &Plan<'_, '_>) -> Vec<(Moment, String)> {
    let gone = effects(plan).into_iter().filter_map(|(when, e)| match &e.kind {
        EffectKind::Remove { path, .. } | EffectKind::Move { from: path, .. } => Some((when, path)),
        _ => None,
    });
    let plain = |path: &str| path.trim_end_matches(['/', '*']).to_owned();
    gone.map(|(when, path)| (when, plain(path))).filter(|(_, path)| !path.is_empty()).collect()
}

/// Whether `path`, made at `when`, is removed later.
fn is_gone(path: &str, when: Moment, removed: &[(Moment, String)]) -> bool {
    removed.iter().any(|(later, gone)| *later > when && is_inside(path, gone))
}

/// What commands leave outside the sources: taken where something names it, else an assumption.
fn left_by_build(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    sources: &BTreeSet<String>,
    argv: &[String],
    evidence: &Evidence,
) {
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let effects = effects(plan);
    let removed = removed(plan);
    let owned: BTreeSet<&str> = effects
        .iter()
        .filter_map(|(_, e)| match &e.kind {
            EffectKind::Chown { path, .. } => Some(path.trim_end_matches('/')),
            _ => None,
        })
        .collect();
    let uses = evidence.reads.iter().chain(&evidence.writes);
    let used: Vec<String> = uses.map(|u| absolute(&workdir, u.path.trim_end_matches('*'))).collect();
    let config = &plan.cx.stage.config;
    let mut words: Vec<&str> = config.env.iter().filter_map(|v| v.value.as_deref()).collect();
    words.extend(argv.iter().map(String::as_str));
    let is_named = |path: &str| {
        used.iter().any(|u| is_inside(u, path) || is_inside(path, u))
            || words.iter().any(|w| w.contains(path))
    };
    let mut left: Vec<(String, Location)> = Vec::new();
    let mut copies = Vec::new();
    for (when, effect) in effects {
        let Some(path) = path_left(effect).filter(|_| effect.certain) else { continue };
        let copied = target.copies.iter().chain(&copies).any(|c| is_inside(&path, &c.source));
        let gone = is_gone(&path, when, &removed);
        let own = sources.iter().any(|folder| is_inside(&path, folder) || is_inside(folder, &path));
        if copied || gone || own || is_system_folder(&path) {
            continue;
        }
        if owned.contains(path.as_str()) || is_named(&path) || is_data(&path) {
            let chown = owned.contains(path.as_str()).then(|| contents::owner(plan.cx));
            copies.push(CopyLine { chown, ..CopyLine::of(&path, &path) });
        } else if !is_of_build(&path, sources) && !left.iter().any(|(known, _)| *known == path) {
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

/// Whether a folder or file lies where programs have their data, below a name of its own.
fn is_data(path: &str) -> bool {
    const PLACES: [&str; 7] =
        ["/etc/", "/srv/", "/usr/lib/", "/usr/share/", "/usr/local/etc/", "/usr/local/share/", "/var/"];
    const OF_SYSTEM: [&str; 16] = [
        "/etc/apt",
        "/etc/ld.so.conf.d",
        "/etc/ssl",
        "/usr/lib/jvm",
        "/usr/lib/pkgconfig",
        "/usr/share/doc",
        "/usr/share/keyrings",
        "/usr/share/locale",
        "/usr/share/man",
        "/usr/share/zoneinfo",
        "/usr/local/share/man",
        "/var/cache/apk",
        "/var/cache/apt",
        "/var/lib/apt",
        "/var/run",
        "/var/tmp",
    ];
    PLACES.iter().any(|place| path.starts_with(place))
        && !OF_SYSTEM.iter().any(|folder| is_inside(path, folder) || is_inside(folder, path))
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
