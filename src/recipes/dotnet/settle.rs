//! What the new base changes for the process: its user, what it may write, where it listens, its health check.

use barehull_catalog::ImageFacts;

use super::super::plan::Plan;
use super::super::probe::{Probe, probe_of};
use super::super::shape::Target;
use super::super::{accounts, ground};
use super::is_dotnet;
use super::project::Program;
use crate::evidence::Evidence;
use crate::model::absolute;
use crate::model::needs::Process;

/// Variables of the images that say where web servers listen.
const ADDRESSES: [&str; 2] = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"];

/// Chiseled images run as app, whom .NET 8 and later know as `$APP_UID`.
pub(super) fn settle_user(plan: &mut Plan<'_, '_>, target: &mut Target) {
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
                    plan.assume(
                        format!("user {} is {number}: the new base knows numbers only", user.value),
                        at,
                    );
                    target.user = Some(number);
                }
                None => plan.assume(format!("user {} becomes app, the new base's own", user.value), at),
            }
        }
        _ => {
            plan.assume("the process runs as app instead of root: it writes only to /tmp, /home/app and to volumes that app may write to", at);
            ground::settle_mounts(plan, "app");
        }
    }
    ground::note_volumes(plan);
}

/// Who has to own the folder of the application, because it writes there as root did; blocks where it writes
/// elsewhere, which the new base's user may not.
pub(super) fn writes(plan: &mut Plan<'_, '_>, evidence: &Evidence, program: &Program) -> bool {
    let config = &plan.cx.stage.config;
    if config.runs_as_root() == Some(false) {
        return false;
    }
    ground::block_mounted_writes(plan, evidence);
    let workdir = config.workdir().to_owned();
    let inside = |path: &str, folder: &str| {
        path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')))
    };
    let allowed = |path: &str| {
        ["/tmp", "/home", "/dev"].iter().any(|f| inside(path, f))
            || config.volumes.iter().any(|v| inside(path, &v.value))
    };
    let in_code = evidence.writes.iter().map(|w| (w.path.clone(), w.place));
    let all = in_code.chain(program.databases(plan.cx));
    let written: Vec<_> = all.filter(|(path, _)| !allowed(&absolute(&workdir, path))).collect();
    let beside = |path: &str| workdir != "/" && inside(&absolute(&workdir, path), &workdir);
    if let Some((path, place)) = written.iter().find(|(path, _)| !beside(path)) {
        let reason = format!(
            "the application writes to {path}, where the new base's user may not: write to a volume, or give the path a folder that this user owns"
        );
        plan.block(reason, *place);
    }
    if let Some((path, place)) = written.first() {
        plan.assume(
            format!(
                "the application writes below {workdir} ({path}): the folder is its own, its code included"
            ),
            Some(*place),
        );
    }
    !written.is_empty()
}

/// Where web servers listen stays as it was: before .NET 8 the images with a shell said port 80.
pub(super) fn settle_address(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    old: &ImageFacts,
    process: &Process,
    is_set: bool,
) {
    ground::note_ports(plan);
    if target.base.contains("/dotnet/runtime:") {
        // ASP.NET is not in it, and nothing else reads the variable.
        return;
    }
    let config = &plan.cx.stage.config;
    let own = |name: &str| config.env.iter().any(|v| v.name == *name && v.from.location().is_some());
    if ADDRESSES.iter().any(|name| own(name)) || process.argv.iter().any(|a| a.starts_with("--urls")) {
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
pub(super) fn settle_health(plan: &mut Plan<'_, '_>, target: &mut Target) {
    let at = plan.cx.stage.config.healthcheck.as_ref().and_then(|h| h.from.location());
    let own = |argv: &[String]| argv.first().is_some_and(|p| is_dotnet(p));
    match (probe_of(plan.cx.stage), at) {
        (None, _) | (_, None) => {}
        (Some(Ok(Probe::Own(argv))), _) if own(&argv) => {}
        (Some(_), Some(at)) => {
            let advice = "let the program check itself (`dotnet NAME.dll --health`)";
            ground::leave_health(plan, target, at, "with an option of the program itself", advice);
        }
    }
}

/// Who owns what the process writes: its user, as the new base knows it.
fn owner(target: &Target) -> String {
    match &target.user {
        Some(user) if accounts::is_numeric(user) => user.clone(),
        _ if target.base.starts_with("mcr.microsoft.com/") => "app:app".to_owned(),
        _ => ground::NONROOT.to_owned(),
    }
}

/// Gives the process what it writes: what would belong to distroless's user, and with `own` the folder of the
/// application.
pub(super) fn own_copies(target: &mut Target, workdir: &str, own: bool) {
    let owner = owner(target);
    for copy in &mut target.copies {
        let of_nonroot = copy.chown.as_deref() == Some(ground::NONROOT);
        let around = workdir == copy.source || workdir.starts_with(&format!("{}/", copy.source));
        if of_nonroot || (own && around) {
            copy.chown = Some(owner.clone());
        }
    }
}
