//! Findings for people: excerpts of the source, and a summary that fits a screen.

use std::collections::BTreeMap;
use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Snippet, Title};
use barehull_syntax::FileId;

use super::escape::escaped;
use super::excerpt::Excerpt;
use super::style::Look;
use super::{Paths, Summary, controls};
use crate::analysis::Analysis;
use crate::finding::{Finding, Label, Place, Severity};

/// Lines between the first and the last mark of one excerpt.
const WINDOW_LINES: u32 = 400;
/// Labelled places that are shown of one finding.
const LABELS: usize = 8;
/// Findings of one rule that are shown of one Dockerfile.
const OF_ONE_RULE: usize = 20;
/// Rules that the summary lists.
const RULES: usize = 15;

/// The findings of one Dockerfile with excerpts; those that stand side by side at one place share theirs.
pub fn file(analysis: &Analysis, paths: &Paths, look: Look) -> String {
    let mut out = String::new();
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown: Vec<&Finding> = Vec::new();
    for finding in analysis.findings.iter().filter(|f| f.suppressed.is_none()) {
        let seen = of_rule.entry(finding.rule.id).or_default();
        *seen += 1;
        if look.all || *seen <= OF_ONE_RULE {
            shown.push(finding);
        }
    }
    for (index, finding) in shown.iter().enumerate() {
        let view = View { finding, analysis, paths, look };
        let next = shown.get(index + 1);
        if next.is_some_and(|next| view.has_only_a_place() && next.place == finding.place) {
            out.push_str(&look.renderer().render(&[Group::with_title(view.title())]));
            out.push('\n');
        } else {
            out.push_str(&look.renderer().render(&[view.group()]));
            out.push_str("\n\n");
        }
    }
    if !look.all {
        for (rule, seen) in of_rule.iter().filter(|(_, seen)| **seen > OF_ONE_RULE) {
            let path = escaped(&paths.show(&analysis.path)).into_owned();
            let _ = writeln!(out, "{path}: and {} more of {rule} (--all)\n", seen - OF_ONE_RULE);
        }
    }
    out
}

/// `3 Dockerfiles: 1 error, 2 warnings, 1 info`.
pub fn counts(summary: &Summary) -> String {
    let what = if summary.images { "image" } else { "Dockerfile" };
    let mut out = match summary.files {
        1 => format!("1 {what}"),
        files => format!("{files} {what}s"),
    };
    let mut parts = Vec::new();
    for (count, name, plural) in [
        (summary.errors, "error", "errors"),
        (summary.warnings, "warning", "warnings"),
        (summary.infos, "info", "infos"),
        (summary.suppressed, "suppressed", "suppressed"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { name } else { plural }));
        }
    }
    if summary.findings() == 0 {
        parts.insert(0, "nothing found".to_owned());
    }
    let _ = write!(out, ": {}", parts.join(", "));
    if summary.failed > 0 {
        let _ = write!(out, "; {} could not be analysed", summary.failed);
    }
    out
}

/// What stands behind the last finding.
pub fn summary(summary: &Summary, look: Look) -> String {
    let mut out = format!("{}\n", look.strong(counts(summary)));
    let mut rules: Vec<_> = summary.rules.iter().collect();
    rules.sort_by(|(a_id, a), (b_id, b)| (b.severity, b.findings, a_id).cmp(&(a.severity, a.findings, b_id)));
    let shown = if look.all { rules.len() } else { RULES.min(rules.len()) };
    let width = rules[..shown].iter().map(|(id, _)| id.len()).max().unwrap_or(0);
    for (id, count) in &rules[..shown] {
        let severity = look.severity(count.severity, format!("{:<7}", count.severity.as_str()));
        let _ = write!(out, "  {severity}  {id:<width$}  {}", count.findings);
        if count.files > 1 {
            let _ = write!(out, " in {} files", count.files);
        }
        out.push('\n');
    }
    if rules.len() > shown {
        let _ = writeln!(out, "  and {} more rules (--all)", rules.len() - shown);
    }
    out.push_str(&controls::table(summary, look));
    if summary.findings() > 0 && summary.images {
        out.push_str("`barehull explain RULE` says why and what to do.\n");
    } else if summary.findings() > 0 {
        out.push_str("`barehull explain RULE` says why and what to do, `barehull fix` writes a patch.\n");
    }
    out
}

/// One finding and what it is shown with.
struct View<'a> {
    finding: &'a Finding,
    analysis: &'a Analysis,
    paths: &'a Paths,
    look: Look,
}

impl<'a> View<'a> {
    /// Whether the excerpt shows nothing but where the finding is.
    fn has_only_a_place(&self) -> bool {
        self.finding.related.is_empty() && self.finding.fixes.is_empty()
    }

    fn title(&self) -> Title<'a> {
        let level = match self.finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let stage = self.finding.stage.as_ref().and_then(|stage| self.analysis.stage_of_several(stage));
        let mut message = match stage {
            Some(stage) => format!("{} (stage {stage})", self.finding.message),
            None => self.finding.message.clone(),
        };
        if !self.finding.controls.is_empty() {
            let _ = write!(message, " [{}]", self.finding.controls.join(", "));
        }
        level.primary_title(escaped(&message).into_owned()).id(self.finding.rule.id)
    }

    fn group(&self) -> Group<'a> {
        let finding = self.finding;
        let title = self.title();
        let mut labels: Vec<&Label> = finding.related.iter().collect();
        let hidden = if self.look.all { 0 } else { labels.len().saturating_sub(LABELS) };
        labels.truncate(labels.len() - hidden);
        let mut group = title.elements(self.place(&finding.place, &mut labels));
        while let Some(label) = labels.first().copied() {
            labels.remove(0);
            if let Place::Source(_) = label.place {
                group = group.elements(self.excerpt(label, &mut labels));
            } else {
                group = group.element(Level::NOTE.message(self.label_text(label)));
            }
        }
        if hidden > 0 {
            group = group.element(Level::NOTE.message(format!("and {hidden} more places (--all)")));
        }
        for fix in &finding.fixes {
            let text = format!("{} ({})", escaped(&fix.title), fix.level.as_str());
            group = group.element(Level::HELP.message(text));
        }
        group
    }

    /// The finding's own place, with those of `labels` that can be shown in the same excerpt.
    fn place(&self, place: &Place, labels: &mut Vec<&'a Label>) -> Vec<Element<'a>> {
        let path = match place {
            Place::Source(location) => {
                return self.around(*location, AnnotationKind::Primary, None, labels);
            }
            Place::File(path) => self.shown_path(path),
            Place::Image { layer, path } => format!("{} in layer {layer}", escaped(path)),
            Place::Project => return Vec::new(),
        };
        vec![Origin::path(path).into()]
    }

    fn excerpt(&self, label: &'a Label, labels: &mut Vec<&'a Label>) -> Vec<Element<'a>> {
        let Place::Source(location) = label.place else { return Vec::new() };
        self.around(location, AnnotationKind::Context, Some(&label.text), labels)
    }

    /// The excerpt around `location`; takes the labels out of `labels` that it shows too.
    fn around(
        &self,
        location: barehull_syntax::Location,
        kind: AnnotationKind,
        text: Option<&'a str>,
        labels: &mut Vec<&'a Label>,
    ) -> Vec<Element<'a>> {
        let source = self.analysis.sources.get(location.file);
        let line = source.lines.line(location.span.start);
        let mut marks = vec![(location.span, kind, text)];
        labels.retain(|label| match label.place {
            Place::Source(other) if near(self.analysis, location.file, line, other) => {
                marks.push((other.span, AnnotationKind::Context, Some(&label.text)));
                false
            }
            _ => true,
        });
        let spans: Vec<_> = marks.iter().map(|(span, ..)| *span).collect();
        let excerpt = Excerpt::new(source, &spans);
        let path = self.shown_path(&source.path);
        let start = self.analysis.sources.start(location);
        let exact = excerpt.column(0) == start.column as usize;
        let annotations = marks.iter().zip(&excerpt.marks).map(|((_, kind, text), range)| {
            let label = text.filter(|text| !text.is_empty()).map(escaped);
            kind.span(range.clone()).label(label)
        });
        let snippet =
            Snippet::source(excerpt.text).line_start(excerpt.first_line as usize).annotations(annotations);
        if exact {
            return vec![snippet.path(path).into()];
        }
        // The line was cut or escaped, so its columns are no longer the file's.
        let origin = Origin::path(path).line(start.line as usize).char_column(start.column as usize);
        vec![origin.into(), snippet.into()]
    }

    fn label_text(&self, label: &Label) -> String {
        match super::places::place_in_words(&label.place, self.analysis, self.paths) {
            Some(place) => format!("{}: {}", escaped(&place), escaped(&label.text)),
            None => escaped(&label.text).into_owned(),
        }
    }

    fn shown_path(&self, path: &crate::project::ProjectPath) -> String {
        escaped(&self.paths.show(path)).into_owned()
    }
}

/// Whether `other` can be shown in the excerpt around `line` of `file`.
fn near(analysis: &Analysis, file: FileId, line: u32, other: barehull_syntax::Location) -> bool {
    other.file == file && analysis.sources.line(other).abs_diff(line) < WINDOW_LINES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::is_hostile;
    use crate::report::sample;

    #[test]
    fn excerpts() {
        insta::assert_snapshot!(file(&sample::analysis(), &Paths::Project, Look::PLAIN));
    }

    #[test]
    fn counts_and_rules() {
        let mut total = Summary::of(&sample::analysis());
        total.add(&Summary::of(&sample::analysis()));
        total.add(&Summary::of_failure());
        insta::assert_snapshot!(summary(&total, Look::PLAIN));
        assert_eq!(counts(&Summary::default()), "0 Dockerfiles: nothing found");
    }

    #[test]
    fn nothing_hostile_reaches_the_terminal() {
        let evil = "\u{1b}[2J\u{9b}31m\u{202e}x\r\nforged: line";
        let mut analysis = sample::analysis();
        for finding in &mut analysis.findings {
            finding.message = evil.to_owned();
            finding.related = vec![
                Label { place: Place::Project, text: evil.to_owned() },
                Label { place: finding.place.clone(), text: evil.to_owned() },
            ];
            for fix in &mut finding.fixes {
                fix.title = evil.to_owned();
            }
        }
        let shown = file(&analysis, &Paths::Below(evil.to_owned()), Look::PLAIN);
        assert!(!shown.replace('\n', "").contains(is_hostile), "{shown:?}");
        assert!(!shown.contains("\nforged"));
    }
}
