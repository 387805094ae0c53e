//! Proves a fix: applied in memory, looked at again, held to the invariants and to the builder.

use std::sync::Arc;

use super::{Look, Scene, invariants};
use crate::builders::{self, Demand};
use crate::edit::{self, FilePatch};
use crate::finding::{Assumption, Blocker, Fix, Place};
use crate::project::ProjectPath;
use crate::source::Sources;
use crate::timings::Phase;

impl Scene<'_> {
    /// Applies a fix in memory, looks again and checks the invariants of every fix.
    pub(super) fn prove(
        &self,
        before: &Look,
        sources: &Sources,
        fix: &mut Fix,
    ) -> Result<(Vec<FilePatch>, Look), String> {
        let patches = self.measure(Phase::Proofs, || edit::apply(&fix.edits, sources));
        let patches = patches.map_err(|e| e.to_string())?;
        if patches.is_empty() {
            return Err("it changes nothing".to_owned());
        }
        // A fix may change manifests alone.
        let dockerfile = patches.iter().find(|p| p.path == *self.path).and_then(|p| p.after.clone());
        let is_built_otherwise = dockerfile.is_some();
        let bytes = dockerfile.unwrap_or_else(|| Arc::clone(&before.sources.get(before.model.file).bytes));
        let after = self.with(&patches).look(&bytes);
        let created: Vec<&ProjectPath> =
            patches.iter().filter(|p| p.before.is_none()).map(|p| &p.path).collect();
        fix.resolves = self.measure(Phase::Proofs, || invariants::check(before, &after, &created))?;
        fix.demand = is_built_otherwise.then(|| Demand::of(&after.model.dockerfile));
        let builder = self.options.builder;
        let lacking = builders::lacking(builder, &before.model.dockerfile);
        if is_built_otherwise && !lacking.is_empty() {
            let text = format!(
                "the file is built by something newer than {}, which lacks {}, as before",
                builder.as_str(),
                lacking.join(", ")
            );
            fix.assumptions.push(Assumption { text, place: None });
            fix.assumptions.sort();
        }
        fix.surface_after =
            after.model.final_stages().find(|s| s.identity == fix.stage).map(|s| Arc::clone(s.surface()));
        Ok((patches, after))
    }

    /// What a fix makes use of that the builder asked for lacks and the file did not use before.
    pub(super) fn lacks(&self, before: &Look, after: &Look, fix: &Fix) -> Option<Blocker> {
        let builder = self.options.builder;
        let old = builders::lacking(builder, &before.model.dockerfile);
        let new = builders::lacking(builder, &after.model.dockerfile);
        let feature = new.into_iter().find(|feature| !old.contains(feature))?;
        let reason = format!(
            "the rewrite needs {feature}, which {} lacks: build with another (`--builder`)",
            builder.as_str()
        );
        let (recipe, stage) = (fix.by, fix.stage.clone());
        Some(Blocker { recipe, stage, reason, place: Place::File(self.path.clone()) })
    }
}
