//! What the start of a container reaches: programs, their libraries, scripts, the commands in them.

use std::collections::BTreeMap;

use barehull_image::loader::Loader;
use barehull_image::{Entry, Image, Tree};
use barehull_syntax::MappedText;
use barehull_syntax::shell::{
    Certainty, CommandRef, Dialect, Script, Visit, Visited, WrapperKind, dialect_of_shebang, is_builtin,
};

use super::launch::{self, DEFAULT_PATH, Search, Trouble};
use super::root::TreeRoot;
use super::subject::Subject;

/// Scripts that are read; those of real images start a dozen at most.
const MAX_SCRIPTS: usize = 64;

/// What the start of a container reaches.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// What starts each file, by the file's real path.
    pub(super) files: BTreeMap<String, Vec<String>>,
    /// What will go wrong.
    pub(super) faults: Vec<Fault>,
}

impl Reached {
    /// The programs and libraries among the files.
    pub(super) fn programs<'t>(&self, tree: &'t Tree) -> impl Iterator<Item = &'t Entry> {
        self.files.keys().filter_map(|path| tree.get(path)).filter(|entry| entry.elf().is_some())
    }
}

/// Something that will go wrong when the container starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What starts it.
    pub(super) start: Start,
    /// How bad it is.
    pub(super) weight: Weight,
    /// The real path of the file that has the fault, where there is one.
    pub(super) at: Option<String>,
    /// What the fault is about: a library, a program.
    pub(super) subject: String,
    /// A sentence.
    pub(super) message: String,
}

/// How a chain of programs starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// ENTRYPOINT and CMD.
    Process,
    /// HEALTHCHECK.
    Health,
}

/// Whether a fault ends everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// What was to be started is not.
    Fatal,
    /// One command of a script fails.
    Command,
}

/// One link of the chain.
#[derive(Clone)]
struct Step {
    start: Start,
    /// What starts it, for people: `ENTRYPOINT`, `/entrypoint.sh`.
    by: String,
    /// The real path of the script it stands in.
    script: Option<String>,
    weight: Weight,
    /// Whether it runs for sure; otherwise nothing is said of what is missing.
    sure: bool,
}

/// Follows ENTRYPOINT, CMD and HEALTHCHECK.
pub(super) fn from_start(subject: &Subject<'_>) -> Reached {
    let loader = subject.loader();
    let mut walker = Walker { subject, loader: &loader, reached: Reached::default(), scripts: 0 };
    let config = subject.config;
    let process: Vec<String> = config.entrypoint.iter().chain(&config.cmd).cloned().collect();
    let by = if config.entrypoint.is_empty() { "CMD" } else { "ENTRYPOINT" };
    walker.argv(&process, Start::Process, by);
    let health = config.healthcheck.as_ref().map_or(&[][..], |check| &check.test);
    match health {
        [kind, command @ ..] if kind == "CMD" => walker.argv(command, Start::Health, "HEALTHCHECK"),
        [kind, command, ..] if kind == "CMD-SHELL" => {
            let usual = ["/bin/sh".to_owned(), "-c".to_owned()];
            let shell = if config.shell.is_empty() { &usual[..] } else { &config.shell };
            let argv: Vec<String> = shell.iter().chain([command]).cloned().collect();
            walker.argv(&argv, Start::Health, "HEALTHCHECK");
        }
        _ => {}
    }
    walker.reached
}

/// What a command meets.
struct Given<'w> {
    /// A shell reads it, so that builtin commands need no program.
    in_shell: bool,
    /// What `"$@"` stands for; `None` for a wrapper, whose words are another command.
    arguments: Option<&'w [String]>,
}

struct Walker<'s, 'a> {
    subject: &'s Subject<'a>,
    loader: &'s Loader<'s, TreeRoot<'a>>,
    reached: Reached,
    scripts: usize,
}

impl<'s> Walker<'s, '_> {
    fn search(&self) -> Search<'s> {
        Search {
            tree: self.subject.tree,
            path: self.subject.config.variable("PATH").unwrap_or(DEFAULT_PATH),
            folder: self.subject.workdir(),
            identity: self.subject.identity.as_ref(),
        }
    }

    /// A command of the configuration.
    fn argv(&mut self, argv: &[String], start: Start, by: &str) {
        if argv.is_empty() {
            return;
        }
        let words: Vec<MappedText> = argv.iter().map(|word| MappedText::verbatim(word, 0)).collect();
        let step = Step { start, by: by.to_owned(), script: None, weight: Weight::Fatal, sure: true };
        self.commands(&Script::from_argv(&words), &step, &[]);
    }

    /// The commands of a shell text. `arguments`: what `"$@"` stands for in it.
    fn commands(&mut self, script: &Script, step: &Step, arguments: &[String]) {
        self.walk(script, &Context::of(script), step, arguments);
    }

    fn walk(&mut self, script: &Script, context: &Context, step: &Step, arguments: &[String]) {
        script.visit(&mut |visit| {
            let step = context.step_of(&visit, step);
            let mut in_shell = step.script.is_some();
            for wrapper in visit.wrappers {
                // The whole command of a wrapper names the wrapper first.
                self.command(wrapper.command, &step, context, &Given { in_shell, arguments: None });
                in_shell |= matches!(wrapper.kind, WrapperKind::Shell | WrapperKind::Eval);
            }
            if let Visited::Command(command) = visit.what {
                self.command(command, &step, context, &Given { in_shell, arguments: Some(arguments) });
            }
        });
    }

    fn command(&mut self, command: CommandRef<'_>, step: &Step, context: &Context, given: &Given<'_>) {
        let Some(word) = command.name_word() else { return };
        let Some(name) = word.literal() else {
            if matches!(&*word.display(), "$@" | "$*" | "${@}") {
                self.given(given.arguments.unwrap_or_default(), step, context);
            }
            return;
        };
        if context.functions.iter().any(|function| *function == name) {
            return;
        }
        let words: Vec<Option<String>> =
            command.arguments().map(|word| word.literal().map(std::borrow::Cow::into_owned)).collect();
        if given.in_shell && is_builtin(&name) {
            // `. ./env.sh` is read by the same shell.
            if let (true, Some(Some(path))) = (matches!(&*name, "." | "source"), words.first()) {
                self.sourced(path, step);
            }
            return;
        }
        self.program(&name, if given.arguments.is_some() { &words } else { &[] }, step);
    }

    /// What a script gets as arguments and executes.
    fn given(&mut self, arguments: &[String], step: &Step, context: &Context) {
        if arguments.first().is_none_or(|first| first.starts_with('-')) {
            return;
        }
        let words: Vec<MappedText> = arguments.iter().map(|word| MappedText::verbatim(word, 0)).collect();
        let sure = step.sure && !context.sets_arguments;
        let script = Script::from_argv(&words);
        let own = Context { is_list: true, ..Context::of(&script) };
        self.walk(&script, &own, &Step { by: "CMD".to_owned(), sure, ..step.clone() }, &[]);
    }

    fn program(&mut self, name: &str, arguments: &[Option<String>], step: &Step) {
        match self.search().program(name) {
            Ok(entry) => {
                if step.script.is_none() && !launch::is_startable(entry) {
                    self.fault(step, &Trouble::NoProgram(name.to_owned()), name);
                }
                self.started(entry, arguments, step);
                self.script_argument(name, entry, arguments, step);
            }
            Err(_)
                if name.contains('/') && self.subject.is_volume(&absolute(self.subject.workdir(), name)) => {}
            Err(trouble) => self.fault(step, &trouble, name),
        }
    }

    fn fault(&mut self, step: &Step, trouble: &Trouble, about: &str) {
        let message = format!("{} starts {about}, but {trouble}", step.by);
        let at = match trouble {
            Trouble::NotExecutable(path) | Trouble::NotForUser(path) | Trouble::NoProgram(path) => self
                .subject
                .tree
                .resolve_from(self.subject.workdir(), path)
                .ok()
                .map(|entry| entry.path.to_string()),
            _ => step.script.clone(),
        };
        self.push(step, at, about.to_owned(), message);
    }

    fn push(&mut self, step: &Step, at: Option<String>, subject: String, message: String) {
        let fault = Fault { start: step.start, weight: step.weight, at, subject, message };
        if step.sure && !self.reached.faults.contains(&fault) {
            self.reached.faults.push(fault);
        }
    }

    /// A file that is started: its libraries, or its interpreter and its commands.
    fn started(&mut self, entry: &'s Entry, arguments: &[Option<String>], step: &Step) {
        if self.is_known(entry, step) {
            return;
        }
        if entry.elf().is_some() {
            self.libraries(entry, step);
        } else if entry.script().is_some() {
            // The interpreter may be a script in turn.
            self.scripts += 1;
            if self.scripts <= MAX_SCRIPTS {
                self.interpreters(entry, step);
                self.script(entry, arguments, step);
            }
        }
    }

    /// Whether a file was reached before; it is from now on.
    fn is_known(&mut self, entry: &Entry, step: &Step) -> bool {
        let known = self.reached.files.contains_key(&*entry.path);
        let by = self.reached.files.entry(entry.path.to_string()).or_default();
        if !by.contains(&step.by) {
            by.push(step.by.clone());
        }
        known
    }

    fn libraries(&mut self, entry: &Entry, step: &Step) {
        if let Some(message) = wrong_processor(self.subject.image, entry) {
            return self.push(step, Some(entry.path.to_string()), "processor".to_owned(), message);
        }
        let closure = self.loader.closure(&entry.path);
        for file in closure.interpreter.iter().chain(closure.libraries.iter().map(|library| &library.real)) {
            let by = self.reached.files.entry(file.clone()).or_default();
            if !by.iter().any(|known| *known == *entry.path) {
                by.push(entry.path.to_string());
            }
        }
        for problem in &closure.problems {
            let (at, about) = super::broken::whose(problem, &entry.path);
            self.push(step, Some(at.to_owned()), about, super::broken::in_words(problem, &entry.path));
        }
    }

    /// What the first line of a script names, which the kernel starts.
    fn interpreters(&mut self, entry: &'s Entry, step: &Step) {
        let Some(script) = entry.script() else { return };
        let inside =
            Step { by: entry.path.to_string(), script: Some(entry.path.to_string()), ..step.clone() };
        for name in &super::broken::interpreters_of(&script.interpreter) {
            match self.search().program(name) {
                Ok(found) => self.started(found, &[], &inside),
                Err(trouble) => {
                    let message = format!("the first line of {} wants {name}, but {trouble}", entry.path);
                    self.push(step, Some(entry.path.to_string()), name.clone(), message);
                }
            }
        }
    }

    /// A file that starts with `#!`.
    fn script(&mut self, entry: &'s Entry, arguments: &[Option<String>], step: &Step) {
        let Some(script) = entry.script() else { return };
        self.scripts += 1;
        if self.scripts > MAX_SCRIPTS {
            return;
        }
        let inside =
            Step { by: entry.path.to_string(), script: Some(entry.path.to_string()), ..step.clone() };
        let dialect = dialect_of_shebang(&format!("#!{}", script.interpreter));
        let Some(dialect @ (Dialect::Posix | Dialect::Bash)) = dialect else { return };
        let Some(text) = &script.text else { return };
        let given: Option<Vec<String>> = arguments.iter().cloned().collect();
        let parsed = Script::parse(&MappedText::verbatim(&text.as_str(), 0), dialect);
        self.commands(&parsed, &inside, &given.unwrap_or_default());
    }

    /// A text that a script reads into itself.
    fn sourced(&mut self, path: &str, step: &Step) {
        if let Ok(entry) = self.search().file(path) {
            let unsure = Step { sure: false, by: entry.path.to_string(), ..step.clone() };
            self.started(entry, &[], &unsure);
        }
    }

    /// The file that an interpreter is told to run: it has to be there.
    fn script_argument(&mut self, name: &str, entry: &Entry, arguments: &[Option<String>], step: &Step) {
        let names = [name.rsplit('/').next().unwrap_or(name), entry.name()];
        let Some(file) = names.iter().find_map(|name| file_argument(name, arguments)) else { return };
        let may_be_mounted = self.subject.is_volume(&absolute(self.subject.workdir(), file));
        match self.search().file(file) {
            // Its first line is a comment to the interpreter.
            Ok(found) if found.script().is_some() && !self.is_known(found, step) => {
                self.script(found, &[], step);
            }
            Ok(_) => {}
            Err(_) if may_be_mounted || step.script.is_some() => {}
            Err(trouble) => {
                let message = format!("{} lets {} run {file}, but {trouble}", step.by, names[0]);
                self.push(step, None, file.to_owned(), message);
            }
        }
    }
}

/// What is true of all commands of a script.
struct Context {
    functions: Vec<String>,
    /// It sets the arguments anew, so that `"$@"` may be anything.
    sets_arguments: bool,
    /// It sets PATH or reads another script, so that what is missing may not be.
    is_open: bool,
    /// It is no text but the words of one command.
    is_list: bool,
}

impl Context {
    fn of(script: &Script) -> Self {
        let functions = script.functions().map(|(name, _)| name.to_owned()).collect();
        let mut context = Self { functions, sets_arguments: false, is_open: false, is_list: false };
        script.visit(&mut |visit| match visit.what {
            Visited::Command(command) => {
                let sets_path = command.arguments().any(|word| word.raw().starts_with("PATH="))
                    || command.assignments().any(|assignment| assignment.name == "PATH");
                let name = command.name();
                let name = name.as_deref().unwrap_or_default();
                // `set -e` leaves the arguments as they are.
                let arguments_only =
                    command.arguments().any(|word| !word.raw().starts_with(['-', '+']) || word.is("--"));
                context.sets_arguments |= name == "shift" || name == "set" && arguments_only;
                context.is_open |= sets_path || matches!(name, "." | "source" | "cd" | "alias" | "hash");
            }
            Visited::Unknown(_) => context.is_open = true,
            Visited::UnknownInside(_) => {}
        });
        context
    }

    /// How a command of the script is started.
    fn step_of(&self, visit: &Visit<'_>, around: &Step) -> Step {
        let is_exec = visit.wrappers.iter().any(|wrapper| wrapper.kind == WrapperKind::Exec);
        let elsewhere = visit.wrappers.iter().any(|wrapper| wrapper.kind == WrapperKind::Chroot);
        let in_script = around.script.is_some();
        let certain =
            visit.certainty == Certainty::Always && !visit.in_function && !self.is_open && !elsewhere;
        let usual = is_exec && visit.certainty >= Certainty::Usually && !visit.in_function && !self.is_open;
        Step {
            weight: if is_exec || !in_script || self.is_list { around.weight } else { Weight::Command },
            sure: around.sure && (certain || usual),
            ..around.clone()
        }
    }
}

/// The file among the arguments of an interpreter, if its ending says that it is one.
fn file_argument<'w>(interpreter: &str, arguments: &'w [Option<String>]) -> Option<&'w str> {
    let endings: &[&str] = match interpreter.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" | "pypy" => &[".py"],
        "node" | "nodejs" => &[".js", ".mjs", ".cjs"],
        "ruby" => &[".rb"],
        "perl" => &[".pl"],
        "php" => &[".php"],
        "java" => &[".jar"],
        "sh" | "bash" | "dash" | "ash" => &[".sh"],
        _ => return None,
    };
    for argument in arguments {
        let argument = argument.as_deref()?;
        if argument.starts_with('-') {
            // What follows is no file, but a module or a text.
            if matches!(argument, "-c" | "-m" | "-e" | "-p" | "--eval" | "--print" | "-cp" | "-classpath") {
                return None;
            }
            continue;
        }
        if endings.iter().any(|ending| argument.ends_with(ending)) {
            return Some(argument);
        }
    }
    None
}

fn absolute(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{}/{}", folder.trim_end_matches('/'), path.trim_start_matches("./"))
    }
}

/// That a program is for another processor than the image says.
fn wrong_processor(image: &Image, entry: &Entry) -> Option<String> {
    let facts = entry.elf()?;
    let own = barehull_image::elf::Machine::of_architecture(&image.config.architecture)?;
    // 64-bit kernels run the 32-bit programs of their family.
    let runs = facts.machine == own
        || matches!(
            (image.config.architecture.as_str(), facts.machine.architecture()),
            ("amd64", Some("386")) | ("arm64", Some("arm"))
        );
    (!runs).then(|| {
        format!(
            "{} is a program for {}, but the image is for {}: build it for that platform",
            entry.path, facts.machine, image.config.architecture
        )
    })
}
