//! Security settings of containers: what is set, what is left alone and why.

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::analysis::Analysis;
use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

struct Case {
    what: &'static str,
    dockerfile: &'static str,
    /// The application's source, `server.js`.
    source: &'static str,
    /// The container's further lines.
    container: &'static str,
    /// The pod's further lines.
    pod: &'static str,
    /// Lines that are added to the manifest, whatever their indentation; others starting like one of `never` are wrong.
    says: &'static [&'static str],
    never: &'static [&'static str],
    /// Part of what is said of what stays.
    stays: Option<&'static str>,
}

const NODE: &str =
    "FROM node:22-slim\nWORKDIR /app\nCOPY server.js .\nUSER node\nCMD [\"node\", \"server.js\"]\n";
const SERVER: &str = "require('http').createServer().listen(8080)\n";
const ALL: &[&str] = &[
    "securityContext:",
    "runAsNonRoot: true",
    "runAsUser: 1000",
    "allowPrivilegeEscalation: false",
    "readOnlyRootFilesystem: true",
    "capabilities:",
    "drop: [\"ALL\"]",
    "seccompProfile:",
    "type: RuntimeDefault",
    "volumeMounts:",
    "- name: tmp",
    "mountPath: /tmp",
    "volumes:",
    "emptyDir: {}",
];

const PLAIN: Case = Case {
    what: "",
    dockerfile: NODE,
    source: SERVER,
    container: "",
    pod: "",
    says: &[],
    never: &[],
    stays: None,
};

#[test]
fn settings_that_the_image_allows() {
    let cases = [
        Case { what: "all of them", says: ALL, never: &["runAsGroup", "add:"], ..PLAIN },
        Case {
            what: "root keeps its capabilities",
            dockerfile: "FROM node:22-slim\nWORKDIR /app\nCOPY server.js .\nCMD [\"node\", \"server.js\"]\n",
            says: &[
                "allowPrivilegeEscalation: false",
                "type: RuntimeDefault",
                "readOnlyRootFilesystem: true",
            ],
            never: &["runAs", "drop", "capabilities"],
            stays: Some("capabilities stay: the process runs as root"),
            ..PLAIN
        },
        Case {
            what: "a port below 1024",
            container: "ports: [{containerPort: 80}]",
            says: &["add: [\"NET_BIND_SERVICE\"]", "drop: [\"ALL\"]"],
            ..PLAIN
        },
        Case {
            what: "a user with a group of its own",
            dockerfile: "FROM node:22-slim\nWORKDIR /app\nCOPY server.js .\nUSER 10001:10002\nCMD [\"node\", \"server.js\"]\n",
            says: &["runAsUser: 10001", "runAsGroup: 10002"],
            ..PLAIN
        },
        Case {
            what: "a user whose number no line says",
            dockerfile: "FROM node:22-slim\nRUN useradd shop\nWORKDIR /app\nCOPY server.js .\nUSER shop\nCMD [\"node\", \"server.js\"]\n",
            says: &["drop: [\"ALL\"]"],
            never: &["runAs"],
            stays: Some("a user that is only a name"),
            ..PLAIN
        },
        Case {
            what: "the pod says who runs",
            pod: "securityContext: {runAsUser: 5, seccompProfile: {type: Localhost}}",
            says: &["runAsNonRoot: true", "drop: [\"ALL\"]"],
            never: &["runAsUser", "seccompProfile"],
            ..PLAIN
        },
        Case {
            what: "the pod says that it is not root",
            pod: "securityContext: {runAsNonRoot: true}",
            says: &["drop: [\"ALL\"]"],
            never: &["runAsUser", "runAsNonRoot"],
            ..PLAIN
        },
        Case {
            what: "what somebody set stays",
            container: "securityContext: {readOnlyRootFilesystem: false, allowPrivilegeEscalation: true, capabilities: {drop: [NET_RAW]}}",
            says: &[
                "securityContext: {runAsNonRoot: true, runAsUser: 1000, readOnlyRootFilesystem: false, allowPrivilegeEscalation: true, capabilities: {drop: [NET_RAW, ALL]}, seccompProfile: {type: RuntimeDefault}}",
            ],
            never: &["emptyDir"],
            ..PLAIN
        },
        Case {
            what: "a privileged container",
            container: "securityContext: {privileged: true}",
            never: &["runAs", "drop", "allow", "read"],
            ..PLAIN
        },
        Case {
            what: "a program with capabilities of its own",
            dockerfile: "FROM node:22-slim\nRUN setcap cap_net_bind_service=+ep /usr/local/bin/node\nWORKDIR /app\nCOPY server.js .\nUSER node\nCMD [\"node\", \"server.js\"]\n",
            says: &["allowPrivilegeEscalation: false"],
            never: &["drop"],
            stays: Some("has some of its own"),
            ..PLAIN
        },
        Case {
            what: "a folder that the application writes to",
            source: "require('fs').writeFileSync('/var/lib/shop/a.db', '')\n",
            says: &[
                "readOnlyRootFilesystem: true",
                "mountPath: /var/lib/shop",
                "mountPath: /tmp",
                "- name: shop",
            ],
            ..PLAIN
        },
        Case {
            what: "one that is mounted",
            source: "require('fs').writeFileSync('/data/a.db', '')\n",
            container: "volumeMounts: [{name: d, mountPath: /data}]",
            says: &[
                "readOnlyRootFilesystem: true",
                "volumeMounts: [{name: d, mountPath: /data}, {name: tmp, mountPath: /tmp}]",
            ],
            never: &["mountPath"],
            ..PLAIN
        },
        Case {
            what: "files of the image lie where it writes",
            source: "require('fs').writeFileSync('cache.json', '')\n",
            says: &["drop: [\"ALL\"]"],
            never: &["readOnlyRootFilesystem", "emptyDir"],
            stays: Some("give what is written a folder of its own"),
            ..PLAIN
        },
        Case {
            what: "a path that is worked out",
            source: "require('fs').writeFileSync(process.env.WHERE, '')\n",
            never: &["readOnlyRootFilesystem"],
            stays: Some("a path that it works out when it runs"),
            ..PLAIN
        },
        Case {
            what: "a library that writes",
            source: "const multer = require('multer')\n",
            never: &["readOnlyRootFilesystem"],
            stays: Some("multer writes to the folder of uploads"),
            ..PLAIN
        },
        Case {
            what: "a command of the manifest's own",
            container: "command: [node, other.js]",
            says: &["drop: [\"ALL\"]"],
            never: &["readOnlyRootFilesystem"],
            stays: Some("starts something else"),
            ..PLAIN
        },
        Case {
            what: "a server of the base image",
            dockerfile: "FROM nginx:1.28\nCOPY server.js /usr/share/nginx/html/\nUSER 101\n",
            says: &["drop: [\"ALL\"]", "runAsUser: 101"],
            never: &["readOnlyRootFilesystem"],
            stays: Some("readOnlyRootFilesystem stays out"),
            ..PLAIN
        },
    ];
    let wrong: Vec<String> = cases.iter().flat_map(defects).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn manifest(case: &Case) -> String {
    let line = |text: &str, indent: &str| {
        if text.is_empty() { String::new() } else { format!("{indent}{text}\n") }
    };
    format!(
        "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n{}      containers:\n      - name: web\n        image: acme/web:1\n{}",
        line(case.pod, "      "),
        line(case.container, "        ")
    )
}

fn analyse(case: &Case, manifest: &str, skip: &[&'static str]) -> Analysis {
    let project = Project::new(Arc::new(Memory::of([
        ("Dockerfile", case.dockerfile),
        ("server.js", case.source),
        ("web.yaml", manifest),
        ("Makefile", "image:\n\tdocker build -t acme/web:1 .\n"),
    ])));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    // The image stays as it is: what is said of it is what the case says.
    let others = crate::recipes::RECIPES
        .iter()
        .map(|r| r.id)
        .filter(|id| *id != super::super::pod_security::RECIPE.id);
    let skip_fixes = others.chain(skip.iter().copied()).collect();
    let options = Options { fixes: Some(Level::Review), skip_fixes, ..Options::new(Catalog::builtin()) };
    engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options)
}

fn patched(analysis: &Analysis) -> Option<String> {
    let patch = analysis.rewrite.as_ref()?.patch.iter().find(|p| p.path.as_str() == "web.yaml")?;
    Some(String::from_utf8_lossy(patch.after.as_deref()?).into_owned())
}

fn defects(case: &Case) -> Vec<String> {
    let before = manifest(case);
    let analysis = analyse(case, &before, &[]);
    let rewrite = analysis.rewrite.as_ref().expect("a rewrite was asked for");
    let mut wrong: Vec<String> = rewrite.dropped.iter().map(|dropped| format!("{dropped:?}")).collect();
    let after = patched(&analysis).unwrap_or_default();
    let old: Vec<&str> = before.lines().map(str::trim).collect();
    let new: Vec<&str> = after.lines().map(str::trim).filter(|line| !old.contains(line)).collect();
    wrong.extend(case.says.iter().filter(|line| !new.contains(line)).map(|line| format!("it lacks {line}")));
    let is_wrong = |line: &&&str| case.never.iter().any(|never| line.starts_with(never));
    wrong.extend(new.iter().filter(is_wrong).map(|line| format!("it says {line}")));
    let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
    if let Some(stays) = case.stays
        && !reasons.iter().any(|reason| reason.contains(stays))
    {
        wrong.push(format!("nothing says {stays}"));
    }
    if !after.is_empty() && patched(&analyse(case, &after, &[])).is_some() {
        wrong.push("a second run changes it again".to_owned());
    }
    wrong.into_iter().map(|what| format!("{}: {what}\n{after}\n{reasons:?}", case.what)).collect()
}

#[test]
fn each_can_be_had_without_the_other() {
    let case = PLAIN;
    let manifest = manifest(&case);
    let analysis = analyse(&case, &manifest, &["pod-security"]);
    assert!(patched(&analysis).is_none());
    let analysis = analyse(&case, &manifest, &[]);
    let changed: Vec<&str> =
        analysis.rewrite.iter().flat_map(|r| &r.patch).map(|p| p.path.as_str()).collect();
    assert_eq!(changed, ["web.yaml"]);
    let hard = |rule: &str| analysis.findings.iter().find(|f| f.rule.id == rule).expect("it is soft");
    for rule in ["manifest-capabilities", "manifest-privilege-escalation", "manifest-writable-root"] {
        let fixes: Vec<&str> = hard(rule).fixes.iter().map(|fix| fix.by).collect();
        assert_eq!(fixes, ["pod-security"], "{rule}");
    }
}
