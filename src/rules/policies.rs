//! Policies: which rules run, and the controls that each of them stands for, made from `rules/policies/` by `build.rs`.

use super::RuleMeta;
use crate::finding::Severity;

/// A choice of rules, ordered by the controls of a standard.
#[derive(Debug)]
pub struct Policy {
    /// `cis-docker`.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Where it is published.
    pub source: &'static str,
    /// What it covers; Markdown paragraphs.
    pub about: &'static str,
    /// Its controls, in order.
    pub controls: &'static [Control],
    /// Severities that differ from the rules' own.
    pub severities: &'static [(&'static str, Severity)],
}

/// One demand of a policy.
#[derive(Debug)]
pub struct Control {
    /// `4.1`.
    pub id: &'static str,
    /// What it demands.
    pub title: &'static str,
    /// The rules whose findings break it.
    pub rules: &'static [&'static str],
    /// What of it no Dockerfile shows.
    pub unseen: Option<&'static str>,
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Policy {}

/// The policies, by name.
pub static POLICIES: &[Policy] = include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// The policy called `id`.
pub fn policy(id: &str) -> Option<&'static Policy> {
    POLICIES.iter().find(|policy| policy.id == id)
}

/// That there is no policy of this name, and which there are.
pub fn no_such_policy(id: &str) -> String {
    let known: Vec<&str> = POLICIES.iter().map(|policy| policy.id).collect();
    format!("there is no policy {id}; there are {}", known.join(", "))
}

impl Policy {
    /// The controls that findings of a rule break.
    pub fn controls_of(&self, rule: &RuleMeta) -> Vec<&'static str> {
        let breaks = |control: &&Control| control.rules.contains(&rule.id);
        self.controls.iter().filter(breaks).map(|control| control.id).collect()
    }

    /// Whether a rule runs. That a file cannot be built is always told, and so is what a team's own rules find.
    pub fn covers(&self, rule: &RuleMeta) -> bool {
        let always = rule.id == super::INVALID_DOCKERFILE.id
            || rule.id == super::UNUSED_SUPPRESSION.id
            || rule.category == RuleMeta::CUSTOM;
        always || self.controls.iter().any(|control| control.rules.contains(&rule.id))
    }

    /// The severity that it gives to a rule's findings.
    pub fn severity(&self, rule: &RuleMeta) -> Severity {
        let own = self.severities.iter().find(|(id, _)| *id == rule.id);
        own.map_or(rule.severity, |(_, severity)| *severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    #[test]
    fn recommended_is_what_runs_where_nothing_is_asked_for() {
        let recommended = policy("recommended").unwrap();
        for rule in rules::all() {
            assert_eq!(recommended.covers(rule), rule.default_on, "{}", rule.id);
            assert_eq!(recommended.severity(rule), rule.severity, "{}", rule.id);
        }
    }

    #[test]
    fn a_rule_may_break_several_controls() {
        let nist = policy("nist-800-190").unwrap();
        assert_eq!(nist.controls_of(rules::RUNS_AS_ROOT), ["4.1.2"]);
        assert!(!nist.covers(rules::MISSING_HEALTHCHECK));
        let cis = policy("cis-docker").unwrap();
        assert!(cis.covers(rules::MISSING_HEALTHCHECK));
        assert_eq!(cis.controls.len(), 12);
    }
}
