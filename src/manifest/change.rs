//! What is to be changed in a workload.

use super::Data;
use super::pod::{EnvVar, Mount, Probe, Security, Volume};

/// What to do with one key of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Have it say this, whether it is there or not.
    Set(T),
    /// Have it not there.
    Remove,
}

/// Changes to a workload and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodChange {
    /// Containers that run before the others, behind the init containers that are there.
    pub init_containers: Vec<InitContainer>,
    /// Volumes that are added; one that is there as asked for stays.
    pub volumes: Vec<Volume>,
    /// Settings of the pod that are set; those that are absent stay as they are.
    pub security: Security,
    /// Annotations of the pods that are set.
    pub annotations: Vec<(String, String)>,
    /// Changes to its containers.
    pub containers: Vec<ContainerChange>,
    /// New documents behind the workload's own, in its namespace.
    pub config_maps: Vec<ConfigMap>,
}

/// Changes to one container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerChange {
    /// Which: an index into [`containers`](super::Workload::containers).
    pub container: usize,
    /// The image.
    pub image: Setting<String>,
    /// What is run in the place of ENTRYPOINT.
    pub command: Setting<Vec<String>>,
    /// What is run in the place of CMD.
    pub args: Setting<Vec<String>>,
    /// Variables that are set; one that is there under the name gets the new value.
    pub env: Vec<EnvVar>,
    /// Mounts that are added.
    pub mounts: Vec<Mount>,
    /// `startupProbe`.
    pub startup: Setting<Probe>,
    /// `livenessProbe`.
    pub liveness: Setting<Probe>,
    /// `readinessProbe`.
    pub readiness: Setting<Probe>,
    /// Seconds that the kubelet itself waits before it stops the container (`preStop.sleep`, Kubernetes 1.30).
    pub pre_stop_sleep: Option<u32>,
    /// Settings that are set; those that are absent stay as they are.
    pub security: Security,
}

/// A container that runs to its end before the others start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InitContainer {
    /// Its name, unique in the pod.
    pub name: String,
    /// The image.
    pub image: String,
    /// `imagePullPolicy`, where the application's image has one.
    pub pull_policy: Option<String>,
    /// In the place of ENTRYPOINT; a script of several lines is written as a block.
    pub command: Vec<String>,
    /// In the place of CMD.
    pub args: Vec<String>,
    /// `envFrom`.
    pub env_from: Vec<Data>,
    /// Variables.
    pub env: Vec<EnvVar>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// `workingDir`.
    pub working_dir: Option<String>,
    /// Requests and limits.
    pub resources: Resources,
    /// Security settings.
    pub security: Security,
}

/// What a container may use. Empty texts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// `requests.cpu`: `10m`.
    pub cpu: String,
    /// `requests.memory` and `limits.memory`: `32Mi`.
    pub memory: String,
}

/// A `ConfigMap` to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigMap {
    /// Its name.
    pub name: String,
    /// Its keys and their texts.
    pub data: Vec<(String, String)>,
}

/// The bytes that go, and what comes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes; empty to insert.
    pub span: barehull_syntax::Span,
    /// The new text.
    pub text: String,
}

/// Why a manifest cannot be edited so that nothing else of it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotEdit {
    /// One sentence with the line that is to blame.
    pub reason: String,
    /// The line, 1-based, where one is to blame.
    pub line: Option<u32>,
    /// What a person can put in: YAML, one block a place, each under a comment that says where it goes.
    pub snippet: String,
}
