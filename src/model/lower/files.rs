//! Programs that make, move and remove files.

use super::command::{Argument, Command};
use crate::model::effect::EffectKind;

/// The effects of a file tool's command; nothing if it is none.
pub(super) fn lower(command: &Command) -> Option<Vec<EffectKind>> {
    Some(match command.name() {
        "rm" | "unlink" | "shred" => remove(command),
        "rmdir" => remove(command),
        "mkdir" => each(command, &["-m", "--mode"], |path| EffectKind::MakeFolder { path }),
        "touch" | "truncate" | "tee" => {
            each(command, &["-t", "-d", "-r", "-s"], |path| EffectKind::Write { path })
        }
        "chmod" => modes(command, |path, mode, recursive| EffectKind::Chmod { path, mode, recursive }),
        "chown" | "chgrp" => {
            modes(command, |path, owner, recursive| EffectKind::Chown { path, owner, recursive })
        }
        "ln" => pairs(command, |from, to| EffectKind::Link { path: to, target: from }),
        "cp" => pairs(command, |from, to| EffectKind::Copy { from, to }),
        "mv" => pairs(command, |from, to| EffectKind::Move { from, to }),
        "install" => install(command),
        "tar" | "bsdtar" => tar(command),
        "unzip" => vec![unpack(command, command.option(&["-d"]))],
        "gunzip" | "gzip" | "xz" | "unxz" | "bunzip2" | "zstd" | "dos2unix" | "strip" | "upx" | "sed" => {
            vec![EffectKind::Nothing]
        }
        "echo"
        | "printf"
        | "cat"
        | "true"
        | "false"
        | ":"
        | "test"
        | "["
        | "[["
        | "cd"
        | "pushd"
        | "popd"
        | "set"
        | "export"
        | "unset"
        | "sleep"
        | "exit"
        | "return"
        | "ls"
        | "pwd"
        | "which"
        | "type"
        | "command"
        | "hash"
        | "head"
        | "tail"
        | "grep"
        | "egrep"
        | "fgrep"
        | "awk"
        | "gawk"
        | "cut"
        | "tr"
        | "sort"
        | "uniq"
        | "wc"
        | "xargs"
        | "find"
        | "id"
        | "uname"
        | "date"
        | "hostname"
        | "env"
        | "printenv"
        | "whoami"
        | "dirname"
        | "basename"
        | "readlink"
        | "realpath"
        | "sync"
        | "file"
        | "stat"
        | "du"
        | "df"
        | "md5sum"
        | "sha1sum"
        | "sha256sum"
        | "sha512sum"
        | "gpg"
        | "gpgconf"
        | "dpkg-query"
        | "dpkg-architecture"
        | "apt-cache"
        | "apt-key"
        | "apt-config"
        | "add-apt-repository"
        | "update-ca-certificates"
        | "ldconfig"
        | "locale-gen"
        | "update-locale"
        | "dpkg-reconfigure"
        | "update-alternatives"
        | "debconf-set-selections"
        | "nproc"
        | "getent"
        | "seq"
        | "expr"
        | "local"
        | "shift"
        | "trap"
        | "wait"
        | "umask"
        | "ulimit"
        | "read"
        | "let"
        | "declare"
        | "shopt"
        | "alias"
        | "break"
        | "continue"
        | "time"
        | "scanelf"
        | "ldd"
        | "dpkg-divert"
        | "setcap"
        | "source"
        | "."
            if known_harmless(command) =>
        {
            vec![EffectKind::Nothing]
        }
        _ => return None,
    })
}

/// `.` and `source` run another script, whatever that does.
fn known_harmless(command: &Command) -> bool {
    !matches!(command.name(), "." | "source")
}

fn unknown(command: &Command) -> EffectKind {
    EffectKind::Unknown {
        reason: format!("which file this {} works on is not known before the build", command.name()),
    }
}

fn each(command: &Command, with_value: &[&str], made: impl Fn(String) -> EffectKind) -> Vec<EffectKind> {
    let operands = command.operands(with_value);
    operands.iter().map(|a| command.path_of(a).map_or_else(|| unknown(command), &made)).collect()
}

fn remove(command: &Command) -> Vec<EffectKind> {
    let recursive = command.has_flag(&["-r", "-R", "--recursive"]);
    let operands = command.operands(&[]);
    let removed = |a: &&Argument| match command.path_of(a) {
        Some(path) => EffectKind::Remove { path: path.trim_end_matches('/').to_owned(), recursive },
        // A file that is not known is still there for all we know: nothing is claimed of it.
        None => EffectKind::Nothing,
    };
    operands.iter().map(removed).collect()
}

fn modes(command: &Command, made: impl Fn(String, String, bool) -> EffectKind) -> Vec<EffectKind> {
    let recursive = command.has_flag(&["-R", "--recursive"]);
    let reference = command.texts().any(|a| a.starts_with("--reference"));
    // A mode such as `-x` looks like an option, `-R` is one.
    let mode_like = |a: &&Argument| {
        a.text.as_deref().is_some_and(|t| t.starts_with('-') && t[1..].starts_with(['r', 'w', 'x', 's', 't']))
    };
    let minus_mode = command.args.iter().find(mode_like).and_then(|a| a.text.clone());
    let operands = command.operands(&[]);
    let (mode, paths) = match (minus_mode, reference) {
        (Some(mode), _) => (mode, operands.as_slice()),
        (None, true) => (String::new(), operands.as_slice()),
        (None, false) => match operands.split_first() {
            Some((mode, paths)) => (mode.text.clone().unwrap_or_default(), paths),
            None => return vec![EffectKind::Nothing],
        },
    };
    paths.iter().filter_map(|a| command.path_of(a)).map(|path| made(path, mode.clone(), recursive)).collect()
}

/// `cp a b`, `cp a b c/`, `cp -t dir a b`.
fn pairs(command: &Command, made: impl Fn(String, String) -> EffectKind) -> Vec<EffectKind> {
    let target = command.option(&["-t", "--target-directory"]).map(|t| format!("{t}/"));
    let mut operands = command.operands(&["-t", "--target-directory", "-S", "-m", "-o", "-g"]);
    let dest = match target {
        Some(target) => Some(target),
        None if operands.len() < 2 => return link_here(command, &operands, made),
        None => operands.pop().and_then(|a| a.text.clone()),
    };
    let Some(dest) = dest.and_then(|d| command.path(&d)) else { return vec![unknown(command)] };
    let many = operands.len() > 1;
    operands
        .iter()
        .map(|a| {
            let Some(text) = a.text.as_deref() else { return unknown(command) };
            // A link's target may be relative to the link; it is kept as it is then.
            let from = if command.name() == "ln" { Some(text.to_owned()) } else { command.path(text) };
            let to = if many && !dest.ends_with('/') { format!("{dest}/") } else { dest.clone() };
            from.map_or_else(|| unknown(command), |from| made(from, to))
        })
        .collect()
}

/// `ln -s /x/y`: a link called `y` in the current folder.
fn link_here(
    command: &Command,
    operands: &[&Argument],
    made: impl Fn(String, String) -> EffectKind,
) -> Vec<EffectKind> {
    let Some(target) = operands.first().and_then(|a| a.text.clone()) else {
        return vec![EffectKind::Nothing];
    };
    let name = target.rsplit('/').next().unwrap_or_default().to_owned();
    match command.path(&name) {
        Some(path) if command.name() == "ln" => vec![made(target, path)],
        _ => vec![unknown(command)],
    }
}

fn install(command: &Command) -> Vec<EffectKind> {
    if command.has_flag(&["-d", "--directory"]) {
        return each(command, &["-m", "--mode", "-o", "--owner", "-g", "--group"], |path| {
            EffectKind::MakeFolder { path }
        });
    }
    let mut operands = command.operands(&["-m", "--mode", "-o", "--owner", "-g", "--group", "-t"]);
    let Some(dest) = operands.pop().and_then(|a| command.path_of(a)) else { return vec![unknown(command)] };
    operands
        .iter()
        .map(|a| match command.path_of(a) {
            Some(from) => EffectKind::Copy { from, to: dest.clone() },
            None => unknown(command),
        })
        .collect()
}

fn tar(command: &Command) -> Vec<EffectKind> {
    let first = command.texts().next().unwrap_or_default();
    let mode = |letter: char| {
        (!first.starts_with('-') && first.contains(letter))
            || command.texts().any(|a| a.starts_with('-') && !a.starts_with("--") && a.contains(letter))
    };
    if mode('x') || command.has_flag(&["--extract", "--get"]) {
        return vec![unpack(command, command.option(&["-C", "--directory"]))];
    }
    vec![EffectKind::Nothing]
}

fn unpack(command: &Command, folder: Option<&str>) -> EffectKind {
    let folder = command.path(folder.unwrap_or("."));
    folder.map_or_else(|| unknown(command), |folder| EffectKind::Unpack { folder })
}
