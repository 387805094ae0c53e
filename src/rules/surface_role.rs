//! The shared question of the `*-in-final` rules: which components of a role does the final image hold, and
//! what brought them?

use std::collections::{BTreeMap, BTreeSet};

use barehull_catalog::{Origin, Presence, Role};
use barehull_syntax::Location;

use super::{RuleMeta, StageCx};
use crate::config::Allowed;
use crate::finding::{Finding, Place, SurfaceEntry};

/// One finding per cause: the base image, or one instruction.
pub(super) fn findings(cx: &StageCx<'_>, rule: &'static RuleMeta, role: Role) -> Vec<Finding> {
    let mut causes: BTreeMap<(Location, Option<&str>), Vec<&SurfaceEntry>> = BTreeMap::new();
    for entry in cx.surface.groups.get(&role).into_iter().flatten() {
        if entry.presence == Presence::Present {
            let reason = allowed(cx, entry);
            causes.entry((cx.cause(&entry.origin), reason)).or_default().push(entry);
        }
    }
    let causes = causes.into_iter();
    causes
        .map(|((at, allowed), entries)| {
            let mut finding = finding(cx, rule, role, at, &entries);
            if let Some(reason) = allowed {
                finding.suppressed = Some(format!("allowed by the configuration: {reason}"));
                finding.subject = format!("{} allowed: {}", role.as_str(), finding.components.join(" "));
            }
            finding
        })
        .collect()
}

fn finding(
    cx: &StageCx<'_>,
    rule: &'static RuleMeta,
    role: Role,
    at: Location,
    entries: &[&SurfaceEntry],
) -> Finding {
    let mut names: Vec<&str> = entries.iter().map(|e| e.component.name()).collect();
    names.sort_unstable();
    names.dedup();
    let from = match &entries[0].origin {
        Origin::BaseImage { image } => format!("from the base image {image}"),
        Origin::Copied { stage, .. } => format!("copied from {stage}"),
        _ => "installed here".to_owned(),
    };
    let place = if cx.stage.is_final {
        "the final image".to_owned()
    } else {
        format!("build stage {}", cx.stage.label())
    };
    let over = allowed_once(cx, entries);
    let message = format!("{} in {place}, {from}: {}{over}", role.title(), listed(&names));
    // The base is one cause, whatever it holds; what an instruction brings is known by name.
    let subject = match entries[0].origin {
        Origin::BaseImage { .. } => role.as_str().to_owned(),
        _ => format!("{}: {}", role.as_str(), names.join(" ")),
    };
    let mut finding = Finding::new(rule, Place::Source(at), message)
        .stage(&cx.stage.identity)
        .subject(subject)
        .components(names.iter().map(|&n| n.to_owned()).collect());
    let mut needs: Vec<_> = entries.iter().flat_map(|e| &e.needed_by).collect();
    needs.sort();
    needs.dedup();
    for need in needs {
        if let Some(place) = &need.place {
            finding = finding.label(place.clone(), format!("{} needs {} here", need.why, need.program));
        }
    }
    finding
}

/// Why the configuration allows a tool, by its name or that of the package that brings it.
fn allowed<'a>(cx: &StageCx<'a>, entry: &SurfaceEntry) -> Option<&'a str> {
    let config = cx.config.filter(|config| !config.allowed.is_empty())?;
    by_name(cx, entry, |name| config.allows(name, cx.today)).map(|allowed| allowed.reason.as_str())
}

/// What is said of allowances that are over: `; curl was allowed until 2026-01-31 (probes)`.
fn allowed_once(cx: &StageCx<'_>, entries: &[&SurfaceEntry]) -> String {
    let Some(config) = cx.config.filter(|config| !config.allowed.is_empty()) else { return String::new() };
    let over =
        entries.iter().filter_map(|entry| by_name(cx, entry, |name| config.allowed_once(name, cx.today)));
    let text = |allowed: &Allowed| {
        let until = allowed.until.map_or_else(String::new, |until| format!(" until {until}"));
        format!("; {} was allowed{until} ({})", allowed.name, allowed.reason)
    };
    let told: BTreeSet<String> = over.map(text).collect();
    told.into_iter().collect()
}

/// What the configuration says of a tool by its name, else by that of the package that brings it.
fn by_name<'a>(
    cx: &StageCx<'a>,
    entry: &SurfaceEntry,
    find: impl Fn(&str) -> Option<&'a Allowed>,
) -> Option<&'a Allowed> {
    let package = || {
        let known = cx.stage.inventory.materialise();
        known.iter().find(|known| known.component == entry.component)?.package.as_deref()
    };
    find(entry.component.name()).or_else(|| find(package()?))
}

/// At most six names, and how many more there are. `gcc-14` behind `gcc` is the same to a reader.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 6;
    let is_version_of = |name: &str, of: &str| {
        let version = name.strip_prefix(of).map(|rest| rest.trim_start_matches(['-', '.']));
        version.is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    let mut told: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        if !told.last().is_some_and(|of| is_version_of(name, of)) {
            told.push(name);
        }
    }
    if told.len() <= SHOWN {
        return told.join(", ");
    }
    format!("{} and {} more", told[..SHOWN].join(", "), told.len() - SHOWN)
}
