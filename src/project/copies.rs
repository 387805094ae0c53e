//! What a COPY or ADD brought: forwards, and from a path of the image back to the context.

use std::collections::BTreeMap;

use super::context::{Descend, Unseen};
use super::dockerignore::State;
use super::go_path::clean;
use super::{BuildContext, Kind, Patterns, ProjectPath};

/// Entries looked at for one listing of what is copied.
const MAX_LISTED: usize = 100_000;

/// What a COPY or ADD brings: enough to tell where any file of the image came from without listing them all.
#[derive(Clone, Debug)]
pub struct Copies {
    pub(super) context: BuildContext,
    pub(super) mappings: Vec<Mapping>,
    pub(super) gaps: Vec<Gap>,
}

/// One file, or all that is in one folder.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Which source it comes from, 0-based.
    pub source: usize,
    /// The file or folder, links followed.
    pub from: ProjectPath,
    /// Whether it is a folder, whose entries land in `to`.
    pub is_folder: bool,
    /// Absolute path in the image.
    pub to: String,
    /// Whether `to` is a guess: it would be a file in a folder of that name, were there one in the image.
    pub assumed: bool,
    /// With `--parents`: what of the folder is taken.
    pub(super) only: Option<Patterns>,
    /// `--exclude`.
    pub(super) except: Patterns,
}

/// Something that is brought and not listed, or should have been brought and was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// There is no context to look in.
    NoContext,
    /// The builder would not find this source, or is kept from it. (It may be made before the build.)
    Missing {
        /// Which source, 0-based.
        source: usize,
        /// Why.
        why: Unseen,
    },
    /// A pattern that matches nothing; the builder then copies nothing.
    NoMatch {
        /// Which source, 0-based.
        source: usize,
    },
    /// An address: what is there is not known.
    Remote {
        /// Which source, 0-based.
        source: usize,
    },
    /// An archive that ADD unpacks.
    Archive {
        /// Which source, 0-based.
        source: usize,
        /// The archive.
        path: ProjectPath,
    },
    /// The builder refuses the pattern.
    BadPattern {
        /// Which source, 0-based; absent for `--exclude`.
        source: Option<usize>,
    },
    /// More than is looked at.
    TooMuch,
}

/// One entry of an image that comes from the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The file or link in the context.
    pub from: ProjectPath,
    /// A file, or a link that is copied as one.
    pub kind: Kind,
}

impl Copies {
    /// What was found, in the order it is copied.
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// What was not.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Whether everything that is brought is known.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Where in the context the file or folder at the absolute `path` of the image comes from, links followed.
    /// Nothing if it was not brought by this.
    pub fn source_of(&self, path: &str) -> Option<ProjectPath> {
        let path = clean(path);
        // What was copied last lies on top.
        self.mappings.iter().rev().find_map(|mapping| {
            let rest = below_folder(&path, &mapping.to)?;
            if !mapping.is_folder || rest.is_empty() {
                return (rest.is_empty()).then(|| mapping.from.clone());
            }
            if mapping.except.matches(rest) || mapping.only.as_ref().is_some_and(|only| !only.matches(rest)) {
                return None;
            }
            self.context.find(&mapping.from.join(rest).ok()?).ok()
        })
    }

    /// Every file (and link) that is brought, by its absolute path in the image, and whether these are all.
    pub fn files(&self) -> (BTreeMap<String, Copied>, bool) {
        let mut found = BTreeMap::new();
        let mut complete = self.is_complete();
        for mapping in &self.mappings {
            if mapping.is_folder {
                complete &= self.files_of(mapping, &mut found);
            } else {
                found.insert(mapping.to.clone(), Copied { from: mapping.from.clone(), kind: Kind::File });
            }
        }
        (found, complete)
    }

    fn files_of(&self, mapping: &Mapping, found: &mut BTreeMap<String, Copied>) -> bool {
        // What the patterns said of the folders above the one being read: they are read in order, each after the
        // folder it is in.
        let mut states: BTreeMap<ProjectPath, (State, State)> = BTreeMap::new();
        self.context.walk(&mapping.from, MAX_LISTED, |step| {
            let rest = step.path.below(&mapping.from).unwrap_or_default();
            let (mut except, mut only) = states.get(&step.path.folder()).cloned().unwrap_or_default();
            let excluded = mapping.except.enter(&mut except, rest);
            let included = mapping.only.as_ref().is_none_or(|patterns| patterns.enter(&mut only, rest));
            if step.kind == Kind::Folder {
                let barren = excluded && !mapping.except.has_exceptions();
                states.insert(step.path.clone(), (except, only));
                return if barren { Descend::Over } else { Descend::Into };
            }
            if included && !excluded && !step.ignored && step.kind != Kind::Other {
                let copied = Copied { from: step.path.clone(), kind: step.kind };
                found.insert(below(&mapping.to, rest), copied);
            }
            Descend::Over
        })
    }
}

pub(super) fn below(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// What remains of `path` below `folder`, both absolute and cleaned.
pub(super) fn below_folder<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
