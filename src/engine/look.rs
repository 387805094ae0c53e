//! Looks at a text of the Dockerfile, with the project as it is or as fixes leave it.

use std::sync::Arc;

use barehull_syntax::dockerfile::Dockerfile;

use super::{Look, Scene};
use crate::analysis::StageReport;
use crate::edit::FilePatch;
use crate::finding::Surface;
use crate::manifest;
use crate::model::image_files::ImageFiles;
use crate::model::needs::{self, Needs};
use crate::model::{BuildSettings, Model, StageId};
use crate::project::{BuildContext, Files, Overlay};
use crate::rules::{self, Deployed, Seen};
use crate::source::Sources;
use crate::timings::{Phase, Timings};

impl Scene<'_> {
    pub(super) fn look(&self, bytes: &Arc<[u8]>) -> Look {
        let mut sources = Sources::default();
        let file = sources.add(self.path, bytes);
        let dockerfile = self.measure(Phase::Parse, || Dockerfile::parse(Arc::clone(bytes)));
        let used = self.uses.iter().filter_map(|u| u.target.as_ref().map(|t| t.value.clone()));
        let targets: Vec<String> = self.options.targets.iter().cloned().chain(used).collect();
        let settings = BuildSettings {
            catalog: self.options.catalog,
            build_args: &self.options.build_args,
            targets: &targets,
        };
        let mut model = self.measure(Phase::Model, || Model::new(file, dockerfile, &settings));
        let finals: Vec<_> = model.final_stages().map(|s| s.id).collect();
        for id in finals {
            let needs = self.needs(&model, id, &mut sources);
            model.stages[id.index()].set_needs(needs);
        }
        let found = self.measure(Phase::Needs, || manifest::deployed(&self.uses, self.files.as_ref()));
        let deployed = found.iter().filter_map(|(used, found)| {
            let bytes = self.files.read(&used.at.path).ok()?;
            Some(Deployed { used, found, file: sources.add(&used.at.path, &bytes) })
        });
        let deployed: Vec<Deployed<'_>> = deployed.collect();
        self.add_project_files(&mut sources);
        let seen = self.seen(&model, &sources, &deployed);
        let findings = rules::findings(&seen, self.options);
        Look { model, sources, findings }
    }

    /// Adds the files that rules about the project point to, or change.
    fn add_project_files(&self, sources: &mut Sources) {
        let builds = self.uses.iter().filter(|used| used.build.is_some()).map(|used| &used.at.path);
        let dependabot = self.around.updates.dependabot.as_ref().map(|dependabot| &dependabot.path);
        let scans = self.around.scans.iter().map(|scan| &scan.at.path);
        let foreign = self.around.foreign_of(self.path).map(|foreign| &foreign.at.path);
        for path in builds.chain(dependabot).chain(scans).chain(foreign) {
            if let Ok(bytes) = self.files.read(path) {
                sources.add(path, &bytes);
            }
        }
    }

    pub(super) fn seen<'s>(
        &'s self,
        model: &'s Model,
        sources: &'s Sources,
        deployed: &'s [Deployed<'s>],
    ) -> Seen<'s> {
        Seen {
            model,
            context: self.context.as_deref(),
            deployed,
            path: self.path,
            uses: &self.uses,
            around: &self.around,
            sources,
        }
    }

    /// What the start, the project and, where somebody asks, the sources need of a stage.
    fn needs(&self, model: &Model, id: StageId, sources: &mut Sources) -> Needs {
        let context = self.context.as_deref();
        let mut found = self.measure(Phase::Needs, || {
            let mut files = ImageFiles::new(context, model, id, sources, &self.searches);
            let stage = model.stage(id);
            let mut found = needs::fill(needs::NeedsCx { stage, file: model.file, files: &mut files });
            let uses = self.uses.iter().filter(|u| model.is_used_by(id, u));
            needs::add_outside(&mut found, uses, self.files.as_ref(), sources);
            found
        });
        if self.options.search_sources || self.options.fixes.is_some() {
            self.measure(Phase::Evidence, || {
                let mut files = ImageFiles::new(context, model, id, sources, &self.searches);
                needs::add_application(&mut found, &mut files);
            });
        }
        found
    }

    pub(super) fn measure<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        Timings::measure(self.options.timings, phase, work)
    }

    /// The scene with `patches` applied: what others say of the image may have changed.
    pub(super) fn with(&self, patches: &[FilePatch]) -> Self {
        if patches.iter().all(|p| p.path == *self.path) {
            return self.clone();
        }
        let mut files = Overlay::new(Arc::clone(&self.files));
        for patch in patches.iter().filter(|p| p.path != *self.path) {
            // A path that cannot be written to was not read either.
            let _ = match &patch.after {
                Some(bytes) => files.write(&patch.path, Arc::clone(bytes), patch.mode & 0o111 != 0),
                None => files.delete(&patch.path),
            };
        }
        let project = self.project.over(Arc::new(files));
        let uses = project.outside_uses(self.path);
        let around = project.surroundings();
        let context = self.context.as_ref().map(|context| self.context_in(project.files(), context, patches));
        Self { uses, around, context, files: Arc::clone(project.files()), ..self.clone() }
    }

    /// The build context in `files`, where `patches` change what is left out of it.
    fn context_in(
        &self,
        files: &Arc<dyn Files>,
        context: &Arc<BuildContext>,
        patches: &[FilePatch],
    ) -> Arc<BuildContext> {
        let is_changed = patches.iter().any(|p| p.path.file_name().ends_with(".dockerignore"));
        if context.is_foreign() || !context.is_present() || !is_changed {
            return Arc::clone(context);
        }
        let renewed = BuildContext::new(Arc::clone(files), context.root());
        renewed.map_or_else(
            |_| Arc::clone(context),
            |renewed| Arc::new(renewed.for_dockerfile(files.as_ref(), self.path)),
        )
    }
}

impl Look {
    /// A file that is refused, or not text, is never rewritten.
    pub(super) fn is_rewritable(&self) -> bool {
        self.model.dockerfile.text().is_some() && !self.model.is_refused()
    }

    pub(super) fn stage_reports(&self) -> Vec<StageReport> {
        let model = &self.model;
        model
            .stages
            .iter()
            .map(|stage| StageReport {
                name: stage.name.as_ref().map(|n| n.0.clone()),
                index: stage.id.0,
                identity: stage.identity.clone(),
                is_final: stage.is_final,
                base: stage.base_text.clone(),
                image: model.lineage(stage.id).last().map_or_else(String::new, |s| s.base_text.clone()),
                os: stage.os.as_ref().map(ToString::to_string),
                completeness: stage.inventory.completeness(),
                surface: if stage.is_final {
                    Arc::clone(stage.surface())
                } else {
                    Arc::new(Surface::empty())
                },
                at: model.at(model.dockerfile.instructions()[stage.from].span),
            })
            .collect()
    }
}
