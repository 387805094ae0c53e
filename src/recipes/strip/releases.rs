//! Releases of Elixir and Erlang. `mix release` and rebar3 write the scripts that start them, for sh; what a project puts
//! beside or into these is read here.
//!
//! The release calls erlexec in the end, but not without these scripts: they tell it the node's name and cookie, and the
//! file that `config/runtime.exs` is evaluated into, and erlexec itself starts the port mapper through system().

use barehull_syntax::{Location, Span};

use super::start::{is_shell, last};
use crate::finding::Place;
use crate::model::{EffectKind, StepKind};
use crate::project::ProjectPath;
use crate::recipes::RecipeCx;

/// A release that the stages of an image make.
#[derive(Debug, Default)]
pub(super) struct Release {
    /// Whether all scripts of it are known, and ask for no other shell than sh.
    pub plain: bool,
    /// Tools that the project's own scripts name, and where.
    pub tools: Vec<(String, Place)>,
}

/// The release behind a stage; none where no stage makes one.
pub(super) fn find(cx: &RecipeCx<'_>) -> Option<Release> {
    let behind = cx.model.behind(cx.stage.id);
    let makes = |kind: &EffectKind| match kind {
        EffectKind::Spawn { program, args } => {
            let named = |word: &str| args.iter().flatten().any(|arg| arg == word);
            match last(program) {
                "mix" => named("release"),
                "rebar3" => named("release") || named("tar"),
                _ => false,
            }
        }
        _ => false,
    };
    let steps = behind.iter().flat_map(|id| &cx.model.stage(*id).steps);
    let mut effects = steps.filter_map(|step| match &step.kind {
        StepKind::Run(run) => Some(&run.effects),
        _ => None,
    });
    if !effects.any(|effects| effects.iter().any(|effect| makes(&effect.kind))) {
        return None;
    }
    let mut files = cx.files.borrow_mut();
    let Some(context) = files.context() else { return Some(Release::default()) };
    let mut listed: Vec<ProjectPath> = Vec::new();
    let mut release = Release { plain: true, ..Release::default() };
    for id in behind {
        let (more, complete) = files.context_files(id);
        release.plain &= complete;
        listed.extend(more.into_iter().map(|(_, from)| from));
    }
    listed.sort();
    listed.dedup();
    for path in listed {
        let Some(part) = part(&path.to_string()) else { continue };
        let Ok(bytes) = context.read(&path) else {
            release.plain = false;
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        if part == Part::Settings {
            // Distillery's scripts are of bash, and rebar3's hooks are scripts that nobody read.
            release.plain &= !text.contains("distillery") && !text.contains("hooks");
            continue;
        }
        let file = files.add(&path, &bytes);
        for (at, word) in words(&text).filter(|(_, word)| cx.catalog.role_of(word).is_some()) {
            release.plain &= !is_shell(word) || word == "sh";
            if !is_shell(word) {
                let span = if text.len() == bytes.len() { Span::at(at as u32) } else { Span::default() };
                release.tools.push((word.to_owned(), Place::Source(Location::new(file, span))));
            }
        }
    }
    Some(release)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// What the release is made by.
    Settings,
    /// A script that becomes part of it.
    Script,
}

/// What a file of the project is to its release, by the places that the tools have for it.
fn part(path: &str) -> Option<Part> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let below_rel = path.starts_with("rel/") || path.contains("/rel/");
    match name {
        "mix.exs" | "rebar.config" => Some(Part::Settings),
        _ if below_rel && (name.starts_with("env.sh") || path.contains("/overlays/")) => Some(Part::Script),
        _ => None,
    }
}

/// The words of a script, with where each starts.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let apart = |c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c));
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    // A comment calls nothing; the first line says which shell.
    let code = lines.filter(|(at, line)| *at == 0 || !line.trim_start().starts_with('#'));
    code.flat_map(move |(start, line)| {
        line.split(apart).map(move |word| (start + word.as_ptr() as usize - line.as_ptr() as usize, word))
    })
    .filter(|(_, word)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_release() {
        assert_eq!(part("rel/env.sh.eex"), Some(Part::Script));
        assert_eq!(part("apps/shop/rel/overlays/bin/server"), Some(Part::Script));
        assert_eq!(part("mix.exs"), Some(Part::Settings));
        assert_eq!(part("rel/vm.args.eex"), None);
        assert_eq!(part("overlays/bin/server"), None);
    }

    #[test]
    fn words_of_a_script() {
        let text = "#!/bin/bash\n# not wget\nexport A=\"$(curl -s http://x/)\"\n";
        let found: Vec<(usize, &str)> = words(text).collect();
        assert!(found.contains(&(7, "bash")) && !found.iter().any(|(_, word)| *word == "wget"));
        let at = text.find("curl").expect("it is there");
        assert!(found.contains(&(at, "curl")), "{found:?}");
    }
}
