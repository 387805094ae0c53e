//! `skaffold.yaml`: which image is built from which Dockerfile.

use super::super::Sited;
use super::super::tree::Node;
use super::variables::{Variables, is_unresolved, shown};
use super::{ImageName, Reader, Refers, Sighting};

/// Builders of skaffold that read no Dockerfile.
const OTHER_BUILDERS: [&str; 5] = ["buildpacks", "jib", "ko", "bazel", "custom"];

/// Reads the artifacts of all documents.
pub(super) fn read(reader: &mut Reader<'_>) {
    for document in reader.yaml() {
        let artifacts = document.at(&["build", "artifacts"]).map(Node::items).unwrap_or_default();
        let found: Vec<_> = artifacts.iter().filter_map(|artifact| read_artifact(reader, artifact)).collect();
        reader.found.extend(found);
    }
}

fn read_artifact(reader: &Reader<'_>, artifact: &Node) -> Option<Sighting> {
    if OTHER_BUILDERS.iter().any(|builder| artifact.get(builder).is_some()) {
        return None;
    }
    let image = artifact.get("image")?;
    let options = artifact.get("docker").or_else(|| artifact.get("kaniko"));
    let option = |key: &str| options.and_then(|options| options.get(key));
    let folder = reader.path.folder();
    let context = folder.join(artifact.text_at(&["context"]).unwrap_or(".")).ok()?;
    let dockerfile = option("dockerfile").and_then(Node::text).unwrap_or("Dockerfile");
    let mut build = reader.build(Some(context.clone()), context.join(dockerfile).ok()?)?;
    build.target = option("target").and_then(Node::sited);
    let value = |node: &Node| {
        let text = Variables::default().expand(node.text()?);
        (!is_unresolved(&text)).then_some(text)
    };
    let args = option("buildArgs").map(Node::pairs).unwrap_or_default();
    build.args = args.iter().map(|pair| (pair.key.value.clone(), value(&pair.value))).collect();
    let name = Sited::new(shown(&Variables::default().expand(image.text()?)), image.span);
    build.names = ImageName::new(&name.value).into_iter().collect();
    let mut sighting = reader.sighting(image.span, Refers::Build);
    sighting.used.image = Some(name.value);
    sighting.used.build = Some(build);
    Some(sighting)
}
