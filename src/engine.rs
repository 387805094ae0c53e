//! The only loop: look, plan, apply in memory, look again, check the invariants.

mod beside;
mod example;
mod flatten;
mod invariants;
mod rule_fixes;

pub use example::{Shown, example};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barehull_syntax::Location;
use barehull_syntax::dockerfile::Dockerfile;

use crate::analysis::{Analysis, Dropped, Rewrite, StageReport};
use crate::builders::{self, Demand};
use crate::edit::{self, FilePatch};
use crate::finding::{Assumption, Blocker, Finding, Fix, Place, StageIdentity};
use crate::manifest;
use crate::model::image_files::ImageFiles;
use crate::model::needs::{self, Needs};
use crate::model::{BuildSettings, Model, Searches, Stage, StageId};
use crate::options::{ContextChoice, Input, Options};
use crate::project::outside::OutsideUse;
use crate::project::{BuildContext, Files, Overlay, Project, ProjectPath, Surroundings};
use crate::recipes::{self, RecipeCx};
use crate::rules::{self, Deployed, Seen};
use crate::source::Sources;
use crate::timings::{Phase, Timings};

/// Rewrites are looked for again in what they made, at most this often.
const MAX_ROUNDS: usize = 4;

/// Looks at one Dockerfile; with [`Options::fixes`] also plans and proves its rewrite. Never fails: a file
/// that cannot be read is a finding.
pub fn analyse(project: &Project, input: &Input, context: &ContextChoice, options: &Options<'_>) -> Analysis {
    let bytes = match &input.text {
        Some(bytes) => Ok(Arc::clone(bytes)),
        None => project.files().read(&input.path),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(input, &error.fault.to_string()),
    };
    let (context, uses) = Timings::measure(options.timings, Phase::Project, || {
        let context = match context {
            ContextChoice::DockerfileFolder => project.build_context(&input.path).ok(),
            ContextChoice::Given(context) => Some(Arc::clone(context)),
            ContextChoice::Absent => None,
        };
        (context, project.outside_uses(&input.path))
    });
    let scene = Scene {
        project,
        path: &input.path,
        context,
        uses,
        around: project.surroundings(),
        files: Arc::clone(project.files()),
        options,
        searches: Searches::default(),
    };
    let look = scene.look(&bytes);
    let stages = scene.measure(Phase::Surface, || look.stage_reports());
    let (mut rewrite, mut blockers) = (None, Vec::new());
    let mut findings = look.findings.clone();
    let mut sources = look.sources.clone();
    if options.fixes.is_some() {
        let planned = scene.rewrite(&look);
        sources = planned.sources;
        blockers = planned.blockers;
        attach(&mut findings, &planned.rewrite, &planned.alone);
        rewrite = Some(planned.rewrite);
    }
    let file = look.model.file;
    Analysis {
        path: input.path.clone(),
        file,
        sources,
        stages,
        findings,
        blockers,
        rewrite,
        policy: options.policy,
        image: None,
    }
}

fn unreadable(input: &Input, why: &str) -> Analysis {
    let message = format!("the file cannot be read: {why}");
    let finding =
        Finding::new(rules::INVALID_DOCKERFILE, Place::File(input.path.clone()), message).subject("file");
    let mut sources = Sources::default();
    let file = sources.add(&input.path, &Arc::default());
    let path = input.path.clone();
    Analysis {
        path,
        file,
        sources,
        stages: Vec::new(),
        findings: vec![finding],
        blockers: Vec::new(),
        rewrite: None,
        policy: None,
        image: None,
    }
}

/// Puts each fix to the findings it answers: those of its stage. Those of `alone` take the place of what they became
/// beside the rewrite.
fn attach(findings: &mut [Finding], rewrite: &Rewrite, alone: &[Fix]) {
    let has_own = |fix: &&Fix| !alone.iter().any(|own| own.by == fix.by && own.stage == fix.stage);
    for finding in findings {
        let fixes = rewrite.applied.iter().chain(&rewrite.withheld).filter(has_own).chain(alone);
        let answers = fixes.filter(|f| {
            f.resolves.contains(&(finding.rule.id, finding.stage.clone(), finding.subject.clone()))
        });
        finding.fixes = answers.cloned().collect();
    }
}

/// A Dockerfile of no project, parsed and understood: what rules alone cost can be measured with it.
pub struct Understood {
    path: ProjectPath,
    model: Model,
    sources: Sources,
    around: Surroundings,
}

impl Understood {
    /// Reads the text of the Dockerfile at `path`.
    pub fn new(path: ProjectPath, bytes: &Arc<[u8]>, options: &Options<'_>) -> Self {
        let mut sources = Sources::default();
        let file = sources.add(&path, bytes);
        let settings = BuildSettings {
            catalog: options.catalog,
            build_args: &options.build_args,
            targets: &options.targets,
        };
        let model = Model::new(file, Dockerfile::parse(Arc::clone(bytes)), &settings);
        Self { path, model, sources, around: Surroundings::default() }
    }

    /// What the rules find.
    pub fn findings(&self, options: &Options<'_>) -> Vec<Finding> {
        let Self { path, model, sources, around } = self;
        let seen = Seen { model, context: None, deployed: &[], path, uses: &[], around, sources };
        rules::findings(&seen, options)
    }
}

/// What stays the same while a Dockerfile is looked at again and again.
#[derive(Clone)]
struct Scene<'a> {
    project: &'a Project,
    path: &'a ProjectPath,
    context: Option<Arc<BuildContext>>,
    uses: Vec<OutsideUse>,
    /// What the project does with images as a whole.
    around: Arc<Surroundings>,
    files: Arc<dyn Files>,
    options: &'a Options<'a>,
    /// What the application's sources show, once they were searched.
    searches: Searches,
}

/// One look at one text of the Dockerfile.
struct Look {
    model: Model,
    sources: Sources,
    findings: Vec<Finding>,
}

/// Fixes and blockers of one look.
struct Planned {
    fixes: Vec<Fix>,
    blockers: Vec<Blocker>,
    sources: Sources,
}

struct Outcome {
    rewrite: Rewrite,
    /// Fixes beside the rewrite, each made for the files as they are.
    alone: Vec<Fix>,
    blockers: Vec<Blocker>,
    /// The files of the first look, and those that planning read.
    sources: Sources,
}

impl Scene<'_> {
    fn look(&self, bytes: &Arc<[u8]>) -> Look {
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
            model.stages[id.index()].needs = self.needs(&model, id, &mut sources);
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
        for path in builds.chain(dependabot).chain(scans) {
            if let Ok(bytes) = self.files.read(path) {
                sources.add(path, &bytes);
            }
        }
    }

    fn seen<'s>(&'s self, model: &'s Model, sources: &'s Sources, deployed: &'s [Deployed<'s>]) -> Seen<'s> {
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

    fn measure<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        Timings::measure(self.options.timings, phase, work)
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

    fn recipe_cx<'l>(&'l self, model: &'l Model, stage: &'l Stage, files: ImageFiles<'l>) -> RecipeCx<'l> {
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

    /// Applies fixes up to the level asked for, round by round, until nothing changes.
    fn rewrite(&self, first: &Look) -> Outcome {
        let level = self.options.fixes.expect("a rewrite was asked for");
        let mut outcome = Outcome {
            rewrite: Rewrite {
                applied: Vec::new(),
                withheld: Vec::new(),
                dropped: Vec::new(),
                patch: Vec::new(),
                stages_after: first.stage_reports(),
            },
            alone: Vec::new(),
            blockers: Vec::new(),
            sources: first.sources.clone(),
        };
        let mut files: BTreeMap<ProjectPath, FilePatch> = BTreeMap::new();
        // A stage is rewritten once, and each step towards that is taken once.
        let mut done: BTreeSet<(StageIdentity, Option<&str>)> = BTreeSet::new();
        let mut current: Option<Look> = None;
        let mut scene = self.clone();
        for round in 0..MAX_ROUNDS {
            let look = current.as_ref().unwrap_or(first);
            let planned = scene.plan(look);
            if round == 0 {
                outcome.blockers = planned.blockers;
                outcome.sources = planned.sources.clone();
            } else {
                Self::look_again(planned.blockers, &planned.sources, &files, &mut outcome);
            }
            let mut changed = None;
            for mut fix in planned.fixes {
                let step = recipes::is_step(fix.by).then_some(fix.by);
                if done.contains(&(fix.stage.clone(), None)) || !done.insert((fix.stage.clone(), step)) {
                    continue;
                }
                let proven = scene.prove(look, &planned.sources, &mut fix);
                if round > 0 {
                    Self::place_again(&mut fix, &planned.sources, &files, &mut outcome.sources);
                }
                match proven {
                    Ok((_, after)) if self.needs_more(look, &after, &fix, &mut outcome.blockers) => {}
                    Ok((patches, after)) => {
                        if round > 0 {
                            fix.edits =
                                flatten::edits(&flatten::with(&files, &patches), &mut outcome.sources);
                        }
                        if fix.level > level {
                            outcome.rewrite.withheld.push(fix);
                            continue;
                        }
                        changed = Some((patches, after));
                        outcome.rewrite.applied.push(fix);
                        break;
                    }
                    Err(broke) => {
                        outcome.rewrite.dropped.push(Dropped { title: fix.title.clone(), by: fix.by, broke });
                    }
                }
            }
            let Some((patches, after)) = changed else { break };
            scene = scene.with(&patches);
            flatten::keep(&mut files, patches);
            outcome.rewrite.stages_after = after.stage_reports();
            current = Some(after);
        }
        let current = scene.add_beside(current, first, &mut outcome, &mut files, level);
        let current = scene.rule_fixes(current, first, &mut outcome, &mut files, level);
        outcome.alone = self.beside_alone(first, &mut outcome.sources);
        if let Some(look) = current.filter(|_| self.options.debug_stage) {
            self.add_debug_stage(&look, &mut outcome.rewrite, &mut files);
        }
        outcome.rewrite.patch = files.into_values().collect();
        outcome
    }

    /// Whether a fix makes use of something that the builder asked for lacks and the file did not use before: a blocker
    /// then says so.
    fn needs_more(&self, before: &Look, after: &Look, fix: &Fix, blockers: &mut Vec<Blocker>) -> bool {
        let builder = self.options.builder;
        let old = builders::lacking(builder, &before.model.dockerfile);
        let new = builders::lacking(builder, &after.model.dockerfile);
        let Some(feature) = new.into_iter().find(|feature| !old.contains(feature)) else { return false };
        let reason = format!(
            "the rewrite needs {feature}, which {} lacks: build with another (`--builder`)",
            builder.as_str()
        );
        let (recipe, stage) = (fix.by, fix.stage.clone());
        blockers.push(Blocker { recipe, stage, reason, place: Place::File(self.path.clone()) });
        true
    }

    /// The scene with `patches` applied: what others say of the image may have changed.
    fn with(&self, patches: &[FilePatch]) -> Self {
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

    /// Adds the stage for debugging to what the rewrite of the last stage made.
    fn add_debug_stage(
        &self,
        look: &Look,
        rewrite: &mut Rewrite,
        files: &mut BTreeMap<ProjectPath, FilePatch>,
    ) {
        let Some(last) = look.model.stages.last() else { return };
        let is_rewritten =
            rewrite.applied.iter().any(|f| f.stage == last.identity && !recipes::is_step(f.by));
        let Some(edits) = recipes::debug_stage(&look.model).filter(|_| is_rewritten) else { return };
        let proven = edit::apply(&edits, &look.sources).map_err(|e| e.to_string()).and_then(|patches| {
            let bytes = patches.into_iter().find(|p| p.path == *self.path).and_then(|p| p.after);
            let bytes = bytes.ok_or("it changes nothing")?;
            let after = self.look(&bytes);
            invariants::check_structure(look, &after)?;
            Ok((bytes, after))
        });
        match proven {
            Ok((bytes, after)) => {
                if let Some(patch) = files.get_mut(self.path) {
                    patch.after = Some(bytes);
                }
                rewrite.stages_after = after.stage_reports();
            }
            Err(broke) => {
                let title = "Add a stage for debugging".to_owned();
                rewrite.dropped.push(Dropped { title, by: "debug-stage", broke });
            }
        }
    }

    /// After a step, what stood in the way of a stage's rewrite is gone, or something else does.
    fn look_again(
        blockers: Vec<Blocker>,
        from: &Sources,
        changed: &BTreeMap<ProjectPath, FilePatch>,
        outcome: &mut Outcome,
    ) {
        let Some(last) = outcome.rewrite.applied.last().filter(|fix| recipes::is_step(fix.by)) else {
            return;
        };
        let same =
            |a: &Blocker, b: &Blocker| (a.recipe, &a.stage, &a.reason) == (b.recipe, &b.stage, &b.reason);
        let now: Vec<Blocker> = blockers.into_iter().filter(|b| b.stage == last.stage).collect();
        outcome.blockers.retain(|b| b.stage != last.stage || now.iter().any(|n| same(n, b)));
        for mut blocker in now {
            if outcome.blockers.iter().any(|b| same(b, &blocker)) {
                continue;
            }
            blocker.place = place_of_later(&blocker.place, from, changed, &mut outcome.sources);
            outcome.blockers.push(blocker);
        }
    }

    /// Places of a later round belong to its own files: the same files are found in the first round's, and files
    /// whose text was another one by then, as the Dockerfile's, are left out.
    fn place_again(
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

    /// Applies a fix in memory, looks again and checks the invariants of every fix.
    fn prove(
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
            after.model.final_stages().find(|s| s.identity == fix.stage).map(crate::model::Stage::surface);
        Ok((patches, after))
    }
}

/// A place of a later round in the files of the first; of a file whose lines have moved, the file.
fn place_of_later(
    place: &Place,
    from: &Sources,
    changed: &BTreeMap<ProjectPath, FilePatch>,
    to: &mut Sources,
) -> Place {
    let Place::Source(at) = place else { return place.clone() };
    let file = from.get(at.file);
    if changed.contains_key(&file.path) {
        return Place::File(file.path.clone());
    }
    Place::Source(Location::new(to.add(&file.path, &file.bytes), at.span))
}

impl Look {
    /// A file that is refused, or not text, is never rewritten.
    fn is_rewritable(&self) -> bool {
        self.model.dockerfile.text().is_some() && !self.model.is_refused()
    }

    fn stage_reports(&self) -> Vec<StageReport> {
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
                surface: if stage.is_final { stage.surface() } else { crate::finding::Surface::empty() },
                at: model.at(model.dockerfile.instructions()[stage.from].span),
            })
            .collect()
    }
}
