//! Which file Node.js runs: `npm start`, `yarn start` and the programs of node_modules/.bin taken apart.

use barehull_syntax::{Location, MappedText};

use super::in_workdir;
use crate::model::needs::{Process, process_of};
use crate::model::{ImageConfig, Launch, Provenance, Setting};
use crate::recipes::launch;
use crate::recipes::plan::Plan;

/// Scripts that run scripts are followed this deep.
const MAX_DEPTH: usize = 4;

/// Programs that watch, compile or bundle at start: for development, not for an image that is shipped.
const DEVELOPMENT: [&str; 18] = [
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "babel-node",
    "nest",
    "ng",
    "vite",
    "react-scripts",
    "vue-cli-service",
    "webpack",
    "webpack-dev-server",
    "parcel",
    "gulp",
    "grunt",
    "concurrently",
    "npm-run-all",
    "turbo",
];

/// Names and values.
type Variables = Vec<(String, String)>;

/// What Node.js is started with.
pub(super) struct Start {
    /// The words behind the interpreter: options, script, arguments.
    pub(super) args: Vec<String>,
    /// Variables that the npm script sets in front of it.
    pub(super) env: Vec<(String, String)>,
    /// The program of node_modules/.bin it runs, if it does.
    pub(super) package_bin: Option<String>,
}

/// Takes the process apart; blocks where it is no Node.js program, or one that only runs in development.
pub(super) fn resolve(plan: &mut Plan<'_, '_>, process: &Process) -> Option<Start> {
    let mut argv = process.argv.clone();
    let mut env = Vec::new();
    for _ in 0..MAX_DEPTH {
        let at = launch::launch_line(plan);
        let (program, rest) = argv.split_first()?;
        let name = program.rsplit('/').next().unwrap_or(program);
        match name {
            "node" | "nodejs" => {
                if rest.is_empty() {
                    plan.block("it starts Node.js without a script: an interactive prompt", at);
                    return None;
                }
                return Some(Start { args: rest.to_vec(), env, package_bin: None });
            }
            "npm" | "yarn" | "yarnpkg" | "pnpm" => {
                let (next, set) = package_script(plan, name, rest)?;
                argv = next;
                env.extend(set);
            }
            "cross-env" | "cross-env-shell" | "env" => {
                let pairs = rest.iter().take_while(|w| w.contains('=') && !w.starts_with('-')).count();
                for word in &rest[..pairs] {
                    let (name, value) = word.split_once('=')?;
                    env.push((name.to_owned(), value.to_owned()));
                }
                argv = rest[pairs..].to_vec();
            }
            "npx" => {
                argv = rest.iter().skip_while(|w| w.starts_with('-')).cloned().collect();
            }
            _ if DEVELOPMENT.contains(&name) => {
                plan.block(format!("{name} is started, which is for development: build in a RUN and start the result with node"), at);
                return None;
            }
            "pm2" | "pm2-runtime" | "forever" => {
                plan.block(format!("{name} keeps the process running, which is the container's job: start the script with node"), at);
                return None;
            }
            _ => return own_program(plan, program, rest, &env),
        }
    }
    plan.block("its npm scripts call each other too deep to follow", launch::launch_line(plan));
    None
}

/// The command of `npm start` and the like, and the variables set in front of it.
fn package_script(
    plan: &mut Plan<'_, '_>,
    manager: &str,
    rest: &[String],
) -> Option<(Vec<String>, Variables)> {
    let at = launch::launch_line(plan);
    let words: Vec<&str> = rest.iter().map(String::as_str).filter(|w| !w.starts_with('-')).collect();
    let (script, more) = match words.as_slice() {
        ["run" | "run-script", script, more @ ..] => (*script, more),
        [script, more @ ..] => (*script, more),
        [] => ("start", [].as_slice()),
    };
    let elsewhere = ["--prefix", "-C", "--cwd", "--dir", "-w", "--workspace", "--filter", "-F"];
    let named = |w: &String| elsewhere.iter().any(|o| w.split('=').next() == Some(*o));
    if rest.iter().any(named) || matches!(script, "workspace" | "workspaces") {
        plan.block(
            format!("`{manager}` starts a script of another folder: start it with node and its path"),
            at,
        );
        return None;
    }
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let Some((file, package)) = plan.cx.files.borrow_mut().node_package(&workdir) else {
        plan.block(format!("`{manager} {script}` is started and package.json was not found in the build context: start the script with node"), at);
        return None;
    };
    let Some(entry) = package.script(script) else {
        if script == "start" {
            return Some((vec!["node".to_owned(), "server.js".to_owned()], Vec::new()));
        }
        plan.block(format!("package.json has no script {script}"), at);
        return None;
    };
    let entry_at = Location::new(file, entry.command.span);
    for hook in [format!("pre{script}"), format!("post{script}")] {
        if let Some(hooked) = package.script(&hook) {
            plan.block(
                format!("npm runs {hook} around {script}: run it in the build"),
                Location::new(file, hooked.command.span),
            );
            return None;
        }
    }
    let (env, text) = leading_assignments(&entry.command.value);
    let config = shell_config(&text);
    let mut process = process_of(&config, file)?;
    if let Some(why) = &process.shell {
        plan.block(format!("the npm script {script} needs a shell: {why}"), entry_at);
        return None;
    }
    process.argv.extend(more.iter().map(|w| (*w).to_owned()));
    Some((process.argv, env))
}

fn shell_config(text: &str) -> ImageConfig {
    let value = Launch::Shell(MappedText::verbatim(text, 0));
    ImageConfig {
        cmd: Some(Setting { value, from: Provenance::Base(String::new()) }),
        ..ImageConfig::default()
    }
}

/// `A=b C=d node x` as its variables and the rest; values that are quoted or expanded stay in the rest.
fn leading_assignments(text: &str) -> (Vec<(String, String)>, String) {
    let mut env = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let word = rest.split_ascii_whitespace().next().unwrap_or_default();
        let Some((name, value)) = word.split_once('=') else { break };
        let plain =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./:,".contains(&b));
        if !plain(name) || name.contains(['-', '.', '/']) || !plain(value) {
            break;
        }
        env.push((name.to_owned(), value.to_owned()));
        rest = rest[word.len()..].trim_start();
    }
    (env, rest.to_owned())
}

/// A program that is neither Node.js nor a package manager: a script of the image with its own shebang, or one
/// of node_modules/.bin.
fn own_program(
    plan: &mut Plan<'_, '_>,
    program: &str,
    rest: &[String],
    env: &[(String, String)],
) -> Option<Start> {
    let at = launch::launch_line(plan);
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let with = |script: String, package_bin: Option<String>| {
        let mut args = vec![script];
        args.extend(rest.iter().cloned());
        Some(Start { args, env: env.to_vec(), package_bin })
    };
    if program.contains('/') {
        let path = in_workdir(&workdir, program);
        if let Some(name) = path.rsplit_once("/node_modules/.bin/").map(|(_, n)| n.to_owned()) {
            return with(program.to_owned(), Some(name));
        }
        let found = plan.cx.files.borrow_mut().read(&path);
        let is_node = found.is_some_and(|(_, bytes)| {
            let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            line.starts_with(b"#!") && line.windows(4).any(|w| w == b"node")
        });
        if is_node {
            return with(program.to_owned(), None);
        }
        plan.block(
            format!("{program} is started, which is no script of Node.js as far as the build context shows"),
            at,
        );
        return None;
    }
    let package = plan.cx.files.borrow_mut().node_package(&workdir);
    if package.is_some_and(|(_, p)| p.dependencies.iter().any(|d| d.name.value == program)) {
        plan.assume(
            format!("node_modules/.bin/{program} is a JavaScript file, as npm and yarn 1 install it"),
            Some(at),
        );
        return with(format!("node_modules/.bin/{program}"), Some(program.to_owned()));
    }
    plan.block(
        format!(
            "{program} is looked up on PATH and is no dependency of package.json: start its script with node"
        ),
        at,
    );
    None
}
