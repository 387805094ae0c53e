//! Edits of manifests and compose files that go along with those of the Dockerfile.

use barehull_syntax::Location;

use super::RecipeCx;
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
    match try_file(plan.cx, path, change) {
        Ok(edits) => edits,
        Err(NotEdited { reason, .. }) => {
            plan.block(reason, Place::File(path.clone()));
            Vec::new()
        }
    }
}

/// Why a file is not edited.
pub struct NotEdited {
    /// In words.
    pub reason: String,
    /// What a person can add to it, where that is known.
    pub snippet: Option<String>,
}

/// The edits that `change` makes of the file at `path`, or why there are none.
pub fn try_file(
    cx: &RecipeCx<'_>,
    path: &ProjectPath,
    change: impl FnOnce(&str) -> Result<Vec<TextEdit>, CannotEdit>,
) -> Result<Vec<Edit>, NotEdited> {
    let unread = |why: &str| NotEdited { reason: format!("{path} cannot be changed: {why}"), snippet: None };
    let bytes = cx.project.read(path).map_err(|error| unread(&error.fault.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unread("it is not UTF-8"))?;
    let edits = change(text).map_err(|cannot| NotEdited {
        reason: format!("{path} cannot be changed so that nothing else of it changes: {}", cannot.reason),
        snippet: Some(cannot.snippet),
    })?;
    let file = cx.files.borrow_mut().add(path, &bytes);
    let of = TextHash::of(&bytes);
    let replace = |e: TextEdit| Edit::Replace { location: Location::new(file, e.span), text: e.text, of };
    Ok(edits.into_iter().map(replace).collect())
}
