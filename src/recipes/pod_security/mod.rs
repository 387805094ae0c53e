//! Security settings of containers that run the image: what the rules about manifests ask for, as far as the image
//! shows that its application does without the rest. A fix of its own beside the rewrite of the image.

mod writes;

use std::collections::{BTreeMap, BTreeSet};

use barehull_catalog::{Completeness, Family, Role};
use barehull_syntax::Location;

use super::accounts::number_of;
use super::manifest_edits;
use super::plan::Plan;
use super::shape::Target;
use super::{Outcome, Recipe, RecipeCx, base_is_known};
use crate::edit::Edit;
use crate::finding::Place;
use crate::manifest::{
    self, ContainerChange, Found, Mount, PodChange, Security, Volume, VolumeSource, Workload,
};
use crate::model::StepKind;
use crate::project::ProjectPath;
use crate::project::outside::OutsideUse;
use writes::Writes;

/// The container's own settings.
pub static RECIPE: Recipe = Recipe {
    id: "pod-security",
    title: "Security settings of the application's containers",
    about: "For containers of manifests that run the image. What the image shows its application can do without is \
            switched off: `runAsNonRoot` with the number of the image's user, no gain of rights, no capabilities (but \
            `NET_BIND_SERVICE` where a port below 1024 is its own), the run time's seccomp profile, and a root file system that \
            cannot be written, with an `emptyDir` at /tmp and wherever the sources write to. The Dockerfile stays as it \
            is: `--recipe pod-security` gives this fix alone, `--skip-recipe pod-security` the rest without it.\n\n\
            What somebody has set stays as it is. A process that runs as root keeps its capabilities, since nothing \
            shows which it uses; where it is not known what is written (a server of the base image, a start script, \
            sources that were not read), the root file system stays as it is; a user whose number nobody knows is not \
            named.",
    plan,
};

fn plan(cx: &RecipeCx<'_>) -> Outcome {
    if cx.stage.os.as_ref().is_some_and(|os| os.family == Family::Windows) {
        return Outcome::NotApplicable;
    }
    let mut plan = Plan::new(cx, RECIPE.id);
    let deployed = manifest::deployed(cx.uses, cx.project);
    let mut said = BTreeSet::new();
    let mut by_file: BTreeMap<ProjectPath, Vec<(Workload, Hardened)>> = BTreeMap::new();
    for (used, found) in &deployed {
        let is_ours = cx.model.is_used_by(cx.stage.id, used) && !used.development.is_likely();
        if !is_ours || found.init || found.workload.template {
            continue;
        }
        let mut hardening =
            Hardening { plan: &mut plan, used, found, said: &mut said, assumed: BTreeMap::new() };
        if let Some(change) = hardening.change() {
            let hardened = Hardened { change, assumed: hardening.assumed };
            by_file.entry(used.at.path.clone()).or_default().push((found.workload.clone(), hardened));
        }
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut assumed: BTreeMap<String, Option<Place>> = BTreeMap::new();
    for (path, hardened) in by_file {
        let changes: Vec<(&Workload, &PodChange)> = hardened.iter().map(|(w, h)| (w, &h.change)).collect();
        match manifest_edits::try_file(cx, &path, |text| manifest::edits(text, &changes)) {
            Ok(found) => {
                edits.extend(found);
                for (text, place) in hardened.into_iter().flat_map(|(_, h)| h.assumed) {
                    assumed.entry(text).or_insert(place);
                }
            }
            // The other files can be changed without this one.
            Err(not) => plan.note(not.reason, Place::File(path)),
        }
    }
    for (text, place) in assumed {
        plan.assume_at(text, place);
    }
    if edits.is_empty() {
        return plan.only_notes();
    }
    let target = Target { base: cx.stage.base_text.clone(), ..Target::default() };
    plan.finish("Set what the application's containers may do", &target, || Ok(edits))
}

/// The change of one container's pod, and what it rests on.
struct Hardened {
    change: PodChange,
    assumed: BTreeMap<String, Option<Place>>,
}

/// Who a container runs as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum User {
    Root,
    Other,
    Unknown,
}

/// Works out what one container can do without.
struct Hardening<'p, 'a, 'c, 'u> {
    plan: &'p mut Plan<'a, 'c>,
    used: &'u OutsideUse,
    found: &'u Found,
    said: &'p mut BTreeSet<String>,
    /// What the change rests on, with where that stands.
    assumed: BTreeMap<String, Option<Place>>,
}

impl Hardening<'_, '_, '_, '_> {
    /// The change of the pod, where a rule about manifests has something to say of the container.
    fn change(&mut self) -> Option<PodChange> {
        let own = self.found.container().security.clone();
        let pod = &self.found.workload.security;
        let has = |names: &[String], name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        // Whoever gives a container the node has reasons that nothing here can judge.
        if own.privileged == Some(true)
            || ["ALL", "SYS_ADMIN", "CAP_SYS_ADMIN"].iter().any(|c| has(&own.add, c))
        {
            return None;
        }
        let user = self.user();
        let mut change = PodChange::default();
        let mut settings = Security::default();
        if own.escalation.is_none() && self.gains_no_rights(user) {
            settings.escalation = Some(false);
        }
        if !has(&own.drop, "ALL") && self.needs_no_capabilities(user) {
            settings.drop.push("ALL".to_owned());
            let bind = "NET_BIND_SERVICE";
            if self.listens_low() && !has(&own.add, bind) {
                settings.add.push(bind.to_owned());
            }
        }
        let mut mounts = Vec::new();
        if own.read_only_root.is_none()
            && let Some(folders) = self.writes()
        {
            settings.read_only_root = Some(true);
            mounts = self.mounts(&folders, &mut change);
        }
        self.name_user(user, &mut settings);
        if settings == Security::default() {
            return None;
        }
        if own.seccomp.is_none() && pod.seccomp.is_none() {
            settings.seccomp = Some("RuntimeDefault".to_owned());
        }
        let container = self.found.index;
        change.containers.push(ContainerChange {
            container,
            mounts,
            security: settings,
            ..ContainerChange::default()
        });
        Some(change)
    }

    fn place(&self) -> Place {
        self.plan.cx.place(&self.used.at)
    }

    /// Says why something stays as it is: once for all containers that it holds for.
    fn leave(&mut self, reason: String) {
        if self.said.insert(reason.clone()) {
            let place = self.place();
            self.plan.note(reason, place);
        }
    }

    fn user(&self) -> User {
        let (own, pod) = (&self.found.container().security, &self.found.workload.security);
        let cx = self.plan.cx;
        match own.user.or(pod.user) {
            Some(0) => User::Root,
            Some(_) => User::Other,
            None => match cx.stage.config.runs_as_root() {
                Some(false) => User::Other,
                Some(true) if cx.stage.config.user.is_some() || base_is_known(cx) => User::Root,
                _ => User::Unknown,
            },
        }
    }

    /// Says who the process is by number, and that it is not root.
    fn name_user(&mut self, user: User, settings: &mut Security) {
        let (own, pod) = (&self.found.container().security, &self.found.workload.security);
        let said = own.non_root.or(pod.non_root);
        if user != User::Other || said.is_some() {
            return;
        }
        if own.user.or(pod.user).is_some() {
            settings.non_root = Some(true);
            return;
        }
        let Some(name) = self.plan.cx.stage.config.user.as_ref() else { return };
        let number = number_of(self.plan.cx, &name.value);
        let mut parts = number.iter().flat_map(|n| n.split(':')).map(|n| n.parse::<u32>().ok());
        let Some(Some(number)) = parts.next().filter(|n| *n != Some(0)) else {
            let reason = format!(
                "runAsNonRoot stays out: the kubelet refuses a user that is only a name, and no line says which number {} has",
                name.value
            );
            self.leave(reason);
            return;
        };
        settings.non_root = Some(true);
        settings.user = Some(number);
        // Else the kubelet takes the group that the image's accounts say, as it does now.
        let has_group = name.value.contains(':') && own.group.or(pod.group).is_none();
        settings.group = parts.next().flatten().filter(|_| has_group);
        if name.value.split(':').next() != Some(number.to_string().as_str()) {
            let text = format!("user {} of the image is {number}", name.value);
            self.assumed.insert(text, name.from.location().map(Place::Source));
        }
    }

    /// Whether nothing in the container has to get rights that it was not started with.
    fn gains_no_rights(&mut self, user: User) -> bool {
        let cx = self.plan.cx;
        let mut needs = cx.stage.needs.programs.iter();
        let tool = needs.find(|need| cx.catalog.role_of(need.name()) == Some(Role::PrivilegeTool));
        match tool {
            // Root gives rights up with them, which needs no more.
            Some(need) if user == User::Other => {
                let reason = format!("allowPrivilegeEscalation stays out: {} gets rights there", need.name());
                self.leave(reason);
                false
            }
            _ => {
                self.assume_no_gain();
                true
            }
        }
    }

    /// An image with tools may have programs that are worth more than who starts them.
    fn assume_no_gain(&mut self) {
        let stage = self.plan.cx.stage;
        let may_have_tools =
            stage.inventory.completeness() != Completeness::Exact || stage.surface().present() > 0;
        if may_have_tools {
            let text = "no program that runs in the container gets rights from its setuid bit or from capabilities of its own (`getcap -r /`)";
            self.assumed.insert(text.to_owned(), None);
        }
    }

    /// Whether the process can do without every capability.
    fn needs_no_capabilities(&mut self, user: User) -> bool {
        if user != User::Other {
            if user == User::Root {
                self.leave("capabilities stay: the process runs as root, and nothing shows which of them it uses (give the image a USER)".to_owned());
            }
            return false;
        }
        if let Some(at) = self.file_capabilities() {
            self.plan.note(
                "capabilities stay: a program of the image has some of its own (`setcap`), and does not start without",
                at,
            );
            return false;
        }
        self.assume_no_gain();
        true
    }

    /// Where the Dockerfile gives a program capabilities.
    fn file_capabilities(&self) -> Option<Location> {
        let model = self.plan.cx.model;
        let stages = model.behind(self.plan.cx.stage.id);
        let mut runs =
            stages.iter().flat_map(|id| &model.stage(*id).steps).filter_map(|step| match &step.kind {
                StepKind::Run(run) => Some((step, run)),
                _ => None,
            });
        let gives = |(step, run): (&crate::model::Step, &crate::model::RunStep)| {
            let mut commands = run.scripts.iter().flat_map(|script| script.commands());
            let is_it = commands.any(|c| c.base_name().is_some_and(|name| name == "setcap"));
            is_it.then(|| model.at(model.instruction(step).span))
        };
        runs.find_map(gives)
    }

    /// Whether the container has a port that only some may listen at.
    fn listens_low(&self) -> bool {
        let container = self.found.container();
        let exposed = self.plan.cx.stage.config.expose.iter();
        let exposed = exposed.filter_map(|port| port.value.split(['/', '-']).next()?.parse::<u16>().ok());
        container.ports.iter().map(|(_, port)| *port).chain(exposed).any(|port| port < 1024)
    }

    /// The folders that the application writes to, where all are known.
    fn writes(&mut self) -> Option<Vec<String>> {
        match writes::of(self.plan.cx, self.used, self.found) {
            Writes::Only(folders) => Some(folders),
            Writes::Unknown(why) => {
                let reason =
                    format!("readOnlyRootFilesystem stays out, since it is not known what is written: {why}");
                self.leave(reason);
                None
            }
        }
    }

    /// An `emptyDir` for each folder that nothing is mounted at yet.
    fn mounts(&mut self, folders: &[String], change: &mut PodChange) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for folder in folders {
            let base = super::start_move::label(folder.rsplit('/').next().unwrap_or("files"));
            let mut name = self.found.workload.free_volume(&base);
            let mut number = 1;
            while change.volumes.iter().any(|volume| volume.name == name) {
                number += 1;
                name = self.found.workload.free_volume(&format!("{base}-{number}"));
            }
            change.volumes.push(Volume { name: name.clone(), source: VolumeSource::EmptyDir });
            mounts.push(Mount { volume: name, path: folder.clone(), sub_path: None, read_only: false });
        }
        let names = folders.join(", ");
        let text = match folders {
            [] => "the application writes only to what is mounted: its sources do, and its libraries were not read".to_owned(),
            _ => format!(
                "the application writes only to {names} and to what is mounted: its sources do, and its libraries were not read; \
                 what it leaves there is gone with the pod, not with the container"
            ),
        };
        let place = self.place();
        self.assumed.insert(text, Some(place));
        mounts
    }
}
