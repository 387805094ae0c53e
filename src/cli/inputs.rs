//! From the paths on the command line to Dockerfiles, each in its project.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use barehull::config::Config;
use barehull::options::{ContextChoice, Input};
use barehull::project::{
    BuildContext, Disk, Files, MAX_FILE_BYTES, Memo, Memory, Project, ProjectPath, is_dockerfile_name, walk,
};
use barehull::report::Paths;

use super::args::Inputs;
use super::baseline::Baseline;
use super::configuration::Configurations;
use super::output::Output;

/// A project and what its paths are written from.
#[derive(Debug)]
pub struct Site {
    /// The project.
    pub project: Project,
    /// Its root on the disk, absolute and without links; none for standard input alone.
    pub root: Option<PathBuf>,
    /// The top of the git work tree it is in.
    pub git: Option<PathBuf>,
    /// How people see its paths.
    pub shown: Paths,
    /// How programs see its paths.
    pub stable: Paths,
}

/// A Dockerfile to look at.
#[derive(Debug)]
pub struct Job {
    /// The project it is in.
    pub site: Arc<Site>,
    /// The Dockerfile.
    pub input: Input,
    /// Whether it is standard input.
    pub is_stdin: bool,
    /// What its configuration says, if it has one.
    pub config: Option<Arc<Config>>,
}

impl Job {
    /// The Dockerfile's path, as people see it.
    pub fn shown_path(&self) -> String {
        self.site.shown.show(&self.input.path)
    }
}

/// The Dockerfiles of a run.
#[derive(Debug)]
pub struct Jobs {
    /// In the order they were named, folders in the order of a walk; none twice.
    pub list: Vec<Job>,
    /// Whether something that was named could not be used.
    pub failed: bool,
    /// The findings that are known already.
    pub known: Option<Baseline>,
    context: Option<GivenContext>,
}

/// The folder of `--context`.
#[derive(Debug)]
struct GivenContext {
    folder: PathBuf,
    /// By the root of the project that looks at it.
    contexts: BTreeMap<Option<PathBuf>, Arc<BuildContext>>,
}

impl Jobs {
    /// Finds the Dockerfiles that `inputs` names; says on standard error what could not be used.
    pub fn find(inputs: &Inputs, output: &mut Output) -> Result<Self> {
        let mut finder = Finder::new(inputs)?;
        let mut failed = false;
        for path in &inputs.paths {
            let found = if path.as_os_str() == "-" {
                finder.standard_input()
            } else {
                finder.path(path, output).with_context(|| path.display().to_string())
            };
            if let Err(error) = found {
                output.error(&format!("{error:#}"));
                failed = true;
            }
        }
        let list = finder.jobs;
        if list.len() > 1 && !inputs.images.is_empty() {
            bail!(
                "--image is a name of one Dockerfile's image, but there are {} Dockerfiles: name one",
                list.len()
            );
        }
        let mut context = None;
        if let Some(folder) = &inputs.context {
            let folder = folder
                .canonicalize()
                .with_context(|| format!("the build context {} cannot be read", folder.display()))?;
            context = Some(GivenContext::new(folder, &list)?);
        }
        Ok(Self { list, failed, known: None, context })
    }

    /// The projects, each once, in the order of their first Dockerfile.
    pub fn sites(&self) -> Vec<&Site> {
        let mut sites: Vec<&Site> = Vec::new();
        for job in &self.list {
            if !sites.iter().any(|site| std::ptr::eq(*site, &raw const *job.site)) {
                sites.push(&job.site);
            }
        }
        sites
    }

    /// Where the COPY instructions of `job` read from.
    pub fn context(&self, job: &Job) -> ContextChoice {
        let given = self.context.as_ref().and_then(|given| given.contexts.get(&job.site.root));
        match given {
            Some(context) => {
                let files = job.site.project.files();
                ContextChoice::Given(Arc::new(context.for_dockerfile(files.as_ref(), &job.input.path)))
            }
            None if job.is_stdin => ContextChoice::Absent,
            None => ContextChoice::DockerfileFolder,
        }
    }
}

impl GivenContext {
    fn new(folder: PathBuf, jobs: &[Job]) -> Result<Self> {
        let mut given = Self { folder, contexts: BTreeMap::new() };
        for job in jobs {
            if !given.contexts.contains_key(&job.site.root) {
                let context = Arc::new(given.seen_from(&job.site)?);
                given.contexts.insert(job.site.root.clone(), context);
            }
        }
        Ok(given)
    }

    /// The folder in the project where it is part of it, else through a jail of its own.
    fn seen_from(&self, site: &Site) -> Result<BuildContext> {
        let inside = site.root.as_ref().and_then(|root| self.folder.strip_prefix(root).ok());
        let context = match inside {
            Some(inside) => {
                let path = project_path(inside)?;
                BuildContext::new(Arc::clone(site.project.files()), &path).map_err(anyhow::Error::from)
            }
            None => BuildContext::foreign(&self.folder).map_err(anyhow::Error::from),
        };
        context.with_context(|| format!("the build context {} cannot be read", self.folder.display()))
    }
}

struct Finder<'a> {
    inputs: &'a Inputs,
    /// The folder of `--project`.
    project: Option<PathBuf>,
    /// The folder of `--manifests`.
    manifests: Option<PathBuf>,
    here: PathBuf,
    sites: BTreeMap<PathBuf, Arc<Site>>,
    /// On the disk.
    seen: BTreeSet<PathBuf>,
    jobs: Vec<Job>,
    configs: Configurations,
}

impl<'a> Finder<'a> {
    fn new(inputs: &'a Inputs) -> Result<Self> {
        let here = std::env::current_dir()
            .and_then(|here| here.canonicalize())
            .context("the working directory cannot be read")?;
        let real = |what: &str, folder: Option<&PathBuf>| -> Result<Option<PathBuf>> {
            let real = folder.map(|folder| {
                folder.canonicalize().with_context(|| format!("{what} {} cannot be read", folder.display()))
            });
            real.transpose()
        };
        Ok(Self {
            inputs,
            project: real("the project", inputs.project.as_ref())?,
            manifests: real("the folder of manifests", inputs.manifests.as_ref())?,
            here,
            sites: BTreeMap::new(),
            seen: BTreeSet::new(),
            jobs: Vec::new(),
            configs: Configurations::new(inputs.config.as_deref())?,
        })
    }

    /// Standard input: alone, or with the project that was named.
    fn standard_input(&mut self) -> Result<()> {
        if self.jobs.iter().any(|job| job.is_stdin) {
            bail!("standard input can be read only once");
        }
        let name = &self.inputs.stdin_filename;
        let path = ProjectPath::new(name).map_err(|error| anyhow!("--stdin-filename {name}: {error}"))?;
        let mut text = Vec::new();
        std::io::stdin()
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut text)
            .context("standard input cannot be read")?;
        if text.len() as u64 > MAX_FILE_BYTES {
            bail!("standard input has more than the {MAX_FILE_BYTES} bytes that are read");
        }
        let site = match self.project.clone() {
            Some(root) => self.site(&root)?,
            None => Arc::new(Site {
                project: Project::new(Arc::new(Memory::default())),
                root: None,
                git: None,
                shown: Paths::Project,
                stable: Paths::Project,
            }),
        };
        let config = self.configs.of(&site, &path)?;
        let input = Input { path, text: Some(Arc::from(text)) };
        self.jobs.push(Job { site, input, is_stdin: true, config });
        Ok(())
    }

    fn path(&mut self, path: &Path, output: &mut Output) -> Result<()> {
        let folder = path.metadata().map_err(plain)?.is_dir();
        let real = if folder { path.canonicalize()? } else { in_real_folder(path)? };
        let home = if folder { &real } else { real.parent().unwrap_or(&real) };
        let root = match &self.project {
            Some(project) if !home.starts_with(project) => {
                bail!("it is not in the project {}", project.display())
            }
            Some(project) => project.clone(),
            None => git_top(home).unwrap_or(home).to_owned(),
        };
        let start = project_path(real.strip_prefix(&root)?)?;
        let site = self.site(&root)?;
        if !folder {
            return self.add(&root, &site, start);
        }
        let walked = walk(site.project.files().as_ref(), &start, |path| {
            is_dockerfile_name(path.file_name()).then_some(path)
        });
        if !walked.complete {
            output.note(&format!("{}: not everything in it could be looked at", path.display()));
        }
        if walked.found.is_empty() {
            output.note(&format!("{}: no Dockerfile in it", path.display()));
        }
        for path in walked.found {
            self.add(&root, &site, path)?;
        }
        Ok(())
    }

    fn add(&mut self, root: &Path, site: &Arc<Site>, path: ProjectPath) -> Result<()> {
        if self.seen.insert(root.join(path.as_str())) {
            let config = self.configs.of(site, &path)?;
            let input = Input { path, text: None };
            self.jobs.push(Job { site: Arc::clone(site), input, is_stdin: false, config });
        }
        Ok(())
    }

    fn site(&mut self, root: &Path) -> Result<Arc<Site>> {
        if let Some(site) = self.sites.get(root) {
            return Ok(Arc::clone(site));
        }
        let disk =
            Disk::new(root).with_context(|| format!("the project {} cannot be read", root.display()))?;
        let files: Arc<dyn Files> = Arc::new(Memo::new(Arc::new(disk)));
        let git = git_top(root).map(Path::to_owned);
        let shown = seen_from(&self.here, root);
        // Outside a work tree nothing but the working directory gives paths a meaning to others.
        let stable = if git.is_some() || self.project.is_some() { Paths::Project } else { shown.clone() };
        let mut project = Project::new(files).with_images(self.inputs.images.clone());
        if let Some(folder) = &self.manifests {
            project = project.with_manifests(below(root, folder)?);
        }
        let site = Site { project, root: Some(root.to_owned()), git, shown, stable };
        let site = Arc::new(site);
        self.sites.insert(root.to_owned(), Arc::clone(&site));
        Ok(site)
    }
}

/// The error of a path that cannot be used, in words.
fn plain(error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => anyhow!("there is no such file or folder"),
        ErrorKind::PermissionDenied => anyhow!("permission denied; make it readable or leave it out"),
        _ => error.into(),
    }
}

/// The file in its folder without links; the file itself may be one, which the jail follows.
fn in_real_folder(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| anyhow!("it names no file"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(folder.canonicalize()?.join(name))
}

/// The nearest folder from `folder` upwards that holds `.git`.
fn git_top(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

fn project_path(relative: &Path) -> Result<ProjectPath> {
    let names: Option<Vec<&str>> = relative.iter().map(|name| name.to_str()).collect();
    let names = names.ok_or_else(|| anyhow!("its name is not UTF-8; rename it"))?;
    Ok(ProjectPath::new(&names.join("/"))?)
}

/// The folder of manifests as a path of the project at `root`.
fn below(root: &Path, folder: &Path) -> Result<ProjectPath> {
    let Ok(inside) = folder.strip_prefix(root) else {
        bail!(
            "the manifests {} are not in the project {}; name a folder that holds both with --project",
            folder.display(),
            root.display()
        )
    };
    project_path(inside)
}

/// How the paths of the project at `root` are written from `here`.
fn seen_from(here: &Path, root: &Path) -> Paths {
    if here == root {
        return Paths::Project;
    }
    if let Ok(inside) = here.strip_prefix(root)
        && let Ok(folder) = project_path(inside)
    {
        return Paths::From(folder);
    }
    let below = root.strip_prefix(here).unwrap_or(root);
    Paths::Below(below.to_string_lossy().into_owned())
}
