//! Bake files: their targets, whatever the format.

use super::super::tree::{Node, Pair};
use super::super::{ProjectPath, Sited};
use super::variables::{Variables, is_unresolved, shown};
use super::{Build, ImageName, Reader, Refers, Sighting, hcl};

/// Targets that one inherits from that are followed.
const MAX_INHERITED: usize = 20;

/// The target whose tags `docker/metadata-action` writes.
const METADATA: &str = "docker-metadata-action";

/// A target that builds a Dockerfile of the project.
pub(super) struct Target {
    pub sighting: Sighting,
    /// Whether its tags come from `docker/metadata-action`.
    pub takes_metadata: bool,
}

/// Reads the file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let targets = targets(reader);
    reader.found.extend(targets.into_iter().map(|target| target.sighting));
}

/// The targets of the file.
pub(super) fn targets(reader: &mut Reader<'_>) -> Vec<Target> {
    let top = if reader.path.extension() == Some("json") {
        reader.json()
    } else {
        hcl::parse(reader.text).map_err(|error| reader.note_syntax(&error)).ok()
    };
    let Some(top) = top else { return Vec::new() };
    let targets = top.get("target").map(Node::pairs).unwrap_or_default();
    let file = File { targets: &targets, variables: variables(&top), folder: reader.path.folder() };
    let read = |target: &&Pair| {
        let sighting = file.read(reader, target)?;
        Some(Target { sighting, takes_metadata: file.inherits(target, METADATA) })
    };
    targets.iter().filter_map(read).collect()
}

/// The defaults of `variable` blocks.
fn variables(top: &Node) -> Variables {
    let mut variables = Variables::default();
    for pair in top.get("variable").map(Node::pairs).unwrap_or_default() {
        // Without a default it comes from the environment.
        if let Some(default) = pair.value.text_at(&["default"]) {
            variables.set(&pair.key.value, default);
        }
    }
    variables
}

struct File<'a> {
    targets: &'a [&'a Pair],
    variables: Variables,
    folder: ProjectPath,
}

impl File<'_> {
    /// Targets whose names start with `_` are there to be inherited from, and so is that of `docker/metadata-action`.
    fn read(&self, reader: &Reader<'_>, target: &Pair) -> Option<Sighting> {
        if target.key.value.starts_with('_') || target.key.value == METADATA {
            return None;
        }
        let mut build = self.build(reader, target)?;
        build.target = self
            .text(target, "target")
            .filter(|stage| !stage.value.is_empty() && !is_unresolved(&stage.value));
        let tags = self.value(target, "tags").map(Node::items).unwrap_or_default();
        let name = |tag: &str| ImageName::new(&shown(&self.variables.expand(tag)));
        build.names = tags.iter().filter_map(|tag| name(tag.text()?)).collect();
        let args = self.value(target, "args").map(Node::pairs).unwrap_or_default();
        let value =
            |node: &Node| Some(self.variables.expand(node.text()?)).filter(|text| !is_unresolved(text));
        build.args = args.iter().map(|pair| (pair.key.value.clone(), value(&pair.value))).collect();
        let mut sighting = reader.sighting(target.key.span, Refers::Build);
        sighting.used.name = Some(target.key.value.clone());
        sighting.used.build = Some(build);
        Some(sighting)
    }

    fn build(&self, reader: &Reader<'_>, target: &Pair) -> Option<Build> {
        if self.value(target, "dockerfile-inline").is_some() {
            return None;
        }
        let text = |key: &str, default: &str| {
            self.text(target, key).map_or_else(|| default.to_owned(), |text| text.value)
        };
        let (context, dockerfile) = (text("context", "."), text("dockerfile", "Dockerfile"));
        if is_unresolved(&context) || context.contains("://") {
            return None;
        }
        let context = self.folder.join(&context).ok()?;
        reader.build(Some(context.clone()), context.join(&dockerfile).ok()?)
    }

    /// The value at `key` of a target, or of the last of those it inherits from that has one.
    fn value(&self, target: &Pair, key: &str) -> Option<&Node> {
        let find = |name: &str| self.targets.iter().find(|pair| pair.key.value == name);
        let mut ahead = vec![*find(&target.key.value)?];
        for _ in 0..MAX_INHERITED {
            let next = ahead.pop()?;
            if let Some(value) = next.value.get(key) {
                return Some(value);
            }
            let inherited = next.value.get("inherits").map(Node::items).unwrap_or_default();
            ahead.extend(inherited.iter().filter_map(|name| find(name.text()?)).copied());
        }
        None
    }

    /// Whether a target inherits from the one called `name`.
    fn inherits(&self, target: &Pair, name: &str) -> bool {
        let mut ahead = vec![target];
        for _ in 0..MAX_INHERITED {
            let Some(next) = ahead.pop() else { return false };
            let inherited = next.value.get("inherits").map(Node::items).unwrap_or_default();
            let names: Vec<&str> = inherited.iter().filter_map(|name| name.text()).collect();
            if names.contains(&name) {
                return true;
            }
            ahead.extend(self.targets.iter().filter(|pair| names.contains(&pair.key.value.as_str())));
        }
        false
    }

    fn text(&self, target: &Pair, key: &str) -> Option<Sited<String>> {
        let node = self.value(target, key)?;
        Some(Sited::new(self.variables.expand(node.text()?), node.span))
    }
}
