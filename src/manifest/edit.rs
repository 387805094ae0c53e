//! From a document as it shall be to edits of its text.

use barehull_syntax::Span;

use super::Data;
use super::change::TextEdit;
use super::print::{Printer, inline};
use super::style::{Style, column, dash_of, is_flow, line_end, line_start};
use super::want::{Entries, Refused, Want};
use crate::project::tree::{Node, Pair, Value};

/// Columns that may be added inside of brackets or braces.
const MAX_INLINE: usize = 100;

/// Collects the edits of one document.
pub(super) struct Editor<'a> {
    text: &'a str,
    style: Style,
    edits: Vec<TextEdit>,
}

impl<'a> Editor<'a> {
    /// An editor of a document of `text` that is written in `style`.
    pub const fn new(text: &'a str, style: Style) -> Self {
        Self { text, style, edits: Vec::new() }
    }

    /// The edits, in the order they were made.
    pub fn finish(self) -> Vec<TextEdit> {
        self.edits
    }

    /// Makes the document say what `want` says.
    pub fn write(&mut self, want: &Want) -> Result<(), Refused> {
        match want {
            Want::Keep(_) => Ok(()),
            Want::New(_) => Err(Refused { reason: "the document is empty".to_owned(), at: None }),
            Want::Map(old, entries) => self.map(old, entries),
            Want::List(old, items) => self.list(old, items),
        }
    }

    fn map(&mut self, old: &Node, entries: &Entries) -> Result<(), Refused> {
        let Value::Map(pairs) = &old.value else { return Err(too_odd(old)) };
        let flow = is_flow(old, self.text);
        let spaced = self.is_spaced(pairs);
        for (at, (key, want)) in entries.iter().enumerate() {
            let old_of = |key: &str| pairs.iter().find(|pair| pair.key.value == key);
            match old_of(key) {
                Some(pair) => self.pair(pair, want, flow)?,
                None => {
                    let before = entries[..at].iter().rev().find_map(|(key, _)| old_of(key));
                    let behind = entries[at + 1..].iter().find_map(|(key, _)| old_of(key));
                    let data = want.data().ok_or_else(|| too_odd(old))?;
                    self.add_entry(key, &data, before, behind, flow, spaced).ok_or_else(|| too_odd(old))?;
                }
            }
        }
        for (at, pair) in pairs.iter().enumerate() {
            if !entries.iter().any(|(key, _)| *key == pair.key.value) {
                let before = at.checked_sub(1).map(|at| &pairs[at]);
                self.remove(pair, before, pairs.get(at + 1), flow).ok_or_else(|| too_odd(old))?;
            }
        }
        Ok(())
    }

    /// An entry that is there.
    fn pair(&mut self, pair: &Pair, want: &Want, flow: bool) -> Result<(), Refused> {
        let alias = || {
            Refused::new(
                format!("`{}` is an alias of what stands elsewhere", pair.key.value),
                pair.key.span.start,
            )
        };
        let opened = !matches!(want, Want::Keep(_));
        if opened && is_alias(pair) {
            return Err(alias());
        }
        match want.data() {
            None => self.write(want),
            Some(data) => self.replace(pair, &data, flow).ok_or_else(|| too_odd(&pair.value)),
        }
    }

    /// Puts `data` in the place of the value of `pair`.
    fn replace(&mut self, pair: &Pair, data: &Data, flow: bool) -> Option<()> {
        let old = &pair.value;
        let end = content_end(old, self.text).map(|end| {
            // The last line's end stays, whatever belonged to the value.
            self.text[..end as usize].trim_end_matches(['\r', '\n']).len() as u32
        });
        if flow {
            let end = end?;
            self.put(Span::new(old.span.start, end), short(data, self.style)?);
            return Some(());
        }
        let key_column = column(self.text, pair.key.span.start)?;
        let mut printer = Printer::new(self.style);
        printer.value(&pair.key.value, data, key_column);
        let new = printer.finish();
        let new = new.strip_suffix('\n').unwrap_or(&new);
        let key_end = pair.key.span.end as usize;
        let colon = key_end + self.text[key_end..].find(':')? + 1;
        let header = self.text[colon..].find('\n').map_or(self.text.len(), |end| colon + end);
        let header = colon + self.text[colon..header].trim_end().len();
        let Some(end) = end else {
            // Nothing was there: on the line of the key, or behind its comment.
            let at = if new.starts_with('\n') { header } else { colon };
            self.put(Span::new(at as u32, at as u32), new.to_owned());
            return Some(());
        };
        let on_line = (old.span.start as usize) < header && block_header(self.text, old).is_none();
        let (line, _) = line_end(self.text, end as usize);
        let behind = self.text[end as usize..line].trim_end();
        if on_line && new.starts_with('\n') && !behind.is_empty() {
            // The comment behind the value stays on the line of the key.
            let at = end + behind.len() as u32;
            self.put(Span::new(colon as u32, end), String::new());
            self.put(Span::new(at, at), new.to_owned());
        } else if on_line {
            let from = if new.starts_with('\n') { colon as u32 } else { old.span.start };
            self.put(Span::new(from, end), new.strip_prefix(' ').unwrap_or(new).to_owned());
        } else if let Some(start) = block_header(self.text, old) {
            self.put(Span::new(start, end), new.strip_prefix(' ').unwrap_or(new).to_owned());
        } else if new.starts_with('\n') {
            self.put(Span::new(header as u32, end), new.to_owned());
        } else {
            self.put(Span::new(colon as u32, colon as u32), new.to_owned());
            self.put(Span::new(header as u32, end), String::new());
        }
        Some(())
    }

    /// Adds an entry behind `before`, or if there is none before `behind`.
    fn add_entry(
        &mut self,
        key: &str,
        data: &Data,
        before: Option<&Pair>,
        behind: Option<&Pair>,
        flow: bool,
        spaced: bool,
    ) -> Option<()> {
        if flow {
            let new = short(&Data::Map(vec![(key.to_owned(), data.clone())]), self.style)?;
            // The outer braces alone: the value may end with one of its own.
            let new = new.strip_prefix('{')?.strip_suffix('}')?;
            return self.add_inline(
                new,
                before.map(|pair| pair_end(pair, self.text)),
                behind.map(|b| b.key.span),
            );
        }
        let near = before.or(behind)?;
        let at = column(self.text, near.key.span.start)?;
        let mut printer = Printer::new(self.style);
        printer.entry(key, data, at);
        let new = printer.finish();
        let on_dash = |pair: &Pair| !self.is_first_on_line(pair.key.span.start);
        match (before, behind) {
            // Before what follows a dash nothing can stand: behind it then.
            (None, Some(behind)) if !on_dash(behind) => {
                let new = if spaced { new + "\n" } else { new };
                self.add_before(behind.key.span.start, new);
            }
            _ => {
                let new = if spaced { format!("\n{new}") } else { new };
                self.add_behind(pair_end(near, self.text), new);
            }
        }
        Some(())
    }

    fn list(&mut self, old: &Node, items: &[Want]) -> Result<(), Refused> {
        let nodes = old.items();
        let mut left = nodes.iter().peekable();
        let flow = is_flow(old, self.text);
        let mut before = None;
        for item in items {
            if let Want::Keep(node) | Want::Map(node, _) | Want::List(node, _) = item
                && left.peek().is_some_and(|next| std::ptr::eq(&raw const ***next, &raw const **node))
            {
                if !matches!(item, Want::Keep(_)) && item.data().is_some() {
                    return Err(too_odd(node));
                }
                if !matches!(item, Want::Keep(_)) && !old.span.range().contains(&(node.span.start as usize)) {
                    return Err(Refused::new("an item is an alias of what stands elsewhere", old.span.start));
                }
                self.write(item)?;
                before = left.next();
                continue;
            }
            let data = item.data().ok_or_else(|| too_odd(old))?;
            let behind = left.peek().copied();
            self.add_item(&data, before, behind, flow).ok_or_else(|| too_odd(old))?;
        }
        if left.next().is_some() { Err(too_odd(old)) } else { Ok(()) }
    }

    fn add_item(
        &mut self,
        data: &Data,
        before: Option<&std::sync::Arc<Node>>,
        behind: Option<&std::sync::Arc<Node>>,
        flow: bool,
    ) -> Option<()> {
        if flow {
            let new = short(data, self.style)?;
            let before = before.map(|node| content_end(node, self.text));
            return self.add_inline(&new, before.flatten(), behind.map(|node| node.span));
        }
        let near = before.or(behind)?;
        let dash = dash_of(self.text, near)?;
        let mut style = self.style;
        if line_start(self.text, near.span.start) <= dash as usize {
            style.item = (near.span.start - dash) as usize;
        }
        let mut printer = Printer::new(style);
        printer.item(data, column(self.text, dash)?);
        let new = printer.finish();
        match (before, behind) {
            (None, Some(_)) if self.is_first_on_line(dash) => self.add_before(dash, new),
            (None, _) => return None,
            (Some(before), _) => self.add_behind(content_end(before, self.text)?, new),
        }
        Some(())
    }

    /// Adds to a collection in brackets.
    fn add_inline(&mut self, new: &str, before: Option<u32>, behind: Option<Span>) -> Option<()> {
        match (before, behind) {
            (Some(end), _) => self.put(Span::new(end, end), format!(", {new}")),
            (None, Some(next)) => self.put(Span::new(next.start, next.start), format!("{new}, ")),
            (None, None) => return None,
        }
        Some(())
    }

    /// Takes an entry out, with its lines.
    fn remove(
        &mut self,
        pair: &Pair,
        before: Option<&Pair>,
        behind: Option<&Pair>,
        flow: bool,
    ) -> Option<()> {
        let end = pair_end(pair, self.text);
        let start = pair.key.span.start;
        let span = match (before, behind) {
            (Some(before), _) if flow => Span::new(pair_end(before, self.text), end),
            (None, Some(behind)) if flow || !self.is_first_on_line(start) => {
                // What follows comes up to the dash; a comment on lines of its own would get lost.
                let gap = &self.text[end as usize..behind.key.span.start as usize];
                if gap.lines().skip(1).any(|line| line.contains('#')) {
                    return None;
                }
                Span::new(start, behind.key.span.start)
            }
            _ if !flow && self.is_first_on_line(start) => {
                let from = line_start(self.text, start);
                let (to, ended) = line_end(self.text, end.saturating_sub(1) as usize);
                // The last line of a text without a line's end takes that of the line before with it.
                let from = if ended || from == 0 { from } else { from - 1 };
                Span::new(from as u32, to as u32)
            }
            _ => return None,
        };
        self.put(span, String::new());
        Some(())
    }

    /// Whether most entries of a map have an empty line between them.
    fn is_spaced(&self, pairs: &[Pair]) -> bool {
        let empty = |pair: &[Pair]| {
            let end = pair_end(&pair[0], self.text) as usize;
            let gap = self.text.get(end..pair[1].key.span.start as usize).unwrap_or_default();
            // The first line is the end of one entry, the last the beginning of the other.
            let lines: Vec<&str> = gap.split('\n').skip(1).collect();
            lines.split_last().is_some_and(|(_, between)| between.iter().any(|line| line.trim().is_empty()))
        };
        let spaced = pairs.windows(2).filter(|pair| empty(pair)).count();
        spaced * 2 > pairs.len().saturating_sub(1)
    }

    fn is_first_on_line(&self, at: u32) -> bool {
        self.text[line_start(self.text, at)..at as usize]
            .trim_start_matches('\u{feff}')
            .bytes()
            .all(|b| b == b' ')
    }

    /// Adds whole lines behind the line that ends what ends at `end`.
    fn add_behind(&mut self, end: u32, new: String) {
        let (at, ended) = line_end(self.text, end.saturating_sub(1) as usize);
        let at = at as u32;
        // A document may end without a line's end; then what is added brings it, so that a text in it keeps its own.
        let new = if ended { new } else { format!("\n{new}") };
        self.put(Span::new(at, at), new);
    }

    /// Adds whole lines before the line of `start` and the comments that stand right above it.
    fn add_before(&mut self, start: u32, new: String) {
        let mut at = line_start(self.text, start);
        while at > 0 {
            let above = line_start(self.text, at as u32 - 1);
            if !self.text[above..at].trim_start().starts_with('#') {
                break;
            }
            at = above;
        }
        self.put(Span::new(at as u32, at as u32), new);
    }

    fn put(&mut self, span: Span, text: String) {
        let text = if self.style.crlf { text.replace('\n', "\r\n") } else { text };
        self.edits.push(TextEdit { span, text });
    }
}

impl Want {
    /// The value if it is written as a whole: it is new, or nothing of it was there or is left.
    fn data(&self) -> Option<Data> {
        let is_empty = |node: &Node| match &node.value {
            Value::Null => true,
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            Value::Scalar(_) => false,
        };
        match self {
            Self::Keep(_) => None,
            Self::New(data) => Some(data.clone()),
            Self::Map(old, entries) if is_empty(old) || entries.is_empty() => {
                let entry = |(key, want): &(String, Self)| Some((key.clone(), want.data()?));
                Some(Data::Map(entries.iter().map(entry).collect::<Option<_>>()?))
            }
            Self::List(old, items) if is_empty(old) || items.is_empty() => {
                Some(Data::List(items.iter().map(Self::data).collect::<Option<_>>()?))
            }
            Self::Map(..) | Self::List(..) => None,
        }
    }
}

/// The edits in the order of the text, those at one place as one.
pub(super) fn join(text: &str, mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.sort_by_key(|edit| edit.span.start);
    let mut joined: Vec<TextEdit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match joined.last_mut() {
            Some(last) if last.span.is_empty() && last.span.start == edit.span.start => {
                // Only the first of them ends the last line of the text.
                let ends = edit.span.start as usize == text.len() && last.text.ends_with('\n');
                let new = edit.text.trim_start_matches('\r');
                let new = if ends { new.strip_prefix('\n').unwrap_or(&edit.text) } else { &edit.text };
                last.text.push_str(new);
                last.span = edit.span;
            }
            _ => joined.push(edit),
        }
    }
    joined
}

fn too_odd(node: &Node) -> Refused {
    Refused::new("it is written in a way that cannot be added to line by line", node.span.start)
}

fn is_alias(pair: &Pair) -> bool {
    // What is absent stands right behind its key.
    pair.value.span.start < pair.key.span.start
}

/// A value for the inside of brackets.
fn short(data: &Data, style: Style) -> Option<String> {
    let new = inline(data, style.double_quotes);
    (new.len() <= MAX_INLINE && !new.contains("\\n")).then_some(new)
}

/// The mark (`|`, `>-`) of a text in lines.
fn block_header(text: &str, node: &Node) -> Option<u32> {
    node.text()?;
    let start = node.span.start as usize;
    let before = text[..start].trim_end_matches(' ');
    let line = before.strip_suffix('\n')?.trim_end_matches(['\n', '\r', ' ']);
    let from = line.rfind('\n').map_or(0, |end| end + 1);
    let line = &line[from..];
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let mark = line.rfind(['|', '>'])?;
    let only = line[mark + 1..].bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
    (only && line[..mark].ends_with(' ')).then_some((from + mark) as u32)
}

/// Where what a value says ends; nothing where it is absent or stands elsewhere.
fn content_end(node: &Node, text: &str) -> Option<u32> {
    let written = &text[node.span.range()];
    match &node.value {
        Value::Null => (!written.trim().is_empty()).then_some(node.span.end),
        Value::Scalar(_) => {
            if block_header(text, node)
                .is_some_and(|mark| text[mark as usize..node.span.start as usize].contains('+'))
            {
                // Empty lines at its end count.
                return Some(node.span.end);
            }
            let end = node.span.start + written.trim_end().len() as u32;
            (end > node.span.start).then_some(end)
        }
        _ if is_flow(node, text) => Some(node.span.end),
        Value::List(items) => {
            let last = items.last()?;
            let inside = last.span.start >= node.span.start;
            let own = if inside { content_end(last, text) } else { None };
            // An item without content ends with its dash, one that is an alias nowhere.
            own.or_else(|| inside.then(|| dash_of(text, last)).flatten().map(|dash| dash + 1))
        }
        Value::Map(pairs) => Some(pair_end(pairs.last()?, text)),
    }
}

/// Where an entry ends; of an alias, where its key does, which is on the same line.
fn pair_end(pair: &Pair, text: &str) -> u32 {
    let value = (!is_alias(pair)).then(|| content_end(&pair.value, text)).flatten();
    value.unwrap_or(pair.key.span.end).max(pair.key.span.end)
}
