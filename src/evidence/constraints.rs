//! Which Go files are compiled for Linux: suffixes of their names and `//go:build` lines.

/// Whether a file of this name and text is compiled for Linux: its suffix and its build constraint allow it.
pub(super) fn is_built(file_name: &str, text: &[u8]) -> bool {
    let stem = file_name.strip_suffix(".go").unwrap_or(file_name);
    let mut parts = stem.rsplit('_');
    let last = parts.next().unwrap_or_default();
    let before = parts.next();
    let system = if is_architecture(last) { before } else { before.map(|_| last) };
    if system.is_some_and(is_other_system) {
        return false;
    }
    constraint(text).is_none_or(|expression| Constraint { rest: expression }.any() != Some(false))
}

fn is_other_system(name: &str) -> bool {
    matches!(
        name,
        "aix" | "android" | "darwin" | "dragonfly" | "freebsd" | "illumos" | "ios" | "js" | "netbsd" | "openbsd"
            | "plan9" | "solaris" | "wasip1" | "windows"
    )
}

fn is_architecture(name: &str) -> bool {
    matches!(
        name,
        "386" | "amd64" | "arm" | "arm64" | "loong64" | "mips" | "mips64" | "mips64le" | "mipsle" | "ppc64"
            | "ppc64le" | "riscv64" | "s390x" | "wasm"
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

/// What is left of a build constraint.
struct Constraint<'a> {
    rest: &'a str,
}

impl Constraint<'_> {
    /// Terms parted by `||`: whether they hold on Linux, if that can be told. Ends at a parenthesis.
    fn any(&mut self) -> Option<bool> {
        let mut stack: Vec<(Level, bool)> = Vec::new();
        let mut level = Level::default();
        let mut negated = false;
        loop {
            self.rest = self.rest.trim_start();
            let mut done = None;
            if let Some(rest) = self.rest.strip_prefix('!') {
                (self.rest, negated) = (rest, !negated);
            } else if let Some(rest) = self.rest.strip_prefix('(') {
                self.rest = rest;
                stack.push((level, negated));
                (level, negated) = (Level::default(), false);
            } else if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                let value = level.value();
                let Some((outer, was_negated)) = stack.pop() else { return value };
                (level, negated) = (outer, was_negated);
                done = Some(value);
            } else if let Some(rest) = self.rest.strip_prefix("||") {
                self.rest = rest;
                level.next_term();
            } else if let Some(rest) = self.rest.strip_prefix("&&") {
                self.rest = rest;
            } else {
                let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
                let (tag, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                if tag.is_empty() {
                    return level.value();
                }
                self.rest = rest;
                done = Some(tag_holds(tag));
            }
            if let Some(value) = done {
                level.and(value.map(|v| v != negated));
                negated = false;
            }
        }
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

/// Whether a build tag is set in a build for Linux; unknown for architectures, cgo and an application's own.
fn tag_holds(tag: &str) -> Option<bool> {
    match tag {
        "linux" | "unix" | "gc" => Some(true),
        "ignore" | "tools" | "integration" | "e2e" | "test" | "testing" | "mage" | "wireinject" | "gccgo" => Some(false),
        _ if is_other_system(tag) => Some(false),
        _ => None,
    }
}
