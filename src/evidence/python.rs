//! Python: imports, and what its functions do.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Group, Kind, previous};

use Does::{
    File, FileOption, Index, Listens, ListensOption, Namesake, Opens, Program, Receiver, ReceiverOpens, Shell,
};
use Touches::{MayWrite, Reads, Writes};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Python,
    globals: &["open", "str", "int", "__file__"],
    calls: CALLS,
    methods: METHODS,
    values: VALUES,
    addresses: &[("sqlite:///", Writes), ("sqlite+aiosqlite:///", Writes)],
    settings: &["MEDIA_ROOT", "UPLOAD_FOLDER"],
};

const CALLS: &[Call] = &[
    ("subprocess.run", Program(0)),
    ("subprocess.call", Program(0)),
    ("subprocess.check_call", Program(0)),
    ("subprocess.check_output", Program(0)),
    ("subprocess.Popen", Program(0)),
    ("subprocess.getoutput", Shell(0)),
    ("subprocess.getstatusoutput", Shell(0)),
    ("commands.getoutput", Shell(0)),
    ("commands.getstatusoutput", Shell(0)),
    ("os.system", Shell(0)),
    ("os.popen", Shell(0)),
    ("os.execl", Program(0)),
    ("os.execle", Program(0)),
    ("os.execlp", Program(0)),
    ("os.execlpe", Program(0)),
    ("os.execv", Program(0)),
    ("os.execve", Program(0)),
    ("os.execvp", Program(0)),
    ("os.execvpe", Program(0)),
    ("os.spawnl", Program(1)),
    ("os.spawnle", Program(1)),
    ("os.spawnlp", Program(1)),
    ("os.spawnlpe", Program(1)),
    ("os.spawnv", Program(1)),
    ("os.spawnve", Program(1)),
    ("os.spawnvp", Program(1)),
    ("os.spawnvpe", Program(1)),
    ("os.posix_spawn", Program(0)),
    ("os.posix_spawnp", Program(0)),
    ("pty.spawn", Program(0)),
    ("asyncio.create_subprocess_exec", Program(0)),
    ("asyncio.create_subprocess_shell", Shell(0)),
    ("asyncio.subprocess.create_subprocess_exec", Program(0)),
    ("asyncio.subprocess.create_subprocess_shell", Shell(0)),
    ("anyio.run_process", Program(0)),
    ("anyio.open_process", Program(0)),
    ("trio.run_process", Program(0)),
    ("gevent.subprocess.run", Program(0)),
    ("gevent.subprocess.call", Program(0)),
    ("gevent.subprocess.check_call", Program(0)),
    ("gevent.subprocess.check_output", Program(0)),
    ("gevent.subprocess.Popen", Program(0)),
    ("psutil.Popen", Program(0)),
    ("pexpect.spawn", Program(0)),
    ("pexpect.run", Program(0)),
    ("shutil.which", Program(0)),
    // It asks ldconfig, gcc, objdump or ld, in vain where none of them is.
    ("ctypes.util.find_library", Does::Needs("ldconfig")),
    ("distutils.spawn.find_executable", Program(0)),
    ("distutils.spawn.spawn", Program(0)),
    ("invoke.run", Shell(0)),
    ("fabric.api.local", Shell(0)),
    ("sh.*", Namesake),
    ("plumbum.local", Index),
    ("plumbum.cmd.*", Namesake),
    ("open", Opens { path: 0, mode: 1 }),
    ("io.open", Opens { path: 0, mode: 1 }),
    ("codecs.open", Opens { path: 0, mode: 1 }),
    ("gzip.open", Opens { path: 0, mode: 1 }),
    ("aiofiles.open", Opens { path: 0, mode: 1 }),
    ("anyio.open_file", Opens { path: 0, mode: 1 }),
    ("zipfile.ZipFile", Opens { path: 0, mode: 1 }),
    ("tarfile.open", Opens { path: 0, mode: 1 }),
    ("os.mkdir", File(0, Writes)),
    ("os.makedirs", File(0, Writes)),
    ("os.rename", File(1, Writes)),
    ("os.replace", File(1, Writes)),
    ("os.symlink", File(1, Writes)),
    ("aiofiles.os.makedirs", File(0, Writes)),
    ("shutil.copy", File(1, Writes)),
    ("shutil.copy2", File(1, Writes)),
    ("shutil.copyfile", File(1, Writes)),
    ("shutil.copytree", File(1, Writes)),
    ("shutil.move", File(1, Writes)),
    ("urllib.request.urlretrieve", File(1, Writes)),
    ("sqlite3.connect", File(0, Writes)),
    ("aiosqlite.connect", File(0, Writes)),
    ("shelve.open", File(0, Writes)),
    ("dbm.open", File(0, Writes)),
    ("tinydb.TinyDB", File(0, Writes)),
    ("logging.FileHandler", File(0, Writes)),
    ("logging.handlers.RotatingFileHandler", File(0, Writes)),
    ("logging.handlers.TimedRotatingFileHandler", File(0, Writes)),
    ("logging.handlers.WatchedFileHandler", File(0, Writes)),
    ("logging.basicConfig", FileOption("filename", Writes)),
    ("loguru.logger.add", File(0, MayWrite)),
    ("joblib.dump", File(1, Writes)),
    ("torch.save", File(1, MayWrite)),
    ("cv2.imwrite", File(0, Writes)),
    ("flask.send_file", File(0, Reads)),
    ("flask.send_from_directory", File(0, Reads)),
    ("uvicorn.run", ListensOption("port")),
    ("waitress.serve", ListensOption("port")),
    ("hypercorn.run", ListensOption("port")),
    ("aiohttp.web.run_app", ListensOption("port")),
    ("socketserver.TCPServer", Listens(0)),
    ("http.server.HTTPServer", Listens(0)),
    ("http.server.ThreadingHTTPServer", Listens(0)),
];

const METHODS: &[Call] = &[
    ("subprocess_exec", Program(1)),
    ("subprocess_shell", Shell(1)),
    ("write_text", Receiver(Writes)),
    ("write_bytes", Receiver(Writes)),
    ("mkdir", Receiver(MayWrite)),
    ("touch", Receiver(MayWrite)),
    ("read_text", Receiver(Reads)),
    ("read_bytes", Receiver(Reads)),
    ("open", ReceiverOpens { mode: 0 }),
    ("to_csv", File(0, MayWrite)),
    ("to_excel", File(0, MayWrite)),
    ("to_parquet", File(0, MayWrite)),
    ("savefig", File(0, MayWrite)),
    ("run", ListensOption("port")),
    ("bind", Listens(0)),
];

const VALUES: &[(&str, Gives)] = &[
    ("__file__", Gives::Code { up: 0 }),
    ("os.getcwd", Gives::Here),
    ("pathlib.Path.cwd", Gives::Here),
    ("sys.executable", Gives::Own),
    ("tempfile.gettempdir", Gives::Temporary),
    ("tempfile.mkdtemp", Gives::Temporary),
    ("tempfile.mktemp", Gives::Temporary),
    ("tempfile.mkstemp", Gives::Temporary),
    ("tempfile.TemporaryDirectory", Gives::Temporary),
    ("tempfile.NamedTemporaryFile", Gives::Temporary),
    ("os.path.join", Gives::Joined { absolute_restarts: true }),
    ("pathlib.Path", Gives::Joined { absolute_restarts: true }),
    ("pathlib.PurePath", Gives::Joined { absolute_restarts: true }),
    ("anyio.Path", Gives::Joined { absolute_restarts: true }),
    ("os.path.abspath", Gives::Argument(0)),
    ("os.path.realpath", Gives::Argument(0)),
    ("os.path.normpath", Gives::Argument(0)),
    ("os.path.dirname", Gives::Folder),
    ("os.path.expanduser", Gives::Argument(0)),
    ("os.fspath", Gives::Argument(0)),
    ("str", Gives::Argument(0)),
    ("int", Gives::Argument(0)),
    ("shlex.split", Gives::Argument(0)),
    ("shutil.which", Gives::Argument(0)),
    ("os.environ.get", Gives::Argument(1)),
    ("os.getenv", Gives::Argument(1)),
];

/// Reads the imports of a module.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    for at in 0..bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        let starts = t.is_first(at) || t.is(previous(at), ";") || t.is(previous(at), ":");
        match t.word(at).filter(|_| starts) {
            Some("import") => import(bindings, at),
            Some("from") => from(bindings, at),
            _ => {}
        }
    }
    bindings.aliases();
}

/// The end of the statement at `at`.
fn end(bindings: &Bindings<'_>, at: usize) -> usize {
    let t = &bindings.source.tokens;
    let ends = |at: usize| {
        matches!(t.kind(at), None | Some(Kind::Newline | Kind::Close)) || t.is(at, ";") || t.is(at, ":")
    };
    let mut end = at;
    while !ends(end) {
        end = t.behind(end);
    }
    end.min(t.len())
}

/// The dotted name at `at` and what follows it.
fn dotted(bindings: &Bindings<'_>, mut at: usize) -> (String, usize) {
    let t = &bindings.source.tokens;
    let mut name = t.word(at).unwrap_or_default().to_owned();
    at += 1;
    while t.is(at, ".") && t.word(at + 1).is_some() {
        name.push('.');
        name.push_str(t.text(at + 1));
        at += 2;
    }
    (name, at)
}

/// `import a.b as c, d`.
fn import(bindings: &mut Bindings<'_>, at: usize) {
    let end = end(bindings, at);
    for item in bindings.source.tokens.split(at + 1..end, ",") {
        let (module, next) = dotted(bindings, item.start);
        let t = &bindings.source.tokens;
        let top = module.split('.').next().unwrap_or_default().to_owned();
        let (local, name) = if t.is_word(next, "as") {
            (t.text(next + 1), module.clone())
        } else {
            (t.text(item.start), top.clone())
        };
        bindings.source.names.insert(local, name);
        bindings.import(&top, item.start);
        bindings.references.push(module);
    }
    bindings.declare(at..end);
}

/// `from a.b import (c as d, e)`, `from . import f`, `from g import *`.
fn from(bindings: &mut Bindings<'_>, at: usize) {
    let t = &bindings.source.tokens;
    let end = end(bindings, at);
    let mut start = at + 1;
    while t.is(start, ".") || t.is(start, "...") {
        start += 1;
    }
    let dots = t.text_between(at + 1, start);
    let (module, mut next) =
        if t.is_word(start, "import") { (String::new(), start) } else { dotted(bindings, start) };
    let t = &bindings.source.tokens;
    if !t.is_word(next, "import") {
        return;
    }
    next += 1;
    let items = if t.opens(next, Group::Round) { t.items(next) } else { t.split(next..end, ",") };
    let mut locals = Vec::new();
    for item in &items {
        let member = t.text(item.start);
        let local = if t.is_word(item.start + 1, "as") { t.text(item.start + 2) } else { member };
        if t.is(item.start, "*") {
            locals.extend(bindings.source.dialect.members(&module).map(|name| (name, name)));
        } else {
            locals.push((local, member));
        }
    }
    if dots.is_empty() {
        for (local, member) in &locals {
            bindings.source.names.insert(local, format!("{module}.{member}"));
        }
        let top = module.split('.').next().unwrap_or_default().to_owned();
        bindings.import(&top, start);
    } else {
        // The file's own names win over what is built in.
        for (local, _) in &locals {
            bindings.source.names.remove(local);
        }
    }
    for (_, member) in locals {
        bindings.references.push(format!("{dots}{module}.{member}"));
    }
    bindings.declare(at..end);
}
