//! Ways in which people write, kept; and what cannot be kept, refused.

use super::*;

/// Adds a volume with its mount, and sets a command.
fn small() -> PodChange {
    PodChange {
        volumes: vec![Volume { name: "data".to_owned(), source: VolumeSource::EmptyDir }],
        containers: vec![ContainerChange {
            command: Setting::Set(vec!["/app".to_owned(), "-v".to_owned()]),
            mounts: vec![Mount {
                volume: "data".to_owned(),
                path: "/data".to_owned(),
                sub_path: None,
                read_only: false,
            }],
            ..ContainerChange::default()
        }],
        ..PodChange::default()
    }
}

#[test]
fn indentation_and_lists_are_those_of_the_file() {
    let table = [
        // Dashes below their key, four columns.
        (
            "kind: Pod\nspec:\n    containers:\n    -   name: a\n        image: b\n        volumeMounts:\n        -   name: t\n            mountPath: /t\n",
            "+        command: [\"/app\", \"-v\"]\n+        -   name: data\n+            mountPath: /data\n+    volumes:\n+    -   name: data\n+        emptyDir: {}\n",
        ),
        // Lists of words in lines, an item whose dash stands alone.
        (
            "kind: Pod\nspec:\n  containers:\n  -\n    name: a\n    args:\n    - x\n",
            "+    command:\n+    - /app\n+    - -v\n+    volumeMounts:\n+    - name: data\n+      mountPath: /data\n+  volumes:\n+  - name: data\n+    emptyDir: {}\n",
        ),
        // Absent and empty values, comments behind them.
        (
            "kind: Pod\nspec:\n  containers:\n    - name: a\n      command: # none\n      volumeMounts: [] # none\n  volumes: # none\n",
            "-      command: # none\n-      volumeMounts: [] # none\n+      command: [\"/app\", \"-v\"] # none\n+      volumeMounts: # none\n+        - name: data\n+          mountPath: /data\n+    - name: data\n+      emptyDir: {}\n",
        ),
        // In braces, on one line.
        (
            "kind: Pod\nspec:\n  containers: [{name: a, image: b, volumeMounts: [{name: t, mountPath: /t}]}]\n",
            "-  containers: [{name: a, image: b, volumeMounts: [{name: t, mountPath: /t}]}]\n+  containers: [{name: a, image: b, command: [\"/app\", \"-v\"], volumeMounts: [{name: t, mountPath: /t}, {name: data, mountPath: /data}]}]\n+  volumes:\n+    - name: data\n+      emptyDir: {}\n",
        ),
        // The old value in lines, in quotes, or as a block.
        (
            "kind: Pod\nspec:\n  containers:\n    - name: a\n      command:   # starts it\n        - sh\n        # why\n        - -c\n        - |\n          x\n\n      image: b\n",
            "-        - sh\n-        # why\n-        - -c\n-        - |\n-          x\n+        - /app\n+        - -v\n+      volumeMounts:\n+        - name: data\n+          mountPath: /data\n+  volumes:\n+    - name: data\n+      emptyDir: {}\n",
        ),
        // A text in lines before what is added, and one that keeps its empty lines.
        (
            "kind: Pod\nspec:\n  containers:\n    - name: a\n      command: [\"/app\", \"-v\"]\n      env:\n        - name: X\n          value: |+\n            text\n\n",
            "+      volumeMounts:\n+        - name: data\n+          mountPath: /data\n+  volumes:\n+    - name: data\n+      emptyDir: {}\n",
        ),
    ];
    for (text, expected) in table {
        let after = changed(text, &small()).unwrap_or_else(|cannot| panic!("{text}: {}", cannot.reason));
        assert_eq!(diff(text, &after), expected, "{after}");
        // The same in a file of another system.
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(changed(&crlf, &small()).unwrap(), after.replace('\n', "\r\n"));
    }
}

#[test]
fn a_last_line_without_an_end_gets_one() {
    let text = "kind: Pod\nspec:\n  containers:\n    - name: a";
    let change = PodChange {
        config_maps: vec![ConfigMap { name: "c".to_owned(), data: vec![("k".to_owned(), "v\n".to_owned())] }],
        ..small()
    };
    let after = changed(text, &change).unwrap();
    assert!(after.starts_with("kind: Pod\nspec:\n  containers:\n    - name: a\n      command:"), "{after}");
    assert!(after.ends_with("      emptyDir: {}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  k: |\n    v\n"), "{after}");
}

#[test]
fn keys_are_taken_out_with_their_lines() {
    let gone = PodChange {
        containers: vec![ContainerChange {
            command: Setting::Remove,
            liveness: Setting::Remove,
            ..ContainerChange::default()
        }],
        ..PodChange::default()
    };
    let table = [
        ("    - command: [a] # x\n      name: a\n", "    - name: a\n"),
        ("    - command:\n        - a\n      name: a\n", "    - name: a\n"),
        (
            "    - name: a\n      command:\n      - a\n      # b\n      - b\n      image: c\n",
            "    - name: a\n      image: c\n",
        ),
        (
            "    - name: a\n      # asks\n      livenessProbe:\n        exec: {command: [b]}\n",
            "    - name: a\n      # asks\n",
        ),
        ("    - {name: a, command: [b], image: c}\n", "    - {name: a, image: c}\n"),
        ("    - {command: [b], name: a}\n", "    - {name: a}\n"),
        ("    - name: a\n", "    - name: a\n"),
    ];
    for (old, new) in table {
        let text = format!("kind: Pod\nspec:\n  containers:\n{old}");
        let expected = format!("kind: Pod\nspec:\n  containers:\n{new}");
        assert_eq!(changed(&text, &gone).as_deref(), Ok(expected.as_str()), "{text}");
    }
}

#[test]
fn what_cannot_be_kept_is_not_edited() {
    let pod = |spec: &str| format!("kind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
    let table = [
        (pod("  containers:\n    - name: a\n      image: \"{{ .image }}\"\n"), "line 6: it is a template"),
        (pod("  x: &c\n    - name: a\n  containers: *c\n"), "line 6: `containers` is an alias"),
        (pod("  x: &a {name: a}\n  containers:\n    - *a\n"), "line 6: an item is an alias"),
        (
            pod("  containers:\n    - &a\n      name: a\n  initContainers:\n    - *a\n"),
            "an edit of it would change more",
        ),
        (pod("  containers:\n    - name: a\n      <<: {image: b}\n"), "line 6: other maps are merged"),
        (
            pod("  containers:\n    - name: a\n      image: b\n      image: c\n"),
            "line 7: the key `image` is there twice",
        ),
        (
            pod("  containers:\n    - name: a\n  volumes:\n    - name: data\n      hostPath: {path: /}\n"),
            "there is another volume called `data`",
        ),
        (
            pod("  containers:\n    - name: a\n      volumeMounts:\n        - {name: x, mountPath: /data}\n"),
            "something else is mounted at /data",
        ),
        (
            pod("  containers:\n    - name: a\n").replace("Pod", "Service"),
            "line 1: what the pods of a Service may have is not known",
        ),
    ];
    for (text, reason) in table {
        let cannot = changed(&text, &small()).unwrap_err();
        assert!(cannot.reason.starts_with(reason), "{}: {text}", cannot.reason);
        assert!(cannot.snippet.contains("mountPath: /data"), "{}", cannot.snippet);
    }
}

#[test]
fn anchors_beside_what_is_touched_stay() {
    let text = "kind: Pod\nmetadata:\n  labels: &l {app: a}\nspec:\n  selector: *l\n  containers:\n    - name: a\n      env: &e\n        - name: X\n          value: *x\n".replace("*x", "x");
    let after = changed(&text, &small()).unwrap();
    assert!(after.contains("labels: &l {app: a}") && after.contains("env: &e"), "{after}");
}

#[test]
fn all_kinds_have_their_pods() {
    let pod = "spec:\n  containers:\n    - name: a\n";
    let deeper = |text: &str, by: usize| -> String {
        text.lines().flat_map(|line| [" ".repeat(by), line.to_owned(), "\n".to_owned()]).collect()
    };
    let table = [
        ("Pod", format!("kind: Pod\n{pod}")),
        ("Deployment", format!("kind: Deployment\nspec:\n  template:\n{}", deeper(pod, 4))),
        (
            "CronJob",
            format!("kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n{}", deeper(pod, 8)),
        ),
        (
            "StatefulSet",
            format!(
                "kind: List\nitems:\n  - kind: StatefulSet\n    spec:\n      template:\n{}",
                deeper(pod, 8)
            ),
        ),
        (
            "Job",
            format!(
                "kind: Service\n---\nkind: JobList\nitems:\n- kind: Job\n  spec:\n    template:\n{}",
                deeper(pod, 6)
            ),
        ),
    ];
    for (kind, text) in table {
        assert_eq!(read(&text)[0].kind, kind);
        let after =
            changed(&text, &PodChange { annotations: vec![("a".to_owned(), "b".to_owned())], ..small() });
        let found = &read(&after.unwrap())[0];
        assert_eq!(found.volumes.len(), 1);
        assert_eq!(found.annotations, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(found.containers[0].mounts.len(), 1);
    }
}

#[test]
fn templates_of_charts_are_known() {
    let text = "kind: Pod\nspec:\n  containers:\n    - name: a\n";
    let files = Memory::of([
        ("chart/Chart.yaml", "name: c\n"),
        ("chart/templates/deep/pod.yaml", text),
        ("chart/templates/odd.yaml", "kind: Pod\n{{- if .x }}\nspec: {\n"),
        ("templates/pod.yaml", text),
        ("broken.yaml", "kind: Pod\nspec:\n\tcontainers: []\n"),
    ]);
    let at = |path: &str| workloads(&files, &ProjectPath::new(path).unwrap());
    assert!(at("chart/templates/deep/pod.yaml").unwrap()[0].template);
    assert!(!at("templates/pod.yaml").unwrap()[0].template);
    assert!(at("chart/templates/odd.yaml").unwrap_err().template);
    let broken = at("broken.yaml").unwrap_err();
    assert_eq!((broken.line, broken.template), (Some(3), false));
    assert!(broken.to_string().starts_with("broken.yaml:3: it is not YAML"), "{broken}");
}
