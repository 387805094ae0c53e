//! Layers put one over the other.

use crate::note::{NoteKind, Notes};
use crate::tree::{ByPath, Entry, Kind, Shadowed, Tree};
use crate::wanted::{self, Wanted};
use crate::{Content, Limits, Package, ReadError, path};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The mark of what a layer removes.
const WHITEOUT: &str = ".wh.";
/// Removes all that lower layers have in the folder.
const OPAQUE: &str = ".wh..wh..opq";
/// Other names of this form are AUFS' own.
const AUFS: &str = ".wh..wh.";

/// A tree that layers are added to, lowest first.
#[derive(Debug)]
pub(crate) struct Merge {
    tree: Tree,
    layer: u32,
    /// Members read and folders implied so far.
    entries: u64,
    /// Bytes of their names.
    name_bytes: u64,
    /// Steps through links that are left.
    link_steps: usize,
    limits: Limits,
    /// The folder named last, and where it really is.
    last_folder: Option<(String, String)>,
    /// Folders from which all that lower layers have was removed already.
    cleared: HashSet<String>,
    pub(crate) notes: Notes,
    /// Bytes of texts that are kept no longer.
    pub(crate) freed: u64,
    /// Further names of files: the name that each had first, and the layer that made the link.
    links: BTreeMap<Box<str>, (Box<str>, u32)>,
}

/// Where a member goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Here, behind all links.
    At(String),
    /// Nowhere: it was a whiteout, or is of no use.
    Nowhere,
}

impl Merge {
    pub(crate) fn new(limits: &Limits) -> Self {
        let mut tree = Tree::default();
        tree.entries.insert(ByPath(folder("/".into(), 0)));
        Self {
            tree,
            layer: 0,
            entries: 0,
            name_bytes: 0,
            link_steps: limits.link_steps,
            limits: limits.clone(),
            last_folder: None,
            cleared: HashSet::new(),
            notes: Notes::default(),
            freed: 0,
            links: BTreeMap::new(),
        }
    }

    pub(crate) fn begin_layer(&mut self, index: u32) {
        self.layer = index;
        self.last_folder = None;
        self.cleared.clear();
    }

    pub(crate) fn layer(&self) -> u32 {
        self.layer
    }

    pub(crate) fn note(&mut self, kind: NoteKind, path: &str) {
        self.notes.add(kind, Some(self.layer), Some(path));
    }

    /// Where the member of this name goes; obeys it if it is a whiteout.
    pub(crate) fn place(&mut self, name: &str) -> Result<Place, ReadError> {
        self.count(name)?;
        let (named, outside) = path::normalize(name);
        if outside {
            self.note(NoteKind::OutsideName, name);
        }
        let Some((folder, last)) = path::split(&named) else { return Ok(Place::At(named)) };
        let folder = self.real_folder(folder)?;
        if last == OPAQUE {
            self.remove_lower(&folder);
        } else if last.starts_with(AUFS) {
        } else if let Some(removed) = last.strip_prefix(WHITEOUT) {
            if matches!(removed, "" | "." | "..") {
                self.note(NoteKind::InvalidWhiteout, name);
            } else {
                self.remove(&path::join(&folder, removed));
            }
        } else {
            return Ok(Place::At(path::join(&folder, last)));
        }
        Ok(Place::Nowhere)
    }

    /// Puts the entry where [`Merge::place`] said.
    pub(crate) fn put(&mut self, entry: Entry) {
        // The root is a folder, whatever an archive says.
        if &*entry.path == "/" && !entry.is_dir() {
            return;
        }
        let before = self.tree.entries.take(&*entry.path).map(|entry| entry.0);
        if let Some(before) = before {
            // A folder over a folder is the same folder with other permissions.
            if !(before.is_dir() && entry.is_dir()) {
                if before.is_dir() {
                    self.remove_below(&entry.path, u32::MAX);
                }
                if before.is_dir() != entry.is_dir() || entry.kind != Kind::File {
                    self.last_folder = None;
                }
                self.shadow(before, true);
            }
        }
        self.tree.entries.insert(ByPath(entry));
    }

    /// Puts a further name of the file that is called `target`.
    pub(crate) fn put_hard_link(&mut self, at: String, target: &str) -> Result<(), ReadError> {
        let (target, _) = path::normalize(target);
        let real = match path::split(&target) {
            Some((folder, name)) => path::join(&self.real_folder(folder)?, name),
            None => target,
        };
        match self.tree.get(&real) {
            // A link to itself changes nothing.
            Some(_) if real == at => {}
            Some(found) if !found.is_dir() => {
                let mut entry = found.clone();
                let first = self.links.get(&*real).filter(|_| entry.is_hard_link);
                let first = first.map_or_else(|| real.clone().into(), |(first, _)| first.clone());
                entry.path = at.as_str().into();
                entry.layer = self.layer;
                entry.is_hard_link = true;
                self.links.insert(at.into(), (first, self.layer));
                self.put(entry);
            }
            _ => self.note(NoteKind::DanglingHardLink, &at),
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> (Tree, Notes) {
        self.name_links_anew();
        (self.tree, self.notes)
    }

    /// Where the first name of a file is gone, or is another file's by now, one of its further names stands for it.
    fn name_links_anew(&mut self) {
        let mut named: HashSet<Box<str>> = HashSet::new();
        for (link, (first, layer)) in std::mem::take(&mut self.links) {
            let is_there = self.tree.get(&first).is_some_and(|entry| entry.layer <= layer && !entry.is_dir());
            let is_link =
                self.tree.get(&link).is_some_and(|entry| entry.is_hard_link && entry.layer == layer);
            if is_there || !is_link || !named.insert(first) {
                continue;
            }
            if let Some(ByPath(mut entry)) = self.tree.entries.take(&*link) {
                entry.is_hard_link = false;
                self.tree.entries.insert(ByPath(entry));
            }
        }
    }

    /// Counts an entry that comes in, and the bytes of its name.
    pub(crate) fn count(&mut self, name: &str) -> Result<(), ReadError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(over("the image", self.limits.entries, "entries"));
        }
        self.count_target(name)
    }

    /// Counts the bytes of a name or of a link's target.
    pub(crate) fn count_target(&mut self, name: &str) -> Result<(), ReadError> {
        self.name_bytes += name.len() as u64;
        if name.len() > self.limits.path_bytes {
            let start: String = name.chars().take(80).collect();
            return Err(over(&format!("the path {start}..."), self.limits.path_bytes as u64, "bytes"));
        }
        if self.name_bytes > self.limits.name_bytes {
            return Err(over("the image", self.limits.name_bytes, "bytes of names"));
        }
        Ok(())
    }

    /// Where a folder really is. Links that lower layers have on the way are followed, as container engines do when
    /// they unpack; what is missing is made, and what is no folder is replaced by one.
    fn real_folder(&mut self, named: &str) -> Result<String, ReadError> {
        if let Some((last, real)) = &self.last_folder
            && last == named
        {
            return Ok(real.clone());
        }
        // No link leads to an entry's own path, so a folder that is there is where it says.
        let mut known = named;
        while !self.tree.get(known).is_some_and(Entry::is_dir) {
            known = path::split(known).map_or("/", |(folder, _)| folder);
        }
        let mut at = known.to_owned();
        for name in named[known.len()..].split('/').filter(|name| !name.is_empty()) {
            let next = path::join(&at, name);
            let is_link = self.tree.get(&next).is_some_and(|entry| entry.link_target().is_some());
            // A link to nowhere, or a circle: what comes below it takes its place.
            let real = if is_link { self.follow(&next)?.unwrap_or(next) } else { next };
            at = self.folder_at(real)?;
        }
        self.last_folder = Some((named.to_owned(), at.clone()));
        Ok(at)
    }

    /// Where a link leads, if its folder is there.
    fn follow(&mut self, link: &str) -> Result<Option<String>, ReadError> {
        let real = self.tree.real_path_within(link, true, &mut self.link_steps);
        if self.link_steps == 0 {
            return Err(over("the image", self.limits.link_steps as u64, "steps through links"));
        }
        Ok(real.ok())
    }

    /// Makes sure that there is a folder at the path; the folder above it is there.
    fn folder_at(&mut self, path: String) -> Result<String, ReadError> {
        if !self.tree.get(&path).is_some_and(Entry::is_dir) {
            self.count(&path)?;
            self.put(folder(path.as_str().into(), self.layer));
        }
        Ok(path)
    }

    /// Removes what lower layers have at and below a path.
    fn remove(&mut self, path: &str) {
        let Some(entry) = self.tree.get(path) else { return };
        let is_lower = entry.layer < self.layer;
        if entry.is_dir() {
            self.remove_lower(path);
        }
        if is_lower
            && self.tree.below(path).next().is_none()
            && let Some(entry) = self.tree.entries.take(path)
        {
            self.last_folder = None;
            self.shadow(entry.0, false);
        }
    }

    /// Removes what lower layers have below a path.
    fn remove_lower(&mut self, folder: &str) {
        self.last_folder = None;
        // What comes in later is of this layer, so that once is enough.
        if self.cleared.insert(folder.to_owned()) {
            self.remove_below(folder, self.layer);
        }
    }

    /// Removes what layers below `layer` have below a folder, but no folder with something of an upper one in it.
    fn remove_below(&mut self, folder: &str, layer: u32) {
        let doomed: Vec<Box<str>> = self
            .tree
            .below(folder)
            .filter(|entry| entry.layer < layer)
            .map(|entry| entry.path.clone())
            .collect();
        // From the last: what lies in a folder comes after it.
        for path in doomed.iter().rev() {
            if self.tree.below(path).next().is_none()
                && let Some(entry) = self.tree.entries.take(&**path)
            {
                self.shadow(entry.0, false);
            }
        }
    }

    /// What an upper layer takes away is still in the image; what the same layer does, is not.
    fn shadow(&mut self, mut entry: Entry, replaced: bool) {
        // A secret is worth finding in any layer, a package database only in the last one, and it is large.
        // Hard links share it.
        let freed = match &entry.content {
            Content::Text(text) if wanted::by_path(&entry.path) == Some(Wanted::Database) => {
                Some((Arc::strong_count(text), text.0.len() as u64))
            }
            Content::Packages(list) => {
                Some((Arc::strong_count(list), list.iter().map(Package::weight).sum()))
            }
            _ => None,
        };
        if let Some((names, bytes)) = freed {
            if names == 1 {
                self.freed += bytes;
            }
            entry.content = Content::Other;
        }
        if entry.layer < self.layer && !entry.is_dir() {
            self.tree.shadowed.push(Shadowed { entry, by: self.layer, replaced });
        }
    }
}

fn over(name: &str, limit: u64, unit: &'static str) -> ReadError {
    ReadError::TooLarge { name: name.to_owned(), limit, unit }
}

/// A folder that nothing describes.
fn folder(path: Box<str>, layer: u32) -> Entry {
    Entry {
        path,
        kind: Kind::Dir,
        mode: 0o755,
        uid: 0,
        gid: 0,
        size: 0,
        layer,
        content: Content::Other,
        has_capability: false,
        is_hard_link: false,
    }
}
