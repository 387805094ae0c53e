//! `probe-needs-tool`: a probe in a manifest that keeps a tool in the image.

use std::collections::BTreeSet;

use barehull_catalog::Role;

use super::StageCx;
use crate::finding::Finding;
use crate::manifest::Check;
use crate::model::needs::programs_of;
use crate::project::outside::Command;

/// What probes look at files and processes with; none of it is the application's.
const LOOKERS: [&str; 13] =
    ["[", "cat", "echo", "find", "grep", "head", "ls", "pgrep", "pidof", "ps", "stat", "tail", "test"];

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for deployed in &cx.deployed {
        let container = deployed.found.container();
        let probes = [
            ("startupProbe", &container.startup),
            ("livenessProbe", &container.liveness),
            ("readinessProbe", &container.readiness),
        ];
        for (key, probe) in probes {
            let Some(probe) = probe else { continue };
            let Check::Exec { words } = &probe.value.check else { continue };
            let tools = tools(words, cx);
            if tools.is_empty() {
                continue;
            }
            let names: Vec<&str> = tools.iter().map(String::as_str).collect();
            let message = format!(
                "the {key} of {} keeps {} in the image: let the kubelet ask (httpGet, tcpSocket, grpc)",
                deployed.title(),
                names.join(" and ")
            );
            let finding = deployed.finding(super::PROBE_NEEDS_TOOL, cx, Some(probe.span), key, message);
            found.push(finding.components(tools));
        }
    }
    found
}

/// The programs of a probe's command that are no part of the application.
fn tools(words: &[String], cx: &StageCx<'_>) -> BTreeSet<String> {
    let (programs, _) = programs_of(&Command::Exec(words.to_vec()));
    let names = programs.iter().map(|program| program.rsplit('/').next().unwrap_or(program));
    let is_tool = |name: &&str| {
        let role = cx.catalog.role_of(name);
        let tool = matches!(role, Some(Role::Shell | Role::NetworkClient | Role::DebugTool));
        tool || LOOKERS.contains(name)
    };
    names.filter(is_tool).map(str::to_owned).collect()
}
