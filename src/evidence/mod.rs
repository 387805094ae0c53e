//! What an application's sources show about its needs at run time: the programs it starts, the files it writes
//! and reads, what it imports. Nothing is run; a lexer for each language tells code from strings and comments.
//!
//! Tests, examples, tools and settings of builds are left out, unless a source that counts imports them. Of Go
//! only what is compiled into a program counts.

mod arguments;
mod bindings;
mod c;
mod calls;
mod constraints;
mod dotnet;
mod files;
mod go;
mod java;
mod java_settings;
mod lexer;
mod libraries;
mod node;
mod packages;
mod php;
mod pieces;
mod programs;
mod python;
mod reader;
mod ruby;
mod rust;
mod settings;
mod syntax;
mod tokens;
mod usage;
mod uses;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use barehull_syntax::{Location, Span};

use crate::project::{BuildContext, ProjectPath};
use crate::source::Sources;
pub(crate) use dotnet::database_file;
use files::Folders;
use reader::{Parsed, Reader};

/// The language of the sources that are scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// JavaScript and TypeScript.
    Node,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Java, Kotlin, Scala and Groovy.
    Java,
    /// Rust.
    Rust,
    /// C and C++.
    C,
    /// C#, F# and Visual Basic.
    Dotnet,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
}

/// A program that the application starts, or looks for. The interpreter that runs the application already
/// (`child_process.fork`, `sys.executable`) is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawn {
    /// The program as written (`git`, `/usr/bin/convert`); none if it is not known before the application runs.
    pub program: Option<String>,
    /// Whether a shell has to be there.
    pub shell: bool,
    /// The function (`child_process.exec`), or why a library needs the program.
    pub how: &'static str,
    /// The call or the import.
    pub place: Location,
}

/// A file or folder that the application names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse {
    /// The path as written; one that is built from the code's own place (`__dirname`) is relative to the folder
    /// that was scanned. Where only its end is known no earlier than at run time, its folder and a `/`.
    pub path: String,
    /// The call that touches it.
    pub place: Location,
    /// The function (`os.MkdirAll`).
    pub how: &'static str,
}

/// What the sources of an application show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Programs that it starts, in the order of the files.
    pub spawns: Vec<Spawn>,
    /// Files and folders that it makes or changes, those for temporary files left out.
    pub writes: Vec<FileUse>,
    /// The first place that writes to a path that the sources do not spell out.
    pub writes_elsewhere: Option<Location>,
    /// Files and folders that it reads.
    pub reads: Vec<FileUse>,
    /// What it imports: npm packages with their scope, top-level Python modules, whole Go import paths,
    /// what Java imports as written, what Ruby requires and the gems of a Gemfile that production has.
    pub imports: BTreeSet<String>,
    /// The first `import "C"` of Go files that are compiled, vendored ones included.
    pub imports_c: Option<Location>,
    /// Where it listens at a port below 1024.
    pub listens_low_port: Option<Location>,
    /// Words of texts that may be relative paths, by their first step: `public` of `"./public/index.html"`. Only of
    /// languages that are compiled.
    pub named: BTreeSet<String>,
    /// How many source files count.
    pub files: usize,
    /// Whether all sources were read and understood: false beyond 5,000 files, 32 MiB, 2 MiB in one file.
    pub complete: bool,
}

/// Reads the sources in `folders` of the build context and below. A folder counts whatever its name when it is
/// listed itself; so does a file. For Go these are module folders, or those of main packages, whose imports are
/// followed. Files that do not count (`counts`) show nothing; only files that are evidence are added to `sources`.
pub fn scan(
    context: &BuildContext,
    folders: &[ProjectPath],
    language: Language,
    counts: &dyn Fn(&ProjectPath) -> bool,
    sources: &mut Sources,
) -> Evidence {
    let mut reader = Reader::new(context, folders, language);
    let mut found = Folders::new(context, folders, language);
    let files = match language {
        Language::Go => packages::compiled(&mut reader, &mut found),
        _ => application(&mut reader, &mut found),
    };
    let mut collector = Collector { sources, evidence: Evidence::default(), modules: BTreeMap::new() };
    for file in files.into_iter().filter(|file| counts(&file.path)) {
        collector.take(file);
    }
    collector.libraries(language);
    Evidence { complete: reader.complete && found.complete, ..collector.evidence }
}

/// The files that count, and those left aside that they import.
fn application(reader: &mut Reader<'_>, folders: &mut Folders<'_>) -> Vec<Parsed> {
    let mut files = Vec::new();
    let mut references = BTreeSet::new();
    loop {
        for path in folders.files() {
            let Some(parsed) = reader.read(&path) else { continue };
            references.extend(parsed.references.iter().map(|r| (path.folder(), r.clone())));
            files.push(parsed);
        }
        // What is left aside by its name may be all there is.
        let more = if files.is_empty() { folders.take_in_all() } else { folders.take_in(&references) };
        if !more {
            return files;
        }
    }
}

/// Puts together what the files show.
struct Collector<'a> {
    sources: &'a mut Sources,
    evidence: Evidence,
    /// What is imported, and where first.
    modules: BTreeMap<String, (ProjectPath, Arc<[u8]>, Span)>,
}

impl Collector<'_> {
    fn place(&mut self, path: &ProjectPath, bytes: &Arc<[u8]>, span: Span) -> Location {
        Location::new(self.sources.add(path, bytes), span)
    }

    fn take(&mut self, file: Parsed) {
        let Parsed { path, bytes, uses, .. } = &file;
        self.evidence.files += 1;
        self.evidence.named.extend(uses.named.iter().cloned());
        for (started, how, span) in &uses.spawns {
            let place = self.place(path, bytes, *span);
            let program = started.program.clone();
            self.evidence.spawns.push(Spawn { program, shell: started.shell, how, place });
        }
        for (file, how, span) in &uses.writes {
            let place = self.place(path, bytes, *span);
            self.evidence.writes.push(FileUse { path: file.clone(), place, how });
        }
        for (file, how, span) in &uses.reads {
            let place = self.place(path, bytes, *span);
            self.evidence.reads.push(FileUse { path: file.clone(), place, how });
        }
        if let Some(span) = uses.writes_elsewhere.filter(|_| self.evidence.writes_elsewhere.is_none()) {
            self.evidence.writes_elsewhere = Some(self.place(path, bytes, span));
        }
        if let Some(span) = uses.low_port.filter(|_| self.evidence.listens_low_port.is_none()) {
            self.evidence.listens_low_port = Some(self.place(path, bytes, span));
        }
        if let Some(span) = file.imports_c.filter(|_| self.evidence.imports_c.is_none()) {
            self.evidence.imports_c = Some(self.place(path, bytes, span));
        }
        for (module, span) in file.imports {
            if !file.is_copy && self.evidence.imports.insert(module.clone()) {
                self.modules.insert(module, (file.path.clone(), Arc::clone(&file.bytes), span));
            }
        }
    }

    /// Programs that imported libraries need.
    fn libraries(&mut self, language: Language) {
        for (module, (path, bytes, span)) in std::mem::take(&mut self.modules) {
            let needing: Vec<_> = libraries::needing(language, &module, &self.evidence.imports).collect();
            for library in needing {
                let place = self.place(&path, &bytes, span);
                let program = Some(library.program.to_owned());
                self.evidence.spawns.push(Spawn { program, shell: false, how: library.reason, place });
            }
        }
    }
}

#[cfg(test)]
mod tests;
