//! What the image starts: a program that a compiler made, or a build tool that makes and starts it.

use super::super::RecipeCx;
use super::super::launch;
use super::super::plan::Plan;
use super::program::{Program, locate};
use crate::model::needs::{Process, process_of};
use crate::model::{StageId, StepKind, Toolchain, spawned, toolchain};
use crate::project::manifests::CargoManifest;

/// What the recipe is for.
pub(super) enum Started {
    /// A program that these stages compile.
    Program(Program),
    /// A build tool.
    Tool(String),
    /// A program of the stage's own compiler, whose place is not known.
    Unknown(String),
}

/// Build tools that make a program and start it.
const TOOLS: [&str; 9] = ["cargo", "cargo-watch", "stack", "cabal", "dub", "swift", "make", "zig", "nimble"];

/// What a stage starts, if this recipe is for it.
pub(super) fn started(cx: &RecipeCx<'_>) -> Option<Started> {
    let process = process_of(&cx.stage.config, cx.model.file)?;
    let word = process.argv.first()?;
    let name = word.rsplit('/').next().unwrap_or(word);
    if is_others(name) || is_script(name) {
        return None;
    }
    let of_context = |stage: StageId, path: &str| {
        let (listed, _) = cx.files.borrow_mut().context_files(stage);
        listed.iter().any(|(to, _)| to == path)
    };
    if let Some(program) = locate(cx.model, cx.stage, word, of_context) {
        return Some(Started::Program(program));
    }
    let own = toolchain(cx.model, cx.stage.id)?;
    if TOOLS.contains(&name) {
        return Some(Started::Tool(word.clone()));
    }
    let is_tool = cx.catalog.role_of(name).is_some();
    let is_installed = super::super::runtime_steps::installed(cx.stage).any(|p| p.name == name);
    let is_native = own == Toolchain::Rust || word.contains('/');
    (is_native && !is_tool && !is_installed).then(|| Started::Unknown(word.clone()))
}

/// Whether a program is a script by its name.
fn is_script(name: &str) -> bool {
    const ENDINGS: [&str; 11] =
        [".sh", ".bash", ".py", ".pl", ".rb", ".php", ".js", ".mjs", ".lua", ".tcl", ".jar"];
    ENDINGS.iter().any(|end| name.ends_with(end))
}

/// Whether a program is a server or an interpreter, compiled here or not: it reads more than its binary and libraries.
fn is_others(name: &str) -> bool {
    const INTERPRETERS: [&str; 14] = [
        "python", "pypy", "perl", "ruby", "php", "php-fpm", "php-cgi", "node", "nodejs", "lua", "luajit",
        "java", "erl", "R",
    ];
    const SERVERS: [&str; 52] = [
        "supervisord",
        "s6-svscan",
        "runsvdir",
        "my_init",
        "systemd",
        "init",
        "runit",
        "monit",
        "circusd",
        "honcho",
        "foreman",
        "sshd",
        "telnetd",
        "dropbear",
        "gotty",
        "ttyd",
        "cron",
        "crond",
        "supercronic",
        "anacron",
        "nginx",
        "openresty",
        "httpd",
        "apache2",
        "apachectl",
        "apache2ctl",
        "caddy",
        "haproxy",
        "varnishd",
        "squid",
        "dotnet",
        "bundle",
        "rails",
        "puma",
        "plackup",
        "elixir",
        "mix",
        "deno",
        "bun",
        "Rscript",
        "julia",
        "mysqld",
        "mariadbd",
        "postgres",
        "redis-server",
        "valkey-server",
        "mongod",
        "memcached",
        "rabbitmq-server",
        "named",
        "dnsmasq",
        "unbound",
    ];
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&plain) || SERVERS.contains(&name)
}

/// The program, its command line, and what has to be run to build it; blocks where that is not known.
pub(super) fn program(
    plan: &mut Plan<'_, '_>,
    started: Started,
    process: &Process,
) -> Option<(Program, Vec<String>, Option<String>)> {
    let at = launch::launch_line(plan);
    match started {
        Started::Program(program) => {
            let mut argv = process.argv.clone();
            if !argv[0].contains('/') {
                argv[0].clone_from(&program.path);
            }
            Some((program, argv, None))
        }
        Started::Tool(word) => {
            let ran = cargo_run(plan, process);
            if ran.is_none() {
                plan.block(
                    format!("it is compiled at start ({word}): build it in a RUN and start the binary"),
                    at,
                );
            }
            ran
        }
        Started::Unknown(word) => {
            let reason = if word.contains('/') {
                format!(
                    "no command of this stage is known to make {word}: start the binary where the build puts it"
                )
            } else {
                format!("{word} is looked up on PATH, and where it lies is not known: start it by its path")
            };
            plan.block(reason, at);
            None
        }
    }
}

/// `cargo run`, taken apart into a build and the start of what it makes.
fn cargo_run(plan: &mut Plan<'_, '_>, process: &Process) -> Option<(Program, Vec<String>, Option<String>)> {
    let words: Vec<&str> = process.argv.iter().map(String::as_str).collect();
    let ["cargo", "run", rest @ ..] = words.as_slice() else { return None };
    let (options, arguments) = match rest.iter().position(|w| *w == "--") {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &[][..]),
    };
    // ENTRYPOINT and CMD are one command line here: CMD's words would no longer be replaced by the arguments given.
    if process.entrypoint_words != 0 && process.entrypoint_words != process.argv.len() {
        return None;
    }
    let (mut release, mut bin) = (false, None);
    let mut left = options.iter();
    while let Some(option) = left.next() {
        match *option {
            "--release" | "-r" => release = true,
            "--bin" => bin = Some((*left.next()?).to_owned()),
            "-q" | "--quiet" | "--locked" | "--offline" | "--frozen" => {}
            _ => return None,
        }
    }
    let workdir = plan.cx.stage.config.workdir().to_owned();
    let name = match bin {
        Some(bin) => bin,
        None => manifest(plan, &workdir)?.default_binary()?.to_owned(),
    };
    let profile = if release { "release" } else { "debug" };
    let path = format!("{}/target/{profile}/{name}", workdir.trim_end_matches('/'));
    let program = Program {
        path: path.clone(),
        stage: plan.cx.stage.id,
        built: path.clone(),
        toolchain: Toolchain::Rust,
    };
    plan.assume(
        format!("it is compiled in the build and no longer at every start: nothing that the start changes is compiled in ({name})"),
        Some(launch::launch_line(plan)),
    );
    let argv = std::iter::once(path).chain(arguments.iter().map(|a| (*a).to_owned())).collect();
    let build = (!is_built(plan, release)).then(|| {
        let command: Vec<&str> = ["cargo", "build"].into_iter().chain(options.iter().copied()).collect();
        format!("{} {}", plan.keyword("RUN"), command.join(" "))
    });
    Some((program, argv, build))
}

/// Whether a RUN builds with that profile behind the last COPY.
fn is_built(plan: &Plan<'_, '_>, release: bool) -> bool {
    let steps = plan.cx.stage.steps.iter().rev().take_while(|s| !matches!(s.kind, StepKind::Transfer(_)));
    steps.into_iter().any(|s| match &s.kind {
        StepKind::Run(run) => run.effects.iter().any(|e| match &e.kind {
            crate::model::EffectKind::Spawn { args, .. } if spawned(e) == Some("cargo") => {
                args.first().is_some_and(|a| a.as_deref() == Some("build"))
                    && args.iter().flatten().any(|a| a == "--release" || a == "-r") == release
            }
            _ => false,
        }),
        _ => false,
    })
}

/// Cargo.toml in a folder of the image.
fn manifest(plan: &Plan<'_, '_>, folder: &str) -> Option<CargoManifest> {
    let mut files = plan.cx.files.borrow_mut();
    let source = files.source_of(&format!("{}/Cargo.toml", folder.trim_end_matches('/')))?;
    CargoManifest::read(files.context()?, &source).ok()?
}
