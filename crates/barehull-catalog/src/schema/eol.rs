use super::{Date, Family, Text};
use std::collections::BTreeMap;

/// The release cycles of a product.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EolProduct {
    /// Its name: `nodejs`, `debian`.
    pub product: Text,
    /// Where the dates are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Cycle to the last day of support; none: no day is set.
    pub cycles: BTreeMap<String, Option<Date>>,
}

/// What `-dev` packages of some releases need at run time.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeLibrarySet {
    /// The family.
    pub family: Family,
    /// The releases it is true of.
    pub releases: Vec<String>,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Whether every line was compared with the source.
    #[serde(default)]
    pub verified: bool,
    /// Development package to the run-time packages; empty: headers or static libraries only.
    pub packages: BTreeMap<String, Vec<String>>,
}
