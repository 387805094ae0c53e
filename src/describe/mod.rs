//! A catalog entry for a base image from what is really in it: what `barehull catalog from` writes, and what the
//! built-in entries are compared with.

mod language;
mod libc;
mod name;
pub(crate) mod os_release;
#[cfg(test)]
mod tests;
mod yaml;

use std::fmt;

use barehull_catalog::schema::{ComponentEntry, ImageEntry, Language, ReleaseChoice, TagPattern, Variant};
use barehull_catalog::{
    Catalog, Completeness, ConfigEntry, Entry, EnvEntry, Family, ImageRef, List, Presence, Role, Text,
};
use barehull_image::{Image, ImageConfig, inventory, is_usr_merged};

pub use name::{NameError, name_of};

use self::os_release::Distribution;
use crate::verify::looks_secret;

/// Longest name of a variable that is written: YAML's keys end at 1024 bytes.
const MAX_NAME: usize = 256;

/// What is known of an image, as the catalog says it.
#[derive(Debug)]
pub struct Description {
    /// The entry: one name, one variant.
    pub entry: ImageEntry,
    /// What it was made from, one line each.
    pub head: Vec<String>,
    /// What a reader has to know or should add, one sentence each.
    pub remarks: Vec<String>,
    /// The roles of the variant's components, in their order.
    roles: Vec<Role>,
}

/// Why an image cannot be described.
#[derive(Debug, PartialEq, Eq)]
pub enum Undescribed {
    /// It is for Windows.
    Windows,
    /// There is no program in it.
    NoPrograms,
    /// The name or tag is too long for an entry.
    Name(String),
}

impl fmt::Display for Undescribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Windows => f.write_str(
                "this is an image of Windows, of which files say too little: write its entry by hand \
                 (docs/catalog.md)",
            ),
            Self::NoPrograms => f.write_str(
                "there is no program in it: is it an image, or the root of a file system? For an image without \
                 anything, FROM scratch says all",
            ),
            Self::Name(name) => write!(
                f,
                "`{name}` is too long for the catalog, which takes 120 characters of a name or tag: tag the image \
                 shorter"
            ),
        }
    }
}

impl std::error::Error for Undescribed {}

/// Describes `image` as what `name` means. `catalog` says which programs have a role.
///
/// # Errors
/// If there is nothing to describe, or not in the catalog's form.
pub fn describe(image: &Image, name: &ImageRef, catalog: &Catalog) -> Result<Description, Undescribed> {
    if image.config.os == "windows" {
        return Err(Undescribed::Windows);
    }
    if !image.tree.iter().any(|entry| entry.elf().is_some() || entry.script().is_some()) {
        return Err(Undescribed::NoPrograms);
    }
    let mut remarks = Vec::new();
    let distribution = Distribution::of(&image.tree, catalog, &mut remarks);
    let inventory = inventory(image, catalog);
    let present: Vec<&Entry> =
        inventory.materialise().iter().filter(|entry| entry.presence == Presence::Present).collect();
    let is_whole = inventory.completeness() == Completeness::Exact;
    if !is_whole {
        remarks
            .push("Not all of the image could be read: what is not listed may be there all the same.".into());
    }
    if !image.config.onbuild.is_empty() {
        let triggers = image.config.onbuild.join("; ");
        remarks.push(format!(
            "It has ONBUILD instructions, which run where it is built on and which an entry does not hold, so this is \
             `at least`: {triggers}"
        ));
    }
    let has = |role| present.iter().any(|entry| entry.component.role == role);
    let language = language::of(image, &mut remarks);
    let eol = language.as_ref().and_then(|found| found.eol).or(distribution.eol);
    let variant = Variant {
        tags: vec![pattern(name.effective_tag().unwrap_or("latest"))?].into(),
        from: None,
        os: Some(distribution.family),
        release: distribution.release.map(release).into_iter().collect(),
        verified: is_whole && image.config.onbuild.is_empty(),
        packages: List::default(),
        components: present.iter().map(|entry| component(entry)).collect(),
        without: List::default(),
        config: config(&image.config, &mut remarks),
        minimal: !has(Role::Shell) && !has(Role::PackageManager),
        debug_of: None,
        libc: Some(libc::of(&image.tree, catalog.libc_of(distribution.family))),
        merged_usr: Some(is_usr_merged(&image.tree)),
        eol: None,
        since: None,
        before: None,
    };
    let entry = ImageEntry {
        name: pattern(&catalog.entry_name(name))?,
        source: Text::default(),
        date: None,
        language: language.map(|found| Language {
            name: found.name.into(),
            interpreter: Some(found.interpreter.into()),
            version: found.version.map(Text::Owned),
        }),
        eol: eol.map(Text::Borrowed),
        architectures: architecture(&image.config).into_iter().collect(),
        versions: List::default(),
        verified_versions: None,
        start_script: None,
        config: ConfigEntry::default(),
        components: List::default(),
        variants: vec![variant].into(),
    };
    let roles = present.iter().map(|entry| entry.component.role).collect();
    Ok(Description { entry, head: head(image, name), remarks, roles })
}

fn pattern(text: &str) -> Result<TagPattern, Undescribed> {
    TagPattern::try_from(text.to_owned()).map_err(|_| Undescribed::Name(text.to_owned()))
}

fn release(is: String) -> ReleaseChoice {
    ReleaseChoice { since: None, is: is.into() }
}

/// The image's own words for itself, none of the machine it was read on.
fn head(image: &Image, name: &ImageRef) -> Vec<String> {
    let mut lines = vec![format!("What is in {name}, as `barehull catalog from` read it.")];
    if let Some(own) = image.name.as_ref().filter(|own| **own != name.to_string()) {
        lines.push(format!("The image calls itself {own}."));
    }
    if let Some(digest) = &image.digest {
        lines.push(format!("Digest: {digest}"));
    }
    let packages: usize = image.packages.iter().map(|db| db.packages.as_ref().map_or(0, Vec::len)).sum();
    if packages > 0 {
        lines.push(format!("Packages of the distribution: {packages}"));
    }
    lines
}

/// As in GOARCH: `amd64`, `arm/v7`.
fn architecture(config: &ImageConfig) -> Option<Text> {
    if config.architecture.is_empty() {
        return None;
    }
    let variant = config.variant.as_deref().filter(|_| config.architecture == "arm");
    let architecture = &config.architecture;
    Some(variant.map_or_else(|| architecture.clone(), |v| format!("{architecture}/{v}")).into())
}

fn component(entry: &Entry) -> ComponentEntry {
    let component = &entry.component;
    // A reader of the entry has the built-in roles, whatever tools were told of here.
    let is_said = Catalog::builtin().role_of(component.name()) == Some(component.role);
    ComponentEntry {
        path: literal(&component.path),
        package: entry.package.clone().map(Text::Owned),
        role: (!is_said).then_some(component.role),
        since: None,
        before: None,
    }
}

/// Text that stands for itself where `{version}` and the like are replaced.
fn literal(text: &str) -> Text {
    text.replace('{', "{{").replace('}', "}}").into()
}

fn config(config: &ImageConfig, remarks: &mut Vec<String>) -> ConfigEntry {
    let words = |words: &[String]| {
        (!words.is_empty()).then(|| words.iter().map(|word| Text::Owned(word.clone())).collect())
    };
    let text = |text: &str| (!text.is_empty()).then(|| Text::Owned(text.to_owned()));
    let list = |list: &[String]| list.iter().map(|value| Text::Owned(value.clone())).collect();
    ConfigEntry {
        env: environment(config, remarks),
        entrypoint: words(&config.entrypoint),
        cmd: words(&config.cmd),
        user: text(&config.user),
        workdir: text(&config.working_dir),
        expose: list(&config.exposed_ports),
        volumes: list(&config.volumes),
        shell: words(&config.shell),
        stop_signal: config.stop_signal.clone().map(Text::Owned),
        healthcheck: config.healthcheck.as_ref().and_then(|check| words(&check.test)),
    }
}

/// Variables in the order of their first setting, each with its last value. What looks like a secret is not written
/// into a file that is meant to be kept with the sources.
fn environment(config: &ImageConfig, remarks: &mut Vec<String>) -> List<EnvEntry> {
    let mut env: Vec<EnvEntry> = Vec::new();
    for (name, value) in &config.env {
        if name.is_empty() || name.len() > MAX_NAME {
            remarks.push("A variable was left out: its name is empty or too long.".into());
            continue;
        }
        let value = if looks_secret(name, value) {
            remarks.push(format!("The value of {name} was left out: it looks like a secret."));
            None
        } else {
            Some(literal(value))
        };
        match env.iter_mut().find(|known| known.name == *name) {
            Some(known) => known.value = value,
            None => env.push(EnvEntry { name: name.clone().into(), value, ..EnvEntry::default() }),
        }
    }
    env.into()
}

/// Whether a distribution is known by its packages.
fn has_packages(family: Family) -> bool {
    !matches!(family, Family::None | Family::Busybox)
}
