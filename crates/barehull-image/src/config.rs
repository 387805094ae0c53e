use serde::Deserialize;
use std::collections::BTreeMap;

/// The configuration of an image: how a container of it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    /// `ENTRYPOINT`; empty: none.
    pub entrypoint: Vec<String>,
    /// `CMD`; empty: none.
    pub cmd: Vec<String>,
    /// `ENV`, in order, as name and value.
    pub env: Vec<(String, String)>,
    /// `USER` as written (`1000:1000`, `app`); empty: root.
    pub user: String,
    /// `WORKDIR`; empty: `/`.
    pub working_dir: String,
    /// `EXPOSE`: `8080/tcp`.
    pub exposed_ports: Vec<String>,
    /// `VOLUME`.
    pub volumes: Vec<String>,
    /// `HEALTHCHECK`.
    pub healthcheck: Option<Healthcheck>,
    /// `SHELL`; empty: the default.
    pub shell: Vec<String>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<String>,
    /// `ONBUILD`: instructions that run where the image is built on.
    pub onbuild: Vec<String>,
    /// `LABEL`.
    pub labels: BTreeMap<String, String>,
    /// `amd64`; empty: unknown.
    pub architecture: String,
    /// `linux`; empty: unknown.
    pub os: String,
    /// `v8`.
    pub variant: Option<String>,
    /// What made it, step by step.
    pub history: Vec<HistoryStep>,
    /// Digests of the uncompressed layers, lowest first.
    pub diff_ids: Vec<String>,
}

/// A health check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Healthcheck {
    /// `["NONE"]`, `["CMD", ...]` or `["CMD-SHELL", command]`; empty: inherited.
    #[serde(deserialize_with = "or_default")]
    pub test: Vec<String>,
    /// Nanoseconds; 0: the default.
    pub interval: i64,
    /// Nanoseconds; 0: the default.
    pub timeout: i64,
    /// Nanoseconds; 0: the default.
    pub start_period: i64,
    /// Failures in a row; 0: the default.
    pub retries: i64,
}

/// A step of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HistoryStep {
    /// The command or instruction.
    #[serde(deserialize_with = "or_default")]
    pub created_by: String,
    /// Whether it made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads the JSON of an image configuration as it lies in an image, of OCI or of Docker.
    ///
    /// # Errors
    /// What does not fit, with line and column.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let run = file.config;
        Ok(Self {
            entrypoint: run.entrypoint,
            cmd: run.cmd,
            env: run.env.into_iter().map(split_env).collect(),
            user: run.user,
            working_dir: run.working_dir,
            exposed_ports: run.exposed_ports.into_keys().collect(),
            volumes: run.volumes.into_keys().collect(),
            healthcheck: run.healthcheck,
            shell: run.shell,
            stop_signal: run.stop_signal.filter(|signal| !signal.is_empty()),
            onbuild: run.on_build,
            labels: run.labels,
            architecture: file.architecture,
            os: file.os,
            variant: file.variant.filter(|variant| !variant.is_empty()),
            history: file.history,
            diff_ids: file.rootfs.diff_ids,
        })
    }

    /// The value of a variable: the last one of that name.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The steps that made a layer, lowest first. `None`: their number is not that of the layers.
    pub(crate) fn steps_of_layers(&self, layers: usize) -> Option<Vec<&str>> {
        let steps: Vec<&str> = self
            .history
            .iter()
            .filter(|step| !step.empty_layer)
            .map(|step| step.created_by.as_str())
            .collect();
        (steps.len() == layers).then_some(steps)
    }
}

fn split_env(entry: String) -> (String, String) {
    match entry.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (entry, String::new()),
    }
}

/// The file as it is. Go writes `null` for what is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(deserialize_with = "or_default")]
    architecture: String,
    #[serde(deserialize_with = "or_default")]
    os: String,
    variant: Option<String>,
    #[serde(deserialize_with = "or_default")]
    config: Run,
    #[serde(deserialize_with = "or_default")]
    history: Vec<HistoryStep>,
    #[serde(deserialize_with = "or_default")]
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Run {
    #[serde(deserialize_with = "or_default")]
    entrypoint: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    cmd: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    env: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    user: String,
    #[serde(deserialize_with = "or_default")]
    working_dir: String,
    #[serde(deserialize_with = "or_default")]
    exposed_ports: BTreeMap<String, serde_json::Value>,
    #[serde(deserialize_with = "or_default")]
    volumes: BTreeMap<String, serde_json::Value>,
    healthcheck: Option<Healthcheck>,
    #[serde(deserialize_with = "or_default")]
    shell: Vec<String>,
    stop_signal: Option<String>,
    #[serde(deserialize_with = "or_default")]
    on_build: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RootFs {
    #[serde(deserialize_with = "or_default")]
    diff_ids: Vec<String>,
}

/// `null` is what is not there.
pub(crate) fn or_default<'de, T: Default + Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_writes_is_read() {
        let json = br#"{"architecture":"arm64","variant":"v8","os":"linux","config":{"Cmd":["-v"],"Entrypoint":null,
            "Env":["PATH=/bin","A=b=c","EMPTY"],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},"User":"app",
            "WorkingDir":"/srv","Labels":null,"StopSignal":"SIGQUIT","Healthcheck":{"Test":["CMD","x"],"Retries":3}},
            "history":[{"created_by":"ADD x"},{"created_by":"ENV y","empty_layer":true}],
            "rootfs":{"type":"layers","diff_ids":["sha256:00"]}}"#;
        let config = ImageConfig::from_json(json).unwrap();
        assert_eq!(config.cmd, ["-v"]);
        assert_eq!(config.entrypoint, [""; 0]);
        assert_eq!(config.variable("A"), Some("b=c"));
        assert_eq!(config.exposed_ports, ["80/tcp"]);
        assert_eq!(config.volumes, ["/data"]);
        assert_eq!(config.healthcheck.as_ref().unwrap().test, ["CMD", "x"]);
        assert_eq!(config.steps_of_layers(1), Some(vec!["ADD x"]));
        assert_eq!(config.steps_of_layers(2), None);
    }
}
