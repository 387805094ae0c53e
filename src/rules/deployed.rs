//! A container of a manifest as the rules see it.

use barehull_syntax::{FileId, Location, Span};

use super::RuleMeta;
use super::run::StageCx;
use crate::finding::{Finding, Place};
use crate::manifest::Found;
use crate::project::outside::OutsideUse;

/// A container of a manifest that runs an image of the file.
pub(crate) struct Deployed<'a> {
    pub(crate) used: &'a OutsideUse,
    pub(crate) found: &'a Found,
    /// The manifest.
    pub(crate) file: FileId,
}

impl Deployed<'_> {
    /// The container in words: `container web of Deployment shop`.
    pub(super) fn title(&self) -> String {
        let workload = &self.found.workload;
        let kind = if self.found.init { "init container" } else { "container" };
        let name = self.found.container().name.as_deref().unwrap_or("without a name");
        let owner = workload.name.as_deref().unwrap_or("without a name");
        format!("{kind} {name} of {} {owner}", workload.kind)
    }

    /// Whether it says that the process is not root, whatever the image says.
    pub(super) fn refuses_root(&self) -> bool {
        let (own, pod) = (&self.found.container().security, &self.found.workload.security);
        match own.user.or(pod.user) {
            Some(user) => user != 0,
            None => own.non_root.or(pod.non_root) == Some(true),
        }
    }

    /// Bytes of the manifest.
    pub(super) fn at(&self, span: Span) -> Place {
        Place::Source(Location::new(self.file, span))
    }

    /// A finding of `rule` about the container, at `span` of the manifest, or at its image. `what` tells it from others of
    /// the rule.
    pub(super) fn finding(
        &self,
        rule: &'static RuleMeta,
        cx: &StageCx<'_>,
        span: Option<Span>,
        what: &str,
        message: String,
    ) -> Finding {
        let path = &self.used.at.path;
        let subject = format!("{path}: {}{}{what}", self.title(), if what.is_empty() { "" } else { ", " });
        let place = self.at(span.unwrap_or(self.used.at.span));
        Finding::new(rule, place, message).stage(&cx.stage.identity).subject(subject)
    }
}
