//! Which shared libraries a program needs beyond those of the minimal base.

use barehull_catalog::Libc;

use super::super::plan::Plan;
use super::program::{self, Program};
use crate::model::Toolchain;
use crate::project::manifests::locked_crates;

/// What becomes of the libraries that the base has not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    /// There are none.
    Nothing,
    /// The build stage collects them.
    Collected,
}

/// Crates that bind C code and link to nothing that a base with OpenSSL, zlib and the C++ run time has not: they compile
/// what they bind, or are for other systems.
const HARMLESS: [&str; 27] = [
    "aws-lc-fips-sys",
    "aws-lc-sys",
    "blst",
    "cloudflare-zlib-sys",
    "core-foundation-sys",
    "esaxx-rs",
    "fsevent-sys",
    "inotify-sys",
    "jemalloc-sys",
    "js-sys",
    "kqueue-sys",
    "libmimalloc-sys",
    "libz-ng-sys",
    "libz-rs-sys",
    "libz-sys",
    "linux-raw-sys",
    "lz4-sys",
    "mach-sys",
    "onig_sys",
    "openssl-sys",
    "psm",
    "secp256k1-sys",
    "security-framework-sys",
    "system-configuration-sys",
    "tikv-jemalloc-sys",
    "web-sys",
    "zstd-sys",
];

/// Whether libraries have to be collected. `installed`: the image installs libraries; `single`: the stage that builds
/// is the image.
pub(super) fn needed(
    plan: &mut Plan<'_, '_>,
    program: &Program,
    libc: Libc,
    installed: bool,
    single: bool,
) -> Needed {
    if libc != Libc::Glibc {
        return Needed::Nothing;
    }
    if program.toolchain != Toolchain::Rust || installed {
        return Needed::Collected;
    }
    let bindings = bindings(plan, program);
    match bindings {
        Some(names) if names.is_empty() => return Needed::Nothing,
        None if !single => {
            let text = "the binary needs no shared library beyond glibc, OpenSSL, zlib and the run time of C++ (`ldd` lists them)";
            plan.assume(text, Some(plan.base_line()));
            return Needed::Nothing;
        }
        _ => {}
    }
    Needed::Collected
}

/// The crates of Cargo.lock, and build scripts, that may link to libraries of the system; nothing where there is no such file.
fn bindings(plan: &Plan<'_, '_>, program: &Program) -> Option<Vec<String>> {
    let mut files = plan.cx.files.borrow_mut();
    let context = files.context()?;
    let (listed, _) = files.context_files(program.stage);
    let mut found: Option<Vec<String>> = None;
    for (_, path) in listed {
        if path.file_name() == "build.rs" {
            // It may say what to link.
            found.get_or_insert_default().push(path.to_string());
        }
        if path.file_name() != "Cargo.lock" {
            continue;
        }
        let Ok(Some(names)) = locked_crates(context, &path) else { return None };
        let binds = |name: &String| {
            (name.ends_with("-sys") || name.ends_with("_sys"))
                && !name.starts_with("windows")
                && !HARMLESS.contains(&name.as_str())
        };
        found.get_or_insert_default().extend(names.into_iter().filter(binds));
    }
    found
}

/// Shell lines that take along, where they are there, what an installation puts beside the program and what its command
/// line names.
pub(super) fn along(plan: &mut Plan<'_, '_>, program: &Program, named: &[String]) -> String {
    let folder = program.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut paths = named.to_vec();
    if program::installs(plan.cx.model, program.stage) {
        plan.assume(
            "the program reads nothing else of what the installation puts into the image (data, modules that it loads by name)",
            Some(plan.base_line()),
        );
        if matches!(folder, "/usr/local/bin" | "/usr/local/sbin") {
            paths.extend(["/usr/local/etc".to_owned(), "/usr/local/share".to_owned()]);
        }
    }
    if paths.is_empty() {
        return String::new();
    }
    format!(
        "    for path in {}; do \\\n\
         \x20       [ ! -e \"$path\" ] || {{ mkdir -p \"/closure${{path%/*}}\"; cp -R \"$path\" \"/closure$path\"; }}; \\\n\
         \x20   done; \\\n",
        paths.join(" ")
    )
}
