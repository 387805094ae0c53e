//! `barehull catalog from` on images made in memory, and Dockerfiles that are built on them.

use barehull_image::elf::Kind;
use barehull_image::fixture::elf::{bytes, facts};
use barehull_image::fixture::image::{Archive, Builder, write_archive, write_folder};
use serde_json::{Value, json};

use super::sandbox::{Said, Sandbox};

const DOCKERFILE: &str = "FROM registry.example/base:1\nRUN apt-get update && apt-get install -y wget curl\n";

/// A base image of Debian 12 with a shell, curl and tini, that starts curl as a user of its own.
fn base() -> Builder {
    let tool = bytes(&facts(Kind::Static));
    let os = "ID=debian\nVERSION_ID=\"12\"\n";
    let status = "Package: curl\nStatus: install ok installed\nVersion: 7.88.1-10\n\n";
    let layer = Archive::new()
        .symlink("bin", "usr/bin")
        .file("etc/os-release", 0o644, os)
        .file("usr/bin/dash", 0o755, &tool)
        .symlink("usr/bin/sh", "dash")
        .file("usr/bin/apt-get", 0o755, &tool)
        .file("opt/tools/bin/strace", 0o755, &tool)
        .file("usr/bin/curl", 0o755, &tool)
        .file("var/lib/dpkg/status", 0o644, status)
        .file("var/lib/dpkg/info/curl.list", 0o644, "/usr/bin/curl\n");
    let mut builder = Builder::new([layer]);
    builder.config["config"] = json!({
        "Entrypoint": ["strace", "curl"], "User": "1000", "Env": ["PATH=/opt/tools/bin:/usr/bin:/bin"]
    });
    builder
}

fn sandbox(builder: &Builder) -> Sandbox {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE)]);
    write_folder(&builder.layout(), &sandbox.path("image")).unwrap();
    sandbox
}

/// Writes the entry to `ours.yaml`.
fn describe(sandbox: &Sandbox, args: &[&str]) -> Said {
    let said = sandbox.run(&[&["catalog", "from", "image"], args].concat());
    sandbox.write("ours.yaml", said.out.as_bytes());
    said
}

fn surface(sandbox: &Sandbox, args: &[&str]) -> Value {
    let said = sandbox.run(&[&["surface", "--format", "json", "Dockerfile"], args].concat());
    let document: Value = serde_json::from_str(&said.out).expect("JSON");
    document["files"][0]["stages"][0].clone()
}

#[test]
fn a_base_image_of_ones_own_is_known_by_its_entry() {
    let sandbox = sandbox(&base());
    let unknown = surface(&sandbox, &[]);
    assert_eq!(unknown["completeness"], "at-least");

    let said = describe(&sandbox, &["--name", "registry.example/base:1"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.contains("# The image calls itself example.org/app:1.\n"), "{}", said.out);
    assert!(!said.out.contains(sandbox.path("").to_str().unwrap()), "{}", said.out);
    let stage = surface(&sandbox, &["--catalog", "ours.yaml"]);
    assert_eq!(stage["completeness"], "exact", "{stage}");
    let of = |role: &str, path: &str| {
        let all = stage["surface"][role].as_array().cloned().unwrap_or_default();
        let same: Vec<Value> = all.into_iter().filter(|component| component["path"] == path).collect();
        assert_eq!(same.len(), 1, "{path} in {stage}");
        same[0].clone()
    };
    // What the base has is the base's, though the Dockerfile installs it again.
    let curl = of("network-client", "/usr/bin/curl");
    assert_eq!(curl["origin"]["kind"], "base-image", "{curl}");
    assert_eq!(of("network-client", "/usr/bin/wget")["origin"]["kind"], "instruction");
    // The base's ENTRYPOINT starts it, and it is found in the base's PATH.
    let strace = of("debug-tool", "/opt/tools/bin/strace");
    assert_eq!(strace["origin"]["kind"], "base-image");
    assert!(!strace["needed_by"].as_array().unwrap().is_empty(), "{strace}");
    of("shell", "/usr/bin/dash");
    of("shell", "/usr/bin/sh");
    of("package-manager", "/usr/bin/apt-get");

    // The base's USER is not root.
    let rules = |args: &[&str]| {
        let said = sandbox
            .run(&[&["check", "Dockerfile", "--only", "runs-as-root", "--fail-on", "info"], args].concat());
        said.code
    };
    assert_eq!(rules(&["--catalog", "ours.yaml"]), 0);
    sandbox.write("ours.yaml", said.out.replace("user: \"1000\"", "user: root").as_bytes());
    assert_eq!(rules(&["--catalog", "ours.yaml"]), 1);
}

#[test]
fn every_form_of_image_gives_the_same_entry() {
    let sandbox = sandbox(&base());
    write_archive(&base().layout(), &sandbox.path("layout.tar")).unwrap();
    let name = ["--name", "registry.example/base:1"];
    let folder = describe(&sandbox, &name).out;
    let archive = sandbox.run(&[&["catalog", "from", "layout.tar"], &name[..]].concat()).out;
    assert_eq!(folder, archive);
    // What a root file system folder does not say is said by the command line.
    sandbox.write("root/usr/bin/curl", &bytes(&facts(Kind::Static)));
    sandbox.write("root/app.sh", b"#!/bin/sh\n");
    let args =
        ["catalog", "from", "root", "--user", "app", "--env", "A=b: c", "--cmd", "[\"/app.sh\", \"-x\"]"];
    let said = sandbox.run(&[&args[..], &name].concat());
    assert!(said.code == 0 && said.out.contains("A: \"b: c\"\n"), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("user: app\n") && said.out.contains("cmd: [/app.sh, \"-x\"]\n"),
        "{}",
        said.out
    );
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let sandbox = sandbox(&base());
    sandbox.write("root/app.sh", b"#!/bin/sh\n");
    sandbox.write("empty/etc/hosts", b"");
    let name = "--name=registry.example/base:1";
    for (args, expected) in [
        (vec!["root"], "--name registry.example/base:1"),
        (vec!["root", "--name", "Base"], "`Base`: the name of an image is lower case"),
        (vec!["empty", name], "there is no program in it"),
        (vec!["nowhere", name], "nowhere"),
    ] {
        let said = sandbox.run(&[vec!["catalog", "from"], args].concat());
        assert!(said.code == 2 && said.out.is_empty() && said.err.contains(expected), "{}", said.err);
    }
    sandbox.write("root/etc/os-release", b"ID=\"my\x1bos\"\n");
    let said = sandbox.run(&["catalog", "from", "root", name]);
    assert!(
        said.code == 0 && said.err.contains("note: The distribution `my\\u{1b}os` is not in the catalog"),
        "{}",
        said.err
    );
}
