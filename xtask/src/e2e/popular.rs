//! The packages that Dockerfiles install most, installed for real: what the catalog says they bring against what they
//! bring.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::container::Container;
use super::engine::{Build, Engine, Steps};
use super::trial::{Outcome, Tried};
use super::truth::{Claim, Contents};
use super::verdict::Verdict;

/// Releases of Debian they are tried on.
const RELEASES: [&str; 2] = ["bookworm", "trixie"];

/// Packages that are installed together on a release.
#[derive(Debug)]
pub struct Batch {
    /// `bookworm-1`.
    pub name: String,
    /// Their names.
    pub packages: String,
    dockerfile: String,
}

/// The batches of each release, from the text of `packages.txt`.
pub fn batches(text: &str) -> Vec<Batch> {
    let lines = || text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let of_release = |release: &'static str| {
        lines().enumerate().map(move |(at, line)| Batch {
            name: format!("{release}-{}", at + 1),
            packages: line.to_owned(),
            dockerfile: format!(
                // Java's packages link their manual pages into a folder that the image has not.
                "FROM debian:{release}-slim\nRUN mkdir -p /usr/share/man/man1 && apt-get update \
                 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {line}\n"
            ),
        })
    };
    RELEASES.into_iter().flat_map(of_release).collect()
}

impl Batch {
    /// The image it stands on.
    pub fn base(&self) -> String {
        format!("debian:{}-slim", self.name.split('-').next().unwrap_or_default())
    }

    /// Installs the packages and looks.
    pub fn run(&self, engine: &Engine, barehull: &Path) -> (Outcome, Result<()>) {
        match self.look(engine, barehull) {
            Ok(tried) => (Outcome { before: Some(tried), ..Outcome::default() }, Ok(())),
            Err(error) => (Outcome::default(), Err(error)),
        }
    }

    fn look(&self, engine: &Engine, barehull: &Path) -> Result<Tried> {
        let work = engine.cache.join("work").join(&self.name);
        fs::create_dir_all(&work)?;
        fs::write(work.join("Dockerfile"), &self.dockerfile)?;
        let (inside, image) =
            (format!("/e2e/work/{}", self.name), format!("localhost/packages:{}", self.name));
        let log = engine.cache.join("logs").join(format!("packages-{}.log", self.name));
        engine.build(&Build {
            dockerfile: &format!("{inside}/Dockerfile"),
            context: &inside,
            tag: &image,
            options: &[],
            log: &log,
            steps: Steps::Forgotten,
        })?;
        let container = Container::create(engine, &image)?;
        let contents = Contents::of(&container.image()?);
        drop(container);
        engine.buildah(&["rmi", &image])?;
        let mut surface = Command::new(barehull);
        surface.args(["surface", "--format", "json"]).arg(work.join("Dockerfile"));
        let output = surface.output().context("barehull")?;
        ensure!(output.status.success(), "barehull surface: {}", String::from_utf8_lossy(&output.stderr));
        let claim = Claim::read(&String::from_utf8_lossy(&output.stdout), None)?;
        Ok(Tried { claim, contents, verdict: Verdict::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_tried_on_each_release() {
        let batches = batches("# words\ncurl git\n\njq\n");
        let names: Vec<&str> = batches.iter().map(|batch| batch.name.as_str()).collect();
        assert_eq!(names, ["bookworm-1", "bookworm-2", "trixie-1", "trixie-2"]);
        assert!(batches[0].dockerfile.ends_with("curl git\n") && batches[2].base() == "debian:trixie-slim");
    }
}
