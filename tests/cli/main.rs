//! The program as its users run it.

mod bad_input;
#[cfg(feature = "verify")]
mod catalog;
mod check;
mod config;
mod fix;
mod manifests;
mod other;
mod policies;
mod project_rules;
mod sandbox;
#[cfg(feature = "verify")]
mod verify;
