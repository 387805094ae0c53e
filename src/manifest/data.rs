//! Plain YAML values, without places or comments.

use crate::project::tree::{Node, Value};

/// Values of one value that are copied.
const MAX_VALUES: usize = 1_000;

/// A value as it was read or is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing.
    Null,
    /// What is no string: `8080`, `true`, `0.5`, as it is written.
    Word(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// A map, in order.
    Map(Vec<(String, Data)>),
}

impl Data {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of strings.
    pub fn texts(texts: &[String]) -> Self {
        Self::List(texts.iter().map(Self::text).collect())
    }

    /// The value of `node` of `text`; nothing for one that is very large (aliases of aliases).
    pub(super) fn of(node: &Node, text: &str) -> Option<Self> {
        Self::bounded(node, text, &mut { MAX_VALUES })
    }

    /// [`Data::of`]; nodes nest a few dozen levels at most.
    fn bounded(node: &Node, text: &str, left: &mut usize) -> Option<Self> {
        *left = left.checked_sub(1)?;
        Some(match &node.value {
            Value::Null => Self::Null,
            Value::Scalar(value) if is_plain(node, text) && !stays_text(value) => Self::Word(value.clone()),
            Value::Scalar(value) => Self::Text(value.clone()),
            Value::List(items) => {
                Self::List(items.iter().map(|item| Self::bounded(item, text, left)).collect::<Option<_>>()?)
            }
            Value::Map(_) => {
                let pairs = node.pairs();
                let pair = pairs
                    .iter()
                    .map(|pair| Some((pair.key.value.clone(), Self::bounded(&pair.value, text, left)?)));
                Self::Map(pair.collect::<Option<_>>()?)
            }
        })
    }
}

/// Whether a scalar of `text` is written without quotes, on the line of its key or dash.
pub(super) fn is_plain(node: &Node, text: &str) -> bool {
    let Value::Scalar(value) = &node.value else { return false };
    text.get(node.span.range()) == Some(value)
        && !text[..node.span.start as usize].trim_end_matches(' ').ends_with('\n')
}

/// Whether a plain scalar is a string for every reader: YAML 1.1 has more words and numbers than YAML 1.2.
pub(super) fn stays_text(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "" | "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "=" | "<<"
    );
    let unsigned = lower.trim_start_matches(['+', '-']);
    let special = matches!(unsigned, ".inf" | ".nan");
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned).starts_with(|c: char| c.is_ascii_digit());
    let number = digits
        && unsigned.chars().all(|c| {
            c.is_ascii_hexdigit() || matches!(c, '_' | '.' | ':' | '+' | '-' | 'x' | 'o' | 't' | 'z' | ' ')
        });
    !(word || special || number)
}
