//! What the names of a file stand for: its imports, and variables that are set to what was imported.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Language;
use super::calls::Call;
use super::syntax::Source;
use super::tokens::{Group, Kind, previous};

/// Functions that give back what they are given, for our ends.
const WRAPPERS: [&str; 7] = [
    "promisify",
    "__importDefault",
    "__importStar",
    "_interopRequireDefault",
    "_interopRequireWildcard",
    "__toESM",
    "promisifyAll",
];

/// A call that a language finds by more than its name.
pub(super) struct Found {
    pub callee: Range<usize>,
    /// Where its arguments start; none where what it starts cannot be told.
    pub open: Option<usize>,
    pub call: Call,
}

/// A file whose names are being read.
pub(super) struct Bindings<'a> {
    pub source: Source<'a>,
    /// Packages and modules that are imported, and the token that names each first.
    pub imports: BTreeMap<String, usize>,
    /// Files and modules of the application itself that are imported, as written.
    pub references: Vec<String>,
    /// Tokens that only declare names.
    pub declared: Vec<bool>,
    /// Variables that stand for something imported, and where it is mentioned.
    pub aliased: Vec<(&'a str, Range<usize>)>,
    /// Go's `import "C"`.
    pub imports_c: Option<usize>,
    /// Calls beside those that their names show.
    pub found: Vec<Found>,
}

impl<'a> Bindings<'a> {
    pub fn new(source: Source<'a>) -> Self {
        let declared = vec![false; source.tokens.len()];
        Self {
            source,
            imports: BTreeMap::new(),
            references: Vec::new(),
            declared,
            aliased: Vec::new(),
            imports_c: None,
            found: Vec::new(),
        }
    }

    /// Notes an import.
    pub fn import(&mut self, name: &str, at: usize) {
        self.imports.entry(name.to_owned()).or_insert(at);
    }

    /// Notes that the tokens `range` only declare names.
    pub fn declare(&mut self, range: Range<usize>) {
        let end = range.end.min(self.declared.len());
        if let Some(tokens) = self.declared.get_mut(range.start..end) {
            tokens.fill(true);
        }
    }

    /// Follows `run = subprocess.run`, `{ exec } = require("child_process")` and their like.
    pub fn aliases(&mut self) {
        for at in 1..self.source.tokens.len() {
            let t = &self.source.tokens;
            if !t.is(at, "=") && !t.is(at, ":=") {
                continue;
            }
            let Some((name, value)) = self.imported_value(at + 1) else { continue };
            if !self.source.dialect.knows(&name) {
                continue;
            }
            let t = &self.source.tokens;
            let target = at - 1;
            if let Some(local) = t.word(target).filter(|_| !t.is_dot(previous(target))) {
                let exported = t.is_word(previous(previous(target)), "export");
                self.source.names.insert(local, name);
                if exported {
                    self.declare(target..target + 1);
                } else {
                    self.declare(target..value.end);
                    self.aliased.push((local, value));
                }
            } else if t.group(target) == Some(Group::Curly) && self.source.dialect.language == Language::Node
            {
                self.members(t.mate(target), &name);
                self.declare(self.source.tokens.mate(target)..value.end);
            }
        }
    }

    /// Binds the names of the pattern that starts at `open` to members of `name`.
    fn members(&mut self, open: usize, name: &str) {
        let t = &self.source.tokens;
        for item in t.items(open) {
            let member = t.text(item.start);
            let local = if t.is(item.start + 1, ":") { t.word(item.start + 2) } else { t.word(item.start) };
            if let Some(local) = local {
                let full = if member == "promises" { name.to_owned() } else { format!("{name}.{member}") };
                self.source.names.insert(local, full);
            }
        }
    }

    /// The imported thing that the expression at `start` is, if it is nothing but that.
    fn imported_value(&self, start: usize) -> Option<(String, Range<usize>)> {
        let t = &self.source.tokens;
        let mut at = start;
        let mut closes = 0;
        loop {
            let mut last = at;
            while t.is_dot(last + 1) && t.word(last + 2).is_some() && last < at + 8 {
                last += 2;
            }
            if t.is_word(at, "await") {
                at += 1;
            } else if t.word(last).is_some_and(|w| WRAPPERS.contains(&w)) && t.opens(last + 1, Group::Round) {
                at = last + 2;
                closes += 1;
            } else if t.opens(at, Group::Round) && closes < 4 {
                at += 1;
                closes += 1;
            } else {
                break;
            }
        }
        let site = self.source.resolve(at)?;
        let mut name = site.name;
        let mut end = site.end;
        // `require("sqlite3").verbose()` gives the module back.
        if t.opens(end, Group::Round)
            && let Some(module) = name.strip_suffix(".verbose")
        {
            name = module.to_owned();
            end = t.behind(end);
        }
        while closes > 0 && t.kind(end) == Some(Kind::Close) {
            end += 1;
            closes -= 1;
        }
        // A member of what parentheses held: `(await import("m")).run`.
        while let Some(member) = t.is_dot(end).then(|| t.word(end + 1)).flatten() {
            if member != "default" {
                name.push('.');
                name.push_str(member);
            }
            end += 2;
        }
        let ends = match t.kind(end) {
            None | Some(Kind::Newline | Kind::Close) => true,
            Some(Kind::Mark) => t.is(end, ";") || t.is(end, ","),
            Some(_) => t.is_first(end) && !t.opens(end, Group::Round),
        };
        (ends && closes == 0).then_some((name, start..end))
    }
}
