//! The head of a logical line: keyword and flags.

use std::ops::Range;

use super::instruction::{Flag, Keyword};
use super::lines::Logical;
use super::runes;
use crate::MappedText;

/// Keyword, flags, and where the arguments are. Ranges are of the logical line.
pub(super) struct Head {
    pub(super) keyword: Keyword,
    pub(super) word: Range<usize>,
    pub(super) flags: Vec<Flag>,
    pub(super) rest: Range<usize>,
}

/// Splits `range` of `line`.
pub(super) fn read(line: &Logical, range: Range<usize>, escape: u8) -> Head {
    let bytes = &line.bytes[range.clone()];
    let end = range.start + runes::trimmed_len(bytes);
    let start = (range.start + runes::leading_space(bytes)).min(end);
    let bytes = &line.bytes[start..end];
    let word = start..start + bytes.iter().position(|b| runes::is_blank(*b)).unwrap_or(bytes.len());
    let keyword = keyword(&line.bytes[word.clone()]);
    let mut rest = word.end + blanks(&line.bytes[word.end..end]);
    let mut flags = Vec::new();
    rest += line.bytes[rest..end].iter().take_while(|b| runes::is_latin1_space(**b)).count();
    if line.bytes[rest..end].starts_with(b"--") {
        rest = read_flags(line, rest..end, escape, &mut flags);
    }
    let rest_len = runes::trimmed_len(&line.bytes[rest..end]);
    let skip = runes::leading_space(&line.bytes[rest..rest + rest_len]);
    Head { keyword, word, flags, rest: rest + skip..rest + rest_len }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| runes::is_blank(**b)).count()
}

/// The keyword that `word` is, in any letter case.
fn keyword(word: &[u8]) -> Keyword {
    if word.is_ascii() {
        return Keyword::read(word);
    }
    // Two characters outside ASCII have an ASCII letter as their lower case.
    let folded = String::from_utf8_lossy(word).replace('\u{212A}', "k").replace('\u{130}', "i");
    Keyword::read(folded.as_bytes())
}

impl Keyword {
    /// Every keyword with its name in upper case.
    pub(super) const ALL: [(Keyword, &'static str); 18] = [
        (Self::Add, "ADD"),
        (Self::Arg, "ARG"),
        (Self::Cmd, "CMD"),
        (Self::Copy, "COPY"),
        (Self::Entrypoint, "ENTRYPOINT"),
        (Self::Env, "ENV"),
        (Self::Expose, "EXPOSE"),
        (Self::From, "FROM"),
        (Self::Healthcheck, "HEALTHCHECK"),
        (Self::Label, "LABEL"),
        (Self::Maintainer, "MAINTAINER"),
        (Self::Onbuild, "ONBUILD"),
        (Self::Run, "RUN"),
        (Self::Shell, "SHELL"),
        (Self::Stopsignal, "STOPSIGNAL"),
        (Self::User, "USER"),
        (Self::Volume, "VOLUME"),
        (Self::Workdir, "WORKDIR"),
    ];

    fn read(word: &[u8]) -> Self {
        let Some(first) = word.first().map(u8::to_ascii_uppercase) else { return Self::Unknown };
        Self::ALL
            .into_iter()
            .filter(|(_, name)| name.len() == word.len() && name.as_bytes()[0] == first)
            .find(|(_, name)| word.eq_ignore_ascii_case(name.as_bytes()))
            .map_or(Self::Unknown, |(keyword, _)| keyword)
    }

    /// The name in upper case; empty for [`Keyword::Unknown`].
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(keyword, _)| *keyword == self).map_or("", |(_, name)| name)
    }
}

/// Reads the flags at the start of `range` into `flags`; returns where the arguments start. BuildKit
/// looks at bytes here, and takes each byte outside ASCII for the Latin-1 character of that number.
fn read_flags(line: &Logical, range: Range<usize>, escape: u8, flags: &mut Vec<Flag>) -> usize {
    let bytes = line.bytes;
    let mut at = range.start;
    loop {
        at += bytes[at..range.end].iter().take_while(|b| runes::is_latin1_space(**b)).count();
        if !bytes[at..range.end].starts_with(b"--") {
            return at;
        }
        let word = FlagWord::read(line, at..range.end, escape);
        at = word.end;
        if word.is_bare() {
            return at;
        }
        flags.push(word.flag);
    }
}

/// A flag being read.
struct FlagWord {
    flag: Flag,
    end: usize,
}

impl FlagWord {
    fn is_bare(&self) -> bool {
        self.flag.name.is_empty() && self.flag.value.is_none()
    }

    /// Reads the word that starts at `range.start` with two dashes.
    fn read(line: &Logical, range: Range<usize>, escape: u8) -> Self {
        let bytes = line.bytes;
        let mut name = MappedText::new();
        let mut value: Option<MappedText> = None;
        let mut quote = None;
        let mut at = range.start + 2;
        while at < range.end {
            let byte = bytes[at];
            let is_name = value.is_none();
            let text = value.as_mut().unwrap_or(&mut name);
            if quote.is_none() && runes::is_latin1_space(byte) {
                break;
            }
            let opens = quote.is_none() && matches!(byte, b'\'' | b'"');
            if opens || quote == Some(byte) {
                quote = opens.then_some(byte);
                text.push_removed(line.span(at, at + 1));
                at += 1;
                continue;
            }
            let escaped = usize::from(byte == escape);
            if escaped == 1 {
                text.push_removed(line.span(at, at + 1));
            }
            let Some(&byte) = bytes[..range.end].get(at + escaped) else {
                at += 1;
                break;
            };
            at += escaped;
            if byte == b'=' && is_name {
                value = Some(MappedText::empty_at(line.source(at) + 1));
                at += 1;
                continue;
            }
            at = push_flag_run(line, at..range.end, escape, text);
        }
        if name.is_empty() {
            name = MappedText::empty_at(line.source(range.start) + 2);
        }
        let span = line.span(range.start, at);
        Self { flag: Flag { span, name, value }, end: at }
    }
}

/// Appends the byte at `range.start` and the plain ones behind it; returns where it stopped.
fn push_flag_run(line: &Logical, range: Range<usize>, escape: u8, text: &mut MappedText) -> usize {
    let first = line.bytes[range.start];
    if !first.is_ascii() {
        let latin1 = char::from(first).to_string();
        text.push_decoded(&latin1, line.span(range.start, range.start + 1));
        return range.start + 1;
    }
    let stops =
        |b: u8| b == escape || !b.is_ascii() || matches!(b, b'\'' | b'"' | b'=') || runes::is_latin1_space(b);
    let more = line.bytes[range.start + 1..range.end].iter().take_while(|b| !stops(**b)).count();
    let end = range.start + 1 + more;
    line.append(range.start, end, text);
    end
}
