//! Rewrites that are broken on purpose: the smoke check and `barehull verify` must see it.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use regex::Regex;

use super::container::Container;
use super::engine::Engine;
use super::sample::{Caught, Sample};
use super::smoke;
use super::verify;

/// Builds the sample; an error unless what is wrong with it is caught.
pub fn run(sample: &Sample, caught: &Caught, engine: &Engine, barehull: &Path) -> Result<()> {
    let work = engine.cache.join("work").join(format!("broken-{}", sample.name));
    sample.copy_to(&work)?;
    let inside = format!("/e2e/work/broken-{}", sample.name);
    let image = format!("localhost/broken:{}", sample.name);
    let log = engine.cache.join("logs").join(format!("broken-{}.log", sample.name));
    let dockerfile = format!("{inside}/{}", sample.description.dockerfile);
    engine.build(&dockerfile, &inside, &image, &sample.build_options(), &log)?;
    let container = Container::create(engine, &image)?;
    let found = verify::root(barehull, &container, &log.with_extension("config"))?;
    let smoke = smoke::run(engine, sample, &container, &log.with_extension("run"));
    drop(container);
    engine.buildah(&["rmi", &image])?;

    let Err(error) = smoke else { bail!("the smoke check passed") };
    let words = format!("{error:#}");
    ensure!(Regex::new(&caught.smoke)?.is_match(&words), "the smoke check failed otherwise: {words}");
    let Some(rule) = &caught.verify else { return Ok(()) };
    let is_found = found.iter().any(|finding| &finding.rule == rule);
    ensure!(is_found, "verify does not report {rule}, but: {}", verify::words(&found));
    fs::remove_dir_all(&work)?;
    Ok(())
}
