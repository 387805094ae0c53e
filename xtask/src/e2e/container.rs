//! A container of an image: its file system, and the process that is started in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use barehull_image::{Image, ImageConfig, OpenOptions};
use serde::Deserialize;

use super::account::Account;
use super::engine::Engine;
use super::network::Network;
use super::runtime::{Bundle, CAPABILITIES, Files, Mount, Process};

/// What an image says of its process.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Config {
    /// Words before the others.
    pub entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    /// The user, empty for root.
    pub user: String,
    /// The health check.
    healthcheck: Option<HealthCheck>,
    shell: Option<Vec<String>>,
    env: Option<Vec<String>>,
    working_dir: String,
    volumes: Option<BTreeMap<String, serde_json::Value>>,
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
}

/// The search path of an image that names none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
}

impl<'a> Container<'a> {
    /// A new container of the image.
    pub fn create(engine: &'a Engine, image: &str) -> Result<Self> {
        let id = engine.buildah(&["from", "--pull-never", image])?;
        let (root, config, oci_config) = (PathBuf::new(), Config::default(), String::new());
        let mut container = Self { engine, id, root, config, oci_config };
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

    /// The process that its image says, as Docker starts it.
    pub fn process(&self) -> Result<Process> {
        let Config { entrypoint, cmd, env, working_dir, user, .. } = &self.config;
        let mut process = Process {
            args: [entrypoint.clone().unwrap_or_default(), cmd.clone().unwrap_or_default()].concat(),
            env: vec![("PATH".to_owned(), PATH.to_owned()), ("HOSTNAME".to_owned(), self.id.clone())],
            cwd: if working_dir.is_empty() { "/".to_owned() } else { working_dir.clone() },
            account: Account::of(&self.root, user)?,
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            no_new_privileges: false,
        };
        for variable in env.iter().flatten() {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            process.set(name, value);
        }
        Ok(process)
    }

    /// Volumes at `places` and at those that the image names, as Docker fills them: with what the image has there, and
    /// its owner. Where it has nothing, a volume belongs to the image's user, as an orchestrator arranges. `folder` is
    /// where they are kept, `taken` has something mounted already.
    pub fn volumes(&self, places: &[String], taken: &[Mount], folder: &Path) -> Result<Vec<Mount>> {
        let named = self.config.volumes.iter().flatten().map(|(place, _)| place);
        let mut mounts: Vec<Mount> = Vec::new();
        for place in places.iter().chain(named) {
            if taken.iter().chain(&mounts).any(|mount| mount.place == *place) {
                continue;
            }
            let source = folder.join(mounts.len().to_string());
            fs::create_dir_all(folder)?;
            let in_image = self.root.join(place.trim_start_matches('/'));
            if in_image.is_dir() {
                let status = Command::new("cp").arg("-a").args([&in_image, &source]).status()?;
                ensure!(status.success(), "{place} could not be copied into a volume");
            } else {
                fs::create_dir(&source)?;
                let uid = Account::of(&self.root, &self.config.user)?.uid;
                std::os::unix::fs::chown(&source, Some(uid), Some(uid))?;
            }
            mounts.push(Mount { source, place: place.clone(), is_read_only: false });
        }
        Ok(mounts)
    }

    /// Starts a process in it, in a network; what it says goes to files beside `log`.
    pub fn start<'r>(
        &'r self,
        process: Process,
        files: &Mounted<'_>,
        network: &'r Network,
        log: &Path,
    ) -> Result<Running<'r>> {
        let Mounted { mounts, is_read_only, hosts } = *files;
        let files = Files { root: &self.root, is_read_only, mounts, hosts };
        let bundle = Bundle::write(self.engine, &self.id, &process, &files)?;
        let (stdout, stderr) = (log.with_extension("out"), log.with_extension("err"));
        let mut command = bundle.run(network)?;
        let child = command
            .stdout(File::create(&stdout)?)
            .stderr(File::create(&stderr)?)
            .spawn()
            .context("nsenter")?;
        Ok(Running { child, process, network, bundle, stdout, stderr })
    }
}

/// What a container has beside its image.
#[derive(Clone, Copy, Debug)]
pub struct Mounted<'a> {
    /// Volumes.
    pub mounts: &'a [Mount],
    /// Whether nothing may be written outside of them.
    pub is_read_only: bool,
    /// The text of `/etc/hosts`.
    pub hosts: &'a str,
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        // What is left over goes with the storage's next start; there is nobody to tell.
        let _ = self.engine.buildah(&["rm", &self.id]);
    }
}

/// A started process; killed with this value.
#[derive(Debug)]
pub struct Running<'a> {
    /// The runtime, which ends as the process does.
    pub child: Child,
    /// What was started.
    pub process: Process,
    /// Where.
    pub network: &'a Network,
    bundle: Bundle<'a>,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running<'_> {
    /// Runs a command beside the process, as its user and with its variables; an error if it fails.
    pub fn exec(&self, command: &[String]) -> Result<()> {
        self.bundle.exec(&Process { args: command.to_vec(), ..self.process.clone() })
    }

    /// Waits for its end, but not for ever.
    pub fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > patience {
                bail!("the program did not end within {} s", patience.as_secs());
            }
            sleep(Duration::from_millis(50));
        }
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

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // The process itself ends with the bundle.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
