//! Uses of the image outside the Dockerfile, held against what the new image can still run.

use std::collections::BTreeSet;

use barehull_catalog::ImageRef;

use super::plan::Plan;
use super::service_checks::Settled;
use super::strip::start::{is_shell, last};
use crate::finding::Place;
use crate::model::needs::{process_of, programs_of};
use crate::project::FileKind;
use crate::project::outside::{Command, HealthCheck, Matched, OutsideUse};

/// What the new image starts, for those who start it with words of their own.
pub struct Offer<'a> {
    /// Programs by name that the new image has.
    pub programs: &'a [&'a str],
    /// Whether its ENTRYPOINT is an interpreter, so that given words are a script and its arguments.
    pub interpreter: bool,
    /// The health checks of compose services go by a way of their own, which comes first.
    pub checks: Settled,
}

/// Blocks on every use of this image that the new one cannot serve; uses that may be of another image, and those for
/// development beside one for production, become assumptions.
pub fn settle(plan: &mut Plan<'_, '_>, offer: Offer<'_>) {
    let mut strangers = Vec::new();
    // What is given to an ENTRYPOINT that names the program is arguments, whatever it looks like.
    let process = process_of(&plan.cx.stage.config, plan.cx.model.file);
    let own = plan.cx.stage.config.entrypoint.as_ref().is_some_and(|e| e.from.location().is_some());
    let appended = own && !offer.interpreter && process.is_some_and(|p| p.entrypoint_words > 0);
    for used in plan.cx.uses {
        if !plan.cx.model.is_used_by(plan.cx.stage.id, used) {
            continue;
        }
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        let place = plan.cx.place(&used.at);
        if used.matched == Matched::Unmatched {
            let checks = used.health_checks.iter().any(|c| matches!(c.value, HealthCheck::Command(_)));
            let commands = used.command.is_some() || used.entrypoint.is_some() || !used.executes.is_empty();
            if (commands || checks) && !is_known_image(plan, used) {
                strangers.push((format!("{name} in {}", used.at.path), place));
            }
            continue;
        }
        let problems = problems(used, &offer, appended);
        if used.development.is_beside() {
            plan.assume_at(beside(used, &name, &problems), Some(place));
            continue;
        }
        if used.opens_shell() {
            plan.assume_at(terminal(used), Some(place));
            continue;
        }
        // What a person gives at a terminal, nobody knows.
        if used.interactive && is_unresolved(used) {
            plan.assume_at(unresolved(used, &name), Some(place));
            continue;
        }
        for problem in problems {
            plan.block(format!("{name} in {} {problem}", used.at.path), place.clone());
        }
    }
    assume_strangers(plan, &strangers);
    offer.checks.write(plan);
}

/// [`settle`] for an image that keeps what its uses start: they stay as they are, but for people and for development
/// beside production. `keeps_shell`: whether a shell is among it; `gone`: the names of the programs that go.
pub fn settle_kept(plan: &mut Plan<'_, '_>, keeps_shell: bool, gone: &BTreeSet<String>) {
    let mut strangers = Vec::new();
    for used in plan.cx.uses {
        if !plan.cx.model.is_used_by(plan.cx.stage.id, used) {
            continue;
        }
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        let place = plan.cx.place(&used.at);
        if used.matched == Matched::Unmatched {
            if !keeps_shell
                && used.kind == FileKind::Compose
                && needs_shell(used)
                && !is_known_image(plan, used)
            {
                strangers.push((format!("{name} in {}", used.at.path), place));
            }
            continue;
        }
        let called = used.commands().flat_map(|c| programs_of(&c.value).0);
        let lost = called.map(|p| last(&p).to_owned()).find(|program| gone.contains(program));
        let text = match lost {
            Some(program) if used.development.is_beside() => format!(
                "nobody needs {program}, which goes, in {name} in {}: it is for development",
                used.at.path
            ),
            None if used.development.is_beside() && !used.interactive => format!(
                "{name} in {} is for development: it calls none of the programs that go",
                used.at.path
            ),
            Some(_) if used.opens_shell() => terminal(used),
            _ if is_unresolved(used) => unresolved(used, &name),
            _ => continue,
        };
        plan.assume_at(text, Some(place));
    }
    assume_strangers(plan, &strangers);
}

/// What is assumed of a use for development beside one for production, on a new base.
fn beside(used: &OutsideUse, name: &str, problems: &[String]) -> String {
    let path = &used.at.path;
    match problems.first().and_then(|problem| problem.split(':').next()) {
        Some(problem) => format!(
            "{name} in {path}, which is for development, gets a `target` that keeps its tools: it {problem}"
        ),
        None => format!("{name} in {path}, which is for development, runs with the new base, too"),
    }
}

/// What is assumed of a shell that people open.
fn terminal(used: &OutsideUse) -> String {
    format!(
        "nobody needs the shell that {} opens in the container (attach a debug container instead)",
        used.at.path
    )
}

/// What is assumed of a command whose words are not known.
fn unresolved(used: &OutsideUse, name: &str) -> String {
    format!("{name} in {} starts nothing that goes (its variables are not known)", used.at.path)
}

fn is_unresolved(used: &OutsideUse) -> bool {
    let mut commands = used.entrypoint.iter().chain(&used.command).chain(&used.executes);
    commands.any(|c| matches!(c.value, Command::Unresolved(_)))
}

/// Whether a use gives a text to a shell of the image.
fn needs_shell(used: &OutsideUse) -> bool {
    let checks = used.health_checks.iter().filter_map(|check| match &check.value {
        HealthCheck::Command(command) => Some(command),
        _ => None,
    });
    let commands = used.entrypoint.iter().chain(&used.command).chain(&used.executes).map(|c| &c.value);
    checks.chain(commands).any(|command| matches!(command, Command::Unresolved(_)) || is_in_shell(command))
}

/// Whether a shell runs a command.
pub fn is_in_shell(command: &Command) -> bool {
    match command {
        Command::Shell(_) => true,
        Command::Unresolved(_) => false,
        Command::Exec(words) => words.first().is_some_and(|w| is_shell(last(w))),
    }
}

/// Whether a use names an image that somebody else publishes.
fn is_known_image(plan: &Plan<'_, '_>, used: &OutsideUse) -> bool {
    let Some(image) = used.image.as_deref().and_then(|i| i.parse::<ImageRef>().ok()) else { return false };
    let catalog = plan.cx.catalog;
    let name = catalog.entry_name(&image);
    let own = plan.cx.options.tool_images.iter().map(|(_, image)| image.as_str());
    let mut tools = catalog.tool_images().map(|t| t.image.as_ref()).chain(own);
    catalog.image(&image).is_some() || tools.any(|t| t.parse().is_ok_and(|t| catalog.entry_name(&t) == name))
}

/// Says in one sentence which containers with commands of their own may be of this image or of another.
fn assume_strangers(plan: &mut Plan<'_, '_>, strangers: &[(String, Place)]) {
    const SHOWN: usize = 3;
    let Some((first, place)) = strangers.first() else { return };
    let text = if strangers.len() == 1 {
        format!("{first} does not run this image (nothing says which one it runs)")
    } else {
        let names: Vec<&str> = strangers.iter().take(SHOWN).map(|(name, _)| name.as_str()).collect();
        let more = match strangers.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} containers with commands or health checks of their own do not run this image (nothing says which one they run): {}{more}",
            strangers.len(),
            names.join(", ")
        )
    };
    plan.assume_at(text, Some(place.clone()));
}

/// Whether someone outside starts programs in the image by name.
pub fn has_commands(plan: &Plan<'_, '_>) -> bool {
    let check = |c: &HealthCheck| matches!(c, HealthCheck::Command(_));
    plan.cx.uses.iter().any(|used| {
        used.matched != Matched::Unmatched
            && !used.development.is_beside()
            && !used.opens_shell()
            && plan.cx.model.is_used_by(plan.cx.stage.id, used)
            && (used.command.is_some()
                || used.entrypoint.is_some()
                || !used.executes.is_empty()
                || used.health_checks.iter().any(|c| check(&c.value)))
    })
}

fn problems(used: &OutsideUse, offer: &Offer<'_>, appended: bool) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(entrypoint) = &used.entrypoint
        && let Some(program) = missing(&entrypoint.value, offer.programs)
    {
        found.push(format!("starts {program} as its entrypoint, which the new base has not"));
    } else if let Some(command) = &used.command
        && (used.entrypoint.is_some() || !appended)
        && let Some(program) = missing_behind(&command.value, offer, used.entrypoint.is_none())
    {
        found.push(format!("starts {program}, which the new base cannot: change the command with the image"));
    }
    for check in used.health_checks.iter().filter(|_| used.kind != FileKind::Compose) {
        if let HealthCheck::Command(command) = &check.value
            && let Some(program) = missing(command, offer.programs)
        {
            found.push(format!("checks its health with {program}, which the new base has not"));
        }
    }
    for command in &used.executes {
        if let Some(program) = missing(&command.value, offer.programs) {
            found.push(format!("executes {program} inside, which the new base has not"));
        }
    }
    if let Some(user) = &used.user
        && !user.value.split(':').all(|p| p.bytes().all(|b| b.is_ascii_digit()) || p == "root")
    {
        found.push(format!("runs it as user {}, whom the new base does not know: use a number", user.value));
    }
    found
}

/// [`missing`] of a command that takes the place of CMD. `to_entrypoint`: the words are given to the image's ENTRYPOINT.
fn missing_behind(command: &Command, offer: &Offer<'_>, to_entrypoint: bool) -> Option<String> {
    let Command::Exec(words) = command else { return missing(command, offer.programs) };
    if !(to_entrypoint && offer.interpreter) {
        return missing(command, offer.programs);
    }
    let name = last(words.first()?);
    let is_script = [".js", ".mjs", ".cjs", ".py"].iter().any(|e| name.ends_with(e)) || name.starts_with('-');
    (!is_script).then(|| name.to_owned())
}

/// The program of a command that is not among `programs`, in words.
pub fn missing(command: &Command, programs: &[&str]) -> Option<String> {
    match command {
        Command::Shell(_) => Some("a shell".to_owned()),
        Command::Unresolved(text) => Some(format!("`{text}` (its variables are not known)")),
        Command::Exec(words) => {
            let name = last(words.first()?);
            (!programs.contains(&name)).then(|| name.to_owned())
        }
    }
}
