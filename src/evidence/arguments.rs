//! The arguments of a call: by place, by name, as a list.

use std::ops::Range;

use super::Language;
use super::syntax::Source;
use super::tokens::{Group, Kind, Tokens};

/// Tokens of one call that are searched for an option.
const MAX_OPTION_TOKENS: usize = 400;
/// Tokens of a condition that turns an option on.
const MAX_CONDITION: usize = 16;
/// Elements of a list of arguments.
const MAX_ELEMENTS: usize = 64;

/// The arguments of one call.
pub(super) struct Arguments<'s, 'a> {
    source: &'s Source<'a>,
    t: &'s Tokens<'a>,
    pub all: Vec<Range<usize>>,
    open: usize,
}

impl<'s, 'a> Arguments<'s, 'a> {
    /// The arguments in the group that starts at `open`: a template behind a function is its only one.
    pub fn new(source: &'s Source<'a>, open: usize) -> Self {
        let t = &source.tokens;
        let all = if t.opens(open, Group::Quoted) {
            std::iter::once(open..t.mate(open) + 1).collect()
        } else {
            t.items(open)
        };
        Self { source, t, all, open }
    }

    /// Whether an option is on.
    pub fn has(&self, option: &str) -> bool {
        self.option(option).is_some_and(|value| !is_false(self.t, value))
    }

    fn keyword(&self, argument: &Range<usize>) -> Option<&str> {
        let named = self.source.dialect.language == Language::Python && self.t.is(argument.start + 1, "=");
        self.t.word(argument.start).filter(|_| named)
    }

    /// Argument `n`, or the one that has one of these names.
    pub fn at(&self, n: usize, names: &[&str]) -> Option<Range<usize>> {
        let positional = self.all.iter().filter(|a| self.keyword(a).is_none()).nth(n).cloned();
        positional.or_else(|| {
            let named =
                self.all.iter().find(|a| self.keyword(a).is_some_and(|name| names.contains(&name)))?;
            Some(named.start + 2..named.end)
        })
    }

    /// The value of an option: a keyword argument, or a key of an object.
    pub fn option(&self, name: &str) -> Option<Range<usize>> {
        if self.source.dialect.language == Language::Python {
            let named = self.all.iter().find(|a| self.keyword(a) == Some(name))?;
            return Some(named.start + 2..named.end);
        }
        let end = self.t.mate(self.open).min(self.open + MAX_OPTION_TOKENS);
        let is_key = |at: &usize| {
            matches!(self.t.kind(*at), Some(Kind::Word | Kind::Text)) && self.t.text(*at) == name
        };
        let key = (self.open + 1..end).filter(is_key).find(|at| self.t.is(at + 1, ":"))?;
        Some(key + 2..self.source.expression_end(key + 2))
    }

    /// The argument lists that the program at argument `n` may be started with.
    pub fn argument_lists(&self, n: usize) -> Vec<Vec<Range<usize>>> {
        let Some(mut program) = self.at(n, &["args", "cmd", "command", "program", "file"]) else {
            return vec![Vec::new()];
        };
        if self.t.is(program.start, "*") || self.t.is(program.start, "...") {
            program.start += 1;
        }
        if let Some(items) = self.list(&program) {
            return vec![items];
        }
        let is_variable = program.len() == 1
            || (self.t.opens(program.start + 1, Group::Square) && self.t.text(program.start + 2) == "0");
        if let Some(name) = self.t.word(program.start).filter(|_| is_variable) {
            let set_to = self.source.assigned_to(name, program.start);
            if set_to.iter().any(|value| self.list(value).is_some()) {
                return set_to
                    .into_iter()
                    .map(|value| self.list(&value).unwrap_or_else(|| vec![value]))
                    .collect();
            }
        }
        let mut list = vec![program];
        match self.all.get(n + 1..) {
            Some([next, ..]) if self.list(next).is_some() => {
                list.extend(self.list(next).into_iter().flatten());
            }
            Some(rest) => list.extend(rest.iter().filter(|a| self.keyword(a).is_none()).cloned()),
            None => {}
        }
        vec![list]
    }

    /// The elements of a list or tuple that is written out.
    fn list(&self, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
        let start = range.start;
        if self.source.dialect.language == Language::Java {
            return self.java_list(start);
        }
        if self.t.opens(start, Group::Square) {
            if self.t.text(start).starts_with('%') {
                // `%w[git log]`: a word is an element.
                let end = self.t.mate(start).min(start + 1 + MAX_ELEMENTS);
                return Some((start + 1..end).map(|at| at..at + 1).collect());
            }
            // `[]string{"a"}`
            let go = self.t.opens(start + 3, Group::Curly) && self.t.mate(start) == start + 1;
            return Some(self.t.first_items(if go { start + 3 } else { start }, MAX_ELEMENTS));
        }
        let items = self.t.opens(start, Group::Round).then(|| self.t.first_items(start, MAX_ELEMENTS))?;
        (items.len() > 1).then_some(items)
    }

    /// `new String[] {"a"}`, `List.of("a")`, `listOf("a")`, `["a"]`.
    fn java_list(&self, start: usize) -> Option<Vec<Range<usize>>> {
        const OF: [&str; 9] =
            ["arrayListOf", "arrayOf", "asList", "listOf", "mutableListOf", "of", "Array", "List", "Seq"];
        let t = self.t;
        if t.is_word(start, "new") && t.opens(start + 2, Group::Square) && t.opens(start + 4, Group::Curly) {
            return Some(t.first_items(start + 4, MAX_ELEMENTS));
        }
        if t.opens(start, Group::Square) || t.opens(start, Group::Curly) {
            return Some(t.first_items(start, MAX_ELEMENTS));
        }
        let last = if t.is_dot(start + 1) { start + 2 } else { start };
        let makes = t.word(last).is_some_and(|word| OF.contains(&word)) && t.opens(last + 1, Group::Round);
        makes.then(|| t.first_items(last + 1, MAX_ELEMENTS))
    }

    /// The port of `(host, port)`.
    pub fn last_of_tuple(&self, address: Range<usize>) -> Range<usize> {
        self.list(&address).and_then(|items| items.last().cloned()).unwrap_or(address)
    }
}

/// Whether an option is off: `false`, or on for Windows alone.
fn is_false(t: &Tokens<'_>, value: Range<usize>) -> bool {
    let first = || value.clone().take(MAX_CONDITION);
    let on_windows = first().any(|at| t.text(at) == "win32") && !first().any(|at| t.is(at, "!=="));
    on_windows || (value.len() == 1 && matches!(t.text(value.start), "false" | "False"))
}
