//! The shared question of the `*-in-final` rules: which components of a role does the final image hold, and
//! what brought them?

use std::collections::{BTreeMap, BTreeSet};

use barehull_catalog::{Origin, Presence, Role};
use barehull_syntax::Location;

use super::{RuleMeta, StageCx};
use crate::config::Allowed;
use crate::finding::{Finding, Need, Place, SurfaceEntry};

/// One finding per cause: the base image, or one instruction.
pub(super) fn findings(cx: &StageCx<'_>, rule: &'static RuleMeta, role: Role) -> Vec<Finding> {
    let mut causes: BTreeMap<(Location, Option<&str>), Vec<&SurfaceEntry>> = BTreeMap::new();
    let base = cx.base_line();
    for entry in cx.surface.groups.get(&role).into_iter().flatten() {
        if entry.presence == Presence::Present {
            let cause = match &entry.origin {
                Origin::Instruction(at) | Origin::Copied { at, .. } => *at,
                Origin::BaseImage { .. } | Origin::Layer { .. } => base,
            };
            causes.entry((cause, allowed(cx, entry))).or_default().push(entry);
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
    // In the order of their names, as the surface is.
    let mut named: Vec<(&str, &SurfaceEntry)> = entries.iter().map(|e| (e.component.name(), *e)).collect();
    named.dedup_by_key(|(name, _)| *name);
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let from = match &entries[0].origin {
        Origin::BaseImage { image } => ["from the base image ", image.as_ref()],
        Origin::Copied { stage, .. } => ["copied from ", stage.as_str()],
        _ => ["installed here", ""],
    };
    let label = if cx.stage.is_final { String::new() } else { cx.stage.label() };
    let place = if cx.stage.is_final { "the final image" } else { "build stage " };
    let (shown, over) = (listed(&names), allowed_once(cx, entries));
    let message = [role.title(), " in ", place, &label, ", ", from[0], from[1], ": ", &shown, &over].concat();
    // The base is one cause, whatever it holds; what an instruction brings is known by name.
    let subject = match entries[0].origin {
        Origin::BaseImage { .. } => role.as_str().to_owned(),
        _ => format!("{}: {}", role.as_str(), names.join(" ")),
    };
    let mut finding = Finding::new(rule, Place::Source(at), message)
        .stage(&cx.stage.identity)
        .subject(subject)
        .components(named.iter().map(|(_, entry)| entry.component.name_text()));
    let mut needs: Vec<_> = entries.iter().flat_map(|e| &e.needed_by).collect();
    needs.sort();
    needs.dedup();
    let mut outer: Option<&Need> = None;
    for need in &needs {
        // What a place is part of comes before it.
        if outer.is_some_and(|outer| is_within(need, outer)) {
            continue;
        }
        outer = Some(need);
        if let Some(place) = &need.place {
            finding = finding.label(place.clone(), format!("{} needs {} here", need.why, need.program));
        }
    }
    finding
}

/// Whether a use is a part of another: the `sh` that the shell of a CMD starts.
fn is_within(need: &Need, other: &Need) -> bool {
    let (Some(Place::Source(inner)), Some(Place::Source(outer))) = (&need.place, &other.place) else {
        return false;
    };
    let same = need.program == other.program && need.why == other.why && inner.file == outer.file;
    let (inner, outer) = (inner.span, outer.span);
    same && inner != outer && outer.start <= inner.start && inner.end <= outer.end
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
    let (mut last, mut told, mut more) = (None, Vec::with_capacity(SHOWN), 0);
    for name in names.iter().copied() {
        if last.is_some_and(|of| is_version_of(name, of)) {
            continue;
        }
        last = Some(name);
        if told.len() < SHOWN { told.push(name) } else { more += 1 }
    }
    let told = told.join(", ");
    if more == 0 { told } else { format!("{told} and {more} more") }
}
