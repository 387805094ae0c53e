//! Smoke checks against a started container.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use regex::{Regex, RegexBuilder};

use super::container::{Container, Running};
use super::engine::{Engine, tail};
use super::network::Network;
use super::sample::{Check, Exit, Http, Sample};

/// How long an answer may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a program may take that ends by itself.
const RUN_TIME: Duration = Duration::from_mins(1);

/// Starts the image of a sample, makes its checks and the image's own health check, and stops it. An error ends in
/// what the program said.
pub fn run(engine: &Engine, sample: &Sample, container: &Container, log: &std::path::Path) -> Result<()> {
    let start = &sample.description.start;
    let network = Network::open(engine, &sample.description.services)?;
    let mut running = container.start(start, network, log)?;
    let made = checks(engine, sample, container, &mut running);
    made.with_context(|| format!("it said:\n{}", engine.clients.redact(&tail(&running.said(), 25))))
}

fn checks(engine: &Engine, sample: &Sample, container: &Container, running: &mut Running) -> Result<()> {
    for check in &sample.description.smoke {
        match check {
            Check::Http(http) => request(engine, http, running)?,
            Check::Exit(exit) => return end(exit, running),
        }
    }
    if let Some(command) = container.config.health_command() {
        container
            .run_beside(running, &sample.description.start, &command)
            .context("the image's health check")?;
    }
    Ok(())
}

fn request(engine: &Engine, http: &Http, running: &mut Running) -> Result<()> {
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
fn ask(engine: &Engine, port: u16, path: &str, running: &Running) -> Result<Option<(u16, String)>> {
    let url = format!("http://127.0.0.1:{port}{path}");
    let args =
        ["curl", "--silent", "--noproxy", "*", "--max-time", "5", "--write-out", "\n%{http_code}", &url];
    let output = running.network.command(engine, &args).output().context("nsenter")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some((body, status)) = text.rsplit_once('\n') else { return Ok(None) };
    let answered = output.status.success() && status != "000";
    Ok(answered.then(|| status.parse().ok().map(|status| (status, body.to_owned()))).flatten())
}

fn end(exit: &Exit, running: &mut Running) -> Result<()> {
    let wanted = pattern(&exit.stdout).context("stdout")?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = running.child.try_wait()? {
            break status;
        }
        if started.elapsed() > RUN_TIME {
            bail!("the program did not end within {} s", RUN_TIME.as_secs());
        }
        sleep(Duration::from_millis(100));
    };
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
