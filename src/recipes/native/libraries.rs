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

/// Shell lines that take along what an installation put beside the program.
pub(super) fn installed_beside(plan: &Plan<'_, '_>, program: &Program) -> String {
    let folder = program.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = program.stage == plan.cx.stage.id;
    if !own || !folder.starts_with("/usr/local/") || !program::installs(plan.cx.model, program.stage) {
        return String::new();
    }
    "    mkdir -p /closure/usr/local; cp -R /usr/local/etc /usr/local/share /closure/usr/local/; \\\n"
        .to_owned()
}
