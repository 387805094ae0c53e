//! Folders and owners: what a start script prepares becomes a part of the image, or the pod's `fsGroup`.

use super::task::effects_of;
use crate::model::start::{Class, Unit, UnitKind};
use crate::model::{Effect, EffectKind};
use crate::project::FileKind;
use crate::project::outside::OutsideUse;
use crate::recipes::accounts::number_of;
use crate::recipes::ground::NONROOT;
use crate::recipes::plan::Plan;

/// What becomes of the permissions that a script sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Prepared {
    /// Instructions for the Dockerfile.
    pub lines: Vec<String>,
    /// The group that is to own the files of mounted volumes.
    pub group: Option<u32>,
    /// Paths in volumes and the numbers of their owners.
    pub owners: Vec<(String, String)>,
}

/// Settles the statements of `units` that set permissions; folders below `made` are there already.
pub(super) fn prepare(
    plan: &mut Plan<'_, '_>,
    units: &[Unit],
    uses: &[&OutsideUse],
    made: &[String],
) -> Prepared {
    let mut prepared = Prepared::default();
    let is_preparation =
        |u: &&Unit| matches!(u.kind, UnitKind::Work(Class::Permissions) | UnitKind::Switch { .. });
    for unit in units.iter().filter(is_preparation) {
        if let Err(reason) = settle(plan, unit, uses, made, &mut prepared) {
            plan.block(
                format!("the start script prepares folders and owners here, which stays: {reason}"),
                unit.at,
            );
        }
    }
    prepared
}

fn settle(
    plan: &mut Plan<'_, '_>,
    unit: &Unit,
    uses: &[&OutsideUse],
    made: &[String],
    prepared: &mut Prepared,
) -> Result<(), String> {
    let effects = effects_of(plan, unit);
    let within = |path: &str, folder: &str| {
        path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')))
    };
    let is_mounted = |path: &str| {
        uses.iter().any(|u| u.mounts.iter().any(|m| within(path, &m.target) || within(&m.target, path)))
    };
    let steps = plan.cx.stage.needs.start_script.iter().flat_map(|s| &s.steps);
    let mut own = steps.filter(|s| {
        s.class == Class::Permissions
            && s.at.file == unit.at.file
            && unit.at.span.start <= s.at.span.start
            && s.at.span.end <= unit.at.span.end
    });
    if own.any(|step| !effects.iter().any(|e| e.at == step.at)) {
        return Err("which files it prepares is not known before it starts".to_owned());
    }
    let goes_on_as_root = goes_on_as_root(plan);
    let declared = plan.cx.stage.config.volumes.iter();
    let volumes: Vec<String> = declared.map(|v| v.value.trim_end_matches('/').to_owned()).collect();
    let (mut build, mut owners) = (false, Vec::new());
    for effect in &effects {
        let of_switch = matches!(unit.kind, UnitKind::Switch { .. });
        let is_permission = matches!(
            effect.kind,
            EffectKind::MakeFolder { .. }
                | EffectKind::Chmod { .. }
                | EffectKind::Chown { .. }
                | EffectKind::Remove { .. }
        );
        // Of a user switch, the test and the new start.
        if of_switch && !is_permission {
            continue;
        }
        match &effect.kind {
            EffectKind::MakeFolder { path }
            | EffectKind::Chmod { path, .. }
            | EffectKind::Chown { path, .. }
                if path.contains(['$', '*', '?']) =>
            {
                return Err(format!("{path} depends on a variable or on what is there"));
            }
            EffectKind::MakeFolder { path } if made.iter().any(|m| within(m, path) || within(path, m)) => {}
            EffectKind::MakeFolder { path } if is_mounted(path) => {
                if !uses.iter().all(|u| u.mounts.iter().any(|m| within(&m.target, path))) {
                    return Err(format!("it makes {path} in a volume"));
                }
            }
            EffectKind::MakeFolder { path } if volumes.iter().any(|v| within(path, v) && path != v) => {
                plan.assume(
                    format!("what is mounted over {path} from elsewhere holds that folder already, or the application makes it"),
                    Some(unit.at),
                );
                build = true;
            }
            EffectKind::Chown { path, owner, .. } if is_mounted(path) => {
                owners.push((path.clone(), owner.clone()));
            }
            EffectKind::Chmod { path, .. } if is_mounted(path) => {
                return Err(format!("it changes the mode of {path} in a volume"));
            }
            EffectKind::Remove { path, .. }
                if path.ends_with(".pid")
                    || ["/tmp/", "/run/", "/var/run/"].iter().any(|p| path.starts_with(p)) =>
            {
                let text = if uses.iter().any(|u| u.kind == FileKind::Compose) {
                    format!(
                        "the application starts where {path} is left over from the run before: a container of compose that is started again keeps its files"
                    )
                } else {
                    format!(
                        "{path} is not there when a container starts: Kubernetes starts each from a fresh file system"
                    )
                };
                plan.assume(text, Some(unit.at));
            }
            EffectKind::MakeFolder { .. } | EffectKind::Chmod { .. } | EffectKind::Chown { .. } => {
                build = true;
            }
            EffectKind::Nothing => {}
            EffectKind::Spawn { program, .. } if program == "touch" => build = true,
            _ => return Err("it does more than that".to_owned()),
        }
    }
    for (path, owner) in owners {
        let number = if goes_on_as_root {
            // Root may write there whoever owns it; the user that a smaller image has instead may not.
            NONROOT.to_owned()
        } else {
            number_of(plan.cx, &owner).ok_or_else(|| {
                format!("{owner} has no number that is known: give the user one (`useradd -u 10001`)")
            })?
        };
        let group = number
            .split(':')
            .nth(1)
            .unwrap_or(&number)
            .parse()
            .map_err(|_| format!("{number} is no group"))?;
        if prepared.group.is_some_and(|known| known != group) {
            return Err("volumes get different groups".to_owned());
        }
        prepared.group = Some(group);
        let owned = (path.clone(), number.clone());
        if !prepared.owners.contains(&owned) {
            prepared.owners.push(owned);
        }
        if !super::is_only_compose(uses) {
            plan.assume(
                format!("the volume at {path} may belong to group {group}, which fsGroup gives it, in the place of user {owner}: its driver supports that, and the group may write"),
                Some(unit.at),
            );
        }
    }
    if build {
        let is_plain = unit.plain || matches!(unit.kind, UnitKind::Switch { .. });
        let only_folders =
            effects.iter().all(|e| matches!(e.kind, EffectKind::MakeFolder { .. } | EffectKind::Nothing));
        if !(is_plain || only_folders) || !unit.reads.is_empty() {
            return Err("it depends on what is there at the start".to_owned());
        }
        let text = if is_plain { unit.text.clone() } else { folders(&effects) };
        prepared.lines.push(format!("{} {text}", plan.keyword("RUN")));
    }
    Ok(())
}

/// Whether root starts the application, too, and not only what the script does before.
fn goes_on_as_root(plan: &Plan<'_, '_>) -> bool {
    let stage = plan.cx.stage;
    let switches = stage.needs.start_script.as_ref().is_some_and(|script| {
        script.units.iter().any(|u| matches!(u.kind, UnitKind::Switch { .. }))
            || script.rest.as_ref().is_some_and(|rest| rest.handover.user.is_some())
    });
    !switches && stage.config.runs_as_root() != Some(false)
}

fn folders(effects: &[&Effect]) -> String {
    let paths: Vec<&str> = effects
        .iter()
        .filter_map(|e| match &e.kind {
            EffectKind::MakeFolder { path } => Some(path.as_str()),
            _ => None,
        })
        .collect();
    format!("mkdir -p {}", paths.join(" "))
}
