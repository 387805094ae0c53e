//! Virtual environments of Python whose interpreter is not in the image.

use barehull_image::{Entry, Kind};

use super::reach::Reached;
use super::subject::Subject;
use crate::finding::Finding;
use crate::rules;

/// Links that are followed for a message.
const MAX_LINKS: usize = 8;

/// An environment, and the link in it that leads to nothing.
pub(super) struct Dangling<'t> {
    /// Its folder of programs: `/venv/bin`.
    pub(super) programs: String,
    link: &'t Entry,
}

/// All that cannot run.
pub(super) fn dangling<'t>(subject: &Subject<'t>) -> Vec<Dangling<'t>> {
    let settings =
        subject.tree.iter().filter(|entry| entry.name() == "pyvenv.cfg" && entry.kind == Kind::File);
    let of = |settings: &'t Entry| {
        let programs = format!("{}bin", settings.path.strip_suffix("pyvenv.cfg")?);
        let link = subject.tree.resolve_link(&format!("{programs}/python")).ok()?;
        let is_broken = link.link_target().is_some() && subject.tree.resolve(&link.path).is_err();
        is_broken.then_some(Dangling { programs, link })
    };
    settings.filter_map(of).collect()
}

/// One finding for each, unless the start fails for it, which is said elsewhere.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let is_told = |environment: &Dangling<'_>| {
        reached.faults.iter().any(|fault| fault.subject.starts_with(&environment.programs))
    };
    let silent = dangling(subject).into_iter().filter(|environment| !is_told(environment));
    silent
        .map(|Dangling { programs, link }| {
            let message = format!(
                "the environment's interpreter {} leads to {}, which is not in the image, so that no program in \
                 {programs} runs; nothing that is known of the start reaches it",
                link.path,
                end_of(subject, link)
            );
            subject.at(rules::BROKEN_PROGRAM, link, message).subject(programs.clone()).components(vec![programs])
        })
        .collect()
}

/// Where the last link leads that is there.
fn end_of(subject: &Subject<'_>, link: &Entry) -> String {
    let mut at = link;
    let mut path = link.path.to_string();
    for _ in 0..MAX_LINKS {
        let Some(target) = at.link_target() else { break };
        let folder = at.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        path = if target.starts_with('/') { target.to_owned() } else { format!("{folder}/{target}") };
        let Ok(next) = subject.tree.resolve_link(&path) else { break };
        at = next;
    }
    path
}
