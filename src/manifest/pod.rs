//! What the pod specification of a manifest says: containers, volumes, probes, security settings.

use barehull_syntax::Span;

use super::Data;
use crate::project::{ProjectPath, Sited, Spot};

/// Something in a manifest that has a pod's specification: a Deployment, a Job, a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The file.
    pub path: ProjectPath,
    /// `Deployment`, `StatefulSet`, `DaemonSet`, `ReplicaSet`, `Job`, `CronJob`, `Pod`, or what is built like them.
    pub kind: String,
    /// `metadata.name`.
    pub name: Option<String>,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    /// The object: its document, or its item of a `List`.
    pub at: Spot,
    /// 0-based document of the file.
    pub document: usize,
    /// Containers that run side by side.
    pub containers: Vec<Container>,
    /// Containers that run one after the other before them.
    pub init_containers: Vec<Container>,
    /// Volumes of the pod.
    pub volumes: Vec<Volume>,
    /// Names of `volumeClaimTemplates`, which containers mount like volumes.
    pub claims: Vec<String>,
    /// The pod's security settings.
    pub security: Security,
    /// Annotations of the pods; of a Pod, its own.
    pub annotations: Vec<(String, String)>,
    /// `spec.replicas`, where it is a number.
    pub replicas: Option<u32>,
    /// Names of the `ConfigMap`s that the file defines.
    pub config_maps: Vec<String>,
    /// Whether it is a template (of a Helm chart, or with `{{`): what it is rendered to may be anything, so it is never
    /// edited.
    pub template: bool,
    /// The way from the document's top to the object, and from there to the pod's specification.
    pub(super) route: Route,
}

/// Where a workload and its pod are in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Indexes into `items` of `List`s, one in the other.
    pub items: Vec<usize>,
    /// Keys from the object to what holds `metadata` and `spec` of the pod.
    pub pod: &'static [&'static str],
}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// Its name; the API server wants one.
    pub name: Option<String>,
    /// The image, as written.
    pub image: Option<Sited<String>>,
    /// The whole container.
    pub at: Spot,
    /// What is run in the place of ENTRYPOINT; then the image's CMD does not count.
    pub command: Option<Sited<Vec<String>>>,
    /// What is run in the place of CMD.
    pub args: Option<Sited<Vec<String>>>,
    /// Variables, in order.
    pub env: Vec<EnvVar>,
    /// `envFrom`, as it is.
    pub env_from: Vec<Data>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// `containerPort`s, with their names.
    pub ports: Vec<(Option<String>, u16)>,
    /// `startupProbe`.
    pub startup: Option<Sited<Probe>>,
    /// `livenessProbe`.
    pub liveness: Option<Sited<Probe>>,
    /// `readinessProbe`.
    pub readiness: Option<Sited<Probe>>,
    /// Commands of `lifecycle`: the hook's name and its words.
    pub hooks: Vec<(&'static str, Sited<Vec<String>>)>,
    /// Security settings of its own.
    pub security: Security,
    /// `workingDir`.
    pub working_dir: Option<String>,
    /// `imagePullPolicy`.
    pub pull_policy: Option<String>,
}

/// A variable of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: EnvValue,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum EnvValue {
    /// It is written; `$(NAME)` stands for another variable.
    Text(String),
    /// `valueFrom`: a field, a `ConfigMap`, a `Secret`.
    From(Data),
}

/// A volume in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name.
    pub volume: String,
    /// Absolute path in the container.
    pub path: String,
    /// What of the volume is mounted, if not the whole.
    pub sub_path: Option<String>,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// A volume of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// What it is.
    pub source: VolumeSource,
}

/// What a volume holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// `emptyDir`: empty when the pod starts, gone with the pod.
    EmptyDir,
    /// The data of a `ConfigMap`, one file a key.
    ConfigMap {
        /// Its name.
        name: String,
        /// Permission bits of the files, where they are not 0644.
        mode: Option<u16>,
    },
    /// The data of a `Secret`, one file a key.
    Secret {
        /// Its name.
        name: String,
    },
    /// A claim to storage that outlives the pod.
    Claim {
        /// Its name.
        name: String,
    },
    /// Anything else, by its key: `hostPath`, `projected`, `csi`. It can be read, not added.
    Other(String),
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How it looks.
    pub check: Check,
    /// `initialDelaySeconds`.
    pub initial_delay: Option<u32>,
    /// `periodSeconds`; the API server takes 10.
    pub period: Option<u32>,
    /// `timeoutSeconds`; the API server takes 1.
    pub timeout: Option<u32>,
    /// `failureThreshold`; the API server takes 3.
    pub failures: Option<u32>,
    /// `successThreshold`; the API server takes 1.
    pub successes: Option<u32>,
}

impl Probe {
    /// A probe with the API server's timings.
    pub const fn new(check: Check) -> Self {
        Self { check, initial_delay: None, period: None, timeout: None, failures: None, successes: None }
    }
}

/// How a probe looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// A GET request of the kubelet to the pod's address.
    Http {
        /// The path.
        path: String,
        /// A number or a port's name.
        port: String,
        /// `HTTPS`, or the default, `HTTP`.
        scheme: Option<String>,
        /// Headers; `Host` among them where the application asks for one.
        headers: Vec<(String, String)>,
    },
    /// A connection of the kubelet to the pod's address.
    Tcp {
        /// A number or a port's name.
        port: String,
    },
    /// A call of the gRPC health protocol; the port is a number.
    Grpc {
        /// The port.
        port: u16,
        /// The service that is asked for.
        service: Option<String>,
    },
    /// A command in the container, without a shell.
    Exec {
        /// Its words.
        words: Vec<String>,
    },
    /// Not understood.
    Unknown,
}

/// Security settings of a pod or a container. What is absent is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// `runAsUser`.
    pub user: Option<u32>,
    /// `runAsGroup`.
    pub group: Option<u32>,
    /// `runAsNonRoot`: the kubelet refuses root, and a user that is only named.
    pub non_root: Option<bool>,
    /// `fsGroup`, of pods only: the group that owns the files of volumes.
    pub fs_group: Option<u32>,
    /// `privileged`, of containers only.
    pub privileged: Option<bool>,
    /// `allowPrivilegeEscalation`, of containers only.
    pub escalation: Option<bool>,
    /// `readOnlyRootFilesystem`, of containers only.
    pub read_only_root: Option<bool>,
    /// `capabilities.drop`, of containers only.
    pub drop: Vec<String>,
    /// `capabilities.add`, of containers only.
    pub add: Vec<String>,
    /// `seccompProfile.type`.
    pub seccomp: Option<String>,
    /// Where it stands, if it does.
    pub at: Option<Span>,
}
