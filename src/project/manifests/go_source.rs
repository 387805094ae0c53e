//! What Go sources do that matters to an image: cgo, programs they start, files they read or carry.

use std::collections::{BTreeMap, BTreeSet};

use super::super::context::Descend;
use super::super::{BuildContext, Kind, ProjectPath, Spot};
use super::go_build::{holds_on_linux, is_compiled};
use super::go_lexer::{Token, TokenKind, tokens};

/// Files that are read of one module.
const MAX_FILES: usize = 5_000;
/// Bytes of one file.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Bytes in all.
const MAX_BYTES: u64 = 32 << 20;
/// Entries of folders that are looked at.
const MAX_ENTRIES: usize = 50_000;

/// The Go sources of one module, without tests, vendored and nested modules, and files for other systems.
#[derive(Clone, Debug, Default)]
pub struct GoSources {
    /// Its packages, by folder.
    pub packages: Vec<GoPackage>,
    /// What they do, by file, then place.
    pub facts: Vec<GoFact>,
    /// Every import path.
    pub imports: BTreeSet<String>,
    /// Whether all of it was read.
    pub complete: bool,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoPackage {
    /// Its folder.
    pub folder: ProjectPath,
    /// Its name; `main` for a program.
    pub name: String,
    /// Whether it is a program: package `main` with a `func main`.
    pub is_program: bool,
}

/// Something a source does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoFact {
    /// What.
    pub kind: GoFactKind,
    /// Where.
    pub at: Spot,
    /// The file's `//go:build` expression, where it is not true of every build for Linux (`cgo`, a tag).
    pub constraint: Option<String>,
}

/// What a source does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoFactKind {
    /// `import "C"`.
    Cgo,
    /// Starts a program; its name or path, where that is a literal.
    Spawns(Option<String>),
    /// Reads a file, folder or pattern at run time; which, where that is a literal.
    Reads(Option<String>),
    /// Creates or writes a file or folder; which, where that is a literal.
    Writes(Option<String>),
    /// `//go:embed`: its patterns.
    Embeds(Vec<String>),
    /// `plugin.Open`: loads Go code at run time, which no static program can.
    LoadsPlugin,
}

impl GoSources {
    /// Scans the module in `folder` of the context.
    pub fn scan(context: &BuildContext, folder: &ProjectPath) -> Self {
        let (files, complete) = go_files(context, folder);
        let mut sources = Self { complete, ..Self::default() };
        let mut packages: BTreeMap<ProjectPath, GoPackage> = BTreeMap::new();
        let mut bytes_left = MAX_BYTES;
        for path in files {
            let read = context.read_up_to(&path, MAX_FILE_BYTES.min(bytes_left));
            let Ok(text) = read.map_err(drop).and_then(|bytes| {
                bytes_left -= bytes.len() as u64;
                String::from_utf8(bytes.to_vec()).map_err(drop)
            }) else {
                sources.complete = false;
                continue;
            };
            let Some(file) = GoFile::scan(&text) else { continue };
            let folder = path.folder();
            let package = packages.entry(folder.clone()).or_insert_with(|| GoPackage {
                folder,
                name: file.package.to_owned(),
                is_program: false,
            });
            package.is_program |= file.package == "main" && file.has_main;
            sources.imports.extend(file.imports.iter().map(|(_, path)| path.clone()));
            let constraint = file.constraint;
            sources.facts.extend(file.facts.into_iter().map(|(kind, span)| GoFact {
                kind,
                at: Spot { path: path.clone(), span },
                constraint: constraint.map(str::to_owned),
            }));
        }
        sources.packages = packages.into_values().collect();
        sources
    }

    /// The programs among its packages.
    pub fn programs(&self) -> impl Iterator<Item = &GoPackage> {
        self.packages.iter().filter(|package| package.is_program)
    }
}

/// The Go files below `folder` that a build for Linux may compile, sorted, and whether these are all.
fn go_files(context: &BuildContext, folder: &ProjectPath) -> (Vec<ProjectPath>, bool) {
    let Ok(real) = context.find(folder) else { return (Vec::new(), false) };
    let mut files = Vec::new();
    let mut nested = Vec::new();
    let complete = context.walk(&real, MAX_ENTRIES, |step| {
        let name = step.path.file_name();
        match step.kind {
            Kind::Folder
                if matches!(name, "vendor" | "testdata" | "node_modules") || name.starts_with(['.', '_']) =>
            {
                return Descend::Over;
            }
            Kind::File if !step.ignored && name == "go.mod" && step.path.folder() != real => {
                nested.push(step.path.folder());
            }
            Kind::File if !step.ignored && is_compiled(name) => files.push(step.path.clone()),
            _ => {}
        }
        Descend::Into
    });
    files.retain(|file| !nested.iter().any(|module| file.is_within(module)));
    files.sort_unstable();
    let all = files.len() <= MAX_FILES;
    files.truncate(MAX_FILES);
    (files, complete && all)
}

/// What one file says.
struct GoFile<'a> {
    package: &'a str,
    constraint: Option<&'a str>,
    /// Local name and path.
    imports: Vec<(String, String)>,
    has_main: bool,
    facts: Vec<(GoFactKind, barehull_syntax::Span)>,
}

impl<'a> GoFile<'a> {
    /// Nothing for a file that no build for Linux compiles, or that is no Go.
    fn scan(text: &'a str) -> Option<Self> {
        let tokens = tokens(text);
        let start = tokens.iter().position(|token| token.kind == TokenKind::Name("package"))?;
        let TokenKind::Name(package) = tokens.get(start + 1)?.kind else { return None };
        let expression = tokens[..start].iter().find_map(|token| match token.kind {
            TokenKind::Directive(line) => line.strip_prefix("//go:build ").map(str::trim),
            _ => None,
        });
        let constraint = match expression.map_or(Some(true), holds_on_linux) {
            Some(false) => return None,
            Some(true) => None,
            None => expression,
        };
        let mut file = Self { package, constraint, imports: Vec::new(), has_main: false, facts: Vec::new() };
        let mut at = start + 2;
        while at < tokens.len() {
            at = file.take(&tokens, at);
        }
        Some(file)
    }

    /// Reads what starts at token `at` and gives the token to go on with.
    fn take(&mut self, tokens: &[Token<'a>], at: usize) -> usize {
        match &tokens[at].kind {
            TokenKind::Directive(line) => {
                if let Some(patterns) = line.strip_prefix("//go:embed ") {
                    let patterns =
                        patterns.split_whitespace().map(|word| word.trim_matches(['"', '`']).to_owned());
                    self.facts.push((GoFactKind::Embeds(patterns.collect()), tokens[at].span));
                }
            }
            TokenKind::Name("import") => return self.take_imports(tokens, at + 1),
            TokenKind::Name("func") => {
                let name = tokens.get(at + 1).map(|token| &token.kind);
                self.has_main |=
                    name == Some(&TokenKind::Name("main")) && tokens.get(at + 2).is_some_and(|t| t.is('('));
            }
            TokenKind::Name(name) if tokens.get(at + 1).is_some_and(|token| token.is('(')) => {
                let receiver = match at.checked_sub(2).map(|two| &tokens[two].kind) {
                    Some(TokenKind::Name(receiver)) if tokens[at - 1].is('.') => Some(*receiver),
                    _ => None,
                };
                let is_method = at > 0 && tokens[at - 1].is('.');
                self.take_call(receiver, is_method, name, &tokens[at..]);
            }
            TokenKind::Text(text) => {
                // Migration tools take their folder as an address.
                if let Some(path) = text.strip_prefix("file://").filter(|path| !path.is_empty()) {
                    self.facts.push((GoFactKind::Reads(Some(path.to_owned())), tokens[at].span));
                }
            }
            _ => {}
        }
        at + 1
    }

    fn take_imports(&mut self, tokens: &[Token<'a>], start: usize) -> usize {
        let block = tokens.get(start).is_some_and(|token| token.is('('));
        let mut alias = None;
        let mut at = start + usize::from(block);
        while let Some(token) = tokens.get(at) {
            at += 1;
            match &token.kind {
                TokenKind::Name(name) => alias = Some((*name).to_owned()),
                TokenKind::Sign(')') => break,
                TokenKind::Sign(c) => alias = Some(c.to_string()),
                TokenKind::Text(path) => {
                    if path == "C" {
                        self.facts.push((GoFactKind::Cgo, token.span));
                    }
                    let name = alias.take().unwrap_or_else(|| local_name(path).to_owned());
                    self.imports.push((name, path.clone()));
                    if !block {
                        break;
                    }
                }
                TokenKind::Directive(_) | TokenKind::Other => {}
            }
        }
        at
    }

    fn take_call(&mut self, receiver: Option<&str>, is_method: bool, name: &str, call: &[Token<'a>]) {
        let package = receiver.and_then(|receiver| {
            self.imports.iter().find(|(local, _)| local == receiver).map(|(_, path)| path.as_str())
        });
        let arguments = arguments(call);
        let argument = |at: usize| arguments.get(at).cloned().flatten();
        let first = || argument(0);
        let mut facts = Vec::new();
        match (package, name) {
            (Some("os/exec"), "Command" | "LookPath") => facts.push(GoFactKind::Spawns(first())),
            (Some("os/exec"), "CommandContext") => facts.push(GoFactKind::Spawns(argument(1))),
            (Some("syscall" | "golang.org/x/sys/unix"), "Exec" | "ForkExec" | "StartProcess")
            | (Some("os"), "StartProcess") => facts.push(GoFactKind::Spawns(first())),
            (Some("os"), "ReadFile" | "Open" | "ReadDir" | "DirFS")
            | (Some("io/ioutil"), "ReadFile" | "ReadDir")
            | (Some("path/filepath"), "Walk" | "WalkDir" | "Glob")
            | (Some("net/http"), "Dir") => facts.push(GoFactKind::Reads(first())),
            (Some("os"), "OpenFile") => {
                let writes = call.iter().take_while(|token| !token.is(')')).any(|token| {
                    matches!(token.kind, TokenKind::Name("O_CREATE" | "O_WRONLY" | "O_RDWR" | "O_APPEND"))
                });
                facts.push(if writes { GoFactKind::Writes(first()) } else { GoFactKind::Reads(first()) });
            }
            (Some("os"), "Create" | "WriteFile" | "Mkdir" | "MkdirAll")
            | (Some("io/ioutil"), "WriteFile") => {
                facts.push(GoFactKind::Writes(first()));
            }
            (Some("net/http"), "ServeFile") => facts.push(GoFactKind::Reads(argument(2))),
            (Some("net/http"), "ListenAndServeTLS") => {
                facts.extend([GoFactKind::Reads(argument(1)), GoFactKind::Reads(argument(2))]);
            }
            (Some("plugin"), "Open") => facts.push(GoFactKind::LoadsPlugin),
            // Of any value: templates, gin, echo, fiber.
            (_, "ParseFiles" | "ParseGlob" | "LoadHTMLGlob" | "LoadHTMLFiles") if is_method => {
                facts.extend(arguments.iter().cloned().map(GoFactKind::Reads));
            }
            (None, "Static" | "StaticFile") if is_method && arguments.len() >= 2 && argument(0).is_some() => {
                facts.push(GoFactKind::Reads(argument(1)));
            }
            _ => {}
        }
        self.facts.extend(facts.into_iter().map(|fact| (fact, call[0].span)));
    }
}

/// The name a package is used by when no other is given: its path's last part, less a version.
fn local_name(path: &str) -> &str {
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_version =
        last.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if is_version { parts.next().unwrap_or(last) } else { last }
}

/// The arguments of a call (its name first): each its text, if it is one literal. Bounded, since calls nest.
fn arguments(call: &[Token<'_>]) -> Vec<Option<String>> {
    const MAX_TOKENS: usize = 60;
    let mut found: Vec<Option<String>> = Vec::new();
    let mut depth = 0_usize;
    let mut current: Vec<&Token<'_>> = Vec::new();
    for token in call.iter().skip(1).take(MAX_TOKENS) {
        match token.kind {
            TokenKind::Sign('(' | '[' | '{') => depth += 1,
            TokenKind::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = depth == 0 || (depth == 1 && token.is(','));
        if ends {
            if !current.is_empty() {
                found.push(match &current[..] {
                    [Token { kind: TokenKind::Text(text), .. }] => Some(text.clone()),
                    _ => None,
                });
            }
            current.clear();
            if depth == 0 {
                break;
            }
        } else if depth > 1 || !token.is('(') {
            current.push(token);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::Memory;
    use super::*;

    fn facts(text: &str) -> Vec<GoFactKind> {
        GoFile::scan(text)
            .map(|file| file.facts.into_iter().map(|(kind, _)| kind).collect())
            .unwrap_or_default()
    }

    #[test]
    fn calls_are_known_by_what_they_import() {
        use GoFactKind::{Cgo, Embeds, LoadsPlugin, Reads, Spawns, Writes};
        let source = r#"package main
import "C"
import (
    "os"
    x "os/exec"
    _ "embed"
    "html/template"
    "net/http"
    "plugin"
    migrate "github.com/golang-migrate/migrate/v4"
)
//go:embed static/* "a b.txt"
var files embed.FS
func main() {
    x.Command("git", "clone", url)
    x.CommandContext(ctx, tool, "a")
    exec.Command("not", "ours")
    os.ReadFile("config.yaml")
    os.ReadFile(filepath.Join(dir, "x"))
    os.OpenFile("/var/log/x", os.O_CREATE|os.O_WRONLY, 0644)
    os.MkdirAll("data", 0755)
    template.Must(template.New("t").ParseFiles("a.html", name, "b.html"))
    http.FileServer(http.Dir("./public"))
    router.Static("/static", "./assets")
    plugin.Open("p.so")
    migrate.New("file://migrations", dsn)
    // os.ReadFile("comment")
    s := "os.ReadFile(\"string\")"
}
"#;
        let expected = [
            Cgo,
            Embeds(vec!["static/*".to_owned(), "a".to_owned(), "b.txt".to_owned()]),
            Spawns(Some("git".to_owned())),
            Spawns(None),
            Reads(Some("config.yaml".to_owned())),
            Reads(None),
            Writes(Some("/var/log/x".to_owned())),
            Writes(Some("data".to_owned())),
            Reads(Some("a.html".to_owned())),
            Reads(None),
            Reads(Some("b.html".to_owned())),
            Reads(Some("./public".to_owned())),
            Reads(Some("./assets".to_owned())),
            LoadsPlugin,
            Reads(Some("migrations".to_owned())),
        ];
        assert_eq!(facts(source), expected);
        assert_eq!(facts("//go:build ignore\n\npackage main\nimport \"C\"\n"), []);
    }

    #[test]
    fn scans_one_module() {
        let files = Memory::of([
            ("go.mod", "module x"),
            ("cmd/a/main.go", "package main\nfunc main() {}"),
            ("cmd/b/main.go", "package main\nimport \"example.org/y\"\nfunc main() {}"),
            ("lib/db.go", "//go:build cgo\npackage lib\nimport \"C\""),
            ("lib/db_test.go", "package lib\nimport \"C\""),
            ("lib/db_windows.go", "package lib\nimport \"C\""),
            ("vendor/v/v.go", "package v\nimport \"C\""),
            ("nested/go.mod", "module n"),
            ("nested/n.go", "package n\nimport \"C\""),
            ("lib/bad.go", "\u{0}"),
        ]);
        let context = BuildContext::new(Arc::new(files), &ProjectPath::root()).unwrap();
        let sources = GoSources::scan(&context, &ProjectPath::root());
        let programs: Vec<_> = sources.programs().map(|package| package.folder.as_str()).collect();
        assert_eq!(programs, ["cmd/a", "cmd/b"]);
        assert_eq!(sources.facts.len(), 1);
        assert_eq!(sources.facts[0].at.path.as_str(), "lib/db.go");
        assert_eq!(sources.facts[0].constraint.as_deref(), Some("cgo"));
        assert!(sources.complete && sources.imports.contains("example.org/y"));
    }

    #[test]
    fn nested_calls_take_no_quadratic_time() {
        let deep = format!("package p\nimport \"os\"\nvar x = {}", "os.Open(".repeat(50_000));
        assert_eq!(facts(&deep).len(), 50_000);
    }
}
