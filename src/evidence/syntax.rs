//! What the bare tokens of a file say together: which names stand for which imports, what variables were set
//! to, and in which function a token is.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::Language;
use super::calls::Dialect;
use super::tokens::{Group, Kind, Tokens, previous};

/// Steps through the tokens of one expression or header.
const MAX_STEPS: usize = 64;
/// Members read behind a name.
const MAX_MEMBERS: usize = 8;
/// Assignments to one name that are looked at.
const MAX_ASSIGNMENTS: usize = 16;
/// Functions around functions in which a variable is looked for.
const MAX_FUNCTIONS: usize = 32;
/// Work that may be spent on values for each byte of a file.
const WORK_PER_BYTE: usize = 16;

/// One source file, understood as far as its imports go.
pub(super) struct Source<'a> {
    /// Where it is below the folder that is scanned.
    pub path: String,
    pub tokens: Tokens<'a>,
    pub dialect: &'static Dialect,
    /// Local names, and the full names (`child_process.exec`) that they stand for.
    pub names: HashMap<&'a str, String>,
    /// What may still be spent on values: they may be used again and again.
    work_left: Cell<usize>,
    assigned: HashMap<&'a str, Vec<Assignment>>,
    /// For each start of a group, the start of the innermost function body that it is or is in; its own length
    /// if there is none.
    functions: Vec<u32>,
}

/// `name = value`.
#[derive(Clone, Debug)]
struct Assignment {
    at: usize,
    /// Empty: what is assigned cannot be told.
    value: Range<usize>,
}

/// A name in the code and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// `subprocess.run`, whatever the file calls it.
    pub name: String,
    /// Behind its last token.
    pub end: usize,
}

impl<'a> Source<'a> {
    pub fn new(path: &str, tokens: Tokens<'a>, dialect: &'static Dialect) -> Self {
        let names = dialect.globals.iter().map(|name| (*name, (*name).to_owned())).collect();
        let work_left = Cell::new(WORK_PER_BYTE * (tokens.size() + 4096));
        let (path, assigned, functions) = (path.to_owned(), HashMap::new(), Vec::new());
        let mut source = Self { path, tokens, dialect, names, work_left, assigned, functions };
        source.functions = source.find_functions();
        source.assigned = source.find_assignments();
        source
    }

    /// Spends some work; false if none is left.
    pub fn spend(&self, work: usize) -> bool {
        let left = self.work_left.get().checked_sub(work);
        left.inspect(|left| self.work_left.set(*left)).is_some()
    }

    /// The full name that starts at `at`, its members included.
    pub fn resolve(&self, at: usize) -> Option<Site> {
        let t = &self.tokens;
        let word = t.word(at)?;
        if t.is_dot(previous(at)) {
            return None;
        }
        let (mut name, mut end) = match self.required(at) {
            Some((module, end)) => (module, end),
            None => (self.names.get(word)?.clone(), at + 1),
        };
        for _ in 0..MAX_MEMBERS {
            let Some(member) = t.is_dot(end).then(|| t.word(end + 1)).flatten() else { break };
            end += 2;
            if !matches!(member, "default" | "promises") {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(member);
            }
        }
        Some(Site { name, end })
    }

    /// The module that `require("m")` or `import("m")` at `at` brings.
    pub fn required(&self, at: usize) -> Option<(String, usize)> {
        let t = &self.tokens;
        if self.dialect.language != Language::Node
            || !matches!(t.word(at), Some("require" | "import"))
            || !t.opens(at + 1, Group::Round)
        {
            return None;
        }
        let text = at + 2;
        (t.kind(text) == Some(Kind::Text))
            .then(|| (super::node::module_name(&t.string(text)).to_owned(), t.mate(at + 1) + 1))
    }

    /// Where the expression that starts at `start` ends.
    pub fn expression_end(&self, start: usize) -> usize {
        let t = &self.tokens;
        let language = self.dialect.language;
        let mut at = start;
        for _ in 0..MAX_STEPS {
            let ends = match t.kind(at) {
                None | Some(Kind::Newline | Kind::Close) => true,
                Some(Kind::Mark) if t.is(at, ",") => {
                    language != Language::Python
                        || t.parent(at).is_some_and(|p| t.group(p) != Some(Group::Block))
                }
                Some(Kind::Mark) => t.is(at, ";"),
                Some(_) => false,
            };
            let next_statement = matches!(language, Language::Node | Language::Java)
                && at > start
                && t.is_first(at)
                && !matches!(t.kind(at), Some(Kind::Mark))
                && !matches!(t.kind(at - 1), Some(Kind::Mark));
            if ends || next_statement {
                break;
            }
            at = t.behind(at);
        }
        at.min(t.len())
    }

    /// What `name` may have been set to where it is used at `at`: an empty range for what cannot be told, nothing
    /// if it was never set.
    pub fn assigned_to(&self, name: &str, at: usize) -> Vec<Range<usize>> {
        let Some(all) = self.assigned.get(name) else { return Vec::new() };
        let mut function = self.function_of(at);
        let mut used_at = at;
        let mut found = Vec::new();
        for depth in 0.. {
            if self.reaching(all, function, used_at, &mut found) {
                break;
            }
            let Some(open) = function else { break };
            if depth == MAX_FUNCTIONS || self.is_parameter(name, open) {
                found.push(0..0);
                break;
            }
            // A function is called later than it is written: any assignment around it counts.
            used_at = self.tokens.len();
            function = self.tokens.parent(open).and_then(|parent| self.function_of_group(parent));
        }
        found.sort_by_key(|value| (value.is_empty(), value.start));
        found
    }

    /// Adds the values set in `function` itself that reach `at`: the last before it, and where that one is in a
    /// branch the one before too. Whether one of them is always set.
    fn reaching(
        &self,
        all: &[Assignment],
        function: Option<usize>,
        at: usize,
        found: &mut Vec<Range<usize>>,
    ) -> bool {
        let t = &self.tokens;
        let known = found.len();
        let before = all.partition_point(|a| a.at < at);
        for assignment in all[..before].iter().rev().take(MAX_ASSIGNMENTS) {
            if self.function_of(assignment.at) != function {
                continue;
            }
            found.push(assignment.value.clone());
            if at < t.len() && t.parent(assignment.at).is_none_or(|open| open < at && at <= t.mate(open)) {
                return true;
            }
        }
        at >= t.len() && found.len() > known
    }

    fn function_of(&self, at: usize) -> Option<usize> {
        self.tokens.parent(at).and_then(|open| self.function_of_group(open))
    }

    fn function_of_group(&self, open: usize) -> Option<usize> {
        self.functions.get(open).map(|f| *f as usize).filter(|f| *f < self.tokens.len())
    }

    fn is_parameter(&self, name: &str, body: usize) -> bool {
        let header = self.header(body).unwrap_or(0..0);
        header.take(4 * MAX_STEPS).any(|at| self.tokens.is_word(at, name))
    }

    fn find_functions(&self) -> Vec<u32> {
        let t = &self.tokens;
        let none = t.len() as u32;
        let mut functions = vec![none; t.len()];
        for at in (0..t.len()).filter(|at| t.kind(*at) == Some(Kind::Open)) {
            functions[at] = match self.header(at) {
                Some(_) => at as u32,
                None => t.parent(at).map_or(none, |parent| functions[parent]),
            };
        }
        functions
    }

    /// The head of the function whose body starts at `open`, its parameters among it.
    fn header(&self, open: usize) -> Option<Range<usize>> {
        match self.dialect.language {
            Language::Node | Language::Php => {
                self.tokens.opens(open, Group::Curly).then(|| self.node_header(open)).flatten()
            }
            Language::Python => {
                self.tokens.opens(open, Group::Block).then(|| self.python_header(open)).flatten()
            }
            Language::Go | Language::Dotnet => {
                self.tokens.opens(open, Group::Curly).then(|| self.go_header(open)).flatten()
            }
            Language::Java => self.tokens.opens(open, Group::Curly).then(|| self.java_header(open)).flatten(),
            Language::Rust => self.tokens.opens(open, Group::Curly).then(|| self.rust_header(open)).flatten(),
            Language::C => self.tokens.opens(open, Group::Curly).then(|| self.node_header(open)).flatten(),
            // Its functions end with words: none of their variables is followed.
            Language::Ruby => None,
        }
    }

    /// `(a, b) {`, `(a, b): Type {`, `(a, b) => {`, `a => {`, but no `if (a) {`.
    fn node_header(&self, open: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        let mut at = open.checked_sub(1)?;
        let arrow = t.is(at, "=>");
        if arrow {
            at = at.checked_sub(1)?;
            if t.kind(at) == Some(Kind::Word) && !t.is(previous(at), ":") {
                return Some(at..open);
            }
        }
        let first = at;
        for _ in 0..MAX_STEPS {
            match t.kind(at)? {
                Kind::Close if t.group(at) == Some(Group::Round) => {
                    let start = t.mate(at);
                    let keyword = matches!(
                        t.word(previous(start)),
                        Some(
                            "if" | "elseif"
                                | "for"
                                | "foreach"
                                | "while"
                                | "switch"
                                | "match"
                                | "catch"
                                | "with"
                        )
                    );
                    return ((at == first || t.is(at + 1, ":")) && !keyword).then_some(start..open);
                }
                Kind::Close => at = t.mate(at),
                Kind::Word | Kind::Text => {}
                Kind::Mark if matches!(t.text(at), ":" | "<" | ">" | "," | "|" | "&" | ".") => {}
                _ => return None,
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    /// `def name(a, b):`.
    fn python_header(&self, open: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        // The line end and the colon.
        let mut at = open.checked_sub(3)?;
        for _ in 0..MAX_STEPS {
            if t.kind(at) == Some(Kind::Close) {
                at = t.mate(at);
            }
            if t.is_first(at) {
                let defines = t.is_word(at, "def") || (t.is_word(at, "async") && t.is_word(at + 1, "def"));
                return defines.then_some(at..open);
            }
            at = at.checked_sub(1)?;
        }
        None
    }

    /// `func (r *T) name(a, b) (int, error) {`.
    fn go_header(&self, open: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        let mut at = open;
        for _ in 0..MAX_STEPS {
            at = at.checked_sub(1)?;
            match t.kind(at)? {
                Kind::Close => at = t.mate(at),
                Kind::Word if t.is_word(at, "func") => return Some(at..open),
                Kind::Newline | Kind::Open => return None,
                Kind::Mark if matches!(t.text(at), ";" | "=" | ":=") => return None,
                _ => {}
            }
        }
        None
    }

    /// `(String a) throws B {`, `(a: String): C {`, `(a: String): C = {`, but no `if (a) {`.
    fn java_header(&self, open: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        let mut at = open;
        for _ in 0..MAX_STEPS {
            at = at.checked_sub(1)?;
            match t.kind(at)? {
                Kind::Close if t.group(at) == Some(Group::Round) => {
                    let start = t.mate(at);
                    let keyword = matches!(
                        t.word(previous(start)),
                        Some("if" | "for" | "while" | "switch" | "when" | "catch" | "synchronized" | "try")
                    );
                    let typed = at + 1 == open
                        || t.is_word(at + 1, "throws")
                        || ["->", ":", "="].iter().any(|mark| t.is(at + 1, mark));
                    return (typed && !keyword).then_some(start..open);
                }
                Kind::Close => at = t.mate(at),
                Kind::Word => {}
                Kind::Mark if matches!(t.text(at), "." | "," | "<" | ">" | ":" | "?" | "=" | "->") => {}
                _ => return None,
            }
        }
        None
    }

    /// `fn name<T>(a: &str) -> Result<T> where T: X {`.
    fn rust_header(&self, open: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        let mut at = open;
        for _ in 0..MAX_STEPS {
            at = at.checked_sub(1)?;
            match t.kind(at)? {
                Kind::Close if t.group(at) == Some(Group::Curly) => return None,
                Kind::Close => at = t.mate(at),
                Kind::Word if t.is_word(at, "fn") => return Some(at..open),
                Kind::Open => return None,
                Kind::Mark if matches!(t.text(at), ";" | "=" | "=>") => return None,
                _ => {}
            }
        }
        None
    }

    fn find_assignments(&self) -> HashMap<&'a str, Vec<Assignment>> {
        let mut assigned: HashMap<&'a str, Vec<Assignment>> = HashMap::new();
        for at in 0..self.tokens.len() {
            let Some(word) = self.tokens.word(at) else { continue };
            if let Some(value) = self.assignment(at) {
                assigned.entry(word).or_default().push(Assignment { at, value });
            }
        }
        assigned
    }

    /// What the name at `at` is set to there, if it is.
    fn assignment(&self, at: usize) -> Option<Range<usize>> {
        let t = &self.tokens;
        let language = self.dialect.language;
        let before = previous(at);
        let is_local = || t.text(at).starts_with(|c: char| !c.is_ascii_uppercase());
        if language == Language::Ruby && is_local() {
            return None;
        }
        if t.is_dot(before) || !self.may_assign_in(t.parent(at)) {
            return None;
        }
        let mut next = at + 1;
        let declared = matches!(t.word(before), Some("const" | "let" | "var" | "static" | "mut"));
        let declared = declared || (language == Language::Java && t.is_word(before, "val"));
        if t.is(next, ":") && (declared || (language == Language::Python && t.is_first(at))) {
            next = (next..next + MAX_STEPS / 4).find(|i| t.is(*i, "="))?;
        } else if language == Language::Go && t.kind(next) == Some(Kind::Word) && t.is(next + 1, "=") {
            next += 1;
        }
        let several = matches!(language, Language::Python | Language::Go);
        if several && t.is(next, ",") {
            // `path, err := f()`: the first name is the one that matters.
            while t.is(next, ",") && t.kind(next + 1) == Some(Kind::Word) && next < at + MAX_STEPS {
                next += 2;
            }
            let sets = t.is(next, "=") || t.is(next, ":=");
            let first = t.is_first(at) || matches!(t.word(before), Some("var" | "if"));
            let value = if language == Language::Go { next + 1..self.expression_end(next + 1) } else { 0..0 };
            return (sets && first).then_some(value);
        }
        if t.is(next, ".=") {
            return Some(0..0);
        }
        if !t.is(next, "=") && !t.is(next, ":=") {
            return None;
        }
        if several && t.is(before, ",") {
            return Some(0..0);
        }
        Some(next + 1..self.expression_end(next + 1))
    }

    /// Arguments are no assignments, but a group of Go declarations is one.
    fn may_assign_in(&self, parent: Option<usize>) -> bool {
        let t = &self.tokens;
        let Some(open) = parent else { return true };
        match t.group(open) {
            Some(Group::Curly | Group::Block) => true,
            Some(Group::Round) => {
                self.dialect.language == Language::Go
                    && matches!(t.word(previous(open)), Some("const" | "var"))
            }
            _ => false,
        }
    }
}
