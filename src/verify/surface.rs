//! The tools in the image, by role, and programs that run with more rights than their caller.

use std::collections::BTreeMap;

use barehull_catalog::{Origin, Presence, Role};
use barehull_image::inventory;

use super::reach::Reached;
use super::subject::Subject;
use crate::finding::{Finding, Need, Place, Surface, SurfaceEntry};
use crate::rules::{self, RuleMeta};

/// Places that are evidence of one finding.
const PLACES: usize = 20;

/// The tools in the image, with what of the start reaches them.
pub(super) fn of(subject: &Subject<'_>, reached: &Reached) -> Surface {
    let inventory = inventory(subject.image, subject.catalog);
    let mut groups: BTreeMap<Role, Vec<SurfaceEntry>> = BTreeMap::new();
    for entry in inventory.materialise() {
        let needed_by = match entry.presence {
            Presence::Present => needs(subject, reached, &entry.component.path, entry.component.name()),
            Presence::Shadowed => Vec::new(),
        };
        let (role, component) = (entry.component.role, entry.component.clone());
        let shown =
            SurfaceEntry { component, origin: entry.origin.clone(), presence: entry.presence, needed_by };
        groups.entry(role).or_default().push(shown);
    }
    Surface { groups, completeness: inventory.completeness(), ..Surface::empty() }
}

fn needs(subject: &Subject<'_>, reached: &Reached, path: &str, name: &str) -> Vec<Need> {
    let real = subject.tree.resolve(path).map_or_else(|_| path.to_owned(), |entry| entry.path.to_string());
    let by = reached.files.get(&real).into_iter().flatten();
    by.map(|why| Need { program: name.to_owned(), why: why.clone(), place: None }).collect()
}

/// One finding for each role, and one for all programs with the rights of their owner.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let surface = of(subject, reached);
    let of_role = |rule: &'static RuleMeta| {
        let role = rule.surface_role?;
        role_finding(subject, rule, role, surface.groups.get(&role)?)
    };
    rules::all().iter().filter_map(of_role).chain(elevated(subject)).collect()
}

fn role_finding(
    subject: &Subject<'_>,
    rule: &'static RuleMeta,
    role: Role,
    entries: &[SurfaceEntry],
) -> Option<Finding> {
    let present: Vec<&SurfaceEntry> = entries.iter().filter(|e| e.presence == Presence::Present).collect();
    let mut names: Vec<&str> = present.iter().map(|entry| entry.component.name()).collect();
    names.sort_unstable();
    names.dedup();
    let first = present.first()?;
    let message = format!("{} in the image: {}", role.title(), names.join(" "));
    let mut finding = Finding::new(rule, place(first), message)
        .subject(role.as_str())
        .components(names.iter().map(|&name| name.to_owned()));
    // One line for each layer that brought some.
    let mut layers: BTreeMap<u32, Vec<&SurfaceEntry>> = BTreeMap::new();
    for entry in &present {
        if let Origin::Layer { index, .. } = entry.origin {
            layers.entry(index).or_default().push(entry);
        }
    }
    for (layer, entries) in layers.into_iter().take(PLACES) {
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.component.name()).collect();
        names.sort_unstable();
        names.dedup();
        let step =
            subject.created_by(layer).map_or_else(String::new, |step| format!(", brought by `{step}`"));
        finding = finding.label(place(entries[0]), format!("{}{step}", names.join(" ")));
    }
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for need in present.iter().flat_map(|entry| &entry.needed_by) {
        uses.entry(&need.why).or_default().push(&need.program);
    }
    for (why, programs) in uses.into_iter().take(PLACES) {
        finding = finding
            .label(Place::Project, format!("{why} starts {}", programs.join(", or as the same file ")));
    }
    Some(finding)
}

fn place(entry: &SurfaceEntry) -> Place {
    let layer = match entry.origin {
        Origin::Layer { index, .. } => index,
        _ => 0,
    };
    Place::Image { layer, path: entry.component.path.to_string() }
}

/// Programs that run with the rights of their owner or group, or with capabilities.
fn elevated(subject: &Subject<'_>) -> Option<Finding> {
    let elevated: Vec<_> = subject
        .tree
        .iter()
        .filter(|entry| entry.is_executable() && (entry.mode & 0o6000 != 0 || entry.has_capability))
        .collect();
    let first = elevated.first()?;
    let paths: Vec<String> = elevated.iter().map(|entry| entry.path.to_string()).collect();
    let message = format!(
        "programs that run with more rights than who starts them: {}; remove them, or take the bits away \
         (`chmod a-s`, `setcap -r`)",
        paths.join(" ")
    );
    let finding = Finding::new(rules::SETUID_PROGRAM, super::subject::place(first), message);
    let mut finding = finding.subject("setuid").components(paths);
    for entry in elevated.iter().take(PLACES) {
        let what = match (entry.mode & 0o4000 != 0, entry.mode & 0o2000 != 0) {
            (true, true) => "setuid and setgid",
            (true, false) => "setuid",
            (false, true) => "setgid",
            (false, false) => "capabilities",
        };
        finding = finding.label(super::subject::place(entry), what);
    }
    Some(finding)
}
