//! The Dockerfiles: those of `xtask/peers/cases.yaml`, and those in which rules find something (`rules/*.yaml`).

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;
use sha2::{Digest, Sha256};

/// A Dockerfile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The policies that it was written for.
    #[serde(default)]
    pub policies: Vec<String>,
    pub dockerfile: String,
    /// The other tool reports, and barehull deliberately does not.
    #[serde(default)]
    pub differs: bool,
    /// The rule whose case it is.
    #[serde(skip)]
    pub rule: Option<String>,
}

impl Case {
    /// What it is called in the results: its text's hash, so that a change is noticed.
    pub fn key(&self) -> String {
        let hash = Sha256::digest(self.dockerfile.as_bytes());
        hash.iter().take(8).fold(String::new(), |mut key, byte| {
            let _ = write!(key, "{byte:02x}");
            key
        })
    }

    /// Whether it may show that a policy is equal to one of these rules.
    pub fn may_show(&self, policy: &str, rules: &[&str]) -> bool {
        let of_rule = self.rule.as_deref().is_some_and(|rule| rules.contains(&rule));
        !self.differs && (of_rule || self.policies.iter().any(|id| id == policy))
    }
}

/// A rule, as far as its cases go.
#[derive(Deserialize)]
struct Rule {
    id: String,
    cases: Finds,
}

#[derive(Deserialize)]
struct Finds {
    finds: Vec<Value>,
}

/// All of them; those written for policies stand first.
pub fn all() -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = read(&super::top().join("xtask/peers/cases.yaml"))?;
    let folder = super::top().join("rules");
    let files = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<PathBuf> =
        files.map(|file| Ok(file?.path())).collect::<Result<_>>().context("rules/")?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    for file in files {
        for rule in read::<Vec<Rule>>(&file)? {
            cases.extend(rule.cases.finds.iter().filter_map(|case| of_rule(&rule.id, case)));
        }
    }
    Ok(cases)
}

/// The case of a rule, unless it needs further files.
fn of_rule(rule: &str, case: &Value) -> Option<Case> {
    let dockerfile = match case {
        Value::String(text) => text,
        other if other.get("files").is_some() => return None,
        other => other.get("dockerfile")?.as_str()?,
    };
    let (dockerfile, rule) = (dockerfile.to_owned(), Some(rule.to_owned()));
    Some(Case { policies: Vec::new(), dockerfile, differs: false, rule })
}

fn read<T: DeserializeOwned>(path: &std::path::Path) -> Result<T> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(name)?;
    serde_yaml::from_str(&text).with_context(name)
}
