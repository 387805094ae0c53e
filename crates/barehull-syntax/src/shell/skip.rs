//! Finds where a bracketed part of a word ends, without reading what is in it.

/// Length of the text from the bracket or parenthesis that `text` starts with up to the one that closes it;
/// all of `text` if none does.
pub(crate) fn skip_balanced(text: &str) -> usize {
    skip(text, 0)
}

/// Length of the `${...}` that `text` starts with.
pub(crate) fn skip_braces(text: &str) -> usize {
    skip(text, 1)
}

/// Skips from the opening bracket at byte `from` behind its closing one. Quotes, escapes and other brackets
/// inside are honoured.
fn skip(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut open: Vec<u8> = Vec::new();
    let mut at = from;
    while at < bytes.len() {
        let byte = bytes[at];
        let behind_dollar = at > 0 && bytes[at - 1] == b'$';
        match byte {
            b'\\' => at += 1,
            b'\'' if !open.contains(&b'"') => {
                match bytes[at + 1..].iter().position(|other| *other == b'\'') {
                    Some(len) => at += len + 1,
                    None => return text.len(),
                }
            }
            _ if open.last() == Some(&byte) => {
                open.pop();
                if open.is_empty() {
                    return at + 1;
                }
            }
            b'"' | b'`' => open.push(byte),
            b'(' if behind_dollar || matches!(open.last(), None | Some(b')')) => open.push(b')'),
            b'{' if behind_dollar || open.is_empty() => open.push(b'}'),
            b'[' if open.is_empty() => open.push(b']'),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_where_the_shell_closes_them() {
        let cases = [
            ("${x}y", 4),
            ("${x:-${y}}z", 10),
            ("${x:-\"}\"}z", 9),
            ("${x:-$(a })}z", 12),
            ("${x:-'}'}z", 9),
            ("${x:-\\}}z", 8),
            ("${x:-{}}z", 7),
            ("${x%%(*}z", 8),
            ("${x", 3),
        ];
        for (text, len) in cases {
            assert_eq!(skip_braces(text), len, "{text}");
        }
        assert_eq!(skip_balanced("((a)+(b))c"), 9);
        assert_eq!(skip_balanced("[a]b"), 3);
    }
}
