//! `unreadable-shell-text`: a RUN whose shell text cannot be made out.

use barehull_syntax::shell::{Dialect, Script};

use super::FileCx;
use crate::finding::{Finding, Place};
use crate::model::StepKind;

/// As much of the text tells it from others.
const SUBJECT_CHARS: usize = 60;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    // The escape of Windows files: the shell is cmd or PowerShell, whatever the base is called.
    if model.dockerfile.escape() == b'`' {
        return Vec::new();
    }
    let steps = model.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
    steps
        .filter_map(|(stage, step)| {
            let StepKind::Run(run) = &step.kind else { return None };
            // Of another shell's text nothing is expected.
            let read = |script: &&Script| script.dialect() != Dialect::NotPosix;
            let unknown = run.scripts.iter().filter(read).find_map(|script| script.unknowns().next())?;
            // Where a word is missing at the end, what waits for it is shown.
            let shown = std::iter::successors(Some(unknown), |node| node.parent())
                .find(|node| !node.range().is_empty())
                .unwrap_or(unknown);
            let at = model.at(shown.source().span());
            let message = "the shell text from here on cannot be read: what it installs, starts or removes is \
                           not known";
            let subject: String = shown.text().trim().chars().take(SUBJECT_CHARS).collect();
            let finding = Finding::new(super::UNREADABLE_SHELL_TEXT, Place::Source(at), message);
            Some(finding.stage(&stage.identity).subject(subject))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use barehull_catalog::Catalog;

    use crate::finding::Place;
    use crate::options::{ContextChoice, Input, Options};
    use crate::project::{Memory, Project, ProjectPath};

    #[test]
    fn the_line_that_hides_something_is_named() {
        let dockerfile = "FROM debian\nRUN apt-get update && \\\n  if true; then\nRUN ( ( a ) )\n\
                          SHELL [\"pwsh\"]\nRUN if (\n";
        let project = Project::new(Arc::new(Memory::of([("Dockerfile", dockerfile)])));
        let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
        let only = vec!["unreadable-shell-text".to_owned()];
        let options = Options { only, ..Options::new(Catalog::builtin()) };
        let analysis = crate::engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let found = analysis.findings.iter().map(|f| {
            let Place::Source(at) = &f.place else { panic!("no place") };
            (analysis.sources.line(*at), f.subject.clone())
        });
        assert_eq!(found.collect::<Vec<_>>(), [(3, "if true; then".to_owned())]);
    }
}
