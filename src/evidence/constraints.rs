//! Which Go files are compiled for Linux: suffixes of their names and `//go:build` lines.

/// Tags that an application makes up itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnTags {
    /// They may be set: `go build -tags`.
    MaybeSet,
    /// They are not: who builds does not know those of other modules.
    Unset,
}

/// Whether a file of this name and text may be compiled for Linux: its suffix and its build constraint allow it.
pub(super) fn is_built(file_name: &str, text: &[u8], own_tags: OwnTags) -> bool {
    let stem = file_name.strip_suffix(".go").unwrap_or(file_name);
    let mut parts = stem.rsplit('_');
    let last = parts.next().unwrap_or_default();
    let before = parts.next();
    let system = if is_architecture(last) { before } else { before.map(|_| last) };
    if system.is_some_and(is_other_system) {
        return false;
    }
    constraint(text).is_none_or(|line| holds(line, own_tags) != Some(false))
}

fn is_other_system(name: &str) -> bool {
    matches!(
        name,
        "aix"
            | "android"
            | "darwin"
            | "dragonfly"
            | "freebsd"
            | "illumos"
            | "ios"
            | "js"
            | "netbsd"
            | "openbsd"
            | "plan9"
            | "solaris"
            | "wasip1"
            | "windows"
    )
}

fn is_architecture(name: &str) -> bool {
    matches!(
        name,
        "386"
            | "amd64"
            | "arm"
            | "arm64"
            | "loong64"
            | "mips"
            | "mips64"
            | "mips64le"
            | "mipsle"
            | "ppc64"
            | "ppc64le"
            | "riscv64"
            | "s390x"
            | "wasm"
    )
}

/// The `//go:build` line before the package clause.
fn constraint(text: &[u8]) -> Option<&str> {
    let header = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let line = header
        .take_while(|line| !line.starts_with(b"package "))
        .find_map(|line| line.strip_prefix(b"//go:build "))?;
    std::str::from_utf8(line).ok()
}

/// Whether a build constraint holds on Linux, if that can be told.
fn holds(mut rest: &str, own_tags: OwnTags) -> Option<bool> {
    let mut outer: Vec<(Level, bool)> = Vec::new();
    let mut level = Level::default();
    let mut negated = false;
    loop {
        rest = rest.trim_start();
        let value = if let Some(behind) = rest.strip_prefix('!') {
            (rest, negated) = (behind, !negated);
            continue;
        } else if let Some(behind) = rest.strip_prefix('(') {
            rest = behind;
            outer.push((level, negated));
            (level, negated) = (Level::default(), false);
            continue;
        } else if let Some(behind) = rest.strip_prefix("||") {
            rest = behind;
            level.next_term();
            continue;
        } else if let Some(behind) = rest.strip_prefix("&&") {
            rest = behind;
            continue;
        } else if let Some(behind) = rest.strip_prefix(')') {
            rest = behind;
            let value = level.value();
            let Some(around) = outer.pop() else { return value };
            (level, negated) = around;
            value
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
            let (tag, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if tag.is_empty() {
                return level.value();
            }
            rest = behind;
            tag_holds(tag, own_tags)
        };
        level.and(value.map(|v| v != negated));
        negated = false;
    }
}

/// One pair of parentheses: the terms so far, and the one that is being read.
struct Level {
    any: Option<bool>,
    all: Option<bool>,
}

impl Default for Level {
    fn default() -> Self {
        Self { any: Some(false), all: Some(true) }
    }
}

impl Level {
    fn and(&mut self, value: Option<bool>) {
        self.all = match (self.all, value) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }

    fn next_term(&mut self) {
        self.any = self.value();
        self.all = Some(true);
    }

    fn value(&self) -> Option<bool> {
        match (self.any, self.all) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }
}

/// Whether a build tag is set in a build for Linux; unknown for architectures and cgo.
fn tag_holds(tag: &str, own_tags: OwnTags) -> Option<bool> {
    match tag {
        "linux" | "unix" | "gc" => Some(true),
        "ignore" | "tools" | "integration" | "e2e" | "test" | "testing" | "mage" | "wireinject" | "gccgo" => {
            Some(false)
        }
        "cgo" => None,
        _ if is_other_system(tag) => Some(false),
        _ if is_architecture(tag) => None,
        _ if tag.strip_prefix("go1.").is_some_and(|minor| minor.parse::<u32>().is_ok()) => Some(true),
        _ => (own_tags == OwnTags::Unset).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_fail_or_may_hold() {
        let table = [
            ("linux", Some(true)),
            ("!windows && go1.21", Some(true)),
            ("darwin || windows", Some(false)),
            ("!(linux && !cgo)", None),
            ("(linux || darwin) && !(ignore)", Some(true)),
            ("!!linux", Some(true)),
            ("amd64 && !plan9", None),
            ("own", None),
            ("own && windows", Some(false)),
            ("(((", Some(true)),
            (")", Some(true)),
            ("", Some(true)),
        ];
        for (line, expected) in table {
            assert_eq!(holds(line, OwnTags::MaybeSet), expected, "{line}");
        }
        assert_eq!(holds("linux && cgo && own", OwnTags::Unset), Some(false));
        assert_eq!(holds("!own", OwnTags::Unset), Some(true));
    }

    #[test]
    fn names_and_headers_are_read() {
        let built = |name: &str, text: &str| is_built(name, text.as_bytes(), OwnTags::MaybeSet);
        for (name, expected) in [
            ("a.go", true),
            ("a_linux.go", true),
            ("a_windows.go", false),
            ("a_darwin_arm64.go", false),
            ("a_arm64.go", true),
            ("windows.go", true),
            ("linux_arm64.go", true),
        ] {
            assert_eq!(built(name, "package a\n"), expected, "{name}");
        }
        assert!(!built("a.go", "// c\n\n//go:build ignore\n\npackage a\n"));
        assert!(built("a.go", "package a\n\n//go:build ignore\n"));
    }
}
