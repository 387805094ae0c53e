//! What is broken on purpose. Rewrites: the smoke check must see it, and `barehull verify` where an image's files can
//! tell. Manifests: the pod must not run.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use regex::Regex;

use super::bases::Bases;
use super::container::Container;
use super::engine::{Build, Engine, Steps};
use super::pod;
use super::sample::{Caught, Sample};
use super::smoke;
use super::verdict::Verdict;

/// Builds the sample; an error unless what is wrong with it is caught.
pub fn run(sample: &Sample, caught: &Caught, engine: &Engine) -> Result<()> {
    let (found, smoke) = with_image(sample, engine, |image, _, log| {
        let container = Container::create(engine, image)?;
        let found = Verdict::of(&container.image()?).in_words();
        Ok((found, smoke::run(engine, sample, &container, log)))
    })?;
    let Err(error) = smoke else { bail!("the smoke check passed") };
    let words = format!("{error:#}");
    ensure!(Regex::new(&caught.smoke)?.is_match(&words), "the smoke check failed otherwise: {words}");
    if let Some(wanted) = &caught.verify {
        ensure!(Regex::new(wanted)?.is_match(&found), "barehull verify finds otherwise: {found}");
    }
    Ok(())
}

/// Builds the sample and runs its pods: each must do as `sample.yaml` says.
pub fn pods(sample: &Sample, engine: &Engine, bases: &Bases) -> Result<()> {
    with_image(sample, engine, |image, folder, log| pod::run_all(engine, sample, folder, image, bases, log))
}

/// Builds the sample in a copy of its own, and hands on the image, the copy and the name for logs of what runs.
fn with_image<T>(
    sample: &Sample,
    engine: &Engine,
    work: impl FnOnce(&str, &Path, &Path) -> Result<T>,
) -> Result<T> {
    let name = format!("broken-{}", sample.name);
    let folder = engine.cache.join("work").join(&name);
    sample.copy_to(&folder)?;
    let inside = format!("/e2e/work/{name}");
    let image = format!("localhost/broken:{}", sample.name);
    let log = engine.cache.join("logs").join(format!("{name}.log"));
    let dockerfile = format!("{inside}/{}", sample.description.dockerfile);
    engine.build(&Build {
        dockerfile: &dockerfile,
        context: &inside,
        tag: &image,
        options: &sample.build_options(),
        log: &log,
        steps: Steps::Forgotten,
    })?;
    let result = work(&image, &folder, &log.with_extension("run"));
    engine.buildah(&["rmi", &image])?;
    fs::remove_dir_all(&folder)?;
    result
}
