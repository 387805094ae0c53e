//! Which files of a folder are the application's sources, and which only build, test or explain it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Language;
use crate::project::{BuildContext, Kind, ProjectPath};

/// Folders that may be listed in one scan.
const MAX_FOLDERS: usize = 5_000;
/// Imports compared with folders left aside, and files looked for in them.
const MAX_CHECKS: usize = 1_000_000;
/// Names under which a module may be found, about.
const FILE_NAMES: usize = 32;
/// How often folders that turn out to be used are gone into.
const MAX_ROUNDS: usize = 8;

/// The folders below what is scanned, as they are found.
pub(super) struct Folders<'c> {
    context: &'c BuildContext,
    language: Language,
    roots: Vec<ProjectPath>,
    waiting: Vec<ProjectPath>,
    /// Folders of tests, examples and tools, by name: they count only if something that counts refers to them.
    aside: BTreeMap<String, Vec<ProjectPath>>,
    seen: HashSet<ProjectPath>,
    listings_left: usize,
    rounds_left: usize,
    checks_left: usize,
    pub complete: bool,
}

/// What the name of a folder says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Application,
    Aside,
    Never,
}

impl<'c> Folders<'c> {
    pub fn new(context: &'c BuildContext, roots: &[ProjectPath], language: Language) -> Self {
        Self {
            context,
            language,
            roots: roots.to_vec(),
            waiting: roots.iter().rev().cloned().collect(),
            aside: BTreeMap::new(),
            seen: HashSet::new(),
            listings_left: MAX_FOLDERS,
            rounds_left: MAX_ROUNDS,
            checks_left: MAX_CHECKS,
            complete: true,
        }
    }

    /// The source files in all folders that are waiting, each once.
    pub fn files(&mut self) -> Vec<ProjectPath> {
        let mut files = Vec::new();
        while let Some(path) = self.waiting.pop() {
            let Ok(real) = self.context.find(&path) else {
                self.complete = false;
                continue;
            };
            if !self.seen.insert(real.clone()) {
                continue;
            }
            let is_root = self.roots.contains(&path);
            if !self.context.is_folder(&real) {
                if is_root || self.is_source(&real) {
                    files.push(real);
                }
                continue;
            }
            if self.listings_left == 0 {
                self.complete = false;
                break;
            }
            self.listings_left -= 1;
            self.folder(&real, &mut files);
        }
        files
    }

    fn folder(&mut self, folder: &ProjectPath, files: &mut Vec<ProjectPath>) {
        let Ok((entries, all)) = self.context.list(folder) else {
            self.complete = false;
            return;
        };
        self.complete &= all;
        let has = |name: &str| entries.iter().any(|(path, _)| path.file_name() == name);
        if self.language == Language::Python && has("pyvenv.cfg") {
            return;
        }
        let mut folders = Vec::new();
        for (path, kind) in entries {
            match kind {
                Kind::File if self.is_source(&path) => {
                    if self.seen.insert(path.clone()) {
                        files.push(path);
                    }
                }
                Kind::Folder | Kind::Link => folders.push((path, kind)),
                Kind::File | Kind::Other => {}
            }
        }
        for (path, kind) in folders.into_iter().rev() {
            match part(&path, self.language) {
                // A link that leads nowhere in the context is nobody's source.
                Part::Application if kind == Kind::Link && self.context.find(&path).is_err() => {}
                Part::Application => self.waiting.push(path),
                Part::Aside if self.context.is_folder(&path) => {
                    self.aside.entry(path.file_name().to_owned()).or_default().push(path);
                }
                Part::Aside | Part::Never => {}
            }
        }
    }

    fn is_source(&self, path: &ProjectPath) -> bool {
        let at_root = path.parent().is_some_and(|folder| self.roots.contains(&folder));
        let scripts = [Language::Node, Language::Python, Language::Ruby, Language::Php];
        let in_bin = scripts.contains(&self.language) && path.folder().names().any(|name| name == "bin");
        is_source(path.file_name(), at_root, self.language) && !(in_bin && is_chore(path.file_name()))
    }

    /// Takes in every folder that was left aside; false if there is none.
    pub fn take_in_all(&mut self) -> bool {
        self.waiting.extend(std::mem::take(&mut self.aside).into_values().flatten());
        !self.waiting.is_empty()
    }

    /// Takes in what was left aside and is imported: `references` are a file's folder, and what it imports. The
    /// file that is meant, if there is one, or else the whole folder. False if nothing is new.
    pub fn take_in(&mut self, references: &BTreeSet<(ProjectPath, String)>) -> bool {
        if self.rounds_left == 0 || self.aside.is_empty() {
            return false;
        }
        self.rounds_left -= 1;
        let mut reached = BTreeSet::new();
        for (folder, reference) in references {
            let import = Import::new(folder, reference, self.language);
            for aside in import.names.iter().filter_map(|name| self.aside.get(*name)).flatten() {
                let Some(left) = self.checks_left.checked_sub(1) else {
                    self.complete = false;
                    return false;
                };
                self.checks_left = left;
                if let Some(rest) = import.rest(aside) {
                    self.checks_left = self.checks_left.saturating_sub(FILE_NAMES);
                    reached.insert(self.target(&rest, aside));
                }
            }
        }
        reached.retain(|path| !self.seen.contains(path));
        self.waiting.extend(reached.iter().rev().cloned());
        !reached.is_empty()
    }

    /// The file in the folder `aside` that is imported, or the folder if it cannot be told which.
    fn target(&self, rest: &str, aside: &ProjectPath) -> ProjectPath {
        let is_file =
            |path: &ProjectPath| self.context.exists(path) == Some(true) && !self.context.is_folder(path);
        let candidates = match self.language {
            Language::Python => python_files(rest),
            Language::Ruby => vec![rest.to_owned(), format!("{rest}.rb")],
            _ => node_files(rest),
        };
        let file = candidates.iter().filter_map(|name| aside.join(name).ok()).find(is_file);
        file.unwrap_or_else(|| aside.clone())
    }
}

/// What a file imports of the application.
struct Import<'a> {
    folder: &'a ProjectPath,
    text: &'a str,
    names: Vec<&'a str>,
    language: Language,
}

impl<'a> Import<'a> {
    fn new(folder: &'a ProjectPath, text: &'a str, language: Language) -> Self {
        let by = if language == Language::Python { '.' } else { '/' };
        let names = text.split(by).filter(|name| !matches!(*name, "" | "." | ".." | "@" | "~")).collect();
        Self { folder, text, names, language }
    }

    /// What is imported of the folder `aside`, as a path below it.
    fn rest(&self, aside: &ProjectPath) -> Option<String> {
        if self.text.starts_with('.') {
            let relative = match self.language {
                Language::Python => {
                    let dots = self.text.len() - self.text.trim_start_matches('.').len();
                    format!("{}{}", "../".repeat(dots - 1), self.names.join("/"))
                }
                _ => self.text.to_owned(),
            };
            let target = self.folder.join(&relative).ok()?;
            return target.below(aside).map(str::to_owned);
        }
        // From a root that is not known: what stands before the folder's name must be the end of its path.
        let above: Vec<&str> = aside.names().rev().skip(1).collect();
        let is_it = |at: &usize| {
            self.names[*at] == aside.file_name()
                && self.names[..*at].iter().rev().zip(&above).filter(|(a, b)| a == b).count() == *at
        };
        let at = (0..self.names.len()).find(is_it)?;
        Some(self.names[at + 1..].join("/"))
    }
}

/// Where Node.js, or the compiler of TypeScript, looks for a module.
fn node_files(path: &str) -> Vec<String> {
    const EXTENSIONS: [&str; 8] = ["js", "ts", "mjs", "cjs", "tsx", "jsx", "mts", "cts"];
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let ends = ["", "/index"];
    let named = ends.iter().flat_map(|end| EXTENSIONS.iter().map(move |ext| format!("{path}{end}.{ext}")));
    let compiled = EXTENSIONS.iter().map(|ext| format!("{stem}.{ext}"));
    std::iter::once(path.to_owned()).chain(named).chain(compiled).collect()
}

/// Where Python looks for a module, its last names being perhaps members of it.
fn python_files(path: &str) -> Vec<String> {
    let ends = std::iter::once(path.len()).chain(path.rmatch_indices('/').map(|(at, _)| at)).take(4);
    let modules = ends.filter(|end| *end > 0).map(|end| &path[..end]);
    let mut files: Vec<String> =
        modules.flat_map(|module| [format!("{module}.py"), format!("{module}/__init__.py")]).collect();
    files.push("__init__.py".to_owned());
    files
}

fn part(path: &ProjectPath, language: Language) -> Part {
    let name = path.file_name();
    if language == Language::Java && is_below_src(path) {
        return java_part(path);
    }
    match name {
        "bin" | "obj" | "packages" if language == Language::Dotnet => Part::Never,
        _ if language == Language::Dotnet && is_about_dotnet_tests(name) => Part::Aside,
        "node_modules" | "bower_components" | "jspm_packages" | "vendor" | "third_party" | "venv"
        | "site-packages" | "__pycache__" | "__tests__" | "__mocks__" | "__snapshots__" | "testdata"
        | "coverage" | "buildSrc" | "build-logic" => Part::Never,
        _ if name.starts_with('.') => Part::Never,
        "dist" | "build" | "out" | "output" | "target" if language != Language::Go => Part::Aside,
        "spec" | "specs" | "e2e" | "cypress" | "playwright" | "fixtures" | "mocks" | "integration"
        | "acceptance" | "example" | "examples" | "sample" | "samples" | "demo" | "demos" | "doc"
        | "docs" | "documentation" | "benchmark" | "benchmarks" | "bench" | "benches" | "xtask"
        | "script" | "scripts" | "dev-scripts" | "tool" | "tools" | "tooling" | "hack" | "dev" | "ci"
        | "contrib" | "extra" | "extras" | "misc" | "packaging" | "release" | "releases" | "stories"
        | "ios" | "android" => Part::Aside,
        _ if is_about_tests(name) => Part::Aside,
        _ => Part::Application,
    }
}

/// Whether a folder lies in one that is called `src`: below that, names are those of packages.
fn is_below_src(path: &ProjectPath) -> bool {
    path.folder().names().any(|name| name == "src")
}

/// `src/test`, `src/integrationTest` and their like test; any other folder below `src` may be a package's.
fn java_part(path: &ProjectPath) -> Part {
    let name = path.file_name();
    let set = path.folder().file_name() == "src";
    let tests = name.ends_with("Test") || matches!(name, "test" | "it" | "jmh" | "testFixtures");
    match name {
        _ if set && tests => Part::Never,
        _ if name.starts_with('.') => Part::Never,
        _ => Part::Application,
    }
}

/// `test`, `tests`, `integ_tests`, `system-test`, but not `test_app`.
fn is_about_tests(name: &str) -> bool {
    name.split(['_', '-', '.']).any(|word| matches!(word, "tests" | "testing"))
        || matches!(
            name,
            "test" | "system-test" | "integration-test" | "integration_test" | "e2e-test" | "test_utils"
        )
}

pub(super) fn is_source(name: &str, at_root: bool, language: Language) -> bool {
    if name.starts_with('.') || name.contains("changelog") {
        return false;
    }
    match language {
        Language::Node => is_node_source(name, at_root),
        Language::Python => is_python_source(name, at_root),
        Language::Java => is_java_source(name),
        Language::Go => name.ends_with(".go") && !name.ends_with("_test.go") && !name.starts_with('_'),
        Language::Rust => is_rust_source(name),
        Language::C => is_c_source(name),
        Language::Dotnet => is_dotnet_source(name),
        Language::Ruby => is_ruby_source(name),
        Language::Php => is_php_source(name),
    }
}

/// Files without an extension may be scripts: [`is_script`] tells.
fn may_be_script(name: &str) -> bool {
    !name.contains('.') && !name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether a program in `bin` is one for who develops the application: `release.ts`, `make_docs.js`.
fn is_chore(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let end = stem.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(stem.len());
    matches!(
        &stem[..end],
        "build"
            | "bump"
            | "changelog"
            | "check"
            | "ci"
            | "clean"
            | "cleanup"
            | "copy"
            | "create"
            | "deploy"
            | "dev"
            | "docs"
            | "generate"
            | "lint"
            | "make"
            | "package"
            | "publish"
            | "release"
            | "rename"
            | "setup"
            | "sign"
            | "update"
    )
}

/// Whether a file without an extension is a script of the language, by its first line.
pub(super) fn is_script(text: &[u8], language: Language) -> bool {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let interpreter: &[u8] = match language {
        Language::Node => b"node",
        Language::Python => b"python",
        Language::Ruby => b"ruby",
        Language::Php => b"php",
        Language::Go | Language::Java | Language::Rust | Language::C | Language::Dotnet => return false,
    };
    line.starts_with(b"#!") && line.windows(interpreter.len()).any(|part| part == interpreter)
}

fn is_java_source(name: &str) -> bool {
    if super::java_settings::is_settings(name) {
        return true;
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let tests = ["Test", "Tests", "IT", "Spec"].iter().any(|end| stem.ends_with(end));
    matches!(extension, "java" | "kt" | "scala" | "groovy") && !tests
}

/// `build.rs` runs while the program is compiled.
fn is_rust_source(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".rs") else { return false };
    !matches!(stem, "build" | "test" | "tests") && !stem.ends_with("_test") && !stem.ends_with("_tests")
}

fn is_c_source(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let is_code =
        matches!(extension, "c" | "cc" | "cpp" | "cxx" | "C" | "h" | "hh" | "hpp" | "hxx" | "inl" | "ipp");
    let tests =
        stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_unittest") || stem == "test";
    is_code && !tests
}

/// `App.Tests`, `UnitTests`, `App.IntegrationTest`.
fn is_about_dotnet_tests(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with("tests") || lower.ends_with(".test") || lower.ends_with("benchmarks")
}

fn is_dotnet_source(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let lower = stem.to_ascii_lowercase();
    let generated = lower.ends_with(".designer") || lower.ends_with(".g") || lower.ends_with(".generated");
    matches!(extension, "cs" | "fs" | "vb") && !generated && !lower.ends_with("tests")
}

fn is_node_source(name: &str, at_root: bool) -> bool {
    /// Tools whose settings are `name.config.js` or `name.prod.js`.
    const BUILDERS: [&str; 13] = [
        "webpack",
        "gulpfile",
        "Gulpfile",
        "gruntfile",
        "Gruntfile",
        "Jakefile",
        "rollup",
        "karma",
        "jest",
        "vitest",
        "vite",
        "esbuild",
        "protractor",
    ];
    /// Tools whose settings are `name.config.js` alone. Next.js reads its own when it starts, so it is not here.
    const CONFIGURED: [&str; 20] = [
        "astro",
        "babel",
        "commitlint",
        "craco",
        "cypress",
        "docusaurus",
        "eslint",
        "forge",
        "metro",
        "nuxt",
        "playwright",
        "postcss",
        "prettier",
        "snowpack",
        "stylelint",
        "svelte",
        "tailwind",
        "tsup",
        "vue",
        "wdio",
    ];
    let Some((stem, extension)) = name.rsplit_once('.') else { return may_be_script(name) };
    let first = name.split('.').next().unwrap_or(name);
    let about_tests = stem.split('.').skip(1).any(|part| {
        matches!(part, "test" | "spec" | "e2e-spec" | "cy" | "stories" | "bench" | "min" | "d" | "setup")
    });
    let builds = BUILDERS.contains(&first)
        || (CONFIGURED.contains(&first) && stem.ends_with(".config"))
        || stem == "ember-cli-build"
        || (at_root && matches!(stem, "build" | "release"));
    let tests = about_tests || matches!(stem, "test" | "tests" | "setupTests");
    let is_code = matches!(extension, "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx");
    is_code && !builds && !tests
}

fn is_python_source(name: &str, at_root: bool) -> bool {
    if may_be_script(name) {
        return true;
    }
    let Some(stem) = name.strip_suffix(".py") else { return false };
    let tests = stem.starts_with("test_")
        || stem.ends_with("_test")
        || matches!(stem, "test" | "tests" | "conftest" | "locustfile");
    let builds = matches!(
        stem,
        "setup"
            | "noxfile"
            | "fabfile"
            | "dodo"
            | "versioneer"
            | "_version"
            | "hatch_build"
            | "pavement"
            | "wscript"
    ) || (at_root && matches!(stem, "build" | "release"));
    !tests && !builds
}

fn is_ruby_source(name: &str) -> bool {
    if may_be_script(name) || matches!(name, "Gemfile" | "config.ru") {
        return true;
    }
    let Some(stem) = name.strip_suffix(".rb") else { return false };
    let tests = stem.ends_with("_spec")
        || stem.ends_with("_test")
        || stem.starts_with("test_")
        || matches!(stem, "spec_helper" | "test_helper" | "rails_helper");
    // Environments of Rails that are not production, and what deploys from elsewhere.
    !tests && !matches!(stem, "development" | "test" | "deploy" | "spring" | "extconf" | "setup")
}

fn is_php_source(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return may_be_script(name) };
    matches!(extension, "php" | "phtml" | "inc") && !stem.ends_with("Test") && !stem.ends_with(".test")
}
