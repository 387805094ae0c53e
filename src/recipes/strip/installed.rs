//! What a stage installs although nothing of its build uses it: it is there for the running container.

use barehull_syntax::Location;

use super::start::is_shell;
use crate::model::{Effect, EffectKind, RunStep, Stage, StepKind};
use crate::recipes::RecipeCx;
use crate::recipes::trim::is_word;

/// Packages of clients that libraries start without the application saying so (package managers, generators of sites,
/// build servers), and the client of each.
const CLIENTS: [(&str, &str); 8] = [
    ("git", "git"),
    ("git-core", "git"),
    ("mercurial", "hg"),
    ("subversion", "svn"),
    ("openssh-client", "ssh"),
    ("openssh-clients", "ssh"),
    ("openssh-client-default", "ssh"),
    ("rsync", "rsync"),
];

/// Programs that may fetch what they build: they call such clients themselves.
const FETCH: [&str; 34] = [
    "go", "cargo", "npm", "npx", "yarn", "pnpm", "bun", "deno", "pip", "pip3", "uv", "poetry", "pdm",
    "pipenv", "conda", "composer", "bundle", "gem", "make", "cmake", "meson", "ninja", "mix", "rebar3",
    "stack", "cabal", "opam", "dotnet", "mvn", "gradle", "sbt", "python", "python3", "node",
];

/// The clients that the stage's own install lines bring and no RUN of it explains, each with its place. `unread`:
/// nobody knows what the application itself starts.
pub(super) fn unexplained(cx: &RecipeCx<'_>, unread: bool) -> Vec<(&'static str, Location)> {
    let found: Vec<(&str, &str, Location)> = installs(cx.stage).collect();
    let is_told = !unread && !has_libraries(cx);
    if found.is_empty() || is_told || runs(cx.stage).any(may_fetch) {
        return Vec::new();
    }
    let texts: Vec<String> = cx
        .stage
        .steps
        .iter()
        .filter(|step| matches!(step.kind, StepKind::Run(_)))
        .map(|step| cx.model.instruction(step).rest.text().to_owned())
        .collect();
    let mentioned = |name: &str| -> usize {
        let words = |text: &String| {
            let found = text.match_indices(name).filter(|(at, _)| is_word(text, *at, name.len()));
            found.filter(|(at, _)| !is_prepared(&text[at + name.len()..])).count()
        };
        texts.iter().map(words).sum()
    };
    let unexplained = |(package, client, _): &&(&'static str, &'static str, Location)| {
        let lines = found.iter().filter(|(other, ..)| other == package || other == client).count();
        mentioned(client) <= if package == client { lines } else { 0 }
    };
    found.iter().filter(unexplained).map(|(_, client, at)| (*client, *at)).collect()
}

/// Whether a call only writes the client's configuration, for those who call it later.
fn is_prepared(arguments: &str) -> bool {
    arguments.split_ascii_whitespace().next() == Some("config")
}

/// Whether the application has libraries, which nobody reads.
fn has_libraries(cx: &RecipeCx<'_>) -> bool {
    let installs = |effect: &Effect| matches!(effect.kind, EffectKind::LanguageInstall { .. });
    cx.model.stages.iter().flat_map(runs).any(|run| run.effects.iter().any(installs))
}

fn runs(stage: &Stage) -> impl Iterator<Item = &RunStep> {
    stage.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Run(run) => Some(run),
        _ => None,
    })
}

/// The packages of clients that are installed: package, client and place.
fn installs(stage: &Stage) -> impl Iterator<Item = (&'static str, &'static str, Location)> {
    let effects = runs(stage).flat_map(|run| &run.effects);
    let packages = effects.flat_map(|effect| match &effect.kind {
        EffectKind::Install { packages, root: None, .. } => packages.as_slice(),
        _ => &[],
    });
    packages.filter_map(|package| {
        let (name, client) = CLIENTS.iter().find(|(name, _)| *name == package.name)?;
        Some((*name, *client, package.at))
    })
}

/// Whether a RUN may call a client that it does not name.
fn may_fetch(run: &RunStep) -> bool {
    let fetches = |effect: &Effect| match &effect.kind {
        EffectKind::LanguageInstall { .. } | EffectKind::Unknown { .. } => true,
        EffectKind::Spawn { program, .. } => {
            program.contains('/')
                || program.ends_with(".sh")
                || is_shell(program)
                || FETCH.contains(&program.as_str())
        }
        _ => false,
    };
    run.effects.iter().any(fetches) || run.scripts.iter().any(barehull_syntax::shell::Script::has_unknown)
}
