//! The cases that stand beside the rules in `rules/`, or in `rules/cases/`: every rule finds what it should, and nothing
//! else.

#[cfg(feature = "verify")]
mod image;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use barehull_catalog::{Catalog, Date};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::analysis::Analysis;
use crate::config::{self, Config};
use crate::engine;
use crate::finding::{Level, Place};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    cases: Cases,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cases {
    finds: Vec<Case>,
    silent: Vec<Case>,
    tricky: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Case {
    Text(String),
    #[cfg(feature = "verify")]
    Image(image::Described),
    #[cfg(not(feature = "verify"))]
    /// Read over: nothing looks at images without the feature.
    Image {
        #[serde(rename = "image")]
        _image: serde::de::IgnoredAny,
    },
    Full(Full),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    dockerfile: String,
    /// Further files of the project; `barehull.yaml` is its configuration.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Symbolic links and their targets.
    #[serde(default)]
    links: BTreeMap<String, String>,
    /// The lines of its findings.
    #[serde(default)]
    lines: Option<Vec<u32>>,
    /// What is said.
    #[serde(default)]
    says: Option<Vec<String>>,
    /// The severities of its findings.
    #[serde(default)]
    severities: Option<Vec<String>>,
    /// The Dockerfile with the rule's fix.
    #[serde(default)]
    fixed: Option<String>,
    /// Other files as the rule's fix makes them.
    #[serde(default)]
    creates: BTreeMap<String, String>,
}

fn analyse(case: &Full, rule: &str, fixes: bool) -> Analysis {
    let files = case.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let mut memory = Memory::of(files.chain([("Dockerfile", case.dockerfile.as_str())]));
    for (path, target) in &case.links {
        memory.link(ProjectPath::new(path).unwrap(), target);
    }
    let project = Project::new(Arc::new(memory));
    let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
    let settings = config::NAMES.iter().find_map(|name| case.files.get(*name));
    let config = settings.map(|text| Config::read(text, &|name| Err(name.to_owned())).unwrap());
    let options = Options {
        only: vec![rule.to_owned()],
        today: Date::new(2026, 9, 15),
        config: config.as_ref(),
        fixes: fixes.then_some(Level::Sketch),
        ..Options::new(Catalog::builtin())
    };
    engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options)
}

/// The lines and messages of a rule's findings.
fn found(analysis: &Analysis) -> Vec<(u32, String)> {
    let line = |place: &Place| match place {
        Place::Source(at) => analysis.sources.line(*at),
        _ => 0,
    };
    analysis.findings.iter().map(|f| (line(&f.place), f.message.clone())).collect()
}

/// The cases of all rules, by id.
fn cases() -> BTreeMap<String, Cases> {
    fn read<T: DeserializeOwned>(path: &Path) -> T {
        let text = fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = |folder: &str| {
        let pages = fs::read_dir(top.join(folder)).unwrap().map(|page| page.unwrap().path());
        pages.filter(|page| page.is_file())
    };
    let mut all: BTreeMap<String, Cases> = BTreeMap::new();
    for page in pages("rules") {
        all.extend(read::<Vec<Entry>>(&page).into_iter().map(|entry| (entry.id, entry.cases)));
    }
    for page in pages("rules/cases") {
        all.extend(read::<BTreeMap<String, Cases>>(&page));
    }
    all
}

#[test]
fn every_rule_finds_what_its_cases_say() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (id, cases) in cases() {
        let kinds = [("finds", cases.finds), ("silent", cases.silent), ("tricky", cases.tricky)];
        for (kind, cases) in kinds {
            for (number, case) in cases.into_iter().enumerate() {
                count += 1;
                let finds = kind == "finds";
                let problem = match case {
                    Case::Text(dockerfile) => check(&Full { dockerfile, ..Full::default() }, &id, finds),
                    Case::Full(case) => check(&case, &id, finds),
                    #[cfg(feature = "verify")]
                    Case::Image(case) => image::check(&case, &id, finds),
                    #[cfg(not(feature = "verify"))]
                    Case::Image { .. } => None,
                };
                wrong.extend(problem.map(|problem| format!("{id}: {kind} {}: {problem}", number + 1)));
            }
        }
    }
    assert!(wrong.is_empty(), "{count} cases\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case_of_each_kind() {
    let all = cases();
    for rule in super::all() {
        let cases = all.get(rule.id).unwrap_or_else(|| panic!("{} has no cases", rule.id));
        let counts = [cases.finds.len(), cases.silent.len(), cases.tricky.len()];
        assert!(!counts.contains(&0), "{}: finds, silent, tricky: {counts:?}", rule.id);
    }
    assert_eq!(all.len(), super::all().len());
}

fn check(case: &Full, rule: &str, finds: bool) -> Option<String> {
    let analysis = analyse(case, rule, case.fixed.is_some() || !case.creates.is_empty());
    let found = found(&analysis);
    if found.is_empty() == finds {
        return Some(if finds { format!("nothing in\n{}", case.dockerfile) } else { format!("{found:?}") });
    }
    let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
    if case.lines.as_ref().is_some_and(|expected| *expected != lines) {
        return Some(format!("{found:?}"));
    }
    let said: Vec<&String> = found.iter().map(|(_, message)| message).collect();
    if case.says.as_ref().is_some_and(|expected| expected.iter().collect::<Vec<_>>() != said) {
        return Some(format!("{said:?}"));
    }
    let severities: Vec<&str> = analysis.findings.iter().map(|finding| finding.severity.as_str()).collect();
    if case.severities.as_ref().is_some_and(|expected| *expected != severities) {
        return Some(format!("{severities:?}"));
    }
    let rewrite = analysis.rewrite?;
    let made = |path: &str| {
        let after = rewrite.patch.iter().find(|p| p.path.as_str() == path).and_then(|p| p.after.clone());
        after.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    };
    let others = case.creates.iter().map(|(path, text)| (path.as_str(), text));
    let expected = case.fixed.iter().map(|text| ("Dockerfile", text)).chain(others);
    let wrong = expected.into_iter().find(|(path, text)| made(path) != **text);
    wrong.map(|(path, _)| format!("the fix makes {path}\n{}\n{:?}", made(path), rewrite.dropped))
}
