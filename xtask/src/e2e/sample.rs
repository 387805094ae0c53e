//! A folder with an application and its `sample.yaml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::namespace;
use super::services::Service;

/// `sample.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What it is.
    pub title: String,
    /// The Dockerfile's path in the folder.
    #[serde(default = "dockerfile")]
    pub dockerfile: String,
    /// The stage that is built, if not the last.
    pub target: Option<String>,
    /// Build arguments.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// How it is started.
    #[serde(default)]
    pub start: Start,
    /// What its start waits for or loads from.
    #[serde(default)]
    pub services: Vec<Service>,
    /// The pods that it is run in, instead of a container alone.
    #[serde(default)]
    pub pods: Vec<InPod>,
    /// What must hold once it is started, in order.
    pub smoke: Vec<Check>,
    /// What the patch has to reach.
    #[serde(default)]
    pub expect: Expect,
    /// Why it cannot be built here.
    pub static_only: Option<String>,
    /// Only where the Dockerfile is a rewrite that is broken on purpose: how that is noticed.
    pub caught: Option<Caught>,
}

/// How it is noticed that an image is broken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caught {
    /// A regular expression for the words of the failed smoke check.
    pub smoke: String,
    /// One for what `barehull verify` finds, as rule and message; none where the image's files cannot tell.
    pub verify: Option<String>,
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}

/// How the container is started.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Arguments instead of the image's CMD.
    #[serde(default)]
    pub args: Option<Vec<String>>,
    /// Places where a volume is mounted.
    #[serde(default)]
    pub volumes: Vec<String>,
}

/// A pod of one of its manifests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InPod {
    /// The manifest's path in the folder.
    pub manifest: String,
    /// The workload's name, where the manifest has several.
    pub workload: Option<String>,
    /// The name of the sample's own container, where the pod has several.
    pub container: Option<String>,
    /// What must hold, if not the checks of the sample.
    pub smoke: Option<Vec<Check>>,
    /// Only where the manifest is wrong on purpose: a regular expression for how that is noticed.
    pub fails: Option<String>,
}

/// A smoke check.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A request, repeated until it is answered as expected or the time is over.
    Http(Http),
    /// The program ends by itself.
    Exit(Exit),
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// On 127.0.0.1.
    pub port: u16,
    /// With its leading slash.
    pub path: String,
    /// The expected status.
    pub status: u16,
    /// A regular expression that the body matches somewhere.
    #[serde(default)]
    pub body: String,
}

/// An end and what was said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// The exit status.
    pub code: i32,
    /// A regular expression that standard output matches somewhere.
    #[serde(default)]
    pub stdout: String,
}

/// What the patch has to reach.
#[derive(Debug, Default, Deserialize)]
pub struct Expect {
    /// Roles of which nothing may be left.
    #[serde(default)]
    pub gone: Vec<String>,
}

/// A sample.
#[derive(Debug)]
pub struct Sample {
    /// The folder's name.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// What `sample.yaml` says.
    pub description: Description,
}

impl Sample {
    fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("sample.yaml");
        let place = || file.display().to_string();
        let text = fs::read_to_string(&file).with_context(place)?;
        // Its enumerations are written as mappings of one key.
        let value: serde_json::Value = serde_yaml::from_str(&text).with_context(place)?;
        let description = serde_json::from_value(value).with_context(place)?;
        let folder = folder.canonicalize()?;
        let name = folder.file_name().and_then(|name| name.to_str()).with_context(place)?.to_owned();
        Ok(Self { name, folder, description })
    }

    /// Copies it to a folder that is made anew.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        namespace::remove_tree(target)?;
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let status =
            Command::new("cp").arg("-a").args([self.folder.as_path(), target]).status().context("cp")?;
        ensure!(status.success(), "{} could not be copied", self.folder.display());
        Ok(())
    }

    /// The text of its Dockerfile below `folder`, its own or a copy of it.
    pub fn dockerfile(&self, folder: &Path) -> Result<String> {
        let path = folder.join(&self.description.dockerfile);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// The options that a build of it takes, for the engine and for barehull.
    pub fn build_options(&self) -> Vec<String> {
        let Description { args, target, .. } = &self.description;
        let args =
            args.iter().flat_map(|(name, value)| ["--build-arg".to_owned(), format!("{name}={value}")]);
        args.chain(target.iter().flat_map(|target| ["--target".to_owned(), target.clone()])).collect()
    }
}

/// The samples of each folder: itself, if it is one, else those in it. By name.
pub fn find(folders: &[PathBuf]) -> Result<Vec<Sample>> {
    let mut found = Vec::new();
    for folder in folders {
        if folder.join("sample.yaml").exists() {
            found.push(Sample::read(folder)?);
            continue;
        }
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut inside: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        inside.retain(|path| path.join("sample.yaml").exists());
        if inside.is_empty() {
            bail!("{}: no sample.yaml in it or in a folder of it", folder.display());
        }
        inside.sort();
        for path in inside {
            found.push(Sample::read(&path)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_can_be_read() {
        let samples =
            find(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")]).expect("they are well formed");
        assert!(samples.len() > 20);
        let flask = samples.iter().find(|sample| sample.name == "python-flask").expect("it is one of them");
        assert!(matches!(&flask.description.smoke[0], Check::Http(Http { port: 5000, status: 200, .. })));
    }
}
