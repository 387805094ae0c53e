//! Whatever a file holds: nothing breaks, and what is not asked for stays byte for byte.

use proptest::prelude::*;

use super::*;

/// Documents that are no business of an edit.
const OTHERS: [&str; 7] = [
    "apiVersion: v1\nkind: Service # the door\nspec: {ports: [{port: 80}]}\n",
    "# a comment alone\n",
    "x: &x [1, 2]\ny: *x\n",
    "kind: ConfigMap\ndata:\n  k: |\n    ---x\n    a: {b}\n",
    "- 1\n-   2\n\n\n",
    "'a b':   \"c\"   # d\n",
    "kind: Secret\nstringData: {a: >-\n  b}\n",
];
const PODS: [&str; 4] = [
    "kind: Pod\nspec:\n  containers:\n    - name: a\n",
    "kind: Deployment\nmetadata:\n    name: d\nspec:\n    template:\n        spec:\n            containers:\n            - name: a   # it\n              command: [x]\n            # end\n",
    "# before\nkind: Job\nspec:\n  template:\n    spec:\n      volumes: []\n      containers:\n      - args:\n        - x\n        name: a\n",
    "kind: Pod\nspec: {containers: [{name: a}]}\n",
];

fn change() -> PodChange {
    PodChange {
        volumes: vec![Volume { name: "v".to_owned(), source: VolumeSource::EmptyDir }],
        containers: vec![ContainerChange {
            command: Setting::Set(vec!["/a".to_owned()]),
            args: Setting::Remove,
            ..ContainerChange::default()
        }],
        config_maps: vec![ConfigMap { name: "m".to_owned(), data: vec![("k".to_owned(), "v\n".to_owned())] }],
        ..PodChange::default()
    }
}

proptest! {
    #[test]
    fn other_documents_stay_byte_for_byte(
        before in proptest::collection::vec(0..OTHERS.len(), 0..4),
        pod in 0..PODS.len(),
        behind in proptest::collection::vec(0..OTHERS.len(), 0..4),
        crlf: bool,
    ) {
        let others = |list: &[usize]| list.iter().map(|at| OTHERS[*at]).collect::<Vec<_>>();
        let (before, behind) = (others(&before), others(&behind));
        let all: Vec<&str> = before.iter().copied().chain([PODS[pod]]).chain(behind.iter().copied()).collect();
        let line_ends = |text: String| if crlf { text.replace('\n', "\r\n") } else { text };
        let text = line_ends(all.join("---\n"));
        let after = changed(&text, &change()).unwrap();
        let head: String = before.iter().map(|other| line_ends(format!("{other}---\n"))).collect();
        let tail: String = behind.iter().map(|other| line_ends(format!("---\n{other}"))).collect();
        prop_assert!(after.starts_with(&head) && after.ends_with(&tail), "{after}");
    }

    #[test]
    fn no_text_breaks_anything(
        parts in proptest::collection::vec(
            prop::sample::select(vec![
                "kind: Pod\n", "kind: List\nitems:\n", "spec:\n", "  containers:\n", "  - name: a\n", "    command: [a]\n",
                "    args:\n", "    - b\n", "  volumes:", " []\n", " &x ", " *x ", "<<: *x\n", "---\n", "...\n", "{", "}", "[",
                "]", ",", "\n", "  ", "# c\n", "|\n", "|+\n", ">-\n", "\t", "\"", "'", ": ", "- ", "? ", "!t ", "é", "\r\n", "\u{feff}",
                "{{", "template:\n", "    image: b\n", "  initContainers:\n", "%YAML 1.2\n", "name: a\n",
            ]),
            0..40,
        ),
    ) {
        let text = parts.concat();
        let files = Memory::of([("a.yaml", text.as_str())]);
        let path = ProjectPath::new("a.yaml").unwrap();
        if let Ok(found) = workloads(&files, &path) {
            let change = change();
            for workload in found.iter().take(3) {
                let mut change = change.clone();
                change.containers.truncate(workload.containers.len());
                if let Ok(made) = edits(&text, &[(workload, &change)]) {
                    prop_assert!(plan::replaced(&text, &made).is_some());
                }
            }
        }
        let _ = services(&files, &path);
    }
}
