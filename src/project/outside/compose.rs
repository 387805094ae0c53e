//! Compose files: the services that build a Dockerfile or run an image.

use std::sync::Arc;

use super::super::tree::{Node, Pair, Value};
use super::super::{Files, ProjectPath, Sited, yaml};
use super::development::{is_for_development, mounts_sources};
use super::docker::{assignment, container_port, project_folder, short_mount};
use super::variables::{DOLLAR, Variables, is_unresolved, shown};
use super::{
    Build, Command, Development, HealthCheck, ImageName, MAX_FILE_BYTES, Mount, Reader, Refers, words,
};

/// Files whose services others in the same folder add to.
const BASE_FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// `extends` that are followed.
const MAX_EXTENDS: usize = 5;

/// Reads the services of the file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let Some(top) = reader.yaml().into_iter().next() else { return };
    let folder = reader.path.folder();
    let environment = folder.child(".env");
    let environment = reader.files.read_up_to(&environment, MAX_FILE_BYTES).map(|bytes| bytes.to_vec());
    let variables = Variables::scan(&String::from_utf8_lossy(&environment.unwrap_or_default()));
    let file = File { files: reader.files, path: reader.path.clone(), top, variables };
    for pair in services(&file.top) {
        let service = Service { reader, file: &file, folder: &folder, node: &pair.value };
        if let Some(sighting) = service.read(pair) {
            reader.found.push(sighting);
        }
    }
}

/// The services: below `services`, or in the oldest format at the top.
fn services(top: &Node) -> Vec<&Pair> {
    match top.get("services") {
        Some(services) => services.pairs(),
        None => top
            .pairs()
            .into_iter()
            .filter(|pair| pair.value.get("image").or(pair.value.get("build")).is_some())
            .collect(),
    }
}

/// A compose file, for looking things up in it.
struct File<'a> {
    files: &'a dyn Files,
    path: ProjectPath,
    top: Arc<Node>,
    variables: Variables,
}

impl File<'_> {
    /// The value at `key` of `service`, or of the service it extends, or of the one of its name in the folder's
    /// base file.
    fn inherited(&self, service: &Pair, key: &str) -> Option<(Arc<Node>, ProjectPath)> {
        let mut name = service.key.value.clone();
        let mut path = self.path.clone();
        let mut top = Arc::clone(&self.top);
        for _ in 0..MAX_EXTENDS {
            let node = services(&top)
                .into_iter()
                .find(|pair| pair.key.value == name)
                .map(|pair| Arc::clone(&pair.value));
            if let Some(found) = node.as_ref().and_then(|node| shared(node, key)) {
                return Some((found, path));
            }
            let extends = node.as_ref().and_then(|node| node.get("extends"));
            let extended =
                extends.and_then(|extends| extends.text().or_else(|| extends.text_at(&["service"])));
            let file = extends.and_then(|extends| extends.text_at(&["file"]));
            let next = match (extended, file) {
                (Some(_), Some(file)) => path.folder().join(file).ok()?,
                (Some(_), None) => path.clone(),
                (None, _) => BASE_FILES
                    .iter()
                    .map(|base| path.folder().child(base))
                    .find(|base| self.files.is_file(base))?,
            };
            if next == path && extended.is_none() {
                return None;
            }
            name = extended.map_or(name, str::to_owned);
            if next != path {
                let bytes = self.files.read_up_to(&next, MAX_FILE_BYTES).ok()?;
                top = yaml::parse(&String::from_utf8_lossy(&bytes)).documents.into_iter().next()?;
                path = next;
            }
        }
        None
    }
}

/// The value at `key`, held on its own.
fn shared(node: &Node, key: &str) -> Option<Arc<Node>> {
    node.pairs().into_iter().find(|pair| pair.key.value == key).map(|pair| Arc::clone(&pair.value))
}

struct Service<'a> {
    reader: &'a Reader<'a>,
    file: &'a File<'a>,
    folder: &'a ProjectPath,
    node: &'a Node,
}

impl Service<'_> {
    fn read(&self, pair: &Pair) -> Option<super::Sighting> {
        let image = self.file.inherited(pair, "image").and_then(|(image, _)| self.expanded(&image));
        let name = image.as_ref().and_then(|image| ImageName::new(&shown(&image.value)));
        let build =
            self.file.inherited(pair, "build").and_then(|(node, path)| self.build(&node, &path.folder()));
        let refers = match (&build, &name) {
            (Some(_), _) => Refers::Build,
            (None, Some(name)) => Refers::Image(name.clone()),
            (None, None) => return None,
        };
        let mut sighting = self.reader.sighting(pair.key.span, refers);
        sighting.container = self.text("container_name").map(|name| name.value);
        sighting.is_run_only =
            self.node.get("image").is_some() && self.file.inherited(pair, "build").is_none();
        let used = &mut sighting.used;
        used.name = Some(pair.key.value.clone());
        used.image = image.map(|image| shown(&image.value));
        used.build = build.map(|mut build| {
            build.names.extend(name);
            build
        });
        used.entrypoint = self.command("entrypoint");
        used.command = self.command("command");
        used.health_checks =
            self.node.get("healthcheck").and_then(|check| self.health_check(check)).into_iter().collect();
        for hook in ["post_start", "pre_stop"] {
            let hooks = self.node.get(hook).map(Node::items).unwrap_or_default();
            used.executes.extend(hooks.iter().filter_map(|hook| self.command_of(hook.get("command")?)));
        }
        used.user = self.text("user");
        used.ports = self.ports();
        used.environment = self.environment();
        used.mounts = self.mounts();
        used.development = self.development(used);
        Some(sighting)
    }

    /// A scalar's text, variables replaced.
    fn expanded(&self, node: &Node) -> Option<Sited<String>> {
        Some(Sited::new(self.expand(node.text()?), node.span))
    }

    /// `$$` is a dollar sign for the container.
    fn expand(&self, text: &str) -> String {
        self.file.variables.expand(&text.replace("$$", &DOLLAR.to_string()))
    }

    fn text(&self, key: &str) -> Option<Sited<String>> {
        self.expanded(self.node.get(key)?)
    }

    /// `build: folder`, or a map.
    fn build(&self, node: &Node, folder: &ProjectPath) -> Option<Build> {
        let text = |key: &str| node.get(key).and_then(|value| self.expanded(value));
        let context =
            node.text().map(|text| self.expand(text)).or_else(|| text("context").map(|text| text.value));
        let context = context.unwrap_or_else(|| ".".to_owned());
        if is_unresolved(&context) || context.contains("://") || node.get("dockerfile_inline").is_some() {
            return None;
        }
        let context = folder.join(&context).ok()?;
        let dockerfile = text("dockerfile").map_or_else(|| "Dockerfile".to_owned(), |text| text.value);
        let mut build = self.reader.build(Some(context.clone()), context.join(&dockerfile).ok()?)?;
        build.target = text("target").filter(|target| !is_unresolved(&target.value));
        build.args = node.get("args").map(|args| self.assignments(args)).unwrap_or_default();
        let tags = node.get("tags").map(Node::items).unwrap_or_default();
        build.names =
            tags.iter().filter_map(|tag| ImageName::new(&shown(&self.expand(tag.text()?)))).collect();
        Some(build)
    }

    fn command(&self, key: &str) -> Option<Sited<Command>> {
        self.command_of(self.node.get(key)?)
    }

    /// A list of words, or a text that is split like a shell's but run without one; null is the image's own.
    fn command_of(&self, node: &Node) -> Option<Sited<Command>> {
        let words = match &node.value {
            Value::List(items) => {
                items.iter().filter_map(|item| item.text()).map(|text| self.expand(text)).collect()
            }
            Value::Scalar(text) => words::split(&self.expand(text)),
            Value::Null | Value::Map(_) => return None,
        };
        Some(Sited::new(Command::exec(words), node.span))
    }

    fn health_check(&self, node: &Node) -> Option<Sited<HealthCheck>> {
        if node.text_at(&["disable"]) == Some("true") {
            return Some(Sited::new(HealthCheck::Disabled, node.span));
        }
        let test = node.get("test")?;
        let shell = |text: &str| HealthCheck::Command(Command::Shell(self.expand(text)));
        let items: Vec<&str> = test.items().iter().filter_map(|item| item.text()).collect();
        let check = match (test.text(), &items[..]) {
            (Some(text), _) => shell(text),
            (None, ["NONE", ..]) => HealthCheck::Disabled,
            (None, ["CMD", words @ ..]) => {
                HealthCheck::Command(Command::exec(words.iter().map(|word| self.expand(word)).collect()))
            }
            (None, ["CMD-SHELL", text, ..]) => shell(text),
            _ => return None,
        };
        Some(Sited::new(check, test.span))
    }

    /// Of `ports` (short and long form) and `expose`.
    fn ports(&self) -> Vec<u16> {
        let nodes = ["ports", "expose"]
            .iter()
            .flat_map(|key| self.node.get(key).map(Node::items).unwrap_or_default());
        let port = |node: &Node| match node.text() {
            Some(text) => container_port(&self.expand(text)),
            None => node.text_at(&["target"])?.parse().ok(),
        };
        let mut ports: Vec<u16> = nodes.filter_map(|node| port(node)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    fn environment(&self) -> Vec<(String, Option<String>)> {
        self.node.get("environment").map(|node| self.assignments(node)).unwrap_or_default()
    }

    /// A map, or a list of `NAME=value`.
    fn assignments(&self, node: &Node) -> Vec<(String, Option<String>)> {
        if node.is_list() {
            return node
                .items()
                .iter()
                .filter_map(|item| Some(assignment(&self.expand(item.text()?))))
                .collect();
        }
        let value =
            |pair: &Pair| pair.value.text().map(|text| self.expand(text)).filter(|text| !is_unresolved(text));
        node.pairs().into_iter().map(|pair| (pair.key.value.clone(), value(pair))).collect()
    }

    fn mounts(&self) -> Vec<Mount> {
        let volumes = self.node.get("volumes").map(Node::items).unwrap_or_default();
        let mount = |node: &Node| {
            if let Some(text) = node.text() {
                return short_mount(&self.expand(text), Some(self.folder));
            }
            let bind = node.text_at(&["type"]) == Some("bind");
            let source = node.text_at(&["source"]).filter(|_| bind).map(|source| self.expand(source));
            let source = source.and_then(|source| project_folder(&source, Some(self.folder)));
            Some(Mount { source, target: self.expand(node.text_at(&["target"])?), bind })
        };
        volumes.iter().filter_map(|node| mount(node)).collect()
    }

    /// A profile for development, or files that are kept in step with the sources, say that it is not how the image
    /// runs elsewhere; a name, mounted sources or a command do not.
    fn development(&self, used: &super::OutsideUse) -> Development {
        let is_dev = |word: &str| matches!(word, "dev" | "development" | "devel" | "debug");
        let profiles = self.node.get("profiles").map(Node::items).unwrap_or_default();
        let by_profile =
            !profiles.is_empty() && profiles.iter().filter_map(|profile| profile.text()).all(is_dev);
        if by_profile || self.node.get("develop").is_some() {
            return Development::Beside;
        }
        let by_name = self.file.path.file_name().split(['.', '-', '_']).any(is_dev);
        let context = used.build.as_ref().and_then(|build| build.context.as_ref());
        let mounted = used.mounts.iter().filter_map(|mount| mount.source.as_ref());
        let commands = [&used.entrypoint, &used.command];
        let looks_so = by_name
            || mounted.into_iter().any(|source| mounts_sources(source, context))
            || commands.into_iter().flatten().any(|command| is_for_development(&command.value));
        if looks_so { Development::InPlace } else { Development::No }
    }
}
