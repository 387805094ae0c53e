//! From a program to everything that is loaded when it starts.

use std::collections::{BTreeSet, VecDeque};

use super::search::{Flavour, Found, RunPaths, expanded};
use super::{Closure, Library, Loader, Problem, Root};
use crate::elf::{ElfFacts, Kind, Machine};

/// Files that one program may load; the largest desktop programs load some hundreds.
const MAX_LIBRARIES: usize = 2048;

/// A file of the process.
struct Loaded<'a> {
    facts: &'a ElfFacts,
    /// Where it was opened.
    path: String,
    /// The file behind the links.
    real: String,
    /// What others may call it.
    names: Vec<String>,
    /// The file that asked for it.
    by: Option<usize>,
}

/// See [`Loader::closure`].
pub(super) fn of<R: Root>(loader: &Loader<'_, R>, real: &str) -> Closure {
    let Some(facts) = loader.root.elf(real) else {
        let problems = vec![Problem::Unreadable { path: real.to_owned() }];
        return Closure { problems, ..Closure::default() };
    };
    let mut process =
        Process { loader, loaded: Vec::new(), missing: BTreeSet::new(), closure: Closure::default() };
    let flavour = match &facts.interpreter {
        Some(interpreter) => match process.interpreter(interpreter, facts.machine) {
            Ok(flavour) => flavour,
            Err(problem) => {
                process.closure.problems.push(problem);
                return process.closure;
            }
        },
        None if facts.kind == Kind::Library => flavour_of_image(loader.root, facts.machine),
        None => return process.closure,
    };
    process.add(facts, real.to_owned(), real.to_owned(), None, None);
    process.load_all(&flavour, facts.machine);
    if matches!(flavour, Flavour::Glibc { .. }) {
        process.check_versions();
    }
    process.closure.problems.sort();
    process.closure.problems.dedup();
    process.closure
}

/// The loader that programs of this image are started by, for a library that names none.
fn flavour_of_image(root: &impl Root, machine: Machine) -> Flavour {
    let musl = machine.musl_name().map(|word| format!("/lib/ld-musl-{word}.so.1"));
    let real = musl.and_then(|path| root.real(&path)).or_else(|| root.real("/lib64/ld-linux-x86-64.so.2"));
    let found = real.and_then(|real| root.elf(&real).map(|facts| Flavour::of(&real, facts)));
    found.unwrap_or_else(|| Flavour::Glibc { default_folders: super::search::usual_folders(machine) })
}

struct Process<'a, 'b, R> {
    loader: &'b Loader<'a, R>,
    loaded: Vec<Loaded<'a>>,
    /// Names that were looked for in vain.
    missing: BTreeSet<String>,
    closure: Closure,
}

impl<'a, R: Root> Process<'a, '_, R> {
    /// Loads the program's interpreter, which counts as a library that is there already.
    fn interpreter(&mut self, path: &str, machine: Machine) -> Result<Flavour, Problem> {
        let root = self.loader.root;
        let Some(real) = root.real(path) else {
            return Err(Problem::NoInterpreter { interpreter: path.to_owned() });
        };
        let Some(facts) = root.elf(&real).filter(|facts| facts.machine == machine) else {
            return Err(Problem::BadInterpreter { interpreter: path.to_owned() });
        };
        self.closure.interpreter = Some(real.clone());
        let flavour = Flavour::of(&real, facts);
        self.add(facts, path.to_owned(), real, None, None);
        Ok(flavour)
    }

    fn add(
        &mut self,
        facts: &'a ElfFacts,
        path: String,
        real: String,
        name: Option<&str>,
        by: Option<usize>,
    ) {
        let names = facts.soname.iter().cloned().chain(name.map(str::to_owned)).collect();
        self.loaded.push(Loaded { facts, path, real, names, by });
    }

    /// Breadth first, as both loaders do.
    fn load_all(&mut self, flavour: &Flavour, machine: Machine) {
        let mut queue = VecDeque::from([self.loaded.len() - 1]);
        while let Some(at) = queue.pop_front() {
            let facts = self.loaded[at].facts;
            for name in &facts.needed {
                let known = self.loaded.iter().any(|l| l.names.iter().any(|n| n == name));
                let settled = known || self.missing.contains(name) || flavour.is_loader_itself(name);
                if settled || self.loaded.len() >= MAX_LIBRARIES {
                    continue;
                }
                if self.load(flavour, machine, name, at) {
                    queue.push_back(self.loaded.len() - 1);
                }
            }
        }
    }

    /// Loads one library; `false` if it is there already or cannot be found.
    fn load(&mut self, flavour: &Flavour, machine: Machine, name: &str, by: usize) -> bool {
        let paths = self.run_paths(flavour, by);
        let defaults = !self.loaded[by].facts.no_default_folders;
        let needed_by = self.loaded[by].real.clone();
        match self.loader.search(flavour, name, machine, &paths, defaults) {
            Found::At(path, real) => {
                if let Some(known) = self.loaded.iter_mut().find(|l| l.real == real) {
                    known.names.push(name.to_owned());
                    return false;
                }
                let Some(facts) = self.loader.root.elf(&real) else { return false };
                let library =
                    Library { name: name.to_owned(), path: path.clone(), real: real.clone(), needed_by };
                self.closure.libraries.push(library);
                self.add(facts, path, real, Some(name), Some(by));
                true
            }
            Found::Nothing(other) => {
                self.closure.problems.push(self.not_found(name, needed_by, machine, other));
                // Said once, whoever else needs it.
                self.missing.insert(name.to_owned());
                false
            }
        }
    }

    fn not_found(&self, name: &str, needed_by: String, machine: Machine, other: Option<Machine>) -> Problem {
        let last = name.rsplit('/').next().unwrap_or(name);
        let elsewhere = self.loader.root.somewhere(last).filter(|path| {
            let facts = self.loader.root.real(path).and_then(|real| self.loader.root.elf(&real));
            facts.is_some_and(|facts| facts.machine == machine)
        });
        let folder = elsewhere.as_deref().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
        let ldconfig_finds_it = folder
            .is_some_and(|folder| self.loader.configured().iter().any(|configured| configured == folder));
        Problem::NoLibrary {
            name: name.to_owned(),
            needed_by,
            elsewhere,
            ldconfig_finds_it,
            other_machine: other,
        }
    }

    /// The run paths that count when the file at `by` asks. glibc: its own `DT_RUNPATH`, else `DT_RPATH` of itself
    /// and of all that loaded it. musl: both of itself and of all that loaded it.
    fn run_paths(&self, flavour: &Flavour, by: usize) -> RunPaths {
        let own = self.loaded[by].facts;
        let musl = matches!(flavour, Flavour::Musl { .. });
        let mut paths = RunPaths::default();
        let mut next = Some(by).filter(|_| musl || own.runpath.is_none());
        while let Some(at) = next {
            let file = &self.loaded[at];
            let list = match &file.facts.runpath {
                Some(runpath) if musl => runpath.as_slice(),
                Some(_) => &[],
                None => &file.facts.rpath,
            };
            paths.before.extend(expanded(list, folder_of(&file.path), file.facts.machine));
            next = file.by;
        }
        if !musl && let Some(runpath) = &own.runpath {
            paths.after = expanded(runpath, folder_of(&self.loaded[by].path), own.machine);
        }
        paths
    }

    /// Whether every library has the symbol versions that the others were linked with.
    fn check_versions(&mut self) {
        for user in &self.loaded {
            for requirement in &user.facts.requires {
                let named = |l: &&Loaded<'_>| l.names.contains(&requirement.library);
                // Libraries without versions are taken as they are, with a warning.
                let Some(library) = self.loaded.iter().find(named).filter(|l| !l.facts.offers.is_empty())
                else {
                    continue;
                };
                let offers = &library.facts.offers;
                let mut missing: Vec<String> = requirement
                    .versions
                    .iter()
                    .filter(|version| !offers.contains(version))
                    .cloned()
                    .collect();
                missing.sort_by(|a, b| compare(a, b));
                if let Some(newest) = missing.last() {
                    self.closure.problems.push(Problem::NoVersion {
                        newest: newest_like(newest, offers),
                        library: requirement.library.clone(),
                        path: library.path.clone(),
                        needed_by: user.real.clone(),
                        missing,
                    });
                }
            }
        }
    }
}

fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((folder, _)) => folder,
    }
}

/// The newest of `offers` with the same word in front of its number: `GLIBC_2.36` for `GLIBC_2.38`.
fn newest_like(version: &str, offers: &[String]) -> Option<String> {
    let series = |version: &str| version.rsplit_once('_').map(|(series, _)| series.to_owned());
    let numbered = |version: &&String| {
        version.rsplit('_').next().is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    let same = offers.iter().filter(|offer| series(offer) == series(version)).filter(numbered);
    same.max_by(|a, b| compare(a, b)).cloned()
}

/// `GLIBC_2.4` comes before `GLIBC_2.38`.
fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    let parts = |text: &str| -> Vec<u64> {
        let number = text.rsplit('_').next().unwrap_or_default();
        number.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    (parts(a), a).cmp(&(parts(b), b))
}
