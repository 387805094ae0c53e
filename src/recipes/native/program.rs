//! Which program the image starts, and in which stage a compiler made it.

use crate::model::{
    Effect, EffectKind, Landing, LanguageManager, Model, Source, Stage, StageId, StepKind, Toolchain,
    Transfer, absolute, spawned, toolchain,
};

/// Copies between stages that are followed.
const MAX_COPIES: usize = 16;
/// Folders in which packages of the system have their programs: a build has to say that it writes there.
const OF_SYSTEM: [&str; 4] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];

/// The program that the image starts.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// Where it is in the image.
    pub path: String,
    /// The stage that made it.
    pub stage: StageId,
    /// Where it is there.
    pub built: String,
    /// What made it.
    pub toolchain: Toolchain,
}

/// The program behind the word that starts it; nothing if no compiler of these stages is known to have made it.
/// `of_context` says whether the file at a path of a stage comes from the build context.
pub(super) fn locate(
    model: &Model,
    stage: &Stage,
    word: &str,
    of_context: impl Fn(StageId, &str) -> bool,
) -> Option<Program> {
    let candidates: Vec<String> = if word.contains('/') {
        vec![absolute(stage.config.workdir(), word)]
    } else {
        stage.config.path().iter().map(|folder| format!("{}/{word}", folder.trim_end_matches('/'))).collect()
    };
    candidates.into_iter().find_map(|path| {
        let Origin { stage: made_in, path: built, by_name } = origin(model, stage.id, &path)?;
        let toolchain = toolchain(model, made_in)?;
        if of_context(made_in, &built) || is_copied(model, made_in, &built) {
            return None;
        }
        let elsewhere = !model.lineage(stage.id).iter().any(|s| s.id == made_in);
        let made = match making(model, made_in, &built, toolchain, elsewhere) {
            Making::Told => true,
            // In which folder of PATH it lands nobody says.
            Making::Untold => word.contains('/') || by_name,
            Making::Not => false,
        };
        made.then_some(Program { path, stage: made_in, built, toolchain })
    })
}

/// Where a path of an image comes from.
struct Origin {
    stage: StageId,
    path: String,
    /// Whether a COPY names it, and not a folder around it.
    by_name: bool,
}

/// The stage that a path of an image comes from, and its path there; nothing where it comes from elsewhere.
fn origin(model: &Model, stage: StageId, path: &str) -> Option<Origin> {
    let (mut stage, mut path, mut by_name) = (stage, path.to_owned(), false);
    for _ in 0..MAX_COPIES {
        let lineage = model.lineage(stage);
        let transfers = lineage.iter().flat_map(|s| s.steps.iter().rev()).filter_map(|s| match &s.kind {
            StepKind::Transfer(t) => Some(t),
            _ => None,
        });
        let brought =
            transfers.filter(|t| t.from != Source::Context).find_map(|t| Some((t, source(t, &path)?)));
        match brought {
            None => return Some(Origin { stage, path, by_name }),
            Some((t @ Transfer { from: Source::Stage(id), .. }, there)) => {
                stage = *id;
                by_name = t.sources.iter().flatten().any(|s| s.trim_end_matches('/') == there);
                path = absolute("/", &there);
            }
            Some(_) => return None,
        }
    }
    None
}

/// The path in its source that a COPY brings to `path`.
fn source(transfer: &Transfer, path: &str) -> Option<String> {
    let dest = transfer.dest.as_deref()?;
    let single = transfer.sources.len() == 1;
    let below = path.strip_prefix(dest.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'));
    transfer.sources.iter().flatten().find_map(|from| {
        let from = from.trim_end_matches('/');
        let (folder, name) = from.rsplit_once('/').unwrap_or(("", from));
        match below {
            None => (path == dest && single).then(|| from.to_owned()),
            Some(rest) if rest == name => Some(from.to_owned()),
            Some(rest) if name.contains(['*', '?', '[']) => {
                let start = name.split(['*', '?', '[']).next().unwrap_or_default();
                (rest.starts_with(start) && !rest.contains('/')).then(|| format!("{folder}/{rest}"))
            }
            // One that is copied whole is a folder unless it has the name of a file.
            Some(rest) => (single && !dest.is_empty()).then(|| format!("{from}/{rest}")),
        }
    })
}

/// Whether COPY or ADD puts the file there, from the build context or another place that is no stage.
fn is_copied(model: &Model, stage: StageId, path: &str) -> bool {
    let lineage = model.lineage(stage);
    let transfers = lineage.iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => Some(t),
        _ => None,
    });
    transfers.filter(|t| t.from.stage().is_none()).any(|t| {
        let Some(dest) = t.dest.as_deref().map(|d| d.trim_end_matches('/')) else { return false };
        dest == path
            || t.sources.iter().flatten().any(|source| {
                let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
                format!("{dest}/{name}") == path
            })
    })
}

/// How a stage makes a file.
enum Making {
    /// A command says that it writes it.
    Told,
    /// One that does not say what it writes may have.
    Untold,
    /// Not with its compiler.
    Not,
}

/// Whether the stage can have made `path` with its compiler. One that only builds (`taken`: another takes the path
/// from it) is believed.
fn making(model: &Model, stage: StageId, path: &str, toolchain: Toolchain, taken: bool) -> Making {
    let lineage = model.lineage(stage);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut untold = false;
    for step in lineage.iter().flat_map(|s| &s.steps) {
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in &run.effects {
            if writes(effect, &step.workdir, path, folder, name) {
                return Making::Told;
            }
            untold |= is_untold_build(effect);
        }
    }
    if toolchain == Toolchain::Rust
        && !taken
        && !path.contains("/target/")
        && !has_target_folder(&lineage, path)
    {
        return Making::Not;
    }
    let may_write = !OF_SYSTEM.contains(&folder) || installs_into(&lineage, folder);
    if untold && may_write { Making::Untold } else { Making::Not }
}

/// Whether an effect writes the file: by the name of its output, or by copying, moving or installing it there.
fn writes(effect: &Effect, workdir: &str, path: &str, folder: &str, name: &str) -> bool {
    match &effect.kind {
        EffectKind::Copy { from, to } | EffectKind::Move { from, to } => {
            let to = to.trim_end_matches('/');
            to == path
                || (to == folder && from.rsplit('/').next().is_some_and(|f| f == name || f.contains('*')))
        }
        EffectKind::LanguageInstall { manager: LanguageManager::Cargo, packages, landing, .. } => {
            let there = match landing {
                Landing::Folder(into) => into == folder,
                _ => folder.ends_with("/cargo/bin") || folder.ends_with("/.cargo/bin"),
            };
            there && (packages.is_empty() || packages.iter().any(|p| p.name == name))
        }
        EffectKind::Spawn { args, .. } => {
            let texts: Vec<&str> = args.iter().flatten().map(String::as_str).collect();
            let after = texts
                .iter()
                .position(|a| matches!(*a, "-o" | "--output" | "--local-bin-path" | "--installdir"));
            let output = after.and_then(|at| texts.get(at + 1)).copied();
            let output = output.or_else(|| {
                texts.iter().find_map(|a| {
                    [
                        "-o=",
                        "--out=",
                        "-o:",
                        "--out:",
                        "-of=",
                        "-femit-bin=",
                        "--installdir=",
                        "--local-bin-path=",
                    ]
                    .iter()
                    .find_map(|option| a.strip_prefix(option))
                })
            });
            output.is_some_and(|output| {
                let written = absolute(workdir, output);
                let relative = output.trim_start_matches("./");
                written == path || written == folder || path.ends_with(&format!("/{relative}"))
            })
        }
        _ => false,
    }
}

/// Whether a command may make programs whose names it does not say.
fn is_untold_build(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::Spawn { program, args } => {
            let informs =
                args.iter().flatten().all(|a| matches!(a.as_str(), "--version" | "-v" | "-V" | "--help"));
            let builds = matches!(
                spawned(effect),
                Some(
                    "make"
                        | "gmake"
                        | "ninja"
                        | "cmake"
                        | "meson"
                        | "scons"
                        | "just"
                        | "bazel"
                        | "cargo"
                        | "cargo-chef"
                        | "cargo-zigbuild"
                        | "cross"
                        | "rustc"
                        | "stack"
                        | "cabal"
                        | "dune"
                        | "opam"
                        | "ocamlbuild"
                        | "zig"
                        | "nim"
                        | "nimble"
                        | "crystal"
                        | "shards"
                        | "dmd"
                        | "ldc2"
                        | "dub"
                        | "swift"
                        | "swiftc"
                        | "ghc"
                        | "fpc"
                        | "gnatmake"
                        | "qmake"
                )
            ) || program.contains('/') && !program.starts_with("/usr");
            builds && (!informs || args.is_empty())
        }
        EffectKind::Unknown { .. } => true,
        _ => false,
    }
}

/// Whether cargo was told to build elsewhere than in `target`.
fn has_target_folder(lineage: &[&Stage], path: &str) -> bool {
    let configured = lineage.iter().filter_map(|s| s.config.env("CARGO_TARGET_DIR"));
    let told = lineage.iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some((s.workdir.as_str(), run)),
        _ => None,
    });
    let told = told.flat_map(|(workdir, run)| {
        run.effects.iter().filter_map(move |e| match &e.kind {
            EffectKind::Spawn { args, .. } => {
                let mut texts = args.iter().flatten();
                let at = texts.find(|a| a.starts_with("--target-dir"))?;
                let folder = at.strip_prefix("--target-dir=").or_else(|| texts.next().map(String::as_str))?;
                Some(absolute(workdir, folder))
            }
            _ => None,
        })
    });
    configured.map(str::to_owned).chain(told).any(|folder| path.starts_with(&format!("{folder}/")))
}

/// Whether a command says that it installs below the folder above `folder`.
pub(super) fn installs_into(lineage: &[&Stage], folder: &str) -> bool {
    let Some((prefix, _)) = folder.rsplit_once('/') else { return false };
    let runs = lineage.iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some(&run.effects),
        _ => None,
    });
    let words = runs.flatten().filter_map(|e| match &e.kind {
        EffectKind::Spawn { args, .. } => Some(args),
        _ => None,
    });
    let options = ["--prefix=", "PREFIX=", "-DCMAKE_INSTALL_PREFIX=", "-Dprefix=", "prefix="];
    words.flatten().flatten().any(|word| {
        options.iter().any(|o| word.strip_prefix(o).is_some_and(|p| p.trim_end_matches('/') == prefix))
    })
}

/// Whether the stage installs what it builds, so that more than the program may lie beside it.
pub(super) fn installs(model: &Model, stage: StageId) -> bool {
    let lineage = model.lineage(stage);
    lineage.iter().flat_map(|s| &s.steps).any(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(|e| match &e.kind {
            EffectKind::Spawn { args, .. } => {
                matches!(spawned(e), Some("make" | "gmake" | "ninja" | "cmake" | "meson" | "scons"))
                    && args.iter().flatten().any(|a| a.starts_with("install") || a == "--install")
            }
            _ => false,
        }),
        _ => false,
    })
}
