//! Our policies as constant data.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::entry::{Control, Entry, Policy, pages, read};

/// The constant, made from the files of `rules/policies/`, each named after its policy.
pub fn table(entries: &[Entry]) -> String {
    let mut out = String::new();
    for path in pages("rules/policies") {
        let id = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let policy: Policy = read(&path);
        check(&id, &policy, entries);
        let mut controls = String::new();
        for control in &policy.controls {
            let Control { id, title, unseen, .. } = control;
            let rules = rules(control, entries);
            let _ = writeln!(
                controls,
                "Control {{ id: {id:?}, title: {title:?}, rules: &{rules:?}, unseen: {unseen:?} }},"
            );
        }
        let severities = policy.severities.iter();
        let severities: Vec<String> =
            severities.map(|(rule, severity)| format!("({rule:?}, Severity::{severity:?})")).collect();
        let _ = writeln!(
            out,
            "Policy {{ id: {id:?}, title: {:?}, source: {:?}, about: {:?}, controls: &[\n{controls}], \
             severities: &[{}] }},",
            policy.title,
            policy.source,
            policy.about.trim(),
            severities.join(", ")
        );
    }
    format!("&[\n{out}]\n")
}

/// The rules of a control.
fn rules<'a>(control: &'a Control, entries: &'a [Entry]) -> Vec<&'a str> {
    let Some(category) = &control.category else {
        return control.rules.iter().map(String::as_str).collect();
    };
    let same = entries.iter().filter(|entry| entry.default_on && entry.category == *category);
    same.map(|entry| entry.id.as_str()).collect()
}

fn check(policy: &str, page: &Policy, entries: &[Entry]) {
    let mut seen = BTreeSet::new();
    assert!(page.source.starts_with("https://"), "{policy}: {} is no address", page.source);
    for control in &page.controls {
        let name = format!("rules/policies/{policy}.yaml: {}", control.id);
        assert!(seen.insert(&control.id), "{name} is there twice");
        let found = rules(control, entries);
        assert!(!found.is_empty() || control.unseen.is_some(), "{name}: no rules, and no `unseen`");
        for rule in found {
            assert!(entries.iter().any(|entry| entry.id == rule), "{name}: there is no rule {rule}");
        }
    }
    for rule in page.severities.keys() {
        let is_there = page.controls.iter().any(|control| control.rules.contains(rule));
        assert!(is_there, "rules/policies/{policy}.yaml: no control has the rule {rule}");
    }
}
