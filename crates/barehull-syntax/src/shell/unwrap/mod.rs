//! Commands that run other commands: `sudo`, `env`, `xargs`, `sh -c`, `find -exec`.

mod options;
mod shells;
mod specs;

use super::{CommandRef, Dialect, Script, Word, dialect::dialect_of_program};
use options::{Options, read_options};
use specs::{Operand, Spec, spec_of};

/// A command with its wrappers taken off.
#[derive(Clone, Debug)]
pub struct Unwrapped<'s> {
    /// The wrappers, the outermost first; none for a command that wraps nothing.
    pub wrappers: Vec<Wrapper<'s>>,
    /// What the innermost wrapper runs.
    pub inner: Inner<'s>,
}

/// What wrappers run in the end.
#[derive(Clone, Debug)]
pub enum Inner<'s> {
    /// A command of the same script.
    Command(CommandRef<'s>),
    /// Text that a shell reads (`sh -c`, `su -c`, `eval`); its places map to the file.
    Script {
        /// The commands of the text.
        script: Box<Script>,
        /// No shell expands the text before it is read. Else variables in it stand as they are written, and
        /// their values may hold more than words.
        is_literal: bool,
    },
    /// Several commands: `find -exec a {} \; -exec b {} +`.
    Several(Vec<Unwrapped<'s>>),
    /// Nothing: `sudo -v`, `env`, `exec >log`, `command -v x`.
    Nothing,
    /// A command that cannot be told.
    Unknown,
}

/// Which wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrapperKind {
    /// `sudo`, `doas`: another user, root unless one is named.
    Sudo,
    /// `su`, `runuser`, `gosu`, `su-exec`, `setpriv`, `s6-setuidgid`, `setuidgid`: another user.
    SwitchUser,
    /// `env`: variables are set.
    Env,
    /// `exec`: takes the place of the shell.
    Exec,
    /// `command`, `builtin`: no function.
    Builtin,
    /// `nohup`, `nice`, `ionice`, `time`, `timeout`, `stdbuf`, `setsid`, `unbuffer`, `eatmydata`, `fakeroot`,
    /// `numactl`, `xvfb-run`, ...: the same command, run in another manner.
    Manner,
    /// `tini`, `docker-init`, `dumb-init`, `catatonit`: process 1 for the command.
    Init,
    /// `xargs`: more arguments come from standard input.
    Xargs,
    /// `find -exec` and its like: file names take the place of `{}`.
    Find,
    /// `chroot`: another root folder.
    Chroot,
    /// `busybox applet`.
    Busybox,
    /// `sh -c`, `bash -lc`.
    Shell,
    /// `eval`.
    Eval,
}

/// A wrapper around a command.
#[derive(Clone, Debug)]
pub struct Wrapper<'s> {
    /// Which.
    pub kind: WrapperKind,
    /// The wrapper with all it runs.
    pub command: CommandRef<'s>,
    /// The user the command runs as, where one is named; `user:group` as written.
    pub user: Option<Word<'s>>,
    /// The folder that is the command's root.
    pub root: Option<Word<'s>>,
    /// The folder the command starts in.
    pub directory: Option<Word<'s>>,
    /// Variables that are set for the command, as words `NAME=value`: see [`Word::split_assignment`].
    pub assignments: Vec<Word<'s>>,
    /// The command gets more arguments than are written.
    pub appends_arguments: bool,
    /// `-i` of `env`: the command gets no variables but [`Wrapper::assignments`].
    pub clears_environment: bool,
    /// Shells: the language of the text they read.
    pub dialect: Option<Dialect>,
}

impl<'s> Wrapper<'s> {
    fn new(kind: WrapperKind, command: CommandRef<'s>) -> Self {
        Self {
            kind,
            command,
            user: None,
            root: None,
            directory: None,
            assignments: Vec::new(),
            appends_arguments: false,
            clears_environment: false,
            dialect: None,
        }
    }
}

/// One layer: a wrapper, and what it runs.
struct Layer<'s> {
    wrapper: Wrapper<'s>,
    inner: Inner<'s>,
}

impl<'s> CommandRef<'s> {
    /// Takes the wrappers off, layer by layer. The text of `sh -c` is read, but wrappers around its commands
    /// stay: each of its commands can be unwrapped in turn.
    pub fn unwrap(self) -> Unwrapped<'s> {
        /// More wrappers than that around one command have no honest use.
        const MAX_WRAPPERS: usize = 32;
        let mut wrappers = Vec::new();
        let mut command = self;
        while let Some(layer) = layer_of(command) {
            wrappers.push(layer.wrapper);
            match layer.inner {
                Inner::Command(inner) if wrappers.len() < MAX_WRAPPERS => command = inner,
                Inner::Command(_) => return Unwrapped { wrappers, inner: Inner::Unknown },
                inner => return Unwrapped { wrappers, inner },
            }
        }
        Unwrapped { wrappers, inner: Inner::Command(command) }
    }

    /// The command from its word `index` on.
    fn starting_at(self, index: usize) -> Inner<'s> {
        match self.word_tokens().nth(index) {
            Some(first) => Inner::Command(CommandRef { tokens: (first, self.tokens.1), ..self }),
            None => Inner::Nothing,
        }
    }
}

fn layer_of(command: CommandRef<'_>) -> Option<Layer<'_>> {
    let name = command.base_name()?;
    if let Some(layer) = shells::layer_of(command, &name) {
        return Some(layer);
    }
    if name == "find" {
        return find(command);
    }
    let spec = spec_of(&name)?;
    let words: Vec<Word<'_>> = command.words().collect();
    let options = read_options(spec, &words);
    let mut wrapper = Wrapper::new(spec.kind, command);
    wrapper.user = options.value_of(spec.user_options);
    wrapper.directory = options.value_of(spec.directory_options);
    wrapper.root = options.value_of(spec.root_options);
    wrapper.clears_environment =
        spec.kind == WrapperKind::Env && options.has_any(&["-i", "--ignore-environment", "-"]);
    wrapper.appends_arguments = spec.kind == WrapperKind::Xargs;
    let inner = inner_of(spec, &words, &options, &mut wrapper)?;
    Some(Layer { wrapper, inner })
}

/// What the wrapper runs; `None` if the command does not wrap one after all.
fn inner_of<'s>(
    spec: &Spec,
    words: &[Word<'s>],
    options: &Options<'s>,
    wrapper: &mut Wrapper<'s>,
) -> Option<Inner<'s>> {
    let command = wrapper.command;
    if options.has_any(spec.queries) {
        return Some(Inner::Nothing);
    }
    if let Some(text) = options.value_of(spec.text_options) {
        // `env -S "a b" c` puts words behind the text.
        let is_whole = spec.permutes || words.len() <= options.end;
        let shell =
            options.value_of(&["-s", "--shell"]).and_then(|shell| dialect_of_program(&shell.literal()?));
        let dialect = shell.unwrap_or(Dialect::Posix);
        return Some(if is_whole { shells::script_of(command, text, dialect) } else { Inner::Unknown });
    }
    let is_given = options.has_any(spec.operands_given_by);
    if spec.permutes && !is_given {
        // `su user`: a shell that reads standard input.
        return Some(Inner::Unknown);
    }
    let mut next = options.end;
    for operand in spec.operands.iter().filter(|_| !is_given) {
        match operand {
            Operand::User => wrapper.user = words.get(next).copied(),
            Operand::Root => wrapper.root = words.get(next).copied(),
            Operand::Other => {}
        }
        next += 1;
    }
    while let Some(word) =
        words.get(next).filter(|word| spec.takes_assignments && word.split_assignment().is_some())
    {
        wrapper.assignments.push(*word);
        next += 1;
    }
    if spec.kind == WrapperKind::Busybox && (options.end > 1 || words.len() == 1) {
        return None;
    }
    Some(command.starting_at(next))
}

/// `find ... -exec command ;`, all of them.
fn find(command: CommandRef<'_>) -> Option<Layer<'_>> {
    let words: Vec<Word<'_>> = command.words().collect();
    let tokens: Vec<u32> = command.word_tokens().collect();
    let mut found = Vec::new();
    let mut at = 1;
    while at < words.len() {
        let is_action = ["-exec", "-execdir", "-ok", "-okdir"].iter().any(|action| words[at].is(action));
        at += 1;
        if !is_action {
            continue;
        }
        let start = at;
        while at < words.len() && !words[at].is(";") && !(words[at].is("+") && words[at - 1].is("{}")) {
            at += 1;
        }
        if at > start {
            let end = tokens.get(at).copied().unwrap_or(command.tokens.1);
            found.push(CommandRef { tokens: (tokens[start], end), ..command });
        }
    }
    let mut wrapper = Wrapper::new(WrapperKind::Find, command);
    wrapper.appends_arguments = true;
    let inner = match found.as_slice() {
        [] => return None,
        [one] => Inner::Command(*one),
        several => Inner::Several(several.iter().map(|command| command.unwrap()).collect()),
    };
    Some(Layer { wrapper, inner })
}
