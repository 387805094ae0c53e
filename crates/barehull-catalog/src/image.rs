use crate::catalog::{Catalog, Eol, Os};
use crate::schema::{
    Captures, ComponentEntry, ConfigEntry, Date, EnvEntry, Family, ImageEntry, ImageRef, Libc, OsEntry, Role,
    StartScript, Tables, TagWords, Text, Variant, compare_versions,
};
use crate::{Completeness, Component};

/// How deep images may be built on each other; the data needs four.
const MAX_DEPTH: u8 = 8;

/// What is known of the image a reference names.
#[derive(Clone, Debug)]
pub struct ImageFacts {
    /// Distribution and release.
    pub os: Os,
    /// What dynamically linked programs find.
    pub libc: Libc,
    /// Whether `/bin` and `/sbin` are links into `/usr`.
    pub merged_usr: bool,
    /// Whether `components` is known to be whole.
    pub completeness: Completeness,
    /// Executables with a role.
    pub components: Vec<ImageComponent>,
    /// The image's configuration, what it inherits included.
    pub config: ConfigEntry,
    /// The language it is for.
    pub runtime: Option<Runtime>,
    /// The script that its ENTRYPOINT names, where somebody read it.
    pub start_script: Option<StartScript>,
    /// No shell and no package manager.
    pub minimal: bool,
    /// For a debug variant: its production reference.
    pub debug_of: Option<String>,
    /// The ends of life of what it is made of, the earliest first.
    pub eol: Vec<Eol>,
    /// As in GOARCH; empty: unknown.
    pub architectures: Vec<Text>,
    /// Where the facts are from.
    pub source: Text,
    /// When they were read; a user's entry may not say.
    pub date: Option<Date>,
}

/// An executable of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageComponent {
    /// The executable.
    pub component: Component,
    /// The package it belongs to.
    pub package: Option<String>,
}

/// The language an image is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// `node`, `python`, `go`, ...
    pub name: Text,
    /// As far as the reference says it.
    pub version: Option<String>,
    /// The interpreter's path, for languages that have one.
    pub interpreter: Option<Text>,
}

impl ImageFacts {
    /// Whether a process starts as root: the user is unset, `root` or `0`.
    pub fn user_is_root(&self) -> bool {
        let user = self.config.user.as_deref().unwrap_or_default();
        matches!(user.split(':').next(), Some("" | "root" | "0"))
    }

    /// The names of the package managers in it.
    pub fn package_managers(&self) -> impl Iterator<Item = &str> {
        let managers = self.components.iter().filter(|c| c.component.role == Role::PackageManager);
        managers.map(|c| c.component.name())
    }

    /// The last day on which everything it is made of is supported.
    pub fn end_of_life(&self) -> Option<&Eol> {
        self.eol.first()
    }
}

/// How much of an image is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    Whole,
    /// No components.
    Outline,
}

pub(crate) fn resolve(catalog: &Catalog, reference: &ImageRef, extent: Extent) -> Option<ImageFacts> {
    resolve_at(catalog, reference, extent, 0)
}

fn resolve_at(catalog: &Catalog, reference: &ImageRef, extent: Extent, depth: u8) -> Option<ImageFacts> {
    if depth > MAX_DEPTH {
        return None;
    }
    let name = original_name(catalog, reference);
    let found = match reference.effective_tag() {
        Some(tag) => find_by_tag(catalog, &name, tag)?,
        None => find_only_variant(catalog, &name)?,
    };
    let mut facts = facts_of(catalog, &found, extent, depth)?;
    if reference.effective_tag().is_none() {
        facts.completeness.weaken();
    }
    Some(facts)
}

/// The short name of the repository that this one mirrors, or its own.
pub(crate) fn original_name(catalog: &Catalog, reference: &ImageRef) -> String {
    let full = format!("{}/{}", reference.registry, reference.repository);
    let mirrors = catalog.tables().into_iter().flat_map(|tables| tables.mirrors.iter());
    let original = mirrors.into_iter().find_map(|(from, to)| {
        let rest = full.strip_prefix(from.as_ref()).filter(|rest| rest.starts_with('/'))?;
        format!("{to}{rest}").parse::<ImageRef>().ok()
    });
    original.as_ref().unwrap_or(reference).familiar_name()
}

struct Match<'a> {
    image: &'a ImageEntry,
    variant: &'a Variant,
    os: Option<&'a OsEntry>,
    version: Option<String>,
    release: Option<String>,
    /// Whether name or tag say the release.
    release_named: bool,
    /// The tag as written.
    tag: Option<String>,
}

/// Entries for the name: the user's before the built-in ones, literal names before patterns.
fn entries<'a>(catalog: &'a Catalog, name: &str) -> Vec<&'a ImageEntry> {
    let of_tables = |tables: &'a Tables| {
        let literal = tables.images.binary_search_by(|image| image.name.as_str().cmp(name)).ok();
        literal.map(|at| &tables.images[at]).into_iter().chain(tables.image_patterns.iter())
    };
    catalog.tables().into_iter().flat_map(of_tables).collect()
}

fn find_by_tag<'a>(catalog: &'a Catalog, name: &str, tag: &str) -> Option<Match<'a>> {
    entries(catalog, name).into_iter().find_map(|image| {
        image.variants.iter().find_map(|variant| {
            let os = os_of(catalog, variant, 0);
            let words = TagWords { versions: &image.versions, os };
            let of_name = image.name.matches(name, words)?;
            let of_tag = variant.tags.iter().find_map(|pattern| pattern.matches(tag, words))?;
            let captures = Captures {
                version: of_tag.version.or(of_name.version),
                release: of_tag.release.or(of_name.release),
            };
            Some(Match { tag: Some(tag.to_owned()), ..matched(image, variant, os, captures)? })
        })
    })
}

/// A digest without a tag says the variant only if there is but one beside debug variants.
fn find_only_variant<'a>(catalog: &'a Catalog, name: &str) -> Option<Match<'a>> {
    entries(catalog, name).into_iter().find_map(|image| {
        let mut variants = image.variants.iter().filter(|variant| variant.debug_of.is_none());
        let variant = variants.next().filter(|_| variants.next().is_none())?;
        let os = os_of(catalog, variant, 0);
        let captures = image.name.matches(name, TagWords { versions: &image.versions, os })?;
        matched(image, variant, os, captures)
    })
}

fn matched<'a>(
    image: &'a ImageEntry,
    variant: &'a Variant,
    os: Option<&'a OsEntry>,
    captures: Captures,
) -> Option<Match<'a>> {
    let fixed = image.language.as_ref().and_then(|language| language.version.clone());
    let version = captures.version.or(fixed.map(Text::into_owned));
    if !applies(version.as_deref(), variant.since.as_deref(), variant.before.as_deref()) {
        return None;
    }
    let chosen = variant
        .release
        .iter()
        .find(|choice| applies(version.as_deref(), choice.since.as_deref(), None))
        .map(|choice| choice.is.as_ref())
        .or_else(|| os?.usual.as_deref());
    let release_named = captures.release.is_some();
    let release = captures.release.or_else(|| Some(os?.release(chosen?)?.release.clone().into_owned()));
    Some(Match { image, variant, os, version, release, release_named, tag: None })
}

/// Whether a version lies in a range; an unknown version is taken for a new one.
fn applies(version: Option<&str>, since: Option<&str>, before: Option<&str>) -> bool {
    match version {
        Some(version) => {
            since.is_none_or(|since| compare_versions(version, since).is_ge())
                && before.is_none_or(|before| compare_versions(version, before).is_lt())
        }
        None => before.is_none(),
    }
}

/// The family of a variant: its own, or that of the image it is built from.
fn os_of<'a>(catalog: &'a Catalog, variant: &Variant, depth: u8) -> Option<&'a OsEntry> {
    if let Some(family) = variant.os {
        return catalog.family(family);
    }
    let from = variant.from.as_deref().filter(|_| depth < MAX_DEPTH)?;
    let name = from.split([':', '@', '{']).next()?;
    let image = entries(catalog, name).into_iter().find(|image| image.name.as_str() == name)?;
    os_of(catalog, image.variants.first()?, depth + 1)
}

fn facts_of(catalog: &Catalog, found: &Match<'_>, extent: Extent, depth: u8) -> Option<ImageFacts> {
    let Match { image, variant, .. } = found;
    let mut facts = match &variant.from {
        Some(from) => {
            let reference: ImageRef = found.fill(from)?.parse().ok()?;
            resolve_at(catalog, &reference, extent, depth + 1)?
        }
        None => empty_facts(catalog, found),
    };
    let covered = match (&image.verified_versions, &found.version) {
        (Some(range), Some(version)) => range.contains(version),
        _ => true,
    };
    facts.completeness = facts.completeness.and(Completeness::exact_if(variant.verified && covered));
    if extent == Extent::Whole {
        add_components(catalog, &mut facts, found);
    }
    overlay(&mut facts.config, &image.config, found);
    overlay(&mut facts.config, &variant.config, found);
    if let Some(language) = &image.language {
        let (name, interpreter) = (language.name.clone(), language.interpreter.clone());
        // A tag that names no version has the one of the image it is made from.
        let below = facts.runtime.take().filter(|r| r.name == name).and_then(|r| r.version);
        facts.runtime = Some(Runtime { name, version: found.version.clone().or(below), interpreter });
    }
    if image.start_script.is_some() {
        facts.start_script.clone_from(&image.start_script);
    }
    if let Some(product) = variant.eol.as_ref().or(image.eol.as_ref()) {
        let cycle = found.version.as_deref().or(found.release.as_deref());
        facts.eol.extend(cycle.and_then(|cycle| catalog.eol_cycle(product, cycle)));
        facts.eol.sort();
        facts.eol.dedup();
    }
    facts.libc = variant.libc.unwrap_or(facts.libc);
    facts.merged_usr = variant.merged_usr.unwrap_or(facts.merged_usr);
    facts.minimal = variant.minimal;
    facts.debug_of = variant.debug_of.as_deref().and_then(|reference| found.fill(reference));
    if !image.architectures.is_empty() {
        facts.architectures = image.architectures.to_vec();
    }
    facts.source.clone_from(&image.source);
    facts.date = image.date;
    Some(facts)
}

fn empty_facts(catalog: &Catalog, found: &Match<'_>) -> ImageFacts {
    let family = found.os.map_or(Family::None, |os| os.family);
    let os = catalog.os(family, found.release.as_deref());
    ImageFacts {
        libc: catalog.libc_of(family),
        merged_usr: catalog.merged_usr(&os),
        os,
        completeness: Completeness::Exact,
        components: Vec::new(),
        config: ConfigEntry::default(),
        runtime: None,
        start_script: None,
        minimal: false,
        debug_of: None,
        eol: Vec::new(),
        architectures: Vec::new(),
        source: Text::default(),
        date: None,
    }
}

fn add_components(catalog: &Catalog, facts: &mut ImageFacts, found: &Match<'_>) {
    let Match { image, variant, .. } = found;
    facts.components.retain(|c| {
        let named = |name: &Text| c.package.as_deref() == Some(name) || c.component.path == *name;
        !variant.without.iter().any(named)
    });
    add_packages(catalog, facts, &variant.packages);
    for entry in image.components.iter().chain(variant.components.iter()) {
        add_component(catalog, facts, found, entry);
    }
}

fn add_packages(catalog: &Catalog, facts: &mut ImageFacts, packages: &[Text]) {
    if packages.is_empty() {
        return;
    }
    let brought = catalog.packages(&facts.os).brings(packages, false);
    facts.completeness = facts.completeness.and(brought.completeness);
    for component in brought.components {
        push(
            facts,
            ImageComponent {
                component: Component::new(component.path, component.role),
                package: Some(component.package),
            },
        );
    }
}

fn add_component(catalog: &Catalog, facts: &mut ImageFacts, found: &Match<'_>, entry: &ComponentEntry) {
    if !applies(found.version.as_deref(), entry.since.as_deref(), entry.before.as_deref()) {
        return;
    }
    let Some(path) = found.fill(&entry.path) else { return };
    if let Some(role) = entry.role.or_else(|| catalog.role_of(crate::component::last_part(&path))) {
        let package = entry.package.clone().map(Text::into_owned);
        push(facts, ImageComponent { component: Component::new(path, role), package });
    }
}

fn push(facts: &mut ImageFacts, component: ImageComponent) {
    if !facts.components.iter().any(|known| known.component.path == component.component.path) {
        facts.components.push(component);
    }
}

/// What the entry sets, over what is inherited.
fn overlay(config: &mut ConfigEntry, entry: &ConfigEntry, found: &Match<'_>) {
    let version = found.version.as_deref();
    let set = |variable: &&EnvEntry| applies(version, variable.since.as_deref(), variable.before.as_deref());
    for variable in entry.env.iter().filter(set) {
        let value = variable.value.as_deref().and_then(|value| found.fill_value(value)).map(Text::Owned);
        let variable = EnvEntry { name: variable.name.clone(), value, ..EnvEntry::default() };
        let env = config.env.to_mut();
        match env.iter_mut().find(|known| known.name == variable.name) {
            Some(known) => *known = variable,
            None => env.push(variable),
        }
    }
    if let Some(entrypoint) = &entry.entrypoint {
        // A new ENTRYPOINT takes an inherited CMD away.
        config.entrypoint = Some(entrypoint.clone());
        config.cmd = None;
    }
    for (own, new) in [
        (&mut config.cmd, &entry.cmd),
        (&mut config.shell, &entry.shell),
        (&mut config.healthcheck, &entry.healthcheck),
    ] {
        if new.is_some() {
            own.clone_from(new);
        }
    }
    for (own, new) in [
        (&mut config.user, &entry.user),
        (&mut config.workdir, &entry.workdir),
        (&mut config.stop_signal, &entry.stop_signal),
    ] {
        if new.is_some() {
            own.clone_from(new);
        }
    }
    for (own, new) in [(&mut config.expose, &entry.expose), (&mut config.volumes, &entry.volumes)] {
        for value in new.iter().filter(|value| !own.contains(value)).cloned().collect::<Vec<_>>() {
            own.to_mut().push(value);
        }
    }
}

impl Match<'_> {
    /// The template with what name and tag said; `None` if they did not say what it needs.
    fn fill(&self, template: &str) -> Option<String> {
        let codename = || {
            let release = self.os?.release(self.release.as_deref()?)?;
            release.codename.as_deref().or(Some(release.release.as_ref()))
        };
        fill_with(template, &|word| match word {
            "version" => self.version.as_deref(),
            "major" => self.version_parts(1),
            "minor" => self.version_parts(2),
            "release" => self.release.as_deref(),
            "codename" => codename(),
            word => self.tag.as_deref()?.strip_suffix(word.strip_prefix("tag")?),
        })
    }

    /// Of a variable's value: the version counts only in full, since the tag `22` does not say which `22.x.y`.
    fn fill_value(&self, template: &str) -> Option<String> {
        fill_with(template, &|word| match word {
            "version" => self.version.as_deref().filter(|version| version.split('.').count() >= 3),
            "major" => self.version_parts(1),
            "minor" => self.version_parts(2),
            "release" => self.release.as_deref().filter(|_| self.release_named),
            _ => None,
        })
    }

    /// The version's first parts: `3.12` of `3.12.1`.
    fn version_parts(&self, count: usize) -> Option<&str> {
        let version = self.version.as_deref()?;
        let mut dots = version.match_indices(['.', '-', '_']).map(|(at, _)| at).chain([version.len()]);
        Some(&version[..dots.nth(count - 1)?])
    }
}

/// `{word}` is replaced by its value; `{{` and `}}` are braces.
fn fill_with<'a>(template: &str, value: &dyn Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        filled.push_str(&rest[..brace]);
        rest = &rest[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            filled.push_str(&rest[..1]);
            rest = &rest[2..];
        } else if rest.starts_with('}') {
            filled.push('}');
            rest = &rest[1..];
        } else {
            let close = rest.find('}')?;
            filled.push_str(value(&rest[1..close])?);
            rest = &rest[close + 1..];
        }
    }
    filled.push_str(rest);
    Some(filled)
}
