//! Arguments in the form each instruction takes them.

use std::ops::Range;

use smallvec::SmallVec;

use super::instruction::{Arguments, Keyword, Pair};
use super::json::{self, Array};
use super::lines::Logical;
use super::runes;

/// Why BuildKit's parser refuses the arguments.
pub(super) struct Fault {
    /// The wrong part of the logical line.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Reads the arguments `rest` of `keyword`. With a fault, what could be read all the same.
pub(super) fn read(
    keyword: Keyword,
    line: &Logical,
    rest: Range<usize>,
    escape: u8,
) -> (Arguments, Option<Fault>) {
    match keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => json_or(line, rest, shell),
        Keyword::Add | Keyword::Copy | Keyword::Volume => json_or(line, rest, blank_separated),
        Keyword::Healthcheck => health(line, rest),
        Keyword::Maintainer => (shell(line, rest), None),
        Keyword::User | Keyword::Workdir | Keyword::Stopsignal => (single(line, rest), None),
        Keyword::Expose | Keyword::From => (blank_separated(line, rest), None),
        Keyword::Arg => {
            let words = quoted_words(line.bytes, rest, escape);
            (Arguments::Words(words.into_iter().map(|w| line.text(w.start, w.end)).collect()), None)
        }
        Keyword::Env | Keyword::Label => pairs(keyword, line, rest, escape),
        Keyword::Onbuild | Keyword::Unknown => (Arguments::Words(Vec::new()), None),
    }
}

fn shell(line: &Logical, rest: Range<usize>) -> Arguments {
    Arguments::Shell(line.text(rest.start, rest.end))
}

fn single(line: &Logical, rest: Range<usize>) -> Arguments {
    if rest.is_empty() {
        return Arguments::Words(Vec::new());
    }
    Arguments::Words(vec![line.text(rest.start, rest.end)])
}

/// Words between blanks; quotes mean nothing.
fn blank_separated(line: &Logical, rest: Range<usize>) -> Arguments {
    let mut words = Vec::new();
    let mut at = rest.start;
    while at < rest.end {
        let tail = &line.bytes[at..rest.end];
        let len = tail.iter().position(|b| runes::is_blank(*b)).unwrap_or(tail.len());
        words.push(line.text(at, at + len));
        at += len;
        at += line.bytes[at..rest.end].iter().take_while(|b| runes::is_blank(**b)).count();
    }
    Arguments::Words(words)
}

fn json_or(
    line: &Logical,
    rest: Range<usize>,
    otherwise: fn(&Logical, Range<usize>) -> Arguments,
) -> (Arguments, Option<Fault>) {
    let array = rest.start + runes::leading_space(&line.bytes[rest.clone()])..rest.end;
    if !line.bytes[array.clone()].starts_with(b"[") {
        return (otherwise(line, rest), None);
    }
    match json::read_array(line, array.clone()) {
        Array::Strings(items) => (Arguments::Json { span: line.span(array.start, array.end), items }, None),
        Array::NotJson => (otherwise(line, rest), None),
        Array::Mixed => {
            let message = "when using JSON array syntax, arrays must be comprised of strings only";
            let fault = Fault::new(rest.clone(), message).with_help("put quotes around each item");
            (otherwise(line, rest), Some(fault))
        }
    }
}

/// HEALTHCHECK: the command behind the first word.
fn health(line: &Logical, rest: Range<usize>) -> (Arguments, Option<Fault>) {
    let (_, command) = health_parts(line.bytes, rest);
    if command.is_empty() { (Arguments::Words(Vec::new()), None) } else { json_or(line, command, shell) }
}

/// HEALTHCHECK's type word and what follows it. BuildKit looks at bytes here.
pub(super) fn health_parts(bytes: &[u8], rest: Range<usize>) -> (Range<usize>, Range<usize>) {
    let tail = &bytes[rest.clone()];
    let word = tail.iter().position(|b| runes::is_latin1_space(*b)).unwrap_or(tail.len());
    let gap = tail[word..].iter().take_while(|b| runes::is_latin1_space(**b)).count();
    if word == 0 {
        return (rest.start..rest.start, rest.end..rest.end);
    }
    (rest.start..rest.start + word, rest.start + word + gap..rest.end)
}

/// Words between white space; quotes and escapes keep white space inside a word and stay in it.
fn quoted_words(bytes: &[u8], rest: Range<usize>, escape: u8) -> SmallVec<[Range<usize>; 8]> {
    let mut words = SmallVec::new();
    let mut start = None;
    let mut quote = None;
    let mut at = rest.start;
    while let Some((c, width)) = runes::decode(&bytes[at..rest.end]) {
        if start.is_none() {
            if c.is_whitespace() {
                at += width;
                continue;
            }
            start = Some(at);
        }
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
        } else if c == char::from(escape) && quote != Some('\'') {
            let Some((_, next)) = runes::decode(&bytes[at + width..rest.end]) else { break };
            at += next;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
        at += width;
    }
    // An escape character at the very end belongs to no word.
    words.extend(start.map(|start| start..at).filter(|word| !word.is_empty()));
    words
}

fn pairs(keyword: Keyword, line: &Logical, rest: Range<usize>, escape: u8) -> (Arguments, Option<Fault>) {
    let words = quoted_words(line.bytes, rest.clone(), escape);
    let Some(first) = words.first() else { return (Arguments::Pairs(Vec::new()), None) };
    if !line.bytes[first.clone()].contains(&b'=') {
        return legacy_pair(keyword, line, rest);
    }
    let mut fault = None;
    let mut pairs = Vec::with_capacity(words.len());
    for word in words {
        let Some(equals) = memchr::memchr(b'=', &line.bytes[word.clone()]) else {
            let text = line.text(word.start, word.end);
            let message = format!(
                "Syntax error - can't find = in {}. Must be of the form: name=value",
                runes::quote(text.text())
            );
            let help = "put quotes around a value that holds white space";
            fault.get_or_insert(Fault::new(word, message).with_help(help));
            continue;
        };
        let equals = word.start + equals;
        pairs.push(Pair {
            name: line.text(word.start, equals),
            value: Some(line.text_behind(equals, word.end)),
            legacy: false,
        });
    }
    (Arguments::Pairs(pairs), fault)
}

/// `ENV name the whole rest`.
fn legacy_pair(keyword: Keyword, line: &Logical, rest: Range<usize>) -> (Arguments, Option<Fault>) {
    let tail = &line.bytes[rest.clone()];
    let Some(blank) = tail.iter().position(|b| runes::is_blank(*b)) else {
        let message = format!("{} must have two arguments", keyword.name());
        let fault = Fault::new(rest, message).with_help("write name=value");
        return (Arguments::Pairs(Vec::new()), Some(fault));
    };
    let gap = tail[blank..].iter().take_while(|b| runes::is_blank(**b)).count();
    let pair = Pair {
        name: line.text(rest.start, rest.start + blank),
        value: Some(line.text(rest.start + blank + gap, rest.end)),
        legacy: true,
    };
    (Arguments::Pairs(vec![pair]), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        quoted_words(text.as_bytes(), 0..text.len(), b'\\').into_iter().map(|w| &text[w]).collect()
    }

    #[test]
    fn quotes_and_escapes_keep_words_together() {
        assert_eq!(words("a=\"b c\" d\\ e='f \\' g"), ["a=\"b c\"", "d\\ e='f \\'", "g"]);
        assert_eq!(words("a\u{3000}b\u{85}c"), ["a", "b", "c"]);
        assert_eq!(words("\"open to the end "), ["\"open to the end "]);
        assert_eq!(words("a\\"), ["a"]);
        assert_eq!(words("\\"), Vec::<&str>::new());
    }
}
