//! Two images held against each other, for people.

use std::fmt::Write;

use super::Paths;
use super::built::{counted, size};
use super::escape::escaped;
use super::style::Look;
use crate::analysis::Analysis;
use crate::comparison::{Change, Comparison, PackageChange, RoleChange, Tool};
use crate::finding::{Finding, Severity};

/// Names of one list that are shown.
const NAMES: usize = 24;
/// Findings of one list that are shown.
const FINDINGS: usize = 12;
/// Characters of a finding's message that are shown.
const MESSAGE: usize = 110;

/// The comparison; `images` are the two, in order, and how their paths are written.
pub fn text(comparison: &Comparison, images: [(&Analysis, &Paths); 2], look: Look) -> String {
    let [before, after] = images.map(|(analysis, paths)| escaped(&paths.show(&analysis.path)).into_owned());
    let mut out = format!("{} -> {}\n", look.strong(before), look.strong(after));
    out.push_str(&numbers(comparison, images));
    let page = Page { look };
    for (what, of) in WHAT_BECAME {
        for (role, change) in &comparison.surface {
            page.list(&mut out, what, role.title(), &of(change).iter().map(name_of).collect::<Vec<_>>());
        }
    }
    if let Some(packages) = &comparison.packages {
        page.packages(&mut out, packages);
    }
    page.findings(&mut out, "resolved", &comparison.resolved);
    page.notes(&mut out, comparison, images);
    out
}

/// `worse: 1 error, 2 warnings`.
pub fn verdict(comparison: &Comparison) -> String {
    let count = |severity: Severity| {
        let count = comparison.worse.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| counted(count as u64, severity.as_str()))
    };
    let parts: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Info].into_iter().filter_map(count).collect();
    if parts.is_empty() { "nothing became worse".to_owned() } else { format!("worse: {}", parts.join(", ")) }
}

/// One of the lists of a role.
type List = fn(&RoleChange) -> &[Tool];

/// The lists in the order in which they are shown.
const WHAT_BECAME: [(&str, List); 3] =
    [("new", |change| &change.new), ("gone", |change| &change.gone), ("kept", |change| &change.kept)];

fn name_of(tool: &Tool) -> String {
    if tool.carried { format!("{} (still in a lower layer)", tool.name) } else { tool.name.clone() }
}

/// A row for each number.
fn numbers(comparison: &Comparison, images: [(&Analysis, &Paths); 2]) -> String {
    let bytes = |change: Change| {
        let sign = if change.after < change.before { "-" } else { "+" };
        let by = size(change.after.abs_diff(change.before));
        let by = if change.after == change.before { String::new() } else { format!("{sign}{by}") };
        [size(change.before), size(change.after), by]
    };
    let count = |change: Change| {
        let by = i128::from(change.after) - i128::from(change.before);
        let by = if by == 0 { String::new() } else { format!("{by:+}") };
        [change.before.to_string(), change.after.to_string(), by]
    };
    let found = images.map(|(analysis, _)| analysis.findings.len() as u64);
    let mut rows = vec![
        ("size", bytes(comparison.visible_bytes)),
        ("stored", bytes(comparison.stored_bytes)),
        ("files", count(comparison.files)),
    ];
    rows.extend(comparison.packages.as_ref().map(|packages| ("packages", count(packages.count))));
    let [before, after, _] = count(comparison.layers.count);
    rows.push(("layers", [before, after, format!("{} shared", comparison.layers.shared)]));
    rows.push(("findings", count(Change { before: found[0], after: found[1] })));
    let width = |column: usize| rows.iter().map(|(_, cells)| cells[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for (name, [before, after, by]) in &rows {
        let row =
            format!("  {name:<8}  {before:>0$} -> {after:>1$}  {by:>2$}", widths[0], widths[1], widths[2]);
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}

struct Page {
    look: Look,
}

impl Page {
    /// `  gone  shell: bash dash`, folded.
    fn list(&self, out: &mut String, what: &str, kind: &str, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let shown = if self.look.all { names.len() } else { names.len().min(NAMES) };
        let mut words: Vec<String> = names[..shown].iter().map(|name| escaped(name).into_owned()).collect();
        if shown < names.len() {
            words.push(format!("and {} more (--all)", names.len() - shown));
        }
        let text = format!("{kind}: {}", words.join(", "));
        let options = textwrap::Options::new(self.look.width)
            .initial_indent("        ")
            .subsequent_indent("          ")
            .break_words(false);
        let folded = textwrap::fill(&text, options);
        let what = format!("{what:<4}");
        let what = match what.as_str() {
            "new " => self.look.severity(Severity::Warning, what),
            "gone" => self.look.good(what),
            _ => self.look.faint(what),
        };
        let _ = writeln!(out, "  {what}  {}", folded.trim_start());
    }

    fn packages(&self, out: &mut String, packages: &PackageChange) {
        self.list(out, "new", "packages", &packages.added);
        self.list(out, "gone", "packages", &packages.removed);
        let changed = packages.changed.iter().map(|versions| {
            format!("{} {} -> {}", versions.name, versions.before.join(" "), versions.after.join(" "))
        });
        self.list(out, "kept", "packages in another version", &changed.collect::<Vec<_>>());
    }

    fn findings(&self, out: &mut String, what: &str, findings: &[Finding]) {
        if findings.is_empty() {
            return;
        }
        let shown = if self.look.all { findings.len() } else { findings.len().min(FINDINGS) };
        let _ = writeln!(out, "{}", self.look.strong(what));
        for finding in &findings[..shown] {
            let severity = self.look.severity(finding.severity, format!("{:<7}", finding.severity.as_str()));
            let message = match finding.message.char_indices().nth(MESSAGE) {
                Some((end, _)) if !self.look.all => format!("{}...", &finding.message[..end]),
                _ => finding.message.clone(),
            };
            let _ = writeln!(out, "  {severity}  {}: {}", finding.rule.id, escaped(&message));
        }
        if shown < findings.len() {
            let _ = writeln!(out, "  and {} more (--all)", findings.len() - shown);
        }
    }

    /// What limits the comparison, and what is said of each image.
    fn notes(&self, out: &mut String, comparison: &Comparison, images: [(&Analysis, &Paths); 2]) {
        for note in &comparison.notes {
            let _ = writeln!(out, "  {}", self.look.faint(note));
        }
        for (analysis, paths) in images {
            let path = paths.show(&analysis.path);
            for note in analysis.image.iter().flat_map(|image| &image.notes) {
                let _ = writeln!(out, "  {}", self.look.faint(escaped(&format!("{path}: {note}"))));
            }
        }
    }
}
