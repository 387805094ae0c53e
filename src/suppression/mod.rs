//! Which findings do not count, because a comment in the Dockerfile says so.

mod comment;
#[cfg(test)]
mod tests;

use barehull_syntax::{Location, Span};

use self::comment::{Comment, Reach};
use crate::finding::{Finding, Place};
use crate::model::Model;
use crate::rules::{self, RuleMeta};

/// The comments of a Dockerfile that suppress findings.
pub(crate) struct Suppressions {
    comments: Vec<Comment>,
}

impl Suppressions {
    /// Reads the comments.
    pub(crate) fn of(model: &Model) -> Self {
        Self { comments: comment::comments(&model.dockerfile) }
    }

    /// Whether a finding of a rule at a place does not count.
    pub(crate) fn hides(&self, rule: &RuleMeta, at: Option<Span>) -> bool {
        self.comments.iter().any(|comment| comment.names(rule) && comment.covers(at))
    }

    /// Marks the findings that do not count, and adds one for each comment that hides nothing; `runs` says which rules
    /// were asked for.
    pub(crate) fn apply(&self, model: &Model, findings: &mut Vec<Finding>, runs: &dyn Fn(&RuleMeta) -> bool) {
        let mut used = vec![false; self.comments.len()];
        for finding in findings.iter_mut() {
            let at = match finding.place {
                Place::Source(at) if at.file == model.file => Some(at.span),
                _ => None,
            };
            for (comment, used) in self.comments.iter().zip(&mut used) {
                if comment.names(finding.rule) && comment.covers(at) {
                    *used = true;
                    finding.suppressed.get_or_insert_with(|| comment.why.clone());
                }
            }
        }
        if runs(rules::UNUSED_SUPPRESSION) {
            let idle = self.comments.iter().zip(used).filter(|(comment, used)| comment.is_own && !used);
            findings.extend(idle.filter_map(|(comment, _)| unused(model, comment, runs)));
        }
    }
}

fn unused(model: &Model, comment: &Comment, runs: &dyn Fn(&RuleMeta) -> bool) -> Option<Finding> {
    let known = comment.rules.as_deref().unwrap_or_default();
    let message = if let Some(name) = comment.unknown.first() {
        match rules::nearest(name) {
            Some(near) => format!("there is no rule {name}; did you mean {near}?"),
            None => format!("there is no rule {name}; `barehull rules` lists them"),
        }
    } else if known.is_empty() && comment.rules.is_some() {
        "this comment names no rule: ignore=RULE".to_owned()
    } else if !known.iter().all(|rule| runs(rule)) {
        return None;
    } else {
        let names: Vec<&str> = known.iter().map(|rule| rule.id).collect();
        let of = if names.is_empty() { "any rule".to_owned() } else { names.join(", ") };
        format!("this comment hides nothing: there is no finding of {of} here; remove it")
    };
    let place = Place::Source(Location::new(model.file, comment.at));
    let names = known.iter().map(|rule| rule.id).chain(comment.unknown.iter().map(String::as_str));
    let subject = names.collect::<Vec<_>>().join(",");
    Some(Finding::new(rules::UNUSED_SUPPRESSION, place, message).subject(subject))
}

impl Comment {
    /// Whether it speaks of what is at `at`; what is said of the Dockerfile and stands elsewhere is hidden by a comment for
    /// the whole file.
    fn covers(&self, at: Option<Span>) -> bool {
        match self.reach {
            Reach::File => true,
            Reach::Span(span) => at.is_some_and(|at| span.start <= at.start && at.start < span.end),
        }
    }
}
