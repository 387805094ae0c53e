use super::super::Language::{Node, Python};
use super::super::*;
use super::shown;
use crate::project::Memory;

const SPAWN: &str = "require('child_process').spawn('a')";

#[test]
fn tests_tools_and_settings_of_builds_are_left_out() {
    for path in [
        "node_modules/x/index.js",
        "test/a.js",
        "src/__tests__/a.ts",
        "src/a.test.ts",
        "src/a.spec.tsx",
        "a.d.ts",
        "dist/a.js",
        "scripts/release.mjs",
        "webpack.prod.js",
        "vite.config.ts",
        "gulpfile.js",
        ".yarn/releases/yarn.cjs",
        ".eslintrc.js",
        "examples/a/index.js",
        "public/a.min.js",
        "bin/make_docs.ts",
        "bin/createApp.js",
        "README.md",
    ] {
        let (lines, evidence) = shown(&[("index.js", ""), (path, SPAWN)], Node);
        assert!(lines.is_empty() && evidence.complete, "{path}: {lines:?}");
    }
    for path in [
        "src/a.js",
        "latest/a.mts",
        "src/tester.js",
        "next.config.js",
        "app.config.ts",
        "vendored/a.jsx",
        "bin/server.js",
    ] {
        assert_eq!(shown(&[("index.js", ""), (path, SPAWN)], Node).0, ["a"], "{path}");
    }
    let text = "import os\nos.system('a')";
    for path in
        ["setup.py", "conftest.py", "a/test_b.py", "a/b_test.py", "a/tests.py", "venv/a.py", "docs/conf.py"]
    {
        assert!(shown(&[("main.py", ""), (path, text)], Python).0.is_empty(), "{path}");
    }
    assert!(shown(&[("main.py", ""), ("env/pyvenv.cfg", ""), ("env/lib/a.py", text)], Python).0.is_empty());
    assert!(shown(&[("tasks.py", &format!("from invoke import task\n{text}"))], Python).0.is_empty());
    assert_eq!(shown(&[("tasks.py", text)], Python).0, ["sh: a"]);
}

#[test]
fn scripts_without_an_extension_count_by_their_first_line() {
    let script = format!("#!/usr/bin/env node\n{SPAWN}");
    assert_eq!(shown(&[("bin/www", &script)], Node).0, ["a"]);
    assert!(shown(&[("bin/www", SPAWN), ("run", "#!/bin/sh\nspawn('a')")], Node).0.is_empty());
}

#[test]
fn what_is_imported_counts_wherever_it_is() {
    let other = "require('child_process').spawn('b'); require('./third')";
    let files = |import: &'static str| {
        [
            ("src/index.js", import),
            ("scripts/x.ts", SPAWN),
            ("scripts/other.js", other),
            ("scripts/third.js", ""),
        ]
    };
    assert_eq!(shown(&files("require('../scripts/x')"), Node).0, ["a"]);
    assert_eq!(shown(&files("import '../scripts/x.js'"), Node).0, ["a"]);
    assert_eq!(shown(&files("import '@/scripts/other'"), Node).0, ["b"]);
    assert_eq!(shown(&files("import dir from '../scripts'"), Node).0, ["b", "a"]);
    assert!(shown(&files("import '../other/x'; // '../scripts/x'"), Node).0.is_empty());

    let text = "import os\nos.system('a')";
    for import in ["from app.tools.run import f", "from .tools import run", "import app.tools.run as r"] {
        let files = [
            ("app/main.py", import),
            ("app/tools/run.py", text),
            ("app/tools/idle.py", "import os\nos.system('b')"),
        ];
        assert_eq!(shown(&files, Python).0, ["sh: a"], "{import}");
    }
}

#[test]
fn folders_that_are_named_count_whatever_their_name() {
    let memory = Memory::of([("tests/index.js", SPAWN), ("tests/run", SPAWN), ("src/a.js", "import 'x'")]);
    let context = BuildContext::new(Arc::new(memory), &ProjectPath::root()).unwrap();
    let path = |text| ProjectPath::new(text).unwrap();
    let starts = |folders: &[ProjectPath]| {
        scan(&context, folders, Node, &|_| true, &mut Sources::default()).spawns.len()
    };
    assert_eq!(starts(&[path("tests")]), 1);
    assert_eq!(starts(&[path("tests/index.js"), path("tests"), path("src")]), 1);
    let evidence = scan(&context, &[path("src"), path("nothing")], Node, &|_| true, &mut Sources::default());
    assert!(!evidence.complete && evidence.imports.contains("x"));
}

#[test]
fn links_are_followed_once() {
    let mut memory = Memory::of([("app/src/a.js", SPAWN), ("shared/b.js", SPAWN), ("app/index.js", "")]);
    let path = |text| ProjectPath::new(text).unwrap();
    memory.link(path("app/src/again"), "../src");
    memory.link(path("app/up"), "..");
    memory.link(path("app/c.js"), "src/a.js");
    memory.link(path("app/nowhere.js"), "gone.js");
    let context = BuildContext::new(Arc::new(memory), &ProjectPath::root()).unwrap();
    let evidence = scan(&context, &[path("app")], Node, &|_| true, &mut Sources::default());
    // `up` leads out of the folder, but not out of the context.
    assert_eq!((evidence.spawns.len(), evidence.complete), (2, true));
}

#[test]
fn places_are_those_of_the_calls() {
    let memory = Memory::of([
        ("a.js", "let x = 1\n"),
        ("b.js", "const cp = require('child_process')\ncp.exec('ls')\n"),
    ]);
    let context = BuildContext::new(Arc::new(memory), &ProjectPath::root()).unwrap();
    let mut sources = Sources::default();
    let evidence = scan(&context, &[ProjectPath::root()], Node, &|_| true, &mut sources);
    let place = evidence.spawns[0].place;
    assert_eq!((sources.line(place), evidence.spawns[0].how), (2, "child_process.exec"));
    assert!(sources.text(place).starts_with("cp.exec("));
    assert!(sources.find(&ProjectPath::new("a.js").unwrap()).is_none(), "only evidence is added");
}

#[test]
fn bounds_count_work() {
    let many: Vec<_> = (0..5_001).map(|n| (format!("src/f{n}.js"), "")).collect();
    let files: Vec<_> = many.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    assert!(!shown(&files, Node).1.complete);
    assert!(shown(&files[..5_000], Node).1.complete);
    let large = " ".repeat((2 << 20) + 1);
    assert!(!shown(&[("a.js", &large)], Node).1.complete);
    assert!(!shown(&[("a.js", "const a = `no end")], Node).1.complete);
}

#[test]
fn hostile_input_ends() {
    let texts = [
        "(".repeat(20_000),
        "`${".repeat(20_000),
        "f'{".repeat(20_000),
        "/".repeat(20_000),
        "/[".repeat(20_000),
        "'\\".repeat(20_000),
        ")}]".repeat(20_000),
        "x = ".repeat(20_000),
        format!("import cp from 'child_process'\n{}", "cp.exec(a + (".repeat(10_000)),
        format!("import os\n{}", "c = c + c\nos.system(c)\n".repeat(20_000)),
        format!("import os\n{}os.system(x)", "def f(x):\n ".repeat(10_000)),
        "\n ".repeat(10_000) + &" \n  x".repeat(10_000),
        "require('child_process').exec(a ? ".repeat(20_000),
        "{".repeat(10_000) + &"=>{".repeat(10_000),
        format!("import os\nx = '{}'\n{}", "a;".repeat(2_000), "os.system(x)\n".repeat(20_000)),
        "import ".repeat(20_000),
        "x:import ".repeat(20_000),
        format!("const cp = require('child_process')\n{}", "cp.spawn({ shell: ".repeat(10_000)),
        format!(
            "const cp = require('child_process')\n{}",
            "function f(a) { const b = 1; cp.exec(b) ".repeat(20_000)
        ),
    ];
    for text in &texts {
        for (name, language) in [("a.ts", Node), ("a.py", Python), ("a.go", Language::Go)] {
            shown(&[(name, text)], language);
        }
    }
}
