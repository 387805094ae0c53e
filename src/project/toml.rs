//! TOML texts as [`Node`] trees.

use std::sync::Arc;

use barehull_syntax::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Sited;
use super::tree::{Node, Pair, SyntaxError, Value};

/// Reads `text`.
pub(super) fn parse(text: &str) -> Result<Arc<Node>, SyntaxError> {
    let table = DeTable::parse(text).map_err(|error| SyntaxError {
        offset: error.span().map_or(0, |span| span.start as u32),
        text: error.message().to_owned(),
    })?;
    node(span_of(&table), map(table.get_ref())?)
}

/// The tree of `value`. Recursive, on a tree the parser bounds to a depth of 80.
fn convert(value: &Spanned<DeValue<'_>>) -> Result<Arc<Node>, SyntaxError> {
    let converted = match value.get_ref() {
        DeValue::String(text) => Value::Scalar(text.to_string()),
        DeValue::Integer(number) => Value::Scalar(number.to_string()),
        DeValue::Float(number) => Value::Scalar(number.to_string()),
        DeValue::Boolean(boolean) => Value::Scalar(boolean.to_string()),
        DeValue::Datetime(time) => Value::Scalar(time.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(convert).collect::<Result<_, _>>()?),
        DeValue::Table(table) => map(table)?,
    };
    node(span_of(value), converted)
}

/// Entries in the order they are written.
fn map(table: &DeTable<'_>) -> Result<Value, SyntaxError> {
    let mut pairs = table
        .iter()
        .map(|(key, value)| {
            let key = Sited::new(key.get_ref().to_string(), span_of(key));
            Ok(Pair { key, value: convert(value)? })
        })
        .collect::<Result<Vec<_>, _>>()?;
    pairs.sort_by_key(|pair| pair.key.span);
    Ok(Value::Map(pairs))
}

fn node(span: Span, value: Value) -> Result<Arc<Node>, SyntaxError> {
    let error = || SyntaxError { offset: span.start, text: "nested too deeply".to_owned() };
    Node::new(span, value).ok_or_else(error)
}

fn span_of<T>(value: &Spanned<T>) -> Span {
    Span::new(value.span().start as u32, value.span().end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let text = "z = 1\n[project]\ndependencies = [\"flask>=2\", 'gunicorn']\n[tool.poetry.dependencies]\npython = \"^3.12\"\n";
        let top = parse(text).unwrap();
        let items = top.at(&["project", "dependencies"]).unwrap().items();
        assert_eq!((items[1].text(), &text[items[1].span.range()]), (Some("gunicorn"), "'gunicorn'"));
        assert_eq!(top.text_at(&["tool", "poetry", "dependencies", "python"]), Some("^3.12"));
        let keys: Vec<_> = top.pairs().iter().map(|pair| pair.key.value.clone()).collect();
        assert_eq!(keys, ["z", "project", "tool"]);
    }

    #[test]
    fn errors_and_depth() {
        assert_eq!(parse("a = \n").unwrap_err().offset, 4);
        for depth in [79, 1_000, 100_000] {
            let _ = parse(&format!("a = {}{}", "[".repeat(depth), "]".repeat(depth)));
            let _ = parse(&format!("{}a = 1", "a.".repeat(depth)));
            let _ = parse(&format!("[{}a]", "a.".repeat(depth)));
        }
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    }
}
