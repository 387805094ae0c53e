//! A script that only passes on to the application gives way to the ENTRYPOINT, CMD, ENV and WORKDIR that say the
//! same. Other recipes go on from there.

use std::collections::BTreeSet;

use super::launch::{self, launch_line};
use super::plan::Plan;
use super::shape::{Target, configure};
use super::{Outcome, Recipe, RecipeCx};
use crate::model::needs::process_of;
use crate::model::start::{Reduced, ScriptSource, StartScript};
use crate::model::{Base, EffectKind, Landing, Launch, Setting, Source, Step, StepKind, absolute};

/// Scripts that only pass on.
pub static RECIPE: Recipe = Recipe {
    id: "start-script",
    title: "Start the application without its script",
    about: "For stages whose ENTRYPOINT or CMD is a shell script of the build context that only sets \
            variables to constants or defaults, changes the folder and passes on to the application. \
            What it does is said with ENV, WORKDIR and the exec form; the lines that bring the script go \
            where nobody else uses it. Other recipes go on from there, since no shell is needed any \
            more.\n\n\
            A variable that the script sets whatever was given becomes a default, which is an \
            assumption. A script that does more is left alone, and what it does is told by its kind: \
            waiting, downloads, templates, migrations, permissions, secrets, other processes.",
    plan,
};

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(script) = &cx.stage.needs.start_script else { return Outcome::NotApplicable };
    let Some(reduced) = script.reduced() else { return Outcome::NotApplicable };
    let mut plan = Plan::new(cx, RECIPE.id);
    let Some(target) = without_script(&mut plan, script, reduced) else {
        return if plan.is_blocked() { plan.blocked() } else { Outcome::NotApplicable };
    };
    let title = format!("Start the application without {}", script.program);
    plan.finish(title, &target, || Ok(configure(cx.model, cx.stage, &target)))
}

/// The image that starts what `script` comes down to; nothing where the script is not what starts it.
pub(super) fn without_script(
    plan: &mut Plan<'_, '_>,
    script: &StartScript,
    reduced: &Reduced,
) -> Option<Target> {
    let cx = plan.cx;
    let config = &cx.stage.config;
    if script.source == ScriptSource::Instruction {
        return without_instruction(plan, script, reduced);
    }
    let process = process_of(config, cx.model.file)?;
    let own = |setting: &Option<Setting<Launch>>| match setting {
        Some(setting) => {
            matches!(&setting.from, crate::model::Provenance::Instruction { stage, .. } if *stage == cx.stage.id)
        }
        None => false,
    };
    let in_entrypoint =
        own(&config.entrypoint) && config.entrypoint.as_ref().is_some_and(|e| !e.value.is_empty());
    // Behind an ENTRYPOINT of the base, or with a part of it below, the words are somebody else's.
    if process.shell.is_some() || !process.wrappers.is_empty() || !(in_entrypoint || own(&config.cmd)) {
        return None;
    }
    let skipped = shell_words(&process.argv, &script.program)?;
    let given = &process.argv[skipped..];
    let (given, given_by_entrypoint) =
        (given, process.entrypoint_words.saturating_sub(skipped).min(given.len()));
    let handover = &reduced.handover;
    if !handover.arguments && !given.is_empty() && given_by_entrypoint == 0 && in_entrypoint {
        // CMD's words are lost in the script; without it they would be arguments.
        return None;
    }
    let splits = |word: &String| word.contains(|c: char| c.is_whitespace() || "*?[".contains(c));
    if handover.splits && given.iter().any(splits) {
        return None;
    }
    let mut argv = handover.words.clone();
    let mut words = if in_entrypoint { argv.len() } else { 0 };
    if handover.arguments {
        argv.extend(given.iter().cloned());
        words += given_by_entrypoint;
    }
    if argv.is_empty() {
        plan.block("the script runs its arguments, and CMD gives none", launch_line(plan));
        return None;
    }
    if !starts_by_itself(plan, &argv[0]) {
        return None;
    }
    let mut target = Target { base: cx.stage.base_text.clone(), ..Target::default() };
    if let Some(init) = process.inits.first() {
        target.init.clone_from(init);
    }
    launch::declare_split(&mut target, &argv, words);
    if target.entrypoint.is_none() && has_entrypoint_below(cx) {
        // Without one of its own the base's would be in effect again.
        target.entrypoint = Some(Vec::new());
    }
    variables(plan, &mut target, script, reduced);
    target.workdir.clone_from(&reduced.folder);
    drop_script(plan, &mut target, script);
    Some(target)
}

/// The image that starts what several commands in ENTRYPOINT or CMD itself come down to.
fn without_instruction(plan: &mut Plan<'_, '_>, script: &StartScript, reduced: &Reduced) -> Option<Target> {
    let cx = plan.cx;
    let entrypoint = cx.stage.config.entrypoint.as_ref().filter(|e| !e.value.is_empty());
    let in_entrypoint = script.program == "ENTRYPOINT";
    // CMD's text is an argument of an ENTRYPOINT that is written beside it.
    let is_argument = !in_entrypoint && entrypoint.is_some_and(|e| e.from.location().is_some());
    let handover = &reduced.handover;
    if is_argument || handover.arguments || handover.words.is_empty() {
        return None;
    }
    let mut target = Target { base: cx.stage.base_text.clone(), ..Target::default() };
    let words = if in_entrypoint { handover.words.len() } else { 0 };
    launch::declare_split(&mut target, &handover.words, words);
    if !in_entrypoint && cx.stage.config.entrypoint.as_ref().is_some_and(|e| e.value.is_empty()) {
        target.entrypoint = Some(Vec::new());
    }
    variables(plan, &mut target, script, reduced);
    target.workdir.clone_from(&reduced.folder);
    Some(target)
}

/// How many words of a command line are the script and the shell in front of it.
fn shell_words(argv: &[String], program: &str) -> Option<usize> {
    let name = |word: &String| word.rsplit('/').next().unwrap_or(word).to_owned();
    match argv {
        [first, ..] if first == program => Some(1),
        [shell, second, ..]
            if second == program && matches!(&*name(shell), "sh" | "bash" | "dash" | "ash") =>
        {
            Some(2)
        }
        _ => None,
    }
}

/// Whether the kernel starts a program without the script in front of it: a shell also runs a text that names no
/// interpreter. A file that the context should bring and has not is a blocker.
fn starts_by_itself(plan: &mut Plan<'_, '_>, program: &str) -> bool {
    let cx = plan.cx;
    let config = &cx.stage.config;
    let found = cx.files.borrow_mut().find_program(program, config);
    let why = match found {
        Some(Ok((_, bytes))) if !bytes.starts_with(b"\x7fELF") && !bytes.starts_with(b"#!") => {
            "is a text that names no interpreter (`#!`): only a shell starts it"
        }
        None if program.contains('/') && is_missing(cx, &absolute(config.workdir(), program)) => {
            "is not in the build context, and may be a text that only a shell starts"
        }
        _ => return true,
    };
    plan.block(format!("{program}, which the script starts, {why}"), launch_line(plan));
    false
}

/// Whether a COPY from the context is all that could bring `path`, and the context has not got it.
fn is_missing(cx: &RecipeCx<'_>, path: &str) -> bool {
    let covers = |dest: &str| path == dest || path.starts_with(&format!("{}/", dest.trim_end_matches('/')));
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut is_expected = false;
    for step in cx.model.lineage(cx.stage.id).into_iter().flat_map(|stage| &stage.steps) {
        match &step.kind {
            StepKind::Transfer(transfer) if transfer.dest.as_deref().is_none_or(covers) => {
                if transfer.from != Source::Context {
                    return false;
                }
                is_expected = true;
            }
            StepKind::Run(run) => {
                let others = run.commands.iter().filter(|command| command.name() != name);
                let mut effects =
                    others.flat_map(|c| &run.effects[c.effects.start as usize..c.effects.end as usize]);
                if effects.any(|effect| may_make_files(&effect.kind)) {
                    return false;
                }
            }
            _ => {}
        }
    }
    is_expected && cx.files.borrow().context().is_some()
}

/// Whether a command may make files outside of the folders of packages.
fn may_make_files(kind: &EffectKind) -> bool {
    match kind {
        EffectKind::LanguageInstall { landing, .. } => !matches!(landing, Landing::Global | Landing::Home),
        EffectKind::InstallFiles { .. }
        | EffectKind::Fetch { .. }
        | EffectKind::Write { .. }
        | EffectKind::Link { .. }
        | EffectKind::Copy { .. }
        | EffectKind::Move { .. }
        | EffectKind::Unpack { .. }
        | EffectKind::Spawn { .. }
        | EffectKind::Unknown { .. } => true,
        _ => false,
    }
}

/// Whether the image below the stage has an ENTRYPOINT.
fn has_entrypoint_below(cx: &RecipeCx<'_>) -> bool {
    match &cx.stage.base {
        Base::Stage(id) => cx.model.stage(*id).config.entrypoint.is_some(),
        Base::Image { facts: Some(facts), .. } => facts.config.entrypoint.is_some(),
        Base::Scratch => false,
        Base::Image { facts: None, .. } | Base::Unresolved => true,
    }
}

/// What the script sets becomes ENV, where the image does not say the same already.
fn variables(plan: &mut Plan<'_, '_>, target: &mut Target, script: &StartScript, reduced: &Reduced) {
    for variable in &reduced.variables {
        let now = plan.cx.stage.config.env(&variable.name);
        if !variable.is_default {
            plan.assume(
                format!(
                    "nobody starts the image with another {0}: {1} sets it whatever was given, ENV only gives a default",
                    variable.name, script.program
                ),
                Some(script.at),
            );
        } else if now.is_some_and(|value| !value.is_empty()) {
            continue;
        }
        if now != Some(variable.value.as_str()) {
            target.env.push((variable.name.clone(), variable.value.clone()));
        }
    }
}

/// Takes the script out of the image where a line brings it and nothing else, and nobody else starts it.
fn drop_script(plan: &Plan<'_, '_>, target: &mut Target, script: &StartScript) {
    let cx = plan.cx;
    let config = &cx.stage.config;
    let name = script.program.rsplit('/').next().unwrap_or_default();
    let named_elsewhere =
        cx.uses.iter().any(|u| format!("{:?} {:?} {:?}", u.command, u.entrypoint, u.executes).contains(name));
    if named_elsewhere {
        return;
    }
    let paths: Vec<String> = if script.program.contains('/') {
        vec![absolute(config.workdir(), &script.program)]
    } else {
        config.path().iter().map(|folder| format!("{folder}/{name}")).collect()
    };
    let mut drop = BTreeSet::new();
    for step in &cx.stage.steps {
        let only = match &step.kind {
            StepKind::Transfer(t) => {
                let brings = |source: &Option<String>| {
                    source.as_ref().is_some_and(|s| s.rsplit('/').next() == Some(name))
                };
                let lands = t.dest.as_deref().is_some_and(|dest| {
                    paths.iter().any(|p| p == dest || dest.ends_with('/') && *p == format!("{dest}{name}"))
                });
                t.from == Source::Context
                    && matches!(t.sources.as_slice(), [source] if brings(source))
                    && lands
            }
            StepKind::Run(run) => {
                let own = |kind: &EffectKind| matches!(kind, EffectKind::Chmod { path, .. } if paths.contains(path));
                !run.effects.is_empty() && run.effects.iter().all(|e| own(&e.kind))
            }
            StepKind::Config => false,
        };
        if only {
            drop.insert(step.instruction);
        }
    }
    let brought = |index: &usize| {
        let step = cx.stage.steps.iter().find(|s| s.instruction == *index);
        step.is_some_and(|s| matches!(s.kind, StepKind::Transfer(_)))
    };
    // What stays and names the file would fail without it.
    let stays = |step: &&Step| matches!(step.kind, StepKind::Run(_)) && !drop.contains(&step.instruction);
    let named = cx.model.stages.iter().flat_map(|s| &s.steps).filter(stays);
    if named.into_iter().any(|step| may_name(cx.model.instruction(step).rest.text(), name)) {
        return;
    }
    // A chmod alone would fail without its file, and a file that comes otherwise needs none.
    if drop.iter().any(brought) {
        target.drop = drop;
    }
}

/// Whether a word of a command may mean the file `name`, by itself or as a pattern.
fn may_name(text: &str, name: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || "\"';&|()=".contains(c));
    words.map(|word| word.rsplit('/').next().unwrap_or(word)).any(|last| match last.split_once('*') {
        Some((start, end)) => {
            let end = end.rsplit('*').next().unwrap_or(end);
            // `*` alone is everything in a folder, with or without the script.
            !(start.is_empty() && end.is_empty())
                && name.len() >= start.len() + end.len()
                && name.starts_with(start)
                && name.ends_with(end)
        }
        None => last == name,
    })
}
