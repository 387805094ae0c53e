//! One Dockerfile: looked at, and rewritten where that was asked for ([`rewriting`] has the only loop).

mod beside;
mod debug_stage;
mod example;
mod flatten;
mod invariants;
mod look;
mod prove;
mod rewriting;
mod rule_fixes;

pub use example::{Shown, ShownFix, example};

use std::sync::Arc;

use barehull_syntax::dockerfile::Dockerfile;

use crate::analysis::{Analysis, Rewrite};
use crate::finding::{Finding, Fix, Place};
use crate::model::{BuildSettings, Model, Searches};
use crate::options::{ContextChoice, Input, Options};
use crate::project::outside::OutsideUse;
use crate::project::{BuildContext, Files, Project, ProjectPath, Surroundings};
use crate::rules::{self, Seen};
use crate::source::Sources;
use crate::timings::{Phase, Timings};

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
    let outcome = options.fixes.is_some().then(|| scene.rewrite(&look));
    let Look { model, mut sources, mut findings } = look;
    let (mut rewrite, mut blockers) = (None, Vec::new());
    if let Some(outcome) = outcome {
        sources = outcome.sources;
        blockers = outcome.blockers;
        attach(&mut findings, &outcome.rewrite, &outcome.alone);
        rewrite = Some(outcome.rewrite);
    }
    let file = model.file;
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
