//! GitHub workflow annotations: one command a line on standard output.

use std::fmt::Write;

use super::escape::escaped_lines;
use super::places::place_in_words;
use super::{Paths, Summary};
use crate::analysis::Analysis;
use crate::finding::{Finding, Place, Severity};

/// The annotations of one Dockerfile.
pub fn file(analysis: &Analysis, paths: &Paths) -> String {
    let mut out = String::new();
    for finding in analysis.findings.iter().filter(|f| f.suppressed.is_none()) {
        out.push_str(&annotation(finding, analysis, paths));
        out.push('\n');
    }
    out
}

/// What stands behind the last file: a line for the log that is no command.
pub fn tail(summary: &Summary) -> String {
    format!("{}\n", super::text::counts(summary))
}

fn annotation(finding: &Finding, analysis: &Analysis, paths: &Paths) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let path = match &finding.place {
        Place::Source(location) => paths.show(&analysis.sources.get(location.file).path),
        Place::File(path) => paths.show(path),
        Place::Image { .. } | Place::Project => paths.show(&analysis.path),
    };
    let mut out = format!("::{command} file={}", property(&path));
    if let Place::Source(location) = finding.place {
        let (start, end) = (analysis.sources.start(location), analysis.sources.end(location));
        let _ = write!(out, ",line={},endLine={}", start.line, end.line);
        // Columns mean nothing to GitHub across lines.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let _ = write!(out, ",title={}::{}", property(finding.rule.id), data(&message(finding, analysis, paths)));
    out
}

fn message(finding: &Finding, analysis: &Analysis, paths: &Paths) -> String {
    let mut message = finding.message.clone();
    if let Some(stage) = finding.stage.as_ref().and_then(|stage| analysis.stage_of_several(stage)) {
        let _ = write!(message, " (stage {stage})");
    }
    if !finding.controls.is_empty() {
        let _ = write!(message, " [{}]", finding.controls.join(", "));
    }
    for label in finding.related.iter().filter(|label| !label.text.is_empty()) {
        let _ = match place_in_words(&label.place, analysis, paths) {
            Some(place) => write!(message, "\n{place}: {}", label.text),
            None => write!(message, "\n{}", label.text),
        };
    }
    message
}

/// The text behind `::`. What a terminal would obey is spelt out first, since the log is shown in one; of the
/// characters that the runner reads, only `%` and line feeds are left then.
fn data(text: &str) -> String {
    escaped_lines(text).replace('%', "%25").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_property_or_a_command() {
        assert_eq!(property("a,b:c%d"), "a%2Cb%3Ac%25d");
        assert_eq!(property("x\r\n::set-output name=a::b"), "x%0A%3A%3Aset-output name=a%3A%3Ab");
        assert_eq!(property("x\r::error::y"), "x\\r%3A%3Aerror%3A%3Ay");
        assert_eq!(data("50% of\n\u{1b}[0m"), "50%25 of%0A\\u{1b}[0m");
    }
}
