use std::io::Read;

use super::packages;
use crate::Package;

/// Written by SQLite 3 with pages of 512 bytes: 200 packages and a key, rows on chains of pages, inner pages, another
/// table and an index.
fn sample() -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed = include_bytes!("sample.sqlite.gz").as_slice();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// A header with these values.
fn header(name: &str, version: &str, release: &str, epoch: u32) -> Vec<u8> {
    let texts = [(super::NAME, name), (super::VERSION, version), (super::RELEASE, release)];
    let (mut index, mut values) = (Vec::new(), epoch.to_be_bytes().to_vec());
    let mut add = |tag: u32, kind: u32, at: usize| {
        index.extend([tag, kind, at as u32, 1].iter().flat_map(|number| number.to_be_bytes()));
    };
    add(super::EPOCH, super::NUMBER, 0);
    for (tag, text) in texts {
        add(tag, super::TEXT, values.len());
        values.extend(text.bytes().chain([0]));
    }
    let counts = [4, values.len() as u32].map(u32::to_be_bytes).concat();
    [counts, index, values].concat()
}

/// A database of SUSE with these headers.
fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let mut slots = [b"RpmP".as_slice(), &[0; 8], &1u32.to_le_bytes(), &[0; 16]].concat();
    let mut blobs = Vec::new();
    for (number, header) in headers.iter().enumerate() {
        let package = (number as u32 + 1).to_le_bytes();
        let place = ((4096 + blobs.len()) / 16) as u32;
        slots.extend([*b"Slot", package, place.to_le_bytes(), [9, 0, 0, 0]].concat());
        blobs.extend([*b"BlbS", package, [0; 4], (header.len() as u32).to_le_bytes()].concat());
        blobs.extend(header);
        blobs.resize(blobs.len().next_multiple_of(16), 0);
    }
    while slots.len() < 4096 {
        slots.extend([b"Slot".as_slice(), &[0; 12]].concat());
    }
    [slots, blobs].concat()
}

fn named(name: &str, version: &str) -> Package {
    Package { name: name.to_owned(), version: version.to_owned() }
}

#[test]
fn what_sqlite_wrote_is_read() {
    let found = packages(&sample()).unwrap();
    assert_eq!(found.len(), 200);
    for (number, package) in found.iter().enumerate() {
        let epoch = if number % 2 == 0 && number > 0 { format!("{number}:") } else { String::new() };
        let expected = named(&format!("package{number}"), &format!("{epoch}{number}.1-{}.el9", number + 2));
        assert_eq!(*package, expected);
    }
}

#[test]
fn the_form_of_suse_is_read() {
    let headers = [header("glibc", "2.38", "1", 0), header("gpg-pubkey", "1", "2", 0)];
    let headers = [&headers[..], &[header("shadow", "4.8", "2", 3)]].concat();
    let expected = [named("glibc", "2.38-1"), named("shadow", "3:4.8-2")];
    assert_eq!(packages(&ndb(&headers)), Some(expected.to_vec()));
    assert_eq!(packages(&ndb(&[])), Some(Vec::new()));
}

#[test]
fn other_forms_are_not() {
    for bytes in [b"".as_slice(), b"SQLite format 3\0", b"RpmP", &[0; 4096], b"\x00\x05\x31\x62"] {
        assert_eq!(packages(bytes), None);
    }
}

/// Bytes anywhere, and cut anywhere: an answer or none, never a panic, and soon.
#[test]
fn broken_databases_are_survived() {
    let sqlite = sample();
    let ndb = ndb(&[header("glibc", "2.38", "1", 0), header("bash", "5", "1", 0)]);
    for (sound, step) in [(&sqlite, 7), (&ndb, 1)] {
        for end in (0..sound.len()).step_by(step * 61) {
            let _ = packages(&sound[..end]);
        }
        let mut bytes = sound.clone();
        // All of the heads, some of the rest.
        let places = (0..600).chain((600..sound.len()).step_by(step * 211));
        for at in places.filter(|at| *at < sound.len()) {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let kept = std::mem::replace(&mut bytes[at], value);
                let _ = packages(&bytes);
                bytes[at] = kept;
            }
        }
    }
}

/// Pages lead back to themselves, and many places to one long header.
#[test]
fn no_byte_is_read_twice() {
    let mut bytes = sample();
    let inner = |page: &usize| bytes[page * 512] == 5;
    for page in (1..bytes.len() / 512).filter(inner).collect::<Vec<_>>() {
        let own = (page as u32 + 1).to_be_bytes();
        bytes[page * 512 + 8..page * 512 + 12].copy_from_slice(&own);
    }
    assert_eq!(packages(&bytes), None);

    // The slots of all packages lead to one header that takes half of the file.
    let mut long = header("a", "1", "1", 0);
    long.resize(100_000, 0);
    let mut bytes = ndb(&[long]);
    let slot: [u8; 16] = bytes[32..48].try_into().unwrap();
    for at in (48..4096).step_by(16) {
        bytes[at..at + 16].copy_from_slice(&slot);
    }
    assert_eq!(packages(&bytes), None);
}
