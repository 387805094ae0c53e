//! What barehull reports on a case.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use barehull::config::Config;
use barehull::engine;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Memory, Project, ProjectPath};
use barehull_catalog::{Catalog, Date};

use super::cases::Case;

/// The counterpart of what the other tools are configured with.
const CONFIG: &str = "allow: { registries: [docker.io] }\n";

/// The rules among `rules` that find something in the case.
pub fn found<'r>(case: &Case, rules: &[&'r str]) -> Result<Vec<&'r str>> {
    let config = Config::read(CONFIG, &|name| Err(name.to_owned())).map_err(|error| anyhow!("{error}"))?;
    let project = Project::new(Arc::new(Memory::of([("Dockerfile", case.dockerfile.as_str())])));
    let input = Input { path: ProjectPath::new("Dockerfile")?, text: None };
    let mut found = Vec::new();
    for rule in rules {
        let options = Options {
            only: vec![(*rule).to_owned()],
            config: Some(&config),
            today: Date::new(2026, 9, 15),
            ..Options::new(Catalog::builtin())
        };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        if analysis.findings.iter().any(|finding| finding.suppressed.is_none()) {
            found.push(*rule);
        }
    }
    Ok(found)
}
