use super::by_releases;
use super::reach::{Entry, Facts};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The width of a line.
const WIDTH: usize = 118;

/// A release's number, its packages, and its run-time libraries.
type ReleaseFacts = (&'static str, Facts, BTreeMap<String, Vec<String>>);

/// What one name means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    Entry(Entry),
    Nothing,
    Provided(String),
}

/// Writes the packages: what several releases share once.
pub fn write_packages(path: &Path, releases: &[ReleaseFacts]) -> Result<()> {
    let meanings: Vec<(&str, BTreeMap<String, Meaning>)> =
        releases.iter().map(|(number, facts, _)| (*number, meanings(facts))).collect();
    let mut out = header("packages")?;
    for (numbers, names) in by_releases(&meanings) {
        set_header(&mut out, &numbers);
        let (mut entries, mut nothing, mut provides) = (String::new(), Vec::new(), String::new());
        for (name, meaning) in names {
            match meaning {
                Meaning::Entry(entry) => write_entry(&mut entries, &name, &entry),
                Meaning::Nothing => nothing.push(name),
                Meaning::Provided(by) => writeln!(provides, "      {}: {by}", quoted(&name))?,
            }
        }
        for (key, lines) in [("entries", entries), ("provides", provides)] {
            if !lines.is_empty() {
                write!(out, "    {key}:\n{lines}")?;
            }
        }
        if !nothing.is_empty() {
            let names: Vec<String> = nothing.iter().map(|name| quoted(name)).collect();
            write_wrapped(&mut out, 4, &format!("nothing: [{}]", names.join(", ")));
        }
    }
    std::fs::write(path, out).with_context(|| path.display().to_string())
}

/// Writes the run-time libraries likewise.
pub fn write_libraries(path: &Path, releases: &[ReleaseFacts]) -> Result<()> {
    let libraries: Vec<(&str, BTreeMap<String, Vec<String>>)> =
        releases.iter().map(|(number, _, libraries)| (*number, libraries.clone())).collect();
    let mut out = header("runtime_libraries")?;
    for (numbers, packages) in by_releases(&libraries) {
        set_header(&mut out, &numbers);
        out.push_str("    packages:\n");
        for (name, libraries) in packages {
            write_wrapped(&mut out, 6, &format!("{name}: [{}]", libraries.join(", ")));
        }
    }
    std::fs::write(path, out).with_context(|| path.display().to_string())
}

fn meanings(facts: &Facts) -> BTreeMap<String, Meaning> {
    let entries = facts.entries.iter().map(|(name, entry)| (name.clone(), Meaning::Entry(entry.clone())));
    let nothing = facts.nothing.iter().map(|name| (name.clone(), Meaning::Nothing));
    let provides = facts.provides.iter().map(|(name, by)| (name.clone(), Meaning::Provided(by.clone())));
    entries.chain(nothing).chain(provides).collect()
}

fn header(key: &str) -> Result<String> {
    Ok(format!(
        "# Written by `cargo xtask debian-packages generate` on {}; not to be edited.\n{key}:\n",
        today()?
    ))
}

fn set_header(out: &mut String, numbers: &[String]) {
    let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:?}")).collect();
    let source = "apt: package and file lists of deb.debian.org";
    let date = today().unwrap_or_default();
    let _ = write!(
        out,
        "  - family: debian\n    releases: [{}]\n    source: \"{source}\"\n    date: {date}\n    verified: true\n",
        numbers.join(", ")
    );
}

fn write_entry(out: &mut String, name: &str, entry: &Entry) {
    let brings =
        entry.brings.iter().map(|path| path.strip_prefix("/usr/bin/").unwrap_or(path).to_owned()).collect();
    let lists: Vec<String> =
        [("brings", brings), ("depends", entry.depends.clone()), ("recommends", entry.recommends.clone())]
            .into_iter()
            .filter(|(_, list): &(_, Vec<String>)| !list.is_empty())
            .map(|(key, list)| {
                format!("{key}: [{}]", list.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", "))
            })
            .collect();
    write_wrapped(out, 6, &format!("{}: {{ {} }}", quoted(name), lists.join(", ")));
}

/// A name that YAML would read as something else needs quotes.
fn quoted(name: &str) -> String {
    let number = name.parse::<f64>().is_ok();
    if number || ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name) {
        format!("{name:?}")
    } else {
        name.to_owned()
    }
}

/// Writes a line, broken at spaces.
fn write_wrapped(out: &mut String, indent: usize, line: &str) {
    let mut column = 0;
    for word in line.split(' ') {
        if column == 0 {
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column + 1 + word.len() > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            column = indent + 2;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out.push('\n');
}

fn today() -> Result<String> {
    let output = Command::new("date").arg("+%Y-%m-%d").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
