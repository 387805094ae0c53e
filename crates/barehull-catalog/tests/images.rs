//! What a reference is taken for.

use barehull_catalog::{Catalog, Completeness, ImageFacts, ImageRef, Libc, Role};

fn facts(reference: &str) -> Option<ImageFacts> {
    Catalog::builtin().image(&reference.parse::<ImageRef>().unwrap())
}

fn names(facts: &ImageFacts, role: Role) -> Vec<&str> {
    let mut names: Vec<&str> =
        facts.components.iter().filter(|c| c.component.role == role).map(|c| c.component.name()).collect();
    names.sort_unstable();
    names
}

#[test]
fn tags_give_distribution_and_language_version() {
    let table = [
        ("debian", "Debian 13", None),
        ("debian:12.5-slim", "Debian 12", None),
        ("debian:bookworm-20240110-slim", "Debian 12", None),
        ("debian:stable-slim", "Debian 13", None),
        ("ubuntu:jammy", "Ubuntu 22.04", None),
        ("ubuntu:24.04", "Ubuntu 24.04", None),
        ("alpine:3.19.1", "Alpine 3.19", None),
        ("node:22", "Debian 12", Some("node 22")),
        ("node:22.3.0-bullseye-slim", "Debian 11", Some("node 22.3.0")),
        ("node:20-alpine3.20", "Alpine 3.20", Some("node 20")),
        ("library/node:20-alpine3.20", "Alpine 3.20", Some("node 20")),
        ("docker.io/library/node:20-bookworm", "Debian 12", Some("node 20")),
        ("public.ecr.aws/docker/library/node:20-bookworm", "Debian 12", Some("node 20")),
        ("python:3.11-slim-bookworm", "Debian 12", Some("python 3.11")),
        ("python:3.12-alpine3.19", "Alpine 3.19", Some("python 3.12")),
        ("golang:1.22-alpine3.19", "Alpine 3.19", Some("go 1.22")),
        ("golang:1.22.1-bookworm", "Debian 12", Some("go 1.22.1")),
        ("gcr.io/distroless/nodejs22-debian12:debug", "Debian 12", Some("node 22")),
        ("gcr.io/distroless/python3-debian13", "Debian 13", Some("python 3.13")),
        ("gcr.io/distroless/static-debian13:nonroot", "Debian 13", None),
    ];
    for (reference, os, runtime) in table {
        let facts = facts(reference).unwrap_or_else(|| panic!("{reference} is unknown"));
        assert_eq!(facts.os.to_string(), os, "{reference}");
        let found = facts.runtime.map(|r| format!("{} {}", r.name, r.version.unwrap_or_default()));
        assert_eq!(found.as_deref(), runtime, "{reference}");
        assert!(facts.source.starts_with("https://") && facts.date.is_some(), "{reference}");
    }
}

#[test]
fn what_the_catalog_does_not_know_stays_unknown() {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let references = [
        "registry.example.com/node:22".to_owned(),
        "someone/node:22".to_owned(),
        "node:22-unheard".to_owned(),
        "node:22-bookworm-unheard".to_owned(),
        // Nothing says which of its variants this is.
        format!("node@{digest}"),
    ];
    for reference in references {
        assert!(facts(&reference).is_none(), "{reference}");
    }
    assert!(facts(&format!("node:22@{digest}")).is_some());
}

#[test]
fn an_image_has_what_its_base_has() {
    let node = facts("node:22-bookworm").unwrap();
    assert_eq!(node.completeness, Completeness::Exact);
    assert_eq!(names(&node, Role::Shell), ["bash", "dash", "rbash", "sh"]);
    assert_eq!(names(&node, Role::PackageManager), ["apt", "apt-get", "dpkg"]);
    for (role, name) in [
        (Role::NetworkClient, "curl"),
        (Role::NetworkClient, "ssh"),
        (Role::DebugTool, "ps"),
        (Role::BuildTool, "gcc"),
        (Role::PrivilegeTool, "su"),
        (Role::LanguagePackageManager, "npm"),
    ] {
        assert!(names(&node, role).contains(&name), "{name}");
    }
    assert!(node.user_is_root());
    let argv: Vec<_> =
        node.config.entrypoint.iter().chain(&node.config.cmd).flat_map(|list| list.iter()).collect();
    assert_eq!(argv, ["docker-entrypoint.sh", "node"]);

    let slim = facts("node:22-bookworm-slim").unwrap();
    assert!(names(&slim, Role::BuildTool).is_empty() && names(&slim, Role::NetworkClient).is_empty());
    assert!(names(&facts("node:22-alpine").unwrap(), Role::Shell).contains(&"ash"));
}

#[test]
fn minimal_images_have_no_shell_and_their_debug_variants_do() {
    let production = facts("gcr.io/distroless/nodejs22-debian13:nonroot").unwrap();
    assert!(production.minimal && !production.user_is_root() && production.components.is_empty());
    assert_eq!(production.config.entrypoint.as_deref(), Some(&["/nodejs/bin/node".into()][..]));

    let debug = facts("gcr.io/distroless/nodejs22-debian13:debug-nonroot").unwrap();
    assert_eq!(debug.debug_of.as_deref(), Some("gcr.io/distroless/nodejs22-debian13:nonroot"));
    assert!(names(&debug, Role::Shell).contains(&"busybox"));
    assert!(facts("gcr.io/distroless/nodejs22-debian13").unwrap().user_is_root());

    let scratch = facts("scratch").unwrap();
    assert_eq!((scratch.libc, scratch.components.len()), (Libc::None, 0));
    assert_eq!(scratch.completeness, Completeness::Exact);
}
