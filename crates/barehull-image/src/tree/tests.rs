use super::*;
use crate::Limits;
use crate::merge::Merge;

/// A tree of names: `a/` is a folder, `a -> b` a link, all else a file.
fn tree(names: &[&str]) -> Tree {
    let mut merge = Merge::new(&Limits::default());
    for name in names {
        let (path, kind) = match name.split_once(" -> ") {
            Some((path, target)) => (path, Kind::Symlink { target: target.into() }),
            None if name.ends_with('/') => (name.trim_end_matches('/'), Kind::Dir),
            None => (*name, Kind::File),
        };
        merge.put(Entry {
            path: path.into(),
            kind,
            mode: 0o755,
            uid: 0,
            gid: 0,
            size: 0,
            layer: 0,
            content: Content::Other,
            has_capability: false,
            is_hard_link: false,
        });
    }
    merge.finish().0
}

#[test]
fn children_are_listed_in_order_and_nothing_below_them() {
    let tree = tree(&["/a/", "/a/b/", "/a/b/c", "/a/b-x", "/a/b0", "/a.d/", "/a.d/x", "/z"]);
    let children = |folder| tree.children(folder).map(|entry| &*entry.path).collect::<Vec<_>>();
    assert_eq!(children("/"), ["/a", "/a.d", "/z"]);
    assert_eq!(children("/a"), ["/a/b", "/a/b-x", "/a/b0"]);
    assert_eq!(children("/z"), [""; 0]);
    let below: Vec<_> = tree.below("/a").map(|entry| &*entry.path).collect();
    assert_eq!(below, ["/a/b", "/a/b-x", "/a/b/c", "/a/b0"]);
    assert_eq!(tree.below("/").count(), 8);
}

#[test]
fn links_are_followed_inside_the_root() {
    let tree = tree(&[
        "/bin -> usr/bin",
        "/usr/",
        "/usr/bin/",
        "/usr/bin/dash",
        "/usr/bin/sh -> dash",
        "/usr/bin/up -> ../../../../usr/bin/dash",
        "/usr/bin/abs -> /bin/sh",
        "/gone -> nowhere/x",
        "/a -> b",
        "/b -> a",
        "/usr/bin/through -> dash/x",
    ]);
    let table = [
        ("/bin/sh", Ok("/usr/bin/dash")),
        ("bin/sh", Ok("/usr/bin/dash")),
        ("/usr/bin/up", Ok("/usr/bin/dash")),
        ("/usr/bin/abs", Ok("/usr/bin/dash")),
        ("/../..", Ok("/")),
        ("/bin/../bin", Ok("/usr/bin")),
        ("/gone", Err(Unresolved::Missing("/nowhere".to_owned()))),
        ("/a", Err(Unresolved::Loop)),
        ("/usr/bin/through", Err(Unresolved::NotAFolder("/usr/bin/dash".to_owned()))),
        ("/usr/bin/dashes", Err(Unresolved::Missing("/usr/bin/dashes".to_owned()))),
    ];
    for (path, expected) in table {
        let found = tree.resolve(path).map(|entry| &*entry.path);
        assert_eq!(found, expected, "{path}");
    }
    assert_eq!(tree.resolve_link("/bin/sh").map(|entry| &*entry.path), Ok("/usr/bin/sh"));
    assert_eq!(tree.resolve_from("/usr/bin", "sh").map(|entry| &*entry.path), Ok("/usr/bin/dash"));
}
