//! ARG and ENV: which variables an instruction sees, with BuildKit's scoping.

use std::cell::Cell;
use std::collections::BTreeMap;

use barehull_syntax::dockerfile;

use super::ImageConfig;

/// Variables BuildKit sets itself once a stage declares them (in FROM: always); their values depend on the
/// machine that builds.
const PLATFORM_ARGS: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// What they are on the usual machine, in that order.
const USUAL_PLATFORM: [&str; 8] = ["linux/amd64", "linux", "amd64", "", "linux/amd64", "linux", "amd64", ""];

/// The variables at one point of a stage. ENV wins over ARG, as in BuildKit.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Declared ARGs; absent value: given at build time only, or dependent on the platform.
    args: BTreeMap<String, Option<String>>,
    env: BTreeMap<String, Option<String>>,
    escape: u8,
}

/// A word with its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The result; a variable whose value nobody knows counts as empty.
    pub value: String,
    /// Whether every variable's value is known.
    pub known: bool,
}

impl Scope {
    /// Nothing declared yet. `escape` is the Dockerfile's escape character.
    pub fn new(escape: u8) -> Self {
        Self { escape, ..Self::default() }
    }

    /// Declares an ARG: `given` on the command line wins over `default`, that over a global ARG's value.
    pub fn declare(&mut self, name: &str, value: Option<String>) {
        self.args.insert(name.to_owned(), value);
    }

    /// The value of a declared ARG (inner absence: declared, value unknown).
    pub fn argument(&self, name: &str) -> Option<&Option<String>> {
        self.args.get(name)
    }

    /// The same variables, with those of the platform as on the usual machine (linux/amd64).
    #[must_use]
    pub fn on_usual_platform(&self) -> Self {
        let mut scope = self.clone();
        for (name, value) in PLATFORM_ARGS.iter().zip(USUAL_PLATFORM) {
            let given = scope.args.get(*name).is_some_and(Option::is_some);
            if !given {
                scope.declare(name, Some(value.to_owned()));
            }
        }
        scope
    }

    /// Sets the environment that the instruction sees.
    pub fn set_env(&mut self, name: &str, value: Option<String>) {
        self.env.insert(name.to_owned(), value);
    }

    /// Takes over the environment of a base image or stage.
    pub fn inherit(&mut self, config: &ImageConfig) {
        for var in &config.env {
            self.set_env(&var.name, var.value.clone());
        }
    }

    /// A variable's value: outer absence means nobody sets it (it is empty), inner that the value is not
    /// known before the build.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        if let Some(value) = self.env.get(name) {
            return Some(value.as_deref());
        }
        self.args.get(name).map(|v| v.as_deref())
    }

    /// Replaces the variables of a Dockerfile word and undoes its quotes.
    pub fn resolve(&self, word: &str) -> Resolved {
        if !word.contains(['$', '"', '\'', char::from(self.escape)]) {
            return Resolved { value: word.to_owned(), known: true };
        }
        let known = Cell::new(true);
        let lookup = |name: &str| match self.get(name) {
            Some(Some(value)) => Some(value.to_owned()),
            Some(None) => {
                known.set(false);
                None
            }
            None => {
                known.set(known.get() && !PLATFORM_ARGS.contains(&name));
                None
            }
        };
        match dockerfile::expand(word, self.escape, &lookup) {
            Ok(expanded) => Resolved { value: expanded.value, known: known.get() },
            Err(_) => Resolved { value: word.to_owned(), known: false },
        }
    }

    /// [`Scope::resolve`], or nothing where a value is not known.
    pub fn known(&self, word: &str) -> Option<String> {
        let resolved = self.resolve(word);
        resolved.known.then_some(resolved.value)
    }
}

/// `path` made absolute from `workdir`, `.` and `..` resolved; a trailing slash is kept.
pub fn absolute(workdir: &str, path: &str) -> String {
    let joined = if path.starts_with('/') { path.to_owned() } else { format!("{workdir}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') || path == "." || path.ends_with("/.");
    let slash = if folder && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_wins_and_unknown_arguments_are_told() {
        let mut scope = Scope::new(b'\\');
        scope.declare("V", Some("1".to_owned()));
        scope.declare("NONE", None);
        assert_eq!(scope.known("a-$V"), Some("a-1".to_owned()));
        scope.set_env("V", Some("2".to_owned()));
        assert_eq!(scope.known("a-${V}-${X:-d}"), Some("a-2-d".to_owned()));
        assert_eq!(scope.known("$NONE"), None);
        assert_eq!(scope.known("$TARGETARCH"), None);
        assert_eq!(scope.known("$NOBODY/x"), Some("/x".to_owned()));
    }

    #[test]
    fn paths_become_absolute() {
        assert_eq!(absolute("/app", "./x/../y"), "/app/y");
        assert_eq!(absolute("/app", "."), "/app/");
        assert_eq!(absolute("/", "."), "/");
        assert_eq!(absolute("/app", "/b/"), "/b/");
    }
}
