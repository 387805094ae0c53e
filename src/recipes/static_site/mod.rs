//! Sites that the official nginx image serves: the same server with its libraries on a base without a shell, as its
//! own user from the start; or, where it is preferred, the image of a vendor that is made so.

mod configuration;
mod files;

use barehull_catalog::{Ecosystem, ImageFacts, Libc, compare_versions};

use super::plan::Plan;
use super::probe::{Probe, probe_of};
use super::shape::{CopyLine, Target, rebase, split};
use super::{
    Outcome, Recipe, RecipeCx, accounts, bases, closure, contents, ground, launch, outside, service_checks,
};
use crate::model::needs::{Process, process_of};
use crate::model::{Base, StepKind};
use configuration::Configuration;

/// nginx without a shell.
pub static RECIPE: Recipe = Recipe {
    id: "nginx-shell-less",
    title: "Site served by an nginx without a shell",
    about: "For sites that nginx serves: pages of the context, or what a front end's build stage made. \
            The very nginx of the image, with its modules, its configuration and the shared libraries \
            that it is linked to, goes onto distroless/cc, or from Alpine with musl's onto scratch; with \
            `--base-preference chainguard` onto Chainguard's nginx where the configuration fits. Ports \
            stay what they are.\n\n\
            The image's start script goes, and with it what it does at start: templates and scripts for \
            it are blockers. A HEALTHCHECK has no client in the new image, which makes the rewrite a \
            sketch.",
    plan,
};

/// Official images and their mirrors, by repository.
const IMAGES: [&str; 3] = ["library/nginx", "nginxinc/nginx-unprivileged", "nginx/nginx-unprivileged"];
const PROGRAM: &str = "/usr/sbin/nginx";
const MODULES: &str = "/usr/lib/nginx/modules";
/// Its user and group in the images, which its workers ran as.
const USER: &str = "101:101";
/// Folders it writes to.
const WRITTEN: [&str; 2] = ["/var/cache/nginx", "/var/log/nginx"];

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let Some(old) = official(cx) else { return Outcome::NotApplicable };
    let Some(process) = started(cx) else { return Outcome::NotApplicable };
    let mut plan = Plan::new(cx, RECIPE.id);
    ground::start_is_read(&mut plan);
    if let Some(why) = &process.shell {
        let at = launch::launch_line(&plan);
        plan.block(format!("its command needs a shell: {why}"), at);
        return plan.blocked();
    }
    let configuration = configuration::read(&mut plan);
    let mut target = Target { build_name: build_name(cx), ..Target::default() };
    target.env_drop.insert("DEBIAN_FRONTEND".to_owned());
    settle_user(&mut plan, &mut target);
    note_ports(&mut plan, &configuration);
    settle_health(&mut plan, &mut target);
    let programs = &["nginx"];
    let checks = service_checks::settle(&mut plan, programs, |_, _| None);
    outside::settle(&mut plan, outside::Offer { programs, interpreter: false, checks });
    mounted(&mut plan);
    if let Some(outcome) = vendor(&plan, &configuration) {
        return outcome;
    }
    keep(plan, target, old, &process, &configuration)
}

/// What is known of the image, if it is an official one with a shell.
fn official<'a>(cx: &RecipeCx<'a>) -> Option<&'a ImageFacts> {
    let Base::Image { image, facts: Some(facts) } = cx.model.root_base(cx.stage.id) else { return None };
    let known = IMAGES
        .iter()
        .any(|name| image.repository == *name || image.repository.ends_with(&format!("/{name}")));
    (known && !super::is_minimal(cx)).then_some(facts)
}

/// The process, if it is nginx: the image's entrypoint script only passes on to it once its own work is done.
fn started(cx: &RecipeCx<'_>) -> Option<Process> {
    let mut config = cx.stage.config.clone();
    config.entrypoint = config.entrypoint.filter(|e| {
        let of_image = e.value.argv().is_some_and(|a| a == ["/docker-entrypoint.sh"]);
        e.from.location().is_some() && !of_image
    });
    let process = process_of(&config, cx.model.file)?;
    let is_nginx = process.argv.first().is_some_and(|p| p.rsplit('/').next() == Some("nginx"));
    (is_nginx && process.wrappers.is_empty()).then_some(process)
}

fn build_name(cx: &RecipeCx<'_>) -> &'static str {
    if cx.model.stages.len() == 1 { "build" } else { "assemble" }
}

/// The same server, with what it is linked to.
fn keep(
    mut plan: Plan<'_, '_>,
    mut target: Target,
    old: &ImageFacts,
    process: &Process,
    configuration: &Configuration,
) -> Outcome {
    let cx = plan.cx;
    let extra = files::extra(&mut plan, &mut target);
    let by_script = cx.stage.config.entrypoint.as_ref().is_some_and(|e| e.from.location().is_none());
    if by_script && !configuration.default_is_replaced {
        let text = "nothing calls it over IPv6: the start script that adds an IPv6 `listen` to the image's own site is left out";
        plan.assume(text, Some(plan.base_line()));
    }
    run_as_own_user(&mut plan, &mut target, configuration);
    if old.libc == Libc::Musl {
        let programs =
            if configuration.modules { format!("{PROGRAM} {MODULES}/*.so") } else { PROGRAM.to_owned() };
        closure::musl(&plan, &mut target, &programs, &[MODULES.to_owned()], "");
    } else {
        if old.os.release.as_deref().is_some_and(|r| compare_versions(r, "13").is_gt()) {
            plan.block("nginx is linked to a newer glibc than the minimal base has", plan.base_line());
            return plan.blocked();
        }
        let fits = |r: &barehull_catalog::Replacement| {
            r.libc == Libc::Glibc && r.libraries.iter().any(|l| l == "libstdc++6" || l == "libstdc++")
        };
        let Some(base) = bases::choose(cx, Ecosystem::Native, None, fits) else {
            plan.block("no minimal base of the catalog has a glibc", plan.base_line());
            return plan.blocked();
        };
        target.base = base.reference;
        let mut roots = vec![PROGRAM.to_owned()];
        roots.extend(configuration.modules.then(|| MODULES.to_owned()));
        closure::glibc(&plan, &mut target, &closure::Linked::Below(&roots), true, "");
    }
    target.copies.push(CopyLine::of(PROGRAM, PROGRAM));
    if configuration.modules {
        target.copies.push(CopyLine::of(MODULES, MODULES));
    }
    target.copies.extend(files::of_server(cx, &target));
    target.copies.extend(extra);
    if contents::volumes(cx).iter().any(|v| !files::is_of_server(&v.source)) {
        contents::make_volumes(&plan, &mut target);
    }
    let base = target.base.clone();
    ground::note_digest(&mut plan, &base);
    inherited(cx, &mut target);
    launch::declare(&mut target, process, &process.argv);
    let title = format!("Keep nginx with its libraries, serve on {base}");
    plan.finish(title, &target, || split(cx.model, cx.stage, &target))
}

/// Build lines that let nginx do without root: it may not change users, nor write its pid file where root may. The
/// unprivileged images' own configuration is so already.
fn run_as_own_user(plan: &mut Plan<'_, '_>, target: &mut Target, configuration: &Configuration) {
    let config = &plan.cx.stage.config;
    let by_base = config.user.as_ref().is_some_and(|u| u.from.location().is_none());
    if by_base && !configuration.main_is_replaced {
        return;
    }
    plan.assume(
        "nobody mounts another nginx.conf whose `pid` is not below /tmp: nginx's own user may not write where it is by default",
        Some(plan.base_line()),
    );
    target.build_tail.push(format!(
        "# nginx starts as its own user: it cannot become another, and its pid file lies where that one may write.\n\
         {} sed -i -E -e '1i pid /tmp/nginx.pid;' -e '/^[[:space:]]*(user|pid)[[:space:]]/d' {}",
        plan.keyword("RUN"),
        configuration::MAIN
    ));
}

/// What the old base declared and nobody repeats: ports, and the signal on which nginx ends its requests first.
fn inherited(cx: &RecipeCx<'_>, target: &mut Target) {
    let config = &cx.stage.config;
    if config.expose.iter().all(|p| p.from.location().is_none()) {
        let of_base = config.expose.iter().map(|p| p.value.strip_suffix("/tcp").unwrap_or(&p.value));
        target.also.extend(of_base.map(|port| ("EXPOSE", port.to_owned())));
    }
    if let Some(signal) = config.stopsignal.as_ref().filter(|s| s.from.location().is_none()) {
        target.also.push(("STOPSIGNAL", signal.value.clone()));
    }
}

/// The ports that the configuration names; where none is known to, those of the image's own site or of EXPOSE.
fn note_ports(plan: &mut Plan<'_, '_>, configuration: &Configuration) {
    if configuration.listens.is_empty() && !configuration.default_is_replaced {
        // The image's own site, whatever EXPOSE says.
        let at = plan.base_line();
        return ground::note_port(plan, 80, "80", Some(at));
    }
    if configuration.listens.is_empty() {
        return ground::note_ports(plan);
    }
    for (port, place) in &configuration.listens {
        ground::note_port(plan, *port, &port.to_string(), Some(*place));
    }
}

/// nginx runs as its own user, or as whom the stage says.
fn settle_user(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let cx = plan.cx;
    let user = cx.stage.config.user.as_ref();
    let at = user.and_then(|u| u.from.location());
    let place = at.unwrap_or(plan.base_line());
    target.user = Some(USER.to_owned());
    match (user, cx.stage.config.runs_as_root()) {
        (Some(user), None) => {
            plan.block(format!("USER {} is a variable: name the user, best by number", user.value), place);
        }
        (Some(user), Some(false)) => {
            if user.value == "nginx" || user.value == "101" {
                return;
            }
            match accounts::number_of(cx, &user.value) {
                Some(number) => target.user = Some(number),
                None => plan.block(format!("the number of USER {} is not known: write it", user.value), place),
            }
        }
        _ => plan.assume("nginx runs as its own user (101) from the start, not as root: it can read its files, and it writes only to /var/cache/nginx, /var/log/nginx and /tmp", at),
    }
    ground::note_volumes(plan);
}

/// There is no client to check with.
fn settle_health(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let at = plan.cx.stage.config.healthcheck.as_ref().and_then(|h| h.from.location());
    match (probe_of(plan.cx.stage), at) {
        (None, _) | (_, None) => {}
        (Some(Ok(Probe::Own(argv))), _) if argv.first().is_some_and(|p| p == "nginx" || p == PROGRAM) => {}
        (Some(_), Some(at)) => {
            ground::leave_health(plan, target, at, "from outside", "leave it to whoever runs the image");
        }
    }
}

/// Blocks where something outside mounts what the patch changes, or what only the start script reads.
fn mounted(plan: &mut Plan<'_, '_>) {
    let cx = plan.cx;
    for used in cx.uses.iter().filter(|u| !u.development.is_beside() && cx.model.is_used_by(cx.stage.id, u)) {
        if used.matched == crate::project::outside::Matched::Unmatched {
            continue;
        }
        for mount in &used.mounts {
            let reason = match mount.target.trim_end_matches('/') {
                configuration::MAIN | "/etc/nginx" => {
                    "mounts nginx.conf: its `pid` has to be below /tmp, and `user` has to go, before nginx runs without root"
                }
                path if configuration::is_start_work(path) => {
                    "mounts what the image's start script reads: render it in the build"
                }
                _ => continue,
            };
            let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
            plan.block(format!("{name} in {} {reason}", used.at.path), cx.place(&used.at));
        }
    }
}

/// The vendor's image without a shell, where it is preferred and the site fits into it: its server block is the
/// site's own, and nothing is to be run.
fn vendor(plan: &Plan<'_, '_>, configuration: &Configuration) -> Option<Outcome> {
    let cx = plan.cx;
    let wanted = cx.options.base_preference.first()?;
    let base = bases::choose(cx, Ecosystem::StaticFiles, None, |r| r.preference == *wanted)?;
    let plain = cx.model.lineage(cx.stage.id).len() == 1
        && cx.stage.steps.iter().all(|s| !matches!(s.kind, StepKind::Run(_)))
        && contents::landings(cx.stage).iter().all(|l| files::is_site(l))
        && !plan.is_blocked();
    if !plain || !configuration.default_is_replaced {
        return None;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    let mut target = Target { base: base.reference.clone(), ..Target::default() };
    note_ports(&mut plan, configuration);
    settle_health(&mut plan, &mut target);
    plan.assume(
        format!("the site works with the version of nginx in {}, and with its modules", base.reference),
        Some(plan.base_line()),
    );
    plan.assume("its main configuration reads /etc/nginx/conf.d/*.conf", Some(plan.base_line()));
    accounts::number_owners(cx, &mut target);
    let title = format!("Serve with {}", base.reference);
    Some(plan.finish(title, &target, || rebase(cx.model, cx.stage, &target, &base.workdir)))
}
