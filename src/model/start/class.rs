//! What a command of a start script is for.

use std::collections::HashSet;
use std::fmt;

use barehull_syntax::shell::{CommandRef, Inner, NodeId, NodeKind, PartKind, Script, WrapperKind};
use barehull_syntax::{FileId, Location};

use super::Step;
use crate::model::{Effect, EffectKind, Sink};

/// What a command of a start script is for; each kind has another place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The shell's own affairs: options, messages, tests.
    Shell,
    /// Sets a variable.
    Variable,
    /// Changes the folder.
    Folder,
    /// Runs the application.
    Handover,
    /// Waits for another service.
    Wait,
    /// Downloads or installs something.
    Download,
    /// Writes a file, most often a configuration made of a template and variables.
    Render,
    /// A job that must be done once per release: migrations, static files, first users.
    Job,
    /// Makes folders, changes owners and modes, makes accounts.
    Permissions,
    /// Reads a secret.
    Secret,
    /// Starts another process beside the application.
    Process,
    /// Something else, or something that could not be read.
    Unknown,
}

impl Class {
    /// What it does, as a clause about the script.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shell => "does what only a shell needs",
            Self::Variable => "sets variables",
            Self::Folder => "changes the folder",
            Self::Handover => "runs the application",
            Self::Wait => "waits for another service",
            Self::Download => "downloads",
            Self::Render => "writes configuration",
            Self::Job => "runs a job of the release",
            Self::Permissions => "prepares folders and owners",
            Self::Secret => "reads secrets",
            Self::Process => "starts other processes",
            Self::Unknown => "runs commands of unknown purpose",
        }
    }

    /// Where such work belongs.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Shell | Self::Variable | Self::Folder | Self::Handover => {
                "say it with ENV, WORKDIR and CMD"
            }
            Self::Wait => "wait in an init container, or let the application try again",
            Self::Download => "fetch it in the build, or in an init container into a shared volume",
            Self::Render => "mount it from a ConfigMap, or make it in an init container",
            Self::Job => "run it as a job or an init container of the same image",
            Self::Permissions => "do it in the build (COPY --chown), or leave it to fsGroup",
            Self::Secret => "mount it where the application reads it",
            Self::Process => "give each process a container of its own",
            Self::Unknown => "do it in the build, in an init container or in the application",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Clients by which scripts see whether a service is there.
const CLIENTS: [&str; 22] = [
    "nc",
    "ncat",
    "netcat",
    "curl",
    "wget",
    "pg_isready",
    "psql",
    "mysqladmin",
    "mysql",
    "mariadb",
    "mariadb-admin",
    "redis-cli",
    "mongo",
    "mongosh",
    "cqlsh",
    "ping",
    "nslookup",
    "dig",
    "host",
    "getent",
    "rabbitmqctl",
    "etcdctl",
];

/// Programs that do nothing but wait for a service.
const WAITERS: [&str; 9] = [
    "wait-for-it",
    "wait-for-it.sh",
    "wait-for",
    "wait-for.sh",
    "wait4ports",
    "wait-port",
    "dockerize",
    "pg_isready",
    "wait",
];

/// Programs that only compute a text, as `$(...)` uses them.
const TEXT_TOOLS: [&str; 30] = [
    "awk", "basename", "cat", "cut", "date", "dirname", "env", "expr", "find", "getent", "grep", "head",
    "hostname", "id", "ls", "nproc", "printenv", "readlink", "realpath", "sed", "seq", "sort", "stat",
    "tail", "tr", "uname", "wc", "which", "whoami", "xargs",
];

/// The class of each command, in source order.
pub(super) fn steps(script: &Script, file: FileId, effects: &[Effect]) -> Vec<Step> {
    let waits = waiting_loops(script);
    let functions: HashSet<&str> = script.functions().map(|(name, _)| name).collect();
    let classifier = Classifier { file, effects, waits, functions };
    script.commands().filter_map(|command| classifier.step(command)).collect()
}

/// Loops that ask again and again whether something is there.
fn waiting_loops(script: &Script) -> HashSet<NodeId> {
    let (mut asks, mut sleeps) = (HashSet::new(), HashSet::new());
    for command in script.commands() {
        let name = command.base_name().unwrap_or_default();
        let is_client = CLIENTS.contains(&&*name)
            || command.script().text().text()[command.range()].contains("/dev/tcp/");
        let marks = if is_client {
            &mut asks
        } else if name == "sleep" {
            &mut sleeps
        } else {
            continue;
        };
        let loops = command.node().ancestors().filter(|n| matches!(n.kind(), NodeKind::Loop(_)));
        marks.extend(loops.map(|n| n.id()));
    }
    asks.intersection(&sleeps).copied().collect()
}

struct Classifier<'s> {
    file: FileId,
    effects: &'s [Effect],
    waits: HashSet<NodeId>,
    functions: HashSet<&'s str>,
}

impl Classifier<'_> {
    /// Nothing for a call of the script's own functions, whose commands are looked at where they stand.
    fn step(&self, command: CommandRef<'_>) -> Option<Step> {
        let at = Location::new(self.file, command.source().span());
        let name = command.base_name().map(|n| n.into_owned()).unwrap_or_default();
        if self.functions.contains(name.as_str()) {
            return None;
        }
        Some(Step { class: self.class(command, at), at, name, always: command.certain() })
    }

    fn class(&self, command: CommandRef<'_>, at: Location) -> Class {
        let in_wait = command.node().ancestors().any(|n| self.waits.contains(&n.id()));
        if in_wait {
            return Class::Wait;
        }
        if reads_secret(command) {
            return Class::Secret;
        }
        if command.name_word().is_none() {
            return if command.assignments().next().is_some() {
                Class::Variable
            } else if command.node().kind() == NodeKind::Test {
                Class::Shell
            } else {
                self.of_effects(command, at)
            };
        }
        if command.background() {
            return Class::Process;
        }
        if hands_over(command) {
            return Class::Handover;
        }
        if let Some(class) = of_builtin(command) {
            return class;
        }
        if edits_in_place(command) {
            return Class::Render;
        }
        if command.in_substitution() && command.base_name().is_some_and(|n| TEXT_TOOLS.contains(&&*n)) {
            return Class::Shell;
        }
        self.of_effects(command, at)
    }

    /// By what the command does to files, or by the program where that is not modelled.
    fn of_effects(&self, command: CommandRef<'_>, at: Location) -> Class {
        let own = self.effects.iter().filter(|e| e.at == at);
        let classes = own.map(|effect| match &effect.kind {
            EffectKind::Nothing => Class::Shell,
            EffectKind::Fetch { to: Sink::File(_) | Sink::Folder(_), .. }
            | EffectKind::Install { .. }
            | EffectKind::InstallFiles { .. }
            | EffectKind::LanguageInstall { .. }
            | EffectKind::RefreshLists(_)
            | EffectKind::Upgrade(_)
            | EffectKind::Unpack { .. } => Class::Download,
            EffectKind::Write { .. }
            | EffectKind::Copy { .. }
            | EffectKind::Move { .. }
            | EffectKind::Link { .. } => Class::Render,
            EffectKind::MakeFolder { .. }
            | EffectKind::Chmod { .. }
            | EffectKind::Chown { .. }
            | EffectKind::Remove { .. }
            | EffectKind::Account { .. } => Class::Permissions,
            EffectKind::Spawn { program, args } => of_program(program, args),
            _ => Class::Unknown,
        });
        // What is written with a redirection is what counts (`cat > file <<EOF`, `envsubst < a > b`).
        classes.max_by_key(|class| weight(*class)).unwrap_or_else(|| match command.unwrap().inner {
            Inner::Script { .. } | Inner::Unknown => Class::Unknown,
            _ => Class::Shell,
        })
    }
}

/// Of several classes of one command, which says most.
const fn weight(class: Class) -> u8 {
    match class {
        Class::Shell => 0,
        Class::Unknown => 1,
        Class::Permissions => 2,
        Class::Render => 3,
        Class::Download => 4,
        _ => 5,
    }
}

/// What words of the shell itself do; nothing for programs.
fn of_builtin(command: CommandRef<'_>) -> Option<Class> {
    let name = command.name()?;
    Some(match &*name {
        "export" | "declare" | "typeset" | "readonly" | "local" | "unset" => Class::Variable,
        "cd" | "pushd" | "popd" => Class::Folder,
        "echo" | "printf" if writes_file(command) => Class::Render,
        ":" if command.arguments().any(|w| w.raw().contains('=')) => Class::Variable,
        "set" if command.arguments().any(|w| w.is("--")) => Class::Unknown,
        "set" | "shopt" | "echo" | "printf" | ":" | "true" | "false" | "[" | "test" | "exit" | "return"
        | "break" | "continue" | "sleep" | "command" | "type" | "hash" => Class::Shell,
        "." | "source" | "eval" | "trap" | "shift" | "read" | "umask" | "ulimit" | "wait" => Class::Unknown,
        _ => return None,
    })
}

/// `sed -i`, `perl -pi`: contents change, which no effect on the image tells.
pub(super) fn edits_in_place(command: CommandRef<'_>) -> bool {
    let is_editor = command.base_name().is_some_and(|n| matches!(&*n, "sed" | "perl"));
    is_editor
        && command.arguments().any(|w| ["-i", "-pi", "--in-place"].iter().any(|o| w.raw().starts_with(o)))
}

fn writes_file(command: CommandRef<'_>) -> bool {
    use barehull_syntax::shell::RedirectKind::{Append, AppendBoth, Write, WriteBoth};
    let piped = command.piped_to().is_some();
    piped
        || command.redirects().any(|r| {
            matches!(r.kind, Write | Append | WriteBoth | AppendBoth) && !r.target.raw().contains("/dev/")
        })
}

/// Whether the command takes the place of the script, or is what it ends with.
fn hands_over(command: CommandRef<'_>) -> bool {
    let unwrapped = command.unwrap();
    if matches!(unwrapped.inner, Inner::Nothing) || command.in_substitution() {
        return false;
    }
    if unwrapped.wrappers.iter().any(|w| w.kind == WrapperKind::Exec) {
        return true;
    }
    let is_arguments = command.name_word().is_some_and(|w| matches!(w.raw(), "\"$@\"" | "$@"));
    let is_builtin = of_builtin(command).is_some();
    is_arguments || (command.last() && !command.in_function() && !is_builtin && command.piped_to().is_none())
}

fn reads_secret(command: CommandRef<'_>) -> bool {
    let name = command.base_name().unwrap_or_default();
    if matches!(&*name, "vault" | "chamber" | "berglas" | "sops") {
        return true;
    }
    let words: Vec<_> = command.arguments().take(3).filter_map(|w| w.literal()).collect();
    if name == "aws" && words.first().is_some_and(|w| matches!(&**w, "secretsmanager" | "ssm")) {
        return true;
    }
    let from_file = command.redirects().map(|r| r.target).chain(command.arguments());
    matches!(&*name, "cat" | "read" | "." | "source" | "")
        && from_file.into_iter().any(|word| word.raw().contains("/run/secrets/"))
}

/// What a program whose effect is not modelled is for.
fn of_program(program: &str, args: &[Option<String>]) -> Class {
    let name = program.rsplit('/').next().unwrap_or(program);
    let words: Vec<&str> = args.iter().flatten().map(String::as_str).collect();
    let has = |word: &str| words.contains(&word);
    if WAITERS.contains(&name) && (name != "dockerize" || words.iter().any(|w| w.starts_with("-wait"))) {
        return Class::Wait;
    }
    if is_job(name, &words) {
        return Class::Job;
    }
    match name {
        "envsubst" | "confd" | "gomplate" | "j2" | "jinja2" | "dockerize" | "consul-template" | "tee"
        | "patch" => Class::Render,
        "aws" if has("s3") => Class::Download,
        "gsutil" | "rclone" | "git" | "svn" | "hg" => Class::Download,
        "touch" | "install" | "usermod" | "groupmod" | "setfacl" | "chgrp" => Class::Permissions,
        "cron" | "crond" | "sshd" | "supervisord" | "rsyslogd" | "syslogd" | "service" | "invoke-rc.d"
        | "dbus-daemon" => Class::Process,
        name if CLIENTS.contains(&name) => Class::Wait,
        _ => Class::Unknown,
    }
}

/// Migrations, static files, first users: what a release does once.
fn is_job(name: &str, words: &[&str]) -> bool {
    const TOOLS: [&str; 8] =
        ["flyway", "liquibase", "goose", "dbmate", "migrate", "alembic", "sql-migrate", "atlas"];
    const COMMANDS: [&str; 15] = [
        "migrate",
        "db:migrate",
        "db:create",
        "db:setup",
        "db:seed",
        "db:prepare",
        "collectstatic",
        "createsuperuser",
        "loaddata",
        "migration:run",
        "assets:precompile",
        "db:upgrade",
        "migrations:migrate",
        "compilemessages",
        "doctrine:migrations:migrate",
    ];
    const RUNNERS: [&str; 18] = [
        "python",
        "python3",
        "rails",
        "rake",
        "bundle",
        "npx",
        "npm",
        "yarn",
        "pnpm",
        "node",
        "php",
        "artisan",
        "flask",
        "prisma",
        "sequelize",
        "knex",
        "typeorm",
        "mix",
    ];
    if TOOLS.contains(&name) {
        return true;
    }
    let runs =
        RUNNERS.contains(&name) || name.ends_with(".py") || name.starts_with("manage") || name == "console";
    runs && words
        .iter()
        .any(|w| COMMANDS.contains(w) || w.ends_with(":migrate") || *w == "db" || *w == "migrate:latest")
}

/// Whether a word is `"$@"` or `$@`, and nothing else.
pub(super) fn is_arguments(word: barehull_syntax::shell::Word<'_>) -> bool {
    match word.parts().as_slice() {
        [part] => matches!(&part.kind, PartKind::Variable(v) if v.is_plain() && matches!(v.name, "@" | "*")),
        _ => false,
    }
}
