//! How the programs of an image came to be: from the stages that build them.

use std::collections::BTreeSet;

use crate::model::{Base, EffectKind, LanguageManager, Source, StageId, Step, StepKind, Transfer};
use crate::recipes::RecipeCx;

/// Programs that make binaries.
const COMPILERS: [&str; 24] = [
    "go", "cargo", "rustc", "gcc", "g++", "cc", "c++", "clang", "clang++", "cmake", "make", "ninja", "meson",
    "ghc", "cabal", "stack", "zig", "nim", "crystal", "swift", "dune", "gfortran", "scons", "ldc2",
];

/// Languages whose toolchain makes binaries.
const COMPILED: [&str; 5] = ["go", "rust", "dotnet", "haskell", "swift"];

/// What the stages behind a program do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Makers {
    /// They make binaries.
    pub compiles: bool,
    /// They make starters that are scripts of a shell (Gradle, sbt, releases of Erlang).
    pub starts_by_script: bool,
    /// They install packages of Python, whose scripts name their interpreter by its path.
    pub installs_python: bool,
    /// They install packages whose scripts look for their interpreter with `env` (npm, gems).
    pub installs_scripts: bool,
    /// The program was copied from another stage.
    pub is_copy: bool,
}

/// Who made the program at `path`; the image's own stages where it is not known to be copied.
pub(super) fn makers(cx: &RecipeCx<'_>, path: Option<&str>) -> Makers {
    let own: Vec<StageId> = cx.model.lineage(cx.stage.id).iter().map(|s| s.id).collect();
    let copied = path.and_then(|path| source(cx, &own, path));
    let mut open: Vec<StageId> = match copied {
        Some(stage) => vec![stage],
        None => own,
    };
    let mut makers = Makers { is_copy: copied.is_some(), ..Makers::default() };
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        makers.look_at(cx, id);
        if copied.is_some() {
            open.extend(cx.model.stage(id).uses());
        }
    }
    if path.is_none() {
        // What an interpreter's packages bring may come from another stage with all of them.
        let mut all = Makers::default();
        for id in cx.model.behind(cx.stage.id) {
            all.look_at(cx, id);
        }
        makers.installs_python |= all.installs_python;
        makers.installs_scripts |= all.installs_scripts;
    }
    makers
}

/// Whether a COPY from the build context may have brought `path`.
pub(super) fn comes_from_context(cx: &RecipeCx<'_>, path: &str) -> bool {
    let steps = cx.model.lineage(cx.stage.id).into_iter().flat_map(|s| &s.steps);
    steps.filter_map(transfer).any(|t| t.from == Source::Context && reaches(t, path))
}

/// The stage that a COPY brings `path` from.
fn source(cx: &RecipeCx<'_>, own: &[StageId], path: &str) -> Option<StageId> {
    let steps = own.iter().flat_map(|id| cx.model.stage(*id).steps.iter().rev());
    steps.filter_map(transfer).find_map(|t| match t.from {
        Source::Stage(id) if reaches(t, path) => Some(id),
        _ => None,
    })
}

fn transfer(step: &Step) -> Option<&Transfer> {
    match &step.kind {
        StepKind::Transfer(transfer) => Some(transfer),
        _ => None,
    }
}

/// Whether a COPY may have brought `path`.
fn reaches(transfer: &Transfer, path: &str) -> bool {
    let Some(dest) = transfer.dest.as_deref() else { return false };
    let folder = dest.trim_end_matches('/');
    if path == folder {
        return true;
    }
    let Some(below) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { return false };
    let named = |source: &String| {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        name == below || name.contains(['*', '?']) || !dest.ends_with('/') || !name.contains('.')
    };
    transfer.sources.iter().flatten().any(named)
}

impl Makers {
    fn look_at(&mut self, cx: &RecipeCx<'_>, id: StageId) {
        if let Base::Image { facts, image } = &cx.model.stage(id).base {
            let runtime = facts.as_ref().and_then(|f| f.runtime.as_ref()).map_or("", |r| &*r.name);
            let name = image.familiar_name();
            self.compiles |= COMPILED.contains(&runtime);
            self.starts_by_script |= matches!(runtime, "java" | "elixir" | "erlang" | "scala" | "kotlin")
                || ["elixir", "erlang", "gradle", "maven", "sbt"].iter().any(|part| name.contains(part));
        }
        let effects = cx.model.stage(id).steps.iter().flat_map(|s| match &s.kind {
            StepKind::Run(run) => run.effects.as_slice(),
            _ => &[],
        });
        for effect in effects {
            match &effect.kind {
                EffectKind::Spawn { program, .. } => {
                    let name = program.rsplit('/').next().unwrap_or(program);
                    self.compiles |= COMPILERS.contains(&name);
                    self.starts_by_script |= matches!(name, "gradle" | "gradlew" | "sbt" | "mix" | "rebar3");
                }
                EffectKind::LanguageInstall { manager, .. } => match manager {
                    LanguageManager::Cargo | LanguageManager::Go => self.compiles = true,
                    LanguageManager::Pip
                    | LanguageManager::Pipx
                    | LanguageManager::Uv
                    | LanguageManager::Poetry => self.installs_python = true,
                    LanguageManager::Npm
                    | LanguageManager::Yarn
                    | LanguageManager::Pnpm
                    | LanguageManager::Gem
                    | LanguageManager::Bundler
                    | LanguageManager::Composer => self.installs_scripts = true,
                    LanguageManager::Maven | LanguageManager::Gradle => self.starts_by_script = true,
                    _ => {}
                },
                _ => {}
            }
        }
    }
}
