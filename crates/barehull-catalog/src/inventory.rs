use crate::component::last_part;
use crate::{Completeness, Component, Origin, Presence, Text};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Components that one inventory follows: a few COPYs of whole images into each other make millions.
pub const MAX_ADDED: usize = 5_000;

/// All components of one stage: a link to what it starts from, and what was added and removed since, in order.
#[derive(Clone, Debug)]
pub struct Inventory {
    parent: Option<Arc<Inventory>>,
    events: Vec<Event>,
    completeness: Completeness,
    merged_usr: bool,
    /// Components that were added, the parent's among them.
    added: usize,
    /// The whole list, once somebody asked for it.
    whole: OnceLock<Arc<[Entry]>>,
}

#[derive(Clone, Debug)]
enum Event {
    Layer,
    Added(Entry),
    RemovedPath(String),
    RemovedTree(String),
    RemovedGlob(String),
    RemovedPackage(String),
}

/// One component of a whole inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The executable.
    pub component: Component,
    /// Whether it can be started.
    pub presence: Presence,
    /// What brought it.
    pub origin: Origin,
    /// The package it belongs to.
    pub package: Option<String>,
}

struct Slot {
    entry: Entry,
    /// The layer that added it.
    layer: u32,
}

impl Inventory {
    /// Nothing. `merged_usr`: `/bin` and `/sbin` are links into `/usr`, so `/bin/sh` is `/usr/bin/sh`.
    pub fn empty(merged_usr: bool) -> Self {
        Self {
            parent: None,
            events: Vec::new(),
            completeness: Completeness::Exact,
            merged_usr,
            added: 0,
            whole: OnceLock::new(),
        }
    }

    /// Everything of `parent`, and a new layer to add to.
    pub fn child_of(parent: Arc<Inventory>) -> Self {
        let Inventory { completeness, merged_usr, added, .. } = *parent;
        let events = vec![Event::Layer];
        Self { parent: Some(parent), events, completeness, merged_usr, added, whole: OnceLock::new() }
    }

    /// Starts a layer: what it both adds and removes is in no image.
    pub fn begin_layer(&mut self) {
        self.push(Event::Layer);
    }

    /// Adds a component. With a package, one that is at the path already stays what it is (its package is there
    /// already); without, the file is written over. Beyond [`MAX_ADDED`] it is only known to be incomplete.
    pub fn add(&mut self, component: Component, origin: Origin, package: Option<String>) {
        if self.added == MAX_ADDED {
            return self.weaken();
        }
        self.added += 1;
        self.push(Event::Added(Entry { component, presence: Presence::Present, origin, package }));
    }

    /// Removes the file at `path`.
    pub fn remove_path(&mut self, path: impl Into<String>) {
        self.push(Event::RemovedPath(path.into()));
    }

    /// Removes what lies at or below `prefix`.
    pub fn remove_tree(&mut self, prefix: impl Into<String>) {
        self.push(Event::RemovedTree(prefix.into()));
    }

    /// Removes what a shell's pattern (`*`, `?`, `[...]`) names, and what lies below.
    pub fn remove_glob(&mut self, pattern: impl Into<String>) {
        self.push(Event::RemovedGlob(pattern.into()));
    }

    /// Removes what came with the package.
    pub fn remove_package(&mut self, name: impl Into<String>) {
        self.push(Event::RemovedPackage(name.into()));
    }

    fn push(&mut self, event: Event) {
        self.whole = OnceLock::new();
        self.events.push(event);
    }

    /// Whether what is not in it is not there.
    pub fn completeness(&self) -> Completeness {
        self.completeness
    }

    /// Something unknown happened: from here on it proves no absence.
    pub fn weaken(&mut self) {
        self.completeness.weaken();
    }

    /// Weakens unless `other` is exact.
    pub fn limit(&mut self, other: Completeness) {
        self.completeness = self.completeness.and(other);
    }

    /// The whole list, by role, name and path. Made once.
    pub fn materialise(&self) -> &[Entry] {
        self.whole.get_or_init(|| self.made_whole())
    }

    fn made_whole(&self) -> Arc<[Entry]> {
        let mut slots = Slots { by_path: HashMap::new(), layer: 0, merged_usr: self.merged_usr };
        let mut chain = vec![self];
        while let Some(parent) = &chain[chain.len() - 1].parent {
            chain.push(parent);
        }
        for event in chain.into_iter().rev().flat_map(|inventory| &inventory.events) {
            slots.apply(event);
        }
        let mut entries: Vec<Entry> = slots.by_path.into_values().map(|slot| slot.entry).collect();
        entries.sort_by(|a, b| key(a).cmp(&key(b)));
        entries.into()
    }
}

/// A chain of stages can be as long as a file: it is taken apart in a loop, not by recursion.
impl Drop for Inventory {
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(mut parent) = next.and_then(Arc::into_inner) {
            next = parent.parent.take();
        }
    }
}

fn key(entry: &Entry) -> (crate::Role, &str, &str) {
    (entry.component.role, last_part(&entry.component.path), &entry.component.path)
}

struct Slots {
    by_path: HashMap<Text, Slot>,
    layer: u32,
    merged_usr: bool,
}

impl Slots {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Layer => self.layer += 1,
            Event::Added(entry) => self.add(entry),
            Event::RemovedPath(path) => {
                let path = real_path(path.clone().into(), self.merged_usr);
                if let Some(slot) = self.by_path.remove(&path) {
                    self.keep_shadow(path, slot);
                }
            }
            Event::RemovedTree(prefix) => {
                let prefix = real_path(prefix.clone().into(), self.merged_usr);
                self.remove_where(|path, _| is_at_or_below(path, prefix.trim_end_matches('/')));
            }
            Event::RemovedGlob(pattern) => {
                let pattern = real_path(pattern.clone().into(), self.merged_usr);
                self.remove_where(|path, _| glob_matches(pattern.trim_end_matches('/'), path));
            }
            Event::RemovedPackage(name) => self.remove_where(|_, entry| entry.package.as_ref() == Some(name)),
        }
    }

    fn add(&mut self, entry: &Entry) {
        let path = real_path(entry.component.path.clone(), self.merged_usr);
        let there = self.by_path.get(&path).is_some_and(|slot| slot.entry.presence == Presence::Present);
        if !(there && entry.package.is_some()) {
            self.by_path.insert(path, Slot { entry: entry.clone(), layer: self.layer });
        }
    }

    fn remove_where(&mut self, removed: impl Fn(&str, &Entry) -> bool) {
        let paths: Vec<Text> = self
            .by_path
            .iter()
            .filter(|(path, slot)| removed(path, &slot.entry))
            .map(|(p, _)| p.clone())
            .collect();
        for path in paths {
            if let Some(slot) = self.by_path.remove(&path) {
                self.keep_shadow(path, slot);
            }
        }
    }

    /// What a lower layer added stays in the image, out of sight.
    fn keep_shadow(&mut self, path: Text, mut slot: Slot) {
        if slot.layer < self.layer || slot.entry.presence == Presence::Shadowed {
            slot.entry.presence = Presence::Shadowed;
            self.by_path.insert(path, slot);
        }
    }
}

/// The path behind the links of a merged `/usr`.
fn real_path(path: Text, merged_usr: bool) -> Text {
    let linked = ["/bin", "/sbin", "/lib", "/lib64"]
        .iter()
        .any(|dir| path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if merged_usr && linked { format!("/usr{path}").into() } else { path }
}

fn is_at_or_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the pattern names the path or a folder above it, part by part as a shell expands it.
fn glob_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    pattern.split('/').all(|wanted| {
        parts.next().is_some_and(|part| {
            let hidden = part.starts_with('.') && !wanted.starts_with('.');
            !hidden && part_matches(wanted.as_bytes(), part.as_bytes())
        })
    })
}

/// Matches one part of a path; going back only to the last `*` keeps it quadratic.
fn part_matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class_length(&pattern[p..], text[t]),
            Some(byte) if *byte == text[t] => Some(1),
            _ => None,
        };
        match (step, retry) {
            (Some(length), _) => (p, t) = (p + length, t + 1),
            (None, Some((after_star, from))) => {
                retry = Some((after_star, from + 1));
                (p, t) = (after_star, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// The length of the bracket expression that starts the pattern, if it holds `byte`.
fn class_length(pattern: &[u8], byte: u8) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let first = if negated { 2 } else { 1 };
    // A `]` that comes first is a member.
    let close = pattern.iter().skip(first + 1).position(|b| *b == b']')? + first + 1;
    let members = &pattern[first..close];
    let mut found = false;
    let mut at = 0;
    while at < members.len() {
        if at + 2 < members.len() && members[at + 1] == b'-' {
            found |= (members[at]..=members[at + 2]).contains(&byte);
            at += 3;
        } else {
            found |= members[at] == byte;
            at += 1;
        }
    }
    (found != negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn base(name: &str) -> Origin {
        Origin::BaseImage { image: name.into() }
    }

    fn add(inventory: &mut Inventory, path: &'static str, package: Option<&str>) {
        inventory.add(Component::new(path, Role::NetworkClient), base("x"), package.map(str::to_owned));
    }

    /// Path and whether it is present.
    fn list(inventory: &Inventory) -> Vec<(String, bool)> {
        let entries = inventory.materialise().iter();
        entries.map(|e| (e.component.path.to_string(), e.presence == Presence::Present)).collect()
    }

    #[test]
    fn a_later_layer_shadows_and_the_same_layer_forgets() {
        let mut inventory = Inventory::empty(true);
        add(&mut inventory, "/usr/bin/curl", Some("curl"));
        inventory.begin_layer();
        add(&mut inventory, "/usr/bin/wget", Some("wget"));
        inventory.remove_package("wget");
        inventory.remove_package("curl");
        assert_eq!(list(&inventory), [("/usr/bin/curl".to_owned(), false)]);

        inventory.begin_layer();
        add(&mut inventory, "/usr/bin/curl", Some("curl"));
        assert_eq!(list(&inventory), [("/usr/bin/curl".to_owned(), true)]);
    }

    #[test]
    fn a_package_that_is_there_keeps_its_origin_and_a_copy_takes_the_place() {
        let mut inventory = Inventory::empty(true);
        inventory.add(Component::new("/usr/bin/curl", Role::NetworkClient), base("old"), Some("curl".into()));
        inventory.add(Component::new("/usr/bin/curl", Role::NetworkClient), base("new"), Some("curl".into()));
        assert_eq!(inventory.materialise()[0].origin, base("old"));
        inventory.add(Component::new("/usr/bin/curl", Role::NetworkClient), base("copy"), None);
        assert_eq!(inventory.materialise()[0].origin, base("copy"));
    }

    #[test]
    fn paths_trees_and_globs_are_removed() {
        type Removal = (fn(&mut Inventory), &'static [&'static str]);
        let table: [Removal; 7] = [
            (|i| i.remove_path("/bin/nc"), &["/opt/x/bin/wget", "/usr/bin/ncat"]),
            (|i| i.remove_tree("/opt/x"), &["/usr/bin/nc", "/usr/bin/ncat"]),
            (|i| i.remove_tree("/opt/x/bin/w"), &["/usr/bin/nc", "/usr/bin/ncat", "/opt/x/bin/wget"]),
            (|i| i.remove_tree("/"), &[]),
            (|i| i.remove_glob("/bin/nc*"), &["/opt/x/bin/wget"]),
            (|i| i.remove_glob("/usr/bin/[!a-m]?"), &["/usr/bin/ncat", "/opt/x/bin/wget"]),
            (|i| i.remove_glob("/*/x"), &["/usr/bin/nc", "/usr/bin/ncat"]),
        ];
        for (case, (remove, left)) in table.into_iter().enumerate() {
            let mut inventory = Inventory::empty(true);
            for path in ["/usr/bin/nc", "/usr/bin/ncat", "/opt/x/bin/wget"] {
                add(&mut inventory, path, None);
            }
            remove(&mut inventory);
            let mut found: Vec<String> = list(&inventory).into_iter().map(|(path, _)| path).collect();
            found.sort();
            let mut left = left.to_vec();
            left.sort_unstable();
            assert_eq!(found, left, "case {case}");
        }
    }

    #[test]
    fn without_a_merged_usr_bin_is_not_usr_bin() {
        let mut inventory = Inventory::empty(false);
        add(&mut inventory, "/bin/nc", None);
        inventory.remove_path("/usr/bin/nc");
        assert_eq!(list(&inventory), [("/bin/nc".to_owned(), true)]);
    }

    #[test]
    fn the_list_is_in_order_of_role_name_and_path() {
        let mut inventory = Inventory::empty(true);
        for (path, role) in [
            ("/usr/bin/wget", Role::NetworkClient),
            ("/usr/local/bin/curl", Role::NetworkClient),
            ("/usr/bin/curl", Role::NetworkClient),
            ("/usr/bin/sh", Role::Shell),
        ] {
            inventory.add(Component::new(path, role), base("x"), None);
        }
        let paths: Vec<String> = list(&inventory).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/usr/bin/sh", "/usr/bin/curl", "/usr/local/bin/curl", "/usr/bin/wget"]);
    }

    #[test]
    fn a_chain_of_many_stages_is_walked_and_dropped_without_recursion() {
        let mut inventory = Inventory::empty(true);
        add(&mut inventory, "/usr/bin/curl", None);
        inventory.weaken();
        for _ in 0..200_000 {
            inventory = Inventory::child_of(Arc::new(inventory));
        }
        inventory.remove_path("/usr/bin/curl");
        assert_eq!(list(&inventory), [("/usr/bin/curl".to_owned(), false)]);
        assert_eq!(inventory.completeness(), Completeness::AtLeast);
    }
}
