//! Package managers of operating systems.

use super::command::{Argument, Command};
use crate::model::effect::{EffectKind, Manager, Named};

/// The effects of a package manager's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    Some(match command.name() {
        "apt" | "apt-get" | "aptitude" => apt(command),
        "apt-mark" => apt_mark(command),
        "dpkg" => dpkg(command),
        "apk" => apk(command),
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => dnf(command),
        "rpm" => rpm(command),
        "zypper" => zypper(command),
        "pacman" => pacman(command),
        _ => return None,
    })
}

/// The packages among `words`; `None` where one cannot be told.
fn packages(words: &[&Argument], separators: &[&str]) -> Option<Vec<Named>> {
    words.iter().map(|w| w.package(separators)).collect()
}

fn unresolved(what: &str) -> Vec<EffectKind> {
    vec![EffectKind::Unknown {
        reason: format!("the packages of this {what} are not known before the build"),
    }]
}

/// Installs or removes the named packages; package files count as such.
fn change(
    command: &Command,
    words: &[&Argument],
    separators: &[&str],
    made: impl FnOnce(Vec<Named>) -> EffectKind,
) -> Vec<EffectKind> {
    let mut effects = Vec::new();
    let named: Vec<&Argument> = words.iter().copied().filter(|w| !is_file(w)).collect();
    let files: Vec<String> = words.iter().filter(|w| is_file(w)).filter_map(|w| w.text.clone()).collect();
    let Some(packages) = packages(&named, separators) else {
        let known: Vec<&Argument> = named.iter().copied().filter(|w| w.text.is_some()).collect();
        let mut effects = unresolved(command.name());
        if let Some(known) = self::packages(&known, separators).filter(|k| !k.is_empty()) {
            effects.push(made(known));
        }
        return effects;
    };
    if !files.is_empty() {
        let manager = if separators == RPM { Manager::Rpm } else { Manager::Dpkg };
        effects.push(EffectKind::InstallFiles { manager, files });
    }
    if !packages.is_empty() {
        effects.push(made(packages));
    }
    if command.more_args {
        effects.extend(unresolved(command.name()));
    }
    effects
}

fn is_file(word: &Argument) -> bool {
    word.text.as_deref().is_some_and(|t| {
        t.starts_with("./")
            || t.starts_with("../")
            || t.starts_with('/')
            || t.contains("://")
            || [".deb", ".rpm", ".apk"].iter().any(|e| t.ends_with(e))
    })
}

const DEB: &[&str] = &["=", "/", ":"];
const APK: &[&str] = &["=", "<", ">", "~", "@"];
const RPM: &[&str] = &["\0"];

fn apt(command: &Command) -> Vec<EffectKind> {
    const WITH_VALUE: [&str; 8] =
        ["-o", "--option", "-t", "--target-release", "--default-release", "-c", "--config-file", "-a"];
    let operands = command.operands(&WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    let recommends = !command.texts().any(|a| {
        let a = a.replace(' ', "").to_lowercase();
        a == "--no-install-recommends"
            || a == "--without-recommends"
            || (a.contains("apt::install-recommends") && ["0", "false", "no"].iter().any(|v| a.ends_with(v)))
            || a == "-r" && command.name() == "aptitude"
    });
    match verb.text.as_deref() {
        Some("install" | "reinstall" | "satisfy") => apt_install(command, words, recommends),
        Some("build-dep") => unresolved("build-dep"),
        Some("remove" | "purge" | "autoremove" | "autopurge") => {
            let verb = verb.text.as_deref().unwrap_or_default();
            let autoremove = verb.starts_with("auto")
                || command.has_flag(&["--auto-remove", "--autoremove"])
                || command.name() == "aptitude";
            let removed = |packages| EffectKind::Uninstall { manager: Manager::Apt, packages, autoremove };
            if words.is_empty() { vec![removed(Vec::new())] } else { change(command, words, DEB, removed) }
        }
        Some("update") => vec![EffectKind::RefreshLists(Manager::Apt)],
        Some("upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade") => {
            vec![EffectKind::Upgrade(Manager::Apt)]
        }
        Some("clean" | "autoclean") => vec![EffectKind::CleanCache(Manager::Apt)],
        Some(_) => vec![EffectKind::Nothing],
        None => unresolved("apt"),
    }
}

/// `apt-get install a b- c+`: a trailing minus removes.
fn apt_install(command: &Command, words: &[&Argument], recommends: bool) -> Vec<EffectKind> {
    let removes = |w: &&&Argument| w.text.as_deref().is_some_and(|t| t.ends_with('-') && !t.contains('='));
    let removed: Vec<Named> = words
        .iter()
        .filter(removes)
        .filter_map(|w| w.package(DEB))
        .map(|p| Named { name: p.name.trim_end_matches('-').to_owned(), ..p })
        .collect();
    let installed: Vec<&Argument> = words.iter().filter(|w| !removes(w)).copied().collect();
    let mut effects = change(command, &installed, DEB, |packages| EffectKind::Install {
        manager: Manager::Apt,
        packages,
        recommends,
        group: None,
        root: None,
    });
    if !removed.is_empty() {
        effects.push(EffectKind::Uninstall { manager: Manager::Apt, packages: removed, autoremove: false });
    }
    effects
}

fn apt_mark(command: &Command) -> Vec<EffectKind> {
    let operands = command.operands(&[]);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    // Patterns (`apt-mark auto '.*'`) and words nobody knows stand for all there is.
    let named: Vec<Named> =
        words.iter().filter_map(|w| w.package(DEB)).filter(|p| !p.name.contains(['*', '$'])).collect();
    match verb.text.as_deref() {
        Some("auto") => vec![EffectKind::MarkAuto { packages: named }],
        Some("manual") => vec![EffectKind::MarkManual { packages: named }],
        _ => vec![EffectKind::Nothing],
    }
}

fn dpkg(command: &Command) -> Vec<EffectKind> {
    let words = command.operands(&["--admindir", "--root", "--instdir"]);
    if command.has_flag(&["-i", "--install", "--unpack"]) {
        let files = words.iter().map(|w| w.text.clone().unwrap_or_default()).collect();
        return vec![EffectKind::InstallFiles { manager: Manager::Dpkg, files }];
    }
    if command.has_flag(&["-r", "--remove", "-P", "--purge"]) {
        return change(command, &words, DEB, |packages| EffectKind::Uninstall {
            manager: Manager::Dpkg,
            packages,
            autoremove: false,
        });
    }
    vec![EffectKind::Nothing]
}

fn apk(command: &Command) -> Vec<EffectKind> {
    const WITH_VALUE: [&str; 12] = [
        "-t",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--cache-dir",
        "--keys-dir",
        "--arch",
        "--repositories-file",
        "--cache-max-age",
        "--progress-fd",
    ];
    let operands = command.operands(&WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    let root = command.option(&["-p", "--root"]).map(str::to_owned);
    match verb.text.as_deref() {
        Some("add") => {
            let group = command.option(&["-t", "--virtual"]).map(str::to_owned);
            change(command, words, APK, |packages| EffectKind::Install {
                manager: Manager::Apk,
                packages,
                recommends: false,
                group,
                root,
            })
        }
        Some("del") => change(command, words, APK, |packages| EffectKind::Uninstall {
            manager: Manager::Apk,
            packages,
            autoremove: true,
        }),
        Some("update") => vec![EffectKind::RefreshLists(Manager::Apk)],
        Some("upgrade") => vec![EffectKind::Upgrade(Manager::Apk)],
        Some("cache") => vec![EffectKind::CleanCache(Manager::Apk)],
        Some(_) => vec![EffectKind::Nothing],
        None => unresolved("apk"),
    }
}

fn dnf(command: &Command) -> Vec<EffectKind> {
    const WITH_VALUE: [&str; 9] = [
        "-c",
        "--config",
        "--enablerepo",
        "--disablerepo",
        "--installroot",
        "--releasever",
        "--setopt",
        "-x",
        "--exclude",
    ];
    let operands = command.operands(&WITH_VALUE);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    let root = command.option(&["--installroot"]).map(str::to_owned);
    let recommends = command.name().starts_with("dnf")
        && !command.texts().any(|a| {
            a.contains("install_weak_deps=") && !a.ends_with(['1', 'e', 's'])
                || a == "--setopt=install_weak_deps=False"
        });
    let install =
        |packages| EffectKind::Install { manager: Manager::Dnf, packages, recommends, group: None, root };
    match verb.text.as_deref() {
        Some("install" | "localinstall" | "reinstall") => change(command, words, RPM, install),
        Some("groupinstall") => group_install(command, words, install),
        Some("group") if words.first().is_some_and(|w| w.text.as_deref() == Some("install")) => {
            group_install(command, &words[1..], install)
        }
        Some("remove" | "erase" | "autoremove") => change(command, words, RPM, |packages| {
            EffectKind::Uninstall { manager: Manager::Dnf, packages, autoremove: command.name() != "yum" }
        }),
        Some("update" | "upgrade" | "distro-sync") => vec![EffectKind::Upgrade(Manager::Dnf)],
        Some("makecache" | "check-update") => vec![EffectKind::RefreshLists(Manager::Dnf)],
        Some("clean") => vec![EffectKind::CleanCache(Manager::Dnf)],
        Some("builddep") => unresolved("builddep"),
        Some(_) => vec![EffectKind::Nothing],
        None => unresolved("dnf"),
    }
}

/// Groups are named as the catalog names them: `@development-tools`.
fn group_install(
    command: &Command,
    words: &[&Argument],
    install: impl FnOnce(Vec<Named>) -> EffectKind,
) -> Vec<EffectKind> {
    let named = packages(words, RPM).map(|packages| {
        packages
            .into_iter()
            .map(|p| Named {
                name: format!("@{}", p.name.trim_start_matches('@').to_lowercase().replace(' ', "-")),
                ..p
            })
            .collect::<Vec<_>>()
    });
    match named {
        Some(named) if !named.is_empty() => vec![install(named)],
        _ => unresolved(command.name()),
    }
}

fn rpm(command: &Command) -> Vec<EffectKind> {
    let words = command.operands(&["--root", "--dbpath", "--prefix"]);
    let short = |letter: char| {
        command.texts().any(|a| a.starts_with('-') && !a.starts_with("--") && a.contains(letter))
    };
    if command.has_flag(&["--import", "--eval", "--query", "--verify"]) || short('q') {
        return vec![EffectKind::Nothing];
    }
    if short('e') || command.has_flag(&["--erase"]) {
        return change(command, &words, RPM, |packages| EffectKind::Uninstall {
            manager: Manager::Rpm,
            packages,
            autoremove: false,
        });
    }
    if short('i') || short('U') || short('F') || command.has_flag(&["--install", "--upgrade"]) {
        let files = words.iter().map(|w| w.text.clone().unwrap_or_default()).collect();
        return vec![EffectKind::InstallFiles { manager: Manager::Rpm, files }];
    }
    vec![EffectKind::Nothing]
}

fn zypper(command: &Command) -> Vec<EffectKind> {
    let operands = command.operands(&["-R", "--root", "-p", "--plus-repo", "-r", "--repo", "--from"]);
    let Some((verb, words)) = operands.split_first() else { return vec![EffectKind::Nothing] };
    let recommends = !command.has_flag(&["--no-recommends"]);
    match verb.text.as_deref() {
        Some("install" | "in") => change(command, words, APK, |packages| EffectKind::Install {
            manager: Manager::Zypper,
            packages,
            recommends,
            group: None,
            root: None,
        }),
        Some("remove" | "rm") => change(command, words, APK, |packages| EffectKind::Uninstall {
            manager: Manager::Zypper,
            packages,
            autoremove: command.has_flag(&["-u", "--clean-deps"]),
        }),
        Some("refresh" | "ref") => vec![EffectKind::RefreshLists(Manager::Zypper)],
        Some("update" | "up" | "dup" | "dist-upgrade" | "patch") => {
            vec![EffectKind::Upgrade(Manager::Zypper)]
        }
        Some("clean" | "cc") => vec![EffectKind::CleanCache(Manager::Zypper)],
        Some(_) => vec![EffectKind::Nothing],
        None => unresolved("zypper"),
    }
}

fn pacman(command: &Command) -> Vec<EffectKind> {
    let words = command.operands(&["--root", "-r", "--dbpath", "-b", "--cachedir"]);
    let operation = command.texts().find(|a| a.starts_with('-')).unwrap_or_default().to_owned();
    if operation.starts_with("-S") || operation == "--sync" {
        if words.is_empty() {
            let clean = operation.contains('c');
            return vec![if clean {
                EffectKind::CleanCache(Manager::Pacman)
            } else {
                EffectKind::Upgrade(Manager::Pacman)
            }];
        }
        return change(command, &words, APK, |packages| EffectKind::Install {
            manager: Manager::Pacman,
            packages,
            recommends: false,
            group: None,
            root: None,
        });
    }
    if operation.starts_with("-R") || operation == "--remove" {
        return change(command, &words, APK, |packages| EffectKind::Uninstall {
            manager: Manager::Pacman,
            packages,
            autoremove: operation.contains('s'),
        });
    }
    if operation.starts_with("-U") {
        let files = words.iter().filter_map(|w| w.text.clone()).collect();
        return vec![EffectKind::InstallFiles { manager: Manager::Pacman, files }];
    }
    vec![EffectKind::Nothing]
}
