use super::super::Language::Rust;
use super::{check, shown};

/// A file with these `use` declarations and this text in `main`.
fn program(uses: &str, body: &str) -> String {
    format!("{uses}\n\nfn main() {{\n{body}\n}}\n")
}

#[test]
fn starts() {
    let command = "use std::process::Command;";
    let table: &[(&str, &str, &[&str])] = &[
        (command, "Command::new(\"git\").arg(\"log\").output()", &["git"]),
        ("", "let c = std::process::Command::new(\"/usr/bin/dot\");", &["/usr/bin/dot"]),
        ("use std::process;", "process::Command::new(\"a\").spawn()", &["a"]),
        (
            "use std::process::{self, Command as Run, Stdio};",
            "Run::new(\"a\"); process::Command::new(\"b\");",
            &["a", "b"],
        ),
        ("use std::{fs, io::{self, Read}, process::Command};", "Command::new(\"a\")", &["a"]),
        ("use std::process::*;", "Command::new(\"a\")", &["a"]),
        ("use tokio::process::Command;", "Command::new(\"ffmpeg\").status().await?", &["ffmpeg"]),
        (command, "Command::new(name)", &["?"]),
        (command, "let name = \"git\"; Command::new(&name)", &["git"]),
        (command, "Command::new(format!(\"tool-{}\", x))", &["?"]),
        (command, "Command::new(env::var(\"GIT\").unwrap_or(\"git\".to_string()))", &["git"]),
        (command, "Command::new(env::var(\"GIT\").unwrap_or_else(|_| \"git\".into()))", &["git"]),
        (command, "Command::new(std::env::current_exe()?)", &[]),
        (command, "Command::new(\"sh\").arg(\"-c\").arg(cmd)", &["sh: sh"]),
        ("use duct::cmd;", "cmd!(\"convert\", a).run()", &["convert"]),
        // A command line of its own, and types that are only named.
        ("use clap::Command;", "Command::new(\"app\")", &[]),
        (command, "let c: Vec<Command> = run(&mut Command);", &[]),
        (
            command,
            "// Command::new(\"a\")\n/* /* */ Command::new(\"b\") */ let x = r#\"Command::new(\"c\")\"#;",
            &[],
        ),
        (
            command,
            "let q = '\"'; let e = '\\''; fn f<'a>(x: &'a str) {} let u = '\\u{1F600}'; Command::new(\"a\")",
            &["a"],
        ),
        (
            command,
            "#[cfg(windows)]\n{ Command::new(\"cmd\") }\n#[cfg(target_os = \"macos\")]\nfn o() { Command::new(\"open\") }",
            &[],
        ),
        (command, "#[cfg(unix)]\n{ Command::new(\"a\") }", &["a"]),
    ];
    for (uses, body, expected) in table {
        check("src/main.rs", Rust, &[(&program(uses, body), *expected)]);
    }
}

#[test]
fn files() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "use std::fs;",
            "fs::read_to_string(\"config.toml\")?; fs::create_dir_all(\"data/x\")?;",
            &["> data/x", "< config.toml"],
        ),
        (
            "use std::fs::File;",
            "File::open(\"a\"); File::create(Path::new(\"d\").join(\"b\"))",
            &["< a", "> ?"],
        ),
        ("use std::{fs::File, path::Path};", "File::create(Path::new(\"d\").join(\"b\"))", &["> d/b"]),
        ("use tower_http::services::ServeDir;", "ServeDir::new(\"static\")", &["< static"]),
        (
            "use actix_files as fs;",
            "fs::Files::new(\"/s\", \"./static\").show_files_listing()",
            &["< ./static"],
        ),
        ("use tera::Tera;", "Tera::new(\"templates/**/*\")", &["< templates/**/*"]),
        ("", "let p = include_str!(\"a.txt\");", &[]),
    ];
    for (uses, body, expected) in table {
        check("src/main.rs", Rust, &[(&program(uses, body), *expected)]);
    }
}

#[test]
fn tests_and_build_scripts_do_not_count() {
    let call = |program: &str| format!("fn f() {{ std::process::Command::new(\"{program}\"); }}\n");
    let unit =
        format!("{}\n#[cfg(test)]\nmod tests {{\n{}}}\n#[test]\n{}", call("a"), call("unit"), call("one"));
    let files = [
        ("src/main.rs", unit),
        ("build.rs", call("build")),
        ("tests/it.rs", call("it")),
        ("benches/b.rs", call("bench")),
        ("target/release/build/x/out/y.rs", call("made")),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let (lines, evidence) = shown(&files, Rust);
    assert_eq!(lines, ["a"]);
    assert!(evidence.complete);
}

#[test]
fn strange_texts_end() {
    for text in
        ["/* /*", "\"", "r#\"", "'", "b'", "use a::{", "use a::{b::{c::{", "#[cfg(test)]", "'\\", "r", "b\""]
    {
        let _ = shown(&[("src/main.rs", text)], Rust);
    }
    let deep = format!("use {}b{};", "a::{".repeat(20_000), "}".repeat(20_000));
    let _ = shown(&[("src/main.rs", &deep)], Rust);
}
