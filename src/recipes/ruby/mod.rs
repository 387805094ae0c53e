//! Ruby applications: the interpreter they have, with their gems and the libraries of both, on distroless/cc
//! (glibc) or on nothing else (musl). No minimal image has Ruby.

mod interpreter;
mod start;

use barehull_catalog::Libc;

use super::plan::Plan;
use super::runtime_steps;
use super::shape::{Target, split};
use super::{Outcome, Recipe, RecipeCx, closure, contents, ground, launch, outside, service_checks};
use crate::evidence::Language;
use crate::model::{Provenance, absolute};
use start::Start;

/// Ruby applications to a base without a shell.
pub static RECIPE: Recipe = Recipe {
    id: "ruby-distroless",
    title: "Ruby application on distroless",
    about: "For stages that stand on an official Ruby image. No distroless image has Ruby, so that the \
            interpreter in /usr/local comes along with the gems and the shared libraries that the build \
            stage finds by ldd, onto distroless/cc, or with musl's onto scratch. Programs of gems are \
            started by the interpreter, since their first line names `env`.\n\n\
            What Rails writes (tmp, log, storage) belongs to the image's user, the code does not. Start \
            scripts that prepare the database, gems that start other programs, and programs that the \
            sources start are blockers.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 5] = [
    "DEBIAN_FRONTEND",
    "BUNDLE_JOBS",
    "BUNDLE_RETRY",
    "BUNDLE_SILENCE_ROOT_WARNING",
    "NOKOGIRI_USE_SYSTEM_LIBRARIES",
];

/// What compiles assets in the build. A few gems run it in production, too: a Gemfile tells.
const OF_ASSETS: [&str; 4] = ["nodejs", "nodejs-legacy", "npm", "yarn"];

/// Clients of databases, which people and tasks of a release start, and headers.
const IDLE: [&str; 9] = [
    "sqlite",
    "sqlite3",
    "postgresql-client",
    "mysql-client",
    "default-mysql-client",
    "mariadb-client",
    "postgresql-libs",
    "linux-headers",
    "mariadb-connector-c",
];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some((facts, runtime)) = super::base_with(cx, "ruby") else { return Outcome::NotApplicable };
    if runtime.interpreter.as_deref().is_some_and(|i| !i.starts_with("/usr/local/")) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(start) = start::start(&mut plan) else { return plan.blocked() };
    let process = &start.process;
    let workdir = cx.stage.config.workdir().to_owned();
    if workdir == "/" {
        let at = launch::launch_line(&plan);
        plan.block("the application lies in / and cannot be told from the system: give it a WORKDIR", at);
        return plan.blocked();
    }
    let evidence = cx.files.borrow_mut().evidence(Language::Ruby);
    ground::note_unread_sources(&mut plan, &evidence);
    ground::block_spawns(&mut plan, &evidence);
    let has_gemfile = cx.files.borrow_mut().source_of(&absolute(&workdir, "Gemfile")).is_some();
    let assets = OF_ASSETS.iter().filter(|_| has_gemfile && evidence.complete);
    let idle: Vec<&str> = IDLE.iter().chain(assets).copied().collect();
    runtime_steps::judge_others(&mut plan, "ruby", &idle);
    if start.of_gem {
        start::block_clients(&mut plan);
    }
    let musl = facts.libc == Libc::Musl;
    let mut target = Target {
        build_name: if cx.model.stages.len() == 1 { "build" } else { "assemble" },
        env_drop: BUILD_ENV.iter().map(|v| (*v).to_owned()).collect(),
        ..Target::default()
    };
    if !musl {
        let Some(base) = closure::base(&mut plan, facts) else { return plan.blocked() };
        target.base = base.reference;
    }
    let copies = contents::everything(&mut plan, &workdir, &evidence, runtime_steps::Packages::Judged);
    let owned = copies.iter().any(|c| c.source == workdir && c.chown.is_some());
    let writable = if owned { Vec::new() } else { interpreter::writable(&plan, &workdir, &evidence) };
    environment(&plan, &mut target, musl);
    interpreter::interpreter(&mut plan, &mut target, musl, &evidence, process, &writable);
    // The new base has a /tmp of its own.
    let is_brought = |path: &str| path == "/tmp" || path.starts_with("/usr/local");
    target.copies.extend(copies.into_iter().filter(|c| !is_brought(&c.source)));
    interpreter::copy_writable(&plan, &mut target, &writable);
    ground::settle_process(&mut plan, &mut target, &process.argv, &evidence, musl);
    let base = target.base.clone();
    launch::keep_inits(&mut plan, &mut target, process, !musl);
    ground::settle_health(&mut plan, &mut target, start::check);
    declare(&mut plan, &mut target, &start);
    let programs: Vec<&str> = start::PROGRAMS.iter().copied().chain(["ruby"]).collect();
    let checks = service_checks::settle(&mut plan, &programs, |_, probe| start::check(probe));
    outside::settle(&mut plan, outside::Offer { programs: &programs, interpreter: false, checks });
    let title = format!("Keep the interpreter, run the application on {base}");
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// ENTRYPOINT and CMD of the new image: what they were, since the programs start with Ruby itself from now on.
fn declare(plan: &mut Plan<'_, '_>, target: &mut Target, start: &Start) {
    let process = &start.process;
    let Some(script) = start.script() else { return launch::declare(target, process, &process.argv) };
    if start.has_variables() {
        let text = "the variables of the command are set wherever the image runs, each to one word: Ruby reads them at start as the shell did";
        plan.assume(text, Some(launch::launch_line(plan)));
    }
    let argv = ["ruby".to_owned(), "-e".to_owned(), script];
    let words = if process.entrypoint_words == 0 { 0 } else { argv.len() };
    launch::declare_split(target, &argv, words);
}

/// The variables by which the old base's Ruby finds its gems and reads its texts.
fn environment(plan: &Plan<'_, '_>, target: &mut Target, musl: bool) {
    let cx = plan.cx;
    let workdir = cx.stage.config.workdir();
    let gemfile = cx.files.borrow_mut().read(&absolute(workdir, "Gemfile"));
    let names_version = gemfile.is_some_and(|(_, text)| {
        text.windows(17).any(|w| w == b"ENV['RUBY_VERSION" || w == b"ENV[\"RUBY_VERSION")
    });
    for variable in &cx.stage.config.env {
        let name = variable.name.as_str();
        let wanted = name == "LANG"
            || name.starts_with("GEM_")
            || name.starts_with("BUNDLE_")
            || name == "RUBY_VERSION" && names_version;
        let of_base = wanted && matches!(variable.from, Provenance::Base(_));
        // What the stage puts in front of PATH stands before the gems' folder, too.
        let is_path = name == "PATH" && !musl;
        if (of_base || is_path) && !target.env_drop.contains(name) {
            target.env.extend(variable.value.clone().map(|value| (name.to_owned(), value)));
        }
    }
}
