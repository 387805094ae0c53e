//! The files of an image that come from the build context: where a path of the image has its source.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use barehull_syntax::{FileId, MappedText};

use super::searches::Searches;
use super::shipped::Shipped;
use super::written::{self, Written};
use super::{ImageConfig, Model, Source, StageId, StepKind, Transfer, absolute};
use crate::evidence::{Evidence, Language};
use crate::project::manifests::NodePackage;
use crate::project::{BuildContext, Copies, CopyRequest, Kind, ProjectPath};
use crate::source::Sources;

/// Copies between stages are followed this deep.
const MAX_DEPTH: usize = 16;
/// Paths of stages that are looked at to follow one path.
const MAX_TRACED: usize = 2_000;

/// A file that was found: its id, and its bytes.
pub(crate) type Found = (FileId, Arc<[u8]>);

/// Where a file of the image comes from.
enum Origin {
    /// A file of the build context.
    File(ProjectPath),
    /// The Dockerfile.
    Written(Written),
}

/// The text of a program.
pub(crate) struct ProgramText {
    /// The file it stands in: one of the build context, or the Dockerfile.
    pub(crate) file: FileId,
    /// Its text.
    pub(crate) text: MappedText,
    /// It stands in the Dockerfile.
    pub(crate) is_written: bool,
    /// Its path in the image.
    pub(crate) path: String,
}

/// What was looked at to follow one path: where it led nowhere once, it does not lead anywhere twice.
#[derive(Default)]
struct Traced {
    depth: usize,
    seen: HashSet<(StageId, String)>,
}

/// Looks up files of one stage's image in the build context.
pub(crate) struct ImageFiles<'a> {
    context: Option<&'a BuildContext>,
    model: &'a Model,
    stage: StageId,
    sources: &'a mut Sources,
    searches: &'a Searches,
    /// What each COPY from the context brings, by its instruction.
    copies: HashMap<usize, Copies>,
}

impl<'a> ImageFiles<'a> {
    pub(crate) fn new(
        context: Option<&'a BuildContext>,
        model: &'a Model,
        stage: StageId,
        sources: &'a mut Sources,
        searches: &'a Searches,
    ) -> Self {
        Self { context, model, stage, sources, searches, copies: HashMap::new() }
    }

    /// The build context, if there is one.
    pub(crate) fn context(&self) -> Option<&'a BuildContext> {
        self.context
    }

    pub(crate) fn model(&self) -> &'a Model {
        self.model
    }

    pub(crate) fn stage(&self) -> StageId {
        self.stage
    }

    /// What the sources behind the image show; nothing, incomplete, without a context.
    pub(crate) fn evidence(&mut self, language: Language) -> Evidence {
        let Some(context) = self.context else { return Evidence::default() };
        let shipped = self.shipped();
        self.searches.evidence(context, shipped, language, self.sources)
    }

    /// The same of all sources below `folder` of the context, whether or not the image gets them: what was built
    /// from them outside of the Dockerfile.
    pub(crate) fn evidence_below(&mut self, language: Language, folder: &ProjectPath) -> Evidence {
        let Some(context) = self.context else { return Evidence::default() };
        self.searches.evidence(context, Shipped::whole(folder), language, self.sources)
    }

    /// The id of a file that was read elsewhere in the project.
    pub(crate) fn add(&mut self, path: &ProjectPath, bytes: &Arc<[u8]>) -> FileId {
        self.sources.add(path, bytes)
    }

    /// The path of a file that was read.
    pub(crate) fn path_of(&self, file: FileId) -> String {
        self.sources.get(file).path.to_string()
    }

    /// The context path behind `path` of the image, which is absolute.
    pub(crate) fn source_of(&mut self, path: &str) -> Option<ProjectPath> {
        match self.trace(self.stage, absolute("/", path), &mut Traced::default())? {
            Origin::File(path) => Some(path),
            Origin::Written(_) => None,
        }
    }

    /// The file at `path` of the image, if it comes from the context and can be read.
    pub(crate) fn read(&mut self, path: &str) -> Option<Found> {
        let source = self.source_of(path)?;
        self.read_source(&source).ok()
    }

    /// The package.json at `folder` of the image, read in the build context.
    pub(crate) fn node_package(&mut self, folder: &str) -> Option<(FileId, NodePackage)> {
        let source = self.source_of(&format!("{folder}/package.json"))?;
        let (file, _) = self.read_source(&source).ok()?;
        let package = NodePackage::read(self.context?, &source.folder()).ok()??;
        Some((file, package))
    }

    /// The program that a command line names, if it comes from the context; an error says why it cannot be
    /// read.
    pub(crate) fn find_program(
        &mut self,
        program: &str,
        config: &ImageConfig,
    ) -> Option<Result<Found, String>> {
        let candidates: Vec<String> = if program.contains('/') {
            vec![absolute(config.workdir(), program)]
        } else {
            config.path().iter().map(|folder| format!("{folder}/{program}")).collect()
        };
        let source = candidates.iter().find_map(|path| self.source_of(path))?;
        Some(self.read_source(&source))
    }

    /// The text of the program that a command line names, started in `folder`; an error says why it cannot be read.
    /// Nothing for what is no text.
    pub(crate) fn find_text(
        &mut self,
        program: &str,
        folder: &str,
        config: &ImageConfig,
    ) -> Option<Result<ProgramText, String>> {
        let candidates: Vec<String> = if program.contains('/') {
            vec![absolute(folder, program)]
        } else {
            config.path().iter().map(|folder| format!("{folder}/{program}")).collect()
        };
        let (path, origin) = candidates.into_iter().find_map(|path| {
            let origin = self.trace(self.stage, absolute("/", &path), &mut Traced::default())?;
            Some((path, origin))
        })?;
        let source = match origin {
            Origin::File(source) => source,
            Origin::Written(Written::Unclear(why)) => {
                return Some(Err(format!("{path} is not known: {why}")));
            }
            Origin::Written(Written::Text(text)) => {
                let file = self.model.file;
                return Some(Ok(ProgramText { file, text, is_written: true, path }));
            }
        };
        match self.read_source(&source) {
            Ok((file, bytes)) => {
                let text = MappedText::verbatim(std::str::from_utf8(&bytes).ok()?, 0);
                Some(Ok(ProgramText { file, text, is_written: false, path }))
            }
            Err(why) => Some(Err(why)),
        }
    }

    fn read_source(&mut self, source: &ProjectPath) -> Result<Found, String> {
        let context = self.context.ok_or("there is no build context")?;
        let bytes = context.read(source).map_err(|e| e.to_string())?;
        Ok((self.sources.add(source, &bytes), bytes))
    }

    /// Follows `path` of `stage` back to the context; the last instruction that wrote it counts.
    fn trace(&mut self, stage: StageId, path: String, traced: &mut Traced) -> Option<Origin> {
        if traced.depth > MAX_DEPTH
            || traced.seen.len() == MAX_TRACED
            || !traced.seen.insert((stage, path.clone()))
        {
            return None;
        }
        traced.depth += 1;
        let found = self.trace_steps(stage, path, traced);
        traced.depth -= 1;
        found
    }

    fn trace_steps(&mut self, stage: StageId, path: String, traced: &mut Traced) -> Option<Origin> {
        let model = self.model;
        let stage = model.stage(stage);
        for step in stage.steps.iter().rev() {
            let transfer = match &step.kind {
                StepKind::Transfer(transfer) => transfer,
                StepKind::Run(run) => match written::by_run(run, &path) {
                    Some(written) => return Some(Origin::Written(written)),
                    None => continue,
                },
                StepKind::Config => continue,
            };
            match &transfer.from {
                Source::Context => {
                    let found = self.copies(step.instruction, transfer).and_then(|c| c.source_of(&path));
                    if let Some(found) = found.filter(|p| self.is_file(p)) {
                        return Some(Origin::File(found));
                    }
                }
                Source::Heredoc => {
                    let instruction = &model.dockerfile.instructions()[step.instruction];
                    if let Some(written) = written::by_copy(instruction, transfer, &path) {
                        return Some(Origin::Written(written));
                    }
                }
                Source::Stage(id) => {
                    for candidate in origins(transfer, &path) {
                        if let Some(found) = self.trace(*id, absolute("/", &candidate), traced) {
                            return Some(found);
                        }
                    }
                }
                _ => {}
            }
        }
        self.trace(stage.base_stage()?, path, traced)
    }

    fn is_file(&self, path: &ProjectPath) -> bool {
        self.context.is_some_and(|c| c.exists(path) == Some(true) && !c.is_folder(path))
    }

    /// What a COPY or ADD from the context brings.
    pub(crate) fn copies(&mut self, instruction: usize, transfer: &Transfer) -> Option<&Copies> {
        let context = self.context?;
        let dest = transfer.dest.as_deref()?;
        Some(self.copies.entry(instruction).or_insert_with(|| {
            context.copied(&CopyRequest {
                sources: transfer.sources.iter().flatten().map(String::as_str).collect(),
                dest,
                workdir: "/",
                dest_is_folder: None,
                excludes: transfer.excludes.iter().map(String::as_str).collect(),
                parents: transfer.parents,
                unpack: transfer.add,
            })
        }))
    }

    /// Every file that the stage's own COPY and ADD bring from the context: image path and context path. The
    /// flag says whether these are all.
    pub(crate) fn context_files(&mut self, stage: StageId) -> (Vec<(String, ProjectPath)>, bool) {
        let (mut files, mut complete) = (Vec::new(), true);
        let model = self.model;
        for step in &model.stage(stage).steps {
            let StepKind::Transfer(transfer) = &step.kind else { continue };
            if transfer.from != Source::Context {
                continue;
            }
            let Some(copies) = self.copies(step.instruction, transfer) else {
                complete = false;
                continue;
            };
            let (listed, all) = copies.files();
            complete &= all && copies.is_complete();
            files
                .extend(listed.into_iter().filter(|(_, c)| c.kind == Kind::File).map(|(to, c)| (to, c.from)));
        }
        (files, complete)
    }
}

/// The paths of the source stage that a `COPY --from` could have brought to `path`.
fn origins(transfer: &Transfer, path: &str) -> Vec<String> {
    let Some(dest) = transfer.dest.as_deref() else { return Vec::new() };
    let mut found = Vec::new();
    for source in transfer.sources.iter().flatten() {
        let source = source.trim_end_matches('/');
        if path == dest {
            found.push(source.to_owned());
        }
        let below = path.strip_prefix(dest.trim_end_matches('/')).and_then(|r| r.strip_prefix('/'));
        if let Some(below) = below {
            let name = source.rsplit('/').next().unwrap_or(source);
            if below == name {
                found.push(source.to_owned());
            }
            found.push(format!("{source}/{below}"));
        }
    }
    found
}
