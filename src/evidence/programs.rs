//! The programs behind what is started: command lines, shell texts, argument lists.

use std::ops::Range;

use barehull_syntax::MappedText;
use barehull_syntax::shell::{Dialect, Script, Visited, is_builtin};

use super::pieces::{Piece, Value, path_text, whole_text};
use super::syntax::Source;
use super::values::values;

/// Bytes of a shell text that is read.
const MAX_SHELL_TEXT: usize = 16 * 1024;
/// Work that reading a byte of shell text costs.
const SHELL_WORK: usize = 32;
/// How the program that runs the code is called in a shell text that starts it.
const OWN: &str = "barehull-own-program";

/// A program that is started, as [`Spawn`](super::Spawn) has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Started {
    pub program: Option<String>,
    pub shell: bool,
}

/// The programs that the argument list `argv` starts: none for the program that runs already.
pub(super) fn of_arguments(source: &Source<'_>, argv: &[Range<usize>]) -> Vec<Started> {
    let Some(first) = argv.first() else { return vec![Started { program: None, shell: false }] };
    let mut started = Vec::new();
    for value in values(source, first.clone()) {
        match first_word(source, &value) {
            Some(word) if word == OWN => started.extend(of_own(source, &argv[1..])),
            Some(word) if is_foreign(&word) => {}
            Some(word) if is_shell(&word) => {
                started.push(Started { program: Some(word), shell: true });
                started.extend(behind_c(source, &argv[1..]));
            }
            program => started.push(Started { program, shell: false }),
        }
    }
    started
}

/// The programs that a text given to a shell starts.
pub(super) fn of_shell(source: &Source<'_>, text: Range<usize>) -> Vec<Started> {
    let mut started = Vec::new();
    for value in values(source, text) {
        if first_word(source, &value).is_some_and(|word| is_foreign(&word)) {
            continue;
        }
        let programs = of_shell_text(source, &value);
        if programs.is_empty() {
            started.push(Started { program: Some("sh".to_owned()), shell: true });
        }
        started.extend(programs);
    }
    started
}

/// What a value that is a whole command line, or only a program, starts.
fn first_word(source: &Source<'_>, value: &Value) -> Option<String> {
    match value.first()? {
        Piece::Own => Some(OWN.to_owned()),
        Piece::Here | Piece::Code { .. } => whole_path(source, value),
        Piece::Text(text) => {
            let text = text.trim_start();
            match text.find(char::is_whitespace) {
                Some(end) => Some(text[..end].to_owned()),
                None if text.is_empty() => None,
                None if text == "/proc/self/exe" => Some(OWN.to_owned()),
                None => whole_text(value).map(|text| text.trim().to_owned()),
            }
        }
        Piece::Hole => None,
    }
}

fn whole_path(source: &Source<'_>, value: &Value) -> Option<String> {
    (!value.contains(&Piece::Hole)).then(|| path_text(value, &source.path)).flatten()
}

/// The modules that stand for programs behind `python -m`; any other is the application's own.
fn of_own(source: &Source<'_>, arguments: &[Range<usize>]) -> Vec<Started> {
    let text =
        |n: usize| arguments.get(n).and_then(|r| values(source, r.clone()).first().and_then(whole_text));
    match (text(0).as_deref(), text(1)) {
        (Some("-m"), Some(module))
            if matches!(&*module, "pip" | "ensurepip" | "uv" | "poetry" | "pipenv") =>
        {
            vec![Started { program: Some(module), shell: false }]
        }
        _ => Vec::new(),
    }
}

fn behind_c(source: &Source<'_>, arguments: &[Range<usize>]) -> Vec<Started> {
    let is_c = |range: &Range<usize>| {
        let option = values(source, range.clone()).first().and_then(whole_text);
        option.is_some_and(|o| o.starts_with('-') && !o.starts_with("--") && o.ends_with('c'))
    };
    let Some(at) = arguments.iter().take(3).position(is_c) else { return Vec::new() };
    let text = arguments.get(at + 1).cloned();
    text.map_or_else(Vec::new, |text| {
        values(source, text).iter().flat_map(|text| of_shell_text(source, text)).collect()
    })
}

pub(super) fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
}

/// Programs that no Linux image has: the call is for another system.
pub(super) fn is_foreign(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    let windows = name.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "exe" | "cmd" | "bat" | "ps1"));
    windows
        || matches!(name, "powershell" | "cmd" | "wmic" | "tasklist" | "taskkill" | "sw_vers" | "osascript")
}

/// The programs of a shell text; none if the shell does all itself.
fn of_shell_text(source: &Source<'_>, value: &Value) -> Vec<Started> {
    let unknown = Started { program: None, shell: true };
    let mut text = String::new();
    for piece in value {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Hole => text.push_str("${HOLE}"),
            Piece::Here | Piece::Code { .. } => text.push('.'),
            Piece::Own => text.push_str(OWN),
        }
    }
    if text.len() > MAX_SHELL_TEXT || !source.spend(SHELL_WORK * text.len()) {
        return vec![unknown];
    }
    let script = Script::parse(&MappedText::verbatim(&text, 0), Dialect::Bash);
    let functions: Vec<&str> = script.functions().map(|(name, _)| name).collect();
    let mut started = Vec::new();
    let mut add = |program: Option<&str>| {
        let is_here =
            program.is_some_and(|p| p == OWN || is_builtin(p) || is_foreign(p) || functions.contains(&p));
        let one = Started { program: program.map(str::to_owned), shell: true };
        if !is_here && !started.contains(&one) {
            started.push(one);
        }
    };
    script.visit(&mut |visit| {
        for wrapper in visit.wrappers {
            add(wrapper.command.name().as_deref());
        }
        match visit.what {
            Visited::Command(command) if command.name_word().is_none() => {}
            Visited::Command(command) => add(command.name().as_deref()),
            Visited::Unknown(_) | Visited::UnknownInside(_) => add(None),
        }
    });
    started
}
