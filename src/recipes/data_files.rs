//! Files of the build context that a compiled program reads beside its binary.

use std::collections::{BTreeMap, BTreeSet};

use super::contents;
use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::evidence::Evidence;
use crate::model::absolute;
use crate::project::outside::Matched;
use crate::project::{Kind, ProjectPath};

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
    let configured: BTreeSet<String> = configured(plan).iter().map(|p| absolute(&workdir, p)).collect();
    let in_text = |e: &String| {
        let name = e.rsplit('/').next().unwrap_or(e);
        configured.iter().any(|p| top(p) == *e) || evidence.named.contains(name)
    };
    let written: BTreeSet<String> = written(plan, evidence, &configured)
        .iter()
        .map(|p| top(p))
        .filter(|folder| !is_copied(folder))
        .collect();
    let (used, unused): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| {
        !evidence.complete
            || named.contains(e)
            || written.contains(e)
            || in_text(e)
            || read.iter().any(|r| r == e || r.starts_with(&format!("{e}/")))
    });
    // What the sources write to, they may write to wherever the configuration says.
    let own = |e: &String| {
        written.contains(e)
            || (evidence.writes_elsewhere.is_some() && configured.iter().any(|p| top(p) == *e))
    };
    for path in &used {
        let chown = own(path).then(|| contents::owner(cx));
        target.copies.push(CopyLine { chown, ..CopyLine::of(path, path) });
    }
    make_written(plan, target, written.iter().filter(|folder| !used.contains(folder)).collect());
    if !unused.is_empty() {
        let names: Vec<_> = unused.iter().map(|u| u.rsplit('/').next().unwrap_or(u)).take(6).collect();
        let text = format!(
            "the program reads none of {} at run time (nothing in its sources opens them)",
            names.join(", ")
        );
        plan.assume(text, None);
    }
}

/// Folders of the application that it writes to and the context does not bring: the build stage makes them.
fn make_written(plan: &Plan<'_, '_>, target: &mut Target, folders: Vec<&String>) {
    if folders.is_empty() {
        return;
    }
    let names: Vec<&str> = folders.iter().map(|f| f.as_str()).collect();
    target.build_tail.push(format!("{} mkdir -p {}", plan.keyword("RUN"), names.join(" ")));
    for folder in folders {
        let chown = Some(contents::owner(plan.cx));
        target.copies.push(CopyLine { chown, ..CopyLine::of(folder, folder) });
    }
}

/// The folders below the application's that the sources write to, or that the configuration names where they write to
/// what they are told; says what they are. What is written beside the program itself only its own user may.
fn written(plan: &mut Plan<'_, '_>, evidence: &Evidence, configured: &BTreeSet<String>) -> BTreeSet<String> {
    let cx = plan.cx;
    let workdir = cx.stage.config.workdir().trim_end_matches('/').to_owned();
    let below =
        |path: &str| path.strip_prefix(&workdir).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned);
    let in_volume = |path: &str| {
        let mut volumes = cx.stage.config.volumes.iter().map(|v| v.value.trim_end_matches('/'));
        volumes.any(|v| path == v || path.starts_with(&format!("{v}/")))
    };
    let mut found = BTreeSet::new();
    for write in &evidence.writes {
        let makes_folder =
            ["mkdir", "create_dir"].iter().any(|name| write.how.to_ascii_lowercase().contains(name));
        let is_folder = makes_folder || write.path.ends_with(['/', '*']);
        let path = absolute(&workdir, write.path.trim_end_matches('*')).trim_end_matches('/').to_owned();
        let Some(rest) = below(&path).filter(|rest| !rest.is_empty() && !in_volume(&path)) else { continue };
        if write.path.starts_with('/') && workdir.is_empty() {
            continue;
        }
        if (rest.contains('/') || is_folder) && is_plain(&path) {
            plan.assume(
                format!("of the application's own files, it writes to {path} ({})", write.how),
                Some(write.place),
            );
            found.insert(path);
        } else if cx.stage.config.runs_as_root() != Some(false) {
            plan.block(
                format!("the application writes {} beside its program, where the new user may not: give what it writes a folder of its own", write.path),
                write.place,
            );
        }
    }
    if let Some(at) = evidence.writes_elsewhere {
        let folders =
            configured.iter().filter(|p| below(p).is_some_and(|rest| rest.contains('/')) && !in_volume(p));
        let folders: Vec<&String> = folders.collect();
        if !folders.is_empty() {
            let names: Vec<&str> = folders.iter().map(|p| p.as_str()).collect();
            let text = format!(
                "of the application's own files, it writes to no others than the configuration names: {}",
                names.join(", ")
            );
            plan.assume(text, Some(at));
        }
        found.extend(folders.into_iter().cloned());
    }
    found
}

/// Blocks where root writes below the application's folder today, which stays as it is: the new user may not.
pub fn block_writes_below(plan: &mut Plan<'_, '_>, evidence: &Evidence) {
    let config = &plan.cx.stage.config;
    let workdir = config.workdir().trim_end_matches('/').to_owned();
    if config.runs_as_root() == Some(false) || workdir.is_empty() {
        return;
    }
    let mut mounted: Vec<String> =
        config.volumes.iter().map(|v| v.value.trim_end_matches('/').to_owned()).collect();
    let uses = plan.cx.uses.iter().filter(|u| u.matched != Matched::Unmatched);
    mounted.extend(uses.flat_map(|u| &u.mounts).map(|m| m.target.trim_end_matches('/').to_owned()));
    let within = |path: &str, folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let written = evidence.writes.iter().find(|w| {
        let path = absolute(&workdir, w.path.trim_end_matches(['*', '/']));
        within(&path, &workdir) && !mounted.iter().any(|m| within(&path, m))
    });
    if let Some(write) = written {
        plan.block(
            format!("the application writes below {workdir} ({}), where the new user may not: declare a VOLUME there, or give what it writes a folder that USER owns", write.path),
            write.place,
        );
    }
}

/// Relative paths (`./public/index.html`) in samples of environment variables, and in those that the image and its
/// uses set.
fn configured(plan: &Plan<'_, '_>) -> BTreeSet<String> {
    const MAX_BYTES: u64 = 64 << 10;
    let cx = plan.cx;
    let mut texts: Vec<String> = cx.stage.config.env.iter().filter_map(|v| v.value.clone()).collect();
    let uses = cx.uses.iter().filter(|u| u.matched != Matched::Unmatched);
    texts.extend(uses.flat_map(|u| &u.environment).filter_map(|(_, value)| value.clone()));
    if let Some(context) = cx.files.borrow().context()
        && let Ok((entries, _)) = context.list(context.root())
    {
        let is_sample = |path: &ProjectPath| {
            let mut words = path.file_name().split(['.', '-', '_']);
            words.any(|word| word == "env")
        };
        let samples = entries.iter().filter(|(path, kind)| *kind == Kind::File && is_sample(path));
        let bytes = samples.filter_map(|(path, _)| context.read_up_to(path, MAX_BYTES).ok());
        texts.extend(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    }
    let words = texts
        .iter()
        .flat_map(|text| text.split(|c: char| c.is_whitespace() || "\"'=,;".contains(c)).map(str::to_owned));
    words
        .filter_map(|word| word.strip_prefix("./").map(str::to_owned))
        .filter(|path| !path.is_empty() && path.split('/').all(|step| step != ".." && !step.is_empty()))
        .filter(|path| is_plain(path))
        .collect()
}

/// Whether a path can stand in an instruction as it is.
fn is_plain(path: &str) -> bool {
    path.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
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
