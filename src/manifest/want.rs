//! A document as it shall be: what stays is the old tree itself, what changes is opened up.

use std::collections::HashSet;
use std::sync::Arc;

use barehull_syntax::{LineIndex, Span};

use super::Data;
use super::change::CannotEdit;
use super::data::{is_plain, stays_text};
use crate::project::tree::{Node, Pair, Value};

/// A value as it shall be.
pub(super) enum Want {
    /// What is there, unchanged.
    Keep(Arc<Node>),
    /// Something new.
    New(Data),
    /// A map that is there, with other entries.
    Map(Arc<Node>, Vec<(String, Want)>),
    /// A list that is there, with other items.
    List(Arc<Node>, Vec<Want>),
}

/// Why something cannot be changed in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub reason: String,
    /// What is to blame.
    pub at: Option<u32>,
}

impl Refused {
    pub fn new(reason: impl Into<String>, at: u32) -> Self {
        Self { reason: reason.into(), at: Some(at) }
    }

    /// For a person, who gets `snippet` to write into `text`.
    pub fn told(self, text: &str, snippet: String) -> CannotEdit {
        let line = self.at.map(|at| LineIndex::new(text.as_bytes()).line(at));
        let reason = match line {
            Some(line) => format!("line {line}: {}", self.reason),
            None => self.reason,
        };
        CannotEdit { reason, line, snippet }
    }
}

/// An opened map's entries.
pub(super) type Entries = Vec<(String, Want)>;

impl Want {
    /// The entries of a map, to be changed; of an absent value, none.
    pub fn map(&mut self) -> Result<&mut Entries, Refused> {
        if let Self::New(Data::Map(entries)) = self {
            // Written anew in any case: nothing of it is there.
            let entries = std::mem::take(entries).into_iter().map(|(key, data)| (key, Self::New(data)));
            *self = Self::Map(nothing(), entries.collect());
        }
        if let Self::Keep(node) = self {
            let entries = match &node.value {
                Value::Map(pairs) => own_entries(pairs)?,
                Value::Null => Vec::new(),
                _ => return Err(Refused::new("it is no map", node.span.start)),
            };
            *self = Self::Map(Arc::clone(node), entries);
        }
        match self {
            Self::Map(_, entries) => Ok(entries),
            _ => Err(Refused { reason: "it is no map".to_owned(), at: None }),
        }
    }

    /// The items of a list, to be changed; of an absent value, none.
    pub fn list(&mut self) -> Result<&mut Vec<Self>, Refused> {
        if let Self::New(Data::List(items)) = self {
            let items = std::mem::take(items).into_iter().map(Self::New);
            *self = Self::List(nothing(), items.collect());
        }
        if let Self::Keep(node) = self {
            let items = match &node.value {
                Value::List(items) => items.iter().map(|item| Self::Keep(Arc::clone(item))).collect(),
                Value::Null => Vec::new(),
                _ => return Err(Refused::new("it is no list", node.span.start)),
            };
            *self = Self::List(Arc::clone(node), items);
        }
        match self {
            Self::List(_, items) => Ok(items),
            _ => Err(Refused { reason: "it is no list".to_owned(), at: None }),
        }
    }

    /// The text at `key`, if this is a map with one.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        match self {
            Self::Keep(node) => node.text_at(&[key]),
            Self::Map(_, entries) => entries.iter().find(|(known, _)| known == key)?.1.text(),
            Self::New(Data::Map(entries)) => match &entries.iter().find(|(known, _)| known == key)?.1 {
                Data::Text(text) | Data::Word(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Keep(node) => node.text(),
            Self::New(Data::Text(text) | Data::Word(text)) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list that holds nothing else.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Keep(node) if node.is_list() => {
                node.items().iter().map(|item| item.text().map(str::to_owned)).collect()
            }
            Self::List(_, items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }

    /// Whether it says what `data` says.
    pub fn says(&self, data: &Data, text: &str) -> bool {
        match self {
            Self::Keep(node) => same_as_data(data, node, text),
            Self::New(own) => own == data,
            Self::Map(..) | Self::List(..) => false,
        }
    }

    /// Whether the tree `node`, read from `text`, says this.
    pub fn is_met(&self, node: &Node, text: &str) -> bool {
        self.compare(node, text, &mut HashSet::new())
    }

    fn compare(&self, node: &Node, text: &str, known: &mut Same) -> bool {
        match self {
            Self::Keep(old) => same(old, node, known),
            Self::New(data) => same_as_data(data, node, text),
            Self::Map(_, entries) => match &node.value {
                Value::Map(pairs) => {
                    // In whatever order: what is added comes behind a first key that stands on a dash.
                    pairs.len() == entries.len()
                        && entries.iter().all(|(key, want)| {
                            let mut named = pairs.iter().filter(|pair| pair.key.value == *key);
                            named.next().is_some_and(|pair| want.compare(&pair.value, text, known))
                        })
                }
                _ => false,
            },
            Self::List(_, items) => match &node.value {
                Value::List(nodes) => {
                    nodes.len() == items.len()
                        && nodes.iter().zip(items).all(|(node, item)| item.compare(node, text, known))
                }
                _ => false,
            },
        }
    }
}

/// The entry at `key` of an opened map.
pub(super) fn entry<'a>(entries: &'a mut Entries, key: &str) -> Option<&'a mut Want> {
    entries.iter_mut().find(|(known, _)| known == key).map(|(_, want)| want)
}

/// The entry at `key`, made with an empty value where `order` places it if it is not there: behind the last of those
/// that stand before it in `order`, else before the first of those behind it, else at the end.
pub(super) fn entry_or_add<'a>(
    entries: &'a mut Entries,
    key: &str,
    empty: Data,
    order: &[&str],
) -> &'a mut Want {
    let at = match entries.iter().position(|(known, _)| known == key) {
        Some(at) => at,
        None => {
            let rank = |key: &str| order.iter().position(|known| *known == key);
            let own = rank(key).unwrap_or(order.len());
            let before = entries.iter().rposition(|(known, _)| rank(known).is_some_and(|rank| rank < own));
            let behind = || entries.iter().position(|(known, _)| rank(known).is_some_and(|rank| rank > own));
            let at = before.map(|at| at + 1).or_else(behind).unwrap_or(entries.len());
            entries.insert(at, (key.to_owned(), Want::New(empty)));
            at
        }
    };
    &mut entries[at].1
}

/// What stands in the place of a value that is not there.
fn nothing() -> Arc<Node> {
    Node::new(Span::default(), Value::Null).expect("it nests nothing")
}

/// The entries of a map as they are written.
fn own_entries(pairs: &[Pair]) -> Result<Entries, Refused> {
    let mut keys = HashSet::new();
    for pair in pairs {
        if pair.key.value == "<<" {
            return Err(Refused::new("other maps are merged into it (`<<`)", pair.key.span.start));
        }
        if !keys.insert(pair.key.value.as_str()) {
            let reason = format!("the key `{}` is there twice", pair.key.value);
            return Err(Refused::new(reason, pair.key.span.start));
        }
    }
    Ok(pairs.iter().map(|pair| (pair.key.value.clone(), Want::Keep(Arc::clone(&pair.value)))).collect())
}

/// Pairs of nodes that were found to be the same: aliases of aliases are compared once.
type Same = HashSet<(*const Node, *const Node)>;

/// Whether two trees say the same, strings that look like numbers aside.
fn same(a: &Node, b: &Node, known: &mut Same) -> bool {
    let pair = (std::ptr::from_ref(a), std::ptr::from_ref(b));
    if known.contains(&pair) {
        return true;
    }
    let equal = match (&a.value, &b.value) {
        (Value::Null, Value::Null) => true,
        (Value::Scalar(a), Value::Scalar(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, known))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.key.value == b.key.value && same(&a.value, &b.value, known))
        }
        _ => false,
    };
    if equal {
        known.insert(pair);
    }
    equal
}

/// Whether the tree `node` of `text` says what `data` says.
pub(super) fn same_as_data(data: &Data, node: &Node, text: &str) -> bool {
    match (data, &node.value) {
        (Data::Null, Value::Null) => true,
        (Data::Word(word), Value::Scalar(value)) => word == value && is_plain(node, text),
        (Data::Text(own), Value::Scalar(value)) => {
            own == value && (!is_plain(node, text) || stays_text(value))
        }
        (Data::List(own), Value::List(items)) => {
            own.len() == items.len()
                && own.iter().zip(items).all(|(data, node)| same_as_data(data, node, text))
        }
        (Data::Map(own), Value::Map(pairs)) => {
            own.len() == pairs.len()
                && own.iter().zip(pairs).all(|((key, data), pair)| {
                    *key == pair.key.value && same_as_data(data, &pair.value, text)
                })
        }
        _ => false,
    }
}
