//! Characters as BuildKit counts them: invalid UTF-8 is one U+FFFD a byte, white space is Unicode's.

use std::borrow::Cow;

/// The character at the start of `bytes` and its width in bytes; `None` at the end.
pub(super) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    let window = &bytes[..bytes.len().min(4)];
    let valid = window.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    Some(valid.chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8())))
}

/// `bytes` as text, with U+FFFD for each invalid byte.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

/// `text` in upper case, character by character: one that becomes several stays as it is.
pub(super) fn upper(text: &str) -> String {
    let one = |c: char| {
        let mut upper = c.to_uppercase();
        if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
    };
    text.chars().map(one).collect()
}

/// `text` in double quotes, as Go writes strings in messages.
pub(super) fn quote(text: &str) -> String {
    let quoted: String = text.chars().map(quote_char).collect();
    format!("\"{quoted}\"")
}

fn quote_char(c: char) -> String {
    match c {
        '\u{7}' => "\\a".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{B}' => "\\v".to_owned(),
        '\u{C}' => "\\f".to_owned(),
        '\n' | '\r' | '\t' | '"' | '\\' => c.escape_default().collect(),
        c if c.is_ascii_control() => format!("\\x{:02x}", u32::from(c)),
        c if is_printable(c) => c.to_string(),
        c if u32::from(c) < 0x1_0000 => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

fn is_printable(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() || c.escape_debug().len() == 1
}

/// The character that ends `bytes` and its width.
fn decode_last(bytes: &[u8]) -> Option<(char, usize)> {
    let last = *bytes.last()?;
    if last.is_ascii() {
        return Some((char::from(last), 1));
    }
    for width in 2..=bytes.len().min(4) {
        let tail = &bytes[bytes.len() - width..];
        if let Some((c, taken)) = decode(tail)
            && taken == width
        {
            return Some((c, width));
        }
    }
    Some((char::REPLACEMENT_CHARACTER, 1))
}

/// White space inside one line that separates words: `[\t\v\f\r ]`.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0B | 0x0C | b'\r' | b' ')
}

/// White space by Unicode, where BuildKit looks at single bytes as if they were Latin-1 characters.
pub(super) const fn is_latin1_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xA0)
}

/// Number of bytes of Unicode white space that `bytes` starts with.
pub(super) fn leading_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some((c, width)) = decode(&bytes[at..]) {
        if !c.is_whitespace() {
            break;
        }
        at += width;
    }
    at
}

/// Length of `bytes` without the Unicode white space at its end.
pub(super) fn trimmed_len(bytes: &[u8]) -> usize {
    let mut end = bytes.len();
    while let Some((c, width)) = decode_last(&bytes[..end]) {
        if !c.is_whitespace() {
            break;
        }
        end -= width;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_trimmed_by_character_not_by_byte() {
        assert_eq!(leading_space("\u{A0}\t\u{3000}x".as_bytes()), 6);
        assert_eq!(trimmed_len("x\u{85} \u{2029}".as_bytes()), 1);
        assert_eq!(trimmed_len("à".as_bytes()), 2, "the second byte of à is 0xA0");
        assert_eq!(trimmed_len(b"\xA0"), 1, "alone it is invalid, not a space");
    }

    #[test]
    fn quoted_text_shows_what_cannot_be_seen() {
        assert_eq!(quote("a'\"\\é\t\u{7f}\u{a0}"), r#""a'\"\\é\t\x7f\u00a0""#);
    }

    #[test]
    fn every_invalid_byte_is_a_character() {
        assert_eq!(decode(b"\xE2\x85"), Some(('\u{FFFD}', 1)));
        assert_eq!(decode_last(b"a\xE2\x85"), Some(('\u{FFFD}', 1)));
        assert_eq!(decode_last("a€".as_bytes()), Some(('€', 3)));
    }
}
