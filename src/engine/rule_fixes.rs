//! The fixes of rules, behind those of recipes: all of one level as one batch, one by one where that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barehull_syntax::Location;

use super::{Look, Outcome, Scene, flatten, invariants};
use crate::analysis::Dropped;
use crate::builders::Demand;
use crate::edit::{self, Edit, FilePatch};
use crate::finding::{Assumption, Fix, Level, StageIdentity};
use crate::project::ProjectPath;
use crate::rules::{self, RuleFix};
use crate::source::Sources;
use crate::timings::Phase;

/// Fixes make room for others (a package manager's two options): they are looked for again, at most this often.
const MAX_ROUNDS: usize = 3;

impl Scene<'_> {
    /// Adds the fixes that rules offer for what `look` shows to the rewrite.
    pub(super) fn rule_fixes(
        &self,
        look: Option<Look>,
        first: &Look,
        outcome: &mut Outcome,
        files: &mut BTreeMap<ProjectPath, FilePatch>,
        level: Level,
    ) -> Option<Look> {
        let mut scene = self.clone();
        let mut current = look;
        for _ in 0..MAX_ROUNDS {
            let look = current.as_ref().unwrap_or(first);
            let offered = scene.offered(look);
            let (now, later): (Vec<Fix>, Vec<Fix>) = offered.into_iter().partition(|fix| fix.level <= level);
            let rewrite = &mut outcome.rewrite;
            for fix in later {
                if !rewrite.withheld.iter().any(|known| known.by == fix.by && known.title == fix.title) {
                    let mut kept = Vec::new();
                    let proven = scene.keep_proven(look, vec![fix], &mut rewrite.dropped, &mut kept);
                    let Some(proven) = proven else { continue };
                    let place = Place::new(files, &proven.patches);
                    let sources = &mut outcome.sources;
                    rewrite.withheld.extend(kept.into_iter().map(|fix| place.of(fix, look, sources)));
                }
            }
            let mut kept = Vec::new();
            let proven = scene.keep_proven(look, now, &mut rewrite.dropped, &mut kept);
            let Some(Proven { patches, after, .. }) = proven else { break };
            let place = Place::new(files, &patches);
            rewrite.applied.extend(kept.into_iter().map(|fix| place.of(fix, look, &mut outcome.sources)));
            scene = scene.with(&patches);
            flatten::keep(files, patches);
            rewrite.stages_after = after.stage_reports();
            current = Some(after);
        }
        current
    }

    /// One fix for each rule and level, none touching another.
    fn offered(&self, look: &Look) -> Vec<Fix> {
        if look.model.dockerfile.text().is_none() || look.model.is_refused() {
            return Vec::new();
        }
        let mut fixes: Vec<Fix> = Vec::new();
        let mut taken: Vec<Location> = Vec::new();
        let seen = self.seen(&look.model, &look.sources, &[]);
        let offers = self.measure(Phase::RuleFixes, || rules::fixes(&seen, self.options));
        for offer in offers.into_iter().filter(|o| !self.options.skip_fixes.contains(&o.rule.id)) {
            let spans = offer.edits.iter().filter_map(|edit| match edit {
                Edit::Replace { location, .. } => Some(*location),
                _ => None,
            });
            let spans: Vec<Location> = spans.collect();
            let touches = |a: &Location, b: &Location| {
                a.file == b.file && a.span.start <= b.span.end && b.span.start <= a.span.end
            };
            if spans.iter().any(|span| taken.iter().any(|other| touches(span, other))) {
                continue;
            }
            taken.extend(spans);
            add(&mut fixes, offer);
        }
        fixes
    }

    /// Proves `fixes` on `look` together, or one after the other where that fails. Those that hold are put to
    /// `kept`; gives the files with all of them.
    fn keep_proven(
        &self,
        look: &Look,
        fixes: Vec<Fix>,
        dropped: &mut Vec<Dropped>,
        kept: &mut Vec<Fix>,
    ) -> Option<Proven> {
        if fixes.is_empty() {
            return None;
        }
        let mut good = fixes;
        let mut proven = self.prove_edits(look, &good);
        if proven.is_err() {
            let alone = |fix: Fix| match self.prove_edits(look, std::slice::from_ref(&fix)) {
                Ok(_) => Some(fix),
                Err(broke) => {
                    dropped.push(Dropped { title: fix.title, by: fix.by, broke });
                    None
                }
            };
            good = good.into_iter().filter_map(alone).collect();
            proven = self.prove_edits(look, &good);
            // Alone they hold, together they do not: the first has its turn, the others in the next round.
            if proven.is_err() && good.len() > 1 {
                good.truncate(1);
                proven = self.prove_edits(look, &good);
            }
        }
        let proven = proven.ok()?;
        for mut fix in good {
            let is_built_otherwise = proven.patches.iter().any(|p| p.path == *self.path);
            fix.demand = is_built_otherwise.then(|| Demand::of(&proven.after.model.dockerfile));
            fix.resolves = proven.gone.iter().filter(|(rule, ..)| *rule == fix.by).cloned().collect();
            kept.push(fix);
        }
        Some(proven)
    }

    fn prove_edits(&self, look: &Look, fixes: &[Fix]) -> Result<Proven, String> {
        let edits: Vec<Edit> = fixes.iter().flat_map(|fix| fix.edits.iter().cloned()).collect();
        let patches = self.measure(Phase::Proofs, || edit::apply(&edits, &look.sources));
        let patches = patches.map_err(|error| error.to_string())?;
        if patches.is_empty() {
            return Err("it changes nothing".to_owned());
        }
        let dockerfile = patches.iter().find(|p| p.path == *self.path).and_then(|p| p.after.clone());
        let bytes = dockerfile.unwrap_or_else(|| Arc::clone(&look.sources.get(look.model.file).bytes));
        let after = self.with(&patches).look(&bytes);
        let gone = self.measure(Phase::Proofs, || invariants::check(look, &after, &[]))?;
        let rules: BTreeSet<&str> = fixes.iter().map(|fix| fix.by).collect();
        if let Some(idle) = rules.into_iter().find(|rule| !gone.iter().any(|(id, ..)| id == rule)) {
            return Err(format!("no finding of {idle} is gone"));
        }
        Ok(Proven { patches, after, gone })
    }
}

/// Fixes that hold.
struct Proven {
    patches: Vec<FilePatch>,
    after: Look,
    /// The findings that are gone with them.
    gone: Vec<invariants::Identity>,
}

/// Where the edits of a fix are told: in the files as they are.
enum Place {
    /// The look was at them.
    Here,
    /// Others changed them before: all changes as one.
    Behind(BTreeMap<ProjectPath, FilePatch>),
}

impl Place {
    /// For a fix that makes `patches` on what `files` were made before.
    fn new(files: &BTreeMap<ProjectPath, FilePatch>, patches: &[FilePatch]) -> Self {
        if files.is_empty() {
            return Self::Here;
        }
        Self::Behind(flatten::with(files, patches))
    }

    fn of(&self, mut fix: Fix, look: &Look, sources: &mut Sources) -> Fix {
        match self {
            Self::Behind(all) => fix.edits = flatten::edits(all, sources),
            Self::Here => {
                for edit in &mut fix.edits {
                    if let Edit::Replace { location, .. } = edit {
                        let file = look.sources.get(location.file);
                        location.file = sources.add(&file.path, &file.bytes);
                    }
                }
            }
        }
        fix
    }
}

/// Adds a proposal to the fix of its rule and level.
fn add(fixes: &mut Vec<Fix>, offer: RuleFix) {
    let RuleFix { rule, title, level, assumes, edits, at: _ } = offer;
    let assumptions = assumes.into_iter().map(|text| Assumption { text, place: None });
    if let Some(fix) =
        fixes.iter_mut().find(|fix| fix.by == rule.id && fix.level == level && fix.title == title)
    {
        fix.edits.extend(edits);
        fix.assumptions.extend(assumptions);
        fix.assumptions.sort();
        fix.assumptions.dedup();
        return;
    }
    fixes.push(Fix {
        by: rule.id,
        title,
        level,
        assumptions: assumptions.collect(),
        edits,
        base_after: None,
        surface_after: None,
        by_hand: Vec::new(),
        demand: None,
        // It is about the file, not about a stage.
        stage: StageIdentity(String::new()),
        resolves: Vec::new(),
    });
}
