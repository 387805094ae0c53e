//! A container of an image: its file system, and the process that is started in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context, Result, anyhow, ensure};
use barehull_image::{Image, ImageConfig, OpenOptions};
use serde::Deserialize;

use super::engine::Engine;
use super::namespace;
use super::network::{self, Network};
use super::sample::Start;
use super::services::Service;

/// What an image says of its process.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Config {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    /// The user, empty for root.
    pub user: String,
    /// The health check.
    healthcheck: Option<HealthCheck>,
    shell: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HealthCheck {
    test: Option<Vec<String>>,
}

impl Config {
    /// The words of the health check's command.
    pub fn health_command(&self) -> Option<Vec<String>> {
        let test = self.healthcheck.as_ref()?.test.as_ref()?;
        let (kind, words) = test.split_first()?;
        match kind.as_str() {
            "CMD" => Some(words.to_vec()),
            "CMD-SHELL" => {
                let shell = self.shell.clone().unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
                Some([&shell, words].concat())
            }
            _ => None,
        }
    }

    fn command(&self, start: &Start) -> Vec<String> {
        let entrypoint = self.entrypoint.clone().unwrap_or_default();
        let arguments = start.args.clone().or_else(|| self.cmd.clone()).unwrap_or_default();
        [entrypoint, arguments].concat()
    }
}

/// A container; gone with this value.
#[derive(Debug)]
pub struct Container<'a> {
    engine: &'a Engine,
    id: String,
    /// Its root file system.
    pub root: PathBuf,
    /// What its image says.
    pub config: Config,
    /// The image's configuration in the form of the OCI.
    oci_config: String,
    volumes: PathBuf,
}

impl<'a> Container<'a> {
    /// A new container of the image, which knows the services by their names.
    pub fn create(engine: &'a Engine, image: &str, services: &[Service]) -> Result<Self> {
        let hosts = network::host_options(services);
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let id = engine.buildah(&[&["from", "--pull-never"], hosts.as_slice(), &[image]].concat())?;
        let volumes = engine.cache.join("volumes").join(&id);
        let mut container = Self {
            engine,
            id,
            root: PathBuf::new(),
            config: Config::default(),
            oci_config: String::new(),
            volumes,
        };
        container.root = engine.outside(&engine.buildah(&["mount", &container.id])?);
        let text = engine.buildah(&["inspect", "--type", "container", &container.id])?;
        let value: serde_json::Value = serde_json::from_str(&text).context("buildah inspect")?;
        container.config =
            serde_json::from_value(value["Docker"]["config"].clone()).context("buildah inspect")?;
        container.oci_config = value["OCIv1"].to_string();
        Ok(container)
    }

    /// Its files and configuration, as barehull reads them.
    pub fn image(&self) -> Result<Image> {
        let config = ImageConfig::from_json(self.oci_config.as_bytes()).map_err(|error| anyhow!(error))?;
        let options = OpenOptions { config: Some(config), ..OpenOptions::default() };
        Image::open(&self.root, &options).with_context(|| self.root.display().to_string())
    }

    /// Its configuration in the form of the OCI, as JSON.
    pub fn oci_config(&self) -> &str {
        &self.oci_config
    }

    /// Starts its process, as its user, in a network where nothing but the loopback device is up.
    pub fn start(&self, start: &Start, network: Network, log: &Path) -> Result<Running> {
        let mut args = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"].to_vec();
        let run = self.run_words(start, &self.config.command(start))?;
        args.extend(run.iter().map(String::as_str));
        Running::start(network.command(self.engine, &args), network, log)
    }

    /// Runs a command beside the running process, in its network, as the image's user; an error if it fails.
    pub fn run_beside(&self, running: &Running, start: &Start, command: &[String]) -> Result<()> {
        let words = self.run_words(start, command)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = running.network.command(self.engine, &words).output().context("nsenter")?;
        ensure!(output.status.success(), "{} failed: {}", command.join(" "), self.engine.said(&output));
        Ok(())
    }

    fn run_words(&self, start: &Start, command: &[String]) -> Result<Vec<String>> {
        let mut words: Vec<String> = ["buildah", "run", "--network", "host"].map(str::to_owned).to_vec();
        words.extend(
            start.env.iter().flat_map(|(name, value)| ["--env".to_owned(), format!("{name}={value}")]),
        );
        for (at, place) in start.volumes.iter().enumerate() {
            let source = self.volume(at, place)?;
            let inside = Path::new("/e2e").join(source.strip_prefix(&self.engine.cache)?);
            words.extend(["--volume".to_owned(), format!("{}:{place}", inside.display())]);
        }
        words.extend([self.id.clone(), "--".to_owned()]);
        words.extend_from_slice(command);
        Ok(words)
    }

    /// A new volume, as Docker fills one: with what the image has at the place, and its owner. Where the image has
    /// nothing there, it belongs to the image's user, as an orchestrator arranges.
    fn volume(&self, at: usize, place: &str) -> Result<PathBuf> {
        let folder = self.volumes.join(at.to_string());
        if folder.exists() {
            return Ok(folder);
        }
        fs::create_dir_all(&self.volumes)?;
        let in_image = self.root.join(place.trim_start_matches('/'));
        if in_image.is_dir() {
            let status = Command::new("cp").arg("-a").args([&in_image, &folder]).status()?;
            ensure!(status.success(), "{place} could not be copied into a volume");
        } else {
            fs::create_dir(&folder)?;
            let user = self.user_id();
            std::os::unix::fs::chown(&folder, Some(user), Some(user))?;
        }
        Ok(folder)
    }

    /// The number of the image's user.
    fn user_id(&self) -> u32 {
        let name = self.config.user.split(':').next().unwrap_or_default();
        let passwd = fs::read_to_string(self.root.join("etc/passwd")).unwrap_or_default();
        let in_passwd = passwd
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.split(':').nth(1)?.parse().ok());
        name.parse().ok().or(in_passwd).unwrap_or(0)
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // What is left over goes with the storage's next start; there is nobody to tell.
        let _ = self.engine.buildah(&["umount", &self.id]);
        let _ = self.engine.buildah(&["rm", &self.id]);
        let _ = namespace::remove_tree(&self.volumes);
    }
}

/// A started process; killed with this value.
#[derive(Debug)]
pub struct Running {
    /// The process that holds the others.
    pub child: Child,
    /// Its network.
    pub network: Network,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    /// Starts it in its network; what it says goes to files beside `log`.
    pub fn start(mut command: Command, network: Network, log: &Path) -> Result<Self> {
        let (stdout, stderr) = (log.with_extension("out"), log.with_extension("err"));
        let streams = (File::create(&stdout)?, File::create(&stderr)?);
        let child = command.stdout(streams.0).stderr(streams.1).spawn().context("nsenter")?;
        Ok(Self { child, network, stdout, stderr })
    }

    /// What it wrote to standard output so far.
    pub fn stdout(&self) -> String {
        fs::read(&self.stdout).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// All it wrote so far.
    pub fn said(&self) -> String {
        let errors = fs::read(&self.stderr).unwrap_or_default();
        format!("{}{}", self.stdout(), String::from_utf8_lossy(&errors))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
