//! A step behind the one of a GitHub workflow that builds.

use super::{Scanning, line_behind, line_end};
use crate::project::outside::OutsideUse;
use crate::project::tree::Node;
use crate::project::yaml;

/// The lines of a step that scans, behind the step that `build` stands in.
pub(super) fn step_behind(text: &str, build: &OutsideUse) -> Option<Scanning> {
    let parsed = yaml::parse(text);
    let [top] = parsed.documents.as_slice() else { return None };
    let jobs = top.get("jobs")?.pairs();
    let at = build.at.span;
    let step = jobs
        .iter()
        .flat_map(|job| job.value.get("steps").map(Node::items).unwrap_or_default())
        .find(|step| step.span.start <= at.start && at.end <= step.span.end)?;
    let line = text[..step.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let lead = text[line..step.span.start as usize]
        .strip_suffix("- ")
        .filter(|lead| lead.bytes().all(|b| b == b' '))?;
    let line_end = line_end(text);
    let (at, open) = line_behind(text, step, line_end)?;
    let image = image(build).unwrap_or_else(|| "TODO # the image that the step above builds".to_owned());
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
    let assumes = "the image is on the machine when the step runs: a build that pushes at once has to load it first, and push behind the scan";
    Some(Scanning { at: at as u32, text: format!("{open}{lines}"), assumes: vec![assumes.to_owned()] })
}

/// The image that a build makes, as far as it is literal.
fn image(build: &OutsideUse) -> Option<String> {
    let name = build.build.as_ref()?.names.first()?;
    let image = format!("{}:{}", name.as_str(), name.tag()?);
    (!image.contains('*')).then_some(image)
}
