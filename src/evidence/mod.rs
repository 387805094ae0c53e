//! What an application's sources show about its needs at run time.

use std::collections::BTreeSet;

use barehull_syntax::Location;

use crate::project::{BuildContext, ProjectPath};
use crate::source::Sources;

#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language { Node, Python, Go }
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawn { pub program: Option<String>, pub shell: bool, pub how: &'static str, pub place: Location }
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse { pub path: String, pub place: Location, pub how: &'static str }
#[allow(missing_docs)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence { pub spawns: Vec<Spawn>, pub writes: Vec<FileUse>, pub reads: Vec<FileUse>, pub imports: BTreeSet<String>, pub imports_c: Option<Location>, pub listens_low_port: Option<Location>, pub complete: bool }
/// Placeholder until the module is whole.
pub fn scan(_: &BuildContext, _: &[ProjectPath], _: Language, _: &mut Sources) -> Evidence { Evidence::default() }
