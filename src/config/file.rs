//! The text of a configuration.

use std::collections::BTreeMap;
use std::fmt;

use barehull_catalog::{Catalog, Date};
use ignore::gitignore::GitignoreBuilder;
use schemars::JsonSchema;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::custom::CustomRule;
use super::{Allowed, Config, Setting, Settings};
use crate::finding::Severity;
use crate::rules::{self, Policy};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    /// The 1-based line, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl ConfigError {
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// At the first line of `text` that holds `part`.
    pub(super) fn at(text: &str, part: &str, message: impl Into<String>) -> Self {
        let line = text.lines().position(|line| line.contains(part)).map(|line| line + 1);
        Self { line, message: message.into() }
    }

    /// An error of the reader, with the name that an unknown field may have been meant to be.
    pub(super) fn of_yaml(error: &serde_yaml::Error) -> Self {
        let text = error.to_string();
        let line = error.location().map(|location| location.line());
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        Self { line, message: with_nearest(message).unwrap_or_else(|| message.to_owned()) }
    }
}

/// "unknown field `x`, expected one of `a`, `b`": "unknown field `x`; did you mean `a`?".
fn with_nearest(message: &str) -> Option<String> {
    let (start, expected) = message.split_once(", expected ")?;
    if start.ends_with("unknown field `extends`") {
        return Some(format!(
            "{start}: a configuration stands alone; what differs for some files stands under `paths`"
        ));
    }
    let name = start.rsplit('`').nth(1)?;
    let known = expected.split('`').skip(1).step_by(2);
    let scored = known.map(|known| (strsim::jaro_winkler(name, known), known));
    let nearest = scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.7)?;
    Some(format!("{start}; did you mean `{}`?", nearest.1))
}

/// `barehull.yaml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ConfigFile {
    /// Which rules run where `rules` says nothing of them: those that its controls name.
    #[schemars(with = "Option<PolicySchema>")]
    policy: Option<PolicyName>,
    /// Whether rules run, and how bad their findings are: `off`, `on`, `info`, `warning` or `error`.
    #[serde(deserialize_with = "once")]
    rules: BTreeMap<String, SettingWord>,
    /// The same for some Dockerfiles only.
    paths: Vec<PathFile>,
    /// What is allowed.
    allow: AllowFile,
    /// Families of minimal base images, the one to propose first in front.
    base_preference: Vec<String>,
    /// A file that adds to the catalog of base images, tools and packages; as seen from this one.
    catalog: Option<String>,
    /// Rules of your own.
    custom_rules: Vec<CustomRule>,
}

/// Settings for some Dockerfiles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PathFile {
    /// Patterns as in `.gitignore`, from the top of the project.
    #[serde(rename = "match")]
    patterns: Vec<String>,
    /// As above.
    #[serde(deserialize_with = "once")]
    rules: BTreeMap<String, SettingWord>,
}

/// What is allowed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct AllowFile {
    /// Where images may come from: `docker.io/library`, `ghcr.io/acme`, `*.gcr.io`. Without any, from everywhere.
    registries: Vec<String>,
    /// Tools that may be in the final image.
    packages: Vec<AllowedFile>,
}

/// A tool that may be in the final image.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AllowedFile {
    /// Its name, or that of the package that brings it: `curl`.
    name: String,
    /// Why; shown beside the finding.
    reason: String,
    /// The last day on which it is allowed, `YYYY-MM-DD`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    until: Option<Date>,
}

/// Settings by rule, none of them twice: which one counts would be anybody's guess.
fn once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, SettingWord>, D::Error> {
    struct Once;

    impl<'de> Visitor<'de> for Once {
        type Value = BTreeMap<String, SettingWord>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut settings = BTreeMap::new();
            while let Some((rule, word)) = map.next_entry::<String, SettingWord>()? {
                if settings.contains_key(&rule) {
                    return Err(M::Error::custom(format!("{rule} is there twice")));
                }
                settings.insert(rule, word);
            }
            Ok(settings)
        }
    }

    deserializer.deserialize_map(Once)
}

/// A setting as it is written.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(with = "SettingSchema")]
struct SettingWord(Setting);

/// The words.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[allow(dead_code, reason = "never made: only the schema is derived from it")]
enum SettingSchema {
    Off,
    On,
    Info,
    Warning,
    Error,
}

/// The name of a policy.
#[derive(Clone, Copy, Debug)]
struct PolicyName(&'static Policy);

/// The names, for the schema.
struct PolicySchema;

impl JsonSchema for PolicySchema {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = rules::POLICIES.iter().map(|policy| policy.id).collect();
        schemars::json_schema!({ "enum": names })
    }
}

impl<'de> Deserialize<'de> for PolicyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        rules::policy(&name).map(Self).ok_or_else(|| serde::de::Error::custom(rules::no_such_policy(&name)))
    }
}

impl<'de> Deserialize<'de> for SettingWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(Self(match word.as_str() {
            "off" => Setting::Off,
            "on" => Setting::On,
            "info" => Setting::At(Severity::Info),
            "warning" => Setting::At(Severity::Warning),
            "error" => Setting::At(Severity::Error),
            _ => {
                let message = format!("`{word}` is not one of off, on, info, warning, error");
                return Err(serde::de::Error::custom(message));
            }
        }))
    }
}

pub(super) fn read(text: &str, load: &dyn Fn(&str) -> Result<String, String>) -> Result<Config, ConfigError> {
    if text.trim().is_empty() {
        return Ok(Config::default());
    }
    let file: ConfigFile = serde_yaml::from_str(text).map_err(|error| ConfigError::of_yaml(&error))?;
    let own = super::custom::compile(file.custom_rules)?;
    let settings = |written: &BTreeMap<String, SettingWord>| -> Result<Settings, ConfigError> {
        let one = |(id, word): (&String, &SettingWord)| {
            let known = rules::meta(id).or_else(|| own.iter().copied().find(|rule| rule.id == *id));
            known.map(|rule| (rule.id, word.0)).ok_or_else(|| {
                let near = rules::nearest(id).map_or_else(
                    || "`barehull rules` lists them".to_owned(),
                    |near| format!("did you mean {near}?"),
                );
                ConfigError::at(text, id, format!("there is no rule {id}; {near}"))
            })
        };
        written.iter().map(one).collect()
    };
    let mut paths = Vec::new();
    for path in &file.paths {
        let mut builder = GitignoreBuilder::new("");
        for pattern in &path.patterns {
            builder
                .add_line(None, pattern)
                .map_err(|error| ConfigError::at(text, pattern, format!("`{pattern}`: {error}")))?;
        }
        let matcher = builder.build().map_err(|error| ConfigError::plain(error.to_string()))?;
        paths.push((matcher, settings(&path.rules)?));
    }
    let catalog = match &file.catalog {
        Some(name) => {
            let problem = |error: String| ConfigError::at(text, name, format!("the catalog {name}: {error}"));
            let yaml = load(name).map_err(problem)?;
            Some(Catalog::with_user_file(&yaml).map_err(|error| problem(error.to_string()))?)
        }
        None => None,
    };
    let known = catalog.as_ref().unwrap_or_else(|| Catalog::builtin()).preferences();
    for word in &file.base_preference {
        if !known.contains(&word.as_str()) {
            let scored = known.iter().map(|known| (strsim::jaro_winkler(word, known), *known));
            let near = scored.max_by(|a, b| a.0.total_cmp(&b.0)).map_or("", |(_, known)| known);
            let message = format!("{word} is no family of base images; did you mean {near}?");
            return Err(ConfigError::at(text, word, message));
        }
    }
    let allowed = file.allow.packages.into_iter();
    let allowed = allowed.map(|a| Allowed { name: a.name, reason: a.reason, until: a.until }).collect();
    Ok(Config {
        rules: settings(&file.rules)?,
        paths,
        registries: file.allow.registries,
        allowed,
        base_preference: file.base_preference,
        catalog,
        policy: file.policy.map(|name| name.0),
        own,
    })
}
