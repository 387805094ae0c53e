//! Package managers of languages.

use super::command::{Argument, Command};
use crate::model::effect::{EffectKind, Landing, LanguageManager, Named};

/// The effects of a language package manager's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    let name = command.name();
    let versioned = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match versioned {
        "pip" => pip(command, &command.args),
        "python" | "pypy" => python_module(command)?,
        "pipx" => named_install(command, LanguageManager::Pipx, &["install"]),
        "poetry" => {
            project_install(command, LanguageManager::Poetry, &["install", "sync"], poetry_development)
        }
        "uv" => uv(command),
        "conda" | "mamba" | "micromamba" => {
            named_install(command, LanguageManager::Conda, &["install", "create"])
        }
        "npm" | "cnpm" => npm(command),
        "yarn" | "yarnpkg" => yarn(command),
        "pnpm" => pnpm(command),
        "gem" => named_install(command, LanguageManager::Gem, &["install", "i"]),
        "bundle" | "bundler" => project_install(command, LanguageManager::Bundler, &["install"], |c| {
            !c.texts().any(|a| a.contains("without"))
        }),
        "composer" => {
            project_install(command, LanguageManager::Composer, &["install", "update", "require"], |c| {
                !c.has_flag(&["--no-dev"])
            })
        }
        "cargo" if verb(command) == Some("install") => cargo(command),
        "go" if matches!(verb(command), Some("mod" | "get" | "install")) => go(command),
        "mvn" | "mvnw" => vec![project(command, LanguageManager::Maven, true)],
        "gradle" | "gradlew" => vec![project(command, LanguageManager::Gradle, true)],
        "dotnet" if verb(command) == Some("restore") => vec![project(command, LanguageManager::Dotnet, true)],
        _ => return None,
    })
}

fn verb(command: &Command) -> Option<&str> {
    command.operands(&[]).first().and_then(|a| a.text.as_deref())
}

fn project(command: &Command, manager: LanguageManager, development: bool) -> EffectKind {
    let folder = command.cwd.clone().unwrap_or_default();
    EffectKind::LanguageInstall {
        manager,
        packages: Vec::new(),
        landing: Landing::Project(folder),
        development,
    }
}

fn spawned(command: &Command) -> Vec<EffectKind> {
    vec![super::walk::spawn(command)]
}

/// Sub-commands that install what a manifest lists.
fn project_install(
    command: &Command,
    manager: LanguageManager,
    verbs: &[&str],
    development: impl Fn(&Command) -> bool,
) -> Vec<EffectKind> {
    match verb(command) {
        Some(v) if verbs.contains(&v) => vec![project(command, manager, development(command))],
        _ => spawned(command),
    }
}

/// Sub-commands that install packages named on the command line, beside the interpreter.
fn named_install(command: &Command, manager: LanguageManager, verbs: &[&str]) -> Vec<EffectKind> {
    let operands =
        command.operands(&["-v", "--version", "-c", "--channel", "-n", "--name", "-p", "--root", "-f"]);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    if !verb.text.as_deref().is_some_and(|v| verbs.contains(&v)) {
        return spawned(command);
    }
    vec![EffectKind::LanguageInstall {
        manager,
        packages: names(words, &["=", "@", ":"]),
        landing: Landing::Global,
        development: false,
    }]
}

/// The packages that can be told; files, folders and addresses are none.
fn names(words: &[&Argument], separators: &[&str]) -> Vec<Named> {
    words
        .iter()
        .filter(|w| w.text.as_deref().is_some_and(|t| !t.starts_with(['.', '/', '-']) && !t.contains("://")))
        .filter_map(|w| w.package(separators))
        .collect()
}

fn pip(command: &Command, args: &[Argument]) -> Vec<EffectKind> {
    const WITH_VALUE: [&str; 18] = [
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "-t",
        "--target",
        "--prefix",
        "--root",
        "--trusted-host",
        "--timeout",
        "--retries",
        "-e",
        "--cache-dir",
    ];
    let command = Command { args: args.to_vec(), ..command.clone() };
    let operands = command.operands(&WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    if verb.text.as_deref() != Some("install") {
        return match verb.text.as_deref() {
            Some("wheel" | "download") => vec![super::walk::spawn(&command)],
            _ => vec![EffectKind::Nothing],
        };
    }
    let folder = command.option(&["-t", "--target", "--prefix", "--root"]).and_then(|f| command.path(f));
    let landing = if let Some(folder) = folder {
        Landing::Folder(folder)
    } else if command.has_flag(&["--user"]) {
        Landing::Home
    } else if command.program.contains("/bin/") && !command.program.starts_with("/usr") {
        // A virtual environment's own pip.
        Landing::Folder(command.program.rsplitn(3, '/').nth(2).unwrap_or("/").to_owned())
    } else {
        Landing::Global
    };
    let packages = names(words, &["=", "<", ">", "~", "!", "[", "@", ";"]);
    vec![EffectKind::LanguageInstall { manager: LanguageManager::Pip, packages, landing, development: false }]
}

/// `python -m pip install ...`; other modules and scripts are run.
fn python_module(command: &Command) -> Option<Vec<EffectKind>> {
    let at = command.args.iter().position(|a| a.text.as_deref() == Some("-m"))?;
    match command.args.get(at + 1)?.text.as_deref()? {
        "pip" => Some(pip(command, &command.args[at + 2..])),
        _ => None,
    }
}

fn poetry_development(command: &Command) -> bool {
    !command
        .texts()
        .any(|a| matches!(a, "--no-dev" | "--only=main" | "--without=dev" | "--only" | "--without"))
}

fn uv(command: &Command) -> Vec<EffectKind> {
    match verb(command) {
        Some("sync") => vec![project(command, LanguageManager::Uv, !command.has_flag(&["--no-dev"]))],
        Some("pip") => {
            let rest =
                command.args.iter().position(|a| a.text.as_deref() == Some("pip")).map_or(0, |at| at + 1);
            pip(command, &command.args[rest..])
        }
        _ => spawned(command),
    }
}

fn npm(command: &Command) -> Vec<EffectKind> {
    let operands =
        command.operands(&["--prefix", "-C", "--registry", "--omit", "--loglevel", "--cache", "-w"]);
    let Some((verb, words)) = operands.split_first() else { return spawned(command) };
    match verb.text.as_deref() {
        Some("install" | "i" | "add" | "ci" | "clean-install" | "install-clean") => {
            let global =
                command.has_flag(&["-g", "--global"]) || command.texts().any(|a| a == "--location=global");
            let omitted =
                command.has_flag(&["--production", "--only=production", "--only=prod", "--omit=dev"])
                    || command
                        .option(&["--omit", "--only"])
                        .is_some_and(|o| matches!(o, "dev" | "production" | "prod"));
            node_install(command, LanguageManager::Npm, words, global, !omitted)
        }
        _ => spawned(command),
    }
}

fn node_install(
    command: &Command,
    manager: LanguageManager,
    words: &[&Argument],
    global: bool,
    development: bool,
) -> Vec<EffectKind> {
    let folder = command.option(&["--prefix", "-C", "--cwd", "--dir"]).and_then(|f| command.path(f));
    let landing = match (global, folder.or_else(|| command.cwd.clone())) {
        (true, _) => Landing::Global,
        (false, folder) => Landing::Project(folder.unwrap_or_default()),
    };
    let packages = words
        .iter()
        .filter_map(|w| {
            // `@scope/name@1.2`: the first @ belongs to the name.
            let text = w.text.as_deref()?;
            let cut = text[1..].find('@').map_or(text.len(), |at| at + 1);
            let version = text.get(cut + 1..).map(str::to_owned);
            Some(Named { name: text[..cut].to_owned(), version, at: w.at, exact: w.exact })
        })
        .collect();
    vec![EffectKind::LanguageInstall { manager, packages, landing, development }]
}

fn yarn(command: &Command) -> Vec<EffectKind> {
    let operands = command.operands(&["--cwd", "--network-timeout", "--cache-folder", "--registry"]);
    let production = command.has_flag(&["--production", "--prod", "--production=true"]);
    match operands.split_first() {
        None => {
            let informs = command.texts().any(|a| matches!(a, "--version" | "-v" | "--help"));
            if informs {
                vec![EffectKind::Nothing]
            } else {
                node_install(command, LanguageManager::Yarn, &[], false, !production)
            }
        }
        Some((verb, words)) => match verb.text.as_deref() {
            Some("install" | "add") => {
                node_install(command, LanguageManager::Yarn, words, false, !production)
            }
            Some("global") if words.first().is_some_and(|w| w.text.as_deref() == Some("add")) => {
                node_install(command, LanguageManager::Yarn, &words[1..], true, false)
            }
            Some("workspaces") if words.first().is_some_and(|w| w.text.as_deref() == Some("focus")) => {
                node_install(command, LanguageManager::Yarn, &[], false, !production)
            }
            _ => spawned(command),
        },
    }
}

fn pnpm(command: &Command) -> Vec<EffectKind> {
    let operands = command.operands(&["--dir", "-C", "--filter", "-F", "--store-dir"]);
    let Some((verb, words)) = operands.split_first() else { return spawned(command) };
    let production = command.has_flag(&["--prod", "-P", "--production"]);
    match verb.text.as_deref() {
        Some("install" | "i" | "add") => {
            let global = command.has_flag(&["-g", "--global"]);
            node_install(command, LanguageManager::Pnpm, words, global, !production)
        }
        _ => spawned(command),
    }
}

/// `cargo install`: programs land in cargo's own folder, or below `--root`.
fn cargo(command: &Command) -> Vec<EffectKind> {
    const WITH_VALUE: [&str; 17] = [
        "--path",
        "--git",
        "--branch",
        "--tag",
        "--rev",
        "--root",
        "--version",
        "--vers",
        "--bin",
        "--features",
        "-F",
        "--target",
        "--target-dir",
        "--profile",
        "-j",
        "--registry",
        "-Z",
    ];
    let operands = command.operands(&WITH_VALUE);
    let packages = names(operands.get(1..).unwrap_or_default(), &["@"]);
    let root = command.option(&["--root"]).and_then(|root| command.path(root));
    let landing =
        root.map_or(Landing::Global, |root| Landing::Folder(format!("{}/bin", root.trim_end_matches('/'))));
    vec![EffectKind::LanguageInstall {
        manager: LanguageManager::Cargo,
        packages,
        landing,
        development: false,
    }]
}

/// `go mod download` and the like: modules land in the module cache.
fn go(command: &Command) -> Vec<EffectKind> {
    let operands = command.operands(&["-modfile", "-tags", "-ldflags"]);
    match operands.first().and_then(|a| a.text.as_deref()) {
        Some("install") => {
            let packages = operands[1..]
                .iter()
                .filter_map(|w| {
                    let text = w.text.as_deref()?;
                    let path = text.split('@').next().unwrap_or(text);
                    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
                    (name != "." && name != "...").then_some(Named {
                        name,
                        version: None,
                        at: w.at,
                        exact: false,
                    })
                })
                .collect();
            vec![EffectKind::LanguageInstall {
                manager: LanguageManager::Go,
                packages,
                landing: Landing::Folder("/go/bin".to_owned()),
                development: false,
            }]
        }
        _ => vec![project(command, LanguageManager::Go, false)],
    }
}
