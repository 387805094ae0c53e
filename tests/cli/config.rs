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

/// Broken, hostile and huge configurations: what is wrong, within a second.
#[test]
fn bad_configurations_end_the_run_with_a_reason() {
    let own = |pattern: &str| {
        format!(
            "custom-rules:\n- id: a\n  title: A\n  severity: info\n  message: m\n  match: [{{ on: run, when: {{ text: '{pattern}' }} }}]\n"
        )
    };
    let deep = format!("rules: {}", "[".repeat(20_000));
    let huge = format!("rules: {{}}\n{}", "# x\n".repeat(1 << 20));
    let bomb = format!(
        "base-preference: &a [x, x]\npaths: &b [*a, *a]\nallow: [{}]\n",
        vec!["*b"; 5_000].join(", ")
    );
    let table = [
        (
            "extends: barehull.yaml\n".to_owned(),
            "barehull.yaml:1: unknown field `extends`: a configuration stands alone",
        ),
        (
            own("/(a{1000}){1000}/"),
            "barehull.yaml:6: custom-rules[0].match[0].when.text: the regular expression",
        ),
        (own("/(a/"), "cannot be read: error: unclosed group"),
        (own("a*b"), "an asterisk stands at the start or the end"),
        (
            "paths:\n- match: [x]\n  rules: {}\n  rule: {}\n".to_owned(),
            "unknown field `rule`; did you mean `rules`?",
        ),
        ("rules: { runs-as-root: off, runs-as-root: error }\n".to_owned(), "runs-as-root is there twice"),
        ("allow: { packages: [{ name: curl, reason: x, until: 2027-13-41 }] }\n".to_owned(), "is not a date"),
        ("- rules\n".to_owned(), "invalid type"),
        (deep, "barehull.yaml:1: "),
        (bomb, "barehull.yaml:"),
        (huge, "more than the 262144 that are read"),
    ];
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE)]);
    for (text, expected) in table {
        sandbox.write("barehull.yaml", text.as_bytes());
        for args in [&["check"][..], &["fix"], &["check", "--config", "barehull.yaml"]] {
            let said = sandbox.run(args);
            assert_eq!((said.code, said.out.as_str()), (2, ""), "{expected}: {}", said.err);
            let is_named = args.len() > 2 && expected.starts_with("more than") || said.err.contains(expected);
            assert!(is_named && said.err.len() < 1_000, "{expected}: {}", said.err);
        }
    }
}

/// An expression that others need exponential time for.
#[test]
fn expressions_take_linear_time() {
    let own = "custom-rules:\n- id: aaa\n  title: A\n  severity: error\n  message: m\n  match: [{ on: run, when: { text: '/^(a+)+$/' } }]\n";
    let dockerfile = format!("FROM debian:13\nRUN {}b\n", "a".repeat(60_000));
    let sandbox = Sandbox::new(&[("Dockerfile", &dockerfile), ("barehull.yaml", own)]);
    assert!(!rules(&sandbox, &[]).iter().any(|rule| rule == "aaa"));
    sandbox.write("Dockerfile", b"FROM debian:13\nRUN aaa\n");
    assert!(rules(&sandbox, &[]).iter().any(|rule| rule == "aaa"));
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_not_read_to_it() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE)]);
    for args in [["check", "--baseline"], ["check", "--config"], ["check", "--catalog"], ["rules", "test"]] {
        let said = sandbox.run(&[&args[..], &["/dev/zero"]].concat());
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains("/dev/zero") && said.err.contains("bytes that are read"), "{}", said.err);
    }
}

#[test]
fn settings_for_some_paths_count_before_those_for_all() {
    let config = "rules: { recommends-installed: off }\npaths:\n- match: ['dev/**']\n  rules: { recommends-installed: error, shell-in-final: off }\n";
    let sandbox = Sandbox::new(&[
        ("barehull.yaml", config),
        ("Dockerfile", DOCKERFILE),
        ("dev/Dockerfile", DOCKERFILE),
    ]);
    sandbox.git(&["init", "-q"]);
    let (all, dev) = (rules(&sandbox, &["Dockerfile"]), rules(&sandbox, &["dev"]));
    let has = |found: &[String], rule: &str| found.iter().any(|found| found == rule);
    assert!(has(&all, "shell-in-final") && !has(&all, "recommends-installed"), "{all:?}");
    assert!(!has(&dev, "shell-in-final") && has(&dev, "recommends-installed"), "{dev:?}");
    assert_eq!(sandbox.run(&["check", "dev"]).code, 1);
}

/// `curl until 2027-01-31 because ...`: told with the reason until then, a finding from the day after on.
#[test]
fn an_allowance_has_a_reason_and_an_end() {
    let config =
        "allow:\n  packages:\n  - { name: curl, reason: the old platform asks with it, until: 2027-01-31 }\n";
    let sandbox = Sandbox::new(&[("barehull.yaml", config), ("Dockerfile", DOCKERFILE)]);
    let curl = |today: &str| {
        let said = sandbox.run(&["check", "--format", "json", "--today", today]);
        let report: Value = serde_json::from_str(&said.out).expect("JSON");
        let findings = report["files"][0]["findings"].as_array().expect("findings").clone();
        let found = findings.into_iter().find(|finding| finding["rule"] == "network-client-in-final");
        found.expect("a finding")["suppressed"].to_string()
    };
    for day in ["2026-12-01", "2027-01-31"] {
        assert!(curl(day).contains("the old platform asks with it"), "{}", curl(day));
    }
    assert_eq!(curl("2027-02-01"), "null");
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
    let dockerfile = "FROM debian:13 AS build\nRUN apt-get update && apt-get install -y gcc\nFROM scratch\nCOPY --from=build /a /a\nUSER 1000\n";
    let sandbox = Sandbox::new(&[("Dockerfile", dockerfile)]);
    assert!(!rules(&sandbox, &[]).iter().any(|rule| rule == "recommends-installed"));
    let all = rules(&sandbox, &["--all-stages"]);
    for rule in ["recommends-installed", "build-tool-in-final", "shell-in-final"] {
        assert!(all.iter().any(|found| found == rule), "{rule}: {all:?}");
    }
    // Worth knowing, no more.
    assert_eq!(sandbox.run(&["check", "--all-stages", "--fail-on", "warning"]).code, 0);
    assert!(sandbox.run(&["check", "--all-stages"]).out.contains("in build stage build"));
}
