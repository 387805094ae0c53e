//! Tasks as init containers of the pods that run the image.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::launch_of::Starts;
use super::paths::Output;
use super::prepare::Prepared;
use super::task::{Runs, Task, label, manifest_words};
use crate::edit::Edit;
use crate::finding::{ByHand, Place};
use crate::manifest::{
    self, ConfigMap, Container, ContainerChange, EnvValue, EnvVar, InitContainer, Mount, PodChange,
    Resources, Security, Setting, Volume, VolumeSource, Workload,
};
use crate::model::StepKind;
use crate::model::start::Handover;
use crate::options::Migrations;
use crate::project::outside::OutsideUse;
use crate::project::{FileKind, ProjectPath, Sited};
use crate::recipes::manifest_edits::NotEdited;
use crate::recipes::plan::Plan;
use crate::recipes::{contents, manifest_edits};

/// The user of a container that only needs to be nobody in particular.
const NOBODY: u32 = 65532;

/// A container that runs the image, and the workload it belongs to.
pub(super) struct Pod<'u> {
    pub used: &'u OutsideUse,
    pub workload: Workload,
    /// Index into its containers.
    pub container: usize,
    /// What takes the place of its own `command`, where that starts the script; whether `args` go, too.
    pub command: Option<(Vec<String>, bool)>,
}

/// What becomes of manifests.
#[derive(Default)]
pub(super) struct Written {
    pub edits: Vec<Edit>,
    /// For files that cannot be edited, with why.
    pub by_hand: Vec<(ByHand, String)>,
}

/// The pods that start the script; blocks on manifests that cannot be followed.
pub(super) fn pods<'u>(
    plan: &mut Plan<'u, '_>,
    uses: &[&'u OutsideUse],
    starts: &Starts<'_>,
    handover: &Handover,
) -> Vec<Pod<'u>> {
    let mut found = Vec::new();
    for used in uses.iter().filter(|u| u.kind == FileKind::Yaml) {
        let place = plan.cx.place(&used.at);
        let Some(at) = manifest::container_of(used, plan.cx.project) else {
            plan.block(format!("{} cannot be changed", used.at.path), place);
            continue;
        };
        let entrypoint = used.entrypoint.as_ref().map(|c| &c.value);
        // Of an init container, the command is its own.
        if at.init {
            continue;
        }
        if let Some(command) = entrypoint {
            if !starts.is_named(command) {
                continue;
            }
            let container = at.container();
            let words = |list: &Option<Sited<Vec<String>>>| {
                list.as_ref().map(|words| words.value.clone()).unwrap_or_default()
            };
            let (own, args) = (words(&container.command), words(&container.args));
            match starts.without_script(handover, &own, &args) {
                Some(command) => {
                    found.push(Pod {
                        used,
                        workload: at.workload,
                        container: at.index,
                        command: Some(command),
                    });
                }
                None => {
                    let text = format!(
                        "{} starts the script itself, in a way that cannot be followed: let the image's ENTRYPOINT do it",
                        used.at.path
                    );
                    plan.block(text, place);
                }
            }
        } else if starts.script_with(used.command.as_ref().map(|c| &c.value)) {
            found.push(Pod { used, workload: at.workload, container: at.index, command: None });
        }
    }
    found
}

/// The edits of all manifests; blocks where one cannot be made. `user`: the number of the user that the script
/// changed to.
pub(super) fn edits(
    plan: &mut Plan<'_, '_>,
    pods: &[Pod<'_>],
    tasks: &[Task],
    prepared: &Prepared,
    user: Option<&str>,
) -> Written {
    let mut by_file: BTreeMap<&ProjectPath, Vec<(&Workload, PodChange)>> = BTreeMap::new();
    let mut jobs: Vec<Job<'_>> = Vec::new();
    let as_job = plan.cx.options.migrations == Migrations::Job;
    for pod in pods {
        let as_job = as_job && !matches!(pod.workload.kind.as_str(), "Job" | "CronJob");
        match change(plan, &pod.workload, pod.container, tasks, prepared, user, as_job) {
            Ok((mut change, containers)) => {
                let same = |job: &Job<'_>| {
                    job.containers == containers && job.workload.namespace == pod.workload.namespace
                };
                if !containers.is_empty() && !jobs.iter().any(same) {
                    jobs.push(Job { workload: &pod.workload, containers });
                }
                if let (Some((command, no_args)), Some(own)) = (&pod.command, change.containers.last_mut()) {
                    own.command = Setting::Set(command.clone());
                    own.args = if *no_args { Setting::Remove } else { Setting::Keep };
                }
                by_file.entry(&pod.workload.path).or_default().push((&pod.workload, change));
            }
            Err(reason) => {
                let place = plan.cx.place(&pod.used.at);
                plan.block(reason, place);
            }
        }
    }
    let mut found = Written::default();
    for job in &jobs {
        match new_job(plan, job) {
            Ok(edit) => found.edits.push(edit),
            Err(reason) => plan.block(
                format!("no Job can migrate for {}: {reason}", job.workload.path),
                Place::File(job.workload.path.clone()),
            ),
        }
    }
    for (path, changes) in by_file {
        let changes: Vec<(&Workload, &PodChange)> = changes.iter().map(|(w, c)| (*w, c)).collect();
        match manifest_edits::try_file(plan.cx, path, |text| manifest::edits(text, &changes)) {
            Ok(edits) => found.edits.extend(edits),
            Err(NotEdited { reason, snippet: Some(text) }) => {
                found.by_hand.push((ByHand { path: path.clone(), text }, reason));
            }
            Err(NotEdited { reason, .. }) => plan.block(reason, Place::File(path.clone())),
        }
    }
    found
}

/// Work that is done once for a release, before the pods of a workload start.
struct Job<'p> {
    workload: &'p Workload,
    /// They run one after the other.
    containers: Vec<InitContainer>,
}

/// The manifest of a Job, a new file beside that of the workload.
fn new_job(plan: &mut Plan<'_, '_>, job: &Job<'_>) -> Result<Edit, String> {
    let workload = job.workload;
    let last = job.containers.last().map_or("migrate", |container| container.name.as_str());
    let name = label(&format!("{}-{last}", workload.name.as_deref().unwrap_or("app")));
    let path = workload.path.folder().child(&format!("{name}.yaml"));
    if plan.cx.project.kind(&path).is_ok() {
        return Err(format!("there is a file {path} already"));
    }
    let bytes = plan.cx.project.read(&workload.path).map_err(|error| error.fault.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let manifest = manifest::job(&text, workload, &name, &job.containers)?;
    plan.sketch(
        format!(
            "{path} is applied and has completed before the pods of a new version start: have the release do that, and list the file where kustomize or a pipeline asks for a list"
        ),
        Place::File(workload.path.clone()),
    );
    let text = format!(
        "# TODO: the release runs this before the pods of the new version start: it deletes the Job of the release before,\n\
         # applies this one and waits (`kubectl wait --for=condition=complete job/{name}`), or a hook of Helm or a sync\n\
         # wave of Argo CD does.\n{manifest}"
    );
    Ok(Edit::Create { path, text, mode: 0o644 })
}

/// The change of one workload that does `tasks` before its container of this number starts, and with `as_job` the
/// containers of a Job in the place of those that run the application's image; an error says why it cannot.
pub(super) fn change(
    plan: &mut Plan<'_, '_>,
    workload: &Workload,
    container: usize,
    tasks: &[Task],
    prepared: &Prepared,
    user: Option<&str>,
    as_job: bool,
) -> Result<(PodChange, Vec<InitContainer>), String> {
    let mut writer = Writer {
        plan,
        workload,
        container,
        change: PodChange::default(),
        volumes: Vec::new(),
        user,
        as_job,
        job: Vec::new(),
    };
    writer.write(tasks, prepared)?;
    Ok((writer.change, writer.job))
}

/// Writes the change of one pod.
struct Writer<'p, 'a, 'c> {
    plan: &'p mut Plan<'a, 'c>,
    workload: &'p Workload,
    container: usize,
    change: PodChange,
    /// Volumes that were added for a folder: the folder, the volume's name.
    volumes: Vec<(String, String)>,
    /// The user that the application runs as, where the script said so.
    user: Option<&'p str>,
    /// Whether a Job runs what the application's image does.
    as_job: bool,
    /// Its containers.
    job: Vec<InitContainer>,
}

impl Writer<'_, '_, '_> {
    fn container(&self) -> &Container {
        &self.workload.containers[self.container]
    }

    fn write(&mut self, tasks: &[Task], prepared: &Prepared) -> Result<(), String> {
        let mut own = ContainerChange { container: self.container, ..ContainerChange::default() };
        for task in tasks {
            match &task.runs {
                Runs::Nothing => self.document(task, &mut own)?,
                Runs::Script { image, text } => {
                    let init = self.script(task, image, text, &mut own)?;
                    self.change.init_containers.push(init);
                }
                Runs::Application(_) => {
                    let init = self.application(task)?;
                    if self.as_job {
                        self.add_to_job(task, init, tasks)?;
                    } else {
                        self.change.init_containers.push(init);
                    }
                }
            }
        }
        self.change.security.fs_group = self.group(prepared);
        self.change.containers.push(own);
        self.annotate();
        Ok(())
    }

    /// Has the Job do `task`, behind what the script waits for before it.
    fn add_to_job(&mut self, task: &Task, init: InitContainer, tasks: &[Task]) -> Result<(), String> {
        let before = tasks.iter().take_while(|other| other.at != task.at);
        let makes = before.clone().find(|other| !other.outputs.is_empty() || !other.inputs.is_empty());
        if let Some(other) = makes {
            return Err(format!(
                "{} may read the files that {} makes, which a Job has not: leave out --migrations job",
                task.name, other.name
            ));
        }
        let is_there = |name: &str| self.job.iter().any(|known| known.name == name);
        let waits: Vec<InitContainer> = before
            .filter(|other| matches!(other.runs, Runs::Script { .. }) && !is_there(&other.name))
            .filter_map(|other| self.change.init_containers.iter().find(|i| i.name == other.name).cloned())
            .collect();
        self.job.extend(waits);
        self.job.push(init);
        Ok(())
    }

    /// The group of the pod's volumes, where what is written there has to be shared.
    fn group(&self, prepared: &Prepared) -> Option<u32> {
        if self.workload.security.fs_group.is_some() {
            return None;
        }
        prepared.group
    }

    /// A file that is always the same.
    fn document(&mut self, task: &Task, own: &mut ContainerChange) -> Result<(), String> {
        for input in &task.inputs {
            if let Some(mount) = covering(&self.container().mounts, &input.path) {
                return Err(format!(
                    "{} would be written into what is mounted at {}",
                    input.path, mount.path
                ));
            }
            let volume = self.config_map(&task.name, input.name(), &input.text)?;
            own.mounts.push(Mount {
                volume,
                path: input.path.clone(),
                sub_path: Some(input.name().to_owned()),
                read_only: true,
            });
            self.plan.assume(
                format!("the application only reads {}: a file of a ConfigMap cannot be written, and one that is mounted alone keeps its text until the pod is replaced", input.path),
                Some(task.at),
            );
        }
        Ok(())
    }

    /// A new `ConfigMap` with one file, as a volume; its name.
    fn config_map(&mut self, task: &str, key: &str, text: &str) -> Result<String, String> {
        let is_key =
            key.len() <= 253 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        if !is_key {
            return Err(format!("{key} cannot be a key of a ConfigMap"));
        }
        let base = self.workload.name.clone().unwrap_or_else(|| "app".to_owned());
        let name = label(&format!("{base}-{task}"));
        if self.workload.config_maps.contains(&name) {
            return Err(format!("there is a ConfigMap {name} already"));
        }
        match self.change.config_maps.iter_mut().find(|m| m.name == name) {
            Some(map) => map.data.push((key.to_owned(), text.to_owned())),
            None => self
                .change
                .config_maps
                .push(ConfigMap { name: name.clone(), data: vec![(key.to_owned(), text.to_owned())] }),
        }
        let volume = label(task);
        if !self.change.volumes.iter().any(|v| v.name == volume) {
            self.change
                .volumes
                .push(Volume { name: volume.clone(), source: VolumeSource::ConfigMap { name, mode: None } });
        }
        Ok(volume)
    }

    /// A script in an image of its own.
    fn script(
        &mut self,
        task: &Task,
        image: &str,
        text: &str,
        own: &mut ContainerChange,
    ) -> Result<InitContainer, String> {
        let mut mounts: Vec<Mount> = Vec::new();
        for output in &task.outputs {
            let (there, shared) = self.output(task, output)?;
            if !mounts.contains(&there) {
                mounts.push(there);
            }
            own.mounts.extend(shared.filter(|m| !own.mounts.contains(m)));
        }
        for input in &task.inputs {
            if let Some(mount) = covering(&self.container().mounts, &input.path) {
                if !mounts.contains(mount) {
                    mounts.push(mount.clone());
                }
                continue;
            }
            let volume = self.config_map(&task.name, input.name(), &input.text)?;
            let sub_path = Some(input.name().to_owned());
            mounts.push(Mount { volume, path: input.mounted(), sub_path, read_only: true });
        }
        let is_there = mounts.iter().any(|mount| mount.path == "/tmp");
        if !is_there && (text.contains("/tmp") || text.contains("mktemp")) {
            let volume = self.volume("/tmp", "tmp");
            mounts.push(Mount { volume, path: "/tmp".to_owned(), sub_path: None, read_only: false });
        }
        let (env, known) = self.environment(task);
        let options = if known { "set -eu" } else { "set -e" };
        Ok(InitContainer {
            name: task.name.clone(),
            image: image.to_owned(),
            pull_policy: None,
            command: vec!["sh".to_owned(), "-c".to_owned(), format!("{options}\n{text}\n")],
            args: Vec::new(),
            env_from: if task.reads.is_empty() { Vec::new() } else { self.container().env_from.clone() },
            env,
            mounts,
            working_dir: task.folder.clone(),
            resources: Resources { cpu: "10m".to_owned(), memory: "64Mi".to_owned() },
            security: self.strict(),
        })
    }

    /// The variables of the container that a task reads; whether all it reads without a default are there.
    fn environment(&self, task: &Task) -> (Vec<EnvVar>, bool) {
        let container = self.container();
        let config = &self.plan.cx.stage.config;
        let wanted = |name: &str| task.reads_all || task.reads.contains(name);
        let mut env: Vec<EnvVar> = Vec::new();
        for variable in &config.env {
            let given = container.env.iter().any(|v| v.name == variable.name);
            let is_own = variable.from.location().is_some();
            if let (Some(value), true) = (&variable.value, !given && is_own && wanted(&variable.name)) {
                let value = EnvValue::Text(value.replace("$(", "$$("));
                env.push(EnvVar { name: variable.name.clone(), value });
            }
        }
        // A variable may be made of others: `$(NAME)`.
        let refers = |v: &EnvVar| matches!(&v.value, EnvValue::Text(text) if text.contains("$("));
        let whole = container.env.iter().any(|v| wanted(&v.name) && refers(v));
        env.extend(container.env.iter().filter(|v| whole || wanted(&v.name)).cloned());
        let known = task.bare.iter().all(|name| env.iter().any(|v| v.name == *name));
        (env, known)
    }

    /// A command of the application's own image.
    fn application(&mut self, task: &Task) -> Result<InitContainer, String> {
        let Runs::Application(words) = &task.runs else { unreachable!("asked for by the caller") };
        let container = self.container();
        let config = &self.plan.cx.stage.config;
        let is_set = |name: &str| container.env.iter().any(|v| v.name == name);
        let in_image = |name: &str| config.env(name).map(str::to_owned);
        let command = manifest_words(words, is_set, in_image).map_err(|name| {
            format!("{} reads ${name}, which the container does not set by name", task.name)
        })?;
        let image = container.image.as_ref().map(|i| i.value.clone()).unwrap_or_default();
        let security = Security {
            at: None,
            fs_group: None,
            escalation: Some(false),
            drop: vec!["ALL".to_owned()],
            seccomp: container.security.seccomp.clone().or_else(|| Some("RuntimeDefault".to_owned())),
            ..container.security.clone()
        };
        Ok(InitContainer {
            name: task.name.clone(),
            image,
            pull_policy: container.pull_policy.clone(),
            command,
            args: Vec::new(),
            env_from: container.env_from.clone(),
            env: container.env.clone(),
            mounts: container.mounts.clone(),
            working_dir: task.folder.clone().or_else(|| container.working_dir.clone()),
            resources: Resources::default(),
            security,
        })
    }

    /// Where a task's container and the application's find what it writes.
    fn output(&mut self, task: &Task, output: &Output) -> Result<(Mount, Option<Mount>), String> {
        if let Some(mount) = covering(&self.container().mounts, &output.path) {
            let volume = self.workload.volumes.iter().find(|v| v.name == mount.volume);
            let fixed = volume.is_some_and(|v| {
                matches!(v.source, VolumeSource::ConfigMap { .. } | VolumeSource::Secret { .. })
            });
            if fixed || mount.read_only {
                return Err(format!(
                    "{} would be written into {}, which cannot be written",
                    output.path, mount.path
                ));
            }
            return Ok((mount.clone(), None));
        }
        let parent = output.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let folder = if output.is_folder { output.path.as_str() } else { parent };
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let is_own = is_dedicated(self.plan, folder);
        if !is_own && (output.is_folder || !output.always) {
            return Err(format!(
                "what is written to {} lies among files of the image, which a volume would hide: give it a folder of its own",
                output.path
            ));
        }
        let volume = self.volume(folder, &name);
        let there =
            Mount { volume: volume.clone(), path: folder.to_owned(), sub_path: None, read_only: false };
        if is_own {
            return Ok((there.clone(), Some(there)));
        }
        let file = output.path.rsplit('/').next().unwrap_or_default().to_owned();
        self.plan.assume(
            format!(
                "the application opens {} and does not replace it: the file is mounted alone",
                output.path
            ),
            Some(task.at),
        );
        let shared = Mount { volume, path: output.path.clone(), sub_path: Some(file), read_only: false };
        Ok((there, Some(shared)))
    }

    /// The `emptyDir` for `folder`.
    fn volume(&mut self, folder: &str, name: &str) -> String {
        if let Some((_, known)) = self.volumes.iter().find(|(f, _)| f == folder) {
            return known.clone();
        }
        // Volumes of the change count too: two folders may end in one name.
        let (base, mut number) = (label(name), 1);
        let mut name = self.workload.free_volume(&base);
        while self.change.volumes.iter().any(|v| v.name == name) {
            number += 1;
            name = self.workload.free_volume(&format!("{base}-{number}"));
        }
        self.change.volumes.push(Volume { name: name.clone(), source: VolumeSource::EmptyDir });
        self.volumes.push((folder.to_owned(), name.clone()));
        name
    }

    /// What a container that only needs a shell may do: nothing more than that.
    fn strict(&self) -> Security {
        let container = &self.container().security;
        let user = container.user.or(self.workload.security.user).filter(|u| *u != 0);
        Security {
            user: Some(user.or_else(|| self.image_user()).unwrap_or(NOBODY)),
            non_root: Some(true),
            escalation: Some(false),
            read_only_root: Some(true),
            drop: vec!["ALL".to_owned()],
            seccomp: Some("RuntimeDefault".to_owned()),
            ..Security::default()
        }
    }

    /// The number of the user that the application runs as, if it is not root.
    fn image_user(&self) -> Option<u32> {
        let owner = contents::owner(self.plan.cx);
        self.user.unwrap_or(&owner).split(':').next()?.parse().ok().filter(|user| *user != 0)
    }

    /// A change of a `ConfigMap` replaces the pods.
    fn annotate(&mut self) {
        if self.change.config_maps.is_empty() {
            return;
        }
        let mut hash = Sha256::new();
        for (key, text) in self.change.config_maps.iter().flat_map(|m| &m.data) {
            hash.update(key.as_bytes());
            hash.update(text.as_bytes());
        }
        let hex = hash.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        self.change.annotations.push(("checksum/start-files".to_owned(), hex));
    }
}

/// The mount that `path` lies in, the innermost one.
fn covering<'m>(mounts: &'m [Mount], path: &str) -> Option<&'m Mount> {
    let covers = |m: &&Mount| {
        let at = m.path.trim_end_matches('/');
        path == at || path.starts_with(&format!("{at}/"))
    };
    mounts.iter().filter(covers).max_by_key(|m| m.path.len())
}

/// Whether nothing of the image lies in `folder`, as far as the Dockerfile shows: a volume hides nothing there.
pub(super) fn is_dedicated(plan: &Plan<'_, '_>, folder: &str) -> bool {
    const SYSTEM: [&str; 12] =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var"];
    let within = |path: &str, folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let workdir = plan.cx.stage.config.workdir();
    let of_system = SYSTEM.iter().any(|s| within(folder, s)) && !is_named_for_the_application(plan, folder);
    if folder.is_empty() || within(workdir, folder) || of_system {
        return false;
    }
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let landed = lineage.iter().flat_map(|s| contents::landings(s));
    if landed.into_iter().any(|at| at != "/" && at != workdir && (within(&at, folder) || within(folder, &at)))
    {
        return false;
    }
    let (files, complete) = plan.cx.files.borrow_mut().context_files(plan.cx.stage.id);
    complete && !files.iter().any(|(path, _)| within(path, folder))
}

/// Whether a folder below /etc or /var is called as the application, which no package brought: `/etc/signpost` of a
/// `signpost` that is copied into the image.
fn is_named_for_the_application(plan: &Plan<'_, '_>, folder: &str) -> bool {
    const SHARED: [&str; 3] = ["/etc/", "/var/cache/", "/var/lib/"];
    let stage = plan.cx.stage;
    let rest = stage.needs.start_script.as_ref().and_then(|script| script.rest.as_ref());
    let Some(program) = rest.and_then(|rest| rest.handover.words.first()) else { return false };
    let program = program.rsplit('/').next().unwrap_or(program);
    let is_named = SHARED
        .iter()
        .any(|shared| folder.strip_prefix(shared).and_then(|below| below.split('/').next()) == Some(program));
    let is_copied = || {
        stage.steps.iter().any(|step| match &step.kind {
            StepKind::Transfer(t) => {
                let dest = t.dest.as_deref().unwrap_or_default();
                let sources = t.sources.iter().flatten().map(String::as_str);
                let ends = |path: &str| path.rsplit('/').next() == Some(program);
                ends(dest) || (dest.ends_with("bin/") && sources.into_iter().any(ends))
            }
            _ => false,
        })
    };
    is_named && is_copied()
}
