//! Turns `rules.yaml`, `rules/*.yaml`, `rules/cases/*.yaml`, `rules/peers/*.yaml` and `rules/policies/*.yaml` into
//! constant data, so that nothing is parsed at start-up.

#[path = "build/emit.rs"]
mod emit;
#[path = "build/entry.rs"]
mod entry;
#[path = "build/peers.rs"]
mod peers;
#[path = "build/policies.rs"]
mod policies;
/// Built-in rules compare: an expression that would have to be compiled at start-up is refused.
mod regular {
    #[derive(Clone, Debug)]
    pub enum Regular {}

    impl Regular {
        pub fn new(source: &str) -> Result<Self, String> {
            Err(format!("/{source}/: built-in rules use no regular expressions"))
        }
    }
}
// The crate's own types; a build script uses only some of them.
#[allow(dead_code, unused_imports)]
#[path = "src/rules/language/schema/mod.rs"]
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use emit::Emit;
use entry::{Case, Cases, Entry, Peer};
use schema::{Matcher, Trigger};

fn main() {
    println!("cargo::rerun-if-changed=rules.yaml");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/rules/language/schema");
    let mut entries: Vec<Entry> = entry::read(Path::new("rules.yaml"));
    add_cases(&mut entries);
    for path in entry::pages("rules") {
        entries.extend(entry::read::<Vec<Entry>>(&path));
    }
    check(&entries);
    // Sorted, so that a rule is found by binary search.
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    let peers = peers::load(&entries);
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let write =
        |name: &str, text: String| fs::write(Path::new(&out).join(name), text).expect("OUT_DIR is writable");
    write("peers.rs", peers::table(&peers));
    write("policies.rs", policies::table(&entries));
    write("rules.rs", table(entries, &peers));
}

/// Adds the cases of `rules/cases/` to the rules that they are of.
fn add_cases(entries: &mut [Entry]) {
    for path in entry::pages("rules/cases") {
        for (id, cases) in entry::read::<BTreeMap<String, Cases>>(&path) {
            let entry = entries.iter_mut().find(|entry| entry.id == id && entry.cases.is_none());
            let entry =
                entry.unwrap_or_else(|| panic!("{}: {id} is no rule, or has cases already", path.display()));
            entry.cases = Some(cases);
        }
    }
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
        let is_complete = entry.cases.as_ref().is_some_and(Cases::are_complete);
        assert!(is_complete, "{id}: a case of each kind (finds, silent, tricky) is needed");
        for reference in &entry.references {
            assert!(reference.starts_with("https://"), "rules.yaml: {id}: {reference} is no address");
        }
    }
}

/// The sorted rules, a constant for each, and the matchers by what they look at.
fn table(entries: Vec<Entry>, peers: &[Peer]) -> String {
    let mut rules = String::new();
    let mut names = String::new();
    let mut triggers = vec![Vec::new(); Trigger::COUNT];
    let count = entries.len();
    for (at, entry) in entries.into_iter().enumerate() {
        let id = entry.id.as_str();
        let (message, key) = (entry.message.as_ref(), entry.key.as_ref());
        let compiled = entry.matches.into_iter().map(|text| text.compile(message, key));
        let matchers: Vec<Matcher> =
            compiled.map(|m| m.unwrap_or_else(|problem| panic!("{id}: {problem}"))).collect();
        for (number, matcher) in matchers.iter().enumerate() {
            let needs = matcher.needs;
            triggers[matcher.on as usize].push(format!("({at}, {number}, {needs:?})"));
        }
        let matchers: Vec<String> = matchers.iter().map(Emit::emit).collect();
        let equivalents = peers::equivalents(peers, id);
        let cases = entry.cases.iter().flat_map(|cases| &cases.finds);
        let examples: Vec<String> = cases.map(Case::emit).collect();
        let _ = writeln!(
            rules,
            "RuleMeta {{ id: {id:?}, position: {at}, title: {title:?}, severity: Severity::{severity:?}, \
             default_on: {default_on}, category: {category:?}, scope: Scope::{scope:?}, \
             subject: {subject:?}, surface_role: {surface_role}, why: {why:?}, how: {how:?}, \
             references: &{references:?}, equivalents: &[{equivalents}], matchers: Cow::Borrowed(&[{matchers}]), \
             examples: &[{examples}] }},",
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
            matchers = matchers.join(", "),
            examples = examples.join(", "),
        );
        let name = id.to_uppercase().replace('-', "_");
        let _ = writeln!(names, "/// {}.\npub const {name}: &RuleMeta = &ALL[{at}];", entry.title);
    }
    let triggers: Vec<String> = triggers.iter().map(|rules| format!("&[{}]", rules.join(", "))).collect();
    format!(
        "static ALL: [RuleMeta; {count}] = [\n{rules}];\n{names}\
         /// Rule, matcher and what it needs, by what they look at.\n\
         pub(super) static BY_TRIGGER: [&[(u16, u16, Needs)]; Trigger::COUNT] = [{}];\n",
        triggers.join(", ")
    )
}
