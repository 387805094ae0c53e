use super::archive::Archive;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// What a release's packages bring.
pub struct Facts {
    /// Packages that bring something, themselves or through others.
    pub entries: BTreeMap<String, Entry>,
    /// Packages that do not.
    pub nothing: BTreeSet<String>,
    /// Virtual names with one provider.
    pub provides: BTreeMap<String, String>,
}

/// One package: its executables and the packages with executables that it leads to, each only if none of the
/// others leads there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Paths.
    pub brings: Vec<String>,
    /// Through dependencies.
    pub depends: Vec<String>,
    /// Through recommendations.
    pub recommends: Vec<String>,
}

impl Facts {
    /// Whether the name is known.
    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name) || self.nothing.contains(name) || self.provides.contains_key(name)
    }
}

/// The facts on the packages of these names, and on all that bring something.
pub fn facts(archive: &Archive, names: &BTreeSet<String>) -> Facts {
    let bringing =
        archive.packages().filter(|(_, package)| !package.executables.is_empty()).map(|(name, _)| name);
    let wanted = names.iter().map(String::as_str).filter(|name| archive.get(name).is_some());
    let all: BTreeSet<&str> = bringing.chain(wanted).chain(archive.base_names()).collect();
    let mut reach = Reach { archive, depends: HashMap::new(), everything: HashMap::new() };
    let mut facts = Facts { entries: BTreeMap::new(), nothing: BTreeSet::new(), provides: BTreeMap::new() };
    for name in all {
        let entry = reach.entry(name);
        if entry == Entry::default() {
            facts.nothing.insert(name.to_owned());
        } else {
            facts.entries.insert(name.to_owned(), entry);
        }
    }
    for name in names {
        let Some(provider) = archive.only_provider(name) else { continue };
        if !facts.has(provider) {
            match reach.entry(provider) {
                entry if entry == Entry::default() => drop(facts.nothing.insert(provider.to_owned())),
                entry => drop(facts.entries.insert(provider.to_owned(), entry)),
            }
        }
        facts.provides.insert(name.clone(), provider.to_owned());
    }
    facts
}

/// The packages that bring something and are reached from a package.
type Reached<'a> = Rc<BTreeSet<&'a str>>;

struct Reach<'a> {
    archive: &'a Archive,
    depends: HashMap<&'a str, Reached<'a>>,
    everything: HashMap<&'a str, Reached<'a>>,
}

impl<'a> Reach<'a> {
    fn entry(&mut self, name: &'a str) -> Entry {
        let depends = self.through_depends(name);
        let depends = without_reached(&depends, |other| self.through_depends(other));
        let mut covered: HashSet<&str> = HashSet::new();
        for package in &depends {
            covered.insert(package);
            covered.extend(self.through_everything(package).iter());
        }
        let rest: BTreeSet<&str> = self
            .through_everything(name)
            .iter()
            .copied()
            .filter(|package| !covered.contains(package))
            .collect();
        let recommends = without_reached(&rest, |other| self.through_everything(other));
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Entry {
            brings: self.archive.get(name).into_iter().flat_map(|p| p.executables.iter().cloned()).collect(),
            depends: owned(depends),
            recommends: owned(recommends),
        }
    }

    fn through_depends(&mut self, name: &'a str) -> Reached<'a> {
        let archive = self.archive;
        self.depends.entry(name).or_insert_with(|| reached(archive, name, |n| archive.depends(n))).clone()
    }

    fn through_everything(&mut self, name: &'a str) -> Reached<'a> {
        let archive = self.archive;
        let edges = |n: &'a str| [archive.depends(n), archive.recommends(n)].concat();
        self.everything.entry(name).or_insert_with(|| reached(archive, name, edges)).clone()
    }
}

fn reached<'a>(archive: &'a Archive, name: &'a str, edges: impl Fn(&'a str) -> Vec<&'a str>) -> Reached<'a> {
    let mut seen = HashSet::from([name]);
    let mut pending = vec![name];
    let mut bringing = BTreeSet::new();
    while let Some(package) = pending.pop() {
        for next in edges(package) {
            if seen.insert(next) {
                pending.push(next);
                if archive.get(next).is_some_and(|package| !package.executables.is_empty()) {
                    bringing.insert(next);
                }
            }
        }
    }
    Rc::new(bringing)
}

/// The names that no other one of them reaches.
fn without_reached<'a>(
    names: &BTreeSet<&'a str>,
    mut reached: impl FnMut(&'a str) -> Reached<'a>,
) -> Vec<&'a str> {
    let mut kept: Vec<&str> = names.iter().copied().collect();
    for name in names {
        let by_another = kept.iter().any(|other| other != name && reached(other).contains(name));
        if by_another {
            kept.retain(|other| other != name);
        }
    }
    kept
}
