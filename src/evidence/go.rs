//! Go: imports, and what its functions do.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Group, Kind, Tokens};

use Does::{File, FileOption, Files, Listens, ListensOption, Opens, Program, ProgramOption, Shell};
use Touches::{Reads, Writes};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Go,
    globals: &[],
    calls: CALLS,
    methods: METHODS,
    values: VALUES,
    addresses: &[("file://", Reads)],
    settings: &[],
};

const CALLS: &[Call] = &[
    ("os/exec.Command", Program(0)),
    ("os/exec.CommandContext", Program(1)),
    ("os/exec.LookPath", Program(0)),
    ("os/exec.Cmd", ProgramOption("Path")),
    ("golang.org/x/sys/execabs.Command", Program(0)),
    ("golang.org/x/sys/execabs.CommandContext", Program(1)),
    ("golang.org/x/sys/execabs.LookPath", Program(0)),
    ("os.StartProcess", Program(0)),
    ("syscall.Exec", Program(0)),
    ("syscall.ForkExec", Program(0)),
    ("syscall.StartProcess", Program(0)),
    ("golang.org/x/sys/unix.Exec", Program(0)),
    ("github.com/bitfield/script.Exec", Does::CommandLine(0)),
    ("github.com/magefile/mage/sh.Run", Program(0)),
    ("github.com/magefile/mage/sh.RunV", Program(0)),
    ("github.com/magefile/mage/sh.Output", Program(0)),
    ("github.com/codeskyblue/go-sh.Command", Program(0)),
    ("github.com/go-cmd/cmd.NewCmd", Program(0)),
    ("github.com/mattn/go-shellwords.Parse", Shell(0)),
    ("os.Create", File(0, Writes)),
    ("os.WriteFile", File(0, Writes)),
    ("os.Mkdir", File(0, Writes)),
    ("os.MkdirAll", File(0, Writes)),
    ("os.Rename", File(1, Writes)),
    ("os.Symlink", File(1, Writes)),
    ("os.OpenFile", Opens { path: 0, mode: 1 }),
    ("io/ioutil.WriteFile", File(0, Writes)),
    ("go.etcd.io/bbolt.Open", File(0, Writes)),
    ("github.com/boltdb/bolt.Open", File(0, Writes)),
    ("github.com/dgraph-io/badger.DefaultOptions", File(0, Writes)),
    ("github.com/asdine/storm.Open", File(0, Writes)),
    ("github.com/syndtr/goleveldb/leveldb.OpenFile", File(0, Writes)),
    ("gorm.io/driver/sqlite.Open", File(0, Writes)),
    ("github.com/glebarez/sqlite.Open", File(0, Writes)),
    ("gopkg.in/natefinch/lumberjack.Logger", FileOption("Filename", Writes)),
    ("github.com/natefinch/lumberjack.Logger", FileOption("Filename", Writes)),
    ("os.Open", File(0, Reads)),
    ("os.ReadFile", File(0, Reads)),
    ("os.ReadDir", File(0, Reads)),
    ("os.DirFS", File(0, Reads)),
    ("os.OpenRoot", File(0, Reads)),
    ("io/ioutil.ReadFile", File(0, Reads)),
    ("io/ioutil.ReadDir", File(0, Reads)),
    ("path/filepath.Walk", File(0, Reads)),
    ("path/filepath.WalkDir", File(0, Reads)),
    ("path/filepath.Glob", File(0, Reads)),
    ("html/template.ParseFiles", Files(Reads)),
    ("html/template.ParseGlob", File(0, Reads)),
    ("text/template.ParseFiles", Files(Reads)),
    ("text/template.ParseGlob", File(0, Reads)),
    ("net/http.Dir", File(0, Reads)),
    ("net/http.ServeFile", File(2, Reads)),
    ("crypto/tls.LoadX509KeyPair", Files(Reads)),
    ("plugin.Open", File(0, Reads)),
    ("github.com/joho/godotenv.Load", Files(Reads)),
    ("github.com/joho/godotenv.Read", Files(Reads)),
    ("github.com/spf13/viper.SetConfigFile", File(0, Reads)),
    ("github.com/spf13/viper.AddConfigPath", File(0, Reads)),
    ("github.com/BurntSushi/toml.DecodeFile", File(0, Reads)),
    ("github.com/gofiber/template/html.New", File(0, Reads)),
    ("github.com/gobuffalo/packr.New", File(1, Reads)),
    ("net/http.ListenAndServe", Listens(0)),
    ("net/http.ListenAndServeTLS", Listens(0)),
    ("net/http.ListenAndServeTLS", File(1, Reads)),
    ("net/http.ListenAndServeTLS", File(2, Reads)),
    ("net/http.Server", ListensOption("Addr")),
    ("net.Listen", Listens(1)),
    ("net.ListenPacket", Listens(1)),
    ("crypto/tls.Listen", Listens(1)),
];

// gin, echo, fiber, viper, template values.
const METHODS: &[Call] = &[
    ("ParseFiles", Files(Reads)),
    ("ParseGlob", File(0, Reads)),
    ("LoadHTMLGlob", File(0, Reads)),
    ("LoadHTMLFiles", Files(Reads)),
    ("Static", File(1, Reads)),
    ("StaticFile", File(1, Reads)),
    ("SendFile", File(0, Reads)),
    ("SetConfigFile", File(0, Reads)),
    ("AddConfigPath", File(0, Reads)),
    ("ListenAndServeTLS", File(0, Reads)),
    ("ListenAndServeTLS", File(1, Reads)),
    ("Run", Listens(0)),
    ("Start", Listens(0)),
    ("Listen", Listens(0)),
];

const VALUES: &[(&str, Gives)] = &[
    ("os.Executable", Gives::Own),
    ("os.Args", Gives::OwnFirst),
    ("os.Getwd", Gives::Here),
    ("os.TempDir", Gives::Temporary),
    ("os.MkdirTemp", Gives::Temporary),
    ("io/ioutil.TempDir", Gives::Temporary),
    ("os/exec.LookPath", Gives::Argument(0)),
    ("path/filepath.Join", Gives::Joined { absolute_restarts: false }),
    ("path.Join", Gives::Joined { absolute_restarts: false }),
    ("path/filepath.Clean", Gives::Argument(0)),
    ("path/filepath.Dir", Gives::Folder),
    ("path/filepath.FromSlash", Gives::Argument(0)),
    ("fmt.Sprintf", Gives::Formatted),
];

/// Reads the imports of a file.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    for (at, local) in imports(&bindings.source.tokens) {
        let path = bindings.source.tokens.string(at);
        if path == "C" {
            bindings.imports_c.get_or_insert(at);
        } else {
            bindings.import(&path, at);
        }
        let package = unversioned(&path).to_owned();
        match local {
            Some("_") => {}
            Some(".") => {
                for member in bindings.source.dialect.members(&package) {
                    bindings.source.names.insert(member, format!("{package}.{member}"));
                }
            }
            Some(local) => {
                bindings.source.names.insert(local, package);
            }
            None => {
                // The name it is used by cannot be cut from `path`, which does not live as long.
                let text = bindings.source.tokens.text(at);
                bindings.source.names.insert(package_name(unversioned(text)), package);
            }
        }
    }
    bindings.aliases();
}

/// The name in the package clause.
pub(super) fn package<'a>(t: &Tokens<'a>) -> Option<&'a str> {
    t.is_word(0, "package").then(|| t.word(1)).flatten()
}

/// The texts of the import declarations, and the names given to them.
pub(super) fn imports<'a>(t: &Tokens<'a>) -> Vec<(usize, Option<&'a str>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < t.len() {
        if t.is_word(at, "import") && t.parent(at).is_none() {
            let inside = if t.opens(at + 1, Group::Round) { at + 2..t.mate(at + 1) } else { at + 1..at + 3 };
            for text in inside.filter(|i| t.kind(*i) == Some(Kind::Text)) {
                let named = t.word(text - 1).filter(|word| *word != "import");
                found.push((text, named.or(t.is(text - 1, ".").then_some("."))));
            }
        }
        at = t.behind(at);
    }
    found
}

/// An import path without its major version (`/v2`, `.v2`).
fn unversioned(path: &str) -> &str {
    let is_version =
        |v: &str| v.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    match path.rsplit_once(['/', '.']) {
        Some((before, version)) if is_version(version) => before,
        _ => path,
    }
}

/// The name that a package most likely has.
fn package_name(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.strip_prefix("go-").unwrap_or(last)
}
