//! Runs the rules over one Dockerfile's model.

use std::cmp::Reverse;

use barehull_catalog::{Catalog, ImageFacts, Origin, Presence};
use barehull_syntax::{FileId, Location, Span};

use super::RuleMeta;
use crate::finding::{Finding, Place, Surface};
use crate::manifest::Found;
use crate::model::{Base, Model, Stage};
use crate::project::BuildContext;
use crate::project::outside::OutsideUse;

/// What the rules are about.
pub(crate) struct Seen<'a> {
    pub(crate) model: &'a Model,
    /// Where COPY reads from, if it is known.
    pub(crate) context: Option<&'a BuildContext>,
    /// Containers of manifests that run an image of the file.
    pub(crate) deployed: &'a [Deployed<'a>],
}

/// A container of a manifest that runs an image of the file.
pub(crate) struct Deployed<'a> {
    pub(crate) used: &'a OutsideUse,
    pub(crate) found: &'a Found,
    /// The manifest.
    pub(crate) file: FileId,
}

/// What a rule of file scope sees.
pub(super) struct FileCx<'a> {
    pub(super) model: &'a Model,
    /// Where COPY reads from, if it is known.
    pub(super) context: Option<&'a BuildContext>,
}

/// What a rule of stage scope sees: one final stage.
pub(super) struct StageCx<'a> {
    pub(super) model: &'a Model,
    pub(super) stage: &'a Stage,
    pub(super) surface: &'a Surface,
    pub(super) catalog: &'a Catalog,
    /// Containers of manifests that run it.
    pub(super) deployed: Vec<&'a Deployed<'a>>,
}

type StageCheck = fn(&StageCx<'_>) -> Vec<Finding>;
type FileCheck = fn(&FileCx<'_>) -> Vec<Finding>;

/// The coded rules; those with a `surface_role` in `rules.yaml` need no code.
const FILE_RULES: [(&RuleMeta, FileCheck); 4] = [
    (super::INVALID_DOCKERFILE, super::invalid_dockerfile::check),
    (super::LATER_STAGE_REFERENCE, super::later_stage_reference::check),
    (super::LINK_LEAVES_CONTEXT, super::link_leaves_context::check),
    (super::UNREADABLE_SHELL_TEXT, super::unreadable_shell_text::check),
];
const STAGE_RULES: [(&RuleMeta, StageCheck); 18] = [
    (super::COMMAND_NEEDS_SHELL, super::command_needs_shell::check),
    (super::HEALTHCHECK_NEEDS_TOOL, super::healthcheck_needs_tool::check),
    (super::MANIFEST_CAPABILITIES, super::manifest_capabilities::check),
    (super::MANIFEST_DEBUG_IMAGE, super::manifest_debug_image::check),
    (super::MANIFEST_PRIVILEGE_ESCALATION, super::manifest_privilege_escalation::check),
    (super::MANIFEST_RUNS_AS_ROOT, super::manifest_runs_as_root::check),
    (super::MANIFEST_WRITABLE_ROOT, super::manifest_writable_root::check),
    (super::NEEDLESS_START_SCRIPT, super::needless_start_script::check),
    (super::NON_MINIMAL_BASE, super::non_minimal_base::check),
    (super::PROBE_NEEDS_TOOL, super::probe_needs_tool::check),
    (super::RUNS_AS_ROOT, super::runs_as_root::check),
    (super::SHELL_FORM_ENTRYPOINT, super::shell_form_entrypoint::check),
    (super::SINGLE_STAGE_BUILD, super::single_stage_build::check),
    (super::START_TIME_DOWNLOAD, super::start_time_download::check),
    (super::START_TIME_MIGRATION, super::start_time_migration::check),
    (super::START_TIME_PERMISSIONS, super::start_time_permissions::check),
    (super::START_TIME_TEMPLATE, super::start_time_template::check),
    (super::START_TIME_WAIT, super::start_time_wait::check),
];

/// The findings of every rule that is asked for: `only` by id, or all that are on by default. Sorted by
/// place, then severity, then rule.
pub(crate) fn findings(seen: &Seen<'_>, catalog: &Catalog, only: &[String]) -> Vec<Finding> {
    let &Seen { model, context, deployed } = seen;
    let wanted = |rule: &RuleMeta| super::is_wanted(rule, only);
    let mut found = Vec::new();
    let file = FileCx { model, context };
    for (_, check) in FILE_RULES.iter().filter(|(rule, _)| wanted(rule)) {
        found.extend(check(&file));
    }
    for stage in model.final_stages() {
        let surface = stage.surface();
        let deployed = deployed.iter().filter(|d| model.is_used_by(stage.id, d.used)).collect();
        let cx = StageCx { model, stage, surface: &surface, catalog, deployed };
        for rule in super::all().iter().filter(|rule| wanted(rule)) {
            if let Some(role) = rule.surface_role {
                found.extend(super::surface_role::findings(&cx, rule, role));
            }
        }
        for (_, check) in STAGE_RULES.iter().filter(|(rule, _)| wanted(rule)) {
            found.extend(check(&cx));
        }
    }
    let order = |f: &Finding| (f.place.clone(), Reverse(f.severity), f.rule.id, f.subject.clone());
    found.sort_by_cached_key(order);
    found
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

impl StageCx<'_> {
    /// The image that FROM names in the stage at the bottom: what brought the base.
    pub(super) fn base_line(&self) -> Location {
        let lineage = self.model.lineage(self.stage.id);
        self.model.at(lineage.last().map_or(self.stage.base_span, |s| s.base_span))
    }

    /// The base at the bottom, as written, arguments resolved.
    pub(super) fn root_base_text(&self) -> String {
        self.model.lineage(self.stage.id).last().map_or_else(String::new, |s| s.base_text.clone())
    }

    /// What the catalog knows of the image at the bottom.
    pub(super) fn root_facts(&self) -> Option<&ImageFacts> {
        match self.model.root_base(self.stage.id) {
            Base::Image { facts, .. } => facts.as_deref(),
            _ => None,
        }
    }

    /// Whether what the image at the bottom sets (its user) is known.
    pub(super) fn base_is_known(&self) -> bool {
        matches!(self.model.root_base(self.stage.id), Base::Scratch) || self.root_facts().is_some()
    }

    /// How many distinct tools the base image brings that are there at run time.
    pub(super) fn brought_by_base(&self) -> usize {
        let entries = self.surface.groups.values().flatten();
        let mut names: Vec<_> = entries
            .filter(|e| e.presence == Presence::Present && matches!(e.origin, Origin::BaseImage { .. }))
            .map(|e| e.component.name())
            .collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }

    /// The line to blame for a component.
    pub(super) fn cause(&self, origin: &Origin) -> Location {
        match origin {
            Origin::Instruction(at) | Origin::Copied { at, .. } => *at,
            Origin::BaseImage { .. } | Origin::Layer { .. } => self.base_line(),
        }
    }
}
