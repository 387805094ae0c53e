//! A few samples that together show what all of them show: what CI has the time to build.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use barehull::analysis::StageReport;
use barehull::engine;
use barehull::finding::Level;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Disk, Project, ProjectPath};
use barehull_catalog::{Catalog, ImageRef};

use super::bases::{Bases, images_of};
use super::sample::Sample;

/// A sample, what it shows, and what it costs.
#[derive(Debug)]
struct Candidate {
    /// Recipes, base images and ways to be run, in words.
    shows: BTreeSet<String>,
    /// The stand-ins that its Dockerfile is built on, with all that they are made from.
    bases: BTreeSet<usize>,
}

/// Splits the samples into those to build and the names of those to leave out: each thing that any sample shows is
/// shown by one of the former.
pub fn choose(samples: Vec<Sample>, bases: &Bases) -> Result<(Vec<Sample>, Vec<String>)> {
    let candidates: BTreeMap<String, Candidate> = samples
        .iter()
        .map(|sample| Ok((sample.name.clone(), Candidate::of(sample, bases)?)))
        .collect::<Result<_>>()?;
    let chosen = cover(&candidates);
    let (built, left): (Vec<Sample>, Vec<Sample>) =
        samples.into_iter().partition(|sample| chosen.contains(sample.name.as_str()));
    Ok((built, left.into_iter().map(|sample| sample.name).collect()))
}

/// What a sample costs beside its stand-ins, in their number: it is built twice.
const OWN_COST: usize = 2;

/// A greedy cover: the sample that shows most that is new for its cost, which are the stand-ins that no other has
/// asked for yet; the first by name among equals. What the others show as well is left out again, the last first.
fn cover(candidates: &BTreeMap<String, Candidate>) -> BTreeSet<&str> {
    let mut open: BTreeSet<&String> = candidates.values().flat_map(|one| &one.shows).collect();
    let mut made: BTreeSet<usize> = BTreeSet::new();
    let mut chosen: Vec<(&str, &Candidate)> = Vec::new();
    while !open.is_empty() {
        let worth = |one: &Candidate| one.shows.iter().filter(|what| open.contains(what)).count();
        let cost = |one: &Candidate| OWN_COST + one.bases.difference(&made).count();
        // The last of the greatest is the first by name.
        let best =
            candidates.iter().rev().max_by(|(_, a), (_, b)| (worth(a) * cost(b)).cmp(&(worth(b) * cost(a))));
        let (name, best) = best.expect("what is open is shown by somebody");
        open.retain(|what| !best.shows.contains(*what));
        made.extend(&best.bases);
        chosen.push((name, best));
    }
    for at in (0..chosen.len()).rev() {
        let others = || chosen.iter().enumerate().filter(|(other, _)| *other != at);
        let elsewhere: BTreeSet<&String> = others().flat_map(|(_, (_, one))| &one.shows).collect();
        if chosen[at].1.shows.iter().all(|what| elsewhere.contains(what)) {
            chosen.remove(at);
        }
    }
    chosen.into_iter().map(|(name, _)| name).collect()
}

impl Candidate {
    fn of(sample: &Sample, bases: &Bases) -> Result<Self> {
        let images = images_of(&sample.dockerfile(&sample.folder)?, &sample.description.args);
        let bases = bases.with_parents(images.iter().filter_map(|image| bases.of(image)));
        let shows = shown_by(sample).with_context(|| sample.name.clone())?;
        Ok(Self { shows, bases })
    }
}

fn shown_by(sample: &Sample) -> Result<BTreeSet<String>> {
    let description = &sample.description;
    let project = Project::new(Arc::new(Disk::new(&sample.folder)?));
    let path = ProjectPath::new(&description.dockerfile).context("the Dockerfile's path")?;
    let options = Options {
        targets: description.target.iter().cloned().collect(),
        build_args: description.args.clone(),
        fixes: Some(Level::Review),
        ..Options::new(Catalog::builtin())
    };
    let input = Input { path, text: None };
    let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
    let rewrite = analysis.rewrite.as_ref().context("no rewrite was looked for")?;
    let built = |stages: &[StageReport]| {
        let target = description.target.as_deref();
        let is_it = |stage: &&StageReport| target.is_some() && stage.name.as_deref() == target;
        stages.iter().find(is_it).or(stages.last()).cloned().context("no stage")
    };
    let before = built(&analysis.stages)?;
    let mut shows = BTreeSet::from([format!("from {}", family(&before.image))]);
    if rewrite.applied.is_empty() {
        shows.insert("left alone".to_owned());
    }
    let after = family(&built(&rewrite.stages_after)?.image);
    for fix in rewrite.applied.iter().filter(|fix| fix.stage == before.identity) {
        shows.insert(fix.by.to_owned());
        shows.insert(format!("to {after}"));
    }
    let features =
        [("in a pod", description.pods.is_empty()), ("with services", description.services.is_empty())];
    shows.extend(features.into_iter().filter(|(_, is_not)| !is_not).map(|(what, _)| what.to_owned()));
    Ok(shows)
}

/// An image's name without its versions: `gcr.io/distroless/nodejs-debian`.
fn family(image: &str) -> String {
    let name = image.parse::<ImageRef>().map_or_else(|_| image.to_owned(), |image| image.familiar_name());
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::sample;
    use super::*;

    fn candidate(shows: &[&str], bases: &[usize]) -> Candidate {
        Candidate {
            shows: shows.iter().map(|what| (*what).to_owned()).collect(),
            bases: bases.iter().copied().collect(),
        }
    }

    #[test]
    fn most_for_the_least_first() {
        let candidates = BTreeMap::from([
            ("a".to_owned(), candidate(&["go", "debian"], &[1])),
            ("b".to_owned(), candidate(&["go", "debian", "pod"], &[1, 2])),
            ("c".to_owned(), candidate(&["node"], &[1, 2, 3, 4])),
            ("d".to_owned(), candidate(&["node"], &[1, 2, 3])),
            ("e".to_owned(), candidate(&["node"], &[1, 2, 5])),
        ]);
        assert_eq!(cover(&candidates).into_iter().collect::<Vec<_>>(), ["b", "d"]);
    }

    #[test]
    fn what_the_others_show_is_left_out_again() {
        let candidates = BTreeMap::from([
            ("a".to_owned(), candidate(&["go", "debian"], &[1])),
            ("b".to_owned(), candidate(&["go", "pod"], &[1])),
            ("c".to_owned(), candidate(&["debian", "volume"], &[1])),
        ]);
        assert_eq!(cover(&candidates).into_iter().collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn versions_make_no_family() {
        assert_eq!(family("gcr.io/distroless/nodejs22-debian13:nonroot"), "gcr.io/distroless/nodejs-debian");
        assert_eq!(family("docker.io/library/node:22-slim"), "node");
        assert_eq!(family("scratch"), "scratch");
    }

    #[test]
    fn the_samples_are_covered_by_a_part_of_them() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e");
        let bases = Bases::read(&data).expect("they are well formed");
        let mut samples = sample::find(&[data.join("../../samples")]).expect("they are well formed");
        samples.retain(|sample| sample.description.static_only.is_none());
        let shown = |samples: &[Sample]| -> BTreeSet<String> {
            samples.iter().flat_map(|sample| shown_by(sample).expect("it has a stage")).collect()
        };
        let all = shown(&samples);
        assert!(all.contains("to gcr.io/distroless/static-debian") && all.contains("in a pod"), "{all:?}");
        let count = samples.len();
        let (built, left) = choose(samples, &bases).expect("they can be looked at");
        assert_eq!(shown(&built), all);
        assert_eq!(built.len() + left.len(), count);
        assert!(built.len() * 2 < count, "{} of {count} samples are no small part", built.len());
    }
}
