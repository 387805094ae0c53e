use super::{image, paths};
use crate::fixture::image::Archive;
use crate::{Kind, NoteKind};

#[test]
fn upper_layers_remove_and_replace() {
    let base = Archive::new()
        .dir("d/")
        .file("d/a", 0o644, "1")
        .file("d/b", 0o644, "22")
        .dir("d/sub/")
        .file("d/sub/x", 0o755, "#!/x")
        .file("gone", 0o644, "")
        .file("was-file", 0o644, "")
        .dir("was-dir/")
        .file("was-dir/in", 0o644, "");
    // Whiteouts are of lower layers alone, wherever they stand.
    let upper = Archive::new()
        .file("d/new", 0o644, "")
        .file("d/.wh..wh..opq", 0, "")
        .file("d/b", 0o600, "333")
        .file(".wh.gone", 0, "")
        .file("made", 0o644, "")
        .file(".wh.made", 0, "")
        .file(".wh.never", 0, "")
        .file(".wh..wh.plnk", 0, "")
        .dir("was-file/")
        .file("was-dir", 0o644, "");
    let image = image([base, upper]).unwrap();
    assert_eq!(paths(&image.tree), ["/d", "/d/b", "/d/new", "/made", "/was-dir", "/was-file"]);
    assert_eq!(
        image.tree.get("/d/b").map(|entry| (entry.size, entry.mode, entry.layer)),
        Some((3, 0o600, 1))
    );
    let mut shadowed: Vec<(&str, u64, u32, bool)> =
        image.tree.shadowed().iter().map(|s| (&*s.entry.path, s.entry.size, s.by, s.replaced)).collect();
    shadowed.sort_unstable();
    let expected = [
        ("/d/a", 1, 1, false),
        ("/d/b", 2, 1, false),
        ("/d/sub/x", 4, 1, false),
        ("/gone", 0, 1, false),
        ("/was-dir/in", 0, 1, false),
        ("/was-file", 0, 1, true),
    ];
    assert_eq!(shadowed, expected);
}

#[test]
fn a_secret_that_was_removed_is_still_known() {
    let base =
        Archive::new().file("app/.npmrc", 0o600, "token").file("var/lib/dpkg/status", 0o644, "Package: a\n");
    let upper =
        Archive::new().file("app/.wh..npmrc", 0, "").file("var/lib/dpkg/status", 0o644, "Package: b\n");
    let image = image([base, upper]).unwrap();
    let texts: Vec<_> = image.tree.shadowed().iter().map(|s| (&*s.entry.path, s.entry.text())).collect();
    assert_eq!(texts, [("/app/.npmrc", Some(&b"token"[..])), ("/var/lib/dpkg/status", None)]);
}

#[test]
fn what_one_layer_makes_and_replaces_is_in_no_image() {
    let layer = Archive::new()
        .file("a", 0o644, "1")
        .file("a", 0o644, "22")
        .dir("d/")
        .file("d/x", 0, "")
        .file("d", 0, "");
    let image = image([layer]).unwrap();
    assert_eq!(paths(&image.tree), ["/a", "/d"]);
    assert_eq!(image.tree.get("/a").unwrap().size, 2);
    assert!(image.tree.shadowed().is_empty());
}

#[test]
fn hard_links_are_the_file_they_name() {
    let base = Archive::new().file("usr/bin/perl", 0o755, "#!/x").hard_link("usr/bin/perl5", "usr/bin/perl");
    let upper =
        Archive::new().hard_link("p", "./usr/bin/perl5").hard_link("no", "nothing").hard_link("d", "usr");
    let image = image([base, upper]).unwrap();
    let link = image.tree.get("/p").unwrap();
    assert_eq!((link.mode, link.layer, link.is_hard_link, link.size), (0o755, 1, true, 4));
    assert_eq!(link.script().unwrap().interpreter, "/x");
    assert_eq!(image.visible_size(), 4);
    let notes: Vec<_> = image.notes.iter().map(|note| (note.kind, note.path.as_deref())).collect();
    assert_eq!(notes, [(NoteKind::DanglingHardLink, Some("/no")), (NoteKind::DanglingHardLink, Some("/d"))]);
}

#[test]
fn of_a_file_whose_first_name_goes_another_name_is_left() {
    let base = || {
        Archive::new()
            .file("usr/bin/perl", 0o755, "#!/x")
            .hard_link("usr/bin/perl5", "usr/bin/perl")
            .hard_link("usr/bin/perl6", "usr/bin/perl5")
    };
    let gone = image([base(), Archive::new().file("usr/bin/.wh.perl", 0, "")]).unwrap();
    assert_eq!(gone.visible_size(), 4);
    let links = ["/usr/bin/perl5", "/usr/bin/perl6"].map(|path| gone.tree.get(path).unwrap().is_hard_link);
    assert_eq!(links, [false, true]);
    let replaced = image([base(), Archive::new().file("usr/bin/perl", 0o755, "22")]).unwrap();
    assert_eq!(replaced.visible_size(), 6);
    let one_less = image([base(), Archive::new().file("usr/bin/.wh.perl5", 0, "")]).unwrap();
    assert_eq!(one_less.visible_size(), 4);
}

#[test]
fn files_go_where_links_of_lower_layers_lead() {
    let base = Archive::new()
        .dir("usr/bin/")
        .symlink("bin", "usr/bin")
        .symlink("lost", "no/where")
        .symlink("c", "c");
    let upper = Archive::new().file("bin/sh", 0o755, "#!").file("lost/x", 0o644, "").file("c/y", 0o644, "");
    let image = image([base, upper]).unwrap();
    assert_eq!(
        paths(&image.tree),
        ["/bin", "/c", "/c/y", "/lost", "/lost/x", "/usr", "/usr/bin", "/usr/bin/sh"]
    );
}

#[test]
fn long_names_and_attributes_are_read() {
    let long = "a/".repeat(80) + "end";
    let (posix, gnu, half) = (format!("p/{long}"), format!("g/{long}"), "h/".repeat(60) + "end");
    let mut prefixed = crate::fixture::image::header(b'0', 0o644, &half.as_bytes()[60..], b"", 0);
    prefixed[345..345 + 59].copy_from_slice(&half.as_bytes()[..59]);
    crate::fixture::image::seal(&mut prefixed);
    let layer = Archive::new()
        .attributes(&[("path", &posix), ("SCHILY.xattr.security.capability", "\u{1}"), ("mtime", "1.5")])
        .file("short", 0o755, "x")
        .member(b'L', 0, "././@LongLink", "", format!("{gnu}\0").as_bytes())
        .member(b'K', 0, "././@LongLink", "", format!("{long}\0").as_bytes())
        .symlink("short", "short")
        .member(b'g', 0, "global", "", b"20 path=not/this/one\n")
        .body(&prefixed)
        .file("last", 0o644, "x");
    let image = image([layer]).unwrap();
    assert!(image.tree.get(&format!("/{posix}")).is_some_and(|entry| entry.has_capability));
    assert_eq!(image.tree.get(&format!("/{gnu}")).unwrap().link_target(), Some(&*long));
    assert!(image.tree.get(&format!("/{half}")).is_some());
    assert!(image.tree.get("/last").is_some_and(|entry| !entry.has_capability));
}

/// The reader against another writer.
#[test]
fn what_the_tar_crate_writes_is_read() {
    let mut builder = tar::Builder::new(Vec::new());
    let long = "x".repeat(150) + "/y";
    for (name, kind) in [("dir", tar::EntryType::Directory), (long.as_str(), tar::EntryType::Regular)] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o2751);
        header.set_uid(3_000_000);
        header.set_size(if kind.is_file() { 3 } else { 0 });
        builder.append_data(&mut header, name, if kind.is_file() { &b"abc"[..] } else { b"" }).unwrap();
    }
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Char);
    header.set_device_major(1).unwrap();
    header.set_size(0);
    header.set_path("null").unwrap();
    header.set_mode(0o666);
    header.set_uid(0);
    header.set_gid(5);
    header.set_cksum();
    builder.append(&header, &b""[..]).unwrap();
    let mut made = crate::fixture::image::Builder::new([]);
    made.layers.push((builder.into_inner().unwrap(), crate::fixture::image::Compression::Gzip));
    let image = super::open(&made.layout(), &crate::OpenOptions::default()).unwrap();
    let file = image.tree.get(&format!("/{long}")).unwrap();
    assert_eq!((file.size, file.mode, file.uid), (3, 0o2751, 3_000_000));
    let device = image.tree.get("/null").unwrap();
    assert_eq!((&device.kind, device.gid), (&Kind::CharDevice, 5));
}
