use proptest::prelude::*;

use super::*;
use crate::fixture::elf::{bytes, facts, library, program, requires};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

/// One of each kind, with everything that can be said.
fn samples() -> Vec<ElfFacts> {
    let glibc = "/lib64/ld-linux-x86-64.so.2";
    vec![
        facts(Kind::Static),
        facts(Kind::StaticPie),
        ElfFacts {
            wants: Wants { certificates: Some(Certificates::Go), time_zones: true, ..Wants::default() },
            ..facts(Kind::Static)
        },
        ElfFacts { wants: Wants { holds_time_zones: true, ..Wants::default() }, ..facts(Kind::Static) },
        ElfFacts {
            wants: Wants { certificates: Some(Certificates::Rustls), ..Wants::default() },
            ..facts(Kind::StaticPie)
        },
        ElfFacts {
            rpath: names(&["$ORIGIN/../lib", "/opt/lib"]),
            requires: vec![
                requires("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.38"]),
                requires("libm.so.6", &["GLIBC_2.29"]),
            ],
            wants: Wants { users: true, hosts: true, plugins: true, ..Wants::default() },
            ..program(glibc, &["libm.so.6", "libc.so.6"])
        },
        ElfFacts {
            runpath: Some(names(&["/usr/lib/app"])),
            no_default_folders: true,
            wants: Wants { certificates: Some(Certificates::OpenSsl), ..Wants::default() },
            ..program("/lib/ld-musl-x86_64.so.1", &["libssl.so.3", "libc.musl-x86_64.so.1"])
        },
        ElfFacts {
            default_folders: names(&["/lib/x86_64-linux-gnu", "/usr/lib"]),
            ..library("ld-linux-x86-64.so.2", &[])
        },
        ElfFacts {
            certificate_folder: Some("/usr/lib/ssl".to_owned()),
            ..library("libcrypto.so.3", &["libc.so.6"])
        },
        ElfFacts {
            wants: Wants { certificates: Some(Certificates::Nss), ..Wants::default() },
            ..library("libldap.so.2", &["libssl3.so"])
        },
        ElfFacts {
            offers: names(&["GLIBC_2.2.5", "GLIBC_2.36"]),
            ..library("libc.so.6", &["ld-linux-x86-64.so.2"])
        },
    ]
}

#[test]
fn what_is_written_is_read() {
    for facts in samples() {
        assert_eq!(ElfFacts::read(&bytes(&facts)), Some(facts));
    }
}

/// The test itself is a program that a linker wrote.
#[cfg(target_os = "linux")]
#[test]
fn a_program_of_this_machine() {
    let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let facts = ElfFacts::read(&file).unwrap();
    assert_eq!(facts.kind, Kind::Dynamic);
    assert!(facts.needed.iter().any(|name| name.starts_with("libc.")), "{:?}", facts.needed);
    assert!(facts.interpreter.unwrap().contains("/ld-"));
    assert_eq!(facts.machine.wide, cfg!(target_pointer_width = "64"));
}

#[test]
fn what_is_no_elf_file_is_none() {
    for file in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0x7f; 4096]] {
        assert_eq!(ElfFacts::read(file), None);
    }
}

#[test]
fn go_is_known_by_the_functions_it_keeps() {
    let mut wants = Wants::default();
    let table = b"..crypto/tls.(*Conn).clientHandshake\0crypto/x509.loadSystemRoots\0time.LoadLocation\0";
    super::wants::of_go(table, &mut wants);
    assert_eq!((wants.certificates, wants.time_zones), (Some(Certificates::Go), true));
    let mut wants = Wants::default();
    super::wants::of_go(
        &[table, &b"time/tzdata.load\0golang.org/x/crypto/x509roots/fallback.init\0"[..]].concat(),
        &mut wants,
    );
    assert_eq!(wants, Wants { holds_time_zones: true, ..Wants::default() });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to a file, reading it ends, and what is read of it is bounded.
    #[test]
    fn damaged_files_do_no_harm(
        which in 0..11_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = bytes(&samples()[which]);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        for file in [&file[..], &file[..cut.index(file.len())]] {
            if let Some(facts) = ElfFacts::read(file) {
                prop_assert!(facts.needed.len() <= 4096 && facts.offers.len() <= 4096);
            }
        }
    }
}
