//! JSON arrays of strings, as Go's `encoding/json` reads them.

use std::ops::Range;

use smallvec::SmallVec;

use super::lines::Logical;
use crate::MappedText;

/// Deepest nesting that is still JSON; beyond it the text is shell form.
const MAX_DEPTH: usize = 10_000;

/// What text that starts with `[` turned out to be.
pub(super) enum Array {
    /// The exec form.
    Strings(Vec<MappedText>),
    /// JSON, but with something other than strings in it: BuildKit refuses that.
    Mixed,
    /// No JSON: BuildKit falls back to the shell form.
    NotJson,
}

/// Reads the logical bytes `range` as a JSON array of strings.
pub(super) fn read_array(line: &Logical, range: Range<usize>) -> Array {
    let mut reader = Reader { bytes: &line.bytes[..range.end], at: range.start };
    let Some(items) = reader.array() else { return Array::NotJson };
    if items.has_others {
        return Array::Mixed;
    }
    Array::Strings(items.strings.into_iter().map(|string| decode(line, string)).collect())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The items of an array.
#[derive(Default)]
struct Items {
    /// The strings: ranges inside the quotes.
    strings: SmallVec<[Range<usize>; 8]>,
    /// Whether there are other values.
    has_others: bool,
}

impl Reader<'_> {
    /// The items; nothing if this is not JSON.
    fn array(&mut self) -> Option<Items> {
        let mut items = Items::default();
        self.expect(b'[')?;
        self.spaces();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.spaces();
                if self.peek() == Some(b'"') {
                    items.strings.push(self.string()?);
                } else {
                    items.has_others = true;
                    self.other_value()?;
                }
                self.spaces();
                match self.next()? {
                    b',' => {}
                    b']' => break,
                    _ => return None,
                }
            }
        }
        self.spaces();
        (self.at == self.bytes.len()).then_some(items)
    }

    /// Skips one value of any kind, without recursion.
    fn other_value(&mut self) -> Option<()> {
        let mut closers: Vec<u8> = Vec::new();
        loop {
            self.spaces();
            let opened = match self.peek()? {
                open @ (b'[' | b'{') => {
                    if closers.len() + 1 >= MAX_DEPTH {
                        return None;
                    }
                    self.at += 1;
                    closers.push(if open == b'[' { b']' } else { b'}' });
                    true
                }
                b'"' => self.string().map(|_| false)?,
                b'-' | b'0'..=b'9' => self.number().map(|()| false)?,
                _ => self.literal().map(|()| false)?,
            };
            if opened {
                self.spaces();
                let closer = *closers.last()?;
                if self.peek()? == closer {
                    self.at += 1;
                    closers.pop();
                } else {
                    self.key_if_object(closer)?;
                    continue;
                }
            }
            if !self.close(&mut closers)? {
                return Some(());
            }
        }
    }

    /// Behind a value: closes what ends here; `true` if another value follows.
    fn close(&mut self, closers: &mut Vec<u8>) -> Option<bool> {
        while let Some(&closer) = closers.last() {
            self.spaces();
            match self.next()? {
                b',' => {
                    self.spaces();
                    self.key_if_object(closer)?;
                    return Some(true);
                }
                byte if byte == closer => {
                    closers.pop();
                }
                _ => return None,
            }
        }
        Some(false)
    }

    fn key_if_object(&mut self, closer: u8) -> Option<()> {
        if closer == b'}' {
            self.string()?;
            self.spaces();
            self.expect(b':')?;
        }
        Some(())
    }

    fn literal(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let word = [&b"null"[..], b"true", b"false"].into_iter().find(|word| rest.starts_with(word))?;
        self.at += word.len();
        Some(())
    }

    /// A number; one too big for a 64-bit float is an error in Go.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = std::str::from_utf8(&self.bytes[start..self.at]).ok()?;
        number.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| ())
    }

    fn digits(&mut self) -> Option<()> {
        let count = self.bytes[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    /// Skips a string; returns the range inside its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.next()? {
                b'"' => return Some(start..self.at - 1),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            self.next().filter(u8::is_ascii_hexdigit)?;
                        }
                    }
                    _ => return None,
                },
                0..=0x1F => return None,
                _ => {}
            }
        }
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.next().filter(|next| *next == byte).map(|_| ())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

/// Undoes the escapes of a checked string.
fn decode(line: &Logical, string: Range<usize>) -> MappedText {
    let bytes = &line.bytes[..string.end];
    let mut text = MappedText::new();
    let mut at = string.start;
    while at < string.end {
        let run = memchr::memchr(b'\\', &bytes[at..]).unwrap_or(string.end - at);
        line.append(at, at + run, &mut text);
        at += run;
        if at < string.end {
            let (decoded, width) = unescape(&bytes[at..]);
            text.push_decoded(decoded.encode_utf8(&mut [0; 4]), line.span(at, at + width));
            at += width;
        }
    }
    if text.is_empty() { MappedText::empty_at(line.source(string.start)) } else { text }
}

/// The character that the escape at the start of `bytes` stands for, and the escape's width.
fn unescape(bytes: &[u8]) -> (char, usize) {
    let plain = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unit(bytes),
        Some(&other) => char::from(other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (plain, bytes.len().min(2))
}

/// `\uXXXX`, or a surrogate pair of them; a lone surrogate is U+FFFD.
fn unescape_unit(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(bytes.get(at..at + 6)?.strip_prefix(b"\\u")?).ok()?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, bytes.len().min(6)) };
    if let Some(c) = char::from_u32(u32::from(first)) {
        return (c, 6);
    }
    let pair = [first, unit(6).unwrap_or_default()];
    match char::decode_utf16(pair).next() {
        Some(Ok(c)) => (c, 12),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::lines::Joiner;
    use crate::{LineIndex, Span};

    fn read(text: &str) -> Result<Vec<String>, &'static str> {
        let mut joiner = Joiner::default();
        let all = Span::new(0, text.len() as u32);
        let index = LineIndex::new(text.as_bytes());
        let (line, _) = joiner.join(text.as_bytes(), &index, all, 1, b'`');
        match read_array(&line, 0..text.len()) {
            Array::Strings(items) => Ok(items.iter().map(|item| item.text().to_owned()).collect()),
            Array::Mixed => Err("mixed"),
            Array::NotJson => Err("not json"),
        }
    }

    #[test]
    fn arrays_of_strings_are_decoded() {
        assert_eq!(read("[]"), Ok(vec![]));
        assert_eq!(read(r#"[ "a" , "\u00e9\n\/\\" ]"#), Ok(vec!["a".into(), "é\n/\\".into()]));
        assert_eq!(read(r#"["\ud83d\ude00\ud83dx"]"#), Ok(vec!["😀\u{FFFD}x".into()]));
    }

    #[test]
    fn other_values_are_refused_and_bad_json_falls_back() {
        for mixed in ["[1]", "[-0.5e3]", "[null]", r#"["a", {"k": [1, {}]}]"#, "[[[]]]", "[true,false]"] {
            assert_eq!(read(mixed), Err("mixed"), "{mixed}");
        }
        for text in ["[", "[a]", "['a']", "[\"a\",]", "[\"a\"] x", "[01]", "[1e999]", "[\"\t\"]", "[{1:2}]"] {
            assert_eq!(read(text), Err("not json"), "{text}");
        }
    }

    #[test]
    fn nesting_ends_where_go_ends_it() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(&nested(10_000)), Err("mixed"));
        assert_eq!(read(&nested(10_001)), Err("not json"));
    }
}
