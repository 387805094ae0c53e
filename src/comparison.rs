//! What distinguishes two built images, one of which was made from the other or takes its place.

use std::collections::BTreeMap;

use barehull_catalog::Role;

use crate::finding::{Finding, Severity};

/// Two images, held against each other.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Tools that can be started, by role; only roles that one of the images has.
    pub surface: BTreeMap<Role, RoleChange>,
    /// Bytes of the files that a container sees.
    pub visible_bytes: Change,
    /// Bytes of all layers as they are stored.
    pub stored_bytes: Change,
    /// Regular files that a container sees.
    pub files: Change,
    /// The layers.
    pub layers: LayerChange,
    /// Packages that are listed; `None` where the databases of one of the images could not be read.
    pub packages: Option<PackageChange>,
    /// Findings that only the second image has, or that name more there; the worst first.
    pub worse: Vec<Finding>,
    /// Findings that only the first image has.
    pub resolved: Vec<Finding>,
    /// How many findings of the second image the first one has as well.
    pub kept: usize,
    /// What limits what can be said of the two.
    pub notes: Vec<&'static str>,
}

/// A number before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Of the first image.
    pub before: u64,
    /// Of the second one.
    pub after: u64,
}

/// The tools of one role. A tool in another version, or at another path, is the same tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// Only the first image has them.
    pub gone: Vec<Tool>,
    /// Only the second image has them.
    pub new: Vec<Tool>,
    /// Both have them.
    pub kept: Vec<Tool>,
}

/// A tool, by the name that the catalog has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// `gcc`, also for `x86_64-linux-gnu-gcc-12`.
    pub name: String,
    /// Its paths in the first image.
    pub before: Vec<String>,
    /// Its paths in the second one.
    pub after: Vec<String>,
    /// Whether it is gone at run time, but a lower layer of the second image still carries it.
    pub carried: bool,
}

/// How many layers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerChange {
    /// In both images.
    pub count: Change,
    /// With the same contents in both.
    pub shared: u64,
}

/// What the package databases list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageChange {
    /// How many.
    pub count: Change,
    /// Only the second image lists them, as `name version`.
    pub added: Vec<String>,
    /// Only the first image lists them, as `name version`.
    pub removed: Vec<String>,
    /// Both list them, in different versions.
    pub changed: Vec<Versions>,
}

/// The versions of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// What it is called.
    pub name: String,
    /// In the first image.
    pub before: Vec<String>,
    /// In the second one.
    pub after: Vec<String>,
}

impl Comparison {
    /// The highest severity of what became worse; `None`: nothing did.
    pub fn worst(&self) -> Option<Severity> {
        self.worse.iter().map(|finding| finding.severity).max()
    }
}
