//! Where each of the two loaders looks for a library, in which order.

use super::cache::Cache;
use super::{Loader, Root};
use crate::elf::{ElfFacts, Machine};

/// The loader that starts a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// GNU's.
    Glibc {
        /// The folders that it was built with.
        default_folders: Vec<String>,
    },
    /// musl's.
    Musl {
        /// The word for the processor in its path file's name.
        machine: Option<&'static str>,
    },
}

impl Flavour {
    /// By the interpreter's real path and facts.
    pub(super) fn of(real: &str, facts: &ElfFacts) -> Self {
        let name = real.rsplit('/').next().unwrap_or(real);
        // musl's loader and its libc are one file, which some distributions call by the latter's name.
        let is_musl = name.starts_with("ld-musl-")
            || facts.soname.as_deref().is_some_and(|s| s.starts_with("libc.musl-"));
        if is_musl {
            return Self::Musl { machine: facts.machine.musl_name() };
        }
        let own = &facts.default_folders;
        let default_folders = if own.is_empty() { usual_folders(facts.machine) } else { own.clone() };
        Self::Glibc { default_folders }
    }

    /// Whether musl's loader takes the name for itself (`ldso/dynlink.c`, `load_library`).
    pub(super) fn is_loader_itself(&self, name: &str) -> bool {
        let reserved = ["c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."];
        matches!(self, Self::Musl { .. })
            && name.strip_prefix("lib").is_some_and(|rest| reserved.iter().any(|r| rest.starts_with(r)))
    }
}

/// Where glibc looks when nobody knows what it was built with.
pub(super) fn usual_folders(machine: Machine) -> Vec<String> {
    let multiarch = machine.triplets().iter().flat_map(|t| [format!("/lib/{t}"), format!("/usr/lib/{t}")]);
    let plain = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(str::to_owned);
    multiarch.chain(plain).collect()
}

/// Who asks for a library: the run paths that count for it, `$ORIGIN` and its kin replaced.
#[derive(Clone, Debug, Default)]
pub(super) struct RunPaths {
    /// Searched before `LD_LIBRARY_PATH`: `DT_RPATH` of the file and of those that loaded it.
    pub(super) before: Vec<String>,
    /// Searched after it: `DT_RUNPATH` of the file.
    pub(super) after: Vec<String>,
}

/// The folders of `list` for a file in `origin`.
pub(super) fn expanded(list: &[String], origin: &str, machine: Machine) -> Vec<String> {
    let mut folders = Vec::new();
    for folder in list {
        let folder = replaced(folder, "ORIGIN", origin);
        let folder = replaced(&folder, "PLATFORM", machine.platform().unwrap_or("unknown"));
        // What `$LIB` is depends on the distribution, and a folder that does not exist does no harm.
        if folder.contains("$LIB") || folder.contains("${LIB}") {
            let multiarch = machine.triplets().iter().map(|triplet| format!("lib/{triplet}"));
            let plain = [machine.lib_folder(), "lib"].map(str::to_owned);
            folders.extend(multiarch.chain(plain).map(|lib| replaced(&folder, "LIB", &lib)));
        } else {
            folders.push(folder);
        }
    }
    folders.retain(|folder| folder.starts_with('/'));
    folders
}

fn replaced(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
}

/// What a search gave.
pub(super) enum Found {
    /// The path that is opened, and the file behind the links.
    At(String, String),
    /// Nothing, or only files for this processor.
    Nothing(Option<Machine>),
}

impl<R: Root> Loader<'_, R> {
    /// Looks for the library `name` as `flavour` does, for a process on `machine`.
    pub(super) fn search(
        &self,
        flavour: &Flavour,
        name: &str,
        machine: Machine,
        paths: &RunPaths,
        defaults: bool,
    ) -> Found {
        let mut other = None;
        for path in self.candidates(flavour, name, paths, defaults) {
            let Some(real) = self.root.real(&path) else { continue };
            match self.root.elf(&real) {
                Some(facts) if facts.machine == machine => return Found::At(path, real),
                Some(facts) => other = other.or(Some(facts.machine)),
                None => {}
            }
        }
        Found::Nothing(other)
    }

    fn candidates(&self, flavour: &Flavour, name: &str, paths: &RunPaths, defaults: bool) -> Vec<String> {
        if name.contains('/') {
            return vec![name.to_owned()];
        }
        let in_folders = |folders: &[String]| -> Vec<String> {
            folders.iter().map(|folder| format!("{}/{name}", folder.trim_end_matches('/'))).collect()
        };
        match flavour {
            Flavour::Musl { machine } => {
                let folders =
                    [&self.library_path, &paths.before, &paths.after].map(|list| in_folders(list)).concat();
                folders.into_iter().chain(in_folders(&self.musl_folders(*machine))).collect()
            }
            Flavour::Glibc { default_folders } => {
                let mut all = Vec::new();
                for folders in [&paths.before, &self.library_path, &paths.after] {
                    all.extend(self.with_hardware_folders(folders, name));
                }
                match self.cache() {
                    Cache::Read(cache) => all.extend(cache.get(name).into_iter().flatten().cloned()),
                    // What a cache would say that is not understood.
                    Cache::Unknown => all.extend(in_folders(self.configured())),
                    Cache::Absent => {}
                }
                if defaults {
                    all.extend(self.with_hardware_folders(default_folders, name));
                }
                all
            }
        }
    }

    /// The paths of `name` in each folder and in its subfolders for newer processors. The plain one comes first: it
    /// is the one that every machine can take.
    fn with_hardware_folders(&self, folders: &[String], name: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for folder in folders {
            let folder = folder.trim_end_matches('/');
            paths.push(format!("{folder}/{name}"));
            let newer = format!("{folder}/glibc-hwcaps");
            paths.extend(self.root.names(&newer).into_iter().map(|level| format!("{newer}/{level}/{name}")));
        }
        paths
    }

    /// `/etc/ld-musl-<machine>.path`, or what is built in.
    fn musl_folders(&self, machine: Option<&str>) -> Vec<String> {
        let file = machine.and_then(|word| self.root.contents(&format!("/etc/ld-musl-{word}.path")));
        match file {
            Some(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                text.split([':', '\n'])
                    .map(str::trim)
                    .filter(|f| f.starts_with('/'))
                    .map(str::to_owned)
                    .collect()
            }
            None => ["/lib", "/usr/local/lib", "/usr/lib"].map(str::to_owned).to_vec(),
        }
    }
}
