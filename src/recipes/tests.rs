//! Whole rewrites of small projects: what the new Dockerfile must say, or why there is none.

mod dotnet;
mod java;
mod native;
mod node;
mod others;
mod python;
mod ruby;
mod servers;
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
    ];
    let ecosystems = ecosystems.iter().copied().flatten().map(|case| (case, false));
    let generic = strip::CASES.iter().chain(&trim::CASES).map(|case| (case, true));
    for (case, is_generic) in ecosystems.chain(generic) {
        let project = Project::new(Arc::new(Memory::of(case.files.iter().copied())));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { fixes: Some(Level::Review), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let rewrite = analysis.rewrite.expect("a rewrite was asked for");
        let reasons: Vec<&str> = analysis.blockers.iter().map(|b| b.reason.as_str()).collect();
        assert!(rewrite.dropped.is_empty(), "{}: {:?}", case.what, rewrite.dropped);
        let after = rewrite.patch.first().and_then(|p| p.after.as_deref()).unwrap_or_default();
        let after = String::from_utf8_lossy(after);
        if let Some(reason) = case.blocked {
            // Where no recipe of an ecosystem has a fix, one for any application may.
            let own = rewrite.applied.iter().any(|fix| is_generic || !super::is_generic(fix.by));
            assert!(!own, "{}:\n{after}", case.what);
            assert!(reasons.iter().any(|r| r.contains(reason)), "{}: {reasons:?}", case.what);
        }
        let tool = after.lines().find(|l| l.starts_with("COPY --from=build") && l.contains("/bin/uv"));
        assert_eq!(tool, None, "{}: a tool travels", case.what);
        for part in case.lacks {
            assert!(!after.contains(part), "{}: {part}\n{after}", case.what);
        }
        assert!(!after.contains("COPY --from=build /~"), "{}:\n{after}", case.what);
        for line in case.says {
            assert!(after.lines().any(|l| l == *line), "{}: {line}\n{after}\n{reasons:?}", case.what);
        }
    }
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
