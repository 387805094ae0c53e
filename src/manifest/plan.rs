//! The documents of one text, what shall become of them, and the edits for it.

use std::sync::Arc;

use barehull_syntax::Span;

use super::change::TextEdit;
use super::data::Data;
use super::edit::{Editor, join};
use super::print::Printer;
use super::style::{Style, line_end};
use super::want::{Refused, Want};
use crate::project::tree::{Node, Value};
use crate::project::yaml;

/// What shall become of a text.
pub(super) struct Plan<'a> {
    pub text: &'a str,
    documents: Vec<Arc<Node>>,
    wanted: Vec<Want>,
    /// New documents, each behind the one of this number.
    pub added: Vec<(usize, Data)>,
}

impl<'a> Plan<'a> {
    /// The documents of `text`, all to stay as they are.
    pub fn read(text: &'a str) -> Result<Self, Refused> {
        let documents = read(text)?;
        let wanted = documents.iter().map(|node| Want::Keep(Arc::clone(node))).collect();
        Ok(Self { text, documents, wanted, added: Vec::new() })
    }

    /// A document, to be changed.
    pub fn document(&mut self, number: usize) -> Option<&mut Want> {
        self.wanted.get_mut(number)
    }

    /// The objects that are there, those of lists included.
    pub fn objects(&self) -> impl Iterator<Item = &Node> {
        self.documents.iter().flat_map(|top| {
            let items = top.get("items").map(Node::items).unwrap_or_default();
            std::iter::once(&**top).chain(items.iter().map(|item| &**item))
        })
    }

    /// The edits that make the text say what is wanted and nothing else.
    pub fn edits(self) -> Result<Vec<TextEdit>, Refused> {
        let mut found = Vec::new();
        for (want, top) in self.wanted.iter().zip(&self.documents) {
            // Most documents stay as they are: nothing is to be known of their style.
            if matches!(want, Want::Keep(_)) {
                continue;
            }
            let mut editor = Editor::new(self.text, Style::of(top, self.text));
            editor.write(want)?;
            found.extend(editor.finish());
        }
        for (document, data) in &self.added {
            found.push(new_document(self.text, &self.documents[*document], data));
        }
        let found = join(self.text, found);
        self.check(&found)?;
        Ok(found)
    }

    /// The text with the edits done says what it said before plus the changes, or nothing is edited.
    fn check(&self, edits: &[TextEdit]) -> Result<(), Refused> {
        let broken = || Refused {
            reason: "an edit of it would change more than it should (anchors, or an unusual style)"
                .to_owned(),
            at: None,
        };
        let after = replaced(self.text, edits).ok_or_else(broken)?;
        let documents = read(&after).map_err(|_| broken())?;
        let mut found = documents.iter();
        for (at, want) in self.wanted.iter().enumerate() {
            if !found.next().is_some_and(|node| want.is_met(node, &after)) {
                return Err(broken());
            }
            for (_, data) in self.added.iter().filter(|(document, _)| *document == at) {
                if !found.next().is_some_and(|node| super::want::same_as_data(data, node, &after)) {
                    return Err(broken());
                }
            }
        }
        if found.next().is_none() { Ok(()) } else { Err(broken()) }
    }
}

fn read(text: &str) -> Result<Vec<Arc<Node>>, Refused> {
    let parsed = yaml::parse(text);
    match parsed.error {
        Some(error) => Err(Refused::new(format!("it is not YAML: {}", error.text), error.offset)),
        None => Ok(parsed.documents),
    }
}

/// A document behind that of `top`.
fn new_document(text: &str, top: &Node, data: &Data) -> TextEdit {
    let style = Style::of(top, text);
    let mut at = last_byte(top, text);
    let mut ended = true;
    while at < text.len() {
        (at, ended) = line_end(text, at);
        let rest = &text[at..];
        let marks = ["---", "..."].iter().any(|mark| {
            rest.strip_prefix(mark)
                .is_some_and(|behind| behind.is_empty() || behind.starts_with([' ', '\n', '\r']))
        });
        if marks {
            break;
        }
    }
    let mut printer = Printer::new(style);
    printer.document(data);
    let lines = printer.finish();
    let new = if ended { format!("---\n{lines}") } else { format!("\n---\n{lines}") };
    let new = if style.crlf { new.replace('\n', "\r\n") } else { new };
    TextEdit { span: Span::new(at as u32, at as u32), text: new }
}

/// The last byte that any value of the document has.
fn last_byte(top: &Node, text: &str) -> usize {
    let ends = top.descendants().into_iter().filter(|node| !matches!(node.value, Value::Null));
    let last = ends.map(|node| node.span.start as usize + text[node.span.range()].trim_end().len()).max();
    last.unwrap_or(top.span.start as usize).saturating_sub(1)
}

/// `text` with `edits` done; nothing where two of them meet.
pub(super) fn replaced(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut after = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        after.push_str(text.get(done..edit.span.start as usize)?);
        after.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    after.push_str(text.get(done..)?);
    Some(after)
}
