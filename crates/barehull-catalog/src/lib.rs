//! What base images, packages and executables are, as data with sources.
//!
//! * [`Catalog`]: roles of executables, facts about images, what packages bring, ends of life.
//! * [`Inventory`]: the components of one stage, with what brought them.
//!
//! The data lies in `data/` as YAML; the build checks it and compiles it in as constant tables, so there is no work
//! at start-up. A user's file has the same form.

mod catalog;
mod component;
mod error;
mod image;
mod inventory;
mod packages;
pub mod schema;

pub use catalog::{Catalog, Eol, Os, RuntimeLibrary};
pub use component::{Completeness, Component, Origin, Presence};
pub use error::CatalogError;
pub use image::{ImageComponent, ImageFacts, Runtime};
pub use inventory::{Entry, Inventory, MAX_ADDED};
pub use packages::{Brought, BroughtComponent, PackageSet};
pub use schema::{
    ConfigEntry, Date, Ecosystem, EnvEntry, Family, ImageRef, ImageRefError, Libc, List, OsEntry, Release,
    Replacement, Role, Standalone, StartScript, Text, Tool, ToolImage, compare_versions,
};

/// The built-in tables, written by the build.
#[allow(clippy::all, clippy::pedantic)] // no person keeps it
mod generated {
    use crate::schema::*;
    use std::borrow::Cow;

    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}
