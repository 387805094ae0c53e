//! The one place that makes text from files fit to be shown.
//!
//! Whoever writes a Dockerfile chooses its file name, its image names and every word in it; a terminal that
//! shows them raw can be told to clear its screen, to forge lines or to run text backwards.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal, an editor or a reader takes `c` for something other than a visible character:
/// control characters (C0, DEL, C1), bidirectional overrides and isolates, invisible characters, line
/// separators, tags, variation selectors beyond the first sixteen.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{61C}'
                | '\u{180E}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// `text` on one line, every hostile character as an escape: `\n`, `\t`, `\u{1b}`.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push_escaped(&mut out, c));
    Cow::Owned(out)
}

/// `text` with its line breaks and tabs kept and every other hostile character escaped; a carriage return
/// before a line feed is dropped, since it shows nothing.
pub fn escaped_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            _ => push_escaped(&mut out, c),
        }
    }
    out
}

/// Appends `c`, escaped if it is hostile.
pub fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_hostile(c) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelt_out() {
        let table = [
            ("node:22", "node:22"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"),
            ("a\r\nb\tc\u{8}", "a\\r\\nb\\tc\\u{8}"),
            ("\u{9b}31mred", "\\u{9b}31mred"),
            ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
            ("\u{2067}x\u{2069}", "\\u{2067}x\\u{2069}"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("\u{e0041}tag", "\\u{e0041}tag"),
            ("Größe 中文 🐳", "Größe 中文 🐳"),
        ];
        for (text, shown) in table {
            assert_eq!(escaped(text), shown);
            assert!(!escaped(text).contains(is_hostile));
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(escaped_lines("a\r\n\tb\rc\n\u{1b}"), "a\n\tb\\rc\n\\u{1b}");
    }
}
