//! Java, Kotlin, Scala and Groovy: imports, and what their functions do.

use super::Language;
use super::bindings::{Bindings, Found};
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Group, Kind, previous};

use Does::{CommandLine, File, Program, Receiver};
use Touches::{MayWrite, Reads, Writes};

/// Names of one import in braces.
const MAX_MEMBERS: usize = 32;

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Java,
    globals: &["ProcessBuilder", "Runtime", "System", "java"],
    calls: CALLS,
    methods: METHODS,
    values: VALUES,
    addresses: &[
        ("jdbc:h2:file:", Writes),
        ("jdbc:h2:.", Writes),
        ("jdbc:h2:/", Writes),
        ("jdbc:sqlite:", Writes),
        ("jdbc:hsqldb:file:", Writes),
    ],
    settings: &[],
};

/// What a method of `Runtime` is called in reports.
const EXEC: Call = ("Runtime.exec", Program(0));
/// Groovy's `"git log".execute()`.
const EXECUTE: Call = ("execute", Does::ReceiverStarts);

const CALLS: &[Call] = &[
    ("ProcessBuilder", Program(0)),
    ("java.lang.ProcessBuilder", Program(0)),
    ("org.apache.commons.exec.CommandLine", Program(0)),
    ("org.apache.commons.exec.CommandLine.parse", CommandLine(0)),
    ("org.zeroturnaround.exec.ProcessExecutor", Program(0)),
    ("com.zaxxer.nuprocess.NuProcessBuilder", Program(0)),
    ("cn.hutool.core.util.RuntimeUtil.exec", CommandLine(0)),
    ("cn.hutool.core.util.RuntimeUtil.execForStr", CommandLine(0)),
    ("scala.sys.process.Process", Program(0)),
    ("sys.process.Process", Program(0)),
    ("java.io.FileWriter", File(0, Writes)),
    ("java.io.FileOutputStream", File(0, Writes)),
    ("java.io.PrintWriter", File(0, MayWrite)),
    ("java.io.RandomAccessFile", File(0, Writes)),
    ("java.nio.file.Files.write", File(0, Writes)),
    ("java.nio.file.Files.writeString", File(0, Writes)),
    ("java.nio.file.Files.newBufferedWriter", File(0, Writes)),
    ("java.nio.file.Files.newOutputStream", File(0, Writes)),
    ("java.nio.file.Files.createDirectory", File(0, Writes)),
    ("java.nio.file.Files.createDirectories", File(0, Writes)),
    ("java.nio.file.Files.createFile", File(0, Writes)),
    ("java.nio.file.Files.copy", File(1, MayWrite)),
    ("java.nio.file.Files.move", File(1, Writes)),
    ("java.util.logging.FileHandler", File(0, Writes)),
    ("java.io.FileReader", File(0, Reads)),
    ("java.io.FileInputStream", File(0, Reads)),
    ("java.util.Scanner", File(0, Reads)),
    ("java.nio.file.Files.readString", File(0, Reads)),
    ("java.nio.file.Files.readAllBytes", File(0, Reads)),
    ("java.nio.file.Files.readAllLines", File(0, Reads)),
    ("java.nio.file.Files.lines", File(0, Reads)),
    ("java.nio.file.Files.list", File(0, Reads)),
    ("java.nio.file.Files.walk", File(0, Reads)),
    ("java.nio.file.Files.newBufferedReader", File(0, Reads)),
    ("java.nio.file.Files.newInputStream", File(0, Reads)),
    ("java.nio.file.Files.exists", File(0, Reads)),
];

// Of java.io.File, and what Kotlin adds to it.
const METHODS: &[Call] = &[
    ("mkdir", Receiver(Writes)),
    ("mkdirs", Receiver(Writes)),
    ("createNewFile", Receiver(Writes)),
    ("writeText", Receiver(Writes)),
    ("writeBytes", Receiver(MayWrite)),
    ("appendText", Receiver(Writes)),
    ("readText", Receiver(Reads)),
    ("readLines", Receiver(Reads)),
    ("listFiles", Receiver(Reads)),
];

const VALUES: &[(&str, Gives)] = &[
    ("java.io.File", Gives::Joined { absolute_restarts: false }),
    ("java.nio.file.Path.of", Gives::Joined { absolute_restarts: false }),
    ("java.nio.file.Paths.get", Gives::Joined { absolute_restarts: false }),
    ("java.io.File.createTempFile", Gives::Temporary),
    ("java.nio.file.Files.createTempFile", Gives::Temporary),
    ("java.nio.file.Files.createTempDirectory", Gives::Temporary),
    ("java.lang.String.format", Gives::Formatted),
];

/// Reads the imports of a file, and the calls that are known by more than their name.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    let mut at = 0;
    while at < bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        let starts = t.is_first(at) || t.is(previous(at), ";");
        if t.is_word(at, "import") && starts && !t.is_dot(previous(at)) {
            at = import(bindings, at);
        } else {
            at += 1;
        }
    }
    calls_of_runtime(bindings);
}

/// `import static a.b.C.d;`, `import a.b.*`, `import a.b.C as D`, `import a.b.{C, D => E}`: gives the token
/// behind it.
fn import(bindings: &mut Bindings<'_>, at: usize) -> usize {
    let t = &bindings.source.tokens;
    let start = if t.is_word(at + 1, "static") { at + 2 } else { at + 1 };
    let Some(first) = t.word(start) else { return at + 1 };
    let mut name = first.to_owned();
    let mut last = first;
    let mut end = start + 1;
    while t.is_dot(end) {
        let Some(word) = t.word(end + 1).filter(|w| *w != "_") else { break };
        name.push('.');
        name.push_str(word);
        last = word;
        end += 2;
    }
    if !t.is_dot(end) {
        let local = if t.is_word(end, "as") { t.word(end + 1).unwrap_or(last) } else { last };
        bindings.source.names.insert(local, name.clone());
    } else if t.opens(end + 1, Group::Curly) {
        for item in t.first_items(end + 1, MAX_MEMBERS) {
            let (member, local) = (t.text(item.start), t.text(item.end - 1));
            bindings.source.names.insert(local, format!("{name}.{member}"));
        }
        end = t.behind(end + 1);
    } else {
        for known in known_in(bindings.source.dialect, &name) {
            bindings.source.names.insert(known, format!("{name}.{known}"));
        }
        end += 2;
    }
    if matches!(&*name, "scala.sys.process" | "sys.process") {
        // What its `!` is applied to may be any text.
        bindings.found.push(Found { callee: at..end, open: None, call: ("scala.sys.process", Program(0)) });
    }
    bindings.import(&name, start);
    bindings.declare(at..end);
    end
}

/// Members of a package of which something is known.
fn known_in(dialect: &Dialect, package: &str) -> Vec<&'static str> {
    let names =
        dialect.calls.iter().map(|(name, _)| *name).chain(dialect.values.iter().map(|(name, _)| *name));
    names.filter_map(|name| name.strip_prefix(package)?.strip_prefix('.')?.split('.').next()).collect()
}

/// `Runtime.getRuntime().exec("git log")`, through a variable or not, and Groovy's `"git log".execute()`.
fn calls_of_runtime(bindings: &mut Bindings<'_>) {
    let t = &bindings.source.tokens;
    let runtime = (0..t.len()).any(|at| t.is_word(at, "Runtime"));
    let groovy = bindings.source.path.ends_with(".groovy");
    let mut found = Vec::new();
    for at in 1..t.len() {
        let (Some(word), true) = (t.word(at), t.is_dot(at - 1) && t.opens(at + 1, Group::Round)) else {
            continue;
        };
        let empty = t.mate(at + 1) == at + 2;
        let on_text =
            at >= 2 && (t.kind(at - 2) == Some(Kind::Text) || t.group(at - 2) == Some(Group::Quoted));
        if word == "exec" && runtime && !empty {
            found.push(Found { callee: at..at + 1, open: Some(at + 1), call: EXEC });
        } else if word == "execute" && groovy && on_text {
            found.push(Found { callee: at..at + 1, open: Some(at + 1), call: EXECUTE });
        }
    }
    bindings.found.extend(found);
}
