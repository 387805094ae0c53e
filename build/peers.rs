//! The policies of other tools as constant data, and which of them ask for what a rule does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::entry::{Entry, Peer, pages, read};

/// The files of `rules/peers/`, by tool. Refuses a policy that is neither a rule's nor left out with a reason.
pub fn load(entries: &[Entry]) -> Vec<Peer> {
    let peers: Vec<Peer> = pages("rules/peers").iter().map(|path| read(path)).collect();
    let mut seen = BTreeSet::new();
    for peer in &peers {
        assert!(peer.source.starts_with("https://"), "{}: {} is no address", peer.tool, peer.source);
        for policy in &peer.policies {
            let name = format!("rules/peers/{}.yaml: {}", peer.tool, policy.id);
            assert!(seen.insert(policy.id.to_lowercase()), "{name} is there twice");
            assert!(!policy.asks.trim().is_empty(), "{name}: `asks` is empty");
            assert!(policy.rules.is_empty() == policy.not.is_some(), "{name}: either `rules` or `not`");
            assert!(policy.differs.is_none() || policy.not.is_none(), "{name}: `not` says why already");
            for rule in &policy.rules {
                assert!(entries.iter().any(|entry| entry.id == *rule), "{name}: there is no rule {rule}");
            }
        }
    }
    peers
}

/// The policies that ask for what a rule does, as pairs of tool and name.
pub fn equivalents(peers: &[Peer], rule: &str) -> String {
    let mut pairs = Vec::new();
    for peer in peers {
        let same = peer.policies.iter().filter(|policy| policy.rules.iter().any(|id| id == rule));
        pairs.extend(same.map(|policy| format!("({:?}, {:?})", peer.tool, policy.id)));
    }
    pairs.join(", ")
}

/// The constant.
pub fn table(peers: &[Peer]) -> String {
    let mut out = String::new();
    for peer in peers {
        let mut policies = String::new();
        for policy in &peer.policies {
            let _ = writeln!(
                policies,
                "PeerPolicy {{ id: {:?}, asks: {:?}, rules: &{:?}, not: {:?}, differs: {:?}, retired: {} }},",
                policy.id, policy.asks, policy.rules, policy.not, policy.differs, policy.retired
            );
        }
        let Peer { tool, title, version, source, checked, .. } = peer;
        let _ = writeln!(
            out,
            "Peer {{ tool: {tool:?}, title: {title:?}, version: {version:?}, source: {source:?}, \
             checked: {checked:?}, policies: &[\n{policies}] }},"
        );
    }
    format!("&[\n{out}]\n")
}
