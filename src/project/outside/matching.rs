//! Which sightings are uses of the image of one Dockerfile.

use super::super::{FileKind, ProjectPath, Sited};
use super::{ImageName, Matched, OutsideUse, Refers, Seen, Sighting};

/// The uses of `dockerfile` that the files of its project show, by file and place. With them those Kubernetes containers that may be its image, for
/// all the project says.
pub(in super::super) fn uses_of(seen: &[Seen], dockerfile: &ProjectPath) -> Vec<OutsideUse> {
    let sightings: Vec<&Sighting> = seen.iter().flat_map(|seen| &seen.sightings).collect();
    let mut own = Names::default();
    let mut others = Names::default();
    for sighting in &sightings {
        if let Some(build) = &sighting.used.build {
            let names = if build.dockerfile == *dockerfile { &mut own } else { &mut others };
            names.known.extend(build.names.iter().map(|name| (name.clone(), build.target.clone())));
        }
    }
    own.follow_renames(&sightings);
    others.follow_renames(&sightings);
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
        let possible = sighting.used.kind == FileKind::Yaml && may_be(&sighting.refers, &others);
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
    uses.sort_by(|a, b| (&a.at, &a.name).cmp(&(&b.at, &b.name)));
    uses
}

fn builds(used: &OutsideUse, dockerfile: &ProjectPath) -> bool {
    used.build.as_ref().is_some_and(|build| build.dockerfile == *dockerfile)
}

/// Whether what nothing in the project explains may be any image.
fn may_be(refers: &Refers, others: &Names) -> bool {
    match refers {
        Refers::Image(name) => others.find(name).is_none(),
        Refers::Unknown => true,
        _ => false,
    }
}

/// A use of an image that was built with a target has that target.
fn matched_use(sighting: &Sighting, matched: Matched, target: Option<&Sited<String>>) -> OutsideUse {
    let target =
        sighting.used.build.as_ref().and_then(|build| build.target.clone()).or_else(|| target.cloned());
    OutsideUse { matched, target, ..sighting.used.clone() }
}

/// The names of images, each with the target it was built with.
#[derive(Default)]
struct Names {
    known: Vec<(ImageName, Option<Sited<String>>)>,
}

impl Names {
    fn find(&self, name: &ImageName) -> Option<(&ImageName, Option<&Sited<String>>)> {
        let found = self.known.iter().find(|(known, _)| known.is_same(name))?;
        Some((&found.0, found.1.as_ref()))
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
                    self.known.push(((*to).clone(), target));
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

/// Containers and services that are known to run the image.
#[derive(Default)]
struct Running {
    containers: Vec<(String, Matched, Option<Sited<String>>)>,
    services: Vec<(String, Matched, Option<Sited<String>>)>,
}

impl Running {
    fn note(&mut self, sighting: &Sighting, matched: &Matched, target: Option<&Sited<String>>) {
        let target =
            sighting.used.build.as_ref().and_then(|build| build.target.clone()).or_else(|| target.cloned());
        if let Some(container) = &sighting.container {
            self.containers.push((container.clone(), matched.clone(), target.clone()));
        }
        if let (FileKind::Compose, Some(service)) = (sighting.used.kind, &sighting.used.name) {
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
        let (_, matched, target) = known.iter().find(|(known, ..)| known == name)?;
        Some(matched_use(sighting, matched.clone(), target.as_ref()))
    }
}
