//! Folders that the process is likely to write to.

use barehull_image::Unresolved;

use super::permissions::{Access, Identity};
use super::reach::Reached;
use super::subject::Subject;
use crate::finding::{Finding, Place};
use crate::rules::{self, RuleMeta};

/// One finding for each VOLUME that the user may not write to, and one for WORKDIR.
pub(super) fn check(subject: &Subject<'_>, _: &Reached) -> Vec<Finding> {
    let Some(identity) = subject.identity.as_ref().filter(|identity| !identity.is_root()) else {
        return Vec::new();
    };
    let mut folders: Vec<(&'static RuleMeta, String)> = Vec::new();
    for volume in &subject.config.volumes {
        folders.push((rules::UNWRITABLE_VOLUME, format!("/{}", volume.trim_matches('/'))));
    }
    let workdir = subject.workdir();
    if workdir != "/" && !subject.is_volume(workdir) {
        folders.push((rules::UNWRITABLE_WORKDIR, workdir.to_owned()));
    }
    folders.into_iter().filter_map(|(rule, path)| finding(subject, identity, rule, &path)).collect()
}

fn finding(
    subject: &Subject<'_>,
    identity: &Identity,
    rule: &'static RuleMeta,
    path: &str,
) -> Option<Finding> {
    let why = obstacle(subject, identity, path)?;
    let user = &subject.config.user;
    let message = if rule.id == rules::UNWRITABLE_VOLUME.id {
        format!(
            "the user {user} may not write to VOLUME {path}: {why}; make it in front of VOLUME, with that owner \
             (`RUN install -d -o {uid} {path}`, or COPY --chown)",
            uid = identity.uid
        )
    } else {
        format!(
            "the user {user} may not write to WORKDIR {path}: {why}; good unless the program writes there, in which \
             case give it a folder of its own (COPY --chown) or a volume"
        )
    };
    let finding = match subject.tree.resolve(path) {
        Ok(entry) => subject.at(rule, entry, message),
        Err(_) => Finding::new(rule, Place::Project, message),
    };
    Some(finding.subject(path).components(vec![path.to_owned()]))
}

/// Why the user may not make files in a folder.
fn obstacle(subject: &Subject<'_>, identity: &Identity, path: &str) -> Option<String> {
    let folder = match subject.tree.resolve(path) {
        Ok(folder) => folder,
        // An engine makes it when the container is made.
        Err(Unresolved::Missing(_)) => {
            return Some("it is not in the image, so that it is made for root".to_owned());
        }
        Err(_) => return None,
    };
    if let Some(above) = identity.barred_from(subject.tree, &folder.path) {
        return Some(format!("the user may not go into {}", above.path));
    }
    let is_closed =
        folder.is_dir() && !(identity.may(Access::Write, folder) && identity.may(Access::Execute, folder));
    is_closed.then(|| format!("it belongs to {}:{}, with mode {:04o}", folder.uid, folder.gid, folder.mode))
}
