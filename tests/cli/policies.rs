//! Policies, and the way from hadolint's configuration to ours.

use serde_json::Value;

use crate::sandbox::Sandbox;

const DOCKERFILE: &str = "FROM debian:13\nRUN apt-get update\nADD app /app\nMAINTAINER me\nCMD [\"/app\"]\n";

fn report(sandbox: &Sandbox, args: &[&str]) -> Value {
    let args: Vec<&str> =
        ["check", "--format", "json", "--today", "2026-09-15"].iter().chain(args).copied().collect();
    let said = sandbox.run(&args);
    assert!(said.code < 2, "{}", said.err);
    serde_json::from_str(&said.out).expect("JSON")
}

/// Rules and the controls that their findings break.
fn controls(report: &Value) -> Vec<(String, Vec<String>)> {
    let findings = report["files"][0]["findings"].as_array().expect("findings").iter();
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
    };
    findings.map(|f| (f["rule"].as_str().expect("a rule").to_owned(), texts(&f["controls"]))).collect()
}

fn of<'a>(found: &'a [(String, Vec<String>)], rule: &str) -> Option<&'a [String]> {
    found.iter().find(|(id, _)| id == rule).map(|(_, controls)| controls.as_slice())
}

#[test]
fn a_policy_chooses_rules_and_counts_controls() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE)]);
    let report = report(&sandbox, &["--policy", "cis-docker"]);
    let found = controls(&report);
    // It is off otherwise.
    assert_eq!(of(&found, "missing-healthcheck"), Some(&["4.6".to_owned()][..]));
    assert_eq!(of(&found, "add-instead-of-copy"), Some(&["4.9".to_owned()][..]));
    assert_eq!(of(&found, "update-without-install"), Some(&["4.7".to_owned()][..]));
    assert_eq!(of(&found, "deprecated-instruction"), None, "no control asks for it");
    let policy = &report["summary"]["policies"][0];
    assert_eq!(policy["id"], "cis-docker");
    let status = |at: usize| (policy["controls"][at]["id"].clone(), policy["controls"][at]["status"].clone());
    assert_eq!(status(0), ("4.1".into(), "findings".into()));
    assert_eq!(status(4), ("4.5".into(), "not-looked-at".into()));
    assert_eq!(status(9), ("4.10".into(), "nothing-found".into()));
    let text = sandbox.run(&["check", "--policy", "cis-docker"]).out;
    assert!(text.contains("the container runs as root") || text.contains("[4.1]"), "{text}");
    assert!(text.contains("  4.9   1 finding       COPY instead of ADD"), "{text}");
}

#[test]
fn a_configuration_names_a_policy_and_counts_over_it() {
    let config =
        "policy: distroless-strict\nrules: { privilege-tool-in-final: off, deprecated-instruction: on }\n";
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), ("barehull.yaml", config)]);
    let own = report(&sandbox, &[]);
    let found = controls(&own);
    assert_eq!(of(&found, "shell-in-final"), Some(&["shell".to_owned()][..]));
    assert_eq!(of(&found, "privilege-tool-in-final"), None);
    assert_eq!(of(&found, "deprecated-instruction"), Some(&[][..]));
    let findings = own["files"][0]["findings"].as_array().unwrap();
    let shell = findings.iter().find(|finding| finding["rule"] == "shell-in-final").unwrap();
    assert_eq!(shell["severity"], "error", "the policy's severity");
    let asked = report(&sandbox, &["--policy", "recommended"]);
    assert_eq!(asked["summary"]["policies"][0]["id"], "recommended", "the command line counts first");
    let none = report(&sandbox, &["--policy", "recommended", "--only", "missing-labels"]);
    assert_eq!(controls(&none), [("missing-labels".to_owned(), vec![])], "and --only before all");
}

#[test]
fn an_unknown_policy_is_an_error() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), ("bad.yaml", "policy: cis\n")]);
    for args in [["check", "--policy", "cis"], ["check", "--config", "bad.yaml"]] {
        let said = sandbox.run(&args);
        assert_eq!(said.code, 2);
        assert!(said.err.contains("there is no policy cis; there are cis-docker, "), "{}", said.err);
    }
}

const HADOLINT: &str = "ignored: [DL3020, DL3059]\noverride: { error: [DL3025] }\ntrustedRegistries: [docker.io]\nfailure-threshold: warning\n";

#[test]
fn a_configuration_is_made_of_hadolints() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), (".hadolint.yaml", HADOLINT)]);
    let said = sandbox.run(&["migrate"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.out,
        "# Made of hadolint's configuration by `barehull migrate`.\n\
         rules:\n  add-instead-of-copy: off # DL3020\n  shell-form-entrypoint: error\n\
         allow:\n  registries: [\"docker.io\"]\n"
    );
    for part in ["DL3059: no rule asks", "--fail-on warning", "unpinned-package: on"] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    assert_eq!(sandbox.run(&["migrate", "--write", "--quiet"]).code, 0);
    assert_eq!(sandbox.read("barehull.yaml"), said.out);
    assert_eq!(of(&controls(&report(&sandbox, &[])), "add-instead-of-copy"), None);
    let again = sandbox.run(&["migrate", "--write"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("barehull.yaml: there is one already"), "{}", again.err);
}

#[test]
fn what_hadolint_could_not_read_is_an_error() {
    let sandbox = Sandbox::new(&[("a.yaml", "ignored: []\noverride: { loud: [DL3000] }\n")]);
    let said = sandbox.run(&["migrate", "a.yaml"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("a.yaml:2: override: loud: there are"), "{}", said.err);
    let said = sandbox.run(&["migrate"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("there is no .hadolint.yaml or .hadolint.yml here"), "{}", said.err);
}
