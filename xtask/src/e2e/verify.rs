//! `barehull verify` on an image that was built.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::container::Container;

/// A finding.
#[derive(Debug, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What it says.
    pub message: String,
}

#[derive(Debug, Deserialize)]
struct Report {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    findings: Vec<Finding>,
}

/// What verify finds in the container's root file system; the image's configuration is written to `config`.
pub fn root(barehull: &Path, container: &Container, config: &Path) -> Result<Vec<Finding>> {
    fs::write(config, &container.oci_config)?;
    run(Command::new(barehull).arg("verify").arg("--config").arg(config).arg(&container.root))
}

/// What verify finds in an archive.
pub fn archive(barehull: &Path, archive: &Path) -> Result<Vec<Finding>> {
    run(Command::new(barehull).arg("verify").arg(archive))
}

fn run(command: &mut Command) -> Result<Vec<Finding>> {
    let output = command.args(["--format", "json", "--fail-on", "never"]).output().context("barehull")?;
    if String::from_utf8_lossy(&output.stderr).contains("unrecognized subcommand") {
        return Ok(Vec::new());
    }
    if !output.status.success() {
        bail!("barehull verify: {}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Report = serde_json::from_slice(&output.stdout).context("verify --format json")?;
    Ok(report.files.into_iter().flat_map(|file| file.findings).collect())
}

/// Rules that say that an image cannot run.
const BROKEN: [&str; 3] = ["broken-entrypoint", "broken-healthcheck", "missing-command"];

/// The findings that say that the image cannot run.
pub fn broken(found: &[Finding]) -> Vec<&Finding> {
    found.iter().filter(|finding| BROKEN.contains(&finding.rule.as_str())).collect()
}

/// Findings in one line.
pub fn words<'a>(found: impl IntoIterator<Item = &'a Finding>) -> String {
    let lines = found.into_iter().map(|finding| format!("{}: {}", finding.rule, finding.message));
    lines.collect::<Vec<_>>().join("; ")
}
