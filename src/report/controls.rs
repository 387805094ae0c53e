//! What became of each control of a policy.

use std::fmt::Write;

use super::Summary;
use super::style::Look;
use super::summary::ControlCount;
use crate::rules::{Control, Policy};

/// What can be said of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Findings break it.
    Broken(ControlCount),
    /// Nothing that its rules look for was found.
    NothingFound,
    /// No rule looks at it: no Dockerfile shows it.
    Unseen,
}

impl Status {
    pub(super) const fn of(control: &Control, count: ControlCount) -> Self {
        if count.findings > 0 {
            Self::Broken(count)
        } else if control.rules.is_empty() {
            Self::Unseen
        } else {
            Self::NothingFound
        }
    }
}

/// A line for each control of each policy that was asked for; nothing where there was none.
pub(super) fn table(summary: &Summary, look: Look) -> String {
    let mut out = String::new();
    for (policy, counts) in summary.policies.values() {
        let _ = writeln!(out, "{}", look.strong(format!("{} ({})", policy.title, policy.id)));
        out.push_str(&rows(policy, counts, look));
    }
    out
}

fn rows(policy: &Policy, counts: &[ControlCount], look: Look) -> String {
    let width = policy.controls.iter().map(|control| control.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (control, count) in policy.controls.iter().zip(counts) {
        let verdict = match Status::of(control, *count) {
            Status::Broken(count) => {
                let text = match count.findings {
                    1 => "1 finding".to_owned(),
                    several => format!("{several} findings"),
                };
                look.severity(count.worst, format!("{text:<14}"))
            }
            Status::NothingFound => format!("{:<14}", "nothing found"),
            Status::Unseen => format!("{:<14}", "not looked at"),
        };
        let part = if control.unseen.is_some() && !control.rules.is_empty() { " (seen in part)" } else { "" };
        let _ = writeln!(out, "  {:<width$}  {verdict}  {}{part}", control.id, control.title);
    }
    out
}

/// The policies at length, in Markdown: docs/policies.md.
pub fn markdown(policies: &[Policy]) -> String {
    let mut out = String::from(
        "# Policies\n\n\
         Generated from `rules/policies/` by `cargo xtask docs`. `--policy NAME`, or `policy: NAME` in `barehull.yaml`, chooses \
         which rules run: those that its controls name, and the rules of one's own. `rules` in the configuration counts \
         over it, and `--only` over both. Findings say which controls they break (`controls` in JSON and SARIF), and the \
         summary has a line for each control. *Nothing found* is no proof: the last column says what no Dockerfile shows. \
         Rules that look at built images run with `barehull verify`.\n",
    );
    for policy in policies {
        let _ =
            write!(out, "\n## {}\n\n[{}]({}). {}\n\n", policy.id, policy.title, policy.source, policy.about);
        out.push_str("| Control | | Rules | What no Dockerfile shows |\n|---|---|---|---|\n");
        for control in policy.controls {
            let link = |rule: &&str| {
                let severity = policy.severities.iter().find(|(id, _)| id == rule);
                let severity = severity.map_or_else(String::new, |(_, s)| format!(" ({})", s.as_str()));
                format!("[{rule}](rules.md#{rule}){severity}")
            };
            let rules: Vec<String> = control.rules.iter().map(link).collect();
            let unseen = control.unseen.unwrap_or_default();
            let _ = writeln!(out, "| {} | {} | {} | {unseen} |", control.id, control.title, rules.join(", "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::sample;
    use crate::rules;

    #[test]
    fn a_line_for_each_control() {
        let mut analysis = sample::analysis();
        analysis.policy = rules::policy("cis-docker");
        for finding in &mut analysis.findings {
            finding.controls = vec!["4.3", "4.1"];
            finding.severity = Severity::Warning;
        }
        let mut total = Summary::of(&analysis);
        total.add(&Summary::of(&analysis));
        total.add(&Summary::of(&sample::analysis()));
        let text = table(&total, Look::PLAIN);
        let lines: Vec<&str> = text.lines().collect();
        let found = 2 * analysis.findings.iter().filter(|f| f.suppressed.is_none()).count();
        assert_eq!(lines[0], "CIS Docker Benchmark 1.6.0, section 4 (cis-docker)");
        assert!(lines[1].starts_with(&format!("  4.1   {found} findings")), "{text}");
        assert_eq!(lines[2], "  4.2   nothing found   Trusted base images only (seen in part)");
        assert_eq!(lines[5], "  4.5   not looked at   Content trust");
        assert_eq!(lines.len(), 13);
        assert_eq!(table(&Summary::of(&sample::analysis()), Look::PLAIN), "");
    }
}
