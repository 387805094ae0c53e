//! `package.json`, and which lock files lie beside it.

use super::super::json;
use super::super::tree::{Node, Value};
use super::super::{BuildContext, Note, ProjectPath, Sited};
use super::{manifest_text, syntax_note};

/// What a `package.json` says. Spans of texts include their quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePackage {
    /// The file.
    pub path: ProjectPath,
    /// `name`.
    pub name: Option<Sited<String>>,
    /// `type`: `module` or `commonjs` (the default).
    pub module_type: Option<Sited<String>>,
    /// `main`.
    pub main: Option<Sited<String>>,
    /// `module`, read by bundlers.
    pub module: Option<Sited<String>>,
    /// `bin`: command and file.
    pub bin: Vec<(String, Sited<String>)>,
    /// `scripts`, in order.
    pub scripts: Vec<Script>,
    /// `dependencies`.
    pub dependencies: Vec<Dependency>,
    /// `devDependencies`.
    pub dev_dependencies: Vec<Dependency>,
    /// `optionalDependencies`.
    pub optional_dependencies: Vec<Dependency>,
    /// `workspaces`: patterns of folders.
    pub workspaces: Vec<Sited<String>>,
    /// `engines.node`.
    pub node_version: Option<Sited<String>>,
    /// `packageManager`: `pnpm@9.1.0`.
    pub package_manager: Option<Sited<String>>,
    /// The lock files beside it, sorted.
    pub lock_files: Vec<LockFile>,
}

/// A script of `package.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its name.
    pub name: Sited<String>,
    /// Its shell text.
    pub command: Sited<String>,
}

/// A package that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: Sited<String>,
    /// The version (range, address, folder) as written.
    pub version: String,
}

/// Lock files, and with them package managers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockFile {
    /// npm's `package-lock.json` or `npm-shrinkwrap.json`.
    Npm,
    /// `yarn.lock`.
    Yarn,
    /// `pnpm-lock.yaml`.
    Pnpm,
    /// `bun.lock` or `bun.lockb`.
    Bun,
}

impl LockFile {
    const NAMES: [(&'static str, Self); 6] = [
        ("package-lock.json", Self::Npm),
        ("npm-shrinkwrap.json", Self::Npm),
        ("yarn.lock", Self::Yarn),
        ("pnpm-lock.yaml", Self::Pnpm),
        ("bun.lock", Self::Bun),
        ("bun.lockb", Self::Bun),
    ];

    /// The lock files in `folder` that the builder sees, sorted, each kind once.
    fn beside(context: &BuildContext, folder: &ProjectPath) -> Vec<Self> {
        let there = |name: &str| folder.join(name).is_ok_and(|path| context.exists(&path) == Some(true));
        let mut found: Vec<_> =
            Self::NAMES.iter().filter(|(name, _)| there(name)).map(|(_, kind)| *kind).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl NodePackage {
    /// Reads `package.json` in `folder` of the context; nothing if the builder sees none there.
    pub fn read(context: &BuildContext, folder: &ProjectPath) -> Result<Option<Self>, Note> {
        let path = folder.child("package.json");
        let Some(text) = manifest_text(context, &path)? else { return Ok(None) };
        let top = json::parse(&text).map_err(|error| syntax_note(&path, &text, &error))?;
        Ok(Some(Self::of(&top, path, LockFile::beside(context, folder))))
    }

    fn of(top: &Node, path: ProjectPath, lock_files: Vec<LockFile>) -> Self {
        let text = |keys: &[&str]| top.at(keys).and_then(Node::sited);
        let name = text(&["name"]);
        Self {
            path,
            module_type: text(&["type"]),
            main: text(&["main"]),
            module: text(&["module"]),
            bin: bin(top.get("bin"), name.as_ref()),
            scripts: scripts(top.get("scripts")),
            dependencies: dependencies(top.get("dependencies")),
            dev_dependencies: dependencies(top.get("devDependencies")),
            optional_dependencies: dependencies(top.get("optionalDependencies")),
            workspaces: workspaces(top.get("workspaces")),
            node_version: text(&["engines", "node"]),
            package_manager: text(&["packageManager"]),
            name,
            lock_files,
        }
    }

    /// The script `name`.
    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.name.value == name)
    }
}

/// `bin` is a map of commands, or one file called as the package (without its scope).
fn bin(node: Option<&Node>, name: Option<&Sited<String>>) -> Vec<(String, Sited<String>)> {
    let Some(node) = node else { return Vec::new() };
    if let Some(file) = node.sited() {
        let command = name.map(|name| name.value.rsplit('/').next().unwrap_or_default().to_owned());
        return command.map(|command| (command, file)).into_iter().collect();
    }
    let pairs = node.pairs();
    pairs.iter().filter_map(|pair| Some((pair.key.value.clone(), pair.value.sited()?))).collect()
}

fn scripts(node: Option<&Node>) -> Vec<Script> {
    let pairs = node.map(Node::pairs).unwrap_or_default();
    pairs
        .iter()
        .filter_map(|pair| Some(Script { name: pair.key.clone(), command: pair.value.sited()? }))
        .collect()
}

fn dependencies(node: Option<&Node>) -> Vec<Dependency> {
    let pairs = node.map(Node::pairs).unwrap_or_default();
    let dependency =
        |version: &str, name: &Sited<String>| Dependency { name: name.clone(), version: version.to_owned() };
    pairs.iter().filter_map(|pair| Some(dependency(pair.value.text()?, &pair.key))).collect()
}

/// A list of patterns, or `{packages: [...]}`.
fn workspaces(node: Option<&Node>) -> Vec<Sited<String>> {
    let list = node
        .and_then(|node| if matches!(node.value, Value::Map(_)) { node.get("packages") } else { Some(node) });
    list.map(Node::items).unwrap_or_default().iter().filter_map(|item| item.sited()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::Memory;
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Option<NodePackage>, Note> {
        let files = std::sync::Arc::new(Memory::of(files.iter().copied()));
        let context = BuildContext::new(files, &ProjectPath::root()).unwrap();
        NodePackage::read(&context, &ProjectPath::root())
    }

    #[test]
    fn reads_what_recipes_ask_for() {
        let text = r#"{
  "name": "@acme/shop", "type": "module", "main": "dist/server.js", "bin": "cli.js",
  "scripts": {"start": "node dist/server.js", "build": "tsc -p ."},
  "dependencies": {"express": "^4"}, "devDependencies": {"typescript": "5"},
  "workspaces": {"packages": ["packages/*"]},
  "engines": {"node": ">=20"}, "packageManager": "pnpm@9.1.0"
}"#;
        let package = read(&[("package.json", text), ("pnpm-lock.yaml", ""), ("npm-shrinkwrap.json", "")])
            .unwrap()
            .unwrap();
        let start = package.script("start").unwrap();
        assert_eq!(&text[start.command.span.range()], "\"node dist/server.js\"");
        assert_eq!(package.bin[0].0, "shop");
        assert_eq!(package.dependencies[0].name.value, "express");
        assert_eq!(package.dev_dependencies[0].version, "5");
        assert_eq!(package.workspaces[0].value, "packages/*");
        assert_eq!(package.node_version.unwrap().value, ">=20");
        assert_eq!(package.lock_files, [LockFile::Npm, LockFile::Pnpm]);
    }

    #[test]
    fn odd_shapes_are_passed_over() {
        let package = read(&[(
            "package.json",
            r#"{"scripts": ["x"], "bin": {"a": "b", "c": 1}, "dependencies": {"x": {}}, "main": []}"#,
        )]);
        let package = package.unwrap().unwrap();
        assert!(package.scripts.is_empty() && package.dependencies.is_empty() && package.main.is_none());
        assert_eq!(package.bin.len(), 2);
    }

    #[test]
    fn absence_and_errors() {
        assert_eq!(read(&[("x", "")]), Ok(None));
        assert_eq!(read(&[("package.json", "{}"), (".dockerignore", "package.json")]), Ok(None));
        let note = read(&[("package.json", "{\n  \"a\": ,\n}")]).unwrap_err();
        assert!(note.to_string().starts_with("package.json:2: not read:"), "{note}");
    }
}
