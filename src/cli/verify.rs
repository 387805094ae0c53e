//! `barehull verify`: what a built image holds, whether it runs, and what changed since another one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use barehull::analysis::Analysis;
use barehull::comparison::Comparison;
use barehull::project::MAX_FILE_BYTES;
use barehull::report::{Paths, Summary, built, comparison, github, json, sarif, text};
use barehull::rules::Policy;
use barehull::verify::{compare, verify};
use barehull_catalog::Catalog;
use barehull_image::{Image, ImageConfig, OpenOptions, Platform};
use clap::ValueHint;

use super::args::{self, FailOn, Format};
use super::exit::Exit;
use super::guard::guarded;
use super::output::Output;

/// Look into a built image: what it holds, and whether it runs. Nothing is started or extracted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 nothing at or above --fail-on, 1 something, 2 usage or input/output error."
)]
pub struct Args {
    /// An OCI image layout (folder or tar), an archive of `docker save`, or a root file system folder.
    #[arg(value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    image: PathBuf,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    start: StartArgs,
    /// A file that adds to the catalog of tools, or corrects it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    catalog: Option<PathBuf>,
    /// Findings of the rules that the controls of a policy name (`cis-docker`, `nist-800-190`, `distroless-strict`,
    /// `recommended`).
    #[arg(long, value_name = "POLICY", value_parser = args::policy)]
    policy: Option<&'static Policy>,
    /// Only this rule; may be given several times.
    #[arg(long = "only", value_name = "RULE", value_parser = args::rule)]
    only: Vec<&'static str>,
    /// The format of the report [default: text; github in a GitHub workflow].
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Report")]
    format: Option<Format>,
    /// From which severity on a finding makes the run fail.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", help_heading = "Report")]
    fail_on: FailOn,
}

/// Which image of a file that holds several.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// The name or tag of the image, where the file holds several.
    #[arg(long = "image", value_name = "NAME")]
    name: Option<String>,
    /// The platform, where there are several.
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    platform: Option<Platform>,
}

impl Source {
    /// Reads the image at `path`, and says how it is started.
    pub fn open_started(&self, path: &std::path::Path, start: &StartArgs) -> Result<Image> {
        let mut image = self.open(path, config_of(start.config.as_deref())?)?;
        image.config = start.over(std::mem::take(&mut image.config));
        Ok(image)
    }

    /// Reads the image at `path`.
    pub fn open(&self, path: &Path, config: Option<ImageConfig>) -> Result<Image> {
        let options = OpenOptions {
            platform: self.platform.clone(),
            name: self.name.clone(),
            config,
            ..OpenOptions::default()
        };
        let open = || Image::open(path, &options);
        match guarded(open) {
            Ok(image) => image.map_err(|error| {
                // Of two images it has to be said which.
                let (said, path) = (error.to_string(), path.display().to_string());
                if said.starts_with(&path) { anyhow!(said) } else { anyhow!("{path}: {said}") }
            }),
            Err(panic) => Err(anyhow!("{}: a defect of barehull: {panic}; please report it", path.display())),
        }
    }
}

/// The image that it is compared with.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Compare")]
pub struct Against {
    /// A later image to compare with: report only what is worse in it, and what changed.
    #[arg(id = "against", long, value_name = "AFTER", value_hint = ValueHint::AnyPath)]
    path: Option<PathBuf>,
    /// The name or tag of AFTER, where the file holds several [default: as --image].
    #[arg(id = "against-image", long, value_name = "NAME", requires = "against")]
    name: Option<String>,
    /// The image configuration (JSON) of AFTER [default: as --config, if AFTER has none].
    #[arg(id = "against-config", long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "against")]
    config: Option<PathBuf>,
}

/// How the image is started, where that differs from what it says or it says nothing.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Start")]
pub struct StartArgs {
    /// The image configuration (JSON), for a root file system folder, which has none.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// ENTRYPOINT: a program, or a JSON array.
    #[arg(long, value_name = "COMMAND", value_parser = command)]
    entrypoint: Option<Words>,
    /// CMD: a program, or a JSON array.
    #[arg(long, value_name = "COMMAND", value_parser = command, allow_hyphen_values = true)]
    cmd: Option<Words>,
    /// USER: a name or number, perhaps with `:GROUP`.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// WORKDIR.
    #[arg(long, value_name = "DIR")]
    workdir: Option<String>,
    /// A variable of the environment; may be given several times.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
}

/// The words of a command.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

fn command(text: &str) -> Result<Words, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map(Words).map_err(|error| error.to_string());
    }
    Ok(Words(if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }))
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("there is no `=` in it")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl StartArgs {
    /// What the image says, with what the command line says over it. As with `docker run`, a new ENTRYPOINT takes
    /// CMD away.
    fn over(&self, mut config: ImageConfig) -> ImageConfig {
        if let Some(Words(words)) = &self.entrypoint {
            config.entrypoint.clone_from(words);
            config.cmd.clear();
        }
        if let Some(Words(words)) = &self.cmd {
            config.cmd.clone_from(words);
        }
        for (own, given) in [(&mut config.user, &self.user), (&mut config.working_dir, &self.workdir)] {
            if let Some(given) = given {
                own.clone_from(given);
            }
        }
        config.env.extend(self.env.iter().cloned());
        config
    }
}

/// The configuration in a file.
fn config_of(path: Option<&Path>) -> Result<Option<ImageConfig>> {
    let Some(path) = path else { return Ok(None) };
    let text = super::bounded::bytes(path, MAX_FILE_BYTES)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let config = ImageConfig::from_json(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(Some(config))
}

/// What every image is looked at with.
struct Run<'a> {
    args: &'a Args,
    catalog: &'a Catalog,
    only: Vec<String>,
}

/// What was found in an image, and how its path is shown.
struct Looked {
    analysis: Analysis,
    paths: Paths,
}

impl Looked {
    const fn parts(&self) -> (&Analysis, &Paths) {
        (&self.analysis, &self.paths)
    }
}

impl Run<'_> {
    /// What is found in the image; the image itself is given back.
    fn look(&self, path: &Path, mut image: Image) -> Result<Looked> {
        image.config = self.args.start.over(std::mem::take(&mut image.config));
        let mut analysis = guarded(|| verify(&image, self.catalog, &self.only))
            .map_err(|panic| anyhow!("a defect of barehull: {panic}; please report it with the image"))?;
        if let Some(policy) = self.args.policy {
            analysis.choose(policy);
        }
        Ok(Looked { analysis, paths: Paths::Below(path.to_string_lossy().into_owned()) })
    }

    /// The first image, or the only one.
    fn first(&self) -> Result<Looked> {
        let Args { image, source, start, .. } = self.args;
        self.look(image, source.open(image, config_of(start.config.as_deref())?)?)
    }

    /// The image that `--against` names.
    fn second(&self, path: &Path) -> Result<Looked> {
        let Args { source, against, start, .. } = self.args;
        let name = against.name.as_ref().or(source.name.as_ref()).cloned();
        let source = Source { name, platform: source.platform.clone() };
        let mut image = source.open(path, config_of(against.config.as_deref())?)?;
        // A root file system folder says nothing of itself.
        if image.config == ImageConfig::default() {
            image.config = config_of(start.config.as_deref())?.unwrap_or_default();
        }
        self.look(path, image)
    }
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let own = args::own_catalog(args.catalog.as_deref())?;
    let catalog = own.as_ref().unwrap_or_else(|| Catalog::builtin());
    let only: Vec<String> = args.only.iter().map(|id| (*id).to_owned()).collect();
    let run = Run { args, catalog, only };
    let format = args.format.unwrap_or_else(Format::by_default);
    // Before the second image is read, the first one's files are forgotten.
    let first = run.first()?;
    let (text, worst) = match &args.against.path {
        None => (rendered(&first, format, output), Summary::of(&first.analysis).worst()),
        Some(path) => {
            let second = run.second(path)?;
            let comparison =
                guarded(|| compare(&first.analysis, &second.analysis, catalog)).map_err(|panic| {
                    anyhow!("a defect of barehull: {panic}; please report it with the images")
                })?;
            (compared(&first, second, &comparison, format, output), comparison.worst())
        }
    };
    output.print(&text)?;
    Ok(if args.fail_on.is_met_by(worst) { Exit::Found } else { Exit::Clean })
}

fn rendered(Looked { analysis, paths }: &Looked, format: Format, output: &Output) -> String {
    let (summary, look) = (Summary::of(analysis), output.look());
    match format {
        Format::Text if output.is_quiet() => text::file(analysis, paths, look),
        Format::Text => {
            let head = built::heading(analysis, paths, look);
            [text::file(analysis, paths, look), head, text::summary(&summary, look)].concat()
        }
        Format::Json => [json::head(), json::file(analysis, paths, false), json::tail(&summary)].concat(),
        Format::Github => github::file(analysis, paths) + &github::tail(&summary),
        Format::Sarif => sarif::document(sarif::results(analysis, paths, false), &[]),
    }
}

/// JSON says all of both images; the other formats report what is worse in the second, text with what changed.
fn compared(first: &Looked, second: Looked, diff: &Comparison, format: Format, output: &Output) -> String {
    let images = [first.parts(), second.parts()];
    if format == Format::Json {
        let mut summary = Summary::of(&first.analysis);
        summary.add(&Summary::of(&second.analysis));
        let [before, after] = images.map(|(analysis, paths)| json::file(analysis, paths, false));
        return [&json::head(), &before, json::SEPARATOR, &after, &json::compared(diff, images, &summary)]
            .concat();
    }
    let (look, verdict) = (output.look(), comparison::verdict(diff) + "\n");
    let changes = comparison::text(diff, images, look);
    let Looked { mut analysis, paths } = second;
    analysis.findings.clone_from(&diff.worse);
    match format {
        Format::Text if output.is_quiet() => text::file(&analysis, &paths, look),
        Format::Text => [text::file(&analysis, &paths, look), changes, look.strong(verdict)].concat(),
        Format::Github => github::file(&analysis, &paths) + &verdict,
        Format::Sarif | Format::Json => sarif::document(sarif::results(&analysis, &paths, false), &[]),
    }
}
