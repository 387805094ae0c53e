//! Holds the classifier of start scripts against what people wrote down of real ones (`xtask/start-labels`).

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use barehull::model::start::{Class, StartScript, Step};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The least share of commands in the right class, in percent.
const WANTED: usize = 90;

/// What somebody wrote down of one script.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    repository: String,
    path: String,
    #[allow(dead_code, reason = "for people")]
    commit: Option<String>,
    sha256: String,
    commands: Vec<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    /// 1-based line of the command's first word.
    line: u32,
    /// Its 1-based number on that line.
    nth: u32,
    class: String,
}

/// A command as the library sees it, what stands in its substitutions counted in.
struct Command {
    line: u32,
    nth: u32,
    class: Class,
    name: String,
}

/// `start-labels FOLDER`: prints the share of commands in the right class, which are mistaken for which, and each
/// that differs; fails below [`WANTED`] or where work is taken for harmless.
pub fn compare(folder: &str) -> Result<()> {
    let scripts = by_sum(Path::new(folder))?;
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("start-labels");
    println!("the scripts that the classifier was improved with:");
    compare_set(&labels, &scripts)?;
    println!("\nscripts that were labelled and looked at afterwards:");
    compare_set(&labels.join("second"), &scripts)
}

fn compare_set(labels: &Path, scripts: &HashMap<String, PathBuf>) -> Result<()> {
    let (mut total, mut right, mut files, mut harmless) = (0_usize, 0_usize, 0, 0);
    let mut confused: BTreeMap<(Class, Option<Class>), usize> = BTreeMap::new();
    for labels in read_labels(labels)? {
        let path = scripts
            .get(&labels.sha256)
            .with_context(|| format!("{}/{} is not among the scripts", labels.repository, labels.path))?;
        let text = fs::read(path)?;
        let found = commands(&String::from_utf8_lossy(&text));
        files += 1;
        for label in &labels.commands {
            let want = class_of(&label.class)?;
            let got = found.iter().find(|c| (c.line, c.nth) == (label.line, label.nth));
            total += 1;
            *confused.entry((want, got.map(|c| c.class))).or_default() += 1;
            if got.is_some_and(|c| c.class == want) {
                right += 1;
                continue;
            }
            let is_harmless = want.is_work() && got.is_none_or(|c| !c.class.is_work());
            harmless += usize::from(is_harmless);
            println!(
                "{}/{}:{}.{} {}: {} is {}{}",
                labels.repository,
                labels.path,
                label.line,
                label.nth,
                got.map_or("", |c| &c.name),
                want.name(),
                got.map_or("missing", |c| c.class.name()),
                if is_harmless { " (HARMLESS)" } else { "" },
            );
        }
        for extra in
            found.iter().filter(|c| !labels.commands.iter().any(|l| (l.line, l.nth) == (c.line, c.nth)))
        {
            println!(
                "{}/{}:{}.{} {}: no label",
                labels.repository, labels.path, extra.line, extra.nth, extra.name
            );
        }
    }
    table(&confused);
    let permille = right * 1000 / total.max(1);
    println!(
        "{right} of {total} commands of {files} scripts are in the right class ({}.{} %); work taken for harmless: {harmless}",
        permille / 10,
        permille % 10
    );
    ensure!(right * 100 >= total * WANTED, "fewer than {WANTED} % are right");
    ensure!(harmless == 0, "work is taken for harmless");
    Ok(())
}

/// `start-labels --all FOLDER...`: classifies every file that a shell would read, and counts.
pub fn count(folders: &[&str]) -> Result<()> {
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    let mut names: BTreeMap<Class, BTreeMap<String, usize>> = BTreeMap::new();
    let mut scripts = 0;
    for path in folders.iter().map(|f| files(Path::new(f))).collect::<Result<Vec<_>>>()?.concat() {
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let first = text.lines().next().unwrap_or_default();
        let is_shell = first.starts_with("#!") && first.split(['/', ' ']).any(|w| w.ends_with("sh"));
        if !is_shell {
            continue;
        }
        scripts += 1;
        for command in commands(&text) {
            *counts.entry(command.class).or_default() += 1;
            *names.entry(command.class).or_default().entry(command.name).or_default() += 1;
        }
    }
    println!("{scripts} scripts, {} commands", counts.values().sum::<usize>());
    for (class, count) in counts {
        let mut most: Vec<_> = names[&class].iter().collect();
        most.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), (*name).clone()));
        let most: Vec<_> = most.iter().take(60).map(|(name, n)| format!("{name} {n}")).collect();
        println!("{count:>6} {}: {}", class.name(), most.join(", "));
    }
    Ok(())
}

/// The commands of a script in order; what a command's substitutions do counts for the command.
fn commands(text: &str) -> Vec<Command> {
    let script = StartScript::of_text("script", text);
    let mut steps: Vec<Step> = Vec::new();
    for step in script.steps {
        match steps.last_mut() {
            Some(outer) if step.in_substitution => {
                let is_inside =
                    outer.at.span.start <= step.at.span.start && step.at.span.end <= outer.at.span.end;
                if is_inside && step.class.is_work() && !outer.class.is_work() {
                    outer.class = step.class;
                }
            }
            None if step.in_substitution => {}
            _ => steps.push(step),
        }
    }
    let mut found: Vec<Command> = Vec::new();
    for step in steps {
        let before = &text[..(step.at.span.start as usize).min(text.len())];
        let line = before.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        let nth = found.iter().filter(|c| c.line == line).count() as u32 + 1;
        found.push(Command { line, nth, class: step.class, name: step.name });
    }
    found
}

/// Which class was mistaken for which: a row for each class as labelled.
fn table(confused: &BTreeMap<(Class, Option<Class>), usize>) {
    for want in Class::ALL {
        let row = confused.iter().filter(|((class, _), _)| *class == want);
        let (mut all, mut right, mut wrong) = (0, 0, Vec::new());
        for ((_, got), count) in row {
            all += count;
            if *got == Some(want) {
                right += count;
            } else {
                wrong.push(format!("{} {count}", got.map_or("missing", Class::name)));
            }
        }
        if all > 0 {
            println!("{:<12} {right:>4} of {all:>4}  {}", want.name(), wrong.join(", "));
        }
    }
}

fn class_of(name: &str) -> Result<Class> {
    Class::ALL.into_iter().find(|c| c.name() == name).with_context(|| format!("{name} is no class"))
}

fn read_labels(folder: &Path) -> Result<Vec<Labels>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    if paths.is_empty() {
        bail!("there are no labels in {}", folder.display());
    }
    paths
        .iter()
        .map(|path| serde_yaml::from_slice(&fs::read(path)?).with_context(|| path.display().to_string()))
        .collect()
}

/// The files below `folder` by the sha256 of what they hold.
fn by_sum(folder: &Path) -> Result<HashMap<String, PathBuf>> {
    files(folder)?
        .into_iter()
        .map(|path| {
            let sum = Sha256::digest(fs::read(&path)?);
            let hex = sum.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            Ok((hex, path))
        })
        .collect()
}

/// The files below `folder`, links and `.git` left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && entry.file_name() != ".git" {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
