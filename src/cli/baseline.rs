//! `barehull baseline`: what is known already, so that only what is new fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use barehull::analysis::Analysis;
use clap::ValueHint;
use serde::{Deserialize, Serialize};

use super::args::{Build, Inputs};
use super::bounded;
use super::exit::Exit;
use super::inputs::{Job, Jobs};
use super::output::Output;
use super::run::each;

/// Bytes of a file that is read.
const MAX_BYTES: u64 = 64 << 20;
/// The version of the form.
const VERSION: u32 = 1;

/// Keep what is found now, so that `check --baseline` reports what is new.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write all findings to a file.
    Write(Box<WriteArgs>),
}

/// Write all findings to a file.
#[derive(Debug, clap::Args)]
struct WriteArgs {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    build: Build,
    /// The file.
    #[arg(long, value_name = "FILE", default_value = "barehull-baseline.json", value_hint = ValueHint::FilePath)]
    output: PathBuf,
}

/// Findings that are known, by fingerprint.
#[derive(Debug, Default)]
pub struct Baseline {
    counts: BTreeMap<String, u32>,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    version: u32,
    findings: Vec<Entry>,
}

/// A finding, or several of one fingerprint. Path and rule are for people.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    path: String,
    rule: String,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: u32,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_one(count: &u32) -> bool {
    *count == 1
}

impl Baseline {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let name = || format!("the baseline {}", path.display());
        let text = bounded::bytes(path, MAX_BYTES).with_context(name)?;
        let page: Page = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not what `barehull baseline write` makes", name()))?;
        if page.version != VERSION {
            bail!("{} is of version {}, not {VERSION}; write it anew", name(), page.version);
        }
        let mut counts = BTreeMap::new();
        for entry in page.findings {
            *counts.entry(entry.fingerprint).or_insert(0) += entry.count;
        }
        Ok(Self { counts })
    }

    /// Marks the findings that are known.
    pub fn mark(&self, analysis: &mut Analysis) {
        let mut left = self.counts.clone();
        let path = analysis.path.as_str().to_owned();
        for finding in analysis.findings.iter_mut().filter(|finding| finding.suppressed.is_none()) {
            let known = left.get_mut(&finding.fingerprint(&path)).filter(|count| **count > 0);
            if let Some(count) = known {
                *count -= 1;
                finding.suppressed = Some("in the baseline".to_owned());
            }
        }
    }
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let Command::Write(args) = &args.command;
    let catalog = args.build.own_catalog()?;
    let options = args.build.options(catalog.as_ref(), None)?;
    let jobs = Jobs::find(&args.inputs, output)?;
    let entries = |_: &Job, analysis: &Analysis| entries(analysis);
    let mut findings = Vec::new();
    let failures = each(&jobs, &args.inputs, &options, output, entries, |_, more, _| {
        findings.extend(more);
        Ok(())
    })?;
    let count: u32 = findings.iter().map(|entry: &Entry| entry.count).sum();
    let text = serde_json::to_string_pretty(&Page { version: VERSION, findings })? + "\n";
    std::fs::write(&args.output, text).with_context(|| args.output.display().to_string())?;
    output.note(&format!("{count} findings are in {}", args.output.display()));
    Ok(failures.exit(Exit::Clean))
}

fn entries(analysis: &Analysis) -> Vec<Entry> {
    let path = analysis.path.as_str();
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for finding in analysis.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        let fingerprint = finding.fingerprint(path);
        let (path, rule) = (path.to_owned(), finding.rule.id.to_owned());
        let entry = entries.entry(fingerprint.clone()).or_insert(Entry { fingerprint, path, rule, count: 0 });
        entry.count += 1;
    }
    entries.into_values().collect()
}
