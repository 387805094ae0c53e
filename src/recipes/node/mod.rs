//! Node.js applications: on distroless/nodejs where it offers their version, else with the interpreter they
//! have, on distroless/cc (glibc) or on nothing but its libraries (musl).

mod install;
mod scripts;
mod start;

use barehull_catalog::{Ecosystem, Libc, compare_versions};

use super::plan::Plan;
use super::probe::{Piece, Probe, pieces};
use super::runtime_steps;
use super::shape::{CopyLine, Target, rebase, split};
use super::{
    Outcome, Recipe, RecipeCx, accounts, bases, closure, contents, ground, launch, outside, service_checks,
    variables,
};
use crate::evidence::{Evidence, Language};
use crate::model::needs::{Process, process_of};
use crate::model::{Base, Source, StepKind, absolute};

/// Node.js applications to a base without a shell.
pub static RECIPE: Recipe = Recipe {
    id: "node-distroless",
    title: "Node.js application on distroless",
    about: "For stages that stand on an official Node.js image. The application with its node_modules \
            goes onto the distroless image of the same major version; where there is none, the \
            interpreter comes along, onto distroless/cc, or with musl's libraries onto scratch. `npm \
            start` and its like become the command that package.json names.\n\n\
            A HEALTHCHECK with curl or wget becomes one that Node.js makes itself. Development \
            dependencies are left behind in the build stage. Scripts of package.json that do more than \
            start the application, and programs that the sources start, are blockers.",
    plan,
};

/// PATH of the distroless images.
const BASE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the official image has its interpreter.
const NODE: &str = "/usr/local/bin/node";

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 9] = [
    "DEBIAN_FRONTEND",
    "NPM_CONFIG_LOGLEVEL",
    "npm_config_loglevel",
    "NPM_CONFIG_CACHE",
    "npm_config_cache",
    "YARN_CACHE_FOLDER",
    "PNPM_HOME",
    "COREPACK_ENABLE_DOWNLOAD_PROMPT",
    "NPM_CONFIG_UPDATE_NOTIFIER",
];

/// The interpreter of the final image.
enum Interpreter {
    /// The base's own.
    OfBase { entrypoint: String },
    /// The build stage's, copied to the same path.
    Copied,
}

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some((facts, runtime)) = super::base_with(cx, "node") else { return Outcome::NotApplicable };
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = process(&mut plan) else { return plan.blocked() };
    let Some(start) = start::resolve(&mut plan, &process) else { return plan.blocked() };
    let workdir = cx.stage.config.workdir().to_owned();
    if workdir == "/" {
        plan.block(
            "the application lies in / and cannot be told from the system: give it a WORKDIR",
            launch::launch_line(&plan),
        );
        return plan.blocked();
    }
    let evidence = cx.files.borrow_mut().evidence(Language::Node);
    ground::note_unread_sources(&mut plan, &evidence);
    spawned(&mut plan, &evidence);
    let native = install::native_modules(&mut plan);
    let version = runtime.version.as_deref();
    let by_name =
        outside::has_commands(&plan) || evidence.spawns.iter().any(|s| s.program.as_deref() == Some("node"));
    let musl = facts.libc == Libc::Musl;
    let offered = bases::choose(cx, Ecosystem::Node, version, |r| r.carries_runtime());
    let stay_on_musl = musl && (offered.is_none() || !native.is_empty());
    let chosen = if stay_on_musl { None } else { offered };
    let chosen = match chosen {
        Some(base) => Some(base),
        None if stay_on_musl => None,
        None => bases::choose(cx, Ecosystem::Native, None, |r| {
            r.libc == Libc::Glibc && r.libraries.iter().any(|l| l == "libstdc++6")
        }),
    };
    let mut target = Target { build_name: build_name(cx), ..Target::default() };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    let interpreter = match &chosen {
        Some(base) => {
            target.base.clone_from(&base.reference);
            match base.entrypoint.first() {
                Some(entrypoint) if base.carries_runtime => {
                    Interpreter::OfBase { entrypoint: entrypoint.clone() }
                }
                _ => {
                    keep_interpreter(&mut plan, &mut target, version);
                    Interpreter::Copied
                }
            }
        }
        None => {
            let modules = " $(find / -xdev -name '*.node' -type f)";
            let programs = if native.is_empty() { NODE.to_owned() } else { format!("{NODE}{modules}") };
            closure::musl(&plan, &mut target, &programs, &["/usr/local".to_owned(), workdir.clone()], "");
            target.copies.push(CopyLine::of(NODE, NODE));
            Interpreter::Copied
        }
    };
    if musl && !stay_on_musl {
        plan.assume("no installed package holds code compiled for musl (the build stage is Alpine, the new base is Debian)", Some(plan.base_line()));
    }
    ground::settle_process(&mut plan, &mut target, &process.argv, &evidence, chosen.is_none());
    let base = target.base.clone();
    launch::keep_inits(&mut plan, &mut target, &process, chosen.is_some() && !musl);
    install::without_development(&mut plan, &mut target, &start, &evidence, version);
    let program = match &interpreter {
        Interpreter::OfBase { entrypoint } => entrypoint.clone(),
        Interpreter::Copied => NODE.to_owned(),
    };
    let modern = version.is_some_and(|v| compare_versions(v, "18").is_ge());
    ground::settle_health(&mut plan, &mut target, |probe| check(&program, probe, modern));
    declare(&mut plan, &mut target, &process, &start, &interpreter, by_name);
    note_floating_version(&mut plan, &base);
    let programs = &["node"];
    // Whoever checks from outside finds it by name, in the old image as in the new one.
    let checks = service_checks::settle(&mut plan, programs, |_, probe| check("node", probe, modern));
    outside::settle(&mut plan, outside::Offer { programs, interpreter: false, checks });
    target.workdir.clone_from(&start.folder);
    for (name, value) in &start.env {
        target.env.push((name.clone(), value.clone()));
    }
    let title = match interpreter {
        Interpreter::OfBase { .. } => format!("Run the application on {base}"),
        Interpreter::Copied => format!("Keep the interpreter, run the application on {base}"),
    };
    if let Some(chosen) = chosen.filter(|_| only_collects(&mut plan, &mut target, &workdir, &evidence)) {
        accounts::number_owners(cx, &mut target);
        return plan.finish(title, &target, || rebase(cx.model, cx.stage, &target, &chosen.workdir));
    }
    for copy in contents::everything(&mut plan, &workdir, &evidence, runtime_steps::Packages::Judge) {
        target.copies.push(copy);
    }
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// Whether the stage only collects what others built, so that it can change its base where it stands: nothing has to
/// be collected besides, and its user may write what it could write before.
fn only_collects(plan: &mut Plan<'_, '_>, target: &mut Target, workdir: &str, evidence: &Evidence) -> bool {
    let stage = plan.cx.stage;
    let collects = stage
        .steps
        .iter()
        .any(|s| matches!(&s.kind, StepKind::Transfer(t) if matches!(t.from, Source::Stage(_))));
    let writes = stage.config.runs_as_root() != Some(false)
        && evidence.writes.iter().any(|w| {
            let path = absolute(workdir, &w.path);
            std::iter::once(workdir)
                .chain(contents::landings(stage).iter().map(String::as_str))
                .any(|f| path.starts_with(f))
        });
    let more = !target.copies.is_empty() || !target.build_tail.is_empty() || !target.init.is_empty();
    collects
        && !writes
        && !more
        && target.workdir.is_none()
        && matches!(runtime_steps::leftovers(plan, target), runtime_steps::Leftovers::None)
}

/// The process; a command that needs a shell only for variables whose values the image sets needs none.
fn process(plan: &mut Plan<'_, '_>) -> Option<Process> {
    let mut config = plan.cx.stage.config.clone();
    // The base's entrypoint script only passes on.
    config.entrypoint = config.entrypoint.filter(|e| e.from.location().is_some());
    if let Some(process) = process_of(&config, plan.cx.model.file).filter(|p| p.shell.is_some())
        && let Some(words) = variables::words(&config)
    {
        let argv = variables::settled(plan, &words)?;
        let entrypoint_words = if process.entrypoint_words == 0 { 0 } else { argv.len() };
        return Some(Process { argv, entrypoint_words, shell: None, ..process });
    }
    launch::process(plan, Some("docker-entrypoint.sh"))
}

/// `build` where the file has one stage, else a name that tells it from the stages that build.
fn build_name(cx: &RecipeCx<'_>) -> &'static str {
    if cx.model.stages.len() == 1 { "build" } else { "assemble" }
}

/// A tag such as `lts` or `latest` names a version only on the day it is pulled.
fn note_floating_version(plan: &mut Plan<'_, '_>, base: &str) {
    let Base::Image { image, .. } = plan.cx.model.root_base(plan.cx.stage.id) else { return };
    let tag = image.tag.as_deref().unwrap_or("latest");
    if base.contains("/nodejs") && !tag.starts_with(|c: char| c.is_ascii_digit()) {
        let at = plan.base_line();
        plan.assume(format!("node:{tag} is the version of {base}"), Some(at));
    }
}

/// A version that the minimal base does not offer is kept.
fn keep_interpreter(plan: &mut Plan<'_, '_>, target: &mut Target, version: Option<&str>) {
    let why = version.map(|v| format!("Node.js {v} as it is in the build stage"));
    target.copies.push(CopyLine { why, ..CopyLine::of(NODE, NODE) });
    if version.is_none_or(|v| compare_versions(v, "25").is_ge()) {
        // From 25 on it is linked to libatomic, which cc has not.
        target.copies.push(CopyLine::of("/usr/lib/*/libatomic.so.1", "/usr/lib/"));
        plan.assume("the interpreter finds libatomic.so.1 in /usr/lib", Some(plan.base_line()));
    }
}

/// Programs that the sources start: only Node.js itself is in the new image.
fn spawned(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    for spawn in &evidence.spawns {
        match spawn.program.as_deref() {
            Some("node") if !spawn.shell => {}
            Some(program) => plan.block(
                format!("the application starts {program} ({}): the new base has no such program", spawn.how),
                spawn.place,
            ),
            None => plan.block(
                format!("the application starts a program that is not known before it runs ({})", spawn.how),
                spawn.place,
            ),
        }
    }
}

/// A health check in exec form with Node.js itself as the client.
fn check(node: &str, probe: &Probe, modern: bool) -> Option<Vec<String>> {
    let script = match probe {
        Probe::Http { url, headers, fails_on_status } => {
            let sent =
                headers.iter().map(|(name, value)| format!("{}:{}", js_string(name), js_string(value)));
            let sent = sent.collect::<Vec<_>>().join(",");
            let sent = if sent.is_empty() { sent } else { format!(",{{headers:{{{sent}}}}}") };
            let url = format!("{}{sent}", js_address(url));
            let ok = if *fails_on_status { "r.ok" } else { "true" };
            let status = if *fails_on_status { "r.statusCode<400" } else { "true" };
            if modern {
                format!("fetch({url}).then(r=>process.exit({ok}?0:1),()=>process.exit(1))")
            } else {
                format!(
                    "require('http').get({url},r=>process.exit({status}?0:1)).on('error',()=>process.exit(1))"
                )
            }
        }
        Probe::Tcp { host, port } => format!(
            "require('net').connect({port},{}).on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))",
            js_string(host)
        ),
        Probe::Own(argv) => return own_check(node, argv),
    };
    Some(vec![node.to_owned(), "-e".to_owned(), script])
}

/// A check that is a program of Node.js already.
fn own_check(node: &str, argv: &[String]) -> Option<Vec<String>> {
    let (program, rest) = argv.split_first()?;
    let is_node = matches!(program.rsplit('/').next(), Some("node" | "nodejs"));
    is_node.then(|| std::iter::once(node.to_owned()).chain(rest.iter().cloned()).collect())
}

/// An address as a string literal, or as a template where it has variables.
fn js_address(url: &str) -> String {
    if !url.contains("${") {
        return js_string(url);
    }
    let parts = pieces(url).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.replace('\\', "\\\\").replace('`', "\\`"),
        Piece::Variable(name, None) => format!("${{process.env.{name}}}"),
        Piece::Variable(name, Some(default)) => format!("${{process.env.{name}||{}}}", js_string(default)),
    });
    format!("`{}`", parts.collect::<String>())
}

/// A string literal in single quotes.
fn js_string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// ENTRYPOINT and CMD of the new image.
fn declare(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    process: &crate::model::needs::Process,
    start: &start::Start,
    interpreter: &Interpreter,
    by_name: bool,
) {
    match interpreter {
        Interpreter::Copied => {
            let mut argv = vec!["node".to_owned()];
            argv.extend(start.args.iter().cloned());
            launch::declare(target, process, &argv);
        }
        Interpreter::OfBase { entrypoint } if by_name => {
            // Whoever starts `node` finds it on PATH, and no entrypoint stands in front of their command.
            let folder = entrypoint.rsplit_once('/').map_or("/", |(folder, _)| folder);
            target.env.push(("PATH".to_owned(), format!("{folder}:{BASE_PATH}")));
            let mut argv = vec!["node".to_owned()];
            argv.extend(start.args.iter().cloned());
            launch::declare(target, process, &argv);
            target.entrypoint.get_or_insert_default();
        }
        Interpreter::OfBase { entrypoint } => {
            let mut argv = vec![entrypoint.clone()];
            argv.extend(start.args.iter().cloned());
            if process.entrypoint_words > 1 || !target.init.is_empty() {
                // ENTRYPOINT says more than the base's does: it is declared, with the interpreter's new path.
                let words = process.entrypoint_words.max(1);
                launch::declare_split(target, &argv, words);
            } else {
                target.entrypoint = None;
                target.cmd = Some(start.args.clone());
            }
            ground::note_command_form(plan, "node", "other.js");
        }
    }
}

/// A path as the process sees it, for comparing.
fn in_workdir(workdir: &str, path: &str) -> String {
    absolute(workdir, path)
}
