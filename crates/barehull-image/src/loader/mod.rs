//! Which libraries a dynamic loader would find for a program, and which not.
//!
//! The rules are those of glibc's `ld.so(8)` and of musl's `ldso/dynlink.c`: two loaders that look in different places,
//! for the same names. Nothing is executed; what a program loads later by `dlopen` is not known.

mod cache;
mod closure;
mod problem;
mod search;

#[cfg(test)]
mod tests;

pub use problem::Problem;

use std::cell::OnceCell;

use self::cache::Cache;
use crate::elf::ElfFacts;

/// What a loader sees of an image.
pub trait Root {
    /// The path behind all links, if anything is there.
    fn real(&self, path: &str) -> Option<String>;
    /// The facts of the ELF file at a path without links; `None` if there is no regular file or it is no ELF file.
    fn elf(&self, real: &str) -> Option<&ElfFacts>;
    /// The contents of a small file, links followed.
    fn contents(&self, path: &str) -> Option<&[u8]>;
    /// The names in a folder, sorted.
    fn names(&self, folder: &str) -> Vec<String>;
    /// The first path, links included, whose last part is `name`.
    fn somewhere(&self, name: &str) -> Option<String>;
}

/// A library that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// As the one who needs it calls it.
    pub name: String,
    /// Where the loader opens it.
    pub path: String,
    /// The file behind the links.
    pub real: String,
    /// The real path of the file that needs it.
    pub needed_by: String,
}

/// What a program brings into its process when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// The dynamic loader's real path.
    pub interpreter: Option<String>,
    /// Libraries in the order in which they are loaded.
    pub libraries: Vec<Library>,
    /// Why it will not start.
    pub problems: Vec<Problem>,
}

/// The loaders of an image, with what they read once.
pub struct Loader<'a, R> {
    root: &'a R,
    /// Folders of `LD_LIBRARY_PATH`.
    library_path: Vec<String>,
    cache: OnceCell<Cache>,
    configured: OnceCell<Vec<String>>,
}

impl<'a, R: Root> Loader<'a, R> {
    /// The loaders of the image at `root`, in an environment with this `LD_LIBRARY_PATH`.
    pub fn new(root: &'a R, library_path: &str) -> Self {
        let folders = library_path.split([':', ';']).filter(|folder| folder.starts_with('/'));
        Self {
            root,
            library_path: folders.map(str::to_owned).collect(),
            cache: OnceCell::new(),
            configured: OnceCell::new(),
        }
    }

    /// What the ELF file at `real` (a path without links) brings into its process. A library is looked at as if a
    /// program without run paths had loaded it.
    pub fn closure(&self, real: &str) -> Closure {
        closure::of(self, real)
    }

    fn cache(&self) -> &Cache {
        self.cache.get_or_init(|| Cache::read(self.root))
    }

    /// The folders that `/etc/ld.so.conf` lists: where `ldconfig` would look.
    fn configured(&self) -> &[String] {
        self.configured.get_or_init(|| cache::configured_folders(self.root))
    }
}
