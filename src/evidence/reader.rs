//! Reads source files, one by one, within bounds that count work and never time.

use std::sync::Arc;

use barehull_syntax::Span;

use super::bindings::Bindings;
use super::constraints::OwnTags;
use super::syntax::Source;
use super::tokens::{Kind, Tokens};
use super::usage::uses;
use super::uses::{Uses, first_step};
use super::{
    Language, c, constraints, dotnet, files, go, java, java_settings, lexer, node, php, python, ruby, rust,
};
use crate::project::{BuildContext, ProjectPath};

/// Source files, and bytes of all of them, read in one scan.
const SOURCES: Bounds = Bounds { files: 5_000, bytes: 32 << 20 };
/// The same for copies of other Go modules, of which only the imports are read.
const COPIES: Bounds = Bounds { files: 20_000, bytes: 128 << 20 };
/// Bytes of one source file.
const MAX_FILE_BYTES: u64 = 2 << 20;

/// What one source file shows.
pub(super) struct Parsed {
    pub path: ProjectPath,
    pub bytes: Arc<[u8]>,
    /// Packages and modules that it imports, each where it is first named.
    pub imports: Vec<(String, Span)>,
    /// What of the application itself it imports, as written.
    pub references: Vec<String>,
    /// Go: `import "C"`.
    pub imports_c: Option<Span>,
    /// Go: the name of its package.
    pub package: Option<String>,
    /// Go: it is the copy of a file of another module.
    pub is_copy: bool,
    pub uses: Uses,
}

/// What may still be read.
#[derive(Clone, Copy)]
struct Bounds {
    files: usize,
    bytes: usize,
}

/// Reads files of one build context.
pub(super) struct Reader<'c> {
    pub context: &'c BuildContext,
    language: Language,
    roots: &'c [ProjectPath],
    sources: Bounds,
    copies: Bounds,
    /// Whether everything that was asked for was read and understood.
    pub complete: bool,
}

impl<'c> Reader<'c> {
    pub fn new(context: &'c BuildContext, roots: &'c [ProjectPath], language: Language) -> Self {
        let complete = context.is_present();
        Self { context, language, roots, sources: SOURCES, copies: COPIES, complete }
    }

    /// The bytes of a file, as long as the bounds allow.
    fn bytes(&mut self, path: &ProjectPath, is_copy: bool) -> Option<Arc<[u8]>> {
        let left = if is_copy { &mut self.copies } else { &mut self.sources };
        let limit = MAX_FILE_BYTES.min(left.bytes as u64);
        let bytes = if left.files > 0 { self.context.read_up_to(path, limit).ok() } else { None };
        match &bytes {
            Some(bytes) => {
                left.files -= 1;
                left.bytes -= bytes.len();
            }
            None => self.complete = false,
        }
        bytes
    }

    /// What the source file at `path` shows; nothing if it is no part of the application after all.
    pub fn read(&mut self, path: &ProjectPath) -> Option<Parsed> {
        let bytes = self.bytes(path, false)?;
        let is_other = match self.language {
            Language::Go => !constraints::is_built(path.file_name(), &bytes, OwnTags::MaybeSet),
            language => {
                path.extension().is_none()
                    && path.file_name() != "Gemfile"
                    && !files::is_script(&bytes, language)
            }
        };
        if is_other {
            return None;
        }
        if self.language == Language::Java && java_settings::is_settings(path.file_name()) {
            return Some(Parsed {
                path: path.clone(),
                uses: java_settings::uses(path.file_name(), &bytes),
                bytes,
                imports: Vec::new(),
                references: Vec::new(),
                imports_c: None,
                package: None,
                is_copy: false,
            });
        }
        if self.language == Language::Dotnet {
            return Some(self.read_types(path, &bytes));
        }
        let place = self.roots.iter().filter_map(|root| path.below(root)).min_by_key(|below| below.len());
        let bindings = bind(place.unwrap_or(path.as_str()), &bytes, self.language);
        // A file of tasks for the invoke tool builds the application and is no part of it.
        if path.file_name() == "tasks.py" && bindings.imports.contains_key("invoke") {
            return None;
        }
        let tokens = &bindings.source.tokens;
        self.complete &= tokens.whole;
        let imports = bindings.imports.iter();
        let mut uses = uses(&bindings);
        if matches!(self.language, Language::Go | Language::Rust | Language::C) {
            let texts = (0..tokens.len()).filter(|at| tokens.kind(*at) == Some(Kind::Text));
            uses.named.extend(texts.filter_map(|at| first_step(tokens.text(at)).map(str::to_owned)));
        }
        Some(Parsed {
            path: path.clone(),
            bytes: Arc::clone(&bytes),
            imports: imports.map(|(name, at)| (name.clone(), tokens.span(*at..*at + 1))).collect(),
            imports_c: bindings.imports_c.map(|at| tokens.span(at..at + 1)),
            package: go::package(tokens).map(str::to_owned),
            is_copy: false,
            uses,
            references: bindings.references,
        })
    }

    /// What a file of .NET's languages shows.
    fn read_types(&mut self, path: &ProjectPath, bytes: &Arc<[u8]>) -> Parsed {
        let tokens = lexer::dotnet(bytes, dotnet::flavour(path.file_name()));
        self.complete &= tokens.whole;
        let (uses, imports) = dotnet::read(&tokens);
        Parsed {
            path: path.clone(),
            imports: imports.into_iter().map(|(name, at)| (name, tokens.span(at..at + 1))).collect(),
            references: Vec::new(),
            imports_c: None,
            package: None,
            is_copy: false,
            uses,
            bytes: Arc::clone(bytes),
        }
    }

    /// What the Go file at `path`, the copy of another module's, imports; it is not read further.
    pub fn read_imports(&mut self, path: &ProjectPath) -> Option<Parsed> {
        let bytes = self.bytes(path, true)?;
        if !constraints::is_built(path.file_name(), &bytes, OwnTags::Unset) {
            return None;
        }
        let tokens = lexer::go_imports(&bytes);
        let texts =
            go::imports(&tokens).into_iter().map(|(at, _)| (tokens.string(at), tokens.span(at..at + 1)));
        let (c, imports): (Vec<_>, Vec<_>) = texts.partition(|(path, _)| path == "C");
        Some(Parsed {
            path: path.clone(),
            bytes: Arc::clone(&bytes),
            imports,
            references: Vec::new(),
            imports_c: c.first().map(|(_, span)| *span),
            package: go::package(&tokens).map(str::to_owned),
            is_copy: true,
            uses: Uses::default(),
        })
    }
}

/// Reads the tokens and the names of one file.
fn bind<'a>(place: &str, bytes: &'a [u8], language: Language) -> Bindings<'a> {
    let read = |tokens: Tokens<'a>, dialect| Bindings::new(Source::new(place, tokens, dialect));
    match language {
        Language::Node => {
            let mut bindings = read(lexer::javascript(bytes), &node::DIALECT);
            node::bind(&mut bindings);
            bindings
        }
        Language::Python => {
            let mut bindings = read(lexer::python(bytes), &python::DIALECT);
            python::bind(&mut bindings);
            bindings
        }
        Language::Java => {
            let mut bindings = read(lexer::java(bytes, !place.ends_with(".java")), &java::DIALECT);
            java::bind(&mut bindings);
            bindings
        }
        // [`Reader::read_types`] reads .NET's.
        Language::Go | Language::Dotnet => {
            let mut bindings = read(lexer::go(bytes), &go::DIALECT);
            go::bind(&mut bindings);
            bindings
        }
        Language::Rust => {
            let mut bindings = read(lexer::rust(bytes), &rust::DIALECT);
            rust::bind(&mut bindings);
            bindings
        }
        Language::C => {
            let mut bindings = read(lexer::c(bytes), &c::DIALECT);
            c::bind(&mut bindings);
            bindings
        }
        Language::Ruby => {
            let mut bindings = read(lexer::ruby(bytes), &ruby::DIALECT);
            ruby::bind(&mut bindings);
            bindings
        }
        Language::Php => read(lexer::php(bytes), &php::DIALECT),
    }
}
