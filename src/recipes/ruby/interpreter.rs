//! The interpreter, the gems, what both need of the system, and what of the application is written to.

use std::collections::BTreeSet;
use std::fmt::Write;

use barehull_catalog::{Presence, Role};

use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use super::super::{closure, contents, launch, outside};
use crate::evidence::Evidence;
use crate::model::needs::Process;
use crate::model::{EffectKind, absolute};

/// Libraries that gems open by name at run time, which no list of linked libraries shows: the gem, the library.
const OPENED: [(&str, &str); 8] = [
    ("ruby-vips", "libvips.so.42"),
    ("image_processing", "libvips.so.42"),
    ("rbnacl", "libsodium.so.[0-9]*"),
    ("ffi-rzmq", "libzmq.so.5"),
    ("ruby-filemagic", "libmagic.so.1"),
    ("ffi-geos", "libgeos_c.so.1"),
    ("rgeo", "libgeos_c.so.1"),
    ("ruby-libvirt", "libvirt.so.0"),
];

/// Folders below the application's that Rails writes to.
const OF_RAILS: [&str; 3] = ["log", "storage", "tmp"];

/// Where the build stage collects what is written to.
const WRITABLE: &str = "/writable";

/// Brings the interpreter, the gems and their libraries.
pub(super) fn interpreter(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    musl: bool,
    evidence: &Evidence,
    process: &Process,
    writable: &[String],
) {
    let (mut roots, elsewhere) = roots(plan);
    let opened = opened(plan, evidence);
    let mut first = shebangs(plan, process) + &without_tools(plan, process) + &collect_writable(writable);
    if !opened.is_empty() {
        first += &collect_opened(&opened);
        roots.push("/closure".to_owned());
    }
    if musl {
        let programs = format!("$(find {} -type f \\( -perm -100 -o -name '*.so*' \\))", roots.join(" "));
        closure::musl(plan, target, &programs, &roots, &first);
    } else {
        let first = first + &closure::locale(plan);
        closure::glibc(plan, target, &closure::Linked::Below(&roots), true, &first);
    }
    target.copies.push(CopyLine::of("/usr/local/", "/usr/local/"));
    target.copies.extend(elsewhere.iter().map(|folder| CopyLine::of(folder, folder)));
}

/// Where programs and extensions lie: beside the interpreter, in the application's folder, and in folders of gems
/// elsewhere, which come second.
fn roots(plan: &Plan<'_, '_>) -> (Vec<String>, Vec<String>) {
    let config = &plan.cx.stage.config;
    let workdir = config.workdir();
    let mut roots = vec!["/usr/local".to_owned(), workdir.to_owned()];
    let mut elsewhere = Vec::new();
    let copied = contents::landings(plan.cx.stage);
    for name in ["BUNDLE_PATH", "GEM_HOME"] {
        let Some(path) = config.env(name).filter(|p| !p.is_empty()) else { continue };
        let path = absolute(workdir, path).trim_end_matches('/').to_owned();
        let inside = |root: &String| path == *root || path.starts_with(&format!("{root}/"));
        if !roots.iter().any(inside) {
            if !copied.contains(&path) {
                elsewhere.push(path.clone());
            }
            roots.push(path);
        }
    }
    (roots, elsewhere)
}

/// Shell lines by which scripts name Ruby itself: what Bundler installs starts with `/usr/bin/env ruby`, and the
/// new base has no env.
fn shebangs(plan: &Plan<'_, '_>, process: &Process) -> String {
    let workdir = plan.cx.stage.config.workdir();
    let mut files = vec!["/usr/local/bin/*".to_owned()];
    let gems = ["GEM_HOME", "BUNDLE_PATH"].iter().filter_map(|n| plan.cx.stage.config.env(n));
    let mut folders: Vec<String> = Vec::new();
    for folder in gems.filter(|f| f.starts_with('/')) {
        let folder = folder.trim_end_matches('/').to_owned();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    files.extend(folders.iter().map(|f| format!("{f}/bin/*")));
    files.push(format!("{workdir}/bin/*"));
    let own = process.argv.first().filter(|p| p.contains('/')).map(|p| absolute(workdir, p));
    files.extend(
        own.filter(|path| !files.iter().any(|f| f.strip_suffix('*').is_some_and(|d| path.starts_with(d)))),
    );
    format!(
        "    {{ grep -lE '^#! *(/usr)?/bin/env ruby' {} || true; }} 2> /dev/null \\\n        | xargs -r sed -i '1s|^#!.*env ruby|#!/usr/local/bin/ruby|'; \\\n",
        files.join(" ")
    )
}

/// Shell lines that take package managers out of what is copied; Bundler stays where it starts the application.
fn without_tools(plan: &Plan<'_, '_>, process: &Process) -> String {
    let needs = &plan.cx.stage.needs;
    let bundles = outside::has_commands(plan)
        || process.argv.iter().any(|w| matches!(w.rsplit('/').next(), Some("bundle" | "bundler")));
    let is_bundler = |name: &str| matches!(name, "bundle" | "bundler");
    let inventory = plan.cx.stage.inventory.materialise();
    let tools = inventory.iter().filter(|entry| {
        let component = &entry.component;
        entry.presence == Presence::Present
            && component.role == Role::LanguagePackageManager
            && component.path.starts_with("/usr/local/")
            && !(is_bundler(component.name()) && bundles)
            && (is_bundler(component.name()) || needs.of(component.name()).next().is_none())
    });
    let paths: BTreeSet<String> = tools.map(|entry| entry.component.path.to_string()).collect();
    if paths.is_empty() {
        return String::new();
    }
    format!("    rm -f {}; \\\n", paths.into_iter().collect::<Vec<_>>().join(" "))
}

/// The libraries that are opened by name: of gems that the application has, and of LD_PRELOAD.
fn opened(plan: &mut Plan<'_, '_>, evidence: &Evidence) -> Vec<String> {
    let config = &plan.cx.stage.config;
    let gems = OPENED.iter().filter(|(gem, _)| evidence.imports.contains(*gem));
    let mut names: BTreeSet<String> = gems.map(|(_, library)| (*library).to_owned()).collect();
    let preloaded = config.env("LD_PRELOAD").unwrap_or_default();
    for path in preloaded.split([':', ' ']).filter(|p| !p.is_empty()) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b));
        if plain {
            names.insert(name.to_owned());
        } else {
            plan.block(
                "LD_PRELOAD names a library that is not known before the build",
                launch::launch_line(plan),
            );
        }
    }
    names.into_iter().collect()
}

/// Shell lines that copy libraries to where they are, whatever the architecture's folder is called.
fn collect_opened(names: &[String]) -> String {
    let tests: Vec<String> = names.iter().map(|name| format!("-name '{name}'")).collect();
    let tests =
        if let [one] = tests.as_slice() { one.clone() } else { format!("\\( {} \\)", tests.join(" -o ")) };
    format!(
        "    find /usr/lib /usr/local/lib {tests} | while read -r library; do \\\n        mkdir -p \"/closure${{library%/*}}\"; cp -L \"$library\" \"/closure$library\"; \\\n    done; \\\n"
    )
}

/// The folders below the application's that it writes to: those of Rails, and those that the stage gives to
/// another user.
pub(super) fn writable(plan: &Plan<'_, '_>, workdir: &str, evidence: &Evidence) -> Vec<String> {
    let mut folders = BTreeSet::new();
    let application = plan.cx.files.borrow_mut().source_of(&format!("{workdir}/config/application.rb"));
    let is_rails = ["rails", "railties"].iter().any(|gem| evidence.imports.contains(*gem));
    if is_rails || application.is_some() {
        folders.extend(OF_RAILS.iter().map(|name| format!("{workdir}/{name}")));
    }
    folders.extend(database_folder(plan, workdir));
    for effect in plan.effects() {
        let EffectKind::Chown { path, .. } = &effect.kind else { continue };
        let path = path.trim_end_matches('/');
        if path.strip_prefix(workdir).is_some_and(|rest| rest.starts_with('/'))
            && !path.contains(['*', '?', '$'])
        {
            folders.insert(path.to_owned());
        }
    }
    let all: Vec<String> = folders.iter().cloned().collect();
    all.iter().filter(|f| !all.iter().any(|o| f.starts_with(&format!("{o}/")))).cloned().collect()
}

/// The folder of a database of SQLite that `config/database.yml` names below the application's.
fn database_folder(plan: &Plan<'_, '_>, workdir: &str) -> Option<String> {
    let (_, bytes) = plan.cx.files.borrow_mut().read(&format!("{workdir}/config/database.yml"))?;
    let text = String::from_utf8_lossy(&bytes);
    let values = text.lines().filter_map(|line| line.trim().strip_prefix("database:"));
    let mut files = values.map(|value| value.trim().trim_matches(['"', '\''])).filter(|value| {
        let is_file = [".sqlite3", ".sqlite", ".db"].iter().any(|end| value.ends_with(end));
        is_file && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    });
    let path = absolute(workdir, files.next()?);
    let (folder, _) = path.rsplit_once('/')?;
    folder.starts_with(&format!("{workdir}/")).then(|| folder.to_owned())
}

/// The parent folders of what is written to, and where each is collected.
fn collected(writable: &[String]) -> Vec<(String, String, Vec<&str>)> {
    let mut parents: Vec<(String, String, Vec<&str>)> = Vec::new();
    for path in writable {
        let Some((parent, _)) = path.rsplit_once('/') else { continue };
        if let Some((_, _, paths)) = parents.iter_mut().find(|(known, ..)| known == parent) {
            paths.push(path);
        } else {
            let folder = format!("{WRITABLE}/{}", parents.len() + 1);
            parents.push((parent.to_owned(), folder, vec![path]));
        }
    }
    if let [(_, folder, _)] = parents.as_mut_slice() {
        WRITABLE.clone_into(folder);
    }
    parents
}

/// Shell lines that collect what is written to. COPY gives an owner to what a folder holds, but not to a folder
/// that is there already. Folders of Rails may be missing; what was given to a user is there.
fn collect_writable(writable: &[String]) -> String {
    let of_rails = |path: &&&str| OF_RAILS.contains(&path.rsplit('/').next().unwrap_or_default());
    let mut lines = String::new();
    for (_, folder, paths) in collected(writable) {
        let made: Vec<&str> = paths.iter().filter(of_rails).copied().chain([folder.as_str()]).collect();
        let (made, paths) = (made.join(" "), paths.join(" "));
        let _ = writeln!(lines, "    mkdir -p {made}; cp -R {paths} {folder}/; \\");
    }
    lines
}

/// Copies it over the application, as the process's own.
pub(super) fn copy_writable(plan: &Plan<'_, '_>, target: &mut Target, writable: &[String]) {
    let owner = contents::owner(plan.cx);
    for (parent, folder, _) in collected(writable) {
        target.copies.push(CopyLine {
            chown: Some(owner.clone()),
            ..CopyLine::of(&format!("{folder}/"), &format!("{parent}/"))
        });
    }
}
