//! The rules: metadata for each from `rules.yaml`, and one file per coded rule.

mod command_needs_shell;
mod healthcheck_needs_tool;
mod invalid_dockerfile;
mod later_stage_reference;
mod link_leaves_context;
mod manifest_capabilities;
mod manifest_debug_image;
mod manifest_privilege_escalation;
mod manifest_runs_as_root;
#[cfg(test)]
mod manifest_tests;
mod manifest_writable_root;
mod meta;
mod needless_start_script;
mod non_minimal_base;
mod probe_needs_tool;
mod run;
mod runs_as_root;
mod shell_form_entrypoint;
mod single_stage_build;
mod start_time;
mod start_time_download;
mod start_time_migration;
mod start_time_permissions;
mod start_time_template;
#[cfg(test)]
mod start_time_tests;
mod start_time_wait;
mod surface_role;
mod unreadable_shell_text;

pub(crate) use run::{Deployed, Seen, findings};
use run::{FileCx, StageCx};

pub use meta::{RuleMeta, Scope};
pub use table::*;

/// One constant per rule, named after it, made from `rules.yaml` by `build.rs`.
mod table {
    use barehull_catalog::Role;

    use super::{RuleMeta, Scope};
    use crate::finding::Severity;

    include!(concat!(env!("OUT_DIR"), "/rules.rs"));

    /// The rules, sorted by id.
    pub fn all() -> &'static [RuleMeta] {
        &ALL
    }
}

/// The rule called `id`, if there is one.
pub fn meta(id: &str) -> Option<&'static RuleMeta> {
    all().binary_search_by(|rule| rule.id.cmp(id)).ok().map(|at| &all()[at])
}

/// Whether a rule is asked for: `only` by id, or all that are on by default.
pub fn is_wanted(rule: &RuleMeta, only: &[String]) -> bool {
    if only.is_empty() { rule.default_on } else { only.iter().any(|id| id == rule.id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_id() {
        for rule in all() {
            assert_eq!(meta(rule.id), Some(rule));
        }
        assert_eq!(meta("no-such-rule"), None);
    }
}
