//! The result of looking at one Dockerfile.

use std::sync::Arc;

use barehull_catalog::Completeness;
use barehull_syntax::{FileId, Location};

use crate::edit::FilePatch;
use crate::finding::{Blocker, Finding, Fix, StageIdentity, Surface};
use crate::project::ProjectPath;
use crate::rules::Policy;
use crate::source::Sources;

/// One stage as reports show it.
#[derive(Clone, Debug)]
pub struct StageReport {
    /// Its name, as written.
    pub name: Option<String>,
    /// 0-based position.
    pub index: u32,
    /// Its identity across rewrites.
    pub identity: StageIdentity,
    /// Whether it is an image somebody builds.
    pub is_final: bool,
    /// The base as written, arguments resolved.
    pub base: String,
    /// The image at the bottom of the stages it is built from, as written, arguments resolved.
    pub image: String,
    /// The operating system of the base, for people: `Debian 12`; absent where it is not known.
    pub os: Option<String>,
    /// Whether the inventory is complete.
    pub completeness: Completeness,
    /// Its tools; empty unless the stage is final.
    pub surface: Arc<Surface>,
    /// Its FROM instruction.
    pub at: Location,
}

/// A fix that broke an invariant and was dropped: a defect of barehull, reported as such.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The fix's title.
    pub title: String,
    /// What made it.
    pub by: &'static str,
    /// Which invariant it broke, and how.
    pub broke: String,
}

/// Everything about one Dockerfile.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The Dockerfile's path.
    pub path: ProjectPath,
    /// Its id in `sources`.
    pub file: FileId,
    /// The files that places refer to.
    pub sources: Sources,
    /// Its stages, in order.
    pub stages: Vec<StageReport>,
    /// Findings, sorted by place, then rule.
    pub findings: Vec<Finding>,
    /// Why no better rewrite was possible.
    pub blockers: Vec<Blocker>,
    /// What remains of it, from a second look at the rewritten files.
    pub rewrite: Option<Rewrite>,
    /// The policy that chose the rules.
    pub policy: Option<&'static Policy>,
    /// What was looked at is a built image, not a Dockerfile: what it consists of.
    pub image: Option<BuiltImage>,
}

/// A built image in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltImage {
    /// What it is called, where it says so.
    pub name: Option<String>,
    /// `Debian 12`, by its os-release file.
    pub os: Option<String>,
    /// As in GOARCH; empty: unknown.
    pub architecture: String,
    /// Bytes of all layers as they are stored.
    pub stored_bytes: u64,
    /// Bytes of the files that a container sees.
    pub visible_bytes: u64,
    /// Regular files that a container sees.
    pub files: u64,
    /// Its layers, lowest first.
    pub layers: Vec<BuiltLayer>,
    /// Installed packages as `name version`, sorted.
    pub packages: Vec<String>,
    /// Whether there is a package database that could not be read, so that packages may be missing in the list.
    pub has_unread_packages: bool,
    /// What limits what can be said of it.
    pub notes: Vec<String>,
}

/// A layer of a built image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltLayer {
    /// What made it; empty: unknown.
    pub created_by: String,
    /// The digest of its uncompressed bytes, where the image says it.
    pub diff_id: Option<String>,
    /// Bytes as it is stored.
    pub stored_bytes: u64,
    /// Files, folders and links in it.
    pub entries: u64,
}

impl Analysis {
    /// Keeps the findings that the policy asks for, with its severities, and says which controls they break. Of
    /// Dockerfiles that is done where rules are run.
    pub fn choose(&mut self, policy: &'static Policy) {
        self.findings.retain(|finding| policy.covers(finding.rule));
        for finding in &mut self.findings {
            if finding.severity == finding.rule.severity {
                finding.severity = policy.severity(finding.rule);
            }
            finding.controls = policy.controls_of(finding.rule);
        }
        self.policy = Some(policy);
    }

    /// How the stage is called, where several are final and it matters which is meant.
    pub fn stage_of_several(&self, identity: &StageIdentity) -> Option<String> {
        if self.stages.iter().filter(|s| s.is_final).count() < 2 {
            return None;
        }
        let stage = self.stages.iter().find(|s| s.identity == *identity)?;
        Some(stage.name.clone().unwrap_or_else(|| stage.index.to_string()))
    }
}

/// The rewrite of one Dockerfile at the level asked for.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// Fixes that are in the patch, widest first.
    pub applied: Vec<Fix>,
    /// Fixes that exist but not at the level asked for.
    pub withheld: Vec<Fix>,
    /// Fixes that broke an invariant.
    pub dropped: Vec<Dropped>,
    /// The changed files.
    pub patch: Vec<FilePatch>,
    /// The stages after it.
    pub stages_after: Vec<StageReport>,
}
