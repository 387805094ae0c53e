//! The fixes of rules, behind those of recipes: all of one level as one batch, one by one where that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barehull_syntax::Span;

use super::{Look, Outcome, Scene, flatten, invariants};
use crate::analysis::Dropped;
use crate::builders::Demand;
use crate::edit::{self, Edit, FilePatch};
use crate::finding::{Assumption, Fix, Level, StageIdentity};
use crate::project::ProjectPath;
use crate::rules::{self, RuleFix};

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
        let Outcome { rewrite, sources, .. } = outcome;
        let mut current = look;
        for _ in 0..MAX_ROUNDS {
            let look = current.as_ref().unwrap_or(first);
            let offered = self.offered(look);
            let (now, later): (Vec<Fix>, Vec<Fix>) = offered.into_iter().partition(|fix| fix.level <= level);
            for fix in later {
                if !rewrite.withheld.iter().any(|known| known.by == fix.by && known.title == fix.title) {
                    self.keep_proven(look, vec![fix], &mut rewrite.dropped, &mut rewrite.withheld);
                }
            }
            let before = rewrite.applied.len();
            let after = self.keep_proven(look, now, &mut rewrite.dropped, &mut rewrite.applied);
            let Some((bytes, after)) = after.filter(|_| rewrite.applied.len() > before) else { break };
            let known = files.get(self.path);
            let original = known.map_or_else(
                || Arc::from(look.model.dockerfile.source()),
                |p| p.before.clone().expect("the Dockerfile is there"),
            );
            let is_first = files.is_empty();
            let patch = FilePatch {
                path: self.path.clone(),
                before: Some(original),
                after: Some(bytes),
                mode: 0o644,
            };
            files.insert(self.path.clone(), patch);
            if !is_first {
                for fix in &mut rewrite.applied[before..] {
                    fix.edits = flatten::edits(files, sources);
                }
            }
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
        let mut taken: Vec<Span> = Vec::new();
        let offers = rules::fixes(&look.model, self.options, self.path);
        for offer in offers.into_iter().filter(|o| !self.options.skip_fixes.contains(&o.rule.id)) {
            let spans = offer.edits.iter().filter_map(|edit| match edit {
                Edit::Replace { location, .. } => Some(location.span),
                _ => None,
            });
            let spans: Vec<Span> = spans.collect();
            let touches = |a: &Span, b: &Span| a.start <= b.end && b.start <= a.end;
            if spans.iter().any(|span| taken.iter().any(|other| touches(span, other))) {
                continue;
            }
            taken.extend(spans);
            add(&mut fixes, offer);
        }
        fixes
    }

    /// Proves `fixes` on `look` together, or one after the other where that fails. Those that hold are put to
    /// `kept`; gives the text with all of them.
    fn keep_proven(
        &self,
        look: &Look,
        fixes: Vec<Fix>,
        dropped: &mut Vec<Dropped>,
        kept: &mut Vec<Fix>,
    ) -> Option<(Arc<[u8]>, Look)> {
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
        let (bytes, after, gone) = proven.ok()?;
        for mut fix in good {
            fix.demand = Some(Demand::of(&after.model.dockerfile));
            fix.resolves = gone.iter().filter(|(rule, ..)| *rule == fix.by).cloned().collect();
            kept.push(fix);
        }
        Some((bytes, after))
    }

    fn prove_edits(&self, look: &Look, fixes: &[Fix]) -> Result<Proven, String> {
        let edits: Vec<Edit> = fixes.iter().flat_map(|fix| fix.edits.iter().cloned()).collect();
        let patches = edit::apply(&edits, &look.sources).map_err(|error| error.to_string())?;
        let bytes = patches.into_iter().find(|p| p.path == *self.path).and_then(|p| p.after);
        let bytes = bytes.ok_or("it changes nothing")?;
        let after = self.look(&bytes);
        let gone = invariants::check(look, &after, self.options.builder)?;
        let rules: BTreeSet<&str> = fixes.iter().map(|fix| fix.by).collect();
        if let Some(idle) = rules.into_iter().find(|rule| !gone.iter().any(|(id, ..)| id == rule)) {
            return Err(format!("no finding of {idle} is gone"));
        }
        Ok((bytes, after, gone))
    }
}

type Proven = (Arc<[u8]>, Look, Vec<invariants::Identity>);

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
        demand: None,
        // It is about the file, not about a stage.
        stage: StageIdentity(String::new()),
        resolves: Vec::new(),
    });
}
