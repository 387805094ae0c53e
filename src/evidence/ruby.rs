//! Ruby: what it requires and bundles, and what its functions start and write.

use super::Language;
use super::bindings::Bindings;
use super::calls::{Call, Dialect, Does, Gives, Touches};
use super::tokens::{Kind, previous};

use Does::{File, Line, Needs, Opens, Program};
use Touches::Writes;

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Ruby,
    globals: &[
        "`",
        "%x",
        "system",
        "exec",
        "spawn",
        "Kernel",
        "Process",
        "IO",
        "Open3",
        "PTY",
        "POSIX",
        "ChildProcess",
        "Terrapin",
        "Cocaine",
        "MiniMagick",
        "File",
        "FileUtils",
        "Dir",
        "CSV",
        "SQLite3",
        "Sequel",
        "__dir__",
    ],
    calls: CALLS,
    methods: &[],
    values: VALUES,
    addresses: &[],
    settings: &[],
};

const CALLS: &[Call] = &[
    ("`", Line(0)),
    ("%x", Line(0)),
    ("system", Line(0)),
    ("exec", Line(0)),
    ("spawn", Line(0)),
    ("Kernel.system", Line(0)),
    ("Kernel.exec", Line(0)),
    ("Kernel.spawn", Line(0)),
    ("Process.spawn", Line(0)),
    ("Process.exec", Line(0)),
    ("IO.popen", Line(0)),
    ("PTY.spawn", Line(0)),
    ("Open3.capture2", Line(0)),
    ("Open3.capture2e", Line(0)),
    ("Open3.capture3", Line(0)),
    ("Open3.popen2", Line(0)),
    ("Open3.popen2e", Line(0)),
    ("Open3.popen3", Line(0)),
    ("Open3.pipeline", Line(0)),
    ("Open3.pipeline_r", Line(0)),
    ("Open3.pipeline_rw", Line(0)),
    ("Open3.pipeline_w", Line(0)),
    ("Open3.pipeline_start", Line(0)),
    ("POSIX.Spawn.spawn", Line(0)),
    ("ChildProcess.build", Program(0)),
    ("Terrapin.CommandLine.new", Program(0)),
    ("Cocaine.CommandLine.new", Program(0)),
    ("File.open", Opens { path: 0, mode: 1 }),
    ("File.new", Opens { path: 0, mode: 1 }),
    ("File.write", File(0, Writes)),
    ("File.binwrite", File(0, Writes)),
    ("IO.write", File(0, Writes)),
    ("IO.binwrite", File(0, Writes)),
    ("File.rename", File(1, Writes)),
    ("Dir.mkdir", File(0, Writes)),
    ("FileUtils.mkdir", File(0, Writes)),
    ("FileUtils.mkdir_p", File(0, Writes)),
    ("FileUtils.makedirs", File(0, Writes)),
    ("FileUtils.touch", File(0, Writes)),
    ("FileUtils.cp", File(1, Writes)),
    ("FileUtils.mv", File(1, Writes)),
    ("CSV.open", Opens { path: 0, mode: 1 }),
    ("SQLite3.Database.new", File(0, Writes)),
    ("Sequel.sqlite", File(0, Writes)),
    ("MiniMagick.Image.*", Needs("convert")),
    ("MiniMagick.Tool.*", Needs("convert")),
];

const VALUES: &[(&str, Gives)] = &[
    ("__dir__", Gives::Code { up: 1 }),
    ("File.join", Gives::Joined { absolute_restarts: false }),
    ("Dir.pwd", Gives::Here),
];

/// Groups of a Gemfile that no image of an application has.
const FOR_DEVELOPMENT: [&str; 7] = ["development", "test", "ci", "lint", "doc", "tools", "quality"];

/// Reads what a file requires, and the gems of a Gemfile.
pub(super) fn bind(bindings: &mut Bindings<'_>) {
    // What is open, and whether it is for development alone.
    let mut blocks: Vec<bool> = Vec::new();
    for at in 0..bindings.source.tokens.len() {
        let t = &bindings.source.tokens;
        let Some(word) = t.word(at).filter(|_| !t.is_dot(previous(at))) else { continue };
        let first = t.is_first(at);
        match word {
            "do" => blocks.push(is_for_development(bindings, at)),
            "if" | "unless" | "case" | "begin" | "while" | "until" | "class" | "module" | "def" if first => {
                blocks.push(false);
            }
            "end" => {
                blocks.pop();
            }
            "require" | "require_relative" | "gem" if first => {
                let text = if t.kind(at + 1) == Some(Kind::Open) { at + 2 } else { at + 1 };
                if t.kind(text) != Some(Kind::Text) || word == "gem" && blocks.contains(&true) {
                    continue;
                }
                let name = t.string(text);
                if word == "require_relative" {
                    bindings.references.push(format!("./{name}"));
                } else if name.starts_with('.') {
                    bindings.references.push(name);
                } else if word == "gem" && !is_of_group(bindings, text) {
                    bindings.import(&name, text);
                } else if word == "require" {
                    let top = name.split('/').next().unwrap_or_default().to_owned();
                    bindings.import(&top, text);
                    bindings.references.push(name);
                }
            }
            _ => {}
        }
    }
}

/// `group :development, :test do`: whether all its groups are for development. `at` is the `do`.
fn is_for_development(bindings: &Bindings<'_>, at: usize) -> bool {
    /// Tokens of a line that are looked at.
    const MAX: usize = 32;
    let t = &bindings.source.tokens;
    let start = (at.saturating_sub(MAX)..at).rev().find(|at| t.is_first(*at));
    let Some(start) = start.filter(|start| t.is_word(*start, "group")) else { return false };
    let mut names = (start..at).filter(|at| t.kind(*at) == Some(Kind::Text)).map(|at| t.text(at)).peekable();
    names.peek().is_some() && names.all(|name| FOR_DEVELOPMENT.contains(&name))
}

/// `gem "rspec", group: :test`, and gems that are not loaded: `require: false`.
fn is_of_group(bindings: &Bindings<'_>, gem: usize) -> bool {
    const MAX: usize = 48;
    let t = &bindings.source.tokens;
    let line = (gem + 1..gem + MAX).take_while(|at| *at < t.len() && !t.is_first(*at));
    let mut in_group = false;
    let mut names = Vec::new();
    for at in line {
        match t.kind(at) {
            Some(Kind::Word) if t.is(at + 1, ":") || t.is(at + 1, "=>") => {
                in_group = matches!(t.text(at), "group" | "groups");
            }
            Some(Kind::Text) if t.is(at + 1, "=>") => in_group = matches!(t.text(at), "group" | "groups"),
            Some(Kind::Text) if in_group => names.push(t.text(at)),
            _ => {}
        }
    }
    !names.is_empty() && names.iter().all(|name| FOR_DEVELOPMENT.contains(name))
}
