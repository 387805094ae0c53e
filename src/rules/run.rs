//! Runs the rules over one Dockerfile's model.

use std::cmp::Reverse;

use barehull_catalog::{Catalog, Date, Family, ImageFacts, Origin, Presence, Role};
use barehull_syntax::Location;

use super::language::{self, Active, RuleFix, ShippedStages};
use super::{Deployed, RuleMeta};
use crate::config::{Config, Setting};
use crate::finding::{Finding, Place, Severity, Surface};
use crate::model::{Base, Model, Stage};
use crate::options::Options;
use crate::project::outside::OutsideUse;
use crate::project::{BuildContext, ProjectPath, Spot, Surroundings};
use crate::source::Sources;
use crate::suppression::Suppressions;
use crate::timings::{Phase, Timings};

/// What the rules are about.
pub(crate) struct Seen<'a> {
    pub(crate) model: &'a Model,
    /// Where COPY reads from, if it is known.
    pub(crate) context: Option<&'a BuildContext>,
    /// Containers of manifests that run an image of the file.
    pub(crate) deployed: &'a [Deployed<'a>],
    /// The Dockerfile.
    pub(crate) path: &'a ProjectPath,
    /// What else builds it or runs its image.
    pub(crate) uses: &'a [OutsideUse],
    /// What the project does with images as a whole.
    pub(crate) around: &'a Surroundings,
    /// The files that findings and fixes may speak of.
    pub(crate) sources: &'a Sources,
}

/// What a rule of file scope sees.
pub(super) struct FileCx<'a> {
    pub(super) model: &'a Model,
    /// Where COPY reads from, if it is known.
    pub(super) context: Option<&'a BuildContext>,
    pub(super) path: &'a ProjectPath,
    pub(super) uses: &'a [OutsideUse],
    pub(super) around: &'a Surroundings,
    pub(super) sources: &'a Sources,
    pub(super) catalog: &'a Catalog,
    /// The day that ends of life are compared with, if any is.
    pub(super) today: Option<Date>,
    pub(super) config: Option<&'a Config>,
    /// The stages whose instructions end up in an image.
    pub(super) shipped: ShippedStages,
    all_stages: bool,
}

/// What a rule of stage scope sees: one final stage.
pub(super) struct StageCx<'a> {
    pub(super) model: &'a Model,
    pub(super) stage: &'a Stage,
    pub(super) surface: &'a Surface,
    pub(super) catalog: &'a Catalog,
    /// Containers of manifests that run it.
    pub(super) deployed: Vec<&'a Deployed<'a>>,
    pub(super) today: Option<Date>,
    pub(super) config: Option<&'a Config>,
}

type StageCheck = fn(&StageCx<'_>) -> Vec<Finding>;
type FileCheck = fn(&FileCx<'_>) -> Vec<Finding>;
type FileFix = fn(&FileCx<'_>) -> Vec<RuleFix>;

/// The coded rules, each check with those that it makes findings of; those with a `surface_role` in `rules.yaml` need
/// no code.
const FILE_RULES: [(&[&RuleMeta], FileCheck); 23] = [
    (&[super::DUPLICATE_STAGE_NAME], super::stages::duplicate_name),
    (&[super::EOL_BASE], super::end_of_life::base),
    (&[super::EOL_RUNTIME], super::end_of_life::runtime),
    (&[super::GLOBAL_PIP_AS_ROOT], super::global_pip::check),
    (&[super::HEREDOC_WITHOUT_SET_E], super::shell_failures::heredoc),
    (&[super::INVALID_DOCKERFILE], super::invalid_dockerfile::check),
    (&[super::LATEST_SYNTAX_DIRECTIVE], super::syntax_directive::check),
    (&[super::LATER_STAGE_REFERENCE], super::later_stage_reference::check),
    (&[super::NO_IMAGE_SCAN_IN_CI], super::no_image_scan::check),
    (&[super::NO_UPDATE_AUTOMATION], super::no_update_automation::check),
    (&[super::OUTDATED_BASE_VARIANT], super::outdated_variant::check),
    (&[super::OUTDATED_THIRD_PARTY_DOWNLOAD], super::outdated_download::check),
    (&[super::PIPELINE_WITHOUT_PIPEFAIL], super::shell_failures::pipeline),
    (&[super::HTTP_DOWNLOAD, super::PIPE_TO_SHELL, super::UNVERIFIED_DOWNLOAD], super::downloads::check),
    (&[super::REMOVAL_IN_LATER_LAYER], super::removal_in_later_layer::check),
    (&[super::ROOT_PASSWORD], super::secrets::root_password),
    (&[super::SECRET_IN_ARG_OR_ENV], super::secrets::in_arg_or_env),
    (&[super::SECRET_IN_RUN], super::secrets::in_run),
    (&[super::THIRD_PARTY_IMAGE_UNSCANNED], super::third_party_image::check),
    (&[super::UNREADABLE_SHELL_TEXT], super::unreadable_shell_text::check),
    (&[super::UNTRUSTED_REGISTRY], super::untrusted_registry::check),
    (&[super::UNUSED_STAGE], super::stages::unused),
    (&[super::WHOLE_CONTEXT_COPIED_WITHOUT_DOCKERIGNORE], super::whole_context::check),
];
/// What coded rules offer to mend.
const FILE_FIXES: [(&RuleMeta, FileFix); 4] = [
    (super::LATEST_SYNTAX_DIRECTIVE, super::syntax_directive::fixes),
    (super::NO_IMAGE_SCAN_IN_CI, super::no_image_scan::fixes),
    (super::NO_UPDATE_AUTOMATION, super::no_update_automation::fixes),
    (super::WHOLE_CONTEXT_COPIED_WITHOUT_DOCKERIGNORE, super::whole_context::fixes),
];
const STAGE_RULES: [(&RuleMeta, StageCheck); 19] = [
    (super::COMMAND_NEEDS_SHELL, super::command_needs_shell::check),
    (super::HEALTHCHECK_NEEDS_TOOL, super::healthcheck_needs_tool::check),
    (super::HEALTHCHECK_NOT_ASKED, super::healthcheck_not_asked::check),
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

/// The findings of every rule that is asked for: by the command line, else by the configuration, else by the policy,
/// else all that are on by default. Sorted by place, then severity, then rule.
pub(crate) fn findings(seen: &Seen<'_>, options: &Options<'_>) -> Vec<Finding> {
    let &Seen { model, deployed, path, .. } = seen;
    let asked = Asked::of(options, path);
    let wanted = |rule: &RuleMeta| asked.severity(rule).is_some();
    // As many as most files have.
    let mut found = Vec::with_capacity(24);
    Timings::measure(options.timings, Phase::Surface, || {
        // Made once, here: rules and reports only read it.
        for stage in model.final_stages() {
            stage.surface();
        }
    });
    Timings::measure(options.timings, Phase::RulesAsData, || {
        language::findings(model, &asked.active(options), &mut found, None);
    });
    let (today, config) = (options.today, options.config);
    let file = FileCx::of(seen, options);
    Timings::measure(options.timings, Phase::CodedRules, || {
        for (_, check) in FILE_RULES.iter().filter(|(rules, _)| rules.iter().any(|rule| wanted(rule))) {
            found.extend(check(&file).into_iter().filter(|finding| wanted(finding.rule)));
        }
    });
    if wanted(super::LINK_LEAVES_CONTEXT) {
        // The only one that asks the file system.
        found.extend(Timings::measure(options.timings, Phase::Context, || {
            super::link_leaves_context::check(&file)
        }));
    }
    for stage in model.final_stages() {
        let deployed = deployed.iter().filter(|d| model.is_used_by(stage.id, d.used)).collect();
        let surface = stage.surface();
        let cx = StageCx { model, stage, surface, catalog: options.catalog, deployed, today, config };
        Timings::measure(options.timings, Phase::CodedRules, || of_stage(&cx, &asked, &mut found));
    }
    if options.all_stages {
        found.extend(of_build_stages(model, options, &asked));
    }
    Timings::measure(options.timings, Phase::Suppressions, || {
        for finding in &mut found {
            // What is only worth knowing where it stands stays so.
            if finding.severity == finding.rule.severity {
                finding.severity = asked.severity(finding.rule).unwrap_or(finding.severity);
            }
            if let Some(policy) = options.policy {
                finding.controls = policy.controls_of(finding.rule);
            }
        }
        Suppressions::of(model).apply(model, &mut found, &wanted);
        found.sort_by(|a, b| order(a).cmp(&order(b)));
    });
    found
}

/// What findings are sorted by.
fn order(finding: &Finding) -> (&Place, Reverse<Severity>, &str, &str) {
    (&finding.place, Reverse(finding.severity), finding.rule.id, &finding.subject)
}

/// What the rules find in a stage that is shipped.
fn of_stage(cx: &StageCx<'_>, asked: &Asked, found: &mut Vec<Finding>) {
    found.extend(
        asked.of_roles.iter().flat_map(|(rule, role)| super::surface_role::findings(cx, rule, *role)),
    );
    for (_, check) in STAGE_RULES.iter().filter(|(rule, _)| asked.severity(rule).is_some()) {
        found.extend(check(cx));
    }
}

/// The tools of stages that are not shipped: worth knowing, no more.
fn of_build_stages(model: &Model, options: &Options<'_>, asked: &Asked) -> Vec<Finding> {
    let shipped = ShippedStages::of(model);
    let mut found = Vec::new();
    for stage in model.stages.iter().filter(|stage| stage.reachable && !shipped.contains(stage)) {
        let surface = stage.surface();
        let (today, config, catalog) = (options.today, options.config, options.catalog);
        let cx = StageCx { model, stage, surface, catalog, deployed: Vec::new(), today, config };
        let of_roles = asked.of_roles.iter();
        found.extend(of_roles.flat_map(|(rule, role)| super::surface_role::findings(&cx, rule, *role)));
    }
    for finding in &mut found {
        finding.severity = Severity::Info;
    }
    found
}

/// What rules offer to mend their findings.
pub(crate) fn fixes(seen: &Seen<'_>, options: &Options<'_>) -> Vec<RuleFix> {
    let mut fixes = Vec::new();
    let asked = Asked::of(options, seen.path);
    language::findings(seen.model, &asked.active(options), &mut Vec::new(), Some(&mut fixes));
    let file = FileCx::of(seen, options);
    for (_, offer) in FILE_FIXES.iter().filter(|(rule, _)| asked.severity(rule).is_some()) {
        fixes.extend(offer(&file));
    }
    let suppressions = Suppressions::of(seen.model);
    fixes.retain(|fix| !suppressions.hides(fix.rule, fix.at));
    fixes
}

impl<'a> FileCx<'a> {
    fn of(seen: &Seen<'a>, options: &Options<'a>) -> Self {
        let &Seen { model, context, path, uses, around, sources, deployed: _ } = seen;
        let (today, config, catalog) = (options.today, options.config, options.catalog);
        let (shipped, all_stages) = (ShippedStages::of(model), options.all_stages);
        Self { model, context, path, uses, around, sources, catalog, today, config, shipped, all_stages }
    }

    /// The stages whose instructions end up in an image; all that somebody needs where that was asked for.
    pub(super) fn shipped_stages(&self) -> impl Iterator<Item = &'a Stage> {
        let stages = self.model.stages.iter();
        stages.filter(|stage| self.shipped.contains(stage) || self.all_stages && stage.reachable)
    }

    /// A place in a file of the project that is not the Dockerfile.
    pub(super) fn place(&self, spot: &Spot) -> Place {
        match self.sources.find(&spot.path) {
            Some(file) => Place::Source(Location::new(file, spot.span)),
            None => Place::File(spot.path.clone()),
        }
    }
}

/// The rules that are asked for, each with the severity of its findings.
struct Asked {
    /// By position.
    built_in: Vec<Option<Severity>>,
    own: Vec<(&'static RuleMeta, Severity)>,
    /// Those about the tools of one role.
    of_roles: Vec<(&'static RuleMeta, Role)>,
}

impl Asked {
    fn of(options: &Options<'_>, path: &ProjectPath) -> Self {
        let severity = |rule: &RuleMeta| {
            let setting = options.config.and_then(|config| config.setting(rule.id, path.as_str()));
            let is_on = match (setting, options.policy) {
                // What the command line asks for by name runs.
                _ if !options.only.is_empty() => super::is_wanted(rule, &options.only),
                (Some(setting), _) => setting != Setting::Off,
                (None, Some(policy)) => policy.covers(rule),
                (None, None) => rule.default_on,
            };
            is_on.then(|| match (setting, options.policy) {
                (Some(Setting::At(severity)), _) => severity,
                (_, Some(policy)) => policy.severity(rule),
                (_, None) => rule.severity,
            })
        };
        let own = options.config.map_or(&[][..], |config| &config.own);
        let (mut built_in, mut of_roles) = (Vec::with_capacity(super::all().len()), Vec::new());
        for rule in super::all() {
            let severity = severity(rule);
            of_roles.extend(severity.and(rule.surface_role).map(|role| (rule, role)));
            built_in.push(severity);
        }
        let own = own.iter().filter_map(|rule| Some((*rule, severity(rule)?))).collect();
        Self { built_in, own, of_roles }
    }

    const fn active(&self, options: &Options<'_>) -> Active<'_> {
        Active {
            built_in: self.built_in.as_slice(),
            own: self.own.as_slice(),
            all_stages: options.all_stages,
        }
    }

    fn severity(&self, rule: &RuleMeta) -> Option<Severity> {
        match self.built_in.get(usize::from(rule.position)) {
            Some(severity) => *severity,
            None => self.own.iter().find(|(own, _)| own.id == rule.id).map(|(_, severity)| *severity),
        }
    }
}

impl StageCx<'_> {
    /// The image that FROM names in the stage at the bottom: what brought the base.
    pub(super) fn base_line(&self) -> Location {
        self.model.at(self.model.root_stage(self.stage.id).base_span)
    }

    /// The base at the bottom, as written, arguments resolved.
    pub(super) fn root_base_text(&self) -> &str {
        &self.model.root_stage(self.stage.id).base_text
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

    /// Whether the image's process is known to run as root. An unknown base may name a user itself, a variable may be
    /// anything, and Windows has no root.
    pub(super) fn runs_as_root(&self) -> bool {
        let config = &self.stage.config;
        let windows = self.stage.os.as_ref().is_some_and(|os| os.family == Family::Windows);
        config.runs_as_root() == Some(true) && (config.user.is_some() || self.base_is_known()) && !windows
    }

    /// How many distinct tools the base image brings that are there at run time.
    pub(super) fn brought_by_base(&self) -> usize {
        let entries = self.surface.groups.values().flatten();
        let mut names: Vec<_> = entries
            .filter(|e| e.presence == Presence::Present && matches!(e.origin, Origin::BaseImage { .. }))
            .map(|e| e.component.name())
            .collect();
        // Any order will do, and lengths are compared first.
        names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        names.dedup();
        names.len()
    }
}
