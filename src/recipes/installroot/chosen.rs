//! Which packages a program needs, from what the catalog knows of the packages that a stage installs.

use std::collections::BTreeSet;

use barehull_catalog::Standalone;

use crate::model::{Effect, EffectKind, Manager, Named, Sink};
use crate::recipes::contents;
use crate::recipes::plan::Plan;
use crate::recipes::runtime_steps::{self, Packages};
use crate::recipes::strip::start::{Start, last};

/// What goes into the new root.
pub(super) struct Chosen {
    /// The programs that are started.
    pub programs: Vec<String>,
    /// Packages with their files.
    pub packages: Vec<String>,
    /// Files and folders of no package.
    pub paths: Vec<String>,
}

impl Chosen {
    /// What the programs of `start` need; nothing where that is not known of all of them, or where the stage does more
    /// than to install and configure packages.
    pub(super) fn of(plan: &mut Plan<'_, '_>, start: &Start) -> Option<Self> {
        let cx = plan.cx;
        let os = cx.stage.os.as_ref()?;
        let lineage = cx.model.lineage(cx.stage.id);
        let named: Vec<Named> = lineage.into_iter().flat_map(runtime_steps::installed).cloned().collect();
        if !plan.effects().all(is_plain) {
            return None;
        }
        let known: Vec<&Standalone> = cx.catalog.standalone(os).collect();
        let installed = |entry: &&&Standalone| named.iter().any(|p| p.name == entry.package);
        let mut entries: Vec<&Standalone> = Vec::new();
        for name in start.uses.keys() {
            let entry = known.iter().filter(installed).find(|e| e.programs.iter().any(|p| p == name))?;
            entries.push(entry);
        }
        entries.extend(known.iter().filter(installed).filter(|entry| entry.programs.is_empty()));
        let packages: BTreeSet<String> = entries
            .iter()
            .flat_map(|e| std::iter::once(&e.package).chain(e.with.iter()))
            .map(ToString::to_string)
            .collect();
        // A tool that comes with one of them, and that nothing uses, would come along.
        let brought = cx.catalog.packages(os).brings(&packages, false);
        if brought
            .components
            .iter()
            .any(|c| packages.contains(&*c.package) && !start.uses.contains_key(last(&c.path)))
        {
            return None;
        }
        for package in named.iter().filter(|p| !packages.contains(&p.name)) {
            if !is_left(plan, package) {
                return None;
            }
        }
        note_recommended(plan, &packages);
        let own = contents::files(plan, Packages::Judged);
        let mut paths: BTreeSet<String> =
            entries.iter().flat_map(|e| e.made.iter()).map(ToString::to_string).collect();
        paths.extend(own.into_iter().map(|copy| copy.source));
        // Folders of the system hold more than what is meant, and a source of packages another package than is known.
        let unclear = |path: &String| {
            path.contains(char::is_whitespace)
                || path.contains(['$', '*', '?', '\'', '"', ';'])
                || path.starts_with("/etc/apt")
                || path.matches('/').count() < 2 && contents::is_of_system(path)
        };
        let programs = start.uses.keys().cloned().collect();
        (!plan.is_blocked() && !paths.iter().any(unclear)).then(|| Self {
            programs,
            packages: packages.into_iter().collect(),
            paths: paths.into_iter().collect(),
        })
    }
}

/// Whether an effect only installs or configures: whatever else a RUN makes is not known by name.
fn is_plain(effect: &Effect) -> bool {
    match &effect.kind {
        EffectKind::Install { manager, root, .. } => *manager == Manager::Apt && root.is_none(),
        EffectKind::RefreshLists(_)
        | EffectKind::CleanCache(_)
        | EffectKind::Upgrade(_)
        | EffectKind::MarkAuto { .. }
        | EffectKind::MarkManual { .. }
        | EffectKind::MakeFolder { .. }
        | EffectKind::Write { .. }
        | EffectKind::Link { .. }
        | EffectKind::Copy { .. }
        | EffectKind::Chmod { .. }
        | EffectKind::Chown { .. }
        | EffectKind::Remove { .. }
        | EffectKind::Nothing => true,
        EffectKind::Fetch { to: Sink::File(_), url: Some(_), .. } => true,
        _ => false,
    }
}

/// Whether a package can stay behind: nothing uses the tools that it is known to bring.
fn is_left(plan: &mut Plan<'_, '_>, package: &Named) -> bool {
    let Some(os) = &plan.cx.stage.os else { return false };
    let brought = plan.cx.catalog.packages(os).brings([&package.name], false);
    let brings_tools = brought.components.iter().any(|c| c.package == package.name);
    if brings_tools {
        plan.assume(
            format!("nothing starts what {} brought in the running container", package.name),
            Some(package.at),
        );
    }
    brings_tools
}

/// Says that what apt recommends beside a package stays behind.
fn note_recommended(plan: &mut Plan<'_, '_>, chosen: &BTreeSet<String>) {
    let recommends = plan.effects().find_map(|effect| match &effect.kind {
        EffectKind::Install { packages, recommends: true, .. } => {
            packages.iter().find(|p| chosen.contains(&p.name)).map(|p| (p.name.clone(), p.at))
        }
        _ => None,
    });
    if let Some((name, at)) = recommends {
        plan.assume(format!("{name} works without the packages that apt recommends beside it"), Some(at));
    }
}
