//! The image's file system as dynamic loaders see it.

use std::cell::OnceCell;
use std::collections::HashMap;

use barehull_image::elf::ElfFacts;
use barehull_image::loader::Root;
use barehull_image::{Entry, Tree};

/// The file system of an image, with an index of names that is made when something is missing.
pub(super) struct TreeRoot<'a> {
    tree: &'a Tree,
    by_name: OnceCell<HashMap<&'a str, &'a str>>,
}

impl<'a> TreeRoot<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, by_name: OnceCell::new() }
    }
}

impl Root for TreeRoot<'_> {
    fn real(&self, path: &str) -> Option<String> {
        self.tree.resolve(path).ok().map(|entry| entry.path.to_string())
    }

    fn elf(&self, real: &str) -> Option<&ElfFacts> {
        self.tree.get(real).and_then(Entry::elf)
    }

    fn contents(&self, path: &str) -> Option<&[u8]> {
        self.tree.resolve(path).ok().and_then(Entry::text)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(folder) = self.tree.resolve(folder) else { return Vec::new() };
        self.tree.children(&folder.path).map(|entry| entry.name().to_owned()).collect()
    }

    fn somewhere(&self, name: &str) -> Option<String> {
        let index = self.by_name.get_or_init(|| {
            let libraries = self.tree.iter().filter(|entry| !entry.is_dir() && entry.name().contains(".so"));
            // The first of a name counts, so the last insertion must be the first path.
            let mut named: Vec<(&str, &str)> = libraries.map(|entry| (entry.name(), &*entry.path)).collect();
            named.reverse();
            named.into_iter().collect()
        });
        index.get(name).map(|path| (*path).to_owned())
    }
}
