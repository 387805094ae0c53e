//! YAML, JSON and TOML as one kind of tree whose nodes know where they stand.

use std::sync::Arc;

use barehull_syntax::Span;

use super::Sited;

/// Levels of nesting that are read, aliases counted with what they stand for.
pub(crate) const MAX_DEPTH: u32 = 64;
/// Nodes of one file that are read.
pub(crate) const MAX_NODES: usize = 400_000;

/// A value with its place. Shared where an alias stands for it, so that aliases of aliases cost nothing.
#[derive(Debug)]
pub(crate) struct Node {
    /// The bytes; an alias has those of what it stands for.
    pub span: Span,
    pub value: Value,
    /// Levels below it, itself included.
    depth: u32,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    /// A string, number or boolean, as text.
    Scalar(String),
    List(Vec<Arc<Node>>),
    Map(Vec<Pair>),
}

/// One entry of a map. Keys that are not scalars are left out.
#[derive(Debug)]
pub(crate) struct Pair {
    pub key: Sited<String>,
    pub value: Arc<Node>,
}

/// Why a text is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Byte where it was noticed.
    pub offset: u32,
    /// What is wrong.
    pub text: String,
}

impl Node {
    /// A node of `value`; nothing if it would nest too deeply.
    pub fn new(span: Span, value: Value) -> Option<Arc<Self>> {
        let below = match &value {
            Value::Null | Value::Scalar(_) => 0,
            Value::List(items) => items.iter().map(|item| item.depth).max().unwrap_or(0),
            Value::Map(pairs) => pairs.iter().map(|pair| pair.value.depth).max().unwrap_or(0),
        };
        (below < MAX_DEPTH).then(|| Arc::new(Self { span, value, depth: below + 1 }))
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar, with its place.
    pub fn sited(&self) -> Option<Sited<String>> {
        self.text().map(|text| Sited::new(text.to_owned(), self.span))
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Arc<Self>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// The entries of a map, those merged in (`<<`) behind its own that they do not replace.
    pub fn pairs(&self) -> Vec<&Pair> {
        let mut found: Vec<&Pair> = Vec::new();
        self.visit_maps(|pairs| {
            let own = pairs.iter().filter(|pair| pair.key.value != "<<");
            let known = found.len();
            for pair in own {
                if !found[..known].iter().any(|other| other.key.value == pair.key.value) {
                    found.push(pair);
                }
            }
            false
        });
        found
    }

    /// The value at `key` of a map, merged maps included.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let mut found = None;
        self.visit_maps(|pairs| {
            found = pairs.iter().rev().find(|pair| pair.key.value == key).map(|pair| &*pair.value);
            found.is_some()
        });
        found
    }

    /// The value behind several keys, one in the other.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text behind several keys.
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.text()
    }

    /// Shows `visit` the entries of this map and of those merged into it, nearest first, each once, until it says
    /// that it is content.
    fn visit_maps<'a>(&'a self, mut visit: impl FnMut(&'a [Pair]) -> bool) {
        let mut seen: Vec<*const Self> = Vec::new();
        let mut ahead = vec![self];
        while let Some(node) = ahead.pop() {
            let Value::Map(pairs) = &node.value else { continue };
            if seen.contains(&std::ptr::from_ref(node)) {
                continue;
            }
            seen.push(node);
            if visit(pairs) {
                return;
            }
            for merged in pairs.iter().filter(|pair| pair.key.value == "<<").rev() {
                match &merged.value.value {
                    Value::List(items) => ahead.extend(items.iter().rev().map(|item| &**item)),
                    _ => ahead.push(&merged.value),
                }
            }
        }
    }

    /// All nodes below it and itself, each once, in order of their first place.
    pub fn descendants(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut ahead = vec![self];
        while let Some(node) = ahead.pop() {
            if !seen.insert(std::ptr::from_ref(node)) {
                continue;
            }
            found.push(node);
            match &node.value {
                Value::List(items) => ahead.extend(items.iter().rev().map(|item| &**item)),
                Value::Map(pairs) => ahead.extend(pairs.iter().rev().map(|pair| &*pair.value)),
                Value::Null | Value::Scalar(_) => {}
            }
        }
        found
    }
}
