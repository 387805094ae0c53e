//! What barehull says of each sample and writes for it, reviewed like code: one file each in `snapshots/`.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use barehull::analysis::Analysis;
use barehull::edit::unified_diff;
use barehull::finding::{Finding, Level, Place};
use barehull::report::{Look, Paths, rewrite, surface};

use crate::sample::{self, Sample};

/// Snapshots lie in `snapshots/` at the top.
pub fn settings() -> insta::Settings {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn each_sample() {
    let mut settings = settings();
    // One that differs must not hide the others.
    let mut differ = Vec::new();
    for sample in sample::all() {
        settings.set_description(&sample.title);
        let page = page(&sample);
        let same = || settings.bind(|| insta::assert_snapshot!(sample.name.as_str(), page));
        if catch_unwind(AssertUnwindSafe(same)).is_err() {
            differ.push(sample.name);
        }
    }
    assert!(differ.is_empty(), "read the difference, then accept it with `cargo insta review`: {differ:?}");
}

#[test]
fn each_snapshot_has_its_sample() {
    let folder = sample::folder().with_file_name("snapshots");
    let names: Vec<String> = sample::all().into_iter().map(|sample| sample.name).collect();
    for entry in std::fs::read_dir(folder).expect("snapshots/ is there") {
        let file = entry.expect("a readable entry").file_name().into_string().expect("a UTF-8 name");
        let name = file.split('.').next().unwrap_or_default();
        assert!(names.iter().any(|sample| sample == name), "snapshots/{file} is of no sample");
    }
}

/// Everything about a sample that a reviewer wants to see.
fn page(sample: &Sample) -> String {
    let analysis = sample.analyse(Level::Sketch);
    let all = Look { all: true, ..Look::PLAIN };
    let mut page = surface::file(&analysis, &Paths::Project, all);
    page.push_str("\nfindings\n");
    for finding in &analysis.findings {
        let _ = writeln!(page, "  {}", line(finding, &analysis));
    }
    page.push_str("\nlevels\n");
    for level in [Level::Safe, Level::Review, Level::Sketch] {
        let _ = writeln!(page, "  {:<8} {}", level.as_str(), titles(&sample.analyse(level)));
    }
    page.push('\n');
    page.push_str(&rewrite::file(&analysis, &Paths::Project, Look::PLAIN));
    page.push('\n');
    for patch in &analysis.rewrite.as_ref().expect("a rewrite was asked for").patch {
        page.push_str(&unified_diff(patch, ""));
    }
    page
}

/// A finding in a line.
fn line(finding: &Finding, analysis: &Analysis) -> String {
    let place = match &finding.place {
        Place::Source(at) => {
            let start = analysis.sources.start(*at);
            format!("{}:{}:{}", analysis.sources.get(at.file).path, start.line, start.column)
        }
        other => format!("{other:?}"),
    };
    let stage = finding.stage.as_ref().and_then(|stage| analysis.stage_of_several(stage));
    let stage = stage.map_or_else(String::new, |stage| format!(" (stage {stage})"));
    format!("{:<7} {place} {}: {}{stage}", finding.severity.as_str(), finding.rule.id, finding.message)
}

/// The fixes that a level gives.
fn titles(analysis: &Analysis) -> String {
    let rewrite = analysis.rewrite.as_ref().expect("a rewrite was asked for");
    let titles: Vec<&str> = rewrite.applied.iter().map(|fix| fix.title.as_str()).collect();
    if titles.is_empty() { "no patch".to_owned() } else { titles.join("; ") }
}
