use std::collections::BTreeMap;

use super::*;
use crate::elf::{Kind, Machine};
use crate::fixture::elf::{facts, library, program, requires};

/// Files without links.
#[derive(Default)]
struct Files {
    elf: BTreeMap<String, ElfFacts>,
    text: BTreeMap<String, Vec<u8>>,
}

impl Root for Files {
    fn real(&self, path: &str) -> Option<String> {
        (self.elf.contains_key(path) || self.text.contains_key(path)).then(|| path.to_owned())
    }
    fn elf(&self, real: &str) -> Option<&ElfFacts> {
        self.elf.get(real)
    }
    fn contents(&self, path: &str) -> Option<&[u8]> {
        self.text.get(path).map(Vec::as_slice)
    }
    fn names(&self, folder: &str) -> Vec<String> {
        let below = |path: &String| {
            path.strip_prefix(folder)?.strip_prefix('/')?.split('/').next().map(str::to_owned)
        };
        let mut names: Vec<String> = self.elf.keys().chain(self.text.keys()).filter_map(below).collect();
        names.sort();
        names.dedup();
        names
    }
    fn somewhere(&self, name: &str) -> Option<String> {
        self.elf.keys().find(|path| path.rsplit('/').next() == Some(name)).cloned()
    }
}

const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";
const MUSL: &str = "/lib/ld-musl-x86_64.so.1";

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

/// Debian 12 as its loader sees it.
fn debian() -> Files {
    let mut files = Files::default();
    let folders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"];
    files.add(GLIBC, ElfFacts { default_folders: strings(&folders), ..library("ld-linux-x86-64.so.2", &[]) });
    let offers = strings(&["GLIBC_2.2.5", "GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.36", "GLIBC_PRIVATE"]);
    files.add(
        "/lib/x86_64-linux-gnu/libc.so.6",
        ElfFacts { offers, ..library("libc.so.6", &["ld-linux-x86-64.so.2"]) },
    );
    files
}

/// Alpine as its loader sees it.
fn alpine() -> Files {
    let mut files = Files::default();
    files.add(MUSL, library("libc.musl-x86_64.so.1", &[]));
    files
}

impl Files {
    fn add(&mut self, path: &str, facts: ElfFacts) -> &mut Self {
        self.elf.insert(path.to_owned(), facts);
        self
    }

    fn text(&mut self, path: &str, text: &str) -> &mut Self {
        self.text.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// The libraries' paths, and the problems as a reader sees them.
    fn closure(&self, path: &str, library_path: &str) -> (Vec<String>, Vec<String>) {
        let closure = Loader::new(self, library_path).closure(path);
        let paths = closure.libraries.into_iter().map(|library| library.path).collect();
        (paths, closure.problems.iter().map(ToString::to_string).collect())
    }
}

#[test]
fn a_program_with_all_it_needs() {
    let mut files = debian();
    files.add("/app", program(GLIBC, &["libc.so.6"]));
    assert_eq!(files.closure("/app", ""), (strings(&["/lib/x86_64-linux-gnu/libc.so.6"]), Vec::new()));
    files.add("/static", facts(Kind::Static));
    assert_eq!(files.closure("/static", ""), (Vec::new(), Vec::new()));
}

#[test]
fn a_missing_library_is_named_once() {
    let mut files = debian();
    files.add("/app", program(GLIBC, &["libpq.so.5", "libx.so", "libc.so.6"]));
    files.add("/usr/lib/libx.so", library("libx.so", &["libpq.so.5"]));
    let (found, problems) = files.closure("/app", "");
    assert_eq!(found, ["/usr/lib/libx.so", "/lib/x86_64-linux-gnu/libc.so.6"]);
    assert_eq!(problems, ["needs libpq.so.5, which is not in the image: copy or install it"]);
}

#[test]
fn a_library_in_a_configured_folder_needs_the_cache() {
    let mut files = debian();
    files.add("/app", program(GLIBC, &["libpq.so.5"]));
    files.add("/usr/local/lib/libpq.so.5", library("libpq.so.5", &[]));
    assert!(files.closure("/app", "").1[0].contains("in none of the folders that the loader searches"));
    files.text("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n");
    files.text("/etc/ld.so.conf.d/libc.conf", "# default\n/usr/local/lib\n");
    assert!(files.closure("/app", "").1[0].contains("run `ldconfig`"));
    // A cache that is not understood is taken for one that was made from the configuration.
    files.text("/etc/ld.so.cache", "?");
    assert_eq!(files.closure("/app", ""), (strings(&["/usr/local/lib/libpq.so.5"]), Vec::new()));
    files.text.remove("/etc/ld.so.cache");
    assert_eq!(files.closure("/app", "/opt:/usr/local/lib").1, Vec::<String>::new());
}

#[test]
fn symbol_versions_say_what_is_there() {
    let mut files = debian();
    let requires = vec![requires("libc.so.6", &["GLIBC_2.34", "GLIBC_2.38", "GLIBC_2.4"])];
    files.add("/app", ElfFacts { requires, ..program(GLIBC, &["libc.so.6"]) });
    assert_eq!(
        files.closure("/app", "").1,
        [
            "needs GLIBC_2.38 of libc.so.6; /lib/x86_64-linux-gnu/libc.so.6 has versions up to GLIBC_2.36: build it on the \
          release it runs on, or take a base as new as the one it was built on"
        ]
    );
}

#[test]
fn programs_of_the_other_libc_lack_their_loader() {
    let mut files = debian();
    files.add("/app", program(MUSL, &["libc.musl-x86_64.so.1"]));
    assert!(files.closure("/app", "").1[0].contains("linked for musl"));
    let mut files = alpine();
    files.add("/app", program(GLIBC, &["libc.so.6"]));
    assert!(files.closure("/app", "").1[0].contains("linked for glibc"));
}

#[test]
fn musl_searches_its_own_folders_and_is_its_own_libc() {
    let mut files = alpine();
    files.add("/app", program(MUSL, &["libz.so.1", "libpthread.so.0", "libc.musl-x86_64.so.1"]));
    files.add("/usr/local/lib/libz.so.1", library("libz.so.1", &[]));
    assert_eq!(files.closure("/app", ""), (strings(&["/usr/local/lib/libz.so.1"]), Vec::new()));
    files.text("/etc/ld-musl-x86_64.path", "/lib\n/opt/lib\n");
    assert_eq!(files.closure("/app", "").1.len(), 1);
}

#[test]
fn rpath_is_inherited_and_runpath_is_not() {
    let app = program(GLIBC, &["liba.so"]);
    let mut files = debian();
    files.add("/opt/lib/liba.so", library("liba.so", &["libb.so"]));
    files.add("/opt/lib/libb.so", library("libb.so", &[]));
    files.add("/opt/bin/app", ElfFacts { rpath: strings(&["$ORIGIN/../lib"]), ..app.clone() });
    // No path is made simpler before it is opened: that is for the file system to do.
    files.add("/opt/bin/../lib/liba.so", library("liba.so", &["libb.so"]));
    files.add("/opt/bin/../lib/libb.so", library("libb.so", &[]));
    assert_eq!(files.closure("/opt/bin/app", "").1, Vec::<String>::new());
    files.add("/opt/bin/app", ElfFacts { runpath: Some(strings(&["/opt/lib"])), ..app });
    assert!(files.closure("/opt/bin/app", "").1[0].starts_with("needs libb.so; /opt/"));
}

#[test]
fn what_is_for_another_processor_is_passed_over() {
    let arm = Machine::of_architecture("arm64").unwrap();
    let mut files = debian();
    files.add("/app", program(GLIBC, &["libz.so.1"]));
    files.add("/usr/lib/libz.so.1", ElfFacts { machine: arm, ..library("libz.so.1", &[]) });
    assert_eq!(files.closure("/app", "").1, ["needs libz.so.1; the only one in the image is for arm64"]);
    files.add("/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libz.so.1", library("libz.so.1", &[]));
    assert_eq!(files.closure("/app", "").1, Vec::<String>::new());
}

#[test]
fn circles_end() {
    let mut files = debian();
    files.add("/app", program(GLIBC, &["liba.so"]));
    files.add("/lib/liba.so", library("liba.so", &["libb.so", "liba.so"]));
    files.add("/lib/libb.so", library("libb.so", &["liba.so"]));
    assert_eq!(files.closure("/app", "").0.len(), 2);
}
