//! A change as lines that a person can write into manifests by hand.

use std::fmt::Write;

use super::change::{ContainerChange, PodChange, Setting};
use super::data::Data;
use super::pod::Workload;
use super::print::Printer;
use super::spell::{self, list, map, some};
use super::style::Style;

/// `changes` as YAML, each block under a comment that says where it goes.
pub fn snippet(changes: &[(&Workload, &PodChange)]) -> String {
    let mut out = String::new();
    for (workload, change) in changes {
        let name = workload.name.as_deref().unwrap_or("without a name");
        let owner = format!("{} {name}", workload.kind);
        let annotations = change.annotations.iter().map(|(key, value)| (key.clone(), Data::text(value)));
        part(&mut out, &format!("{owner}, annotations of its pods"), &Data::Map(annotations.collect()));
        let spec = map([
            ("securityContext", some(spell::pod_security(&change.security))),
            ("initContainers", list(&change.init_containers, spell::container)),
            ("volumes", list(&change.volumes, spell::volume)),
        ]);
        part(&mut out, &format!("{owner}, spec of its pods"), &spec);
        for change in &change.containers {
            let found = workload.containers.get(change.container);
            let name = found.and_then(|found| found.name.as_deref()).unwrap_or("of the application");
            container(&mut out, &format!("{owner}, container {name}"), change);
        }
        for map in &change.config_maps {
            let _ = write!(out, "---\n{}", lines(&spell::config_map(map, workload.namespace.as_deref())));
        }
    }
    out
}

fn container(out: &mut String, place: &str, change: &ContainerChange) {
    let settings = change.settings();
    let set = settings.iter().filter_map(|(key, setting)| match setting {
        Setting::Set(data) => Some(((*key).to_owned(), data.clone())),
        _ => None,
    });
    let mut entries: Vec<(String, Data)> = set.collect();
    if let Data::Map(more) = map([
        ("env", list(&change.env, spell::variable)),
        ("securityContext", some(spell::container_security(&change.security))),
        ("volumeMounts", list(&change.mounts, spell::mount)),
    ]) {
        entries.extend(more);
    }
    part(out, place, &Data::Map(entries));
    for (key, _) in settings.iter().filter(|(_, setting)| *setting == Setting::Remove) {
        let _ = writeln!(out, "# {place}: without `{key}`");
    }
}

fn part(out: &mut String, place: &str, data: &Data) {
    let lines = lines(data);
    if !lines.is_empty() {
        let _ = write!(out, "# {place}:\n{lines}");
    }
}

fn lines(data: &Data) -> String {
    let mut printer = Printer::new(Style::USUAL);
    printer.document(data);
    printer.finish()
}
