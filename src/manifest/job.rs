//! A Job that does once, for a release, what init containers would do for each pod.

use super::Data;
use super::change::InitContainer;
use super::pod::Workload;
use super::print::Printer;
use super::spell::{self, map};
use super::style::Style;
use crate::project::tree::Node;
use crate::project::yaml;

/// What the pods of a Job take over from those of the workload, whose image it runs: not their labels, by which services
/// would find them.
const COPIED: [&str; 10] = [
    "serviceAccountName",
    "automountServiceAccountToken",
    "imagePullSecrets",
    "priorityClassName",
    "nodeSelector",
    "tolerations",
    "hostAliases",
    "dnsPolicy",
    "dnsConfig",
    "securityContext",
];

/// A manifest of the Job `name`, in the place of init containers of `workload`, which stands in `text`: `containers` run one
/// after the other.
///
/// # Errors
/// Where such a Job cannot be: why, in words.
pub fn job(
    text: &str,
    workload: &Workload,
    name: &str,
    containers: &[InitContainer],
) -> Result<String, String> {
    let (last, before) = containers.split_last().ok_or("there is nothing to do")?;
    let documents = yaml::parse(text).documents;
    let spec = spec(documents.get(workload.document).map(|top| &**top), workload);
    let spec = spec.ok_or("the pods' specification is not found again")?;
    let copied = |key: &str| spec.get(key).and_then(|node| Data::of(node, text));
    let mut pod = vec![("restartPolicy".to_owned(), Data::text("Never"))];
    pod.extend(COPIED.iter().filter_map(|key| Some(((*key).to_owned(), copied(key)?))));
    if !before.is_empty() {
        let before = before.iter().map(spell::container).collect();
        pod.push(("initContainers".to_owned(), Data::List(before)));
    }
    pod.push(("containers".to_owned(), Data::List(vec![spell::container(last)])));
    let volumes = volumes(spec, text, workload, containers)?;
    if !volumes.is_empty() {
        pod.push(("volumes".to_owned(), Data::List(volumes)));
    }
    let namespace = workload.namespace.as_deref().map(Data::text);
    let template = map([("spec", Some(Data::Map(pod)))]);
    let object = map([
        ("apiVersion", Some(Data::text("batch/v1"))),
        ("kind", Some(Data::text("Job"))),
        ("metadata", Some(map([("name", Some(Data::text(name))), ("namespace", namespace)]))),
        ("spec", Some(map([("backoffLimit", Some(spell::word(3))), ("template", Some(template))]))),
    ]);
    let mut printer = Printer::new(Style::USUAL);
    printer.document(&object);
    Ok(printer.finish())
}

fn spec<'t>(top: Option<&'t Node>, workload: &Workload) -> Option<&'t Node> {
    let mut object = top?;
    for item in &workload.route.items {
        object = object.get("items")?.items().get(*item)?;
    }
    object.at(workload.route.pod)?.get("spec")
}

/// The volumes that the containers mount.
fn volumes(
    spec: &Node,
    text: &str,
    workload: &Workload,
    containers: &[InitContainer],
) -> Result<Vec<Data>, String> {
    let mut mounted: Vec<&str> = Vec::new();
    for mount in containers.iter().flat_map(|container| &container.mounts) {
        if workload.claims.contains(&mount.volume) {
            return Err(format!("each pod has a volume {} of its own, which no Job can mount", mount.volume));
        }
        if !mounted.contains(&mount.volume.as_str()) {
            mounted.push(&mount.volume);
        }
    }
    let known = spec.get("volumes").map(Node::items).unwrap_or_default();
    let find = |name: &str| {
        let found = known.iter().find(|volume| volume.text_at(&["name"]) == Some(name))?;
        Data::of(found, text)
    };
    let found = mounted.iter().map(|name| find(name).ok_or_else(|| format!("there is no volume {name}")));
    found.collect()
}
