//! Which Go files a build for Linux compiles: by their names and their `//go:build` expressions.

/// Whether Go compiles a file of this name for Linux.
pub(super) fn is_compiled(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".go") else { return false };
    let other_system = stem.split('_').skip(1).any(is_other_system);
    !(stem.starts_with(['_', '.']) || stem.ends_with("_test") || other_system)
}

fn is_other_system(word: &str) -> bool {
    matches!(
        word,
        "windows"
            | "darwin"
            | "freebsd"
            | "openbsd"
            | "netbsd"
            | "dragonfly"
            | "solaris"
            | "illumos"
            | "aix"
            | "plan9"
            | "js"
            | "wasip1"
            | "android"
            | "ios"
            | "zos"
            | "nacl"
            | "hurd"
    )
}

/// Whether a `//go:build` expression is true of builds for Linux; nothing where that depends on cgo, the
/// architecture or a tag.
pub(super) fn holds_on_linux(expression: &str) -> Option<bool> {
    // Real ones are short; the parser below is recursive.
    if expression.len() > 300 {
        return None;
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('!', " ! ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    any(&mut rest)
}

fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut value = all(rest);
    while let ["||", tail @ ..] = *rest {
        *rest = tail;
        let other = all(rest);
        value = match (value, other) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
    }
    value
}

fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut value = one(rest);
    while let ["&&", tail @ ..] = *rest {
        *rest = tail;
        let other = one(rest);
        value = match (value, other) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    value
}

fn one(rest: &mut &[&str]) -> Option<bool> {
    let [word, tail @ ..] = *rest else { return None };
    *rest = tail;
    match *word {
        "!" => one(rest).map(|value| !value),
        "(" => {
            let value = any(rest);
            if let [")", tail @ ..] = *rest {
                *rest = tail;
            }
            value
        }
        "linux" | "unix" | "gc" => Some(true),
        "ignore" => Some(false),
        // `go1.18` and newer: today's toolchains are.
        word if word.starts_with("go1.") => Some(true),
        word if is_other_system(word) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("a.go", true),
            ("a_test.go", false),
            ("a_windows.go", false),
            ("a_windows_amd64.go", false),
            ("a_linux.go", true),
            ("windows.go", true),
            ("_a.go", false),
            ("a.txt", false),
        ] {
            assert_eq!(is_compiled(name), expected, "{name}");
        }
    }

    #[test]
    fn constraints() {
        let table = [
            ("linux", Some(true)),
            ("!windows", Some(true)),
            ("windows || darwin", Some(false)),
            ("ignore", Some(false)),
            ("cgo", None),
            ("linux && cgo", None),
            ("windows && cgo", Some(false)),
            ("!(darwin || windows) && go1.18", Some(true)),
            ("(linux", Some(true)),
            ("", None),
        ];
        for (expression, expected) in table {
            assert_eq!(holds_on_linux(expression), expected, "{expression}");
        }
        assert_eq!(holds_on_linux(&"!".repeat(100_000)), None);
    }
}
