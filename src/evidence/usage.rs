//! What the calls of a file do.

use std::collections::HashSet;
use std::ops::Range;

use super::Language;
use super::arguments::Arguments;
use super::bindings::Bindings;
use super::calls::{Call, Does, Touches};
use super::pieces::{Piece, whole_text};
use super::programs::{Started, of_arguments, of_shell};
use super::settings;
use super::syntax::{Site, Source};
use super::tokens::{Group, Kind, Tokens, previous};
use super::uses::Uses;
use super::values::values;

/// Tokens of the flags of a call.
const MAX_FLAGS: usize = 32;
/// Steps back from a method to the start of what it is called on.
const MAX_RECEIVER: usize = 16;
/// Names of parameters that take a path, a mode, a command.
const PATH: [&str; 7] = ["file", "path", "filename", "database", "dst", "directory", "name"];
const MODE: [&str; 1] = ["mode"];
const COMMAND: [&str; 3] = ["cmd", "command", "args"];

/// Reads the calls of a file.
pub(super) fn uses(bindings: &Bindings<'_>) -> Uses {
    let source = &bindings.source;
    let mut reader =
        Reader { bindings, source, t: &source.tokens, uses: Uses::default(), called: HashSet::new() };
    let mut at = 0;
    while at < reader.t.len() {
        at = reader.token(at).max(at + 1);
    }
    reader.found();
    reader.uncalled_aliases();
    reader.uses
}

/// A function that is called, or only mentioned.
struct Callee {
    tokens: Range<usize>,
    name: String,
}

struct Reader<'s, 'a> {
    bindings: &'s Bindings<'a>,
    source: &'s Source<'a>,
    t: &'s Tokens<'a>,
    uses: Uses,
    /// Variables that stand for something imported and are called.
    called: HashSet<&'a str>,
}

impl Reader<'_, '_> {
    /// Looks at what starts at `at`; gives the token to go on with.
    fn token(&mut self, at: usize) -> usize {
        let kind = self.t.kind(at);
        if self.bindings.declared[at] || !matches!(kind, Some(Kind::Text | Kind::Word)) {
            return at + 1;
        }
        settings::read(self.source, at, &mut self.uses);
        if kind == Some(Kind::Text) {
            return at + 1;
        }
        if let Some(site) = self.source.resolve(at) {
            return self.site(at, site);
        }
        if self.t.is_dot(previous(at)) {
            self.method(at);
        }
        at + 1
    }

    /// The name of a method at `at`, of an object whose type is not known.
    fn method(&mut self, at: usize) {
        if self.t.opens(at + 1, Group::Round) {
            let word = self.t.text(at);
            for call in self.source.dialect.methods.iter().filter(|(name, _)| *name == word) {
                self.effect(*call, &(at..at + 1), at + 1);
            }
        }
    }

    /// A known name at `at`.
    fn site(&mut self, at: usize, site: Site) -> usize {
        let callee = Callee { tokens: at..site.end, name: site.name };
        if self.defines(&callee) {
            return callee.tokens.end;
        }
        let effects: Vec<Call> = self.source.dialect.effects(&callee.name).collect();
        for call in &effects {
            match self.start_of_arguments(&callee, call.1) {
                Some(open) => {
                    self.called.insert(self.t.text(at));
                    self.effect(*call, &callee.tokens, open);
                }
                None if call.1.starts() => self.mention(&callee, *call),
                None => {}
            }
        }
        if effects.is_empty() && callee.name == "child_process" {
            self.mention(&callee, ("child_process", Does::Program(0)));
        } else if effects.is_empty() && callee.tokens.len() > 1 {
            // `app.listen(80)` where `app` was imported: a method like any other.
            self.method(callee.tokens.end - 1);
        }
        callee.tokens.end
    }

    /// Whether the name is that of a function or method that is written here: `exec(command) {`.
    fn defines(&self, callee: &Callee) -> bool {
        let before = previous(callee.tokens.start);
        let keyword = matches!(
            self.t.word(before),
            Some(
                "def"
                    | "class"
                    | "func"
                    | "function"
                    | "async"
                    | "static"
                    | "public"
                    | "private"
                    | "protected"
            )
        );
        let keyword = keyword || self.is_declared(before);
        let open = callee.tokens.end;
        if keyword || self.source.dialect.language != Language::Node || !self.t.opens(open, Group::Round) {
            return keyword;
        }
        let behind = self.t.behind(open);
        let starts = self.t.is_first(callee.tokens.start)
            || self.t.group(before) == Some(Group::Curly)
            || self.t.is(before, ";");
        let typed = self.t.is(behind, ":") && starts && !self.t.is(before, "?");
        (self.t.opens(behind, Group::Curly) && !self.t.is_first(behind)) || typed
    }

    /// Whether what stands before a name says that the name is declared here: `fn`, or a type of C.
    fn is_declared(&self, before: usize) -> bool {
        match self.source.dialect.language {
            Language::Rust => self.t.is_word(before, "fn"),
            Language::C => match self.t.word(before) {
                Some(word) => !matches!(word, "return" | "else" | "do" | "case" | "co_await" | "co_return"),
                None => {
                    self.t.is(before, "->")
                        || (self.t.is(before, "*") && self.t.word(previous(before)).is_some())
                }
            },
            _ => false,
        }
    }

    /// Where the arguments of a call start: parentheses, and what stands in their place.
    fn start_of_arguments(&self, callee: &Callee, does: Does) -> Option<usize> {
        let end = callee.tokens.end;
        let takes = |group| self.t.opens(end, group).then_some(end);
        let is_value = matches!(does, Does::ProgramOption(_) | Does::FileOption(..) | Does::ListensOption(_));
        match (self.source.dialect.language, does) {
            (_, Does::Index) => takes(Group::Square),
            (_, Does::Namesake) => takes(Group::Round).or_else(|| takes(Group::Square)),
            (Language::Go, _) => takes(Group::Round).or_else(|| takes(Group::Curly).filter(|_| is_value)),
            _ => {
                // A template behind the function, or behind its options: $({ cwd })`ls`.
                let behind = takes(Group::Round).map(|open| self.t.behind(open));
                let tagged = behind.filter(|behind| self.t.opens(*behind, Group::Quoted));
                tagged.or_else(|| takes(Group::Round)).or_else(|| takes(Group::Quoted))
            }
        }
    }

    /// A function that starts programs and is handed on: who calls it cannot be told.
    fn mention(&mut self, callee: &Callee, call: Call) {
        let before = previous(callee.tokens.start);
        let end = callee.tokens.end;
        let handed_on = match (self.source.dialect.language, call.1) {
            (_, Does::Namesake | Does::Index | Does::ProgramOption(_)) => false,
            (Language::Node, _) => {
                let is_key =
                    self.t.is(end, ":") && !self.t.is(before, "?") && !self.t.is_word(before, "case");
                !is_key && !self.t.is_word(before, "typeof") && !self.t.is(end, "=")
            }
            (Language::Python, _) => self.is_passed(callee.tokens.start),
            (Language::Go | Language::Dotnet, _) => true,
            // A type is named wherever a variable of it is.
            (Language::Java | Language::Rust | Language::C | Language::Ruby | Language::Php, _) => false,
        };
        if handed_on {
            self.called.insert(self.t.text(callee.tokens.start));
            self.unknown(call, &callee.tokens);
        }
    }

    /// Whether the Python name at `at` is an argument or is assigned; in annotations it is neither.
    fn is_passed(&self, at: usize) -> bool {
        let before = previous(at);
        let caller = self.t.parent(at).filter(|open| self.t.opens(*open, Group::Round)).map(previous);
        let only_compares =
            matches!(caller.and_then(|c| self.t.word(c)), Some("isinstance" | "issubclass" | "cast"));
        let is_argument = self.t.opens(before, Group::Round) || (self.t.is(before, ",") && caller.is_some());
        (is_argument || self.t.is(before, "=")) && !only_compares
    }

    /// Calls that the language found by more than their names.
    fn found(&mut self) {
        for found in &self.bindings.found {
            match found.open {
                Some(open) => self.effect(found.call, &found.callee, open),
                None => self.unknown(found.call, &found.callee),
            }
        }
    }

    /// Variables for functions that start programs, set and never called here.
    fn uncalled_aliases(&mut self) {
        for (name, tokens) in &self.bindings.aliased {
            let Some(full) = self.source.names.get(name).filter(|_| !self.called.contains(name)) else {
                continue;
            };
            if let Some(call) = self.source.dialect.effects(full).find(|(_, does)| does.starts()) {
                self.unknown(call, tokens);
            }
        }
    }

    fn unknown(&mut self, (name, does): Call, tokens: &Range<usize>) {
        let started = Started { program: None, shell: matches!(does, Does::Shell(_)) };
        self.uses.spawns(vec![started], name, self.t.span(tokens.clone()));
    }

    /// The effect of a call whose arguments start at `open`.
    fn effect(&mut self, (name, does): Call, callee: &Range<usize>, open: usize) {
        let (source, t) = (self.source, self.t);
        let call = Arguments::new(source, open);
        let end = call.all.first().map_or(open, |first| first.end.min(first.start + 8));
        let span = t.span(callee.start..end.max(callee.end));
        let uses = &mut self.uses;
        match does {
            Does::Shell(n) => {
                uses.spawns(of_shell(source, call.at(n, &COMMAND).unwrap_or(0..0)), name, span);
            }
            Does::CommandLine(n) => {
                let started = of_shell(source, call.at(n, &COMMAND).unwrap_or(0..0)).into_iter();
                uses.spawns(started.map(|one| Started { shell: false, ..one }).collect(), name, span);
            }
            Does::Program(n) => {
                let shell = call.has("shell");
                for list in call.argument_lists(n) {
                    let started = match list.first() {
                        Some(text) if shell => of_shell(source, text.clone()),
                        _ => of_arguments(source, &list),
                    };
                    uses.spawns(started, name, span);
                }
            }
            Does::Line(n) => uses.spawns(of_line(source, &call, n), name, span),
            Does::ListOrShell(n) => {
                let argument = call.at(n, &[]).unwrap_or(0..0);
                let started = if t.opens(argument.start, Group::Square) {
                    call.argument_lists(n).iter().flat_map(|list| of_arguments(source, list)).collect()
                } else {
                    of_shell(source, argument)
                };
                uses.spawns(started, name, span);
            }
            Does::ProgramOption(option) => {
                let list: Vec<_> = call.option(option).into_iter().collect();
                uses.spawns(of_arguments(source, &list), name, span);
            }
            Does::Namesake => {
                let program = t.text(callee.end - 1);
                if !program.starts_with(char::is_uppercase) {
                    let program = Some(program.to_owned());
                    uses.spawns(vec![Started { program, shell: false }], name, span);
                }
            }
            Does::Index => uses.spawns(of_arguments(source, &call.all), name, span),
            Does::ReceiverStarts => {
                let list: Vec<_> = self.receiver(callee.start).into_iter().collect();
                self.uses.spawns(of_arguments(source, &list), name, span);
            }
            Does::Needs(program) => {
                let program = Some(program.to_owned());
                uses.spawns(vec![Started { program, shell: false }], name, span);
            }
            Does::File(n, touches) => {
                if let Some(path) = call.at(n, &PATH) {
                    uses.file(source, path, touches, name, span);
                }
            }
            Does::Files(touches) => {
                for path in call.all {
                    uses.file(source, path, touches, name, span);
                }
            }
            Does::FileOption(option, touches) => {
                if let Some(path) = call.option(option) {
                    uses.file(source, path, touches, name, span);
                }
            }
            Does::Receiver(touches) => {
                if let Some(path) = self.receiver(callee.start) {
                    self.uses.file(source, path, touches, name, span);
                }
            }
            Does::Opens { path, mode } => {
                if let Some(path) = call.at(path, &PATH) {
                    let touches = opened(source, call.at(mode, &MODE));
                    uses.file(source, path, touches, name, span);
                }
            }
            Does::ReceiverOpens { mode } => {
                let touches = opened(source, call.at(mode, &MODE));
                for path in self.receiver(callee.start).map_or_else(Vec::new, |path| values(source, path)) {
                    if path.first() != Some(&Piece::Hole) {
                        self.uses.path(source, &path, touches, name, span);
                    }
                }
            }
            Does::Listens(n) => {
                let address = call.at(n, &[]).map(|address| call.last_of_tuple(address));
                uses.listens(source, address, span);
            }
            Does::ListensOption(option) => uses.listens(source, call.option(option), span),
        }
    }

    /// The tokens of the value that the method at `at` is called on.
    fn receiver(&self, at: usize) -> Option<Range<usize>> {
        let end = at.checked_sub(1)?;
        let mut start = end;
        for _ in 0..MAX_RECEIVER {
            start = start.checked_sub(1)?;
            if self.t.kind(start) == Some(Kind::Close) {
                start = self.t.mate(start);
                let before = previous(start);
                if self.t.opens(start, Group::Round) && self.t.kind(before) == Some(Kind::Word) {
                    start = before;
                }
            }
            if !self.t.is_dot(previous(start)) {
                return Some(start..end);
            }
            start -= 1;
        }
        None
    }
}

/// What Ruby starts for the arguments behind the first `n`: variables may stand in front, options behind.
fn of_line(source: &Source<'_>, call: &Arguments<'_, '_>, n: usize) -> Vec<Started> {
    /// What makes Ruby ask a shell, as its `exec` has it.
    const OF_SHELLS: &str = "*?{}[]<>()~&|\\$;'`\"\n#=%";
    let t = &source.tokens;
    let variables = call.all.get(n).is_some_and(|first| t.opens(first.start, Group::Curly));
    let n = n + usize::from(variables);
    let is_option = |word: &&Range<usize>| t.is(word.start + 1, ":") || t.is(word.start + 1, "=>");
    let words: Vec<_> = call.all.iter().skip(n).filter(|word| !is_option(word)).collect();
    match words.as_slice() {
        [only] if !t.opens(only.start, Group::Square) && !t.is(only.start, "*") => {
            let line = (*only).clone();
            let texts = values(source, line.clone());
            let plain = texts
                .iter()
                .all(|text| whole_text(text).is_some_and(|text| !text.contains(|c| OF_SHELLS.contains(c))));
            let started = of_shell(source, line).into_iter();
            started.map(|one| Started { shell: one.shell && !plain, ..one }).collect()
        }
        _ => call.argument_lists(n).iter().flat_map(|list| of_arguments(source, list)).collect(),
    }
}

/// What is done to a file that is opened with a mode (`"w"`, `os.O_CREATE`).
fn opened(source: &Source<'_>, mode: Option<Range<usize>>) -> Touches {
    let Some(mode) = mode else { return Touches::Reads };
    let flags = ["O_CREATE", "O_CREAT", "O_WRONLY", "O_RDWR", "O_APPEND", "O_TRUNC"];
    let has_flags = match source.dialect.language {
        Language::Go => true,
        Language::C => mode.clone().any(|at| source.tokens.word(at).is_some_and(|w| w.starts_with("O_"))),
        _ => false,
    };
    let writes = if has_flags {
        mode.take(MAX_FLAGS).any(|at| source.tokens.word(at).is_some_and(|word| flags.contains(&word)))
    } else {
        values(source, mode).iter().filter_map(whole_text).any(|mode| mode.contains(['w', 'a', 'x', '+']))
    };
    if writes { Touches::Writes } else { Touches::Reads }
}
