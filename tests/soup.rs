//! Dockerfiles of pieces put together at random: looking at them never panics, and what is written for them is
//! a patch that applies, breaks no invariant and leaves nothing to do for a second run.
//!
//! The same cases every time; `PROPTEST_CASES=100000` goes further.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use barehull::analysis::{Analysis, Rewrite};
use barehull::edit::unified_diff;
use barehull::engine;
use barehull::finding::Level;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Memory, Project, ProjectPath};
use barehull_catalog::Catalog;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use tempfile::TempDir;

/// An application in each language that there are recipes for.
const FILES: &[(&str, &str)] = &[
    (".dockerignore", ".git\n"),
    ("package.json", r#"{"name":"a","scripts":{"start":"node server.js"},"dependencies":{"express":"5"}}"#),
    ("package-lock.json", r#"{"lockfileVersion":3,"packages":{}}"#),
    ("server.js", "require('http').createServer().listen(3000)\n"),
    ("go.mod", "module example.com/a\n\ngo 1.24\n"),
    ("main.go", "package main\n\nfunc main() { println(1) }\n"),
    ("requirements.txt", "flask==3.1.0\ngunicorn==23.0.0\n"),
    ("app.py", "import flask\napp = flask.Flask(__name__)\n"),
];

/// Whole instructions, of which some make sense together.
const LINES: &[&str] = &[
    "FROM node:22\n",
    "FROM node:20-alpine AS run\n",
    "FROM golang:1.24 AS build\n",
    "FROM python:3.12-slim\n",
    "FROM python:3.13\r\n",
    "FROM alpine:3.22\n",
    "FROM build\n",
    "FROM scratch AS last\n",
    "WORKDIR /app\n",
    "WORKDIR src\n",
    "COPY . .\n",
    "COPY package*.json ./\n",
    "COPY --from=build /app/server /usr/local/bin/\n",
    "COPY --from=0 /app /app\n",
    "RUN npm ci\n",
    "RUN npm install && \\\n    npm run build\n",
    "RUN go build -o /app/server .\n",
    "RUN CGO_ENABLED=0 go build -o server\n",
    "RUN pip install -r requirements.txt\n",
    "RUN apt-get update && apt-get install -y curl vim # tools\n",
    "RUN <<EOF\napk add --no-cache curl\nEOF\n",
    "ARG X=1\n",
    "ENV PORT=3000 \\\n  # why\n  MODE=x\n",
    "ENV a b c\n",
    "EXPOSE 3000\n",
    "VOLUME /data\n",
    "LABEL a=b\n",
    "USER node\n",
    "USER 1000:1000\n",
    "# a comment\n",
    "\n",
    "SHELL [\"/bin/bash\", \"-c\"]\n",
    "ONBUILD RUN make\n",
    "HEALTHCHECK CMD curl -f http://localhost:3000/ || exit 1\n",
    "HEALTHCHECK NONE\n",
    "STOPSIGNAL SIGTERM\n",
    "CMD npm start\n",
    "CMD [\"node\", \"server.js\"]\n",
    "CMD [\"/app/server\"]\n",
    "CMD ./server $PORT\n",
    "CMD [\"gunicorn\", \"app:app\"]",
    "ENTRYPOINT [\"python\"]\n",
    "ENTRYPOINT node server.js",
];

/// Pieces of instructions.
const TOKENS: &[&str] = &[
    "RUN ",
    "COPY ",
    "CMD ",
    "ENV ",
    "FROM ",
    "--from=x ",
    "--mount=type=cache,target=/x ",
    "[\"",
    "\"]",
    "\", \"",
    "$(",
    ")",
    "`",
    "\\\n",
    "\\",
    "<<E\n",
    "E\n",
    "'",
    "\"",
    "&& ",
    "|| ",
    "| ",
    "; ",
    "{",
    "}",
    "if ",
    "then ",
    "fi",
    "${X:-",
    "$PORT",
    "sh -c ",
    "sudo ",
    "curl ",
    "rm -rf / ",
    "\t",
    "\r\n",
    "\n",
    "\u{FEFF}",
    "é",
    "\0",
    "# escape=`\n",
];

fn soup() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        12 => prop::sample::select(LINES).prop_map(str::to_owned),
        1 => prop::collection::vec(prop::sample::select(TOKENS), 1..8).prop_map(|tokens| tokens.concat()),
    ];
    // Most start as a Dockerfile does; otherwise few would ever get a patch.
    let first = prop::sample::select(&LINES[..8]).prop_map(str::to_owned);
    (first, prop::collection::vec(line, 0..14)).prop_map(|(first, rest)| first + &rest.concat())
}

/// A Dockerfile that is likely to get a patch, with some soup in it.
fn likely() -> impl Strategy<Value = String> {
    let starts = prop::sample::select(
        &[
            ("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", "CMD [\"node\", \"server.js\"]\n"),
            ("FROM golang:1.24\nWORKDIR /app\nCOPY . .\nRUN go build -o server .\n", "CMD [\"/app/server\"]"),
            (
                "FROM python:3.12\nWORKDIR /app\nCOPY . .\n",
                "RUN pip install -r requirements.txt\nCMD [\"gunicorn\", \"app:app\"]\n",
            ),
        ][..],
    );
    let extra = prop::collection::vec(prop::sample::select(&LINES[8..]), 0..5);
    (starts, extra).prop_map(|((head, tail), extra)| format!("{head}{}{tail}", extra.concat()))
}

fn analyse(dockerfile: &str) -> Analysis {
    let mut files = Memory::of(FILES.iter().copied());
    let path = ProjectPath::new("Dockerfile").expect("a path");
    files.write(path.clone(), dockerfile.as_bytes(), false);
    let options = Options { fixes: Some(Level::Sketch), ..Options::new(Catalog::builtin()) };
    let project = Project::new(Arc::new(files));
    engine::analyse(&project, &Input { path, text: None }, &ContextChoice::DockerfileFolder, &options)
}

/// The rewrite, none of which broke an invariant.
fn rewrite(dockerfile: &str) -> Result<Rewrite, TestCaseError> {
    let rewrite = analyse(dockerfile).rewrite.expect("a rewrite was asked for");
    prop_assert!(rewrite.dropped.is_empty(), "{:?}", rewrite.dropped);
    Ok(rewrite)
}

/// What git makes of `dockerfile` with `patch`.
fn applied(folder: &Path, dockerfile: &str, patch: &str) -> Result<String, TestCaseError> {
    fs::write(folder.join("Dockerfile"), dockerfile).expect("the Dockerfile is written");
    fs::write(folder.join("the.patch"), patch).expect("the patch is written");
    let mut git = Command::new("git");
    git.args(["apply", "--whitespace=nowarn", "the.patch"]).current_dir(folder);
    let output = git.output().expect("git starts");
    let words = String::from_utf8_lossy(&output.stderr);
    prop_assert!(output.status.success(), "{words}\n{patch}");
    Ok(fs::read_to_string(folder.join("Dockerfile")).expect("the Dockerfile is there"))
}

#[test]
fn no_soup_is_too_hot() {
    let folder = TempDir::new().expect("a temporary folder");
    let patched = Cell::new(0);
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(41), ..Config::default() };
    let cases = config.cases;
    let either = prop_oneof![soup(), likely()];
    let run = TestRunner::new(config).run(&either, |dockerfile| {
        let rewrite = rewrite(&dockerfile)?;
        let Some(change) = rewrite.patch.first() else { return Ok(()) };
        prop_assert_eq!(rewrite.patch.len(), 1, "nothing but the Dockerfile is changed");
        patched.set(patched.get() + 1);
        let after = applied(folder.path(), &dockerfile, &unified_diff(change, ""))?;
        prop_assert_eq!(after.as_bytes(), change.after.as_deref().unwrap_or_default());
        let again = self::rewrite(&after)?;
        prop_assert!(again.patch.is_empty(), "a second run changes\n{}", after);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    assert!(patched.get() * 10 > cases, "only {} of {cases} got a patch", patched.get());
}
