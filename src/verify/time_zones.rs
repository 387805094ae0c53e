//! The time zone database.

use barehull_image::Entry;

use super::reach::Reached;
use super::subject::{Subject, listed};
use crate::finding::{Finding, Place};
use crate::rules;

/// Where C libraries and Go look for it.
const FOLDERS: [&str; 5] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/usr/lib/locale/TZ",
    "/etc/zoneinfo",
    "/share/zoneinfo",
];
/// Go's own copy, where its tools are installed.
const OF_GO: &str = "/usr/local/go/lib/time/zoneinfo.zip";
/// Names that mean UTC, which is also what an unknown name means.
const UTC: [&str; 7] = ["UTC", "UCT", "GMT", "Zulu", "Universal", "Greenwich", "GMT0"];
/// Programs that have a database of their own (ICU's, or Java's).
const OWN: [&str; 5] = ["node", "nodejs", "java", "deno", "bun"];

/// A program that reads the database while there is none, and a TZ that is not in it.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    of_go(subject, reached).into_iter().chain(of_variable(subject, reached)).collect()
}

fn of_go(subject: &Subject<'_>, reached: &Reached) -> Option<Finding> {
    let reads = |entry: &&Entry| entry.elf().is_some_and(|facts| facts.wants.time_zones);
    let who: Vec<&Entry> = reached.programs(subject.tree).filter(reads).collect();
    let first = who.first()?;
    let own = subject
        .config
        .variable("ZONEINFO")
        .is_some_and(|path| subject.is_volume(path) || subject.tree.resolve(path).is_ok());
    if own || subject.has_file(OF_GO) || FOLDERS.iter().any(|folder| holds_zones(subject, folder)) {
        return None;
    }
    let message = format!(
        "{} may load time zones by name, but {} is not in the image: copy it, or import time/tzdata",
        listed(&who),
        FOLDERS[0]
    );
    Some(subject.at(rules::MISSING_TIME_ZONES, first, message).subject("Go"))
}

fn holds_zones(subject: &Subject<'_>, folder: &str) -> bool {
    subject.is_volume(folder)
        || subject
            .tree
            .resolve(folder)
            .is_ok_and(|folder| subject.tree.children(&folder.path).next().is_some())
}

fn of_variable(subject: &Subject<'_>, reached: &Reached) -> Option<Finding> {
    let value = subject.config.variable("TZ")?;
    let zone = value.strip_prefix(':').unwrap_or(value);
    let mut programs = reached.programs(subject.tree).peekable();
    programs.peek()?;
    let has_own = programs.any(|entry| {
        OWN.contains(&entry.name()) || entry.elf().is_some_and(|facts| facts.wants.holds_time_zones)
    });
    if has_own || !is_name(zone) {
        return None;
    }
    let is_there = if zone.starts_with('/') {
        subject.has_file(zone)
    } else {
        let folders = subject.config.variable("TZDIR").into_iter().chain(FOLDERS);
        folders.into_iter().any(|folder| subject.has_file(&format!("{folder}/{zone}")))
    };
    (!is_there).then(|| {
        let message = format!(
            "TZ is {value}, but {}/{zone} is not in the image, so that times are in UTC: install tzdata, or copy it",
            FOLDERS[0]
        );
        Finding::new(rules::MISSING_TIME_ZONES, Place::Project, message).subject("TZ")
    })
}

/// Whether a zone has to be looked up: it is no rule of POSIX (`CET-1CEST`), and it is not UTC anyway.
fn is_name(zone: &str) -> bool {
    let last = zone.rsplit('/').next().unwrap_or(zone);
    let is_word = zone.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    !zone.is_empty() && !UTC.contains(&last) && (zone.contains('/') && !zone.contains([',', '<']) || is_word)
}
