use super::{Family, List, PackageEntry, PackageSetEntry, Problem, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The packages of one family, compact and without pointers: thousands of rows cost nothing to load.
#[derive(Clone, Debug, Default)]
pub struct PackageTable {
    /// The family.
    pub family: Option<Family>,
    /// The releases, oldest first; bit `i` of a row's mask is the `i`-th.
    pub releases: List<Text>,
    /// All names and paths, sorted, one behind the other.
    pub strings: Text,
    /// Where each string of `strings` ends.
    pub ends: List<u32>,
    /// By name.
    pub rows: List<PackageRow>,
    /// What rows point at: count and string numbers of what a package brings, depends on, recommends.
    pub lists: List<u16>,
}

/// A package as some releases have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageRow {
    /// String number of its name.
    pub name: u16,
    /// Whether it was compared with its source.
    pub verified: bool,
    /// The releases, as bits.
    pub releases: u32,
    /// Where its lists start.
    pub at: u32,
}

/// A row's lists.
pub struct PackageLists<'a> {
    table: &'a PackageTable,
    lists: [&'a [u16]; 3],
}

impl<'a> PackageLists<'a> {
    /// Paths of executables.
    pub fn brings(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.strings(0)
    }

    /// Packages it needs.
    pub fn depends(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.strings(1)
    }

    /// Packages installed with it by default.
    pub fn recommends(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.strings(2)
    }

    fn strings(&self, list: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        let table = self.table;
        self.lists[list].iter().map(move |string| table.string(*string))
    }
}

impl PackageTable {
    /// The string of this number.
    pub fn string(&self, number: u16) -> &str {
        let number = usize::from(number);
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.strings[start as usize..self.ends[number] as usize]
    }

    /// The package of this name in the release of this index.
    pub fn find(&self, name: &str, release: usize) -> Option<&PackageRow> {
        let first = self.rows.partition_point(|row| self.string(row.name) < name);
        self.rows[first..]
            .iter()
            .take_while(|row| self.string(row.name) == name)
            .find(|row| row.releases >> release & 1 == 1)
    }

    /// What a row points at.
    pub fn lists(&self, row: &PackageRow) -> PackageLists<'_> {
        let mut rest = &self.lists[row.at as usize..];
        let lists = [(); 3].map(|()| {
            let (list, after) = rest[1..].split_at(usize::from(rest[0]));
            rest = after;
            list
        });
        PackageLists { table: self, lists }
    }

    /// The tables of all sets, one a family. Sets count in their order, later ones over earlier ones.
    pub fn from_sets(sets: &[PackageSetEntry]) -> Result<Vec<Self>, Problem> {
        let families: BTreeSet<Family> = sets.iter().map(|set| set.family).collect();
        families
            .into_iter()
            .map(|family| {
                let of_family: Vec<_> = sets.iter().filter(|set| set.family == family).collect();
                Self::of_family(family, &of_family)
            })
            .collect()
    }

    fn of_family(family: Family, sets: &[&PackageSetEntry]) -> Result<Self, Problem> {
        let problem = |message| Problem::new("packages", family.as_str(), message);
        let mut releases: Vec<String> = sets.iter().flat_map(|set| set.releases.iter().cloned()).collect();
        releases.sort_by(|a, b| super::compare_versions(a, b).then_with(|| a.cmp(b)));
        releases.dedup();
        if releases.len() > 32 {
            return Err(problem("more than 32 releases".into()));
        }
        // Per name and facts: the releases they are true of.
        let mut masks: BTreeMap<(String, PackageEntry, bool), u32> = BTreeMap::new();
        for (bit, release) in releases.iter().enumerate() {
            for (name, (entry, verified)) in entries_of(sets, release)? {
                *masks.entry((name, entry, verified)).or_default() |= 1 << bit;
            }
        }
        let strings: BTreeSet<&str> = masks
            .keys()
            .flat_map(|(name, entry, _)| {
                let lists = [&entry.brings, &entry.depends, &entry.recommends];
                lists.into_iter().flat_map(|list| list.iter().map(AsRef::as_ref)).chain([name.as_str()])
            })
            .collect();
        let strings: Vec<&str> = strings.into_iter().collect();
        if strings.len() > usize::from(u16::MAX) {
            return Err(problem("more than 65,535 names".into()));
        }
        let number = |string: &str| strings.binary_search(&string).unwrap_or_default() as u16;

        let mut lists: Vec<u16> = Vec::new();
        let mut known: BTreeMap<Vec<u16>, u32> = BTreeMap::new();
        let mut rows = Vec::new();
        for ((name, entry, verified), mask) in &masks {
            let mut encoded = Vec::new();
            for list in [&entry.brings, &entry.depends, &entry.recommends] {
                if list.len() > usize::from(u16::MAX) {
                    return Err(Problem::new(
                        "packages",
                        name,
                        "has a list of more than 65,535 names".into(),
                    ));
                }
                encoded.push(list.len() as u16);
                encoded.extend(list.iter().map(|string| number(string)));
            }
            let at = *known.entry(encoded.clone()).or_insert_with(|| {
                lists.extend(&encoded);
                (lists.len() - encoded.len()) as u32
            });
            rows.push(PackageRow { name: number(name), verified: *verified, releases: *mask, at });
        }
        let ends = strings.iter().scan(0_u32, |end, string| {
            *end += string.len() as u32;
            Some(*end)
        });
        Ok(Self {
            family: Some(family),
            ends: ends.collect::<Vec<_>>().into(),
            strings: strings.concat().into(),
            releases: releases.into_iter().map(Text::Owned).collect::<Vec<_>>().into(),
            rows: rows.into(),
            lists: lists.into(),
        })
    }
}

/// What the sets say of one release, by name; whether it is verified.
fn entries_of(
    sets: &[&PackageSetEntry],
    release: &str,
) -> Result<BTreeMap<String, (PackageEntry, bool)>, Problem> {
    let mut entries = BTreeMap::new();
    for set in sets.iter().filter(|set| set.releases.iter().any(|r| r == release)) {
        let mut own: BTreeMap<&String, PackageEntry> = BTreeMap::new();
        let through = |packages: &[String]| PackageEntry {
            depends: packages.iter().cloned().map(Text::Owned).collect::<Vec<_>>().into(),
            ..PackageEntry::default()
        };
        let all = set
            .entries
            .iter()
            .map(|(name, entry)| (name, with_full_paths(entry)))
            .chain(set.nothing.iter().map(|name| (name, PackageEntry::default())))
            .chain(set.provides.iter().map(|(name, real)| (name, through(std::slice::from_ref(real)))))
            .chain(set.groups.iter().map(|(name, packages)| (name, through(packages))));
        for (name, entry) in all {
            if own.insert(name, entry).is_some() {
                return Err(Problem::new(
                    "packages",
                    name,
                    format!("is there twice for {} {release}", set.family),
                ));
            }
        }
        for name in &set.absent {
            entries.remove(name);
        }
        entries.extend(own.into_iter().map(|(name, entry)| (name.clone(), (entry, set.verified))));
    }
    Ok(entries)
}

fn with_full_paths(entry: &PackageEntry) -> PackageEntry {
    let brings = entry.brings.iter().map(|path| full_path(path)).collect::<Vec<_>>().into();
    PackageEntry { brings, ..entry.clone() }
}

/// A bare name lies in `/usr/bin`.
fn full_path(path: &Text) -> Text {
    if path.starts_with('/') { path.clone() } else { format!("/usr/bin/{path}").into() }
}
