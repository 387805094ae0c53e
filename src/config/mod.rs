//! `barehull.yaml`: which rules run and how bad their findings are, what is allowed, rules of one's own.

mod custom;
mod file;
mod migrate;
mod schema;

use barehull_catalog::{Catalog, Date};
use ignore::gitignore::Gitignore;

use crate::finding::Severity;
use crate::rules::{Policy, RuleMeta};

pub use custom::{CaseResult, RuleFile};
pub use file::ConfigError;
pub use migrate::{Migration, from_hadolint};
pub use schema::page as schema_page;

/// The names under which a configuration is looked for.
pub const NAMES: [&str; 2] = ["barehull.yaml", ".barehull.yaml"];

/// Bytes of a configuration that is read: its rules are compiled, so that a large one costs more than its size.
pub const MAX_BYTES: u64 = 256 << 10;

/// Whether a rule runs, and the severity of its findings where that is another one than its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// It does not run.
    Off,
    /// It runs.
    On,
    /// It runs, and its findings are this bad.
    At(Severity),
}

/// Settings of rules, by id.
type Settings = Vec<(&'static str, Setting)>;

/// A tool that may be in the final image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The last day on which that counts.
    pub until: Option<Date>,
}

impl Allowed {
    fn is_over(&self, today: Option<Date>) -> bool {
        self.until.zip(today).is_some_and(|(until, today)| until < today)
    }
}

/// A configuration, read.
#[derive(Debug, Default)]
pub struct Config {
    rules: Settings,
    /// The later one counts.
    paths: Vec<(Gitignore, Settings)>,
    /// Registries and repositories that images may come from; empty: all.
    pub registries: Vec<String>,
    /// Tools that may be in the final image.
    pub allowed: Vec<Allowed>,
    /// Families of minimal bases in order of preference.
    pub base_preference: Vec<String>,
    /// The catalog with the entries of the named file.
    pub catalog: Option<Catalog>,
    /// Which rules run where it says nothing of them.
    pub policy: Option<&'static Policy>,
    /// The rules that it defines.
    pub own: Vec<&'static RuleMeta>,
}

impl Config {
    /// Reads a configuration; `load` gives the text of a file that it names.
    ///
    /// # Errors
    /// Says the line and what is wrong.
    pub fn read(text: &str, load: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, ConfigError> {
        file::read(text, load)
    }

    /// What it says of a rule for the Dockerfile at `path`.
    pub fn setting(&self, rule: &str, path: &str) -> Option<Setting> {
        let of =
            |settings: &Settings| settings.iter().find(|(id, _)| *id == rule).map(|(_, setting)| *setting);
        let special = self
            .paths
            .iter()
            .rev()
            .filter(|(pattern, _)| pattern.matched_path_or_any_parents(path, false).is_ignore());
        special.into_iter().find_map(|(_, settings)| of(settings)).or_else(|| of(&self.rules))
    }

    /// Why a tool may be there on this day, if it may; an allowance that is over is none.
    pub fn allows(&self, name: &str, today: Option<Date>) -> Option<&Allowed> {
        self.allowed.iter().find(|allowed| allowed.name == name && !allowed.is_over(today))
    }

    /// What allowed a tool until a day that is past; the last one of several.
    pub fn allowed_once(&self, name: &str, today: Option<Date>) -> Option<&Allowed> {
        let over = self.allowed.iter().filter(|allowed| allowed.name == name && allowed.is_over(today));
        over.max_by_key(|allowed| allowed.until)
    }

    /// Whether images may come from a repository (`ghcr.io/acme/app`). An asterisk at the start stands for the start of
    /// the registry's name, one at the end for whatever follows.
    pub fn trusts(&self, repository: &str) -> bool {
        let registry = repository.split('/').next().unwrap_or_default();
        let below = |allowed: &String| {
            let allowed = allowed.trim_end_matches('/');
            if let Some(end) = allowed.strip_prefix('*') {
                return registry.ends_with(end);
            }
            if let Some(start) = allowed.strip_suffix('*') {
                return repository.starts_with(start);
            }
            repository.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.registries.is_empty() || self.registries.iter().any(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        Config::read(text, &|name| Err(format!("{name} is not there"))).map_err(|error| error.to_string())
    }

    #[test]
    fn the_nearest_setting_counts() {
        let config = read(
            "rules: { shell-in-final: warning, missing-labels: on, runs-as-root: off }\n\
             paths:\n- match: ['dev/**', '*.test']\n  rules: { runs-as-root: info }\n",
        )
        .unwrap();
        assert_eq!(config.setting("shell-in-final", "Dockerfile"), Some(Setting::At(Severity::Warning)));
        assert_eq!(config.setting("missing-labels", "Dockerfile"), Some(Setting::On));
        assert_eq!(config.setting("runs-as-root", "Dockerfile"), Some(Setting::Off));
        assert_eq!(config.setting("runs-as-root", "dev/a/Dockerfile"), Some(Setting::At(Severity::Info)));
        assert_eq!(config.setting("runs-as-root", "x/Dockerfile.test"), Some(Setting::At(Severity::Info)));
        assert_eq!(config.setting("unpinned-base", "Dockerfile"), None);
    }

    #[test]
    fn allowances_end() {
        let config = read(
            "allow:\n  registries: [docker.io/library, ghcr.io/acme]\n  packages:\n  - { name: curl, reason: health, \
             until: 2027-01-31 }\n",
        )
        .unwrap();
        let day = |text: &str| text.parse().ok();
        assert_eq!(config.allows("curl", day("2027-01-31")).map(|a| a.reason.as_str()), Some("health"));
        assert_eq!(config.allows("curl", day("2027-02-01")), None);
        assert_eq!(config.allows("wget", day("2026-02-01")), None);
        assert!(config.trusts("ghcr.io/acme/app") && config.trusts("docker.io/library/node"));
        assert!(!config.trusts("ghcr.io/acme-evil/app") && !config.trusts("docker.io/acme/app"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, expected) in [
            ("rules: {}\nalow: {}\n", "line 2: unknown field `alow`; did you mean `allow`?"),
            (
                "rules:\n  shell-in-fnal: off\n",
                "line 2: there is no rule shell-in-fnal; did you mean shell-in-final?",
            ),
            (
                "rules:\n  shell-in-final: loud\n",
                "line 2: `loud` is not one of off, on, info, warning, error",
            ),
            ("allow:\n  packages:\n  - { name: curl }\n", "line 3: missing field `reason`"),
            ("extends: barehull.yaml\n", "line 1: unknown field `extends`: a configuration stands alone"),
            ("rules: { shell-in-final: off, shell-in-final: on }\n", "line 1: shell-in-final is there twice"),
            ("- a\n", "invalid type: sequence"),
            ("catalog: a.yaml\n", "the catalog a.yaml: a.yaml is not there"),
            (
                "base-preference: [distrolss]\n",
                "distrolss is no family of base images; did you mean distroless?",
            ),
            (
                "custom-rules:\n- id: a\n  title: A\n  severity: info\n  message: m\n  match: [{ on: run, when: { comand: x } }]\n",
                "line 6: unknown field `comand`; did you mean `command`?",
            ),
            (
                "custom-rules:\n- id: a\n  title: A\n  severity: info\n  message: '{nme}'\n  match: [{ on: maintainer }]\n",
                "`{nme}` is nothing that can be put in",
            ),
            (
                "custom-rules:\n- id: a\n  title: A\n  severity: info\n  message: m\n  match: [{ on: run, when: { text: '/(a{1000}){1000}/' } }]\n",
                "the regular expression /(a{1000}){1000}/ is too large",
            ),
            (
                "custom-rules:\n- id: shell-in-final\n  title: A\n  severity: info\n  message: m\n  match: [{ on: maintainer }]\n",
                "shell-in-final: there is a rule of this name",
            ),
        ] {
            let error = read(text).unwrap_err();
            // Between the line and the message stands the path to the value.
            let (line, message) = expected
                .strip_prefix("line ")
                .map_or(("", expected), |rest| rest.split_once(": ").expect("a line and a message"));
            let is_there = line.is_empty() || error.starts_with(&format!("line {line}: "));
            assert!(is_there && error.contains(message), "{error}\n{expected}");
        }
    }
}
