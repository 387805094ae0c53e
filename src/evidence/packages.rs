//! The Go packages that are compiled into a program: those of its module, copies of others (`vendor`) as far as
//! they use C.

use std::collections::{BTreeMap, BTreeSet};

use super::Language;
use super::files::{Folders, is_source};
use super::reader::{Parsed, Reader};
use crate::project::{BuildContext, Kind, ProjectPath};

/// Bytes of a `go.mod` or `go.work`.
const MAX_MODULE_FILE: u64 = 1 << 20;

/// The files of all main packages and of what they import; all files where no package is a main one.
pub(super) fn compiled(reader: &mut Reader<'_>, folders: &mut Folders<'_>) -> Vec<Parsed> {
    let mut packages =
        Packages { modules: Modules::new(reader.context), found: BTreeMap::new(), uses_c: false };
    packages.take(reader, folders);
    // What is left aside by its name may be all there is.
    if packages.mains().is_empty() && folders.take_in_all() {
        packages.take(reader, folders);
    }
    let mut waiting = packages.mains();
    if waiting.is_empty() || packages.found.keys().any(|folder| packages.modules.above(folder).is_none()) {
        waiting = packages.found.keys().cloned().collect();
    }
    let mut reached = BTreeSet::new();
    while let Some(folder) = waiting.pop() {
        if reached.insert(folder.clone()) {
            waiting.extend(packages.imported_by(reader, &folder));
        }
    }
    packages
        .found
        .into_iter()
        .filter(|(folder, _)| reached.contains(folder))
        .flat_map(|(_, files)| files)
        .collect()
}

struct Packages<'c> {
    modules: Modules<'c>,
    found: BTreeMap<ProjectPath, Vec<Parsed>>,
    /// Whether a copy of another module uses C: one is enough.
    uses_c: bool,
}

impl Packages<'_> {
    /// Reads the files of all folders that are waiting.
    fn take(&mut self, reader: &mut Reader<'_>, folders: &mut Folders<'_>) {
        for path in folders.files() {
            if let Some(parsed) = reader.read(&path) {
                self.found.entry(path.folder()).or_default().push(parsed);
            }
        }
    }

    fn mains(&self) -> Vec<ProjectPath> {
        let is_main = |file: &Parsed| file.package.as_deref() == Some("main");
        self.found
            .iter()
            .filter(|(_, files)| files.iter().any(is_main))
            .map(|(folder, _)| folder.clone())
            .collect()
    }

    /// The folders of the packages that the one in `folder` imports, as far as the context has them.
    fn imported_by(&mut self, reader: &mut Reader<'_>, folder: &ProjectPath) -> Vec<ProjectPath> {
        let files = self.found.get(folder).map_or(&[][..], Vec::as_slice);
        let imports: BTreeSet<String> =
            files.iter().flat_map(|f| &f.imports).map(|(path, _)| path.clone()).collect();
        let mut imported = Vec::new();
        for import in imports {
            if let Some(target) = self.modules.package(&import) {
                self.load(reader, &target, false);
                imported.push(target);
            } else if !self.uses_c
                && let Some(target) = self.modules.vendored(folder, &import)
            {
                self.load(reader, &target, true);
                imported.push(target);
            }
        }
        imported
    }

    /// Reads the files in `folder` itself, unless they were.
    fn load(&mut self, reader: &mut Reader<'_>, folder: &ProjectPath, vendored: bool) {
        if self.found.contains_key(folder) {
            return;
        }
        let mut files = Vec::new();
        if let Ok((entries, all)) = reader.context.list(folder) {
            reader.complete &= all;
            for (path, kind) in entries {
                if kind == Kind::File && is_source(path.file_name(), false, Language::Go) {
                    files.extend(if vendored { reader.read_imports(&path) } else { reader.read(&path) });
                }
            }
        }
        self.uses_c |= vendored && files.iter().any(|file| file.imports_c.is_some());
        self.found.insert(folder.clone(), files);
    }
}

/// The modules of the context, by path.
struct Modules<'c> {
    context: &'c BuildContext,
    folders: BTreeMap<String, ProjectPath>,
    /// Folders, and the nearest above with a `go.mod`, themselves included.
    above: BTreeMap<ProjectPath, Option<ProjectPath>>,
}

impl<'c> Modules<'c> {
    fn new(context: &'c BuildContext) -> Self {
        Self { context, folders: BTreeMap::new(), above: BTreeMap::new() }
    }

    /// The folder of the module that `folder` belongs to. Every folder on the way up is looked at, once.
    fn above(&mut self, folder: &ProjectPath) -> Option<ProjectPath> {
        let mut passed = Vec::new();
        let mut found = None;
        let mut at = Some(folder.clone());
        while let Some(folder) = at {
            if let Some(known) = self.above.get(&folder) {
                found = found.or_else(|| known.clone());
                break;
            }
            self.workspace(&folder);
            if self.module(&folder) {
                found.get_or_insert(folder.clone());
            }
            at = folder.parent();
            passed.push(folder);
        }
        for passed in passed {
            let own = found.as_ref().filter(|module| passed.is_within(module)).cloned();
            self.above.insert(passed, own);
        }
        found
    }

    /// Notes the modules that a workspace in `folder` uses.
    fn workspace(&mut self, folder: &ProjectPath) {
        for line in self.lines(folder, "go.work").unwrap_or_default() {
            if let Some(target) = line.last().filter(|target| target.starts_with('.'))
                && let Ok(target) = folder.join(target)
                && let Some(path) = self.lines(&target, "go.mod").and_then(|lines| module_path(&lines))
            {
                self.folders.entry(path).or_insert(target);
            }
        }
    }

    /// Notes the module in `folder` and those that take the place of others; false if there is none.
    fn module(&mut self, folder: &ProjectPath) -> bool {
        let Some(lines) = self.lines(folder, "go.mod") else { return false };
        if let Some(path) = module_path(&lines) {
            self.folders.insert(path, folder.clone());
        }
        for line in lines {
            // `replace a v1 => ../b`, or the same without its first word in a block.
            let first = usize::from(line.first().is_some_and(|word| word == "replace"));
            if let [path, .., arrow, target] = &line[first..]
                && arrow == "=>"
                && target.starts_with('.')
                && let Ok(target) = folder.join(target)
            {
                self.folders.insert(path.clone(), target);
            }
        }
        true
    }

    /// The words of each line of a module file.
    fn lines(&self, folder: &ProjectPath, name: &str) -> Option<Vec<Vec<String>>> {
        let bytes = self.context.read_up_to(&folder.join(name).ok()?, MAX_MODULE_FILE).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let words = |line: &str| {
            let line = line.split("//").next().unwrap_or(line);
            line.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect()
        };
        Some(text.lines().map(words).collect())
    }

    /// The folder of a package of one of the modules.
    fn package(&self, import: &str) -> Option<ProjectPath> {
        let ends = std::iter::once(import.len()).chain(import.rmatch_indices('/').map(|(at, _)| at));
        let (folder, rest) =
            ends.into_iter().find_map(|end| Some((self.folders.get(&import[..end])?, &import[end..])))?;
        folder.join(rest.trim_start_matches('/')).ok()
    }

    /// The copy of a package that the module of `folder` keeps.
    fn vendored(&mut self, folder: &ProjectPath, import: &str) -> Option<ProjectPath> {
        // Packages of the standard library have no host in their path.
        if !import.split('/').next().is_some_and(|host| host.contains('.')) {
            return None;
        }
        let module = self.above(folder)?;
        let copy = module.join("vendor").and_then(|vendor| vendor.join(import)).ok()?;
        self.context.is_folder(&copy).then_some(copy)
    }
}

fn module_path(lines: &[Vec<String>]) -> Option<String> {
    lines.iter().find_map(|line| match line.as_slice() {
        [word, path] if word == "module" => Some(path.clone()),
        _ => None,
    })
}
