//! .NET applications: on the chiseled image of the same kind and version, with ICU and time zones unless the
//! project does without; where there is none for the version, with the run time they have, on distroless/cc.

mod keep;
mod lines;
mod project;

use barehull_catalog::{Ecosystem, Family, ImageFacts, compare_versions};

use super::plan::Plan;
use super::probe::{Probe, probe_of};
use super::shape::{CopyLine, HealthChange, Target, split, swap};
use super::{Outcome, Recipe, RecipeCx, accounts, bases, contents, ground, launch, outside};
use crate::evidence::{Evidence, Language};
use crate::model::needs::{Process, process_of};
use crate::model::{Base, Model, Source, Stage, StageId, StepKind, absolute};
use lines::Lines;
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

/// Variables of the images that say where web servers listen.
const ADDRESSES: [&str; 2] = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(Old { facts: old, kind, own }) = old_image(cx) else { return Outcome::NotApplicable };
    if super::is_minimal(cx) || old.os.family == Family::Windows {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    let Some(process) = start(&mut plan) else { return plan.blocked() };
    let by_host = is_dotnet(&process.argv[0]);
    if by_host && !own {
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
    not_newer(&mut plan, &program);
    let mut target = Target { build_name: "build", ..Target::default() };
    let run_lines = lines::read(&mut plan, &mut target, &evidence);
    let icu = needs_icu(&plan, old, &program, &evidence, &run_lines);
    let kind_is_server = kind != "sdk";
    let kind = if kind == "sdk" { "aspnet" } else { kind };
    let version = old.runtime.as_ref().and_then(|r| r.version.as_deref());
    let chiseled = chiseled(&plan, old, kind, version, icu);
    let kept = chiseled.is_none() && by_host;
    not_musl(&mut plan, old, &program, by_host, kept);
    let Some(base) = chiseled.or_else(|| keep::base(&plan, old).filter(|_| kept)) else {
        no_base(&mut plan, version);
        return plan.blocked();
    };
    target.base.clone_from(&base);
    if kept {
        keep::runtime(&mut plan, &mut target, old);
        let of_scratch = target.user.take();
        ground::settle_user(&mut plan, &mut target);
        target.user = target.user.or(of_scratch);
    } else {
        settle_user(&mut plan, &mut target);
        if !icu {
            plan.assume("globalization is invariant and no library looks up time zones: the new base has neither ICU nor time zones", None);
        }
    }
    writes(&mut plan, &evidence, &program);
    if program.settings.web != Some(false) || own {
        settle_address(&mut plan, &mut target, old, &process, own && kind_is_server);
    }
    settle_health(&mut plan, &mut target);
    ground::note_digest(&mut plan, &base);
    launch::drop_inits(&mut plan, &process);
    outside::settle(&mut plan, &outside::Offer { programs: &["dotnet", name], interpreter: false });
    let title = if kept {
        format!("Keep the run time, run the application on {base}")
    } else {
        format!("Run the application on {base}")
    };
    if let Some(folder) = published_here(&mut plan, &file) {
        return from_source(plan, target, &process, &folder, &title);
    }
    launch::declare(&mut target, &process, &process.argv);
    if run_lines.go && !kept && contents::volumes(cx).is_empty() {
        accounts::number_owners(cx, &mut target);
        return plan.finish(title, &target, || swap(cx.model, cx.stage, &target));
    }
    target.drop.clear();
    target.copies.extend(contents::files(&mut plan, super::runtime_steps::Packages::Judged));
    if !kept {
        owned_by_app(&mut target);
    }
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
    let from_sdk = cx.stage.steps.iter().filter_map(|s| match &s.kind {
        StepKind::Transfer(t) => {
            let Source::Stage(id) = t.from else { return None };
            let folder = t.dest.as_deref()?.trim_end_matches('/');
            let holds = program.strip_prefix(folder).is_some_and(|r| r.is_empty() || r.starts_with('/'));
            dotnet_image(cx.model, id).filter(|(_, kind)| holds && *kind == "sdk")
        }
        _ => None,
    });
    let (facts, _) = from_sdk.last()?;
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

/// The image without a shell of the kind, in the application's own version; of Azure Linux, if the old one is.
fn chiseled(
    plan: &Plan<'_, '_>,
    old: &ImageFacts,
    kind: &str,
    version: Option<&str>,
    icu: bool,
) -> Option<String> {
    let repository = format!("mcr.microsoft.com/dotnet/{kind}:");
    let azure = old.os.family == Family::AzureLinux;
    let fits = |r: &barehull_catalog::Replacement| {
        let has_icu = r.libraries.iter().any(|l| l == "icu" || l.starts_with("libicu"));
        r.image.starts_with(&repository) && has_icu == icu && (r.preference == "azure-linux") == azure
    };
    bases::choose(plan.cx, Ecosystem::Dotnet, version, fits).map(|c| c.reference)
}

/// Says that there is no base for this version.
fn no_base(plan: &mut Plan<'_, '_>, version: Option<&str>) {
    let old = version.is_some_and(|v| compare_versions(v, "6.0").is_lt());
    let version = version.unwrap_or("this version");
    let reason = if old {
        format!(
            ".NET {version} has no image without a shell, the first is of .NET 6: move to a supported version first"
        )
    } else {
        format!("no image without a shell is known for .NET {version}")
    };
    plan.block(reason, plan.base_line());
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

/// Chiseled images have glibc: what was built for musl does not run there.
fn not_musl(plan: &mut Plan<'_, '_>, old: &ImageFacts, program: &Program, by_host: bool, kept: bool) {
    if kept {
        // Its libc stays, too.
        return;
    }
    let cx = plan.cx;
    let behind: Vec<&Stage> = cx.model.behind(cx.stage.id).into_iter().map(|id| cx.model.stage(id)).collect();
    for step in behind.iter().flat_map(|s| &s.steps) {
        if !matches!(&step.kind, StepKind::Run(run) if run.effects.iter().any(|e| published(e).is_some())) {
            continue;
        }
        let instruction = cx.model.instruction(step);
        if instruction.rest.text().contains("linux-musl") {
            plan.block(
                "the program is published for musl (linux-musl), and the new base has glibc: publish it for linux-x64 or linux-arm64",
                cx.model.at(instruction.span),
            );
            return;
        }
    }
    if program.settings.runtime.as_deref().is_some_and(|r| r.contains("musl")) {
        plan.block(
            "its project says RuntimeIdentifier linux-musl, and the new base has glibc: publish it for linux-x64 or linux-arm64",
            plan.base_line(),
        );
        return;
    }
    if old.os.family != Family::Alpine {
        return;
    }
    let at = plan.base_line();
    if by_host {
        plan.assume("native libraries of its packages were published for glibc, too (a publish without a runtime identifier has those of all systems)", Some(at));
    } else {
        plan.block("the program was published on Alpine, linked to musl, and the new base has glibc: publish it for linux-x64 or linux-arm64, or start its DLL with `dotnet`", at);
    }
}

/// A program that is compiled to machine code is linked to the glibc of the SDK's image.
fn not_newer(plan: &mut Plan<'_, '_>, program: &Program) {
    let cx = plan.cx;
    let newer = |facts: &ImageFacts| {
        let last = match facts.os.family {
            Family::Debian => "12",
            Family::Ubuntu => "24.04",
            _ => return false,
        };
        facts.os.release.as_deref().is_some_and(|r| compare_versions(r, last).is_gt())
    };
    let behind =
        cx.model.behind(cx.stage.id).into_iter().filter_map(|id| Some((id, dotnet_image(cx.model, id)?)));
    for (id, (facts, kind)) in behind {
        if program.settings.aot == Some(true) && kind == "sdk" && newer(facts) {
            let from = &cx.model.dockerfile.instructions()[cx.model.stage(id).from];
            plan.block("the program is linked to a newer glibc than the minimal base has: build it on the `-noble` image of the SDK", cx.model.at(from.span));
        }
    }
}

/// Whether cultures or time zones may matter: then the image that has them is the one.
fn needs_icu(
    plan: &Plan<'_, '_>,
    old: &ImageFacts,
    program: &Program,
    evidence: &Evidence,
    lines: &Lines,
) -> bool {
    let set = plan.cx.stage.config.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
    let set = set.map(|v| v == "1" || v.eq_ignore_ascii_case("true"));
    // Alpine's images set the variable.
    let of_base = (old.os.family == Family::Alpine).then_some(true);
    let invariant = set.or(program.settings.invariant).or(of_base).unwrap_or(false);
    let zones = evidence.imports.contains("TimeZoneInfo");
    lines.icu || !invariant || zones
}

/// Chiseled images run as app, whom .NET 8 and later know as `$APP_UID`.
fn settle_user(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let cx = plan.cx;
    let user = cx.stage.config.user.as_ref();
    let at = user.and_then(|u| u.from.location());
    match (user, cx.stage.config.runs_as_root()) {
        (Some(user), None) => {
            let at = at.unwrap_or(plan.base_line());
            plan.block(format!("USER {} is a variable: name the user, best by number", user.value), at);
        }
        (Some(user), Some(false)) => {
            let known = user.value == "app" || accounts::is_numeric(&user.value);
            match accounts::number_of(cx, &user.value).filter(|_| !known) {
                _ if known => target.user = Some(user.value.clone()),
                Some(number) => {
                    plan.assume(format!("user {} is {number}: the new base knows numbers only", user.value), at);
                    target.user = Some(number);
                }
                None => plan.assume(format!("user {} becomes app, the new base's own", user.value), at),
            }
        }
        _ => plan.assume("the process runs as app instead of root: it writes only to /tmp, /home/app and to volumes that app may write to", at),
    }
    ground::note_volumes(plan);
}

/// Blocks where a process that was root's writes beside its program, which it may no longer.
fn writes(plan: &mut Plan<'_, '_>, evidence: &Evidence, program: &Program) {
    let config = &plan.cx.stage.config;
    if config.runs_as_root() == Some(false) {
        return;
    }
    let workdir = config.workdir();
    let allowed = |path: &str| {
        let inside =
            |folder: &str| path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')));
        ["/tmp", "/home", "/dev"].iter().any(|f| inside(f)) || config.volumes.iter().any(|v| inside(&v.value))
    };
    let in_code = evidence.writes.iter().map(|w| (w.path.clone(), w.place));
    let all = in_code.chain(program.databases(plan.cx));
    let mut first = all.filter(|(path, _)| !allowed(&absolute(workdir, path)));
    if let Some((path, place)) = first.next() {
        let reason = format!(
            "the application writes to {path}, where the new base's user may not: write to a volume, or give the path a folder that this user owns"
        );
        plan.block(reason, place);
    }
}

/// Where web servers listen stays as it was: before .NET 8 the images with a shell said port 80.
fn settle_address(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    old: &ImageFacts,
    process: &Process,
    is_set: bool,
) {
    ground::note_ports(plan);
    let config = &plan.cx.stage.config;
    let own = |name: &&str| config.env.iter().any(|v| v.name == **name && v.from.location().is_some());
    if ADDRESSES.iter().any(|name| own(&name)) || process.argv.iter().any(|a| a.starts_with("--urls")) {
        return;
    }
    let at = plan.base_line();
    if !is_set {
        plan.assume("a web server's address is in the application's own settings: the old base sets none, the new one port 8080", Some(at));
        return;
    }
    let new = target.base.parse().ok().and_then(|image| plan.cx.catalog.image(&image));
    let value = |facts: &ImageFacts, name: &str| {
        facts.config.env.iter().find(|e| e.name == name).and_then(|e| e.value.clone().map(|v| v.into_owned()))
    };
    for name in ADDRESSES {
        let Some(before) = value(old, name) else { continue };
        if new.as_ref().and_then(|n| value(n, name)).as_ref() == Some(&before) {
            continue;
        }
        if before.ends_with(":80") && config.expose.is_empty() {
            plan.assume("a web server listens on port 80 as before: Docker 20.10 and later let any user listen there, Kubernetes needs the sysctl net.ipv4.ip_unprivileged_port_start or another port", Some(at));
        }
        target.env.push((name.to_owned(), before));
    }
}

/// There is no client to check with.
fn settle_health(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let at = plan.cx.stage.config.healthcheck.as_ref().and_then(|h| h.from.location());
    let own = |argv: &[String]| argv.first().is_some_and(|p| is_dotnet(p));
    match (probe_of(plan.cx.stage), at) {
        (None, _) | (_, None) => {}
        (Some(Ok(Probe::Own(argv))), _) if own(&argv) => {}
        (Some(_), Some(at)) => {
            let gap =
                "TODO: HEALTHCHECK with an option of the program itself (the image has no shell and no curl)";
            target.health = HealthChange::Gap(gap.to_owned());
            plan.sketch("HEALTHCHECK calls a tool that the image will not have: let the program check itself (`dotnet NAME.dll --health`), or check from outside", at);
        }
    }
}

/// What would belong to distroless's user belongs to app, whom chiseled images know by name.
fn owned_by_app(target: &mut Target) {
    for copy in target.copies.iter_mut().filter(|c| c.chown.as_deref() == Some(ground::NONROOT)) {
        copy.chown = Some("app:app".to_owned());
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
    title: &str,
) -> Outcome {
    let cx = plan.cx;
    let at = launch::launch_line(&plan);
    target.drop.clear();
    target.env_drop = BUILD_ENV.iter().map(|v| (*v).to_owned()).collect();
    target.copies.push(CopyLine::of(folder, folder));
    target.copies.extend(contents::volumes(cx));
    if target.base.starts_with("mcr.microsoft.com/") {
        owned_by_app(&mut target);
    }
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
    let title = title.to_owned();
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}
