//! Uses of the image outside the Dockerfile: compose files, manifests, CI files that run something in it.

use barehull_syntax::shell::{CommandRef, Dialect, Inner, Script, is_builtin};
use barehull_syntax::{Location, MappedText};

use super::{Needs, ProgramNeed, Unread, Why};
use crate::finding::Place;
use crate::project::outside::{Command, HealthCheck, Matched, OutsideUse};
use crate::project::{Files, Spot};
use crate::source::Sources;

/// Adds what `uses` run in the image to `needs`. Services for development and manifests that may be of another
/// image do not count.
pub(crate) fn add<'u>(
    needs: &mut Needs,
    uses: impl Iterator<Item = &'u OutsideUse>,
    project: &dyn Files,
    sources: &mut Sources,
) {
    for used in uses.filter(|u| !u.development.is_beside() && u.matched != Matched::Unmatched) {
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        let words = format!("{name} in {}", used.at.path);
        let why = match used.interactive {
            true if used.opens_shell() => Why::Terminal(words),
            true => Why::Person(words),
            false => Why::Outside(words),
        };
        let health = used.health_checks.iter().filter_map(|c| match &c.value {
            HealthCheck::Command(command) => Some((command, c.span)),
            _ => None,
        });
        // Behind an entrypoint of its own the command is its arguments.
        let joined = match (&used.entrypoint, &used.command) {
            (Some(entrypoint), Some(command)) => join(&entrypoint.value, &command.value),
            _ => None,
        };
        let command = used.command.as_ref().filter(|_| joined.is_none());
        let started = used.entrypoint.iter().map(|e| (joined.as_ref().unwrap_or(&e.value), e.span));
        let more = command.into_iter().chain(&used.executes).map(|c| (&c.value, c.span));
        for (command, span) in started.chain(more).chain(health) {
            let spot = Spot { path: used.at.path.clone(), span };
            let place = place(&spot, project, sources);
            let (programs, scripts) = programs(command);
            for program in programs {
                needs.programs.push(ProgramNeed { program, why: why.clone(), place: Some(place.clone()) });
            }
            for script in scripts {
                let reason = format!("{why} runs the script {script}, which was not read");
                needs.unread.push(Unread { reason, place: Some(place.clone()) });
            }
        }
    }
    needs.programs.sort();
    needs.programs.dedup();
}

/// An entrypoint with its arguments, where both are in exec form.
fn join(entrypoint: &Command, command: &Command) -> Option<Command> {
    match (entrypoint, command) {
        (Command::Exec(words), Command::Exec(more)) => {
            Some(Command::Exec(words.iter().chain(more).cloned().collect()))
        }
        _ => None,
    }
}

fn place(spot: &Spot, project: &dyn Files, sources: &mut Sources) -> Place {
    match project.read(&spot.path) {
        Ok(bytes) => Place::Source(Location::new(sources.add(&spot.path, &bytes), spot.span)),
        Err(_) => Place::File(spot.path.clone()),
    }
}

/// The programs a command runs, shells and what they run included, and the script files that it gives to shells: these
/// may be mounted into the container.
pub(crate) fn programs(command: &Command) -> (Vec<String>, Vec<String>) {
    let (script, mut found) = match command {
        Command::Exec(words) => {
            let items: Vec<MappedText> = words.iter().map(|w| MappedText::verbatim(w, 0)).collect();
            (Script::from_argv(&items), Vec::new())
        }
        Command::Shell(text) => {
            (Script::parse(&MappedText::verbatim(text, 0), Dialect::Posix), vec!["/bin/sh".to_owned()])
        }
        // Nothing is claimed of what is not known; recipes are told by the use itself.
        Command::Unresolved(_) => return (Vec::new(), Vec::new()),
    };
    let mut files = Vec::new();
    let mut scripts = vec![script];
    while let Some(script) = scripts.pop() {
        for command in script.commands().filter(|c| c.name_word().is_some()) {
            let unwrapped = command.unwrap();
            found.extend(unwrapped.wrappers.iter().filter_map(|w| w.command.name().map(|n| n.into_owned())));
            match unwrapped.inner {
                Inner::Command(inner) => {
                    found.extend(inner.name().map(|n| n.into_owned()));
                    files.extend(script_of(inner));
                }
                Inner::Script { script, .. } if scripts.len() < 16 => scripts.push(*script),
                _ => {}
            }
        }
    }
    found.retain(|program| !is_builtin(program));
    (found, files)
}

/// The script file that a command gives to a shell.
fn script_of(command: CommandRef<'_>) -> Option<String> {
    let name = command.base_name()?;
    if !matches!(&*name, "sh" | "bash" | "dash" | "ash") {
        return None;
    }
    let mut words = command.arguments().map(|w| w.display().into_owned());
    words.find(|word| !word.starts_with(['-', '+']))
}
