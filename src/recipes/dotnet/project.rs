//! The project that is published: its settings, the folders of its sources, where its output lies.

use std::collections::BTreeSet;

use barehull_syntax::{Location, Span};

use super::super::RecipeCx;
use crate::evidence::{Evidence, database_file};
use crate::model::{Effect, EffectKind, Stage, StageId, StepKind, absolute};
use crate::project::manifests::DotnetProject;
use crate::project::{BuildContext, ProjectPath};

/// Project files that references are followed through.
const MAX_PROJECTS: usize = 200;
/// Bytes of a file of settings.
const MAX_SETTINGS_BYTES: u64 = 1 << 20;

/// What is known of the program.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// What its project file says.
    pub settings: DotnetProject,
    /// Folders of its project and of those it refers to; none where that is not known: then all sources count.
    folders: BTreeSet<ProjectPath>,
}

impl Program {
    /// The program called `name` (`Shop.Api`), as the context's project files describe it.
    pub fn of(cx: &RecipeCx<'_>, name: &str) -> Self {
        let mut files = cx.files.borrow_mut();
        let Some(context) = files.context() else { return Self::default() };
        let stages: Vec<StageId> = cx.model.behind(cx.stage.id).into_iter().collect();
        let listed = stages.into_iter().flat_map(|id| files.context_files(id).0);
        let paths: BTreeSet<ProjectPath> =
            listed.map(|(_, path)| path).filter(|p| DotnetProject::is_one(p.file_name())).collect();
        let stem =
            |p: &ProjectPath| p.file_name().rsplit_once('.').map_or(String::new(), |(s, _)| s.to_owned());
        let named = paths.iter().find(|p| stem(p).eq_ignore_ascii_case(name));
        let Some(entry) = named.or(paths.first().filter(|_| paths.len() == 1)) else {
            return Self::default();
        };
        let read = |path: &ProjectPath| DotnetProject::read(context, path).ok().flatten().unwrap_or_default();
        let mut settings = read(entry);
        let mut folder = Some(entry.folder());
        while let Some(at) = folder {
            let Ok(outer) = at.join("Directory.Build.props") else { break };
            if context.exists(&outer) == Some(true) {
                settings = settings.within(read(&outer));
                break;
            }
            folder = at.parent().filter(|_| at != ProjectPath::root());
        }
        Self { settings, folders: folders(context, entry) }
    }

    /// Whether a source at `place` is one of the program's.
    pub fn holds(&self, cx: &RecipeCx<'_>, place: Location) -> bool {
        let path = cx.files.borrow().path_of(place.file);
        let Ok(path) = ProjectPath::new(&path) else { return true };
        self.covers(&path)
    }

    /// Databases in files that the program's settings name, each with its place.
    pub fn databases(&self, cx: &RecipeCx<'_>) -> Vec<(String, Location)> {
        let mut files = cx.files.borrow_mut();
        let Some(context) = files.context() else { return Vec::new() };
        let stages: Vec<StageId> = cx.model.behind(cx.stage.id).into_iter().collect();
        let listed: BTreeSet<ProjectPath> =
            stages.into_iter().flat_map(|id| files.context_files(id).0).map(|(_, path)| path).collect();
        let is_settings = |p: &&ProjectPath| {
            p.file_name().starts_with("appsettings") && p.extension() == Some("json") && self.covers(p)
        };
        let mut found = Vec::new();
        for path in listed.iter().filter(is_settings).take(MAX_PROJECTS) {
            let Ok(bytes) = context.read_up_to(path, MAX_SETTINGS_BYTES) else { continue };
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            let mut start = 0;
            for piece in text.split('"') {
                if let Some(database) = database_file(piece) {
                    let span = Span::new(start, start + piece.len() as u32);
                    found.push((database.to_owned(), Location::new(files.add(path, &bytes), span)));
                }
                start += piece.len() as u32 + 1;
            }
        }
        found
    }

    fn covers(&self, path: &ProjectPath) -> bool {
        self.folders.is_empty() || self.folders.iter().any(|folder| path.is_within(folder))
    }

    /// The evidence less what only other programs of the context show.
    pub fn evidence(&self, cx: &RecipeCx<'_>, all: Evidence) -> Evidence {
        let mut own = all;
        own.spawns.retain(|s| self.holds(cx, s.place));
        own.writes.retain(|w| self.holds(cx, w.place));
        own
    }
}

/// The folders of the projects that `entry` consists of.
fn folders(context: &BuildContext, entry: &ProjectPath) -> BTreeSet<ProjectPath> {
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<ProjectPath> = BTreeSet::new();
    let mut open = vec![entry.clone()];
    while let Some(path) = open.pop() {
        if seen.len() == MAX_PROJECTS || !seen.insert(path.clone()) {
            continue;
        }
        let Some(folder) = path.parent() else { return BTreeSet::new() };
        found.insert(folder.clone());
        let references = DotnetProject::references(context, &path);
        open.extend(references.iter().filter_map(|r| folder.join(r).ok()));
    }
    // A project at the top holds everything.
    if found.contains(&ProjectPath::root()) { BTreeSet::new() } else { found }
}

/// Where `dotnet publish` of a stage puts its output, absolute.
pub(super) fn outputs(stage: &Stage) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in &stage.steps {
        let StepKind::Run(run) = &step.kind else { continue };
        for effect in &run.effects {
            let Some(args) = published(effect) else { continue };
            let mut args = args.iter();
            while let Some(arg) = args.next() {
                let value = match arg.as_deref() {
                    Some("-o" | "--output") => args.next().and_then(|v| v.as_deref()),
                    Some(arg) => arg.strip_prefix("--output=").or(arg.strip_prefix("-o=")),
                    None => None,
                };
                found.extend(value.map(|v| absolute(&step.workdir, v.trim_end_matches('/'))));
            }
        }
    }
    found
}

/// The arguments of a `dotnet publish`.
pub(super) fn published(effect: &Effect) -> Option<&[Option<String>]> {
    match &effect.kind {
        EffectKind::Spawn { program, args }
            if program.ends_with("dotnet")
                && args.first().is_some_and(|a| a.as_deref() == Some("publish")) =>
        {
            Some(args)
        }
        _ => None,
    }
}
