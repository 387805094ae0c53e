//! Shared libraries collected in the build stage, where the dynamic loader itself says which they are: nothing
//! is ever run by barehull.

use barehull_catalog::{Ecosystem, ImageFacts, Libc, compare_versions};

use super::bases::{self, Chosen};
use std::fmt::Write;

use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::model::Provenance;

/// Where the build stage collects them.
const ROOT: &str = "/closure";

/// Libraries of glibc itself, which must not be mixed with the target's.
const OF_GLIBC: &str = "/lib(c|m|dl|rt|util|anl|resolv|pthread|nss_[a-z]*)[.]so";
/// What distroless/base has of its own beside glibc.
const OF_BASE: &str = "/lib(ssl[.]so[.]3|crypto[.]so[.]3|z[.]so|zstd[.]so)";
/// What distroless/cc has besides.
const OF_CC: &str = "/lib(stdc[+][+]|gcc_s|gomp)[.]so";

/// The minimal base for an interpreter that is kept with its glibc libraries; blocks where there is none.
pub fn base(plan: &mut Plan<'_, '_>, facts: &ImageFacts) -> Option<Chosen> {
    if facts.os.release.as_deref().is_some_and(|r| compare_versions(r, "13").is_gt()) {
        plan.block("the interpreter is linked to a newer glibc than the minimal base has", plan.base_line());
        return None;
    }
    let chosen = bases::choose(plan.cx, Ecosystem::Native, None, |r| {
        r.libc == Libc::Glibc && r.libraries.iter().any(|l| l == "libstdc++6")
    });
    if chosen.is_none() {
        plan.block("no minimal base of the catalog fits this interpreter", plan.base_line());
    }
    chosen
}

/// Shell lines that collect glibc's plain locale, which Debian has in a package of its own and the new base has not:
/// without it `setlocale` fails where LANG names it.
pub fn locale(plan: &Plan<'_, '_>) -> String {
    let config = &plan.cx.stage.config;
    let named =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().any(|n| config.env(n).is_some_and(|v| v.starts_with("C.")));
    if !named {
        return String::new();
    }
    let folder = "/closure/usr/lib/locale";
    format!("    mkdir -p {folder}; cp -R /usr/lib/locale/C.* {folder}/; \\\n")
}

/// What is looked at for the libraries that it is linked to.
pub enum Linked<'a> {
    /// Every program and module below these folders: some may name libraries that nobody has.
    Below(&'a [String]),
    /// These programs: what one of them misses fails the build.
    Programs(&'a [String]),
}

/// Collects what `linked` is linked to, for a glibc base such as distroless/cc. `first` is shell text to run
/// before: whole lines, each with its continuation. `cxx`: the base has the run time of C++.
///
/// All libraries land in /usr/lib, where the loader of every glibc looks behind its own folders: what the base
/// has itself comes first.
pub fn glibc(plan: &Plan<'_, '_>, target: &mut Target, linked: &Linked<'_>, cxx: bool, first: &str) {
    let run = plan.keyword("RUN");
    let (list, own) = match linked {
        Linked::Below(roots) => (
            format!(
                "    # ldd fails for what is not linked dynamically.\n\
                 \x20   find {} -type f \\( -perm -100 -o -name '*.so*' \\) -exec ldd {{}} + > /tmp/ldd 2> /dev/null || true; \\\n\
                 \x20   test -s /tmp/ldd; \\\n",
                roots.join(" ")
            ),
            format!(" && $3 !~ \"^({})/\"", roots.join("|").replace('.', "[.]")),
        ),
        Linked::Programs(programs) => (
            format!(
                "    ldd {} > /tmp/ldd; \\\n\
                 \x20   if grep 'not found' /tmp/ldd; then exit 1; fi; \\\n",
                programs.join(" ")
            ),
            String::new(),
        ),
    };
    let mut bases = String::new();
    for pattern in [OF_GLIBC, OF_BASE].into_iter().chain(cxx.then_some(OF_CC)) {
        let _ = writeln!(bases, "        | grep -vE '{pattern}' \\");
    }
    target.build_tail.push(format!(
        "# Collect the shared libraries that the new base does not have.\n\
         {run} set -eu; \\\n\
         {first}\
         {list}\
         \x20   awk '$2 == \"=>\" && $3 ~ \"^/\"{own} {{ print $3 }}' /tmp/ldd \\\n\
         {bases}\
         \x20       | sort -u > /tmp/libraries; \\\n\
         \x20   mkdir -p {ROOT}/usr/lib; \\\n\
         \x20   while read -r library; do cp -L \"$library\" {ROOT}/usr/lib/; done < /tmp/libraries"
    ));
    target.copies.push(CopyLine::of(&format!("{ROOT}/"), "/"));
}

/// Collects the same with musl's loader, certificates, time zones, a user and `/tmp`, for a base with nothing
/// at all. `programs` are shell words that name the files; what lies below `roots` is copied anyway. Old Alpine
/// images have no certificates.
pub fn musl(plan: &Plan<'_, '_>, target: &mut Target, programs: &str, roots: &[String], first: &str) {
    let own = if roots.is_empty() { String::new() } else { format!(" | grep -vE '^({})/'", roots.join("|")) };
    let run = plan.keyword("RUN");
    target.base = "scratch".to_owned();
    let config = &plan.cx.stage.config;
    let of_base = config.env.iter().find(|v| v.name == "PATH" && matches!(v.from, Provenance::Base(_)));
    if let Some(path) = of_base.and_then(|v| v.value.clone()) {
        target.env.push(("PATH".to_owned(), path));
    }
    target.build_tail.push(format!(
        "# It is linked to musl: the loader, its libraries, certificates and a user go along.\n\
         {run} set -eu; \\\n\
         {first}\
         \x20   mkdir -p {ROOT}/etc; mkdir -m 1777 {ROOT}/tmp; \\\n\
         \x20   for file in {programs}; do ldd \"$file\" 2> /dev/null || true; done > /tmp/ldd; \\\n\
         \x20   grep -oE '/[^ ]+[.]so[^ ]*' /tmp/ldd | sort -u{own} > /tmp/libraries; \\\n\
         \x20   while read -r library; do \\\n\
         \x20       mkdir -p \"{ROOT}${{library%/*}}\"; cp -L \"$library\" \"{ROOT}$library\"; \\\n\
         \x20   done < /tmp/libraries; \\\n\
         \x20   for folder in /etc/ssl /usr/share/zoneinfo; do \\\n\
         \x20       [ ! -d \"$folder\" ] || {{ mkdir -p \"{ROOT}${{folder%/*}}\"; cp -R \"$folder\" \"{ROOT}$folder\"; }}; \\\n\
         \x20   done; \\\n\
         \x20   echo 'nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' > {ROOT}/etc/passwd; \\\n\
         \x20   echo 'nonroot:x:65532:' > {ROOT}/etc/group"
    ));
    target.copies.push(CopyLine::of(&format!("{ROOT}/"), "/"));
}
