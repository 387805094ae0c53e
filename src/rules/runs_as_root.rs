//! `runs-as-root`: the process has the rights of root, because the file says so, because the base does, or
//! because nobody said otherwise.

use super::StageCx;
use crate::finding::{Finding, Place, Severity};
use crate::model::{EffectKind, Provenance, Sink, StepKind};

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    let config = &cx.stage.config;
    if !cx.runs_as_root() {
        return Vec::new();
    }
    let from = cx.base_line();
    let (place, message) = match config.user.as_ref().map(|u| &u.from) {
        Some(Provenance::Instruction { at, .. }) => {
            (Place::Source(*at), "the process runs as root: this USER says so".to_owned())
        }
        Some(Provenance::Base(image)) => {
            (Place::Source(from), format!("the process runs as root: {image} says so and no USER changes it"))
        }
        None => (Place::Source(from), "the process runs as root: no USER says otherwise".to_owned()),
    };
    let finding =
        |message| Finding::new(super::RUNS_AS_ROOT, place, message).stage(&cx.stage.identity).subject("user");
    let Some(reason) = milder(cx) else { return vec![finding(message)] };
    let mut found = finding(format!("{message}; {reason}"));
    found.severity = Severity::Info;
    vec![found]
}

/// Why the process may well not be root in the end.
fn milder(cx: &StageCx<'_>) -> Option<String> {
    let mut lasting = cx.deployed.iter().filter(|deployed| !deployed.found.init).peekable();
    let first = lasting.peek().map(|deployed| deployed.title());
    if let (Some(first), true) = (first, lasting.all(|deployed| deployed.refuses_root())) {
        return Some(format!("the project's manifests start it as another user ({first})"));
    }
    let tool = changes_user(cx)?;
    Some(format!(
        "{tool} is installed, and what ENTRYPOINT starts could not be read: it may become another user"
    ))
}

/// gosu or su-exec, where they are installed and the script that would start them was not read.
fn changes_user(cx: &StageCx<'_>) -> Option<&'static str> {
    let entrypoint = cx.stage.config.entrypoint.as_ref()?.value.argv()?;
    let name = entrypoint.first()?.rsplit('/').next()?;
    let is_script = name.ends_with(".sh") || name.contains("entrypoint");
    if !is_script || cx.stage.needs.start_script.is_some() {
        return None;
    }
    let lineage = cx.model.lineage(cx.stage.id);
    let runs = lineage.iter().flat_map(|stage| &stage.steps).filter_map(|step| match &step.kind {
        StepKind::Run(run) => Some(&run.effects),
        _ => None,
    });
    let is_tool = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        ["gosu", "su-exec"].into_iter().find(|tool| *tool == name)
    };
    runs.flatten().find_map(|effect| match &effect.kind {
        EffectKind::Install { packages, .. } => packages.iter().find_map(|package| is_tool(&package.name)),
        EffectKind::Fetch { to: Sink::File(path), .. } => is_tool(path),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use barehull_catalog::Catalog;

    use crate::engine;
    use crate::finding::Severity;
    use crate::options::{ContextChoice, Input, Options};
    use crate::project::{Memory, Project, ProjectPath};

    /// The severity of the finding, if there is one.
    fn severity(dockerfile: &str, manifest: &str) -> Option<Severity> {
        let makefile = "image:\n\tdocker build -t acme/web:1 .\n";
        let files = [("Dockerfile", dockerfile), ("Makefile", makefile), ("app", ""), ("web.yaml", manifest)];
        let project = Project::new(Arc::new(Memory::of(files)));
        let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
        let options = Options { only: vec!["runs-as-root".into()], ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        analysis.findings.first().map(|finding| finding.severity)
    }

    fn pod(first: &str, second: &str) -> String {
        format!(
            "kind: Pod\nmetadata: {{name: shop}}\nspec:\n  containers:\n    - {{name: a, image: \"acme/web:1\", \
             securityContext: {{{first}}}}}\n    - {{name: b, image: \"acme/web:1\", securityContext: {{{second}}}}}\n"
        )
    }

    #[test]
    fn where_every_container_has_another_user_it_is_info() {
        let root = "FROM debian:13\nCOPY app /app\nENTRYPOINT [\"/app\"]\n";
        let (warning, info) = (Some(Severity::Warning), Some(Severity::Info));
        assert_eq!(severity(root, ""), warning);
        assert_eq!(severity(root, &pod("runAsUser: 1000", "runAsNonRoot: true")), info);
        assert_eq!(severity(root, &pod("runAsUser: 1000", "runAsUser: 0")), warning);
        assert_eq!(severity(root, &pod("runAsUser: 1000", "")), warning);
    }

    #[test]
    fn a_script_that_was_not_read_may_become_another_user() {
        let with = |package: &str, script: &str| {
            format!(
                "FROM debian:13\nRUN apt-get update && apt-get install -y {package}\nCOPY . /\nENTRYPOINT [\"{script}\"]\n"
            )
        };
        assert_eq!(severity(&with("gosu", "/missing.sh"), ""), Some(Severity::Info));
        assert_eq!(severity(&with("curl", "/missing.sh"), ""), Some(Severity::Warning));
    }
}
