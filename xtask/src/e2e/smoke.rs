//! Smoke checks against a started container.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use regex::{Regex, RegexBuilder};

use super::container::{Container, Mounted, Running};
use super::engine::{Engine, tail};
use super::namespace;
use super::network::{self, Network};
use super::sample::{Check, Description, Exit, Http, Sample};

/// How long an answer may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a program may take that ends by itself.
const RUN_TIME: Duration = Duration::from_mins(1);

/// Starts the image of a sample, makes its checks and the image's own health check, and stops it. An error ends in
/// what the program said.
pub fn run(engine: &Engine, sample: &Sample, container: &Container, log: &Path) -> Result<()> {
    let Description { start, services, smoke, .. } = &sample.description;
    let mut process = container.process()?;
    if let Some(args) = &start.args {
        process.args = [container.config.entrypoint.clone().unwrap_or_default(), args.clone()].concat();
    }
    for (name, value) in &start.env {
        process.set(name, value);
    }
    let folder = engine.cache.join("volumes").join(log.file_stem().context("a log")?);
    namespace::remove_tree(&folder)?;
    let mounts = container.volumes(&start.volumes, &[], &folder)?;
    let network = Network::open(engine, services)?;
    let files = Mounted { mounts: &mounts, is_read_only: false, hosts: &network::hosts(services) };
    let mut running = container.start(process, &files, &network, log)?;
    let made = checks(engine, smoke, &mut running).and_then(|()| health(container, smoke, &running));
    let made =
        made.with_context(|| format!("it said:\n{}", engine.clients.redact(&tail(&running.said(), 25))));
    drop(running);
    namespace::remove_tree(&folder)?;
    made
}

/// Makes the checks of a running process.
pub fn checks(engine: &Engine, checks: &[Check], running: &mut Running<'_>) -> Result<()> {
    for check in checks {
        match check {
            Check::Http(http) => request(engine, http, running)?,
            Check::Exit(exit) => end(exit, running)?,
        }
    }
    Ok(())
}

/// The image's own health check, of what goes on running.
fn health(container: &Container, checks: &[Check], running: &Running<'_>) -> Result<()> {
    if checks.iter().any(|check| matches!(check, Check::Exit(_))) {
        return Ok(());
    }
    container
        .config
        .health_command()
        .map_or(Ok(()), |command| running.exec(&command).context("the image's health check"))
}

fn request(engine: &Engine, http: &Http, running: &mut Running<'_>) -> Result<()> {
    let Http { port, path, status, body } = http;
    let wanted = pattern(body).context("body")?;
    let started = Instant::now();
    loop {
        let answer = ask(engine, *port, path, running)?;
        if matches!(&answer, Some((got, text)) if got == status && wanted.is_match(text)) {
            return Ok(());
        }
        if let Some(ended) = running.child.try_wait()? {
            bail!("{path} was not answered: the program ended with {ended}");
        }
        if started.elapsed() > PATIENCE {
            match answer {
                Some((got, text)) => bail!("{path} was answered with {got}: {}", tail(&text, 5)),
                None => bail!("{path} was not answered within {} s", PATIENCE.as_secs()),
            }
        }
        sleep(Duration::from_millis(200));
    }
}

/// The status and the body of an answer, if one comes.
fn ask(engine: &Engine, port: u16, path: &str, running: &Running<'_>) -> Result<Option<(u16, String)>> {
    let url = format!("http://127.0.0.1:{port}{path}");
    let args =
        ["curl", "--silent", "--noproxy", "*", "--max-time", "5", "--write-out", "\n%{http_code}", &url];
    let output = running.network.command(engine, &args).output().context("nsenter")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some((body, status)) = text.rsplit_once('\n') else { return Ok(None) };
    let answered = output.status.success() && status != "000";
    Ok(answered.then(|| status.parse().ok().map(|status| (status, body.to_owned()))).flatten())
}

fn end(exit: &Exit, running: &mut Running<'_>) -> Result<()> {
    let wanted = pattern(&exit.stdout).context("stdout")?;
    let status = running.wait(RUN_TIME)?;
    if status.code() != Some(exit.code) {
        bail!("the program ended with {status}, not {}", exit.code);
    }
    if !wanted.is_match(&running.stdout()) {
        bail!("standard output does not match {wanted}");
    }
    Ok(())
}

/// Searched line by line.
fn pattern(text: &str) -> Result<Regex> {
    RegexBuilder::new(text).multi_line(true).build().with_context(|| text.to_owned())
}
