//! `barehull verify` on images made in memory, each with one thing wrong.

use barehull_image::elf::{ElfFacts, Kind};
use barehull_image::fixture::elf::{bytes, facts, library, program, requires};
use barehull_image::fixture::image::{Archive, Builder, write_folder};
use serde_json::{Value, json};

use super::sandbox::{Said, Sandbox};

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// A minimal glibc image, to which `layer` is added.
fn image(config: &Value, layer: Archive) -> Builder {
    let folders = vec!["/lib/x86_64-linux-gnu".to_owned(), "/usr/lib".to_owned()];
    let loader = ElfFacts { default_folders: folders, ..library("ld-linux-x86-64.so.2", &[]) };
    let offers = vec!["GLIBC_2.34".to_owned(), "GLIBC_2.36".to_owned()];
    let libc = ElfFacts { offers, ..library("libc.so.6", &[]) };
    let base = Archive::new().file("lib64/ld-linux-x86-64.so.2", 0o755, bytes(&loader)).file(
        "lib/x86_64-linux-gnu/libc.so.6",
        0o755,
        bytes(&libc),
    );
    let mut builder = Builder::new([base, layer]);
    builder.config["config"] = config.clone();
    builder
}

fn verify(builder: &Builder, args: &[&str]) -> Said {
    let sandbox = Sandbox::new(&[]);
    write_folder(&builder.layout(), &sandbox.path("image")).unwrap();
    sandbox.run(&[&["verify", "image"], args].concat())
}

/// The messages of a rule.
fn messages(said: &Said, rule: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&said.out).expect("JSON");
    let findings = document["files"][0]["findings"].as_array().unwrap().clone();
    let of_rule = findings.into_iter().filter(|finding| finding["rule"] == rule);
    of_rule.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

/// What is wrong with the start of an image with the file `/app`, and the exit status.
fn start(app: &[u8], mode: u32, config: &Value) -> (Vec<String>, i32) {
    let said = verify(&image(config, Archive::new().file("app", mode, app)), &["--format", "json"]);
    (messages(&said, "broken-entrypoint"), said.code)
}

#[test]
fn a_program_with_all_it_needs_is_found_nothing_wrong_with() {
    let app = program(LOADER, &["libc.so.6"]);
    let config = json!({"Entrypoint": ["/app"], "User": "65532"});
    assert_eq!(start(&bytes(&app), 0o755, &config), (Vec::new(), 0));
}

#[test]
fn what_keeps_a_program_from_starting_is_named() {
    let config = json!({"Entrypoint": ["/app"]});
    let newer = ElfFacts {
        requires: vec![requires("libc.so.6", &["GLIBC_2.38"])],
        ..program(LOADER, &["libc.so.6"])
    };
    let table: [(Vec<u8>, u32, &str); 6] = [
        (bytes(&program(LOADER, &["libpq.so.5"])), 0o755, "/app needs libpq.so.5, which is not in the image"),
        (bytes(&program("/lib/ld-musl-x86_64.so.1", &[])), 0o755, "it was linked for musl"),
        (bytes(&newer), 0o755, "has versions up to GLIBC_2.36"),
        (bytes(&facts(Kind::Static)), 0o644, "/app is not executable"),
        (b"#!/app/venv/bin/python\n".to_vec(), 0o755, "wants /app/venv/bin/python"),
        (b"echo hello\n".to_vec(), 0o755, "neither a program nor a script"),
    ];
    for (app, mode, expected) in table {
        let (said, code) = start(&app, mode, &config);
        assert!(said.len() == 1 && said[0].contains(expected) && code == 1, "{expected}: {said:?}");
    }
}

#[test]
fn a_virtual_environment_without_its_interpreter_is_named_with_the_link() {
    let layer = Archive::new().symlink("venv/bin/python", "/usr/local/bin/python3.12").file(
        "venv/bin/serve",
        0o755,
        "#!/venv/bin/python\n",
    );
    let config = json!({"Cmd": ["serve"], "Env": ["PATH=/venv/bin:/bin"]});
    let said = verify(&image(&config, layer), &["--format", "json"]);
    let found = messages(&said, "broken-entrypoint");
    assert!(found[0].contains("/venv/bin/python is a link to /usr/local/bin/python3.12"), "{found:?}");
}

#[test]
fn start_scripts_are_read() {
    let script = "#!/bin/sh\nset -e\nif [ -n \"$DB\" ]; then psql -c x; fi\nnc -z db 5432\nexec \"$@\"\n";
    let layer = Archive::new()
        .file("bin/sh", 0o755, bytes(&program(LOADER, &["libc.so.6"])))
        .file("start.sh", 0o755, script);
    let config = json!({"Entrypoint": ["/start.sh"], "Cmd": ["/app/serve"]});
    let said = verify(&image(&config, layer), &["--format", "json"]);
    let commands = messages(&said, "missing-command");
    assert!(commands.len() == 1 && commands[0].contains("starts nc"), "{commands:?}");
    let fatal = messages(&said, "broken-entrypoint");
    assert!(fatal.len() == 1 && fatal[0].contains("/app/serve is not in the image"), "{fatal:?}");
    assert_eq!(messages(&said, "shell-in-final"), ["shell in the image: sh"]);
}

#[test]
fn a_health_check_needs_its_shell() {
    let config = json!({"Entrypoint": ["/app"], "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"]}});
    let app = Archive::new().file("app", 0o755, bytes(&facts(Kind::Static)));
    let said = verify(&image(&config, app), &["--format", "json"]);
    let found = messages(&said, "broken-healthcheck");
    assert!(found.iter().any(|message| message.contains("/bin/sh is not in the image")), "{found:?}");
}

#[test]
fn every_format_speaks_of_the_image() {
    let layer = Archive::new().file("app", 0o644, bytes(&facts(Kind::Static)));
    let builder = image(&json!({"Entrypoint": ["/app"]}), layer);
    for (format, expected) in [
        ("text", "error[broken-entrypoint]: ENTRYPOINT starts /app, but /app is not executable"),
        ("github", "::error file=image,title=broken-entrypoint::"),
        ("sarif", "\"ruleId\":\"broken-entrypoint\""),
    ] {
        let said = verify(&builder, &["--format", format]);
        assert!(said.out.contains(expected) && said.code == 1, "{format}: {}", said.out);
    }
    let said = verify(&builder, &["--fail-on", "never", "--entrypoint", "[\"/nowhere\"]"]);
    assert!(said.out.contains("/nowhere is not in the image") && said.code == 0, "{}", said.out);
}

#[test]
fn what_is_no_image_is_an_error() {
    let sandbox = Sandbox::new(&[("image", "hello")]);
    for path in ["image", "nowhere"] {
        let said = sandbox.run(&["verify", path]);
        assert!(said.code == 2 && !said.err.is_empty() && said.out.is_empty(), "{path}: {}", said.err);
    }
}
