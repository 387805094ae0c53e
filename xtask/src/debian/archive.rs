use super::apt::Apt;
use super::links;
use anyhow::Result;
use barehull_catalog::Catalog;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The packages of a release.
pub struct Archive {
    packages: BTreeMap<String, Package>,
    /// Virtual package to those that provide it, the most important first.
    providers: HashMap<String, Vec<String>>,
    /// What an official image has: essential and required packages and apt, with what they need.
    base: BTreeSet<String>,
}

/// One package.
#[derive(Default)]
pub struct Package {
    /// Its entry in the package list.
    pub stanza: String,
    /// Paths of executables with a role, the links its installation makes included.
    pub executables: BTreeSet<String>,
    /// Whether it has files like `libpq.so.5` (or, in a development package, the link `libpq.so`).
    pub has_shared_library: bool,
    essential: bool,
    priority: u8,
    depends: Vec<Vec<String>>,
    recommends: Vec<Vec<String>>,
}

impl Archive {
    /// Reads package lists and file lists.
    pub fn read(apt: &Apt, release: &str) -> Result<Self> {
        let mut archive =
            Self { packages: BTreeMap::new(), providers: HashMap::new(), base: BTreeSet::new() };
        for stanza in apt.index("Packages")?.split("\n\n").filter(|stanza| stanza.starts_with("Package: ")) {
            archive.add_stanza(stanza);
        }
        let merged = release != "11";
        for line in apt.index("Contents-deb")?.lines() {
            archive.add_file(line, merged);
        }
        for (name, package) in &mut archive.packages {
            package.executables.extend(links::of(name, merged));
        }
        archive.sort_providers();
        archive.find_base();
        Ok(archive)
    }

    /// A package by its name.
    pub fn get(&self, name: &str) -> Option<&Package> {
        self.packages.get(name)
    }

    /// The source package that a package was built from.
    pub fn source<'a>(&'a self, name: &'a str) -> &'a str {
        let stanza = self.get(name).map_or("", |package| package.stanza.as_str());
        let source = stanza.lines().find_map(|line| line.strip_prefix("Source: "));
        source.map_or(name, |source| source.split(' ').next().unwrap_or(source))
    }

    /// All packages.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.packages.iter().map(|(name, package)| (name.as_str(), package))
    }

    /// Whether an official image has it.
    pub fn is_base(&self, name: &str) -> bool {
        self.base.contains(name)
    }

    /// The names of the packages that an official image has.
    pub fn base_names(&self) -> impl Iterator<Item = &str> {
        self.base.iter().map(String::as_str).filter(|name| self.packages.contains_key(*name))
    }

    /// What an official image has.
    pub fn base(&self) -> impl Iterator<Item = &Package> {
        self.base.iter().filter_map(|name| self.get(name))
    }

    /// The one package that apt installs for a virtual name.
    pub fn only_provider(&self, name: &str) -> Option<&str> {
        match self.providers.get(name)?.as_slice() {
            [provider] if self.get(name).is_none() => Some(provider),
            _ => None,
        }
    }

    /// What a package needs beyond what an official image has.
    pub fn depends(&self, name: &str) -> Vec<&str> {
        self.resolve(self.get(name).map_or(&[], |package| &package.depends))
    }

    /// What a package needs, whether an official image has it or not.
    pub fn all_depends(&self, name: &str) -> Vec<&str> {
        let groups = self.get(name).map_or(&[][..], |package| &package.depends);
        groups
            .iter()
            .filter_map(|alternatives| alternatives.iter().find_map(|name| self.real(name)))
            .collect()
    }

    /// What is installed with it by default, likewise.
    pub fn recommends(&self, name: &str) -> Vec<&str> {
        self.resolve(self.get(name).map_or(&[], |package| &package.recommends))
    }

    /// What apt takes of each group of alternatives.
    fn resolve<'a>(&'a self, groups: &'a [Vec<String>]) -> Vec<&'a str> {
        let choose = |alternatives: &'a Vec<String>| {
            let possible: Vec<&str> = alternatives.iter().filter_map(|name| self.real(name)).collect();
            if possible.iter().any(|name| self.is_base(name)) { None } else { possible.first().copied() }
        };
        groups.iter().filter_map(choose).collect()
    }

    /// The package of this name, or the first that provides it.
    fn real<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.get(name) {
            Some(_) => Some(name),
            None => self.providers.get(name)?.first().map(String::as_str),
        }
    }

    fn add_stanza(&mut self, stanza: &str) {
        let mut package = Package { stanza: stanza.to_owned(), priority: 3, ..Package::default() };
        let mut name = "";
        for (key, value) in stanza.lines().filter_map(|line| line.split_once(": ")) {
            match key {
                "Package" => name = value,
                "Essential" => package.essential = value == "yes",
                "Priority" => {
                    let order = ["required", "important", "standard"];
                    package.priority = order.iter().position(|p| *p == value).unwrap_or(order.len()) as u8;
                }
                "Depends" | "Pre-Depends" => package.depends.extend(groups(value)),
                "Recommends" => package.recommends = groups(value),
                "Provides" => {
                    for provided in groups(value).into_iter().flatten() {
                        self.providers.entry(provided).or_default().push(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        // Lists of several suites: the first one that has a package counts.
        self.packages.entry(name.to_owned()).or_insert(package);
    }

    /// A line of a file list: `usr/bin/curl    web/curl,...`.
    fn add_file(&mut self, line: &str, merged_usr: bool) {
        let Some((path, owners)) = line.rsplit_once(char::is_whitespace) else { return };
        let path = path.trim_end();
        let Some((folder, name)) = path.rsplit_once('/') else { return };
        let shared_library = name.starts_with("lib") && name.contains(".so") && folder.contains("lib");
        let executable = ["bin", "sbin", "usr/bin", "usr/sbin"].contains(&folder)
            && !name.contains("-linux-gnu")
            && Catalog::builtin().role_of(name).is_some();
        if !shared_library && !executable {
            return;
        }
        let folder =
            if merged_usr && !folder.starts_with("usr/") { format!("usr/{folder}") } else { folder.into() };
        for owner in owners.split(',') {
            let Some(package) = self.packages.get_mut(owner.rsplit('/').next().unwrap_or(owner)) else {
                continue;
            };
            package.has_shared_library |= shared_library;
            if executable {
                package.executables.insert(format!("/{folder}/{name}"));
            }
        }
    }

    fn sort_providers(&mut self) {
        let packages = &self.packages;
        for providers in self.providers.values_mut() {
            // A command line (php8.2-cli) comes with the least; of equals, the first by name.
            providers.sort_by_key(|name| {
                let priority = packages.get(name).map_or(u8::MAX, |package| package.priority);
                (priority, !name.ends_with("-cli"), name.clone())
            });
            providers.dedup();
        }
    }

    fn find_base(&mut self) {
        // Fills the place that usrmerge, with all of perl, would fill.
        let chosen = ["apt", "usr-is-merged"];
        self.base = BTreeSet::from(chosen.map(str::to_owned));
        let required = self.packages.iter().filter(|(_, package)| package.essential || package.priority == 0);
        let mut pending: Vec<String> = required.map(|(name, _)| name.clone()).collect();
        pending.extend(chosen.map(str::to_owned).into_iter().filter(|name| self.packages.contains_key(name)));
        let mut base = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if base.insert(name.clone()) {
                pending.extend(self.depends(&name).into_iter().map(str::to_owned));
            }
        }
        self.base = base;
    }
}

/// `a, b (>= 2) | c:any` as [[a], [b, c]].
fn groups(value: &str) -> Vec<Vec<String>> {
    let name = |alternative: &str| {
        let name = alternative.trim().split([' ', '(', ':', '[']).next().unwrap_or_default();
        name.to_owned()
    };
    value.split(',').map(|group| group.split('|').map(name).collect()).collect()
}
