//! Rules about what the project does with the image.

use crate::sandbox::Sandbox;

const WORKFLOW: &str = "on: push\njobs:\n  image:\n    steps:\n      - run: docker build -t acme/app:1 .\n";
const DOCKERFILE: &str = "FROM node:22-bookworm-slim\nCOPY . .\nUSER 1000\nCMD [\"node\", \"server.js\"]\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new(&[
        ("Dockerfile", DOCKERFILE),
        ("web/Dockerfile", DOCKERFILE),
        ("server.js", ""),
        (".github/workflows/ci.yml", WORKFLOW),
    ]);
    sandbox.git(&["init", "-q"]);
    sandbox
}

const ONLY: [&str; 6] = [
    "--only",
    "no-update-automation",
    "--only",
    "no-image-scan-in-ci",
    "--only",
    "whole-context-copied-without-dockerignore",
];

#[test]
fn standard_input_belongs_to_no_project() {
    let sandbox = sandbox();
    let said = sandbox.run_in("", &[&["check", "-"][..], &ONLY].concat(), DOCKERFILE);
    assert_eq!((said.code, said.out.contains("]:")), (0, false), "{}", said.out);
}

/// The patch applies, and with it there is nothing left to say.
#[test]
fn two_dockerfiles_get_one_entry() {
    let sandbox = sandbox();
    let before = sandbox.run(&[&["check"][..], &ONLY].concat());
    for part in ["info[no-update-automation]", ".github/workflows/ci.yml:5:", "info[whole-context"] {
        assert!(before.out.contains(part), "{part}: {}", before.out);
    }
    let said = sandbox.run(&["fix", "--level", "sketch", "--only", "no-update-automation"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out.matches("+++ b/.github/dependabot.yml").count(), 1, "{}", said.out);
    sandbox.write("a.patch", said.out.as_bytes());
    sandbox.git(&["apply", "--include=.github/*", "a.patch"]);
    let written = sandbox.read(".github/dependabot.yml");
    assert!(written.contains("      - /\n      - /web\n"), "{written}");
    let after = sandbox.run(&["check", "--only", "no-update-automation"]);
    assert!(!after.out.contains("info["), "{}", after.out);
}

#[test]
fn a_comment_for_the_file_hides_what_stands_elsewhere() {
    let sandbox = sandbox();
    let hidden = format!("# barehull: ignore-file=no-image-scan-in-ci the registry scans\n{DOCKERFILE}");
    sandbox.write("Dockerfile", hidden.as_bytes());
    let said = sandbox.run(&["check", "Dockerfile", "--only", "no-image-scan-in-ci"]);
    assert!(!said.out.contains("info[") && said.out.contains("1 suppressed"), "{}", said.out);
}
