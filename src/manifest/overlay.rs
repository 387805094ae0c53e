//! Kustomize overlays: what else has a say in a workload that is changed at its base.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::pod::Workload;
use super::workload::read_text;
use crate::project::tree::{Node, Value};
use crate::project::{Files, ProjectPath, Spot, walk, yaml};

/// Names that kustomize looks for in a folder.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Kustomizations of one project that are read.
const MAX_FILES: usize = 1_000;
/// Bases of bases that are followed.
const MAX_DEPTH: usize = 20;

/// A patch of an overlay that says something of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The kustomization that applies it.
    pub kustomization: ProjectPath,
    /// The patch: in a file of its own, or in the kustomization.
    pub at: Spot,
    /// What it sets: keys of the pods' specification (`volumes`), keys of containers behind their names (`web/command`), the
    /// paths of a JSON patch.
    pub sets: Vec<String>,
}

/// The patches of all kustomizations of the project that change `workload`, by file.
pub fn overlays(files: &dyn Files, workload: &Workload) -> Vec<Overlay> {
    let named = walk(files, &ProjectPath::root(), |path| NAMES.contains(&path.file_name()).then_some(path));
    let mut found = Vec::new();
    for path in named.found.iter().take(MAX_FILES) {
        let Some(top) = document(files, path) else { continue };
        if reaches(files, path, &top, &workload.path) {
            let kustomization = Kustomization { files, path, workload };
            kustomization.patches(&top, &mut found);
        }
    }
    found.sort_by(|a, b| (&a.kustomization, &a.at).cmp(&(&b.kustomization, &b.at)));
    found
}

fn document(files: &dyn Files, path: &ProjectPath) -> Option<Arc<Node>> {
    yaml::parse(&read_text(files, path).ok()?).documents.into_iter().next()
}

/// Whether the kustomization `top` at `path` takes in the manifest at `wanted`, itself or by another that it takes in.
fn reaches(files: &dyn Files, path: &ProjectPath, top: &Arc<Node>, wanted: &ProjectPath) -> bool {
    let mut ahead = vec![(path.clone(), Arc::clone(top), 0)];
    let mut seen = BTreeSet::from([path.clone()]);
    while let Some((path, top, depth)) = ahead.pop() {
        let lists = ["resources", "bases", "components"].map(|key| top.get(key).map(Node::items));
        for item in lists.into_iter().flatten().flatten() {
            let Some(to) = item.text().and_then(|text| path.folder().join(text).ok()) else { continue };
            if to == *wanted {
                return true;
            }
            let inner = NAMES.iter().map(|name| to.child(name)).find(|inner| files.is_file(inner));
            let Some(inner) = inner
                .filter(|inner| depth < MAX_DEPTH && seen.len() < MAX_FILES && seen.insert(inner.clone()))
            else {
                continue;
            };
            ahead.extend(document(files, &inner).map(|top| (inner, top, depth + 1)));
        }
    }
    false
}

struct Kustomization<'a> {
    files: &'a dyn Files,
    path: &'a ProjectPath,
    workload: &'a Workload,
}

impl Kustomization<'_> {
    fn patches(&self, top: &Node, found: &mut Vec<Overlay>) {
        for patch in top.get("patches").map(Node::items).unwrap_or_default() {
            if let Some(path) = patch.get("path") {
                self.file(path, patch.get("target"), found);
            }
            if let Some(text) = patch.get("patch") {
                self.inline(text, patch.get("target"), found);
            }
        }
        for patch in top.get("patchesJson6902").map(Node::items).unwrap_or_default() {
            if let Some(path) = patch.get("path") {
                self.file(path, patch.get("target"), found);
            }
            if let Some(text) = patch.get("patch") {
                self.inline(text, patch.get("target"), found);
            }
        }
        for patch in top.get("patchesStrategicMerge").map(Node::items).unwrap_or_default() {
            match patch.text() {
                Some(text) if text.contains('\n') => self.inline(patch, None, found),
                Some(_) => self.file(patch, None, found),
                None => {}
            }
        }
    }

    /// A patch in a file of its own.
    fn file(&self, path: &Node, target: Option<&Node>, found: &mut Vec<Overlay>) {
        let path = path.text().and_then(|text| self.path.folder().join(text).ok());
        let text = path.and_then(|path| Some((read_text(self.files, &path).ok()?, path)));
        let Some((text, path)) = text else { return };
        for patch in yaml::parse(&text).documents {
            if let Some(sets) = self.sets(&patch, target) {
                let at = Spot { path: path.clone(), span: patch.span };
                found.push(Overlay { kustomization: self.path.clone(), at, sets });
            }
        }
    }

    /// A patch that stands in the kustomization.
    fn inline(&self, text: &Node, target: Option<&Node>, found: &mut Vec<Overlay>) {
        for patch in yaml::parse(text.text().unwrap_or_default()).documents {
            if let Some(sets) = self.sets(&patch, target) {
                let at = Spot { path: self.path.clone(), span: text.span };
                found.push(Overlay { kustomization: self.path.clone(), at, sets });
            }
        }
    }

    /// What `patch` sets, if it is about the workload. A target may be a pattern: only a plain name rules one out.
    fn sets(&self, patch: &Node, target: Option<&Node>) -> Option<Vec<String>> {
        let workload = self.workload;
        let is = |node: &Node, keys: &[&str], own: Option<&str>| {
            let text = node.text_at(keys);
            let pattern = text.is_some_and(|text| text.contains(['*', '.', '|', '[', '(', '^', '$']));
            text.is_none() || pattern || text == own
        };
        if let Some(target) = target
            && !(is(target, &["kind"], Some(&workload.kind))
                && is(target, &["name"], workload.name.as_deref()))
        {
            return None;
        }
        match &patch.value {
            Value::List(operations) => {
                target?;
                let path = |operation: &Node| operation.text_at(&["path"]).map(str::to_owned);
                Some(operations.iter().filter_map(|operation| path(operation)).collect())
            }
            Value::Map(_) => {
                let named = target.is_some()
                    || (patch.text_at(&["kind"]) == Some(&workload.kind)
                        && patch.text_at(&["metadata", "name"]) == workload.name.as_deref());
                named.then(|| strategic(patch, workload))
            }
            Value::Null | Value::Scalar(_) => None,
        }
    }
}

/// Keys of the pods that a strategic merge sets.
fn strategic(patch: &Node, workload: &Workload) -> Vec<String> {
    let Some(spec) = patch.at(workload.route.pod).and_then(|holder| holder.get("spec")) else {
        return Vec::new();
    };
    let mut sets = Vec::new();
    for pair in spec.pairs() {
        if !matches!(pair.key.value.as_str(), "containers" | "initContainers") {
            sets.push(pair.key.value.clone());
            continue;
        }
        for container in pair.value.items() {
            let name = container.text_at(&["name"]).unwrap_or_default();
            let keys = container.pairs();
            let keys = keys.iter().map(|pair| pair.key.value.as_str()).filter(|key| *key != "name");
            sets.extend(keys.map(|key| format!("{name}/{key}")));
        }
    }
    sets
}
