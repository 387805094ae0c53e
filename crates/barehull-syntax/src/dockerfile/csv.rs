//! The comma-separated fields of `--mount` and `--device`, read as one line of CSV.

use crate::{MappedText, Span};

/// The fields of `value`; the error is the one of BuildKit's reader.
pub(super) fn fields(value: &MappedText) -> Result<Vec<MappedText>, String> {
    let text = value.text();
    if text.is_empty() {
        return Err("EOF".to_owned());
    }
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let (field, end) = if text[at..].starts_with('"') { quoted(text, at + 1)? } else { plain(text, at)? };
        let place = value.source(at..end).span().start;
        let field = field.through(value);
        fields.push(if field.is_empty() { MappedText::empty_at(place) } else { field });
        if end == text.len() {
            return Ok(fields);
        }
        at = end + 1;
    }
}

/// A field without quotes, and where it ends.
fn plain(text: &str, start: usize) -> Result<(MappedText, usize), String> {
    let end = text[start..].find(',').map_or(text.len(), |comma| start + comma);
    if let Some(quote) = text[start..end].find('"') {
        return Err(error(start + quote, "bare \" in non-quoted-field"));
    }
    Ok((MappedText::verbatim(&text[start..end], start as u32), end))
}

/// A field behind an opening quote, and where it ends. Two quotes inside stand for one.
fn quoted(text: &str, start: usize) -> Result<(MappedText, usize), String> {
    let mut field = MappedText::new();
    let mut at = start;
    loop {
        let Some(quote) = text[at..].find('"').map(|quote| at + quote) else {
            return Err(error(at, "extraneous or missing \" in quoted-field"));
        };
        field.push_verbatim(&text[at..quote], at as u32);
        at = quote + 1;
        match text[at..].chars().next() {
            None | Some(',') => return Ok((field, at)),
            Some('"') => {
                field.push_decoded("\"", Span::new(quote as u32, at as u32 + 1));
                at += 1;
            }
            Some(_) => return Err(error(quote, "extraneous or missing \" in quoted-field")),
        }
    }
}

fn error(at: usize, what: &str) -> String {
    format!("parse error on line 1, column {}: {what}", at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let fields = fields(&MappedText::verbatim(text, 7))?;
        Ok(fields.iter().map(|field| field.text().to_owned()).collect())
    }

    #[test]
    fn quotes_hold_commas() {
        assert_eq!(read("a,,b=c"), Ok(vec!["a".into(), String::new(), "b=c".into()]));
        assert_eq!(read("\"a,\"\"b\",c,"), Ok(vec!["a,\"b".into(), "c".into(), String::new()]));
    }

    #[test]
    fn misplaced_quotes_are_errors() {
        assert!(read("a\"b").unwrap_err().contains("column 2: bare"));
        assert!(read("\"ab").unwrap_err().contains("column 2: extraneous"));
        assert!(read("\"a\"b").unwrap_err().contains("column 3: extraneous"));
    }

    #[test]
    fn fields_know_their_place() {
        let fields = fields(&MappedText::verbatim("a,\"b\",", 7)).unwrap();
        assert_eq!(fields[1].source(0..1).exact(), Some(Span::new(10, 11)));
        assert_eq!(fields[2].span(), Span::at(13));
    }
}
