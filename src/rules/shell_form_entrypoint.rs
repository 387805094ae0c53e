//! `shell-form-entrypoint`: a CMD or ENTRYPOINT that a shell has to start.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::{Launch, Setting};

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let config = &cx.stage.config;
    // CMD only gives arguments where there is an ENTRYPOINT, and none at all where that is in shell form.
    let entrypoint = config.entrypoint.as_ref().map(|s| ("ENTRYPOINT", s));
    let shell_entrypoint = config.entrypoint.as_ref().is_some_and(|e| matches!(e.value, Launch::Shell(_)));
    let cmd = config.cmd.as_ref().filter(|_| !shell_entrypoint).map(|s| ("CMD", s));
    entrypoint.into_iter().chain(cmd).filter_map(|(keyword, setting)| finding(cx, keyword, setting)).collect()
}

fn finding(cx: &StageCx<'_>, keyword: &str, setting: &Setting<Launch>) -> Option<Finding> {
    let at = setting.from.location()?;
    let Launch::Shell(text) = &setting.value else { return None };
    if text.text().trim().is_empty() {
        return None;
    }
    let message =
        format!("{keyword} is in shell form: the image needs a shell, and signals reach the shell first");
    let finding = Finding::new(super::SHELL_FORM_ENTRYPOINT, Place::Source(at), message);
    Some(finding.stage(&cx.stage.identity).subject(keyword.to_lowercase()))
}
