//! Arguments that several subcommands share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use barehull::builders::Builder;
use barehull::finding::{Level, Severity};
use barehull::options::{Migrations, Options};
use barehull::project::MAX_FILE_BYTES;
use barehull::project::outside::ImageName;
use barehull::rules::{self, Policy};
use barehull_catalog::{Catalog, Date};
use clap::{Args, ValueEnum, ValueHint};

/// What every subcommand takes.
#[derive(Debug, Args)]
pub struct Global {
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub color: Color,
    /// Findings, patches and errors only: no summary, no progress, no notes.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Long lists in full.
    #[arg(long, global = true, help_heading = "Output")]
    pub all: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into a file or a pipe.
    Always,
    /// Not at all.
    Never,
}

/// What is looked at.
#[derive(Debug, Args)]
pub struct Inputs {
    /// Dockerfiles, folders to walk (`.gitignore` is honoured), or `-` for standard input.
    #[arg(value_name = "PATH", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// The name under which standard input is shown and patched.
    #[arg(long, value_name = "NAME", default_value = "Dockerfile")]
    pub stdin_filename: String,
    /// The folder that may be read for compose files, manifests and CI files [default: the git work tree, else
    /// the folder that was named].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub project: Option<PathBuf>,
    /// The build context [default: the Dockerfile's folder; none for standard input].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub context: Option<PathBuf>,
    /// A name of the image that is built from the Dockerfile, as manifests and compose files call it, where nothing in the
    /// project says so; may be given several times.
    #[arg(long = "image", value_name = "NAME", value_parser = image)]
    pub images: Vec<ImageName>,
    /// The folder whose Kubernetes manifests count [default: the project].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub manifests: Option<PathBuf>,
    /// The configuration [default: `barehull.yaml` or `.barehull.yaml` in the Dockerfile's folder or above it, up to
    /// the top of the project].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Dockerfiles looked at side by side [default: one per processor].
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Show on standard error how long each part took: the sum over all Dockerfiles and threads, and the average.
    #[arg(long)]
    pub timings: bool,
}

/// How images are built and what is known of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Build")]
pub struct Build {
    /// A stage that is built and shipped, beside the last one; may be given several times.
    #[arg(long = "target", value_name = "STAGE")]
    pub targets: Vec<String>,
    /// A build argument; without a value it is taken from the environment; may be given several times.
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub arguments: Vec<String>,
    /// A file that adds to the catalog of base images, tools and packages, or corrects it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub catalog: Option<PathBuf>,
    /// Families of minimal base images, the one to propose first in front (`distroless,chainguard`).
    #[arg(long, value_name = "FAMILY", value_delimiter = ',')]
    pub base_preference: Vec<String>,
    /// The image for a tool that an init container needs (`curl=registry.example/curl:8`); may be given several times.
    #[arg(long = "tool-image", value_name = "TOOL=IMAGE", value_parser = tool_image)]
    pub tool_images: Vec<(String, String)>,
    /// The oldest builder that a patch is for: it uses nothing new that this one lacks.
    #[arg(long, value_enum, default_value_t, value_name = "BUILDER")]
    pub builder: BuilderName,
    /// The day that ends of life are compared with [default: the clock's].
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<Date>,
    /// Look at stages that are not shipped as well; what is found there is of severity info.
    #[arg(long)]
    pub all_stages: bool,
    /// Which rules run: those that the controls of a policy name (`cis-docker`, `nist-800-190`, `distroless-strict`,
    /// `recommended`); `rules` of the configuration counts over it.
    #[arg(long, value_name = "POLICY", value_parser = policy)]
    pub policy: Option<&'static Policy>,
    /// Only this rule; may be given several times.
    #[arg(long = "only", value_name = "RULE", value_parser = rule)]
    pub only: Vec<&'static str>,
}

impl Build {
    /// The catalog with the user's file over it, if there is one.
    pub fn own_catalog(&self) -> Result<Option<Catalog>> {
        own_catalog(self.catalog.as_deref())
    }

    /// The settings of a run that materialises fixes up to `fixes`.
    pub fn options<'a>(&self, own: Option<&'a Catalog>, fixes: Option<Level>) -> Result<Options<'a>> {
        let catalog = own.unwrap_or_else(|| Catalog::builtin());
        let known = catalog.preferences();
        if let Some(unknown) = self.base_preference.iter().find(|word| !known.contains(&word.as_str())) {
            bail!(
                "--base-preference {unknown}: no such family of base images; there are {}",
                known.join(", ")
            );
        }
        Ok(Options {
            catalog,
            targets: self.targets.clone(),
            build_args: self.build_args(),
            base_preference: self.base_preference.clone(),
            tool_images: self.tool_images.clone(),
            migrations: Migrations::default(),
            skip_fixes: Vec::new(),
            builder: self.builder.into(),
            debug_stage: false,
            search_sources: false,
            config: None,
            policy: self.policy,
            all_stages: self.all_stages,
            today: Some(self.today.unwrap_or_else(clock)),
            fixes,
            only: self.only.iter().map(|id| (*id).to_owned()).collect(),
            timings: None,
        })
    }

    /// As `docker build` takes them: a name alone stands for the environment's value, if there is one.
    fn build_args(&self) -> BTreeMap<String, String> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => Some((name.to_owned(), value.to_owned())),
            None => Some((text.clone(), std::env::var(text).ok()?)),
        };
        self.arguments.iter().filter_map(pair).collect()
    }
}

fn tool_image(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((tool, image)) if !tool.is_empty() && !image.is_empty() => {
            Ok((tool.to_owned(), image.to_owned()))
        }
        _ => Err("write TOOL=IMAGE, as in curl=registry.example/curl:8".to_owned()),
    }
}

/// The day, by the clock (UTC).
fn clock() -> Date {
    const SECONDS_A_DAY: u64 = 86_400;
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Date::from_unix_days((since.as_secs() / SECONDS_A_DAY) as u32)
}

/// The catalog with the user's file over it, if there is one.
pub fn own_catalog(path: Option<&Path>) -> Result<Option<Catalog>> {
    let Some(path) = path else { return Ok(None) };
    let text = super::bounded::text(path, MAX_FILE_BYTES)
        .with_context(|| format!("the catalog {} cannot be read", path.display()))?;
    let catalog = Catalog::with_user_file(&text)
        .with_context(|| format!("the catalog {} is not understood", path.display()))?;
    Ok(Some(catalog))
}

/// The name of an image.
fn image(text: &str) -> Result<ImageName, String> {
    ImageName::new(text)
        .ok_or_else(|| "it is no name of an image, such as registry.example/acme/web".to_owned())
}

/// The id of a rule, or what it may have been meant to be.
pub fn rule(text: &str) -> Result<&'static str, String> {
    rules::meta(text).map(|rule| rule.id).ok_or_else(|| no_such_rule(text))
}

/// The policy of a name.
pub fn policy(text: &str) -> Result<&'static Policy, String> {
    rules::policy(text).ok_or_else(|| rules::no_such_policy(text))
}

/// That there is no such rule, and which is nearest.
pub fn no_such_rule(text: &str) -> String {
    match rules::nearest(text) {
        Some(id) => format!("there is no such rule; did you mean `{id}`?"),
        None => "there is no such rule; `barehull rules` lists them".to_owned(),
    }
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    /// Same behaviour for every program.
    Safe,
    /// Same behaviour if the listed assumptions hold.
    Review,
    /// Shows the way; holds a marked gap that a person must fill.
    Sketch,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Safe => Self::Safe,
            LevelName::Review => Self::Review,
            LevelName::Sketch => Self::Sketch,
        }
    }
}

/// Image builders.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum BuilderName {
    /// `docker build` since 23.0, `docker buildx`.
    #[default]
    Buildkit,
    /// `buildah`, `podman build`.
    Buildah,
    /// `kaniko`.
    Kaniko,
    /// `docker build` without BuildKit.
    Classic,
}

impl From<BuilderName> for Builder {
    fn from(name: BuilderName) -> Self {
        match name {
            BuilderName::Buildkit => Self::Buildkit,
            BuilderName::Buildah => Self::Buildah,
            BuilderName::Kaniko => Self::Kaniko,
            BuilderName::Classic => Self::Classic,
        }
    }
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with excerpts of the source.
    Text,
    /// For programs; docs/schema.json is its schema.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

impl Format {
    /// `github` in a GitHub workflow.
    pub fn by_default() -> Self {
        let in_workflow = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
        if in_workflow { Self::Github } else { Self::Text }
    }
}

/// From which severity on a finding makes the run fail.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FailOn {
    /// At errors.
    #[default]
    Error,
    /// At warnings and errors.
    Warning,
    /// At any finding.
    Info,
    /// Not at all.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the run fail.
    pub fn is_met_by(self, worst: Option<Severity>) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
            Self::Never => return false,
        };
        worst.is_some_and(|worst| worst >= least)
    }
}
