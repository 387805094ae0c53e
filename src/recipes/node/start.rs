//! Which file Node.js runs: `npm start`, `yarn start` and the programs of node_modules/.bin taken apart.

use barehull_syntax::{Location, MappedText};

use super::in_workdir;
use super::scripts::{self, Call};
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
    /// The folder it starts in, where that is another than WORKDIR.
    pub(super) folder: Option<String>,
}

/// Takes the process apart; blocks where it is no Node.js program, or one that only runs in development.
pub(super) fn resolve(plan: &mut Plan<'_, '_>, process: &Process) -> Option<Start> {
    let mut argv = process.argv.clone();
    let mut env = Vec::new();
    let mut folder = plan.cx.stage.config.workdir().to_owned();
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
                return Some(started(plan, rest.to_vec(), env, None, folder));
            }
            "npm" | "yarn" | "yarnpkg" | "pnpm" => {
                let call = scripts::call(plan, name, rest, &folder)?;
                let (next, set) = package_script(plan, name, &call)?;
                argv = next;
                env.extend(set);
                folder = call.folder;
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
            _ => return own_program(plan, program, rest, env, folder),
        }
    }
    plan.block("its npm scripts call each other too deep to follow", launch::launch_line(plan));
    None
}

fn started(
    plan: &Plan<'_, '_>,
    args: Vec<String>,
    env: Variables,
    package_bin: Option<String>,
    folder: String,
) -> Start {
    let folder = (folder != plan.cx.stage.config.workdir()).then_some(folder);
    Start { args, env, package_bin, folder }
}

/// The command behind a script of package.json, and the variables set in front of it.
fn package_script(plan: &mut Plan<'_, '_>, manager: &str, call: &Call) -> Option<(Vec<String>, Variables)> {
    let at = launch::launch_line(plan);
    let script = call.script.as_str();
    let Some((file, package)) = plan.cx.files.borrow_mut().node_package(&call.folder) else {
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
        let reason = scripts::chained(script, &text)
            .unwrap_or_else(|| format!("the npm script {script} needs a shell: {why}"));
        plan.block(reason, entry_at);
        return None;
    }
    process.argv.extend(call.more.iter().cloned());
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
    env: Variables,
    folder: String,
) -> Option<Start> {
    let at = launch::launch_line(plan);
    let script = |script: String| std::iter::once(script).chain(rest.iter().cloned()).collect();
    if program.contains('/') {
        let path = in_workdir(&folder, program);
        if let Some(name) = path.rsplit_once("/node_modules/.bin/").map(|(_, n)| n.to_owned()) {
            return Some(started(plan, script(program.to_owned()), env, Some(name), folder));
        }
        let found = plan.cx.files.borrow_mut().read(&path);
        let is_node = found.is_some_and(|(_, bytes)| {
            let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            line.starts_with(b"#!") && line.windows(4).any(|w| w == b"node")
        });
        if is_node {
            return Some(started(plan, script(program.to_owned()), env, None, folder));
        }
        plan.block(
            format!("{program} is started, which is no script of Node.js as far as the build context shows"),
            at,
        );
        return None;
    }
    let package = plan.cx.files.borrow_mut().node_package(&folder);
    if package.is_some_and(|(_, p)| p.dependencies.iter().any(|d| d.name.value == program)) {
        if folder != plan.cx.stage.config.workdir() {
            plan.block(
                format!("{program} is started in a workspace, and whether it lies there or in the folder above is not known: start its script with node"),
                at,
            );
            return None;
        }
        plan.assume(
            format!("node_modules/.bin/{program} is a JavaScript file, as npm and yarn 1 install it"),
            Some(at),
        );
        let path = format!("node_modules/.bin/{program}");
        return Some(started(plan, script(path), env, Some(program.to_owned()), folder));
    }
    plan.block(
        format!(
            "{program} is looked up on PATH and is no dependency of package.json: start its script with node"
        ),
        at,
    );
    None
}
