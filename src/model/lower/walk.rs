//! Goes through a script in order: follows `cd` and variables, takes wrappers off, hands each command to the
//! family that knows it.

use std::collections::{BTreeMap, BTreeSet};

use barehull_syntax::shell::{
    CommandRef, Inner, PartKind, RedirectKind, Script, Unwrapped, Word, WrapperKind,
};
use barehull_syntax::{FileId, Location, SourceRange};

use super::command::{Argument, Command};
use super::{account, fetch, files, language, packages, readers};
use crate::model::effect::{Effect, EffectKind};
use crate::model::executed::Executed;
use crate::model::resolve::{Scope, absolute};

/// Wrapped commands are followed this deep (`sudo sh -c "env sh -c ..."`).
const MAX_DEPTH: u32 = 8;

/// What the commands of `script` are and do, in source order.
pub(super) fn walk(script: &Script, file: FileId, workdir: &str, scope: &Scope) -> Walked {
    let mut walk = Walk {
        file,
        scope,
        cwd: Some(workdir.to_owned()),
        variables: BTreeMap::new(),
        effects: Vec::new(),
        commands: Vec::new(),
        depth: 0,
        certain: true,
    };
    walk.script(script);
    Walked { effects: walk.effects, commands: walk.commands }
}

/// A script, gone through.
pub(super) struct Walked {
    pub(super) effects: Vec<Effect>,
    pub(super) commands: Vec<Executed>,
}

struct Walk<'a> {
    file: FileId,
    scope: &'a Scope,
    cwd: Option<String>,
    /// Variables the script set; absent value: set to something that cannot be told.
    variables: BTreeMap<String, Option<String>>,
    effects: Vec<Effect>,
    commands: Vec<Executed>,
    depth: u32,
    /// Whether the script itself certainly runs.
    certain: bool,
}

impl Walk<'_> {
    fn script(&mut self, script: &Script) {
        let functions: BTreeSet<&str> = script.functions().map(|(name, _)| name).collect();
        let called: BTreeSet<String> = script
            .commands()
            .filter(|c| c.certain())
            .filter_map(|c| c.name().map(|n| n.into_owned()))
            .filter(|n| functions.contains(n.as_str()))
            .collect();
        for unknown in script.unknowns() {
            let reason = "this shell text could not be read".to_owned();
            let at = self.at(unknown.source());
            self.effects.push(Effect { kind: EffectKind::Unknown { reason }, at, certain: self.certain });
        }
        // A folder that a subshell or a branch changes into is not the one behind it.
        let mut scoped: Vec<(usize, Option<String>)> = Vec::new();
        for command in script.commands() {
            while scoped.last().is_some_and(|(end, _)| command.range().start >= *end) {
                self.cwd = scoped.pop().and_then(|(_, cwd)| cwd);
            }
            if command.in_subshell() || command.conditional() {
                let end = scope_end(command);
                if scoped.last().is_none_or(|(open, _)| end < *open) {
                    scoped.push((end, self.cwd.clone()));
                }
            }
            let in_called = command.enclosing_function().is_some_and(|f| called.contains(f));
            let runs = command.certain() || (in_called && !command.conditional());
            let is_call = command.name().is_some_and(|n| functions.contains(n.as_ref()));
            if !is_call {
                self.command(command, runs && self.certain);
            }
        }
    }

    fn at(&self, source: SourceRange) -> Location {
        Location::new(self.file, source.span())
    }

    fn command(&mut self, command: CommandRef<'_>, certain: bool) {
        for assignment in command.assignments() {
            // `A=b cmd` sets A for that command only, but no later command can be told from it wrongly.
            let value = self.text(assignment.value).filter(|_| certain && !assignment.appends);
            if command.name_word().is_none() {
                self.variables.insert(assignment.name.to_owned(), value);
            }
        }
        if command.name_word().is_none() {
            return self.redirects(command, certain);
        }
        self.unwrapped(&command.unwrap(), command, certain);
    }

    /// What a command runs behind its wrappers. `outer` has its place in the list and its redirections.
    fn unwrapped(&mut self, unwrapped: &Unwrapped<'_>, outer: CommandRef<'_>, certain: bool) {
        let more = unwrapped.wrappers.iter().any(|w| w.appends_arguments || w.kind == WrapperKind::Find);
        if unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Chroot) {
            // It works on another root than the image's.
            return;
        }
        match &unwrapped.inner {
            Inner::Command(inner) => {
                let first = self.commands.len();
                self.simple(*inner, outer, certain, more);
                let raised = unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Sudo);
                for command in &mut self.commands[first..] {
                    command.raised = raised;
                    let words = unwrapped.wrappers.iter().flat_map(|w| &w.assignments);
                    let set = words.filter_map(|word| word.split_assignment());
                    command.variables.extend(set.map(|(name, _)| name.to_owned()));
                }
            }
            Inner::Script { script, .. } => self.inner_script(script, outer, certain),
            Inner::Several(commands) => {
                for each in commands {
                    self.unwrapped(each, outer, certain);
                }
            }
            Inner::Nothing => {}
            Inner::Unknown => {
                let reason = "which program runs here is not known before the build".to_owned();
                let at = self.at(outer.source());
                self.effects.push(Effect { kind: EffectKind::Unknown { reason }, at, certain });
            }
        }
    }

    fn inner_script(&mut self, script: &Script, outer: CommandRef<'_>, certain: bool) {
        if self.depth >= MAX_DEPTH {
            let reason = "shells are nested too deep".to_owned();
            let at = self.at(outer.source());
            self.effects.push(Effect { kind: EffectKind::Unknown { reason }, at, certain });
            return;
        }
        let (cwd, before) = (self.cwd.clone(), self.certain);
        self.depth += 1;
        self.certain = certain;
        self.script(script);
        self.certain = before;
        self.depth -= 1;
        self.cwd = cwd;
    }

    /// A command without wrappers. `outer` has its place in the list and its redirections.
    fn simple(&mut self, command: CommandRef<'_>, outer: CommandRef<'_>, certain: bool, more_args: bool) {
        let at = self.at(outer.source());
        let Some(program) = command.name_word().and_then(|w| self.text(w)) else {
            let reason = "which program runs here is not known before the build".to_owned();
            self.effects.push(Effect { kind: EffectKind::Unknown { reason }, at, certain });
            return;
        };
        let args: Vec<Argument> = command.arguments().flat_map(|w| self.arguments(w)).collect();
        match program.as_str() {
            "cd" | "pushd" => {
                self.change_folder(&args);
                return self.commands.push(Executed::without_effect(program, args, at, certain));
            }
            "export" | "local" | "declare" | "readonly" => self.export(command, certain),
            _ => {}
        }
        let writes = self.writes(outer);
        let name_at = command.name_word().and_then(|word| word.source().exact());
        let executed = command;
        let command = Command { program, args, cwd: self.cwd.clone(), writes, more_args };
        let kinds = lower(&command);
        for path in &command.writes {
            self.write(path.as_deref(), at, certain);
        }
        let first = self.effects.len() as u32;
        self.effects.extend(kinds.into_iter().map(|kind| Effect { kind, at, certain }));
        self.commands.push(Executed {
            program: command.program,
            args: command.args,
            at,
            name_at: name_at.map(|span| Location::new(self.file, span)),
            certain,
            effects: first..self.effects.len() as u32,
            raised: false,
            variables: executed.assignments().map(|a| a.name.to_owned()).collect(),
            readers: readers::of(outer),
        });
    }

    fn redirects(&mut self, command: CommandRef<'_>, certain: bool) {
        let at = self.at(command.source());
        for path in self.writes(command) {
            self.write(path.as_deref(), at, certain);
        }
    }

    fn write(&mut self, path: Option<&str>, at: Location, certain: bool) {
        match path {
            Some(path) if path.starts_with("/dev/") => {}
            Some(path) => {
                self.effects.push(Effect { kind: EffectKind::Write { path: path.to_owned() }, at, certain });
            }
            // Some file, whose name is not known: no executable is claimed.
            None => {}
        }
    }

    fn writes(&self, command: CommandRef<'_>) -> Vec<Option<String>> {
        command
            .redirects()
            .filter(|r| {
                matches!(
                    r.kind,
                    RedirectKind::Write
                        | RedirectKind::Append
                        | RedirectKind::WriteBoth
                        | RedirectKind::AppendBoth
                ) && r.descriptor != Some(2)
            })
            .map(|r| {
                let path = self.text(r.target)?;
                if path.starts_with('/') {
                    return Some(absolute("/", &path));
                }
                Some(absolute(self.cwd.as_deref()?, &path))
            })
            .collect()
    }

    fn change_folder(&mut self, args: &[Argument]) {
        let target = args.iter().find(|a| a.text.as_deref() != Some("--"));
        self.cwd = match target.map(|a| a.text.as_deref()) {
            None => Some("/root".to_owned()),
            Some(Some("-") | None) => None,
            Some(Some(path)) if path.starts_with('~') => Some(path.replacen('~', "/root", 1)),
            Some(Some(path)) if path.starts_with('/') => Some(absolute("/", path)),
            Some(Some(path)) => self.cwd.as_deref().map(|cwd| absolute(cwd, path)),
        };
    }

    fn export(&mut self, command: CommandRef<'_>, certain: bool) {
        for (name, value) in command.arguments().filter_map(Word::split_assignment) {
            let value = self.text(value).filter(|_| certain);
            self.variables.insert(name.to_owned(), value);
        }
    }

    /// The arguments a word stands for: an unquoted variable may hold several.
    fn arguments(&self, word: Word<'_>) -> Vec<Argument> {
        let at = self.at(word.source());
        let exact = word.source().exact().is_some();
        let splits = word.parts().iter().any(|p| matches!(p.kind, PartKind::Variable(_)) && !p.quoted);
        match self.text(word) {
            Some(text) if splits => text
                .split_ascii_whitespace()
                .map(|t| Argument { text: Some(t.to_owned()), at, exact: false })
                .collect(),
            text => vec![Argument { text, at, exact }],
        }
    }

    /// What a word stands for, variables replaced; nothing where that cannot be told. Patterns stay.
    fn text(&self, word: Word<'_>) -> Option<String> {
        let mut out = String::new();
        for part in word.parts() {
            match part.kind {
                PartKind::Literal(text) => out.push_str(&text),
                PartKind::Glob(text) | PartKind::Tilde(text) | PartKind::Brace(text) => out.push_str(text),
                PartKind::Variable(variable) => {
                    let value = self.value(variable.name);
                    if variable.is_plain() {
                        out.push_str(&value?);
                    } else if let Some(default) = variable.default() {
                        match value.filter(|v| !v.is_empty()) {
                            Some(value) => out.push_str(&value),
                            None => out.push_str(&self.text(default)?),
                        }
                    } else {
                        return None;
                    }
                }
                PartKind::Command(_)
                | PartKind::Process(_)
                | PartKind::Arithmetic(_)
                | PartKind::Array(_)
                | PartKind::Unreadable(_) => {
                    return None;
                }
            }
        }
        Some(out)
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        match (self.scope.get(name), name) {
            (Some(value), _) => value.map(str::to_owned),
            (None, "HOME") => Some("/root".to_owned()),
            (None, "PWD") => self.cwd.clone(),
            (None, _) => None,
        }
    }
}

/// Where the nearest subshell, branch or substitution around a command ends, in bytes of the text.
fn scope_end(command: CommandRef<'_>) -> usize {
    use barehull_syntax::shell::NodeKind;
    command
        .node()
        .ancestors()
        .find(|n| {
            matches!(
                n.kind(),
                NodeKind::Subshell
                    | NodeKind::Substitution
                    | NodeKind::ProcessSubstitution
                    | NodeKind::If
                    | NodeKind::Loop(_)
                    | NodeKind::Case
                    | NodeKind::Pipeline
            )
        })
        .map_or(command.range().end, |n| n.range().end)
}

/// The effects of one command, from the family that knows it.
fn lower(command: &Command) -> Vec<EffectKind> {
    packages::lower(command)
        .or_else(|| language::lower(command))
        .or_else(|| fetch::lower(command))
        .or_else(|| account::lower(command))
        .or_else(|| files::lower(command))
        .unwrap_or_else(|| vec![spawn(command)])
}

/// A program whose effect is not modelled.
pub(super) fn spawn(command: &Command) -> EffectKind {
    let args = command.args.iter().map(|a| a.text.clone()).collect();
    EffectKind::Spawn { program: command.program.clone(), args }
}
