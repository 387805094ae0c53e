//! .NET applications: on the chiseled image of the same kind and version, with ICU and time zones unless the
//! project does without; where there is none for the version, with the run time they have, on distroless/cc.

mod base;
mod keep;
mod lines;
mod project;
mod settle;

use barehull_catalog::{Family, ImageFacts};

use super::plan::Plan;
use super::shape::{CopyLine, Target, split, swap};
use super::{
    Outcome, Recipe, RecipeCx, accounts, contents, ground, launch, outside, runtime_steps, service_checks,
};
use crate::evidence::{Evidence, Language};
use crate::model::needs::{Process, process_of};
use crate::model::{Base, Model, Source, Stage, StageId, StepKind, absolute};
use project::{Program, outputs, published};

/// .NET applications to chiseled images.
pub static RECIPE: Recipe = Recipe {
    id: "dotnet-chiseled",
    title: ".NET application on a chiseled image",
    about: "For .NET applications that `dotnet publish` makes, in one stage or several. The final stage \
            gets the chiseled image of the same version, which has no shell and no package manager: \
            aspnet, runtime, or runtime-deps for self-contained and ahead-of-time compiled programs; \
            with ICU and time zones (`-extra`) where the project needs cultures. Versions that have no \
            chiseled image keep their run time, on a base without a shell.\n\n\
            The process runs as user 1654. `dotnet run` and `dotnet watch` at start, programs that the \
            sources start, and run-time identifiers of musl on glibc are blockers.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 6] = [
    "DEBIAN_FRONTEND",
    "DOTNET_CLI_TELEMETRY_OPTOUT",
    "DOTNET_SKIP_FIRST_TIME_EXPERIENCE",
    "DOTNET_NOLOGO",
    "NUGET_PACKAGES",
    "NUGET_XMLDOC_MODE",
];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(old) = old_image(cx) else { return Outcome::NotApplicable };
    if super::is_minimal(cx) || old.facts.os.family == Family::Windows {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = start(&mut plan) else { return plan.blocked() };
    let by_host = is_dotnet(&process.argv[0]);
    if by_host && !old.own {
        return Outcome::NotApplicable;
    }
    let file = if by_host { process.argv.get(1) } else { process.argv.first() };
    let file = file.map_or("", String::as_str).to_owned();
    let name = file.rsplit('/').next().unwrap_or_default();
    let program = Program::of(cx, name.strip_suffix(".dll").unwrap_or(name));
    let all = cx.files.borrow_mut().evidence(Language::Dotnet);
    ground::note_unread_sources(&mut plan, &all);
    let evidence = program.evidence(cx, all);
    started(&mut plan, &evidence);
    let mut target = Target { build_name: "build", ..Target::default() };
    let lines = lines::read(&mut plan, &mut target, &evidence);
    let icu = base::needs_icu(&plan, old.facts, &program, &evidence, &lines);
    let Some(way) = settle_base(&mut plan, &mut target, &old, &program, by_host, icu) else {
        return plan.blocked();
    };
    let writes = settle::writes(&mut plan, &evidence, &program);
    if program.settings.web != Some(false) || old.own {
        let is_set = old.own && old.kind != "sdk";
        settle::settle_address(&mut plan, &mut target, old.facts, &process, is_set);
    }
    settle::settle_health(&mut plan, &mut target);
    let reference = target.base.clone();
    ground::note_digest(&mut plan, &reference);
    launch::drop_inits(&mut plan, &process);
    let programs = &["dotnet", name];
    let checks = service_checks::settle(&mut plan, programs, |_, asked| service_checks::own(programs, asked));
    outside::settle(&mut plan, outside::Offer { programs, interpreter: false, checks });
    let title = match way {
        Way::Chiseled => format!("Run the application on {reference}"),
        Way::Kept => format!("Keep the run time, run the application on {reference}"),
    };
    if let Some(folder) = published_here(&mut plan, &file) {
        return from_source(plan, target, &process, &folder, writes, title);
    }
    launch::declare(&mut target, &process, &process.argv);
    let swaps = lines.go && way == Way::Chiseled && !writes && contents::volumes(cx).is_empty();
    if swaps { in_place(plan, target, title) } else { assembled(plan, target, writes, title) }
}

/// How the run time comes into the final image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The new base has it.
    Chiseled,
    /// It is the old base's.
    Kept,
}

/// Chooses the base, and the user that goes with it; blocks, and gives nothing, where there is none.
fn settle_base(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    old: &Old<'_>,
    program: &Program,
    by_host: bool,
    icu: bool,
) -> Option<Way> {
    base::not_newer(plan, program);
    let kind = if old.kind == "sdk" { "aspnet" } else { old.kind };
    let version = old.facts.runtime.as_ref().and_then(|r| r.version.as_deref());
    if let Some(chiseled) = base::chiseled(plan, old.facts, kind, version, icu) {
        base::not_musl(plan, old.facts, program, by_host);
        target.base = chiseled;
        settle::settle_user(plan, target);
        if !icu {
            plan.assume("globalization is invariant and no library looks up time zones: the new base has neither ICU nor time zones", None);
        }
        return Some(Way::Chiseled);
    }
    let Some(kept) = keep::base(plan, old.facts).filter(|_| by_host) else {
        base::no_base(plan, version);
        return None;
    };
    target.base = kept;
    keep::runtime(plan, target, old.facts);
    let of_scratch = target.user.take();
    ground::settle_user(plan, target);
    target.user = target.user.take().or(of_scratch);
    Some(Way::Kept)
}

/// The image below changes, and nothing else.
fn in_place(plan: Plan<'_, '_>, mut target: Target, title: String) -> Outcome {
    let cx = plan.cx;
    let by_app = cx.stage.steps.iter().any(|s| {
        matches!(&s.kind, StepKind::Transfer(t) if t.chown.as_deref().is_some_and(|c| c.split([':']).next() == Some("app")))
    });
    // The new base knows app, too.
    if !by_app {
        accounts::number_owners(cx, &mut target);
    }
    plan.finish(title, &target, || swap(cx.model, cx.stage, &target))
}

/// The stage stays as one that assembles, and the new one copies what it made.
fn assembled(mut plan: Plan<'_, '_>, mut target: Target, writes: bool, title: String) -> Outcome {
    let cx = plan.cx;
    target.drop.clear();
    target.copies.extend(contents::files(&mut plan, runtime_steps::Packages::Judged));
    settle::own_copies(&mut target, cx.stage.config.workdir(), writes);
    contents::make_volumes(&plan, &mut target);
    target.build_name = "assemble";
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// What is known of the .NET image that a stage stands on, and its kind: `aspnet`, `runtime`, `runtime-deps`, `sdk`.
fn dotnet_image(model: &Model, stage: StageId) -> Option<(&ImageFacts, &'static str)> {
    let Base::Image { image, facts: Some(facts) } = model.root_base(stage) else { return None };
    facts.runtime.as_ref().filter(|r| r.name == "dotnet")?;
    let last = image.repository.rsplit('/').next()?;
    let kind = ["aspnet", "runtime", "runtime-deps", "sdk"].into_iter().find(|kind| *kind == last)?;
    Some((facts, kind))
}

/// The image that gives way.
struct Old<'a> {
    facts: &'a ImageFacts,
    kind: &'static str,
    /// Whether the stage stands on it: else its program, with the run time in it, was built there.
    own: bool,
}

fn old_image<'a>(cx: &RecipeCx<'a>) -> Option<Old<'a>> {
    if let Some((facts, kind)) = dotnet_image(cx.model, cx.stage.id) {
        return Some(Old { facts, kind, own: true });
    }
    let process = process_of(&cx.stage.config, cx.model.file)?;
    let program = absolute(cx.stage.config.workdir(), process.argv.first().filter(|p| p.contains('/'))?);
    let mut from_sdk = cx.stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => {
            let Source::Stage(id) = t.from else { return None };
            let folder = t.dest.as_deref()?.trim_end_matches('/');
            let holds = program.strip_prefix(folder).is_some_and(|r| r.is_empty() || r.starts_with('/'));
            dotnet_image(cx.model, id).filter(|(_, kind)| holds && *kind == "sdk")
        }
        _ => None,
    });
    let (facts, _) = from_sdk.next_back()?;
    Some(Old { facts, kind: "runtime-deps", own: false })
}

fn is_dotnet(program: &str) -> bool {
    program.rsplit('/').next() == Some("dotnet")
}

/// The process; blocks where the SDK is what is started.
fn start(plan: &mut Plan<'_, '_>) -> Option<Process> {
    if let Some(process) = process_of(&plan.cx.stage.config, plan.cx.model.file)
        && process.argv.first().is_some_and(|p| is_dotnet(p))
        && let Some(verb) = process.argv.get(1).filter(|a| !a.ends_with(".dll") && *a != "exec")
    {
        let reason = match verb.as_str() {
            "run" | "watch" => format!(
                "it is compiled at start (dotnet {verb}): publish it in a RUN (`dotnet publish -c Release -o /app/publish`) and start `dotnet /app/publish/NAME.dll`"
            ),
            _ => format!("dotnet {verb} needs the SDK: start a published program (`dotnet NAME.dll`)"),
        };
        plan.block(reason, launch::launch_line(plan));
        return None;
    }
    launch::process(plan, None)
}

/// Programs that the sources start: only `dotnet` is in the new image.
fn started(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    for spawn in evidence.spawns.iter().filter(|s| s.program.as_deref() != Some("dotnet")) {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        plan.block(
            format!("the application starts {what} ({}): the new base has no such program", spawn.how),
            spawn.place,
        );
    }
}

/// The folder of the published program where the final stage publishes it itself.
fn published_here(plan: &mut Plan<'_, '_>, file: &str) -> Option<String> {
    let cx = plan.cx;
    let lineage = cx.model.lineage(cx.stage.id);
    let publish = |s: &&&Stage| {
        s.steps
            .iter()
            .any(|s| matches!(&s.kind, StepKind::Run(r) if r.effects.iter().any(|e| published(e).is_some())))
    };
    lineage.iter().find(publish)?;
    let path = absolute(cx.stage.config.workdir(), file);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let found = lineage.iter().flat_map(|s| outputs(s)).find(|o| o == folder);
    if found.is_none() {
        plan.block(
            format!("no `dotnet publish` of this stage is known to write {path}: publish with `-o` and start what lies there"),
            launch::launch_line(plan),
        );
    }
    Some(found.unwrap_or_default())
}

/// A stage that builds and runs keeps what it publishes.
fn from_source(
    mut plan: Plan<'_, '_>,
    mut target: Target,
    process: &Process,
    folder: &str,
    writes: bool,
    title: String,
) -> Outcome {
    let cx = plan.cx;
    let at = launch::launch_line(&plan);
    target.drop.clear();
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    target.copies.push(CopyLine::of(folder, folder));
    target.copies.extend(contents::volumes(cx));
    settle::own_copies(&mut target, folder, writes);
    contents::make_volumes(&plan, &mut target);
    let mut argv = process.argv.clone();
    if cx.stage.config.workdir() != folder {
        for word in argv.iter_mut().take(2) {
            if !is_dotnet(word) && !word.starts_with('/') {
                let name = word.rsplit('/').next().unwrap_or(word).to_owned();
                *word = if word.ends_with(".dll") { name } else { format!("./{name}") };
            }
        }
        target.workdir = Some(folder.to_owned());
        plan.assume(format!("settings and static files are those that were published to {folder}"), Some(at));
    }
    launch::declare(&mut target, process, &argv);
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}
