//! The stage for debugging that `fix --with-debug-stage` adds.

use std::sync::Arc;

use super::rewriting::Rewriting;
use super::{Look, invariants};
use crate::analysis::Dropped;
use crate::edit::{self, Edit};
use crate::recipes;

impl Rewriting<'_, '_> {
    /// Adds it to what the rewrite of the last stage made.
    pub(super) fn debug_stage(&mut self) {
        let look = self.look();
        let Some(last) = look.model.stages.last() else { return };
        let applied = &self.outcome.rewrite.applied;
        let is_rewritten = applied.iter().any(|f| f.stage == last.identity && !recipes::is_step(f.by));
        let Some(edits) = recipes::debug_stage(&look.model).filter(|_| is_rewritten) else { return };
        match self.with_debug_stage(look, &edits) {
            Ok((bytes, after)) => {
                if let Some(patch) = self.files.get_mut(self.scene.path) {
                    patch.after = Some(bytes);
                }
                self.outcome.rewrite.stages_after = after.stage_reports();
            }
            Err(broke) => {
                let title = "Add a stage for debugging".to_owned();
                self.outcome.rewrite.dropped.push(Dropped { title, by: "debug-stage", broke });
            }
        }
    }

    fn with_debug_stage(&self, look: &Look, edits: &[Edit]) -> Result<(Arc<[u8]>, Look), String> {
        let patches = edit::apply(edits, &look.sources).map_err(|error| error.to_string())?;
        let bytes = patches.into_iter().find(|p| p.path == *self.scene.path).and_then(|p| p.after);
        let bytes = bytes.ok_or("it changes nothing")?;
        let after = self.scene.look(&bytes);
        invariants::check_structure(look, &after)?;
        Ok((bytes, after))
    }
}
