use super::{Date, List, Role, Text};

/// Executables of one role.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolGroup {
    /// What they are.
    pub role: Role,
    /// What they have in common beside the role.
    #[serde(default)]
    pub title: Text,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Whether a version or target behind or before the name (`gcc-12`, `x86_64-linux-gnu-gcc`) changes nothing.
    #[serde(default)]
    pub versioned: bool,
    /// The executables.
    pub names: List<Text>,
}

/// One binary that is many programs, after the name it is called by.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiCall {
    /// The binary.
    pub name: Text,
    /// Where the facts are from.
    #[serde(default)]
    pub source: Text,
    /// When they were read.
    #[serde(default)]
    pub date: Option<Date>,
    /// Those of its names that have a role.
    pub applets: List<Text>,
}
