//! `needless-start-script`: a shell script starts the application and does nothing that needs a shell.

use super::StageCx;
use crate::finding::{Finding, Place};
use crate::model::start::ScriptSource;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let config = &cx.stage.config;
    let Some(script) = &cx.stage.needs.start_script else { return Vec::new() };
    if script.source == ScriptSource::Instruction {
        // `shell-form-entrypoint` says that.
        return Vec::new();
    }
    let own = |from: &crate::model::Provenance| from.location();
    let entrypoint = config.entrypoint.as_ref().and_then(|e| own(&e.from));
    let at = entrypoint.or(config.cmd.as_ref().and_then(|c| own(&c.from)));
    let (Some(_), Some(at)) = (script.reduced(), at) else { return Vec::new() };
    let message = format!(
        "{} only passes on to the application: the image keeps a shell for what CMD, ENV and WORKDIR can say",
        script.program
    );
    let finding = Finding::new(super::NEEDLESS_START_SCRIPT, Place::Source(at), message)
        .stage(&cx.stage.identity)
        .subject(&script.program)
        .label(Place::Source(script.at), "this script");
    vec![finding]
}
