//! `latest-syntax-directive`: the frontend that reads the Dockerfile is whatever is newest.

use barehull_syntax::dockerfile::{Directive, DirectiveName};

use super::FileCx;
use super::language::{RuleFix, one_line, replace};
use crate::finding::{Finding, Level, Place};

/// What `latest` stands for, and goes on standing for.
const STABLE: &str = "docker/dockerfile:1";

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let found = directive(cx).map(|(directive, image, what)| {
        let message = format!("{image} is {what}: name {STABLE}, or a version of it");
        let place = Place::Source(cx.model.at(directive.span));
        Finding::new(super::LATEST_SYNTAX_DIRECTIVE, place, message).subject(image)
    });
    found.into_iter().collect()
}

pub(super) fn fixes(cx: &FileCx<'_>) -> Vec<RuleFix> {
    let fix = directive(cx).and_then(|(directive, image, _)| {
        // Other frontends have versions of their own; what is experimental may be needed.
        let is_dockers = matches!(
            image.trim_start_matches("docker.io/"),
            "docker/dockerfile" | "docker/dockerfile:latest"
        );
        let text = &directive.value;
        let span = text.source(0..text.text().len()).exact().filter(|_| is_dockers)?;
        Some(RuleFix {
            rule: super::LATEST_SYNTAX_DIRECTIVE,
            title: format!("Name the stable frontend ({STABLE})"),
            level: Level::Safe,
            assumes: Vec::new(),
            edits: vec![replace(cx.model, span, STABLE.to_owned())],
            at: Some(directive.span),
        })
    });
    fix.into_iter().collect()
}

/// The syntax directive whose image has no version, its image, and what that is.
fn directive<'a>(cx: &FileCx<'a>) -> Option<(&'a Directive, String, &'static str)> {
    let directives = cx.model.dockerfile.directives();
    let directive = directives.iter().find(|directive| directive.name == DirectiveName::Syntax)?;
    let image = one_line(directive.value.text().split_whitespace().next()?);
    if image.contains(['@', '$']) {
        return None;
    }
    let (_, tag) = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((&image, ""));
    let what = match tag {
        "" | "latest" => "whatever is newest on the day of the build",
        "labs" | "experimental" | "master" | "master-labs" | "master-experimental" => {
            "an experimental frontend, whatever is newest on the day of the build"
        }
        _ => return None,
    };
    Some((directive, image, what))
}
