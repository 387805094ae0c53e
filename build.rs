//! Turns `rules.yaml` into constant data, so that nothing is parsed at start-up.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// An entry of `rules.yaml`; `src/rules/meta.rs` explains the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    severity: Severity,
    #[serde(default = "on")]
    default_on: bool,
    category: String,
    scope: Scope,
    subject: String,
    #[serde(default)]
    surface_role: Option<Role>,
    why: String,
    how: String,
    references: Vec<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Project,
    File,
    Stage,
    Image,
}

/// The roles of the catalog, by their kebab-case names.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
enum Role {
    Shell,
    PackageManager,
    NetworkClient,
    DebugTool,
    BuildTool,
    PrivilegeTool,
    RemoteAccess,
    LanguagePackageManager,
}

const fn on() -> bool {
    true
}

fn main() {
    println!("cargo::rerun-if-changed=rules.yaml");
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string("rules.yaml").expect("rules.yaml is read");
    let mut entries: Vec<Entry> = serde_yaml::from_str(&text).expect("rules.yaml is well-formed");
    check(&entries);
    // Sorted, so that a rule is found by binary search.
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("rules.rs"), table(&entries)).expect("OUT_DIR is writable");
}

/// Refuses a rulebook that would embarrass its reader.
fn check(entries: &[Entry]) {
    let mut seen = BTreeSet::new();
    for entry in entries {
        let id = &entry.id;
        assert!(seen.insert(id), "rules.yaml: {id} is there twice");
        assert!(
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "rules.yaml: {id}: an id is kebab-case"
        );
        for (name, value) in [
            ("title", &entry.title),
            ("category", &entry.category),
            ("subject", &entry.subject),
            ("why", &entry.why),
            ("how", &entry.how),
        ] {
            assert!(!value.trim().is_empty(), "rules.yaml: {id}: {name} is empty");
        }
        assert!(!entry.title.contains('\n'), "rules.yaml: {id}: the title is one line");
        assert!(!entry.references.is_empty(), "rules.yaml: {id}: no reference");
        for reference in &entry.references {
            assert!(reference.starts_with("https://"), "rules.yaml: {id}: {reference} is no address");
        }
    }
}

/// The sorted rules, and a constant for each.
fn table(entries: &[Entry]) -> String {
    let mut rules = String::new();
    let mut names = String::new();
    for (at, entry) in entries.iter().enumerate() {
        let _ = writeln!(
            rules,
            "RuleMeta {{ id: {id:?}, title: {title:?}, severity: Severity::{severity:?}, \
             default_on: {default_on}, category: {category:?}, scope: Scope::{scope:?}, \
             subject: {subject:?}, surface_role: {surface_role}, why: {why:?}, how: {how:?}, references: &{references:?} }},",
            id = entry.id,
            title = entry.title,
            severity = entry.severity,
            default_on = entry.default_on,
            category = entry.category,
            scope = entry.scope,
            subject = entry.subject,
            surface_role = match &entry.surface_role {
                Some(role) => format!("Some(Role::{role:?})"),
                None => "None".to_owned(),
            },
            why = entry.why.trim(),
            how = entry.how.trim(),
            references = entry.references,
        );
        let name = entry.id.to_uppercase().replace('-', "_");
        let _ = writeln!(names, "/// {}.\npub const {name}: &RuleMeta = &ALL[{at}];", entry.title);
    }
    format!("static ALL: [RuleMeta; {}] = [\n{rules}];\n{names}", entries.len())
}
