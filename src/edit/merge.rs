//! Two patches to one file, made for different Dockerfiles, as one.

use std::ops::Range;
use std::sync::Arc;

use similar::{DiffOp, TextDiff};

use super::FilePatch;

/// Both patches as one, or nothing where they contradict each other: they change the same or neighbouring
/// lines in different ways, one deletes what the other changes, or they were made for different texts.
pub fn merge(first: &FilePatch, second: &FilePatch) -> Option<FilePatch> {
    if first.before != second.before {
        return None;
    }
    if first.after == second.after {
        return Some(first.clone());
    }
    let before = std::str::from_utf8(first.before.as_deref()?).ok()?;
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let mut changes = changes(&old, first.after.as_deref()?)?;
    changes.extend(self::changes(&old, second.after.as_deref()?)?);
    changes.sort();
    changes.dedup();
    if changes.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
        return None;
    }
    let mut after = String::with_capacity(before.len());
    let mut at = 0;
    for (start, end, new) in changes {
        old[at..start].iter().for_each(|line| after.push_str(line));
        after.push_str(&new);
        at = end;
    }
    old[at..].iter().for_each(|line| after.push_str(line));
    Some(FilePatch { after: Some(Arc::from(after.into_bytes())), ..first.clone() })
}

/// First changed line, line behind the last one, and what comes instead.
type Change = (usize, usize, String);

fn changes(old: &[&str], after: &[u8]) -> Option<Vec<Change>> {
    let after = std::str::from_utf8(after).ok()?;
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let diff = TextDiff::configure().diff_slices(old, &new);
    let change = |old: Range<usize>, into: Range<usize>| (old.start, old.end, new[into].concat());
    let ops = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    Some(ops.map(|op| change(op.old_range(), op.new_range())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ProjectPath;

    fn patch(before: &str, after: &str) -> FilePatch {
        let bytes = |text: &str| (text != "-").then(|| Arc::from(text.as_bytes()));
        let path = ProjectPath::new("compose.yaml").unwrap();
        FilePatch { path, before: bytes(before), after: bytes(after), mode: 0o644 }
    }

    #[test]
    fn changes_that_keep_apart_meet_in_one_text() {
        let old = "a\nb\nc\nd\ne\n";
        let table = [
            ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", Some("A\nb\nc\nd\nE\n")),
            ("a\nb\nc\nd\ne\nf\n", "x\na\nb\nc\nd\ne\n", Some("x\na\nb\nc\nd\ne\nf\n")),
            ("a\nB\nc\nd\ne\n", "a\nB\nc\ne\n", Some("a\nB\nc\ne\n")),
            ("a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", Some("a\nB\nc\nd\ne\n")),
            ("a\nB\nc\nd\ne\n", "a\nX\nc\nd\ne\n", None),
            ("a\nB\nc\nd\ne\n", "a\nb\nC\nd\ne\n", None),
            ("a\nx\nb\nc\nd\ne\n", "a\ny\nb\nc\nd\ne\n", None),
            ("a\nB\nc\nd\ne\n", "-", None),
        ];
        for (first, second, merged) in table {
            let (first, second) = (patch(old, first), patch(old, second));
            let expected = merged.map(|text| patch(old, text));
            assert_eq!(merge(&first, &second), expected);
            assert_eq!(merge(&second, &first), expected);
        }
    }

    #[test]
    fn files_are_created_once_and_deleted_once() {
        assert_eq!(merge(&patch("-", "a\n"), &patch("-", "a\n")), Some(patch("-", "a\n")));
        assert_eq!(merge(&patch("-", "a\n"), &patch("-", "b\n")), None);
        assert_eq!(merge(&patch("a\n", "-"), &patch("a\n", "-")), Some(patch("a\n", "-")));
        assert_eq!(merge(&patch("a\n", "b\n"), &patch("c\n", "b\n")), None);
    }
}
