//! What an application says of itself in its package manifests and sources: plain data with places.

mod cargo;
mod dotnet;
mod go;
mod go_build;
mod go_lexer;
mod go_source;
mod node;
mod procfile;
mod python;
mod requirements;

pub use cargo::{CargoManifest, locked_crates};
pub use dotnet::DotnetProject;
pub use go::{GoModule, Replace, Require};
pub use go_source::{GoFact, GoFactKind, GoPackage, GoSources};
pub use node::{Dependency, LockFile, NodePackage, Script};
pub use procfile::{Process, Procfile};
pub use python::{EntryPoint, PythonProject};
pub use requirements::Requirement;

use super::tree::SyntaxError;
use super::{BuildContext, Fault, Note, ProjectPath, Unseen};

/// Bytes a manifest may have.
const MAX_MANIFEST_BYTES: u64 = 4 << 20;

/// The text of the manifest at `path` as the builder sees it; nothing if it sees none.
fn manifest_text(context: &BuildContext, path: &ProjectPath) -> Result<Option<String>, Note> {
    match context.read_up_to(path, MAX_MANIFEST_BYTES) {
        Ok(bytes) => match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => {
                Err(Note { path: path.clone(), line: None, text: "not UTF-8; save it as UTF-8".to_owned() })
            }
        },
        Err(Unseen::Read(error)) if error.fault != Fault::Missing => {
            Err(Note { path: path.clone(), line: None, text: error.fault.to_string() })
        }
        Err(_) => Ok(None),
    }
}

/// The note for a manifest that is not what its name says.
fn syntax_note(path: &ProjectPath, text: &str, error: &SyntaxError) -> Note {
    let line = barehull_syntax::LineIndex::new(text.as_bytes()).line(error.offset);
    Note { path: path.clone(), line: Some(line), text: format!("not read: {}", error.text) }
}
