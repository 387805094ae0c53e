//! Containers that people work in: the sources come by a mount alone, and the image brings the tools to work on them.

use barehull_catalog::{Origin, Presence, Role};

use super::programs::FOR_PEOPLE;
use crate::finding::Place;
use crate::model::{Source, StepKind};
use crate::project::FileKind;
use crate::project::outside::{Matched, Mount, OutsideUse};
use crate::recipes::RecipeCx;

/// Names that are told.
const SHOWN: usize = 4;

/// Why the stage is one, and where that is said. `goes`: whether a tool would go; one that is used anyway says nothing.
pub(in crate::recipes) fn find(cx: &RecipeCx<'_>, goes: &dyn Fn(&str) -> bool) -> Option<(String, Place)> {
    let workdir = cx.stage.config.workdir();
    let is_service = |u: &&OutsideUse| {
        u.kind == FileKind::Compose && u.matched != Matched::Unmatched && cx.model.is_used_by(cx.stage.id, u)
    };
    let mut uses = cx.uses.iter().filter(is_service);
    let (used, mount) = uses.find_map(|used| {
        let of_sources = |mount: &&Mount| {
            let target = mount.target.trim_end_matches('/');
            let folder = mount.source.as_ref().is_some_and(|source| cx.project.is_folder(source));
            folder && (is_within(workdir, target) || is_within(target, workdir))
        };
        Some((used, used.mounts.iter().find(of_sources)?))
    })?;
    let target = mount.target.trim_end_matches('/');
    if brings_sources(cx, target) {
        return None;
    }
    let mut tools = tools(cx);
    tools.retain(|name| goes(name));
    if tools.is_empty() {
        return None;
    }
    tools.truncate(SHOWN);
    let name = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
    let reason = format!(
        "its sources come by a mount alone, and it brings {}: {name} in {} is a container that people work in",
        tools.join(", "),
        used.at.path
    );
    Some((reason, cx.place(&used.at)))
}

/// Whether COPY or ADD bring something to where sources are mounted, or to where the application lies, or all there is.
fn brings_sources(cx: &RecipeCx<'_>, target: &str) -> bool {
    let workdir = cx.stage.config.workdir();
    let is_of_sources = |dest: &str| {
        is_within(dest, target)
            || (dest != "/" && is_within(target, dest))
            || (workdir != "/" && is_within(dest, workdir))
    };
    let steps = cx.model.lineage(cx.stage.id).into_iter().flat_map(|stage| &stage.steps);
    steps.into_iter().any(|step| {
        let StepKind::Transfer(transfer) = &step.kind else { return false };
        let dest = transfer.dest.as_deref();
        // The whole context is the application, wherever it lands.
        let is_all = transfer.from == Source::Context
            && transfer.sources.iter().flatten().any(|source| matches!(source.as_str(), "." | "./" | "/"));
        is_all || (transfer.from != Source::Heredoc && dest.is_none_or(is_of_sources))
    })
}

/// What instructions bring of package managers of languages, version control and editors.
fn tools(cx: &RecipeCx<'_>) -> Vec<String> {
    let entries = cx.stage.inventory.materialise();
    let own = entries
        .iter()
        .filter(|e| e.presence == Presence::Present && !matches!(e.origin, Origin::BaseImage { .. }));
    let works = own.filter(|e| {
        let name = e.component.name();
        // Perl comes with git and others.
        let manages = e.component.role == Role::LanguagePackageManager && name != "cpan";
        manages || name == "git" || FOR_PEOPLE.contains(&name)
    });
    let mut names: Vec<String> = works.map(|e| e.component.name().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether `path` is `folder` or below it.
fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.trim_end_matches('/')
        .strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
