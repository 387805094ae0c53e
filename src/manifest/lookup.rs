//! From a use of an image to what can be changed about it.

use std::collections::BTreeMap;

use super::compose::{Service, services};
use super::pod::{Container, Workload};
use super::workload::workloads;
use crate::project::outside::{Matched, OutsideUse};
use crate::project::{FileKind, Files, ProjectPath};

/// A container that uses an image, with its workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The workload.
    pub workload: Workload,
    /// Its index among the workload's containers, or its init containers.
    pub index: usize,
    /// Whether it is an init container.
    pub init: bool,
}

impl Found {
    /// The container.
    pub fn container(&self) -> &Container {
        let all = if self.init { &self.workload.init_containers } else { &self.workload.containers };
        &all[self.index]
    }

    /// Whether it goes on running and nothing asks how it is: Kubernetes does not read the image's HEALTHCHECK.
    pub fn is_unasked(&self) -> bool {
        let container = self.container();
        let probes = [&container.startup, &container.liveness, &container.readiness];
        let ends = self.init || matches!(self.workload.kind.as_str(), "Job" | "CronJob");
        !ends && probes.iter().all(|probe| probe.is_none())
    }
}

/// The container that `used` is, if it is one of a manifest's.
pub fn container_of(used: &OutsideUse, files: &dyn Files) -> Option<Found> {
    find(&workloads(files, &used.at.path).ok()?, used)
}

/// Those of `uses` that are certainly of the image, with their containers. Each file is read once.
pub(crate) fn deployed<'u>(uses: &'u [OutsideUse], files: &dyn Files) -> Vec<(&'u OutsideUse, Found)> {
    let mut read: BTreeMap<&ProjectPath, Vec<Workload>> = BTreeMap::new();
    let certain = |used: &&OutsideUse| used.kind == FileKind::Yaml && used.matched != Matched::Unmatched;
    let found = uses.iter().filter(certain).filter_map(|used| {
        let path = &used.at.path;
        let workloads = read.entry(path).or_insert_with(|| workloads(files, path).unwrap_or_default());
        Some((used, find(workloads, used)?))
    });
    found.collect()
}

fn find(workloads: &[Workload], used: &OutsideUse) -> Option<Found> {
    let here =
        |container: &Container| container.image.as_ref().is_some_and(|image| image.span == used.at.span);
    workloads.iter().find_map(|workload| {
        let index = workload.containers.iter().position(here);
        let init = || workload.init_containers.iter().position(here);
        let (index, init) = index.map(|at| (at, false)).or_else(|| init().map(|at| (at, true)))?;
        Some(Found { workload: workload.clone(), index, init })
    })
}

/// The service that `used` is, if it is one of a compose file's.
pub fn service_of(used: &OutsideUse, files: &dyn Files) -> Option<Service> {
    services(files, &used.at.path).ok()?.into_iter().find(|service| service.at == used.at)
}

impl Workload {
    /// `name`, or with a number behind it, so that no volume of the pod is called so.
    pub fn free_volume(&self, name: &str) -> String {
        free(name, |name| {
            self.volumes.iter().any(|volume| volume.name == name)
                || self.claims.iter().any(|claim| claim == name)
        })
    }

    /// `name`, or with a number behind it, so that no container of the pod is called so.
    pub fn free_container(&self, name: &str) -> String {
        let all = || self.containers.iter().chain(&self.init_containers);
        free(name, |name| all().any(|container| container.name.as_deref() == Some(name)))
    }

    /// `name`, or with a number behind it, so that no `ConfigMap` of the file is called so.
    pub fn free_config_map(&self, name: &str) -> String {
        free(name, |name| self.config_maps.iter().any(|map| map == name))
    }
}

impl Service {
    /// `name`, or with a number behind it, so that no service of the file is called so.
    pub fn free_service(&self, name: &str) -> String {
        free(name, |name| self.services.iter().any(|service| service == name))
    }

    /// `name`, or with a number behind it, so that no volume of the file is called so.
    pub fn free_volume(&self, name: &str) -> String {
        free(name, |name| self.volumes.iter().any(|volume| volume == name))
    }
}

fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}
