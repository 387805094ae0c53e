//! Native programs: the binary that a compiler makes of Rust, C, C++ and their like, the files it reads and the shared
//! libraries it is linked to, on distroless; on `scratch` where it is linked to musl.

mod files;
mod libraries;
mod linking;
mod packages;
mod program;
mod start;

use barehull_catalog::{Ecosystem, Libc, Replacement};
use barehull_syntax::Location;

use super::bases::Chosen;
use super::plan::Plan;
use super::runtime_steps::{self, Leftovers, Packages};
use super::shape::{Target, rebase, split};
use super::{
    Outcome, Recipe, RecipeCx, accounts, bases, closure, contents, ground, launch, outside, service_checks,
};
use crate::evidence::{Evidence, Language};
use crate::finding::Place;
use crate::model::{Base, Effect, EffectKind, Sink, StepKind, Toolchain};
use crate::project::ProjectPath;
use libraries::Needed;
use program::Program;

/// Native programs to distroless.
pub static RECIPE: Recipe = Recipe {
    id: "native-distroless",
    title: "Native binary on distroless",
    about: "For programs that Cargo, CMake, make, Meson, a compiler itself or a toolchain of Haskell, \
            OCaml, Zig, Nim, Crystal, D or Swift builds. A program linked to glibc goes onto \
            distroless/cc with the shared libraries that the base lacks, which a RUN of the build stage \
            collects by ldd and which must all be found there; a static one goes onto distroless/static; \
            one that is linked to musl goes onto scratch with musl's loader and libraries.\n\n\
            The build lines stay as they are. Files that the program reads beside its binary are those \
            that its sources and its command line name. Programs that the sources start and `cargo run` \
            at start are blockers.",
    plan,
};

/// Variables that mean something to the build only.
const BUILD_ENV: [&str; 22] = [
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUST_VERSION",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "CARGO_BUILD_TARGET",
    "CARGO_INCREMENTAL",
    "CARGO_NET_GIT_FETCH_WITH_CLI",
    "CARGO_NET_RETRY",
    "CARGO_REGISTRIES_CRATES_IO_PROTOCOL",
    "CARGO_TARGET_DIR",
    "CARGO_TERM_COLOR",
    "SQLX_OFFLINE",
    "OPENSSL_STATIC",
    "PKG_CONFIG_ALLOW_CROSS",
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "DEBIAN_FRONTEND",
];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    if super::is_minimal(cx) || has_other_runtime(cx) {
        return Outcome::NotApplicable;
    }
    let Some(started) = start::started(cx) else { return Outcome::NotApplicable };
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = launch::process(&mut plan, None) else { return plan.blocked() };
    let Some((program, argv, builds)) = start::program(&mut plan, started, &process) else {
        return plan.blocked();
    };
    let Some(libc) = linking::linked(&mut plan, &program) else { return plan.blocked() };
    let evidence = evidence(&mut plan, &program);
    let lineage = cx.model.lineage(cx.stage.id);
    let single = lineage.iter().any(|s| s.id == program.stage);
    let read = is_read(&mut plan, &program, &evidence, single);
    let of_packages = packages::judge(&mut plan, program.stage, single, read);
    into_root(&mut plan, &program);
    runs_here(&mut plan, libc);
    let needed = libraries::needed(&mut plan, &program, libc, of_packages, single);
    let mut target = Target { build_name: if single { "build" } else { "assemble" }, ..Target::default() };
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    target.cross_built = linking::is_cross_built(&plan, program.stage);
    target.build_tail.extend(builds);
    let mut named = Vec::new();
    if single {
        files::of_stage(&mut plan, &mut target, &program, &argv, &evidence);
        named = files::named_only(&plan, &target, &argv);
    } else if libc == Libc::Musl || needed == Needed::Collected {
        target.copies = contents::files(&mut plan, Packages::Judged);
    }
    in_home_of_root(&mut plan, &target);
    if single {
        compiled_in(&mut plan);
    }
    let Some(workdir) = stand_on(&mut plan, &mut target, &program, (libc, needed), &named) else {
        return plan.blocked();
    };
    settle(&mut plan, &mut target, &program, libc);
    launch::drop_inits(&mut plan, &process);
    launch::declare(&mut target, &process, &argv);
    let title = format!("Run the native binary on {}", target.base);
    if single && needed == Needed::Collected && target.cross_built {
        let text =
            "the build is for another platform than its own: the shared libraries cannot be listed in it";
        plan.block(text, plan.base_line());
    }
    if !single && libc != Libc::Musl && needed == Needed::Nothing {
        match runtime_steps::leftovers(&mut plan, &mut target) {
            Leftovers::None => {
                accounts::number_owners(cx, &mut target);
                return plan.finish(title, &target, || rebase(cx.model, cx.stage, &target, &workdir));
            }
            Leftovers::Some(copies) => target.copies = copies,
        }
    }
    contents::make_volumes(&plan, &mut target);
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// Chooses the base, and collects what the program is linked to that the base has not; gives the base's WORKDIR.
fn stand_on(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    program: &Program,
    (libc, needed): (Libc, Needed),
    named: &[String],
) -> Option<String> {
    if libc == Libc::Musl {
        let first = libraries::along(plan, program, named);
        closure::musl(plan, target, &program.path, &[], &first);
        return Some("/".to_owned());
    }
    let Some(base) = base(plan, program, libc) else {
        plan.block("no minimal base of the catalog fits this binary", plan.base_line());
        return None;
    };
    target.base.clone_from(&base.reference);
    ground::note_digest(plan, &base.reference);
    if needed == Needed::Collected {
        let first = libraries::along(plan, program, named);
        let linked = closure::Linked::Programs(std::slice::from_ref(&program.path));
        closure::glibc(plan, target, &linked, base.carries_cxx, &first);
    } else if !named.is_empty() {
        let text = format!(
            "what the command names is there when the container starts, and not made by the build: {}",
            named.join(", ")
        );
        plan.assume(text, Some(launch::launch_line(plan)));
    }
    Some(base.workdir)
}

/// User, ports, health check, and who runs the image elsewhere.
fn settle(plan: &mut Plan<'_, '_>, target: &mut Target, program: &Program, libc: Libc) {
    ground::settle_user(plan, target);
    if libc == Libc::Musl && target.user.is_none() {
        target.user = Some(ground::NONROOT.to_owned());
    }
    ground::note_ports(plan);
    ground::settle_health_of_program(plan, target, &program.path);
    let name = program.path.rsplit('/').next().unwrap_or_default();
    let programs = &[name];
    let checks = service_checks::settle(plan, programs, |_, asked| service_checks::own(programs, asked));
    outside::settle(plan, outside::Offer { programs, interpreter: false, checks });
}

/// Blocks where CMake compiles the path of a file into the program: what lies there cannot be told.
fn compiled_in(plan: &mut Plan<'_, '_>) {
    let Some(context) = plan.cx.files.borrow().context() else { return };
    let Ok(path) = ProjectPath::new("CMakeLists.txt") else { return };
    let Ok(bytes) = context.read(&path) else { return };
    let text = String::from_utf8_lossy(&bytes);
    for definition in text.split("-D").skip(1) {
        let Some((name, value)) = definition.split_once('=') else { continue };
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let quoted = value.trim_start_matches('\\').strip_prefix('"');
        let value = quoted.and_then(|rest| rest.split(['"', '\n']).next()).unwrap_or_default();
        if is_name && (value.contains('/') || value.contains("${")) {
            let reason = format!(
                "{name} compiles a path into the program: copy what lies there by hand, or give the path at run time"
            );
            plan.block(reason, Place::File(path.clone()));
            return;
        }
    }
}

/// Whether all sources of the program were read; says which were not.
fn is_read(plan: &mut Plan<'_, '_>, program: &Program, evidence: &Evidence, single: bool) -> bool {
    let fetched = fetches(plan, program);
    if let Some(at) = fetched.filter(|_| !single) {
        let text = "what is fetched here was not read: it starts no program that the new base has not";
        plan.assume(text, Some(at));
    }
    evidence.complete && fetched.is_none()
}

/// Where the stage that builds the program fetches sources.
fn fetches(plan: &Plan<'_, '_>, program: &Program) -> Option<Location> {
    let lineage = plan.cx.model.lineage(program.stage);
    let effects = lineage.into_iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some(&run.effects),
        _ => None,
    });
    let sources = |e: &&Effect| {
        matches!(&e.kind, EffectKind::Fetch { to: Sink::Folder(_), .. } | EffectKind::Unpack { .. })
    };
    effects.flatten().find(sources).map(|e| e.at)
}

/// Blocks where a whole folder with the program in it is copied into `/`.
fn into_root(plan: &mut Plan<'_, '_>, program: &Program) {
    for step in &plan.cx.stage.steps {
        let StepKind::Transfer(transfer) = &step.kind else { continue };
        let around = |source: &String| {
            program.built.starts_with(&format!("{}/", source.trim_end_matches('/')))
                || source.trim_end_matches('/').is_empty()
        };
        if transfer.dest.as_deref() == Some("/") && transfer.sources.iter().flatten().any(around) {
            let at = plan.cx.model.at(plan.cx.model.instruction(step).span);
            plan.block(
                "this COPY puts files into /, where they cannot be told from the system: give them a folder",
                at,
            );
        }
    }
}

/// Blocks where what is copied lies in /root: the new user may not enter it.
fn in_home_of_root(plan: &mut Plan<'_, '_>, target: &Target) {
    if let Some(copy) = target.copies.iter().find(|c| c.dest == "/root" || c.dest.starts_with("/root/")) {
        plan.block(
            format!("{} lies in /root, which only root may enter: put it elsewhere", copy.dest),
            launch::launch_line(plan),
        );
    }
}

/// Whether the image stands on an interpreter or a virtual machine: its recipe knows better.
fn has_other_runtime(cx: &RecipeCx<'_>) -> bool {
    match cx.model.root_base(cx.stage.id) {
        Base::Image { facts: Some(facts), .. } => facts.runtime.as_ref().is_some_and(|r| {
            !matches!(&*r.name, "rust" | "c" | "c++" | "gcc" | "haskell" | "swift" | "crystal" | "ocaml")
        }),
        _ => false,
    }
}

/// Blocks where the final stage's own libc cannot run the program: something is misread, or it does not start today.
fn runs_here(plan: &mut Plan<'_, '_>, libc: Libc) {
    let here = linking::libc_of(plan.cx.model, plan.cx.stage.id);
    let (linked, other) = match (libc, here) {
        (Libc::Glibc, Some(Libc::Musl)) => ("glibc", "musl"),
        (Libc::Musl, Some(Libc::Glibc)) => ("musl", "glibc"),
        _ => return,
    };
    plan.block(
        format!("the binary is linked to {linked} and its image has {other}: build it on the system that it runs on"),
        plan.base_line(),
    );
}

/// What the sources show; what cannot be read is an assumption.
fn evidence(plan: &mut Plan<'_, '_>, program: &Program) -> Evidence {
    let language = match program.toolchain {
        Toolchain::Rust => Language::Rust,
        Toolchain::C => Language::C,
        Toolchain::Other(name) => {
            let text = format!("the program starts no other program (sources of {name} are not searched)");
            plan.assume(text, None);
            return Evidence::default();
        }
    };
    let evidence = plan.cx.files.borrow_mut().evidence(language);
    ground::note_unread_sources(plan, &evidence);
    for spawn in &evidence.spawns {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        plan.block(
            format!("the application starts {what} ({}): the new base has no such program", spawn.how),
            spawn.place,
        );
    }
    if evidence.imports.contains("iconv.h") {
        let text = "iconv converts only between encodings whose modules the new base has";
        plan.assume(text, None);
    }
    for read in evidence.reads.iter().filter(|r| r.how == "dlopen") {
        plan.block(
            format!(
                "the application loads {} by name at run time, which no list of linked libraries shows",
                read.path
            ),
            read.place,
        );
    }
    evidence
}

/// The minimal base for the program.
fn base(plan: &Plan<'_, '_>, program: &Program, libc: Libc) -> Option<Chosen> {
    if libc == Libc::None {
        let ecosystem =
            if program.toolchain == Toolchain::Rust { Ecosystem::Rust } else { Ecosystem::Native };
        return bases::choose(plan.cx, ecosystem, None, |r| r.libc == Libc::None);
    }
    // The C++ run time of the gcc images is newer than any distribution's, and comes with the closure.
    let own_cxx = match plan.cx.model.root_base(program.stage) {
        Base::Image { facts: Some(facts), .. } => facts.runtime.as_ref().is_some_and(|r| r.name == "c"),
        _ => false,
    };
    let fits = |r: &Replacement| r.libc == Libc::Glibc && bases::has_cxx(r) != own_cxx;
    bases::choose(plan.cx, Ecosystem::Native, None, fits)
}
