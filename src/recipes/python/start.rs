//! What is started: a script, a module or a console script of Python.

use barehull_catalog::Presence;

use super::super::plan::Plan;
use super::super::{launch, variables};
use super::check::address;
use super::interpreter::environment_of;
use crate::model::absolute;
use crate::model::needs::{Process, process_of};

/// The process; gunicorn's `--bind :$PORT` needs no shell, since that is its default. Other variables of the command
/// stay in its words as `${NAME}`: [`exec`] has Python put them in.
pub(super) fn start(plan: &mut Plan<'_, '_>) -> Option<Process> {
    let config = &plan.cx.stage.config;
    let process = process_of(config, plan.cx.model.file);
    if let Some(process) = &process
        && process.shell.as_deref().is_some_and(|why| why.contains("$PORT"))
        && let Some(argv) = without_port(&process.argv)
    {
        plan.assume("PORT is set wherever the image runs, as it had to be: gunicorn listens on 0.0.0.0:$PORT by itself then", Some(launch::launch_line(plan)));
        return Some(Process { argv, shell: None, ..process.clone() });
    }
    let with_variables =
        variables::words(config).filter(|_| process.as_ref().is_some_and(|p| p.shell.is_some()));
    let process = match (process, with_variables) {
        (Some(process), Some(argv)) => Process { argv, shell: None, ..process },
        _ => launch::process(plan, None)?,
    };
    let program = process.argv[0].clone();
    let name = program.rsplit('/').next().unwrap_or(&program);
    if matches!(
        name,
        "supervisord" | "uwsgi" | "nginx" | "conda" | "poetry" | "pipenv" | "uv" | "watchmedo" | "pytest"
    ) {
        plan.block(
            format!("{name} starts the application: start the application itself"),
            launch::launch_line(plan),
        );
        return None;
    }
    is_python(plan, &process).then_some(process)
}

/// Whether the words of a process hold variables.
pub(super) fn has_variables(argv: &[String]) -> bool {
    argv.iter().any(|word| word.contains("${"))
}

/// A script of Python that becomes the process of `argv`, its variables read from the environment when it starts,
/// as the shell did.
pub(super) fn exec(argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().map(|word| address(word)).collect();
    format!("import os; os.execvp({}, [{}])", words[0], words.join(", "))
}

/// Blocks where the process is no Python program: an interactive interpreter, a program of the system, or one
/// that came from elsewhere and may start anything.
fn is_python(plan: &mut Plan<'_, '_>, process: &Process) -> bool {
    let at = launch::launch_line(plan);
    let program = &process.argv[0];
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.starts_with("python") {
        if process.argv.len() == 1 {
            plan.block("it starts Python without a script: an interactive prompt", at);
        }
        return process.argv.len() > 1;
    }
    let stage = plan.cx.stage;
    let of_system = if program.contains('/') {
        let path = absolute(stage.config.workdir(), program);
        let beside_python = stage.config.path().iter().any(|f| path == format!("{f}/{name}"));
        !beside_python && environment_of(plan, program).is_none() && !is_python_script(plan, &path)
    } else {
        stage.inventory.materialise().iter().any(|entry| {
            entry.presence == Presence::Present
                && entry.component.name() == name
                && !entry.component.path.starts_with("/usr/local/")
        })
    };
    if of_system {
        plan.block(
            format!(
                "{program} starts the application, and is no Python program as far as the build context shows"
            ),
            at,
        );
    }
    !of_system
}

/// Whether the build context shows a script at `path` whose first line names Python.
fn is_python_script(plan: &Plan<'_, '_>, path: &str) -> bool {
    plan.cx.files.borrow_mut().read(path).is_some_and(|(_, bytes)| {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        line.starts_with(b"#!") && line.windows(6).any(|w| w == b"python")
    })
}

/// The words without gunicorn's bind to `$PORT`; nothing if a variable stands elsewhere.
fn without_port(argv: &[String]) -> Option<Vec<String>> {
    let words: Vec<&str> = argv.iter().map(String::as_str).skip_while(|w| *w == "exec").collect();
    if words.first() != Some(&"gunicorn") {
        return None;
    }
    let is_port = |value: &str| matches!(value, ":$PORT" | ":${PORT}" | "0.0.0.0:$PORT" | "0.0.0.0:${PORT}");
    let mut kept = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if matches!(word, "--bind" | "-b") && words.peek().is_some_and(|v| is_port(v)) {
            words.next();
        } else if word.strip_prefix("--bind=").or(word.strip_prefix("-b")).is_some_and(is_port) {
            // Its default says the same.
        } else if word.contains('$') {
            return None;
        } else {
            kept.push(word.to_owned());
        }
    }
    Some(kept)
}
