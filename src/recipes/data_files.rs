//! Files of the build context that a compiled program reads beside its binary.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::evidence::Evidence;
use crate::model::absolute;

/// Folders that hold, by their names, what a program reads at run time.
const USUAL: [&str; 33] = [
    "assets",
    "conf",
    "config",
    "configs",
    "data",
    "fonts",
    "html",
    "i18n",
    "images",
    "img",
    "lang",
    "locale",
    "locales",
    "migrations",
    "models",
    "plugins",
    "public",
    "res",
    "resource",
    "resources",
    "rules",
    "schema",
    "schemas",
    "sql",
    "static",
    "template",
    "templates",
    "themes",
    "translations",
    "views",
    "web",
    "webroot",
    "www",
];

/// Copies what the sources name of the context's files; says which of the others are taken to be needless.
/// `sources` are endings of files that only the compiler reads; with `usual`, what its name says is read at run time
/// goes along even if the sources do not name it.
pub fn beside(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    evidence: &Evidence,
    sources: &[&str],
    usual: bool,
) {
    let cx = plan.cx;
    let (listed, _) = cx.files.borrow_mut().context_files(cx.stage.id);
    let workdir = cx.stage.config.workdir().to_owned();
    let copied: Vec<String> = target.copies.iter().map(|c| c.source.clone()).collect();
    let is_copied = |to: &str| copied.iter().any(|c| to == c || to.starts_with(&format!("{c}/")));
    let data: BTreeMap<String, _> =
        listed.into_iter().filter(|(to, _)| is_data(to, sources) && !is_copied(to)).collect();
    if cx.files.borrow().context().is_none() {
        let text =
            format!("the program reads no other file of {workdir} at run time (templates, static files)");
        plan.assume(text, None);
    }
    if data.is_empty() {
        return;
    }
    let top = |path: &str| -> String {
        let below = path.strip_prefix(workdir.trim_end_matches('/')).and_then(|r| r.strip_prefix('/'));
        match below.and_then(|b| b.split_once('/')) {
            Some((first, _)) => format!("{}/{first}", workdir.trim_end_matches('/')),
            None => path.to_owned(),
        }
    };
    let read: BTreeSet<String> =
        evidence.reads.iter().map(|r| top(&absolute(&workdir, r.path.trim_end_matches('*')))).collect();
    let named: BTreeSet<String> = data.keys().filter(|p| usual && is_usual(p)).map(|p| top(p)).collect();
    let entries: BTreeSet<String> = data.keys().map(|p| top(p)).collect();
    let (used, unused): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| {
        !evidence.complete
            || named.contains(e)
            || read.iter().any(|r| r == e || r.starts_with(&format!("{e}/")))
    });
    for path in &used {
        target.copies.push(CopyLine::of(path, path));
    }
    if !unused.is_empty() {
        let names: Vec<_> = unused.iter().map(|u| u.rsplit('/').next().unwrap_or(u)).take(6).collect();
        let text = format!(
            "the program reads none of {} at run time (nothing in its sources opens them)",
            names.join(", ")
        );
        plan.assume(text, None);
    }
}

/// Whether a file is read at run time by what its name, or that of a folder around it, says.
fn is_usual(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    folder.split('/').any(|part| USUAL.contains(&part))
        || matches!(stem, "config" | "settings" | "Rocket" | "log4rs")
        || [".conf", ".cfg", ".ini"].iter().any(|end| name.ends_with(end))
}

/// Whether a file may be read at run time: not a source, module or project file.
fn is_data(path: &str, sources: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let source = sources.iter().chain(&[".md", ".sh", ".proto"]).any(|e| lower.ends_with(e));
    let project = lower.starts_with("dockerfile")
        || lower.starts_with("license")
        || lower.starts_with("makefile")
        || lower.starts_with("docker-compose")
        || lower.starts_with("compose.")
        || name.starts_with('.')
        || path.split('/').any(|part| {
            matches!(part, ".git" | ".github" | "vendor" | "testdata" | "docs" | "test" | "tests")
        });
    !source && !project
}
