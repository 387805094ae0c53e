//! Go programs: the binary and the files it reads, on distroless/static, or on distroless/base where it is
//! linked to glibc.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::runtime_steps::{self, Leftovers};
use super::shape::{CopyLine, Target, rebase, split};
use super::{
    Outcome, Recipe, RecipeCx, absent_files, accounts, bases, contents, data_files, go_cgo, ground, launch,
    outside, service_checks,
};
use crate::evidence::{Evidence, Language};
use crate::model::{
    Base, Effect, EffectKind, LanguageManager, Model, Source, Stage, StageId, StepKind, absolute,
};
use barehull_catalog::{Ecosystem, Libc, compare_versions};

/// Go programs to distroless.
pub static RECIPE: Recipe = Recipe {
    id: "go-distroless",
    title: "Go binary on distroless",
    about: "For stages that build with the Go toolchain, and for those that copy what another stage \
            built with it. The binary and the files that the sources read beside it go onto \
            distroless/static; where it may be linked to glibc (cgo), onto distroless/base. The build \
            lines stay as they are.\n\n\
            The process runs as nonroot. A Go binary has no client to check its health with, so that a \
            HEALTHCHECK with curl makes the rewrite a sketch with a marked gap. Programs that the \
            sources start, binaries linked to musl and `go run` at start are blockers.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 12] = [
    "CGO_ENABLED",
    "GO111MODULE",
    "GOPATH",
    "GOPROXY",
    "GOSUMDB",
    "GOPRIVATE",
    "GOFLAGS",
    "GOOS",
    "GOARCH",
    "GOCACHE",
    "GOBIN",
    "DEBIAN_FRONTEND",
];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(built_in) = building_stage(cx.model, cx.stage) else { return Outcome::NotApplicable };
    if super::is_minimal(cx) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = launch::process(&mut plan, None) else { return plan.blocked() };
    let builder = cx.model.stage(built_in);
    let Some(program) = program(&mut plan, builder, &process.argv[0]) else { return plan.blocked() };
    let linked = linking(&mut plan, builder);
    let Some(libc) = linked else { return plan.blocked() };
    let Some(base) = bases::choose(cx, Ecosystem::Go, None, |r| r.libc == libc) else {
        plan.block("no minimal base of the catalog fits this binary", plan.base_line());
        return plan.blocked();
    };
    let evidence = cx.files.borrow_mut().evidence(Language::Go);
    ground::note_unread_sources(&mut plan, &evidence);
    spawned(&mut plan, &evidence);
    let mut target = Target { base: base.reference.clone(), build_name: "build", ..Target::default() };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    target.cross_built = is_cross_built(cx.model, builder);
    ground::settle_user(&mut plan, &mut target);
    ground::note_ports(&mut plan);
    ground::note_listening(&mut plan, &process.argv, &evidence);
    ground::block_mounted_writes(&mut plan, &evidence);
    ground::note_digest(&mut plan, &base.reference);
    ground::settle_health_of_program(&mut plan, &mut target, &program);
    launch::drop_inits(&mut plan, &process);
    let programs = &[program.rsplit('/').next().unwrap_or_default()];
    let checks = service_checks::settle(&mut plan, programs, |_, asked| service_checks::own(programs, asked));
    outside::settle(&mut plan, outside::Offer { programs, interpreter: false, checks });
    let mut argv = process.argv.clone();
    if !argv[0].contains('/') {
        argv[0].clone_from(&program);
    }
    launch::declare(&mut target, &process, &argv);
    let title = format!("Run the Go binary on {}", base.reference);
    if built_in == cx.stage.id {
        target.copies.push(CopyLine::of(&program, &program));
        data_files::beside(&mut plan, &mut target, &evidence, &[".go", ".mod", ".sum", ".work"], false);
        absent_files::beside(&plan, &mut target, &evidence);
        target.copies.extend(contents::volumes(cx));
        contents::make_volumes(&plan, &mut target);
        return plan.finish(title, &target, || split(cx.model, cx.stage, &target));
    }
    data_files::block_writes_below(&mut plan, &evidence);
    match runtime_steps::leftovers(&mut plan, &mut target) {
        Leftovers::None => {
            accounts::number_owners(cx, &mut target);
            plan.finish(title, &target, || rebase(cx.model, cx.stage, &target, &base.workdir))
        }
        Leftovers::Some(copies) => {
            target.copies = copies;
            contents::make_volumes(&plan, &mut target);
            target.build_name = "assemble";
            plan.finish(title, &target, || split(cx.model, cx.stage, &target))
        }
    }
}

/// The stage that builds the program: the final one itself, or one that it copies from.
fn building_stage(model: &Model, stage: &Stage) -> Option<StageId> {
    let builds_itself = stage.steps.iter().any(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(is_go_command),
        _ => false,
    });
    if is_go(model, stage.id) && builds_itself {
        return Some(stage.id);
    }
    let mut copied = stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => match t.from {
            Source::Stage(id) => Some(id),
            _ => None,
        },
        _ => None,
    });
    let other = copied.rfind(|id| is_go(model, *id));
    other.or(is_go(model, stage.id).then_some(stage.id))
}

/// Whether a command builds with the Go toolchain, or with what may call it.
fn is_go_command(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::Spawn { program, .. } => {
            matches!(program.rsplit('/').next(), Some("go" | "make" | "mage" | "task" | "xx-go"))
                || program.contains('/')
        }
        EffectKind::LanguageInstall { manager, .. } => *manager == LanguageManager::Go,
        _ => false,
    }
}

/// Whether a stage stands on a Go toolchain.
fn is_go(model: &Model, stage: StageId) -> bool {
    match model.root_base(stage) {
        Base::Image { facts: Some(facts), .. } => facts.runtime.as_ref().is_some_and(|r| r.name == "go"),
        _ => false,
    }
}

/// The program's absolute path in the image.
fn program(plan: &mut Plan<'_, '_>, builder: &Stage, word: &str) -> Option<String> {
    let at = launch::launch_line(plan);
    if matches!(word.rsplit('/').next(), Some("go" | "air" | "reflex" | "CompileDaemon" | "gin" | "realize"))
    {
        plan.block(format!("it is compiled at start ({word}): build it in a RUN and start the binary"), at);
        return None;
    }
    if let Some(path) = launch::program_path(plan, word) {
        let built_here = builder.id == plan.cx.stage.id;
        if built_here && !is_built(builder, &path) {
            plan.block(
                format!("no `go build` of this stage is known to write {path}: build it with `-o {path}`"),
                at,
            );
            return None;
        }
        return Some(path);
    }
    let made: Vec<String> = if builder.id == plan.cx.stage.id {
        outputs(builder).into_iter().collect()
    } else {
        contents::landings(plan.cx.stage)
    };
    let on_path = plan.cx.stage.config.path();
    let found = made.iter().filter(|path| {
        path.rsplit_once('/')
            .is_some_and(|(folder, name)| name == word && (on_path.contains(&folder) || folder == "/go/bin"))
    });
    match found.collect::<Vec<_>>().as_slice() {
        [path] => Some((*path).clone()),
        _ => {
            plan.block(
                format!("{word} is looked up on PATH, and where it lies is not known: start it by its path"),
                at,
            );
            None
        }
    }
}

/// Whether the stage may write `path` with the Go toolchain: an output that is told, or one that a build without
/// `-o`, a Makefile or a move can have put there.
fn is_built(builder: &Stage, path: &str) -> bool {
    if contents::landings(builder).iter().any(|l| l == path) {
        return false;
    }
    let outputs = outputs(builder);
    let effects = builder.steps.iter().flat_map(|s| match &s.kind {
        StepKind::Run(run) => run.effects.as_slice(),
        _ => &[],
    });
    let untold = effects.into_iter().any(|e| match &e.kind {
        EffectKind::Spawn { program, args } if program.ends_with("go") => {
            args.iter().flatten().all(|a| a != "-o")
                && args.first().is_some_and(|a| a.as_deref() == Some("build"))
        }
        EffectKind::Spawn { program, .. } => {
            matches!(program.rsplit('/').next(), Some("make" | "mage" | "task"))
        }
        EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => {
            path.starts_with(to.trim_end_matches('/'))
        }
        _ => false,
    });
    outputs.contains(path) || untold
}

/// Where `go build -o` and `go install` put their results, absolute.
fn outputs(builder: &Stage) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in &builder.steps {
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in &run.effects {
            match &effect.kind {
                EffectKind::Spawn { program, args } if program.ends_with("go") => {
                    let texts: Vec<&str> = args.iter().flatten().map(String::as_str).collect();
                    if let Some(at) = texts.iter().position(|a| *a == "-o")
                        && let Some(path) = texts.get(at + 1)
                    {
                        found.insert(absolute(&step.workdir, path));
                    }
                }
                EffectKind::LanguageInstall {
                    packages,
                    landing: crate::model::Landing::Folder(folder),
                    ..
                } => {
                    found.extend(packages.iter().map(|p| format!("{folder}/{}", p.name)));
                }
                _ => {}
            }
        }
    }
    found
}

/// What the binary is linked to, from how the stage builds it.
fn linking(plan: &mut Plan<'_, '_>, builder: &Stage) -> Option<Libc> {
    let cgo = cgo_setting(plan.cx.model, builder);
    let facts = match plan.cx.model.root_base(builder.id) {
        Base::Image { facts: Some(facts), .. } => facts.clone(),
        _ => return None,
    };
    let from = plan.cx.model.at(plan.cx.model.dockerfile.instructions()[builder.from].span);
    let text = run_text(plan.cx.model, builder);
    let stub = go_cgo::stub(plan, builder);
    if let (Some(false), Some((module, at))) = (cgo, stub) {
        plan.assume(
            format!("{module} is not used at run time: built with CGO_ENABLED=0, it fails at the first call"),
            Some(at),
        );
    }
    if cgo == Some(false) || text.contains("-extldflags") && text.contains("-static") {
        return Some(Libc::None);
    }
    let compiler = installs_compiler(builder);
    match facts.libc {
        Libc::Musl if cgo == Some(true) || compiler => {
            let without = if stub.is_some() { "" } else { "build it with CGO_ENABLED=0, or " };
            plan.block(
                format!(
                    "the binary is linked to musl (cgo on Alpine), which no glibc base has: {without}link it \
                     statically (-ldflags '-linkmode external -extldflags -static')"
                ),
                from,
            );
            None
        }
        Libc::Musl => {
            // Without a C compiler Go switches cgo off, from 1.20 on.
            let version = facts.runtime.as_ref().and_then(|r| r.version.clone());
            if version.as_deref().is_some_and(|v| compare_versions(v, "1.20").is_lt()) {
                plan.block(
                    "Go before 1.20 links net and os/user to musl on Alpine: set CGO_ENABLED=0 in the build",
                    from,
                );
                return None;
            }
            if let Some((module, at)) = stub {
                plan.assume(
                    format!(
                        "{module} is not used at run time: without a C compiler it is built without cgo, and fails \
                         at the first call"
                    ),
                    Some(at),
                );
            }
            Some(Libc::None)
        }
        _ => {
            if let Some(release) = facts.os.release.as_deref()
                && compare_versions(release, "13").is_gt()
            {
                plan.block(
                    "the binary may be linked to a newer glibc than the minimal base has: set CGO_ENABLED=0",
                    from,
                );
                return None;
            }
            let smaller = match stub {
                Some(_) => "",
                None => "; with CGO_ENABLED=0 it would fit distroless/static",
            };
            plan.assume(
                format!(
                    "the binary needs no shared library beyond glibc and OpenSSL (`ldd` lists them){smaller}"
                ),
                Some(from),
            );
            Some(Libc::Glibc)
        }
    }
}

/// CGO_ENABLED as the stage sets it, in ENV or in front of a command.
fn cgo_setting(model: &Model, builder: &Stage) -> Option<bool> {
    let text = run_text(model, builder);
    if text.contains("CGO_ENABLED=0") {
        return Some(false);
    }
    if text.contains("CGO_ENABLED=1") {
        return Some(true);
    }
    builder.config.env("CGO_ENABLED").map(|v| v != "0")
}

/// The text of the stage's RUN instructions.
fn run_text(model: &Model, builder: &Stage) -> String {
    let runs = builder.steps.iter().filter(|s| matches!(s.kind, StepKind::Run(_)));
    runs.map(|s| model.instruction(s).rest.text().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Whether the stage runs on the builder's own platform and compiles for the image's.
fn is_cross_built(model: &Model, builder: &Stage) -> bool {
    let text = run_text(model, builder);
    let set = |name: &str| text.contains(name) || builder.config.env(name).is_some();
    ["TARGETARCH", "TARGETPLATFORM", "TARGETOS", "GOARCH", "xx-go"].iter().any(|name| set(name))
}

fn installs_compiler(builder: &Stage) -> bool {
    let names = ["gcc", "build-base", "clang", "g++", "alpine-sdk", "musl-dev", "libc-dev"];
    runtime_steps::installed(builder).any(|p| names.contains(&p.name.as_str()))
}

/// Programs that the sources start: they are not in the new image.
fn spawned(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    for spawn in &evidence.spawns {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        plan.block(
            format!("the application starts {what} ({}): the new base has no such program", spawn.how),
            spawn.place,
        );
    }
    if let Some(at) = evidence.imports_c {
        plan.assume("the C code of this package needs only libc", Some(at));
    }
}
