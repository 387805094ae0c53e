//! Shared libraries collected in the build stage, where the dynamic loader itself says which they are: nothing
//! is ever run by barehull.

use super::plan::Plan;
use super::shape::{CopyLine, Target};
use crate::model::Provenance;

/// Where the build stage collects them.
const ROOT: &str = "/closure";

/// Libraries of glibc itself and of the C++ run time: the target has its own, which must not be mixed.
const OF_TARGET: &str = "c|m|dl|rt|util|anl|resolv|pthread|nss_[a-z]*|gcc_s|stdc[+][+]|atomic";

/// Collects what the programs and modules below `roots` are linked to, for a glibc base such as
/// distroless/cc. `first` is shell text to run before: whole lines, each with its continuation.
pub fn glibc(plan: &Plan<'_, '_>, target: &mut Target, roots: &[String], first: &str) {
    let run = plan.keyword("RUN");
    let (own, roots) = (roots.join("|"), roots.join(" "));
    target.build_tail.push(format!(
        "# Collect the shared libraries that the new base does not have.\n\
         {run} set -eu; \\\n\
         {first}\
         \x20   find {roots} -type f \\( -perm -100 -o -name '*.so*' \\) -exec ldd {{}} + > /tmp/ldd 2> /dev/null || true; \\\n\
         \x20   awk '$2 == \"=>\" && $3 ~ /^\\// {{ print $3 }}' /tmp/ldd | sort -u | grep -vE '^({own})/' \\\n\
         \x20       | grep -vE '/lib({OF_TARGET})[.]so' > /tmp/libraries; \\\n\
         \x20   while read -r library; do \\\n\
         \x20       to=\"{ROOT}/usr${{library#/usr}}\"; mkdir -p \"${{to%/*}}\"; cp -L \"$library\" \"$to\"; \\\n\
         \x20   done < /tmp/libraries"
    ));
    target.copies.push(CopyLine::of(&format!("{ROOT}/"), "/"));
}

/// Collects the same with musl's loader, certificates, time zones, a user and `/tmp`, for a base with nothing
/// at all. `programs` are shell words that name the files; what lies below `roots` is copied anyway. Old Alpine
/// images have no certificates.
pub fn musl(plan: &Plan<'_, '_>, target: &mut Target, programs: &str, roots: &[String], first: &str) {
    let own = roots.join("|");
    let run = plan.keyword("RUN");
    target.base = "scratch".to_owned();
    let config = &plan.cx.stage.config;
    let of_base = config.env.iter().find(|v| v.name == "PATH" && matches!(v.from, Provenance::Base(_)));
    if let Some(path) = of_base.and_then(|v| v.value.clone()) {
        target.env.push(("PATH".to_owned(), path));
    }
    target.build_tail.push(format!(
        "# The interpreter is linked to musl: its libraries, certificates and a user go along.\n\
         {run} set -eu; \\\n\
         {first}\
         \x20   mkdir -p {ROOT}/etc; mkdir -m 1777 {ROOT}/tmp; \\\n\
         \x20   for file in {programs}; do ldd \"$file\" 2> /dev/null || true; done > /tmp/ldd; \\\n\
         \x20   grep -oE '/[^ ]+[.]so[^ ]*' /tmp/ldd | sort -u | grep -vE '^({own})/' > /tmp/libraries; \\\n\
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
