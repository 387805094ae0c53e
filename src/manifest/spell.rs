//! What is asked for, in the words of Kubernetes.

use std::fmt::Display;

use super::change::{ConfigMap, InitContainer, Resources};
use super::data::Data;
use super::pod::{Check, EnvValue, EnvVar, Mount, Probe, Security, Volume, VolumeSource};

/// Orders in which people write keys.
pub(super) const OBJECT: &[&str] = &["apiVersion", "kind", "metadata", "spec"];
pub(super) const METADATA: &[&str] = &["name", "namespace", "labels", "annotations"];
pub(super) const POD: &[&str] = &[
    "restartPolicy",
    "serviceAccount",
    "serviceAccountName",
    "automountServiceAccountToken",
    "imagePullSecrets",
    "securityContext",
    "initContainers",
    "containers",
    "volumes",
];
pub(super) const CONTAINER: &[&str] = &[
    "name",
    "image",
    "imagePullPolicy",
    "workingDir",
    "command",
    "args",
    "ports",
    "envFrom",
    "env",
    "startupProbe",
    "livenessProbe",
    "readinessProbe",
    "lifecycle",
    "resources",
    "securityContext",
    "volumeMounts",
];
pub(super) const SECURITY: &[&str] = &[
    "runAsNonRoot",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "privileged",
    "allowPrivilegeEscalation",
    "readOnlyRootFilesystem",
    "capabilities",
    "seccompProfile",
];

/// A map of the entries that are there.
pub(super) fn map<const N: usize>(entries: [(&str, Option<Data>); N]) -> Data {
    Data::Map(entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// A list, unless it is empty.
pub(super) fn list<T>(items: &[T], spell: impl Fn(&T) -> Data) -> Option<Data> {
    (!items.is_empty()).then(|| Data::List(items.iter().map(spell).collect()))
}

/// A map, unless it is empty.
pub(super) fn some(data: Data) -> Option<Data> {
    (data != Data::Map(Vec::new())).then_some(data)
}

fn text(text: &str) -> Option<Data> {
    (!text.is_empty()).then(|| Data::text(text))
}

/// A number or a truth value.
pub(super) fn word<T: Display>(word: T) -> Data {
    Data::Word(word.to_string())
}

/// A number, or the name of a port.
fn port(port: &str) -> Data {
    if port.parse::<u16>().is_ok() { word(port) } else { Data::text(port) }
}

/// A hook that waits.
pub(super) fn sleep(seconds: u32) -> Data {
    map([("sleep", Some(map([("seconds", Some(Data::Word(seconds.to_string())))])))])
}

pub(super) fn container(container: &InitContainer) -> Data {
    map([
        ("name", text(&container.name)),
        ("image", text(&container.image)),
        ("imagePullPolicy", container.pull_policy.as_deref().and_then(text)),
        ("workingDir", container.working_dir.as_deref().and_then(text)),
        ("command", list(&container.command, |word| Data::text(word))),
        ("args", list(&container.args, |word| Data::text(word))),
        ("envFrom", list(&container.env_from, Clone::clone)),
        ("env", list(&container.env, variable)),
        ("resources", some(resources(&container.resources))),
        ("securityContext", some(container_security(&container.security))),
        ("volumeMounts", list(&container.mounts, mount)),
    ])
}

fn resources(resources: &Resources) -> Data {
    let (cpu, memory) = (text(&resources.cpu), text(&resources.memory));
    map([
        ("requests", some(map([("cpu", cpu), ("memory", memory.clone())]))),
        ("limits", some(map([("memory", memory)]))),
    ])
}

pub(super) fn variable(variable: &EnvVar) -> Data {
    let (value, from) = match &variable.value {
        EnvValue::Text(text) => (Some(Data::text(text)), None),
        EnvValue::From(data) => (None, Some(data.clone())),
    };
    map([("name", Some(Data::text(&variable.name))), ("value", value), ("valueFrom", from)])
}

pub(super) fn mount(mount: &Mount) -> Data {
    map([
        ("name", Some(Data::text(&mount.volume))),
        ("mountPath", Some(Data::text(&mount.path))),
        ("subPath", mount.sub_path.as_deref().map(Data::text)),
        ("readOnly", mount.read_only.then(|| word(true))),
    ])
}

pub(super) fn volume(volume: &Volume) -> Data {
    let name = ("name", Some(Data::text(&volume.name)));
    let named = |key: &str, name: &str| Some(map([(key, Some(Data::text(name)))]));
    match &volume.source {
        VolumeSource::EmptyDir => map([name, ("emptyDir", Some(Data::Map(Vec::new())))]),
        VolumeSource::ConfigMap { name: from, mode } => {
            let mode = mode.map(|mode| Data::Word(format!("0{mode:o}")));
            map([name, ("configMap", Some(map([("name", Some(Data::text(from))), ("defaultMode", mode)])))])
        }
        VolumeSource::Secret { name: from } => map([name, ("secret", named("secretName", from))]),
        VolumeSource::Claim { name: from } => {
            map([name, ("persistentVolumeClaim", named("claimName", from))])
        }
        VolumeSource::Other(_) => map([name]),
    }
}

pub(super) fn probe(probe: &Probe) -> Data {
    let number = |number: Option<u32>| number.map(word);
    let (http, tcp, grpc, exec) = match &probe.check {
        Check::Http { path, port: at, scheme, headers } => {
            let header = |(name, value): &(String, String)| {
                map([("name", Some(Data::text(name))), ("value", Some(Data::text(value)))])
            };
            let get = map([
                ("path", text(path)),
                ("port", Some(port(at))),
                ("scheme", scheme.as_deref().and_then(text)),
                ("httpHeaders", list(headers, header)),
            ]);
            (Some(get), None, None, None)
        }
        Check::Tcp { port: at } => (None, Some(map([("port", Some(port(at)))])), None, None),
        Check::Grpc { port, service } => {
            let call = map([("port", Some(word(port))), ("service", service.as_deref().map(Data::text))]);
            (None, None, Some(call), None)
        }
        Check::Exec { words } => (None, None, None, Some(map([("command", Some(Data::texts(words)))]))),
        Check::Unknown => (None, None, None, None),
    };
    map([
        ("httpGet", http),
        ("tcpSocket", tcp),
        ("grpc", grpc),
        ("exec", exec),
        ("initialDelaySeconds", number(probe.initial_delay)),
        ("periodSeconds", number(probe.period)),
        ("timeoutSeconds", number(probe.timeout)),
        ("failureThreshold", number(probe.failures)),
        ("successThreshold", number(probe.successes)),
    ])
}

/// What of the settings a pod may have.
pub(super) fn pod_security(security: &Security) -> Data {
    map([
        ("runAsNonRoot", security.non_root.map(word)),
        ("runAsUser", security.user.map(word)),
        ("runAsGroup", security.group.map(word)),
        ("fsGroup", security.fs_group.map(word)),
        ("seccompProfile", security.seccomp.as_deref().map(|kind| map([("type", text(kind))]))),
    ])
}

/// What of the settings a container may have.
pub(super) fn container_security(security: &Security) -> Data {
    let capabilities = map([
        ("add", list(&security.add, |word| Data::text(word))),
        ("drop", list(&security.drop, |word| Data::text(word))),
    ]);
    map([
        ("runAsNonRoot", security.non_root.map(word)),
        ("runAsUser", security.user.map(word)),
        ("runAsGroup", security.group.map(word)),
        ("privileged", security.privileged.map(word)),
        ("allowPrivilegeEscalation", security.escalation.map(word)),
        ("readOnlyRootFilesystem", security.read_only_root.map(word)),
        ("capabilities", some(capabilities)),
        ("seccompProfile", security.seccomp.as_deref().map(|kind| map([("type", text(kind))]))),
    ])
}

pub(super) fn config_map(map_: &ConfigMap, namespace: Option<&str>) -> Data {
    let data = map_.data.iter().map(|(key, value)| (key.clone(), Data::text(value)));
    map([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        ("metadata", Some(map([("name", text(&map_.name)), ("namespace", namespace.and_then(text))]))),
        ("data", Some(Data::Map(data.collect()))),
    ])
}

/// The name of an object that was spelt here.
pub(super) fn name_of(object: &Data) -> Option<&str> {
    let Data::Map(entries) = object else { return None };
    let (_, metadata) = entries.iter().find(|(key, _)| key == "metadata")?;
    let Data::Map(entries) = metadata else { return None };
    match &entries.iter().find(|(key, _)| key == "name")?.1 {
        Data::Text(name) => Some(name),
        _ => None,
    }
}
