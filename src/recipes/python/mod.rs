//! Python applications: on distroless/python3 where it has their version and nothing but wheels is installed,
//! else with the interpreter they have and its libraries, on distroless/cc (glibc) or on nothing else (musl).

mod check;
mod interpreter;
mod start;

use barehull_catalog::{Ecosystem, Libc};

use super::plan::Plan;
use super::runtime_steps;
use super::shape::{CopyLine, Target, split};
use super::{Outcome, Recipe, RecipeCx, bases, closure, contents, ground, launch, outside, service_checks};
use crate::evidence::{Evidence, Language};
use crate::model::needs::Process;
use crate::model::{EffectKind, Landing, LanguageManager, Provenance, StepKind};
use check::check;
use interpreter::{in_site_packages, needs_libraries, roots, seen};

/// Python applications to a base without a shell.
pub static RECIPE: Recipe = Recipe {
    id: "python-distroless",
    title: "Python application on distroless",
    about: "For stages that stand on an official Python image. The application and its packages go onto \
            distroless/python3 where that has the very version; else the interpreter in /usr/local comes \
            along, with the shared libraries that the build stage finds by ldd, onto distroless/cc, or \
            with musl's onto scratch. Virtual environments are kept where they are. pip stays behind.\n\n\
            A HEALTHCHECK with curl or wget becomes one that Python makes itself, and a command with \
            variables is started by Python, which reads them. Programs that the sources start and \
            modules that look for shared libraries by name are blockers.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 14] = [
    "DEBIAN_FRONTEND",
    "PIP_NO_CACHE_DIR",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_ROOT_USER_ACTION",
    "POETRY_VERSION",
    "POETRY_HOME",
    "POETRY_NO_INTERACTION",
    "POETRY_VIRTUALENVS_CREATE",
    "POETRY_VIRTUALENVS_IN_PROJECT",
    "UV_COMPILE_BYTECODE",
    "UV_LINK_MODE",
    "UV_NO_CACHE",
    "POETRY_CACHE_DIR",
];

/// How the interpreter comes into the final image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The base's own; installed packages are put on its path.
    OfBase,
    /// The build stage's, with its glibc libraries.
    Glibc,
    /// The build stage's, with musl.
    Musl,
}

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some((facts, runtime)) = super::base_with(cx, "python") else { return Outcome::NotApplicable };
    if runtime.interpreter.as_deref().is_some_and(|i| !i.starts_with("/usr/local/")) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = start::start(&mut plan) else { return plan.blocked() };
    let workdir = cx.stage.config.workdir().to_owned();
    let version = runtime.version.as_deref();
    let evidence = cx.files.borrow_mut().evidence(Language::Python);
    ground::note_unread_sources(&mut plan, &evidence);
    seen(&mut plan, &evidence);
    runtime_steps::judge_others(&mut plan, "python3", &[]);
    let libraries = needs_libraries(&plan);
    let offered = bases::choose(cx, Ecosystem::Python, version, |r| r.carries_runtime());
    let way = match (&facts.libc, &offered) {
        (Libc::Musl, _) => Way::Musl,
        (_, Some(_))
            if !libraries
                && in_site_packages(&plan)
                && minor(version).is_some()
                && !outside::has_commands(&plan) =>
        {
            Way::OfBase
        }
        _ => Way::Glibc,
    };
    let mut target = Target {
        build_name: if cx.model.stages.len() == 1 { "build" } else { "assemble" },
        ..Target::default()
    };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    if let Some(value) =
        cx.stage.config.env.iter().find(|v| v.name == "LANG" && matches!(v.from, Provenance::Base(_)))
    {
        target.env.extend(value.value.clone().map(|v| ("LANG".to_owned(), v)));
    }
    let chosen = match way {
        Way::OfBase => offered,
        Way::Glibc => closure::base(&mut plan, facts),
        Way::Musl => None,
    };
    if chosen.is_none() && way != Way::Musl {
        return plan.blocked();
    }
    if let Some(base) = &chosen {
        target.base.clone_from(&base.reference);
    }
    interpreter::interpreter(&plan, &mut target, way, version);
    let on_scratch = way == Way::Musl;
    ground::settle_process(&mut plan, &mut target, &process.argv, &evidence, on_scratch);
    let base = target.base.clone();
    launch::keep_inits(&mut plan, &mut target, &process, !on_scratch);
    let entrypoint = chosen.and_then(|c| c.entrypoint.first().cloned()).filter(|_| way == Way::OfBase);
    let python = entrypoint.clone().unwrap_or_else(|| "/usr/local/bin/python3".to_owned());
    ground::settle_health(&mut plan, &mut target, |probe| check(&python, probe));
    declare(&mut plan, &mut target, &process, entrypoint);
    let own = way == Way::OfBase;
    let scripts =
        ["python", "python3", "gunicorn", "uvicorn", "celery", "flask", "hypercorn", "daphne", "streamlit"];
    let programs: &[&str] = if own { &[] } else { &scripts };
    let checks = service_checks::settle(&mut plan, programs, |_, probe| check(&python, probe));
    let interpreter = own && target.entrypoint.is_none();
    outside::settle(&mut plan, outside::Offer { programs, interpreter, checks });
    application(&mut plan, &mut target, &workdir, &evidence);
    let title = match way {
        Way::OfBase => format!("Run the application on {base}"),
        Way::Glibc | Way::Musl => format!("Keep the interpreter, run the application on {base}"),
    };
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// `3.12` of `3.12.4`.
fn minor(version: Option<&str>) -> Option<String> {
    let mut parts = version?.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    minor.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{major}.{minor}"))
}

/// ENTRYPOINT and CMD of the new image.
fn declare(plan: &mut Plan<'_, '_>, target: &mut Target, process: &Process, entrypoint: Option<String>) {
    let variables = start::has_variables(&process.argv);
    if variables {
        note_variables(plan);
    }
    let Some(python) = entrypoint else {
        if variables {
            let argv = ["python".to_owned(), "-c".to_owned(), start::exec(&process.argv)];
            let words = if process.entrypoint_words == 0 { 0 } else { argv.len() };
            launch::declare_split(target, &argv, words);
            return;
        }
        // The interpreter and the scripts beside it keep their paths: the command stays what it was.
        launch::declare(target, process, &process.argv);
        return;
    };
    let (program, rest) = process.argv.split_first().expect("a process has a program");
    let name = program.rsplit('/').next().unwrap_or(program);
    let mut args: Vec<String> = Vec::new();
    if !name.starts_with("python") {
        // A console script's first line names an interpreter that is not there: its module is run instead.
        args.extend(["-m".to_owned(), name.to_owned()]);
        plan.assume(format!("`python -m {name}` does what `{name}` does"), Some(launch::launch_line(plan)));
    }
    args.extend(rest.iter().cloned());
    if variables {
        let argv: Vec<String> = std::iter::once(python.clone()).chain(args).collect();
        args = vec!["-c".to_owned(), start::exec(&argv)];
    }
    if process.entrypoint_words > 1 || !target.init.is_empty() {
        let words = (process.entrypoint_words + args.len()).saturating_sub(rest.len());
        let argv: Vec<String> = std::iter::once(python).chain(args).collect();
        launch::declare_split(target, &argv, words.max(1));
    } else {
        target.entrypoint = None;
        target.cmd = (!args.is_empty()).then_some(args);
    }
    ground::note_command_form(plan, "python", "other.py");
}

/// A shell takes an unset variable for nothing and splits values at spaces.
fn note_variables(plan: &mut Plan<'_, '_>) {
    let text = "the variables of the command are set wherever the image runs, each to one word: Python reads them at start as the shell did";
    plan.assume(text, Some(launch::launch_line(plan)));
}

/// The application's own files, and what else the stage put outside /usr/local.
fn application(plan: &mut Plan<'_, '_>, target: &mut Target, workdir: &str, evidence: &Evidence) {
    if workdir == "/" {
        let at = launch::launch_line(plan);
        plan.block("the application lies in / and cannot be told from the system: give it a WORKDIR", at);
        return;
    }
    for effect in plan.effects().collect::<Vec<_>>() {
        if matches!(&effect.kind, EffectKind::LanguageInstall { landing: Landing::Home, .. }) {
            plan.block("`pip install --user` puts packages into root's home, which no other user may read: install into /usr/local or an environment", effect.at);
        }
    }
    installed_by_user(plan);
    let copies = contents::everything(plan, workdir, evidence, runtime_steps::Packages::Judged);
    target.copies.extend(copies.into_iter().filter(|c| !c.source.starts_with("/usr/local")));
    // Environments that a RUN made.
    for root in roots(plan).into_iter().filter(|r| !r.starts_with("/usr/local")) {
        let holds =
            |c: &CopyLine| format!("{root}/").starts_with(&format!("{}/", c.source.trim_end_matches('/')));
        if !target.copies.iter().any(holds) {
            target.copies.push(CopyLine::of(&root, &root));
        }
    }
}

/// Blocks where another user than root runs pip: it cannot write beside the interpreter, so that the packages
/// land in that user's home without a word.
fn installed_by_user(plan: &mut Plan<'_, '_>) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    for step in lineage.into_iter().flat_map(|s| &s.steps) {
        let by_user =
            step.user.as_deref().is_some_and(|u| !matches!(u.split(':').next(), Some("root" | "0")));
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in run.effects.iter().filter(|_| by_user) {
            if let EffectKind::LanguageInstall {
                manager: LanguageManager::Pip,
                landing: Landing::Global,
                ..
            } = &effect.kind
            {
                plan.block("pip runs as a user who may not write to /usr/local, so the packages land in that user's home: install them before USER", effect.at);
            }
        }
    }
}
