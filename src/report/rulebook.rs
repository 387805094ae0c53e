//! The rulebook for people and programs: the list, one rule explained, and the reference page.

use std::fmt::Write;

use serde::Serialize;

use super::json;
use super::style::Look;
use crate::edit::unified_diff;
use crate::engine::{Shown, ShownFix, example};
use crate::rules::{self, RuleMeta, Scope};

/// Lines of a patch that are shown; a longer one says less than the rule's text.
const MAX_PATCH: usize = 80;

/// Every rule on a line.
pub fn list(look: Look) -> String {
    let width = rules::all().iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules::all() {
        let severity = look.severity(rule.severity, format!("{:<7}", rule.severity.as_str()));
        let off = if rule.default_on { "" } else { " (off unless asked for)" };
        let _ = writeln!(out, "{severity}  {:<width$}  {}{off}", rule.id, rule.title);
    }
    out
}

/// A rule as programs see it.
#[derive(Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    severity: &'static str,
    default_on: bool,
    category: &'static str,
    scope: &'static str,
    why: &'static str,
    how: &'static str,
    references: &'static [&'static str],
}

/// Every rule, as a JSON array.
pub fn json() -> String {
    let entry = |rule: &'static RuleMeta| Entry {
        id: rule.id,
        title: rule.title,
        severity: rule.severity.as_str(),
        default_on: rule.default_on,
        category: rule.category,
        scope: scope(rule.scope),
        why: rule.why,
        how: rule.how,
        references: rule.references,
    };
    let entries: Vec<_> = rules::all().iter().map(entry).collect();
    json::to_string(&entries) + "\n"
}

/// One rule at length, for a terminal.
pub fn explain(rule: &'static RuleMeta, look: Look) -> String {
    let severity = look.severity(rule.severity, rule.severity.as_str());
    let mut out = format!("{}: {}\n", look.strong(rule.id), rule.title);
    let _ = writeln!(out, "{severity}, {}, looks at {}", rule.category, looks_at(rule.scope));
    for (heading, text) in [("Why", rule.why), ("What to do", rule.how)] {
        let _ = write!(out, "\n{}\n\n{}", look.strong(heading), wrapped(text, look.width));
    }
    if let Some(shown) = example(rule) {
        let _ = write!(out, "\n{}\n\n{}", look.strong("Example"), indented(shown.text));
        for (path, text) in &shown.files {
            let _ = write!(out, "\n  {path}:\n\n{}", indented(text));
        }
        for (place, message) in &shown.says {
            let _ = write!(out, "\n{}", wrapped(&format!("{place}: {message}"), look.width));
        }
        if let Some(fix) = &shown.fix {
            let (title, patch) = patch(fix);
            let _ = write!(out, "\n{}", wrapped(&title, look.width));
            if let Some(patch) = patch {
                let _ = write!(out, "\n{}", indented(&patch));
            }
        }
    }
    let _ = write!(out, "\n{}\n\n", look.strong("Read on"));
    for reference in rule.references {
        let _ = writeln!(out, "  {reference}");
    }
    if !rule.equivalents.is_empty() {
        let _ =
            write!(out, "\n{}\n\n{}", look.strong("In other tools"), wrapped(&equivalents(rule), look.width));
    }
    out
}

/// Paragraphs, filled to the width of the reader.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let options = textwrap::Options::new(width.clamp(40, 100)).initial_indent("  ").subsequent_indent("  ");
    let paragraph = |text: &str| textwrap::fill(&text.replace('\n', " "), &options) + "\n";
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n")
}

/// The reference page, in Markdown: docs/rules.md.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Rules\n\n\
         Generated from `rules.yaml` by `cargo xtask docs`. `barehull explain RULE` shows the same.\n\n\
         | Rule | Severity | |\n|---|---|---|\n",
    );
    for rule in rules::all() {
        let _ =
            writeln!(out, "| [{id}](#{id}) | {} | {} |", rule.severity.as_str(), rule.title, id = rule.id);
    }
    for rule in rules::all() {
        let _ = write!(out, "\n## {}\n\n", rule.id);
        let off = if rule.default_on { "" } else { " Off unless asked for." };
        let _ = write!(
            out,
            "{}. Severity: {}. Category: {}. Looks at {}.{off}\n\n",
            rule.title,
            rule.severity.as_str(),
            rule.category,
            looks_at(rule.scope)
        );
        let _ = write!(out, "### Why\n\n{}\n\n### What to do\n\n{}\n\n", rule.why, rule.how);
        if let Some(shown) = example(rule) {
            out.push_str(&shown_example(&shown));
        }
        out.push_str("### Read on\n\n");
        for reference in rule.references {
            let _ = writeln!(out, "- <{reference}>");
        }
        if !rule.equivalents.is_empty() {
            let _ = writeln!(out, "\n### In other tools\n\n{}", equivalents(rule));
        }
    }
    out
}

/// An example in Markdown: what there is, what is said of it, and the patch.
fn shown_example(shown: &Shown) -> String {
    let (intro, language) = if shown.is_image {
        ("An image, as far as it matters; dynamic programs bring the C library of Debian 12.\n\n", "yaml")
    } else {
        ("", "dockerfile")
    };
    let mut out = format!("### Example\n\n{intro}{}\n", fenced(language, shown.text));
    for (path, text) in &shown.files {
        let _ = write!(out, "`{path}`:\n\n{}\n", fenced(language_of(path), text));
    }
    if shown.is_image {
        out.push_str("`barehull verify`:\n\n");
    }
    for (place, message) in &shown.says {
        let _ = writeln!(out, "- {place}: {}", plain(message));
    }
    if let Some(fix) = &shown.fix {
        let (title, patch) = patch(fix);
        let _ = write!(out, "\n{title}\n");
        if let Some(patch) = patch {
            let _ = write!(out, "\n{}", fenced("diff", &patch));
        }
    }
    out.push('\n');
    out
}

/// The language of a file in a fenced block.
fn language_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("yaml" | "yml") => "yaml",
        Some("json") => "json",
        Some("sh") => "sh",
        _ => "text",
    }
}

/// What the fix of an example is called, and its lines without what `git` alone reads, unless there are too many.
fn patch(fix: &ShownFix) -> (String, Option<String>) {
    let mut lines = String::new();
    for file in &fix.patches {
        let diff = unified_diff(file, "");
        let is_other = file.path.as_str() != "Dockerfile";
        for line in diff.lines() {
            let is_name = line.starts_with("+++ ");
            let is_head = is_name
                || ["diff --git ", "--- ", "@@ ", "new file"].iter().any(|start| line.starts_with(start));
            if !is_head || is_name && is_other {
                let _ = writeln!(lines, "{line}");
            }
        }
    }
    let by = match fix.recipes.as_slice() {
        [] => String::new(),
        [one] => format!(" (recipe {one})"),
        several => format!(" (recipes {})", several.join(", ")),
    };
    let is_short = !lines.is_empty() && lines.lines().count() <= MAX_PATCH;
    let rest =
        if is_short { "" } else { " answers it with a longer patch; `docs/recipes.md` shows such ones" };
    let title = format!("`barehull fix --level {}`{by}{rest}", fix.level.as_str());
    let end = if is_short { ':' } else { '.' };
    (format!("{title}{end}"), is_short.then_some(lines))
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// A message in Markdown: what it quotes stays as it is.
fn plain(message: &str) -> String {
    message
        .replace('\\', "\\\\")
        .replace('*', "\\*")
        .replace('_', "\\_")
        .replace('<', "&lt;")
        .replace('[', "\\[")
}

fn indented(text: &str) -> String {
    text.trim_end().lines().fold(String::new(), |all, line| format!("{all}    {line}\n"))
}

/// `hadolint DL3008, DL3009; trivy DS-0029`.
fn equivalents(rule: &RuleMeta) -> String {
    let mut tools: Vec<(&str, Vec<&str>)> = Vec::new();
    for (tool, policy) in rule.equivalents {
        match tools.iter_mut().find(|(known, _)| known == tool) {
            Some((_, policies)) => policies.push(policy),
            None => tools.push((tool, vec![policy])),
        }
    }
    tools
        .iter()
        .map(|(tool, policies)| format!("{tool} {}", policies.join(", ")))
        .collect::<Vec<_>>()
        .join("; ")
}

const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Project => "project",
        Scope::File => "file",
        Scope::Stage => "stage",
        Scope::Image => "image",
    }
}

const fn looks_at(scope: Scope) -> &'static str {
    match scope {
        Scope::Project => "the whole project",
        Scope::File => "each Dockerfile",
        Scope::Stage => "each final stage",
        Scope::Image => "a built image (`barehull verify`)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explained_within_the_width() {
        let look = Look { width: 60, ..Look::PLAIN };
        for rule in rules::all() {
            let text = explain(rule, look);
            let wide = |line: &&str| {
                line.chars().count() > 60 && line.trim_start().contains(' ') && !line.starts_with("    ")
            };
            assert_eq!(text.lines().skip(2).find(wide), None, "{}", rule.id);
            assert!(text.contains(rule.references[0]));
        }
    }

    #[test]
    fn the_list_is_valid_json() {
        let rules: serde_json::Value = serde_json::from_str(&json()).unwrap();
        assert_eq!(rules.as_array().unwrap().len(), rules::all().len());
    }
}
