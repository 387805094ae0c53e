//! What people and programs get to see: one file per output format. Nothing is computed here, and nothing
//! that was read is shown unescaped.

pub mod built;
pub mod comparison;
pub mod controls;
pub mod escape;
mod excerpt;
pub mod github;
pub mod json;
mod paths;
mod places;
pub mod recipebook;
pub mod rewrite;
pub mod rulebook;
#[cfg(test)]
mod sample;
pub mod sarif;
mod style;
mod summary;
pub mod surface;
pub mod text;

pub use paths::Paths;
pub use style::Look;
pub use summary::{ControlCount, RuleCount, Summary};
