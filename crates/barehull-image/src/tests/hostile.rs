use super::{image, open, paths};
use crate::fixture::image::{
    Archive, Builder, Compression, Files, compress, digest, header, write_archive, write_folder,
};
use crate::{Content, Image, Kind, Limits, NoteKind, OpenOptions, ReadError, Unread};
use serde_json::json;
use tempfile::TempDir;

fn with_limits(limits: Limits) -> OpenOptions {
    OpenOptions { limits, ..OpenOptions::default() }
}

fn layers(archives: impl IntoIterator<Item = Vec<u8>>) -> Builder {
    let mut builder = Builder::new([]);
    builder.layers = archives.into_iter().map(|bytes| (bytes, Compression::None)).collect();
    builder
}

#[test]
fn names_never_lead_outside() {
    let layer = Archive::new()
        .file("../../etc/cron.d/x", 0o644, "x")
        .file("/abs", 0o644, "x")
        .symlink("out", "/../../../../tmp")
        .file("out/through", 0o644, "x")
        .hard_link("hard", "../../../etc/cron.d/x")
        .file("a/.wh...", 0, "")
        .file("a/.wh.", 0, "");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    write_archive(&Builder::new([layer]).docker_archive(), &path).unwrap();
    let image = Image::open(&path, &OpenOptions::default()).unwrap();
    let expected =
        ["/a", "/abs", "/etc", "/etc/cron.d", "/etc/cron.d/x", "/hard", "/out", "/tmp", "/tmp/through"];
    assert_eq!(paths(&image.tree), expected);
    let kinds: Vec<_> = image.notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::OutsideName, NoteKind::InvalidWhiteout, NoteKind::InvalidWhiteout]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
}

#[test]
fn loops_and_devices_are_only_listed() {
    let layer = Archive::new()
        .symlink("a", "b")
        .symlink("b", "a")
        .symlink("self", "self/self")
        .member(b'3', 0o666, "dev/null", "", b"")
        .member(b'4', 0o666, "dev/sda", "", b"")
        .member(b'6', 0o666, "dev/pipe", "", b"")
        .hard_link("again", "again");
    let image = image([layer]).unwrap();
    assert_eq!(image.tree.get("/dev/sda").map(|entry| &entry.kind), Some(&Kind::BlockDevice));
    assert!(image.tree.resolve("/a/x").is_err() && image.tree.resolve("/self").is_err());
}

#[test]
fn holes_are_never_filled() {
    let ten_gb = 10_u64 << 30;
    let mut gnu = header(b'S', 0o755, b"gnu", b"", 512);
    gnu[257..265].copy_from_slice(b"ustar  \0");
    gnu[482] = 1;
    gnu[483..495].copy_from_slice(format!("{ten_gb:012o}").as_bytes());
    crate::fixture::image::seal(&mut gnu);
    let size = ten_gb.to_string();
    let layer = Archive::new()
        .body(&gnu)
        .body(&[0; 512])
        .body(&[b'x'; 512])
        .attributes(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.name", "posix"),
            ("GNU.sparse.realsize", &size),
        ])
        .file("GNUSparseFile.0/posix", 0o755, [b'y'; 700])
        .file("after", 0o644, "z");
    let image = image([layer]).unwrap();
    assert_eq!(paths(&image.tree), ["/after", "/gnu", "/posix"]);
    for path in ["/gnu", "/posix"] {
        let entry = image.tree.get(path).unwrap();
        assert_eq!((entry.size, &entry.content), (ten_gb, &Content::Unread(Unread::Sparse)), "{path}");
    }
    assert!(image.notes.iter().all(|note| note.kind == NoteKind::Sparse));
}

#[test]
fn sizes_that_lie_end_in_an_error() {
    for size in [10 << 30, (1 << 62) + 5, u64::MAX] {
        let layer = header(b'0', 0o644, b"large", b"", size).to_vec();
        let error = open(&layers([layer]).docker_archive(), &OpenOptions::default()).unwrap_err();
        assert!(matches!(error, ReadError::Truncated { .. } | ReadError::Invalid { .. }), "{error}");
    }
}

#[test]
fn nothing_hides_behind_the_end() {
    let one_block = Archive::new().file("a", 0o644, "").body(&[0; 512]).file("b", 0o755, "#!/bin/sh");
    assert!(matches!(image([one_block]), Err(ReadError::Invalid { .. })));
    let no_end = header(b'5', 0o755, b"a", b"", 0).to_vec();
    assert_eq!(paths(&open(&layers([no_end]).layout(), &OpenOptions::default()).unwrap().tree), ["/a"]);
}

#[test]
fn what_expands_without_end_is_stopped() {
    let limits = Limits { expansion_floor: 1 << 20, expansion_ratio: 10, ..Limits::default() };
    let bomb = Archive::new().file("zeros", 0o644, vec![0; 32 << 20]);
    for compression in [Compression::Gzip, Compression::Zstd] {
        let files = Builder::new([bomb.clone()]).compressed(compression).docker_archive();
        let error = open(&files, &with_limits(limits.clone())).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { unit: "uncompressed bytes", .. }), "{error}");
    }
    // Zeros behind the end of the archive expand as well.
    let mut builder = layers([vec![0; 32 << 20]]);
    builder.layers[0].1 = Compression::Gzip;
    assert!(matches!(open(&builder.layout(), &with_limits(limits)), Err(ReadError::TooLarge { .. })));
}

#[test]
fn zstd_windows_are_bounded() {
    // A frame whose window is 2 GiB, with one raw block.
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01 | (4 << 3), 0, 0][..], b"abcd"].concat();
    let error = open(&layers([frame]).docker_archive(), &OpenOptions::default()).unwrap_err();
    assert!(matches!(&error, ReadError::Invalid { reason, .. } if reason.contains("memory")), "{error}");
}

#[test]
fn counts_are_bounded() {
    let many = (0..100).fold(Archive::new(), |archive, n| archive.file(&format!("f{n}"), 0o644, ""));
    let table = [
        (Limits { entries: 99, ..Limits::default() }, "entries"),
        (Limits { name_bytes: 280, ..Limits::default() }, "bytes of names"),
        (Limits { layers: 0, ..Limits::default() }, "layers"),
        (Limits { json_bytes: 100, ..Limits::default() }, "bytes"),
    ];
    for (limits, expected) in table {
        let error = open(&Builder::new([many.clone()]).layout(), &with_limits(limits)).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { unit, .. } if unit == expected), "{error}");
    }
    // Folders that nobody names count as well.
    let deep = Archive::new().attributes(&[("path", &"d/".repeat(2000))]).dir("x");
    let limits = Limits { entries: 1000, ..Limits::default() };
    assert!(open(&Builder::new([deep.clone()]).layout(), &with_limits(limits)).is_err());
    assert_eq!(image([deep]).unwrap().tree.len(), 2001);
}

#[test]
fn long_headers_are_bounded() {
    let too_long = Archive::new().attributes(&[("path", &"d/".repeat(3000))]).dir("x");
    assert!(matches!(image([too_long]), Err(ReadError::TooLarge { unit: "bytes", .. })));
    let huge = "x".repeat(2 << 20);
    assert!(matches!(
        image([Archive::new().attributes(&[("comment", &huge)]).dir("x")]),
        Err(ReadError::Invalid { .. })
    ));
    let endless = header(b'L', 0, b"x", b"", 10 << 30).to_vec();
    assert!(matches!(
        open(&layers([endless]).layout(), &OpenOptions::default()),
        Err(ReadError::Invalid { .. })
    ));
    for records in [
        "999999 path=x\n",
        "0 a=b\n",
        "6 a=b",
        "x path=y\n",
        "5 ab\n",
        "12 size=-1x\n",
        "99999999999999999999999 a=b\n",
    ] {
        let layer = Archive::new().member(b'x', 0, "x", "", records.as_bytes()).dir("y");
        assert!(matches!(image([layer]), Err(ReadError::Invalid { .. })), "{records:?}");
    }
}

#[test]
fn what_is_kept_is_bounded() {
    let limits = Limits { kept_bytes: 150, elf_bytes: 60, text_bytes: 16, ..Limits::default() };
    let layer = Archive::new()
        .file("etc/passwd", 0o644, "root:x:0:0::/:")
        .file("etc/group", 0o644, "root:x:0:")
        .file("etc/ld.so.conf", 0o644, "/a/rather/long/folder")
        .file("bad", 0o755, b"\x7fELF")
        .file("large", 0o755, [b"\x7fELF", &[0; 100][..]].concat());
    let image = open(&Builder::new([layer]).layout(), &with_limits(limits)).unwrap();
    let unread = |path| match image.tree.get(path).unwrap().content {
        Content::Unread(why) => Some(why),
        _ => None,
    };
    assert_eq!(unread("/etc/passwd"), None);
    assert_eq!(unread("/etc/group"), Some(Unread::OverBudget));
    assert_eq!(unread("/etc/ld.so.conf"), Some(Unread::TooLarge));
    assert_eq!(unread("/bad"), Some(Unread::Malformed));
    assert_eq!(unread("/large"), Some(Unread::TooLarge));
    assert_eq!(image.notes.len(), 4);
}

#[test]
fn what_hard_links_share_is_not_freed() {
    let limits = Limits { kept_bytes: 3000, ..Limits::default() };
    let list = "var/lib/dpkg/info/a.list";
    let layer = (0..10).fold(Archive::new(), |archive, n| {
        let archive = archive.file(list, 0o644, [b'x'; 1000]);
        if n % 2 == 0 { archive } else { archive.hard_link(&format!("keep{n}"), list) }
    });
    let image = open(&Builder::new([layer]).layout(), &with_limits(limits)).unwrap();
    let kept = image.tree.iter().filter_map(|entry| entry.text()).map(<[u8]>::len).sum::<usize>();
    assert!((1000..=3000).contains(&kept), "{kept}");
}

/// Changes the first file whose name starts so.
fn damage(files: &mut Files, start: &str, change: impl Fn(&mut Vec<u8>)) {
    change(files.iter_mut().find(|(name, _)| name.starts_with(start)).unwrap().1);
}

#[test]
fn bytes_that_are_not_what_the_manifest_says_are_told() {
    let builder = Builder::new([Archive::new().file("a", 0o644, "text")]).compressed(Compression::Gzip);
    let layer = compress(&builder.layers[0].0, Compression::Gzip);
    let path = |digest: &str| format!("blobs/{}", digest.replace(':', "/"));
    let layer = path(&digest(&layer));
    let read = |files: &Files| open(files, &OpenOptions::default()).unwrap_err();

    for at in [12, 40] {
        let mut files = builder.layout();
        damage(&mut files, &layer, |bytes| bytes[at] ^= 0x55);
        assert!(matches!(read(&files), ReadError::Digest { name, .. } if name == layer));
    }
    let mut files = builder.layout();
    damage(&mut files, &layer, |bytes| bytes.truncate(30));
    assert!(matches!(read(&files), ReadError::Truncated { name } if name == layer));
    files.remove(&layer);
    assert!(matches!(read(&files), ReadError::Missing { name } if name == layer));

    let mut files = builder.layout();
    for (name, bytes) in &mut files {
        if name.starts_with("blobs/") && *name != layer {
            bytes.push(b' ');
        }
    }
    assert!(matches!(read(&files), ReadError::Digest { .. }));

    // The older archives have no digest of the blob: that of its contents counts.
    let name = format!("{:064}/layer.tar", 0);
    let mut files = builder.docker_archive();
    files.insert(name.clone(), compress(&Archive::new().dir("b").finish(), Compression::Gzip));
    assert!(matches!(read(&files), ReadError::Digest { .. }));
    let mut files = builder.docker_archive();
    damage(&mut files, &name, |bytes| bytes.truncate(60));
    assert!(matches!(read(&files), ReadError::Truncated { .. }));
    files.remove(&name);
    assert!(matches!(read(&files), ReadError::Missing { .. }));
}

#[test]
fn archives_that_end_too_early_are_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    write_archive(&Builder::new([Archive::new().file("a", 0o644, [1; 2000])]).docker_layout(), &path)
        .unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut cut = 0;
    for length in (512..whole.len() - 1024).step_by(256) {
        std::fs::write(&path, &whole[..length]).unwrap();
        match Image::open(&path, &OpenOptions::default()) {
            // What the image consists of was there already.
            Ok(image) => assert_eq!(image.tree.get("/a").unwrap().size, 2000),
            Err(ReadError::Truncated { .. } | ReadError::Missing { .. }) => cut += 1,
            Err(error) => panic!("{length}: {error}"),
        }
    }
    assert!(cut > 20, "{cut}");
}

#[test]
fn documents_that_lead_astray_end_in_an_error() {
    let outside = TempDir::new().unwrap();
    std::fs::write(outside.path().join("secret"), "{}").unwrap();
    let descriptor = |digest: &str| json!({"mediaType": "", "digest": digest, "size": 2});
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let table = [
        json!({"schemaVersion": 2, "manifests": [descriptor("sha256:../../../secret")]}).to_string(),
        json!({"schemaVersion": 2, "manifests": [descriptor("md5:00")]}).to_string(),
        json!({"schemaVersion": 2, "manifests": [descriptor(&digest(b"absent"))]}).to_string(),
        json!({"schemaVersion": 2, "manifests": []}).to_string(),
        json!({"schemaVersion": 2, "manifests": [], "config": descriptor("x")}).to_string(),
        json!({"schemaVersion": 2, "manifests": vec![descriptor(&digest(b"absent")); 5000]}).to_string(),
        format!(r#"{{"schemaVersion":2,"manifests":{nested}}}"#),
        " ".repeat(9 << 20),
        "null".to_owned(),
    ];
    for index in table {
        let mut files = Builder::new([]).layout();
        files.insert("index.json".to_owned(), index.clone().into_bytes());
        assert!(open(&files, &OpenOptions::default()).is_err(), "{}", &index[..index.len().min(80)]);
        let folder = outside.path().join("layout");
        write_folder(&files, &folder).unwrap();
        assert!(Image::open(&folder, &OpenOptions::default()).is_err());
    }
    for config in ["../secret", "/secret", "nothing.json"] {
        let manifest = json!([{"Config": config, "Layers": []}]);
        let files = Files::from([("manifest.json".to_owned(), manifest.to_string().into_bytes())]);
        assert!(matches!(open(&files, &OpenOptions::default()), Err(ReadError::Missing { .. })), "{config}");
    }
}

#[cfg(target_os = "linux")] // elsewhere rustix makes no pipes
#[test]
fn a_pipe_is_no_image() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(matches!(Image::open(&pipe, &OpenOptions::default()), Err(ReadError::NotAnImage { .. })));
}
