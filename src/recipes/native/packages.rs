//! Packages of the system beside a native program: libraries come with the closure, what only builds stays behind,
//! and what nobody can judge is a blocker.

use super::super::plan::Plan;
use super::super::runtime_steps;
use barehull_catalog::Role;

use crate::model::{Named, StageId};

/// Libraries that read files or load modules which no list of linked libraries shows: the start of the package's
/// name, and what they need.
const LOADS_MORE: [(&str, &str); 24] = [
    ("libncurses", "the terminals' descriptions in /usr/share/terminfo"),
    ("ncurses", "the terminals' descriptions in /usr/share/terminfo"),
    ("libmagic1", "its database in /usr/share/misc"),
    ("libmagic-dev", "its database in /usr/share/misc"),
    ("libfontconfig", "fonts, and their settings in /etc/fonts"),
    ("fontconfig", "fonts, and their settings in /etc/fonts"),
    ("libgtk-", "modules, icons and schemas"),
    ("libgdk-pixbuf", "a module for each image format"),
    ("libgdal", "its data in /usr/share/gdal and /usr/share/proj"),
    ("libproj", "its data in /usr/share/proj"),
    ("libpython3", "the standard library of Python"),
    ("libperl", "the standard library of Perl"),
    ("libgl1", "the drivers of the graphics card"),
    ("libasound2", "its settings and plug-ins in /usr/share/alsa"),
    ("libsasl2", "a plug-in for each mechanism"),
    ("unixodbc", "the drivers that /etc/odbcinst.ini names"),
    ("libmariadb", "a plug-in for each way of authentication"),
    ("libmysqlclient", "a plug-in for each way of authentication"),
    ("default-libmysqlclient-dev", "a plug-in for each way of authentication"),
    ("libgstreamer", "a plug-in for each format"),
    ("libmagick", "a module for each image format"),
    ("libvips", "modules for image formats"),
    ("libtesseract", "its languages' data"),
    ("libsnmp", "its MIBs in /usr/share/snmp"),
];

/// Packages that serve builds and have no executable that the catalog lists.
const FOR_BUILDS: [&str; 52] = [
    "ant",
    "apt-utils",
    "asciidoc",
    "autogen",
    "bc",
    "binutils-gold",
    "bison",
    "bzip2",
    "coreutils",
    "cpio",
    "dh-autoreconf",
    "dpkg-dev",
    "file",
    "flex",
    "gawk",
    "gettext",
    "git-core",
    "gnupg",
    "gperf",
    "gzip",
    "help2man",
    "icu-devtools",
    "intltool",
    "libtool",
    "linux-headers",
    "linux-libc-dev",
    "lld",
    "llvm",
    "locales",
    "lsb-base",
    "lsb-release",
    "m4",
    "mold",
    "nasm",
    "patch",
    "patchutils",
    "pkg-config",
    "pkgconf",
    "pkgconfig",
    "protobuf-compiler",
    "protobuf-dev",
    "protoc",
    "re2c",
    "rsync",
    "tar",
    "texinfo",
    "unzip",
    "xmlto",
    "xz",
    "xz-utils",
    "yasm",
    "zip",
];

/// Tools that people install to look into an image, or to fetch while it is built.
const FOR_PEOPLE: [&str; 18] = [
    "bash",
    "binutils",
    "curl",
    "git",
    "gnupg",
    "gnupg2",
    "htop",
    "less",
    "mercurial",
    "nano",
    "net-tools",
    "procps",
    "strace",
    "subversion",
    "vim",
    "vim-tiny",
    "wget",
    "zsh",
];

/// Libraries that are not called lib.
const LIBRARIES: [&str; 14] = [
    "openssl",
    "zlib",
    "zlib1g",
    "zstd",
    "pcre",
    "pcre2",
    "brotli",
    "sqlite",
    "ncurses",
    "readline",
    "expat",
    "gmp",
    "icu",
    "curl-libs",
];

/// Judges the packages that the stage installs; whether libraries are among them. `builder` is the stage that compiles,
/// which may be this one.
///
/// Where the sources were not read (`read`), tools that nobody installs for himself are taken to be the program's.
pub(super) fn judge(plan: &mut Plan<'_, '_>, builder: StageId, builds: bool, read: bool) -> bool {
    let of_builder: Vec<String> = plan
        .cx
        .model
        .lineage(builder)
        .into_iter()
        .flat_map(runtime_steps::installed)
        .filter_map(|p| p.name.strip_suffix("-dev").or(p.name.strip_suffix("-devel")).map(str::to_owned))
        .collect();
    // What is built with `hiredis-dev` runs with `hiredis`.
    let is_linked = |name: &str| {
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
        of_builder.iter().any(|dev| dev == name || dev == plain || name.strip_suffix("-libs") == Some(dev))
    };
    let lineage = plan.cx.model.lineage(plan.cx.stage.id);
    let named: Vec<Named> = lineage.into_iter().flat_map(runtime_steps::installed).cloned().collect();
    let mut libraries = false;
    for package in named {
        let name = package.name.as_str();
        if runtime_steps::is_covered(name) || (builds && is_for_builds(plan, name)) {
            continue;
        }
        if let Some((_, what)) = LOADS_MORE.iter().find(|(start, _)| name.starts_with(start)) {
            plan.block(
                format!("{name} needs {what}, which no list of linked libraries shows: copy them by hand"),
                package.at,
            );
        } else if is_library(name) || is_linked(name) {
            libraries = true;
        } else if !read && !is_judged_alone(plan, name, builds) {
            plan.block(
                format!("the sources were not read, and the program may start what {name} brings: copy what it needs of it from a build stage"),
                package.at,
            );
        } else {
            runtime_steps::judge_package(plan, &package);
        }
    }
    libraries
}

/// Whether a package says by its name that the program does not start what it brings: tools of people and of builds,
/// inits, interpreters that builds run.
fn is_judged_alone(plan: &Plan<'_, '_>, name: &str, builds: bool) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    FOR_PEOPLE.contains(&name)
        || matches!(name, "tini" | "dumb-init" | "catatonit")
        || is_for_builds(plan, name)
        || (builds && matches!(plain, "perl" | "python"))
}

fn is_library(name: &str) -> bool {
    let end = ["-dev", "-devel", "-libs", "-static"];
    name.starts_with("lib") || end.iter().any(|e| name.ends_with(e)) || LIBRARIES.contains(&name)
}

/// Whether a package is there to build with: what it brings are compilers and their like.
fn is_for_builds(plan: &Plan<'_, '_>, name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
    if FOR_BUILDS.contains(&plain)
        || plain.ends_with("-headers")
        || matches!(name, "build-essential" | "build-base" | "alpine-sdk" | "musl-dev")
    {
        return true;
    }
    let Some(os) = &plan.cx.stage.os else { return false };
    let brought = plan.cx.catalog.packages(os).brings([name], false);
    let mut own = brought.components.iter().filter(|c| c.package == name).peekable();
    own.peek().is_some()
        && own.all(|c| {
            let program = c.path.rsplit('/').next().unwrap_or_default();
            matches!(
                plan.cx.catalog.role_of(program),
                Some(Role::BuildTool | Role::LanguagePackageManager) | None
            )
        })
}
