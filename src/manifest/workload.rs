//! Reading of workloads.

use std::sync::Arc;

use barehull_syntax::LineIndex;

use super::Data;
use super::pod::{
    Check, Container, EnvValue, EnvVar, Mount, Probe, Route, Security, Volume, VolumeSource, Workload,
};
use crate::project::tree::Node;
use crate::project::{Files, ProjectPath, Sited, Spot, yaml};

/// Bytes of a manifest that is read.
const MAX_BYTES: u64 = 4 << 20;
/// Objects of one file that are looked at, those of lists included.
const MAX_OBJECTS: usize = 10_000;

/// From an object to what holds `metadata` and `spec` of its pods: what is modelled on Deployment and Job; `CronJob`; Pod.
pub(super) const PODS: [&[&str]; 3] =
    [&["spec", "template"], &["spec", "jobTemplate", "spec", "template"], &[]];

/// Why nothing is said of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}: {reason}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct Unread {
    /// The file.
    pub path: ProjectPath,
    /// The line, 1-based, where one is to blame.
    pub line: Option<u32>,
    /// Whether it is a template, which is YAML only once it is rendered.
    pub template: bool,
    /// What is wrong and what to do.
    pub reason: String,
}

/// The workloads of the file at `path`: of all its documents, and of `List`s in them.
///
/// # Errors
/// If the file cannot be read to its end: what is behind an error is not known.
pub fn workloads(files: &dyn Files, path: &ProjectPath) -> Result<Vec<Workload>, Unread> {
    let unread = |line, template, reason| Unread { path: path.clone(), line, template, reason };
    let text = &read_text(files, path)?;
    let parsed = yaml::parse(text);
    let braces = text.contains("{{");
    if let Some(error) = parsed.error {
        let line = LineIndex::new(text.as_bytes()).line(error.offset);
        return Err(if braces {
            unread(None, true, "it is a template, which is YAML only once it is rendered".to_owned())
        } else {
            unread(Some(line), false, format!("it is not YAML: {}", error.text))
        });
    }
    let template = braces || is_in_chart(files, path);
    let config_maps: Vec<String> = parsed.documents.iter().filter_map(|node| config_map(node)).collect();
    let mut found = Vec::new();
    let mut left = MAX_OBJECTS;
    for (document, top) in parsed.documents.iter().enumerate() {
        let mut ahead = vec![(Vec::new(), Arc::clone(top))];
        while let Some((items, object)) = ahead.pop() {
            left = left.saturating_sub(1);
            if left == 0 {
                return Err(unread(None, false, format!("it has more than {MAX_OBJECTS} objects; part it")));
            }
            if object.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List")) {
                let below = object.get("items").map(Node::items).unwrap_or_default();
                let numbered = below.iter().enumerate().rev();
                ahead.extend(numbered.map(|(at, item)| ([&items[..], &[at]].concat(), Arc::clone(item))));
            }
            let reader = Reader { text, path };
            let mut workload = PODS.iter().find_map(|pod| reader.workload(&object, pod));
            if let Some(workload) = &mut workload {
                workload.document = document;
                workload.route.items = items;
                workload.config_maps.clone_from(&config_maps);
                workload.template = template;
            }
            found.extend(workload);
        }
    }
    Ok(found)
}

/// The text of the file at `path`.
pub(super) fn read_text(files: &dyn Files, path: &ProjectPath) -> Result<String, Unread> {
    let unread = |reason| Unread { path: path.clone(), line: None, template: false, reason };
    let bytes = files.read_up_to(path, MAX_BYTES).map_err(|error| unread(error.fault.to_string()))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| unread("it is not UTF-8; save it as UTF-8".to_owned()))
}

/// Whether it is below the `templates` of a Helm chart.
fn is_in_chart(files: &dyn Files, path: &ProjectPath) -> bool {
    let mut folder = path.parent();
    while let Some(at) = folder {
        if at.file_name() == "templates" && files.is_file(&at.folder().child("Chart.yaml")) {
            return true;
        }
        folder = at.parent();
    }
    false
}

fn config_map(object: &Node) -> Option<String> {
    let is_one = object.text_at(&["kind"]) == Some("ConfigMap");
    is_one.then(|| object.text_at(&["metadata", "name"])).flatten().map(str::to_owned)
}

struct Reader<'a> {
    text: &'a str,
    path: &'a ProjectPath,
}

impl Reader<'_> {
    /// The workload that `object` is, if its pods are behind the keys `pod`.
    fn workload(&self, object: &Node, pod: &'static [&'static str]) -> Option<Workload> {
        let holder = object.at(pod)?;
        let spec = holder.get("spec")?;
        let kind = object.text_at(&["kind"])?;
        let containers = spec.get("containers").filter(|node| node.is_list())?;
        let metadata = |key: &str| object.text_at(&["metadata", key]).map(str::to_owned);
        let claims = object.at(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default();
        let claim = |claim: &Node| claim.text_at(&["metadata", "name"]).map(str::to_owned);
        Some(Workload {
            path: self.path.clone(),
            kind: kind.to_owned(),
            name: metadata("name"),
            namespace: metadata("namespace"),
            at: self.spot(object),
            document: 0,
            containers: containers.items().iter().map(|node| self.container(node)).collect(),
            init_containers: items(spec, "initContainers").iter().map(|node| self.container(node)).collect(),
            volumes: items(spec, "volumes").iter().filter_map(|node| volume(node)).collect(),
            claims: claims.iter().filter_map(|node| claim(node)).collect(),
            security: spec.get("securityContext").map(security).unwrap_or_default(),
            annotations: texts(holder.at(&["metadata", "annotations"])),
            replicas: object.at(&["spec"]).and_then(|spec| number(spec, "replicas")),
            config_maps: Vec::new(),
            template: false,
            route: Route { items: Vec::new(), pod },
        })
    }

    fn spot(&self, node: &Node) -> Spot {
        Spot { path: self.path.clone(), span: node.span }
    }

    fn container(&self, node: &Node) -> Container {
        let text = |key: &str| node.text_at(&[key]).map(str::to_owned);
        let probe = |key: &str| node.get(key).map(|found| Sited::new(probe(found), found.span));
        let hook = |name| {
            let run = node.at(&["lifecycle", name, "exec", "command"])?;
            Some((name, words(run)?))
        };
        Container {
            name: text("name"),
            image: node.get("image").and_then(Node::sited),
            at: self.spot(node),
            command: node.get("command").and_then(words),
            args: node.get("args").and_then(words),
            env: items(node, "env").iter().filter_map(|item| self.variable(item)).collect(),
            env_from: items(node, "envFrom").iter().filter_map(|item| Data::of(item, self.text)).collect(),
            mounts: items(node, "volumeMounts").iter().filter_map(|item| mount(item)).collect(),
            ports: items(node, "ports").iter().filter_map(|item| port(item)).collect(),
            startup: probe("startupProbe"),
            liveness: probe("livenessProbe"),
            readiness: probe("readinessProbe"),
            hooks: ["postStart", "preStop"].into_iter().filter_map(hook).collect(),
            security: node.get("securityContext").map(security).unwrap_or_default(),
            working_dir: text("workingDir"),
            pull_policy: text("imagePullPolicy"),
        }
    }

    fn variable(&self, node: &Node) -> Option<EnvVar> {
        let value = match node.get("valueFrom") {
            Some(from) => EnvValue::From(Data::of(from, self.text)?),
            None => EnvValue::Text(node.text_at(&["value"]).unwrap_or_default().to_owned()),
        };
        Some(EnvVar { name: node.text_at(&["name"])?.to_owned(), value })
    }
}

fn items<'a>(node: &'a Node, key: &str) -> &'a [Arc<Node>] {
    node.get(key).map(Node::items).unwrap_or_default()
}

fn number<T: std::str::FromStr>(node: &Node, key: &str) -> Option<T> {
    node.text_at(&[key])?.parse().ok()
}

fn flag(node: &Node, key: &str) -> Option<bool> {
    number(node, key)
}

fn texts(node: Option<&Node>) -> Vec<(String, String)> {
    let pairs = node.map(Node::pairs).unwrap_or_default();
    pairs.iter().filter_map(|pair| Some((pair.key.value.clone(), pair.value.text()?.to_owned()))).collect()
}

/// A list of words; nothing where one is none.
fn words(node: &Node) -> Option<Sited<Vec<String>>> {
    let words = node.is_list().then(|| node.items().iter().map(|item| item.text().map(str::to_owned)));
    Some(Sited::new(words?.collect::<Option<_>>()?, node.span))
}

fn mount(node: &Node) -> Option<Mount> {
    Some(Mount {
        volume: node.text_at(&["name"])?.to_owned(),
        path: node.text_at(&["mountPath"])?.to_owned(),
        sub_path: node.text_at(&["subPath"]).map(str::to_owned),
        read_only: flag(node, "readOnly").unwrap_or_default(),
    })
}

fn port(node: &Node) -> Option<(Option<String>, u16)> {
    Some((node.text_at(&["name"]).map(str::to_owned), number(node, "containerPort")?))
}

fn volume(node: &Node) -> Option<Volume> {
    let name = node.text_at(&["name"])?.to_owned();
    let text = |keys: &[&str]| node.text_at(keys).unwrap_or_default().to_owned();
    let pairs = node.pairs();
    let source = pairs.iter().map(|pair| pair.key.value.as_str()).find(|key| *key != "name");
    let source = match source.unwrap_or("emptyDir") {
        "emptyDir" => VolumeSource::EmptyDir,
        "configMap" => VolumeSource::ConfigMap {
            name: text(&["configMap", "name"]),
            mode: node.text_at(&["configMap", "defaultMode"]).and_then(mode),
        },
        "secret" => VolumeSource::Secret { name: text(&["secret", "secretName"]) },
        "persistentVolumeClaim" => {
            VolumeSource::Claim { name: text(&["persistentVolumeClaim", "claimName"]) }
        }
        other => VolumeSource::Other(other.to_owned()),
    };
    Some(Volume { name, source })
}

/// `0755` and `0o755` are octal, `493` is not.
fn mode(text: &str) -> Option<u16> {
    match text.strip_prefix("0o").or_else(|| text.strip_prefix('0').filter(|rest| !rest.is_empty())) {
        Some(octal) => u16::from_str_radix(octal, 8).ok(),
        None => text.parse().ok(),
    }
}

fn probe(node: &Node) -> Probe {
    Probe {
        check: check(node),
        initial_delay: number(node, "initialDelaySeconds"),
        period: number(node, "periodSeconds"),
        timeout: number(node, "timeoutSeconds"),
        failures: number(node, "failureThreshold"),
        successes: number(node, "successThreshold"),
    }
}

fn check(node: &Node) -> Check {
    let port = |node: &Node| node.text_at(&["port"]).unwrap_or_default().to_owned();
    if let Some(run) = node.at(&["exec", "command"]) {
        return words(run).map_or(Check::Unknown, |words| Check::Exec { words: words.value });
    }
    if let Some(get) = node.get("httpGet") {
        let header = |header: &Node| {
            Some((header.text_at(&["name"])?.to_owned(), header.text_at(&["value"])?.to_owned()))
        };
        return Check::Http {
            path: get.text_at(&["path"]).unwrap_or("/").to_owned(),
            port: port(get),
            scheme: get.text_at(&["scheme"]).map(str::to_owned),
            headers: items(get, "httpHeaders").iter().filter_map(|item| header(item)).collect(),
        };
    }
    if let Some(tcp) = node.get("tcpSocket") {
        return Check::Tcp { port: port(tcp) };
    }
    let grpc = node.get("grpc").and_then(|grpc| {
        let service = grpc.text_at(&["service"]).map(str::to_owned);
        Some(Check::Grpc { port: number(grpc, "port")?, service })
    });
    grpc.unwrap_or(Check::Unknown)
}

fn security(node: &Node) -> Security {
    let list = |keys: &[&str]| {
        let items = node.at(keys).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| item.text().map(str::to_owned)).collect()
    };
    Security {
        user: number(node, "runAsUser"),
        group: number(node, "runAsGroup"),
        non_root: flag(node, "runAsNonRoot"),
        fs_group: number(node, "fsGroup"),
        privileged: flag(node, "privileged"),
        escalation: flag(node, "allowPrivilegeEscalation"),
        read_only_root: flag(node, "readOnlyRootFilesystem"),
        drop: list(&["capabilities", "drop"]),
        add: list(&["capabilities", "add"]),
        seccomp: node.text_at(&["seccompProfile", "type"]).map(str::to_owned),
        at: Some(node.span),
    }
}
