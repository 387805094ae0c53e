//! One sample: built, run and looked at, as it is and as barehull rewrites it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use barehull_image::{Image, OpenOptions};

use super::bases::{Bases, Version, images_of};
use super::container::Container;
use super::engine::{Build, Engine, Steps};
use super::pod;
use super::sample::Sample;
use super::session::Session;
use super::smoke;
use super::truth::{Claim, Contents};
use super::verdict::Verdict;

/// An image that was built and run.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What `surface` says of it.
    pub claim: Claim,
    /// What is in it.
    pub contents: Contents,
    /// What `verify` finds in it.
    pub verdict: Verdict,
}

/// What became of a sample.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The image of the Dockerfile as it is.
    pub before: Option<Tried>,
    /// The image of the rewritten one.
    pub after: Option<Tried>,
    /// Whether barehull offers no rewrite at level `review`.
    pub unchanged: bool,
}

/// A sample, copied twice, and rewritten once.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The sample.
    pub sample: &'a Sample,
    original: PathBuf,
    rewritten: Option<PathBuf>,
}

impl<'a> Trial<'a> {
    /// Copies the sample below `cache/work` and lets `barehull fix` rewrite one of the copies.
    pub fn prepare(sample: &'a Sample, cache: &Path, barehull: &Path) -> Result<Self> {
        let work = cache.join("work").join(&sample.name);
        let (original, rewritten) = (work.join("original"), work.join("rewritten"));
        sample.copy_to(&original)?;
        sample.copy_to(&rewritten)?;
        let mut fix = barehull_command(barehull, "fix", sample, &rewritten);
        let output = fix.args(["--level", "review", "--write"]).output().context("barehull")?;
        ensure!(output.status.success(), "barehull fix: {}", String::from_utf8_lossy(&output.stderr));
        let is_new = sample.dockerfile(&original)? != sample.dockerfile(&rewritten)?;
        Ok(Self { sample, original, rewritten: is_new.then_some(rewritten) })
    }

    /// The stand-ins that its builds need.
    pub fn bases(&self, bases: &Bases) -> Result<Vec<usize>> {
        let mut found = Vec::new();
        for folder in [Some(&self.original), self.rewritten.as_ref()].into_iter().flatten() {
            let text = self.sample.dockerfile(folder)?;
            let images = images_of(&text, &self.sample.description.args);
            found.extend(images.iter().filter_map(|image| bases.of(image)));
            found.extend(pod::foreign_bases(self.sample, folder, bases)?);
        }
        Ok(found)
    }

    /// Builds, runs and compares.
    pub fn run(&self, session: &Session) -> (Outcome, Result<()>) {
        let mut outcome = Outcome { unchanged: self.rewritten.is_none(), ..Outcome::default() };
        let result = (|| {
            let before = self.run_one("original", &self.original, session);
            let before = outcome.before.insert(before.context("the original")?);
            if let Some(folder) = &self.rewritten {
                let after = self.run_one("rewritten", folder, session).context("the rewritten one")?;
                let (left, worse) = (self.left(before, &after), after.verdict.worse_than(&before.verdict));
                outcome.after = Some(after);
                ensure!(left.is_empty(), "the rewritten image still holds {}", left.join(" "));
                ensure!(worse.is_empty(), "the rewritten image is worse: {}", worse.join("; "));
            }
            Ok(())
        })();
        let cleaned = self.clean_up(&session.engine, &outcome);
        (outcome, result.and(cleaned))
    }

    /// Tools of the roles that were to be gone, in a layer below included: those that the sample names, and those that
    /// `surface` claims of the original alone.
    fn left(&self, before: &Tried, after: &Tried) -> Vec<String> {
        let promised = before.claim.surface.keys().filter(|role| !after.claim.surface.contains_key(*role));
        let gone: BTreeSet<&String> = self.sample.description.expect.gone.iter().chain(promised).collect();
        let present = gone.iter().filter_map(|role| after.contents.tools.get(*role)).flatten();
        let below = after.contents.shadowed.iter().filter(|(role, _)| gone.contains(role));
        let names = present.filter_map(|names| names.first()).chain(below.map(|(_, path)| path));
        names.cloned().collect()
    }

    fn image(&self, kind: &str) -> String {
        format!("localhost/{}:{kind}", self.sample.name)
    }

    /// Removes the images, once the rewritten one has been built on the steps of the original.
    fn clean_up(&self, engine: &Engine, outcome: &Outcome) -> Result<()> {
        if outcome.before.is_some() {
            engine.buildah(&["rmi", &self.image("original")])?;
        }
        if outcome.after.is_some() {
            engine.buildah(&["rmi", &self.image("rewritten")])?;
        }
        Ok(())
    }

    fn run_one(&self, kind: &str, folder: &Path, session: &Session) -> Result<Tried> {
        let (sample, engine) = (self.sample, &session.engine);
        let image = self.image(kind);
        let inside = format!("/e2e/{}", folder.strip_prefix(&engine.cache)?.display());
        let dockerfile = format!("{inside}/{}", sample.description.dockerfile);
        let log = engine.cache.join("logs").join(format!("{}-{kind}.log", sample.name));
        engine.build(&Build {
            dockerfile: &dockerfile,
            context: &inside,
            tag: &image,
            options: &sample.build_options(),
            log: &log,
            steps: Steps::Kept,
        })?;
        // The rewritten image is looked at in its layers; of the original, many times as large, the files will do.
        let archive = (kind == "rewritten").then(|| engine.save(&image, &sample.name)).transpose()?;
        let tried = self.look(&image, folder, archive.as_deref(), session, &log.with_extension("run"));
        archive.map_or(Ok(()), fs::remove_file)?;
        tried
    }

    fn look(
        &self,
        image: &str,
        folder: &Path,
        archive: Option<&Path>,
        session: &Session,
        log: &Path,
    ) -> Result<Tried> {
        let (sample, barehull) = (self.sample, &session.barehull);
        let container = Container::create(&session.engine, image)?;
        let versions = self.versions(folder, &session.bases)?;
        // Before it runs: what it writes is not the image's.
        let files = match archive {
            Some(archive) => Image::open(archive, &OpenOptions::default()).context("the archive")?,
            None => container.image()?,
        };
        let contents = Contents::of(&files);
        let verdict = Verdict::of(&files);
        drop(files);
        let output =
            barehull_command(barehull, "surface", sample, folder).args(["--format", "json"]).output();
        let output = output.context("barehull")?;
        if !output.status.success() {
            bail!("barehull surface: {}", String::from_utf8_lossy(&output.stderr));
        }
        let claim =
            Claim::read(&String::from_utf8_lossy(&output.stdout), sample.description.target.as_deref())?;
        let fatal = verdict.fatal();
        ensure!(fatal.is_empty(), "it cannot start: {}", fatal.join("; "));
        if sample.description.pods.is_empty() {
            smoke::run(&session.engine, sample, &container, log)?;
        } else {
            pod::run_all(&session.engine, sample, folder, image, &session.bases, log)?;
        }
        Ok(Tried { claim, contents: contents.named(&versions), verdict })
    }

    fn versions(&self, folder: &Path, bases: &Bases) -> Result<Vec<Version>> {
        let images = images_of(&self.sample.dockerfile(folder)?, &self.sample.description.args);
        let found = images.iter().filter_map(|image| bases.all[bases.of(image)?].version.clone());
        Ok(found.collect())
    }
}

/// barehull on a copy of the sample, with the options that a build of it takes.
fn barehull_command(barehull: &Path, command: &str, sample: &Sample, folder: &Path) -> Command {
    let mut words = Command::new(barehull);
    words.arg(command).arg("--project").arg(folder).args(sample.build_options());
    words.arg(folder.join(&sample.description.dockerfile));
    words
}
