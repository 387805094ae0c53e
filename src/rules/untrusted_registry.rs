//! `untrusted-registry`: an image from somewhere that the configuration does not name.

use barehull_catalog::ImageRef;
use barehull_syntax::Span;

use super::FileCx;
use crate::finding::{Finding, Place};
use crate::model::{Base, Source};

pub(super) fn check(cx: &FileCx<'_>) -> Vec<Finding> {
    let Some(config) = cx.config.filter(|config| !config.registries.is_empty()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut look = |image: &ImageRef, span: Span| {
        let repository = format!("{}/{}", image.registry, image.repository);
        if !config.trusts(&repository) {
            let message = format!("{repository} is none of the registries that the configuration allows");
            let finding = Finding::new(super::UNTRUSTED_REGISTRY, Place::Source(cx.model.at(span)), message);
            found.push(finding.subject(repository));
        }
    };
    for stage in cx.model.stages.iter().filter(|stage| stage.reachable) {
        if let Base::Image { image, .. } = &stage.base {
            look(image, stage.base_span);
        }
        for step in &stage.steps {
            for source in step.kind.sources() {
                let Source::Image(name) = source else { continue };
                if let Ok(image) = name.parse() {
                    look(&image, cx.model.instruction(step).span);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use barehull_catalog::Catalog;

    use crate::config::Config;
    use crate::options::{ContextChoice, Input, Options};
    use crate::project::{Memory, Project, ProjectPath};

    #[test]
    fn images_come_from_where_they_may() {
        let dockerfile = "FROM node:22 AS a\nFROM ghcr.io/acme/base:1\nCOPY --from=a /x /x\n\
                          COPY --from=quay.io/x/y:1 /y /y\n";
        let project = Project::new(Arc::new(Memory::of([("Dockerfile", dockerfile)])));
        let input = Input { path: ProjectPath::new("Dockerfile").unwrap(), text: None };
        let yaml = "allow: { registries: [ghcr.io/acme] }\n";
        let config = Config::read(yaml, &|_| Err(String::new())).unwrap();
        let only = vec!["untrusted-registry".to_owned()];
        let options = Options { only, config: Some(&config), ..Options::new(Catalog::builtin()) };
        let analysis = crate::engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        let found: Vec<_> = analysis.findings.iter().map(|f| f.subject.as_str()).collect();
        assert_eq!(found, ["docker.io/library/node", "quay.io/x/y"]);
    }
}
