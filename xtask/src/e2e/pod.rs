//! A pod without a cluster: its init containers one after the other, then the sample's container, over the same
//! volumes, with the variables, users and rights that its manifest says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use regex::RegexBuilder;

use super::account::Account;
use super::bases::Bases;
use super::container::{Container, Mounted, Running};
use super::engine::{Engine, tail};
use super::manifest::{
    FieldPath, Key, Manifest, PodContainer, PodSpec, Port, Probe, Source, Variable, Variables, Workload,
};
use super::namespace;
use super::network::{self, Network, POD_ADDRESS};
use super::runtime::{CAPABILITIES, Process};
use super::sample::{InPod, Sample};
use super::smoke;
use super::volumes::Volumes;

/// How long an init container may take.
const INIT_TIME: Duration = Duration::from_mins(1);

/// How long a probe may fail at first.
const PROBE_TIME: Duration = Duration::from_secs(20);

/// A pod that is to be run.
#[derive(Debug)]
struct Pod<'a> {
    engine: &'a Engine,
    sample: &'a Sample,
    manifest: Manifest,
    chosen: &'a InPod,
}

/// The stand-ins for the images of a sample's pods that are not its own; `folder` holds it or a copy of it.
pub fn foreign_bases(sample: &Sample, folder: &Path, bases: &Bases) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    for in_pod in &sample.description.pods {
        let manifest = Manifest::read(&folder.join(&in_pod.manifest))?;
        let spec = &manifest.workload(in_pod.workload.as_deref())?.spec;
        let own = &own(spec, in_pod)?.image;
        for init in spec.init_containers.iter().filter(|init| init.image != *own) {
            let at = bases.of_pod(&init.image);
            found.push(at.with_context(|| format!("{} has no stand-in", init.image))?);
        }
    }
    Ok(found)
}

/// Runs all pods of a sample, one after the other, with `image` as its own; see [`Pod::run`].
pub fn run_all(
    engine: &Engine,
    sample: &Sample,
    folder: &Path,
    image: &str,
    bases: &Bases,
    log: &Path,
) -> Result<()> {
    for in_pod in &sample.description.pods {
        let manifest = Manifest::read(&folder.join(&in_pod.manifest))?;
        let result = Pod { engine, sample, manifest, chosen: in_pod }.run(image, bases, log);
        let Some(fails) = &in_pod.fails else {
            result?;
            continue;
        };
        let error = result.err().with_context(|| format!("{} went well", in_pod.manifest))?;
        let words = format!("{error:#}");
        let is_it = RegexBuilder::new(fails).dot_matches_new_line(true).build()?.is_match(&words);
        ensure!(is_it, "{} failed otherwise: {words}", in_pod.manifest);
    }
    Ok(())
}

/// The sample's own container.
fn own<'s>(spec: &'s PodSpec, in_pod: &InPod) -> Result<&'s PodContainer> {
    match (&in_pod.container, spec.containers.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => bail!("several containers: sample.yaml names none of them"),
        (Some(name), all) => all
            .iter()
            .find(|container| container.name == *name)
            .with_context(|| format!("no container {name}")),
    }
}

impl Pod<'_> {
    fn workload(&self) -> Result<&Workload> {
        self.manifest.workload(self.chosen.workload.as_deref())
    }

    /// Runs it with `image` as the sample's, makes the checks, and asks its probes. `log` names the files that hear
    /// what is said.
    fn run(&self, image: &str, bases: &Bases, log: &Path) -> Result<()> {
        let workload = self.workload()?;
        let folder = self.engine.cache.join("volumes").join(log.file_stem().context("a log")?);
        namespace::remove_tree(&folder)?;
        let result = self.run_in(workload, image, bases, &folder, log);
        namespace::remove_tree(&folder)?;
        result.with_context(|| workload.in_words())
    }

    fn run_in(
        &self,
        workload: &Workload,
        image: &str,
        bases: &Bases,
        folder: &Path,
        log: &Path,
    ) -> Result<()> {
        let spec = &workload.spec;
        let volumes = Volumes::make(spec, &self.manifest, &folder.join("pod"))?;
        let own = own(spec, self.chosen)?;
        let services = &self.sample.description.services;
        let network = Network::open(self.engine, services)?;
        let stage = Stage {
            pod: self,
            workload,
            volumes: &volumes,
            network: &network,
            hosts: &network::hosts(services),
            folder,
        };
        for init in &spec.init_containers {
            let stand_in = if init.image == own.image {
                image
            } else {
                let at = bases.of_pod(&init.image);
                &bases.all[at.with_context(|| format!("{} has no stand-in", init.image))?].name
            };
            let name = format!("the init container {}", init.name);
            stage
                .start(init, stand_in, &log.with_extension(&init.name), |running, _| {
                    let status = running.wait(INIT_TIME)?;
                    ensure!(status.success(), "it ended with {status}");
                    Ok(())
                })
                .context(name)?;
        }
        let checks = self.chosen.smoke.as_ref().unwrap_or(&self.sample.description.smoke);
        stage
            .start(own, image, log, |running, container| {
                smoke::checks(self.engine, checks, running)?;
                for (kind, probe) in probes(container) {
                    ask(self.engine, container, probe, running).with_context(|| format!("the {kind}"))?;
                }
                Ok(())
            })
            .with_context(|| format!("the container {}", own.name))
    }
}

/// What the containers of one pod share.
struct Stage<'a> {
    pod: &'a Pod<'a>,
    workload: &'a Workload,
    volumes: &'a Volumes,
    network: &'a Network,
    hosts: &'a str,
    folder: &'a Path,
}

impl Stage<'_> {
    /// Starts a container and has `meet` look at it while it runs. An error ends in what the container said.
    fn start(
        &self,
        container: &PodContainer,
        image: &str,
        log: &Path,
        meet: impl FnOnce(&mut Running<'_>, &PodContainer) -> Result<()>,
    ) -> Result<()> {
        let engine = self.pod.engine;
        let created = Container::create(engine, image)?;
        let mut mounts = self.volumes.mounts(container)?;
        let own: PathBuf = self.folder.join(format!("image-{}", container.name));
        mounts.extend(created.volumes(&[], &mounts, &own)?);
        let process = process(self.workload, container, &self.pod.manifest, &created)?;
        let security = &container.security_context;
        let files =
            Mounted { mounts: &mounts, is_read_only: security.read_only_root_filesystem, hosts: self.hosts };
        let mut running = created.start(process, &files, self.network, log)?;
        let met = meet(&mut running, container);
        met.with_context(|| format!("it said:\n{}", engine.clients.redact(&tail(&running.said(), 25))))
    }
}

/// The process of a container, as the kubelet has it started.
fn process(
    workload: &Workload,
    container: &PodContainer,
    manifest: &Manifest,
    created: &Container,
) -> Result<Process> {
    let mut process = created.process()?;
    process.set("HOSTNAME", &workload.pod_name);
    for (name, value) in variables(workload, container, manifest)? {
        process.set(&name, &value);
    }
    // A command stands for ENTRYPOINT and CMD, arguments alone for CMD.
    let entrypoint = || created.config.entrypoint.clone().unwrap_or_default();
    let words = match (&container.command, &container.args) {
        (Some(command), args) => Some([command.clone(), args.clone().unwrap_or_default()].concat()),
        (None, Some(args)) => Some([entrypoint(), args.clone()].concat()),
        (None, None) => None,
    };
    if let Some(words) = words {
        let known: BTreeMap<&str, &str> = process.env.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let from_image = if container.command.is_none() { entrypoint().len() } else { 0 };
        let expanded = words.iter().enumerate();
        process.args = expanded
            .map(|(at, word)| if at < from_image { word.clone() } else { expand(word, &known) })
            .collect();
    }
    ensure!(!process.args.is_empty(), "nothing is started");
    if let Some(folder) = &container.working_dir {
        process.cwd.clone_from(folder);
    }
    rights(&mut process, &workload.spec, container, created)?;
    Ok(process)
}

/// Users, groups and capabilities.
fn rights(
    process: &mut Process,
    spec: &PodSpec,
    container: &PodContainer,
    created: &Container,
) -> Result<()> {
    let (pod, own) = (&spec.security_context, &container.security_context);
    let user = own.run_as_user.or(pod.run_as_user);
    if let Some(uid) = user {
        process.account = Account::of(&created.root, &uid.to_string())?;
    }
    if let Some(gid) = own.run_as_group.or(pod.run_as_group) {
        process.account.gid = gid;
    }
    if own.run_as_non_root.or(pod.run_as_non_root) == Some(true) {
        let name = created.config.user.split(':').next().unwrap_or_default();
        ensure!(
            user.is_some() || name.is_empty() || name.parse::<u32>().is_ok(),
            "runAsNonRoot, but the image's user {name} is no number: the kubelet refuses it"
        );
        ensure!(process.account.uid != 0, "runAsNonRoot, but it would run as root: the kubelet refuses it");
    }
    process.account.groups.extend(pod.fs_group.iter().chain(&pod.supplemental_groups));
    process.no_new_privileges = own.allow_privilege_escalation == Some(false);
    process.capabilities = capabilities(&own.capabilities.add, &own.capabilities.drop);
    Ok(())
}

fn capabilities(add: &[String], drop: &[String]) -> Vec<String> {
    let in_full = |name: &String| format!("CAP_{}", name.trim_start_matches("CAP_"));
    let (add, drop): (Vec<String>, Vec<String>) =
        (add.iter().map(in_full).collect(), drop.iter().map(in_full).collect());
    let usual = CAPABILITIES.map(str::to_owned).into_iter();
    let mut left: Vec<String> =
        usual.filter(|name| !drop.contains(name) && !drop.iter().any(|name| name == "CAP_ALL")).collect();
    left.extend(add);
    left.sort();
    left.dedup();
    left
}

/// `envFrom` and `env`, in the order in which they count.
fn variables(
    workload: &Workload,
    container: &PodContainer,
    manifest: &Manifest,
) -> Result<Vec<(String, String)>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for Variables { prefix, config_map_ref, secret_ref } in &container.env_from {
        for (kind, object) in [("ConfigMap", config_map_ref), ("Secret", secret_ref)] {
            let Some(object) = object else { continue };
            let entries = manifest.entries(kind, &object.name, object.optional)?;
            for (key, text) in entries.into_iter().flatten() {
                found.push((format!("{prefix}{key}"), String::from_utf8_lossy(text).into_owned()));
            }
        }
    }
    for Variable { name, value, value_from } in &container.env {
        let value = match (value, value_from) {
            (Some(value), None) => {
                let known = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                Some(expand(value, &known))
            }
            (None, Some(source)) => read(workload, source, manifest).with_context(|| name.clone())?,
            (None, None) => Some(String::new()),
            (Some(_), Some(_)) => bail!("{name} has both value and valueFrom"),
        };
        found.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(found)
}

fn read(workload: &Workload, source: &Source, manifest: &Manifest) -> Result<Option<String>> {
    let of = |kind: &'static str, Key { name, key, optional }: &Key| {
        let entries = manifest.entries(kind, name, *optional)?;
        let text = entries.and_then(|entries| entries.get(key));
        ensure!(text.is_some() || *optional, "{kind} {name} has no entry {key}");
        Ok(text.map(|text| String::from_utf8_lossy(text).into_owned()))
    };
    match (&source.config_map_key_ref, &source.secret_key_ref, &source.field_ref) {
        (Some(key), None, None) => of("ConfigMap", key),
        (None, Some(key), None) => of("Secret", key),
        (None, None, Some(FieldPath { field_path })) => match field_path.as_str() {
            "metadata.name" => Ok(Some(workload.pod_name.clone())),
            "metadata.namespace" => Ok(Some("default".to_owned())),
            "status.podIP" => Ok(Some(POD_ADDRESS.to_owned())),
            other => {
                let label = other.strip_prefix("metadata.labels['").and_then(|rest| rest.strip_suffix("']"));
                let label = label.and_then(|label| workload.labels.get(label));
                label.cloned().map(Some).with_context(|| format!("fieldRef {other} is not run here"))
            }
        },
        _ => bail!("valueFrom is not run here"),
    }
}

/// `$(NAME)` is the value of a variable that is known, `$$` one dollar, anything else itself.
fn expand(text: &str, known: &BTreeMap<&str, &str>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let named = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        rest = match named {
            _ if after.starts_with('$') => {
                expanded.push('$');
                &after[1..]
            }
            Some((name, behind)) if known.contains_key(name) => {
                expanded.push_str(known[name]);
                behind
            }
            _ => {
                expanded.push('$');
                after
            }
        };
    }
    expanded + rest
}

fn probes(container: &PodContainer) -> impl Iterator<Item = (&'static str, &Probe)> {
    let all = [
        ("startupProbe", &container.startup_probe),
        ("readinessProbe", &container.readiness_probe),
        ("livenessProbe", &container.liveness_probe),
    ];
    all.into_iter().filter_map(|(kind, probe)| Some((kind, probe.as_ref()?)))
}

/// Makes a probe as the kubelet does: a command inside, or a request to the pod's own address.
fn ask(engine: &Engine, container: &PodContainer, probe: &Probe, running: &Running<'_>) -> Result<()> {
    let started = std::time::Instant::now();
    loop {
        let made = ask_once(engine, container, probe, running);
        if made.is_ok() || started.elapsed() > PROBE_TIME {
            return made;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn ask_once(engine: &Engine, container: &PodContainer, probe: &Probe, running: &Running<'_>) -> Result<()> {
    match (&probe.exec, &probe.http_get, &probe.tcp_socket) {
        (Some(exec), None, None) => running.exec(&exec.command),
        (None, Some(get), None) => {
            let url = format!("http://{POD_ADDRESS}:{}{}", number(container, &get.port)?, get.path);
            let headers: Vec<String> =
                get.http_headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect();
            let mut args =
                vec!["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--max-time", "5"];
            args.extend(headers.iter().flat_map(|header| ["--header", header]));
            args.extend(["--user-agent", "kube-probe/1.34", "--output", "/dev/null", &url]);
            let output = running.network.command(engine, &args).output().context("nsenter")?;
            ensure!(output.status.success(), "{url}: {}", engine.said(&output));
            Ok(())
        }
        (None, None, Some(socket)) => {
            let path = format!("</dev/tcp/{POD_ADDRESS}/{}", number(container, &socket.port)?);
            let output =
                running.network.command(engine, &["bash", "-c", &path]).output().context("nsenter")?;
            ensure!(output.status.success(), "{path}: {}", engine.said(&output));
            Ok(())
        }
        _ => bail!("a probe is one of exec, httpGet and tcpSocket"),
    }
}

fn number(container: &PodContainer, port: &Port) -> Result<u16> {
    match port {
        Port::Number(number) => Ok(*number),
        Port::Name(name) => {
            let found = container.ports.iter().find(|port| port.name.as_ref() == Some(name));
            Ok(found.with_context(|| format!("no port {name}"))?.container_port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_words() {
        let known = BTreeMap::from([("A", "1"), ("B", "two")]);
        let of = |text| expand(text, &known);
        assert_eq!(of("$(A)-$(B)"), "1-two");
        assert_eq!(of("$A ${A} $(C) $$(A) $"), "$A ${A} $(C) $(A) $");
        assert_eq!(of("$(A"), "$(A");
    }

    #[test]
    fn capabilities_are_dropped_before_they_are_added() {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(capabilities(&[], &words(&["ALL"])), [""; 0]);
        let one = words(&["NET_BIND_SERVICE"]);
        assert_eq!(capabilities(&one, &words(&["ALL"])), ["CAP_NET_BIND_SERVICE"]);
        assert!(!capabilities(&[], &words(&["CHOWN"])).contains(&"CAP_CHOWN".to_owned()));
        assert_eq!(capabilities(&one, &[]).len(), CAPABILITIES.len());
    }
}
