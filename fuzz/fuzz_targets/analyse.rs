//! Any Dockerfile is looked at and rewritten; no fix breaks an invariant.
#![no_main]

use std::sync::Arc;

use barehull::engine;
use barehull::finding::Level;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Memory, Project, ProjectPath};
use barehull_catalog::Catalog;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut files = Memory::of([
        ("package.json", r#"{"scripts": {"start": "node server.js"}, "dependencies": {"express": "4"}}"#),
        ("package-lock.json", r#"{"lockfileVersion": 3, "packages": {}}"#),
        ("server.js", "require('express')().listen(8080)"),
        ("go.mod", "module example.com/app\n\ngo 1.24\n"),
        ("main.go", "package main\n\nfunc main() {}\n"),
        ("requirements.txt", "flask\n"),
        ("app.py", "import flask\n"),
        ("entrypoint.sh", "#!/bin/sh\nset -e\nexec \"$@\"\n"),
    ]);
    let path = ProjectPath::new("Dockerfile").expect("a path");
    files.write(path.clone(), bytes, false);
    let project = Project::new(Arc::new(files));
    let options = Options { fixes: Some(Level::Sketch), ..Options::new(Catalog::builtin()) };
    let input = Input { path, text: None };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let dropped = analysis.rewrite.expect("a rewrite was asked for").dropped;
    assert!(dropped.is_empty(), "{dropped:?}");
});
