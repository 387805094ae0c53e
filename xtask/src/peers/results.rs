//! What the other tools reported when they were last run: `xtask/peers/results.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Their versions.
    pub tools: BTreeMap<String, String>,
    /// The policies that were reported, by case.
    pub reports: BTreeMap<String, BTreeSet<String>>,
}

impl Results {
    pub fn read() -> Result<Self> {
        let path = path();
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| path.display().to_string())
    }

    /// Writes one case a line, so that differences can be read.
    pub fn write(&self) -> Result<()> {
        let line = |(key, policies)| Ok(format!("\"{key}\":{}", serde_json::to_string(policies)?));
        let lines: Vec<String> = self.reports.iter().map(line).collect::<Result<_>>()?;
        let tools = serde_json::to_string(&self.tools)?;
        let text = format!("{{\"tools\":{tools},\n\"reports\":{{\n{}\n}}}}\n", lines.join(",\n"));
        let path = path();
        fs::write(&path, text).with_context(|| path.display().to_string())
    }
}

fn path() -> PathBuf {
    super::top().join("xtask/peers/results.json")
}
