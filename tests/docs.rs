//! The generated pages are those that the code would generate, and the README shows what the program says.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use barehull::report::{controls, json, rulebook};
use barehull::rules;
use barehull_catalog::{Catalog, Completeness};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap_or_default().replace('\r', "")
}

#[test]
fn the_rules_reference_is_fresh() {
    assert!(read("docs/rules.md") == rulebook::markdown(), "docs/rules.md is stale: run `cargo xtask docs`");
}

#[test]
fn the_page_on_policies_is_fresh() {
    let fresh = read("docs/policies.md") == controls::markdown(rules::POLICIES);
    assert!(fresh, "docs/policies.md is stale: run `cargo xtask docs`");
}

#[test]
fn the_json_schema_is_fresh() {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let fresh = value(&read("docs/schema.json")) == value(&json::schema_page());
    assert!(fresh, "docs/schema.json is stale: run `cargo xtask docs`");
}

#[test]
fn the_schema_of_configurations_is_fresh() {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let fresh = value(&read("docs/config.schema.json")) == value(&barehull::config::schema_page());
    assert!(fresh, "docs/config.schema.json is stale: run `cargo xtask docs`");
}

/// Each `console` block is a command and what it says: on standard error where standard output is thrown away.
/// A `-` reads the `dockerfile` block above it.
#[test]
fn the_readme_shows_what_the_program_says() {
    let readme = read("README.md");
    let (mut dockerfile, mut shown) = ("", 0);
    for block in readme.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').expect("a fenced block has lines");
        if kind == "dockerfile" {
            dockerfile = text;
        } else if kind == "console" {
            let (command, expected) = text.split_once('\n').expect("a command and what it says");
            assert_eq!(said(command, dockerfile), expected, "{command}");
            shown += 1;
        }
    }
    assert!(shown >= 3, "only {shown} examples were found");
}

/// What `command` of the README says, from the top of the project.
fn said(command: &str, input: &str) -> String {
    let command = command.strip_prefix("$ barehull ").expect("a barehull command");
    let (args, quiet) = match command.strip_suffix(" > /dev/null") {
        Some(args) => (args, true),
        None => (command, false),
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_barehull"));
    program.args(args.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR"));
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program starts");
    // Most commands end without having read it.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    String::from_utf8(if quiet { output.stderr } else { output.stdout }).expect("UTF-8")
}

/// The indented blocks of a page.
fn examples(page: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        match line.strip_prefix("    ") {
            Some(code) => blocks.last_mut().unwrap().extend([code, "\n"]),
            None if line.is_empty() => {}
            None => blocks.push(String::new()),
        }
    }
    blocks
}

#[test]
fn the_examples_of_catalog_files_can_be_read() {
    let page = read("docs/catalog.md");
    let examples = examples(&page);
    let block = |start: &str| examples.iter().find(|block| block.starts_with(start)).unwrap();
    let (images, mirrors) = (block("images:\n"), block("mirrors:\n"));
    // The variant with `from` is one of an item's.
    let derived = block("      - tags:");
    let file = format!("{images}  - name: registry.example/derived\n    variants:\n{derived}{mirrors}");
    let catalog = Catalog::with_user_file(&file).unwrap_or_else(|error| panic!("{error}\n{file}"));
    let facts = |reference: &str| catalog.image(&reference.parse().unwrap()).unwrap();
    assert_eq!(facts("registry.example/base:1").components.len(), 3);
    let derived = facts("registry.example/derived:2");
    assert_eq!(derived.completeness, Completeness::Exact);
    assert!(derived.components.iter().any(|known| known.component.name() == "curl"));
    assert!(!derived.components.iter().any(|known| known.component.name() == "passwd"));
    assert_eq!(facts("registry.example/hub/debian:12").os.to_string(), "Debian 12");
}
