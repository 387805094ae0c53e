use super::{Date, Family, List, Text};

/// A package of a distribution whose programs need nothing of its system but files of packages that are named here, what
/// their installation makes, and the libraries that they are linked to: no shell, no other program.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standalone {
    /// The package.
    pub package: Text,
    /// The family.
    pub family: Family,
    /// The releases it is true of.
    pub releases: List<Text>,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// The programs that it stands for, by name; none where it holds data for others.
    #[serde(default)]
    pub programs: List<Text>,
    /// Packages that it depends on and that are no libraries.
    #[serde(default)]
    pub with: List<Text>,
    /// What no package holds: files and folders that its installation makes.
    #[serde(default)]
    pub made: List<Text>,
}
