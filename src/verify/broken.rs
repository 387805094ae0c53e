//! Programs and scripts that cannot run although nothing that is known of the start reaches them.

use std::collections::BTreeMap;

use barehull_image::Entry;
use barehull_image::elf::Kind;
use barehull_image::loader::Problem;

use super::launch::{DEFAULT_PATH, Search};
use super::reach::Reached;
use super::subject::{Subject, listed, place};
use crate::finding::Finding;
use crate::rules;

/// The file that has the problem, and what the problem is about.
pub(super) fn whose<'p>(problem: &'p Problem, program: &'p str) -> (&'p str, String) {
    match problem {
        Problem::NoInterpreter { interpreter } | Problem::BadInterpreter { interpreter } => {
            (program, interpreter.clone())
        }
        Problem::NoLibrary { name, needed_by, .. } => (needed_by, name.clone()),
        Problem::NoVersion { library, needed_by, .. } => (needed_by, library.clone()),
        Problem::Unreadable { path } => (program, path.clone()),
    }
}

/// The problem as a sentence about `program`.
pub(super) fn in_words(problem: &Problem, program: &str) -> String {
    let (whose, _) = whose(problem, program);
    if whose == program {
        format!("{program} {problem}")
    } else {
        format!("{whose}, which {program} loads, {problem}")
    }
}

/// The programs that the first line of a script names: itself, and behind `env` what that looks for.
pub(super) fn interpreters_of(line: &str) -> Vec<String> {
    let mut words = line.split_ascii_whitespace();
    let Some(first) = words.next() else { return Vec::new() };
    let mut programs = vec![first.to_owned()];
    if first.rsplit('/').next() == Some("env") {
        let named = words.find(|word| !word.starts_with('-') && !word.contains('='));
        programs.extend(named.map(str::to_owned));
    }
    programs
}

/// Findings about programs, and one about scripts.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    programs(subject, reached).into_iter().chain(scripts(subject, reached)).collect()
}

/// One finding for each reason, with the files it holds for.
fn programs(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let mut broken: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    let loader = subject.loader();
    for entry in
        subject.tree.iter().filter(|entry| !entry.is_hard_link && !reached.files.contains_key(&*entry.path))
    {
        let Some(facts) = entry.elf() else { continue };
        // Who loads a library may know where its own libraries are.
        let is_library = facts.kind == Kind::Library;
        if !(is_library && is_library_name(entry.name()) || entry.is_executable()) {
            continue;
        }
        for problem in loader.closure(&entry.path).problems {
            let known_elsewhere = matches!(&problem, Problem::NoLibrary { elsewhere: Some(_), .. });
            let (at, about) = whose(&problem, &entry.path);
            if !(is_library && known_elsewhere) && at == &*entry.path {
                broken.entry((about, problem.to_string())).or_default().push(entry);
            }
        }
    }
    broken.into_iter().map(|((about, why), files)| finding(subject, &about, &why, &files)).collect()
}

/// One finding for all scripts without their interpreter: packages bring some that are of use to the system's
/// administrator only (`update-ca-certificates`), and a hardened image has no shell for them, on purpose.
fn scripts(subject: &Subject<'_>, reached: &Reached) -> Option<Finding> {
    let search = Search {
        tree: subject.tree,
        path: subject.config.variable("PATH").unwrap_or(DEFAULT_PATH),
        folder: "/",
        identity: None,
    };
    let environments = super::environments::dangling(subject);
    let mut missing: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in scripts_on_path(subject) {
        let Some(script) = entry.script().filter(|_| !reached.files.contains_key(&*entry.path)) else {
            continue;
        };
        let interpreters = interpreters_of(&script.interpreter);
        let is_told = |name: &String| {
            environments.iter().any(|environment| {
                name.strip_prefix(&environment.programs).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        if let Some(name) = interpreters.into_iter().find(|name| search.program(name).is_err())
            && !is_told(&name)
        {
            missing.entry(name).or_default().push(entry);
        }
    }
    let files: Vec<&Entry> = missing.values().flatten().copied().collect();
    let first = files.first()?;
    let names: Vec<&str> = missing.keys().map(String::as_str).collect();
    let (those, are) = if files.len() == 1 { ("it", "is a script") } else { ("them", "are scripts") };
    let message = format!(
        "{} {are} for {}, not in the image; nothing that is known of the start reaches {those}",
        listed(&files),
        names.join(", ")
    );
    let components = files.iter().map(|entry| entry.path.to_string());
    let finding = Finding::new(rules::BROKEN_PROGRAM, place(first), message).subject("scripts");
    let labelled = missing.iter().fold(finding, |finding, (name, files)| {
        finding.label(place(files[0]), format!("{} wants {name}", listed(files)))
    });
    Some(labelled.components(components))
}

/// `libz.so`, `libz.so.1`.
fn is_library_name(name: &str) -> bool {
    name.ends_with(".so") || name.contains(".so.")
}

fn finding(subject: &Subject<'_>, about: &str, why: &str, files: &[&Entry]) -> Finding {
    let each = if files.len() == 1 { "" } else { ": each" };
    let message = format!("{}{each} {why}", listed(files));
    let message = format!("{message}; nothing that is known of the start reaches it");
    let components = files.iter().map(|entry| entry.path.to_string());
    subject.at(rules::BROKEN_PROGRAM, files[0], message).subject(about).components(components)
}

/// Executable scripts in the folders of PATH.
fn scripts_on_path<'t>(subject: &Subject<'t>) -> Vec<&'t Entry> {
    let path = subject.config.variable("PATH").unwrap_or(DEFAULT_PATH);
    let mut folders: Vec<&str> = path
        .split(':')
        .filter_map(|folder| subject.tree.resolve(folder).ok())
        .map(|entry| &*entry.path)
        .collect();
    folders.sort_unstable();
    folders.dedup();
    let entries = folders.into_iter().flat_map(|folder| subject.tree.children(folder));
    entries.filter(|entry| entry.is_executable() && entry.script().is_some()).collect()
}
