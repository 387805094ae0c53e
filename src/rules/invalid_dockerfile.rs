//! `invalid-dockerfile`: what BuildKit refuses.

use super::FileCx;
use crate::finding::{Finding, Place};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let model = cx.model;
    let dockerfile = &model.dockerfile;
    let mut findings: Vec<Finding> = dockerfile
        .problems()
        .iter()
        .map(|problem| {
            let help = problem.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
            let message = format!("{}{help}", problem.message);
            Finding::new(super::INVALID_DOCKERFILE, Place::Source(model.at(problem.span)), message)
                .subject(problem.message.clone())
        })
        .collect();
    findings.extend(model.bad_indices.iter().map(|(at, index)| {
        let message = format!(
            "invalid stage index {index}: no stage has it; name the stage that is meant (`FROM ... AS name`)"
        );
        Finding::new(super::INVALID_DOCKERFILE, Place::Source(*at), message).subject(format!("index {index}"))
    }));
    findings.extend(model.circles.iter().map(|circle| {
        let names: Vec<String> = circle.stages.iter().map(|id| model.stage(*id).label()).collect();
        let first = &names[0];
        let message = match names.as_slice() {
            [alone] => format!("circular dependency detected on stage: {alone}; it copies from itself"),
            _ => format!(
                "circular dependency detected on stage: {first}; {} -> {first}, so none can be built first",
                names.join(" -> ")
            ),
        };
        Finding::new(super::INVALID_DOCKERFILE, Place::Source(circle.at), message)
            .subject(format!("circle {first}"))
    }));
    if dockerfile.text().is_none() {
        let bytes = dockerfile.source();
        let valid = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len()) as u32;
        let at = model.at(barehull_syntax::Span::new(valid, (valid + 1).min(bytes.len() as u32)));
        let message = "this byte is not UTF-8: the file is analysed, but no fix is offered; save it as UTF-8";
        findings.push(Finding::new(super::INVALID_DOCKERFILE, Place::Source(at), message).subject("utf-8"));
    }
    findings
}
