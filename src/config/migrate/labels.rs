//! hadolint's schema of labels as rules of one's own.

use std::fmt::Write;

use super::hadolint::Hadolint;
use super::quoted;
use crate::finding::Severity;

/// The policies that are the schema's.
pub(super) const POLICIES: [&str; 9] =
    ["DL3049", "DL3050", "DL3051", "DL3052", "DL3053", "DL3055", "DL3056", "DL3058", "DL3054"];

/// Forms of values: as hadolint calls it, its policy, what it is, and an expression for it.
const FORMS: [(&str, &str, &str, &str); 5] = [
    ("url", "DL3052", "an address", r"/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/"),
    (
        "rfc3339",
        "DL3053",
        "a time as in RFC 3339",
        r"/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/",
    ),
    ("hash", "DL3055", "a Git hash", r"/^([0-9a-f]{7}|[0-9a-f]{40}|[0-9a-f]{64})$/"),
    ("semver", "DL3056", "a semantic version", r"/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/"),
    ("email", "DL3058", "a mail address", r"/^[^@\s]+@[^@\s]+$/"),
];

/// `custom-rules`: one for each label that must be there, one for each form, one for labels that may not be there.
pub(super) fn write(file: &Hadolint, yaml: &mut String, notes: &mut Vec<String>) {
    let mut rules = String::new();
    let mut ids: Vec<String> = Vec::new();
    let (mut known, mut is_complete) = (Vec::new(), true);
    for (label, form) in &file.label_schema {
        let id = id_of(label);
        if label.starts_with('/') || label.contains(['*', '{', '}']) || ids.contains(&id) {
            notes.push(format!("label-schema: {label}: no rule can be made of this name"));
            is_complete = false;
            continue;
        }
        known.push(quoted(label));
        missing(file, label, &id, &mut rules);
        of_form(file, label, form, &id, &mut rules, notes);
        ids.push(id);
    }
    if let Some(severity) =
        level(file, "DL3050", Severity::Info).filter(|_| file.strict_labels && is_complete)
    {
        let when = match known.as_slice() {
            [] => "{ name: \"*\" }".to_owned(),
            names => format!("{{ not: {{ name: [{}] }} }}", names.join(", ")),
        };
        let title = "There is a label that the schema does not name";
        rule(&mut rules, "label-beside-schema", severity, title, "label", &when);
    }
    if !rules.is_empty() {
        let _ = write!(yaml, "custom-rules:\n{rules}");
    }
}

/// That a label is there.
fn missing(file: &Hadolint, label: &str, id: &str, rules: &mut String) {
    let Some(severity) = level(file, "DL3049", Severity::Info) else { return };
    let when = format!("{{ not: {{ label: {} }} }}", quoted(label));
    rule(rules, id, severity, &format!("The label {label} is missing"), "stage", &when);
}

/// That its value has the form; values with variables are left alone.
fn of_form(file: &Hadolint, label: &str, form: &str, id: &str, rules: &mut String, notes: &mut Vec<String>) {
    let id = format!("{id}-form");
    if form == "text" {
        let Some(severity) = level(file, "DL3051", Severity::Warning) else { return };
        let when = format!("{{ name: {}, value: \"\" }}", quoted(label));
        return rule(rules, &id, severity, &format!("The label {label} is empty"), "label", &when);
    }
    let Some((_, policy, what, expression)) = FORMS.iter().find(|(name, ..)| *name == form) else {
        notes.push(format!("label-schema: {label}: {form}: the form of the value is not compared"));
        return;
    };
    let Some(severity) = level(file, policy, Severity::Warning) else { return };
    let when = format!("{{ name: {}, not: {{ value: [{}, \"*$*\"] }} }}", quoted(label), quoted(expression));
    rule(rules, &id, severity, &format!("The label {label} is not {what}"), "label", &when);
}

fn rule(out: &mut String, id: &str, severity: Severity, title: &str, on: &str, when: &str) {
    let (title, severity) = (quoted(title), severity.as_str());
    let _ = write!(
        out,
        "  - id: {id}\n    title: {title}\n    severity: {severity}\n    message: {title}\n    match:\n      \
         - on: {on}\n        when: {when}\n",
    );
}

/// The severity of a policy, unless it is ignored.
fn level(file: &Hadolint, policy: &str, usual: Severity) -> Option<Severity> {
    (!file.ignores(policy)).then(|| file.severity(policy).unwrap_or(usual))
}

/// `label-org-opencontainers-image-source`.
fn id_of(label: &str) -> String {
    let part = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    format!("label-{}", label.chars().map(part).collect::<String>())
}
