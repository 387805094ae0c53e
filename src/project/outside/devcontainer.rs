//! `devcontainer.json`: always for development, always with a shell and more inside.

use super::super::Sited;
use super::super::tree::{Node, Value};
use super::docker::{assignment, long_mount};
use super::variables::{Variables, is_unresolved, shown};
use super::{Build, Command, Development, ImageName, Reader, Refers};

/// Commands that the editor runs inside.
const COMMANDS: [&str; 5] =
    ["onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"];

/// Reads the file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let Some(top) = reader.json() else { return };
    let build = build(reader, &top);
    let image = top.get("image").and_then(Node::sited);
    let service = top.get("service").and_then(Node::sited);
    let name =
        image.as_ref().and_then(|image| ImageName::new(&shown(&Variables::default().expand(&image.value))));
    let (refers, span) = match (&build, name, &service) {
        (Some((_, span)), ..) => (Refers::Build, *span),
        (None, Some(name), _) => (Refers::Image(name), image.as_ref().map_or(top.span, |image| image.span)),
        (None, None, Some(service)) => (Refers::Service(service.value.clone()), service.span),
        _ => return,
    };
    let mut sighting = reader.sighting(span, refers);
    let used = &mut sighting.used;
    used.name = top.text_at(&["name"]).map(str::to_owned);
    used.image = image.map(|image| image.value);
    used.build = build.map(|(build, _)| build);
    used.executes = COMMANDS.iter().filter_map(|key| top.get(key)).flat_map(commands).collect();
    used.user = top.get("containerUser").or_else(|| top.get("remoteUser")).and_then(Node::sited);
    let variables = top.get("containerEnv").map(Node::pairs).unwrap_or_default();
    used.environment =
        variables.iter().map(|pair| (pair.key.value.clone(), pair.value.text().map(str::to_owned))).collect();
    let mounts = top.get("mounts").map(Node::items).unwrap_or_default();
    used.mounts = mounts.iter().filter_map(|mount| long_mount(mount.text()?, None)).collect();
    used.development = Development::Beside;
    reader.found.push(sighting);
}

/// `build: {dockerfile, context, target, args}`, or the older `dockerFile` and `context`.
fn build(reader: &Reader<'_>, top: &Node) -> Option<(Build, barehull_syntax::Span)> {
    let folder = reader.path.folder();
    let file = top.at(&["build", "dockerfile"]).or_else(|| top.get("dockerFile"))?;
    let context = top.text_at(&["build", "context"]).or_else(|| top.text_at(&["context"])).unwrap_or(".");
    let mut build = reader.build(folder.join(context).ok(), folder.join(file.text()?).ok()?)?;
    build.target = top.at(&["build", "target"]).and_then(Node::sited);
    let args = top.at(&["build", "args"]).map(Node::pairs).unwrap_or_default();
    let value = |node: &Node| Variables::default().expand(node.text().unwrap_or_default());
    build.args =
        args.iter().map(|pair| assignment(&format!("{}={}", pair.key.value, value(&pair.value)))).collect();
    build.args.iter_mut().for_each(|(_, value)| *value = value.take().filter(|value| !is_unresolved(value)));
    Some((build, file.span))
}

/// A shell's text, a list of words, or several of these by name.
fn commands(node: &Node) -> Vec<Sited<Command>> {
    let one = |node: &Node| match &node.value {
        Value::Scalar(text) => Some(Sited::new(Command::Shell(text.clone()), node.span)),
        Value::List(items) => {
            let words = items.iter().filter_map(|item| item.text()).map(str::to_owned).collect();
            Some(Sited::new(Command::Exec(words), node.span))
        }
        Value::Null | Value::Map(_) => None,
    };
    match &node.value {
        Value::Map(pairs) => pairs.iter().filter_map(|pair| one(&pair.value)).collect(),
        _ => one(node).into_iter().collect(),
    }
}
