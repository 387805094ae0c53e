//! The build engine: buildah in a Debian root of its own, entered by chroot.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::RwLock;

use anyhow::{Context, Result, bail};

use super::machine::{self, Clients, Mirrors};
use super::namespace;

/// What the root holds beside the minimum: the engine, a client for smoke checks, and what brings up a loopback device.
const PACKAGES: &str = "buildah,ca-certificates,crun,curl,iproute2,netavark,skopeo";

/// The engine, ready to build and run.
#[derive(Debug)]
pub struct Engine {
    /// The folder that the command keeps; inside the root it is `/e2e`.
    pub cache: PathBuf,
    /// Settings of the package clients.
    pub clients: Clients,
    /// Where packages come from.
    pub mirrors: Mirrors,
    root: PathBuf,
    /// Held for reading by each build.
    builds: RwLock<()>,
}

/// What is built from a Dockerfile; paths are as the root sees them.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The Dockerfile.
    pub dockerfile: &'a str,
    /// The folder of its context.
    pub context: &'a str,
    /// The image's name.
    pub tag: &'a str,
    /// Options of the engine.
    pub options: &'a [String],
    /// Where what it says goes; of a failure the last lines are the error.
    pub log: &'a Path,
    /// Whether its steps are kept.
    pub steps: Steps,
}

/// What becomes of the steps of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// They make one layer, and are gone.
    Forgotten,
    /// Each makes a layer, as Docker has it, and a later build that has the same steps takes them from there.
    Kept,
}

impl Engine {
    /// Makes the root if it is not there yet, and mounts what it needs.
    pub fn start(cache: &Path) -> Result<Self> {
        let mirrors = Mirrors::of_this_machine()?;
        let clients = Clients::write(&cache.join("clients"), &mirrors)?;
        let root = cache.join("root");
        let engine = Self { cache: cache.to_owned(), clients, mirrors, root, builds: RwLock::new(()) };
        let made_with = engine.cache.join("root.packages");
        if fs::read_to_string(&made_with).ok().as_deref() != Some(PACKAGES) {
            namespace::remove_tree(&engine.root)?;
            let included = format!("--include={PACKAGES}");
            engine.bootstrap("trixie", &engine.root, &[included.as_str(), "--dpkgopt=force-unsafe-io"])?;
            fs::write(made_with, PACKAGES)?;
        }
        namespace::remove_tree(&cache.join("tmp"))?;
        fs::create_dir(cache.join("tmp"))?;
        namespace::mount_root(&engine.root, cache)?;
        engine.configure()?;
        Ok(engine)
    }

    /// Makes a minimal Debian at `target`: a folder, or an archive if it ends in `.tar`.
    pub fn bootstrap(&self, codename: &str, target: &Path, options: &[&str]) -> Result<()> {
        let mut command = Command::new("mmdebstrap");
        command.args(["--quiet", "--mode=root", "--variant=minbase", "--architectures=amd64"]).args(options);
        command.args(self.clients.download_settings()?.iter().map(|setting| format!("--aptopt={setting}")));
        command.arg(codename).arg(target).args(self.mirrors.sources(codename)).stdin(Stdio::null());
        let output = command.output().context("mmdebstrap")?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("mmdebstrap {codename} failed:\n{}", self.clients.redact(&tail(&words, 20)));
        }
        Ok(())
    }

    /// Settings of buildah: this machine's hard limits (its own defaults are refused), no registry, and a storage of
    /// overlays where the kernel can.
    fn configure(&self) -> Result<()> {
        let limits = fs::read_to_string("/proc/self/limits")?;
        let hard = |name: &str| -> String {
            let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            let value = line.split_whitespace().nth(1).unwrap_or("unlimited");
            value.replace("unlimited", "-1")
        };
        let (processes, files) = (hard("Max processes"), hard("Max open files"));
        let has_overlay =
            fs::read_to_string("/proc/filesystems")?.lines().any(|line| line.ends_with("\toverlay"));
        let driver = if has_overlay { "overlay" } else { "vfs" };
        let etc = self.root.join("etc/containers");
        fs::create_dir_all(&etc)?;
        let write = |name: &str, text: String| fs::write(etc.join(name), text);
        let limits = format!("\"nproc={processes}:{processes}\", \"nofile={files}:{files}\"");
        write("containers.conf", format!("[containers]\ndefault_ulimits = [{limits}]\n"))?;
        write("policy.json", "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}\n".to_owned())?;
        write("registries.conf", "unqualified-search-registries = [\"docker.io\"]\n".to_owned())?;
        let storage = format!(
            "driver = \"{driver}\"\ngraphroot = \"/e2e/storage-{driver}\"\nrunroot = \"/run/containers\"\n"
        );
        write("storage.conf", format!("[storage]\n{storage}"))?;
        for file in ["resolv.conf", "hosts"] {
            fs::write(
                self.root.join("etc").join(file),
                fs::read(Path::new("/etc").join(file)).unwrap_or_default(),
            )?;
        }
        Ok(())
    }

    /// A command inside the root, with nothing of this process's environment but its proxies. `before` is what
    /// starts it, `nsenter` for one.
    pub fn command(&self, before: &[&str], args: &[&str]) -> Command {
        let root = self.root.display().to_string();
        enter(&[before, &["chroot", &root]].concat(), args)
    }

    /// The same in a mount namespace whose very root is the engine's. A container that is started there can be entered
    /// by its namespaces alone.
    pub fn command_at_root(&self, before: &[&str], args: &[&str]) -> Command {
        let root = self.root.display().to_string();
        let change = "cd \"$0\" && pivot_root . mnt && umount --lazy /mnt && exec \"$@\"";
        enter(&[before, &["unshare", "--mount", "--", "sh", "-c", change, &root]].concat(), args)
    }

    /// Runs buildah and gives what it says on standard output.
    pub fn buildah(&self, args: &[&str]) -> Result<String> {
        let output = self.command(&[], &[&["buildah"], args].concat()).output().context("chroot")?;
        if !output.status.success() {
            bail!("buildah {} failed: {}", args[0], self.said(&output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Builds an image.
    pub fn build(&self, build: &Build<'_>) -> Result<()> {
        let Build { dockerfile, context, tag, options, log, steps } = *build;
        let _held = self.builds.read().expect("no build panics");
        // Of its own: buildah writes heredocs below it under their bare names.
        let name = log.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let temporary = self.cache.join("tmp").join(name);
        fs::create_dir_all(&temporary)?;
        let variable = format!("TMPDIR=/e2e/tmp/{name}");
        let mut args = vec![
            "env",
            &variable,
            "buildah",
            "bud",
            "--format",
            "docker",
            "--pull-never",
            if steps == Steps::Kept { "--layers=true" } else { "--layers=false" },
            "--network",
            "host",
        ];
        let volumes = Clients::volumes("/e2e/clients");
        args.extend(volumes.iter().flat_map(|volume| ["--volume", volume]));
        args.extend(options.iter().map(String::as_str));
        args.extend(["--file", dockerfile, "--tag", tag, context]);
        let mut failed = self.logged(&args, log)?;
        // Another job removed its images while the steps that are kept were searched.
        if failed.as_ref().is_some_and(|text| text.contains("layer not known")) {
            failed = self.logged(&args, log)?;
        }
        namespace::remove_tree(&temporary)?;
        if let Some(text) = failed {
            bail!("the build failed:\n{}", self.clients.redact(&tail(&text, 15)));
        }
        Ok(())
    }

    /// Runs a command, what it says goes to `log`; the text if it fails.
    fn logged(&self, args: &[&str], log: &Path) -> Result<Option<String>> {
        let file = File::create(log).with_context(|| log.display().to_string())?;
        let status =
            self.command(&[], args).stdout(file.try_clone()?).stderr(file).status().context("chroot")?;
        Ok(if status.success() { None } else { Some(fs::read_to_string(log)?) })
    }

    /// Removes the steps that builds have left behind; waits for those that go on, which may use them.
    pub fn forget_steps(&self) -> Result<()> {
        let _held = self.builds.write().expect("no build panics");
        self.buildah(&["rmi", "--prune"]).map(drop)
    }

    /// Writes an image to an archive as `docker save` does, for the caller to delete.
    pub fn save(&self, image: &str, name: &str) -> Result<PathBuf> {
        let file = format!("tmp/{name}.tar");
        self.buildah(&["push", "--quiet", image, &format!("docker-archive:/e2e/{file}")])?;
        Ok(self.cache.join(file))
    }

    /// A folder of the root as this process sees it.
    pub fn outside(&self, inside: &str) -> PathBuf {
        self.root.join(inside.trim_start_matches('/'))
    }

    /// A path of this process as the root sees it.
    pub fn inside(&self, path: &Path) -> Result<String> {
        let below = match path.strip_prefix(&self.root) {
            Ok(rest) => Path::new("/").join(rest),
            Err(_) => Path::new("/e2e").join(path.strip_prefix(&self.cache)?),
        };
        Ok(below.display().to_string())
    }

    /// What a failed command said, without what is private.
    pub fn said(&self, output: &Output) -> String {
        let words = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        self.clients.redact(&tail(&String::from_utf8_lossy(&words), 15))
    }
}

/// `words` enter the root and start a command there.
fn enter(words: &[&str], args: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["env", "-i"]);
    command.args(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]);
    command.args(["BUILDAH_ISOLATION=chroot", "TMPDIR=/e2e/tmp"]);
    command.args(machine::proxies().map(|(name, value)| format!("{name}={value}")));
    command.args(args).stdin(Stdio::null());
    command
}

/// The last lines of a text.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
