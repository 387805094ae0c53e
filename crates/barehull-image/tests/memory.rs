//! An image of as many entries as are read at all, in a process of its own, so that its memory can be measured.

use barehull_image::{Image, Limits, OpenOptions};
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use tar::{Builder, EntryType, Header};

/// Files in each folder.
const FILES: usize = 999;

fn header(kind: EntryType, name: &str) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_path(name).unwrap();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_cksum();
    header
}

/// A compressed layer of folders with files in them, `folders * (FILES + 1)` entries.
fn write_layer(path: &Path, folders: usize) {
    let file = BufWriter::new(File::create(path).unwrap());
    let mut layer = BufWriter::new(GzEncoder::new(file, flate2::Compression::fast()));
    for folder in 0..folders {
        let folder = format!("srv-app-node_modules-package-{folder:04}");
        layer.write_all(header(EntryType::Directory, &folder).as_bytes()).unwrap();
        for file in 0..FILES {
            let name = format!("{folder}/dist-esm-internal-module-{file:04}.js");
            layer.write_all(header(EntryType::Regular, &name).as_bytes()).unwrap();
        }
    }
    layer.write_all(&[0; 1024]).unwrap();
    layer.into_inner().unwrap().finish().unwrap();
}

#[test]
fn a_million_entries_take_at_most_300_mib() {
    let folder = tempfile::TempDir::new().unwrap();
    let (layer, image) = (folder.path().join("layer"), folder.path().join("image.tar"));
    write_layer(&layer, 1000);
    let mut archive = Builder::new(File::create(&image).unwrap());
    let manifest = r#"[{"Config":"config.json","RepoTags":["many:1"],"Layers":["layer.tar"]}]"#;
    for (name, text) in [("config.json", r#"{"os":"linux"}"#), ("manifest.json", manifest)] {
        let mut header = header(EntryType::Regular, name);
        header.set_size(text.len() as u64);
        header.set_cksum();
        archive.append(&header, text.as_bytes()).unwrap();
    }
    archive.append_path_with_name(&layer, "layer.tar").unwrap();
    archive.into_inner().unwrap();

    let read = Image::open(&image, &OpenOptions::default()).unwrap();
    assert_eq!(read.layers[0].entries, Limits::default().entries);
    assert_eq!(read.tree.len(), 1_000_001);
    if let Some(peak) = peak_memory() {
        assert!(peak <= 300 << 10, "{peak} KiB");
    }
}

/// The most memory that this process had so far, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
