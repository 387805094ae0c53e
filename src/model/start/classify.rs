//! Finds the class of each command of a script: by what it is, and by what it stands in.

use std::collections::{HashMap, HashSet};

use barehull_syntax::shell::{
    CommandRef, Inner, NodeKind, NodeRef, PartKind, Redirect, RedirectKind, Role, Script, Unwrapped, Word,
    WrapperKind,
};
use barehull_syntax::{FileId, Location, Span};

use super::class::heaviest;
use super::loops::Loops;
use super::{Class, Step, WaitFor, programs, wait_for, within};
use crate::model::{Effect, EffectKind, Sink};

/// Texts inside texts (`sh -c "..."`, `trap "..."`) are followed this deep.
const MAX_DEPTH: usize = 8;

/// The class of each command, in source order. `ends`: what the script ends with is the container's process.
pub(in crate::model) fn steps(script: &Script, file: FileId, effects: &[Effect], ends: bool) -> Vec<Step> {
    let mut by_span: HashMap<Span, Vec<&EffectKind>> = HashMap::new();
    for effect in effects.iter().filter(|e| e.at.file == file) {
        by_span.entry(effect.at.span).or_default().push(&effect.kind);
    }
    let classifier =
        Classifier { effects: by_span, loops: Loops::of(script), calls: Calls::of(script), ends, depth: 0 };
    let commands: Vec<_> = script.commands().collect();
    let classes: Vec<Class> = commands.iter().map(|c| classifier.class(*c)).collect();
    let of_functions = classifier.calls.classes(&commands, &classes);
    let mut steps = Vec::with_capacity(commands.len());
    for (command, class) in commands.iter().zip(classes) {
        let mut step = classifier.step(*command, class, file);
        // A call is plumbing, what the function does has steps of its own; but a value depends on it.
        if let Some(class) =
            of_functions.get(step.name.as_str()).filter(|c| step.in_substitution && c.is_work())
        {
            step.class = *class;
        }
        let behind = behind_wait(*command).map(|c| classifier.step(c, classifier.inner_class(c), file));
        steps.push(step);
        steps.extend(behind);
    }
    steps
}

/// What `wait-for-it.sh HOST:PORT -- COMMAND` runs in the end.
pub(in crate::model) fn behind_wait(command: CommandRef<'_>) -> Option<CommandRef<'_>> {
    let Inner::Command(inner) = command.unwrap().inner else { return None };
    if !programs::is_wait_script(&name_of(inner)) {
        return None;
    }
    let at = inner.words().position(|w| w.is("--"))?;
    inner.from_word(at + 1)
}

/// The name of what a command runs, without its folder; what stands behind the last slash where only the folder is
/// not known. Empty where it cannot be told.
pub(super) fn name_of(command: CommandRef<'_>) -> String {
    if let Some(name) = command.base_name() {
        return name.into_owned();
    }
    let raw = command.name_word().map_or("", Word::raw).trim_matches('"');
    match raw.rsplit_once('/') {
        Some((_, name)) if !name.contains(['$', '`', '"', '\'', '}', ')', '*']) => name.to_owned(),
        _ => String::new(),
    }
}

/// The name for people: of what `sudo` and `timeout` run; `exec` says more than what it becomes.
fn shown_name(command: CommandRef<'_>) -> String {
    let unwrapped = command.unwrap();
    let replaces = unwrapped.wrappers.first().is_some_and(|w| w.kind == WrapperKind::Exec);
    match unwrapped.inner {
        Inner::Command(inner) if !replaces => name_of(inner),
        _ => name_of(command),
    }
}

/// The words behind the name, variables as they are written.
fn words_of(command: CommandRef<'_>) -> Vec<String> {
    command.arguments().map(|w| w.display().into_owned()).collect()
}

/// What a command waits for.
fn awaited(command: CommandRef<'_>) -> Option<WaitFor> {
    let text = &command.script().text().text()[command.range()];
    let inner = match command.unwrap().inner {
        Inner::Command(inner) => inner,
        _ => command,
    };
    wait_for::of(&name_of(inner), &words_of(inner), text)
}

/// `/dev/tcp/host/port`: bash itself asks.
pub(super) fn dials(command: CommandRef<'_>) -> bool {
    command.script().text().text()[command.range()].contains("/dev/tcp/")
}

struct Classifier<'s> {
    effects: HashMap<Span, Vec<&'s EffectKind>>,
    loops: Loops,
    calls: Calls<'s>,
    ends: bool,
    depth: usize,
}

impl Classifier<'_> {
    fn step(&self, command: CommandRef<'_>, class: Class, file: FileId) -> Step {
        let name = shown_name(command);
        let waits_for = (class == Class::Wait).then(|| awaited(command)).flatten();
        Step {
            class,
            at: Location::new(file, command.source().span()),
            name,
            always: self.calls.always(command),
            in_substitution: command.in_substitution(),
            within: within::of(command.node(), file),
            waits_for,
            reason: None,
            depth: 0,
        }
    }

    /// What a command is that another one runs.
    fn inner_class(&self, command: CommandRef<'_>) -> Class {
        self.unwrapped(command, &command.unwrap())
    }

    fn class(&self, command: CommandRef<'_>) -> Class {
        let own = self.own(command);
        if self.loops.waits(command.node()) {
            let is_message = matches!(name_of(command).as_str(), "echo" | "printf") && own == Class::Shell;
            return match own {
                _ if is_message => Class::Shell,
                Class::Shell | Class::Variable | Class::Folder | Class::Health => Class::Wait,
                Class::Unknown | Class::Job if self.loops.is_question(command.node()) => {
                    if programs::is_client(&name_of(command)) || own == Class::Unknown {
                        Class::Wait
                    } else {
                        own
                    }
                }
                Class::Unknown | Class::Job if programs::is_client(&name_of(command)) => Class::Wait,
                own => own,
            };
        }
        if own == Class::Shell && passes_text(command) {
            let others = pipeline_members(command).filter(|c| c.node().id() != command.node().id());
            let class = heaviest(others.map(|c| self.own(c)));
            if class.is_work() {
                return class;
            }
        }
        own
    }

    /// What a command is by itself.
    fn own(&self, command: CommandRef<'_>) -> Class {
        if reads_secret(command) {
            return Class::Secret;
        }
        if command.name_word().is_none() || command.node().kind() == NodeKind::Test {
            return of_nameless(command);
        }
        if command.background() {
            return Class::Process;
        }
        self.unwrapped(command, &command.unwrap())
    }

    fn unwrapped(&self, command: CommandRef<'_>, unwrapped: &Unwrapped<'_>) -> Class {
        match &unwrapped.inner {
            // `exec > log` changes where the application writes to.
            Inner::Nothing if writes_file(command) => Class::Unknown,
            Inner::Nothing => Class::Shell,
            Inner::Unknown if self.hands_over(command, unwrapped) => Class::Handover,
            Inner::Unknown => Class::Unknown,
            Inner::Several(several) => heaviest(several.iter().map(|each| self.unwrapped(command, each))),
            Inner::Script { script, is_literal } => {
                if !is_literal && is_open(unwrapped, script) {
                    return Class::Unknown;
                }
                self.inner_script(command, unwrapped, script)
            }
            Inner::Command(inner) => self.inner_command(command, unwrapped, *inner),
        }
    }

    /// `sh -c "..."`: nothing in it is less than it is; its last command may be the application.
    fn inner_script(&self, command: CommandRef<'_>, unwrapped: &Unwrapped<'_>, script: &Script) -> Class {
        if self.depth >= MAX_DEPTH || script.has_unknown() {
            return Class::Unknown;
        }
        let is_last = self.hands_over(command, unwrapped);
        let inner = Classifier {
            effects: HashMap::new(),
            loops: Loops::of(script),
            calls: Calls::of(script),
            ends: self.ends && is_last,
            depth: self.depth + 1,
        };
        heaviest(script.commands().map(|c| inner.class(c)))
    }

    /// What runs behind the wrappers of `command`.
    fn inner_command(
        &self,
        command: CommandRef<'_>,
        unwrapped: &Unwrapped<'_>,
        inner: CommandRef<'_>,
    ) -> Class {
        let name = name_of(inner);
        let words = words_of(inner);
        let is_exec = unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Exec);
        if !command.is_wrapped() && unwrapped.wrappers.is_empty() && self.calls.defines(&name) {
            return Class::Shell;
        }
        if programs::supervises(&name) {
            return Class::Process;
        }
        if programs::waits(&name, &words) {
            return Class::Wait;
        }
        if is_exec {
            return if self.hands_over(command, unwrapped) { Class::Handover } else { Class::Unknown };
        }
        if let Some(class) = self.of_builtin(inner, &name) {
            return class;
        }
        if programs::is_text_tool(&name, &words) {
            return if writes_file(command) { Class::Render } else { Class::Shell };
        }
        let hands_over = self.hands_over(command, unwrapped);
        if name == "sshd" && hands_over {
            return Class::Handover;
        }
        let asks = is_condition(command.node());
        self.of_fetch(command, &words, asks)
            .or_else(|| programs::of_program(&name, &words, asks))
            .or_else(|| self.of_effects(command))
            .unwrap_or_else(|| {
                if hands_over {
                    Class::Handover
                } else if programs::starts_something(&name, &words) {
                    Class::Process
                } else {
                    Class::Unknown
                }
            })
    }

    fn of(&self, command: CommandRef<'_>) -> &[&EffectKind] {
        self.effects.get(&command.source().span()).map_or(&[], Vec::as_slice)
    }

    /// Requests: what is kept of the answer is a download.
    fn of_fetch(&self, command: CommandRef<'_>, words: &[String], asks: bool) -> Option<Class> {
        let to = self.of(command).iter().find_map(|kind| match kind {
            EffectKind::Fetch { to, .. } => Some(to),
            _ => None,
        })?;
        let is_null = |path: &String| path.starts_with("/dev/");
        let is_kept = match to {
            Sink::File(path) => !is_null(path),
            Sink::Folder(_) => true,
            Sink::Unknown => true,
            Sink::Stream => command.in_substitution() || command.piped_to().is_some(),
        };
        Some(if is_kept { Class::Download } else { programs::request(words, asks) })
    }

    /// What programs are for that the model of builds knows.
    fn of_effects(&self, command: CommandRef<'_>) -> Option<Class> {
        let installs = self.of(command).iter().any(|kind| {
            matches!(
                kind,
                EffectKind::Install { .. }
                    | EffectKind::InstallFiles { .. }
                    | EffectKind::LanguageInstall { .. }
                    | EffectKind::RefreshLists(_)
                    | EffectKind::Upgrade(_)
                    | EffectKind::Unpack { .. }
            )
        });
        installs.then_some(Class::Download)
    }

    /// What words of the shell itself do; nothing for programs.
    fn of_builtin(&self, command: CommandRef<'_>, name: &str) -> Option<Class> {
        let has_value = || command.arguments().any(|w| w.raw().contains('='));
        Some(match name {
            "local" if !has_value() => Class::Shell,
            "export" | "declare" | "typeset" | "readonly" | "local" | "unset" => Class::Variable,
            "cd" | "pushd" | "popd" => Class::Folder,
            "echo" | "printf" if dials(command) => Class::Wait,
            "echo" | "printf" if writes_file(command) => Class::Render,
            ":" | "true" if writes_file(command) => Class::Permissions,
            ":" if has_value() => Class::Variable,
            "sleep" if command.arguments().any(|w| w.literal().is_some_and(|time| is_for_good(&time))) => {
                Class::Process
            }
            "sleep" if self.loops.goes_on(command.node()) => Class::Process,
            "sleep" => Class::Wait,
            "wait" | "jobs" | "disown" | "bg" | "fg" | "kill" => Class::Process,
            "trap" => self.trap(command),
            "set" | "shopt" | "echo" | "printf" | ":" | "true" | "false" | "[" | "test" | "exit"
            | "return" | "break" | "continue" | "type" | "hash" | "shift" | "getopts" | "read"
            | "mapfile" | "readarray" | "let" | "times" => Class::Shell,
            "umask" | "ulimit" if command.arguments().next().is_none() => Class::Shell,
            "." | "source" | "eval" | "umask" | "ulimit" | "alias" | "enable" | "exec" => Class::Unknown,
            _ => return None,
        })
    }

    /// `trap "..." SIGNAL`: what it does, later.
    fn trap(&self, command: CommandRef<'_>) -> Class {
        let handler = command.arguments().find(|w| !w.raw().starts_with('-') || w.raw() == "-");
        let Some(handler) = handler else { return Class::Shell };
        let Some(text) = handler.mapped_with_variables() else { return Class::Unknown };
        if text.text() == "-" || self.calls.defines(text.text().trim()) {
            return Class::Shell;
        }
        if self.depth >= MAX_DEPTH {
            return Class::Unknown;
        }
        let script = Script::parse(&text, command.script().dialect());
        if script.has_unknown() {
            return Class::Unknown;
        }
        let inner = Classifier {
            effects: HashMap::new(),
            loops: Loops::of(&script),
            calls: Calls::of(&script),
            ends: false,
            depth: self.depth + 1,
        };
        heaviest(
            script
                .commands()
                .map(|c| if self.calls.defines(&name_of(c)) { Class::Shell } else { inner.class(c) }),
        )
    }

    /// Whether the command takes the place of the script, or is what it ends with.
    fn hands_over(&self, command: CommandRef<'_>, unwrapped: &Unwrapped<'_>) -> bool {
        if matches!(unwrapped.inner, Inner::Nothing) || command.in_substitution() {
            return false;
        }
        if unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Exec) {
            return true;
        }
        if !self.ends {
            return false;
        }
        if command.name_word().is_some_and(is_arguments) {
            return true;
        }
        let in_tail = match command.enclosing_function() {
            None => command.last(),
            Some(function) => command.last() && self.calls.ends_script(function),
        };
        // An application that is not meant to end does not read a text to its end, nor speak into a pipe.
        let is_fed = command
            .redirects()
            .any(|r| matches!(r.kind, RedirectKind::Read | RedirectKind::Heredoc | RedirectKind::HereString));
        in_tail && !is_fed && command.piped_to().is_none() && command.piped_from().is_none()
    }
}

/// A text that variables fill in may be anything, not only what it seems: all of `eval`'s, and any whose program is
/// not known.
fn is_open(unwrapped: &Unwrapped<'_>, script: &Script) -> bool {
    let is_eval = unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Eval);
    is_eval || script.commands().any(|c| c.name_word().is_some_and(|w| w.literal().is_none()))
}

/// Whether nobody sleeps that long to wait for something: it keeps the container going.
fn is_for_good(time: &str) -> bool {
    const LONG: u32 = 3600;
    let (number, unit) = match time.as_bytes().last() {
        Some(b'd') => (&time[..time.len() - 1], 86_400),
        Some(b'h') => (&time[..time.len() - 1], 3600),
        Some(b'm') => (&time[..time.len() - 1], 60),
        Some(b's') => (&time[..time.len() - 1], 1),
        _ => (time, 1),
    };
    matches!(time, "infinity" | "inf")
        || number.parse::<u32>().is_ok_and(|number| number.saturating_mul(unit) >= LONG)
}

/// An assignment, a test, a redirection alone.
fn of_nameless(command: CommandRef<'_>) -> Class {
    if dials(command) {
        Class::Wait
    } else if command.assignments().next().is_some() {
        Class::Variable
    } else if command.node().kind() == NodeKind::Test {
        Class::Shell
    } else if writes_file(command) {
        Class::Permissions
    } else {
        Class::Shell
    }
}

/// Whether what a command gives out goes to a file.
fn writes_file(command: CommandRef<'_>) -> bool {
    command.redirects().any(|r| is_file(&r))
}

fn is_file(redirect: &Redirect<'_>) -> bool {
    use RedirectKind::{Append, AppendBoth, Write, WriteBoth};
    matches!(redirect.kind, Write | Append | WriteBoth | AppendBoth)
        && redirect.descriptor != Some(2)
        && !redirect.target.raw().contains("/dev/")
        && !redirect.target.raw().contains("/proc/")
}

/// A command whose exit status is all that counts.
fn is_condition(node: NodeRef<'_>) -> bool {
    let mut inner = node;
    for outer in node.ancestors() {
        match outer.kind() {
            NodeKind::Negated => return true,
            NodeKind::If | NodeKind::Loop(_) => return inner.role() == Role::Condition,
            NodeKind::AndOr if decides(outer, inner) => return true,
            NodeKind::AndOr
            | NodeKind::Pipeline
            | NodeKind::Sequence
            | NodeKind::Group
            | NodeKind::Subshell => {}
            _ => return false,
        }
        inner = outer;
    }
    false
}

/// Whether what stands behind `member` of a list depends on it; `|| :` only hides that it failed.
fn decides(list: NodeRef<'_>, member: NodeRef<'_>) -> bool {
    let mut behind = list.children().skip_while(|n| n.id() <= member.id());
    behind.any(|n| !matches!(n.text(), ":" | "true"))
}

/// A command that does nothing but pass a text on.
fn passes_text(command: CommandRef<'_>) -> bool {
    (command.piped_to().is_some() || command.piped_from().is_some())
        && !matches!(name_of(command).as_str(), ":" | "true" | "[" | "test")
}

/// The simple commands of the pipeline that a command is a member of.
fn pipeline_members(command: CommandRef<'_>) -> impl Iterator<Item = CommandRef<'_>> {
    let pipeline = command.node().parent().filter(|p| p.kind() == NodeKind::Pipeline);
    let range = pipeline.map_or(0..0, NodeRef::range);
    let inside = move |c: &CommandRef<'_>| {
        range.contains(&c.range().start) && c.in_substitution() == command.in_substitution()
    };
    command.script().commands().filter(inside)
}

/// `sed -i`, `perl -pi`: contents change, which no effect on the image tells.
pub(super) fn edits_in_place(command: CommandRef<'_>) -> bool {
    let is_editor = matches!(name_of(command).as_str(), "sed" | "perl" | "ruby" | "yq");
    is_editor && command.arguments().any(|w| programs::is_in_place(w.raw()))
}

fn reads_secret(command: CommandRef<'_>) -> bool {
    let name = name_of(command);
    let from_file = command.redirects().map(|r| r.target).chain(command.arguments());
    matches!(&*name, "cat" | "read" | "." | "source" | "")
        && from_file.into_iter().any(|word| word.raw().contains("/run/secrets/"))
}

/// Whether a word is `"$@"` or `$@`, and nothing else.
pub(super) fn is_arguments(word: Word<'_>) -> bool {
    match word.parts().as_slice() {
        [part] => matches!(&part.kind, PartKind::Variable(v) if v.is_plain() && matches!(v.name, "@" | "*")),
        _ => false,
    }
}

/// The functions of a script, and who calls them.
struct Calls<'s> {
    /// By name: the functions (or the script, empty) that call it for certain, and whether each call is the last
    /// thing they do.
    callers: HashMap<&'s str, Vec<Call<'s>>>,
    /// The script ends with a call that only its arguments name.
    ends_with_any: bool,
}

struct Call<'s> {
    from: Option<&'s str>,
    last: bool,
    conditional: bool,
}

impl<'s> Calls<'s> {
    fn of(script: &'s Script) -> Self {
        let mut callers: HashMap<&str, Vec<Call<'_>>> =
            script.functions().map(|(n, _)| (n, Vec::new())).collect();
        let mut ends_with_any = false;
        for command in script.commands() {
            let Some(name) = command.name() else {
                let is_dynamic = command.name_word().is_some() && command.last() && !command.in_function();
                ends_with_any |= is_dynamic;
                continue;
            };
            ends_with_any |= name == "eval" && command.last() && !command.in_function();
            if let Some(calls) = callers.get_mut(&*name) {
                calls.push(Call {
                    from: command.enclosing_function(),
                    last: command.last() && !command.background() && !command.in_substitution(),
                    conditional: command.conditional() || command.background(),
                });
            }
        }
        Self { callers, ends_with_any }
    }

    fn defines(&self, name: &str) -> bool {
        self.callers.contains_key(name)
    }

    /// Whether the script ends where the function does, whoever calls it.
    fn ends_script(&self, function: &str) -> bool {
        self.all_callers(function, &|call| call.last, self.ends_with_any)
    }

    /// Whether a command runs whenever the script does.
    fn always(&self, command: CommandRef<'_>) -> bool {
        match command.enclosing_function() {
            None => command.certain(),
            Some(function) => !command.conditional() && self.some_caller(function),
        }
    }

    /// Every call fulfils `test`, and so do the calls of the callers, up to the script. `if_none`: for functions that
    /// nobody calls by name.
    fn all_callers(&self, function: &str, test: &dyn Fn(&Call<'_>) -> bool, if_none: bool) -> bool {
        let (mut open, mut seen) = (vec![function], HashSet::new());
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let calls = self.callers.get(name).map_or(&[][..], Vec::as_slice);
            if calls.is_empty() && !if_none || !calls.iter().all(test) {
                return false;
            }
            open.extend(calls.iter().filter_map(|c| c.from));
        }
        true
    }

    /// Some chain of unconditional calls leads from the script to the function.
    fn some_caller(&self, function: &str) -> bool {
        let (mut open, mut seen) = (vec![function], HashSet::new());
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            for call in self.callers.get(name).into_iter().flatten().filter(|c| !c.conditional) {
                match call.from {
                    None => return true,
                    Some(from) => open.push(from),
                }
            }
        }
        false
    }

    /// What each function does at its most, calls of others included.
    fn classes(&self, commands: &[CommandRef<'s>], classes: &[Class]) -> HashMap<&'s str, Class> {
        let mut found: HashMap<&str, Class> = HashMap::new();
        for (command, class) in commands.iter().zip(classes) {
            if let Some(function) = command.enclosing_function() {
                let before = found.get(function).copied().unwrap_or(Class::Shell);
                found.insert(function, heaviest([before, *class]));
            }
        }
        // A function does what those do that it calls; each round carries that one call further.
        for _ in 0..self.callers.len().min(MAX_ROUNDS) {
            let before = found.clone();
            for (callee, calls) in &self.callers {
                let Some(class) = before.get(callee) else { continue };
                for caller in calls.iter().filter_map(|c| c.from) {
                    let own = found.get(caller).copied().unwrap_or(Class::Shell);
                    found.insert(caller, heaviest([own, *class]));
                }
            }
            if found == before {
                break;
            }
        }
        found
    }
}

/// Chains of functions that call functions are followed this far.
const MAX_ROUNDS: usize = 16;
