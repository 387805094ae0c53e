use crate::Completeness;
use crate::catalog::{Catalog, Os};
use crate::component::last_part;
use crate::schema::{Family, PackageLists, PackageTable, Role, Text, compare_versions};
use std::collections::HashSet;

/// The packages of one release of a distribution.
#[derive(Clone, Debug)]
pub struct PackageSet<'a> {
    catalog: &'a Catalog,
    family: Family,
    /// The user's tables, then the built-in ones, with the release's index in it and whether it is the very release.
    tables: Vec<(&'a PackageTable, usize, bool)>,
    /// Where the release is in no list of the distribution: the oldest and the newest that are. What they do not share is
    /// not sure to be in the one that is meant.
    others: Vec<Self>,
}

/// What an installation puts into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Executables with a role, each path once.
    pub components: Vec<BroughtComponent>,
    /// Names of which nothing is known, as they were given.
    pub unknown: Vec<String>,
    /// Exact if every package is known for this very release from a verified list.
    pub completeness: Completeness,
}

/// An executable and the package it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtComponent {
    /// The package that holds it, which may be a dependency.
    pub package: String,
    /// Its absolute path.
    pub path: String,
    /// Why it matters.
    pub role: Role,
}

struct Found<'a> {
    name: &'a str,
    lists: PackageLists<'a>,
    sure: bool,
}

impl<'a> PackageSet<'a> {
    pub(crate) fn new(catalog: &'a Catalog, os: &Os) -> Self {
        let mut set = Self { catalog, family: os.family, tables: Vec::new(), others: Vec::new() };
        let mut guessed = set.add_tables(os.family, os.release.as_deref(), true);
        if let Some(like) = catalog.family(os.family).and_then(|entry| entry.packages_like.as_ref()) {
            let release = os.release.as_deref().and_then(|release| like.release(release));
            guessed.extend(set.add_tables(like.family, release, false));
        }
        set.others =
            [false, true].into_iter().filter_map(|newest| set.with_others(&guessed, newest)).collect();
        set
    }

    /// The set with the oldest or the newest release of the tables whose release is a guess, if that is another one.
    fn with_others(&self, guessed: &[usize], newest: bool) -> Option<Self> {
        let mut other = Self { tables: self.tables.clone(), others: Vec::new(), ..*self };
        let mut is_new = false;
        for at in guessed {
            let (table, release, _) = &mut other.tables[*at];
            let edge = if newest { table.releases.len() - 1 } else { 0 };
            is_new |= *release != edge;
            *release = edge;
        }
        is_new.then_some(other)
    }

    /// Adds what is listed for a family; `same`: it is the very one asked for. Gives the tables whose release is a
    /// guess.
    fn add_tables(&mut self, family: Family, release: Option<&str>, same: bool) -> Vec<usize> {
        let mut guessed = Vec::new();
        for tables in self.catalog.tables() {
            let table = tables.packages.iter().find(|table| table.family == Some(family));
            let Some((table, (index, same_release))) =
                table.and_then(|t| Some((t, release_index(t, release)?)))
            else {
                continue;
            };
            if !(same && same_release) {
                guessed.push(self.tables.len());
            }
            self.tables.push((table, index, same && same_release));
        }
        guessed
    }

    /// Whether anything is known of the distribution's packages.
    pub fn is_known(&self) -> bool {
        !self.tables.is_empty()
    }

    /// What installing these packages brings, with all they depend on and, if asked for, recommend. Names may
    /// carry a version, release or architecture (`curl=8.*`, `curl:amd64`, `curl/stable`, `curl@edge`).
    pub fn brings<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>, recommends: bool) -> Brought {
        let names: Vec<S> = names.into_iter().collect();
        let mut brought = self.closure_of(&names, recommends);
        for other in &self.others {
            if brought.components.is_empty() {
                break;
            }
            let (known, unknown): (Vec<&S>, Vec<&S>) =
                names.iter().partition(|name| other.knows(name.as_ref()));
            let shared = [other.closure_of(&known, recommends), self.closure_of(&unknown, recommends)];
            let shared: HashSet<&str> = shared
                .iter()
                .flat_map(|brought| brought.components.iter().map(|c| last_part(&c.path)))
                .collect();
            brought.components.retain(|component| shared.contains(last_part(&component.path)));
        }
        brought
    }

    fn closure_of<S: AsRef<str>>(&self, names: &[S], recommends: bool) -> Brought {
        let mut brought =
            Brought { components: Vec::new(), unknown: Vec::new(), completeness: Completeness::Exact };
        let mut pending = Vec::new();
        for name in names {
            if let Some(found) = self.find_written(name.as_ref()) {
                pending.push(found);
            } else {
                brought.unknown.push(name.as_ref().to_owned());
                brought.completeness.weaken();
            }
        }
        // Taken from the end: reversed, the first name comes first.
        pending.reverse();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut paths: HashSet<&str> = HashSet::new();
        while let Some(found) = pending.pop() {
            if !seen.insert(found.name) {
                continue;
            }
            if !found.sure {
                brought.completeness.weaken();
            }
            for path in found.lists.brings().filter(|path| paths.insert(path)) {
                if let Some(role) = self.catalog.role_of(last_part(path)) {
                    let package = found.name.to_owned();
                    brought.components.push(BroughtComponent { package, path: path.to_owned(), role });
                }
            }
            let edges = found.lists.depends().chain(found.lists.recommends().filter(|_| recommends));
            let next: Vec<_> = edges.map(|edge| self.find(edge)).collect();
            if next.iter().any(Option::is_none) {
                brought.completeness.weaken();
            }
            pending.extend(next.into_iter().flatten().rev());
        }
        brought
    }

    /// Whether the name, as written in an installation, is known.
    pub fn knows(&self, name: &str) -> bool {
        self.find_written(name).is_some()
    }

    /// The packages with something to bring that installing these ones installs, themselves included where known.
    pub fn closure<S: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = S>,
        recommends: bool,
    ) -> Vec<String> {
        let mut pending: Vec<_> =
            names.into_iter().filter_map(|name| self.find_written(name.as_ref())).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        while let Some(found) = pending.pop() {
            if seen.insert(found.name) {
                let edges = found.lists.depends().chain(found.lists.recommends().filter(|_| recommends));
                pending.extend(edges.filter_map(|edge| self.find(edge)));
            }
        }
        let mut names: Vec<String> = seen.into_iter().map(str::to_owned).collect();
        names.sort();
        names
    }

    fn find(&self, name: &str) -> Option<Found<'a>> {
        self.tables.iter().find_map(|(table, release, same)| {
            let row = table.find(name, *release)?;
            Some(Found { name: table.string(row.name), lists: table.lists(row), sure: *same && row.verified })
        })
    }

    /// The package meant by a name with what may stand behind it.
    fn find_written(&self, written: &str) -> Option<Found<'a>> {
        if let Some(found) = self.find(written) {
            return Some(found);
        }
        if written.starts_with(['.', '/']) || written.contains("://") {
            return None;
        }
        let name =
            &written[..written.find(['=', '<', '>', '~', '@', ':', '/', '!']).unwrap_or(written.len())];
        self.find(name).or_else(|| if self.uses_rpm() { self.find_rpm(name) } else { None })
    }

    fn uses_rpm(&self) -> bool {
        use Family::{Amazon, AzureLinux, Fedora, Photon, Rhel, Suse};
        matches!(self.family, Rhel | Fedora | Amazon | Suse | Photon | AzureLinux)
    }

    /// `curl-7.61.1-34.el8.x86_64`, `curl.x86_64` and `curl-7*` are curl.
    fn find_rpm(&self, written: &str) -> Option<Found<'a>> {
        let name = ["x86_64", "aarch64", "noarch", "i686", "ppc64le", "s390x"]
            .iter()
            .find_map(|arch| written.strip_suffix(arch)?.strip_suffix('.'))
            .unwrap_or(written);
        let versions = name
            .match_indices('-')
            .map(|(at, _)| at)
            .filter(|at| name[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        let ends = versions.chain([name.len()]).collect::<Vec<_>>();
        ends.into_iter().rev().find_map(|end| self.find(&name[..end]))
    }
}

/// The release's index in the table and whether it is the very one; else that of the nearest older one, else the
/// oldest. One without a number (`edge`, `tumbleweed`) is newer than all.
fn release_index(table: &PackageTable, release: Option<&str>) -> Option<(usize, bool)> {
    let newest = table.releases.len().checked_sub(1)?;
    let Some(release) = release else {
        return Some((newest, newest == 0));
    };
    if let Some(index) = table.releases.iter().position(|known| known == release) {
        Some((index, true))
    } else {
        let rolling = !release.starts_with(|c: char| c.is_ascii_digit());
        let older = |known: &Text| rolling || compare_versions(known, release).is_lt();
        Some((table.releases.iter().rposition(older).unwrap_or(0), false))
    }
}
