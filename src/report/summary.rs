//! Counts over a run.

use std::collections::BTreeMap;

use crate::analysis::Analysis;
use crate::finding::{Finding, Severity};
use crate::rules::Policy;

/// What a run found, in numbers; suppressed findings do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether these are built images instead of Dockerfiles.
    pub images: bool,
    /// Dockerfiles that were analysed.
    pub files: usize,
    /// Dockerfiles that could not be: unreadable, or a defect of barehull.
    pub failed: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that something in the project suppresses.
    pub suppressed: usize,
    /// Reasons why no better rewrite was possible.
    pub blockers: usize,
    /// Findings by rule.
    pub rules: BTreeMap<&'static str, RuleCount>,
    /// The policies that chose the rules, by name, with the findings of each of their controls.
    pub policies: BTreeMap<&'static str, (&'static Policy, Vec<ControlCount>)>,
}

/// What breaks a control of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlCount {
    /// The highest severity among its findings.
    pub worst: Severity,
    /// Its findings.
    pub findings: usize,
    /// The Dockerfiles they are in.
    pub files: usize,
}

impl ControlCount {
    const NONE: Self = Self { worst: Severity::Info, findings: 0, files: 0 };

    fn add(&mut self, other: Self) {
        self.worst = self.worst.max(other.worst);
        self.findings += other.findings;
        self.files += other.files;
    }
}

/// What one rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The highest severity among its findings.
    pub severity: Severity,
    /// Its findings.
    pub findings: usize,
    /// The Dockerfiles they are in.
    pub files: usize,
}

impl Summary {
    /// The counts of one Dockerfile.
    pub fn of(analysis: &Analysis) -> Self {
        let (images, blockers) = (analysis.image.is_some(), analysis.blockers.len());
        let mut summary = Self { images, files: 1, blockers, ..Self::default() };
        for finding in &analysis.findings {
            summary.count(finding);
        }
        for rule in summary.rules.values_mut() {
            rule.files = 1;
        }
        if let Some(policy) = analysis.policy {
            summary.policies.insert(policy.id, (policy, of_controls(policy, &analysis.findings)));
        }
        summary
    }

    /// The counts of one Dockerfile that could not be analysed.
    pub fn of_failure() -> Self {
        Self { failed: 1, ..Self::default() }
    }

    fn count(&mut self, finding: &Finding) {
        if finding.suppressed.is_some() {
            self.suppressed += 1;
            return;
        }
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
        let severity = finding.severity;
        let rule = self.rules.entry(finding.rule.id).or_insert(RuleCount { severity, findings: 0, files: 0 });
        rule.severity = rule.severity.max(severity);
        rule.findings += 1;
    }

    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        self.images |= other.images;
        self.files += other.files;
        self.failed += other.failed;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.infos += other.infos;
        self.suppressed += other.suppressed;
        self.blockers += other.blockers;
        for (id, count) in &other.rules {
            let rule =
                self.rules.entry(id).or_insert(RuleCount { severity: count.severity, findings: 0, files: 0 });
            rule.severity = rule.severity.max(count.severity);
            rule.findings += count.findings;
            rule.files += count.files;
        }
        for (id, (policy, counts)) in &other.policies {
            let none = || (*policy, vec![ControlCount::NONE; counts.len()]);
            let (_, own) = self.policies.entry(id).or_insert_with(none);
            own.iter_mut().zip(counts).for_each(|(own, count)| own.add(*count));
        }
    }

    /// Findings of any severity.
    pub fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }

    /// The highest severity among the findings.
    pub fn worst(&self) -> Option<Severity> {
        self.rules.values().map(|rule| rule.severity).max()
    }
}

/// What breaks the controls of a policy in one Dockerfile, in their order.
fn of_controls(policy: &Policy, findings: &[Finding]) -> Vec<ControlCount> {
    let count = |id: &str| {
        let mut count = ControlCount::NONE;
        let breaks = |f: &&Finding| f.suppressed.is_none() && f.controls.contains(&id);
        for finding in findings.iter().filter(breaks) {
            count.add(ControlCount { worst: finding.severity, findings: 1, files: 0 });
        }
        count.files = usize::from(count.findings > 0);
        count
    };
    policy.controls.iter().map(|control| count(control.id)).collect()
}
