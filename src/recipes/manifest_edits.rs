//! Edits of manifests and compose files that go along with those of the Dockerfile.

use barehull_syntax::Location;

use super::plan::Plan;
use crate::edit::{Edit, TextHash};
use crate::finding::Place;
use crate::manifest::{CannotEdit, TextEdit};
use crate::project::ProjectPath;

/// The edits that `change` makes of the file at `path`; blocks where it cannot be read or edited, since what goes
/// from the Dockerfile would be lost.
pub fn of_file(
    plan: &mut Plan<'_, '_>,
    path: &ProjectPath,
    change: impl FnOnce(&str) -> Result<Vec<TextEdit>, CannotEdit>,
) -> Vec<Edit> {
    let bytes = match plan.cx.project.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            plan.block(format!("{path} cannot be changed: {}", error.fault), Place::File(path.clone()));
            return Vec::new();
        }
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        plan.block(format!("{path} cannot be changed: it is not UTF-8"), Place::File(path.clone()));
        return Vec::new();
    };
    match change(text) {
        Ok(edits) => {
            let file = plan.cx.files.borrow_mut().add(path, &bytes);
            let of = TextHash::of(&bytes);
            let replace =
                |e: TextEdit| Edit::Replace { location: Location::new(file, e.span), text: e.text, of };
            edits.into_iter().map(replace).collect()
        }
        Err(cannot) => {
            let reason =
                format!("{path} cannot be changed so that nothing else of it changes: {}", cannot.reason);
            plan.block(reason, Place::File(path.clone()));
            Vec::new()
        }
    }
}
