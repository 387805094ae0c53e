use super::*;
use crate::config::{Config, RuleFile, Setting};
use crate::finding::Severity;

fn migrated(text: &str) -> (Config, Migration) {
    let migration = from_hadolint(text).unwrap();
    let config = Config::read(&migration.yaml, &|name| Err(name.to_owned()));
    (config.unwrap_or_else(|error| panic!("{error}\n{}", migration.yaml)), migration)
}

fn setting(config: &Config, rule: &str) -> Option<Setting> {
    config.setting(rule, "Dockerfile")
}

#[test]
fn what_is_ignored_is_off() {
    let (config, migration) = migrated("ignored: [DL3003, dl3042, DL4003]\n");
    assert_eq!(setting(&config, "cd-instead-of-workdir"), Some(Setting::Off));
    assert_eq!(setting(&config, "pip-no-cache"), Some(Setting::Off));
    // Two entrypoints are still told.
    assert_eq!(setting(&config, "several-cmd-or-entrypoint"), None);
    let told =
        "DL4003: the rule several-cmd-or-entrypoint stays on, since it stands for DL3012, DL4004 as well";
    assert!(migration.notes.iter().any(|note| note == told), "{:?}", migration.notes);
    assert!(migration.yaml.contains("# several-cmd-or-entrypoint: off"), "{}", migration.yaml);
}

#[test]
fn a_retired_policy_keeps_no_rule_on() {
    let (config, _) = migrated("ignored: [DL3035]\n");
    assert_eq!(setting(&config, "upgrade-in-build"), Some(Setting::Off));
}

#[test]
fn severities_are_taken_over() {
    let text = "override:\n  error: [DL3002, DL3008]\n  warning: [DL3018]\n  style: [DL3015]\n  info:\n";
    let (config, _) = migrated(text);
    assert_eq!(setting(&config, "runs-as-root"), Some(Setting::At(Severity::Error)));
    assert_eq!(setting(&config, "unpinned-package"), Some(Setting::At(Severity::Error)));
    assert_eq!(setting(&config, "recommends-installed"), Some(Setting::At(Severity::Info)));
}

#[test]
fn registries_are_allowed() {
    let (config, _) = migrated("trustedRegistries:\n- hub.docker.com\n- my.example:5000\n- '*.gcr.io'\n");
    for (repository, is_allowed) in [
        ("docker.io/library/node", true),
        ("my.example:5000/a/b", true),
        ("eu.gcr.io/a", true),
        ("gcr.io.evil.example/a", false),
        ("quay.io/a", false),
    ] {
        assert_eq!(config.trusts(repository), is_allowed, "{repository}");
    }
    let (config, migration) = migrated("trustedRegistries: '*'\n");
    assert!(config.trusts("quay.io/a"));
    assert!(migration.notes.iter().any(|note| note.starts_with("trustedRegistries: `*`")));
}

#[test]
fn a_schema_of_labels_becomes_rules() {
    let text = "label-schema: { author: text, created: rfc3339, version: semver, home: url, licence: spdx }\n\
                strict-labels: true\noverride: { error: [DL3049] }\nignored: [DL3052]\n";
    let (config, migration) = migrated(text);
    let ids: Vec<&str> = config.own.iter().map(|rule| rule.id).collect();
    assert_eq!(
        ids,
        [
            "label-author",
            "label-author-form",
            "label-created",
            "label-created-form",
            "label-home",
            "label-licence",
            "label-version",
            "label-version-form",
            "label-beside-schema"
        ]
    );
    assert_eq!(config.own[0].severity, Severity::Error);
    assert!(migration.notes.iter().any(|note| note.contains("licence: spdx")), "{:?}", migration.notes);
    let cases = "\n    cases:\n      finds: [\"FROM debian:13\\nLABEL version=1 created=$NOW\\n\"]\n      silent: [\"FROM \
                 debian:13\\nLABEL version=1.2.3-rc.1\\n\"]\n";
    let at = migration.yaml.find("  - id: label-version-form").unwrap();
    let end = migration.yaml[at..].find("\n  - id: label-beside").unwrap() + at;
    let page = format!("custom-rules:\n{}{cases}", &migration.yaml[at..end]);
    let results = RuleFile::read(&page).unwrap().test();
    assert!(results.len() == 2 && results.iter().all(|case| case.is_right), "{results:?}");
}

#[test]
fn what_has_no_equivalent_is_told() {
    let text = "ignored: [DL3059, SC2086, DL9999]\nfailure-threshold: style\nformat: codacy\nno-fail: true\n\
                disable-ignore-pragma: true\ncolour: red\n";
    let (_, migration) = migrated(text);
    for start in [
        "DL3059: no rule asks for the same",
        "SC2086: ShellCheck's",
        "DL9999: no policy of hadolint",
        "failure-threshold: style: on the command line, `barehull check --fail-on info`",
        "no-fail: true: on the command line, `barehull check --fail-on never`",
        "format: codacy: there are text",
        "disable-ignore-pragma: comments",
        "colour: no setting of hadolint",
    ] {
        assert!(migration.notes.iter().any(|note| note.starts_with(start)), "{start}\n{:?}", migration.notes);
    }
}

#[test]
fn an_empty_file_gives_an_empty_configuration() {
    for text in ["", "# nothing\n", "ignored:\n"] {
        assert!(migrated(text).1.yaml.ends_with("rules: {}\n"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let error = from_hadolint("ignored: []\noverride:\n  loud: [DL3000]\n").unwrap_err();
    assert_eq!(error.to_string(), "line 3: override: loud: there are error, warning, info and style");
    assert!(from_hadolint("ignored: { a: b }\n").is_err());
}

#[test]
fn hostile_names_stay_texts() {
    let (config, _) =
        migrated("label-schema: { \"a\\\": b\\n- x: '\": text }\ntrustedRegistries: [\"a\\n\\\"]\"]\n");
    assert_eq!(config.own.len(), 2);
    assert_eq!(config.registries, ["a\n\"]"]);
}
