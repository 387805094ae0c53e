//! Whether the image starts: what is wrong on the way from ENTRYPOINT, CMD and HEALTHCHECK.

use super::reach::{Fault, Reached, Start, Weight};
use super::subject::Subject;
use crate::finding::{Finding, Place};
use crate::rules;

/// One finding for each fault.
pub(super) fn check(subject: &Subject<'_>, reached: &Reached) -> Vec<Finding> {
    reached.faults.iter().map(|fault| finding(subject, fault)).collect()
}

fn finding(subject: &Subject<'_>, fault: &Fault) -> Finding {
    let rule = match (fault.start, fault.weight) {
        (Start::Health, _) => rules::BROKEN_HEALTHCHECK,
        (Start::Process, Weight::Fatal) => rules::BROKEN_ENTRYPOINT,
        (Start::Process, Weight::Command) => rules::MISSING_COMMAND,
    };
    let entry = fault.at.as_deref().and_then(|path| subject.tree.get(path));
    let finding = match entry {
        Some(entry) => subject.at(rule, entry, fault.message.clone()),
        None => Finding::new(rule, Place::Project, fault.message.clone()),
    };
    finding.subject(fault.subject.clone()).components(vec![fault.subject.clone()])
}
