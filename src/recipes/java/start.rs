//! What Java is started with: its options, the jar or class it runs, and what a shell put in for it.

use barehull_syntax::shell::{PartKind, Word};

use super::super::plan::Plan;
use super::super::probe::with_variables;
use super::super::{launch, variables};
use crate::model::needs::{Process, process_of};
use crate::model::{ImageConfig, Provenance, absolute};

/// Entrypoint scripts of base images that start what CMD names.
const PASS_ON: [&str; 2] = ["__cacert_entrypoint.sh", "mvn-entrypoint.sh"];

/// Options of the launcher that take the next word.
const WITH_VALUE: [&str; 16] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "--upgrade-module-path",
    "--add-modules",
    "--limit-modules",
    "--add-opens",
    "--add-exports",
    "--add-reads",
    "--patch-module",
    "--enable-native-access",
    "--source",
    "--describe-module",
    "-splash",
];

/// Build tools that somebody starts the application with.
const BUILDS: [&str; 8] = ["mvn", "mvnw", "gradle", "gradlew", "sbt", "ant", "lein", "activator"];

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// `-jar FILE`.
    Jar(String),
    /// A class, or a module behind `-m`.
    Class,
}

/// A variable that stands for options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OptionVariable {
    /// Its name.
    pub(super) name: String,
    /// What stands for it where it is not set.
    pub(super) default: String,
    /// Whether options of the command stand in front of it, which it could overrule.
    pub(super) behind_options: bool,
}

/// What Java is started with.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// How it is started: its `argv` are the words as the image says them.
    pub(super) process: Process,
    /// The words before the jar or class, `-jar` included.
    pub(super) options: Vec<String>,
    /// The jar or class and the words behind it.
    pub(super) rest: Vec<String>,
    pub(super) runs: Runs,
    /// Whether the jar is a pattern that the shell expands.
    pub(super) pattern: bool,
    /// Variables among the options.
    pub(super) variables: Vec<OptionVariable>,
}

impl Start {
    /// The words of the new process.
    pub(super) fn argv(&self, java: &str) -> Vec<String> {
        let words = self.options.iter().chain(&self.rest);
        std::iter::once(java.to_owned()).chain(words.cloned()).collect()
    }

    /// The jar's absolute path, where one is run.
    pub(super) fn jar(&self, workdir: &str) -> Option<String> {
        match &self.runs {
            Runs::Jar(jar) => Some(absolute(workdir, jar)),
            Runs::Class => None,
        }
    }

    /// The value of an option that stands in the next word, or behind `=`.
    pub(super) fn option(&self, names: &[&str]) -> Option<&str> {
        let at = self.options.iter().position(|o| names.contains(&o.as_str()));
        let next = at.and_then(|at| self.options.get(at + 1)).map(String::as_str);
        next.or_else(|| {
            self.options
                .iter()
                .find_map(|o| o.split_once('=').filter(|(n, _)| names.contains(n)).map(|o| o.1))
        })
    }

    /// Files that options load agents from.
    pub(super) fn agents(&self) -> impl Iterator<Item = &str> {
        self.options.iter().filter_map(|o| {
            let path = o.strip_prefix("-javaagent:").or_else(|| o.strip_prefix("-agentpath:"))?;
            Some(path.split('=').next().unwrap_or(path))
        })
    }
}

/// Whether the stage starts Java itself.
pub(super) fn starts_java(plan: &Plan<'_, '_>) -> bool {
    let config = &plan.cx.stage.config;
    let process = process_of(config, plan.cx.model.file);
    let first = match shell_words(config) {
        Some(words) => words.words.into_iter().next().map(|w| w.text),
        None => process.and_then(|p| p.argv.into_iter().next()),
    };
    first.is_some_and(|program| program.rsplit('/').next() == Some("java"))
}

/// Takes the start apart; blocks where it is no start of Java, or more than that.
pub(super) fn start(plan: &mut Plan<'_, '_>) -> Option<Start> {
    let config = without_script(&plan.cx.stage.config);
    let process = process_of(&config, plan.cx.model.file);
    let from_shell = shell_words(&config)
        .filter(|_| process.as_ref().is_some_and(|p| p.shell.is_some() && p.wrappers.is_empty()));
    let (process, words) = match (process, from_shell) {
        (Some(process), Some(ShellWords { words, own_name })) => {
            if own_name {
                let text =
                    "the application does without the argument `sh`, which `$0` is where nobody gives any";
                plan.assume(text, Some(launch::launch_line(plan)));
            }
            let argv: Vec<String> = words.iter().map(|w| w.text.clone()).collect();
            let entrypoint_words = if process.entrypoint_words == 0 { 0 } else { argv.len() };
            (Process { argv, entrypoint_words, shell: None, ..process }, words)
        }
        _ => {
            let process = launch::process(plan, of_base(&plan.cx.stage.config))?;
            let word = |text: &String| ShellWord { text: text.clone(), pattern: false };
            let words = process.argv.iter().map(word).collect();
            (process, words)
        }
    };
    is_java(plan, &process).then_some(())?;
    parse(plan, process, &words)
}

/// The base's own entrypoint script, where it is one that passes on.
fn of_base(config: &ImageConfig) -> Option<&'static str> {
    let entrypoint = config.entrypoint.as_ref().filter(|e| matches!(e.from, Provenance::Base(_)))?;
    let program = entrypoint.value.argv()?.first()?.rsplit('/').next()?;
    PASS_ON.into_iter().find(|name| *name == program)
}

fn without_script(config: &ImageConfig) -> ImageConfig {
    let mut config = config.clone();
    if of_base(&config).is_some() {
        config.entrypoint = None;
    }
    config
}

/// The words of a command that a shell starts.
struct ShellWords {
    words: Vec<ShellWord>,
    /// Whether `$0` stood behind them, which is the shell's own name where nobody gives arguments.
    own_name: bool,
}

/// A word as a shell reads it.
struct ShellWord {
    /// Its variables are `${NAME}` or `${NAME:-default}`.
    text: String,
    /// Whether it is a pattern for names of files.
    pattern: bool,
}

/// The words of a command that a shell starts, where that only puts in variables and names of files. Spring's
/// `${0} ${@}` behind them are what an exec form appends by itself.
fn shell_words(config: &ImageConfig) -> Option<ShellWords> {
    let script = variables::script(config)?;
    let mut words: Vec<Word<'_>> = script.commands().next()?.words().collect();
    let mut own_name = false;
    while let Some(last) = words.last().filter(|w| is_passed_on(**w)) {
        own_name |= last.raw().contains('0');
        words.pop();
    }
    if words.first().is_some_and(|w| w.is("exec")) {
        words.remove(0);
    }
    let words = words.into_iter().map(shell_word).collect::<Option<_>>()?;
    Some(ShellWords { words, own_name })
}

fn is_passed_on(word: Word<'_>) -> bool {
    matches!(word.raw().trim_matches('"'), "$@" | "${@}" | "$*" | "${*}" | "$0" | "${0}")
}

fn shell_word(word: Word<'_>) -> Option<ShellWord> {
    if let Some(text) = with_variables(word) {
        return Some(ShellWord { text, pattern: false });
    }
    let mut text = String::new();
    for part in word.parts() {
        match part.kind {
            PartKind::Literal(literal) => text.push_str(&literal),
            PartKind::Glob(glob) => text.push_str(glob),
            _ => return None,
        }
    }
    Some(ShellWord { text, pattern: true })
}

fn is_java(plan: &mut Plan<'_, '_>, process: &Process) -> bool {
    let at = launch::launch_line(plan);
    let program = &process.argv[0];
    match program.rsplit('/').next().unwrap_or(program) {
        "java" => return true,
        name if BUILDS.contains(&name) => plan.block(
            format!("{name} builds at every start: package the application in a RUN, and start the result with java"),
            at,
        ),
        _ => plan.block(
            format!(
                "{program} starts the application, and is not Java itself: where it is a start script, start java \
                 with `-cp` and the main class instead"
            ),
            at,
        ),
    }
    false
}

fn parse(plan: &mut Plan<'_, '_>, process: Process, words: &[ShellWord]) -> Option<Start> {
    let at = launch::launch_line(plan);
    let (mut options, mut found) = (Vec::new(), Vec::new());
    let mut words_left = words[1..].iter();
    let mut first = None;
    let mut is_jar = false;
    while let Some(word) = words_left.next() {
        let text = word.text.as_str();
        if text == "-jar" || text == "-m" || text == "--module" {
            options.push(text.to_owned());
            is_jar = text == "-jar";
            first = words_left.next();
            break;
        }
        if let Some((name, default)) = whole_variable(text) {
            let behind_options = !options.is_empty();
            found.push(OptionVariable { name: name.to_owned(), default: default.to_owned(), behind_options });
        } else if text.starts_with('@') {
            plan.block("it reads its options from a file (`@file`): write them into the command", at);
            return None;
        } else if text.starts_with('-') {
            options.push(text.to_owned());
            if WITH_VALUE.contains(&text) {
                options.extend(words_left.next().map(|value| value.text.clone()));
            }
        } else {
            first = Some(word);
            break;
        }
    }
    let Some(first) = first else {
        plan.block("it starts Java without a jar or class", at);
        return None;
    };
    if !is_jar && first.text.ends_with(".java") {
        plan.block(format!("{} is compiled at every start: compile it in a RUN", first.text), at);
        return None;
    }
    if words_left.as_slice().iter().any(|w| w.pattern) || (first.pattern && !is_jar) {
        plan.block("its command needs a shell: it expands patterns at run time", at);
        return None;
    }
    let runs = if is_jar { Runs::Jar(first.text.clone()) } else { Runs::Class };
    let rest = std::iter::once(first).chain(words_left).map(|w| w.text.clone()).collect();
    Some(Start { process, options, rest, runs, pattern: first.pattern, variables: found })
}

/// `${NAME}` or `${NAME:-default}`, if the word is nothing else.
fn whole_variable(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("${")?.strip_suffix('}').filter(|inner| !inner.contains('}'))?;
    Some(inner.split_once(":-").unwrap_or((inner, "")))
}

#[cfg(test)]
mod tests {
    use super::whole_variable;

    #[test]
    fn variables_that_are_a_word() {
        let cases = [
            ("${A}", Some(("A", ""))),
            ("${A:--Xmx1g}", Some(("A", "-Xmx1g"))),
            ("${A}${B}", None),
            ("-D${A}", None),
            ("${A", None),
        ];
        for (text, expected) in cases {
            assert_eq!(whole_variable(text), expected, "{text}");
        }
    }
}
