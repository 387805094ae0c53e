//! The language that rules are written in, as YAML reads it: the same types hold the built-in rules (borrowed,
//! constant) and a user's (owned). `build.rs` includes this folder, so nothing here may depend on the rest of the crate.

mod fix;
mod many;
mod matcher;
mod needs;
mod pattern;
mod template;
mod test;
mod words;

pub use fix::{Change, FixLevel, FixTemplate, Part};
pub use matcher::{MatchText, Matcher};
pub use needs::Needs;
pub use pattern::Pattern;
pub use template::{Field, Piece, Template};
// Only `build.rs` takes them apart.
#[allow(unused_imports)]
pub use test::Held;
use test::Tests;
pub use test::{Group, KEYS, Test};
pub use words::{EffectName, Mode, Origin, Reach, Trigger};

use std::borrow::Cow;

/// Text that is constant in built-in rules and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is constant in built-in rules and owned in a user's.
pub type List<T> = Cow<'static, [T]>;
