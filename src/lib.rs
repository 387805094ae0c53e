//! Strips a container image to its bare hull.
//!
//! Data flows one way: `project` reads, `model` understands, `rules` find, `recipes` plan, `edit` changes,
//! `report` shows; only [`engine`] goes round.

pub mod analysis;
pub mod builders;
pub mod comparison;
pub mod config;
#[cfg(feature = "verify")]
pub mod describe;
pub mod edit;
pub mod engine;
pub mod evidence;
pub mod finding;
pub mod manifest;
pub mod model;
pub mod options;
pub mod project;
pub mod recipes;
pub mod report;
pub mod rules;
pub mod source;
mod suppression;
pub mod timings;
#[cfg(feature = "verify")]
pub mod verify;
