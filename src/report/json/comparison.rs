//! Two images held against each other, as the contract shows them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::contract::{Finding, Severity};
use super::convert;
use crate::analysis::Analysis;
use crate::comparison::{self, RoleChange};
use crate::finding;
use crate::report::Paths;

/// What distinguishes two built images, of which `files` holds the first in front.
#[derive(Serialize, JsonSchema)]
pub struct Comparison {
    /// The highest severity of what became worse, `findings.new`; null where nothing did.
    pub worse: Option<Severity>,
    /// Tools that can be started, by role; only roles that one of the images has.
    pub surface: BTreeMap<&'static str, ToolChanges>,
    /// Bytes of the files that a container sees.
    pub visible_bytes: Change,
    /// Bytes of all layers as they are stored.
    pub stored_bytes: Change,
    /// How many regular files a container sees.
    pub files: Change,
    /// How many layers there are.
    pub layers: Layers,
    /// What the package databases list; absent where that of one of the images could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
    /// What was found.
    pub findings: Findings,
    /// What limits what can be said of the two.
    pub notes: Vec<&'static str>,
}

/// A number of both images.
#[derive(Serialize, JsonSchema)]
pub struct Change {
    /// Of the first image.
    pub before: u64,
    /// Of the second one.
    pub after: u64,
}

/// The tools of one role. A tool in another version, or at another path, is the same tool.
#[derive(Serialize, JsonSchema)]
pub struct ToolChanges {
    /// Only the first image has them.
    pub gone: Vec<Tool>,
    /// Only the second image has them.
    pub new: Vec<Tool>,
    /// Both have them.
    pub kept: Vec<Tool>,
}

/// A tool, by the name that the catalog has for it.
#[derive(Serialize, JsonSchema)]
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
#[derive(Serialize, JsonSchema)]
pub struct Layers {
    /// In the first image.
    pub before: u64,
    /// In the second one.
    pub after: u64,
    /// With the same contents in both.
    pub shared: u64,
}

/// What the package databases list.
#[derive(Serialize, JsonSchema)]
pub struct Packages {
    /// Only the second image lists them, as `name version`.
    pub added: Vec<String>,
    /// Only the first image lists them, as `name version`.
    pub removed: Vec<String>,
    /// Both list them, in different versions.
    pub changed: Vec<Versions>,
}

/// The versions of one package.
#[derive(Serialize, JsonSchema)]
pub struct Versions {
    /// What it is called.
    pub name: String,
    /// In the first image.
    pub before: Vec<String>,
    /// In the second one.
    pub after: Vec<String>,
}

/// What was found in one image and not in the other, by fingerprint.
#[derive(Serialize, JsonSchema)]
pub struct Findings {
    /// Only the second image has them, or they name more there, which the message says.
    pub new: Vec<Finding>,
    /// Only the first image has them.
    pub resolved: Vec<Finding>,
    /// How many findings of the second image the first one has as well.
    pub kept: usize,
}

/// The comparison of two images; `paths` are theirs.
pub(super) fn report(
    comparison: &comparison::Comparison,
    [before, after]: [(&Analysis, &Paths); 2],
) -> Comparison {
    let findings = |list: &[finding::Finding], (analysis, paths): (&Analysis, &Paths)| {
        list.iter().map(|finding| convert::finding_report(finding, analysis, paths)).collect()
    };
    Comparison {
        worse: comparison.worst().map(Severity::from),
        surface: comparison.surface.iter().map(|(role, change)| (role.as_str(), tools(change))).collect(),
        visible_bytes: change(comparison.visible_bytes),
        stored_bytes: change(comparison.stored_bytes),
        files: change(comparison.files),
        layers: Layers {
            before: comparison.layers.count.before,
            after: comparison.layers.count.after,
            shared: comparison.layers.shared,
        },
        packages: comparison.packages.as_ref().map(packages),
        findings: Findings {
            new: findings(&comparison.worse, after),
            resolved: findings(&comparison.resolved, before),
            kept: comparison.kept,
        },
        notes: comparison.notes.clone(),
    }
}

fn change(change: comparison::Change) -> Change {
    Change { before: change.before, after: change.after }
}

fn tools(change: &RoleChange) -> ToolChanges {
    let list = |tools: &[comparison::Tool]| {
        let tool = |tool: &comparison::Tool| Tool {
            name: tool.name.clone(),
            before: tool.before.clone(),
            after: tool.after.clone(),
            carried: tool.carried,
        };
        tools.iter().map(tool).collect()
    };
    ToolChanges { gone: list(&change.gone), new: list(&change.new), kept: list(&change.kept) }
}

fn packages(change: &comparison::PackageChange) -> Packages {
    let versions = |versions: &comparison::Versions| Versions {
        name: versions.name.clone(),
        before: versions.before.clone(),
        after: versions.after.clone(),
    };
    Packages {
        added: change.added.clone(),
        removed: change.removed.clone(),
        changed: change.changed.iter().map(versions).collect(),
    }
}
