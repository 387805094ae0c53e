//! Fixes that stand beside the rewrite of an image: each is proven and applied on what those before it made.

use std::collections::{BTreeMap, BTreeSet};

use super::{Look, Outcome, Scene, flatten, place_of_later};
use crate::analysis::Dropped;
use crate::edit::FilePatch;
use crate::finding::{Blocker, Fix, Level, StageIdentity};
use crate::model::image_files::ImageFiles;
use crate::project::ProjectPath;
use crate::recipes;
use crate::source::Sources;

/// Fixes, what they leave alone, and the files that their places are in.
type Beside = (Vec<Fix>, Vec<Blocker>, Sources);

impl Scene<'_> {
    /// Adds the fixes that stand beside the rewrite; gives the last look.
    pub(super) fn add_beside(
        &mut self,
        mut current: Option<Look>,
        first: &Look,
        outcome: &mut Outcome,
        files: &mut BTreeMap<ProjectPath, FilePatch>,
        level: Level,
    ) -> Option<Look> {
        let mut done: BTreeSet<(StageIdentity, &str)> = BTreeSet::new();
        loop {
            let look = current.as_ref().unwrap_or(first);
            let (fixes, blockers, sources) = self.plan_beside(look);
            if done.is_empty() {
                for mut blocker in blockers {
                    blocker.place = place_of_later(&blocker.place, &sources, files, &mut outcome.sources);
                    outcome.blockers.push(blocker);
                }
            }
            let next = fixes.into_iter().find(|fix| done.insert((fix.stage.clone(), fix.by)));
            let Some(mut fix) = next else { return current };
            match self.prove(look, &sources, &mut fix) {
                Ok((patches, after)) => {
                    Self::place_again(&mut fix, &sources, files, &mut outcome.sources);
                    let with = flatten::with(files, &patches);
                    fix.edits = flatten::edits(&with, &mut outcome.sources);
                    if fix.level > level {
                        outcome.rewrite.withheld.push(fix);
                        continue;
                    }
                    outcome.rewrite.applied.push(fix);
                    outcome.rewrite.stages_after = after.stage_reports();
                    *self = self.with(&patches);
                    *files = with;
                    current = Some(after);
                }
                Err(broke) => {
                    outcome.rewrite.dropped.push(Dropped { title: fix.title, by: fix.by, broke });
                }
            }
        }
    }

    /// The same fixes on the files as they are, for whoever takes one without the rewrite.
    pub(super) fn beside_alone(&self, first: &Look, to: &mut Sources) -> Vec<Fix> {
        let (fixes, _, sources) = self.plan_beside(first);
        let prove = |mut fix: Fix| {
            let (patches, _) = self.prove(first, &sources, &mut fix).ok()?;
            let nothing = BTreeMap::new();
            Self::place_again(&mut fix, &sources, &nothing, to);
            let mut files = BTreeMap::new();
            flatten::keep(&mut files, patches);
            fix.edits = flatten::edits(&files, to);
            Some(fix)
        };
        fixes.into_iter().filter_map(prove).collect()
    }

    fn plan_beside(&self, look: &Look) -> Beside {
        let mut sources = look.sources.clone();
        let (mut fixes, mut blockers) = (Vec::new(), Vec::new());
        if look.is_rewritable() {
            for stage in look.model.final_stages() {
                let files = ImageFiles::new(
                    self.context.as_deref(),
                    &look.model,
                    stage.id,
                    &mut sources,
                    &self.searches,
                );
                let (more, left) = recipes::beside(&self.recipe_cx(&look.model, stage, files));
                fixes.extend(more);
                blockers.extend(left);
            }
        }
        (fixes, blockers, sources)
    }
}
