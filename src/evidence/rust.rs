//! Rust: `use` declarations, and what its functions do.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Group, Kind, Tokens};

use Does::{File, Files, Program, Shell};
use Touches::{Reads, Writes};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Rust,
    // Crates need no declaration; what is also a usual name of a variable is left out.
    globals: &[
        "std",
        "tokio",
        "async_std",
        "async_process",
        "smol",
        "duct",
        "duct_sh",
        "xshell",
        "cmd_lib",
        "subprocess",
        "run_script",
        "shell_words",
        "which",
        "portable_pty",
        "nix",
        "libc",
        "libloading",
        "rusqlite",
        "sled",
        "actix_files",
        "rocket",
        "tower_http",
        "warp",
        "tera",
        "minijinja",
        "figment",
        "dotenv",
        "dotenvy",
        "log4rs",
        "format",
    ],
    calls: CALLS,
    methods: METHODS,
    values: VALUES,
    addresses: &[],
    settings: &[],
};

/// Parts of one `use` declaration.
const MAX_USES: usize = 256;

const CALLS: &[Call] = &[
    ("std.process.Command.new", Program(0)),
    ("tokio.process.Command.new", Program(0)),
    ("async_std.process.Command.new", Program(0)),
    ("async_process.Command.new", Program(0)),
    ("smol.process.Command.new", Program(0)),
    ("duct.cmd", Program(0)),
    ("duct_sh.sh", Shell(0)),
    ("duct_sh.sh_dangerous", Shell(0)),
    ("xshell.cmd", Does::CommandLine(1)),
    ("cmd_lib.run_cmd", Does::CommandLine(0)),
    ("cmd_lib.run_fun", Does::CommandLine(0)),
    ("subprocess.Exec.cmd", Program(0)),
    ("subprocess.Exec.shell", Shell(0)),
    ("run_script.run", Shell(0)),
    ("shell_words.split", Does::CommandLine(0)),
    ("which.which", Program(0)),
    ("portable_pty.CommandBuilder.new", Program(0)),
    ("nix.unistd.execv", Program(0)),
    ("nix.unistd.execve", Program(0)),
    ("nix.unistd.execvp", Program(0)),
    ("libc.system", Shell(0)),
    ("libc.popen", Shell(0)),
    ("libc.execv", Program(0)),
    ("libc.execvp", Program(0)),
    ("std.fs.create_dir", File(0, Writes)),
    ("std.fs.create_dir_all", File(0, Writes)),
    ("std.fs.write", File(0, Writes)),
    ("std.fs.rename", File(1, Writes)),
    ("std.fs.copy", File(1, Writes)),
    ("std.fs.File.create", File(0, Writes)),
    ("tokio.fs.create_dir", File(0, Writes)),
    ("tokio.fs.create_dir_all", File(0, Writes)),
    ("tokio.fs.write", File(0, Writes)),
    ("tokio.fs.File.create", File(0, Writes)),
    ("rusqlite.Connection.open", File(0, Writes)),
    ("sled.open", File(0, Writes)),
    ("std.fs.File.open", File(0, Reads)),
    ("std.fs.read", File(0, Reads)),
    ("std.fs.read_to_string", File(0, Reads)),
    ("std.fs.read_dir", File(0, Reads)),
    ("std.fs.canonicalize", File(0, Reads)),
    ("tokio.fs.File.open", File(0, Reads)),
    ("tokio.fs.read", File(0, Reads)),
    ("tokio.fs.read_to_string", File(0, Reads)),
    ("tokio.fs.read_dir", File(0, Reads)),
    ("actix_files.Files.new", File(1, Reads)),
    ("actix_files.NamedFile.open", File(0, Reads)),
    ("actix_files.NamedFile.open_async", File(0, Reads)),
    ("rocket.fs.FileServer.from", File(0, Reads)),
    ("rocket.fs.NamedFile.open", File(0, Reads)),
    ("rocket_contrib.serve.StaticFiles.from", File(0, Reads)),
    ("tower_http.services.ServeDir.new", File(0, Reads)),
    ("tower_http.services.ServeFile.new", File(0, Reads)),
    ("warp.fs.dir", File(0, Reads)),
    ("warp.fs.file", File(0, Reads)),
    ("tera.Tera.new", File(0, Reads)),
    ("minijinja.path_loader", File(0, Reads)),
    ("config.File.with_name", File(0, Reads)),
    ("config.File.from", File(0, Reads)),
    ("figment.providers.Toml.file", File(0, Reads)),
    ("figment.providers.Json.file", File(0, Reads)),
    ("figment.providers.Yaml.file", File(0, Reads)),
    ("dotenv.from_filename", File(0, Reads)),
    ("dotenvy.from_filename", File(0, Reads)),
    ("log4rs.init_file", File(0, Reads)),
    ("sqlx.migrate.Migrator.new", File(0, Reads)),
    ("include_dir.Dir.new", Files(Reads)),
    ("libloading.Library.new", File(0, Reads)),
];

// handlebars, openssl, rustls helpers, `OpenOptions::new()...open(path)`.
const METHODS: &[Call] = &[
    ("register_template_file", File(1, Reads)),
    ("register_templates_directory", File(0, Reads)),
    ("register_templates_directory", File(1, Reads)),
    ("serve_dir", File(0, Reads)),
    ("serve_file", File(0, Reads)),
    ("set_certificate_chain_file", File(0, Reads)),
    ("set_private_key_file", File(0, Reads)),
];

const VALUES: &[(&str, Gives)] = &[
    ("format", Gives::Filled),
    ("std.env.current_dir", Gives::Here),
    ("std.env.temp_dir", Gives::Temporary),
    ("std.env.current_exe", Gives::Own),
    ("std.path.Path.new", Gives::Argument(0)),
    ("std.path.PathBuf.from", Gives::Argument(0)),
    ("std.ffi.OsStr.new", Gives::Argument(0)),
    ("std.ffi.OsString.from", Gives::Argument(0)),
    ("std.ffi.CString.new", Gives::Argument(0)),
];

/// Reads the `use` declarations of a file; what is compiled for tests or other systems alone is left out.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    leave_out(bindings);
    let mut at = 0;
    while at < bindings.source.tokens.len() {
        if bindings.source.tokens.is_word(at, "use") && !bindings.declared[at] {
            let end = bindings.source.expression_end(at + 1);
            read_use(bindings, at + 1..end);
            bindings.declare(at..end);
        }
        at += 1;
    }
    bindings.aliases();
}

/// `std::{fs, process::{self, Command as Run}}`: one name for each leaf.
fn read_use(bindings: &mut Bindings<'_>, range: std::ops::Range<usize>) {
    let mut open = vec![(range, String::new())];
    let mut seen = 0;
    while let Some((range, prefix)) = open.pop() {
        seen += 1;
        if seen > MAX_USES {
            return;
        }
        let t = &bindings.source.tokens;
        let (mut path, mut local, mut last) = (prefix.clone(), None, None);
        let mut at = range.start;
        while at < range.end {
            match t.kind(at) {
                Some(Kind::Word) if t.is_word(at, "as") => {
                    local = t.word(at + 1);
                    at += 2;
                    continue;
                }
                Some(Kind::Word) if t.is_word(at, "self") && !path.is_empty() => {}
                Some(Kind::Word) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(t.text(at));
                    last = Some(at);
                }
                Some(Kind::Open) if t.group(at) == Some(Group::Curly) => {
                    open.extend(t.items(at).into_iter().map(|item| (item, path.clone())));
                    last = None;
                    path.clear();
                }
                Some(Kind::Mark) if t.is(at, "*") => {
                    glob(bindings, &path);
                    path.clear();
                    break;
                }
                _ => {}
            }
            at = bindings.source.tokens.behind(at);
        }
        if path.is_empty() {
            continue;
        }
        let t = &bindings.source.tokens;
        let whole_of_group = last.is_none();
        let name = local.or_else(|| last.and_then(|at| t.word(at)));
        let root = path.split('.').next().unwrap_or_default().to_owned();
        let place = last.unwrap_or(range.start);
        // `self` in a group is the group's own module, whose name stands before it.
        let name = match name {
            None if whole_of_group => module_of(bindings, &prefix),
            name => name,
        };
        bindings.import(&root, place);
        if let Some(name) = name.filter(|n| *n != "_") {
            bindings.source.names.insert(name, path);
        }
    }
}

/// The token in the file that names the last module of `prefix`.
fn module_of<'a>(bindings: &Bindings<'a>, prefix: &str) -> Option<&'a str> {
    let last = prefix.rsplit('.').next()?;
    let t = &bindings.source.tokens;
    (0..t.len()).find(|at| t.is_word(*at, last)).and_then(|at| t.word(at))
}

/// `use std::process::*`.
fn glob(bindings: &mut Bindings<'_>, module: &str) {
    let dialect = bindings.source.dialect;
    let names =
        dialect.calls.iter().map(|(name, _)| *name).chain(dialect.values.iter().map(|(name, _)| *name));
    for rest in names.filter_map(|name| name.strip_prefix(module)?.strip_prefix('.')) {
        let member = rest.split('.').next().unwrap_or(rest);
        bindings.source.names.insert(member, format!("{module}.{member}"));
    }
}

/// Declares away items behind `#[cfg(test)]`, `#[test]` and conditions on other systems.
fn leave_out(bindings: &mut Bindings<'_>) {
    let mut at = 0;
    while at < bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        if t.is(at, "#") && t.opens(at + 1, Group::Square) && is_elsewhere(t, at + 1) {
            let end = item_end(t, t.behind(at + 1));
            bindings.declare(at..end);
            at = end;
        } else {
            at += 1;
        }
    }
}

/// Whether the attribute at `open` says that its item is not in a program for Linux.
fn is_elsewhere(t: &Tokens<'_>, open: usize) -> bool {
    let first = open + 1;
    if t.is_word(first, "test") {
        return true;
    }
    let inside = first + 2;
    if !t.is_word(first, "cfg") || t.is_word(inside, "not") || t.is_word(inside, "any") {
        return false;
    }
    if matches!(t.word(inside), Some("test" | "windows")) {
        return true;
    }
    t.is_word(inside, "target_os") && !matches!(t.text(inside + 2), "linux" | "")
}

/// Behind the item that starts at `at`: its block, or its semicolon.
fn item_end(t: &Tokens<'_>, mut at: usize) -> usize {
    while at < t.len() {
        if t.opens(at, Group::Curly) {
            return t.behind(at);
        }
        if t.is(at, ";") || t.kind(at) == Some(Kind::Close) {
            return at + 1;
        }
        at = t.behind(at);
    }
    at
}
