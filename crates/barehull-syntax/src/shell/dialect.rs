//! Which language a shell text is in.

/// The language of a shell text, as far as reading it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `sh`, `ash`, `dash`: what `/bin/sh -c` reads.
    Posix,
    /// `bash`, and `ksh`, `mksh` and `zsh`, which are read as bash.
    Bash,
    /// PowerShell, cmd, csh, fish, or no shell at all: the whole text is one unknown.
    NotPosix,
}

/// The dialect of a `SHELL` instruction's (or exec form's) words: that of the first word that names a shell,
/// so that `["env", "bash", "-c"]` and `["conda", "run", "-n", "x", "/bin/bash", "-c"]` are read too.
pub fn dialect_of(shell_argv: &[&str]) -> Dialect {
    shell_argv.iter().find_map(|word| dialect_of_program(word)).unwrap_or(Dialect::NotPosix)
}

/// The dialect that a script's first line asks for; `None` if that line is no shebang.
pub fn dialect_of_shebang(first_line: &str) -> Option<Dialect> {
    let interpreter = first_line.strip_prefix("#!")?;
    let words: Vec<&str> = interpreter.split_ascii_whitespace().collect();
    Some(dialect_of(&words))
}

/// The dialect of a program by its path or name; `None` if it is no shell.
pub(crate) fn dialect_of_program(program: &str) -> Option<Dialect> {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    match name.strip_suffix(".exe").unwrap_or(name).to_ascii_lowercase().as_str() {
        "sh" | "ash" | "dash" | "hush" => Some(Dialect::Posix),
        "bash" | "rbash" | "ksh" | "ksh93" | "mksh" | "pdksh" | "zsh" => Some(Dialect::Bash),
        "pwsh" | "powershell" | "cmd" | "csh" | "tcsh" | "fish" | "nu" | "xonsh" => Some(Dialect::NotPosix),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_told_apart_by_the_first_word_that_names_one() {
        let cases: &[(&[&str], Dialect)] = &[
            (&["/bin/sh", "-c"], Dialect::Posix),
            (&["/bin/ash", "-eo", "pipefail", "-c"], Dialect::Posix),
            (&["bash", "-o", "pipefail", "-c"], Dialect::Bash),
            (&["/usr/bin/env", "-S", "zsh", "-c"], Dialect::Bash),
            (&["busybox", "sh", "-c"], Dialect::Posix),
            (&["conda", "run", "-n", "x", "/bin/bash", "-c"], Dialect::Bash),
            (&["C:\\Program Files\\PowerShell\\pwsh.exe", "-Command"], Dialect::NotPosix),
            (&["cmd", "/S", "/C"], Dialect::NotPosix),
            (&["python3", "-c"], Dialect::NotPosix),
            (&[], Dialect::NotPosix),
        ];
        for (argv, dialect) in cases {
            assert_eq!(dialect_of(argv), *dialect, "{argv:?}");
        }
    }

    #[test]
    fn shebangs_name_their_interpreter() {
        let cases = [
            ("#!/bin/sh -e", Some(Dialect::Posix)),
            ("#! /usr/bin/env bash\r", Some(Dialect::Bash)),
            ("#!/usr/bin/env python3", Some(Dialect::NotPosix)),
            ("set -e", None),
        ];
        for (line, dialect) in cases {
            assert_eq!(dialect_of_shebang(line), dialect, "{line}");
        }
    }
}
