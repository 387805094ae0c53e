//! `docs/peers.md`: every policy of the other tools with our rules, and what was seen on Dockerfiles.

use std::fmt::Write;

use anyhow::{Context, Result};
use barehull::rules::{PEERS, Peer, PeerPolicy};

use super::cases::{self, Case};
use super::ours;
use super::results::Results;

/// What was seen of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Nobody looked: the tool is not run, or has no such policy any more.
    NotTried,
    /// On one Dockerfile both report.
    Both,
    /// On no Dockerfile do both.
    Apart,
}

/// What was seen of all policies.
struct Trial {
    cases: Vec<Case>,
    results: Results,
}

impl Trial {
    fn read() -> Result<Self> {
        Ok(Self { cases: cases::all()?, results: Results::read()? })
    }

    /// Whether the tool reports the policy on the case.
    fn peer_reports(&self, policy: &PeerPolicy, case: &Case) -> Result<bool> {
        let reports = self.results.reports.get(&case.key());
        let reports = reports.with_context(|| {
            format!(
                "the other tools have not seen this Dockerfile: run `cargo xtask peers`\n{}",
                case.dockerfile
            )
        })?;
        Ok(reports.contains(policy.id))
    }

    fn of(&self, peer: &Peer, policy: &PeerPolicy) -> Result<Seen> {
        if policy.retired || policy.rules.is_empty() || !self.results.tools.contains_key(peer.tool) {
            return Ok(Seen::NotTried);
        }
        for case in self.cases.iter().filter(|case| case.may_show(policy.id, policy.rules)) {
            if self.peer_reports(policy, case)? && !ours::found(case, policy.rules)?.is_empty() {
                return Ok(Seen::Both);
            }
        }
        Ok(Seen::Apart)
    }
}

/// The page.
pub fn page() -> Result<String> {
    let trial = Trial::read()?;
    let mut tables = String::new();
    let (mut all, mut with_rules, mut both) = (0, 0, 0);
    for peer in PEERS {
        let version = trial.results.tools.get(peer.tool).map_or(peer.version, String::as_str);
        let _ = write!(
            tables,
            "\n## {}\n\n[Version {version}]({}), compared on {}.\n\n| Policy | Asks for | Rules | Tried |\n|---|---|---|---|\n",
            peer.title, peer.source, peer.checked
        );
        for policy in peer.policies {
            let seen = trial.of(peer, policy)?;
            all += 1;
            with_rules += usize::from(!policy.rules.is_empty());
            both += usize::from(seen == Seen::Both);
            row(&mut tables, policy, seen);
        }
    }
    let mut out = format!(
        "# Other tools\n\nWritten by `cargo xtask docs`; do not edit. {all} policies on Dockerfiles of {} tools, each with the \
         rules of barehull that ask for the same: {with_rules} have one, {} deliberately have none. Comments that ignore a \
         policy count for those rules ([configuration](configuration.md)), and `barehull migrate` uses the same table. *Tried: \
         both* means that on one Dockerfile, by itself, the tool and barehull report it; `cargo xtask peers` runs hadolint, \
         Checkov and, for BuildKit's checks, tally. That was so for {both} policies. The others' programs are not run.\n",
        PEERS.len(),
        all - with_rules,
    );
    out.push_str(&tables);
    differences(&mut out, &trial);
    Ok(out)
}

fn row(out: &mut String, policy: &PeerPolicy, seen: Seen) {
    let links: Vec<String> = policy.rules.iter().map(|rule| format!("[{rule}](rules.md#{rule})")).collect();
    let rules = if links.is_empty() { "none, see below".to_owned() } else { links.join(", ") };
    let tried = match seen {
        Seen::Both => "both",
        Seen::Apart => "not by the tool",
        Seen::NotTried => "",
    };
    let retired = if policy.retired { " (gone from newer versions)" } else { "" };
    let _ = writeln!(out, "| {} | {}{retired} | {rules} | {tried} |", policy.id, policy.asks);
}

/// What other tools report and barehull does not, with the reason.
fn differences(out: &mut String, trial: &Trial) {
    out.push_str(
        "\n## Where barehull differs\n\nThe last column shows the decisive lines of a Dockerfile on which the tool reports and \
         barehull, deliberately, does not.\n\n| Policy | Asks for | Why barehull does otherwise | Tried |\n|---|---|---|---|\n",
    );
    for policy in PEERS.iter().flat_map(|peer| peer.policies) {
        let Some(why) = policy.not.or(policy.differs) else { continue };
        let mut shown = String::new();
        for case in
            trial.cases.iter().filter(|case| case.differs && case.policies.iter().any(|id| id == policy.id))
        {
            shown = format!("`{}`", decisive(&case.dockerfile));
        }
        let _ = writeln!(out, "| {} | {} | {why} | {shown} |", policy.id, policy.asks);
    }
}

/// The Dockerfile without its first line, where it has several.
fn decisive(dockerfile: &str) -> String {
    let lines: Vec<&str> = dockerfile.lines().filter(|line| !line.trim().is_empty()).collect();
    let lines = match lines.as_slice() {
        [_, rest @ ..] if !rest.is_empty() && !rest[0].starts_with("USER") => rest,
        all => all,
    };
    lines.join("; ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(id: &str) -> &'static PeerPolicy {
        let found = PEERS.iter().find_map(|peer| peer.policy(id));
        found.unwrap_or_else(|| panic!("xtask/peers/cases.yaml: {id}: no tool has such a policy"))
    }

    #[test]
    fn the_page_is_fresh() {
        let path = super::super::top().join("docs/peers.md");
        let is = std::fs::read_to_string(path).unwrap_or_default().replace('\r', "");
        assert!(is == page().unwrap(), "docs/peers.md is stale: run `cargo xtask docs`");
    }

    #[test]
    fn every_case_shows_what_it_was_written_for() {
        let trial = Trial::read().unwrap();
        for case in &trial.cases {
            for id in &case.policies {
                let policy = policy(id);
                let text = &case.dockerfile;
                assert!(trial.peer_reports(policy, case).unwrap(), "{id} is not reported\n{text}");
                let ours = ours::found(case, policy.rules).unwrap();
                assert_eq!(ours.is_empty(), case.differs, "{id}: barehull finds {ours:?}\n{text}");
                let has_reason = policy.not.is_some() || policy.differs.is_some();
                assert!(!case.differs || has_reason, "{id}: rules/peers does not say why");
            }
        }
    }

    #[test]
    fn sixty_policies_are_reported_by_both() {
        let trial = Trial::read().unwrap();
        let mut both = 0;
        for peer in PEERS {
            for policy in peer.policies {
                let seen = trial.of(peer, policy).unwrap();
                assert!(seen != Seen::Apart, "{}: no Dockerfile on which both report", policy.id);
                both += usize::from(seen == Seen::Both);
            }
        }
        assert!(both >= 60, "{both}");
    }
}
