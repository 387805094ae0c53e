//! Turns `rules.yaml` and `rules/*.yaml` into constant data, so that nothing is parsed at start-up.

#[path = "build/emit.rs"]
mod emit;
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

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use emit::Emit;
use schema::{MatchText, Matcher, Template, Trigger};
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
    #[serde(default)]
    equivalents: Vec<String>,
    #[serde(default)]
    message: Option<Template>,
    #[serde(default)]
    key: Option<Template>,
    #[serde(default, rename = "match")]
    matches: Vec<MatchText>,
    /// Read by the test that runs them.
    #[serde(default)]
    cases: Option<Cases>,
}

/// Dockerfiles in which a rule finds something, and those in which it does not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    finds: Vec<serde_yaml::Value>,
    silent: Vec<serde_yaml::Value>,
    /// What looks like a finding and is none.
    tricky: Vec<serde_yaml::Value>,
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

/// The policies of other tools: the start of their names, and the tool.
const TOOLS: [(&str, &str); 6] = [
    ("DL", "hadolint"),
    ("SC", "hadolint"),
    ("DS-", "trivy"),
    ("CKV", "checkov"),
    ("CIS-DI-", "dockle"),
    ("KICS:", "kics"),
];

const fn on() -> bool {
    true
}

fn main() {
    println!("cargo::rerun-if-changed=rules.yaml");
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/rules/language/schema");
    let mut entries = read(Path::new("rules.yaml"));
    for path in pages() {
        let more = read(&path);
        let complete = more.iter().find(|entry| !entry.cases.as_ref().is_some_and(Cases::are_complete));
        if let Some(entry) = complete {
            panic!("{}: {}: a case of each kind (finds, silent, tricky) is needed", path.display(), entry.id);
        }
        entries.extend(more);
    }
    check(&entries);
    // Sorted, so that a rule is found by binary search.
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("rules.rs"), table(entries)).expect("OUT_DIR is writable");
}

/// The files of `rules/`.
fn pages() -> Vec<PathBuf> {
    let found = fs::read_dir("rules").expect("rules/ is there").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> =
        found.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    pages.sort();
    pages
}

fn read(path: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Cases {
    fn are_complete(&self) -> bool {
        !(self.finds.is_empty() || self.silent.is_empty() || self.tricky.is_empty())
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
        for reference in &entry.references {
            assert!(reference.starts_with("https://"), "rules.yaml: {id}: {reference} is no address");
        }
    }
}

/// The tool that has a policy of this name; BuildKit's checks are words.
fn tool(policy: &str) -> &'static str {
    TOOLS.iter().find(|(start, _)| policy.starts_with(start)).map_or("buildkit", |(_, tool)| tool)
}

/// The sorted rules, a constant for each, and the matchers by what they look at.
fn table(entries: Vec<Entry>) -> String {
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
            triggers[matcher.on as usize].push(format!("({at}, {number})"));
        }
        let matchers: Vec<String> = matchers.iter().map(Emit::emit).collect();
        let equivalents: Vec<String> =
            entry.equivalents.iter().map(|policy| format!("({:?}, {policy:?})", tool(policy))).collect();
        let _ = writeln!(
            rules,
            "RuleMeta {{ id: {id:?}, title: {title:?}, severity: Severity::{severity:?}, \
             default_on: {default_on}, category: {category:?}, scope: Scope::{scope:?}, \
             subject: {subject:?}, surface_role: {surface_role}, why: {why:?}, how: {how:?}, \
             references: &{references:?}, equivalents: &[{equivalents}], matchers: Cow::Borrowed(&[{matchers}]) }},",
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
            equivalents = equivalents.join(", "),
            matchers = matchers.join(", "),
        );
        let name = id.to_uppercase().replace('-', "_");
        let _ = writeln!(names, "/// {}.\npub const {name}: &RuleMeta = &ALL[{at}];", entry.title);
    }
    let triggers: Vec<String> = triggers.iter().map(|rules| format!("&[{}]", rules.join(", "))).collect();
    format!(
        "static ALL: [RuleMeta; {count}] = [\n{rules}];\n{names}\
         /// Rule and matcher by what they look at.\n\
         pub(super) static BY_TRIGGER: [&[(u16, u16)]; Trigger::COUNT] = [{}];\n",
        triggers.join(", ")
    )
}
