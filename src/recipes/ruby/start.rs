//! What is started: a script of Ruby, or a program of a gem.

use super::super::plan::Plan;
use super::super::probe::{Piece, Probe, pieces};
use super::super::{launch, runtime_steps, variables};
use barehull_catalog::{Presence, Role};
use barehull_syntax::shell::NodeKind;

use crate::model::needs::{Process, process_of};
use crate::model::{EffectKind, ImageConfig, LanguageManager};

/// Programs that gems of applications bring.
pub(super) const PROGRAMS: [&str; 23] = [
    "bundle",
    "bundler",
    "rails",
    "rake",
    "puma",
    "rackup",
    "unicorn",
    "unicorn_rails",
    "thin",
    "falcon",
    "iodine",
    "sidekiq",
    "resque",
    "que",
    "good_job",
    "solid_queue",
    "shoryuken",
    "karafka",
    "hanami",
    "clockwork",
    "racecar",
    "jobs",
    "thrust",
];

/// Programs that start others through a shell, or watch files.
const NOT_THE_APPLICATION: [&str; 8] =
    ["foreman", "overmind", "guard", "rerun", "shotgun", "spring", "passenger", "sh"];

/// What is started.
pub(super) struct Start {
    /// The process; variables of the command stay in its words as `${NAME}`.
    pub(super) process: Process,
    /// Files that the command removes first: a pid file that a container left behind which is started again.
    pub(super) removes: Vec<String>,
    /// Whether it is a program of a gem whose sources nobody reads.
    pub(super) of_gem: bool,
}

/// Takes the command apart; [`Start::script`] has Ruby do what only the shell did.
pub(super) fn start(plan: &mut Plan<'_, '_>) -> Option<Start> {
    let config = &plan.cx.stage.config;
    let process = process_of(config, plan.cx.model.file);
    let words = variables::words(config).map(|words| (Vec::new(), words)).or_else(|| behind_rm(config));
    let words = words.filter(|_| process.as_ref().is_some_and(|p| p.shell.is_some()));
    let start = match (process, words) {
        (Some(process), Some((removes, argv))) => {
            Start { process: Process { argv, shell: None, ..process }, removes, of_gem: false }
        }
        _ => Start { process: launch::process(plan, None)?, removes: Vec::new(), of_gem: false },
    };
    let of_gem = is_ruby(plan, &start.process.argv)?;
    Some(Start { of_gem, ..start })
}

/// The files and the words of `rm -f tmp/pids/server.pid && rails server`.
fn behind_rm(config: &ImageConfig) -> Option<(Vec<String>, Vec<String>)> {
    let script = variables::shell_text(config)?;
    let plain = |kind| matches!(kind, NodeKind::Sequence | NodeKind::AndOr | NodeKind::Command);
    if script.has_unknown() || !script.nodes().all(|n| plain(n.kind())) {
        return None;
    }
    let commands: Vec<_> = script.commands().collect();
    let [remove, start] = commands.as_slice() else { return None };
    let removed = variables::command_words(*remove)?;
    let (program, words) = removed.split_first()?;
    let (options, files): (Vec<String>, Vec<String>) =
        words.iter().cloned().partition(|w| w.starts_with('-'));
    let forced = options.iter().all(|o| matches!(o.as_str(), "-f" | "-rf" | "-fr")) && !options.is_empty();
    let is_pid_file = |file: &String| file.ends_with(".pid") && !file.contains(['*', '?', '[', '$']);
    if program != "rm" || !forced || files.is_empty() || !files.iter().all(is_pid_file) {
        return None;
    }
    Some((files, variables::command_words(*start)?))
}

impl Start {
    /// A script of Ruby that becomes the process, where words and nothing more would not do: variables are read
    /// from the environment when it starts.
    pub(super) fn script(&self) -> Option<String> {
        if self.removes.is_empty() && !self.has_variables() {
            return None;
        }
        let words: Vec<String> = self.process.argv.iter().map(|word| expression(word)).collect();
        let exec = format!("exec {}", words.join(", "));
        if self.removes.is_empty() {
            return Some(exec);
        }
        let files: Vec<String> = self.removes.iter().map(|file| quoted(file)).collect();
        Some(format!("require 'fileutils'; FileUtils.rm_f [{}]; {exec}", files.join(", ")))
    }

    /// Whether the words of the process hold variables.
    pub(super) fn has_variables(&self) -> bool {
        self.process.argv.iter().any(|word| word.contains("${"))
    }
}

/// The word behind `bundle exec`.
fn behind_bundle(argv: &[String]) -> Option<&str> {
    let name = base_name(argv.first()?);
    let exec = argv.iter().position(|w| w == "exec").filter(|_| matches!(name, "bundle" | "bundler"))?;
    argv[exec + 1..].iter().find(|w| !w.starts_with('-')).map(String::as_str)
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Blocks where the process is no Ruby program as far as its name and the build context show; else, whether it is
/// one of a gem that is no server.
fn is_ruby(plan: &mut Plan<'_, '_>, argv: &[String]) -> Option<bool> {
    let at = launch::launch_line(plan);
    let bundled = behind_bundle(argv);
    let program = bundled.unwrap_or(&argv[0]);
    let name = base_name(program);
    if matches!(base_name(&argv[0]), "bundle" | "bundler") && bundled.is_none() {
        plan.block("bundle starts no program: an image runs one", at);
        return None;
    }
    if matches!(name, "irb" | "pry") || name == "ruby" && argv.last().is_some_and(|w| w == program) {
        plan.block("it starts Ruby without a script: an interactive prompt", at);
        return None;
    }
    if NOT_THE_APPLICATION.contains(&name) || plan.cx.catalog.role_of(name) == Some(Role::Shell) {
        plan.block(format!("{name} starts the application: start the application itself"), at);
        return None;
    }
    if name == "rails" && argv.iter().any(|w| matches!(w.as_str(), "console" | "c" | "dbconsole" | "db")) {
        plan.block("it starts a console: the image is for people", at);
        return None;
    }
    let found = plan.cx.files.borrow_mut().find_program(program, &plan.cx.stage.config);
    if let Some(Ok((_, bytes))) = found {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        if line.starts_with(b"#!") && line.windows(4).any(|w| w == b"ruby") {
            return Some(false);
        }
    } else if name == "ruby" || PROGRAMS.contains(&name) {
        return Some(false);
    } else if bundled.is_some() {
        return Some(!program.contains('/'));
    } else if is_of_gem(plan, program) {
        plan.assume(
            format!("{program} is a program of a gem: a script of Ruby that starts no other program"),
            Some(at),
        );
        return Some(true);
    }
    plan.block(
        format!("{program} starts the application, and is no Ruby program as far as the build context shows"),
        at,
    );
    None
}

/// Blocks on clients that are installed beside a program of a gem: most likely it starts them (git, ssh).
pub(super) fn block_clients(plan: &mut Plan<'_, '_>) {
    let Some(os) = &plan.cx.stage.os else { return };
    let packages = plan.cx.catalog.packages(os);
    let named: Vec<_> = runtime_steps::installed(plan.cx.stage).cloned().collect();
    for package in named {
        let brought = packages.brings([&package.name], false);
        let mut own = brought.components.iter().filter(|c| c.package == package.name);
        if own.any(|c| {
            plan.cx.catalog.role_of(c.path.rsplit('/').next().unwrap_or_default())
                == Some(Role::NetworkClient)
        }) {
            plan.block(
                format!("the image installs {}, which the program of the gem may start: copy what it needs of it from a build stage", package.name),
                package.at,
            );
        }
    }
}

/// Whether a program may be one that gems bring: no package of the system does, and gems are installed.
fn is_of_gem(plan: &Plan<'_, '_>, program: &str) -> bool {
    let of_gems = |kind: &EffectKind| {
        matches!(
            kind,
            EffectKind::LanguageInstall { manager: LanguageManager::Gem | LanguageManager::Bundler, .. }
        )
    };
    let of_system = || {
        plan.cx.stage.inventory.materialise().iter().any(|entry| {
            entry.presence == Presence::Present
                && entry.component.name() == program
                && !entry.component.path.starts_with("/usr/local/")
        })
    };
    !program.contains('/')
        && !program.ends_with(".sh")
        && plan.effects().any(|e| of_gems(&e.kind))
        && !of_system()
}

/// A health check in exec form with Ruby itself as the client.
pub(super) fn check(probe: &Probe) -> Option<Vec<String>> {
    let ruby = "/usr/local/bin/ruby".to_owned();
    let words = |library: &str, script: String| {
        Some(vec![ruby.clone(), format!("-r{library}"), "-e".to_owned(), script])
    };
    match probe {
        Probe::Http { headers, .. } if !headers.is_empty() => None,
        Probe::Http { url, fails_on_status: true, .. } => {
            words("net/http", format!("exit Net::HTTP.get_response(URI({})).code < '400'", expression(url)))
        }
        Probe::Http { url, .. } => {
            words("net/http", format!("Net::HTTP.get_response(URI({}))", expression(url)))
        }
        Probe::Tcp { host, port } => {
            words("socket", format!("TCPSocket.new({}, {port}).close", quoted(host)))
        }
        Probe::Own(argv) => {
            let (program, rest) = argv.split_first()?;
            (base_name(program) == "ruby")
                .then(|| std::iter::once(ruby.clone()).chain(rest.iter().cloned()).collect())
        }
    }
}

/// A string literal in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A word as an expression: its variables are looked up when it is evaluated.
fn expression(word: &str) -> String {
    let parts = pieces(word).into_iter().map(|piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Variable(name, None) => format!("ENV.fetch({})", quoted(name)),
        Piece::Variable(name, Some(default)) => {
            format!("[ENV[{}], {}].find {{ |v| v.to_s != '' }}", quoted(name), quoted(default))
        }
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "''".to_owned() } else { parts.join(" + ") }
}
