//! The lexer behind [`expand`](super::word::expand): BuildKit's, with a bound on depth and length.

use std::ops::Range;

use super::pattern;
use super::runes;
use super::substitution::Substitution;
use super::word::{ExpandError, Reference};

/// Deepest nesting of `${a:-${b:-...}}` that is read.
const MAX_DEPTH: usize = 100;

/// Longest text an expansion may yield, in bytes: values refer to values, so they can double each time.
const MAX_LEN: usize = 1 << 20;

/// A word of a split text, with its place in it.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) raw_quotes: bool,
    pub(super) raw_escapes: bool,
    /// References to unset variables stay as they are.
    pub(super) keep_unset: bool,
    depth: usize,
    pub(super) references: Vec<(Reference, bool)>,
    /// The word being built. BuildKit shares it between a `${...}` and the text around it, so that a
    /// nested text makes the word around it start anew.
    word: Word,
}

/// The words of one nesting level.
#[derive(Default)]
struct Words {
    done: Vec<Word>,
    in_word: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], escape: char, lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        // Go's scanner skips a byte-order mark.
        let at = if bytes.starts_with("\u{FEFF}".as_bytes()) { 3 } else { 0 };
        Self {
            bytes,
            at,
            escape,
            lookup,
            raw_quotes: false,
            raw_escapes: false,
            keep_unset: false,
            depth: 0,
            references: Vec::new(),
            word: Word { text: String::new(), range: 0..0 },
        }
    }

    pub(super) fn run(&mut self) -> Result<(String, Vec<Word>), ExpandError> {
        self.read_until(None, self.raw_escapes)
    }

    fn peek(&self) -> Option<char> {
        runes::decode(&self.bytes[self.at..]).map(|(c, _)| c)
    }

    fn next(&mut self) -> Option<char> {
        let (c, width) = runes::decode(&self.bytes[self.at..])?;
        self.at += width;
        Some(c)
    }

    /// Reads up to and including the character `stop`, which is named for the case that it is missing; or
    /// to the end.
    fn read_until(
        &mut self,
        stop: Option<(char, &'static str)>,
        raw_escapes: bool,
    ) -> Result<(String, Vec<Word>), ExpandError> {
        if self.depth >= MAX_DEPTH {
            return Err(ExpandError::TooDeep);
        }
        self.depth += 1;
        let outer_raw = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let result = self.read_level(stop);
        self.raw_escapes = outer_raw;
        self.depth -= 1;
        result
    }

    fn read_level(&mut self, stop: Option<(char, &'static str)>) -> Result<(String, Vec<Word>), ExpandError> {
        let mut result = String::new();
        let mut words = Words::default();
        self.word.text.clear();
        while let Some(c) = self.peek() {
            let start = self.at;
            if stop.is_some_and(|(stop, _)| stop == c) {
                self.next();
                return Ok((result, self.finish(words)));
            }
            let text = match c {
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '<' => self.heredoc_mark(),
                '$' => {
                    let text = self.dollar()?;
                    text.chars().for_each(|c| self.add_char(&mut words, c, start));
                    result.push_str(&text);
                    self.check_len(result.len())?;
                    continue;
                }
                _ => {
                    self.plain(&mut words, &mut result);
                    continue;
                }
            };
            self.add_raw(&mut words, &text, start);
            result.push_str(&text);
            self.check_len(result.len())?;
        }
        match stop {
            Some((_, name)) => Err(ExpandError::Missing(name)),
            None => Ok((result, self.finish(words))),
        }
    }

    fn check_len(&self, len: usize) -> Result<(), ExpandError> {
        if len > MAX_LEN.max(self.bytes.len()) { Err(ExpandError::TooLong) } else { Ok(()) }
    }

    /// A character without meaning, or an escaped one.
    fn plain(&mut self, words: &mut Words, result: &mut String) {
        let start = self.at;
        let Some(c) = self.next() else { return };
        if c != self.escape {
            self.add_char(words, c, start);
            result.push(c);
            return;
        }
        if self.raw_escapes {
            self.add_raw(words, c.encode_utf8(&mut [0; 4]), start);
            result.push(c);
        }
        if let Some(c) = self.next() {
            self.add_raw(words, c.encode_utf8(&mut [0; 4]), start);
            result.push(c);
        }
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let mut text = String::new();
        let mut quotes = 0;
        while let Some(c) = self.next() {
            let is_quote = c == '\'';
            quotes += usize::from(is_quote);
            if !is_quote || self.raw_quotes {
                text.push(c);
            }
            if quotes == 2 {
                return Ok(text);
            }
        }
        Err(ExpandError::Unterminated("single-quote"))
    }

    fn double_quoted(&mut self) -> Result<String, ExpandError> {
        let mut text = String::new();
        self.next();
        if self.raw_quotes {
            text.push('"');
        }
        while let Some(c) = self.peek() {
            if c == '$' {
                text.push_str(&self.dollar()?);
                self.check_len(text.len())?;
                continue;
            }
            self.next();
            if c == '"' {
                if self.raw_quotes {
                    text.push(c);
                }
                return Ok(text);
            }
            if c != self.escape {
                text.push(c);
                continue;
            }
            if self.raw_escapes {
                text.push(c);
            }
            match self.peek() {
                None => {}
                Some(next) if matches!(next, '"' | '$') || next == self.escape => {
                    self.next();
                    text.push(next);
                }
                Some(_) => text.push(c),
            }
        }
        Err(ExpandError::Unterminated("double-quote"))
    }

    /// `<`, or `<<` with the blanks behind it, which belong to a heredoc's mark.
    fn heredoc_mark(&mut self) -> String {
        self.next();
        if self.peek() != Some('<') {
            return "<".to_owned();
        }
        self.next();
        let mut mark = "<<".to_owned();
        while let Some(c @ ('\t' | '\r' | ' ')) = self.peek() {
            mark.push(c);
            self.next();
        }
        mark
    }

    /// `$name`, `${name}` or `${name<modifier>...}`.
    fn dollar(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name_start = self.at;
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            let value = self.look_up(&name, start, name_start, "");
            return Ok(
                value.unwrap_or_else(|| if self.keep_unset { format!("${name}") } else { String::new() })
            );
        }
        self.next();
        match self.peek() {
            None => return Err(ExpandError::Missing("'}'")),
            Some('{' | '}' | ':') => return Err(ExpandError::BadSubstitution),
            Some(_) => {}
        }
        let name_start = self.at;
        let name = self.name();
        let mut modifier = self.next().map_or('\u{FFFD}', |c| c);
        match modifier {
            '}' => {
                let value = self.look_up(&name, start, name_start, "");
                Ok(value.unwrap_or_else(
                    || {
                        if self.keep_unset { format!("${{{name}}}") } else { String::new() }
                    },
                ))
            }
            '/' => self.replacement(&name, start, name_start),
            ':' | '+' | '-' | '?' | '#' | '%' => {
                let null_is_unset = modifier == ':';
                let mut written = modifier.to_string();
                if null_is_unset {
                    modifier = self.next().unwrap_or('\u{FFFD}');
                    written.push(modifier);
                }
                let substitution = Substitution { name, modifier, written, null_is_unset };
                self.substitution(&substitution, start, name_start)
            }
            other => Err(ExpandError::UnsupportedModifier(other.to_string())),
        }
    }

    fn substitution(
        &mut self,
        wanted: &Substitution,
        start: usize,
        name_start: usize,
    ) -> Result<String, ExpandError> {
        let is_trim = matches!(wanted.modifier, '#' | '%');
        if wanted.null_is_unset && is_trim {
            return Err(ExpandError::UnsupportedModifier(wanted.written.clone()));
        }
        let word = self.nested('}', "'}'", is_trim)?;
        let value = self.look_up(&wanted.name, start, name_start, &wanted.written);
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{}{}{word}}}", wanted.name, wanted.written));
        }
        wanted.apply(value, word)
    }

    /// `${name/pattern/replacement}`, or `//` for all.
    fn replacement(&mut self, name: &str, start: usize, name_start: usize) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.nested('/', "'/' in ${}", true)?;
        let replacement = self.nested('}', "'}'", true)?;
        let value = self.look_up(name, start, name_start, if all { "//" } else { "/" });
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        pattern::replace(&pattern, &value.unwrap_or_default(), &replacement, all)
    }

    /// Text inside `${...}`, up to `stop`.
    fn nested(&mut self, stop: char, missing: &'static str, raw: bool) -> Result<String, ExpandError> {
        match self.read_until(Some((stop, missing)), raw) {
            Ok((text, _)) => Ok(text),
            Err(error) if error == ExpandError::TooDeep => Err(error),
            Err(_) if self.peek().is_none() => Err(ExpandError::Missing(missing)),
            Err(error) => Err(error),
        }
    }

    /// A name: letters, digits and `_`; or a number; or one special parameter.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if name.is_empty() && c.is_ascii_digit() {
                while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
                    self.next();
                    name.push(digit);
                }
                return name;
            }
            if name.is_empty() && matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!') {
                self.next();
                return c.to_string();
            }
            if !c.is_alphabetic() && !c.is_ascii_digit() && c != '_' {
                break;
            }
            self.next();
            name.push(c);
        }
        name
    }

    fn look_up(&mut self, name: &str, start: usize, name_start: usize, modifier: &str) -> Option<String> {
        let value = (self.lookup)(name);
        let reference = Reference {
            name: name.to_owned(),
            range: start..self.at,
            name_range: name_start..name_start + name.len(),
            modifier: modifier.to_owned(),
        };
        self.references.push((reference, value.is_some()));
        value
    }

    /// Adds a character that ends a word if it is white space.
    fn add_char(&mut self, words: &mut Words, c: char, start: usize) {
        if !c.is_whitespace() {
            self.add_raw(words, c.encode_utf8(&mut [0; 4]), start);
        } else if words.in_word && !self.word.text.is_empty() {
            words.done.push(self.take_word());
            words.in_word = false;
        }
    }

    /// Adds text that belongs to the word whatever it is.
    fn add_raw(&mut self, words: &mut Words, text: &str, start: usize) {
        if self.word.text.is_empty() {
            self.word.range.start = start;
        }
        self.word.text.push_str(text);
        self.word.range.end = self.at;
        words.in_word = true;
    }

    fn take_word(&mut self) -> Word {
        let empty = Word { text: String::new(), range: 0..0 };
        std::mem::replace(&mut self.word, empty)
    }

    fn finish(&mut self, words: Words) -> Vec<Word> {
        let mut done = words.done;
        if !self.word.text.is_empty() {
            done.push(self.take_word());
        }
        done
    }
}
