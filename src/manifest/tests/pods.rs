use super::*;

fn wait() -> InitContainer {
    InitContainer {
        name: "wait-for-db".to_owned(),
        image: "busybox:1.37".to_owned(),
        command: vec![
            "sh".to_owned(),
            "-c".to_owned(),
            "set -eu\nuntil nc -z db 5432; do\n  sleep 1\ndone\n".to_owned(),
        ],
        env: vec![EnvVar { name: "PORT".to_owned(), value: EnvValue::Text("5432".to_owned()) }],
        mounts: vec![data_mount()],
        resources: Resources { cpu: "10m".to_owned(), memory: "32Mi".to_owned() },
        security: Security {
            non_root: Some(true),
            user: Some(65532),
            escalation: Some(false),
            read_only_root: Some(true),
            drop: vec!["ALL".to_owned()],
            seccomp: Some("RuntimeDefault".to_owned()),
            ..Security::default()
        },
        ..InitContainer::default()
    }
}

fn data_mount() -> Mount {
    Mount { volume: "data".to_owned(), path: "/data".to_owned(), sub_path: None, read_only: false }
}

fn everything() -> PodChange {
    let http = Check::Http {
        path: "/health".to_owned(),
        port: "8080".to_owned(),
        scheme: None,
        headers: Vec::new(),
    };
    PodChange {
        init_containers: vec![wait()],
        volumes: vec![
            Volume { name: "data".to_owned(), source: VolumeSource::EmptyDir },
            Volume {
                name: "config".to_owned(),
                source: VolumeSource::ConfigMap { name: "web-config".to_owned(), mode: Some(0o555) },
            },
        ],
        security: Security { fs_group: Some(65532), ..Security::default() },
        annotations: vec![("checksum/config".to_owned(), "0123".to_owned())],
        containers: vec![ContainerChange {
            command: Setting::Set(vec!["java".to_owned(), "-jar".to_owned(), "/app.jar".to_owned()]),
            args: Setting::Remove,
            env: vec![EnvVar { name: "MODE".to_owned(), value: EnvValue::Text("on".to_owned()) }],
            mounts: vec![data_mount()],
            readiness: Setting::Set(Probe { period: Some(5), ..Probe::new(http) }),
            liveness: Setting::Remove,
            ..ContainerChange::default()
        }],
        config_maps: vec![ConfigMap {
            name: "web-config".to_owned(),
            data: vec![("nginx.conf".to_owned(), "server {\n  listen 80;\n}\n".to_owned())],
        }],
    }
}

const DEPLOYMENT: &str = "\
# what runs
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  template:
    metadata:
      labels:
        app: web # the selector's
    spec:
      # the app
      containers:
        - name: web
          image: acme/web:1   # pinned
          # starts it
          command:
            - sh
            - -c
            - exec java
          args: [\"x\"]
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            # more to come
          livenessProbe:
            exec:
              command: [curl, localhost]
          # securityContext: {}
      volumes:
        - name: tmp
          emptyDir: {}
      # the end
---
kind: Service
";

#[test]
fn workloads_are_read() {
    let found = &read(DEPLOYMENT)[0];
    assert_eq!(
        (found.kind.as_str(), found.name.as_deref(), found.replicas),
        ("Deployment", Some("web"), Some(2))
    );
    let container = &found.containers[0];
    assert_eq!(container.image.as_ref().unwrap().value, "acme/web:1");
    assert_eq!(container.command.as_ref().unwrap().value, ["sh", "-c", "exec java"]);
    assert_eq!(container.mounts[0].path, "/tmp");
    assert!(
        matches!(&container.liveness.as_ref().unwrap().value.check, Check::Exec { words } if words.len() == 2)
    );
}

#[test]
fn a_deployment_gets_everything() {
    let after = changed(DEPLOYMENT, &everything()).unwrap();
    insta::assert_snapshot!(diff(DEPLOYMENT, &after));
    insta::assert_snapshot!("a_deployment_got_everything", after);
}
