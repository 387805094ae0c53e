//! A user's rules: written and compiled as the built-in ones are.

use std::borrow::Cow;
use std::sync::Arc;

use barehull_catalog::Catalog;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Config, ConfigError};
use crate::engine;
use crate::finding::{Place, Severity};
use crate::options::{ContextChoice, Input, Options};
use crate::project::{Memory, Project, ProjectPath};
use crate::rules::{self, MatchText, RuleMeta, Scope, Template};

/// A rule as a user writes it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomRule {
    /// Kebab-case name.
    id: String,
    /// One line.
    title: String,
    /// How bad its findings are.
    severity: SeverityWord,
    /// What its findings say; `{name}` and the like are replaced by what was found.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    message: Option<Template>,
    /// What tells a finding from others of the rule; its message where absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    key: Option<Template>,
    /// Why it matters.
    #[serde(default)]
    why: String,
    /// What to do.
    #[serde(default)]
    how: String,
    /// Addresses to read on.
    #[serde(default)]
    references: Vec<String>,
    /// What it looks for.
    #[serde(rename = "match")]
    #[schemars(schema_with = "super::schema::matches")]
    matches: Vec<MatchText>,
    /// Dockerfiles in which it finds something, and those in which it does not; for `barehull rules test`.
    #[serde(default)]
    cases: Cases,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SeverityWord {
    Info,
    Warning,
    Error,
}

/// Dockerfiles.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Cases {
    /// It finds something.
    finds: Vec<String>,
    /// It finds nothing.
    silent: Vec<String>,
    /// It finds nothing, though it looks as if it should.
    tricky: Vec<String>,
}

/// The rules, compiled.
pub(super) fn compile(written: Vec<CustomRule>) -> Result<Vec<&'static RuleMeta>, ConfigError> {
    let mut own: Vec<&'static RuleMeta> = Vec::new();
    for rule in written {
        let problem = |what: &str| ConfigError::plain(format!("{}: {what}", rule.id));
        if rule.id.is_empty()
            || !rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            return Err(problem("an id is of small letters, digits and hyphens"));
        }
        if rules::meta(&rule.id).is_some() || own.iter().any(|other| other.id == rule.id) {
            return Err(problem("there is a rule of this name"));
        }
        let (message, key) = (rule.message.as_ref(), rule.key.as_ref());
        let matchers: Result<Vec<_>, _> =
            rule.matches.into_iter().map(|text| text.compile(message, key)).collect();
        let matchers = matchers.map_err(|what| ConfigError::plain(format!("{}: {what}", rule.id)))?;
        // Findings name their rule for as long as the program runs; a configuration is read once.
        let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let references: Vec<&'static str> = rule.references.into_iter().map(kept).collect();
        own.push(Box::leak(Box::new(RuleMeta {
            id: kept(rule.id),
            position: u16::MAX,
            title: kept(rule.title),
            severity: match rule.severity {
                SeverityWord::Info => Severity::Info,
                SeverityWord::Warning => Severity::Warning,
                SeverityWord::Error => Severity::Error,
            },
            default_on: true,
            category: RuleMeta::CUSTOM,
            scope: Scope::File,
            subject: "key",
            surface_role: None,
            why: kept(rule.why),
            how: kept(rule.how),
            references: Box::leak(references.into_boxed_slice()),
            equivalents: &[],
            matchers: Cow::Owned(matchers),
            examples: &[],
        })));
    }
    Ok(own)
}

/// A file of rules with their cases: `custom-rules` alone, or a whole configuration.
pub struct RuleFile {
    config: Config,
    cases: Vec<(&'static RuleMeta, Cases)>,
}

/// What became of one case.
#[derive(Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The rule.
    pub rule: &'static str,
    /// `finds`, `silent` or `tricky`.
    pub kind: &'static str,
    /// 1-based number among those of its kind.
    pub number: usize,
    /// Lines and messages of the findings.
    pub found: Vec<(u32, String)>,
    /// Whether that is as it should be.
    pub is_right: bool,
}

/// As much of a configuration as holds rules.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RulesOnly {
    #[serde(default)]
    custom_rules: Vec<CustomRule>,
}

impl RuleFile {
    /// Reads the rules of a file; its other parts are left alone.
    ///
    /// # Errors
    /// Says the line and what is wrong.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let mut file: RulesOnly = serde_yaml::from_str(text).map_err(|error| ConfigError::of_yaml(&error))?;
        let cases: Vec<Cases> =
            file.custom_rules.iter_mut().map(|rule| std::mem::take(&mut rule.cases)).collect();
        let own = compile(file.custom_rules)?;
        let cases = own.iter().copied().zip(cases).collect();
        Ok(Self { config: Config { own, ..Config::default() }, cases })
    }

    /// Runs the cases.
    pub fn test(&self) -> Vec<CaseResult> {
        let mut results = Vec::new();
        for (rule, cases) in &self.cases {
            let kinds = [("finds", &cases.finds), ("silent", &cases.silent), ("tricky", &cases.tricky)];
            for (kind, dockerfiles) in kinds {
                for (at, dockerfile) in dockerfiles.iter().enumerate() {
                    let found = self.found(rule, dockerfile);
                    let is_right = found.is_empty() != (kind == "finds");
                    results.push(CaseResult { rule: rule.id, kind, number: at + 1, found, is_right });
                }
            }
        }
        results
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    fn found(&self, rule: &RuleMeta, dockerfile: &str) -> Vec<(u32, String)> {
        let project = Project::new(Arc::new(Memory::of([("Dockerfile", dockerfile)])));
        let input = Input { path: ProjectPath::new("Dockerfile").expect("a path"), text: None };
        let options = Options { config: Some(&self.config), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let line = |place: &Place| match place {
            Place::Source(at) => analysis.sources.line(*at),
            _ => 0,
        };
        let counts = analysis.findings.iter().filter(|f| f.rule.id == rule.id && f.suppressed.is_none());
        counts.map(|finding| (line(&finding.place), finding.message.clone())).collect()
    }
}
