//! YAML texts as [`Node`] trees: several documents, anchors shared rather than copied, nothing recursive.

use std::collections::HashMap;
use std::sync::Arc;

use barehull_syntax::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::Sited;
use super::tree::{MAX_NODES, Node, Pair, SyntaxError, Value};

/// The documents of one text, as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct Yaml {
    pub documents: Vec<Arc<Node>>,
    /// What ended the reading early.
    pub error: Option<SyntaxError>,
}

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Yaml {
    let mut builder = Builder {
        offsets: Offsets::new(text),
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        nodes: 0,
    };
    let mut error = None;
    for event in Parser::new_from_str(text) {
        if let Err(stopped) = builder.take(event) {
            error = Some(stopped);
            break;
        }
    }
    Yaml { documents: builder.documents, error }
}

/// A collection whose end has not come yet.
struct Open {
    start: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Arc<Node>>),
    Map { pairs: Vec<Pair>, key: Option<Key> },
}

/// A key whose value has not come yet; without text if it is no scalar.
struct Key(Option<Sited<String>>);

struct Builder {
    offsets: Offsets,
    open: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    documents: Vec<Arc<Node>>,
    nodes: usize,
}

impl Builder {
    fn take(
        &mut self,
        event: Result<(Event<'_>, saphyr_parser::Span), ScanError>,
    ) -> Result<(), SyntaxError> {
        let (event, place) = event.map_err(|error| SyntaxError {
            offset: self.offsets.byte(error.marker().index()),
            text: error.info().to_owned(),
        })?;
        let span = self.offsets.span(place);
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::SequenceStart(anchor, _) => self.begin(span, anchor, Content::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.begin(span, anchor, Content::Map { pairs: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
            Event::Scalar(text, style, anchor, _) => {
                let null =
                    style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Scalar(text.into_owned()) };
                self.complete(span, anchor, value)?;
            }
            // An alias inside of what it stands for has no value yet: it stays without one.
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => self.place(node),
                None => self.complete(span, 0, Value::Null)?,
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, span: Span, anchor: usize, content: Content) -> Result<(), SyntaxError> {
        // Deeper than any node may be: said at once, not when it ends.
        if self.open.len() >= super::tree::MAX_DEPTH as usize {
            return Err(too_deep(span));
        }
        self.open.push(Open { start: span.start, anchor, content });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), SyntaxError> {
        let Some(Open { start, anchor, content }) = self.open.pop() else { return Ok(()) };
        let (value, last) = match content {
            Content::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::List(items), last)
            }
            Content::Map { pairs, .. } => {
                let last = pairs.last().map(|pair| pair.value.span.end.max(pair.key.span.end));
                (Value::Map(pairs), last)
            }
        };
        // Only brackets end a collection somewhere; indentation ends it where the next thing begins. The parser counts
        // a comment behind a bracket to it.
        let end = if span.is_empty() { last.unwrap_or(start) } else { span.start + 1 };
        self.complete(Span::new(start, end.max(start)), anchor, value)
    }

    fn complete(&mut self, span: Span, anchor: usize, value: Value) -> Result<(), SyntaxError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(SyntaxError { offset: span.start, text: format!("more than {MAX_NODES} values") });
        }
        let node = Node::new(span, value).ok_or_else(|| too_deep(span))?;
        if anchor > 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Arc<Node>) {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.documents.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { pairs, key }) => match key.take() {
                None => *key = Some(Key(node.sited())),
                Some(Key(Some(key))) => pairs.push(Pair { key, value: node }),
                Some(Key(None)) => {}
            },
        }
    }
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError { offset: span.start, text: "nested too deeply".to_owned() }
}

/// From the parser's counts of characters to bytes.
struct Offsets {
    /// Byte offset of every character; empty for ASCII, where they are the same.
    starts: Vec<u32>,
    len: u32,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let starts =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at as u32).collect() };
        Self { starts, len: text.len() as u32 }
    }

    fn byte(&self, chars: usize) -> u32 {
        if self.starts.is_empty() {
            return (chars as u32).min(self.len);
        }
        self.starts.get(chars).copied().unwrap_or(self.len)
    }

    fn span(&self, place: saphyr_parser::Span) -> Span {
        let start = self.byte(place.start.index());
        Span::new(start, self.byte(place.end.index()).max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Arc<Node> {
        let yaml = parse(text);
        assert_eq!(yaml.error, None);
        Arc::clone(&yaml.documents[0])
    }

    #[test]
    fn values_know_their_bytes() {
        let text = "é: ü\nb:\n  - 'x y'\n  - {k: \"v\"} # it\nc: |\n  two\n  lines\n";
        let top = document(text);
        let slice = |node: &Node| &text[node.span.range()];
        assert_eq!(slice(top.get("é").unwrap()), "ü");
        let b = top.get("b").unwrap();
        assert_eq!((b.items()[0].text(), slice(&b.items()[0])), (Some("x y"), "'x y'"));
        assert_eq!(slice(&b.items()[1]), "{k: \"v\"}");
        assert_eq!(top.text_at(&["c"]), Some("two\nlines\n"));
        assert_eq!(slice(&top).lines().next(), Some("é: ü"));
        assert_eq!(top.pairs()[1].key.span.slice(text.as_bytes()), b"b");
    }

    #[test]
    fn several_documents_and_what_follows_an_error() {
        let yaml = parse("a: 1\n---\n---\nb: 2\n---\nc: [\n");
        assert_eq!(yaml.documents.len(), 3);
        assert!(matches!(yaml.documents[1].value, Value::Null));
        assert!(yaml.error.is_some());
        assert_eq!(parse("a: b: c\n").error.unwrap().offset, 4);
    }

    #[test]
    fn merges() {
        let top = document("base: &b {x: 1, y: 2}\nother: &o {z: 3, y: 9}\nuse:\n  <<: [*b, *o]\n  x: 5\n");
        let used = top.get("use").unwrap();
        let all: Vec<_> =
            used.pairs().iter().map(|p| (p.key.value.as_str(), p.value.text().unwrap())).collect();
        assert_eq!(all, [("x", "5"), ("y", "2"), ("z", "3")]);
        assert_eq!(
            (used.text_at(&["x"]), used.text_at(&["y"]), used.text_at(&["z"])),
            (Some("5"), Some("2"), Some("3"))
        );
    }

    #[test]
    fn nulls_and_texts() {
        let top = document("a:\nb: ~\nc: \"~\"\nd: null\ne: yes\n? [1]\n: lost\n");
        let kinds: Vec<_> = top.pairs().iter().map(|p| p.value.text()).collect();
        assert_eq!(kinds, [None, None, Some("~"), None, Some("yes")]);
    }

    #[test]
    fn a_billion_laughs_cost_nothing() {
        // Each line holds nine times, or merges twice, what the line above stands for.
        let list = |level: u32| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
        };
        let map = |level: u32| format!("m{level}: &m{level} {{<<: [*m{0}, *m{0}]}}\n", level - 1);
        let mut lines = vec!["a0: &a0 [lol, lol]\n".to_owned(), "m0: &m0 {k: v}\n".to_owned()];
        lines.extend((1..40).map(list));
        lines.extend((1..25).map(map));
        let text = lines.concat();
        let top = document(&text);
        assert_eq!(top.get("m24").unwrap().text_at(&["k"]), Some("v"));
        assert!(top.get("m24").unwrap().get("nothing").is_none());
        assert!(top.descendants().len() < 1_000);
    }

    #[test]
    fn depth_is_bounded_however_it_is_made() {
        let deep = [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "? ".repeat(100_000),
            "{a: ".repeat(100_000),
            (0..2_000).flat_map(|i| [" ".repeat(i), "a:\n".to_owned()]).collect(),
            (0..100_000u32)
                .flat_map(|i| [format!("- &a{i} "), format!("[*a{}]\n", i.wrapping_sub(1))])
                .collect(),
        ];
        for text in deep {
            assert!(parse(&text).error.is_some(), "{}", &text[..20]);
        }
        let itself = document("a: &a [*a, b]\n");
        assert_eq!(itself.get("a").unwrap().items()[1].text(), Some("b"));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let error = parse(&"- a\n".repeat(MAX_NODES + 1)).error.unwrap();
        assert!(error.text.contains("more than"));
    }
}
