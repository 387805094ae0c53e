//! Escapes in `$'...'`.

/// The character that the escape at the start of `rest` stands for, and the escape's length in bytes. No
/// character if it stands for a byte that is none; `None` if it is no escape.
pub(crate) fn ansi_c_escape(rest: &str) -> Option<(Option<char>, usize)> {
    let escaped = rest[1..].chars().next()?;
    let simple = match escaped {
        'a' => '\x07',
        'b' => '\x08',
        'e' | 'E' => '\x1b',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' | '\'' | '"' | '?' => escaped,
        'x' => return numeric(rest, 2, 2, 16),
        'u' => return numeric(rest, 2, 4, 16),
        'U' => return numeric(rest, 2, 8, 16),
        '0'..='7' => return numeric(rest, 1, 3, 8),
        'c' => {
            let control = rest[2..].chars().next().filter(char::is_ascii)?;
            return Some((Some(char::from(control as u8 & 0x1f)), 3));
        }
        _ => return None,
    };
    Some((Some(simple), 2))
}

/// The character whose number has up to `most` digits from byte `from` on.
fn numeric(rest: &str, from: usize, most: usize, radix: u32) -> Option<(Option<char>, usize)> {
    let digits = rest[from..].chars().take(most).take_while(|char| char.is_digit(radix)).count();
    let number = u32::from_str_radix(&rest[from..from + digits], radix).ok()?;
    let is_character = number < 0x80 || most > 3;
    let char = char::from_u32(number).filter(|_| is_character && number != 0);
    Some((char, from + digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters() {
        let cases = [
            (r"\n", Some((Some('\n'), 2))),
            (r"\'x", Some((Some('\''), 2))),
            (r"\x41z", Some((Some('A'), 4))),
            (r"\101", Some((Some('A'), 4))),
            (r"\u00e9", Some((Some('é'), 6))),
            (r"\cA", Some((Some('\u{1}'), 3))),
            (r"\xff", Some((None, 4))),
            (r"\q", None),
            (r"\", None),
            (r"\x", None),
            (r"\0", Some((None, 2))),
            (r"\U110000", Some((None, 8))),
        ];
        for (escape, expected) in cases {
            assert_eq!(ansi_c_escape(escape), expected, "{escape}");
        }
    }
}
