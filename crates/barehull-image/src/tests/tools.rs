use super::image;
use crate::fixture::elf::{self, facts};
use crate::fixture::image::Archive;
use crate::{Image, PackageManager, inventory};
use barehull_catalog::{Catalog, Completeness, Origin, Presence, Role};

/// Role, path, whether it is there, layer and package of each tool.
fn tools(image: &Image) -> Vec<(Role, String, bool, u32, Option<String>)> {
    let inventory = inventory(image, Catalog::builtin());
    assert_eq!(inventory.completeness(), Completeness::Exact);
    let line = |entry: &barehull_catalog::Entry| {
        let Origin::Layer { index, .. } = &entry.origin else { panic!("{:?}", entry.origin) };
        let is_there = entry.presence == Presence::Present;
        (entry.component.role, entry.component.path.to_string(), is_there, *index, entry.package.clone())
    };
    inventory.materialise().iter().map(line).collect()
}

fn program() -> Vec<u8> {
    elf::bytes(&facts(crate::elf::Kind::Static))
}

#[test]
fn links_and_applets_count_as_what_they_are_called() {
    let busybox = [program(), b"BusyBox is a multi-call binary".to_vec()].concat();
    let installed = "P:busybox\nV:1.37\nF:bin\nR:busybox\n\nP:curl\nV:8\nF:usr/bin\nR:curl\n\n";
    let base = Archive::new()
        .file("bin/busybox", 0o755, &busybox)
        .symlink("bin/sh", "/bin/busybox")
        .symlink("bin/cat", "/bin/busybox")
        .hard_link("usr/bin/wget", "bin/busybox")
        .file("lib/apk/db/installed", 0o644, installed);
    let upper = Archive::new()
        .file("usr/bin/curl", 0o755, program())
        .file("opt/renamed", 0o755, [&busybox[..], b"x"].concat())
        .file("opt/tb", 0o755, [program(), b"Toybox %s multicall binary%s".to_vec()].concat())
        .symlink("usr/local/bin/nc", "../../bin/nowhere");
    let image = image([base, upper]).unwrap();
    let package = |name: &str| Some(name.to_owned());
    let expected = [
        (Role::Shell, "/bin/busybox", true, 0, package("busybox")),
        (Role::Shell, "/opt/renamed", true, 1, None),
        (Role::Shell, "/bin/sh", true, 0, package("busybox")),
        (Role::Shell, "/opt/tb", true, 1, None),
        (Role::NetworkClient, "/usr/bin/curl", true, 1, package("curl")),
        (Role::NetworkClient, "/usr/bin/wget", true, 0, None),
    ];
    assert_eq!(
        tools(&image),
        expected.map(|(role, path, there, layer, p)| (role, path.to_owned(), there, layer, p))
    );
    let [database] = &image.packages[..] else { panic!("{:?}", image.packages) };
    assert_eq!((database.manager, database.path.as_str()), (PackageManager::Apk, "/lib/apk/db/installed"));
    let packages = database.packages.as_ref().unwrap();
    assert_eq!(packages.iter().map(|package| &*package.version).collect::<Vec<_>>(), ["1.37", "8"]);
}

#[test]
fn what_merely_shares_a_name_is_no_tool() {
    let layer = Archive::new()
        .dir("usr/bin/")
        .file("usr/bin/curl", 0o644, program())
        .file("usr/bin/wget", 0o755, "just data")
        .file("usr/share/bash-completion/completions/git", 0o755, "#!/bin/sh")
        .file("usr/lib/apt/methods/http", 0o755, program())
        .file("etc/init.d/ssh", 0o755, "#!/bin/sh")
        .dir("opt/git/")
        .symlink("opt/nc", "git")
        .file("usr/lib/jvm/x/bin/jcmd", 0o755, program())
        .file("usr/libexec/postgresql/psql", 0o755, program())
        .symlink("usr/bin/psql", "../libexec/postgresql/psql");
    let paths: Vec<String> = tools(&image([layer]).unwrap()).into_iter().map(|tool| tool.1).collect();
    assert_eq!(paths, ["/usr/bin/psql", "/usr/libexec/postgresql/psql", "/usr/lib/jvm/x/bin/jcmd"]);
}

#[test]
fn what_lower_layers_still_carry_is_shadowed() {
    let base = Archive::new()
        .dir("usr/bin/")
        .symlink("bin", "usr/bin")
        .file("usr/bin/dash", 0o755, program())
        .symlink("usr/bin/sh", "dash")
        .file("usr/bin/apt", 0o755, program())
        .file("usr/bin/vim.basic", 0o755, program())
        .symlink("usr/bin/vi", "/etc/alternatives/vi")
        .symlink("etc/alternatives/vi", "/bin/vim.basic")
        .file("var/lib/dpkg/info/dash.list", 0o644, "/.\n/bin\n/bin/dash\n/bin/sh\n");
    let gone = ["usr/bin/.wh.apt", "usr/bin/.wh.vi", "usr/bin/.wh.vim.basic", "etc/.wh.alternatives"];
    let upper = gone.iter().fold(Archive::new(), |archive, name| archive.file(name, 0, ""));
    let upper = upper.file("usr/bin/dash", 0o755, program());
    let found = tools(&image([base, upper]).unwrap());
    let dash = || Some("dash".to_owned());
    let expected = [
        (Role::Shell, "/usr/bin/dash", true, 1, dash()),
        (Role::Shell, "/usr/bin/sh", true, 0, dash()),
        (Role::PackageManager, "/usr/bin/apt", false, 0, None),
        (Role::DebugTool, "/usr/bin/vi", false, 0, None),
        (Role::DebugTool, "/usr/bin/vim.basic", false, 0, None),
    ];
    assert_eq!(found, expected.map(|(role, path, there, layer, p)| (role, path.to_owned(), there, layer, p)));
}

#[test]
fn distroless_images_say_what_is_in_them() {
    let status = "var/lib/dpkg/status.d/";
    let layer = Archive::new()
        .file("usr/bin/openssl", 0o755, program())
        .file("busybox/sh", 0o755, program())
        .file(&format!("{status}busybox"), 0o644, "Package: busybox-static\nVersion: 1:1.37.0-4\n")
        .file(&format!("{status}busybox.md5sums"), 0o644, "00112233445566778899aabbccddeeff  busybox/sh\n")
        .file("var/lib/rpm/rpmdb.sqlite", 0o644, "SQLite format 3\0");
    let image = image([layer]).unwrap();
    assert_eq!(tools(&image)[0].4.as_deref(), Some("busybox-static"));
    let packages: Vec<_> = image
        .packages
        .iter()
        .map(|db| (db.manager, db.packages.as_ref().map(|list| list[0].name.as_str())))
        .collect();
    assert_eq!(packages, [(PackageManager::Rpm, None), (PackageManager::Dpkg, Some("busybox-static"))]);
    assert!(image.notes.iter().any(|note| note.kind == crate::NoteKind::UnreadDatabase));
}
