//! What became of an image: tools, sizes, packages, layers and findings of two images, held against each other.
//!
//! It needs what was found in each, not the images: the first one's file system is long gone when the second is read.

use std::collections::{BTreeMap, BTreeSet};

use barehull_catalog::{Catalog, Completeness, Presence, Role, Text};

use crate::analysis::{Analysis, BuiltImage};
use crate::comparison::{Change, Comparison, LayerChange, PackageChange, RoleChange, Tool, Versions};
use crate::finding::{Finding, Surface};

/// Holds the image that `after` is about against that of `before`. Both were looked at with the same rules and `catalog`.
pub fn compare(before: &Analysis, after: &Analysis, catalog: &Catalog) -> Comparison {
    let numbers = |analysis: &Analysis| analysis.image.clone().unwrap_or_default();
    let (had, has) = (numbers(before), numbers(after));
    let change = |of: fn(&BuiltImage) -> u64| Change { before: of(&had), after: of(&has) };
    let (worse, kept) = worse(before, after, catalog);
    let known: BTreeSet<String> = fingerprints(after).collect();
    let resolved = before.findings.iter().zip(fingerprints(before));
    Comparison {
        surface: surface(before, after, catalog),
        visible_bytes: change(|image| image.visible_bytes),
        stored_bytes: change(|image| image.stored_bytes),
        files: change(|image| image.files),
        layers: layers(&had, &has),
        packages: packages(&had, &has),
        worse,
        resolved: resolved.filter(|(_, print)| !known.contains(print)).map(|(f, _)| f.clone()).collect(),
        kept,
        notes: notes(before, after),
    }
}

fn fingerprints(analysis: &Analysis) -> impl Iterator<Item = String> {
    analysis.findings.iter().map(|finding| finding.fingerprint(analysis.path.as_str()))
}

/// The findings of `after` that `before` does not have or that name more than there, and how many others there are.
fn worse(before: &Analysis, after: &Analysis, catalog: &Catalog) -> (Vec<Finding>, usize) {
    let mut known: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (finding, print) in before.findings.iter().zip(fingerprints(before)) {
        known.entry(print).or_default().extend(finding.components.iter().map(|name| tool(catalog, name)));
    }
    let mut worse = Vec::new();
    for (finding, print) in after.findings.iter().zip(fingerprints(after)) {
        match known.get(&print) {
            None => worse.push(finding.clone()),
            Some(had) => worse.extend(grown(finding, had, catalog)),
        }
    }
    let kept = after.findings.len() - worse.len();
    (worse, kept)
}

/// The finding, if it names something that is not among `had`: it says what, and is about nothing else.
fn grown(finding: &Finding, had: &BTreeSet<&str>, catalog: &Catalog) -> Option<Finding> {
    let is_new = |name: &&Text| !had.contains(tool(catalog, name));
    let new: Vec<Text> = finding.components.iter().filter(is_new).cloned().collect();
    if new.is_empty() {
        return None;
    }
    let message = format!("{}; not in the image before: {}", finding.message, new.join(" "));
    Some(Finding { message, components: new, ..finding.clone() })
}

/// What the catalog calls a tool, so that `gcc-12` and `gcc-14` are the same one; anything else is called what it is.
fn tool<'a>(catalog: &'a Catalog, name: &'a str) -> &'a str {
    catalog.tool(name).map_or(name, |tool| tool.name.as_ref())
}

fn surface(before: &Analysis, after: &Analysis, catalog: &Catalog) -> BTreeMap<Role, RoleChange> {
    let (had, _) = paths(before, catalog);
    let (has, carried) = paths(after, catalog);
    let mut roles: BTreeMap<Role, RoleChange> = BTreeMap::new();
    let keys: BTreeSet<_> = had.keys().chain(has.keys()).collect();
    for key @ (role, name) in keys {
        let of = |paths: &Paths<'_>| paths.get(key).cloned().unwrap_or_default();
        let (before, after) = (of(&had), of(&has));
        let change = roles.entry(*role).or_default();
        let list = match (before.is_empty(), after.is_empty()) {
            (true, _) => &mut change.new,
            (_, true) => &mut change.gone,
            _ => &mut change.kept,
        };
        let carried = after.is_empty() && carried.contains_key(key);
        list.push(Tool { name: (*name).to_owned(), before, after, carried });
    }
    roles
}

/// Paths of tools by role and name.
type Paths<'a> = BTreeMap<(Role, &'a str), Vec<String>>;

/// The tools that can be started, and those that only a lower layer has.
fn paths<'a>(analysis: &'a Analysis, catalog: &'a Catalog) -> (Paths<'a>, Paths<'a>) {
    let (mut present, mut shadowed) = (Paths::new(), Paths::new());
    let surfaces = analysis.stages.iter().map(|stage| stage.surface.as_ref());
    for (role, entry) in surfaces.flat_map(entries) {
        let paths = match entry.presence {
            Presence::Present => &mut present,
            Presence::Shadowed => &mut shadowed,
        };
        let component = &entry.component;
        paths.entry((role, tool(catalog, component.name()))).or_default().push(component.path.to_string());
    }
    (present, shadowed)
}

fn entries(surface: &Surface) -> impl Iterator<Item = (Role, &crate::finding::SurfaceEntry)> {
    surface.groups.iter().flat_map(|(role, entries)| entries.iter().map(|entry| (*role, entry)))
}

fn layers(had: &BuiltImage, has: &BuiltImage) -> LayerChange {
    // The same layer may be there twice.
    let mut left: Vec<&str> = had.layers.iter().filter_map(|layer| layer.diff_id.as_deref()).collect();
    let mut shared = 0;
    for digest in has.layers.iter().filter_map(|layer| layer.diff_id.as_deref()) {
        if let Some(at) = left.iter().position(|other| *other == digest) {
            left.swap_remove(at);
            shared += 1;
        }
    }
    LayerChange { count: Change { before: had.layers.len() as u64, after: has.layers.len() as u64 }, shared }
}

fn packages(had: &BuiltImage, has: &BuiltImage) -> Option<PackageChange> {
    if had.has_unread_packages || has.has_unread_packages {
        return None;
    }
    let (before, after) = (versions(had), versions(has));
    let only_in = |these: &BTreeMap<&str, Vec<&str>>, others: &BTreeMap<&str, Vec<&str>>| {
        let missing = these.iter().filter(|(name, _)| !others.contains_key(*name));
        let line = |(name, versions): (&&str, &Vec<&str>)| {
            format!("{name} {}", versions.join(" ")).trim_end().to_owned()
        };
        missing.map(line).collect()
    };
    let owned = |versions: &[&str]| versions.iter().map(|&version| version.to_owned()).collect();
    let changed = before.iter().filter_map(|(name, old)| {
        let new = after.get(name).filter(|new| *new != old)?;
        Some(Versions { name: (*name).to_owned(), before: owned(old), after: owned(new) })
    });
    Some(PackageChange {
        count: Change { before: had.packages.len() as u64, after: has.packages.len() as u64 },
        added: only_in(&after, &before),
        removed: only_in(&before, &after),
        changed: changed.collect(),
    })
}

/// Versions by name; no package manager has names with blanks.
fn versions(image: &BuiltImage) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in &image.packages {
        let (name, version) = package.split_once(' ').unwrap_or((package, ""));
        versions.entry(name).or_default().push(version);
    }
    versions
}

fn notes(before: &Analysis, after: &Analysis) -> Vec<&'static str> {
    let is_partial =
        |analysis: &Analysis| analysis.stages.iter().any(|stage| stage.completeness == Completeness::AtLeast);
    let unread = |analysis: &Analysis| analysis.image.as_ref().is_some_and(|image| image.has_unread_packages);
    let mut notes = Vec::new();
    if is_partial(before) {
        notes.push("a part of the first image could not be read: what counts as new may have been in it");
    }
    if is_partial(after) {
        notes.push("a part of the second image could not be read: what counts as gone may still be in it");
    }
    if unread(before) || unread(after) {
        notes.push("a package database could not be read, so that packages are not compared");
    }
    notes
}
