//! Rewrites that are broken on purpose: the smoke check must see it, and `barehull verify` where an image's
//! files can tell.

use std::fs;

use anyhow::{Result, bail, ensure};
use regex::Regex;

use super::container::Container;
use super::engine::Engine;
use super::sample::{Caught, Sample};
use super::smoke;
use super::verdict::Verdict;

/// Builds the sample; an error unless what is wrong with it is caught.
pub fn run(sample: &Sample, caught: &Caught, engine: &Engine) -> Result<()> {
    let work = engine.cache.join("work").join(format!("broken-{}", sample.name));
    sample.copy_to(&work)?;
    let inside = format!("/e2e/work/broken-{}", sample.name);
    let image = format!("localhost/broken:{}", sample.name);
    let log = engine.cache.join("logs").join(format!("broken-{}.log", sample.name));
    let dockerfile = format!("{inside}/{}", sample.description.dockerfile);
    engine.build(&dockerfile, &inside, &image, &sample.build_options(), &log)?;
    let container = Container::create(engine, &image, &sample.description.services)?;
    let found = Verdict::of(&container.image()?).in_words();
    let smoke = smoke::run(engine, sample, &container, &log.with_extension("run"));
    drop(container);
    engine.buildah(&["rmi", &image])?;

    let Err(error) = smoke else { bail!("the smoke check passed") };
    let words = format!("{error:#}");
    ensure!(Regex::new(&caught.smoke)?.is_match(&words), "the smoke check failed otherwise: {words}");
    if let Some(wanted) = &caught.verify {
        ensure!(Regex::new(wanted)?.is_match(&found), "barehull verify finds otherwise: {found}");
    }
    fs::remove_dir_all(&work)?;
    Ok(())
}
