//! The runtime: crun, told what to run as Docker and the kubelet tell it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::account::Account;
use super::engine::Engine;
use super::network::Network;

/// Where the runtime's own notes on containers are, below the root of the engine.
const BUNDLES: &str = "tmp/bundles";

/// What a root process of a container may do unless it is said otherwise: the engine's own choice.
pub const CAPABILITIES: [&str; 11] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// A process in a container.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its words.
    pub args: Vec<String>,
    /// Variables, each once.
    pub env: Vec<(String, String)>,
    /// Where it starts.
    pub cwd: String,
    /// Whom it runs as.
    pub account: Account,
    /// What it may do if it is root.
    pub capabilities: Vec<String>,
    /// Whether no program may give it more rights.
    pub no_new_privileges: bool,
}

impl Process {
    /// Sets a variable, in place of one of that name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(old, _)| old != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }
}

/// A folder or file of the engine's machine at a place of the container.
#[derive(Clone, Debug)]
pub struct Mount {
    /// As this process sees it, in the folder that the command keeps.
    pub source: PathBuf,
    /// In the container.
    pub place: String,
    /// Whether nothing may be written there.
    pub is_read_only: bool,
}

/// What a container is made of.
#[derive(Debug)]
pub struct Bundle<'a> {
    engine: &'a Engine,
    id: String,
    folder: PathBuf,
}

/// The file system of a container.
#[derive(Debug)]
pub struct Files<'a> {
    /// Its root, as this process sees it.
    pub root: &'a Path,
    /// Whether nothing may be written outside of mounts.
    pub is_read_only: bool,
    /// What is mounted.
    pub mounts: &'a [Mount],
    /// The text of `/etc/hosts`.
    pub hosts: &'a str,
}

impl<'a> Bundle<'a> {
    /// Writes what the runtime reads; `id` is unlike that of any other container.
    pub fn write(engine: &'a Engine, id: &str, process: &Process, files: &Files<'_>) -> Result<Self> {
        let folder = engine.cache.join(BUNDLES).join(id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("hosts"), files.hosts)?;
        let bundle = Self { engine, id: id.to_owned(), folder };
        let config = json!({
            "ociVersion": "1.0.0",
            "root": { "path": engine.inside(files.root)?, "readonly": files.is_read_only },
            "hostname": id,
            "process": words(process),
            "mounts": bundle.mounts(files)?,
            "linux": {
                "namespaces": [{ "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" }],
            },
        });
        fs::write(bundle.folder.join("config.json"), config.to_string())?;
        Ok(bundle)
    }

    fn mounts(&self, files: &Files<'_>) -> Result<Vec<Value>> {
        let own = |place: &str, kind: &str, options: &[&str]| json!({ "destination": place, "type": kind, "source": kind, "options": options });
        let mut mounts = vec![
            own("/proc", "proc", &["nosuid", "noexec", "nodev"]),
            own("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
            own("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
            own("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        ];
        let hosts =
            Mount { source: self.folder.join("hosts"), place: "/etc/hosts".to_owned(), is_read_only: false };
        for Mount { source, place, is_read_only } in [&hosts].into_iter().chain(files.mounts) {
            let rights = if *is_read_only { "ro" } else { "rw" };
            mounts.push(json!({
                "destination": place,
                "type": "bind",
                "source": self.engine.inside(source)?,
                "options": ["rbind", rights],
            }));
        }
        Ok(mounts)
    }

    /// The command that runs it until it ends.
    pub fn run(&self, network: &Network) -> Result<Command> {
        let folder = self.engine.inside(&self.folder)?;
        let args = ["crun", CGROUPS, "run", "--bundle", &folder, &self.id];
        Ok(network.runtime_command(self.engine, &args))
    }

    /// Runs another process in it while it runs; an error if that fails.
    pub fn exec(&self, process: &Process) -> Result<()> {
        let file = self.folder.join("process.json");
        fs::write(&file, words(process).to_string())?;
        let args = ["crun", CGROUPS, "exec", "--process", &self.engine.inside(&file)?, &self.id];
        let output = self.engine.command(&[], &args).output().context("crun exec")?;
        ensure!(output.status.success(), "{} failed: {}", process.args.join(" "), self.engine.said(&output));
        Ok(())
    }
}

impl Drop for Bundle<'_> {
    fn drop(&mut self) {
        // What has ended by itself is gone already.
        let _ = self.engine.command(&[], &["crun", CGROUPS, "delete", "--force", &self.id]).output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The runtime has no control groups to itself everywhere.
const CGROUPS: &str = "--cgroup-manager=disabled";

fn words(process: &Process) -> Value {
    let Process { args, env, cwd, account, capabilities, no_new_privileges } = process;
    let env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    json!({
        "args": args,
        "env": env,
        "cwd": cwd,
        "user": { "uid": account.uid, "gid": account.gid, "additionalGids": account.groups },
        "noNewPrivileges": no_new_privileges,
        "capabilities": { "bounding": capabilities, "permitted": capabilities, "effective": capabilities },
    })
}
