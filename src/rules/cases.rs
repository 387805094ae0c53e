//! The cases that stand beside the rules in `rules/`: every rule finds what it should, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use barehull_catalog::{Catalog, Date};
use serde::Deserialize;

use crate::analysis::Analysis;
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
    Full(Full),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    dockerfile: String,
    /// Further files of the project.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// The lines of its findings.
    #[serde(default)]
    lines: Option<Vec<u32>>,
    /// The Dockerfile with the rule's fix.
    #[serde(default)]
    fixed: Option<String>,
    /// Other files as the rule's fix makes them.
    #[serde(default)]
    creates: BTreeMap<String, String>,
}

impl Case {
    fn full(self) -> Full {
        match self {
            Self::Text(dockerfile) => Full { dockerfile, ..Full::default() },
            Self::Full(full) => full,
        }
    }
}

fn analyse(case: &Full, rule: &str, fixes: bool) -> Analysis {
    let files = case.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let files = files.chain([("Dockerfile", case.dockerfile.as_str())]);
    let project = Project::new(Arc::new(Memory::of(files)));
    let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
    let options = Options {
        only: vec![rule.to_owned()],
        today: Date::new(2026, 9, 15),
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

#[test]
fn every_rule_finds_what_its_cases_say() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(top.join("rules")).unwrap().map(|page| page.unwrap().path());
    for page in pages.filter(|page| page.is_file()).chain([top.join("rules.yaml")]) {
        let text = fs::read_to_string(page).unwrap();
        let entries: Vec<Entry> = serde_yaml::from_str(&text).unwrap();
        for Entry { id, cases } in entries {
            let kinds = [("finds", cases.finds), ("silent", cases.silent), ("tricky", cases.tricky)];
            for (kind, cases) in kinds {
                for (number, case) in cases.into_iter().enumerate() {
                    count += 1;
                    let problem = check(&case.full(), &id, kind == "finds");
                    wrong.extend(problem.map(|problem| format!("{id}: {kind} {}: {problem}", number + 1)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{count} cases\n{}", wrong.join("\n"));
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
