//! Takes every matcher to what it looks at, and makes findings and fixes of what it finds.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write;

use barehull_syntax::Span;
use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword};

use super::change::edits;
use super::holds;
use super::schema::{FixTemplate, Matcher, Reach, Trigger};
use super::site::{Site, What};
use crate::edit::Edit;
use crate::finding::{Finding, Level, Place, Severity};
use crate::model::{EffectKind, Model, Stage, StageId, StepKind};
use crate::rules::{self, RuleMeta, Scope};

/// Names that one finding shows.
const SHOWN: usize = 8;

/// The rules that are asked for, with the severity of their findings.
pub(crate) struct Active<'a> {
    /// By the rule's position among the built-in ones; none: it does not run.
    pub(crate) built_in: &'a [Option<Severity>],
    /// A user's rules.
    pub(crate) own: &'a [(&'static RuleMeta, Severity)],
    /// Whether stages that are not shipped count as if they were.
    pub(crate) all_stages: bool,
}

/// A rule's proposal to mend one finding.
#[derive(Clone, Debug)]
pub(crate) struct RuleFix {
    pub(crate) rule: &'static RuleMeta,
    pub(crate) title: String,
    pub(crate) level: Level,
    pub(crate) assumes: Vec<String>,
    pub(crate) edits: Vec<Edit>,
    /// Where the finding is; none if that is not in the Dockerfile.
    pub(crate) at: Option<Span>,
}

/// The findings of all rules that are written in the language; where `fixes` is given, their fixes as well.
pub(crate) fn findings(
    model: &Model,
    active: &Active<'_>,
    found: &mut Vec<Finding>,
    fixes: Option<&mut Vec<RuleFix>>,
) {
    let shipped = shipped(model);
    let mut walk = Walk { model, active, found, fixes, shipped: false };
    for stage in model.stages.iter().filter(|stage| stage.reachable) {
        walk.shipped = shipped.contains(&stage.id);
        walk.stage(stage);
    }
}

/// The stages whose instructions end up in an image that somebody builds.
pub(crate) fn shipped(model: &Model) -> BTreeSet<StageId> {
    model.final_stages().flat_map(|stage| model.lineage(stage.id)).map(|stage| stage.id).collect()
}

struct Walk<'a, 'o> {
    model: &'a Model,
    active: &'o Active<'o>,
    found: &'o mut Vec<Finding>,
    fixes: Option<&'o mut Vec<RuleFix>>,
    shipped: bool,
}

impl<'a> Walk<'a, '_> {
    fn stage(&mut self, stage: &'a Stage) {
        let from = &self.model.dockerfile.instructions()[stage.from];
        self.look(Trigger::From, stage, from, &[What::Whole]);
        for step in &stage.steps {
            let instruction = self.model.instruction(step);
            match &step.kind {
                StepKind::Run(run) => {
                    self.look(Trigger::Run, stage, instruction, &[What::Run(run)]);
                    let commands: Vec<_> = run.commands.iter().map(|c| What::Command(run, c)).collect();
                    self.look(Trigger::Command, stage, instruction, &commands);
                    self.packages(stage, instruction, run);
                }
                StepKind::Transfer(transfer) => {
                    let trigger = if transfer.add { Trigger::Add } else { Trigger::Copy };
                    self.look(trigger, stage, instruction, &[What::Transfer(transfer)]);
                }
                StepKind::Config => self.config(stage, instruction),
            }
        }
        if stage.is_final && !self.none_of(Trigger::Stage) {
            let surface = stage.surface();
            let site = Site { surface: Some(&surface), ..self.site(stage, from, What::Whole) };
            self.match_all(Trigger::Stage, &[site]);
        }
    }

    fn packages(&mut self, stage: &'a Stage, instruction: &'a Instruction, run: &'a crate::model::RunStep) {
        let mut packages = Vec::new();
        for effect in &run.effects {
            if let EffectKind::Install { packages: named, root: None, .. }
            | EffectKind::LanguageInstall { packages: named, .. } = &effect.kind
            {
                packages.extend(named.iter().map(|named| What::Package(run, effect, named)));
            }
        }
        self.look(Trigger::Package, stage, instruction, &packages);
    }

    fn config(&mut self, stage: &'a Stage, instruction: &'a Instruction) {
        let trigger = match instruction.keyword {
            Keyword::Env => Trigger::Env,
            Keyword::Arg => Trigger::Arg,
            Keyword::Label => Trigger::Label,
            Keyword::Expose => Trigger::Expose,
            Keyword::User => Trigger::User,
            Keyword::Workdir => Trigger::Workdir,
            Keyword::Cmd => Trigger::Cmd,
            Keyword::Entrypoint => Trigger::Entrypoint,
            Keyword::Healthcheck => Trigger::Healthcheck,
            Keyword::Shell => Trigger::Shell,
            Keyword::Volume => Trigger::Volume,
            Keyword::Stopsignal => Trigger::Stopsignal,
            Keyword::Maintainer => Trigger::Maintainer,
            Keyword::Onbuild => Trigger::Onbuild,
            _ => return,
        };
        match (&instruction.args, trigger) {
            (Arguments::Pairs(pairs), Trigger::Env | Trigger::Arg | Trigger::Label) => {
                let parts: Vec<_> = pairs.iter().map(What::Pair).collect();
                self.look(trigger, stage, instruction, &parts);
            }
            (Arguments::Words(words), Trigger::Expose) => {
                let parts: Vec<_> = words.iter().map(What::Word).collect();
                self.look(trigger, stage, instruction, &parts);
            }
            _ => self.look(trigger, stage, instruction, &[What::Whole]),
        }
    }

    /// Whether no rule that is asked for looks at it.
    fn none_of(&self, trigger: Trigger) -> bool {
        let built_in = rules::BY_TRIGGER[trigger as usize].iter();
        let own = self.active.own.iter().flat_map(|(rule, _)| rule.matchers.iter());
        built_in.into_iter().all(|(rule, _)| self.active.built_in[usize::from(*rule)].is_none())
            && own.into_iter().all(|matcher| matcher.on != trigger)
    }

    fn site(&self, stage: &'a Stage, instruction: &'a Instruction, what: What<'a>) -> Site<'a> {
        let (arg, source) = (Cell::new(None), Cell::new(None));
        Site { model: self.model, stage, instruction, what, surface: None, arg, source }
    }

    fn look(&mut self, trigger: Trigger, stage: &'a Stage, instruction: &'a Instruction, parts: &[What<'a>]) {
        if parts.is_empty() || self.none_of(trigger) {
            return;
        }
        let sites: Vec<Site<'_>> = parts.iter().map(|what| self.site(stage, instruction, *what)).collect();
        self.match_all(trigger, &sites);
    }

    /// Every rule for `trigger`, at the places of one instruction.
    fn match_all(&mut self, trigger: Trigger, sites: &[Site<'_>]) {
        for (rule, matcher) in rules::BY_TRIGGER[trigger as usize] {
            if let Some(severity) = self.active.built_in[usize::from(*rule)] {
                let rule = &rules::all()[usize::from(*rule)];
                self.one(rule, severity, &rule.matchers[usize::from(*matcher)], sites);
            }
        }
        for (rule, severity) in self.active.own {
            for matcher in rule.matchers.iter().filter(|matcher| matcher.on == trigger) {
                self.one(rule, *severity, matcher, sites);
            }
        }
    }

    fn one(&mut self, rule: &'static RuleMeta, severity: Severity, matcher: &Matcher, sites: &[Site<'_>]) {
        let mut severity = severity;
        if matcher.reach == Reach::Final && !self.shipped {
            if !self.active.all_stages {
                return;
            }
            severity = Severity::Info;
        }
        let sites = sites.iter().filter(|site| {
            site.arg.set(None);
            site.source.set(None);
            holds::all(&matcher.tests, site)
        });
        if !matcher.group {
            sites.for_each(|site| self.add(rule, severity, matcher, site, &site.short()));
            return;
        }
        let sites: Vec<&Site<'_>> = sites.collect();
        let Some(first) = sites.first() else { return };
        let mut names: Vec<String> = sites.iter().map(|site| site.short().into_owned()).collect();
        names.sort();
        names.dedup();
        let more = names.len().saturating_sub(SHOWN);
        names.truncate(SHOWN);
        let mut all = names.join(", ");
        if more > 0 {
            let _ = write!(all, " and {more} more");
        }
        self.add(rule, severity, matcher, first, &all);
        for site in &sites[1..] {
            self.fix(rule, matcher, site, &all);
        }
    }

    fn add(
        &mut self,
        rule: &'static RuleMeta,
        severity: Severity,
        matcher: &Matcher,
        site: &Site<'_>,
        all: &str,
    ) {
        let message = one_line(&site.fill(&matcher.message, all));
        let mut finding = Finding::new(rule, Place::Source(site.place()), message)
            .subject(one_line(&site.fill(&matcher.key, all)));
        finding.severity = severity;
        if rule.scope == Scope::Stage {
            finding = finding.stage(&site.stage.identity);
        }
        self.found.push(finding);
        self.fix(rule, matcher, site, all);
    }

    fn fix(&mut self, rule: &'static RuleMeta, matcher: &Matcher, site: &Site<'_>, all: &str) {
        let (Some(template), Some(fixes)) = (&matcher.fix, self.fixes.as_deref_mut()) else { return };
        let FixTemplate { level, title, assumes, change } = template;
        let Some(edits) = edits(change, site, all) else { return };
        fixes.push(RuleFix {
            rule,
            title: one_line(&site.fill(title, all)),
            level: Level::from(*level),
            assumes: assumes.iter().map(|text| one_line(&site.fill(text, all))).collect(),
            edits,
            at: Some(site.place().span),
        });
    }
}

/// Bytes of a message or subject.
const MAX_TEXT: usize = 300;

/// Text of a Dockerfile on one line, and not too long a one.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(MAX_TEXT));
    for word in text.split_whitespace() {
        if line.len() + word.len() > MAX_TEXT {
            line.push_str(" ...");
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
