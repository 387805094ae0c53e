//! `Cargo.toml`, and the crates of `Cargo.lock`.

use std::collections::BTreeSet;

use super::super::{BuildContext, Note, ProjectPath, toml};
use super::{manifest_text, syntax_note};

/// What a `Cargo.toml` says of its programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoManifest {
    /// `package.name`; none for a workspace alone.
    pub package: Option<String>,
    /// `package.default-run`.
    pub default_run: Option<String>,
    /// Names of the `[[bin]]` tables.
    pub binaries: Vec<String>,
    /// Whether `src/main.rs` lies beside it, and no other program in `src/bin`.
    pub only_main: bool,
}

impl CargoManifest {
    /// Reads the manifest at `path`; nothing if the builder sees none there.
    pub fn read(context: &BuildContext, path: &ProjectPath) -> Result<Option<Self>, Note> {
        let Some(text) = manifest_text(context, path)? else { return Ok(None) };
        let top = toml::parse(&text).map_err(|error| syntax_note(path, &text, &error))?;
        let text_at = |keys: &[&str]| top.text_at(keys).map(str::to_owned);
        let bins = top.get("bin").map(|bins| bins.items()).unwrap_or_default();
        let there =
            |name: &str| path.folder().join(name).is_ok_and(|path| context.exists(&path) == Some(true));
        Ok(Some(Self {
            package: text_at(&["package", "name"]),
            default_run: text_at(&["package", "default-run"]),
            binaries: bins.iter().filter_map(|bin| bin.text_at(&["name"]).map(str::to_owned)).collect(),
            only_main: there("src/main.rs") && !there("src/bin"),
        }))
    }

    /// The program that `cargo run` starts.
    pub fn default_binary(&self) -> Option<&str> {
        if let Some(name) = &self.default_run {
            return Some(name);
        }
        match self.binaries.as_slice() {
            [] if self.only_main => self.package.as_deref(),
            [only] if self.only_main && self.package.as_deref() == Some(only) => Some(only),
            [only] if !self.only_main => Some(only),
            _ => None,
        }
    }
}

/// The crates that the `Cargo.lock` at `path` names; nothing if the builder sees none there.
pub fn locked_crates(context: &BuildContext, path: &ProjectPath) -> Result<Option<BTreeSet<String>>, Note> {
    let Some(text) = manifest_text(context, path)? else { return Ok(None) };
    let top = toml::parse(&text).map_err(|error| syntax_note(path, &text, &error))?;
    let packages = top.get("package").map(|packages| packages.items()).unwrap_or_default();
    Ok(Some(packages.iter().filter_map(|p| p.text_at(&["name"]).map(str::to_owned)).collect()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::project::Memory;

    #[test]
    fn the_program_that_cargo_run_starts() {
        let cases: [(&str, &[&str], Option<&str>); 6] = [
            ("[package]\nname = \"a-b\"\n", &["src/main.rs"], Some("a-b")),
            ("[package]\nname = \"a\"\n", &["src/main.rs", "src/bin/b.rs"], None),
            ("[package]\nname = \"a\"\ndefault-run = \"b\"\n", &["src/main.rs", "src/bin/b.rs"], Some("b")),
            ("[package]\nname = \"a\"\n[[bin]]\nname = \"b\"\npath = \"app.rs\"\n", &["app.rs"], Some("b")),
            ("[package]\nname = \"a\"\n[[bin]]\nname = \"b\"\n[[bin]]\nname = \"c\"\n", &[], None),
            ("[workspace]\nmembers = [\"a\"]\n", &[], None),
        ];
        for (text, others, expected) in cases {
            let files = std::iter::once(("Cargo.toml", text)).chain(others.iter().map(|path| (*path, "")));
            let context = BuildContext::new(Arc::new(Memory::of(files)), &ProjectPath::root()).unwrap();
            let path = ProjectPath::new("Cargo.toml").unwrap();
            let manifest = CargoManifest::read(&context, &path).unwrap().unwrap();
            assert_eq!(manifest.default_binary(), expected, "{text}");
        }
    }

    #[test]
    fn crates_are_listed_once() {
        let text = "version = 4\n[[package]]\nname = \"libc\"\n[[package]]\nname = \"pq-sys\"\n[[package]]\nname = \"libc\"\n";
        let context =
            BuildContext::new(Arc::new(Memory::of([("Cargo.lock", text)])), &ProjectPath::root()).unwrap();
        let found = locked_crates(&context, &ProjectPath::new("Cargo.lock").unwrap()).unwrap().unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["libc", "pq-sys"]);
    }
}
