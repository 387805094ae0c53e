//! What a stage's instructions add to and take from its executables.

use std::collections::BTreeSet;
use std::sync::Arc;

use barehull_catalog::{Catalog, Component, Family, ImageFacts, ImageRef, Inventory, Origin, Os, Presence};
use barehull_syntax::Location;

use super::{Effect, EffectKind, Landing, Manager, Named, Sink, Source, Stage, Transfer};

/// Packages installed by instructions, so that what was pulled in can go with what pulled it in.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    records: Vec<Record>,
}

/// One package that a command named.
#[derive(Clone, Debug)]
struct Record {
    name: String,
    /// apk `--virtual` group.
    group: Option<String>,
    /// Packages that came with it, itself included.
    brought: BTreeSet<String>,
    /// Whether it stays when packages nobody asked for are removed.
    manual: bool,
}

/// The executables of a catalog image.
pub(super) fn of_image(facts: &ImageFacts, text: &str) -> Inventory {
    let mut inventory = Inventory::empty(facts.merged_usr);
    let image: Arc<str> = text.into();
    for known in &facts.components {
        let origin = Origin::BaseImage { image: Arc::clone(&image) };
        inventory.add(known.component.clone(), origin, known.package.clone());
    }
    inventory.limit(facts.completeness);
    inventory
}

/// What effects need to become events.
pub(super) struct InventoryCx<'a> {
    pub(super) inventory: &'a mut Inventory,
    pub(super) installed: &'a mut Installed,
    pub(super) os: Option<&'a Os>,
    pub(super) catalog: &'a Catalog,
}

impl InventoryCx<'_> {
    /// Applies the effects of one instruction, in order.
    pub(super) fn apply(&mut self, effects: &[Effect]) {
        for effect in effects {
            if effect.certain {
                self.certain(effect);
            } else if changes_executables(&effect.kind) {
                // It may or may not happen: nothing is claimed, and nothing is ruled out.
                self.inventory.weaken();
            }
        }
    }

    fn certain(&mut self, effect: &Effect) {
        match &effect.kind {
            EffectKind::Install { manager, packages, recommends, group, root: None } => {
                self.install(*manager, packages, *recommends, group.as_deref());
            }
            EffectKind::Uninstall { packages, autoremove, .. } => self.uninstall(packages, *autoremove),
            EffectKind::MarkAuto { packages } => self.mark(packages, false),
            EffectKind::MarkManual { packages } => self.mark(packages, true),
            EffectKind::LanguageInstall { packages, landing: Landing::Global, .. } => {
                for package in packages {
                    self.executable(&format!("/usr/local/bin/{}", package.name), package.at);
                }
            }
            EffectKind::Fetch { to: Sink::File(path), .. } | EffectKind::Write { path } => {
                self.executable(path, effect.at);
            }
            EffectKind::Link { path, .. } => self.executable(path, effect.at),
            EffectKind::Copy { from, to } => self.copy_or_move(from, to, effect.at),
            EffectKind::Move { from, to } => {
                self.copy_or_move(from, to, effect.at);
                self.inventory.remove_path(from.clone());
            }
            EffectKind::Remove { path, recursive } => {
                if path.contains(['*', '?', '[']) {
                    self.inventory.remove_glob(path.clone());
                } else if *recursive {
                    self.inventory.remove_tree(path.clone());
                } else {
                    self.inventory.remove_path(path.clone());
                }
                if path.ends_with("bin/busybox") {
                    // Its applets are links to it.
                    self.inventory.remove_package("busybox".to_owned());
                }
            }
            EffectKind::Spawn { program, args } if let Some(folder) = environment(program, args) => {
                let versioned = self.versioned_pip();
                for name in ["pip", "pip3"].into_iter().chain(versioned.as_deref()) {
                    self.executable(&format!("{folder}/bin/{name}"), effect.at);
                }
            }
            EffectKind::InstallFiles { .. } | EffectKind::Unknown { .. } => self.inventory.weaken(),
            EffectKind::Spawn { program, .. } if program.contains('/') => self.inventory.weaken(),
            _ => {}
        }
    }

    /// `pip3.13`, where the interpreter's own pip says which one an environment gets.
    fn versioned_pip(&self) -> Option<String> {
        let all = self.inventory.materialise().iter().filter(|entry| entry.presence == Presence::Present);
        let mut names: Vec<&str> = all
            .filter(|entry| {
                ["/usr/local/bin/pip3.", "/usr/bin/pip3."].iter().any(|p| entry.component.path.starts_with(p))
            })
            .map(|entry| entry.component.name())
            .collect();
        names.dedup();
        <[&str; 1]>::try_from(names).ok().map(|[name]| name.to_owned())
    }

    fn install(&mut self, manager: Manager, packages: &[Named], recommends: bool, group: Option<&str>) {
        let os = self.os.cloned().unwrap_or_else(|| system_of(manager));
        if self.os.is_none() {
            self.inventory.weaken();
        }
        let set = self.catalog.packages(&os);
        for package in packages {
            let brought = set.brings([&package.name], recommends);
            if !brought.unknown.is_empty() {
                self.inventory.weaken();
            }
            self.inventory.limit(brought.completeness);
            let mut names = BTreeSet::from([package.name.clone()]);
            for component in brought.components {
                names.insert(component.package.clone());
                let origin = Origin::Instruction(package.at);
                self.inventory.add(
                    Component::new(component.path, component.role),
                    origin,
                    Some(component.package),
                );
            }
            self.installed.records.push(Record {
                name: package.name.clone(),
                group: group.map(str::to_owned),
                brought: names,
                manual: true,
            });
        }
    }

    /// Removes packages by name or group; with `autoremove` also what only they, or nobody, asked for.
    fn uninstall(&mut self, packages: &[Named], autoremove: bool) {
        let named = |record: &Record| {
            packages.iter().any(|p| p.name == record.name || record.group.as_deref() == Some(&p.name))
        };
        for package in packages {
            self.inventory.remove_package(package.name.clone());
        }
        if !autoremove {
            // What they pulled in stays until somebody asks for that as well (`apt-get autoremove`).
            for record in self.installed.records.iter_mut().filter(|record| named(record)) {
                record.manual = false;
                self.inventory.remove_package(record.name.clone());
            }
            return;
        }
        let records = std::mem::take(&mut self.installed.records);
        let (gone, kept): (Vec<_>, Vec<_>) = records.into_iter().partition(|r| named(r) || !r.manual);
        let still: BTreeSet<&String> = kept.iter().flat_map(|r| &r.brought).collect();
        for record in &gone {
            let pulled =
                record.brought.iter().filter(|p| named(record) && **p == record.name || !still.contains(p));
            for package in pulled {
                self.inventory.remove_package(package.clone());
            }
        }
        self.installed.records = kept;
    }

    fn mark(&mut self, packages: &[Named], manual: bool) {
        for record in &mut self.installed.records {
            let named = packages.iter().any(|p| p.name == record.name);
            // `apt-mark auto '.*'` marks all; `apt-mark manual $saved` restores what was there before.
            if named || (packages.is_empty() && !manual) {
                record.manual = manual;
            }
        }
    }

    /// Adds the file at `path` if an executable of that name has a role and it lies where PATH looks.
    fn executable(&mut self, path: &str, at: Location) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let folder = path.strip_suffix(name).unwrap_or_default().trim_end_matches('/');
        let on_path = folder.ends_with("bin");
        if let (Some(role), true) = (self.catalog.role_of(name), on_path) {
            self.inventory.add(Component::new(path.to_owned(), role), Origin::Instruction(at), None);
        }
    }

    fn copy_or_move(&mut self, from: &str, to: &str, at: Location) {
        let name = from.rsplit('/').next().unwrap_or_default();
        let to = if to.ends_with('/') { format!("{to}{name}") } else { to.to_owned() };
        self.executable(&to, at);
    }

    /// COPY or ADD: executables of another stage or image, or a file whose name says what it is.
    pub(super) fn transfer(&mut self, transfer: &Transfer, at: Location, stages: &[Stage]) {
        let Some(dest) = &transfer.dest else { return };
        let image_inventory;
        let (label, entries) = match &transfer.from {
            Source::Stage(id) => {
                let stage = &stages[id.index()];
                self.inventory.limit(stage.inventory.completeness());
                let label = stage.label();
                (label, stage.inventory.materialise())
            }
            Source::Image(image) => {
                let facts = image.parse::<ImageRef>().ok().and_then(|i| self.catalog.image(&i));
                let Some(facts) = facts else { return self.copied_file(transfer, dest, at) };
                image_inventory = of_image(&facts, image);
                (image.clone(), image_inventory.materialise())
            }
            Source::Later(_) | Source::Unknown => return self.inventory.weaken(),
            Source::Context | Source::Remote | Source::Heredoc => {
                return self.copied_file(transfer, dest, at);
            }
        };
        for source in transfer.sources.iter().flatten() {
            if source.contains(['*', '?']) {
                self.inventory.weaken();
                continue;
            }
            let source = super::resolve::absolute("/", source);
            for entry in entries.iter().filter(|e| e.presence == Presence::Present) {
                let Some(path) = landed(&entry.component.path, &source, dest) else { continue };
                let name = path.rsplit('/').next().unwrap_or_default();
                let role = self.catalog.role_of(name).unwrap_or(entry.component.role);
                let origin =
                    Origin::Copied { stage: label.clone(), origin: Box::new(entry.origin.clone()), at };
                self.inventory.add(Component::new(path, role), origin, None);
            }
        }
    }

    fn copied_file(&mut self, transfer: &Transfer, dest: &str, at: Location) {
        for source in transfer.sources.iter().flatten() {
            let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let path = if dest.ends_with('/') { format!("{dest}{name}") } else { dest.to_owned() };
            self.executable(&path, at);
        }
    }
}

/// Where the file `path` lands when `source` is copied to `dest`; nothing if it is not part of the copy.
fn landed(path: &str, source: &str, dest: &str) -> Option<String> {
    let folder = source.trim_end_matches('/');
    if path == folder {
        let name = path.rsplit('/').next().unwrap_or_default();
        return Some(if dest.ends_with('/') { format!("{dest}{name}") } else { dest.to_owned() });
    }
    let below = path.strip_prefix(folder)?.strip_prefix('/')?;
    Some(format!("{}/{below}", dest.trim_end_matches('/')))
}

/// The folder of the Python environment that a program makes (`python -m venv /venv`), pip included.
fn environment<'a>(program: &str, args: &'a [Option<String>]) -> Option<&'a str> {
    let words: Vec<&str> = args.iter().map(Option::as_deref).collect::<Option<_>>()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (("python", ["-m", "venv" | "virtualenv", options @ ..]) | ("virtualenv", options)) =
        (name, words.as_slice())
    else {
        return None;
    };
    let folder = options.last().filter(|folder| folder.starts_with('/'))?;
    let without = options.iter().any(|option| matches!(*option, "--without-pip" | "--no-pip"));
    (!without).then(|| folder.trim_end_matches('/'))
}

/// The family that a package manager belongs to, where nothing is known of the base.
fn system_of(manager: Manager) -> Os {
    let family = match manager {
        Manager::Apt | Manager::Dpkg => Family::Debian,
        Manager::Apk => Family::Alpine,
        Manager::Dnf | Manager::Rpm => Family::Rhel,
        Manager::Zypper => Family::Suse,
        Manager::Pacman => Family::Arch,
    };
    Os { family, release: None, codename: None }
}

/// Whether an effect that may not happen could bring or take executables.
fn changes_executables(kind: &EffectKind) -> bool {
    matches!(
        kind,
        EffectKind::Install { .. }
            | EffectKind::InstallFiles { .. }
            | EffectKind::Uninstall { .. }
            | EffectKind::LanguageInstall { landing: Landing::Global, .. }
            | EffectKind::Fetch { to: Sink::File(_) | Sink::Folder(_) | Sink::Unknown, .. }
            | EffectKind::Link { .. }
            | EffectKind::Unknown { .. }
    )
}
