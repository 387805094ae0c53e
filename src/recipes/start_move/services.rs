//! Tasks as services of compose files that run to their end before the application's.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::launch_of::Starts;
use super::paths::Input;
use super::pods::Written;
use super::prepare::Prepared;
use super::task::{Runs, Task, label};
use crate::finding::{ByHand, Place};
use crate::manifest::{self, Condition, Data, OneShot, Service, ServiceChange, ServiceMount};
use crate::model::start::{UnitPart, UnitWord};
use crate::project::outside::OutsideUse;
use crate::project::{FileKind, ProjectPath};
use crate::recipes::manifest_edits::{self, NotEdited};
use crate::recipes::plan::Plan;

/// The edits of all compose files whose services start the script; blocks where one cannot be made.
pub(super) fn edits(
    plan: &mut Plan<'_, '_>,
    uses: &[&OutsideUse],
    starts: &Starts<'_>,
    tasks: &[Task],
    prepared: &Prepared,
) -> (usize, Written) {
    let mut by_file: BTreeMap<ProjectPath, Vec<(Service, ServiceChange)>> = BTreeMap::new();
    let mut count = 0;
    for used in uses.iter().filter(|u| u.kind == FileKind::Compose) {
        let command = used.command.as_ref().map(|c| &c.value);
        if used.entrypoint.is_some() || !starts.script_with(command) {
            continue;
        }
        let place = plan.cx.place(&used.at);
        let Some(service) = manifest::service_of(used, plan.cx.project) else {
            plan.block(format!("the services of {} cannot be changed", used.at.path), place);
            continue;
        };
        count += 1;
        let mut writer = Writer { plan: &mut *plan, service: &service, change: ServiceChange::default() };
        match writer.write(tasks, prepared) {
            Ok(()) => {
                let change = writer.change;
                by_file.entry(service.path.clone()).or_default().push((service, change));
            }
            Err(reason) => plan.block(format!("{} in {}: {reason}", service.name, service.path), place),
        }
    }
    let mut found = Written::default();
    for (path, changes) in by_file {
        let changes: Vec<(&Service, &ServiceChange)> = changes.iter().map(|(s, c)| (s, c)).collect();
        match manifest_edits::try_file(plan.cx, &path, |text| manifest::service_edits(text, &changes)) {
            Ok(edits) => found.edits.extend(edits),
            Err(NotEdited { reason, snippet: Some(text) }) => {
                found.by_hand.push((ByHand { path, text }, reason));
            }
            Err(NotEdited { reason, .. }) => plan.block(reason, Place::File(path)),
        }
    }
    (count, found)
}

struct Writer<'p, 'a, 'c> {
    plan: &'p mut Plan<'a, 'c>,
    service: &'p Service,
    change: ServiceChange,
}

impl Writer<'_, '_, '_> {
    fn write(&mut self, tasks: &[Task], prepared: &Prepared) -> Result<(), String> {
        for task in tasks {
            let mut one_shot = match &task.runs {
                Runs::Script { image, text } => self.script(task, image, text)?,
                Runs::Application(words) => self.application(task, words)?,
                Runs::Nothing => {
                    return Err(
                        "a file that is always the same has to be a file of the project there".to_owned()
                    );
                }
            };
            one_shot.depends_on = self.depends_on();
            // They run one after the other, as the script did.
            let before = self.change.one_shots.last().map(|o| (o.name.clone(), Condition::Completed));
            one_shot.depends_on.extend(before);
            self.change.one_shots.push(one_shot);
        }
        if let Some(mut one_shot) = self.owners(prepared) {
            let before = self.change.one_shots.last().map(|o| (o.name.clone(), Condition::Completed));
            one_shot.depends_on.extend(before);
            self.change.one_shots.push(one_shot);
        }
        Ok(())
    }

    fn name(&self, task: &Task) -> String {
        let own = format!("{}-{}", self.service.name, task.name);
        self.service.free_service(&own)
    }

    fn script(&mut self, task: &Task, image: &str, text: &str) -> Result<OneShot, String> {
        let mut mounts = Vec::new();
        for output in &task.outputs {
            let folder = if output.is_folder {
                output.path.clone()
            } else {
                output.path.rsplit_once('/').map_or_else(String::new, |(parent, _)| parent.to_owned())
            };
            if let Some(mount) = self.mounted(&folder) {
                mounts.push(mount);
                continue;
            }
            if !super::pods::is_dedicated(self.plan, &folder) {
                return Err(format!(
                    "what is written to {} lies among files of the image, which a volume would hide: give it a folder of its own",
                    output.path
                ));
            }
            let name =
                label(&format!("{}-{}", self.service.name, folder.rsplit('/').next().unwrap_or("files")));
            if !self.change.volumes.contains(&name) {
                if self.service.volumes.contains(&name) {
                    return Err(format!("there is a volume {name} already"));
                }
                self.change.volumes.push(name.clone());
                let mount = ServiceMount { volume: name.clone(), path: folder.clone(), read_only: false };
                self.change.mounts.push(mount);
            }
            mounts.push(ServiceMount { volume: name, path: folder, read_only: false });
        }
        for input in &task.inputs {
            mounts.push(self.input(input)?);
        }
        let options = if task.bare.is_empty() { "set -eu" } else { "set -e" };
        // What it writes lies in a volume that belongs to root.
        let user = (!task.outputs.is_empty()).then(|| "0:0".to_owned());
        Ok(OneShot {
            name: self.name(task),
            image: Some(image.to_owned()),
            copied: self.surroundings(task),
            user,
            entrypoint: vec!["sh".to_owned(), "-c".to_owned(), format!("{options}\n{text}\n")],
            mounts,
            ..OneShot::default()
        })
    }

    fn application(&mut self, task: &Task, words: &[UnitWord]) -> Result<OneShot, String> {
        let mut argv = Vec::with_capacity(words.len());
        for word in words {
            match word {
                UnitWord::Literal(text) => argv.push(text.clone()),
                UnitWord::Mixed(parts) => {
                    let mut text = String::new();
                    for part in parts {
                        match part {
                            UnitPart::Text(literal) => text.push_str(literal),
                            UnitPart::Variable(name) => {
                                return Err(format!(
                                    "{} reads ${name}, which a command of compose cannot",
                                    task.name
                                ));
                            }
                        }
                    }
                    argv.push(text);
                }
            }
        }
        let mut copied = self.copied(&[
            "image",
            "build",
            "platform",
            "user",
            "working_dir",
            "environment",
            "env_file",
            "volumes",
            "networks",
            "network_mode",
            "extra_hosts",
            "secrets",
            "configs",
        ]);
        if let Some(folder) = &task.folder {
            copied.retain(|(key, _)| key != "working_dir");
            copied.push(("working_dir".to_owned(), Data::text(folder)));
        }
        Ok(OneShot { name: self.name(task), copied, entrypoint: argv, ..OneShot::default() })
    }

    /// The network and the variables of the service, as far as a task needs them.
    fn surroundings(&self, task: &Task) -> Vec<(String, Data)> {
        let mut copied = self.copied(&["networks", "network_mode", "extra_hosts"]);
        if task.reads.is_empty() && !task.reads_all {
            return copied;
        }
        copied.extend(self.copied(&["env_file"]));
        let wanted = |name: &str| task.reads_all || task.reads.contains(name);
        let of_item = |item: &Data| match item {
            Data::Text(text) | Data::Word(text) => wanted(text.split('=').next().unwrap_or(text)),
            _ => true,
        };
        let environment = match self.service.value("environment") {
            Some(Data::Map(entries)) => {
                Data::Map(entries.iter().filter(|(name, _)| wanted(name)).cloned().collect())
            }
            Some(Data::List(items)) => {
                Data::List(items.iter().filter(|item| of_item(item)).cloned().collect())
            }
            Some(other) => other.clone(),
            None => Data::Null,
        };
        let is_empty = match &environment {
            Data::Map(entries) => entries.is_empty(),
            Data::List(items) => items.is_empty(),
            other => *other == Data::Null,
        };
        if !is_empty {
            copied.push(("environment".to_owned(), environment));
        }
        copied
    }

    /// Owners of what is mounted, set as the script did.
    fn owners(&mut self, prepared: &Prepared) -> Option<OneShot> {
        let mut mounts: Vec<ServiceMount> = Vec::new();
        let mut text = String::from("set -eu\n");
        for (path, owner) in &prepared.owners {
            let Some(mount) = self.mounted(path) else { continue };
            let _ = writeln!(text, "chown -R {owner} {path}");
            if !mounts.iter().any(|known| known.path == mount.path) {
                mounts.push(mount);
            }
        }
        if mounts.is_empty() {
            return None;
        }
        Some(OneShot {
            name: self.service.free_service(&format!("{}-own-data", self.service.name)),
            image: Some(self.plan.cx.catalog.tool_images().next()?.image.clone().into_owned()),
            user: Some("0:0".to_owned()),
            entrypoint: vec!["sh".to_owned(), "-c".to_owned(), text],
            mounts,
            ..OneShot::default()
        })
    }

    fn copied(&self, keys: &[&str]) -> Vec<(String, Data)> {
        keys.iter().filter_map(|key| Some(((*key).to_owned(), self.service.value(key)?.clone()))).collect()
    }

    /// The services that the application's waits for already.
    fn depends_on(&self) -> Vec<(String, Condition)> {
        match self.service.value("depends_on") {
            Some(Data::List(names)) => names
                .iter()
                .filter_map(|name| match name {
                    Data::Text(name) | Data::Word(name) => Some((name.clone(), Condition::Started)),
                    _ => None,
                })
                .collect(),
            Some(Data::Map(entries)) => {
                entries.iter().map(|(name, value)| (name.clone(), condition_of(value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The volume of the service that `folder` lies in.
    fn mounted(&self, folder: &str) -> Option<ServiceMount> {
        let Some(Data::List(mounts)) = self.service.value("volumes") else { return None };
        mounts.iter().find_map(|mount| {
            let Data::Text(text) = mount else { return None };
            let (volume, path) = text.split_once(':')?;
            let path = path.split(':').next()?;
            let inside = folder == path || folder.starts_with(&format!("{}/", path.trim_end_matches('/')));
            inside.then(|| ServiceMount {
                volume: volume.to_owned(),
                path: path.to_owned(),
                read_only: false,
            })
        })
    }

    /// A file of the project, mounted where the task reads it.
    fn input(&self, input: &Input) -> Result<ServiceMount, String> {
        let source = self.plan.cx.files.borrow_mut().source_of(&input.path);
        let folder = self.service.path.folder();
        let relative = source.as_ref().and_then(|s| s.below(&folder));
        let relative = relative
            .ok_or_else(|| format!("{} comes from outside of the compose file's folder", input.path))?;
        Ok(ServiceMount { volume: format!("./{relative}"), path: input.mounted(), read_only: true })
    }
}

fn condition_of(value: &Data) -> Condition {
    let Data::Map(entries) = value else { return Condition::Started };
    let word = entries.iter().find(|(key, _)| key == "condition").map(|(_, value)| value);
    match word {
        Some(Data::Text(word) | Data::Word(word)) if word == "service_healthy" => Condition::Healthy,
        Some(Data::Text(word) | Data::Word(word)) if word == "service_completed_successfully" => {
            Condition::Completed
        }
        _ => Condition::Started,
    }
}
