//! `.hadolint.yaml`, as hadolint documents it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::Value;

use crate::config::ConfigError;
use crate::finding::Severity;

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct Hadolint {
    /// Policies that do not run.
    pub(super) ignored: Vec<String>,
    /// Policies with another severity.
    pub(super) overrides: Vec<(String, Severity)>,
    pub(super) trusted_registries: Vec<String>,
    /// Labels and the form of their values.
    pub(super) label_schema: BTreeMap<String, String>,
    /// Whether there may be no others.
    pub(super) strict_labels: bool,
    pub(super) disable_ignore_pragma: bool,
    pub(super) failure_threshold: Option<String>,
    pub(super) formats: Vec<String>,
    pub(super) no_color: bool,
    pub(super) no_fail: bool,
    /// Keys that hadolint does not document.
    pub(super) unknown: Vec<String>,
}

impl Hadolint {
    pub(super) fn ignores(&self, id: &str) -> bool {
        self.ignored.iter().any(|ignored| ignored.eq_ignore_ascii_case(id))
    }

    /// The severity that is asked for.
    pub(super) fn severity(&self, id: &str) -> Option<Severity> {
        let same = self.overrides.iter().filter(|(policy, _)| policy.eq_ignore_ascii_case(id));
        same.map(|(_, severity)| *severity).max()
    }
}

/// The file as it is written.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Page {
    ignored: Option<Texts>,
    #[serde(rename = "override")]
    overrides: Option<BTreeMap<String, Option<Texts>>>,
    #[serde(rename = "trustedRegistries")]
    trusted_registries: Option<Texts>,
    label_schema: Option<BTreeMap<String, String>>,
    strict_labels: Option<bool>,
    disable_ignore_pragma: Option<bool>,
    failure_threshold: Option<String>,
    format: Option<String>,
    formats: Option<Texts>,
    no_color: Option<bool>,
    no_fail: Option<bool>,
    /// About hadolint's own log.
    #[serde(rename = "verbose")]
    _verbose: Option<Value>,
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// One text, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

impl Texts {
    fn list(texts: Option<Self>) -> Vec<String> {
        match texts {
            None => Vec::new(),
            Some(Self::One(text)) => vec![text],
            Some(Self::Several(texts)) => texts,
        }
    }
}

pub(super) fn read(text: &str) -> Result<Hadolint, ConfigError> {
    let page: Option<Page> = serde_yaml::from_str(text).map_err(|error| ConfigError::of_yaml(&error))?;
    let page = page.unwrap_or_default();
    let mut overrides = Vec::new();
    for (name, policies) in page.overrides.unwrap_or_default() {
        let severity = match name.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            "info" | "style" => Severity::Info,
            _ => {
                let known = "there are error, warning, info and style";
                return Err(ConfigError::at(text, &name, format!("override: {name}: {known}")));
            }
        };
        overrides.extend(Texts::list(policies).into_iter().map(|id| (id, severity)));
    }
    Ok(Hadolint {
        ignored: Texts::list(page.ignored),
        overrides,
        trusted_registries: Texts::list(page.trusted_registries),
        label_schema: page.label_schema.unwrap_or_default(),
        strict_labels: page.strict_labels == Some(true),
        disable_ignore_pragma: page.disable_ignore_pragma == Some(true),
        failure_threshold: page.failure_threshold,
        formats: Texts::list(page.formats).into_iter().chain(page.format).collect(),
        no_color: page.no_color == Some(true),
        no_fail: page.no_fail == Some(true),
        unknown: page.unknown.into_keys().collect(),
    })
}
