use super::*;

#[test]
fn patches_of_overlays_are_found_from_the_base() {
    let base = "kind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n";
    let patch = "kind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      volumes: []\n      containers:\n        - name: web\n          command: [sh]\n          args: [x]\n";
    let files = Memory::of([
        ("base/web.yaml", base),
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\npatches:\n  - path: web.yaml\n  - path: other.yaml\n",
        ),
        ("prod/web.yaml", patch),
        ("prod/other.yaml", &patch.replace("name: web}", "name: other}")),
        (
            "test/kustomization.yaml",
            "bases:\n  - ../prod\npatches:\n  - target: {kind: Deployment}\n    patch: |-\n      - op: replace\n        path: /spec/replicas\n        value: 1\n  - target: {kind: Job}\n    patch: |-\n      - {op: remove, path: /x}\n",
        ),
        (
            "far/kustomization.yaml",
            "resources: [https://example.com/x, ../../outside, ../far]\npatchesStrategicMerge: [../prod/web.yaml]\n",
        ),
    ]);
    let found = workloads(&files, &ProjectPath::new("base/web.yaml").unwrap()).unwrap();
    let found: Vec<String> = overlays(&files, &found[0])
        .iter()
        .map(|overlay| format!("{} {}: {}", overlay.kustomization, overlay.at.path, overlay.sets.join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "prod/kustomization.yaml prod/web.yaml: volumes web/command web/args",
            "test/kustomization.yaml test/kustomization.yaml: /spec/replicas",
        ]
    );
}
