//! Images made in memory, each with one thing wrong.

use barehull_catalog::{Catalog, Role};
use barehull_image::fixture::elf;
use barehull_image::fixture::image::{Archive, Builder, write_folder};
use barehull_image::{Image, OpenOptions};
use serde_json::{Value, json};

use super::verify;
use crate::analysis::Analysis;

mod run_time;

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// The C library of Debian 12, with its loader.
fn base() -> Archive {
    let mut libc = elf::library("libc.so.6", &[]);
    libc.offers = vec!["GLIBC_2.34".to_owned(), "GLIBC_2.36".to_owned()];
    Archive::new()
        .file("lib64/ld-linux-x86-64.so.2", 0o755, elf::bytes(&elf::library("ld-linux-x86-64.so.2", &[])))
        .file("usr/lib/x86_64-linux-gnu/libc.so.6", 0o755, elf::bytes(&libc))
        .file("etc/passwd", 0o644, "root:x:0:0::/root:/x\napp:x:1000:1000::/app:/x\n")
        .file("etc/group", 0o644, "root:x:0:\napp:x:1000:\n")
}

fn program(needed: &[&str]) -> Vec<u8> {
    elf::bytes(&elf::program(LOADER, needed))
}

fn verified(layers: impl IntoIterator<Item = Archive>, config: Value) -> Analysis {
    let mut image = Builder::new(layers);
    image.config["config"] = config;
    let folder = tempfile::tempdir().unwrap();
    write_folder(&image.layout(), folder.path()).unwrap();
    let image = Image::open(folder.path(), &OpenOptions::default()).unwrap();
    verify(&image, Catalog::builtin(), &[])
}

/// `rule: message` of everything found.
fn found(archive: Archive, config: Value) -> Vec<String> {
    let analysis = verified([archive], config);
    analysis.findings.iter().map(|f| format!("{}: {}", f.rule.id, f.message)).collect()
}

fn app(entrypoint: &[&str]) -> Value {
    json!({"User": "1000:1000", "Entrypoint": entrypoint})
}

#[track_caller]
fn only(found: &[String], rule: &str, part: &str) {
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with(&format!("{rule}: ")) && found[0].contains(part), "{found:#?}");
}

#[test]
fn the_first_line_of_a_script_is_for_the_kernel_alone() {
    let image = || {
        base().file("usr/bin/python3", 0o755, program(&["libc.so.6"])).file(
            "app/report.py",
            0o755,
            "#!/usr/bin/env python3\n",
        )
    };
    assert_eq!(found(image(), app(&["python3", "/app/report.py"])), [""; 0]);
    only(&found(image(), app(&["/app/report.py"])), "broken-entrypoint", "wants /usr/bin/env");
}

#[test]
fn a_chain_of_scripts_is_followed_so_far() {
    let mut image = base().file("bin/s0", 0o755, "#!/bin/s1\n");
    for at in 1..5_000 {
        image = image.file(&format!("bin/s{at}"), 0o755, format!("#!/bin/s{}\n", at + 1));
    }
    verified([image], app(&["/bin/s0"]));
}

#[test]
fn what_runs_is_not_complained_of() {
    let image = base().file("app/server", 0o755, program(&["libc.so.6"]));
    assert_eq!(found(image, app(&["/app/server"])), [""; 0]);
}

#[test]
fn what_keeps_an_image_from_starting_is_found() {
    let gone = found(base(), app(&["/app/server"]));
    only(&gone, "broken-entrypoint", "/app/server is not in the image");

    let library = base().file("app/server", 0o755, program(&["libc.so.6", "libpq.so.5"]));
    only(&found(library, app(&["/app/server"])), "broken-entrypoint", "libpq.so.5");

    let loader = Archive::new().file("app/server", 0o755, program(&[]));
    only(&found(loader, app(&["/app/server"])), "broken-entrypoint", LOADER);

    let mut newer = elf::program(LOADER, &["libc.so.6"]);
    newer.requires = vec![elf::requires("libc.so.6", &["GLIBC_2.38"])];
    let newer = base().file("app/server", 0o755, elf::bytes(&newer));
    let newer = found(newer, app(&["/app/server"]));
    only(&newer, "broken-entrypoint", "GLIBC_2.38");
    assert!(newer[0].contains("GLIBC_2.36"), "{newer:?}");

    let script = base().file("app/start", 0o755, "#!/bin/sh\necho started\n");
    only(&found(script, app(&["/app/start"])), "broken-entrypoint", "/bin/sh");

    let mode = base().file("app/server", 0o644, program(&["libc.so.6"]));
    only(&found(mode, app(&["/app/server"])), "broken-entrypoint", "not executable");

    let environment = base().symlink("venv/bin/python", "/usr/local/bin/python3.13").file(
        "venv/bin/gunicorn",
        0o755,
        "#!/venv/bin/python\nimport gunicorn\n",
    );
    only(&found(environment, app(&["/venv/bin/gunicorn"])), "broken-entrypoint", "/venv/bin/python");
}

#[test]
fn users_are_looked_up() {
    let image = || base().file("app/server", 0o755, program(&["libc.so.6"]));
    let with = |user: &str| found(image(), json!({"User": user, "Entrypoint": ["/app/server"]}));
    only(&with(""), "runs-as-root", "no USER");
    only(&with("root"), "runs-as-root", "root");
    only(&with("nobody"), "broken-entrypoint", "nobody");
    assert_eq!(with("app"), [""; 0]);
    assert_eq!(with("65532:65532"), [""; 0]);
}

#[test]
fn tools_are_named_with_their_layer_and_who_starts_them() {
    let below = base()
        .file("usr/bin/dash", 0o755, program(&["libc.so.6"]))
        .symlink("usr/bin/sh", "dash")
        .symlink("bin", "usr/bin")
        .file("usr/bin/curl", 0o755, program(&["libc.so.6"]));
    let above =
        Archive::new().file("usr/bin/.wh.curl", 0o644, "").file("app/start", 0o755, "#!/bin/sh\necho\n");
    let analysis = verified([below, above], app(&["/app/start"]));
    let rules: Vec<&str> = analysis.findings.iter().map(|f| f.rule.id).collect();
    assert_eq!(rules, ["shell-in-final"]);
    let surface = &analysis.stages[0].surface;
    assert_eq!(surface.names(Role::Shell), ["dash", "sh"]);
    assert!(surface.groups[&Role::Shell].iter().any(|entry| !entry.needed_by.is_empty()));
    // It is gone at run time, but the layer below still carries it.
    assert_eq!(surface.groups[&Role::NetworkClient].len(), 1);
}

#[test]
fn what_nothing_reaches_is_only_noted() {
    let image = base()
        .file("app/server", 0o755, program(&["libc.so.6"]))
        .file("usr/bin/helper", 0o755, elf::bytes(&elf::program(LOADER, &["libgone.so.1"])))
        .file("usr/bin/check", 0o755, "#!/bin/bash\n");
    let found = found(image, app(&["/app/server"]));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|f| f.starts_with("broken-program: ")), "{found:#?}");
}

#[test]
fn rights_and_databases_are_told() {
    let image = base()
        .file("app/server", 0o755, program(&["libc.so.6"]))
        .file("usr/lib/helper", 0o4755, program(&["libc.so.6"]))
        .file("var/lib/dpkg/status", 0o644, "Package: libc6\nStatus: install ok installed\nVersion: 2.36\n");
    let found = found(image, app(&["/app/server"]));
    let rules: Vec<&str> = found.iter().filter_map(|f| f.split(':').next()).collect();
    assert_eq!(rules, ["setuid-program", "package-database-left"], "{found:#?}");
}

#[test]
fn secrets_and_leftovers_are_found_also_where_they_were_removed() {
    let below = base()
        .file("app/server", 0o755, program(&["libc.so.6"]))
        .file("root/.npmrc", 0o600, "//registry.npmjs.org/:_authToken=npm_A1b2C3d4\n")
        .file("app/tls/server.key", 0o600, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n")
        .file("app/.env.example", 0o644, "DB_PASSWORD=hunter22\n")
        .file("app/.git/HEAD", 0o644, "ref: refs/heads/main\n")
        .file("var/lib/apt/lists/deb.example.org_main_Packages", 0o644, vec![b'x'; 200_000]);
    let above = Archive::new().file("root/.wh..npmrc", 0o644, "");
    let mut config = app(&["/app/server"]);
    config["Env"] = json!(["DB_PASSWORD=hunter22", "PATH=/usr/bin"]);
    let analysis = verified([below, above], config);
    let found: Vec<_> = analysis.findings.iter().map(|f| (f.rule.id, f.subject.as_str())).collect();
    assert_eq!(
        found,
        [
            ("secret-in-image", "/app/tls/server.key"),
            ("secret-in-image", "/root/.npmrc"),
            ("secret-in-image", "env DB_PASSWORD"),
            ("vcs-folder-in-image", "/app/.git"),
            ("build-cache-in-image", "/var/lib/apt/lists"),
        ]
    );
    let said = format!("{:?}", analysis.findings);
    assert!(!said.contains("npm_A1b2") && !said.contains("hunter22"), "{said}");
}
