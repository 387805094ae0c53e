//! What a start script comes down to: variables, a folder and a command, where it does nothing else.

use std::collections::{BTreeMap, BTreeSet};

use barehull_syntax::Location;
use barehull_syntax::shell::{CommandRef, PartKind, Script, Word};

use super::classify::is_arguments;
use super::{Class, Step, Unit, UnitKind};
use crate::model::{ImageConfig, absolute};

/// What a configuration can say in a script's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced {
    /// Variables that the application sees.
    pub variables: Vec<Variable>,
    /// The folder that the application starts in, where the script changes it; absolute.
    pub folder: Option<String>,
    /// What it runs.
    pub handover: Handover,
}

/// A variable that a script sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// It is set only where nobody has set it (`${A:=x}`), as ENV does.
    pub is_default: bool,
    /// The application sees it: it is exported.
    exported: bool,
}

/// What a script runs in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The words in front, all of them literal; none where the arguments alone are run.
    pub words: Vec<String>,
    /// Whether the script's arguments follow.
    pub arguments: bool,
    /// Whether the shell splits the arguments at spaces once more (`$@` without quotes).
    pub splits: bool,
    /// The user that it becomes first (`gosu app`, `su-exec app:app`).
    pub user: Option<String>,
}

/// What the script comes down to beside its work; nothing where it decides something, or does anything else.
pub(super) fn reduced(
    script: &Script,
    units: &[Unit],
    steps: &[Step],
    config: &ImageConfig,
) -> Option<Reduced> {
    let classes: BTreeMap<Location, Class> = steps.iter().map(|s| (s.at, s.class)).collect();
    let kinds: BTreeMap<Location, &UnitKind> = units.iter().map(|u| (u.at, &u.kind)).collect();
    if units.iter().any(|u| matches!(u.kind, UnitKind::Other(_))) {
        return None;
    }
    let file = units.first()?.at.file;
    let mut reducer = Reducer { config, variables: Vec::new(), own: BTreeSet::new(), folder: None };
    let mut handover = None;
    for command in script.commands() {
        let at = Location::new(file, command.source().span());
        // What stands inside of work or of a function goes with that.
        if !kinds.get(&at).is_some_and(|kind| matches!(kind, UnitKind::Plain | UnitKind::Handover)) {
            continue;
        }
        if handover.is_some() {
            return None;
        }
        match classes.get(&at)? {
            Class::Shell if is_harmless(command) => {}
            Class::Variable => reducer.variable(command)?,
            Class::Folder => reducer.folder(command)?,
            Class::Handover => handover = Some(reducer.handover(command)?),
            _ => return None,
        }
    }
    let mut handover = handover?;
    for unit in units {
        if let UnitKind::Switch { user, .. } = &unit.kind {
            handover.user = Some(user.clone());
        }
    }
    let variables = reducer.variables.into_iter().filter(|v| v.exported).collect();
    Some(Reduced { variables, folder: reducer.folder, handover })
}

/// Programs that become another user and then the program behind it.
pub(super) fn is_user_switch(program: &str) -> bool {
    matches!(program.rsplit('/').next(), Some("gosu" | "su-exec"))
}

/// The user that `setpriv` changes to, where it changes nothing else.
fn user_of_setpriv(options: &[String]) -> Option<String> {
    let (mut user, mut group) = (None, None);
    for option in options {
        match option.split_once('=') {
            Some(("--reuid", id)) => user = Some(id),
            Some(("--regid", id)) => group = Some(id),
            None if matches!(option.as_str(), "--init-groups" | "--clear-groups" | "--") => {}
            _ => return None,
        }
    }
    let user = user?;
    Some(group.map_or_else(|| user.to_owned(), |group| format!("{user}:{group}")))
}

/// Whether the rest of the script runs as if the command was not there.
fn is_harmless(command: CommandRef<'_>) -> bool {
    match command.name().as_deref() {
        // `-a` exports everything from here on.
        Some("set") => command.arguments().all(|w| {
            w.literal().is_some_and(|t| {
                matches!(&*t, "errexit" | "nounset" | "pipefail" | "xtrace")
                    || (t.starts_with(['-', '+']) && t[1..].bytes().all(|b| b"euxo".contains(&b)))
            })
        }),
        Some("echo" | "printf" | ":" | "true" | "shopt") => true,
        _ => false,
    }
}

struct Reducer<'a> {
    config: &'a ImageConfig,
    variables: Vec<Variable>,
    /// The script's own variables with values that only the run shows.
    own: BTreeSet<String>,
    folder: Option<String>,
}

impl Reducer<'_> {
    /// An assignment, `export`, or `: ${A:=x}`.
    fn variable(&mut self, command: CommandRef<'_>) -> Option<()> {
        for assignment in command.assignments() {
            if assignment.appends || !assignment.subscript.is_empty() {
                return None;
            }
            self.set(assignment.name, assignment.value, false)?;
        }
        match command.name().as_deref() {
            None => Some(()),
            Some("export") => command.arguments().try_for_each(|word| match word.split_assignment() {
                Some((name, value)) => self.set(name, value, true),
                None => self.export(&word.literal()?),
            }),
            Some(":") => command.arguments().try_for_each(|word| match word.parts().as_slice() {
                [part] => match &part.kind {
                    PartKind::Variable(v) if matches!(v.operator, ":=" | "=") => {
                        self.set(v.name, word, false)
                    }
                    _ => None,
                },
                _ => None,
            }),
            _ => None,
        }
    }

    fn set(&mut self, name: &str, value: Word<'_>, exported: bool) -> Option<()> {
        // What the image sets is exported already.
        let exported = exported || self.config.env.iter().any(|v| v.name == name);
        let Some((value, is_default)) = self.value(name, value) else {
            self.variables.retain(|v| v.name != name);
            self.own.insert(name.to_owned());
            return (!exported).then_some(());
        };
        self.own.remove(name);
        match self.variables.iter_mut().find(|v| v.name == name) {
            // It is set by now, whoever set it.
            Some(_) if is_default => {}
            Some(known) => {
                known.value = value;
                known.is_default = false;
                known.exported |= exported;
            }
            None => self.variables.push(Variable { name: name.to_owned(), value, is_default, exported }),
        }
        Some(())
    }

    /// `export A`: of what is not known here, it passes on what was given.
    fn export(&mut self, name: &str) -> Option<()> {
        if name.starts_with('-') || self.own.contains(name) {
            return None;
        }
        if let Some(known) = self.variables.iter_mut().find(|v| v.name == name) {
            known.exported = true;
        }
        Some(())
    }

    /// The literal value of a word, and whether it counts only where `name` is not set.
    fn value(&self, name: &str, word: Word<'_>) -> Option<(String, bool)> {
        if let [part] = word.parts().as_slice()
            && let PartKind::Variable(variable) = &part.kind
            && variable.name == name
            && variable.prefix.is_empty()
            && let Some(default) = variable.default()
        {
            return Some((self.text(default)?, true));
        }
        Some((self.text(word)?, false))
    }

    /// A word with the variables that the script itself set, for sure, put in.
    fn text(&self, word: Word<'_>) -> Option<String> {
        let mut text = String::new();
        for part in word.parts() {
            match part.kind {
                PartKind::Literal(literal) => text.push_str(&literal),
                PartKind::Variable(v) if v.is_plain() => {
                    let known = self.variables.iter().find(|known| known.name == v.name)?;
                    // Whoever starts the container may say otherwise; and unquoted it might be split.
                    let is_word = part.quoted
                        || !known.value.contains(|c: char| c.is_whitespace() || "*?[".contains(c));
                    if known.is_default || !is_word {
                        return None;
                    }
                    text.push_str(&known.value);
                }
                _ => return None,
            }
        }
        Some(text)
    }

    fn folder(&mut self, command: CommandRef<'_>) -> Option<()> {
        if command.name().as_deref() != Some("cd") {
            return None;
        }
        let mut words = command.arguments();
        let (path, rest) = (self.text(words.next()?)?, words.next());
        if rest.is_some() || path.starts_with('-') || path.starts_with('~') {
            return None;
        }
        let from = self.folder.as_deref().unwrap_or_else(|| self.config.workdir());
        self.folder = Some(absolute(from, &path));
        Some(())
    }

    fn handover(&self, command: CommandRef<'_>) -> Option<Handover> {
        if command.redirects().next().is_some()
            || command.assignments().next().is_some()
            || command.background()
        {
            return None;
        }
        let mut handover = Handover { words: Vec::new(), arguments: false, splits: false, user: None };
        let mut words =
            command.words().skip(usize::from(command.name().as_deref() == Some("exec"))).peekable();
        let switches = |w: &Word<'_>| w.literal().is_some_and(|n| is_user_switch(&n));
        if words.next_if(switches).is_some() {
            let user = self.text(words.next()?)?;
            handover.user = Some(user).filter(|u| !u.starts_with('-'));
            handover.user.as_ref()?;
        } else if words
            .next_if(|w| w.literal().is_some_and(|n| n.rsplit('/').next() == Some("setpriv")))
            .is_some()
        {
            let mut options = Vec::new();
            while let Some(option) = words.next_if(|w| w.raw().starts_with('-')) {
                let text = self.text(option)?;
                let takes_value = matches!(text.as_str(), "--reuid" | "--regid");
                options.push(if takes_value {
                    format!("{text}={}", self.text(words.next()?)?)
                } else {
                    text
                });
            }
            handover.user = Some(user_of_setpriv(&options)?);
        }
        for word in words {
            if handover.arguments {
                // Words behind the arguments have no place in CMD.
                return None;
            }
            if is_arguments(word) {
                handover.arguments = true;
                handover.splits = word.raw() != "\"$@\"";
                continue;
            }
            handover.words.push(self.text(word)?);
        }
        let is_option = handover.words.first().is_some_and(|w| w.starts_with('-'));
        (!is_option && (handover.arguments || !handover.words.is_empty())).then_some(handover)
    }
}
