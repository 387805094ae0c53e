//! Kubernetes manifests and compose files: what they say of containers, and edits that change nothing else of them.
//!
//! ```no_run
//! use barehull::manifest::{self, ContainerChange, PodChange, Setting, Volume, VolumeSource};
//! # use barehull::project::{Files, ProjectPath};
//! # fn example(files: &dyn Files, path: &ProjectPath) -> Result<(), Box<dyn std::error::Error>> {
//! let found = manifest::workloads(files, path)?;
//! let change = PodChange {
//!     volumes: vec![Volume { name: "data".to_owned(), source: VolumeSource::EmptyDir }],
//!     containers: vec![ContainerChange { command: Setting::Remove, ..ContainerChange::default() }],
//!     ..PodChange::default()
//! };
//! let bytes = files.read(path)?;
//! // All changes to one file go together: their edits must not overlap.
//! match manifest::edits(std::str::from_utf8(&bytes)?, &[(&found[0], &change)]) {
//!     Ok(edits) => println!("{} edits; none if it says so already", edits.len()),
//!     Err(cannot) => println!("{}\n{}", cannot.reason, cannot.snippet),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`container_of`] and [`service_of`] lead from an [`OutsideUse`](crate::project::outside::OutsideUse) to the workload or
//! service it stands in; [`Workload::free_volume`] and its like give names that are not taken. What is asked for twice is
//! there once: a volume, a container or a `ConfigMap` that already says the same stays, one of the name that says something
//! else is a [`CannotEdit`]. [`snippet`] prints a change for templates, which are never edited.
//!
//! An edit is made on the tree of the file, which knows the bytes of each value: what is asked for is held against what
//! is there, and only what differs is written, in the file's own indentation, kind of lists and line ends. The text that
//! comes of it is read again and must say what it said before plus the change, else there is no edit but a
//! [`CannotEdit`] with the lines to add.

mod apply;
mod change;
mod compose;
mod data;
mod edit;
mod job;
mod lookup;
mod overlay;
mod plan;
mod pod;
mod print;
mod snippet;
mod spell;
mod style;
#[cfg(test)]
mod tests;
mod want;
mod workload;

pub use apply::edits;
pub use change::{
    CannotEdit, ConfigMap, ContainerChange, InitContainer, PodChange, Resources, Setting, TextEdit,
};
pub use compose::{Condition, OneShot, Service, ServiceChange, ServiceMount, service_edits, services};
pub use data::Data;
pub use job::job;
pub(crate) use lookup::deployed;
pub use lookup::{Found, container_of, service_of};
pub use overlay::{Overlay, overlays};
pub use pod::{Check, Container, EnvValue, EnvVar, Mount, Probe, Security, Volume, VolumeSource, Workload};
pub use snippet::snippet;
pub use workload::{Unread, workloads};
