//! Manifests as people write them, and edits to them.

mod overlays;
mod pods;
mod properties;
mod services;
mod styles;

use super::*;
use crate::project::{Memory, ProjectPath};

/// The workloads of a manifest.
fn read(text: &str) -> Vec<Workload> {
    let files = Memory::of([("k8s/web.yaml", text)]);
    workloads(&files, &ProjectPath::new("k8s/web.yaml").unwrap()).unwrap()
}

/// `text` with its first workload changed. Asked for once more, nothing is left to do.
fn changed(text: &str, change: &PodChange) -> Result<String, CannotEdit> {
    let found = read(text);
    let made = edits(text, &[(&found[0], change)])?;
    let after = plan::replaced(text, &made).unwrap();
    let found = read(&after);
    assert_eq!(edits(&after, &[(&found[0], change)]), Ok(Vec::new()), "{after}");
    Ok(after)
}

/// The lines of `after` that are not in `before` behind a `+`, those of `before` that went behind a `-`.
fn diff(before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changes.flat_map(|change| [change.tag().to_string(), change.to_string_lossy().into_owned()]).collect()
}
