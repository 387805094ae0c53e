//! A folder of `samples/`, and a look at it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use barehull::analysis::{Analysis, StageReport};
use barehull::builders::Builder;
use barehull::engine;
use barehull::finding::{Fix, Level};
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Disk, Project, ProjectPath};
use barehull_catalog::{Catalog, Date};
use serde::Deserialize;

/// `sample.yaml`, as far as it speaks of the Dockerfile.
#[derive(Debug, Deserialize)]
struct Description {
    title: String,
    #[serde(default = "dockerfile")]
    dockerfile: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    args: BTreeMap<String, String>,
    expect: Expect,
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}

/// What the patch has to reach.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Its level; none where no patch is expected.
    pub level: Option<String>,
    /// A regular expression for the base of the stage that is built.
    pub base: String,
    /// Roles of which nothing may be left in that stage.
    pub gone: Vec<String>,
}

/// A sample.
#[derive(Debug)]
pub struct Sample {
    /// The folder's name.
    pub name: String,
    /// What it is.
    pub title: String,
    /// What its patch has to reach.
    pub expect: Expect,
    folder: PathBuf,
    dockerfile: String,
    target: Option<String>,
    args: BTreeMap<String, String>,
}

/// The folder that holds the samples.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// Every sample, by name.
pub fn all() -> Vec<Sample> {
    let entries = std::fs::read_dir(folder()).expect("samples/ is there");
    let folders = entries.map(|entry| entry.expect("a readable entry").path());
    let mut samples: Vec<Sample> =
        folders.filter(|folder| folder.join("sample.yaml").exists()).map(Sample::read).collect();
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(samples.len() >= 12, "only {} samples were found", samples.len());
    samples
}

impl Sample {
    fn read(folder: PathBuf) -> Self {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name").to_owned();
        let text = std::fs::read_to_string(folder.join("sample.yaml")).expect("sample.yaml is readable");
        let Description { title, dockerfile, target, args, expect } =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}/sample.yaml: {error}"));
        Self { name, title, expect, folder, dockerfile, target, args }
    }

    /// Looks at it as the command line would from inside its folder, with fixes up to `level`.
    pub fn analyse(&self, level: Level) -> Analysis {
        self.analyse_for(Builder::Buildkit, level)
    }

    /// [`Sample::analyse`] with the builder that a patch is for.
    pub fn analyse_for(&self, builder: Builder, level: Level) -> Analysis {
        let disk = Disk::new(&self.folder).expect("the sample is a folder");
        let project = Project::new(Arc::new(disk));
        let path = ProjectPath::new(&self.dockerfile).expect("a path below the sample");
        let options = Options {
            targets: self.target.iter().cloned().collect(),
            build_args: self.args.clone(),
            builder,
            fixes: Some(level),
            today: Date::new(2026, 9, 15),
            ..Options::new(Catalog::builtin())
        };
        engine::analyse(&project, &Input { path, text: None }, &ContextChoice::DockerfileFolder, &options)
    }

    /// Of `stages`, the one that is built: the target, else the last.
    pub fn built<'a>(&self, stages: &'a [StageReport]) -> &'a StageReport {
        let named = |stage: &&StageReport| self.target.is_some() && stage.name == self.target;
        stages.iter().find(named).or(stages.last()).expect("a sample has stages")
    }

    /// The fix of the stage that is built.
    pub fn fix<'a>(&self, analysis: &'a Analysis) -> Option<&'a Fix> {
        let stage = self.built(&analysis.stages);
        analysis.rewrite.as_ref()?.applied.iter().find(|fix| fix.stage == stage.identity)
    }
}
