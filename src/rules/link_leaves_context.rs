//! `link-leaves-context`: COPY or ADD names a symbolic link that leads out of the build context.

use super::FileCx;
use crate::finding::{Finding, Place};
use crate::model::{Source, StepKind, Transfer};
use crate::project::{BuildContext, Fault, Unseen};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let (model, Some(context)) = (cx.model, cx.context) else { return Vec::new() };
    let steps = model.stages.iter().flat_map(|stage| &stage.steps);
    let transfers = steps.filter_map(|step| match &step.kind {
        StepKind::Transfer(transfer) if transfer.from == Source::Context => Some((step, transfer)),
        _ => None,
    });
    transfers
        .flat_map(|(step, transfer)| {
            let at = model.at(model.instruction(step).span);
            links(transfer, context).map(move |link| {
                let message = format!(
                    "{link} is a symbolic link that leads out of the build context: the builder never follows it \
                     there, and neither is it read here; put the file itself into the context"
                );
                Finding::new(super::LINK_LEAVES_CONTEXT, Place::Source(at), message).subject(link)
            })
        })
        .collect()
}

/// The sources that leave the context; a pattern names many files and is not looked up.
fn links<'a>(transfer: &'a Transfer, context: &'a BuildContext) -> impl Iterator<Item = String> + 'a {
    let plain = transfer.sources.iter().flatten().filter(|source| !source.contains(['*', '?', '[', '\\']));
    plain.filter_map(|source| {
        let path = context.source_path(source)?;
        let outside =
            matches!(context.find(&path), Err(Unseen::Read(error)) if error.fault == Fault::Outside);
        outside.then(|| source.clone())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use barehull_catalog::Catalog;

    use crate::finding::Place;
    use crate::options::{ContextChoice, Input, Options};
    use crate::project::{Memory, Project, ProjectPath};

    #[test]
    fn a_link_is_followed_as_far_as_the_context_goes() {
        let dockerfile = "FROM scratch\nCOPY inner out /\nCOPY folder/passwd /p\nADD o* /\n";
        let mut memory = Memory::of([("app/Dockerfile", dockerfile), ("app/file", "x"), ("other/y", "y")]);
        for (link, target) in [("inner", "file"), ("out", "../other/y"), ("folder", "/etc")] {
            memory.link(ProjectPath::new(&format!("app/{link}")).unwrap(), target);
        }
        let project = Project::new(Arc::new(memory));
        let input = Input { path: ProjectPath::new("app/Dockerfile").unwrap(), text: None };
        let catalog = Catalog::builtin();
        let options = Options { only: vec!["link-leaves-context".to_owned()], ..Options::new(catalog) };
        let analysis = crate::engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let found = analysis.findings.iter().map(|f| {
            let Place::Source(at) = &f.place else { panic!("no place") };
            (analysis.sources.line(*at), f.subject.clone())
        });
        assert_eq!(found.collect::<Vec<_>>(), [(2, "out".to_owned()), (3, "folder/passwd".to_owned())]);
    }
}
