//! What an expression comes to, as far as the source tells.

use std::ops::Range;

use super::Language;
use super::calls::Gives;
use super::pieces::{MAX_VALUES, Piece, Value, combine, filled, folder_of, join, unknown};
use super::syntax::Source;
use super::tokens::{Group, Kind, Tokens};

/// Expressions looked at for one value.
const FUEL: u32 = 64;
/// Bytes of one text: paths and command lines are shorter.
const MAX_TEXT: usize = 4096;
/// Work that one expression costs, beside its texts.
const EXPRESSION: usize = 16;

/// The values that the tokens `range` may have; at least one.
pub(super) fn values(source: &Source<'_>, range: Range<usize>) -> Vec<Value> {
    Evaluation { source, t: &source.tokens, fuel: FUEL }.expression(range)
}

struct Evaluation<'s, 'a> {
    source: &'s Source<'a>,
    t: &'s Tokens<'a>,
    fuel: u32,
}

impl Evaluation<'_, '_> {
    fn expression(&mut self, range: Range<usize>) -> Vec<Value> {
        if self.fuel == 0 || !self.source.spend(EXPRESSION) {
            return unknown();
        }
        self.fuel -= 1;
        let range = self.bare(range);
        if range.is_empty() {
            return unknown();
        }
        let mut found = self.choice(&range).unwrap_or_else(|| self.sum(&range));
        found.truncate(MAX_VALUES);
        found
    }

    /// `range` without what changes no value: parentheses, `await`, `new`, `as string`.
    fn bare(&self, range: Range<usize>) -> Range<usize> {
        let mut range = self.t.trimmed(range);
        loop {
            let start = range.start;
            let is_prefix = matches!(self.t.word(start), Some("await" | "new")) || self.borrows(start);
            if is_prefix && range.len() > 1 {
                range.start += 1;
            } else if self.t.opens(start, Group::Round)
                && self.t.mate(start) + 1 == range.end
                && range.len() > 2
            {
                range = self.t.trimmed(start + 1..range.end - 1);
            } else {
                break;
            }
        }
        if self.source.dialect.language == Language::Node
            && let Some(cast) = self.find(&range, |t, at| matches!(t.word(at), Some("as" | "satisfies")))
        {
            range.end = cast;
        }
        range
    }

    /// `&` and `mut` in front of a value, where that is the value itself.
    fn borrows(&self, at: usize) -> bool {
        self.source.dialect.language == Language::Rust && (self.t.is(at, "&") || self.t.is_word(at, "mut"))
    }

    /// The first token at the level of `range` that is as asked.
    fn find(&self, range: &Range<usize>, test: impl Fn(&Tokens<'_>, usize) -> bool) -> Option<usize> {
        let mut at = range.start;
        for _ in 0..FUEL {
            if at >= range.end {
                return None;
            }
            if test(self.t, at) {
                return Some(at);
            }
            at = self.t.behind(at);
        }
        None
    }

    /// `c ? a : b`, `a if c else b`, `a || b`, `a or b`.
    fn choice(&mut self, range: &Range<usize>) -> Option<Vec<Value>> {
        match self.source.dialect.language {
            Language::Node | Language::Java => {
                if self.find(range, |t, at| t.is(at, "=>") || t.is(at, "->")).is_some() {
                    return Some(unknown());
                }
                if let Some(question) = self.find(range, |t, at| t.is(at, "?")) {
                    let colon = self.find(&(question + 1..range.end), |t, at| t.is(at, ":"))?;
                    let mut both = self.expression(question + 1..colon);
                    both.extend(self.expression(colon + 1..range.end));
                    return Some(both);
                }
                let or = self.find(range, |t, at| t.is(at, "||") || t.is(at, "??"))?;
                Some(self.fallback(range.start..or, or + 1..range.end))
            }
            Language::Python => {
                if let Some(then) = self.find(range, |t, at| t.is_word(at, "if")) {
                    let other = self.find(&(then..range.end), |t, at| t.is_word(at, "else"))?;
                    let mut both = self.expression(range.start..then);
                    both.extend(self.expression(other + 1..range.end));
                    return Some(both);
                }
                let or = self.find(range, |t, at| t.is_word(at, "or"))?;
                Some(self.fallback(range.start..or, or + 1..range.end))
            }
            Language::Php => {
                let question = self.find(range, |t, at| t.is(at, "?") || t.is(at, "??"));
                question.map(|_| unknown())
            }
            Language::Go | Language::Rust | Language::C | Language::Dotnet | Language::Ruby => None,
        }
    }

    /// A value, and the one in its place if it is missing: a setting gives way to its default.
    fn fallback(&mut self, first: Range<usize>, second: Range<usize>) -> Vec<Value> {
        let mut found = self.expression(first);
        found.extend(self.expression(second));
        if found.iter().any(|value| !value.contains(&Piece::Hole)) {
            found.retain(|value| !value.contains(&Piece::Hole));
        }
        found
    }

    /// Texts put together, paths joined by Python's `/`, texts formatted by Python's `%`.
    fn sum(&mut self, range: &Range<usize>) -> Vec<Value> {
        let plus = if self.source.dialect.language == Language::Php { "." } else { "+" };
        let terms = self.t.split(range.clone(), plus);
        if terms.len() > 1 {
            let terms: Vec<_> = terms.into_iter().map(|term| self.expression(term)).collect();
            return combine(&terms, |whole, term| whole.extend(term.iter().cloned()));
        }
        if self.source.dialect.language == Language::Python {
            let steps = self.t.split(range.clone(), "/");
            if steps.len() > 1 {
                let steps: Vec<_> = steps.into_iter().map(|step| self.expression(step)).collect();
                return combine(&steps, |whole, step| join(whole, step, true));
            }
            if let Some(percent) = self.find(range, |t, at| t.is(at, "%")) {
                let found = self.expression(range.start..percent);
                return found.iter().map(|value| filled(value, '%')).collect();
            }
        }
        self.operand(range)
    }

    fn operand(&mut self, range: &Range<usize>) -> Vec<Value> {
        let start = range.start;
        let (mut found, mut at) = match self.t.kind(start) {
            Some(Kind::Text | Kind::Number) => self.adjacent(range),
            Some(Kind::Open) if self.t.opens(start, Group::Quoted) => self.adjacent(range),
            Some(Kind::Open) if self.t.opens(start, Group::Round) => {
                let end = self.t.mate(start);
                if self.find(&(start + 1..end), |t, at| t.is(at, ",")).is_none() {
                    (self.expression(start + 1..end), end + 1)
                } else {
                    (unknown(), range.end)
                }
            }
            Some(Kind::Word) => self.name(start),
            _ => (unknown(), range.end),
        };
        while at < range.end {
            (found, at) = self.suffix(found, at);
        }
        found
    }

    /// Strings side by side.
    fn adjacent(&mut self, range: &Range<usize>) -> (Vec<Value>, usize) {
        let mut value = Value::new();
        let mut at = range.start;
        while at < range.end {
            match self.t.kind(at) {
                Some(Kind::Text | Kind::Number) => value.push(self.text(at)),
                Some(Kind::Open) if self.t.opens(at, Group::Quoted) => self.pieces(at, &mut value),
                _ => break,
            }
            at = self.t.behind(at);
        }
        (vec![value], at)
    }

    fn text(&self, at: usize) -> Piece {
        let length = self.t.text(at).len();
        if length > MAX_TEXT || !self.source.spend(length) {
            return Piece::Hole;
        }
        Piece::Text(self.t.string(at))
    }

    /// The pieces of the string with holes that starts at `open`.
    fn pieces(&mut self, open: usize, value: &mut Value) {
        let end = self.t.mate(open);
        let mut at = open + 1;
        while at < end {
            match self.t.kind(at) {
                Some(Kind::Text) => value.push(self.text(at)),
                Some(Kind::Open) => {
                    let inner = self.expression(at + 1..self.t.mate(at));
                    match <[Value; 1]>::try_from(inner) {
                        Ok([only]) => value.extend(only),
                        Err(_) => value.push(Piece::Hole),
                    }
                }
                _ => {}
            }
            at = self.t.behind(at);
        }
        if value.is_empty() {
            value.push(Piece::Text(String::new()));
        }
    }

    /// A variable, or a known name and the arguments it is called with.
    fn name(&mut self, at: usize) -> (Vec<Value>, usize) {
        let Some(site) = self.source.resolve(at) else {
            let called = self.t.opens(at + 1, Group::Round);
            let found = if called { unknown() } else { self.variable(at) };
            return (found, at + 1);
        };
        let Some(gives) = self.source.dialect.gives(&site.name) else { return (unknown(), site.end) };
        let called = self.t.opens(site.end, Group::Round);
        let arguments = if called { self.t.items(site.end) } else { Vec::new() };
        let end = if called { self.t.mate(site.end) + 1 } else { site.end };
        let argument = |n: usize| arguments.get(n).cloned().unwrap_or(0..0);
        let found = match gives {
            Gives::Here => vec![vec![Piece::Here]],
            Gives::Code { up } => vec![vec![Piece::Code { up }]],
            Gives::Own => vec![vec![Piece::Own]],
            Gives::OwnFirst => {
                let first = self.t.opens(site.end, Group::Square) && self.t.text(site.end + 1) == "0";
                let found = if first { vec![vec![Piece::Own]] } else { unknown() };
                return (found, self.t.behind(site.end));
            }
            Gives::Temporary => vec![vec![Piece::Text("/tmp".to_owned())]],
            Gives::Argument(n) => self.expression(argument(n)),
            Gives::Folder => self.expression(argument(0)).iter().map(folder_of).collect(),
            Gives::Beside => {
                let mut steps = vec![self.expression(argument(0))];
                if arguments.len() > 1 {
                    steps.insert(0, self.expression(argument(1)).iter().map(folder_of).collect());
                }
                combine(&steps, |whole, step| join(whole, step, true))
            }
            Gives::Formatted => {
                let found = self.expression(argument(0));
                found.iter().map(|value| filled(value, '%')).collect()
            }
            Gives::Filled => {
                let found = self.expression(argument(0));
                found.iter().map(|value| filled(value, '{')).collect()
            }
            Gives::Joined { absolute_restarts } => {
                let steps: Vec<_> = arguments.into_iter().map(|step| self.expression(step)).collect();
                combine(&steps, |whole, step| join(whole, step, absolute_restarts))
            }
        };
        (found, end)
    }

    fn variable(&mut self, at: usize) -> Vec<Value> {
        let name = self.t.text(at);
        let mut found = Vec::new();
        for value in self.source.assigned_to(name, at) {
            // `path = path + "x"`: what it was before is not followed.
            let again = value.contains(&at);
            found.extend(if again { unknown() } else { self.expression(value) });
        }
        if found.is_empty() { unknown() } else { found }
    }

    /// A member, a call or an index behind a value.
    fn suffix(&mut self, found: Vec<Value>, at: usize) -> (Vec<Value>, usize) {
        let is_call = self.t.opens(at + 2, Group::Round);
        let end = if is_call { self.t.mate(at + 2) + 1 } else { at + 2 };
        if self.t.is(at, "!") || self.t.is(at, "?") {
            return (found, at + 1);
        }
        if !self.t.is_dot(at) {
            return (unknown(), self.t.behind(at));
        }
        let found = match self.t.word(at + 1) {
            Some("format") if is_call => found.iter().map(|value| filled(value, '{')).collect(),
            Some(name @ ("joinpath" | "resolve"))
                if is_call && (name == "joinpath" || self.source.dialect.language == Language::Java) =>
            {
                let mut steps = vec![found];
                steps.extend(self.t.items(at + 2).into_iter().map(|step| self.expression(step)));
                combine(&steps, |whole, step| join(whole, step, true))
            }
            Some("toFile" | "toPath" | "toAbsolutePath" | "normalize") if is_call => found,
            Some(
                "split" | "resolve" | "absolute" | "as_posix" | "expanduser" | "strip" | "trim" | "toString"
                | "pathname" | "freeze",
            ) => found,
            Some(member) if is_call && self.source.dialect.language == Language::Rust => {
                self.rust_method(member, found, at + 2)
            }
            Some("parent") if !is_call => found.iter().map(folder_of).collect(),
            Some("parents") if self.t.opens(end, Group::Square) => {
                let steps = self.t.text(end + 1).parse().map_or(MAX_VALUES, |n: usize| n.min(MAX_VALUES)) + 1;
                let found = (0..steps).fold(found, |found, _| found.iter().map(folder_of).collect());
                return (found, self.t.behind(end));
            }
            _ => unknown(),
        };
        (found, end)
    }

    /// A method of Rust's texts and paths, whose arguments start at `open`.
    fn rust_method(&mut self, method: &str, found: Vec<Value>, open: usize) -> Vec<Value> {
        match method {
            "as_os_str" | "as_path" | "as_ref" | "as_str" | "clone" | "display" | "expect" | "into"
            | "into_owned" | "to_owned" | "to_path_buf" | "to_str" | "to_string" | "to_string_lossy"
            | "unwrap" => found,
            "join" => {
                let mut steps = vec![found];
                steps.extend(self.t.items(open).into_iter().map(|step| self.expression(step)));
                combine(&steps, |whole, step| join(whole, step, true))
            }
            // The setting gives way to its default.
            "unwrap_or" | "unwrap_or_else" => {
                let Some(mut default) = self.t.items(open).into_iter().next() else { return unknown() };
                if self.t.is(default.start, "||") {
                    default.start += 1;
                } else if self.t.is(default.start, "|") {
                    default.start = (default.start + 3).min(default.end);
                }
                let given = self.expression(default);
                if given.iter().any(|value| !value.contains(&Piece::Hole)) { given } else { found }
            }
            _ => unknown(),
        }
    }
}
