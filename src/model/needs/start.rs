//! The scripts that a container starts with, followed into the scripts that those call.

use std::collections::BTreeMap;

use barehull_syntax::shell::{CommandRef, Dialect, Inner, Script, dialect_of_shebang, is_builtin};
use barehull_syntax::{FileId, Location};

use super::launch::NeedsCx;
use crate::model::image_files::{ImageFiles, ProgramText};
use crate::model::start::{self, Class, ScriptSource, StartScript, Step};
use crate::model::{ImageConfig, Launch, Provenance, Scope, Setting, absolute, lower};

/// Scripts that are read for one start, each time that one is called counted.
const MAX_SCRIPTS: usize = 32;
/// Scripts that call scripts are followed this deep.
const MAX_DEPTH: usize = 8;
/// Commands of one start.
const MAX_STEPS: usize = 20_000;

/// What a container starts with.
#[derive(Default)]
pub(super) struct Found {
    /// The script of ENTRYPOINT, or of CMD where that is all.
    pub(super) start: Option<StartScript>,
    /// The script that CMD is, behind an ENTRYPOINT script that runs its arguments.
    pub(super) cmd: Option<StartScript>,
}

/// Reads the scripts that the configuration of the stage starts.
pub(super) fn read(cx: &mut NeedsCx<'_, '_>, dialect: Dialect, scope: &Scope) -> Found {
    let config = &cx.stage.config;
    let mut reader = Reader { files: cx.files, config, file: cx.file, dialect, scope, scripts: 0, steps: 0 };
    let own = |setting: &Setting<Launch>| matches!(setting.from, Provenance::Instruction { .. });
    let entrypoint = config.entrypoint.as_ref().filter(|e| !e.value.is_empty());
    let cmd = config.cmd.as_ref().filter(|c| own(c) && !c.value.is_empty());
    let alone = |reader: &mut Reader<'_, '_>| cmd.and_then(|c| reader.launched(&c.value, "CMD"));
    let Some(entrypoint) = entrypoint.filter(|e| own(e)) else {
        // What the base image starts passes on to CMD, or CMD is no program at all.
        return Found { start: alone(&mut reader), cmd: None };
    };
    let launch = match (&entrypoint.value, cmd.map(|c| &c.value)) {
        (Launch::Exec(items), Some(Launch::Exec(more))) => {
            Launch::Exec(items.iter().chain(more).cloned().collect())
        }
        (launch, _) => launch.clone(),
    };
    let start = reader.launched(&launch, "ENTRYPOINT");
    let passes_on = start.as_ref().is_some_and(|s| s.source != ScriptSource::Instruction)
        && matches!(entrypoint.value, Launch::Exec(_));
    let cmd = if passes_on { alone(&mut reader) } else { None };
    Found { start, cmd }
}

struct Reader<'a, 'f> {
    files: &'a mut ImageFiles<'f>,
    config: &'a ImageConfig,
    file: FileId,
    dialect: Dialect,
    scope: &'a Scope,
    scripts: usize,
    steps: usize,
}

/// A script that is being read.
struct Reading<'s> {
    script: &'s Script,
    file: FileId,
    /// Its folder in the image.
    home: Option<&'s str>,
    /// The folder that it runs in.
    folder: String,
    /// What it ends with is the container's process.
    ends: bool,
    /// The scripts that are open, by their path in the image: the one that starts is the first.
    open: Vec<String>,
}

/// What a command calls.
struct Call {
    path: String,
    /// `. FILE`: in the shell of the caller.
    sourced: bool,
    /// It must be a script: a shell is told to read it.
    is_script: bool,
}

impl Reader<'_, '_> {
    fn launched(&mut self, launch: &Launch, keyword: &str) -> Option<StartScript> {
        let script = match launch {
            Launch::Shell(text) => Script::parse(text, self.dialect),
            Launch::Exec(items) => Script::from_argv(items),
        };
        self.of_text(&script, keyword)
    }

    /// The text of an instruction, or of the `sh -c` that it is: a script of its own where it is more than one
    /// command, else the script that it names.
    fn of_text(&mut self, script: &Script, keyword: &str) -> Option<StartScript> {
        let mut commands = script.commands().filter(|c| !c.in_substitution());
        let (first, more) = (commands.next()?, commands.next().is_some());
        if more || start::behind_wait(first).is_some() {
            return Some(self.of_instruction(script, keyword));
        }
        match first.unwrap().inner {
            Inner::Script { script, .. } => self.of_text(&script, keyword),
            Inner::Command(inner) => {
                let call = callee(inner, None)?.ok()?;
                self.of_file(&call.path)
            }
            _ => None,
        }
    }

    fn of_instruction(&mut self, script: &Script, keyword: &str) -> StartScript {
        let folder = self.config.workdir().to_owned();
        let effects = lower::script(script, self.file, &folder, self.scope);
        let source = ScriptSource::Instruction;
        let mut found = start::read(keyword, source, script, self.file, &effects, self.config);
        let reading = Reading { script, file: self.file, home: None, folder, ends: true, open: Vec::new() };
        found.steps = self.follow(&reading, found.steps);
        found
    }

    fn of_file(&mut self, program: &str) -> Option<StartScript> {
        let folder = self.config.workdir().to_owned();
        let text = self.files.find_text(program, &folder, self.config)?.ok()?;
        let dialect = dialect_of(&text, program)?;
        let script = Script::parse(&text.text, dialect);
        let effects = lower::script(&script, text.file, &folder, self.scope);
        let source = if text.is_written { ScriptSource::Heredoc } else { ScriptSource::File };
        let mut found = start::read(program, source, &script, text.file, &effects, self.config);
        let open = vec![text.path.clone()];
        let home = text.path.rsplit_once('/').map(|(home, _)| home);
        let reading = Reading { script: &script, file: text.file, home, folder, ends: true, open };
        found.steps = self.follow(&reading, found.steps);
        Some(found)
    }

    /// The steps of a script, and behind each call those of the script that it calls.
    fn follow(&mut self, reading: &Reading<'_>, steps: Vec<Step>) -> Vec<Step> {
        let mut commands: BTreeMap<Location, CommandRef<'_>> = BTreeMap::new();
        for command in reading.script.commands().flat_map(|c| [Some(c), start::behind_wait(c)]).flatten() {
            commands.insert(Location::new(reading.file, command.source().span()), command);
        }
        let functions: Vec<&str> = reading.script.functions().map(|(name, _)| name).collect();
        let mut folder = reading.folder.clone();
        let mut found = Vec::with_capacity(steps.len());
        for mut step in steps {
            self.steps += 1;
            let command = commands.get(&step.at).copied().filter(|_| !step.in_substitution);
            let Some(command) = command.filter(|_| !functions.contains(&step.name.as_str())) else {
                found.push(step);
                continue;
            };
            if step.class == Class::Folder && step.always {
                change_folder(command, &mut folder);
            }
            let called = self.step(reading, command, &folder, &mut step);
            found.push(step);
            found.extend(called);
        }
        found
    }

    /// What the command of `step` calls, if that is a script; the step is changed to tell it.
    fn step(
        &mut self,
        reading: &Reading<'_>,
        command: CommandRef<'_>,
        folder: &str,
        step: &mut Step,
    ) -> Vec<Step> {
        // A script that is asked again and again is part of waiting; so are the well-known ones.
        if step.class == Class::Wait && (start::is_wait_script(&step.name) || in_loop(command)) {
            return Vec::new();
        }
        let Inner::Command(inner) = command.unwrap().inner else { return Vec::new() };
        let call = match callee(inner, reading.home) {
            None => return Vec::new(),
            Some(Ok(call)) => call,
            Some(Err(reason)) => {
                explain(step, reason);
                return Vec::new();
            }
        };
        match self.called(reading, &call, folder, step) {
            Ok(steps) => steps,
            Err(reason) => {
                explain(step, reason);
                Vec::new()
            }
        }
    }

    fn called(
        &mut self,
        reading: &Reading<'_>,
        call: &Call,
        folder: &str,
        step: &mut Step,
    ) -> Result<Vec<Step>, String> {
        let text = match self.files.find_text(&call.path, folder, self.config) {
            Some(text) => text?,
            None if call.is_script || call.path.ends_with(".sh") => {
                return Err(format!(
                    "{} does not come from the build context, so what it does is not known",
                    call.path
                ));
            }
            None => return Ok(Vec::new()),
        };
        let dialect = match dialect_of(&text, &call.path) {
            Some(dialect) => dialect,
            None if call.is_script => reading.script.dialect(),
            None => return Ok(Vec::new()),
        };
        if reading.open.contains(&text.path) {
            return Err(format!("{} calls itself", call.path));
        }
        if self.scripts >= MAX_SCRIPTS || reading.open.len() >= MAX_DEPTH || self.steps >= MAX_STEPS {
            return Err(format!("{} is one script of too many that call one another", call.path));
        }
        self.scripts += 1;
        let script = Script::parse(&text.text, dialect);
        if script.has_unknown() {
            step.class = Class::Unknown;
            step.reason = Some(format!("a part of {} could not be read", call.path));
        } else if !matches!(step.class, Class::Handover | Class::Process) {
            // What it does has steps of its own.
            step.class = Class::Shell;
        }
        let ends = reading.ends
            && (step.class == Class::Handover || (call.sourced && step.always && is_end(reading, step)));
        let effects = lower::script(&script, text.file, folder, self.scope);
        let steps = start::steps(&script, text.file, &effects, ends);
        let open = reading.open.iter().cloned().chain([text.path.clone()]).collect();
        let home = text.path.rsplit_once('/').map(|(home, _)| home);
        let inner = Reading { script: &script, file: text.file, home, folder: folder.to_owned(), ends, open };
        let mut steps = self.follow(&inner, steps);
        for inner in &mut steps {
            inner.always &= step.always;
            inner.within.extend(step.within.iter().cloned());
            inner.depth += 1;
        }
        Ok(steps)
    }
}

/// The script or program that a command calls; an error says why that is not known. `home`: the folder of the
/// script that the command stands in.
fn callee(command: CommandRef<'_>, home: Option<&str>) -> Option<Result<Call, String>> {
    let name = command.name_word()?;
    let base = command.base_name();
    let base = base.as_deref().unwrap_or_default();
    let (word, sourced, is_script) = match base {
        "." | "source" => (command.arguments().next()?, true, true),
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => {
            (command.arguments().find(|w| !w.raw().starts_with(['-', '+']))?, false, true)
        }
        base if is_builtin(base) => return None,
        _ => (name, false, false),
    };
    if let Some(path) = word.literal() {
        return Some(Ok(Call { path: path.into_owned(), sourced, is_script }));
    }
    if let Some(path) = home.and_then(|home| beside(word.raw(), home)) {
        return Some(Ok(Call { path, sourced, is_script }));
    }
    let shown = word.display();
    let is_file = is_script || shown.ends_with(".sh");
    is_file.then(|| Err(format!("which script {shown} is, is not known before it starts")))
}

/// Says why a step is unknown, where it is.
fn explain(step: &mut Step, reason: String) {
    if !step.class.is_work() && step.class != Class::Handover {
        step.class = Class::Unknown;
    }
    if step.class == Class::Unknown || step.class == Class::Handover {
        step.reason = Some(reason);
    }
}

/// Whether a step is the last of its script that is no plumbing.
fn is_end(reading: &Reading<'_>, step: &Step) -> bool {
    let last = reading.script.commands().filter(|c| !c.in_substitution()).last();
    last.is_some_and(|c| Location::new(reading.file, c.source().span()) == step.at)
}

fn in_loop(command: CommandRef<'_>) -> bool {
    use barehull_syntax::shell::NodeKind;
    command.node().ancestors().any(|n| matches!(n.kind(), NodeKind::Loop(_)))
}

fn change_folder(command: CommandRef<'_>, folder: &mut String) {
    let to = command.arguments().find(|w| !w.is("--")).and_then(|w| w.literal());
    if let Some(to) = to.filter(|to| !to.starts_with(['-', '~'])) {
        *folder = absolute(folder, &to);
    }
}

/// The dialect of a shell script; nothing for other programs.
fn dialect_of(text: &ProgramText, path: &str) -> Option<Dialect> {
    let first = text.text.text().lines().next().unwrap_or_default();
    match dialect_of_shebang(first) {
        Some(Dialect::NotPosix) => None,
        Some(dialect) => Some(dialect),
        None => path.ends_with(".sh").then_some(Dialect::Posix),
    }
}

/// `$(dirname "$0")/env.sh`: the script beside the one that says so.
fn beside(raw: &str, home: &str) -> Option<String> {
    const HERE: [&str; 7] = [
        "$(dirname \"$0\")",
        "$(dirname $0)",
        "${0%/*}",
        "$(dirname \"$BASH_SOURCE\")",
        "$(dirname \"${BASH_SOURCE[0]}\")",
        "$(dirname ${BASH_SOURCE[0]})",
        "${BASH_SOURCE%/*}",
    ];
    let plain = raw.strip_prefix('"').unwrap_or(raw);
    let rest = HERE.iter().find_map(|here| plain.strip_prefix(here))?.trim_start_matches('"');
    let rest = rest.strip_prefix('/')?.trim_end_matches('"');
    let is_plain = !rest.contains(['$', '`', '"', '\'', '*', '?', '[', '\\', ' ']);
    is_plain.then(|| absolute(home, rest))
}
