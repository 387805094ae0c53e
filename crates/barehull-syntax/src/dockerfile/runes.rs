//! Characters as BuildKit counts them: invalid UTF-8 is one U+FFFD a byte, white space is Unicode's.

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
    fn every_invalid_byte_is_a_character() {
        assert_eq!(decode(b"\xE2\x85"), Some(('\u{FFFD}', 1)));
        assert_eq!(decode_last(b"a\xE2\x85"), Some(('\u{FFFD}', 1)));
        assert_eq!(decode_last("a€".as_bytes()), Some(('€', 3)));
    }
}
