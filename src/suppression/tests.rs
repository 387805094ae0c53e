use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

/// The rules of the findings that count, and of those that do not.
fn said(dockerfile: &str, only: &[&str]) -> (Vec<&'static str>, Vec<&'static str>) {
    let project = Project::new(Arc::new(Memory::of([("Dockerfile", dockerfile)])));
    let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
    let only = only.iter().map(|id| (*id).to_owned()).collect();
    let options = Options { only, ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let (hidden, shown): (Vec<_>, Vec<_>) = analysis.findings.iter().partition(|f| f.suppressed.is_some());
    (shown.iter().map(|f| f.rule.id).collect(), hidden.iter().map(|f| f.rule.id).collect())
}

#[test]
fn comments_of_every_tool_are_understood() {
    const UPGRADE: &str = "RUN apt-get update && apt-get upgrade -y\n";
    let above = [
        ("# barehull: ignore=upgrade-in-build the mirror is ours\n", true),
        ("# barehull: ignore=unpinned-base,upgrade-in-build\n", true),
        ("# barehull: ignore-file=upgrade-in-build\n", true),
        ("# barehull: ignore-file\n", true),
        ("# hadolint ignore=DL3008,DL3005\n", true),
        ("# hadolint global ignore=DL3005\n", true),
        ("#checkov:skip=CKV_DOCKER_2:not here\n", false),
        ("# trivy:ignore:DS-0024\n", true),
        ("#trivy:ignore:AVD-DS-0024\n", true),
        ("# trivy:ignore:DS024\n", true),
        ("# trivy:ignore:DS-0013\n", false),
        ("# kics-scan ignore-line\n", true),
        ("# kics-scan ignore-block\n", true),
        ("# hadolint ignore=DL3008\n", false),
        ("# a comment on what to ignore\n", false),
        ("# barehull: ignore=upgrade-in-build\nENV A=b\n", false),
    ];
    for (comment, hides) in above {
        let (shown, hidden) = said(&format!("FROM debian:13\n{comment}{UPGRADE}"), &["upgrade-in-build"]);
        assert_eq!((shown.is_empty(), hidden.is_empty()), (hides, !hides), "{comment}");
    }
    let block = format!("# kics-scan ignore-block\nFROM debian:13\n{UPGRADE}");
    assert_eq!(said(&block, &["upgrade-in-build"]), (vec![], vec!["upgrade-in-build"]));
    let disabled =
        format!("# kics-scan disable=682FE378-c180-4bd5-8a14-95fc285fb269\nFROM debian:13\n{UPGRADE}");
    assert_eq!(said(&disabled, &["upgrade-in-build"]), (vec![], vec!["upgrade-in-build"]));
    let inside = "FROM debian:13\nRUN apt-get update && \\\n  # barehull: ignore=upgrade-in-build\n  apt-get upgrade -y\n";
    assert_eq!(said(inside, &["upgrade-in-build"]), (vec![], vec!["upgrade-in-build"]));
    let directive = "# check=skip=MaintainerDeprecated;error=true\nFROM debian:13\nMAINTAINER me\n";
    assert_eq!(said(directive, &["deprecated-instruction"]), (vec![], vec!["deprecated-instruction"]));
}

#[test]
fn comments_that_hide_nothing_are_told() {
    let rules = ["unused-suppression", "upgrade-in-build"];
    for (dockerfile, expected) in [
        ("FROM debian:13\n# barehull: ignore=upgrade-in-build\nRUN make\n", 1),
        ("FROM debian:13\n# barehull: ignore=upgrade-in-bild\nRUN apt-get upgrade\n", 2),
        // It was not asked for, so nobody knows.
        ("FROM debian:13\n# barehull: ignore=shell-in-final\nRUN make\n", 0),
        // Another tool may need it.
        ("FROM debian:13\n# hadolint ignore=DL3005\nRUN make\n", 0),
        ("FROM debian:13\nRUN make\n# barehull: ignore=upgrade-in-build\n", 1),
    ] {
        assert_eq!(said(dockerfile, &rules).0.len(), expected, "{dockerfile}");
    }
    assert!(said("FROM\n# barehull: ignore-file\n", &["invalid-dockerfile"]).1.is_empty());
}

#[test]
fn what_is_ignored_is_not_mended() {
    let dockerfile =
        "FROM registry.example/app:1\n# barehull: ignore=deprecated-instruction\nMAINTAINER me\n";
    let project = Project::new(Arc::new(Memory::of([("Dockerfile", dockerfile)])));
    let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    assert!(analysis.rewrite.unwrap().patch.is_empty());
}
