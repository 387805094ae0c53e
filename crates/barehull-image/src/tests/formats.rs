use super::open;
use crate::fixture::image::{Archive, Builder, Compression, Files, write_archive, write_folder};
use crate::{Image, Kind, Layer, OpenOptions, Platform, ReadError};
use serde_json::json;
use tempfile::TempDir;

fn two_layers() -> Builder {
    let base = Archive::new()
        .dir("etc/")
        .file("etc/passwd", 0o644, "root:x:0:0::/:/bin/sh\n")
        .file("old", 0o644, "x");
    let mut builder =
        Builder::new([base, Archive::new().file("app", 0o755, "#!/bin/sh\n").file(".wh.old", 0o0, "")]);
    builder.config["config"] = json!({"Entrypoint": ["/app"], "User": "app"});
    builder.config["history"] = json!([{"created_by": "ADD base"}, {"created_by": "ENV A=b", "empty_layer": true}, {"created_by": "COPY app"}]);
    builder
}

fn check(image: &Image) {
    assert_eq!(super::paths(&image.tree), ["/app", "/etc", "/etc/passwd"]);
    assert_eq!(image.tree.get("/etc/passwd").unwrap().text(), Some(&b"root:x:0:0::/:/bin/sh\n"[..]));
    assert_eq!(image.tree.get("/app").unwrap().script().unwrap().interpreter, "/bin/sh");
    assert_eq!(image.config.entrypoint, ["/app"]);
    assert_eq!(image.name.as_deref(), Some("example.org/app:1"));
    let steps: Vec<(u32, &str, u64)> = image
        .layers
        .iter()
        .map(|Layer { index, created_by, entries, .. }| (*index, &**created_by, *entries))
        .collect();
    assert_eq!(steps, [(0, "ADD base", 3), (1, "COPY app", 2)]);
    assert!(image.layers.iter().all(|layer| layer.diff_id.is_some() && layer.unpacked_size >= 2048));
    assert_eq!(image.notes, []);
    assert_eq!(image.tree.shadowed().len(), 1);
}

#[test]
fn every_form_and_compression_is_the_same_image() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let builder = two_layers().compressed(compression);
        for files in [builder.layout(), builder.docker_archive(), builder.docker_layout()] {
            check(&open(&files, &OpenOptions::default()).unwrap());
            let folder = TempDir::new().unwrap();
            write_folder(&files, folder.path()).unwrap();
            check(&Image::open(folder.path(), &OpenOptions::default()).unwrap());
        }
    }
}

/// What Docker writes for an image that has no tag, or for several in one file.
#[test]
fn saved_images_without_a_name_and_several_in_one() {
    let untagged = |mut files: Files| {
        files.remove("repositories");
        let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
        let text = text.replace(r#""RepoTags":["example.org/app:1"]"#, r#""RepoTags":null"#);
        assert!(text.contains(":null"), "{text}");
        files.insert("manifest.json".to_owned(), text.into_bytes());
        files
    };
    let old = untagged(two_layers().docker_archive());
    let image = open(&old, &OpenOptions::default()).unwrap();
    assert_eq!((image.name, image.config.entrypoint), (None, vec!["/app".to_owned()]));

    let mut other = two_layers();
    other.name = "example.org/app:2".to_owned();
    other.config["config"]["Cmd"] = json!(["other"]);
    let pairs = [
        (two_layers().docker_archive(), other.docker_archive(), "manifest.json", ""),
        (two_layers().docker_layout(), other.docker_layout(), "index.json", "manifests"),
    ];
    for (mut files, more, list, key) in pairs {
        let images = |files: &Files| -> serde_json::Value { serde_json::from_slice(&files[list]).unwrap() };
        let (mut all, second) = (images(&files), images(&more));
        let (into, from) = if key.is_empty() { (&mut all, &second) } else { (&mut all[key], &second[key]) };
        into.as_array_mut().unwrap().extend(from.as_array().unwrap().iter().cloned());
        let all = all.to_string().into_bytes();
        files.extend(more);
        files.insert(list.to_owned(), all);
        let of = |name: &str| {
            open(&files, &OpenOptions { name: Some(name.to_owned()), ..OpenOptions::default() }).unwrap()
        };
        assert_eq!(of("example.org/app:1").config.cmd, [""; 0], "{list}");
        assert_eq!(of("example.org/app:2").config.cmd, ["other"], "{list}");
        let error = open(&files, &OpenOptions::default()).unwrap_err();
        assert!(matches!(error, ReadError::Ambiguous { .. }), "{error}");
    }
}

#[test]
fn a_layer_may_be_a_link_to_another_one() {
    let builder = Builder::new([Archive::new().dir("a/"), Archive::new().dir("a/")]);
    let mut files = builder.docker_archive();
    let second = format!("{:064}/layer.tar", 1);
    files.remove(&second);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.tar");
    let archive =
        files.iter().fold(Archive::new(), |archive, (name, bytes)| archive.file(name, 0o644, bytes));
    let archive = archive.symlink(&second, &format!("../{:064}/layer.tar", 0));
    std::fs::write(&path, archive.finish()).unwrap();
    assert_eq!(Image::open(&path, &OpenOptions::default()).unwrap().layers.len(), 2);
}

/// A layout with images of several platforms in an index of their own, beside an attestation.
fn platforms() -> Files {
    let mut files = two_layers().layout();
    let mut manifests = vec![json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1, "digest": format!("sha256:{:064}", 7),
        "platform": {"os": "unknown", "architecture": "unknown"}
    })];
    for architecture in ["amd64", "arm64", "s390x"] {
        let mut builder = two_layers();
        builder.config["architecture"] = json!(architecture);
        let mut descriptor = builder.add_manifest(&mut files);
        descriptor["annotations"] = json!(null);
        manifests.push(descriptor);
    }
    let inner = json!({"schemaVersion": 2, "manifests": manifests}).to_string().into_bytes();
    let digest = crate::fixture::image::digest(&inner);
    let size = inner.len();
    files.insert(format!("blobs/{}", digest.replace(':', "/")), inner);
    let index = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": size,
        "annotations": {"org.opencontainers.image.ref.name": "example.org/app:1"}
    }]});
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    files
}

#[test]
fn the_platform_is_chosen() {
    let files = platforms();
    let of = |platform: &str| {
        let platform = platform.parse::<Platform>().ok();
        open(&files, &OpenOptions { platform, ..OpenOptions::default() })
            .map(|image| image.config.architecture)
    };
    assert_eq!(of("linux/s390x").unwrap(), "s390x");
    assert_eq!(of("linux/arm64/v8").unwrap(), "arm64");
    let error = of("windows/amd64").unwrap_err();
    assert!(matches!(&error, ReadError::NoMatch { choices, .. } if choices.len() == 3), "{error}");
    let here = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    assert_eq!(open(&files, &OpenOptions::default()).unwrap().config.architecture, here);
}

#[test]
fn the_name_is_chosen() {
    let mut other = two_layers();
    other.name = "other:latest".to_owned();
    other.config["config"]["Cmd"] = json!(["other"]);
    let mut files = two_layers().layout();
    let manifests = [two_layers().add_manifest(&mut files), other.add_manifest(&mut files)];
    let index = json!({"schemaVersion": 2, "manifests": &manifests});
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    let of = |name: Option<&str>| {
        open(&files, &OpenOptions { name: name.map(str::to_owned), ..OpenOptions::default() })
    };

    for name in ["other", "other:latest", "docker.io/library/other"] {
        assert_eq!(of(Some(name)).unwrap().config.cmd, ["other"], "{name}");
    }
    assert!(of(Some("example.org/app:1")).unwrap().config.cmd.is_empty());
    let digest = manifests[1]["digest"].as_str().unwrap();
    for name in [digest, &digest[..19], &digest[7..19]] {
        assert_eq!(of(Some(name)).unwrap().config.cmd, ["other"], "{name}");
    }
    assert!(of(Some(&digest[7..15])).is_err());
    let error = of(None).unwrap_err().to_string();
    assert!(error.contains("example.org/app:1") && error.contains("other:latest"), "{error}");
    assert!(matches!(of(Some("third")), Err(ReadError::NoMatch { .. })));
}

#[test]
fn what_is_no_image_is_told_so() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file");
    let error = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Image::open(&path, &OpenOptions::default()).unwrap_err()
    };
    assert!(matches!(error(b""), ReadError::NotAnImage { .. }));
    assert!(matches!(error(b"FROM scratch\n"), ReadError::NotAnImage { .. }));
    assert!(matches!(error(b"\x1f\x8b\x08\0\0"), ReadError::CompressedArchive { format: "gzip", .. }));
    assert!(matches!(error(&Archive::new().dir("etc/").finish()), ReadError::Missing { .. }));
    write_archive(&Files::from([("manifest.json".to_owned(), b"[]".to_vec())]), &path).unwrap();
    assert!(matches!(Image::open(&path, &OpenOptions::default()), Err(ReadError::Missing { .. })));
}

#[cfg(target_os = "linux")] // elsewhere rustix makes no pipes
#[test]
fn a_folder_is_read_without_leaving_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    let outside = TempDir::new().unwrap();
    std::fs::write(outside.path().join("passwd"), "secret").unwrap();
    let root = TempDir::new().unwrap();
    let at = |name: &str| root.path().join(name);
    std::fs::create_dir_all(at("usr/bin")).unwrap();
    std::fs::write(at("usr/bin/tool"), "#!/bin/sh -e\necho").unwrap();
    std::fs::set_permissions(at("usr/bin/tool"), std::fs::Permissions::from_mode(0o4755)).unwrap();
    std::fs::hard_link(at("usr/bin/tool"), at("usr/bin/zoo")).unwrap();
    std::fs::write(at("usr/bin/.wh.x"), "").unwrap();
    symlink("usr/bin", at("bin")).unwrap();
    symlink(outside.path(), at("etc")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();

    let config = crate::ImageConfig { cmd: vec!["tool".to_owned()], ..Default::default() };
    let options = OpenOptions { config: Some(config), ..OpenOptions::default() };
    let image = Image::open(root.path(), &options).unwrap();
    let found: Vec<_> = image.tree.iter().skip(1).map(|entry| (&*entry.path, entry.kind.clone())).collect();
    let link = |target: &str| Kind::Symlink { target: target.into() };
    let expected = [
        ("/bin", link("usr/bin")),
        ("/etc", link(outside.path().to_str().unwrap())),
        ("/pipe", Kind::Fifo),
        ("/socket", Kind::Socket),
        ("/usr", Kind::Dir),
        ("/usr/bin", Kind::Dir),
        ("/usr/bin/.wh.x", Kind::File),
        ("/usr/bin/tool", Kind::File),
        ("/usr/bin/zoo", Kind::File),
    ];
    assert_eq!(found, expected);
    let tool = image.tree.resolve("/bin/tool").unwrap();
    assert_eq!((tool.mode, tool.script().unwrap().interpreter.as_str()), (0o4755, "/bin/sh -e"));
    assert!(image.tree.get("/usr/bin/zoo").unwrap().is_hard_link);
    assert!(image.tree.resolve("/etc/passwd").is_err());
    assert_eq!(image.config.cmd, ["tool"]);
}

#[cfg(unix)]
#[test]
fn blobs_of_a_layout_are_not_read_through_links() {
    let files = two_layers().layout();
    let outside = TempDir::new().unwrap();
    write_folder(&files, outside.path()).unwrap();
    for linked in ["blobs", "index.json"] {
        let folder = TempDir::new().unwrap();
        write_folder(&files, folder.path()).unwrap();
        let path = folder.path().join(linked);
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.unwrap();
        std::os::unix::fs::symlink(outside.path().join(linked), &path).unwrap();
        let read = Image::open(folder.path(), &OpenOptions::default());
        // Without an index the folder is taken for a root file system.
        assert!(read.is_err() || read.is_ok_and(|image| image.tree.get("/app").is_none()), "{linked}");
    }
}
