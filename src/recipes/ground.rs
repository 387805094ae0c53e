//! What every rewrite to a minimal base has to settle, whatever the language: the user, ports, health check,
//! volumes, pinned bases, and what could not be read.

use barehull_syntax::Location;

use super::accounts::{has_more_groups, is_numeric, number_of};
use super::contents;
use super::plan::Plan;
use super::probe::{Probe, probe_of};
use super::service_checks;
use super::shape::{HealthChange, Target};
use crate::evidence::Evidence;
use crate::finding::Place;
use crate::manifest::{self, Check};
use crate::model::{Base, EffectKind, Health, Provenance, Sink, StepKind, absolute};
use crate::project::outside::{Matched, OutsideUse};
use crate::project::{FileKind, ProjectPath};

/// The user of distroless's `nonroot` tags, by number, since COPY --chown of a name needs the name there.
pub const NONROOT: &str = "65532:65532";

/// Blocks where the start could not be read, and notes what a person must know of the missing context.
pub fn start_is_read(plan: &mut Plan<'_, '_>) {
    let stage = plan.cx.stage;
    for unread in &stage.needs.unread {
        let place = unread.place.clone().unwrap_or(Place::Source(plan.base_line()));
        plan.block(unread.reason.clone(), place);
    }
    if plan.cx.files.borrow().context().is_none() {
        let text = "the build context was not read: COPY brings what its names suggest, and the application starts no other program";
        plan.assume(text, None);
    }
}

/// Says which sources were not read: those that a RUN fetches, and those beyond the limits of the search.
pub fn note_unread_sources(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let effects = lineage.iter().flat_map(|s| &s.steps).filter_map(|s| match &s.kind {
        StepKind::Run(run) => Some(&run.effects),
        _ => None,
    });
    let fetched = effects.flatten().find(|e| {
        matches!(&e.kind, EffectKind::Fetch { to: Sink::Folder(_), .. } | EffectKind::Unpack { .. })
    });
    let at = fetched.map(|e| e.at);
    if at.is_some() {
        plan.assume("what is fetched here was not read: it starts no program that the new base has not", at);
    } else if !evidence.complete && plan.cx.files.borrow().context().is_some() {
        plan.assume(
            "not all sources were read: none of them starts a program that the new base has not",
            None,
        );
    }
}

/// Blocks on each program that the sources start: the new base has none of them.
pub fn block_spawns(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    for spawn in &evidence.spawns {
        let what = spawn.program.as_deref().unwrap_or("a program that is not known before it runs");
        plan.block(
            format!("the application starts {what} ({}): the new base has no such program", spawn.how),
            spawn.place,
        );
    }
}

/// Settles USER: a number stays, a name becomes the number it has where that is known, and a name that only the
/// old image knows gives way to the base's own user.
pub fn settle_user(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let stage = plan.cx.stage;
    let user = stage.config.user.as_ref();
    let at = user.and_then(|u| u.from.location());
    match (user, stage.config.runs_as_root()) {
        (Some(user), None) => {
            let at = at.unwrap_or(plan.base_line());
            plan.block(format!("USER {} is a variable: name the user, best by number", user.value), at);
        }
        (Some(user), Some(false)) => match number_of(plan.cx, &user.value) {
            Some(number) => {
                if !is_numeric(&user.value) {
                    let text = format!("user {} is {number}: the new base knows numbers only", user.value);
                    plan.assume(text, at);
                }
                if has_more_groups(plan.cx, &user.value) {
                    let text = format!("user {} needs none of its other groups: the new base has none", user.value);
                    plan.assume(text, at);
                }
                target.user = Some(number);
            }
            None => plan.assume(
                format!(
                    "user {0} becomes nonroot (65532): no file outside the image must belong to {0} to be writable",
                    user.value
                ),
                at,
            ),
        },
        _ => {
            note_user_change(plan);
            settle_mounts(plan, "65532");
        }
    }
    let workdir = stage.config.workdir();
    if workdir == "/root" || workdir.starts_with("/root/") {
        let reason = "the application lies in /root, which only root may enter: give it another WORKDIR";
        plan.block(reason, super::launch::launch_line(plan));
    }
    note_volumes(plan);
}

/// Says that the process no longer runs as root.
fn note_user_change(plan: &mut Plan<'_, '_>) {
    let user = plan.cx.stage.config.user.as_ref();
    plan.assume(
                "the process runs as nonroot (65532) instead of root: it writes only to /tmp and to volumes that 65532 may write to",
                user.and_then(|u| u.from.location()),
            );
}

/// What is mounted from the host keeps its owner while the process gets another: `user`. Blocks where it is meant for
/// root's home, which is another one from then on.
pub fn settle_mounts(plan: &mut Plan<'_, '_>, user: &str) {
    for used in uses_that_keep_the_user(plan) {
        let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        let place = plan.cx.place(&used.at);
        let targets = used.mounts.iter().map(|m| (m, m.target.trim_end_matches('/')));
        if let Some((_, target)) = targets.clone().find(|(_, t)| *t == "/root" || t.starts_with("/root/")) {
            plan.block(
                format!(
                    "{name} in {} mounts {target}, in the home of root, which the new user may not enter: mount it where the application's own user reads it",
                    used.at.path
                ),
                place,
            );
            continue;
        }
        let is_file = |path: &ProjectPath| plan.cx.project.is_file(path);
        let folders: Vec<&str> = targets
            .filter(|(mount, _)| mount.bind && !mount.source.as_ref().is_some_and(is_file))
            .map(|(_, target)| target)
            .collect();
        if !folders.is_empty() {
            plan.assume_at(
                format!(
                    "what {name} in {} mounts at {} can be read by {user}, and written where the application writes",
                    used.at.path,
                    folders.join(", ")
                ),
                Some(place),
            );
        }
    }
}

/// The uses of the stage that run it as the user that the image names.
fn uses_that_keep_the_user<'a>(plan: &Plan<'a, '_>) -> Vec<&'a OutsideUse> {
    let cx = plan.cx;
    let counts = |u: &&OutsideUse| {
        u.matched != Matched::Unmatched
            && !u.development.is_beside()
            && u.user.is_none()
            && cx.model.is_used_by(cx.stage.id, u)
    };
    cx.uses.iter().filter(counts).collect()
}

/// Blocks where root writes into a folder of the host today: the new user may not, unless a service gives it away first.
pub fn block_mounted_writes(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    let cx = plan.cx;
    if cx.stage.config.runs_as_root() == Some(false) {
        return;
    }
    block_mounted_databases(plan, evidence);
    let workdir = cx.stage.config.workdir().to_owned();
    for used in uses_that_keep_the_user(plan) {
        for mount in used.mounts.iter().filter(|m| m.bind) {
            let target = mount.target.trim_end_matches('/');
            let within = |path: &str| {
                let path = absolute(&workdir, path);
                path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let Some(write) = evidence.writes.iter().find(|w| within(w.path.trim_end_matches(['*', '/'])))
            else {
                continue;
            };
            let text = cx.project.read(&used.at.path).unwrap_or_default();
            let given = format!("chown -R {NONROOT} {target}");
            if String::from_utf8_lossy(&text).contains(&given) {
                continue;
            }
            let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
            plan.block(
                format!(
                    "the application writes to {target} ({}), which {name} in {} mounts from the host: give the folder to the user that USER names first",
                    write.path, used.at.path
                ),
                write.place,
            );
        }
    }
}

/// Libraries that write beside the database that they open, if only to lock it.
const SQLITE: [&str; 14] = [
    "Microsoft.Data.Sqlite",
    "aiosqlite",
    "better-sqlite3",
    "bun:sqlite",
    "github.com/glebarez/sqlite",
    "github.com/mattn/go-sqlite3",
    "gorm.io/driver/sqlite",
    "modernc.org/sqlite",
    "node:sqlite",
    "org.sqlite.JDBC",
    "rusqlite",
    "sqlite",
    "sqlite3",
    "System.Data.SQLite",
];

/// Blocks where a database of SQLite whose path is not known may lie in a folder of the host, where root writes today.
fn block_mounted_databases(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    let Some(at) = evidence.writes_elsewhere else { return };
    let Some(library) = SQLITE.iter().find(|name| evidence.imports.contains(**name)) else { return };
    for used in uses_that_keep_the_user(plan) {
        let text = plan.cx.project.read(&used.at.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let is_file = |path: &ProjectPath| plan.cx.project.is_file(path);
        let folder = used.mounts.iter().find(|mount| {
            let target = mount.target.trim_end_matches('/');
            let given = text.contains(&format!("chown -R {NONROOT} {target}"));
            mount.bind
                && !mount.source.as_ref().is_some_and(is_file)
                && !given
                && !text.contains(&format!("{target}:ro"))
        });
        if let Some(mount) = folder {
            let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
            plan.block(
                format!(
                    "the application opens a database with {library}, which may lie in {}, and {name} in {} mounts that from the host: give the folder to the user that USER names first",
                    mount.target, used.at.path
                ),
                at,
            );
            return;
        }
    }
}

/// Volumes keep their mount points; who owns what is mounted there nobody knows.
pub fn note_volumes(plan: &mut Plan<'_, '_>) {
    let stage = plan.cx.stage;
    for volume in &stage.config.volumes {
        plan.assume(
            format!("the volume {} is writable for the image's user", volume.value),
            volume.from.location(),
        );
    }
}

/// Ports below 1024 stay; who runs the image elsewhere than in Docker must know.
pub fn note_ports(plan: &mut Plan<'_, '_>) {
    for port in &plan.cx.stage.config.expose {
        let number = port.value.split(['/', '-']).next().and_then(|p| p.parse().ok());
        if let Some(number) = number {
            note_port(plan, number, &port.value, port.from.location());
        }
    }
}

/// What the process of an interpreter needs of the image it comes into: who it runs as, its volumes, the ports and
/// mounts that this touches. `on_scratch`: no base says who that is.
pub fn settle_process(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    argv: &[String],
    evidence: &Evidence,
    on_scratch: bool,
) {
    settle_user(plan, target);
    if on_scratch && target.user.is_none() {
        target.user = Some(NONROOT.to_owned());
    }
    contents::make_volumes(plan, target);
    note_ports(plan);
    note_listening(plan, argv, evidence);
    block_mounted_writes(plan, evidence);
    note_digest(plan, &target.base);
}

/// [`note_ports`] for one port, as it is written.
pub fn note_port(plan: &mut Plan<'_, '_>, number: u32, written: &str, at: Option<Location>) {
    if number < 1024 && plan.cx.stage.config.runs_as_root() != Some(false) {
        plan.assume(
            format!(
                "port {written} is below 1024: Docker 20.10 and later let any user listen there, Kubernetes needs the \
                 sysctl net.ipv4.ip_unprivileged_port_start or another port"
            ),
            at,
        );
    }
}

/// [`note_ports`] for where the command line and the sources say that the process listens, if EXPOSE does not.
pub fn note_listening(plan: &mut Plan<'_, '_>, argv: &[String], evidence: &Evidence) {
    let is_low = |port: &str| port.parse::<u32>().is_ok_and(|p| (1..1024).contains(&p));
    let exposed = |plan: &Plan<'_, '_>| {
        let mut ports = plan.cx.stage.config.expose.iter();
        ports.any(|p| p.value.split(['/', '-']).next().is_some_and(is_low))
    };
    if exposed(plan) {
        return;
    }
    let options = ["--port", "-p", "--bind", "-b", "--listen", "--http-port"];
    let words = argv.iter().enumerate().filter_map(|(at, word)| match word.split_once('=') {
        Some((option, value)) => options.contains(&option).then_some(value),
        None => at
            .checked_sub(1)
            .and_then(|at| argv.get(at))
            .filter(|o| options.contains(&o.as_str()))
            .map(|_| word.as_str()),
    });
    let port = words.map(|value| value.rsplit(':').next().unwrap_or(value)).find(|port| is_low(port));
    if let Some(number) = port.and_then(|p| p.parse().ok()) {
        let at = super::launch::launch_line(plan);
        note_port(plan, number, &number.to_string(), Some(at));
    } else if let Some(at) = evidence.listens_low_port {
        note_port(plan, 1, "of this call", Some(at));
    }
}

/// A base that was pinned by digest gives way to one whose digest nobody knows offline.
pub fn note_digest(plan: &mut Plan<'_, '_>, base: &str) {
    if base == "scratch" {
        return;
    }
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let pinned =
        lineage.iter().any(|s| matches!(&s.base, Base::Image { image, .. } if image.digest.is_some()));
    if pinned {
        plan.assume(
            format!("{base} is not pinned by digest yet: `docker buildx imagetools inspect {base}` prints the digest to append"),
            Some(plan.base_line()),
        );
    }
}

/// Settles HEALTHCHECK: one that asks over the network becomes `client(probe)`, run by the application's own
/// run time; one that cannot be read is a blocker.
pub fn settle_health(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    client: impl Fn(&Probe) -> Option<Vec<String>>,
) {
    let Some(health) = &plan.cx.stage.config.healthcheck else { return };
    if matches!(health.from, Provenance::Base(_)) {
        // It came with the base and goes with it.
        return;
    }
    let at = health.from.location().unwrap_or(plan.base_line());
    let exec = match &health.value {
        Health::Check { launch, .. } => {
            launch.argv().map(|a| a.into_iter().map(str::to_owned).collect::<Vec<_>>())
        }
        Health::None => return,
    };
    match probe_of(plan.cx.stage) {
        None => {}
        Some(Ok(probe)) => match client(&probe) {
            Some(argv) if exec.as_ref() == Some(&argv) => {}
            Some(argv) => target.health = HealthChange::Exec(argv),
            None => plan.block("HEALTHCHECK starts a program that the new base has not: check from outside (a Kubernetes probe) or in the application", at),
        },
        Some(Err(why)) => {
            plan.block(format!("HEALTHCHECK cannot be rewritten without a shell: {why}"), at);
        }
    }
}

/// Settles HEALTHCHECK of an image that holds `program` and no client to check with.
pub fn settle_health_of_program(plan: &mut Plan<'_, '_>, target: &mut Target, program: &str) {
    let Some(health) = &plan.cx.stage.config.healthcheck else { return };
    let Some(at) = health.from.location() else { return };
    let shell = matches!(&health.value, Health::Check { launch, .. } if launch.argv().is_none());
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    match probe_of(plan.cx.stage) {
        None => {}
        Some(Ok(Probe::Own(argv))) if argv.first().is_some_and(|p| name(p) == name(program)) => {
            let rest = argv.into_iter().skip(1);
            let exec = std::iter::once(program.to_owned()).chain(rest).collect();
            target.health = if shell { HealthChange::Exec(exec) } else { HealthChange::Keep };
        }
        Some(_) => {
            leave_health(
                plan,
                target,
                at,
                "with a sub-command of the program itself",
                "give the program a health sub-command",
            );
        }
    }
}

/// Leaves out a health check that calls a tool which the new image has not: for good where Kubernetes alone runs the
/// image, whose probes ask by themselves, else with a marked gap. `by` and `advice` say what could take its place.
pub fn leave_health(plan: &mut Plan<'_, '_>, target: &mut Target, at: Location, by: &str, advice: &str) {
    if is_checked_elsewhere(plan) {
        target.health = HealthChange::Gone;
        plan.assume(
            "nobody but the manifests and compose files of the project runs the image: none of them reads HEALTHCHECK, and each asks in its own way",
            Some(at),
        );
        return;
    }
    for (waiting, used) in service_checks::waiting(plan.cx) {
        let name = used.name.as_deref().unwrap_or("a service");
        let place = plan.cx.place(&used.at);
        plan.sketch(
            format!(
                "{waiting} in {} starts once {name} is healthy, which HEALTHCHECK of this image tells: without a check it never starts",
                used.at.path
            ),
            place,
        );
    }
    target.health =
        HealthChange::Gap(format!("TODO: HEALTHCHECK {by} (the image has no shell and no client)"));
    plan.sketch(
        format!("HEALTHCHECK calls a tool that the image will not have: {advice}, or check from outside (a probe, the load balancer)"),
        at,
    );
}

/// Whether manifests and compose files alone run the image, and nothing of them reads its HEALTHCHECK: each container of a
/// pod has a probe that needs nothing of the image, each service a check of its own.
fn is_checked_elsewhere(plan: &Plan<'_, '_>) -> bool {
    let cx = plan.cx;
    let runs = |u: &&OutsideUse| {
        u.matched != Matched::Unmatched
            && cx.model.is_used_by(cx.stage.id, u)
            && (matches!(u.kind, FileKind::Yaml | FileKind::Compose) || u.build.is_none())
    };
    let mut uses = cx.uses.iter().filter(runs).peekable();
    let asked_from_outside =
        |check: &Check| matches!(check, Check::Http { .. } | Check::Tcp { .. } | Check::Grpc { .. });
    uses.peek().is_some()
        && uses.all(|used| {
            if used.kind == FileKind::Compose {
                return !used.health_checks.is_empty();
            }
            manifest::container_of(used, cx.project).is_some_and(|found| {
                let container = found.container();
                let probes = container.readiness.iter().chain(&container.liveness);
                found.init || probes.into_iter().any(|probe| asked_from_outside(&probe.value.check))
            })
        })
}

/// The new base's ENTRYPOINT is its interpreter: whoever gives arguments (`script`, say) gives the interpreter's.
pub fn note_command_form(plan: &mut Plan<'_, '_>, interpreter: &str, script: &str) {
    plan.assume(
        format!("nobody starts the image with a command of their own (`docker run IMAGE {interpreter} {script}`): arguments now go to {interpreter}"),
        None,
    );
}
