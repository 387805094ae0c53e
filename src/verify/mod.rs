//! What a built image holds, and whether it can run: findings from an [`Image`], one file per group of checks.
//!
//! Nothing is executed. What an entrypoint reaches is followed through links, first lines of scripts, shell commands and
//! the libraries of programs; what a program does by itself later is not known.

mod broken;
mod certificates;
mod compare;
mod databases;
mod environments;
mod facts;
mod folders;
mod launch;
mod leftovers;
mod name_service;
mod permissions;
mod ports;
mod reach;
mod root;
mod running;
mod secrets;
mod subject;
mod surface;
#[cfg(test)]
mod tests;
mod time_zones;
mod user;

use std::sync::Arc;

use barehull_catalog::Catalog;
use barehull_image::Image;
use barehull_syntax::{Location, Span};

use crate::analysis::{Analysis, StageReport};
use crate::finding::{Finding, StageIdentity};
use crate::project::ProjectPath;
use crate::rules;
use crate::source::Sources;

pub use self::compare::compare;
pub(crate) use self::secrets::looks_secret;

use self::reach::Reached;
use self::root::TreeRoot;
use self::subject::Subject;

/// The groups of checks; each yields findings of any rules.
const CHECKS: [fn(&Subject<'_>, &Reached) -> Vec<Finding>; 13] = [
    surface::check,
    running::check,
    broken::check,
    environments::check,
    certificates::check,
    name_service::check,
    time_zones::check,
    user::check,
    folders::check,
    ports::check,
    databases::check,
    secrets::check,
    leftovers::check,
];

/// Looks at `image`, started as its configuration says. `only`: rules by id, or none for all that are on by default.
///
/// The result has the form of a Dockerfile's analysis with one stage, the image; its path is the project's root, so
/// that reports can show any name for it.
pub fn verify(image: &Image, catalog: &Catalog, only: &[String]) -> Analysis {
    let root = TreeRoot::new(&image.tree);
    let subject = Subject::new(image, catalog, &root);
    let reached = reach::from_start(&subject);
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&subject, &reached)).collect();
    findings.retain(|finding| rules::is_wanted(finding.rule, only));
    // The worst first: there is no line to sort them by.
    findings.sort_by(|a, b| {
        (b.severity, &a.place, a.rule.id, &a.subject).cmp(&(a.severity, &b.place, b.rule.id, &b.subject))
    });
    let path = ProjectPath::root();
    let mut sources = Sources::default();
    let file = sources.add(&path, &Arc::default());
    let facts = facts::of(image);
    let surface = surface::of(&subject, &reached);
    let stage = StageReport {
        name: None,
        index: 0,
        identity: StageIdentity("last".into()),
        is_final: true,
        base: image.name.clone().unwrap_or_default(),
        image: image.name.clone().unwrap_or_default(),
        os: facts.os.clone(),
        completeness: surface.completeness,
        surface: Arc::new(surface),
        at: Location::new(file, Span::default()),
    };
    Analysis {
        path,
        file,
        sources,
        stages: vec![stage],
        findings,
        blockers: Vec::new(),
        rewrite: None,
        policy: None,
        image: Some(facts),
    }
}
