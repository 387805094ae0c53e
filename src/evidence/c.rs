//! C and C++: included files, and what functions of the C library do.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Touches};
use super::tokens::Kind;

use Does::{File, Opens, Program, Shell};
use Touches::{Reads, Writes};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::C,
    globals: &[
        "system",
        "popen",
        "wordexp",
        "execl",
        "execle",
        "execlp",
        "execv",
        "execve",
        "execvp",
        "execvpe",
        "posix_spawn",
        "posix_spawnp",
        "g_spawn_command_line_sync",
        "g_spawn_command_line_async",
        "std",
        "boost",
        "QProcess",
        "fopen",
        "fopen64",
        "open",
        "opendir",
        "mkdir",
        "dlopen",
        "sqlite3_open",
        "sqlite3_open_v2",
    ],
    calls: CALLS,
    methods: &[],
    values: &[],
    addresses: &[],
    settings: &[],
};

const CALLS: &[Call] = &[
    ("system", Shell(0)),
    ("std.system", Shell(0)),
    ("popen", Shell(0)),
    ("wordexp", Shell(0)),
    ("execl", Program(0)),
    ("execle", Program(0)),
    ("execlp", Program(0)),
    ("execv", Program(0)),
    ("execve", Program(0)),
    ("execvp", Program(0)),
    ("execvpe", Program(0)),
    ("posix_spawn", Program(1)),
    ("posix_spawnp", Program(1)),
    ("g_spawn_command_line_sync", Does::CommandLine(0)),
    ("g_spawn_command_line_async", Does::CommandLine(0)),
    ("boost.process.system", Does::CommandLine(0)),
    ("boost.process.child", Does::CommandLine(0)),
    ("QProcess.execute", Does::CommandLine(0)),
    ("QProcess.startDetached", Does::CommandLine(0)),
    ("fopen", Opens { path: 0, mode: 1 }),
    ("fopen64", Opens { path: 0, mode: 1 }),
    ("open", Opens { path: 0, mode: 1 }),
    ("opendir", File(0, Reads)),
    ("mkdir", File(0, Writes)),
    ("sqlite3_open", File(0, Writes)),
    ("sqlite3_open_v2", File(0, Writes)),
    ("std.filesystem.create_directory", File(0, Writes)),
    ("std.filesystem.create_directories", File(0, Writes)),
    ("dlopen", File(0, Reads)),
];

/// Reads the names of included files.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    for at in 0..bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        // Elsewhere a header is named nobody knows for what.
        if t.kind(at) == Some(Kind::Text) && t.parent(at).is_none() && t.is_first(at) {
            let name = t.string(at);
            bindings.import(&name, at);
        }
    }
}
