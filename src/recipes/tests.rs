//! Whole rewrites of small projects: what the new Dockerfile must say, or why there is none.

mod dotnet;
mod elsewhere;
mod installroot;
mod java;
mod native;
mod node;
mod others;
mod pod_security;
mod python;
mod ruby;
mod servers;
mod service_checks;
mod start_move;
mod strip;
mod trim;

use std::sync::Arc;

use barehull_catalog::Catalog;

use crate::engine;
use crate::finding::Level;
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};

/// One project: its files, the Dockerfile first.
struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Lines of the new Dockerfile.
    says: &'static [&'static str],
    /// Parts that the new Dockerfile must not have.
    lacks: &'static [&'static str],
    /// Part of a blocker's text, where there must be no patch; of an ecosystem's recipe, where others may have one.
    blocked: Option<&'static str>,
}

const PACKAGE: (&str, &str) = ("package.json", r#"{"devDependencies": {"chai": "4"}}"#);
const SERVER: (&str, &str) = ("server.js", "require('http').createServer().listen(80)\n");

#[test]
fn small_projects_are_rewritten_or_left_alone_for_a_reason() {
    let ecosystems: &[&[Case]] = &[
        &dotnet::CASES,
        &java::CASES,
        &native::CASES,
        &node::CASES,
        &python::CASES,
        &ruby::CASES,
        &servers::CASES,
        &others::CASES,
        &elsewhere::CASES,
    ];
    let ecosystems = ecosystems.iter().copied().flatten().map(|case| (case, false));
    let generic = strip::CASES.iter().chain(&trim::CASES).chain(&installroot::CASES).map(|case| (case, true));
    let wrong: Vec<String> =
        ecosystems.chain(generic).flat_map(|(case, is_generic)| defects(case, is_generic)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the rewrite of a case.
fn defects(case: &Case, is_generic: bool) -> Vec<String> {
    let project = Project::new(Arc::new(Memory::of(case.files.iter().copied())));
    let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
    let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.expect("a rewrite was asked for");
    let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
    let after = rewrite
        .patch
        .iter()
        .find(|p| p.path == input.path)
        .and_then(|p| p.after.as_deref())
        .unwrap_or_default();
    let after = String::from_utf8_lossy(after);
    let mut wrong: Vec<String> = rewrite.dropped.iter().map(|dropped| format!("{dropped:?}")).collect();
    if let Some(reason) = case.blocked {
        // Where no recipe of an ecosystem has a fix, one for any application may.
        let recipes = rewrite.applied.iter().filter(|fix| super::RECIPES.iter().any(|r| r.id == fix.by));
        if recipes.into_iter().any(|fix| is_generic || !super::is_generic(fix.by)) {
            wrong.push("there is a patch".to_owned());
        }
        if !reasons.iter().any(|r| r.contains(reason)) {
            wrong.push(format!("nothing says {reason}"));
        }
    }
    if after.lines().any(|l| l.starts_with("COPY --from=build") && l.contains("/bin/uv")) {
        wrong.push("a tool travels".to_owned());
    }
    let found = case.lacks.iter().chain(&["COPY --from=build /~"]).filter(|part| after.contains(**part));
    wrong.extend(found.map(|part| format!("it holds {part}")));
    let missing = case.says.iter().filter(|line| !after.lines().any(|l| l == **line));
    wrong.extend(missing.map(|line| format!("it lacks {line}")));
    wrong.into_iter().map(|what| format!("{}: {what}\n{after}\n{reasons:?}", case.what)).collect()
}

#[test]
fn a_module_that_needs_cgo_is_named_where_cgo_is_off() {
    for (setting, expected) in [("CGO_ENABLED=0 ", true), ("", false)] {
        let dockerfile =
            format!("FROM golang:1.24\nWORKDIR /s\nCOPY . .\nRUN {setting}go build -o /x .\nCMD [\"/x\"]\n");
        let project = Project::new(Arc::new(Memory::of([
            ("Dockerfile", dockerfile.as_str()),
            ("go.mod", "module x\n\nrequire github.com/mattn/go-sqlite3 v1.14.22\n"),
            ("main.go", "package main\n\nfunc main() {}\n"),
        ])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let fixes = analysis.rewrite.expect("a rewrite was asked for").applied;
        let assumed: Vec<&str> = fixes.iter().flat_map(|f| &f.assumptions).map(|a| a.text.as_str()).collect();
        assert_eq!(assumed.iter().any(|a| a.contains("go-sqlite3 is not used")), expected, "{assumed:?}");
        // What would break it is never advised.
        assert!(!assumed.iter().any(|a| a.contains("would fit distroless/static")), "{assumed:?}");
    }
}
