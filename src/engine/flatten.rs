//! Fixes that were made on what others left, as edits of the files that are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use barehull_syntax::{Location, Span};

use crate::edit::{Edit, FilePatch, TextHash};
use crate::project::ProjectPath;
use crate::source::Sources;

/// Adds `patches` to the changes so far.
pub(super) fn keep(files: &mut BTreeMap<ProjectPath, FilePatch>, patches: Vec<FilePatch>) {
    for patch in patches {
        let before = files.get(&patch.path).map_or(patch.before.clone(), |p| p.before.clone());
        files.insert(patch.path.clone(), FilePatch { before, ..patch });
    }
}

/// The changes so far, and `patches` behind them.
pub(super) fn with(
    files: &BTreeMap<ProjectPath, FilePatch>,
    patches: &[FilePatch],
) -> BTreeMap<ProjectPath, FilePatch> {
    let mut all = files.clone();
    keep(&mut all, patches.to_vec());
    all
}

/// All changes so far as edits of the files as they were: a later fix includes those that it stands on.
pub(super) fn edits(files: &BTreeMap<ProjectPath, FilePatch>, sources: &mut Sources) -> Vec<Edit> {
    let mut found = Vec::new();
    for patch in files.values() {
        let path = patch.path.clone();
        match (&patch.before, &patch.after) {
            (Some(before), Some(after)) => {
                let file = sources.add(&path, before);
                let of = TextHash::of(before);
                found.extend(replaced(before, after).map(|(span, text)| Edit::Replace {
                    location: Location::new(file, span),
                    text,
                    of,
                }));
            }
            (None, Some(after)) => {
                let text = String::from_utf8_lossy(after).into_owned();
                found.push(Edit::Create { path, text, mode: patch.mode });
            }
            (Some(before), None) => found.push(Edit::Delete { path, of: TextHash::of(before) }),
            (None, None) => {}
        }
    }
    found
}

/// The lines that differ, from the first to the last of them, and what comes in their place.
fn replaced(before: &Arc<[u8]>, after: &Arc<[u8]>) -> Option<(Span, String)> {
    let (old, new) = (std::str::from_utf8(before).ok()?, std::str::from_utf8(after).ok()?);
    if old == new {
        return None;
    }
    let same = |a: &str, b: &str| a == b;
    let head: usize = old
        .split_inclusive('\n')
        .zip(new.split_inclusive('\n'))
        .take_while(|(a, b)| same(a, b))
        .map(|(a, _)| a.len())
        .sum();
    let tail: usize = old[head..]
        .split_inclusive('\n')
        .rev()
        .zip(new[head..].split_inclusive('\n').rev())
        .take_while(|(a, b)| same(a, b))
        .map(|(a, _)| a.len())
        .sum();
    let span = Span::new(head as u32, (old.len() - tail) as u32);
    Some((span, new[head..new.len() - tail].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_differ_are_replaced() {
        let table = [
            ("a\nb\nc\n", "a\nx\nc\n", Some((2, 4, "x\n"))),
            ("a\n", "a\nb\n", Some((2, 2, "b\n"))),
            ("a\nb\n", "b\n", Some((0, 2, ""))),
            ("a\na\n", "a\na\na\n", Some((4, 4, "a\n"))),
            ("a", "a\n", Some((0, 1, "a\n"))),
            ("a\n", "a\n", None),
        ];
        for (before, after, expected) in table {
            let bytes = |text: &str| Arc::from(text.as_bytes());
            let found = replaced(&bytes(before), &bytes(after));
            let expected = expected.map(|(start, end, text)| (Span::new(start, end), text.to_owned()));
            assert_eq!(found, expected, "{before:?} {after:?}");
        }
    }
}
