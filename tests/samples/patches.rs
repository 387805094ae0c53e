//! The patches of all samples, as git, patch and barehull itself take them: wherever the samples lie and however
//! their lines end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::sample;

#[test]
fn at_the_top_of_a_work_tree() {
    assert!(patched("", |text| text).len() >= 12);
}

#[test]
fn in_a_folder_with_spaces_and_letters_beyond_ascii() {
    let everywhere = patched("über uns/the \"samples\"", |text| text);
    assert_eq!(everywhere, patched("", |text| text));
}

#[test]
fn with_carriage_returns() {
    let with = patched("", |text| text.replace('\n', "\r\n"));
    assert_eq!(with, patched("", |text| text));
}

#[test]
fn without_a_final_newline() {
    let without = patched("", |text| text.trim_end().to_owned());
    assert_eq!(without, patched("", |text| text));
}

/// Copies all samples into `folder` of a new work tree, their Dockerfiles changed by `change`; runs `fix` in
/// that folder, applies the patch at the top, and checks that it does what a patch must. Gives the samples
/// that were changed.
fn patched(folder: &str, change: impl Fn(String) -> String) -> BTreeSet<String> {
    let tree = TempDir::new().expect("a temporary folder");
    let top = tree.path();
    let home = top.join(folder);
    copy(&sample::folder(), &home);
    for sample in sample::all() {
        let dockerfile = home.join(&sample.name).join("Dockerfile");
        let text = fs::read_to_string(&dockerfile).expect("a Dockerfile");
        fs::write(dockerfile, change(text)).expect("a Dockerfile of our own");
    }
    git(top, &["init", "-q"]);
    git(top, &["config", "core.autocrlf", "false"]);
    git(top, &["add", "."]);

    let patch = fix(&home);
    let file = top.join(".git/the.patch");
    fs::write(&file, &patch).expect("the patch is written");
    git(top, &["apply", "--check", ".git/the.patch"]);
    patch_accepts(top, &file);
    git(top, &["apply", ".git/the.patch"]);

    let changed = git(top, &["diff", "--name-only", "-z"]);
    let changed = changed.split('\0').filter(|path| path.ends_with("/Dockerfile"));
    let changed: BTreeSet<String> = changed
        .filter_map(|path| Path::new(path).parent()?.file_name()?.to_str().map(str::to_owned))
        .collect();
    for name in &changed {
        lines_end_in_one_way(&home.join(name).join("Dockerfile"));
    }
    let check = barehull(&home, &["check", "--only", "invalid-dockerfile"]);
    assert!(check.status.success(), "{}", text(check.stdout));
    assert_eq!(fix(&home), "", "a second run changes nothing");
    changed
}

/// What was added ends as the lines around it do.
fn lines_end_in_one_way(dockerfile: &Path) {
    let text = fs::read_to_string(dockerfile).expect("text");
    let returns = text.matches("\r\n").count();
    let all = text.matches('\n').count();
    assert!(returns == 0 || returns == all, "{}: {returns} of {all} lines", dockerfile.display());
}

fn fix(folder: &Path) -> String {
    let output = barehull(folder, &["fix", "--level", "sketch"]);
    let words = text(output.stderr);
    let has_error = words.lines().any(|line| line.starts_with("error"));
    assert!(output.status.success() && !has_error, "{words}");
    text(output.stdout)
}

fn barehull(folder: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_barehull");
    Command::new(program).args(args).current_dir(folder).output().expect("the program starts")
}

/// `patch` would apply it too, where it is installed.
fn patch_accepts(top: &Path, file: &Path) {
    let mut command = Command::new("patch");
    command.args(["-p1", "--dry-run", "--batch", "--fuzz=0", "--input"]).arg(file).current_dir(top);
    let Ok(output) = command.output() else { return };
    assert!(output.status.success(), "{}{}", text(output.stdout), text(output.stderr));
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").args(args).current_dir(folder).output().expect("git starts");
    assert!(output.status.success(), "git {args:?}: {}", text(output.stderr));
    text(output.stdout)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

/// Copies the files below `from` to `to`.
fn copy(from: &Path, to: &Path) {
    let mut folders: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to).expect("a new folder");
        for entry in fs::read_dir(from).expect("a readable folder") {
            let entry = entry.expect("a readable entry");
            let target = to.join(entry.file_name());
            if entry.file_type().expect("a kind").is_dir() {
                folders.push((entry.path(), target));
            } else {
                fs::copy(entry.path(), target).expect("a copy");
            }
        }
    }
}
