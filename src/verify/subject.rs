//! What every check looks at.

use std::borrow::Cow;

use barehull_catalog::Catalog;
use barehull_image::loader::{Loader, Root as _};
use barehull_image::{Entry, Image, ImageConfig, Kind, Tree};

use super::permissions::Identity;
use super::root::TreeRoot;
use crate::finding::{Finding, Place};
use crate::rules::RuleMeta;

/// Characters of a history line that are shown.
const CREATED_BY: usize = 160;
/// Names that a message lists.
const NAMES: usize = 3;

/// The image, how it is started, and what is known of tools.
pub(super) struct Subject<'a> {
    pub(super) image: &'a Image,
    pub(super) tree: &'a Tree,
    pub(super) config: &'a ImageConfig,
    pub(super) catalog: &'a Catalog,
    /// Whom the process runs as; `None`: a user that the image does not know.
    pub(super) identity: Option<Identity>,
    root: &'a TreeRoot<'a>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(image: &'a Image, catalog: &'a Catalog, root: &'a TreeRoot<'a>) -> Self {
        let config = &image.config;
        let identity = Identity::of(&image.tree, &config.user);
        Self { image, tree: &image.tree, config, catalog, identity, root }
    }

    /// The dynamic loaders, in the image's own environment.
    pub(super) fn loader(&self) -> Loader<'_, TreeRoot<'a>> {
        Loader::new(self.root, self.config.variable("LD_LIBRARY_PATH").unwrap_or_default())
    }

    /// The folder in which the process starts.
    pub(super) fn workdir(&self) -> &str {
        if self.config.working_dir.is_empty() { "/" } else { &self.config.working_dir }
    }

    /// Whether there is a file with something in it, or one may be mounted.
    pub(super) fn has_file(&self, path: &str) -> bool {
        let is_there = |entry: &Entry| entry.kind == Kind::File && entry.size > 0;
        self.is_volume(path) || self.tree.resolve(path).is_ok_and(is_there)
    }

    /// Whether there is a library of that name, wherever it lies.
    pub(super) fn has_library(&self, name: &str) -> bool {
        self.root.somewhere(name).is_some()
    }

    /// Whether something may be mounted there when a container starts.
    pub(super) fn is_volume(&self, path: &str) -> bool {
        self.config.volumes.iter().any(|volume| {
            let volume = volume.trim_end_matches('/');
            path.strip_prefix(volume).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// A finding at an entry, with what made its layer as evidence.
    pub(super) fn at(&self, rule: &'static RuleMeta, entry: &Entry, message: impl Into<String>) -> Finding {
        self.with_layer(Finding::new(rule, place(entry), message), entry.layer, &entry.path)
    }

    /// Says what made the layer, where the image's history does.
    pub(super) fn with_layer(&self, finding: Finding, layer: u32, path: &str) -> Finding {
        match self.created_by(layer) {
            Some(step) => {
                let place = Place::Image { layer, path: path.to_owned() };
                finding.label(place, format!("brought by `{step}`"))
            }
            None => finding,
        }
    }

    /// What made a layer, in one line.
    pub(super) fn created_by(&self, layer: u32) -> Option<String> {
        let layer = self.image.layers.get(layer as usize)?;
        let step = step_in_words(&layer.created_by);
        (!step.is_empty()).then(|| step.into_owned())
    }
}

/// The paths of files, as a message lists them.
pub(super) fn listed(files: &[&Entry]) -> String {
    let names: Vec<&str> = files.iter().take(NAMES).map(|entry| &*entry.path).collect();
    match files.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Where an entry lies.
pub(super) fn place(entry: &Entry) -> Place {
    Place::Image { layer: entry.layer, path: entry.path.to_string() }
}

/// A history line as its author wrote it: builders put their own words around it.
pub(super) fn step_in_words(created_by: &str) -> Cow<'_, str> {
    let text = created_by.trim().trim_end_matches("# buildkit").trim_end();
    let text = match text.strip_prefix("/bin/sh -c #(nop)") {
        Some(instruction) => Cow::Borrowed(instruction.trim_start()),
        None => match text.strip_prefix("RUN /bin/sh -c ").or_else(|| text.strip_prefix("/bin/sh -c ")) {
            Some(command) => Cow::Owned(format!("RUN {command}")),
            None => Cow::Borrowed(text),
        },
    };
    match text.char_indices().nth(CREATED_BY) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => text,
    }
}
