//! How the author of a document writes: indentation, lists, quotes, line ends.

use super::data::is_plain;
use crate::project::tree::{Node, Value};

/// The ways of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Columns from a key to the keys below it.
    pub step: usize,
    /// Columns from a key to the dashes below it.
    pub dash: usize,
    /// Columns from a dash to what follows it.
    pub item: usize,
    /// Whether short lists of words stand in brackets.
    pub brackets: bool,
    /// Whether strings that need quotes have double ones.
    pub double_quotes: bool,
    /// Whether lines end in CR LF.
    pub crlf: bool,
}

impl Style {
    /// What most people write.
    pub const USUAL: Self =
        Self { step: 2, dash: 2, item: 2, brackets: true, double_quotes: true, crlf: false };

    /// The style of most of `top`, a tree of `text`; where it shows none, what is usual.
    pub fn of(top: &Node, text: &str) -> Self {
        let (mut steps, mut dashes, mut items) = (Votes::default(), Votes::default(), Votes::default());
        let (mut brackets, mut blocks, mut double, mut single) = (0, 0, 0, 0);
        for node in top.descendants() {
            match &node.value {
                Value::Map(pairs) if !is_flow(node, text) => {
                    for pair in pairs {
                        let Some(key) = column(text, pair.key.span.start) else { continue };
                        let below = pair.value.span;
                        if line_start(text, below.start) <= pair.key.span.end as usize
                            || is_flow(&pair.value, text)
                        {
                            continue;
                        }
                        match &pair.value.value {
                            Value::Map(inner) => {
                                let first = inner.first().and_then(|pair| column(text, pair.key.span.start));
                                steps.add(first.and_then(|first| first.checked_sub(key)));
                            }
                            Value::List(inner) => {
                                let Some(first) = inner.first() else { continue };
                                let Some(dash) = dash_of(text, first) else { continue };
                                let at = column(text, dash);
                                dashes.add(at.and_then(|at| at.checked_sub(key)));
                                let same_line = line_start(text, first.span.start) <= dash as usize;
                                items.add(same_line.then(|| (first.span.start - dash) as usize));
                            }
                            _ => {}
                        }
                    }
                }
                Value::List(inner) if !inner.is_empty() && inner.iter().all(|item| item.text().is_some()) => {
                    if is_flow(node, text) {
                        brackets += 1;
                    } else {
                        blocks += 1;
                    }
                }
                Value::Scalar(_) if !is_plain(node, text) => {
                    match text.as_bytes().get(node.span.start as usize) {
                        Some(b'"') => double += 1,
                        Some(b'\'') => single += 1,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let lines = text.matches('\n').count();
        Self {
            step: steps.most().filter(|step| *step > 0).unwrap_or(2),
            dash: dashes.most().unwrap_or(2),
            item: items.most().filter(|item| *item > 1).unwrap_or(2),
            brackets: brackets >= blocks,
            double_quotes: double >= single,
            crlf: text.matches("\r\n").count() * 2 > lines,
        }
    }
}

/// Numbers and how often each was seen.
#[derive(Default)]
struct Votes(Vec<(usize, usize)>);

impl Votes {
    fn add(&mut self, number: Option<usize>) {
        let Some(number) = number.filter(|number| *number <= 16) else { return };
        match self.0.iter_mut().find(|(known, _)| *known == number) {
            Some((_, votes)) => *votes += 1,
            None => self.0.push((number, 1)),
        }
    }

    /// The one seen most often, the first of several.
    fn most(&self) -> Option<usize> {
        let best = self.0.iter().map(|(_, votes)| *votes).max()?;
        self.0.iter().find(|(_, votes)| *votes == best).map(|(number, _)| *number)
    }
}

/// Whether a collection is written in brackets or braces.
pub(super) fn is_flow(node: &Node, text: &str) -> bool {
    let collection = matches!(node.value, Value::List(_) | Value::Map(_));
    let written = text.get(node.span.range()).unwrap_or_default();
    // Behind an anchor or a tag a collection is taken for one in braces: neither is changed.
    collection
        && (written.starts_with(['[', '{'])
            || (written.starts_with(['&', '!']) && written.ends_with([']', '}'])))
}

/// The first byte of the line that `at` is on.
pub(super) fn line_start(text: &str, at: u32) -> usize {
    text[..at as usize].rfind('\n').map_or(0, |end| end + 1)
}

/// The first byte of the line behind the one that `at` is on, and whether there is one.
pub(super) fn line_end(text: &str, at: usize) -> (usize, bool) {
    match text[at..].find('\n') {
        Some(end) => (at + end + 1, true),
        None => (text.len(), false),
    }
}

/// The column of what stands at `at`, if only blanks and dashes are before it on its line.
pub(super) fn column(text: &str, at: u32) -> Option<usize> {
    let before = &text[line_start(text, at)..at as usize];
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    before.bytes().all(|byte| matches!(byte, b' ' | b'-')).then_some(before.len())
}

/// The dash in front of an item of a block list.
pub(super) fn dash_of(text: &str, item: &Node) -> Option<u32> {
    let before = text[..item.span.start as usize].trim_end_matches([' ', '\n', '\r']);
    let at = before.len().checked_sub(1)?;
    let alone = before[..at].ends_with([' ', '\n', '\u{feff}']) || at == 0;
    (before.ends_with('-') && alone).then_some(at as u32)
}
