//! Which configuration counts for a Dockerfile: the one that is named, else the nearest above it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use barehull::config::{Config, ConfigError, MAX_BYTES, NAMES};
use barehull::options::Options;
use barehull::project::{Files, MAX_FILE_BYTES, ProjectPath};
use barehull_catalog::Catalog;

use super::bounded;
use super::inputs::Site;

/// The configurations of a run, each read once.
#[derive(Debug)]
pub struct Configurations {
    /// The file of `--config`.
    given: Option<Arc<Config>>,
    /// By project and folder.
    found: BTreeMap<(usize, String), Option<Arc<Config>>>,
}

impl Configurations {
    /// Reads the file of `--config`, if there is one.
    pub fn new(given: Option<&Path>) -> Result<Self> {
        let given = given.map(read).transpose()?;
        Ok(Self { given, found: BTreeMap::new() })
    }

    /// The configuration for the Dockerfile at `path`.
    pub fn of(&mut self, site: &Arc<Site>, path: &ProjectPath) -> Result<Option<Arc<Config>>> {
        if let Some(given) = &self.given {
            return Ok(Some(Arc::clone(given)));
        }
        let folder = path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut passed = Vec::new();
        let mut config = None;
        for folder in upwards(folder) {
            let key = (Arc::as_ptr(site).addr(), folder.to_owned());
            if let Some(known) = self.found.get(&key) {
                config.clone_from(known);
                break;
            }
            passed.push(key);
            config = in_folder(site, folder)?;
            if config.is_some() {
                break;
            }
        }
        for key in passed {
            self.found.insert(key, config.clone());
        }
        Ok(config)
    }
}

/// The folder and those it lies in, up to the top of the project.
fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| {
        (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

fn in_folder(site: &Site, folder: &str) -> Result<Option<Arc<Config>>> {
    let files = site.project.files().as_ref();
    for name in NAMES {
        let path = ProjectPath::new(&join(folder, name))?;
        if !files.is_file(&path) {
            continue;
        }
        let shown = site.shown.show(&path);
        let text = text_of(files, &path, MAX_BYTES).map_err(|error| anyhow!("{shown}: {error}"))?;
        let load = |other: &str| {
            let path = ProjectPath::new(&join(folder, other)).map_err(|error| error.to_string())?;
            text_of(files, &path, MAX_FILE_BYTES)
        };
        let config = Config::read(&text, &load).map_err(|error| problem(&shown, &error))?;
        return Ok(Some(Arc::new(config)));
    }
    Ok(None)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn text_of(files: &dyn Files, path: &ProjectPath, limit: u64) -> Result<String, String> {
    let bytes = files.read_up_to(path, limit).map_err(|error| error.fault.to_string())?;
    String::from_utf8(bytes.to_vec()).map_err(|_| "it is not UTF-8".to_owned())
}

fn read(path: &Path) -> Result<Arc<Config>> {
    let shown = path.display().to_string();
    let text = bounded::text(path, MAX_BYTES)
        .with_context(|| format!("the configuration {shown} cannot be read"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let load =
        |name: &str| bounded::text(&folder.join(name), MAX_FILE_BYTES).map_err(|error| error.to_string());
    Config::read(&text, &load).map(Arc::new).map_err(|error| problem(&shown, &error))
}

fn problem(path: &str, error: &ConfigError) -> anyhow::Error {
    match error.line {
        Some(line) => anyhow!("{path}:{line}: {}", error.message),
        None => anyhow!("{path}: {}", error.message),
    }
}

/// The options of a run with what the configuration of a Dockerfile adds; the command line counts first.
pub fn with<'a>(options: &Options<'a>, config: Option<&'a Config>) -> Options<'a> {
    let mut options = options.clone();
    let Some(config) = config else { return options };
    options.config = Some(config);
    options.policy = options.policy.or(config.policy);
    if options.base_preference.is_empty() {
        options.base_preference.clone_from(&config.base_preference);
    }
    if let Some(catalog) =
        config.catalog.as_ref().filter(|_| std::ptr::eq(options.catalog, Catalog::builtin()))
    {
        options.catalog = catalog;
    }
    options
}
