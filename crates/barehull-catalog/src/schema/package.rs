use super::{Date, Family, List, Text};
use std::collections::BTreeMap;

/// Packages of some releases of a family.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSetEntry {
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
    /// Whether lists were compared, whole, with the source.
    #[serde(default)]
    pub verified: bool,
    /// What brings something, itself or through others.
    #[serde(default)]
    pub entries: BTreeMap<String, PackageEntry>,
    /// What is known to bring nothing.
    #[serde(default)]
    pub nothing: Vec<String>,
    /// Another name, and the package that is installed for it.
    #[serde(default)]
    pub provides: BTreeMap<String, String>,
    /// Groups of packages.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Names of an earlier set that do not exist here.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// One package.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PackageEntry {
    /// Paths of executables with a role; a bare name lies in `/usr/bin`.
    pub brings: List<Text>,
    /// Packages it needs that bring something.
    pub depends: List<Text>,
    /// Packages installed with it by default that bring something.
    pub recommends: List<Text>,
}
