//! Configuration, baselines, rules of one's own.

use serde_json::Value;

use crate::sandbox::Sandbox;

const DOCKERFILE: &str =
    "FROM debian:13\nRUN apt-get update && apt-get install -y curl\nUSER 1000\nCMD [\"/app\"]\n";

/// The rules of the findings that count.
fn rules(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let args: Vec<&str> =
        ["check", "--format", "json", "--today", "2026-09-15"].iter().chain(args).copied().collect();
    let said = sandbox.run(&args);
    assert!(said.code < 2, "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let files = report["files"].as_array().expect("files").iter();
    let findings = files.flat_map(|file| file["findings"].as_array().expect("findings"));
    let counts = findings.filter(|finding| finding["suppressed"].is_null());
    counts.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn the_nearest_configuration_counts() {
    let sandbox = Sandbox::new(&[
        ("barehull.yaml", "rules: { recommends-installed: off, missing-labels: on }\n"),
        ("a/Dockerfile", DOCKERFILE),
        ("b/.barehull.yaml", "allow:\n  packages:\n  - { name: curl, reason: health check }\n"),
        ("b/Dockerfile", DOCKERFILE),
    ]);
    sandbox.git(&["init", "-q"]);
    let a = rules(&sandbox, &["a"]);
    assert!(
        a.iter().any(|rule| rule == "missing-labels") && a.iter().any(|r| r == "network-client-in-final"),
        "{a:?}"
    );
    assert!(!a.iter().any(|rule| rule == "recommends-installed"), "{a:?}");
    let b = rules(&sandbox, &["b"]);
    assert!(b.iter().any(|rule| rule == "recommends-installed"), "{b:?}");
    assert!(!b.iter().any(|rule| rule == "network-client-in-final"), "{b:?}");
    let given = rules(&sandbox, &["b", "--config", "barehull.yaml"]);
    assert!(given.iter().any(|rule| rule == "network-client-in-final"), "{given:?}");
}

#[test]
fn a_bad_configuration_is_named_with_its_line() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), ("barehull.yaml", "rules: {}\nalow: {}\n")]);
    let said = sandbox.run(&["check"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("barehull.yaml:2: unknown field `alow`; did you mean `allow`?"),
        "{}",
        said.err
    );
}

#[test]
fn only_what_is_new_counts_beside_a_baseline() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE)]);
    assert_eq!(sandbox.run(&["baseline", "write"]).code, 0);
    assert_eq!(rules(&sandbox, &["--baseline", "barehull-baseline.json"]), [""; 0]);
    let moved = format!("# a comment\n\n{DOCKERFILE}EXPOSE 22\n");
    sandbox.write("Dockerfile", moved.as_bytes());
    assert_eq!(rules(&sandbox, &["--baseline", "barehull-baseline.json"]), ["ssh-port-exposed"]);
    sandbox.write("bad.json", "x".repeat(10 << 20).as_bytes());
    let said = sandbox.run(&["check", "--baseline", "bad.json"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("bad.json is not what `barehull baseline write` makes"), "{}", said.err);
}

const OWN: &str = r#"custom-rules:
- id: acme-proxy
  title: The proxy of the office stays in the image
  severity: warning
  message: "{name} is set to {value}"
  match:
  - on: env
    when: { name: [http_proxy, https_proxy], value: "/proxy[.]acme[.]example/" }
  cases:
    finds: ["FROM debian:13\nENV HTTP_PROXY=http://proxy.acme.example:3128\n"]
    silent: ["FROM debian:13\nENV HTTP_PROXY=http://other.example\n"]
"#;

#[test]
fn rules_of_ones_own_run_and_are_tested() {
    let dockerfile = "FROM debian:13\nENV http_proxy=http://proxy.acme.example:3128\n";
    let sandbox = Sandbox::new(&[("Dockerfile", dockerfile), ("barehull.yaml", OWN)]);
    assert!(rules(&sandbox, &[]).iter().any(|rule| rule == "acme-proxy"));
    let said = sandbox.run(&["rules", "test", "barehull.yaml"]);
    assert_eq!((said.code, said.out.as_str()), (0, "1 rules, 2 of 2 cases are right\n"));
    sandbox.write("wrong.yaml", OWN.replace("other.example", "proxy.acme.example").as_bytes());
    let said = sandbox.run(&["rules", "test", "wrong.yaml"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("acme-proxy: silent 1: line 2: HTTP_PROXY is set to"), "{}", said.out);
}

#[test]
fn build_stages_are_looked_at_if_asked_for() {
    let dockerfile = "FROM debian:13 AS build\nRUN apt-get update && apt-get install -y gcc\nFROM scratch\nCOPY --from=build /a /a\n";
    let sandbox = Sandbox::new(&[("Dockerfile", dockerfile)]);
    assert!(!rules(&sandbox, &[]).iter().any(|rule| rule == "recommends-installed"));
    assert!(rules(&sandbox, &["--all-stages"]).iter().any(|rule| rule == "recommends-installed"));
}
