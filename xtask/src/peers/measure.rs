//! Runs the other tools over the cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::cases::Case;
use super::install::{Tools, versions};
use super::results::Results;

/// Switches on what hadolint runs only where it is asked for.
const HADOLINT: &str = "\
override: { info: [DL3057] }
trustedRegistries: [docker.io]
label-schema: { org.opencontainers.image.source: url }
";

/// The policies that are reported, by case.
type Reports = BTreeMap<String, BTreeSet<String>>;

/// What the tools report.
pub fn measure(tools: &Tools, cases: &[Case], cache: &Path) -> Result<Results> {
    let folder = cache.join("cases");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut reports = Reports::new();
    let mut files = Vec::new();
    for case in cases {
        let file = folder.join(case.key()).join("Dockerfile");
        if reports.insert(case.key(), BTreeSet::new()).is_none() {
            fs::create_dir_all(file.parent().expect("a folder"))?;
            fs::write(&file, &case.dockerfile)?;
            files.push(file);
        }
    }
    hadolint(&tools.hadolint, cache, &files, &mut reports)?;
    tally(&tools.tally, &files, &mut reports)?;
    checkov(&tools.checkov, &folder, &mut reports)?;
    let tools = versions().map(|(tool, version)| (tool.to_owned(), version.to_owned())).into();
    Ok(Results { tools, reports })
}

fn hadolint(program: &Path, cache: &Path, files: &[PathBuf], reports: &mut Reports) -> Result<()> {
    let config = cache.join("hadolint.yaml");
    fs::write(&config, HADOLINT)?;
    let mut command = Command::new(program);
    command.args(["--no-fail", "--format", "json", "--config"]).arg(&config).args(files);
    for problem in list(&said(&mut command)?) {
        note(reports, &problem["file"], &problem["code"]);
    }
    Ok(())
}

/// tally has BuildKit's checks under the same names; only those are asked of it.
fn tally(program: &Path, files: &[PathBuf], reports: &mut Reports) -> Result<()> {
    let mut command = Command::new(program);
    command.args(["lint", "--no-config", "--slow-checks", "off", "--select", "buildkit/*"]);
    command.args(["--format", "json", "--fail-level", "none"]).args(files);
    for file in list(&said(&mut command)?["files"]) {
        for problem in list(&file["violations"]) {
            if let Some(check) = problem["rule"].as_str().and_then(|rule| rule.strip_prefix("buildkit/")) {
                note(reports, &file["file"], &Value::from(check));
            }
        }
    }
    Ok(())
}

fn checkov(program: &Path, folder: &Path, reports: &mut Reports) -> Result<()> {
    let mut command = Command::new(program);
    command.arg("--directory").arg(folder).args(["--framework", "dockerfile", "--output", "json"]);
    command.args(["--compact", "--quiet", "--skip-download", "--soft-fail"]);
    for problem in list(&said(&mut command)?["results"]["failed_checks"]) {
        note(reports, &problem["file_abs_path"], &problem["check_id"]);
    }
    Ok(())
}

fn said(command: &mut Command) -> Result<Value> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| program.clone())?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// Keeps a report of a policy on the file in a case's folder.
fn note(reports: &mut Reports, file: &Value, policy: &Value) {
    let (Some(file), Some(policy)) = (file.as_str(), policy.as_str()) else { return };
    let key = Path::new(file).parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
    let is_known = barehull::rules::PEERS.iter().any(|peer| peer.policy(policy).is_some());
    if let Some(reports) = key.and_then(|key| reports.get_mut(key)).filter(|_| is_known) {
        reports.insert(policy.to_owned());
    }
}
