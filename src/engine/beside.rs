//! Fixes that stand beside the rewrite of an image: each is proven and applied on what those before it made.

use std::collections::{BTreeMap, BTreeSet};

use super::rewriting::{Planned, Rewriting, place_in};
use super::{Look, Scene, flatten};
use crate::finding::{Fix, StageIdentity};
use crate::model::image_files::ImageFiles;
use crate::recipes;
use crate::source::Sources;

impl Rewriting<'_, '_> {
    /// Adds the fixes that stand beside the rewrite.
    pub(super) fn beside(&mut self) {
        let mut done: BTreeSet<(StageIdentity, &str)> = BTreeSet::new();
        loop {
            let Planned { fixes, blockers, sources } = self.scene.plan_beside(self.look());
            if done.is_empty() {
                for blocker in blockers {
                    self.block(blocker, &sources);
                }
            }
            let next = fixes.into_iter().find(|fix| done.insert((fix.stage.clone(), fix.by)));
            let Some(mut fix) = next else { return };
            match self.scene.prove(self.look(), &sources, &mut fix) {
                Ok((patches, after)) => {
                    self.place(&mut fix, &sources);
                    let all = flatten::with(&self.files, &patches);
                    fix.edits = flatten::edits(&all, &mut self.outcome.sources);
                    self.take(fix, patches, after);
                }
                Err(broke) => self.drop(fix, broke),
            }
        }
    }
}

impl Scene<'_> {
    /// The same fixes on the files as they are, for whoever takes one without the rewrite.
    pub(super) fn beside_alone(&self, first: &Look, to: &mut Sources) -> Vec<Fix> {
        let Planned { fixes, sources, .. } = self.plan_beside(first);
        let prove = |mut fix: Fix| {
            let (patches, _) = self.prove(first, &sources, &mut fix).ok()?;
            place_in(&mut fix, &sources, &BTreeMap::new(), to);
            let mut files = BTreeMap::new();
            flatten::keep(&mut files, patches);
            fix.edits = flatten::edits(&files, to);
            Some(fix)
        };
        fixes.into_iter().filter_map(prove).collect()
    }

    fn plan_beside(&self, look: &Look) -> Planned {
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
        Planned { fixes, blockers, sources }
    }
}
