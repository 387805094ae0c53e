//! JavaScript and TypeScript on Node.js: imports, and what its functions do.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Group, Kind, previous};

use Does::{CommandLine, File, FileOption, Listens, ListensOption, Opens, Program, Shell};
use Touches::{MayWrite, Reads, Writes};

/// Parts of one import statement: names, commas, keywords.
const MAX_CLAUSES: usize = 8;

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Node,
    globals: &[
        "process",
        "__dirname",
        "__filename",
        "import",
        "Bun",
        "Deno",
        "Number",
        "parseInt",
        "String",
        "URL",
    ],
    calls: CALLS,
    methods: METHODS,
    values: VALUES,
    addresses: &[],
    settings: &[],
};

// `child_process.fork` and the like start the interpreter that runs already: it is there.
const CALLS: &[Call] = &[
    ("child_process.exec", Shell(0)),
    ("child_process.execSync", Shell(0)),
    ("child_process.execFile", Program(0)),
    ("child_process.execFileSync", Program(0)),
    ("child_process.spawn", Program(0)),
    ("child_process.spawnSync", Program(0)),
    ("execa", Program(0)),
    ("execa.sync", Program(0)),
    ("execa.execa", Program(0)),
    ("execa.execaSync", Program(0)),
    ("execa.shell", Shell(0)),
    ("execa.shellSync", Shell(0)),
    ("execa.command", CommandLine(0)),
    ("execa.commandSync", CommandLine(0)),
    ("execa.execaCommand", CommandLine(0)),
    ("execa.execaCommandSync", CommandLine(0)),
    ("execa.$", CommandLine(0)),
    ("tinyexec.x", Program(0)),
    ("tinyexec.exec", Program(0)),
    ("nano-spawn", Program(0)),
    ("cross-spawn", Program(0)),
    ("cross-spawn.sync", Program(0)),
    ("cross-spawn.spawn", Program(0)),
    ("node-pty.spawn", Program(0)),
    ("shelljs.exec", Shell(0)),
    ("shelljs.which", Program(0)),
    ("node-cmd.run", Shell(0)),
    ("node-cmd.runSync", Shell(0)),
    ("exec-sh", Shell(0)),
    ("which", Program(0)),
    ("which.sync", Program(0)),
    ("command-exists", Program(0)),
    ("command-exists.sync", Program(0)),
    ("zx.$", Shell(0)),
    ("bun.$", CommandLine(0)),
    ("Bun.$", CommandLine(0)),
    ("Bun.spawn", Program(0)),
    ("Bun.spawnSync", Program(0)),
    ("Deno.Command", Program(0)),
    ("fs.writeFile", File(0, Writes)),
    ("fs.writeFileSync", File(0, Writes)),
    ("fs.appendFile", File(0, Writes)),
    ("fs.appendFileSync", File(0, Writes)),
    ("fs.createWriteStream", File(0, Writes)),
    ("fs.mkdir", File(0, Writes)),
    ("fs.mkdirSync", File(0, Writes)),
    ("fs.mkdtemp", File(0, Writes)),
    ("fs.mkdtempSync", File(0, Writes)),
    ("fs.copyFile", File(1, Writes)),
    ("fs.copyFileSync", File(1, Writes)),
    ("fs.cp", File(1, Writes)),
    ("fs.cpSync", File(1, Writes)),
    ("fs.rename", File(1, Writes)),
    ("fs.renameSync", File(1, Writes)),
    ("fs.symlink", File(1, Writes)),
    ("fs.symlinkSync", File(1, Writes)),
    ("fs.open", Opens { path: 0, mode: 1 }),
    ("fs.openSync", Opens { path: 0, mode: 1 }),
    // fs-extra
    ("fs.outputFile", File(0, Writes)),
    ("fs.outputFileSync", File(0, Writes)),
    ("fs.outputJson", File(0, Writes)),
    ("fs.outputJsonSync", File(0, Writes)),
    ("fs.writeJson", File(0, Writes)),
    ("fs.writeJsonSync", File(0, Writes)),
    ("fs.writeJSON", File(0, Writes)),
    ("fs.writeJSONSync", File(0, Writes)),
    ("fs.ensureDir", File(0, Writes)),
    ("fs.ensureDirSync", File(0, Writes)),
    ("fs.ensureFile", File(0, Writes)),
    ("fs.ensureFileSync", File(0, Writes)),
    ("fs.mkdirp", File(0, Writes)),
    ("fs.mkdirpSync", File(0, Writes)),
    ("fs.copy", File(1, Writes)),
    ("fs.copySync", File(1, Writes)),
    ("fs.move", File(1, Writes)),
    ("fs.moveSync", File(1, Writes)),
    ("fs.readFile", File(0, Reads)),
    ("fs.readFileSync", File(0, Reads)),
    ("fs.createReadStream", File(0, Reads)),
    ("fs.readdir", File(0, Reads)),
    ("fs.readdirSync", File(0, Reads)),
    ("fs.readJson", File(0, Reads)),
    ("fs.readJsonSync", File(0, Reads)),
    ("mkdirp", File(0, Writes)),
    ("mkdirp.mkdirp", File(0, Writes)),
    ("mkdirp.sync", File(0, Writes)),
    ("mkdirp.mkdirpSync", File(0, Writes)),
    ("Bun.write", File(0, Writes)),
    ("multer", FileOption("dest", Writes)),
    ("multer.diskStorage", FileOption("destination", Writes)),
    ("express-fileupload", FileOption("tempFileDir", Writes)),
    ("winston.transports.File", FileOption("filename", Writes)),
    ("winston-daily-rotate-file", FileOption("dirname", Writes)),
    ("pino.destination", File(0, MayWrite)),
    ("sqlite3.Database", File(0, Writes)),
    ("better-sqlite3", File(0, Writes)),
    ("node:sqlite.DatabaseSync", File(0, Writes)),
    ("sqlite.open", FileOption("filename", Writes)),
    ("sequelize.Sequelize", FileOption("storage", Writes)),
    ("sequelize", FileOption("storage", Writes)),
    ("knex", FileOption("filename", Writes)),
    ("nedb", FileOption("filename", Writes)),
    ("nedb-promises.create", FileOption("filename", Writes)),
    ("@seald-io/nedb", FileOption("filename", Writes)),
    ("lowdb/node.JSONFile", File(0, Writes)),
    ("lowdb/adapters/FileSync", File(0, Writes)),
    ("lowdb/adapters/FileAsync", File(0, Writes)),
    ("express.static", File(0, Reads)),
    ("serve-static", File(0, Reads)),
    ("Bun.file", File(0, Reads)),
    ("Bun.serve", ListensOption("port")),
];

const METHODS: &[Call] = &[
    ("listen", Listens(0)),
    ("listen", ListensOption("port")),
    ("sendFile", File(0, Reads)),
    // Of what express-fileupload received.
    ("mv", File(0, Writes)),
];

const VALUES: &[(&str, Gives)] = &[
    ("__dirname", Gives::Code { up: 1 }),
    ("__filename", Gives::Code { up: 0 }),
    ("import.meta.dirname", Gives::Code { up: 1 }),
    ("import.meta.filename", Gives::Code { up: 0 }),
    ("import.meta.url", Gives::Code { up: 0 }),
    ("import.meta.dir", Gives::Code { up: 1 }),
    ("process.cwd", Gives::Here),
    ("process.execPath", Gives::Own),
    ("process.argv0", Gives::Own),
    ("process.argv", Gives::OwnFirst),
    ("os.tmpdir", Gives::Temporary),
    ("path.join", Gives::Joined { absolute_restarts: false }),
    ("path.posix.join", Gives::Joined { absolute_restarts: false }),
    ("path.resolve", Gives::Joined { absolute_restarts: true }),
    ("path.normalize", Gives::Argument(0)),
    ("path.dirname", Gives::Folder),
    ("url.fileURLToPath", Gives::Argument(0)),
    ("url.URL", Gives::Beside),
    ("URL", Gives::Beside),
    ("Number", Gives::Argument(0)),
    ("parseInt", Gives::Argument(0)),
    ("String", Gives::Argument(0)),
];

/// The module that `text` imports, its other names brought to one.
pub(super) fn module_name(text: &str) -> &str {
    match text.strip_prefix("node:").unwrap_or(text) {
        "fs/promises" | "fs-extra" | "graceful-fs" | "mz/fs" => "fs",
        "mz/child_process" | "child-process-promise" | "promisify-child-process" => "child_process",
        "path/posix" => "path",
        "sqlite" if text.starts_with("node:") => text,
        "zx/core" | "zx/globals" => "zx",
        "@lydell/node-pty" | "node-pty-prebuilt-multiarch" | "@homebridge/node-pty-prebuilt-multiarch" => {
            "node-pty"
        }
        module => module,
    }
}

/// The package that `text` imports; nothing for a file of the application.
fn package_name(text: &str) -> Option<&str> {
    let text = text.strip_prefix("node:").unwrap_or(text);
    let scoped = text.starts_with('@');
    let end = text.match_indices('/').nth(usize::from(scoped)).map_or(text.len(), |(at, _)| at);
    let is_own = text.is_empty()
        || text.starts_with(['.', '/', '#', '~'])
        || text.starts_with("@/")
        || (scoped && !text.contains('/'));
    (!is_own).then(|| &text[..end])
}

/// Reads the imports of a file.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    let mut at = 0;
    while at < bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        let behind_dot = t.is_dot(previous(at));
        match t.word(at) {
            Some("import" | "require") if !behind_dot && bindings.source.required(at).is_some() => {
                note(bindings, at + 2);
            }
            Some("import") if !behind_dot && !t.is_dot(at + 1) => at = statement(bindings, at),
            Some("export") if !behind_dot => at = passed_on(bindings, at),
            _ => {}
        }
        at += 1;
    }
    if bindings.imports.contains_key("zx") {
        bindings.source.names.entry("$").or_insert_with(|| "zx.$".to_owned());
    }
    bindings.aliases();
}

/// Notes the module that the text at `at` names.
fn note(bindings: &mut Bindings<'_>, at: usize) {
    let text = bindings.source.tokens.string(at);
    match package_name(&text) {
        Some(package) => bindings.import(package, at),
        None => bindings.references.push(text),
    }
}

/// `export * from "m"`: what it exports is used elsewhere. Gives the last token that was read.
fn passed_on(bindings: &mut Bindings<'_>, at: usize) -> usize {
    let t = &bindings.source.tokens;
    let mut end = at + 1;
    if t.is(end, "*") {
        end += if t.is_word(end + 1, "as") { 3 } else { 1 };
    } else if t.opens(end, Group::Curly) {
        end = t.behind(end);
    } else {
        return at;
    }
    if !t.is_word(end, "from") || t.kind(end + 1) != Some(Kind::Text) {
        return at;
    }
    note(bindings, end + 1);
    bindings.declare(at..end + 2);
    end + 1
}

/// `import a, { b as c } from "m"`: gives the last token that was read.
fn statement(bindings: &mut Bindings<'_>, at: usize) -> usize {
    let t = &bindings.source.tokens;
    let mut locals = Vec::new();
    let mut next = at + 1;
    let types_only = t.is_word(next, "type") && !t.is_word(next + 1, "from") && !t.is(next + 1, ",");
    for _ in 0..MAX_CLAUSES {
        if t.kind(next) == Some(Kind::Text) {
            break;
        } else if t.is(next, "*") && t.is_word(next + 1, "as") {
            locals.push((t.text(next + 2), None));
            next += 3;
        } else if t.opens(next, Group::Curly) {
            for item in t.items(next).into_iter().filter(|i| !t.is_word(i.start, "type") || i.len() == 1) {
                locals.push((t.text(item.end - 1), Some(t.text(item.start))));
            }
            next = t.behind(next);
        } else if let Some(word) = t.word(next) {
            if !matches!(word, "from" | "type") {
                locals.push((word, None));
            }
            next += 1;
        } else if t.is(next, ",") {
            next += 1;
        } else {
            // `import x = require("m")`, or no import at all.
            return at;
        }
    }
    if t.kind(next) != Some(Kind::Text) {
        return at;
    }
    let module = t.string(next);
    if !types_only {
        let full = module_name(&module);
        for (local, member) in locals {
            let name = match member {
                Some("default" | "promises") | None => full.to_owned(),
                Some(member) => format!("{full}.{member}"),
            };
            bindings.source.names.insert(local, name);
        }
        note(bindings, next);
    }
    bindings.declare(at..next + 1);
    next
}
