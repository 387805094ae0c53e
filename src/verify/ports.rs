//! Ports that only root may listen on where nothing else is set.

use super::reach::Reached;
use super::subject::Subject;
use crate::finding::{Finding, Place};
use crate::rules;

/// The first port that is free to everybody on a plain kernel (`net.ipv4.ip_unprivileged_port_start`).
const FREE: u16 = 1024;

/// One finding for all of them, if the process is not root's and has not the capability either.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    let is_root = subject.identity.as_ref().is_none_or(super::permissions::Identity::is_root);
    if is_root || reached.programs(subject.tree).any(|entry| entry.has_capability) {
        return Vec::new();
    }
    let mut ports: Vec<u16> = subject
        .config
        .exposed_ports
        .iter()
        .filter_map(|port| first(port))
        .filter(|port| *port < FREE)
        .collect();
    ports.sort_unstable();
    ports.dedup();
    if ports.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = ports.iter().map(u16::to_string).collect();
    let message = format!(
        "EXPOSE {}: Docker since 20.10 lets the user {} listen there, other engines and Kubernetes may not; \
         take a port from {FREE} on",
        names.join(" "),
        subject.config.user
    );
    vec![Finding::new(rules::PRIVILEGED_PORT, Place::Project, message).subject("ports").components(names)]
}

/// The first port of `80/tcp`, `80` or `80-90/tcp`.
fn first(exposed: &str) -> Option<u16> {
    exposed.split(['/', '-']).next()?.parse().ok()
}
