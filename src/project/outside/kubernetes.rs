//! Kubernetes manifests: the containers of everything that has a pod's specification in it.

use barehull_syntax::Span;

use super::super::Sited;
use super::super::tree::{Node, Value};
use super::variables::{UNKNOWN, Variables, is_unresolved, shown};
use super::{Command, HealthCheck, ImageName, Mount, Reader, Refers, Sighting};

/// Lists inside of lists that are looked into.
const MAX_ITEMS: usize = 10_000;

/// Reads the manifests of the file.
pub(super) fn read(reader: &mut Reader<'_>) {
    // Most YAML files are none: not worth reading.
    let workload = reader.text.contains("ontainers:");
    let kustomization =
        reader.path.file_name().starts_with("kustomization.") && reader.text.contains("images:");
    let manifest = workload && reader.text.contains("kind:");
    if !(manifest || kustomization) {
        return;
    }
    let mut ahead = reader.yaml();
    ahead.reverse();
    let mut left = MAX_ITEMS;
    while let Some(document) = ahead.pop() {
        left = left.saturating_sub(1);
        if left == 0 {
            break;
        }
        if kustomization {
            renames(reader, &document);
        }
        if document.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List")) {
            ahead.extend(document.get("items").map(Node::items).unwrap_or_default().iter().rev().cloned());
        }
        let text = |keys: &[&str]| document.text_at(keys).unwrap_or_default();
        let owner = format!("{}/{}", text(&["kind"]), text(&["metadata", "name"]));
        for pod in POD_SPECS.iter().filter_map(|keys| document.at(keys)) {
            pod_containers(reader, pod, &owner);
        }
    }
}

/// Where a pod's specification is: Pod; Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`, Job and what is
/// modelled on them; `CronJob`.
const POD_SPECS: [&[&str]; 3] =
    [&["spec"], &["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];

/// `images` of a kustomization give images other names.
fn renames(reader: &mut Reader<'_>, document: &Node) {
    for image in document.get("images").map(Node::items).unwrap_or_default() {
        let name = |key: &str| image.text_at(&[key]).and_then(ImageName::new);
        if let (Some(to), Some(from)) = (name("name"), name("newName")) {
            let sighting = reader.sighting(image.span, Refers::Renamed { from, to });
            reader.found.push(sighting);
        }
    }
}

fn pod_containers(reader: &mut Reader<'_>, pod: &Node, owner: &str) {
    let pod_user = pod.at(&["securityContext", "runAsUser"]);
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in pod.get(list).map(Node::items).unwrap_or_default() {
            let found = read_container(reader, container, pod_user, owner);
            reader.found.extend(found);
        }
    }
}

fn read_container(
    reader: &Reader<'_>,
    container: &Node,
    pod_user: Option<&Node>,
    owner: &str,
) -> Option<Sighting> {
    let name = container.text_at(&["name"]);
    // A container's name in its workload: no container of docker's is called so.
    let known = name.map(|name| format!("{owner}/{name}"));
    let mut sighting = match container.get("image") {
        Some(image) => {
            // `$NAME` is for envsubst and the like, which take it from elsewhere.
            let expanded = Variables::default().expand(image.text()?);
            let refers = ImageName::new(&shown(&expanded)).map_or(Refers::Unknown, Refers::Image);
            let mut sighting = reader.sighting(image.span, refers);
            sighting.container = known;
            sighting.used.image = Some(shown(&expanded));
            sighting
        }
        // A patch of an overlay: it runs what the base says.
        None => reader.sighting(container.span, Refers::Container(known?)),
    };
    let used = &mut sighting.used;
    used.name = name.map(str::to_owned);
    used.environment = environment(container);
    let variables = &used.environment;
    used.entrypoint = container.get("command").and_then(|node| command(node, variables));
    used.command = container.get("args").and_then(|node| command(node, variables));
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        used.health_checks.extend(container.get(probe).and_then(|probe| health_check(probe, variables)));
    }
    for hook in ["postStart", "preStop"] {
        let hook = container.at(&["lifecycle", hook, "exec", "command"]);
        used.executes.extend(hook.and_then(|node| command(node, variables)));
    }
    used.user = container.at(&["securityContext", "runAsUser"]).or(pod_user).and_then(Node::sited);
    let ports = container.get("ports").map(Node::items).unwrap_or_default();
    used.ports = ports.iter().filter_map(|port| port.text_at(&["containerPort"])?.parse().ok()).collect();
    used.ports.sort_unstable();
    used.ports.dedup();
    let mounts = container.get("volumeMounts").map(Node::items).unwrap_or_default();
    let target = |mount: &Node| {
        Some(Mount { source: None, target: mount.text_at(&["mountPath"])?.to_owned(), bind: false })
    };
    used.mounts = mounts.iter().filter_map(|mount| target(mount)).collect();
    used.interactive = container.text_at(&["tty"]) == Some("true");
    Some(sighting)
}

fn environment(container: &Node) -> Vec<(String, Option<String>)> {
    let items = container.get("env").map(Node::items).unwrap_or_default();
    let variable = |item: &Node| {
        Some((item.text_at(&["name"])?.to_owned(), item.text_at(&["value"]).map(str::to_owned)))
    };
    items.iter().filter_map(|item| variable(item)).collect()
}

/// A list of words. Kubernetes replaces `$(NAME)` by the container's variables, and nothing else.
fn command(node: &Node, variables: &[(String, Option<String>)]) -> Option<Sited<Command>> {
    let Value::List(items) = &node.value else { return None };
    let words: Vec<_> =
        items.iter().filter_map(|item| item.text()).map(|word| expand(word, variables)).collect();
    let command = if words.iter().any(|word| is_unresolved(word)) {
        Command::Unresolved(items.iter().filter_map(|item| item.text()).collect::<Vec<_>>().join(" "))
    } else {
        Command::Exec(words)
    };
    Some(Sited::new(command, node.span))
}

fn expand(word: &str, variables: &[(String, Option<String>)]) -> String {
    let mut found = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        found.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.strip_prefix("$(").and_then(|inner| inner.split_once(')')).map(|(name, _)| name);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        match reference.filter(|name| !name.is_empty() && name.chars().all(is_name)) {
            _ if rest.starts_with("$$") => {
                found.push('$');
                rest = &rest[2..];
            }
            Some(name) => {
                let value =
                    variables.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref());
                match value {
                    Some(value) => found.push_str(value),
                    None => found.push(UNKNOWN),
                }
                rest = &rest[name.len() + 3..];
            }
            None => {
                found.push('$');
                rest = &rest[1..];
            }
        }
    }
    found + rest
}

fn health_check(probe: &Node, variables: &[(String, Option<String>)]) -> Option<Sited<HealthCheck>> {
    let port = |node: &Node| node.text_at(&["port"]).unwrap_or_default().to_owned();
    let sited = |check: HealthCheck, span: Span| Some(Sited::new(check, span));
    if let Some(run) = probe.at(&["exec", "command"]) {
        let command = command(run, variables)?;
        return sited(HealthCheck::Command(command.value), command.span);
    }
    if let Some(get) = probe.get("httpGet") {
        let path = get.text_at(&["path"]).unwrap_or("/").to_owned();
        return sited(HealthCheck::Http { path, port: port(get) }, get.span);
    }
    let connection = probe.get("tcpSocket").or_else(|| probe.get("grpc"))?;
    sited(HealthCheck::Connection { port: port(connection) }, connection.span)
}
