//! The process a container runs: ENTRYPOINT and CMD put together, wrappers and shells taken off where that
//! changes nothing.

use barehull_syntax::shell::{CommandRef, Dialect, Inner, NodeKind, PartKind, Script, WrapperKind};
use barehull_syntax::{FileId, Location, MappedText};

use crate::model::lower;
use crate::model::{ImageConfig, Launch};

/// The process that ENTRYPOINT and CMD start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Program and arguments, behind all wrappers.
    pub argv: Vec<String>,
    /// How many words of `argv` come from ENTRYPOINT; the others are CMD's and replaced by arguments that
    /// whoever starts the container gives.
    pub entrypoint_words: usize,
    /// Wrappers in front of it that only pass signals and reap children (`tini --`), as written.
    pub inits: Vec<Vec<String>>,
    /// Other wrappers, by name (`gosu`, `su-exec`, `nice`, `env`).
    pub wrappers: Vec<String>,
    /// Where the program's name stands.
    pub at: Location,
    /// Why only a shell can start it, if so: one clause.
    pub shell: Option<String>,
}

/// The process of a configuration; nothing if it starts nothing.
pub fn process_of(config: &ImageConfig, file: FileId) -> Option<Process> {
    let dialect = lower::dialect(config.shell.as_ref().map(|s| s.value.as_slice()));
    let entrypoint = config.entrypoint.as_ref().filter(|e| !e.value.is_empty());
    let cmd = config.cmd.as_ref().filter(|c| !c.value.is_empty());
    let place = |setting: &crate::model::Setting<Launch>| {
        setting.from.location().unwrap_or(Location::new(file, barehull_syntax::Span::default()))
    };
    match (entrypoint, cmd) {
        (Some(entry), cmd) => match &entry.value {
            // Whatever CMD says, a shell-form ENTRYPOINT does not see it.
            Launch::Shell(text) => Some(of_shell(text, dialect, place(entry), true)),
            Launch::Exec(items) => {
                let mut argv = texts(items);
                let entrypoint_words = argv.len();
                let mut shell = None;
                match cmd.map(|c| &c.value) {
                    Some(Launch::Exec(more)) => argv.extend(texts(more)),
                    Some(Launch::Shell(text)) => {
                        argv.extend(["/bin/sh".to_owned(), "-c".to_owned(), text.text().to_owned()]);
                        shell = Some(
                            "CMD is in shell form and the ENTRYPOINT gets it as `/bin/sh -c`".to_owned(),
                        );
                    }
                    None => {}
                }
                let mut process = of_exec(&argv, entrypoint_words, dialect, place(entry));
                process.shell = process.shell.or(shell);
                Some(process)
            }
        },
        (None, Some(cmd)) => Some(match &cmd.value {
            Launch::Shell(text) => of_shell(text, dialect, place(cmd), false),
            Launch::Exec(items) => of_exec(&texts(items), 0, dialect, place(cmd)),
        }),
        (None, None) => None,
    }
}

fn texts(items: &[MappedText]) -> Vec<String> {
    items.iter().map(|i| i.text().to_owned()).collect()
}

/// An exec form, its wrappers taken off.
fn of_exec(argv: &[String], entrypoint_words: usize, dialect: Dialect, at: Location) -> Process {
    let mapped: Vec<MappedText> = argv.iter().map(|a| MappedText::verbatim(a, 0)).collect();
    let script = Script::from_argv(&mapped);
    let plain = Process {
        argv: argv.to_vec(),
        entrypoint_words,
        inits: Vec::new(),
        wrappers: Vec::new(),
        at,
        shell: None,
    };
    let Some(command) = script.commands().next() else { return plain };
    let mut process = of_command(command, dialect, at).unwrap_or(plain);
    // What is taken off in front was ENTRYPOINT's first.
    let taken = argv.len().saturating_sub(process.argv.len());
    process.entrypoint_words = entrypoint_words.saturating_sub(taken).min(process.argv.len());
    process
}

/// A shell form: without a shell only if it is one plain command.
fn of_shell(text: &MappedText, dialect: Dialect, at: Location, entrypoint: bool) -> Process {
    let script = Script::parse(text, dialect);
    let mut process = of_script(&script, dialect, at);
    process.entrypoint_words = if entrypoint { process.argv.len() } else { 0 };
    process
}

fn of_script(script: &Script, dialect: Dialect, at: Location) -> Process {
    let mut statements = script.commands();
    let first = statements.next();
    let needs_shell = |reason: &str, argv: Vec<String>| Process {
        argv,
        entrypoint_words: 0,
        inits: Vec::new(),
        wrappers: Vec::new(),
        at,
        shell: Some(reason.to_owned()),
    };
    let Some(command) = first else { return needs_shell("its command could not be read", Vec::new()) };
    if script.has_unknown() {
        return needs_shell("its command could not be read", Vec::new());
    }
    let last = script.commands().last().unwrap_or(command);
    let described = last.words().map(|w| w.display().into_owned()).collect();
    if statements.next().is_some() {
        return needs_shell("it is more than one command", described);
    }
    let structured = script.nodes().any(|n| !matches!(n.kind(), NodeKind::Sequence | NodeKind::Command));
    if structured || command.redirects().next().is_some() || command.background() {
        return needs_shell("it uses redirections or other shell syntax", described);
    }
    if command.assignments().next().is_some() {
        return needs_shell("it sets variables for its command", described);
    }
    for word in command.words() {
        for part in word.parts() {
            match part.kind {
                PartKind::Literal(_) => {}
                PartKind::Variable(variable) => {
                    return needs_shell(&format!("it expands ${} at run time", variable.name), described);
                }
                _ => return needs_shell("it expands patterns or commands at run time", described),
            }
        }
    }
    of_command(command, dialect, at)
        .unwrap_or_else(|| needs_shell("its command could not be read", described))
}

/// The process behind a command's wrappers.
fn of_command(command: CommandRef<'_>, dialect: Dialect, at: Location) -> Option<Process> {
    let unwrapped = command.unwrap();
    let (mut inits, mut wrappers) = (Vec::new(), Vec::new());
    for (index, wrapper) in unwrapped.wrappers.iter().enumerate() {
        match wrapper.kind {
            WrapperKind::Init => {
                let next = unwrapped.wrappers.get(index + 1).map(|w| w.command);
                let inner = next.or(match &unwrapped.inner {
                    Inner::Command(inner) => Some(*inner),
                    _ => None,
                });
                let own = wrapper.command.words().count() - inner.map_or(0, |i| i.words().count());
                inits.push(wrapper.command.words().take(own).map(|w| w.display().into_owned()).collect());
            }
            WrapperKind::Exec | WrapperKind::Builtin | WrapperKind::Shell => {}
            _ => wrappers.push(wrapper.command.base_name().unwrap_or_default().into_owned()),
        }
    }
    let process = match &unwrapped.inner {
        Inner::Command(inner) => plain(*inner, at)?,
        Inner::Script { script, is_literal: true } => of_script(script, dialect, at),
        _ => return None,
    };
    inits.extend(process.inits);
    wrappers.extend(process.wrappers);
    Some(Process { inits, wrappers, ..process })
}

fn plain(command: CommandRef<'_>, at: Location) -> Option<Process> {
    let argv: Option<Vec<String>> = command.words().map(|w| w.literal().map(|t| t.into_owned())).collect();
    Some(Process {
        argv: argv?,
        entrypoint_words: 0,
        inits: Vec::new(),
        wrappers: Vec::new(),
        at,
        shell: None,
    })
}
