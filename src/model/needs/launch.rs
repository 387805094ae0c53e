//! What ENTRYPOINT, CMD and HEALTHCHECK run: programs, the scripts they name, the npm scripts behind them.

use std::collections::BTreeSet;

use barehull_syntax::shell::{CommandRef, Dialect, Inner, Script, Unwrapped, dialect_of_shebang, is_builtin};
use barehull_syntax::{FileId, Location, MappedText};

use super::{Needs, ProgramNeed, Unread, Why, supervisor};
use crate::finding::Place;
use crate::model::image_files::ImageFiles;
use crate::model::{Health, Launch, Scope, Setting, Stage, absolute, lower};

/// Scripts that call scripts are followed this far.
const MAX_SCRIPTS: usize = 32;

/// What is there to look at.
pub(crate) struct NeedsCx<'a, 'f> {
    /// The final stage.
    pub(crate) stage: &'a Stage,
    /// The Dockerfile.
    pub(crate) file: FileId,
    /// The image's files, as far as they come from the build context.
    pub(crate) files: &'a mut ImageFiles<'f>,
}

/// Finds what the stage uses at run time.
pub(crate) fn fill(cx: NeedsCx<'_, '_>) -> Needs {
    let stage = cx.stage;
    let config = &stage.config;
    let dialect = lower::dialect(config.shell.as_ref().map(|s| s.value.as_slice()));
    let shell =
        config.shell.as_ref().and_then(|s| s.value.first()).map_or("/bin/sh", String::as_str).to_owned();
    let mut scope = Scope::new(b'\\');
    scope.inherit(config);
    let mut finder = Finder { cx, needs: Needs::default(), dialect, shell, scope, seen: BTreeSet::new() };
    if let Some(entrypoint) = &config.entrypoint {
        finder.launch(entrypoint, &entrypoint.value, &Why::Entrypoint, true);
    }
    let shadowed = config.entrypoint.as_ref().is_some_and(|e| matches!(e.value, Launch::Shell(_)));
    if let (Some(cmd), false) = (&config.cmd, shadowed) {
        // Behind an ENTRYPOINT it is arguments, most often of a script that execs them.
        finder.launch(cmd, &cmd.value, &Why::Cmd, true);
    }
    if let Some(Setting { value: Health::Check { launch, .. }, .. }) = &config.healthcheck {
        let setting = config.healthcheck.as_ref().expect("it was just matched");
        finder.launch(setting, launch, &Why::HealthCheck, false);
    }
    let found = super::start::read(&mut finder.cx, dialect, &finder.scope);
    let mut needs = finder.needs;
    needs.start_script = found.start;
    needs.cmd_script = found.cmd;
    needs.programs.sort();
    needs.programs.dedup();
    needs
}

struct Finder<'a, 'f> {
    cx: NeedsCx<'a, 'f>,
    needs: Needs,
    dialect: Dialect,
    shell: String,
    scope: Scope,
    /// Scripts that were read, so that none is read twice.
    seen: BTreeSet<String>,
}

impl Finder<'_, '_> {
    /// A command of the configuration. `start`: it runs before, or as, the application.
    fn launch<T>(&mut self, setting: &Setting<T>, launch: &Launch, why: &Why, start: bool) {
        let place = setting.from.location().map(Place::Source);
        match launch {
            Launch::Shell(text) => {
                let shell = self.shell.clone();
                self.need(&shell, why, place.clone());
                let script = Script::parse(text, self.dialect);
                // Texts of a base image have no place in the Dockerfile.
                self.script(&script, self.cx.file, why, place.is_none(), start);
            }
            Launch::Exec(items) => {
                let script = Script::from_argv(items);
                self.script(&script, self.cx.file, why, place.is_none(), start);
            }
        }
    }

    fn need(&mut self, program: &str, why: &Why, place: Option<Place>) {
        self.needs.programs.push(ProgramNeed { program: program.to_owned(), why: why.clone(), place });
    }

    fn unread(&mut self, reason: String, place: Option<Place>) {
        self.needs.unread.push(Unread { reason, place });
    }

    /// All commands of a shell text in `file`.
    fn script(&mut self, script: &Script, file: FileId, why: &Why, placeless: bool, start: bool) {
        for unknown in script.unknowns() {
            let place = Place::Source(Location::new(file, unknown.source().span()));
            self.unread(format!("a part of {why} could not be read"), (!placeless).then_some(place));
        }
        let functions: BTreeSet<String> = script.functions().map(|(n, _)| n.to_owned()).collect();
        for command in script.commands() {
            if command.name().is_some_and(|n| functions.contains(n.as_ref())) {
                continue;
            }
            self.command(command, file, why, placeless, start);
        }
        if start && !placeless {
            let workdir = self.cx.stage.config.workdir().to_owned();
            let effects = lower::script(script, file, &workdir, &self.scope);
            self.needs.start.extend(effects);
        }
    }

    fn command(&mut self, command: CommandRef<'_>, file: FileId, why: &Why, placeless: bool, start: bool) {
        if command.name_word().is_none() {
            return;
        }
        let place = Some(Place::Source(Location::new(file, command.source().span()))).filter(|_| !placeless);
        self.unwrapped(&command.unwrap(), file, why, place.as_ref(), start);
    }

    fn unwrapped(
        &mut self,
        unwrapped: &Unwrapped<'_>,
        file: FileId,
        why: &Why,
        place: Option<&Place>,
        start: bool,
    ) {
        for wrapper in &unwrapped.wrappers {
            if let Some(name) = wrapper.command.name().filter(|n| !is_builtin(n)) {
                self.need(&name, why, place.cloned());
            }
        }
        match &unwrapped.inner {
            Inner::Script { script, .. } => self.script(script, file, why, place.is_none(), start),
            Inner::Command(inner) => self.inner_command(*inner, why, place, start),
            Inner::Several(commands) => {
                for each in commands {
                    self.unwrapped(each, file, why, place, start);
                }
            }
            Inner::Nothing => {}
            Inner::Unknown => {
                self.unread(format!("a command of {why} is not known before it starts"), place.cloned());
            }
        }
    }

    fn inner_command(&mut self, inner: CommandRef<'_>, why: &Why, place: Option<&Place>, start: bool) {
        let args: Vec<Option<String>> =
            inner.arguments().map(|w| w.literal().map(|t| t.into_owned())).collect();
        if let Some(name) = inner.name() {
            return self.program(&name, &args, why, place.cloned(), start);
        }
        let word = inner.name_word().map(|w| w.display().into_owned()).unwrap_or_default();
        // A script that starts itself again, as another user, is the one that is being read.
        let in_script = matches!(place, Some(Place::Source(at)) if at.file != self.cx.file);
        if in_script
            && matches!(
                word.as_str(),
                "$0" | "${0}" | "$BASH_SOURCE" | "${BASH_SOURCE}" | "${BASH_SOURCE[0]}"
            )
        {
            return;
        }
        // `exec "$@"` runs CMD, which is looked at on its own.
        if !matches!(word.as_str(), "$@" | "$*" | "${@}" | "$1") {
            self.unread(format!("{why} runs {word}, which is not known before it starts"), place.cloned());
        }
    }

    /// A program with its arguments: the need itself, and what it runs in turn.
    fn program(&mut self, name: &str, args: &[Option<String>], why: &Why, place: Option<Place>, start: bool) {
        if is_builtin(name) {
            match (name, args.first()) {
                ("." | "source", Some(Some(path))) => self.script_file(path, start),
                ("." | "source" | "eval", Some(None)) => {
                    self.unread(format!("what {why} gives to {name} is not known before it starts"), place);
                }
                _ => {}
            }
            return;
        }
        self.need(name, why, place.clone());
        let base = name.rsplit('/').next().unwrap_or(name);
        match base {
            "npm" | "yarn" | "pnpm" | "npx" | "bun" => self.package_manager(base, args, place, start),
            "supervisord" => self.supervised(args, place, start),
            "sh" | "bash" | "dash" | "ash" => {
                if let Some(Some(path)) =
                    args.iter().find(|a| a.as_deref().is_some_and(|a| !a.starts_with('-')))
                {
                    self.script_file(path, start);
                }
            }
            _ => self.script_file(name, start),
        }
    }

    /// If `path` is a shell script of the image that comes from the context: its shebang and its commands.
    fn script_file(&mut self, path: &str, start: bool) {
        if self.seen.len() >= MAX_SCRIPTS || !self.seen.insert(path.to_owned()) {
            return;
        }
        let workdir = self.cx.stage.config.workdir().to_owned();
        let found = match self.cx.files.find_text(path, &workdir, &self.cx.stage.config) {
            None => return,
            Some(Ok(found)) => found,
            Some(Err(reason)) => return self.unread(reason, None),
        };
        let (file, text) = (found.file, found.text.text());
        let first = text.lines().next().unwrap_or_default();
        let why = Why::Script(self.cx.files.path_of(file));
        let shebang_at = Some(Place::Source(Location::new(file, found.text.source(0..first.len()).span())));
        if let Some(interpreter) = first.strip_prefix("#!") {
            for word in interpreter.split_ascii_whitespace().filter(|w| !w.starts_with('-')) {
                self.need(word, &why, shebang_at.clone());
            }
        }
        let dialect = match dialect_of_shebang(first) {
            Some(Dialect::NotPosix) => return,
            Some(dialect) => dialect,
            None if path.ends_with(".sh") => Dialect::Posix,
            None => return,
        };
        let script = Script::parse(&found.text, dialect);
        self.script(&script, file, &why, false, start);
    }

    /// What supervisord starts, from the configuration that the image gets out of the build context.
    fn supervised(&mut self, args: &[Option<String>], place: Option<Place>, start: bool) {
        let workdir = self.cx.stage.config.workdir();
        let mut paths: Vec<String> = match supervisor::named_file(args) {
            Some(file) => vec![absolute(workdir, file)],
            None => supervisor::DEFAULT_FILES.map(str::to_owned).to_vec(),
        };
        let (listed, _) = self.cx.files.context_files(self.cx.stage.id);
        let included = |path: &String| supervisor::INCLUDED.iter().any(|folder| path.starts_with(folder));
        paths.extend(listed.into_iter().map(|(path, _)| path).filter(included));
        let mut found = false;
        for path in paths {
            if self.seen.len() >= MAX_SCRIPTS || !self.seen.insert(path.clone()) {
                continue;
            }
            let Some((file, bytes)) = self.cx.files.read(&path) else { continue };
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            for program in supervisor::programs(text) {
                found = true;
                let command = MappedText::verbatim(program.command, program.span.start);
                let script = Script::parse(&command, Dialect::Posix);
                self.script(&script, file, &Why::Supervisor, false, start);
            }
        }
        if !found {
            self.unread("the programs that supervisord starts are not known".to_owned(), place);
        }
    }

    /// `npm start`, `yarn dev`: the script of package.json, which a shell runs.
    fn package_manager(&mut self, manager: &str, args: &[Option<String>], place: Option<Place>, start: bool) {
        let words: Vec<&str> =
            args.iter().flatten().map(String::as_str).filter(|a| !a.starts_with('-')).collect();
        let script = match words.as_slice() {
            ["run" | "run-script", name, ..] => (*name).to_owned(),
            [name @ ("start" | "test"), ..] => (*name).to_owned(),
            [name, ..] if matches!(manager, "yarn" | "pnpm" | "bun") => (*name).to_owned(),
            _ => return,
        };
        let is_source = ["js", ".ts", ".tsx", ".jsx"].iter().any(|end| script.ends_with(end));
        if manager == "bun" && is_source {
            // It is an interpreter, too.
            return;
        }
        let why = Why::PackageScript(script.clone());
        self.need("sh", &why, place.clone());
        let folder = self.cx.stage.config.workdir().to_owned();
        let Some((file, package)) = self.cx.files.node_package(&folder) else {
            return self.unread(
                format!("package.json could not be read, so `{manager} {script}` is not known"),
                place,
            );
        };
        if !self.seen.insert(format!("npm:{script}")) {
            return;
        }
        for hook in [format!("pre{script}"), script.clone(), format!("post{script}")] {
            let Some(entry) = package.script(&hook) else { continue };
            // The text is a JSON string: places inside it are not exact, the string as a whole is.
            let mut text = MappedText::new();
            text.push_decoded(&entry.command.value, entry.command.span);
            let parsed = Script::parse(&text, Dialect::Posix);
            self.script(&parsed, file, &why, false, start);
        }
    }
}
