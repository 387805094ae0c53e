//! `no-image-scan-in-ci`: CI builds the image, and nothing there looks for packages with known holes in it.

use barehull_syntax::{Location, Span};

use super::FileCx;
use super::language::RuleFix;
use crate::edit::{Edit, TextHash};
use crate::finding::{Finding, Level};
use crate::project::outside::{Lack, OutsideUse, Scan};
use crate::project::tree::Node;
use crate::project::{FileKind, yaml};

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

pub(super) fn fixes(cx: &FileCx<'_>) -> Vec<RuleFix> {
    let fix = unguarded(cx).filter(|(build, scan)| build.kind == FileKind::Workflow && scan.is_none()).and_then(|(build, _)| {
        let file = cx.sources.find(&build.at.path)?;
        let source = cx.sources.get(file);
        let (at, text) = step_behind(source.text()?, build.at.span, image(build))?;
        let edit = Edit::Replace { location: Location::new(file, Span::at(at)), text, of: TextHash::of(&source.bytes) };
        let assumes = vec![
            "the image is on the machine when the step runs: a build that pushes at once has to load it first, and push behind the scan".to_owned(),
        ];
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

/// The image that a build makes, as far as it is literal.
fn image(build: &OutsideUse) -> Option<String> {
    let name = build.build.as_ref()?.names.first()?;
    let image = format!("{}:{}", name.as_str(), name.tag()?);
    (!image.contains('*')).then_some(image)
}

/// The lines of a step that scans, behind the step of a workflow that `build` stands in: their place and text.
fn step_behind(text: &str, build: Span, image: Option<String>) -> Option<(u32, String)> {
    let parsed = yaml::parse(text);
    let [top] = parsed.documents.as_slice() else { return None };
    let jobs = top.get("jobs")?.pairs();
    let step = jobs
        .iter()
        .flat_map(|job| job.value.get("steps").map(Node::items).unwrap_or_default())
        .find(|step| step.span.start <= build.start && build.end <= step.span.end)?;
    let line = text[..step.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let lead = text[line..step.span.start as usize]
        .strip_suffix("- ")
        .filter(|lead| lead.bytes().all(|b| b == b' '))?;
    let end =
        step.descendants().iter().filter(|node| node.text().is_some()).map(|node| node.span.end).max()?
            as usize;
    let end = text[..end].trim_end().len();
    let at = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let open = if text[..at].ends_with('\n') { "" } else { line_end };
    let image = image.unwrap_or_else(|| "TODO # the image that the step above builds".to_owned());
    let lines = [
        "- name: Scan the image for packages with known holes".to_owned(),
        "  uses: aquasecurity/trivy-action@TODO # the commit of a release that you trust".to_owned(),
        "  with:".to_owned(),
        format!("    image-ref: {image}"),
        "    vuln-type: os,library".to_owned(),
        "    severity: HIGH,CRITICAL".to_owned(),
        "    ignore-unfixed: true".to_owned(),
        "    exit-code: \"1\"".to_owned(),
    ];
    let lines: String = lines.iter().flat_map(|line| [lead, line.as_str(), line_end]).collect();
    Some((at as u32, format!("{open}{lines}")))
}
