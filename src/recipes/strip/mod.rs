//! Any application on any base that is known: the stage stays as it is and becomes a build stage, whose last RUN takes
//! out what nothing uses; what is left is copied to `scratch`, so that no lower layer still carries the tools.

mod direct;
mod health;
mod hooks;
mod installed;
mod made;
mod mentions;
pub(super) mod programs;
mod releases;
mod removal;
mod scripts;
pub(super) mod start;
pub(super) mod working;

use barehull_catalog::{Completeness, Family, Role};
use barehull_syntax::dockerfile::Keyword;

use super::plan::Plan;
use super::shape::{CopyLine, HealthChange, Target, mentions, split};
use super::{Outcome, Recipe, RecipeCx, contents, launch, outside, service_checks};
use crate::evidence::Language;
use crate::finding::Place;
use crate::model::needs::{Why, process_of};
use crate::model::{Base, Health, Launch, Provenance};
use crate::project::outside::{Matched, OutsideUse};
use removal::Removal;
use start::Start;

/// Any application, with its own files and nothing else.
pub static RECIPE: Recipe = Recipe {
    id: "strip",
    title: "The image without its tools, on scratch",
    about: "For any stage on a known base, in any language, where no recipe of its ecosystem has a \
            rewrite. The stage stays as it is and becomes a build stage; one RUN at its end takes out \
            package managers, network clients, debugging and build tools, and last of all the shells, as \
            far as nothing needs them. What is left is copied to scratch as a whole, so that no lower \
            layer carries the tools, and the configuration is declared again.\n\n\
            What the start, the health check, the sources or somebody outside needs stays, and is told. \
            The lists of installed packages stay, since vulnerability scanners read them. User, files \
            and command are what they were; what libraries start that were not read is an assumption. An \
            unknown base is a blocker: `barehull catalog from` describes it.",
    plan,
};

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Base::Image { facts: Some(facts), .. } = cx.model.root_base(cx.stage.id) else {
        return Outcome::NotApplicable;
    };
    let foreign = matches!(facts.os.family, Family::Windows | Family::None);
    if super::is_minimal(cx) || facts.debug_of.is_some() || foreign || starts_nothing(cx) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    if is_for_development(cx) {
        let reason = "the stage is for development, going by its name, and people want its tools: build another target for production";
        plan.block(reason, plan.base_line());
        return plan.blocked();
    }
    let Some(start) = start::find(&mut plan) else { return plan.blocked() };
    let removal = Removal::of(&plan, &start);
    if removal.is_empty() {
        return Outcome::NotApplicable;
    }
    if let Some((reason, place)) = working::find(cx, &|name| removal.gone.contains(name)) {
        plan.block(reason, place);
        return plan.blocked();
    }
    let mut target = Target {
        base: "scratch".to_owned(),
        build_name: name(cx),
        whole: true,
        copies: vec![CopyLine::of("/", "/")],
        ..Target::default()
    };
    declare_environment(&mut plan, &mut target, facts.completeness);
    declare_start(&plan, &mut target, &start);
    for check in &start.checks {
        service_checks::note_image(&mut plan, check);
    }
    target.build_tail.push(removal.run(&plan));
    outside::settle_kept(&mut plan, removal.kept.contains_key(&Role::Shell), &removal.gone);
    note_nginx(&mut plan, &start);
    note_application(&mut plan, &start, &removal);
    note_kept(&mut plan, &start, &removal);
    service_checks::edit(&mut plan, start.checks);
    let title = if removal.kept.is_empty() {
        "Strip the image of its shells and tools and copy what is left to scratch".to_owned()
    } else {
        format!(
            "Strip the image of what nothing uses and copy what is left to scratch; {} stays",
            stays(&removal)
        )
    };
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// Interpreters that talk to people where nothing else is named.
const CONSOLES: [&str; 16] = [
    "php", "node", "python", "python2", "python3", "irb", "perl", "julia", "ghci", "iex", "erl", "jshell",
    "R", "swift", "sbcl", "deno",
];

/// Whether there is no application: nothing is started, or a shell or console for people.
pub(super) fn starts_nothing(cx: &RecipeCx<'_>) -> bool {
    let config = &cx.stage.config;
    let Some(process) = process_of(config, cx.model.file) else { return true };
    if process.argv.is_empty() {
        return process.shell.is_none();
    }
    let own = |from: Option<&Provenance>| from.is_some_and(|f| f.location().is_some());
    let declared =
        own(config.entrypoint.as_ref().map(|e| &e.from)) || own(config.cmd.as_ref().map(|c| &c.from));
    let program = start::last(&process.argv[0]);
    // Behind an entrypoint script of the base it is what CMD names.
    let behind = process.argv.get(process.entrypoint_words).map_or(program, |p| start::last(p));
    let alone = process.argv.len() == 1;
    // What an image of a tool or of an interpreter starts by itself is for people, too.
    let for_people = |name: &str| cx.catalog.role_of(name).is_some() || CONSOLES.contains(&name);
    (alone && start::is_shell(program))
        || programs::FOR_PEOPLE.contains(&program)
        || (!declared && (for_people(behind) || for_people(program)) && !is_started_elsewhere(cx))
}

/// Whether somebody outside the Dockerfile says what the image starts, and that counts as a need of it.
fn is_started_elsewhere(cx: &RecipeCx<'_>) -> bool {
    let counts = |what: &str| {
        cx.stage.needs.programs.iter().any(|need| matches!(&need.why, Why::Outside(other) if other == what))
    };
    cx.uses.iter().any(|used| {
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        used.matched != Matched::Unmatched
            && !used.interactive
            && cx.model.is_used_by(cx.stage.id, used)
            && (used.command.is_some() || used.entrypoint.is_some())
            && counts(&format!("{name} in {}", used.at.path))
    })
}

/// What the stage is called once it is a build stage.
pub(super) fn name(cx: &RecipeCx<'_>) -> &'static str {
    let builds = |s: &crate::model::Stage| {
        s.id != cx.stage.id && s.name.as_ref().is_some_and(|n| n.0.to_lowercase().starts_with("build"))
    };
    if cx.model.stages.iter().any(builds) { "assemble" } else { "build" }
}

/// Variables of base images without which programs are not found, or behave otherwise.
const READ_BY_PROGRAMS: [&str; 9] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LANG",
    "LC_ALL",
    "CATALINA_HOME",
    "GEM_HOME",
    "PYTHONPATH",
    "NODE_PATH",
];

/// Declares the environment of the base again.
pub(super) fn declare_environment(plan: &mut Plan<'_, '_>, target: &mut Target, known: Completeness) {
    let mut unknown = Vec::new();
    let base = plan.base_line();
    let chosen = chosen_at_build(plan.cx);
    let varies =
        |text: &str| chosen.iter().find(|(_, value)| text.contains(value.as_str())).map(|(name, _)| name);
    for var in plan.cx.stage.config.env.iter().filter(|v| matches!(v.from, Provenance::Base(_))) {
        match &var.value {
            // What the tag says once an argument is in it holds for that argument's default alone.
            Some(value) if varies(value).is_some() => {
                if let Some(name) =
                    varies(value).filter(|_| value.contains('/') || READ_BY_PROGRAMS.contains(&&*var.name))
                {
                    plan.block(
                        format!(
                            "the base's {} changes with ARG {name}: write its value out with ENV",
                            var.name
                        ),
                        base,
                    );
                }
                unknown.push(var.name.as_str());
            }
            Some(value) => target.env.push((var.name.clone(), value.clone())),
            None => unknown.push(var.name.as_str()),
        }
    }
    let of_base = |from: &Provenance| matches!(from, Provenance::Base(_));
    for volume in plan.cx.stage.config.volumes.iter().filter(|v| of_base(&v.from)) {
        if let Some(name) = varies(&volume.value) {
            plan.block(
                format!("the base's volume {} changes with ARG {name}: declare it with VOLUME", volume.value),
                base,
            );
        }
    }
    for step in plan.cx.stage.steps.iter().map(|s| plan.cx.model.instruction(s)) {
        let lost = unknown.iter().find(|name| mentions(step.rest.text(), name));
        if let (Keyword::Env, Some(name)) = (step.keyword, lost) {
            let at = plan.cx.model.at(step.span);
            plan.block(
                format!("${name} is set by the base, and what to is not known: write its value out"),
                at,
            );
        }
    }
    if let Some(name) = unknown.iter().find(|name| READ_BY_PROGRAMS.contains(*name)) {
        plan.block(format!("the base sets {name}, and what to is not known: write its value out with ENV (`docker image inspect` shows it)"), base);
    }
    if !unknown.is_empty() {
        let them = if unknown.len() == 1 { "it" } else { "them" };
        let text = format!(
            "nothing reads {} at run time: the base sets {them} to what only it knows",
            unknown.join(", ")
        );
        plan.assume(text, Some(base));
    }
    if let Some((argument, used)) = base_of_uses(plan.cx) {
        let place = plan.cx.place(&used.at);
        plan.block(
            format!(
                "ARG {argument} names the whole base, and {} passes one: what another base sets is not known, so name the image in FROM",
                used.at.path
            ),
            place,
        );
    }
    if known == Completeness::AtLeast {
        plan.assume("the base image sets no ENV, ENTRYPOINT or CMD beyond what the catalog knows of it (`docker image inspect` shows them)", Some(base));
    }
}

/// The arguments in the reference of the image at the bottom, and their values in this analysis: another build may
/// choose others. Values without a digit say no version.
fn chosen_at_build(cx: &RecipeCx<'_>) -> Vec<(String, String)> {
    let lineage = cx.model.lineage(cx.stage.id);
    let from = lineage.last().map_or("", |s| cx.model.dockerfile.instructions()[s.from].rest.text());
    let arguments = cx.model.global_args.iter().filter(|(name, _)| mentions(from, name));
    arguments
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .filter(|(_, value)| value.bytes().any(|b| b.is_ascii_digit()))
        .collect()
}

/// The argument that names the whole image at the bottom, and who builds the stage with a value for it.
fn base_of_uses<'a>(cx: &RecipeCx<'a>) -> Option<(&'a str, &'a OutsideUse)> {
    let lineage = cx.model.lineage(cx.stage.id);
    let from = cx.model.dockerfile.instructions()[lineage.last()?.from].rest.text();
    let word = from.split_whitespace().find(|word| !word.starts_with("--"))?;
    let name =
        word.strip_prefix("${").and_then(|w| w.strip_suffix('}')).or_else(|| word.strip_prefix('$'))?;
    let (name, _) = cx.model.global_args.iter().find(|(known, _)| *known == name)?;
    let passes =
        |u: &&OutsideUse| u.build.as_ref().is_some_and(|b| b.args.iter().any(|(arg, _)| arg == name));
    let used = cx.uses.iter().filter(|u| u.matched == Matched::Builds).find(passes)?;
    Some((name, used))
}

/// Whether a stage is called what stages for development and tests are called.
pub(super) fn is_for_development(cx: &RecipeCx<'_>) -> bool {
    const NAMES: [&str; 10] =
        ["dev", "devel", "develop", "development", "debug", "test", "tests", "testing", "ci", "devcontainer"];
    let name = cx.stage.name.as_ref().map(|(name, _)| name.to_lowercase());
    name.is_some_and(|name| name.split(['-', '_', '.']).any(|part| NAMES.contains(&part)))
}

/// Declares how the image starts: as it is written, but for what only a shell that goes could start.
pub(super) fn declare_start(plan: &Plan<'_, '_>, target: &mut Target, start: &Start) {
    let config = &plan.cx.stage.config;
    let shell = config.shell.as_ref().map(|s| s.value.clone());
    let argv = |launch: &Launch| -> Vec<String> {
        match launch {
            Launch::Exec(items) => items.iter().map(|i| i.text().to_owned()).collect(),
            Launch::Shell(text) => {
                let mut argv = shell.clone().unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
                argv.push(text.text().to_owned());
                argv
            }
        }
    };
    let in_shell = |launch: &Launch| matches!(launch, Launch::Shell(_));
    let start_in_shell =
        config.entrypoint.iter().chain(&config.cmd).any(|l| in_shell(&l.value)) && start.exec.is_none();
    let check_in_shell = matches!(config.healthcheck.as_ref().map(|h| &h.value), Some(Health::Check { launch, .. }) if in_shell(launch))
        && start.health.is_none();
    target.shell = shell.clone().filter(|_| start_in_shell || check_in_shell);
    target.user = config.user.as_ref().map(|u| u.value.clone());
    if let Some(direct) = &start.direct {
        target.env.extend(direct.env.iter().cloned());
        target.user = direct.user.map(str::to_owned).or_else(|| target.user.take());
    }
    match &start.exec {
        Some(process) => launch::declare(target, process, &process.argv),
        None => {
            target.as_written = true;
            let entrypoint = config.entrypoint.as_ref().filter(|_| !start.without_entrypoint);
            target.entrypoint = entrypoint.map(|e| argv(&e.value)).filter(|a| !a.is_empty());
            target.cmd = config.cmd.as_ref().map(|c| argv(&c.value)).filter(|a| !a.is_empty());
        }
    }
    let Some(health) = &config.healthcheck else { return };
    if let Health::Check { launch, .. } = &health.value {
        let own = matches!(health.from, Provenance::Instruction { stage, .. } if stage == plan.cx.stage.id);
        target.health = match &start.health {
            Some(argv) => HealthChange::Exec(argv.clone()),
            None if own => HealthChange::Keep,
            None => HealthChange::Exec(argv(launch)),
        };
    }
}

/// Says what is relied on of the application: that it starts nothing that goes.
fn note_application(plan: &mut Plan<'_, '_>, start: &Start, removal: &Removal) {
    let cx = plan.cx;
    if start.unknown.is_some() {
        plan.assume(
            "no script and no program of the image calls a package manager, an editor or a debugger",
            None,
        );
        return;
    }
    if start.without_entrypoint {
        plan.assume("nobody starts the image with options of its interpreter alone (`docker run IMAGE -v`): the base's entrypoint script, which put the interpreter in front of them, goes with the shell", None);
    }
    let base = plan.base_line();
    if let Some(direct) = &start.direct {
        plan.assume(direct.assumes, Some(base));
    }
    if let Some(script) = start::script_of(cx).filter(|s| !s.hands_over && start.uses.contains_key(&*s.name))
    {
        plan.assume(format!("what is mounted into the folders whose scripts {} runs at start calls none of the programs that go", script.name), Some(base));
    }
    let read = if cx.files.borrow().context().is_none() {
        "the build context was not read"
    } else {
        match language(cx) {
            Some(language) => {
                let evidence = cx.files.borrow_mut().evidence(language);
                match (evidence.files, evidence.complete) {
                    (0, true) => "no COPY brings its sources from the build context",
                    (_, true) => "its sources do not, its libraries were not read",
                    (_, false) => "not all sources were read",
                }
            }
            None if start.searched => "its sources were searched for calls that do, its libraries were not",
            None => "its sources are not read",
        }
    };
    let what = if removal.kept.contains_key(&Role::Shell) {
        "none of the programs that go"
    } else {
        "no shell and none of the other programs that go"
    };
    plan.assume(format!("the application starts {what} ({read})"), Some(base));
    if !start.taken.is_empty() {
        let names: Vec<&str> = start.taken.iter().map(String::as_str).collect();
        let text = match names.as_slice() {
            [one] => format!(
                "{one} is a binary or a script of an interpreter that stays, and needs no shell to start"
            ),
            all => format!(
                "{} are binaries or scripts of an interpreter that stays, and need no shell to start",
                all.join(", ")
            ),
        };
        plan.assume(text, None);
    }
    let magick =
        ["convert", "magick", "mogrify", "identify"].into_iter().find(|name| start.uses.contains_key(*name));
    if let (Some(name), false) = (magick, removal.kept.contains_key(&Role::Shell)) {
        plan.assume(
            format!("{name} works on formats that it reads itself: for others (PDF, video) it starts programs through a shell"),
            start.uses.get(name).and_then(|u| match &u.place {
                Some(Place::Source(at)) => Some(*at),
                _ => None,
            }),
        );
    }
}

/// The entrypoint script of nginx asks the package manager whether its default configuration was changed.
fn note_nginx(plan: &mut Plan<'_, '_>, start: &Start) {
    let cx = plan.cx;
    let lineage = cx.model.lineage(cx.stage.id);
    let written = |path: &String| path.starts_with("/etc/nginx/");
    let alpine = cx.stage.os.as_ref().is_some_and(|o| o.family == Family::Alpine);
    let of_image = start.uses.contains_key("docker-entrypoint.sh")
        && cx.stage.config.entrypoint.as_ref().is_some_and(|e| matches!(e.from, Provenance::Base(_)));
    if alpine
        && of_image
        && start.uses.contains_key("nginx")
        && !lineage.iter().any(|s| contents::landings(s).iter().any(written))
    {
        plan.assume("nobody reaches nginx over IPv6: its entrypoint script switches that on only where apk tells it that default.conf was not changed", Some(plan.base_line()));
    }
}

/// The language whose sources can be read.
fn language(cx: &RecipeCx<'_>) -> Option<Language> {
    let named = |name: &str| match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "node" | "nodejs" | "npm" | "yarn" | "pnpm" => Some(Language::Node),
        "python" => Some(Language::Python),
        "go" => Some(Language::Go),
        _ => None,
    };
    let process = process_of(&cx.stage.config, cx.model.file);
    let started = process.and_then(|p| p.argv.iter().find_map(|word| named(start::last(word))));
    let mut ids = cx.model.behind(cx.stage.id).into_iter();
    started.or_else(|| {
        ids.find_map(|id| match cx.model.root_base(id) {
            Base::Image { facts: Some(facts), .. } => named(&facts.runtime.as_ref()?.name),
            _ => None,
        })
    })
}

/// Says what stays, and why.
fn note_kept(plan: &mut Plan<'_, '_>, start: &Start, removal: &Removal) {
    let base = Place::Source(plan.base_line());
    if let Some(unknown) = &start.unknown {
        let place = unknown.place.clone().unwrap_or(base);
        plan.note(format!("shells and the tools that a script may call stay: {}", unknown.why), place);
        return;
    }
    for (role, names) in &removal.kept {
        let used = names.iter().find_map(|name| Some((name, start.uses.get(name)?)));
        let (why, place) = match used {
            Some((_, used)) => (used.why.clone(), used.place.clone().unwrap_or_else(|| base.clone())),
            None => ("what is used".to_owned(), base.clone()),
        };
        let (verb, them) = if names.len() == 1 { ("stays", "it") } else { ("stay", "them") };
        plan.note(format!("{} {verb} ({role}): {why} needs {them}", names.join(", ")), place);
    }
}

/// What stays, in one word.
fn stays(removal: &Removal) -> String {
    let has = |role| removal.kept.contains_key(&role);
    let names: usize = removal.kept.values().map(Vec::len).sum();
    let only = removal.kept.values().next().and_then(|n| n.first()).cloned().unwrap_or_default();
    match (has(Role::Shell), removal.kept.len(), names) {
        (_, 1, 1) => only,
        (true, 1, _) => "a shell".to_owned(),
        (true, ..) => "a shell, with what is used,".to_owned(),
        _ => "what is used".to_owned(),
    }
}
