//! The rules: metadata for each from `rules.yaml` and `rules/`, and one file per coded rule; which policies of other
//! tools ask for the same, and policies of our own that choose rules.

#[cfg(test)]
mod cases;
mod command_needs_shell;
mod deployed;
mod downloads;
mod end_of_life;
mod global_pip;
mod healthcheck_needs_tool;
mod healthcheck_not_asked;
mod invalid_dockerfile;
mod language;
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
mod no_image_scan;
mod no_update_automation;
mod non_minimal_base;
mod outdated_download;
mod outdated_variant;
mod peers;
mod policies;
mod probe_needs_tool;
mod removal_in_later_layer;
mod run;
mod runs_as_root;
mod secrets;
mod shell_failures;
mod shell_form_entrypoint;
mod single_stage_build;
mod stages;
mod start_time;
mod start_time_download;
mod start_time_migration;
mod start_time_permissions;
mod start_time_template;
#[cfg(test)]
mod start_time_tests;
mod start_time_wait;
mod surface_role;
mod syntax_directive;
mod third_party_image;
mod unreadable_shell_text;
mod untrusted_registry;
mod whole_context;
pub(crate) mod words;

pub(crate) use deployed::Deployed;
pub(crate) use language::RuleFix;
use run::{FileCx, StageCx};
pub(crate) use run::{Seen, findings, fixes};

pub(crate) use language::{KEYS, MatchText, Template};
pub use meta::{Example, RuleMeta, Scope};
pub use peers::{PEERS, Peer, PeerPolicy, peer};
pub use policies::{Control, POLICIES, Policy, no_such_policy, policy};
pub use table::*;

/// One constant per rule, named after it, made from `rules.yaml` by `build.rs`.
#[allow(clippy::unreadable_literal, reason = "generated: nobody reads them")]
mod table {
    use std::borrow::Cow;

    use barehull_catalog::Role;

    // Which of them the rules need changes with the rules.
    #[allow(unused_imports)]
    use super::language::{
        Change, EffectName, Field, FixLevel, FixTemplate, Group, Matcher, Mode, Needs, Origin, Part, Pattern,
        Piece, Reach, Template, Test, Trigger,
    };
    use super::{Example, RuleMeta, Scope};
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

/// The id most like `text`: one that it is a part of, else one that is spelt much the same.
pub fn nearest(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase().replace(['_', ' '], "-");
    let ids = || all().iter().map(|rule| rule.id);
    let same = ids().find(|id| *id == text);
    // Of several that hold it, the one that says least besides.
    let part = || ids().filter(|id| text.len() >= 3 && id.contains(&text)).min_by_key(|id| id.len());
    same.or_else(part).or_else(|| {
        let scored = ids().map(|id| (strsim::jaro_winkler(&text, id), id));
        scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
    })
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

    #[test]
    fn typos_find_the_rule_that_was_meant() {
        let table = [
            ("shell-in-fnal", Some("shell-in-final")),
            ("as-root", Some("runs-as-root")),
            ("Package_Manager_In_Final", Some("package-manager-in-final")),
            ("zzzzz", None),
        ];
        for (text, id) in table {
            assert_eq!(nearest(text), id, "{text}");
        }
    }
}
