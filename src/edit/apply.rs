//! From edits to the new text of each file.

use std::collections::BTreeMap;
use std::sync::Arc;

use barehull_syntax::{FileId, Span};

use super::{Edit, FilePatch, TextHash};
use crate::project::ProjectPath;
use crate::source::Sources;

/// Why edits cannot be applied; always a defect of what made them, or a file that changed meanwhile.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Two edits touch the same bytes.
    #[error("{path}: two edits overlap at bytes {first:?} and {second:?}")]
    Overlap {
        /// The file.
        path: ProjectPath,
        /// The earlier one.
        first: Span,
        /// The later one.
        second: Span,
    },
    /// The file is not the one the edit was made for.
    #[error("{0}: the file changed since the edit was made; run again")]
    Stale(ProjectPath),
    /// The file is not UTF-8, or the span is not between characters.
    #[error("{0}: only UTF-8 text can be edited")]
    NotText(ProjectPath),
    /// A file is created twice, or created where one is.
    #[error("{0}: there is a file already")]
    Exists(ProjectPath),
}

/// Applies `edits`, made for the files of `sources`, in memory: one patch per changed file, sorted by path.
///
/// # Errors
/// Where two edits overlap, a file is not the one an edit was made for, or it is not text.
pub fn apply(edits: &[Edit], sources: &Sources) -> Result<Vec<FilePatch>, ApplyError> {
    let mut replaced: BTreeMap<FileId, Vec<(Span, &str)>> = BTreeMap::new();
    let mut patches: BTreeMap<ProjectPath, FilePatch> = BTreeMap::new();
    for edit in edits {
        match edit {
            Edit::Replace { location, text, of } => {
                let file = sources.get(location.file);
                if TextHash::of(&file.bytes) != *of {
                    return Err(ApplyError::Stale(file.path.clone()));
                }
                replaced.entry(location.file).or_default().push((location.span, text));
            }
            Edit::Create { path, text, mode } => {
                let after = Some(Arc::from(text.as_bytes()));
                let patch = FilePatch { path: path.clone(), before: None, after, mode: *mode };
                if sources.find(path).is_some() || patches.insert(path.clone(), patch).is_some() {
                    return Err(ApplyError::Exists(path.clone()));
                }
            }
            Edit::Delete { path, of } => {
                let before = sources.find(path).map(|id| Arc::clone(&sources.get(id).bytes));
                if before.as_deref().map(TextHash::of) != Some(*of) {
                    return Err(ApplyError::Stale(path.clone()));
                }
                patches
                    .insert(path.clone(), FilePatch { path: path.clone(), before, after: None, mode: 0o644 });
            }
        }
    }
    for (id, mut edits) in replaced {
        let file = sources.get(id);
        edits.sort_by_key(|(span, _)| *span);
        let text = file.text().ok_or_else(|| ApplyError::NotText(file.path.clone()))?;
        let after = replace_all(text, &edits, &file.path)?;
        if after != text {
            let patch = FilePatch {
                path: file.path.clone(),
                before: Some(Arc::clone(&file.bytes)),
                after: Some(Arc::from(after.into_bytes())),
                mode: 0o644,
            };
            patches.insert(file.path.clone(), patch);
        }
    }
    Ok(patches.into_values().collect())
}

/// `text` with `edits` (sorted by span) done.
fn replace_all(text: &str, edits: &[(Span, &str)], path: &ProjectPath) -> Result<String, ApplyError> {
    let mut result = String::with_capacity(text.len());
    let mut done = Span::default();
    for (span, new) in edits {
        if span.start < done.end || (*span == done && span.is_empty() && done.end > 0) {
            return Err(ApplyError::Overlap { path: path.clone(), first: done, second: *span });
        }
        let between = text.get(done.end as usize..span.start as usize);
        let inside = text.get(span.range());
        let (Some(between), Some(_)) = (between, inside) else {
            return Err(ApplyError::NotText(path.clone()));
        };
        result.push_str(between);
        result.push_str(new);
        done = *span;
    }
    result.push_str(&text[done.end as usize..]);
    Ok(result)
}
