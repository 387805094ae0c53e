//! Cases of rules about built images: an image made in memory from the description of a few files.

use std::collections::BTreeMap;

use barehull_catalog::Catalog;
use barehull_image::elf::Certificates;
use barehull_image::fixture::elf;
use barehull_image::fixture::image::{Archive, Builder, write_folder};
use barehull_image::{ElfFacts, Image, OpenOptions};
use serde::Deserialize;
use serde_json::Value;

use crate::verify::verify;

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";
/// What Debian 12 has; a case may say otherwise.
const GLIBC: [&str; 2] = ["GLIBC_2.34", "GLIBC_2.36"];

/// An image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    /// Its configuration, as in an image's `config`.
    image: Value,
    files: BTreeMap<String, Entry>,
    /// What is said of it.
    #[serde(default)]
    says: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    /// A file of mode 644, or 755 where it starts as a script does.
    Text(String),
    Made(Made),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Made {
    File {
        text: String,
        mode: Mode,
    },
    /// A file of so many bytes.
    Filled(usize),
    Link(String),
    Folder {
        owner: u32,
        mode: Mode,
    },
    /// A dynamic program of these libraries.
    Program(Linked),
    /// A static program.
    Static(Wants),
    Library(Linked),
}

/// Octal digits.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Mode(u32);

impl TryFrom<String> for Mode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        u32::from_str_radix(&text, 8).map(Self).map_err(|error| format!("{text}: {error}"))
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Linked {
    needs: Vec<String>,
    /// The version of the C library.
    glibc: Option<String>,
    mode: Option<Mode>,
    /// File capabilities.
    capable: bool,
    wants: Wants,
    /// Where an OpenSSL looks for certificates.
    certificates: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Wants {
    /// Go's crypto/tls.
    go_tls: bool,
    time_zones: bool,
    hosts: bool,
}

impl Wants {
    fn facts(self) -> barehull_image::elf::Wants {
        barehull_image::elf::Wants {
            certificates: self.go_tls.then_some(Certificates::Go),
            time_zones: self.time_zones,
            hosts: self.hosts,
            ..barehull_image::elf::Wants::default()
        }
    }
}

/// What is wrong with the case, if anything is.
pub(super) fn check(case: &Described, rule: &str, finds: bool) -> Option<String> {
    let mut image = Builder::new([archive(case)]);
    image.config["config"] = case.image.clone();
    let folder = tempfile::tempdir().unwrap();
    write_folder(&image.layout(), folder.path()).unwrap();
    let image = Image::open(folder.path(), &OpenOptions::default()).unwrap();
    let analysis = verify(&image, Catalog::builtin(), &[rule.to_owned()]);
    let found: Vec<&str> = analysis.findings.iter().map(|finding| finding.message.as_str()).collect();
    if found.is_empty() == finds || found != case.says {
        return Some(format!("{} is said\n{}", found.len(), found.join("\n")));
    }
    None
}

fn archive(case: &Described) -> Archive {
    let mut archive = Archive::new();
    let is_dynamic = |entry: &Entry| matches!(entry, Entry::Made(Made::Program(_)));
    let has = |path: String| case.files.contains_key(&path);
    if case.files.values().any(is_dynamic) {
        let loader = elf::bytes(&elf::library("ld-linux-x86-64.so.2", &[]));
        archive = archive.file(LOADER.trim_start_matches('/'), 0o755, loader);
        if !has(format!("/{LIBRARIES}/libc.so.6")) {
            let library = Linked::default();
            archive = library.add(archive, &format!("{LIBRARIES}/libc.so.6"), true);
        }
    }
    case.files.iter().fold(archive, |archive, (path, entry)| {
        let name = path.trim_start_matches('/');
        match entry {
            Entry::Text(text) => archive.file(name, if text.starts_with("#!") { 0o755 } else { 0o644 }, text),
            Entry::Made(Made::File { text, mode }) => archive.file(name, mode.0, text),
            Entry::Made(Made::Filled(size)) => archive.file(name, 0o644, vec![b'x'; *size]),
            Entry::Made(Made::Link(target)) => archive.symlink(name, target),
            Entry::Made(Made::Folder { owner, mode }) => archive.dir_of(*owner, mode.0, &format!("{name}/")),
            Entry::Made(Made::Program(linked)) => linked.add(archive, name, false),
            Entry::Made(Made::Library(linked)) => linked.add(archive, name, true),
            Entry::Made(Made::Static(wants)) => {
                let facts =
                    ElfFacts { wants: wants.facts(), ..elf::facts(barehull_image::elf::Kind::Static) };
                archive.file(name, 0o755, elf::bytes(&facts))
            }
        }
    })
}

impl Linked {
    fn add(&self, archive: Archive, path: &str, is_library: bool) -> Archive {
        let name = path.rsplit('/').next().unwrap_or(path);
        let needs: Vec<&str> = self.needs.iter().map(String::as_str).collect();
        let mut facts = if is_library { elf::library(name, &needs) } else { elf::program(LOADER, &needs) };
        let version = self.glibc.as_ref().map(|version| format!("GLIBC_{version}"));
        if name == "libc.so.6" {
            let known = GLIBC.iter().map(|&version| version.to_owned());
            facts.offers = version.map_or_else(|| known.collect(), |version| vec![version]);
        } else if let Some(version) = version {
            facts.requires = vec![elf::requires("libc.so.6", &[&version])];
        }
        facts.wants = self.wants.facts();
        facts.certificate_folder = self.certificates.clone();
        let mode = self.mode.as_ref().map_or(0o755, |mode| mode.0);
        let archive = if self.capable {
            archive.attributes(&[("SCHILY.xattr.security.capability", "x")])
        } else {
            archive
        };
        archive.file(path, mode, elf::bytes(&facts))
    }
}
