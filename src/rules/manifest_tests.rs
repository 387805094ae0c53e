//! The rules about manifests: what they say of containers that run the image, and of none else.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::{Finding, Place};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

const MAKEFILE: &str = "image:\n\tdocker build -t acme/web:1 .\n";
const ROOT: &str = "FROM debian:13\nCOPY app /app\nENTRYPOINT [\"/app\"]\n";
const USER: &str = "FROM debian:13\nCOPY app /app\nUSER 1000\nENTRYPOINT [\"/app\"]\n";
const BARE: &str = "FROM debian:13\nCOPY app /app\nUSER 1000\n";
/// All that the hardening rules ask for.
const HARD: &str = "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, \
                    capabilities: {drop: [all]}}";

/// The findings about the manifest whose container has these lines, below a pod with those.
fn findings(dockerfile: &str, container: &[&str], pod: &[&str]) -> Vec<(Finding, u32)> {
    let lines = |lines: &[&str], indent: &str| -> String {
        lines.iter().flat_map(|line| [indent, line, "\n"]).collect()
    };
    let manifest = format!(
        "kind: Deployment\nmetadata: {{name: shop}}\nspec:\n  template:\n    spec:\n{}      containers:\n        - name: web\n{}",
        lines(pod, "      "),
        lines(container, "          ")
    );
    let files = [("Dockerfile", dockerfile), ("Makefile", MAKEFILE), ("app", ""), ("web.yaml", &manifest)];
    let project = Project::new(Arc::new(Memory::of(files)));
    let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
    let options = Options::new(Catalog::builtin());
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let sources = analysis.sources;
    let in_manifest = |finding: Finding| match &finding.place {
        Place::Source(at) if sources.get(at.file).path.as_str() == "web.yaml" => {
            let line = sources.line(*at);
            Some((finding, line))
        }
        _ => None,
    };
    analysis.findings.into_iter().filter_map(in_manifest).collect()
}

fn ids(dockerfile: &str, container: &[&str], pod: &[&str]) -> Vec<&'static str> {
    let mut ids: Vec<_> =
        findings(dockerfile, container, pod).iter().map(|(finding, _)| finding.rule.id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_container_without_settings_is_soft() {
    let soft = [
        "manifest-capabilities",
        "manifest-privilege-escalation",
        "manifest-runs-as-root",
        "manifest-writable-root",
    ];
    assert_eq!(ids(ROOT, &["image: acme/web:1"], &[]), soft);
    assert!(ids(ROOT, &["image: acme/web:1", HARD], &[]).is_empty());
    // Another image is nobody's business here.
    assert!(ids(ROOT, &["image: redis:8"], &[]).is_empty());
    assert!(ids(ROOT, &["image: other/api:1", "command: [sh, -c, x]"], &[]).is_empty());
}

#[test]
fn who_runs_as_root() {
    let with = |user: &str| HARD.replace("runAsNonRoot: true", user);
    let root = vec!["manifest-runs-as-root"];
    let none: Vec<&str> = Vec::new();
    let image = "image: acme/web:1";
    let table: &[(&str, &str, &[&str], &Vec<&str>)] = &[
        (USER, "runAsUser: 0", &[], &root),
        (USER, "runAsGroup: 0", &[], &none),
        (USER, "runAsGroup: 0", &["securityContext: {runAsUser: 0}"], &root),
        (USER, "runAsUser: 5", &["securityContext: {runAsUser: 0}"], &none),
        (ROOT, "runAsGroup: 0", &[], &root),
        (ROOT, "runAsUser: 5", &[], &none),
        (ROOT, "runAsGroup: 0", &["securityContext: {runAsNonRoot: true}"], &none),
        ("FROM inhouse.example/base\n", "runAsGroup: 0", &[], &none),
    ];
    for (dockerfile, user, pod, expected) in table {
        assert_eq!(&ids(dockerfile, &[image, &with(user)], pod), *expected, "{user} {pod:?}");
    }
}

#[test]
fn settings_that_are_set_wrong() {
    let with = |old: &str, new: &str| HARD.replace(old, new);
    let table = [
        (
            with("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
            "manifest-privilege-escalation",
        ),
        (with("allowPrivilegeEscalation: false", "privileged: true"), "manifest-privilege-escalation"),
        (with("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"), "manifest-writable-root"),
        (with("drop: [all]", "drop: [NET_RAW]"), "manifest-capabilities"),
        (with("drop: [all]", "drop: [ALL], add: [ALL]"), "manifest-capabilities"),
    ];
    for (security, expected) in table {
        assert_eq!(ids(ROOT, &["image: acme/web:1", &security], &[]), [expected], "{security}");
    }
    let allowed = with("drop: [all]", "drop: [ALL], add: [NET_BIND_SERVICE]");
    assert!(ids(ROOT, &["image: acme/web:1", &allowed], &[]).is_empty());
}

#[test]
fn what_needs_a_tool() {
    let none: Vec<&str> = Vec::new();
    let (probe, shell) = (vec!["probe-needs-tool"], vec!["command-needs-shell"]);
    let table: &[(&str, &str, &Vec<&str>)] = &[
        (ROOT, "livenessProbe: {exec: {command: [curl, -f, http://localhost]}}", &probe),
        (ROOT, "readinessProbe: {exec: {command: [/bin/sh, -c, wget -qO- localhost]}}", &probe),
        (ROOT, "startupProbe: {exec: {command: [cat, /tmp/ready]}}", &probe),
        // The application's own program, and what is asked from outside.
        (ROOT, "livenessProbe: {exec: {command: [/app, health, curl]}}", &none),
        (ROOT, "livenessProbe: {exec: {command: [/app/cat-service]}}", &none),
        (ROOT, "livenessProbe: {httpGet: {path: /curl, port: 80}}", &none),
        (ROOT, "command: [sh, -c, exec /app]", &shell),
        (ROOT, "command: [/bin/bash, /start.sh]", &shell),
        (ROOT, "lifecycle: {preStop: {exec: {command: [/bin/sh, -c, sleep 5]}}}", &shell),
        (ROOT, "lifecycle: {preStop: {exec: {command: [/app, drain]}}}", &none),
        (BARE, "args: [sh, -c, exec /app]", &shell),
        // Arguments of the image's ENTRYPOINT, or of a command.
        (ROOT, "args: [sh, -c, exec /app]", &none),
        (ROOT, "command: [/app, sh]", &none),
    ];
    for (dockerfile, line, expected) in table {
        let hard = HARD;
        assert_eq!(&ids(dockerfile, &["image: acme/web:1", hard, line], &[]), *expected, "{line}");
    }
}

#[test]
fn findings_stand_where_the_fault_is() {
    let found = findings(
        USER,
        &["image: acme/web:1-debug", HARD, "livenessProbe:", "  exec: {command: [curl, localhost]}"],
        &["initContainers:", "  - {name: wait, image: acme/web, command: [sh, -c, wait]}"],
    );
    let said: Vec<_> =
        found.iter().map(|(finding, line)| (finding.rule.id, *line, finding.subject.as_str())).collect();
    assert!(
        said.contains(&("manifest-debug-image", 10, "web.yaml: container web of Deployment shop")),
        "{said:?}"
    );
    assert!(
        said.contains(&("probe-needs-tool", 13, "web.yaml: container web of Deployment shop, livenessProbe")),
        "{said:?}"
    );
    assert!(
        said.contains(&(
            "command-needs-shell",
            7,
            "web.yaml: init container wait of Deployment shop, command"
        )),
        "{said:?}"
    );
}
