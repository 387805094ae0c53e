//! What a Kubernetes manifest says of a pod, as far as it is run here. A field that would change what runs and is not
//! known here is an error with its name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Fields of a pod that say where, when and beside what it runs, not what.
const OF_THE_CLUSTER: [&str; 16] = [
    "affinity",
    "automountServiceAccountToken",
    "dnsPolicy",
    "enableServiceLinks",
    "imagePullSecrets",
    "nodeSelector",
    "os",
    "preemptionPolicy",
    "priorityClassName",
    "restartPolicy",
    "schedulerName",
    "serviceAccount",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
];

/// The same of a container.
const OF_THE_NODE: [&str; 4] =
    ["imagePullPolicy", "resources", "terminationMessagePath", "terminationMessagePolicy"];

/// The same of a probe: when it is made.
const TIMES: [&str; 6] = [
    "failureThreshold",
    "initialDelaySeconds",
    "periodSeconds",
    "successThreshold",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
];

/// What the kernel holds back beyond what is modelled, and how fast owners change.
const OF_THE_KERNEL: [&str; 2] = ["fsGroupChangePolicy", "seccompProfile"];

/// The documents of a manifest that say what runs.
#[derive(Debug, Default)]
pub struct Manifest {
    workloads: Vec<Workload>,
    /// ConfigMaps and Secrets by kind and name.
    data: BTreeMap<(&'static str, String), BTreeMap<String, Vec<u8>>>,
}

/// A Deployment or the like.
#[derive(Debug)]
pub struct Workload {
    kind: String,
    /// Its name.
    pub name: String,
    /// The name of one of its pods.
    pub pod_name: String,
    /// The pod's labels and annotations.
    pub labels: BTreeMap<String, String>,
    /// What its pods run.
    pub spec: PodSpec,
}

/// What a pod runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodSpec {
    /// Run one after the other, before the rest.
    #[serde(default)]
    pub init_containers: Vec<PodContainer>,
    /// Run side by side.
    pub containers: Vec<PodContainer>,
    /// What containers mount.
    #[serde(default)]
    pub volumes: Vec<Volume>,
    /// Users of all containers.
    #[serde(default)]
    pub security_context: PodSecurity,
}

/// A container of a pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodContainer {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Instead of ENTRYPOINT and CMD.
    pub command: Option<Vec<String>>,
    /// Instead of CMD.
    pub args: Option<Vec<String>>,
    /// Instead of WORKDIR.
    pub working_dir: Option<String>,
    /// Variables one by one.
    #[serde(default)]
    pub env: Vec<Variable>,
    /// Variables by the heap.
    #[serde(default)]
    pub env_from: Vec<Variables>,
    /// Where volumes are.
    #[serde(default)]
    pub volume_mounts: Vec<VolumeMount>,
    /// Rights.
    #[serde(default)]
    pub security_context: Security,
    /// Names of ports.
    #[serde(default)]
    pub ports: Vec<NamedPort>,
    /// Whether it has started.
    pub startup_probe: Option<Probe>,
    /// Whether it can be asked.
    pub readiness_probe: Option<Probe>,
    /// Whether it lives.
    pub liveness_probe: Option<Probe>,
    /// What is done at its end.
    #[serde(default, rename = "lifecycle")]
    _lifecycle: Lifecycle,
}

/// `env`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, in which `$(NAME)` stands for earlier variables.
    pub value: Option<String>,
    /// Where its value is.
    pub value_from: Option<Source>,
}

/// `valueFrom`.
#[allow(clippy::struct_field_names)] // as they are called there
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// An entry of a ConfigMap.
    pub config_map_key_ref: Option<Key>,
    /// An entry of a Secret.
    pub secret_key_ref: Option<Key>,
    /// A field of the pod.
    pub field_ref: Option<FieldPath>,
}

/// An entry of a ConfigMap or Secret.
#[allow(clippy::struct_field_names)] // as it is called there
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The object.
    pub name: String,
    /// The entry.
    pub key: String,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
}

/// A field of the pod.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldPath {
    /// `metadata.name` and the like.
    pub field_path: String,
}

/// `envFrom`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variables {
    /// Before each name.
    #[serde(default)]
    pub prefix: String,
    /// All entries of a ConfigMap.
    pub config_map_ref: Option<Object>,
    /// All entries of a Secret.
    pub secret_ref: Option<Object>,
}

/// A ConfigMap or Secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
}

/// `volumeMounts`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMount {
    /// The volume.
    pub name: String,
    /// Where it is.
    pub mount_path: String,
    /// What of it.
    #[serde(default)]
    pub sub_path: String,
    /// Whether it cannot be written.
    #[serde(default)]
    pub read_only: bool,
}

/// `volumes`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// A folder that lives as long as the pod.
    pub empty_dir: Option<EmptyDir>,
    /// Files with the entries of a ConfigMap.
    pub config_map: Option<ConfigMapVolume>,
    /// Files with the entries of a Secret.
    pub secret: Option<SecretVolume>,
    /// A folder that outlives the pod: empty at first here.
    pub persistent_volume_claim: Option<Claim>,
}

/// `emptyDir`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyDir {
    /// How large it may become: not looked at.
    #[serde(rename = "sizeLimit")]
    _size_limit: Option<Value>,
    #[serde(rename = "medium")]
    _medium: Option<String>,
}

/// `configMap`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigMapVolume {
    /// The ConfigMap.
    pub name: String,
    /// Rights of the files.
    pub default_mode: Option<Mode>,
    /// Which entries, and under which names.
    pub items: Option<Vec<Item>>,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
}

/// `secret`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretVolume {
    /// The Secret.
    pub secret_name: String,
    /// Rights of the files.
    pub default_mode: Option<Mode>,
    /// Which entries, and under which names.
    pub items: Option<Vec<Item>>,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
}

/// An entry as a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The entry.
    pub key: String,
    /// The file's path in the volume.
    pub path: String,
    /// Its rights.
    pub mode: Option<Mode>,
}

/// Rights of a file. `0440` is octal in the YAML of Kubernetes, and a text in the one that is read here.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Mode(pub u32);

impl TryFrom<Value> for Mode {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            Value::String(text) if text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
            _ => None,
        };
        number.filter(|mode| *mode <= 0o777).map(Self).ok_or_else(|| format!("{value} is no mode"))
    }
}

/// `persistentVolumeClaim`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    #[serde(rename = "claimName")]
    _claim_name: String,
    /// Whether it cannot be written.
    #[serde(default)]
    pub read_only: bool,
}

/// The pod's `securityContext`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodSecurity {
    /// Instead of USER.
    pub run_as_user: Option<u32>,
    /// Its group.
    pub run_as_group: Option<u32>,
    /// Whether root is refused.
    pub run_as_non_root: Option<bool>,
    /// The group of volumes, and of every process.
    pub fs_group: Option<u32>,
    /// More groups of every process.
    #[serde(default)]
    pub supplemental_groups: Vec<u32>,
}

/// A container's `securityContext`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Security {
    /// Instead of USER and of what the pod says.
    pub run_as_user: Option<u32>,
    /// Its group.
    pub run_as_group: Option<u32>,
    /// Whether root is refused.
    pub run_as_non_root: Option<bool>,
    /// Whether nothing may be written outside of volumes.
    #[serde(default)]
    pub read_only_root_filesystem: bool,
    /// Whether programs may give more rights than their caller has.
    pub allow_privilege_escalation: Option<bool>,
    /// Rights of root.
    #[serde(default)]
    pub capabilities: Capabilities,
}

/// `capabilities`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Those beyond the usual ones.
    #[serde(default)]
    pub add: Vec<String>,
    /// Those taken away.
    #[serde(default)]
    pub drop: Vec<String>,
}

/// `ports`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedPort {
    /// Its name.
    pub name: Option<String>,
    /// Its number.
    pub container_port: u16,
    #[serde(rename = "protocol")]
    _protocol: Option<String>,
}

/// A probe.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// A command in the container.
    pub exec: Option<Exec>,
    /// A request.
    pub http_get: Option<HttpGet>,
    /// A connection.
    pub tcp_socket: Option<TcpSocket>,
}

/// `exec`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// Its words.
    pub command: Vec<String>,
}

/// `httpGet`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpGet {
    /// The path.
    #[serde(default = "top")]
    pub path: String,
    /// A number or a name.
    pub port: Port,
    /// Headers.
    #[serde(default)]
    pub http_headers: Vec<Header>,
}

fn top() -> String {
    "/".to_owned()
}

/// `httpHeaders`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// `tcpSocket`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpSocket {
    /// A number or a name.
    pub port: Port,
}

/// A port of a probe.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Port {
    /// Its number.
    Number(u16),
    /// Its name in `ports`.
    Name(String),
}

/// `lifecycle`: only the end, which is not waited for here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifecycle {
    #[serde(rename = "preStop")]
    _pre_stop: Option<Value>,
}

impl Manifest {
    /// Reads the workloads of a file, and the ConfigMaps and Secrets of all files beside it.
    pub fn read(path: &Path) -> Result<Self> {
        let mut manifest = Self::default();
        let folder = path.parent().context("a file")?;
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut files: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        let is_yaml = |file: &Path| file.extension().is_some_and(|end| end == "yaml" || end == "yml");
        for file in files.iter().filter(|file| *file == path || is_yaml(file)) {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            manifest.add(&text, file == path).with_context(|| file.display().to_string())?;
        }
        Ok(manifest)
    }

    fn add(&mut self, text: &str, with_workloads: bool) -> Result<()> {
        for document in serde_yaml::Deserializer::from_str(text) {
            let document = Value::deserialize(document)?;
            let kind = document["kind"].as_str().unwrap_or_default();
            let name = document["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            match kind {
                "ConfigMap" => drop(self.data.insert(("ConfigMap", name), entries(&document)?)),
                "Secret" => drop(self.data.insert(("Secret", name), entries(&document)?)),
                "CronJob" | "DaemonSet" | "Deployment" | "Job" | "Pod" | "ReplicaSet" | "StatefulSet"
                    if with_workloads =>
                {
                    let workload = Workload::of(kind, &name, &document);
                    self.workloads.push(workload.with_context(|| format!("{kind} {name}"))?);
                }
                "List" => bail!("a List is not run here"),
                // Services, claims, overlays: nothing of them is run.
                _ => {}
            }
        }
        Ok(())
    }

    /// The workload of that name, or the only one.
    pub fn workload(&self, name: Option<&str>) -> Result<&Workload> {
        let mut found =
            self.workloads.iter().filter(|workload| name.is_none_or(|name| workload.name == name));
        let first = found.next().with_context(|| format!("no workload {}", name.unwrap_or("at all")))?;
        ensure!(found.next().is_none(), "several workloads: sample.yaml names none of them");
        Ok(first)
    }

    /// The entries of a ConfigMap or Secret; none if it may be missing and is.
    pub fn entries(
        &self,
        kind: &'static str,
        name: &str,
        optional: bool,
    ) -> Result<Option<&BTreeMap<String, Vec<u8>>>> {
        let found = self.data.get(&(kind, name.to_owned()));
        ensure!(found.is_some() || optional, "there is no {kind} {name}");
        Ok(found)
    }
}

impl Workload {
    fn of(kind: &str, name: &str, document: &Value) -> Result<Self> {
        let spec = &document["spec"];
        let template = match kind {
            "Pod" => document,
            "CronJob" => &spec["jobTemplate"]["spec"]["template"],
            _ => &spec["template"],
        };
        let mut volumes = PodSpec::of(&template["spec"])?;
        for claim in spec["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let name = claim["metadata"]["name"].as_str().context("a claim without a name")?;
            let claim = Claim { _claim_name: name.to_owned(), read_only: false };
            volumes.volumes.push(Volume {
                name: name.to_owned(),
                empty_dir: None,
                config_map: None,
                secret: None,
                persistent_volume_claim: Some(claim),
            });
        }
        let labels = template["metadata"]["labels"].clone();
        let end = if kind == "StatefulSet" { "-0" } else { "-5d8c7b9f6-x7k2p" };
        Ok(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            pod_name: if kind == "Pod" { name.to_owned() } else { format!("{name}{end}") },
            labels: if labels.is_null() { BTreeMap::new() } else { serde_json::from_value(labels)? },
            spec: volumes,
        })
    }

    /// What it is, in words.
    pub fn in_words(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

impl PodSpec {
    fn of(spec: &Value) -> Result<Self> {
        let mut spec = spec.clone();
        prune(&mut spec, &OF_THE_CLUSTER);
        prune(&mut spec["securityContext"], &OF_THE_KERNEL);
        for list in ["initContainers", "containers"] {
            for container in spec[list].as_array_mut().into_iter().flatten() {
                prune(container, &OF_THE_NODE);
                prune(&mut container["securityContext"], &OF_THE_KERNEL);
                for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
                    prune(&mut container[probe], &TIMES);
                }
            }
        }
        without_nulls(&mut spec);
        strict(spec)
    }
}

/// Takes fields out of an object.
fn prune(value: &mut Value, fields: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !fields.contains(&name.as_str()));
    }
}

/// A field without a value is one that is not there.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // An emptyDir has no fields, and is often written so.
            object.retain(|name, value| !value.is_null() || name == "emptyDir");
            for (name, value) in object.iter_mut() {
                if name == "emptyDir" && value.is_null() {
                    *value = Value::Object(serde_json::Map::new());
                }
                without_nulls(value);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// The value as a type that refuses what it does not know.
fn strict<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).context("not run here")
}

/// The entries of a ConfigMap or Secret.
fn entries(document: &Value) -> Result<BTreeMap<String, Vec<u8>>> {
    ensure!(document["binaryData"].is_null(), "binaryData is not run here");
    let is_secret = document["kind"] == "Secret";
    ensure!(!is_secret || document["data"].is_null(), "data of a Secret is not run here: stringData is");
    let texts = &document[if is_secret { "stringData" } else { "data" }];
    let mut entries = BTreeMap::new();
    for (key, text) in texts.as_object().into_iter().flatten() {
        let text = text.as_str().with_context(|| format!("{key} is no text"))?;
        entries.insert(key.clone(), text.as_bytes().to_vec());
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Manifest> {
        let mut manifest = Manifest::default();
        manifest.add(text, true)?;
        Ok(manifest)
    }

    fn pod(fields: &str) -> String {
        format!(
            "kind: Pod\nmetadata: {{ name: p }}\nspec:\n  containers:\n    - name: c\n      image: i\n{fields}"
        )
    }

    #[test]
    fn every_manifest_of_a_sample_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let samples = super::super::sample::find(&[folder]).expect("they are well formed");
        let mut read = 0;
        for sample in &samples {
            for pod in &sample.description.pods {
                let manifest = Manifest::read(&sample.folder.join(&pod.manifest)).expect(&sample.name);
                manifest.workload(pod.workload.as_deref()).expect(&sample.name);
                read += 1;
            }
        }
        assert!(read >= 9, "{read}");
    }

    #[test]
    fn what_is_not_modelled_is_named() {
        let unknown = [
            ("      stdin: true\n", "stdin"),
            ("      livenessProbe: { grpc: { port: 1 } }\n", "grpc"),
            ("      securityContext: { privileged: true }\n", "privileged"),
            ("      lifecycle: { postStart: { exec: { command: [a] } } }\n", "postStart"),
            ("  volumes: [{ name: v, hostPath: { path: / } }]\n", "hostPath"),
            ("  hostNetwork: true\n", "hostNetwork"),
            ("  initContainers: [{ name: i, image: i, restartPolicy: Always }]\n", "restartPolicy"),
        ];
        for (fields, name) in unknown {
            let error = format!("{:#}", of(&pod(fields)).expect_err(name));
            assert!(error.contains(name) && error.contains("Pod p"), "{error}");
        }
    }

    #[test]
    fn what_only_the_cluster_asks_is_passed_over() {
        let fields = "      resources: { limits: { cpu: 1 } }\n      readinessProbe: { httpGet: { port: http }, \
                      periodSeconds: 3 }\n  terminationGracePeriodSeconds: 5\n  volumes: [{ name: v, emptyDir: }]\n";
        let manifest = of(&pod(fields)).expect("all of it is known");
        let workload = manifest.workload(None).expect("there is one");
        assert!(workload.spec.volumes[0].empty_dir.is_some());
        assert_eq!(workload.pod_name, "p");
    }

    #[test]
    fn modes_are_octal_where_they_start_with_a_zero() {
        let mode = |text: &str| serde_json::from_str::<Mode>(text).ok().map(|mode| mode.0);
        assert_eq!(mode("\"0440\""), Some(0o440));
        assert_eq!(mode("420"), Some(0o644));
        assert_eq!((mode("\"rw\""), mode("4096"), mode("\"0888\"")), (None, None, None));
    }

    #[test]
    fn a_workload_is_named_where_there_are_several() {
        let two = format!("{}---\n{}", pod(""), pod("").replace("name: p", "name: q"));
        let manifest = of(&two).expect("both are known");
        assert!(manifest.workload(None).is_err());
        assert_eq!(manifest.workload(Some("q")).expect("the second").name, "q");
        assert!(manifest.workload(Some("r")).is_err());
    }
}
