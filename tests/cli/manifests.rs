//! Manifests: which are the Dockerfile's, and what is said of those that cannot be read.

use serde_json::Value;

use crate::sandbox::Sandbox;

const DOCKERFILE: &str = "FROM debian:13\nCOPY app /app\nUSER 1000\nENTRYPOINT [\"/app\"]\n";
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: web
      image: registry.example/acme/web:1
      command: [\"sh\", \"-c\", \"exec /app\"]
";

/// The files in which `check` finds that a container is started through a shell.
fn started_by_shell(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let said = sandbox
        .run(&[&["check", "Dockerfile", "--format", "json", "--only", "command-needs-shell"], args].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let document: Value = serde_json::from_str(&said.out).expect("a document");
    let findings = document["files"][0]["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["at"]["path"].as_str().expect("a path").to_owned()).collect()
}

#[test]
fn an_image_is_known_by_the_name_that_is_given() {
    let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), ("k8s/web.yaml", POD), ("old/web.yaml", POD)]);
    assert!(started_by_shell(&sandbox, &[]).is_empty());
    let image = ["--image", "registry.example/acme/web"];
    assert_eq!(started_by_shell(&sandbox, &image), ["k8s/web.yaml", "old/web.yaml"]);
    assert!(started_by_shell(&sandbox, &["--image", "acme/other"]).is_empty());
    assert_eq!(started_by_shell(&sandbox, &[&image[..], &["--manifests", "k8s"]].concat()), ["k8s/web.yaml"]);
}

#[test]
fn names_and_folders_that_make_no_sense() {
    let outside = Sandbox::new(&[("web.yaml", POD)]);
    let outside = outside.path("").display().to_string();
    let sandbox = Sandbox::new(&[("a/Dockerfile", DOCKERFILE), ("b/Dockerfile", DOCKERFILE)]);
    let table: [(&[&str], &str); 4] = [
        (&["check", "--image", "acme/web"], "there are 2 Dockerfiles"),
        (&["check", "--image", "a b"], "no name of an image"),
        (&["check", "--manifests", "missing"], "cannot be read"),
        (&["check", "--manifests", &outside], "not in the project"),
    ];
    for (args, words) in table {
        let said = sandbox.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(words), "{args:?}: {}", said.err);
    }
}

/// Manifests that something is wrong with, and what the notes say of them.
fn broken() -> Vec<(&'static str, String, &'static str)> {
    let laughs =
        |level: u32| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
    let bomb = format!("a0: &a0 [lol]\n{}{POD}", (1..40).map(laughs).collect::<String>());
    vec![
        (
            "open.yaml",
            format!("{POD}---\nimage: [\ncontainers: kind:\n"),
            "not searched for uses of the image from here on",
        ),
        (
            "tabs.yaml",
            POD.replace("      image", "\timage"),
            "not searched for uses of the image from here on",
        ),
        (
            "deep.yaml",
            format!("{POD}x: {}\n", "[".repeat(20_000)),
            "not searched for uses of the image from here on",
        ),
        ("huge.yaml", format!("{POD}# {}\n", "x".repeat(10 << 20)), "more than the 4194304 that are read"),
        ("chart.yaml", POD.replace("  name: shop", "  {{- if .x }}"), "a template"),
        ("bomb.yaml", bomb, ""),
        ("twice.yaml", POD.replace("kind: Pod", "kind: Pod\nkind: Pod"), ""),
        ("merged.yaml", POD.replace("      image", "      <<: [{image: redis}]\n      image"), ""),
        ("crlf.yaml", POD.replace('\n', "\r\n"), ""),
        ("nul.yaml", POD.replace("shop", "sh\0op"), ""),
    ]
}

#[test]
fn broken_manifests_are_noted_and_the_others_count() {
    for (name, text, words) in broken() {
        let sandbox = Sandbox::new(&[("Dockerfile", DOCKERFILE), ("k8s/good.yaml", POD)]);
        sandbox.write(&format!("k8s/{name}"), text.as_bytes());
        let image = ["--image", "registry.example/acme/web"];
        let found = started_by_shell(&sandbox, &image);
        assert!(found.contains(&"k8s/good.yaml".to_owned()), "{name}: {found:?}");
        for command in [&["check"][..], &["surface"], &["fix", "--level", "sketch"]] {
            let said = sandbox.run(&[command, &image].concat());
            assert_eq!(said.code, 0, "{command:?} {name}: {}", said.err);
            assert!(said.out.len() < 40_000, "{command:?} {name}: {} bytes", said.out.len());
            let noted = said.err.contains(&format!("k8s/{name}")) && said.err.contains(words);
            // Notes are for those who are about to change something.
            assert!(command[0] != "fix" || words.is_empty() || noted, "{name}: {}", said.err);
        }
    }
}
