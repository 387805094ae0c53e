//! Which files of the build context are in an image, or are what its files were built from.
//!
//! A stage that runs programs may have made anything from everything it had; of one that only copies and installs,
//! what is taken says which files count.

use std::collections::BTreeSet;

use super::image_files::ImageFiles;
use super::{EffectKind, Source, StageId, Step, StepKind, Transfer};
use crate::project::ProjectPath;

/// Stages, each with the paths that are taken of it, that are followed.
const MAX_STAGES: usize = 256;

/// Files of the build context.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shipped {
    files: BTreeSet<ProjectPath>,
    /// Folders that a RUN mounts whole.
    mounted: BTreeSet<ProjectPath>,
    /// Whether these are all: false where a COPY could not be resolved, or holds too many files to list.
    pub(crate) complete: bool,
}

/// What is taken of a stage: everything, or what lies at and below some paths.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Taken {
    Everything,
    Below(Vec<String>),
}

impl Shipped {
    /// Everything below a folder.
    pub(crate) fn whole(folder: &ProjectPath) -> Self {
        Self { files: BTreeSet::new(), mounted: BTreeSet::from([folder.clone()]), complete: true }
    }

    /// Whether `path` is one of them, or may be.
    pub(crate) fn holds(&self, path: &ProjectPath) -> bool {
        !self.complete || self.files.contains(path) || self.mounted.iter().any(|m| path.is_within(m))
    }

    /// The folders they are in, without those that lie in another one.
    pub(crate) fn folders(&self) -> Vec<ProjectPath> {
        let all: BTreeSet<ProjectPath> =
            self.files.iter().filter_map(ProjectPath::parent).chain(self.mounted.iter().cloned()).collect();
        let inside =
            |folder: &ProjectPath| all.iter().any(|other| other != folder && folder.is_within(other));
        all.iter().filter(|folder| !inside(folder)).cloned().collect()
    }
}

impl ImageFiles<'_> {
    /// The context's files behind this stage's image.
    pub(crate) fn shipped(&mut self) -> Shipped {
        let mut shipped = Shipped { files: BTreeSet::new(), mounted: BTreeSet::new(), complete: true };
        let mut open = vec![(self.stage(), Taken::Everything)];
        let mut seen = BTreeSet::new();
        while let Some((stage, taken)) = open.pop() {
            if seen.len() >= MAX_STAGES {
                shipped.complete = false;
                break;
            }
            if seen.insert((stage, taken.clone())) {
                open.extend(self.shipped_of(stage, &taken, &mut shipped));
            }
        }
        shipped
    }

    /// Adds what one stage, and those it is built from, contribute; gives what they take of other stages.
    fn shipped_of(&mut self, stage: StageId, taken: &Taken, shipped: &mut Shipped) -> Vec<(StageId, Taken)> {
        let model = self.model();
        let lineage: Vec<StageId> = model.lineage(stage).iter().map(|s| s.id).collect();
        let mut listed = Vec::new();
        for id in &lineage {
            let (files, complete) = self.context_files(*id);
            shipped.complete &= complete;
            listed.extend(files);
        }
        let steps: Vec<&Step> = lineage.iter().flat_map(|id| &model.stage(*id).steps).collect();
        let transfers: Vec<&Transfer> = steps
            .iter()
            .filter_map(|s| match &s.kind {
                StepKind::Transfer(t) => Some(t),
                _ => None,
            })
            .collect();
        let met = |path: &String| {
            listed.iter().any(|(to, _)| is_below(to, path))
                || transfers.iter().any(|t| t.from != Source::Context && meets(t, path))
                || path.rsplit('/').next() == Some("node_modules")
        };
        let paths = match taken {
            Taken::Below(paths) if !steps.iter().any(|s| builds(s)) && paths.iter().all(met) => Some(paths),
            _ => None,
        };
        let counts = |to: &str| paths.is_none_or(|paths| paths.iter().any(|path| is_below(to, path)));
        shipped.files.extend(listed.into_iter().filter(|(to, _)| counts(to)).map(|(_, from)| from));
        if paths.is_none() {
            for id in &lineage {
                shipped.mounted.extend(self.mounted_folders(*id));
            }
        }
        let mut open = Vec::new();
        for transfer in transfers {
            let Source::Stage(from) = transfer.from else { continue };
            if paths.is_none_or(|paths| paths.iter().any(|path| meets(transfer, path))) {
                open.push((from, taken_by(transfer)));
            }
        }
        if paths.is_none() {
            let mounted = steps.iter().flat_map(|s| match &s.kind {
                StepKind::Run(run) => run.mounts_from.as_slice(),
                _ => &[],
            });
            open.extend(mounted.filter_map(|source| match source {
                Source::Stage(from) => Some((*from, Taken::Everything)),
                _ => None,
            }));
        }
        open
    }

    /// Folders of the context that RUN instructions of a stage mount.
    fn mounted_folders(&self, stage: StageId) -> Vec<ProjectPath> {
        let model = self.model();
        let Some(context) = self.context() else { return Vec::new() };
        let runs = model.stage(stage).steps.iter().filter(|s| matches!(s.kind, StepKind::Run(_)));
        let flags = runs.flat_map(|s| &model.instruction(s).flags);
        let mut found = Vec::new();
        for value in flags.filter(|f| f.name.text() == "mount").filter_map(|f| f.value.as_ref()) {
            let mut fields = value.text().split(',').filter_map(|field| field.split_once('='));
            // A mount of no type is a bind mount.
            let (mut bind, mut elsewhere, mut source) = (true, false, ".");
            for (name, value) in fields.by_ref() {
                match name {
                    "type" => bind = value == "bind",
                    "from" => elsewhere = true,
                    "source" | "src" => source = value,
                    _ => {}
                }
            }
            if bind && !elsewhere {
                found.extend(context.root().join(source.trim_start_matches('/')).ok());
            }
        }
        found
    }
}

/// Whether a RUN may make files of others.
fn builds(step: &Step) -> bool {
    let StepKind::Run(run) = &step.kind else { return false };
    run.effects.iter().any(|e| {
        matches!(
            e.kind,
            EffectKind::Spawn { .. }
                | EffectKind::Unknown { .. }
                | EffectKind::Copy { .. }
                | EffectKind::Move { .. }
                | EffectKind::Link { .. }
        )
    })
}

fn taken_by(transfer: &Transfer) -> Taken {
    let known: Option<Vec<String>> = transfer.sources.iter().cloned().collect();
    match known {
        Some(paths) if paths.iter().all(|p| !p.contains(['*', '?', '['])) => {
            Taken::Below(paths.iter().map(|p| super::absolute("/", p)).collect())
        }
        _ => Taken::Everything,
    }
}

/// Whether `path` is `folder` or lies in it.
fn is_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a COPY may have put something at or below `path`, or a folder around it.
fn meets(transfer: &Transfer, path: &str) -> bool {
    transfer.dest.as_deref().is_none_or(|dest| {
        let dest = if dest == "/" { "" } else { dest.trim_end_matches('/') };
        is_below(dest, path) || is_below(path, dest)
    })
}
