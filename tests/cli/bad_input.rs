//! Input that is broken, hostile or huge.

use std::process::Stdio;

use crate::sandbox::{Sandbox, said};

#[test]
fn what_is_no_dockerfile_gets_a_message_and_no_panic() {
    let sandbox = Sandbox::new(&[]);
    let table: [(&str, Vec<u8>); 8] = [
        ("empty", Vec::new()),
        ("comments", b"# only\n# comments\n".to_vec()),
        ("binary", (0..=255).cycle().take(5_000).collect()),
        ("not-utf8", b"FROM debian\nRUN echo \xff\xfe\n".to_vec()),
        ("nul", b"FROM debian\nRUN \0\n".to_vec()),
        ("long-line", [b"FROM debian\nRUN ".as_slice(), &vec![b'a'; 3 << 20]].concat()),
        ("unknown-flag", b"FROM --nope=1 debian\n".to_vec()),
        ("circular", b"FROM a AS a\nCOPY --from=7 / /\n".to_vec()),
    ];
    for (name, bytes) in &table {
        sandbox.write(&format!("{name}/Dockerfile"), bytes);
    }
    for (name, _) in &table {
        for command in ["check", "surface", "fix"] {
            let said = sandbox.run(&[command, name]);
            assert!(said.code <= 1, "{command} {name}: {}", said.err);
            assert!(said.out.len() < 30_000, "{command} {name}: {} bytes", said.out.len());
        }
    }
    let all = sandbox.run(&["check"]);
    for name in ["empty", "comments", "binary", "long-line", "unknown-flag"] {
        assert!(all.out.contains(&format!("{name}/Dockerfile")), "{name} is reported:\n{}", all.out);
    }
    assert!(all.out.contains("8 Dockerfiles: "), "{}", all.out);
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
