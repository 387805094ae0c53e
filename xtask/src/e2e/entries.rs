//! The catalog's built-in entries against the stand-ins that have the same packages: what `barehull catalog from` reads
//! from the files, and what the catalog says of the name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use barehull::describe::describe;
use barehull_catalog::{Catalog, ConfigEntry, ImageFacts, ImageRef, Runtime, compare_versions};
use barehull_image::Image;

use super::bases::Base;
use super::container::Container;
use super::engine::Engine;
use super::truth::{Claim, Contents, Score, compare};

/// What differs, by its subject: a path, `env NAME`, `os`. The value says how.
type Differences = BTreeMap<String, String>;

/// Compares the stand-in with the entries of all names it stands for. What `bases.yaml` has no reason for is an error,
/// and so is a reason for what is the same.
pub fn check(base: &Base, engine: &Engine) -> Result<()> {
    let container = Container::create(engine, &base.name)?;
    let image = container.image()?;
    drop(container);
    let contents = Contents::of(&image).named(base.version.as_slice());
    let mut found = Differences::new();
    for tag in &base.tags {
        let reference: ImageRef = tag.parse().with_context(|| tag.clone())?;
        let known = Catalog::builtin().image(&reference).with_context(|| format!("{tag} has no entry"))?;
        let differences = Comparison { base, image: &image, contents: &contents, known: &known };
        for (subject, how) in differences.all(&reference)? {
            found.entry(subject).or_insert_with(|| format!("{reference}: {how}"));
        }
    }
    let excused: BTreeSet<&String> = base.differs.keys().collect();
    let mut wrong: Vec<String> = found
        .iter()
        .filter(|(subject, _)| !excused.contains(subject))
        .map(|(subject, how)| format!("{subject}: {how}"))
        .collect();
    let idle = excused.iter().filter(|subject| !found.contains_key(**subject));
    wrong
        .extend(idle.map(|subject| format!("{subject}: `differs` has a reason, but there is no difference")));
    ensure!(wrong.is_empty(), "catalog and files differ:\n  {}", wrong.join("\n  "));
    Ok(())
}

/// A stand-in and what the catalog says of one of its names.
struct Comparison<'a> {
    base: &'a Base,
    image: &'a Image,
    contents: &'a Contents,
    known: &'a ImageFacts,
}

impl Comparison<'_> {
    fn all(&self, reference: &ImageRef) -> Result<Differences> {
        let description = describe(self.image, reference, Catalog::builtin())?;
        // As a user's `--catalog` has it, so that the way there and back is tried as well.
        let own = Catalog::with_user_file(&description.to_yaml()).context("what `catalog from` writes")?;
        let found = own.image(reference).context("what `catalog from` writes is not for its name")?;
        let mut differences = self.components();
        let known = self.known;
        let mut same = |subject: &str, catalog: String, files: String| {
            if catalog != files {
                differences
                    .insert(subject.to_owned(), format!("the catalog says {catalog}, the files {files}"));
            }
        };
        same("os", known.os.to_string(), found.os.to_string());
        same("libc", known.libc.to_string(), found.libc.to_string());
        same("merged /usr", known.merged_usr.to_string(), found.merged_usr.to_string());
        same("minimal", known.minimal.to_string(), found.minimal.to_string());
        same("completeness", known.completeness.as_str().to_owned(), found.completeness.as_str().to_owned());
        for ((subject, catalog), (_, files)) in
            settings(&known.config).into_iter().zip(settings(&found.config))
        {
            same(subject, catalog, files);
        }
        let has = |architecture| known.architectures.is_empty() || known.architectures.contains(architecture);
        if let Some(other) = found.architectures.iter().find(|architecture| !has(architecture)) {
            differences.insert("architecture".to_owned(), format!("the catalog does not list {other}"));
        }
        differences.extend(environment(&known.config, &found.config));
        differences.extend(self.language(found.runtime.as_ref()));
        Ok(differences)
    }

    /// Tools by role: a tool with several names counts once.
    fn components(&self) -> Differences {
        let mut claim = Claim::default();
        for known in &self.known.components {
            let role = known.component.role.to_string();
            claim.surface.entry(role).or_default().insert(known.component.path.to_string());
        }
        let mut scores: BTreeMap<String, Score> = BTreeMap::new();
        compare(&mut scores, "", &claim, self.contents);
        let mut differences = Differences::new();
        for (role, score) in scores {
            let wrong =
                score.wrong.into_iter().map(|(_, path)| (path, format!("a {role} that is not there")));
            differences.extend(wrong);
            let missed =
                score.missed.into_iter().map(|(_, path)| (path, format!("a {role} that is not listed")));
            differences.extend(missed);
        }
        differences
    }

    /// The language, its version as far as both say it, and whether the interpreters are one file.
    fn language(&self, found: Option<&Runtime>) -> Option<(String, String)> {
        let name = |runtime: Option<&Runtime>| runtime.map_or("none".to_owned(), |r| r.name.to_string());
        let known = self.known.runtime.as_ref();
        let differ = |what: &str, catalog: &str, files: &str| {
            Some((what.to_owned(), format!("the catalog says {catalog}, the files {files}")))
        };
        let (Some(known), Some(found)) = (known, found) else {
            return if known.is_none() && found.is_none() {
                None
            } else {
                differ("language", &name(known), &name(found))
            };
        };
        if known.name != found.name {
            return differ("language", &known.name, &found.name);
        }
        if let (Some(catalog), Some(files)) = (&known.version, &found.version) {
            let files = self
                .base
                .version
                .iter()
                .fold(files.clone(), |v, version| v.replace(&version.has, &version.named));
            if compare_versions(catalog, &files).is_ne() {
                return differ("language version", catalog, &files);
            }
        }
        let real = |path: Option<&str>| {
            path.and_then(|path| self.image.tree.resolve(path).ok()).map(|entry| &*entry.path)
        };
        let (catalog, files) = (known.interpreter.as_deref(), found.interpreter.as_deref());
        if catalog.is_some() && real(catalog) != real(files) {
            return differ("interpreter", catalog.unwrap_or("none"), files.unwrap_or("none"));
        }
        None
    }
}

/// Everything of a configuration but the environment, in words.
fn settings(config: &ConfigEntry) -> Vec<(&'static str, String)> {
    // Root is root, and no folder is the root folder, however an image says it.
    let user = config.user.as_deref().filter(|user| !matches!(*user, "0" | "root" | "0:0")).unwrap_or("root");
    let workdir = config.workdir.as_deref().unwrap_or("/");
    let list = |list: &Option<_>| format!("{:?}", Option::as_deref(list).unwrap_or_default());
    vec![
        ("entrypoint", list(&config.entrypoint)),
        ("cmd", list(&config.cmd)),
        ("user", user.to_owned()),
        ("workdir", workdir.to_owned()),
        ("expose", format!("{:?}", config.expose)),
        ("volumes", format!("{:?}", config.volumes)),
        ("shell", list(&config.shell)),
        ("stop signal", format!("{:?}", config.stop_signal)),
        ("healthcheck", list(&config.healthcheck)),
    ]
}

/// Variables of one side only, and those with another value; a value that varies is not compared.
fn environment(known: &ConfigEntry, found: &ConfigEntry) -> Differences {
    let value = |config: &ConfigEntry, name: &str| {
        config.env.iter().find(|variable| variable.name == name).map(|variable| variable.value.clone())
    };
    let names: BTreeSet<&str> = known.env.iter().chain(found.env.iter()).map(|v| v.name.as_ref()).collect();
    let difference = |name: &str| {
        let how = match (value(known, name), value(found, name)) {
            (Some(None), Some(_)) => return None,
            (Some(catalog), Some(files)) if catalog == files => return None,
            (Some(Some(catalog)), Some(files)) => {
                format!("the catalog says {catalog}, the files {}", files.as_deref().unwrap_or("another"))
            }
            (Some(_), None) => "a variable that is not set".to_owned(),
            (None, _) => "a variable that is not listed".to_owned(),
        };
        Some((format!("env {name}"), how))
    };
    names.into_iter().filter_map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(env: &[(&'static str, Option<&'static str>)]) -> ConfigEntry {
        let variables = env.iter().map(|(name, value)| barehull_catalog::EnvEntry {
            name: (*name).into(),
            value: value.map(Into::into),
            ..barehull_catalog::EnvEntry::default()
        });
        ConfigEntry { env: variables.collect(), ..ConfigEntry::default() }
    }

    #[test]
    fn variables_that_vary_are_only_there() {
        let known = config(&[("A", Some("1")), ("B", None), ("C", None), ("D", Some("4"))]);
        let found = config(&[("A", Some("1")), ("B", Some("2")), ("D", Some("5")), ("E", Some("6"))]);
        let differences = environment(&known, &found);
        assert_eq!(differences.keys().collect::<Vec<_>>(), ["env C", "env D", "env E"]);
    }

    #[test]
    fn root_has_several_names() {
        let user = |user: &'static str| ConfigEntry { user: Some(user.into()), ..ConfigEntry::default() };
        assert_eq!(settings(&user("0")), settings(&ConfigEntry::default()));
        assert_ne!(settings(&user("65532")), settings(&ConfigEntry::default()));
    }
}
