//! Modules that glibc loads to look up users and hosts.

use barehull_image::Entry;
use barehull_image::elf::Wants;

use super::reach::Reached;
use super::subject::{Subject, listed};
use crate::finding::Finding;
use crate::rules;

const CONFIGURATION: &str = "/etc/nsswitch.conf";
/// From this `GLIBC_2.` on, `files` and `dns` are part of libc.so.6.
const HOLDS_MODULES: u32 = 34;
/// Modules that distributions name whether or not they are installed; glibc passes over those that are not.
const USUAL: [&str; 8] = ["compat", "db", "myhostname", "mymachines", "nis", "nisplus", "resolve", "systemd"];

/// What is looked up.
struct Database {
    name: &'static str,
    title: &'static str,
    /// Where nothing is configured.
    default: &'static str,
    is_wanted: fn(Wants) -> bool,
}

const DATABASES: [Database; 2] = [
    Database { name: "passwd", title: "users", default: "files", is_wanted: |wants| wants.users },
    Database { name: "hosts", title: "hosts", default: "files dns", is_wanted: |wants| wants.hosts },
];

/// One finding for each database of which a module is missing.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let is_libc = |entry: &&Entry| entry.elf().and_then(|facts| facts.soname.as_deref()) == Some("libc.so.6");
    let Some(libc) = reached.programs(subject.tree).find(is_libc) else { return Vec::new() };
    let Some(version) = version(libc) else { return Vec::new() };
    let of = |database| finding(subject, reached, libc, version, database);
    DATABASES.iter().filter_map(of).collect()
}

/// The newest `GLIBC_2.` that it offers.
fn version(libc: &Entry) -> Option<u32> {
    let number = |version: &String| version.strip_prefix("GLIBC_2.")?.split('.').next()?.parse().ok();
    libc.elf()?.offers.iter().filter_map(number).max()
}

fn finding(
    subject: &Subject<'_>,
    reached: &Reached,
    libc: &Entry,
    version: u32,
    database: &Database,
) -> Option<Finding> {
    let wants = |entry: &&Entry| {
        entry.path != libc.path && entry.elf().is_some_and(|facts| (database.is_wanted)(facts.wants))
    };
    let who: Vec<&Entry> = reached.programs(subject.tree).filter(wants).collect();
    let configured = configured(subject, database.name);
    let modules: Vec<&str> =
        configured.as_deref().unwrap_or(database.default).split_ascii_whitespace().collect();
    let is_there = |module: &&str| {
        version >= HOLDS_MODULES && matches!(*module, "files" | "dns")
            || subject.has_library(&library(module))
    };
    let (there, mut missing): (Vec<&str>, Vec<&str>) = modules.into_iter().partition(is_there);
    if !there.is_empty() {
        missing.retain(|module| !USUAL.contains(module) && !module.starts_with("mdns"));
    }
    if who.is_empty() || missing.is_empty() {
        return None;
    }
    let libraries: Vec<String> = missing.iter().map(|module| library(module)).collect();
    let libraries = libraries.join(", ");
    let Database { name, title, .. } = database;
    let why = match configured {
        Some(_) => format!("{CONFIGURATION} names for {name}"),
        None => "glibc loads for that".to_owned(),
    };
    let are = if missing.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} may look up {title}, but {libraries}, which {why}, {are} not in the image: copy from where the libc comes \
         from, or name no such module",
        listed(&who)
    );
    let entry = subject.tree.get(CONFIGURATION).filter(|_| configured.is_some()).unwrap_or(libc);
    let missing = missing.into_iter().map(str::to_owned);
    Some(subject.at(rules::MISSING_NAME_SERVICE, entry, message).subject(*name).components(missing))
}

fn library(module: &str) -> String {
    format!("libnss_{module}.so.2")
}

/// The modules that the configuration names for a database, what is to be done in brackets left out.
fn configured(subject: &Subject<'_>, database: &str) -> Option<String> {
    let text = subject.tree.resolve(CONFIGURATION).ok().and_then(Entry::text)?;
    let text = String::from_utf8_lossy(text);
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(database)?.trim_start().strip_prefix(':'))?;
    let line = line.split('#').next().unwrap_or_default();
    let modules: Vec<&str> = line
        .split('[')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once(']').map_or("", |(_, rest)| rest) })
        .collect();
    Some(modules.join(" "))
}
