//! What a rule is, apart from its code: the entries of `rules.yaml` and of `rules/`, and those of users' files.

use barehull_catalog::Role;

use super::language::{List, Matcher};
use crate::finding::Severity;

/// What a rule looks at in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole project.
    Project,
    /// One Dockerfile.
    File,
    /// One stage.
    Stage,
    /// A built image.
    Image,
}

/// A rule's metadata, made from `rules.yaml` at build time.
#[derive(Debug)]
pub struct RuleMeta {
    /// Kebab-case name, unique.
    pub id: &'static str,
    /// Where it stands among the built-in rules; behind all of them if it is none.
    pub position: u16,
    /// One line.
    pub title: &'static str,
    /// Severity of its findings unless overridden.
    pub severity: Severity,
    /// Whether it runs unless configured.
    pub default_on: bool,
    /// Which part of the practices it belongs to.
    pub category: &'static str,
    /// What it looks at.
    pub scope: Scope,
    /// What its findings are about within a stage (part of the fingerprint): `role`, `user`, ...
    pub subject: &'static str,
    /// The role whose components it reports; such a rule needs no code.
    pub surface_role: Option<Role>,
    /// Why it matters; Markdown paragraphs.
    pub why: &'static str,
    /// What to do; Markdown paragraphs.
    pub how: &'static str,
    /// Addresses to read on.
    pub references: &'static [&'static str],
    /// Policies of other tools that ask for the same: tool and name.
    pub equivalents: &'static [(&'static str, &'static str)],
    /// What it looks for, where that can be said without code.
    pub matchers: List<Matcher>,
    /// Cases in which it finds something.
    pub examples: &'static [Example],
}

/// A case in which a rule finds something.
#[derive(Debug)]
pub enum Example {
    /// A Dockerfile with what lies beside it.
    Dockerfile {
        /// Its text.
        text: &'static str,
        /// Path and text of other files.
        files: &'static [(&'static str, &'static str)],
        /// Path and target of symbolic links.
        links: &'static [(&'static str, &'static str)],
    },
    /// A built image.
    Image {
        /// Its configuration and its files, described in YAML.
        described: &'static str,
        /// What the rule says of it.
        says: &'static [&'static str],
    },
}

impl RuleMeta {
    /// The category of rules that a configuration defines.
    pub const CUSTOM: &str = "custom";
}

impl PartialEq for RuleMeta {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for RuleMeta {}
