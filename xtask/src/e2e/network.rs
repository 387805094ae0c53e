//! The network of what is started together: the loopback device, and services beside it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::engine::Engine;
use super::services::{self, Service, Started};

/// A second address, as a pod has one: what listens at 127.0.0.1 alone is not reached there.
pub const POD_ADDRESS: &str = "192.0.2.10";

/// A network namespace; gone with this value.
#[derive(Debug)]
pub struct Network {
    holder: Child,
    services: Vec<Started>,
}

impl Network {
    /// Makes it and starts the services.
    pub fn open(engine: &Engine, services: &[Service]) -> Result<Self> {
        // Docker lets any user of a container listen at any port, from 20.10 on.
        let ports = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        let setup = format!(
            "ip link set lo up && ip address add {POD_ADDRESS}/32 dev lo && echo 0 > {ports} && echo ready && \
             exec sleep infinity"
        );
        let mut command = engine.command(&[], &["unshare", "--net", "--", "sh", "-c", &setup]);
        let holder = command.stdout(Stdio::piped()).spawn().context("unshare")?;
        let mut network = Self { holder, services: Vec::new() };
        let mut line = String::new();
        let said = network.holder.stdout.take().context("a pipe")?;
        BufReader::new(said).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "no network could be made");
        for (at, service) in services.iter().enumerate() {
            let mut enter = Command::new("nsenter");
            enter.args([network.option().as_str(), "--"]);
            network.services.push(service.start(at, enter)?);
        }
        Ok(network)
    }

    /// A command of the engine's root in this network.
    pub fn command(&self, engine: &Engine, args: &[&str]) -> Command {
        engine.command(&["nsenter", &self.option(), "--"], args)
    }

    /// The same for the container runtime; see [`Engine::command_at_root`].
    pub fn runtime_command(&self, engine: &Engine, args: &[&str]) -> Command {
        engine.command_at_root(&["nsenter", &self.option(), "--"], args)
    }

    fn option(&self) -> String {
        format!("--net=/proc/{}/ns/net", self.holder.id())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// The text of a container's `/etc/hosts`, which knows the services.
pub fn hosts(services: &[Service]) -> String {
    let names = services.iter().enumerate();
    let lines = names.map(|(at, service)| format!("{}\t{}\n", services::address(at), service.host));
    format!("127.0.0.1\tlocalhost\n{}", lines.collect::<String>())
}
