//! Changes of a workload as edits of its file.

use super::change::{CannotEdit, ConfigMap, ContainerChange, PodChange, Setting, TextEdit};
use super::data::Data;
use super::plan::Plan;
use super::pod::Workload;
use super::snippet::snippet;
use super::spell;
use super::want::{Entries, Refused, Want, entry, entry_or_add, same_as_data};

/// Kinds whose pods may have whatever a pod may have.
const KINDS: [&str; 10] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "DeploymentConfig",
    "Job",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "StatefulSet",
];
/// Bytes that the data of a `ConfigMap` may have: 1 MiB, less something for the rest of the object.
const MAX_CONFIG_MAP: usize = 1_000_000;

/// The edits of `text` that make its workloads say what `changes` ask for; none where they say so already. All changes
/// to one file go together.
///
/// # Errors
/// Where a document cannot be changed so that nothing else of it changes: with what a person can write into it.
pub fn edits(text: &str, changes: &[(&Workload, &PodChange)]) -> Result<Vec<TextEdit>, CannotEdit> {
    plan(text, changes).map_err(|refused| refused.told(text, snippet(changes)))
}

fn plan(text: &str, changes: &[(&Workload, &PodChange)]) -> Result<Vec<TextEdit>, Refused> {
    if text.contains("{{") || changes.iter().any(|(workload, _)| workload.template) {
        let at = text.find("{{").map(|at| at as u32);
        return Err(Refused {
            reason: "it is a template, which is YAML only once it is rendered".to_owned(),
            at,
        });
    }
    let mut plan = Plan::read(text)?;
    for (workload, change) in changes {
        let gone = || Refused { reason: "it is not the file that was read; run again".to_owned(), at: None };
        if !KINDS.contains(&workload.kind.as_str()) {
            let reason = format!("what the pods of a {} may have is not known", workload.kind);
            return Err(Refused::new(reason, workload.at.span.start));
        }
        let top = plan.document(workload.document).ok_or_else(gone)?;
        let holder = holder(top, workload).ok_or_else(gone)??;
        change_pod(holder, workload, change, text)?;
        for map in &change.config_maps {
            add_config_map(map, workload, &mut plan)?;
        }
    }
    plan.edits()
}

/// What holds `metadata` and `spec` of the pods.
fn holder<'a>(top: &'a mut Want, workload: &Workload) -> Option<Result<&'a mut Entries, Refused>> {
    let mut want = top;
    for index in &workload.route.items {
        want = match want.map() {
            Ok(entries) => entry(entries, "items")?,
            Err(refused) => return Some(Err(refused)),
        };
        want = match want.list() {
            Ok(items) => items.get_mut(*index)?,
            Err(refused) => return Some(Err(refused)),
        };
    }
    for key in workload.route.pod {
        want = match want.map() {
            Ok(entries) => entry(entries, key)?,
            Err(refused) => return Some(Err(refused)),
        };
    }
    Some(want.map())
}

fn change_pod(
    holder: &mut Entries,
    workload: &Workload,
    change: &PodChange,
    text: &str,
) -> Result<(), Refused> {
    if !change.annotations.is_empty() {
        let metadata = entry_or_add(holder, "metadata", empty_map(), spell::OBJECT).map()?;
        let annotations = entry_or_add(metadata, "annotations", empty_map(), spell::METADATA).map()?;
        for (key, value) in &change.annotations {
            set(annotations, key, Data::text(value), &[], text);
        }
    }
    let Some(spec) = entry(holder, "spec") else {
        return Err(Refused { reason: "it has no pods".to_owned(), at: None });
    };
    let spec = spec.map()?;
    secure(spec, &spell::pod_security(&change.security), spell::POD, text)?;
    if !change.init_containers.is_empty() {
        let containers = workload.containers.iter().filter_map(|c| c.name.as_deref()).collect::<Vec<_>>();
        let list = entry_or_add(spec, "initContainers", empty_list(), spell::POD).list()?;
        for container in &change.init_containers {
            if containers.contains(&container.name.as_str()) {
                return Err(taken("container", &container.name));
            }
            add_named(list, &container.name, "init container", spell::container(container), text)?;
        }
    }
    if !change.volumes.is_empty() {
        let list = entry_or_add(spec, "volumes", empty_list(), spell::POD).list()?;
        for volume in &change.volumes {
            if workload.claims.contains(&volume.name) {
                return Err(taken("volume", &volume.name));
            }
            add_named(list, &volume.name, "volume", spell::volume(volume), text)?;
        }
    }
    for container in &change.containers {
        let list = entry_or_add(spec, "containers", empty_list(), spell::POD).list()?;
        let name = workload.containers.get(container.container).and_then(|found| found.name.as_deref());
        let want = list.get_mut(container.container).filter(|want| want.text_at("name") == name);
        let Some(want) = want else {
            let reason = "it has not the containers that were read; run again".to_owned();
            return Err(Refused { reason, at: None });
        };
        change_container(want.map()?, container, text)?;
    }
    Ok(())
}

fn change_container(entries: &mut Entries, change: &ContainerChange, text: &str) -> Result<(), Refused> {
    for (key, setting) in change.settings() {
        match setting {
            Setting::Keep => {}
            Setting::Set(data) => set(entries, key, data, spell::CONTAINER, text),
            Setting::Remove => entries.retain(|(known, _)| known != key),
        }
    }
    if !change.env.is_empty() {
        let list = entry_or_add(entries, "env", empty_list(), spell::CONTAINER).list()?;
        for variable in &change.env {
            let data = spell::variable(variable);
            match list.iter_mut().find(|item| item.text_at("name") == Some(&variable.name)) {
                Some(item) if item.says(&data, text) => {}
                Some(item) => replace_map(item.map()?, data, text),
                None => list.push(Want::New(data)),
            }
        }
    }
    if !change.mounts.is_empty() {
        let list = entry_or_add(entries, "volumeMounts", empty_list(), spell::CONTAINER).list()?;
        for mount in &change.mounts {
            let data = spell::mount(mount);
            match list.iter().find(|item| item.text_at("mountPath") == Some(&mount.path)) {
                Some(item) if item.says(&data, text) => {}
                Some(_) => {
                    let reason = format!("something else is mounted at {} already", mount.path);
                    return Err(Refused { reason, at: None });
                }
                None => list.push(Want::New(data)),
            }
        }
    }
    if let Some(seconds) = change.pre_stop_sleep {
        let hooks = entry_or_add(entries, "lifecycle", Data::Map(Vec::new()), spell::CONTAINER).map()?;
        set(hooks, "preStop", spell::sleep(seconds), &["postStart", "preStop"], text);
    }
    secure(entries, &spell::container_security(&change.security), spell::CONTAINER, text)
}

impl ContainerChange {
    /// What is set or removed as a whole, by key.
    pub(super) fn settings(&self) -> [(&'static str, Setting<Data>); 6] {
        [
            ("image", self.image.data(|image| Data::text(image))),
            ("command", self.command.data(|words| Data::texts(words))),
            ("args", self.args.data(|words| Data::texts(words))),
            ("startupProbe", self.startup.data(spell::probe)),
            ("livenessProbe", self.liveness.data(spell::probe)),
            ("readinessProbe", self.readiness.data(spell::probe)),
        ]
    }
}

impl<T> Setting<T> {
    /// The same of values.
    pub(super) fn data(&self, spell: impl Fn(&T) -> Data) -> Setting<Data> {
        match self {
            Self::Keep => Setting::Keep,
            Self::Set(value) => Setting::Set(spell(value)),
            Self::Remove => Setting::Remove,
        }
    }
}

/// Sets what `settings` say in the `securityContext` of a pod or a container.
fn secure(entries: &mut Entries, settings: &Data, order: &[&str], text: &str) -> Result<(), Refused> {
    let Data::Map(settings) = settings else { return Ok(()) };
    if settings.is_empty() {
        return Ok(());
    }
    let context = entry_or_add(entries, "securityContext", empty_map(), order).map()?;
    merge(context, settings, text)
}

/// Sets values in maps inside of maps; what lists lack is added to them.
fn merge(entries: &mut Entries, settings: &[(String, Data)], text: &str) -> Result<(), Refused> {
    for (key, data) in settings {
        match data {
            Data::Map(inner) => {
                merge(entry_or_add(entries, key, empty_map(), spell::SECURITY).map()?, inner, text)?;
            }
            Data::List(items) => {
                let list = entry_or_add(entries, key, empty_list(), spell::SECURITY).list()?;
                for item in items {
                    if !list.iter().any(|known| known.says(item, text)) {
                        list.push(Want::New(item.clone()));
                    }
                }
            }
            _ => set(entries, key, data.clone(), spell::SECURITY, text),
        }
    }
    Ok(())
}

fn set(entries: &mut Entries, key: &str, data: Data, order: &[&str], text: &str) {
    let want = entry_or_add(entries, key, Data::Null, order);
    if !want.says(&data, text) {
        *want = Want::New(data);
    }
}

/// Makes a small map say what `data` says, and nothing besides.
fn replace_map(entries: &mut Entries, data: Data, text: &str) {
    let Data::Map(new) = data else { return };
    entries.retain(|(key, _)| new.iter().any(|(known, _)| known == key));
    for (key, value) in new {
        set(entries, &key, value, &[], text);
    }
}

fn add_named(list: &mut Vec<Want>, name: &str, what: &str, data: Data, text: &str) -> Result<(), Refused> {
    match list.iter().find(|item| item.text_at("name") == Some(name)) {
        Some(known) if known.says(&data, text) => Ok(()),
        Some(_) => Err(taken(what, name)),
        None => {
            list.push(Want::New(data));
            Ok(())
        }
    }
}

fn taken(what: &str, name: &str) -> Refused {
    Refused { reason: format!("there is another {what} called `{name}` already"), at: None }
}

const fn empty_map() -> Data {
    Data::Map(Vec::new())
}

const fn empty_list() -> Data {
    Data::List(Vec::new())
}

fn add_config_map(map: &ConfigMap, workload: &Workload, plan: &mut Plan<'_>) -> Result<(), Refused> {
    let size: usize = map.data.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > MAX_CONFIG_MAP {
        let reason = format!("the ConfigMap `{}` would be larger than 1 MiB", map.name);
        return Err(Refused { reason, at: None });
    }
    let data = spell::config_map(map, workload.namespace.as_deref());
    let known = plan.objects().find(|object| {
        object.text_at(&["kind"]) == Some("ConfigMap")
            && object.text_at(&["metadata", "name"]) == Some(&map.name)
    });
    if let Some(known) = known {
        return if same_as_data(&data, known, plan.text) {
            Ok(())
        } else {
            Err(taken("ConfigMap", &map.name))
        };
    }
    let namesake = plan.added.iter().find(|(_, known)| spell::name_of(known) == Some(&map.name));
    match namesake {
        Some((_, known)) if *known == data => Ok(()),
        Some(_) => Err(taken("ConfigMap", &map.name)),
        None => {
            plan.added.push((workload.document, data));
            Ok(())
        }
    }
}
