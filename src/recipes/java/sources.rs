//! What the application's sources and settings show, and the folders that they say are written to.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use super::super::contents;
use super::super::ground::NONROOT;
use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use crate::evidence::{Evidence, Language};
use crate::model::{Source, StepKind, absolute};

/// What the application's sources show: those the stage was built from, or those beside a jar that was built
/// outside of the Dockerfile.
pub(super) fn evidence(plan: &mut Plan<'_, '_>) -> Evidence {
    let cx = plan.cx;
    let files = &mut *cx.files.borrow_mut();
    let Some(context) = files.context() else { return Evidence::default() };
    let Some((folder, at)) = built_outside(plan) else { return files.evidence(Language::Java) };
    let found =
        context.root().join(&folder).map(|f| files.evidence_below(Language::Java, &f)).unwrap_or_default();
    if found.imports.is_empty() {
        let text = "what the jar holds was not read: it starts no program that the new base has not";
        plan.assume(text, Some(at));
    }
    found
}

/// The project's folder behind a jar that COPY brings from the context.
fn built_outside(plan: &Plan<'_, '_>) -> Option<(String, Location)> {
    let model = plan.cx.model;
    let behind = model.behind(plan.cx.stage.id);
    for step in behind.into_iter().flat_map(|id| &model.stage(id).steps) {
        let StepKind::Transfer(transfer) = &step.kind else { continue };
        if transfer.from != Source::Context {
            continue;
        }
        let archive = |s: &&String| {
            let ends = [".jar", ".war", "/target", "/libs", "target/", "libs/"];
            ends.iter().any(|end| s.ends_with(end)) && !s.contains("wrapper")
        };
        let at = model.at(model.instruction(step).span);
        if let Some(source) = transfer.sources.iter().flatten().find(archive) {
            return Some((project_of(source), at));
        }
        if transfer.sources.contains(&None) && transfer.dest.as_ref().is_some_and(|d| d.ends_with(".jar")) {
            return Some((".".to_owned(), at));
        }
    }
    None
}

/// `service` of `service/target/app.jar`; the context's root where no folder of a build is named.
fn project_of(source: &str) -> String {
    let source = source.trim_start_matches("./").trim_start_matches('/');
    let parts: Vec<&str> = source.split('/').collect();
    let end = parts.iter().position(|p| matches!(*p, "target" | "build" | "out" | "libs")).unwrap_or(0);
    if end == 0 { ".".to_owned() } else { parts[..end].join("/") }
}

/// What the application writes where another user than root may not.
pub(super) struct Written {
    /// Whether it makes files in WORKDIR itself.
    pub(super) in_workdir: bool,
    /// Other folders, absolute.
    pub(super) folders: BTreeSet<String>,
}

/// The folders that the application writes to, volumes and `/tmp` aside; none where it is not root already, since
/// the stage then made them for its user.
pub(super) fn written(plan: &mut Plan<'_, '_>, evidence: &Evidence, workdir: &str) -> Written {
    const MAKE_FOLDERS: [&str; 4] =
        ["mkdir", "mkdirs", "java.nio.file.Files.createDirectories", "java.nio.file.Files.createDirectory"];
    let mut found = Written { in_workdir: false, folders: BTreeSet::new() };
    if plan.cx.stage.config.runs_as_root() == Some(false) {
        return found;
    }
    let volumes = contents::volumes(plan.cx);
    for write in &evidence.writes {
        let path = absolute(workdir, write.path.trim_end_matches('/'));
        let is_folder = write.path.ends_with('/') || MAKE_FOLDERS.contains(&write.how);
        let folder = match path.rsplit_once('/') {
            _ if is_folder => path.as_str(),
            Some(("", _)) | None => "/",
            Some((folder, _)) => folder,
        };
        if volumes.iter().any(|v| is_inside(folder, &v.source)) {
            continue;
        }
        if folder == "/" {
            let text = format!(
                "the application writes {path}, which 65532 may not: mount a volume or give it a WORKDIR"
            );
            plan.assume(text, Some(write.place));
        } else if folder == workdir {
            found.in_workdir = true;
        } else {
            found.folders.insert(folder.to_owned());
        }
    }
    found
}

fn is_inside(path: &str, folder: &str) -> bool {
    path == folder || path.starts_with(&format!("{}/", folder.trim_end_matches('/')))
}

/// Gives what is copied at `path`, or the folder around it, to the image's user; false if nothing is.
pub(super) fn own(target: &mut Target, path: &str) -> bool {
    let owner = owner(target);
    let copy = target.copies.iter_mut().find(|c| is_inside(path, &c.source));
    copy.map(|copy| copy.chown = Some(owner)).is_some()
}

fn owner(target: &Target) -> String {
    target.user.clone().unwrap_or_else(|| NONROOT.to_owned())
}

/// Gives the folders that the application writes to, to its user: those that are copied change their owner, others are
/// made.
pub(super) fn give(plan: &Plan<'_, '_>, target: &mut Target, folders: &BTreeSet<String>) {
    let mut made = Vec::new();
    for folder in folders {
        if !own(target, folder) {
            made.push(folder.as_str());
        }
    }
    let owner = owner(target);
    if !made.is_empty() {
        target.build_tail.insert(0, format!("{} mkdir -p {}", plan.keyword("RUN"), made.join(" ")));
        let copies = made.iter().map(|f| CopyLine { chown: Some(owner.clone()), ..CopyLine::of(f, f) });
        target.copies.extend(copies.collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::project_of;

    #[test]
    fn projects_of_jars() {
        let cases = [
            ("target/*.jar", "."),
            ("./service/target/app.jar", "service"),
            ("a/b/build/libs/x.jar", "a/b"),
            ("app.jar", "."),
        ];
        for (source, expected) in cases {
            assert_eq!(project_of(source), expected, "{source}");
        }
    }
}
