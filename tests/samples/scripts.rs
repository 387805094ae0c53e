//! Every script that a patch writes into a manifest or a compose file can be read by a shell.

use std::io::Write;
use std::process::{Command, Stdio};

use barehull::finding::Level;
use serde_yaml::Value;

use crate::sample;

/// The scripts of init containers and services in `value`: what follows `sh -c`.
fn scripts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Sequence(items) => {
            if let [Value::String(shell), Value::String(option), Value::String(script)] = items.as_slice()
                && shell == "sh"
                && option == "-c"
            {
                // Compose takes `$$` for a dollar sign.
                found.push(script.replace("$$", "$"));
            }
            for item in items {
                scripts(item, found);
            }
        }
        Value::Mapping(entries) => {
            for (_, value) in entries {
                scripts(value, found);
            }
        }
        _ => {}
    }
}

/// What `sh -n` says against a script.
fn refused(script: &str) -> Option<String> {
    let mut child = Command::new("sh")
        .args(["-n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    child.stdin.take().expect("its input").write_all(script.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_shell_can_read_every_script() {
    let mut seen = 0;
    for sample in sample::all() {
        let Some(rewrite) = sample.analyse(Level::Review).rewrite else { continue };
        for patch in rewrite.patch.iter().filter(|p| p.path.as_str().ends_with("ml")) {
            let text = std::str::from_utf8(patch.after.as_deref().unwrap_or_default()).expect("UTF-8");
            let mut found = Vec::new();
            for document in serde_yaml::Deserializer::from_str(text) {
                let value = <Value as serde::Deserialize>::deserialize(document).expect("YAML");
                scripts(&value, &mut found);
            }
            for script in found {
                seen += 1;
                assert_eq!(refused(&script), None, "{} of {}:\n{script}", patch.path, sample.name);
                assert!(script.starts_with("set -e"), "{} of {}:\n{script}", patch.path, sample.name);
            }
        }
    }
    assert!(seen >= 8, "only {seen} scripts were found");
}
