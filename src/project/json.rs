//! JSON texts (with the comments and trailing commas that configuration files have) as [`Node`] trees.

use std::sync::Arc;

use barehull_syntax::Span;
use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Sited;
use super::tree::{MAX_NODES, Node, Pair, SyntaxError, Value};

/// Reads `text`; an empty one is null.
pub(super) fn parse(text: &str) -> Result<Arc<Node>, SyntaxError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_missing_commas: false,
        allow_loose_object_property_names: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    // npm and editors pass over a byte order mark.
    let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let parsed = parse_to_ast(&text[start..], &CollectOptions::default(), &options).map_err(|error| {
        SyntaxError { offset: (start + error.range().start) as u32, text: error.kind().to_string() }
    })?;
    let Some(json) = parsed.value else {
        return Ok(null(Span::default()));
    };
    let mut nodes = 0;
    convert(&json, start as u32, &mut nodes)
}

fn null(span: Span) -> Arc<Node> {
    Node::new(span, Value::Null).expect("a scalar does not nest")
}

/// The tree of `json`. Recursive, on a tree the parser bounds to a depth of 512.
fn convert(json: &Json<'_>, start: u32, nodes: &mut usize) -> Result<Arc<Node>, SyntaxError> {
    let place =
        |range: jsonc_parser::common::Range| Span::new(start + range.start as u32, start + range.end as u32);
    let span = place(json.range());
    *nodes += 1;
    if *nodes > MAX_NODES {
        return Err(SyntaxError { offset: span.start, text: format!("more than {MAX_NODES} values") });
    }
    let value = match json {
        Json::NullKeyword(_) => Value::Null,
        Json::StringLit(text) => Value::Scalar(text.value.to_string()),
        Json::NumberLit(number) => Value::Scalar(number.value.to_owned()),
        Json::BooleanLit(boolean) => Value::Scalar(boolean.value.to_string()),
        Json::Array(array) => Value::List(
            array.elements.iter().map(|item| convert(item, start, nodes)).collect::<Result<_, _>>()?,
        ),
        Json::Object(object) => {
            let pair = |property: &jsonc_parser::ast::ObjectProp<'_>| {
                let key = Sited::new(property.name.as_str().to_owned(), place(property.name.range()));
                Ok(Pair { key, value: convert(&property.value, start, nodes)? })
            };
            Value::Map(object.properties.iter().map(pair).collect::<Result<_, _>>()?)
        }
    };
    let error = || SyntaxError { offset: span.start, text: "nested too deeply".to_owned() };
    Node::new(span, value).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_bytes() {
        let text =
            "\u{feff}{ // é\n \"scripts\": {\"start\": \"node \\\"a\\\".js\"}, \"n\": [1, true, null,], }";
        let top = parse(text).unwrap();
        let start = top.at(&["scripts", "start"]).unwrap();
        assert_eq!(start.text(), Some("node \"a\".js"));
        assert_eq!(&text[start.span.range()], "\"node \\\"a\\\".js\"");
        assert_eq!(top.pairs()[0].key.span.slice(text.as_bytes()), b"\"scripts\"");
        let items: Vec<_> = top.get("n").unwrap().items().iter().map(|item| item.text()).collect();
        assert_eq!(items, [Some("1"), Some("true"), None]);
    }

    #[test]
    fn what_is_no_json_is_an_error_with_its_place() {
        for (text, offset) in [("{\"a\": }", 6), ("{a: 1}", 1), ("[1 2]", 2), ("{", 0), ("'a'", 0)] {
            assert_eq!(parse(text).unwrap_err().offset, offset, "{text}");
        }
        assert!(matches!(parse("").unwrap().value, Value::Null));
    }

    #[test]
    fn depth_is_bounded() {
        for open in ["[", "{\"a\":"] {
            for depth in [100, 500, 100_000] {
                assert!(parse(&open.repeat(depth)).is_err());
                assert!(
                    parse(&(open.repeat(depth) + "1" + &if open == "[" { "]" } else { "}" }.repeat(depth)))
                        .is_err()
                );
            }
        }
    }
}
