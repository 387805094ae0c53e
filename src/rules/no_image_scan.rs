//! `no-image-scan-in-ci`: CI builds the image, and nothing there looks for packages with known holes in it.

mod gitlab;
mod workflow;

use barehull_syntax::{Location, Span};

use super::FileCx;
use super::language::RuleFix;
use crate::edit::{Edit, TextHash};
use crate::finding::{Finding, Level};
use crate::project::FileKind;
use crate::project::outside::{Lack, OutsideUse, Scan};
use crate::project::tree::Node;

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let Some((build, scan)) = unguarded(cx) else { return Vec::new() };
    let rule = super::NO_IMAGE_SCAN_IN_CI;
    let finding = match scan {
        None => {
            let message = "this builds the image, and nothing in the project's CI looks for packages with known holes in it";
            Finding::new(rule, cx.place(&build.at), message).subject("no scan")
        }
        Some(scan) => {
            let (lack, subject) = match scan.lack {
                Some(Lack::SystemOnly) => ("leaves out the packages of languages", "system only"),
                Some(Lack::SourcesOnly) => {
                    ("looks at the sources: what the base image brings is not scanned", "sources only")
                }
                _ => ("never fails: an image with known holes is shipped all the same", "never fails"),
            };
            let message = format!("this run of {} {lack}", scan.scanner);
            let finding = Finding::new(rule, cx.place(&scan.at), message).subject(subject);
            finding.label(cx.place(&build.at), "the image is built here")
        }
    };
    vec![finding]
}

/// A build of the Dockerfile in CI that no scan guards, and the scan that comes nearest to it.
fn unguarded<'a>(cx: &FileCx<'a>) -> Option<(&'a OutsideUse, Option<&'a Scan>)> {
    let is_ci = |kind| {
        matches!(kind, FileKind::Workflow | FileKind::GitlabCi | FileKind::OtherCi | FileKind::Jenkinsfile)
    };
    let mut builds = cx.uses.iter().filter(|used| is_ci(used.kind) && used.build.is_some());
    let build = builds.next()?;
    let scans = &cx.around.scans;
    if cx.around.may_scan || scans.iter().any(|scan| scan.lack.is_none()) {
        return None;
    }
    Some((build, scans.iter().min_by_key(|scan| scan.lack)))
}

/// Lines that scan, where they go, and what they assume.
struct Scanning {
    at: u32,
    text: String,
    assumes: Vec<String>,
}

pub(super) fn fixes(cx: &FileCx<'_>) -> Vec<RuleFix> {
    let fix = unguarded(cx).filter(|(_, scan)| scan.is_none()).and_then(|(build, _)| {
        let file = cx.sources.find(&build.at.path)?;
        let source = cx.sources.get(file);
        let Scanning { at, text, assumes } = match build.kind {
            FileKind::Workflow => workflow::step_behind(source.text()?, build),
            FileKind::GitlabCi => gitlab::job_behind(source.text()?, build),
            _ => None,
        }?;
        let of = TextHash::of(&source.bytes);
        let edit = Edit::Replace { location: Location::new(file, Span::at(at)), text, of };
        Some(RuleFix {
            rule: super::NO_IMAGE_SCAN_IN_CI,
            title: "Scan the image before it is shipped (Trivy)".to_owned(),
            level: Level::Sketch,
            assumes,
            edits: vec![edit],
            at: None,
        })
    });
    fix.into_iter().collect()
}

/// Where the line behind the last word of `node` starts, and what ends the line before it if nothing does.
fn line_behind(text: &str, node: &Node, line_end: &'static str) -> Option<(usize, &'static str)> {
    let words = node.descendants();
    let end = words.iter().filter(|node| node.text().is_some()).map(|node| node.span.end).max()? as usize;
    let end = text[..end].trim_end().len();
    let at = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    Some((at, if text[..at].ends_with('\n') { "" } else { line_end }))
}

/// What ends the lines of a text.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
