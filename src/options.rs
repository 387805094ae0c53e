//! What the caller of the library decides.

use std::collections::BTreeMap;

use barehull_catalog::{Catalog, Date};

use crate::builders::Builder;
use crate::config::Config;
use crate::finding::Level;
use crate::project::{BuildContext, ProjectPath};
use crate::rules::Policy;
use crate::timings::Timings;

/// A Dockerfile to look at: its text is taken from the project, or given.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is in the project; for standard input, the name findings are shown under.
    pub path: ProjectPath,
    /// The text, where it does not come from the project.
    pub text: Option<std::sync::Arc<[u8]>>,
}

/// Settings of one run.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// What is known of images, packages and tools.
    pub catalog: &'a Catalog,
    /// `--target`s to treat as final beside the last stage.
    pub targets: Vec<String>,
    /// `--build-arg`s.
    pub build_args: BTreeMap<String, String>,
    /// Families of minimal bases in order of preference (`distroless`, `chainguard`, ...).
    pub base_preference: Vec<String>,
    /// Images for work beside the application (`--tool-image`): the tool's name, the image.
    pub tool_images: Vec<(String, String)>,
    /// Where migrations of a start script go in manifests.
    pub migrations: Migrations,
    /// Recipes and rules that are not asked for a fix, by id.
    pub skip_fixes: Vec<&'static str>,
    /// The oldest builder a patch must work with.
    pub builder: Builder,
    /// Add a stage for debugging to a file whose last stage is rewritten.
    pub debug_stage: bool,
    /// Search the application's sources for programs that they start. Fixes search them in any case.
    pub search_sources: bool,
    /// The day that ends of life are compared with; without one, nothing is said of them.
    pub today: Option<Date>,
    /// What the project's configuration says.
    pub config: Option<&'a Config>,
    /// Which rules run, and the controls that their findings break.
    pub policy: Option<&'static Policy>,
    /// Look at stages that are not shipped as if they were; what is found there is worth knowing, no more.
    pub all_stages: bool,
    /// Materialise fixes up to this level; none where absent.
    pub fixes: Option<Level>,
    /// Only these rules, by id; all that are on by default where empty.
    pub only: Vec<String>,
    /// Where the time that each part takes is added up, if anybody wants to know.
    pub timings: Option<&'a Timings>,
}

impl<'a> Options<'a> {
    /// What the command line sets where nothing is asked for: findings only.
    pub fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            targets: Vec::new(),
            build_args: BTreeMap::new(),
            base_preference: Vec::new(),
            tool_images: Vec::new(),
            migrations: Migrations::default(),
            skip_fixes: Vec::new(),
            builder: Builder::Buildkit,
            debug_stage: false,
            search_sources: false,
            today: None,
            config: None,
            policy: None,
            all_stages: false,
            fixes: None,
            only: Vec::new(),
            timings: None,
        }
    }
}

/// Where migrations of a start script go in manifests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Migrations {
    /// Into an init container, which runs for each pod, as the script did.
    #[default]
    InitContainer,
    /// Into a Job, which whoever releases has to run first: a sketch.
    Job,
}

/// Where COPY and ADD read from.
#[derive(Clone, Debug)]
pub enum ContextChoice {
    /// The Dockerfile's folder.
    DockerfileFolder,
    /// A folder named by the user.
    Given(std::sync::Arc<BuildContext>),
    /// There is none (standard input).
    Absent,
}
