//! Input that is broken, hostile or huge.

use std::process::Stdio;

use serde_json::Value;

use crate::sandbox::{Sandbox, said};

const GOOD: &str = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\"]\n";

/// What `check` must answer: its exit status, and a finding on that line which says so.
type Answer = (i32, Option<(u64, &'static str)>);

/// Dockerfiles that something is wrong with.
fn broken() -> Vec<(&'static str, Vec<u8>, Answer)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let run = |command: String| format!("FROM debian:12\nRUN {command}\n").into_bytes();
    let too_long = (1, Some((2, "greater than max allowed size of 65535")));
    vec![
        ("empty", Vec::new(), (1, Some((1, "no instructions")))),
        ("comments", text("# only\n# comments\n"), (1, Some((1, "no instructions")))),
        ("binary", (0..=255).cycle().take(5_000).collect(), (1, Some((1, "unknown instruction")))),
        ("not-utf8", b"FROM debian:12\nRUN echo \xff\xfe\n".to_vec(), (1, Some((2, "not UTF-8")))),
        ("nul", text("FROM debian:12\nRUN \0\n"), (0, None)),
        ("fifty-megabytes", run("a".repeat(50 << 20)), too_long),
        ("line-limit", run("a".repeat(65_536)), too_long),
        ("many-ands", run(vec![":"; 10_001].join("&&")), (0, None)),
        ("nested", run(format!("{}:{}", "(".repeat(1_000), ")".repeat(1_000))), (0, None)),
        ("circular", text("FROM b AS a\nFROM a AS b\n"), (0, Some((1, "`b` is a stage further down")))),
        ("bad-index", text("FROM debian:12\nCOPY --from=7 / /\n"), (1, Some((2, "invalid stage index 7")))),
        (
            "later",
            text("FROM x\nFROM late\nFROM x AS late\n"),
            (0, Some((2, "`late` is a stage further down"))),
        ),
        ("flag", text("FROM debian:12\nCOPY --nope=1 a b\n"), (1, Some((2, "unknown flag: --nope")))),
        ("base-flag", text("FROM --nope=1 debian:12\n"), (1, Some((1, "unknown flag: --nope")))),
    ]
}

#[test]
fn each_defect_is_named_with_its_line() {
    let sandbox = Sandbox::new(&[]);
    for (name, bytes, (code, finding)) in broken() {
        sandbox.write(&format!("{name}/Dockerfile"), &bytes);
        let said = sandbox.run(&["check", name, "--format", "json"]);
        assert_eq!((said.code, said.err.as_str()), (code, ""), "{name}");
        let document: Value = serde_json::from_str(&said.out).expect("a document");
        let findings = document["files"][0]["findings"].as_array().expect("findings");
        let Some((line, words)) = finding else { continue };
        let names = |finding: &Value| {
            finding["at"]["range"]["start"]["line"] == line
                && finding["message"].as_str().is_some_and(|message| message.contains(words))
        };
        assert!(findings.iter().any(names), "{name}: {findings:?}");
    }
}

#[test]
fn a_defect_fills_no_screen_and_stops_no_command() {
    let sandbox = Sandbox::new(&[]);
    for (name, bytes, _) in broken() {
        sandbox.write(&format!("{name}/Dockerfile"), &bytes);
        for command in ["check", "surface", "fix"] {
            let said = sandbox.run(&[command, name]);
            assert!(said.code <= 1, "{command} {name}: {}", said.err);
            assert!(said.out.len() < 30_000, "{command} {name}: {} bytes", said.out.len());
        }
    }
}

#[test]
fn defects_leave_the_results_of_other_files_alone() {
    let good = |sandbox: &Sandbox| -> Value {
        let said = sandbox.run(&["check", "--format", "json"]);
        let document: Value = serde_json::from_str(&said.out).expect("a document");
        let files = document["files"].as_array().expect("files");
        files.iter().find(|file| file["path"] == "good/Dockerfile").expect("the good one").clone()
    };
    let sandbox = Sandbox::new(&[("good/Dockerfile", GOOD)]);
    let alone = good(&sandbox);
    for (name, bytes, _) in broken() {
        sandbox.write(&format!("{name}/Dockerfile"), &bytes);
    }
    assert_eq!(good(&sandbox), alone);
}

/// The builder refuses these; nothing is said of them yet, but nothing breaks on them either.
#[test]
fn references_that_lead_nowhere_are_harmless() {
    for text in [
        "FROM debian:12\nCOPY --from=99999999999999999999 / /\n",
        "FROM debian:12 AS a\nCOPY --from=a / /\n",
        "FROM debian:12 AS a\nCOPY --from=b / /\nFROM debian:12 AS b\nCOPY --from=a / /\n",
    ] {
        let sandbox = Sandbox::new(&[("Dockerfile", text)]);
        for command in ["check", "surface", "fix"] {
            let said = sandbox.run(&[command]);
            assert!(said.code <= 1, "{command} {text}: {}", said.err);
        }
    }
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}";
    let name = format!("x{evil}y/Dockerfile");
    let text = format!("FROM debian:12{evil} AS {evil}\nRUN apt-get install -y {evil}\nCMD {evil}\n");
    let sandbox = Sandbox::new(&[(&name, &text)]);
    let formats: [&[&str]; 8] = [
        &["check"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["check", "--format", "github"],
        &["surface"],
        &["surface", "--format", "json"],
        &["check", "missing\u{1b}[2J"],
        &["syntax", &name],
    ];
    for args in formats {
        let said = sandbox.run(args);
        for text in [said.out, said.err] {
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{args:?}: {text:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let sandbox = Sandbox::new(&[]);
    for n in 0..200 {
        sandbox.write(&format!("d{n}/Dockerfile"), b"FROM debian:12\nRUN apt-get install -y curl vim gcc\n");
    }
    let mut child = sandbox
        .command("", &["check"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_folder_called_dockerfile_is_walked() {
    let sandbox = Sandbox::new(&[("Dockerfile/inner/Dockerfile", "FROM debian:12\n")]);
    let found = said(sandbox.command("", &["check"]), "");
    assert!(found.out.contains("Dockerfile/inner/Dockerfile:1:"), "{}", found.out);
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// `check` of `bad` and the good Dockerfile: says why, goes on, and fails in the end.
    fn is_named_and_passed_over(sandbox: &Sandbox, bad: &str, why: &str) {
        sandbox.write("good/Dockerfile", GOOD.as_bytes());
        let said = sandbox.run(&["check", bad, "good"]);
        assert_eq!(said.code, 2, "{bad}: {}", said.err);
        assert!(said.err.contains(bad) && said.err.contains(why), "{}", said.err);
        assert!(said.out.contains("good/Dockerfile:1:"), "{}", said.out);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let sandbox = Sandbox::new(&[("locked/Dockerfile", GOOD)]);
        let locked = sandbox.path("locked/Dockerfile");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("the file is ours");
        // Nothing is locked to root.
        if fs::read(&locked).is_err() {
            is_named_and_passed_over(&sandbox, "locked/Dockerfile", "denied");
        }
        fs::create_dir(sandbox.path("loop")).expect("a new folder");
        symlink("Dockerfile", sandbox.path("loop/Dockerfile")).expect("a link");
        is_named_and_passed_over(&sandbox, "loop/Dockerfile", "links");
        is_named_and_passed_over(&sandbox, "/dev/zero", "not a regular file");
    }

    #[test]
    fn nothing_is_read_through_a_link_out_of_the_context() {
        let outside =
            Sandbox::new(&[("package.json", r#"{"scripts":{"start":"node hidden-behind-it.js"}}"#)]);
        let text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD [\"npm\", \"start\"]\n";
        let sandbox = Sandbox::new(&[("Dockerfile", text)]);
        symlink(outside.path("package.json"), sandbox.path("package.json")).expect("a link");
        for args in [&["check"][..], &["surface", "--all"], &["fix", "--level", "sketch"]] {
            let said = sandbox.run(args);
            assert_eq!(said.code, 0, "{args:?}: {}", said.err);
            assert!(
                !format!("{}{}", said.out, said.err).contains("hidden-behind-it"),
                "{args:?}: {}",
                said.out
            );
        }
    }
}
