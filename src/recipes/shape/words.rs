//! Words and whole instructions taken out of a Dockerfile, everything else left as it stands.

use std::collections::BTreeSet;

use barehull_syntax::Span;

use super::draft::Draft;
use crate::edit::Edit;
use crate::model::Model;

/// Takes out `words`, each with what parts it from the word before, and the instructions of index `whole` with the
/// comments above them.
pub fn take_out(model: &Model, words: &[Span], whole: &BTreeSet<usize>) -> Vec<Edit> {
    let mut draft = Draft::new(model);
    for index in whole {
        draft.delete(&model.dockerfile.instructions()[*index]);
    }
    for word in words {
        let start = behind_last_word(model, word.start);
        draft.replace(Span::new(start, word.end), "");
    }
    draft.finish()
}

/// Where the last word in front of `at` ends: over blanks, line continuations, and comments between them.
fn behind_last_word(model: &Model, at: u32) -> u32 {
    let source = model.dockerfile.source();
    let escape = model.dockerfile.escape();
    let lines = model.dockerfile.line_index();
    let mut end = at as usize;
    loop {
        let start = lines.line_start(lines.line(end as u32)) as usize;
        let line = &source[start..end];
        let is_comment = line.trim_ascii_start().starts_with(b"#");
        let mut text = line.trim_ascii_end();
        if end != at as usize {
            text = text.strip_suffix(&[escape]).unwrap_or(text).trim_ascii_end();
        }
        if !text.trim_ascii().is_empty() && !is_comment {
            return (start + text.len()) as u32;
        }
        if start == 0 {
            return at;
        }
        // The line break, and a carriage return before it.
        end = start - 1;
    }
}
