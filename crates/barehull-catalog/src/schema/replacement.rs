use super::{Date, Ecosystem, Libc, List, Text};

/// A minimal base for an ecosystem.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// The reference, `{version}` standing for the language's.
    pub image: Text,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// What it is a base for.
    pub ecosystem: Ecosystem,
    /// The word that `--base-preference` orders.
    pub preference: Text,
    /// Versions of the language that it carries; empty: it carries no run time.
    #[serde(default)]
    pub versions: List<Text>,
    /// What dynamically linked programs find.
    pub libc: Libc,
    /// Packages with libraries beyond libc.
    #[serde(default)]
    pub libraries: List<Text>,
    /// What must hold for it to fit, as a reader is told.
    #[serde(default)]
    pub conditions: List<Text>,
}

impl Replacement {
    /// Whether it brings the language's run time.
    pub fn carries_runtime(&self) -> bool {
        !self.versions.is_empty()
    }

    /// The reference for this version of the language (`22.3.1` fits a listed `22`); `None` if it is not offered.
    pub fn reference(&self, version: Option<&str>) -> Option<String> {
        if !self.carries_runtime() {
            return Some(self.image.clone().into_owned());
        }
        let offered = self.versions.iter().find(|offered| {
            version
                .and_then(|v| v.strip_prefix(offered.as_ref()))
                .is_some_and(|rest| rest.is_empty() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })?;
        Some(self.image.replace("{version}", offered))
    }
}
