//! Probes of manifests that start a client in the container become the kubelet's own: it asks itself, so that the image
//! needs neither curl nor a shell for them. Other recipes go on from there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::manifest_edits;
use super::plan::Plan;
use super::probe::{Piece, Probe as Asked, pieces, probe_of, probe_of_words};
use super::shape::Target;
use super::{Outcome, Recipe, RecipeCx};
use crate::edit::Edit;
use crate::manifest::{
    self, Check, Container, ContainerChange, EnvValue, Found, PodChange, Probe, Setting, Workload,
};
use crate::model::Health;
use crate::project::outside::OutsideUse;
use crate::project::{ProjectPath, Sited};

/// Probes that call a client.
pub static RECIPE: Recipe = Recipe {
    id: "probes",
    title: "Probes that need no tool in the image",
    about: "For images that Kubernetes manifests of the project run with probes that start curl, wget or nc in the \
            container: the probe becomes `httpGet` or `tcpSocket`, which the kubelet asks itself, with the timings it \
            had. A `startupProbe` that looks for a file asks what another probe of the container asks; a `preStop` \
            hook that sleeps becomes the kubelet's `sleep`. Where a container has no probe at all, the image's HEALTHCHECK, \
            which Kubernetes never reads, becomes its `readinessProbe`. The Dockerfile stays as it is, and other recipes go \
            on from there.\n\n\
            The kubelet asks the pod's address, not localhost: that the application listens there, and answers whatever \
            name it is asked by, is an assumption.",
    plan,
};

/// What has to hold where the kubelet asks and not a program in the container.
const FROM_OUTSIDE: &str = "the application listens on the pod's address, not on localhost alone, and answers whatever Host it is asked for: the kubelet asks from outside";

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    let mut plan = Plan::new(cx, RECIPE.id);
    let deployed = manifest::deployed(cx.uses, cx.project);
    let mut by_file: BTreeMap<ProjectPath, Vec<(Workload, PodChange)>> = BTreeMap::new();
    for (used, found) in &deployed {
        if !cx.model.is_used_by(cx.stage.id, used) || found.init || found.workload.template {
            continue;
        }
        let change = container_change(&mut plan, used, found);
        if change != (ContainerChange { container: found.index, ..ContainerChange::default() }) {
            let pod = PodChange { containers: vec![change], ..PodChange::default() };
            by_file.entry(used.at.path.clone()).or_default().push((found.workload.clone(), pod));
        }
    }
    let mut edits: Vec<Edit> = Vec::new();
    for (path, changes) in &by_file {
        let changes: Vec<(&Workload, &PodChange)> = changes.iter().map(|(w, c)| (w, c)).collect();
        edits.extend(manifest_edits::of_file(&mut plan, path, |text| manifest::edits(text, &changes)));
    }
    if edits.is_empty() {
        return if plan.is_blocked() { plan.blocked() } else { Outcome::NotApplicable };
    }
    let target = Target { base: cx.stage.base_text.clone(), ..Target::default() };
    plan.finish("Let the kubelet ask what probes start a client for", &target, || Ok(edits))
}

/// What changes in one container.
fn container_change(plan: &mut Plan<'_, '_>, used: &OutsideUse, found: &Found) -> ContainerChange {
    let container = found.container();
    let mut change = ContainerChange { container: found.index, ..ContainerChange::default() };
    change.liveness = asked(plan, used, container, container.liveness.as_ref());
    change.readiness = asked(plan, used, container, container.readiness.as_ref());
    if change.readiness == Setting::Keep && found.is_unasked() {
        change.readiness = of_health_check(plan, used, container);
    }
    change.startup = asked(plan, used, container, container.startup.as_ref());
    if change.startup == Setting::Keep {
        change.startup = instead_of_file(plan, used, container, &change);
    }
    let sleeps =
        container.hooks.iter().find(|(name, _)| *name == "preStop").and_then(|(_, words)| {
            match words.value.as_slice() {
                [sleep, seconds] if sleep.rsplit('/').next() == Some("sleep") => seconds.parse().ok(),
                _ => None,
            }
        });
    if let Some(seconds) = sleeps {
        change.pre_stop_sleep = Some(seconds);
        let place = plan.cx.place(&used.at);
        plan.assume_at(
            "the cluster runs Kubernetes 1.30 or later, whose kubelet waits itself (`preStop.sleep`)",
            Some(place),
        );
    }
    change
}

/// The kubelet's own form of a probe that starts a client.
fn asked(
    plan: &mut Plan<'_, '_>,
    used: &OutsideUse,
    container: &Container,
    probe: Option<&Sited<Probe>>,
) -> Setting<Probe> {
    let Some(Sited { value: probe, .. }) = probe else { return Setting::Keep };
    let Check::Exec { words } = &probe.check else { return Setting::Keep };
    let check = match probe_of_words(words) {
        Ok(Asked::Http { url, headers, .. }) => http(plan, container, &url, headers),
        Ok(Asked::Tcp { host, port }) if is_local(&host) => Some(Check::Tcp { port: port.to_string() }),
        Ok(Asked::Own(words)) => grpc(&words),
        _ => None,
    };
    let Some(check) = check else { return Setting::Keep };
    let place = plan.cx.place(&used.at);
    plan.assume_at(FROM_OUTSIDE, Some(place));
    Setting::Set(Probe { check, ..probe.clone() })
}

/// The image's HEALTHCHECK, which Kubernetes never reads, as a probe with the timings that Docker gives it.
fn of_health_check(plan: &mut Plan<'_, '_>, used: &OutsideUse, container: &Container) -> Setting<Probe> {
    const OF_DOCKER: u32 = 30;
    let stage = plan.cx.stage;
    let Some(health) = stage.config.healthcheck.as_ref() else { return Setting::Keep };
    let (Some(at), Health::Check { options, .. }) = (health.from.location(), &health.value) else {
        return Setting::Keep;
    };
    let check = match probe_of(stage) {
        Some(Ok(Asked::Http { url, headers, .. })) => http(plan, container, &url, headers),
        Some(Ok(Asked::Tcp { host, port })) if is_local(&host) => Some(Check::Tcp { port: port.to_string() }),
        Some(Ok(Asked::Own(words))) => Some(grpc(&words).unwrap_or(Check::Exec { words })),
        _ => None,
    };
    let Some(check) = check else { return Setting::Keep };
    if !matches!(check, Check::Exec { .. }) {
        let place = plan.cx.place(&used.at);
        plan.assume_at(FROM_OUTSIDE, Some(place));
    }
    plan.assume("traffic may wait for what HEALTHCHECK asks: a container that fails it gets none", Some(at));
    let option = |name: &str| options.iter().find_map(|o| o.strip_prefix(name)?.strip_prefix('='));
    let retries = option("--retries").and_then(|n| n.parse().ok()).filter(|n| *n != 3);
    Setting::Set(Probe {
        period: Some(option("--interval").and_then(seconds).unwrap_or(OF_DOCKER)),
        timeout: Some(option("--timeout").and_then(seconds).unwrap_or(OF_DOCKER)),
        failures: retries,
        ..Probe::new(check)
    })
}

/// A duration as HEALTHCHECK says it (`1m30s`), in whole seconds, at least one and at most a day.
fn seconds(text: &str) -> Option<u32> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?);
        let (unit, next) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        let scale = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * scale).ok()?;
        total = total.checked_add(part)?;
        rest = next;
    }
    let whole = u32::try_from(total.as_millis().div_ceil(1000)).ok()?;
    (1..=86_400).contains(&whole).then_some(whole)
}

/// An address on the container itself, as `httpGet` says it.
fn http(
    plan: &Plan<'_, '_>,
    container: &Container,
    url: &str,
    headers: Vec<(String, String)>,
) -> Option<Check> {
    let config = &plan.cx.stage.config;
    let value = |name: &str| {
        let given = container.env.iter().find(|v| v.name == name);
        match given.map(|v| &v.value) {
            Some(EnvValue::Text(text)) => Some(text.clone()),
            Some(EnvValue::From(_)) => None,
            None if container.env_from.is_empty() => config.env(name).map(str::to_owned),
            None => None,
        }
    };
    let mut text = String::new();
    for piece in pieces(url) {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Variable(name, default) => {
                text.push_str(&value(name).or_else(|| default.map(str::to_owned))?);
            }
        }
    }
    let rest = text.strip_prefix("http://")?;
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.parse::<u16>().ok()?),
        None => (address, 80),
    };
    let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    is_local(host).then(|| Check::Http { path, port: port.to_string(), scheme: None, headers })
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0")
}

/// `grpc_health_probe -addr=:50051`.
fn grpc(words: &[String]) -> Option<Check> {
    let [program, options @ ..] = words else { return None };
    if program.rsplit('/').next()? != "grpc_health_probe" {
        return None;
    }
    let (mut port, mut service) = (None, None);
    for option in options {
        match option.trim_start_matches('-').split_once('=')? {
            ("addr", address) => port = address.rsplit_once(':')?.1.parse().ok(),
            ("service", name) => service = Some(name.to_owned()),
            _ => return None,
        }
    }
    Some(Check::Grpc { port: port?, service })
}

/// A `startupProbe` that looks for a file: what another probe asks says as much.
fn instead_of_file(
    plan: &mut Plan<'_, '_>,
    used: &OutsideUse,
    container: &Container,
    change: &ContainerChange,
) -> Setting<Probe> {
    let Some(Sited { value: startup, .. }) = &container.startup else { return Setting::Keep };
    let Check::Exec { words } = &startup.check else { return Setting::Keep };
    let file = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cat" | "/bin/cat" | "ls", file] | ["test" | "stat", "-f" | "-e", file] => (*file).to_owned(),
        _ => return Setting::Keep,
    };
    let after = |setting: &Setting<Probe>, now: Option<&Sited<Probe>>| match setting {
        Setting::Set(probe) => Some(probe.check.clone()),
        _ => now.map(|p| p.value.check.clone()),
    };
    let others = [
        after(&change.liveness, container.liveness.as_ref()),
        after(&change.readiness, container.readiness.as_ref()),
    ];
    let is_own = |c: &Check| matches!(c, Check::Http { .. } | Check::Tcp { .. } | Check::Grpc { .. });
    let Some(check) = others.into_iter().flatten().find(is_own) else { return Setting::Keep };
    let place = plan.cx.place(&used.at);
    plan.assume_at(
        format!("the application has started once it answers the other probe: so far {file} had to be there"),
        Some(place),
    );
    Setting::Set(Probe { check, ..startup.clone() })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations() {
        let table = [
            ("30s", Some(30)),
            ("1m30s", Some(90)),
            ("500ms", Some(1)),
            ("1.5s", Some(2)),
            ("2h", Some(7200)),
            ("5", None),
            ("0s", None),
            ("$T", None),
            ("99999h", None),
        ];
        for (text, expected) in table {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
