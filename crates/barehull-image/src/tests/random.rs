use super::open;
use crate::fixture::image::{Archive, Builder, Compression, seal};
use crate::{Image, Kind, Limits, OpenOptions, inventory};
use barehull_catalog::Catalog;
use proptest::prelude::*;

/// Something of everything.
fn layer() -> Vec<u8> {
    Archive::new()
        .dir("bin/")
        .file("bin/busybox", 0o755, b"\x7fELF\x02\x01\x01")
        .symlink("bin/sh", "busybox")
        .hard_link("bin/wget", "bin/busybox")
        .attributes(&[("path", "usr/bin/curl"), ("GNU.sparse.realsize", "100")])
        .file("x", 0o755, "#!/bin/sh\n")
        .member(b'L', 0, "x", "", b"var/lib/dpkg/status\0")
        .file("y", 0o644, "Package: a\nVersion: 1\n\n")
        .file("bin/.wh.sh", 0, "")
        .file("etc/.wh..wh..opq", 0, "")
        .symlink("etc", "bin/../etc")
        .file("lib/apk/db/installed", 0o644, "P:a\nF:bin\nR:busybox\n")
        .finish()
}

/// What holds for every tree, and may be asked of it.
fn examine(image: &Image) {
    let tree = &image.tree;
    for entry in tree.iter() {
        assert!(entry.path.starts_with('/') && (entry.path.len() == 1 || !entry.path.ends_with('/')));
        if let Some((folder, _)) = crate::path::split(&entry.path) {
            assert_eq!(tree.get(folder).map(|above| &above.kind), Some(&Kind::Dir), "{}", entry.path);
            assert!(tree.children(folder).any(|child| child.path == entry.path));
        }
        let _ = tree.resolve(&entry.path);
    }
    inventory(image, Catalog::builtin()).materialise();
}

fn options() -> OpenOptions {
    let limits = Limits { entries: 500, expansion_floor: 1 << 20, elf_bytes: 1 << 16, ..Limits::default() };
    OpenOptions { limits, ..OpenOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes of layers are changed, and their headers made to fit again.
    #[test]
    fn changed_layers_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
        compression in prop::sample::select(vec![Compression::None, Compression::Gzip, Compression::Zstd]),
    ) {
        let mut bytes = layer();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for block in bytes.chunks_exact_mut(512) {
            let block: &mut [u8; 512] = block.try_into().unwrap();
            if block[257..262] == *b"ustar" {
                seal(block);
            }
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut builder = Builder::new([]);
        builder.layers = vec![(layer(), Compression::None), (bytes, compression)];
        if let Ok(image) = open(&builder.docker_archive(), &options()) {
            examine(&image);
        }
    }

    /// Bytes of any file of the image are changed.
    #[test]
    fn changed_images_are_read_or_refused(
        old in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut builder = Builder::new([]);
        builder.layers = vec![(layer(), Compression::Gzip)];
        let mut files = if old { builder.docker_archive() } else { builder.layout() };
        for (file, at, byte) in changes {
            let name = file.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
            let bytes = files.get_mut(&name).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(image) = open(&files, &options()) {
            examine(&image);
        }
    }
}
