//! Which sightings are uses of the image of one Dockerfile.

use super::super::{FileKind, ProjectPath, Sited};
use super::development::find_beside;
use super::variables::UNKNOWN;
use super::{Build, ImageName, Matched, OutsideUse, Refers, Seen, Sighting};

/// The uses of `dockerfile` that the files of its project show, by file and place. With them those Kubernetes
/// containers that may be its image, for all the project says. `named`: further names of its image.
pub(in super::super) fn uses_of(
    seen: &[Seen],
    dockerfile: &ProjectPath,
    named: &[ImageName],
) -> Vec<OutsideUse> {
    let sightings: Vec<&Sighting> = seen.iter().flat_map(|seen| &seen.sightings).collect();
    let mut own = Names::default();
    let mut others = Names::default();
    for sighting in &sightings {
        if let Some(build) = &sighting.used.build {
            if build.dockerfile == *dockerfile { own.add(build) } else { others.add(build) }
        }
    }
    own.0.extend(named.iter().map(|name| Known { name: name.clone(), target: None }));
    own.follow_renames(&sightings);
    others.follow_renames(&sightings);
    let is_built = sightings.iter().any(|s| s.used.kind == FileKind::Compose && builds(&s.used, dockerfile));
    let mut uses: Vec<OutsideUse> = Vec::new();
    let mut running = Running::default();
    for sighting in &sightings {
        let matched = match &sighting.refers {
            Refers::Build if builds(&sighting.used, dockerfile) => Some((Matched::Builds, None)),
            Refers::Image(name) => {
                own.find(name).map(|(name, target)| (Matched::ByImageName(name.to_string()), target))
            }
            _ => None,
        };
        let possible = match sighting.used.kind {
            FileKind::Yaml => may_be(&sighting.refers, &own, &others),
            FileKind::Compose => {
                !is_built
                    && is_around(&sighting.used.at.path, dockerfile)
                    && may_be_published(&sighting.refers, &own, &others)
            }
            _ => false,
        };
        match matched {
            Some((matched, target)) => {
                running.note(sighting, &matched, target);
                uses.push(matched_use(sighting, matched, target));
            }
            None if possible => uses.push(sighting.used.clone()),
            None => {}
        }
    }
    uses.extend(sightings.iter().filter_map(|sighting| running.use_of(sighting)));
    find_beside(&mut uses);
    uses.sort_by(|a, b| (&a.at, &a.name).cmp(&(&b.at, &b.name)));
    uses
}

fn builds(used: &OutsideUse, dockerfile: &ProjectPath) -> bool {
    used.build.as_ref().is_some_and(|build| build.dockerfile == *dockerfile)
}

/// Whether an image that nothing in the project explains may be this one: not if it is called as another one is
/// that the project builds, nor if it is an official one (`redis`) and this one's name is known.
fn may_be(refers: &Refers, own: &Names, others: &Names) -> bool {
    match refers {
        Refers::Image(name) if own.has_last(name) => true,
        Refers::Image(name) => !others.has_last(name) && (own.0.is_empty() || name.as_str().contains('/')),
        Refers::Unknown => true,
        _ => false,
    }
}

/// Whether a compose file lies beside the Dockerfile or above it.
fn is_around(compose: &ProjectPath, dockerfile: &ProjectPath) -> bool {
    dockerfile.is_within(&compose.folder())
}

/// Whether a service that builds nothing may run the image under the name that it is published by.
fn may_be_published(refers: &Refers, own: &Names, others: &Names) -> bool {
    matches!(refers, Refers::Image(name) if name.as_str().contains('/') && !others.has_last(name))
        && (own.0.is_empty() || matches!(refers, Refers::Image(name) if own.has_last(name)))
}

/// A use of an image that was built with a target has that target.
fn matched_use(sighting: &Sighting, matched: Matched, target: Option<&Sited<String>>) -> OutsideUse {
    let target =
        sighting.used.build.as_ref().and_then(|build| build.target.clone()).or_else(|| target.cloned());
    OutsideUse { target, matched, ..sighting.used.clone() }
}

/// A name of an image, and the target it was built with.
struct Known {
    name: ImageName,
    target: Option<Sited<String>>,
}

/// The names of images.
#[derive(Default)]
pub(super) struct Names(Vec<Known>);

impl Names {
    /// Those that the project builds.
    pub(super) fn of_builds(sightings: &[&Sighting]) -> Self {
        let mut names = Self::default();
        for build in sightings.iter().filter_map(|sighting| sighting.used.build.as_ref()) {
            names.add(build);
        }
        names.follow_renames(sightings);
        names
    }

    fn add(&mut self, build: &Build) {
        self.0.extend(
            build.names.iter().map(|name| Known { name: name.clone(), target: build.target.clone() }),
        );
    }

    /// The name that `name` stands for, and the target it was built with, where that is certain.
    fn find(&self, name: &ImageName) -> Option<(&ImageName, Option<&Sited<String>>)> {
        let same = self.0.iter().filter(|known| known.name.is_same(name)).collect();
        // A name without a variable says more than one with it, and the same tag more than another.
        let exact = prefer(same, |known| known.name.as_str() == name.as_str());
        let found = prefer(exact, |known| name.tag().is_some() && known.name.tag() == name.tag());
        let first = found.first()?;
        let text = |known: &Known| known.target.as_ref().map(|target| target.value.clone());
        let agreed = found.iter().all(|known| text(known) == text(first));
        Some((&first.name, first.target.as_ref().filter(|_| agreed)))
    }

    /// Whether one of them ends as `name` does.
    pub(super) fn has_last(&self, name: &ImageName) -> bool {
        self.0.iter().any(|known| known.name.last() == name.last())
    }

    /// `docker tag a b`: b is a, and so on.
    fn follow_renames(&mut self, sightings: &[&Sighting]) {
        let mut left: Vec<_> = sightings
            .iter()
            .filter_map(|sighting| match &sighting.refers {
                Refers::Renamed { from, to } => Some((from, to)),
                _ => None,
            })
            .collect();
        loop {
            let before = left.len();
            left.retain(|(from, to)| match self.find(from).map(|(_, target)| target.cloned()) {
                Some(target) => {
                    self.0.push(Known { name: (*to).clone(), target });
                    false
                }
                None => true,
            });
            if left.len() == before {
                return;
            }
        }
    }
}

/// Those of `known` that are `better`, or all if none is.
fn prefer(known: Vec<&Known>, better: impl Fn(&Known) -> bool) -> Vec<&Known> {
    let preferred: Vec<_> = known.iter().copied().filter(|known| better(known)).collect();
    if preferred.is_empty() { known } else { preferred }
}

/// Containers and services that are known to run the image.
#[derive(Default)]
struct Running {
    containers: Vec<Runner>,
    services: Vec<Runner>,
}

/// The name of a container or service, why it runs the image, and the target of that.
type Runner = (String, Matched, Option<Sited<String>>);

impl Running {
    fn note(&mut self, sighting: &Sighting, matched: &Matched, target: Option<&Sited<String>>) {
        let target =
            sighting.used.build.as_ref().and_then(|build| build.target.clone()).or_else(|| target.cloned());
        if let Some(container) = &sighting.container {
            self.containers.push((container.clone(), matched.clone(), target.clone()));
        }
        if let (FileKind::Compose, Some(service)) = (sighting.used.kind, &sighting.used.name) {
            if sighting.container.is_none() {
                // As compose names it: by the project, whose name is not written, the service and a number.
                for mark in ['-', '_'] {
                    let name = format!("{UNKNOWN}{mark}{service}{mark}1");
                    self.containers.push((name, matched.clone(), target.clone()));
                }
            }
            self.services.push((service.clone(), matched.clone(), target));
        }
    }

    /// The use that `sighting` makes of a known container or service.
    fn use_of(&self, sighting: &Sighting) -> Option<OutsideUse> {
        let (known, name) = match &sighting.refers {
            Refers::Container(name) => (&self.containers, name),
            Refers::Service(name) => (&self.services, name),
            _ => return None,
        };
        let (_, matched, target) = known.iter().find(|(known, ..)| fits(known, name))?;
        Some(matched_use(sighting, matched.clone(), target.as_ref()))
    }
}

/// Whether `name` may be what `known` is, of which variables are not known: what is written around them is the same.
fn fits(known: &str, name: &str) -> bool {
    let Some((start, rest)) = known.split_once(UNKNOWN) else { return known == name };
    let end = rest.rsplit(UNKNOWN).next().unwrap_or_default();
    let written = start.len() + end.len();
    written > 0 && name.len() > written && name.starts_with(start) && name.ends_with(end)
}
