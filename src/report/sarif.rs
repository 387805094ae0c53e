//! SARIF 2.1.0, as code scanning services read it.

use std::collections::BTreeMap;
use std::fmt::Write;

use barehull_syntax::Location as Bytes;
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix as SarifFix, Invocation, Location, Message,
    MultiformatMessageString, Notification, PhysicalLocation, PropertyBag, Region, Replacement,
    ReportingConfiguration, ReportingDescriptor, Result, ResultLevel, Run, Sarif, Suppression, Tool,
    ToolComponent,
};

use super::{Paths, json};
use crate::analysis::Analysis;
use crate::edit::Edit;
use crate::finding::{Finding, Fix, Label, Place, Severity};
use crate::rules::{self, RuleMeta};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where the rules are explained.
const RULES_PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");
/// The name of the fingerprint; a change of how it is made needs another one.
const FINGERPRINT: &str = "barehull/v1";

/// The results of one Dockerfile.
pub fn results(analysis: &Analysis, paths: &Paths, with_fixes: bool) -> Vec<Result> {
    let cx = Context { analysis, paths };
    analysis.findings.iter().map(|finding| cx.result(finding, with_fixes)).collect()
}

/// The whole document. `failures` are what could not be analysed, as messages.
pub fn document(results: Vec<Result>, failures: &[String]) -> String {
    let driver = ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules::all().iter().map(descriptor).collect::<Vec<_>>())
        .build();
    let notifications: Vec<_> = failures
        .iter()
        .map(|text| Notification::builder().level(json!("error")).message(message(text)).build())
        .collect();
    let invocation = Invocation::builder()
        .execution_successful(failures.is_empty())
        .tool_execution_notifications(notifications)
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind(json!("unicodeCodePoints"))
        .invocations([invocation])
        .results(results)
        .build();
    let sarif = Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).runs([run]).build();
    json::to_string(&sarif) + "\n"
}

fn descriptor(rule: &RuleMeta) -> ReportingDescriptor {
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let help = format!("{}\n\n{}", rule.why, rule.how);
    let references = rule.references.join(">\n- <");
    let markdown =
        format!("{}\n\n## What to do\n\n{}\n\n## Read on\n\n- <{references}>\n", rule.why, rule.how);
    let properties = PropertyBag::builder()
        .tags(["security".to_owned(), rule.category.to_owned()])
        .additional_properties(BTreeMap::from([
            ("precision".to_owned(), json!("high")),
            ("security-severity".to_owned(), json!(security_severity(rule.severity))),
        ]))
        .build();
    ReportingDescriptor::builder()
        .id(rule.id)
        .name(rule.id)
        .short_description(text(rule.title))
        .full_description(text(rule.why.split("\n\n").next().unwrap_or(rule.title)))
        .help(MultiformatMessageString::builder().text(help).markdown(markdown).build())
        .help_uri(format!("{RULES_PAGE}#{}", rule.id))
        .default_configuration(
            ReportingConfiguration::builder()
                .enabled(rule.default_on)
                .level(json!(level(rule.severity)))
                .build(),
        )
        .properties(properties)
        .build()
}

/// The number by which GitHub ranks results that are tagged `security`, from 0 to 10.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "2.0",
    }
}

const fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
}

/// A message; what would be read as a link in it is broken up.
fn message(text: &str) -> Message {
    Message::builder().text(text.replace("](", "] (")).build()
}

struct Context<'a> {
    analysis: &'a Analysis,
    paths: &'a Paths,
}

impl Context<'_> {
    fn result(&self, finding: &Finding, with_fixes: bool) -> Result {
        let index = rules::all().iter().position(|rule| rule.id == finding.rule.id).unwrap_or_default();
        let fingerprint = finding.fingerprint(self.analysis.path.as_str());
        let mut result = Result::builder()
            .rule_id(finding.rule.id)
            .rule_index(i64::try_from(index).unwrap_or_default())
            .level(level(finding.severity))
            .message(message(&finding.message))
            .locations([self.location(&finding.place)])
            .partial_fingerprints(BTreeMap::from([(FINGERPRINT.to_owned(), fingerprint)]))
            .build();
        if !finding.related.is_empty() {
            result.related_locations =
                Some(finding.related.iter().zip(1..).map(|(label, id)| self.related(label, id)).collect());
        }
        if let Some(why) = &finding.suppressed {
            let suppression =
                Suppression::builder().kind(json!("external")).justification(why.clone()).build();
            result.suppressions = Some(vec![suppression]);
        }
        if !finding.controls.is_empty() {
            let controls = BTreeMap::from([("controls".to_owned(), json!(finding.controls))]);
            result.properties = Some(PropertyBag::builder().additional_properties(controls).build());
        }
        let fixes: Vec<_> = finding.fixes.iter().filter_map(|fix| self.fix(fix)).collect();
        if with_fixes && !fixes.is_empty() {
            result.fixes = Some(fixes);
        }
        result
    }

    fn related(&self, label: &Label, id: i64) -> Location {
        let mut location = self.location(&label.place);
        location.id = Some(id);
        location.message = Some(message(&label.text));
        location
    }

    /// Every result needs a file to be shown at: what has none is shown at the Dockerfile.
    fn location(&self, place: &Place) -> Location {
        let physical = match place {
            Place::Source(bytes) => {
                let path = self.paths.show(&self.analysis.sources.get(bytes.file).path);
                PhysicalLocation::builder()
                    .artifact_location(artifact(&path))
                    .region(self.region(*bytes))
                    .build()
            }
            Place::File(path) => {
                PhysicalLocation::builder().artifact_location(artifact(&self.paths.show(path))).build()
            }
            Place::Image { .. } | Place::Project => {
                let path = self.paths.show(&self.analysis.path);
                PhysicalLocation::builder().artifact_location(artifact(&path)).build()
            }
        };
        Location::builder().physical_location(physical).build()
    }

    fn region(&self, bytes: Bytes) -> Region {
        let (start, end) = (self.analysis.sources.start(bytes), self.analysis.sources.end(bytes));
        Region::builder()
            .start_line(start.line)
            .start_column(start.column)
            .end_line(end.line)
            .end_column(end.column)
            .byte_offset(bytes.span.start)
            .byte_length(bytes.span.len())
            .build()
    }

    /// The fix, unless it removes a file, which SARIF has no words for.
    fn fix(&self, fix: &Fix) -> Option<SarifFix> {
        let mut changes: BTreeMap<String, Vec<Replacement>> = BTreeMap::new();
        for edit in &fix.edits {
            let (path, region, text) = match edit {
                Edit::Replace { location, text, .. } => {
                    let path = self.paths.show(&self.analysis.sources.get(location.file).path);
                    (path, self.region(*location), text)
                }
                Edit::Create { path, text, .. } => (self.paths.show(path), start_of_file(), text),
                Edit::Delete { .. } => return None,
            };
            let replacement = Replacement::builder()
                .deleted_region(region)
                .inserted_content(ArtifactContent::builder().text(text.clone()).build())
                .build();
            changes.entry(path).or_default().push(replacement);
        }
        let changes: Vec<_> = changes
            .into_iter()
            .map(|(path, replacements)| {
                ArtifactChange::builder()
                    .artifact_location(artifact(&path))
                    .replacements(replacements)
                    .build()
            })
            .collect();
        let mut text = format!("{} ({})", fix.title, fix.level.as_str());
        for assumption in &fix.assumptions {
            text.push_str("\nAssumes: ");
            text.push_str(&assumption.text);
        }
        Some(SarifFix::builder().description(message(&text)).artifact_changes(changes).build())
    }
}

fn start_of_file() -> Region {
    Region::builder().start_line(1).start_column(1).end_line(1).end_column(1).build()
}

/// A path as an address: relative to the root of the sources where it is relative.
fn artifact(path: &str) -> ArtifactLocation {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    if path.starts_with('/') {
        return ArtifactLocation::builder().uri(format!("file://{uri}")).build();
    }
    ArtifactLocation::builder().uri(uri).uri_base_id("%SRCROOT%").build()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::sample;

    fn log() -> Value {
        let results = results(&sample::analysis(), &Paths::Project, true);
        serde_json::from_str(&document(results, &["x: broken".to_owned()])).unwrap()
    }

    #[test]
    fn a_log() {
        let mut log = log();
        // The rules have their own page and their own test.
        log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap().truncate(0);
        log["runs"][0]["tool"]["driver"]["semanticVersion"] = "0.0.0".into();
        for result in log["runs"][0]["results"].as_array_mut().unwrap() {
            result["ruleIndex"] = 0.into();
        }
        insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
    }

    /// What the schema and GitHub demand and the types do not give by themselves.
    #[test]
    fn constraints_of_the_published_schema() {
        let log = log();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            for text in ["shortDescription", "fullDescription", "help"] {
                assert!(!rule[text]["text"].as_str().unwrap().is_empty());
            }
            assert!(rule["shortDescription"]["text"].as_str().unwrap().len() <= 1024);
            assert!(
                ["note", "warning", "error"]
                    .contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
            );
        }
        let ids: std::collections::BTreeSet<_> =
            rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len(), "rule ids are unique");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        for result in run["results"].as_array().unwrap() {
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            assert_eq!(result["partialFingerprints"][FINGERPRINT].as_str().unwrap().len(), 32);
            let related = result["relatedLocations"].as_array().into_iter().flatten();
            for location in result["locations"].as_array().unwrap().iter().chain(related) {
                let physical = &location["physicalLocation"];
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
                assert!(uri.is_ascii() && !uri.contains([' ', '\\']), "{uri}");
                for field in ["startLine", "startColumn", "endLine", "endColumn"] {
                    let number = &physical["region"][field];
                    assert!(number.is_null() || number.as_u64().unwrap() >= 1);
                }
            }
            for fix in result["fixes"].as_array().into_iter().flatten() {
                assert!(!fix["artifactChanges"].as_array().unwrap().is_empty());
            }
        }
    }

    #[test]
    fn hostile_paths_and_messages_stay_data() {
        let uri = |path| artifact(path).uri.unwrap();
        assert_eq!(uri("a b/ü%:\u{1b}"), "a%20b/%C3%BC%25%3A%1B");
        assert_eq!(uri("/tmp/x"), "file:///tmp/x");
        assert_eq!(
            message("see [here](https://evil.example)").text.unwrap(),
            "see [here] (https://evil.example)"
        );
    }
}
