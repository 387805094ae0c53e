//! The process of the final image: what ENTRYPOINT and CMD become when the shell and the wrappers go.

use std::collections::BTreeSet;

use barehull_catalog::{Family, Role};
use barehull_syntax::shell::{Dialect, dialect_of_shebang};
use barehull_syntax::{Location, Span};

use super::contents;
use super::plan::Plan;
use super::runtime_steps;
use super::shape::{CopyLine, Target};
use crate::model::needs::{Process, process_of};
use crate::model::{ImageConfig, Provenance, Stage, absolute};

/// The process a stage starts; blocks where only a shell can start it, or nothing is known of it. `of_base` is
/// the base image's own entrypoint script, which starts whatever CMD names and is left out.
pub fn process(plan: &mut Plan<'_, '_>, of_base: Option<&str>) -> Option<Process> {
    let config = &plan.cx.stage.config;
    let own = |from: &Provenance| from.location().is_some();
    if !config.entrypoint.as_ref().is_some_and(|e| own(&e.from))
        && !config.cmd.as_ref().is_some_and(|c| own(&c.from))
    {
        plan.block("the stage starts nothing of its own: it has no CMD or ENTRYPOINT", plan.base_line());
        return None;
    }
    let mut config = config.clone();
    let passes = config.entrypoint.as_ref().is_some_and(|e| {
        matches!(e.from, Provenance::Base(_))
            && e.value.argv().and_then(|a| a.first().copied()).and_then(|p| p.rsplit('/').next()) == of_base
    });
    if passes {
        config.entrypoint = None;
    }
    let Some(process) = process_of(&config, plan.cx.model.file) else {
        plan.block("the stage starts nothing: there is no CMD or ENTRYPOINT to keep", plan.base_line());
        return None;
    };
    if let Some(why) = &process.shell {
        let at = launch_line(plan);
        plan.block(format!("its command needs a shell: {why}"), at);
        return None;
    }
    if process.argv.is_empty() {
        plan.block("its command could not be read", launch_line(plan));
        return None;
    }
    if let Some(wrapper) = process.wrappers.first() {
        let at = launch_line(plan);
        plan.block(format!("the process is started by {wrapper}, which the new base has not"), at);
        return None;
    }
    if plan.cx.catalog.role_of(name_of(&process.argv[0])) == Some(Role::Shell) {
        plan.block(
            "it starts a shell: the image is for building or for people, and there is no application to keep",
            launch_line(plan),
        );
        return None;
    }
    if is_shell_script(plan, &process.argv[0]) {
        return None;
    }
    if let Some(path) = process.argv[1..].iter().find_map(|word| of_root(word, &plan.cx.stage.config)) {
        let at = launch_line(plan);
        plan.block(
            format!("the command names {path}, where the new base's user may not write: name standard output, /tmp or a volume"),
            at,
        );
        return None;
    }
    Some(process)
}

/// A path in an argument that lies where only root writes, and where no copy goes: logs, locks and sockets.
fn of_root<'a>(word: &'a str, config: &ImageConfig) -> Option<&'a str> {
    let path = &word[word.find('/')?..];
    let before = &word[..word.len() - path.len()];
    let own = before.is_empty() || before.ends_with(['=', ':']);
    let of_system = ["/var/log/", "/var/run/", "/run/"].iter().any(|folder| path.starts_with(folder));
    let in_volume = config.volumes.iter().any(|v| path.starts_with(v.value.trim_end_matches('/')));
    (own && of_system && !in_volume).then_some(path)
}

/// Blocks where the program is a shell script: what it does before the application has to go elsewhere first.
fn is_shell_script(plan: &mut Plan<'_, '_>, program: &str) -> bool {
    let found = plan.cx.files.borrow_mut().find_program(program, &plan.cx.stage.config);
    let at = launch_line(plan);
    let Some(Ok((file, bytes))) = found else {
        if program.ends_with(".sh") {
            plan.block(format!("{program} is a shell script that the build context does not show"), at);
            return true;
        }
        return false;
    };
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let shell = match text.strip_prefix("#!") {
        Some(_) => dialect_of_shebang(&text).is_some_and(|d| d != Dialect::NotPosix),
        None => program.ends_with(".sh"),
    };
    if shell {
        let reasons = start_work(plan.cx.stage);
        for (reason, place) in &reasons {
            plan.block(reason.clone(), *place);
        }
        if reasons.is_empty() {
            let place = Location::new(file, Span::new(0, line.len() as u32));
            plan.block(format!("the container starts the shell script {program}: what it does must go to the build, to the manifest or into the application first"), place);
        }
    }
    shell
}

/// What the start script of a stage does that has to go elsewhere, each kind once, where it stands first.
pub fn start_work(stage: &Stage) -> Vec<(String, Location)> {
    let Some(script) = &stage.needs.start_script else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let work = script.steps.iter().filter(|step| step.class.is_work() && seen.insert(step.class));
    let found: Vec<_> = work
        .map(|step| {
            let with = if step.name.is_empty() { String::new() } else { format!(" ({})", step.name) };
            (
                format!("the start script {} {}{with}: {}", script.program, step.class, step.class.advice()),
                step.at,
            )
        })
        .collect();
    if found.is_empty() && script.rest.is_none() {
        let reason = format!(
            "the start script {} decides at start what it sets or runs: let the application read its environment itself",
            script.program
        );
        return vec![(reason, script.at)];
    }
    found
}

/// A program without its folder.
fn name_of(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The line that says what is started.
pub fn launch_line(plan: &Plan<'_, '_>) -> Location {
    let config = &plan.cx.stage.config;
    let own = |from: &Provenance| from.location();
    let entrypoint = config.entrypoint.as_ref().and_then(|e| own(&e.from));
    let cmd = config.cmd.as_ref().and_then(|c| own(&c.from));
    entrypoint.or(cmd).unwrap_or(plan.base_line())
}

/// Declares `argv` as the stage declared it: the words that ENTRYPOINT gave stay ENTRYPOINT, so that arguments
/// given at start still replace only CMD.
pub fn declare(target: &mut Target, process: &Process, argv: &[String]) {
    declare_split(target, argv, process.entrypoint_words);
}

/// Declares the first `words` of `argv` as ENTRYPOINT, behind the init that stays, and the others as CMD.
pub fn declare_split(target: &mut Target, argv: &[String], words: usize) {
    let (first, rest) = argv.split_at(words.min(argv.len()));
    let entrypoint: Vec<String> = target.init.iter().chain(first).cloned().collect();
    target.entrypoint = (!entrypoint.is_empty()).then_some(entrypoint);
    target.cmd = (!rest.is_empty()).then(|| rest.to_vec());
}

/// The absolute path of a program that holds a slash, as the process's folder resolves it.
pub fn program_path(plan: &Plan<'_, '_>, program: &str) -> Option<String> {
    program.contains('/').then(|| absolute(plan.cx.stage.config.workdir(), program))
}

/// Says that inits go, since the new base has none; they pass signals and reap children, nothing else.
pub fn drop_inits(plan: &mut Plan<'_, '_>, process: &Process) {
    for init in &process.inits {
        let name = init.first().map_or("the init", |n| n.rsplit('/').next().unwrap_or(n)).to_owned();
        let at = launch_line(plan);
        plan.assume(
            format!("{name} goes: the process starts no children that outlive their parent, and either handles SIGTERM itself or is run with `--init` (else `docker stop` waits and kills it)"),
            Some(at),
        );
    }
}

/// Keeps the init: the one of Debian's packages is linked to glibc alone, so it runs on the new base, too.
pub fn keep_inits(plan: &mut Plan<'_, '_>, target: &mut Target, process: &Process, glibc: bool) {
    let Some(init) = process.inits.first() else { return };
    let name = init.first().map_or("", |n| n.rsplit('/').next().unwrap_or(n));
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    if glibc && init.first().is_some_and(|path| lineage.iter().any(|s| contents::landings(s).contains(path)))
    {
        // It is copied with what else the stage brought.
        target.init.clone_from(init);
        return;
    }
    let family = plan.cx.stage.os.as_ref().map(|o| o.family);
    let packaged = runtime_steps::installed(plan.cx.stage).any(|p| p.name == name);
    if !glibc || !packaged || !matches!(family, Some(Family::Debian | Family::Ubuntu)) {
        return drop_inits(plan, process);
    }
    let path = format!("/usr/bin/{name}");
    target.copies.push(CopyLine::of(&path, &path));
    target.init = std::iter::once(path).chain(init.iter().skip(1).cloned()).collect();
}
