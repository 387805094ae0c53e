//! HCL as far as bake files use it: blocks, attributes, literals. What is computed stays unknown.

use std::sync::Arc;

use barehull_syntax::Span;

use super::super::Sited;
use super::super::tree::{Node, Pair, SyntaxError, Value};
use super::variables::UNKNOWN;

/// Levels of brackets that are read.
const MAX_DEPTH: usize = 32;

/// Reads `text` into the map that bake's JSON form has: kind, then label, then attributes.
pub(super) fn parse(text: &str) -> Result<Arc<Node>, SyntaxError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len() as u32 };
    let mut kinds: Vec<(Sited<String>, Vec<Pair>)> = Vec::new();
    while let Some(token) = parser.next() {
        let Kind::Name(name) = token.kind else {
            return Err(error(&token, "a block or attribute was expected"));
        };
        let kind = Sited::new(name, token.span);
        if parser.skip('=') {
            parser.value(0)?;
            continue;
        }
        let label = parser.label();
        let body = parser.body(0)?;
        // `target "web" {`; blocks without a label or with more say nothing of builds.
        let Some(key) = label else { continue };
        match kinds.iter_mut().find(|(known, _)| known.value == kind.value) {
            Some((_, pairs)) => pairs.push(Pair { key, value: body }),
            None => kinds.push((kind, vec![Pair { key, value: body }])),
        }
    }
    let whole = Span::new(0, text.len() as u32);
    let pairs =
        kinds.into_iter().map(|(key, pairs)| Ok(Pair { value: node(key.span, Value::Map(pairs))?, key }));
    node(whole, Value::Map(pairs.collect::<Result<_, _>>()?))
}

fn node(span: Span, value: Value) -> Result<Arc<Node>, SyntaxError> {
    let deep = || SyntaxError { offset: span.start, text: "nested too deeply".to_owned() };
    Node::new(span, value).ok_or_else(deep)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Name(String),
    Text(String),
    Sign(char),
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    span: Span,
    /// Whether it is the first of its line.
    starts_line: bool,
}

fn error(token: &Token, text: &str) -> SyntaxError {
    SyntaxError { offset: token.span.start, text: text.to_owned() }
}

/// The tokens of `text`, comments left out.
fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut starts_line = true;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let line = || rest.find('\n').unwrap_or(rest.len());
        let (len, kind) = match c {
            '\n' => {
                starts_line = true;
                at += 1;
                continue;
            }
            '#' => (line(), None),
            '/' if rest.starts_with("//") => (line(), None),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), None),
            '"' => {
                let (len, value) = quoted(rest).ok_or_else(|| SyntaxError {
                    offset: at as u32,
                    text: "a text is not closed".to_owned(),
                })?;
                (len, Some(Kind::Text(value)))
            }
            '<' if rest.starts_with("<<") => (heredoc(rest), Some(Kind::Text(UNKNOWN.to_string()))),
            c if c.is_whitespace() => (c.len_utf8(), None),
            c if c.is_alphanumeric() || c == '_' => {
                let takes = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                let len = rest.find(|c| !takes(c)).unwrap_or(rest.len());
                (len, Some(Kind::Name(rest[..len].to_owned())))
            }
            c => (c.len_utf8(), Some(Kind::Sign(c))),
        };
        if let Some(kind) = kind {
            found.push(Token { kind, span: Span::new(at as u32, (at + len) as u32), starts_line });
            // A heredoc takes the end of its last line with it.
            starts_line = rest.starts_with("<<");
        }
        at += len;
    }
    Ok(found)
}

/// Length and value of a quoted text; templates (`${…}`) stay as they are.
fn quoted(text: &str) -> Option<(usize, String)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    let mut depth = 0_usize;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if depth == 0 => return Some((at + 1, value)),
            '\\' => value.extend(chars.next().map(|(_, c)| if c == 'n' { '\n' } else { c })),
            '$' if text[at..].starts_with("${") => {
                depth += 1;
                value.push('$');
            }
            '}' if depth > 0 => {
                depth -= 1;
                value.push('}');
            }
            c => value.push(c),
        }
    }
    None
}

/// Length of a heredoc, its closing line included.
fn heredoc(text: &str) -> usize {
    let head = text.lines().next().unwrap_or_default();
    let mark = head.trim_start_matches(['<', '-']).trim();
    let mut len = head.len();
    for line in text[head.len()..].split_inclusive('\n').skip(1) {
        len += line.len();
        if line.trim() == mark {
            break;
        }
    }
    (len + 1).min(text.len())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: u32,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn is(&self, sign: char) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    fn skip(&mut self, sign: char) -> bool {
        let there = self.is(sign);
        self.at += usize::from(there);
        there
    }

    fn unexpected(&self, text: &str) -> SyntaxError {
        self.peek()
            .map_or(SyntaxError { offset: self.end, text: text.to_owned() }, |token| error(token, text))
    }

    /// The one label of a block.
    fn label(&mut self) -> Option<Sited<String>> {
        let mut labels = Vec::new();
        while let Some(Token { kind: Kind::Text(text) | Kind::Name(text), span, .. }) = self.peek() {
            labels.push(Sited::new(text.clone(), *span));
            self.at += 1;
        }
        if labels.len() == 1 { labels.pop() } else { None }
    }

    /// `{ name = value … }`; blocks inside are passed over.
    fn body(&mut self, depth: usize) -> Result<Arc<Node>, SyntaxError> {
        let start = self.peek().map_or(self.end, |token| token.span.start);
        if depth > MAX_DEPTH || !self.skip('{') {
            return Err(self.unexpected("{ was expected"));
        }
        let mut pairs = Vec::new();
        loop {
            while self.skip(',') {}
            let Some(token) = self.next() else { return Err(self.unexpected("} was expected")) };
            match token.kind {
                Kind::Sign('}') => return node(Span::new(start, token.span.end), Value::Map(pairs)),
                Kind::Name(name) | Kind::Text(name) => {
                    let key = Sited::new(name, token.span);
                    if self.skip('=') || self.skip(':') {
                        pairs.push(Pair { key, value: self.value(depth + 1)? });
                    } else {
                        self.label();
                        self.body(depth + 1)?;
                    }
                }
                Kind::Sign(_) => return Err(error(&token, "an attribute was expected")),
            }
        }
    }

    /// A literal, a list or a map; anything else on the line makes it unknown.
    fn value(&mut self, depth: usize) -> Result<Arc<Node>, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(self.unexpected("nested too deeply"));
        }
        let first = self.at;
        // Brackets of an expression that are open behind its first token.
        let mut open = 0;
        let value = match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Sign('[')) => self.list(depth)?,
            Some(Kind::Sign('{')) => self.body(depth + 1)?,
            Some(Kind::Text(text)) => self.scalar(text)?,
            Some(Kind::Name(name)) if name == "null" => {
                let span = self.tokens[self.at].span;
                self.at += 1;
                node(span, Value::Null)?
            }
            Some(Kind::Name(name))
                if matches!(name.as_str(), "true" | "false")
                    || name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                self.scalar(name)?
            }
            // A variable by its name.
            Some(Kind::Name(name)) => self.scalar(format!("${{{name}}}"))?,
            Some(Kind::Sign(')' | ']' | '}')) | None => return Err(self.unexpected("a value was expected")),
            Some(Kind::Sign(sign)) => {
                open = usize::from(sign == '(');
                self.scalar(UNKNOWN.to_string())?
            }
        };
        if self.skip_expression(open) {
            let span = self.tokens[first].span;
            return node(span, Value::Scalar(UNKNOWN.to_string()));
        }
        Ok(value)
    }

    fn scalar(&mut self, text: String) -> Result<Arc<Node>, SyntaxError> {
        let span = self.tokens[self.at].span;
        self.at += 1;
        node(span, Value::Scalar(text))
    }

    fn list(&mut self, depth: usize) -> Result<Arc<Node>, SyntaxError> {
        let start = self.tokens[self.at].span.start;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            while self.skip(',') {}
            match self.peek() {
                None => return Err(self.unexpected("] was expected")),
                Some(token) if token.kind == Kind::Sign(']') => {
                    let end = token.span.end;
                    self.at += 1;
                    return node(Span::new(start, end), Value::List(items));
                }
                Some(_) => items.push(self.value(depth + 1)?),
            }
        }
    }

    /// Passes over operators, calls and conditions behind a value, up to what ends it; `open` brackets are to be
    /// closed. Whether there were any.
    fn skip_expression(&mut self, mut open: usize) -> bool {
        let start = self.at;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Sign('(' | '[' | '{') => open += 1,
                Kind::Sign(')' | ']' | '}') if open == 0 => break,
                Kind::Sign(')' | ']' | '}') => open -= 1,
                Kind::Sign(',') if open == 0 => break,
                _ if open == 0 && token.starts_line => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at > start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_attributes() {
        let text = r#"# c
variable "TAG" { default = "latest" }
group "default" { targets = ["web", "api"] }
target "web" {
  context = "./web" // c
  tags = ["acme/web:${TAG}", "x",]
  args = { A = "1", "B" = TAG }
  labels = merge({}, {"x": "y"})
  dockerfile = DEBUG ? "a" : "b"
  attest { type = "x" }
  n = 5
  inline = <<EOT
FROM x
EOT
  target = "prod"
}
x = function("a")
"#;
        let top = parse(text).unwrap();
        let web = top.at(&["target", "web"]).unwrap();
        assert_eq!(web.text_at(&["context"]), Some("./web"));
        let tags: Vec<_> = web.get("tags").unwrap().items().iter().map(|tag| tag.text().unwrap()).collect();
        assert_eq!(tags, ["acme/web:${TAG}", "x"]);
        assert_eq!((web.text_at(&["args", "A"]), web.text_at(&["args", "B"])), (Some("1"), Some("${TAG}")));
        assert_eq!(web.text_at(&["dockerfile"]), Some("\u{1a}"));
        assert_eq!((web.text_at(&["n"]), web.text_at(&["target"])), (Some("5"), Some("prod")));
        assert_eq!(top.text_at(&["variable", "TAG", "default"]), Some("latest"));
        assert_eq!(&text[web.get("context").unwrap().span.range()], "\"./web\"");
    }

    #[test]
    fn errors_and_bounds() {
        for text in [
            "target \"a\" {",
            "target \"a\" { x = ",
            "= x",
            "a \"b",
            "t \"a\" { x = [",
            "t \"a\" { ( }",
            "\"a\" = 1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        for open in ["[", "{a=", "(", "t {", "f("] {
            let _ = parse(&format!("target \"a\" {{ x = {}", open.repeat(100_000)));
        }
        let _ = parse(&"t ".repeat(100_000));
    }
}
