//! What the catalog answers.

use barehull_catalog::{Catalog, Completeness, Date, Family, ImageRef, Os, Role};

fn debian(release: &str) -> Os {
    Catalog::builtin().os(Family::Debian, Some(release))
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

#[test]
fn roles_are_found_by_name_and_through_versions() {
    let table = [
        ("bash", Some(Role::Shell)),
        ("busybox", Some(Role::Shell)),
        ("apt-get", Some(Role::PackageManager)),
        ("curl", Some(Role::NetworkClient)),
        ("vim.tiny", Some(Role::DebugTool)),
        ("gcc-12", Some(Role::BuildTool)),
        ("x86_64-linux-gnu-g++-14", Some(Role::BuildTool)),
        ("aarch64-alpine-linux-musl-gcc", Some(Role::BuildTool)),
        ("clang++-15", Some(Role::BuildTool)),
        ("sudo", Some(Role::PrivilegeTool)),
        ("sshd", Some(Role::RemoteAccess)),
        ("pip3.11", Some(Role::LanguagePackageManager)),
        ("cmd.exe", Some(Role::Shell)),
        ("PowerShell.exe", Some(Role::Shell)),
        ("bash-5", None),
        ("node", None),
        ("python3.11", None),
        ("", None),
    ];
    for (name, role) in table {
        assert_eq!(Catalog::builtin().role_of(name), role, "{name}");
    }
    let applets = Catalog::builtin().multi_call("busybox").unwrap();
    assert!(applets.iter().any(|applet| applet == "wget"));
}

#[test]
fn debian_packages_bring_what_apt_installs_with_them() {
    // Package, whether recommended packages come too, what must and what must not be there.
    let table: [(&str, bool, &[&str], &[&str]); 12] = [
        ("git", false, &["git", "cpan"], &["ssh", "less"]),
        ("git", true, &["git", "cpan", "ssh", "less"], &[]),
        ("curl", true, &["curl"], &["bash", "sh"]),
        ("build-essential", false, &["gcc", "g++", "make", "ld", "cc"], &["curl"]),
        ("vim-tiny", false, &["vim.tiny", "vi", "view"], &["vim"]),
        ("vim", false, &["vim", "vi"], &["vim.tiny"]),
        ("python3-pip", false, &["pip", "pip3"], &["gcc"]),
        ("python3-pip", true, &["pip3", "gcc", "make"], &[]),
        ("netcat", false, &["nc", "netcat"], &[]),
        ("openssh-server", false, &["sshd", "ssh"], &[]),
        ("ca-certificates", true, &[], &["curl"]),
        ("curl=7.88.1-10+deb12u5", false, &["curl"], &[]),
    ];
    let packages = Catalog::builtin().packages(&debian("12"));
    for (package, recommends, has, has_not) in table {
        let brought = packages.brings([package], recommends);
        let names: Vec<&str> =
            brought.components.iter().map(|c| c.path.rsplit('/').next().unwrap()).collect();
        if package == "netcat" {
            // Gone from Debian 12: apt would fail, and so nothing is claimed.
            assert_eq!(brought.unknown, ["netcat"]);
            continue;
        }
        assert!(has.iter().all(|name| names.contains(name)), "{package}: {names:?}");
        assert!(has_not.iter().all(|name| !names.contains(name)), "{package}: {names:?}");
        assert_eq!((brought.unknown.len(), brought.completeness), (0, Completeness::Exact), "{package}");
    }
    assert_eq!(packages.brings(["ca-certificates"], true).components, []);
}

#[test]
fn what_is_not_known_is_said() {
    let catalog = Catalog::builtin();
    let brought = catalog.packages(&debian("12")).brings(["curl", "no-such-package", "./local.deb"], false);
    assert_eq!(brought.unknown, ["no-such-package", "./local.deb"]);
    assert_eq!(brought.completeness, Completeness::AtLeast);
    assert!(brought.components.iter().any(|c| c.path == "/usr/bin/curl"));

    // A release that is not listed is taken for its neighbour, at least.
    let older = catalog.packages(&debian("10")).brings(["curl"], false);
    assert_eq!(older.completeness, Completeness::AtLeast);
    let windows = Os { family: Family::Windows, release: None, codename: None };
    assert!(!catalog.packages(&windows).is_known());
}

#[test]
fn ends_of_life_are_those_of_the_cycle() {
    let table = [
        ("nodejs", "22", date("2027-04-30")),
        ("nodejs", "22.3.1", date("2027-04-30")),
        ("nodejs", "2", None),
        ("python", "3.12.1", date("2028-10-31")),
        ("debian", "12", date("2028-06-30")),
        ("redis", "7", date("2029-12-01")),
        ("eclipse-temurin", "8u402", date("2030-12-31")),
        ("nodejs", "221", None),
        ("no-such-product", "1", None),
    ];
    for (product, version, expected) in table {
        assert_eq!(Catalog::builtin().eol(product, version), expected, "{product} {version}");
    }
}

#[test]
fn development_packages_have_run_time_packages() {
    let table = [
        ("libpq-dev", "12", Some(vec!["libpq5"])),
        ("libssl-dev", "11", Some(vec!["libssl1.1"])),
        ("libssl-dev", "13", Some(vec!["libssl3t64"])),
        ("default-libmysqlclient-dev", "12", Some(vec!["libmariadb3"])),
        ("libjpeg-dev", "13", Some(vec!["libjpeg62-turbo"])),
        ("linux-libc-dev", "12", Some(vec![])),
        ("no-such-dev", "12", None),
        ("libpq-dev", "10", None),
    ];
    for (dev, release, expected) in table {
        let found = Catalog::builtin().runtime_library(dev, &debian(release)).map(|library| library.packages);
        assert_eq!(found, expected.map(|names| names.into_iter().map(str::to_owned).collect()), "{dev}");
    }
}

#[test]
fn a_users_file_counts_first() {
    let yaml = r#"
tools:
  - { role: network-client, names: [fetcher] }
  - { role: shell, names: [node] }
images:
  - name: registry.example.com/base
    language: { name: python, interpreter: /opt/python }
    components: [/usr/bin/fetcher]
    config: { user: app }
    variants:
      - { tags: ["{version}"], from: "debian:12-slim", verified: true }
      - { tags: ["broken"], from: "no-such-image:1" }
packages:
  - { family: debian, releases: ["12"], verified: true, entries: { house-tools: { brings: [fetcher], depends: [curl] } } }
eol:
  - { product: nodejs, cycles: { "22": 2030-01-01 } }
"#;
    let catalog = Catalog::with_user_file(yaml).unwrap();
    assert_eq!(catalog.role_of("node"), Some(Role::Shell));
    assert_eq!(catalog.role_of("curl"), Some(Role::NetworkClient));
    assert_eq!(catalog.eol("nodejs", "22"), date("2030-01-01"));
    let image = |text: &str| catalog.image(&text.parse::<ImageRef>().unwrap());
    let facts = image("registry.example.com/base:3.12").unwrap();
    assert_eq!(facts.os.to_string(), "Debian 12");
    assert!(!facts.user_is_root());
    assert_eq!(facts.runtime.unwrap().version.as_deref(), Some("3.12"));
    let names: Vec<&str> = facts.components.iter().map(|c| c.component.name()).collect();
    assert!(names.contains(&"fetcher") && names.contains(&"bash"), "{names:?}");
    assert!(image("registry.example.com/base:broken").is_none());
    assert!(image("registry.example.com/other:3.12").is_none());

    let brought = catalog.packages(&debian("12")).brings(["house-tools"], false);
    let paths: Vec<&str> = brought.components.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(paths, ["/usr/bin/fetcher", "/usr/bin/curl"]);
    assert_eq!(brought.completeness, Completeness::Exact);
}

#[test]
fn what_is_wrong_with_a_users_file_is_said_with_entry_and_line() {
    let table = [
        (
            "images:\n  - name: a\n    variants: []\n  - name: b\n    variants:\n      - tags: [\"{tag}\"]\n",
            6,
            "b",
        ),
        ("images:\n  - name: a\n    components: [/x/unheard]\n    variants: []\n", 2, "a"),
        ("eol:\n  - product: a\n    cycles: { \"1\": 2020-02-30 }\n", 3, "a"),
        ("tools:\n  - role: shell\n    names: [x]\n  - role: network-client\n    names: [x]\n", 5, "x"),
        ("tools:\n  - role: shel\n    names: [x]\n", 2, "shel"),
        ("nonsense: 1\n", 1, ""),
        ("images: [", 2, ""),
    ];
    for (yaml, line, entry) in table {
        let error = Catalog::with_user_file(yaml).unwrap_err();
        assert_eq!(error.line, Some(line), "{yaml}: {error}");
        let name = error.entry.as_ref().map_or("", |(_, name)| name);
        assert_eq!(name, entry, "{yaml}: {error}");
    }
}
