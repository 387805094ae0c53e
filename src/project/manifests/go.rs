//! `go.mod`: the module, its Go version and what it requires.

use barehull_syntax::Span;

use super::super::{BuildContext, Note, ProjectPath, Sited};
use super::manifest_text;

/// What a `go.mod` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoModule {
    /// The file.
    pub path: ProjectPath,
    /// The module's path.
    pub module: Option<Sited<String>>,
    /// `go 1.22`.
    pub go: Option<Sited<String>>,
    /// `toolchain go1.22.3`.
    pub toolchain: Option<Sited<String>>,
    /// What it requires, in order.
    pub requires: Vec<Require>,
    /// What it replaces, in order.
    pub replaces: Vec<Replace>,
    /// Whether `vendor/modules.txt` lies beside it: then Go builds from `vendor`.
    pub vendored: bool,
    /// Whether `go.sum` lies beside it.
    pub has_sum: bool,
}

/// One module that is required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// Its path.
    pub module: Sited<String>,
    /// Its version.
    pub version: String,
    /// Whether only others need it (`// indirect`).
    pub indirect: bool,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The module that is replaced.
    pub module: Sited<String>,
    /// A module's path, or a folder if it starts with `./`, `../` or `/`.
    pub by: Sited<String>,
}

impl Replace {
    /// Whether the module is replaced by a folder.
    pub fn is_local(&self) -> bool {
        ["./", "../", "/"].iter().any(|start| self.by.value.starts_with(start)) || self.by.value == ".."
    }
}

impl GoModule {
    /// Reads `go.mod` in `folder` of the context; nothing if the builder sees none there.
    pub fn read(context: &BuildContext, folder: &ProjectPath) -> Result<Option<Self>, Note> {
        let path = folder.child("go.mod");
        let Some(text) = manifest_text(context, &path)? else { return Ok(None) };
        let there = |name: &str| folder.join(name).is_ok_and(|path| context.exists(&path) == Some(true));
        let mut module = Self::of(&text, path);
        module.vendored = there("vendor/modules.txt");
        module.has_sum = there("go.sum");
        Ok(Some(module))
    }

    fn of(text: &str, path: ProjectPath) -> Self {
        let mut module = Self {
            path,
            module: None,
            go: None,
            toolchain: None,
            requires: Vec::new(),
            replaces: Vec::new(),
            vendored: false,
            has_sum: false,
        };
        let mut block: Option<String> = None;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let (words, comment) = words(line, start);
            start += line.len();
            let texts: Vec<_> = words.iter().map(|word| word.value.as_str()).collect();
            match (&block, &texts[..]) {
                (_, []) => {}
                (Some(_), [")", ..]) => block = None,
                (Some(verb), _) => module.take(&verb.clone(), &words, comment),
                (None, [verb, "("]) => block = Some((*verb).to_owned()),
                (None, [verb, ..]) => module.take(verb, &words[1..], comment),
            }
        }
        module
    }

    fn take(&mut self, verb: &str, words: &[Sited<String>], comment: &str) {
        match (verb, words) {
            ("module", [path]) => self.module = Some(path.clone()),
            ("go", [version]) => self.go = Some(version.clone()),
            ("toolchain", [name]) => self.toolchain = Some(name.clone()),
            ("require", [module, version]) => self.requires.push(Require {
                module: module.clone(),
                version: version.value.clone(),
                indirect: comment.split_whitespace().next() == Some("indirect"),
            }),
            ("replace", [module, rest @ ..]) => {
                let arrow = rest.iter().position(|word| word.value == "=>");
                if let Some(by) = arrow.and_then(|at| rest.get(at + 1)) {
                    self.replaces.push(Replace { module: module.clone(), by: by.clone() });
                }
            }
            _ => {}
        }
    }

    /// What it requires of `module`.
    pub fn requires(&self, module: &str) -> Option<&Require> {
        self.requires.iter().find(|require| require.module.value == module)
    }
}

/// The words of a line that starts at byte `start`, quotes taken off, and the comment behind them.
fn words(line: &str, start: usize) -> (Vec<Sited<String>>, &str) {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skip) = code[at..].find(|c: char| !c.is_whitespace()) {
        at += skip;
        let rest = &code[at..];
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // A bracket may follow its verb at once.
        let len = if len > 1 && rest[..len].ends_with('(') { len - 1 } else { len };
        let word = &rest[..len];
        let span = Span::new((start + at) as u32, (start + at + len) as u32);
        found.push(Sited::new(word.trim_matches(['"', '`']).to_owned(), span));
        at += len;
    }
    (found, comment.trim_start())
}

#[cfg(test)]
mod tests {
    use super::super::super::Memory;
    use super::*;

    #[test]
    fn reads_lines_and_blocks() {
        let text = "// c\nmodule example.org/shop // x\n\ngo 1.22\ntoolchain go1.22.3\n\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.22\n\tgolang.org/x/sys v0.20.0 // indirect\n)\nrequire \"a.b/c\" v1.0.0\nreplace (\n\ta.b/c v1.0.0 => ../c\n)\nreplace d => e v2\nexclude x v1\n";
        let files = Memory::of([("svc/go.mod", text), ("svc/vendor/modules.txt", ""), ("svc/go.sum", "")]);
        let context = BuildContext::new(std::sync::Arc::new(files), &ProjectPath::root()).unwrap();
        let module = GoModule::read(&context, &ProjectPath::new("svc").unwrap()).unwrap().unwrap();
        assert_eq!(module.module.as_ref().unwrap().value, "example.org/shop");
        assert_eq!(&text[module.go.as_ref().unwrap().span.range()], "1.22");
        assert_eq!(module.toolchain.as_ref().unwrap().value, "go1.22.3");
        assert!(!module.requires("github.com/mattn/go-sqlite3").unwrap().indirect);
        assert!(module.requires("golang.org/x/sys").unwrap().indirect);
        assert_eq!(module.requires("a.b/c").unwrap().version, "v1.0.0");
        let replaces: Vec<_> = module.replaces.iter().map(|r| (r.by.value.as_str(), r.is_local())).collect();
        assert_eq!(replaces, [("../c", true), ("e", false)]);
        assert!(module.vendored && module.has_sum);
        assert_eq!(GoModule::read(&context, &ProjectPath::root()), Ok(None));
    }
}
