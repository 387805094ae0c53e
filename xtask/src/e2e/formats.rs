//! One image in every form that `barehull verify` reads, written by skopeo and buildah: each must be the same image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::container::Container;
use super::engine::{Build, Engine, Steps};
use super::namespace;
use super::session::{Job, Session};
use super::trial::Outcome;

/// Tools, links of both kinds, a removed file, rights, a user.
const DOCKERFILE: &str = "\
FROM debian:trixie-slim
RUN rm /usr/bin/perl && chmod u+s /usr/bin/dash && ln /usr/bin/dash /usr/local/bin/shell
COPY Dockerfile /app/
USER 65532
ENTRYPOINT [\"/bin/sh\", \"-c\"]
CMD [\"echo started\"]
";
const BASE: &str = "debian:trixie-slim";
const IMAGE: &str = "localhost/formats:e2e";
/// Below the cache, where the images are written.
const FOLDER: &str = "work/formats";

/// What skopeo is asked for: the kind of target, the file or folder, and options.
const FORMS: [(&str, &str, &[&str]); 6] = [
    ("docker-archive", "docker.tar", &[]),
    ("oci", "layout", &[]),
    ("oci", "layout-zstd", &["--dest-compress-format", "zstd", "--dest-compress"]),
    ("oci", "layout-plain", &["--dest-oci-accept-uncompressed-layers"]),
    ("oci-archive", "oci.tar", &[]),
    ("oci-archive", "oci-zstd.tar", &["--dest-compress-format", "zstd", "--dest-compress"]),
];

/// The job of a session.
pub fn job(session: &Session) -> Job<'_> {
    let bases = session.bases.of(BASE).into_iter().collect();
    Job::new("formats", bases, || (Outcome::default(), run(&session.engine, &session.barehull)))
}

fn run(engine: &Engine, barehull: &Path) -> Result<()> {
    let folder = engine.cache.join(FOLDER);
    // skopeo adds to a layout of a run that was interrupted.
    namespace::remove_tree(&folder)?;
    let context = folder.join("context");
    fs::create_dir_all(&context).with_context(|| context.display().to_string())?;
    fs::write(context.join("Dockerfile"), DOCKERFILE)?;
    let context = format!("/e2e/{FOLDER}/context");
    let log = engine.cache.join("logs/formats.log");
    engine.build(&Build {
        dockerfile: &format!("{context}/Dockerfile"),
        context: &context,
        tag: IMAGE,
        options: &[],
        log: &log,
        steps: Steps::Forgotten,
    })?;
    let compared = compare(engine, barehull, &folder);
    engine.buildah(&["rmi", IMAGE])?;
    namespace::remove_tree(&folder)?;
    compared
}

fn compare(engine: &Engine, barehull: &Path, folder: &Path) -> Result<()> {
    let mut images: Vec<(PathBuf, Vec<String>)> = Vec::new();
    for (kind, name, options) in FORMS {
        copy(engine, kind, name, options)?;
        images.push((folder.join(name), Vec::new()));
    }
    // The root file system, with the configuration that it does not have.
    let container = Container::create(engine, IMAGE)?;
    let config = folder.join("config.json");
    fs::write(&config, container.oci_config())?;
    images.push((container.root.clone(), vec![format!("--against-config={}", config.display())]));

    let (reference, others) = images.split_first().context("forms")?;
    let expected = facts(&look(barehull, &reference.0, None, &[])?["files"][0]);
    for tool in ["/usr/bin/dash", "/usr/bin/apt-get"] {
        ensure!(expected["surface"].to_string().contains(tool), "{tool} is not seen");
    }
    for (image, options) in others {
        let document = look(barehull, &reference.0, Some(image), options)?;
        let found = facts(&document["files"][1]);
        let name = image.display();
        ensure!(
            found == expected,
            "{name} is another image than {}:\n{found}\n{expected}",
            reference.0.display()
        );
        let comparison = &document["comparison"];
        let changed = ["new", "gone"].iter().any(|what| {
            let roles = comparison["surface"].as_object();
            roles.is_none_or(|roles| roles.values().any(|role| role[*what] != json!([])))
        });
        ensure!(!changed && comparison["worse"].is_null(), "{name}: {comparison}");
    }
    Ok(())
}

fn copy(engine: &Engine, kind: &str, name: &str, options: &[&str]) -> Result<()> {
    let source = format!("containers-storage:{IMAGE}");
    let target = format!("{kind}:/e2e/{FOLDER}/{name}:{IMAGE}");
    let words = [&["skopeo", "copy", "--quiet"], options, &[&source, &target]].concat();
    let output = engine.command(&[], &words).output().context("skopeo")?;
    ensure!(output.status.success(), "skopeo copy to {name}: {}", engine.said(&output));
    Ok(())
}

/// The JSON that `verify` prints.
fn look(barehull: &Path, image: &Path, against: Option<&Path>, options: &[String]) -> Result<Value> {
    let mut command = Command::new(barehull);
    command.arg("verify").arg(image).args(["--format", "json", "--fail-on", "never"]).args(options);
    if let Some(against) = against {
        command.arg("--against").arg(against);
    }
    let output = command.output().context("barehull")?;
    ensure!(output.status.success(), "barehull verify: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("barehull verify")
}

/// What does not depend on the form: not where layers lie and how large they are, nor which layer brought what.
fn facts(file: &Value) -> Value {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let surface: Vec<Value> = file["stages"][0]["surface"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, tools)| list(tools))
        .filter(|tool| tool["presence"] == "present")
        .map(|tool| json!([tool["path"], tool["needed_by"]]))
        .collect();
    let mut findings: Vec<String> = list(&file["findings"])
        .iter()
        .map(|finding| json!([finding["rule"], finding["message"], finding["fingerprint"]]).to_string())
        .collect();
    // They stand in the order of layers.
    findings.sort();
    let image = &file["image"];
    json!({
        "surface": surface,
        "findings": findings,
        "numbers": [image["visible_bytes"], image["files"], image["os"], image["architecture"]],
        "packages": image["packages"],
    })
}
