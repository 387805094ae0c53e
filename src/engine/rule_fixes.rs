//! The fixes of rules, behind those of recipes: all of one level as one batch, one by one where that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barehull_syntax::Location;

use super::rewriting::Rewriting;
use super::{Look, Scene, flatten, invariants};
use crate::analysis::Dropped;
use crate::builders::Demand;
use crate::edit::{self, Edit, FilePatch};
use crate::finding::{Assumption, Fix, StageIdentity};
use crate::project::ProjectPath;
use crate::rules::{self, RuleFix};
use crate::source::Sources;
use crate::timings::Phase;

/// Fixes make room for others (a package manager's two options): they are looked for again, at most this often.
const MAX_ROUNDS: usize = 3;

impl Rewriting<'_, '_> {
    /// Adds the fixes that rules offer for what the last look shows.
    pub(super) fn rules(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let offered = self.scene.offered(self.look());
            let (now, later): (Vec<Fix>, Vec<Fix>) =
                offered.into_iter().partition(|fix| fix.level <= self.level);
            for fix in later {
                let withheld = &self.outcome.rewrite.withheld;
                if !withheld.iter().any(|known| known.by == fix.by && known.title == fix.title)
                    && let Some((_, kept)) = self.keep_proven(vec![fix])
                {
                    self.outcome.rewrite.withheld.extend(kept);
                }
            }
            let Some((Proven { patches, after, .. }, kept)) = self.keep_proven(now) else { return };
            self.outcome.rewrite.applied.extend(kept);
            self.advance(patches, after);
        }
    }

    /// Proves `fixes` together, or one after the other where that fails. Gives the files with all that hold, and those
    /// fixes, their edits as told in the files as they were.
    fn keep_proven(&mut self, fixes: Vec<Fix>) -> Option<(Proven, Vec<Fix>)> {
        let look = self.current.as_ref().unwrap_or(self.first);
        let (proven, good) = self.scene.proven(look, fixes, &mut self.outcome.rewrite.dropped)?;
        let place = Place::new(&self.files, &proven.patches);
        let kept = good.into_iter().map(|fix| place.of(fix, look, &mut self.outcome.sources)).collect();
        Some((proven, kept))
    }
}

impl Scene<'_> {
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

    /// The fixes that hold on `look`, and what they make.
    fn proven(&self, look: &Look, fixes: Vec<Fix>, dropped: &mut Vec<Dropped>) -> Option<(Proven, Vec<Fix>)> {
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
        for fix in &mut good {
            let is_built_otherwise = proven.patches.iter().any(|p| p.path == *self.path);
            fix.demand = is_built_otherwise.then(|| Demand::of(&proven.after.model.dockerfile));
            fix.resolves = proven.gone.iter().filter(|(rule, ..)| *rule == fix.by).cloned().collect();
        }
        Some((proven, good))
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
        stage: StageIdentity("".into()),
        resolves: Vec::new(),
    });
}
