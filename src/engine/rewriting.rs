//! The loop: looks, plans, applies in memory, looks again, until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use barehull_syntax::Location;

use super::{Look, Scene, flatten, invariants};
use crate::analysis::{Dropped, Rewrite};
use crate::edit::FilePatch;
use crate::finding::{Blocker, Fix, Level, Place, StageIdentity};
use crate::model::image_files::ImageFiles;
use crate::model::{Model, Stage};
use crate::project::ProjectPath;
use crate::recipes::{self, RecipeCx};
use crate::source::Sources;
use crate::timings::Phase;

/// Rewrites are looked for again in what they made, at most this often.
const MAX_ROUNDS: usize = 4;

/// Fixes and blockers of one look.
pub(super) struct Planned {
    pub(super) fixes: Vec<Fix>,
    pub(super) blockers: Vec<Blocker>,
    /// The files of the look, and those that planning read.
    pub(super) sources: Sources,
}

/// What became of the fixes of a file.
pub(super) struct Outcome {
    pub(super) rewrite: Rewrite,
    /// Fixes beside the rewrite, each made for the files as they are.
    pub(super) alone: Vec<Fix>,
    pub(super) blockers: Vec<Blocker>,
    /// The files of the first look, and those that planning read.
    pub(super) sources: Sources,
}

/// A rewrite on its way: what was applied so far, and where the files stand with it.
pub(super) struct Rewriting<'a, 'l> {
    /// The project as the fixes so far leave it.
    pub(super) scene: Scene<'a>,
    pub(super) first: &'l Look,
    /// The last look, if anything was changed since the first.
    pub(super) current: Option<Look>,
    /// All changes so far.
    pub(super) files: BTreeMap<ProjectPath, FilePatch>,
    pub(super) outcome: Outcome,
    /// Fixes above it are withheld.
    pub(super) level: Level,
}

impl Scene<'_> {
    /// Applies fixes up to the level asked for: of recipes, of those that stand beside them, of rules.
    pub(super) fn rewrite(&self, first: &Look) -> Outcome {
        let mut rewriting = Rewriting::new(self.clone(), first);
        rewriting.images();
        rewriting.beside();
        rewriting.rules();
        rewriting.outcome.alone = self.beside_alone(first, &mut rewriting.outcome.sources);
        if self.options.debug_stage {
            rewriting.debug_stage();
        }
        let Rewriting { mut outcome, files, .. } = rewriting;
        outcome.rewrite.patch = files.into_values().collect();
        outcome
    }

    /// The fixes of every final stage, the best last.
    fn plan(&self, look: &Look) -> Planned {
        let mut planned = Planned { fixes: Vec::new(), blockers: Vec::new(), sources: look.sources.clone() };
        if !look.is_rewritable() {
            return planned;
        }
        for stage in look.model.final_stages() {
            let context = self.context.as_deref();
            let files = ImageFiles::new(context, &look.model, stage.id, &mut planned.sources, &self.searches);
            let cx = self.recipe_cx(&look.model, stage, files);
            let (fixes, blockers) = self.measure(Phase::Recipes, || recipes::plan(&cx));
            planned.fixes.extend(fixes);
            planned.blockers.extend(blockers);
        }
        planned
    }

    pub(super) fn recipe_cx<'l>(
        &'l self,
        model: &'l Model,
        stage: &'l Stage,
        files: ImageFiles<'l>,
    ) -> RecipeCx<'l> {
        RecipeCx {
            model,
            stage,
            catalog: self.options.catalog,
            options: self.options,
            files: files.into(),
            uses: &self.uses,
            project: self.files.as_ref(),
        }
    }
}

impl<'a, 'l> Rewriting<'a, 'l> {
    fn new(scene: Scene<'a>, first: &'l Look) -> Self {
        let level = scene.options.fixes.expect("a rewrite was asked for");
        let rewrite = Rewrite {
            applied: Vec::new(),
            withheld: Vec::new(),
            dropped: Vec::new(),
            patch: Vec::new(),
            stages_after: first.stage_reports(),
        };
        let sources = first.sources.clone();
        let outcome = Outcome { rewrite, alone: Vec::new(), blockers: Vec::new(), sources };
        Self { scene, first, current: None, files: BTreeMap::new(), outcome, level }
    }

    /// The last look.
    pub(super) fn look(&self) -> &Look {
        self.current.as_ref().unwrap_or(self.first)
    }

    /// Applies a fix, or withholds it for its level; says which.
    pub(super) fn take(&mut self, fix: Fix, patches: Vec<FilePatch>, after: Look) -> bool {
        if fix.level > self.level {
            self.outcome.rewrite.withheld.push(fix);
            return false;
        }
        self.outcome.rewrite.applied.push(fix);
        self.advance(patches, after);
        true
    }

    /// Takes what fixes made for where the files stand.
    pub(super) fn advance(&mut self, patches: Vec<FilePatch>, after: Look) {
        self.scene = self.scene.with(&patches);
        flatten::keep(&mut self.files, patches);
        self.outcome.rewrite.stages_after = after.stage_reports();
        self.current = Some(after);
    }

    pub(super) fn drop(&mut self, fix: Fix, broke: String) {
        self.outcome.rewrite.dropped.push(Dropped { title: fix.title, by: fix.by, broke });
    }

    /// The rewrites of images, round by round.
    fn images(&mut self) {
        // A stage is rewritten once, and each step towards that is taken once.
        let mut done: BTreeSet<(StageIdentity, Option<&str>)> = BTreeSet::new();
        for round in 0..MAX_ROUNDS {
            let planned = self.scene.plan(self.look());
            if round == 0 {
                self.outcome.blockers = planned.blockers;
                self.outcome.sources = planned.sources.clone();
            } else {
                self.see_blockers(planned.blockers, &planned.sources);
            }
            let mut is_changed = false;
            for fix in planned.fixes {
                let step = recipes::is_step(fix.by).then_some(fix.by);
                if done.contains(&(fix.stage.clone(), None)) || !done.insert((fix.stage.clone(), step)) {
                    continue;
                }
                if self.try_image(fix, &planned.sources, round > 0) {
                    is_changed = true;
                    break;
                }
            }
            if !is_changed {
                break;
            }
        }
    }

    /// Proves a recipe's fix and takes it. `later`: it was made on what others left.
    fn try_image(&mut self, mut fix: Fix, sources: &Sources, later: bool) -> bool {
        let proven = self.scene.prove(self.look(), sources, &mut fix);
        if later {
            self.place(&mut fix, sources);
        }
        match proven {
            // A step is there for the rewrite that goes on from it: alone it need not mend anything.
            Err(broke) if recipes::is_step(fix.by) && broke == invariants::NO_FINDING_IS_GONE => false,
            Err(broke) => {
                self.drop(fix, broke);
                false
            }
            Ok((patches, after)) => {
                if let Some(blocker) = self.scene.lacks(self.look(), &after, &fix) {
                    self.outcome.blockers.push(blocker);
                    return false;
                }
                if later {
                    let all = flatten::with(&self.files, &patches);
                    fix.edits = flatten::edits(&all, &mut self.outcome.sources);
                }
                self.take(fix, patches, after)
            }
        }
    }

    /// After a step, what stood in the way of a stage's rewrite is gone, or something else does.
    fn see_blockers(&mut self, blockers: Vec<Blocker>, from: &Sources) {
        let Some(last) = self.outcome.rewrite.applied.last().filter(|fix| recipes::is_step(fix.by)) else {
            return;
        };
        let same =
            |a: &Blocker, b: &Blocker| (a.recipe, &a.stage, &a.reason) == (b.recipe, &b.stage, &b.reason);
        let now: Vec<Blocker> = blockers.into_iter().filter(|b| b.stage == last.stage).collect();
        self.outcome.blockers.retain(|b| b.stage != last.stage || now.iter().any(|n| same(n, b)));
        for blocker in now {
            if !self.outcome.blockers.iter().any(|b| same(b, &blocker)) {
                self.block(blocker, from);
            }
        }
    }

    /// Adds a blocker of a later look. Its place in the files of the first; of a file whose lines have moved, the file.
    pub(super) fn block(&mut self, mut blocker: Blocker, from: &Sources) {
        if let Place::Source(at) = blocker.place {
            let file = from.get(at.file);
            blocker.place = if self.files.contains_key(&file.path) {
                Place::File(file.path.clone())
            } else {
                Place::Source(Location::new(self.outcome.sources.add(&file.path, &file.bytes), at.span))
            };
        }
        self.outcome.blockers.push(blocker);
    }

    /// Gives the assumptions of a later look their places in the files of the first.
    pub(super) fn place(&mut self, fix: &mut Fix, from: &Sources) {
        place_in(fix, from, &self.files, &mut self.outcome.sources);
    }
}

/// Places of a later look belong to its own files: the same files are found in `to`, and files whose text was another
/// one by then, as the Dockerfile's, are left out.
pub(super) fn place_in(
    fix: &mut Fix,
    from: &Sources,
    changed: &BTreeMap<ProjectPath, FilePatch>,
    to: &mut Sources,
) {
    for assumption in &mut fix.assumptions {
        if let Some(Place::Source(at)) = &mut assumption.place {
            let file = from.get(at.file);
            if changed.contains_key(&file.path) {
                assumption.place = None;
            } else {
                at.file = to.add(&file.path, &file.bytes);
            }
        }
    }
}
