//! A rewrite while a recipe works on it: its level, what it assumes, what stands in the way.

use barehull_syntax::Location;

use super::shape::{Refusal, Style, Target};
use super::{Outcome, RecipeCx};
use crate::edit::Edit;
use crate::finding::{Assumption, Blocker, ByHand, Fix, Level, Place};
use crate::model::{Effect, StepKind};

/// Gathers what a recipe learns about a stage.
pub struct Plan<'a, 'c> {
    /// What the recipe sees.
    pub cx: &'a RecipeCx<'c>,
    recipe: &'static str,
    level: Level,
    assumptions: Vec<Assumption>,
    blockers: Vec<Blocker>,
    by_hand: Vec<ByHand>,
    /// Edits of other files that go along with the new Dockerfile.
    elsewhere: Vec<Edit>,
    /// What the rewrite leaves as it is, and why.
    notes: Vec<Blocker>,
}

impl<'a, 'c> Plan<'a, 'c> {
    /// A rewrite by `recipe` that is to be reviewed; recipes change the base, so none is `safe`.
    pub fn new(cx: &'a RecipeCx<'c>, recipe: &'static str) -> Self {
        Self {
            cx,
            recipe,
            level: Level::Review,
            assumptions: Vec::new(),
            blockers: Vec::new(),
            by_hand: Vec::new(),
            elsewhere: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The rewrite is right only if `text` holds, which nobody can check offline.
    pub fn assume(&mut self, text: impl Into<String>, place: Option<Location>) {
        self.assume_at(text, place.map(Place::Source));
    }

    /// [`Plan::assume`], with any kind of place.
    pub fn assume_at(&mut self, text: impl Into<String>, place: Option<Place>) {
        let assumption = Assumption { text: text.into(), place };
        if !self.assumptions.contains(&assumption) {
            self.assumptions.push(assumption);
        }
    }

    /// The rewrite holds a gap that a person must fill; `reason` says which.
    pub fn sketch(&mut self, reason: impl Into<String>, place: impl Into<Place>) {
        self.level = Level::Sketch;
        let blocker = self.cx.blocker(self.recipe, reason, place.into());
        self.blockers.push(blocker);
    }

    /// The rewrite changes other files of the project, too.
    pub fn edit_elsewhere(&mut self, edits: Vec<Edit>) {
        self.elsewhere.extend(edits);
    }

    /// The rewrite is whole once a person has added something to a file; `reason` says why nothing else can.
    pub fn leave_to_hand(&mut self, by_hand: ByHand, reason: impl Into<String>) {
        let place = Place::File(by_hand.path.clone());
        self.sketch(reason, place);
        self.by_hand.push(by_hand);
    }

    /// There is no honest rewrite; `reason` says why and what to do.
    pub fn block(&mut self, reason: impl Into<String>, place: impl Into<Place>) {
        let blocker = self.cx.blocker(self.recipe, reason, place.into());
        if !self.blockers.contains(&blocker) {
            self.blockers.push(blocker);
        }
    }

    /// The rewrite stops short of something; `reason` says of what and why.
    pub fn note(&mut self, reason: impl Into<String>, place: impl Into<Place>) {
        let note = self.cx.blocker(self.recipe, reason, place.into());
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Whether something stands in the way already.
    pub fn is_blocked(&self) -> bool {
        !self.blockers.is_empty() && self.level != Level::Sketch
    }

    /// FROM of the stage, for what is about the stage as a whole.
    pub fn base_line(&self) -> Location {
        let model = self.cx.model;
        model.at(model.dockerfile.instructions()[self.cx.stage.from].span)
    }

    /// What the RUN instructions of the stage and of those below it do.
    pub fn effects(&self) -> impl Iterator<Item = &'a Effect> + use<'a> {
        let lineage = self.cx.model.lineage(self.cx.stage.id);
        lineage.into_iter().flat_map(|s| &s.steps).flat_map(|s| match &s.kind {
            StepKind::Run(run) => run.effects.as_slice(),
            _ => &[],
        })
    }

    /// A keyword in the file's letter case.
    pub fn keyword(&self, upper: &str) -> String {
        Style::of(&self.cx.model.dockerfile).keyword(upper)
    }

    /// The end of it: blockers, or the fix that `shaped` makes of `target`.
    pub fn finish(
        mut self,
        title: impl Into<String>,
        target: &Target,
        shaped: impl FnOnce() -> Result<Vec<Edit>, Refusal>,
    ) -> Outcome {
        // Small changes leave FROM and what it brings alone.
        if !target.copies.is_empty() {
            super::chosen_base::settle(&mut self);
        }
        if self.is_blocked() {
            return Outcome::Blocked(self.blockers);
        }
        let mut edits = match shaped() {
            Ok(edits) => edits,
            Err(refusal) => {
                self.block(refusal.reason, Place::Source(refusal.at));
                return Outcome::Blocked(self.blockers);
            }
        };
        edits.append(&mut self.elsewhere);
        if let Some((at, argument)) = super::unset_in_base(self.cx) {
            self.assume(format!("no build gives ARG {argument} a value that means another system"), Some(at));
        }
        if !target.copies.is_empty() {
            for (name, at) in super::variables::written_out(self.cx) {
                self.assume(
                    format!("nobody builds with another value of ARG {name}: the value of what is made of it is written out"),
                    Some(at),
                );
            }
        }
        self.assumptions.sort();
        let fix = Fix {
            by: self.recipe,
            title: title.into(),
            level: self.level,
            assumptions: self.assumptions,
            edits,
            by_hand: self.by_hand,
            base_after: Some(target.base.clone()),
            surface_after: None,
            demand: None,
            stage: self.cx.stage.identity.clone(),
            resolves: Vec::new(),
        };
        self.blockers.append(&mut self.notes);
        Outcome::Fix(Box::new(fix), self.blockers)
    }

    /// The end of a recipe that has nothing to change, with why not if there is a reason.
    pub fn only_notes(self) -> Outcome {
        if self.notes.is_empty() { Outcome::NotApplicable } else { Outcome::Blocked(self.notes) }
    }

    /// The end of a recipe that found no rewrite.
    pub fn blocked(self) -> Outcome {
        Outcome::Blocked(self.blockers)
    }
}

impl From<Location> for Place {
    fn from(at: Location) -> Self {
        Place::Source(at)
    }
}
