//! What the rules share that speak of work a container does at its start.

use super::{RuleMeta, StageCx};
use crate::finding::{Finding, Place};
use crate::model::start::{Class, ScriptSource, StartScript, Step};

/// The start scripts of a stage.
pub(super) fn scripts<'a>(cx: &StageCx<'a>) -> impl Iterator<Item = &'a StartScript> {
    let needs = &cx.stage.needs;
    needs.start_script.iter().chain(&needs.cmd_script)
}

/// A finding for each start script that has steps of `class`: at the first of them, the others beside it. `message`
/// says what the first one does, and where it belongs.
pub(super) fn findings(
    cx: &StageCx<'_>,
    rule: &'static RuleMeta,
    class: Class,
    message: impl Fn(&StartScript, &Step) -> String,
) -> Vec<Finding> {
    let found = scripts(cx).filter_map(|script| {
        // A loop that asks has its question and its sleep: it is told once.
        let mut around = None;
        let mut steps =
            script.steps.iter().filter(|s| s.class == class && !s.in_substitution).filter(|step| {
                let outermost = step.within.last().map(|w| w.at);
                let is_new = outermost.is_none() || outermost != around;
                around = outermost;
                is_new
            });
        let first = steps.next()?;
        let finding = Finding::new(rule, Place::Source(first.at), message(script, first))
            .stage(&cx.stage.identity)
            .subject(&script.program);
        Some(steps.fold(finding, |finding, step| {
            let text =
                if step.name.is_empty() { "this too".to_owned() } else { format!("{} too", step.name) };
            finding.label(Place::Source(step.at), text)
        }))
    });
    found.collect()
}

/// The script and what it calls, as the start of a sentence: `start.sh calls chown`.
pub(super) fn calls(script: &StartScript, step: &Step) -> String {
    let program = match script.source {
        ScriptSource::Instruction => script.program.clone(),
        ScriptSource::File | ScriptSource::Heredoc => {
            script.program.rsplit('/').next().unwrap_or(&script.program).to_owned()
        }
    };
    match step.name.as_str() {
        // A redirection, a test, an assignment.
        "" | "[" | "[[" | "test" => format!("{program} uses the shell"),
        name => format!("{program} calls {name}"),
    }
}
