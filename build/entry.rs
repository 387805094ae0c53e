//! What the files of rules, of other tools' policies and of our own hold; reading checks their form.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::{fmt, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::schema::{MatchText, Template};

/// An entry of `rules.yaml`; `src/rules/meta.rs` explains the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    #[serde(default = "on")]
    pub default_on: bool,
    pub category: String,
    pub scope: Scope,
    pub subject: String,
    #[serde(default)]
    pub surface_role: Option<Role>,
    pub why: String,
    pub how: String,
    pub references: Vec<String>,
    #[serde(default)]
    pub message: Option<Template>,
    #[serde(default)]
    pub key: Option<Template>,
    #[serde(default, rename = "match")]
    pub matches: Vec<MatchText>,
    /// Read by the test that runs them.
    #[serde(default)]
    pub cases: Option<Cases>,
}

const fn on() -> bool {
    true
}

/// Dockerfiles and images in which a rule finds something, and those in which it does not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    pub finds: Vec<Case>,
    #[serde(default)]
    silent: Vec<serde_yaml::Value>,
    /// What looks like a finding and is none.
    #[serde(default)]
    tricky: Vec<serde_yaml::Value>,
}

/// A Dockerfile, perhaps with other files and what is expected, or the description of a built image; the test reads the
/// rest.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Case {
    Text(String),
    Full {
        dockerfile: String,
        #[serde(default)]
        files: BTreeMap<String, String>,
        #[serde(default)]
        links: BTreeMap<String, String>,
    },
    Image {
        image: serde_yaml::Value,
        files: serde_yaml::Value,
        #[serde(default)]
        says: Vec<String>,
    },
}

impl Case {
    /// The constant that shows it.
    pub fn emit(&self) -> String {
        let dockerfile = |text: &String, files: Vec<_>, links: Vec<_>| {
            format!("Example::Dockerfile {{ text: {text:?}, files: &{files:?}, links: &{links:?} }}")
        };
        match self {
            Self::Text(text) => dockerfile(text, Vec::new(), Vec::new()),
            Self::Full { dockerfile: text, files, links } => {
                dockerfile(text, files.iter().collect(), links.iter().collect())
            }
            Self::Image { image, files, says } => {
                let described = serde_yaml::Mapping::from_iter([
                    ("image".into(), image.clone()),
                    ("files".into(), files.clone()),
                ]);
                let text = serde_yaml::to_string(&described).expect("what was read can be written");
                format!("Example::Image {{ described: {text:?}, says: &{says:?} }}")
            }
        }
    }
}

impl Cases {
    pub fn are_complete(&self) -> bool {
        !(self.finds.is_empty() || self.silent.is_empty() || self.tricky.is_empty())
    }
}

#[derive(Clone, Copy, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    Project,
    File,
    Stage,
    Image,
}

/// The roles of the catalog, by their kebab-case names.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Shell,
    PackageManager,
    NetworkClient,
    DebugTool,
    BuildTool,
    PrivilegeTool,
    RemoteAccess,
    LanguagePackageManager,
}

/// A file of `rules/peers/`: the policies of another tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    pub tool: String,
    pub title: String,
    pub version: String,
    pub source: String,
    pub checked: String,
    pub policies: Vec<PeerPolicy>,
}

/// A policy of another tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerPolicy {
    pub id: String,
    pub asks: String,
    #[serde(default)]
    pub rules: Vec<String>,
    #[serde(default)]
    pub not: Option<String>,
    #[serde(default)]
    pub differs: Option<String>,
    #[serde(default)]
    pub retired: bool,
}

/// A file of `rules/policies/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub title: String,
    pub source: String,
    pub about: String,
    pub controls: Vec<Control>,
    #[serde(default)]
    pub severities: BTreeMap<String, Severity>,
}

/// A control of a policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub rules: Vec<String>,
    /// In the place of rules: all of a category that are on by default.
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub unseen: Option<String>,
}

/// The YAML files of a folder, sorted by name.
pub fn pages(folder: &str) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let found = found.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> =
        found.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    pages.sort();
    pages
}

/// Reads a file of YAML.
pub fn read<T: DeserializeOwned>(path: &Path) -> T {
    let fail = |error: &dyn fmt::Display| -> ! { panic!("{}: {error}", path.display()) };
    let text = fs::read_to_string(path).unwrap_or_else(|error| fail(&error));
    serde_yaml::from_str(&text).unwrap_or_else(|error| fail(&error))
}
