//! `command-needs-shell`: a manifest starts the application, or a hook, through a shell.

use barehull_catalog::Role;

use super::{Deployed, StageCx};
use crate::finding::Finding;
use crate::project::Sited;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    cx.deployed.iter().flat_map(|deployed| of_container(deployed, cx)).collect()
}

fn of_container(deployed: &Deployed<'_>, cx: &StageCx<'_>) -> Vec<Finding> {
    let container = deployed.found.container();
    let command = container.command.as_ref().map(|words| ("command", words));
    // Behind an ENTRYPOINT the first of `args` is no program.
    let entrypoint = cx.stage.config.entrypoint.is_some();
    let args = container.args.as_ref().filter(|_| command.is_none() && !entrypoint);
    let started = command.or_else(|| args.map(|words| ("args", words)));
    let hooks = container.hooks.iter().map(|(name, words)| (*name, words));
    let found = started.into_iter().chain(hooks).filter_map(|(key, words)| {
        let shell = shell(words, cx)?;
        let message = format!(
            "{key} of {} starts through {shell}, which keeps it in the image: name the program and its arguments",
            deployed.title()
        );
        let finding = deployed.finding(super::COMMAND_NEEDS_SHELL, cx, Some(words.span), key, message);
        Some(finding.components(vec![shell]))
    });
    found.collect()
}

/// The shell that a command names first.
fn shell(words: &Sited<Vec<String>>, cx: &StageCx<'_>) -> Option<String> {
    let first = words.value.first()?;
    let name = first.rsplit('/').next().unwrap_or(first);
    (cx.catalog.role_of(name) == Some(Role::Shell)).then(|| name.to_owned())
}
