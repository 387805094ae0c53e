//! C#, F# and Visual Basic: programs that are started, files that are written, what is imported. These languages
//! name types, not functions, so that what follows a type's name is read, without following variables.

use std::ops::Range;

use super::lexer::Flavour;
use super::programs::{Started, is_foreign, is_shell};
use super::tokens::{Group, Kind, Tokens, previous};
use super::uses::Uses;

/// Types whose use shows that cultures or time zones matter; they count as imported.
const TYPES: [&str; 4] = ["TimeZoneInfo", "CultureInfo", "RegionInfo", "SqlConnection"];
/// Members of `File` whose first argument is written.
const WRITES: [&str; 14] = [
    "AppendAllLines",
    "AppendAllLinesAsync",
    "AppendAllText",
    "AppendAllTextAsync",
    "AppendText",
    "Create",
    "CreateText",
    "OpenWrite",
    "WriteAllBytes",
    "WriteAllBytesAsync",
    "WriteAllLines",
    "WriteAllLinesAsync",
    "WriteAllText",
    "WriteAllTextAsync",
];

/// The language of a file, by its name.
pub(super) fn flavour(name: &str) -> Flavour {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("fs" | "fsx") => Flavour::FSharp,
        Some("vb") => Flavour::VisualBasic,
        _ => Flavour::CSharp,
    }
}

/// What a file shows: what it uses, and what it imports with the token that says so.
pub(super) fn read(t: &Tokens<'_>) -> (Uses, Vec<(String, usize)>) {
    let described = (0..t.len()).any(|at| matches!(t.word(at), Some("ProcessStartInfo" | "StartInfo")));
    let mut reader = Reader { t, described, uses: Uses::default(), imports: Vec::new() };
    for at in 0..t.len() {
        match t.kind(at) {
            Some(Kind::Word) => reader.word(at),
            Some(Kind::Text) => reader.connection(at),
            _ => {}
        }
    }
    (reader.uses, reader.imports)
}

struct Reader<'t, 'a> {
    t: &'t Tokens<'a>,
    /// Whether the file describes processes by their start information.
    described: bool,
    uses: Uses,
    imports: Vec<(String, usize)>,
}

impl Reader<'_, '_> {
    fn word(&mut self, at: usize) {
        let t = self.t;
        let word = t.text(at);
        match word {
            "using" | "open" | "Imports" if t.is_first(at) || t.is_word(previous(at), "global") => {
                self.import(at);
            }
            "Process" if t.is_dot(at + 1) && t.is_word(at + 2, "Start") && t.opens(at + 3, Group::Round) => {
                self.start(at, at + 3);
            }
            "Cli" if t.is_dot(at + 1) && t.is_word(at + 2, "Wrap") && t.opens(at + 3, Group::Round) => {
                let first = t.first_items(at + 3, 1).into_iter().next();
                self.program(first, "CliWrap", at..at + 4);
            }
            "ProcessStartInfo" => self.description(at),
            "FileName" if self.described && (t.is(at + 1, "=") || t.is(at + 1, "<-")) => {
                let value = at + 2..self.value_end(at + 2);
                self.program(Some(value), "ProcessStartInfo.FileName", at..at + 1);
            }
            "File" | "Directory" if t.is_dot(at + 1) && t.opens(at + 3, Group::Round) => {
                let member = t.text(at + 2);
                if WRITES.contains(&member) || (word == "Directory" && member == "CreateDirectory") {
                    self.write(
                        at + 3,
                        if word == "File" { "File.Write" } else { "Directory.CreateDirectory" },
                        at,
                    );
                }
            }
            "StreamWriter" if t.opens(at + 1, Group::Round) => self.write(at + 1, "StreamWriter", at),
            _ if TYPES.contains(&word) => self.imports.push((word.to_owned(), at)),
            _ => {}
        }
    }

    /// `using A.B;`, `open A.B`, `Imports A.B`.
    fn import(&mut self, at: usize) {
        let t = self.t;
        let mut next = at + 1;
        if t.is_word(next, "static") {
            next += 1;
        }
        let first = next;
        let mut name = String::new();
        while let Some(part) = t.word(next) {
            name.push_str(part);
            next += 1;
            if !t.is_dot(next) {
                break;
            }
            name.push('.');
            next += 1;
        }
        // `using var x = ...` frees what it declares.
        if !name.is_empty() && name != "var" {
            self.imports.push((name, first));
        }
    }

    /// `Process.Start(...)`: what is described elsewhere is read there.
    fn start(&mut self, at: usize, open: usize) {
        let t = self.t;
        let Some(first) = t.first_items(open, 1).into_iter().next() else { return };
        let plain = first.len() == 1 && t.kind(first.start) == Some(Kind::Word);
        let described = t.is_word(first.start, "new") || t.is_word(first.start, "New");
        if (plain && self.described) || described || t.is_word(first.start, "ProcessStartInfo") {
            return;
        }
        self.program(Some(first), "Process.Start", at..open + 1);
    }

    /// `new ProcessStartInfo("git", ...)`, `ProcessStartInfo info = new("git")`.
    fn description(&mut self, at: usize) {
        let t = self.t;
        let open = if t.opens(at + 1, Group::Round) {
            at + 1
        } else if t.word(at + 1).is_some() && t.is(at + 2, "=") && t.is_word(at + 3, "new") {
            at + 4
        } else {
            return;
        };
        if !t.opens(open, Group::Round) {
            return;
        }
        let Some(first) = t.first_items(open, 1).into_iter().next() else { return };
        // F# and Visual Basic set properties there; `FileName` is read by itself.
        if t.is(first.start + 1, "=") {
            return;
        }
        // The parameter of a method (`Run(ProcessStartInfo info)`) has a word before it, not a bracket behind.
        self.program(Some(first), "ProcessStartInfo", at..open + 1);
    }

    /// Notes the program that a value names.
    fn program(&mut self, value: Option<Range<usize>>, how: &'static str, at: Range<usize>) {
        let span = self.t.span(at);
        let Some(program) = value.and_then(|v| self.text(&v)) else {
            return self.uses.spawns(vec![Started { program: None, shell: false }], how, span);
        };
        let program = program.trim().to_owned();
        if program.is_empty() || is_foreign(&program) || program.contains('\\') {
            return;
        }
        let program = if program.contains("://") { "xdg-open".to_owned() } else { program };
        let shell = is_shell(&program);
        self.uses.spawns(vec![Started { program: Some(program), shell }], how, span);
    }

    /// Notes a path that is written.
    fn write(&mut self, open: usize, how: &'static str, at: usize) {
        let Some(first) = self.t.first_items(open, 1).into_iter().next() else { return };
        let span = self.t.span(at..open + 1);
        match self.text(&first) {
            Some(path) if !path.is_empty() => self.uses.writes.push((path, how, span)),
            _ => {
                self.uses.writes_elsewhere.get_or_insert(span);
            }
        }
    }

    /// `Data Source=app.db`: a database in a file.
    fn connection(&mut self, at: usize) {
        let text = self.t.string(at);
        if let Some(path) = database_file(&text) {
            self.uses.writes.push((path.to_owned(), "SQLite", self.t.span(at..at + 1)));
        }
    }

    /// The text that a value is, if it is nothing else and has no holes.
    fn text(&self, value: &Range<usize>) -> Option<String> {
        let t = self.t;
        let (mark, text) = match value.len() {
            1 => (false, value.start),
            2 if t.text(value.start).contains('$') => (true, value.start + 1),
            _ => return None,
        };
        let is_text = t.kind(text) == Some(Kind::Text);
        let found = is_text.then(|| t.string(text))?;
        (!mark || !found.contains('{')).then_some(found)
    }

    /// Where the value of an assignment ends.
    fn value_end(&self, start: usize) -> usize {
        let t = self.t;
        let mut at = start;
        for _ in 0..64 {
            let ends = match t.kind(at) {
                None | Some(Kind::Close | Kind::Newline) => true,
                Some(Kind::Mark) => t.is(at, ",") || t.is(at, ";"),
                Some(_) => at > start && t.is_first(at),
            };
            if ends {
                break;
            }
            at = t.behind(at);
        }
        at.min(t.len())
    }
}

/// The file of an SQLite connection string.
pub(crate) fn database_file(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let start = ["data source=", "datasource=", "filename="]
        .iter()
        .find_map(|key| Some(lower.find(key)? + key.len()))?;
    let value = text.get(start..)?;
    let path = value.split(';').next().unwrap_or(value).trim();
    let lower = path.to_ascii_lowercase();
    let is_file = [".db", ".db3", ".sqlite", ".sqlite3"].iter().any(|end| lower.ends_with(end));
    (is_file && !path.contains(['{', ','])).then_some(path)
}
