//! A change that touches everything a change can touch.

use anyhow::Result;
use barehull::manifest::{
    self, Check, ConfigMap, ContainerChange, EnvValue, EnvVar, InitContainer, Mount, PodChange, Probe,
    Resources, Security, Setting, TextEdit, Volume, VolumeSource, Workload,
};
use barehull::project::{Files, Memory, ProjectPath};

/// The text of the manifest at `path` and what the change makes of it, or why it cannot be made; nothing if it has no
/// workload.
pub fn changed(files: &dyn Files, path: &ProjectPath) -> Result<Option<(String, Result<String, String>)>> {
    let workloads = manifest::workloads(files, path)?;
    if workloads.is_empty() {
        return Ok(None);
    }
    let before = String::from_utf8(files.read(path)?.to_vec())?;
    let changes: Vec<PodChange> = workloads.iter().map(change).collect();
    let pairs: Vec<(&Workload, &PodChange)> = workloads.iter().zip(&changes).collect();
    let after = match manifest::edits(&before, &pairs) {
        Ok(edits) => Ok(applied(&before, &edits)),
        Err(cannot) => {
            let reason = &cannot.reason;
            let reason =
                reason.strip_prefix("line ").and_then(|r| r.split_once(": ")).map_or(&**reason, |r| r.1);
            Err(reason.to_owned())
        }
    };
    if let Ok(after) = &after {
        let memory = Memory::of([(path.as_str(), after.as_str())]);
        let found = manifest::workloads(&memory, path)?;
        let pairs: Vec<(&Workload, &PodChange)> = found.iter().zip(&changes).collect();
        let again = manifest::edits(after, &pairs);
        if again != Ok(Vec::new()) {
            println!("{path}: asked for once more, there is something left to do: {again:?}");
        }
    }
    Ok(Some((before, after)))
}

fn applied(text: &str, edits: &[TextEdit]) -> String {
    let mut after = text.to_owned();
    for edit in edits.iter().rev() {
        after.replace_range(edit.span.range(), &edit.text);
    }
    after
}

fn change(workload: &Workload) -> PodChange {
    let name = workload.name.as_deref().unwrap_or("unnamed");
    let map = format!("barehull-{name}");
    let mount = Mount {
        volume: "barehull-data".to_owned(),
        path: "/barehull/data".to_owned(),
        sub_path: None,
        read_only: false,
    };
    let config = Mount {
        volume: "barehull-config".to_owned(),
        path: "/barehull/app.conf".to_owned(),
        sub_path: Some("app.conf".to_owned()),
        read_only: true,
    };
    let security = Security {
        non_root: Some(true),
        user: Some(65532),
        escalation: Some(false),
        read_only_root: Some(true),
        drop: vec!["ALL".to_owned()],
        seccomp: Some("RuntimeDefault".to_owned()),
        ..Security::default()
    };
    let http = Check::Http {
        path: "/health?x=1".to_owned(),
        port: "8080".to_owned(),
        scheme: None,
        headers: vec![("Host".to_owned(), "localhost".to_owned())],
    };
    let grpc = Check::Grpc { port: 50051, service: Some("health".to_owned()) };
    let text = |text: &str| text.to_owned();
    let script = text("set -eu\n# wait\nuntil nc -z db 5432; do\n  sleep 1\ndone\n");
    let containers = (0..workload.containers.len()).map(|container| ContainerChange {
        container,
        command: Setting::Set(vec![text("/app/run"), text("--port"), text("8080")]),
        args: Setting::Remove,
        env: vec![EnvVar { name: text("BAREHULL"), value: EnvValue::Text(text("yes")) }],
        mounts: vec![mount.clone(), config.clone()],
        readiness: Setting::Set(Probe { period: Some(5), ..Probe::new(http.clone()) }),
        liveness: Setting::Set(Probe::new(grpc.clone())),
        startup: Setting::Remove,
        security: security.clone(),
        ..ContainerChange::default()
    });
    PodChange {
        init_containers: vec![InitContainer {
            name: text("barehull-wait"),
            image: text("busybox:1.37"),
            command: vec![text("sh"), text("-c"), script],
            env: vec![EnvVar { name: text("PORT"), value: EnvValue::Text(text("5432")) }],
            mounts: vec![mount.clone()],
            resources: Resources { cpu: text("10m"), memory: text("32Mi") },
            security: security.clone(),
            ..InitContainer::default()
        }],
        volumes: vec![
            Volume { name: mount.volume.clone(), source: VolumeSource::EmptyDir },
            Volume {
                name: config.volume.clone(),
                source: VolumeSource::ConfigMap { name: map.clone(), mode: Some(0o555) },
            },
        ],
        security: Security { fs_group: Some(65532), ..Security::default() },
        annotations: vec![(text("checksum/config"), text("12345678"))],
        containers: containers.collect(),
        config_maps: vec![ConfigMap {
            name: map,
            data: vec![(text("app.conf"), text("server {\n  listen 80;\n\n\tname \"x\";\n}\n"))],
        }],
    }
}
