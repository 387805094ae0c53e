//! Takes every matcher to what it looks at, and makes findings and fixes of what it finds.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write;

use barehull_syntax::Span;
use barehull_syntax::dockerfile::{Arguments, Instruction, Keyword};

use super::change::edits;
use super::holds;
use super::ran::{Ran, bits};
use super::schema::{FixTemplate, Matcher, Needs, Reach, Trigger};
use super::site::{Site, What};
use crate::edit::Edit;
use crate::finding::{Finding, Level, Place, Severity};
use crate::model::{EffectKind, Model, RunStep, Stage, StepKind};
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

impl Active<'_> {
    /// Of each trigger, whether a rule that is asked for looks at it.
    fn triggers(&self) -> [bool; Trigger::COUNT] {
        let mut asked = [false; Trigger::COUNT];
        for (asked, matchers) in asked.iter_mut().zip(rules::BY_TRIGGER) {
            *asked = matchers.iter().any(|(rule, ..)| self.built_in[usize::from(*rule)].is_some());
        }
        for matcher in self.own.iter().flat_map(|(rule, _)| rule.matchers.iter()) {
            asked[matcher.on as usize] = true;
        }
        asked
    }
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
    let shipped = ShippedStages::of(model);
    let asked = active.triggers();
    let mut walk = Walk { model, active, found, fixes, asked, shipped: false };
    for stage in model.stages.iter().filter(|stage| stage.reachable) {
        walk.shipped = shipped.contains(stage);
        walk.stage(stage);
    }
}

/// The stages whose instructions end up in an image that somebody builds.
pub(crate) struct ShippedStages(Vec<bool>);

impl ShippedStages {
    pub(crate) fn of(model: &Model) -> Self {
        let mut shipped = vec![false; model.stages.len()];
        for stage in model.final_stages() {
            let mut next = Some(stage.id);
            while let Some(id) = next {
                shipped[id.index()] = true;
                next = model.stage(id).base_stage();
            }
        }
        Self(shipped)
    }

    pub(crate) fn contains(&self, stage: &Stage) -> bool {
        self.0[stage.id.index()]
    }
}

/// An instruction in its stage.
#[derive(Clone, Copy)]
struct Spot<'a> {
    stage: &'a Stage,
    instruction: &'a Instruction,
}

struct Walk<'a, 'o> {
    model: &'a Model,
    active: &'o Active<'o>,
    found: &'o mut Vec<Finding>,
    fixes: Option<&'o mut Vec<RuleFix>>,
    /// Of each trigger, whether a rule that is asked for looks at it.
    asked: [bool; Trigger::COUNT],
    shipped: bool,
}

impl<'a> Walk<'a, '_> {
    fn stage(&mut self, stage: &'a Stage) {
        let from = &self.model.dockerfile.instructions()[stage.from];
        let spot = Spot { stage, instruction: from };
        self.look(Trigger::From, &[self.site(spot, What::Whole)]);
        for step in &stage.steps {
            let spot = Spot { stage, instruction: self.model.instruction(step) };
            match &step.kind {
                StepKind::Run(run) => self.run(spot, run),
                StepKind::Transfer(transfer) => {
                    let trigger = if transfer.add { Trigger::Add } else { Trigger::Copy };
                    self.look(trigger, &[self.site(spot, What::Transfer(transfer))]);
                }
                StepKind::Config => self.config(spot),
            }
        }
        if stage.is_final && self.asked[Trigger::Stage as usize] {
            let site = Site { surface: Some(stage.surface()), ..self.site(spot, What::Whole) };
            self.look(Trigger::Stage, &[site]);
        }
    }

    fn run(&mut self, spot: Spot<'a>, run: &'a RunStep) {
        let ran = Ran::new(run);
        self.look(Trigger::Run, &[self.site(spot, What::Run(&ran)).having(ran.has())]);
        if self.asked[Trigger::Command as usize] {
            let commands = ran
                .commands()
                .map(|(command, has)| self.site(spot, What::Command(&ran, command)).having(has));
            let sites: Vec<Site<'_>> = commands.collect();
            self.look(Trigger::Command, &sites);
        }
        if self.asked[Trigger::Package as usize] {
            self.packages(spot, &ran);
        }
    }

    fn packages(&mut self, spot: Spot<'_>, ran: &Ran<'_>) {
        let mut sites = Vec::new();
        for effect in &ran.step.effects {
            let (EffectKind::Install { packages, root: None, .. }
            | EffectKind::LanguageInstall { packages, .. }) = &effect.kind
            else {
                continue;
            };
            let has = Needs { effects: bits(std::slice::from_ref(effect)), names: 0 }.with(Needs::EMPTY);
            let named = packages.iter().map(|named| What::Package(ran, effect, named));
            sites.extend(named.map(|what| self.site(spot, what).having(has)));
        }
        self.look(Trigger::Package, &sites);
    }

    fn config(&mut self, spot: Spot<'_>) {
        let trigger = match spot.instruction.keyword {
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
        if !self.asked[trigger as usize] {
            return;
        }
        let site = |what| self.site(spot, what);
        let parts: Vec<Site<'_>> = match (&spot.instruction.args, trigger) {
            (Arguments::Pairs(pairs), Trigger::Env | Trigger::Arg | Trigger::Label) => {
                pairs.iter().map(|pair| site(What::Pair(pair))).collect()
            }
            (Arguments::Words(words), Trigger::Expose) => {
                words.iter().map(|word| site(What::Word(word))).collect()
            }
            _ => return self.look(trigger, &[site(What::Whole)]),
        };
        self.look(trigger, &parts);
    }

    fn site<'s>(&self, spot: Spot<'s>, what: What<'s>) -> Site<'s>
    where
        'a: 's,
    {
        let (arg, source) = (Cell::new(None), Cell::new(None));
        let Spot { stage, instruction } = spot;
        Site { model: self.model, stage, instruction, what, surface: None, arg, source, has: Needs::NOTHING }
    }

    /// Every rule for `trigger`, at the places of one instruction.
    fn look(&mut self, trigger: Trigger, sites: &[Site<'_>]) {
        if !self.asked[trigger as usize] || sites.is_empty() {
            return;
        }
        let has = sites.iter().fold(Needs::EMPTY, |all, site| all.with(site.has));
        for (rule, matcher, needs) in rules::BY_TRIGGER[trigger as usize] {
            if !needs.may_hold(has) {
                continue;
            }
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
            if !matcher.needs.may_hold(site.has) {
                return false;
            }
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
        let mut names: Vec<Cow<'_, str>> = sites.iter().map(|site| site.short()).collect();
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
        let message = on_one_line(site.fill(&matcher.message, all));
        let mut finding = Finding::new(rule, Place::Source(site.place()), message)
            .subject(on_one_line(site.fill(&matcher.key, all)));
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
            title: on_one_line(site.fill(title, all)),
            level: Level::from(*level),
            assumes: assumes.iter().map(|text| on_one_line(site.fill(text, all))).collect(),
            edits,
            at: Some(site.place().span),
        });
    }
}

/// Bytes of a message or subject.
const MAX_TEXT: usize = 300;

/// Text of a Dockerfile on one line, and not too long a one.
pub(crate) fn one_line(text: &str) -> String {
    if is_one_line(text) { text.to_owned() } else { joined(text) }
}

/// The same of a text that nobody else needs.
fn on_one_line(text: String) -> String {
    if is_one_line(&text) { text } else { joined(&text) }
}

/// Most are: nothing but single blanks inside.
fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_blank = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b' ');
    bytes.len() <= MAX_TEXT
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !is_blank(0)
        && !is_blank(bytes.len() - 1)
        && !bytes.windows(2).any(|two| two == b"  ")
}

/// The words with one blank between them, as many as there is room for.
fn joined(text: &str) -> String {
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
