//! Any bytes are opened as an archive of an image.
#![no_main]

use std::io::Write;

use barehull_catalog::Catalog;
use barehull_image::{Image, Limits, OpenOptions, inventory};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("it is written");
    let limits = Limits { entries: 10_000, image_bytes: 64 << 20, ..Limits::default() };
    if let Ok(image) = Image::open(file.path(), &OpenOptions { limits, ..OpenOptions::default() }) {
        let _ = inventory(&image, Catalog::builtin()).materialise();
    }
});
