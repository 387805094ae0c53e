//! A start script statement by statement: which statements are work that can be done elsewhere, and what each of
//! them reads and writes, so that it can be moved as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use barehull_syntax::shell::{
    CommandRef, Dialect, LoopKind, NodeId, NodeKind, NodeRef, PartKind, RedirectKind, Role, Script, Word,
    is_builtin,
};
use barehull_syntax::{FileId, Location};

use super::{Class, Step};

/// A statement of a start script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What it is.
    pub kind: UnitKind,
    /// Where it stands.
    pub at: Location,
    /// The statement as it is written, here-documents included, without what stands between it and the next one.
    pub text: String,
    /// The programs it runs, as written; not the shell's own words, not the script's functions.
    pub programs: BTreeSet<String>,
    /// The functions of the script it calls.
    pub calls: BTreeSet<String>,
    /// The variables it reads.
    pub reads: BTreeSet<String>,
    /// Those of them that it reads without a default.
    pub bare: BTreeSet<String>,
    /// The variables it sets.
    pub sets: BTreeSet<String>,
    /// Its literal words: names of files may be among them.
    pub mentions: BTreeSet<String>,
    /// It changes files where they lie (`sed -i`, `>>`).
    pub in_place: bool,
    /// It is a command or a pipeline: what it does is done whenever it is reached.
    pub plain: bool,
    /// The one document it writes, where it is nothing but `cat > FILE <<EOF` without anything that is expanded.
    pub document: Option<String>,
    /// It reads what the script was started with (`$1`, `$@`).
    pub arguments: bool,
    /// It uses what only bash knows.
    pub only_bash: bool,
    /// It starts something in the background, or sets a trap.
    pub lingers: bool,
    /// What it waits for: the condition that is true in the end, as written.
    pub awaited: Option<String>,
    /// Its words, where it is one plain command: literal text, or what stands there.
    pub words: Option<Vec<UnitWord>>,
    /// The container does not start where it fails: `set -e` holds, or `&&` follows.
    pub stops: bool,
}

/// A word of a plain command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitWord {
    /// Text without anything that is expanded.
    Literal(String),
    /// Texts and plain variables in turn, all in quotes or none that could be split.
    Mixed(Vec<UnitPart>),
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitPart {
    /// Text.
    Text(String),
    /// A variable's name.
    Variable(String),
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// Options, messages, variables, the folder: what a configuration can say.
    Plain,
    /// Work that is done before the application runs.
    Work(Class),
    /// A function's definition.
    Function(String),
    /// Runs the application.
    Handover,
    /// Started by root, it sets permissions and starts the script once more as another user; the unit's text is what
    /// sets permissions.
    Switch {
        /// The user.
        user: String,
        /// The first argument that it does this for, where it asks for one.
        command: Option<String>,
    },
    /// Something else, and why it cannot be moved.
    Other(&'static str),
}

/// The statements of `script` in `file` in order, whose commands are `steps`.
pub(super) fn units(script: &Script, file: FileId, steps: &[Step]) -> Vec<Unit> {
    let classes: BTreeMap<Location, Class> = steps.iter().map(|s| (s.at, s.class)).collect();
    let functions: BTreeSet<&str> = script.functions().map(|(name, _)| name).collect();
    let commands: Vec<_> = script.commands().collect();
    let inside = inside(&commands);
    let mut reader = Reader { script, file, classes, functions, exits: false, commands, inside };
    let statements = statements(script.root());
    let mut found = Vec::with_capacity(statements.len());
    for (at, statement) in statements.iter().enumerate() {
        let end = statements.get(at + 1).map_or(script.text().text().len(), |next| next.node.range().start);
        found.push(reader.unit(*statement, end));
    }
    found
}

/// A statement, and whether the next one runs only if it succeeds.
#[derive(Clone, Copy)]
struct Statement<'s> {
    node: NodeRef<'s>,
    stops: bool,
}

/// The statements of a script; `a && b && c` are three.
fn statements(root: NodeRef<'_>) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut ahead = vec![Statement { node: root, stops: false }];
    while let Some(statement) = ahead.pop() {
        let node = statement.node;
        let only_and = |n: NodeRef<'_>| n.children().all(|c| matches!(c.role(), Role::Plain | Role::And));
        match node.kind() {
            NodeKind::Sequence => {
                let children: Vec<_> = node.children().collect();
                ahead.extend(children.into_iter().rev().map(|node| Statement { node, ..statement }));
            }
            NodeKind::AndOr if only_and(node) => {
                let children: Vec<_> = node.children().collect();
                let last = children.len().saturating_sub(1);
                let each = children.into_iter().enumerate();
                let each = each.map(|(i, node)| Statement { node, stops: statement.stops || i < last });
                ahead.extend(each.rev());
            }
            _ => found.push(statement),
        }
    }
    found
}

/// Which commands, by number, stand at or below which node.
fn inside(commands: &[CommandRef<'_>]) -> BTreeMap<NodeId, Vec<usize>> {
    let mut found: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    for (number, command) in commands.iter().enumerate() {
        let node = command.node();
        for around in std::iter::once(node).chain(node.ancestors()) {
            found.entry(around.id()).or_default().push(number);
        }
    }
    found
}

/// A node and all below it.
fn subtree(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let (mut found, mut ahead) = (Vec::new(), vec![node]);
    while let Some(node) = ahead.pop() {
        found.push(node);
        ahead.extend(node.children());
    }
    found
}

struct Reader<'s> {
    script: &'s Script,
    file: FileId,
    classes: BTreeMap<Location, Class>,
    functions: BTreeSet<&'s str>,
    /// `set -e` holds by now.
    exits: bool,
    commands: Vec<CommandRef<'s>>,
    inside: BTreeMap<NodeId, Vec<usize>>,
}

impl<'s> Reader<'s> {
    fn commands(&self, node: NodeRef<'_>) -> Vec<CommandRef<'s>> {
        let numbers = self.inside.get(&node.id()).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|n| self.commands[*n]).collect()
    }

    fn unit(&mut self, statement: Statement<'s>, end: usize) -> Unit {
        let node = statement.node;
        let commands = self.commands(node);
        let text = self.text(node, &commands, end);
        let mut unit = Unit {
            kind: UnitKind::Plain,
            at: Location::new(self.file, node.source().span()),
            text: text.clone().unwrap_or_default(),
            programs: BTreeSet::new(),
            calls: BTreeSet::new(),
            reads: BTreeSet::new(),
            bare: BTreeSet::new(),
            sets: BTreeSet::new(),
            mentions: BTreeSet::new(),
            in_place: commands.iter().any(|c| super::classify::edits_in_place(*c)),
            plain: matches!(node.kind(), NodeKind::Command | NodeKind::Pipeline),
            document: document(node, &commands),
            arguments: false,
            only_bash: self.script.dialect() == Dialect::Bash && has_bash_words(node.text()),
            lingers: false,
            awaited: awaited(self.script, node),
            words: plain_words(node, &commands),
            stops: statement.stops || self.exits,
        };
        for command in &commands {
            self.note_command(*command, &mut unit);
        }
        for inner in subtree(node) {
            note_node(inner, &mut unit);
        }
        if let Some((kind, text)) = self.switch(node) {
            // What asks who runs it and starts it once more is gone with the script.
            return Unit { kind, text, arguments: false, ..unit };
        }
        unit.kind = match (node.kind(), node.name(), text) {
            (NodeKind::Function, Some(name), Some(_)) => UnitKind::Function(name.to_owned()),
            (_, _, None) => UnitKind::Other("its text is mixed with that of another command"),
            _ => self.kind(node, &commands, &unit),
        };
        unit
    }

    /// What the statement is, by what its commands are for.
    fn kind(&mut self, node: NodeRef<'_>, commands: &[CommandRef<'_>], unit: &Unit) -> UnitKind {
        if subtree(node).iter().any(|n| n.kind() == NodeKind::Unknown) {
            return UnitKind::Other("a part of it could not be read");
        }
        let called = self.script.functions().filter(|(name, _)| unit.calls.contains(*name));
        let bodies: Vec<CommandRef<'_>> = called.flat_map(|(_, body)| self.commands(body)).collect();
        let class_of =
            |c: &CommandRef<'_>| self.classes.get(&Location::new(self.file, c.source().span())).copied();
        let classes: BTreeSet<Class> = commands.iter().chain(&bodies).filter_map(class_of).collect();
        let is_single = matches!(node.kind(), NodeKind::Command | NodeKind::Assignment | NodeKind::Test);
        if classes.contains(&Class::Handover) {
            return if is_single {
                UnitKind::Handover
            } else {
                UnitKind::Other("it decides at start which program runs")
            };
        }
        if unit.lingers {
            return UnitKind::Other("something it starts goes on while the application runs");
        }
        if let Some(name) =
            commands.first().and_then(|c| c.name()).filter(|_| is_single && commands.len() == 1)
            && name == "set"
        {
            self.exits |= exits_on_error(commands[0]);
        }
        let mut work: Vec<Class> = classes
            .iter()
            .copied()
            .filter(|c| !matches!(c, Class::Shell | Class::Variable | Class::Folder))
            .collect();
        // A folder that is made for what follows is a part of that.
        if work.len() > 1 {
            work.retain(|c| *c != Class::Permissions);
        }
        match work.as_slice() {
            [] if is_single => UnitKind::Plain,
            [] if unit.sets.is_empty() => UnitKind::Other("it only decides whether to go on"),
            [] => UnitKind::Other("it sets variables under a condition"),
            [Class::Secret] => UnitKind::Other("it reads a secret, which the application should read itself"),
            [Class::Process] => UnitKind::Other("it starts another process"),
            [Class::Unknown] => UnitKind::Other("nobody knows what it is for"),
            [_] if is_single && !unit.sets.is_empty() => {
                UnitKind::Other("it sets a variable to what it finds out at the start")
            }
            [class] => UnitKind::Work(*class),
            _ => UnitKind::Other("it does several things at once"),
        }
    }

    /// `if [ "$(id -u)" = 0 ]; then chown app /data; exec gosu app "$0" "$@"; fi`: the user, and what is left in the body.
    fn switch(&self, node: NodeRef<'s>) -> Option<(UnitKind, String)> {
        let (mut conditions, mut bodies) = (Vec::new(), Vec::new());
        for child in node.children() {
            match child.role() {
                Role::Condition => conditions.push(child),
                Role::Body => bodies.push(child),
                _ => return None,
            }
        }
        let ([condition], [body]) = (conditions.as_slice(), bodies.as_slice()) else { return None };
        if node.kind() != NodeKind::If {
            return None;
        }
        let command = asked_command(condition.text())?;
        let statements = statements(*body);
        let (last, before) = statements.split_last()?;
        let user = switched_user(CommandRef::of(last.node)?)?;
        let is_permission = |c: &CommandRef<'_>| {
            let class = self.classes.get(&Location::new(self.file, c.source().span()));
            matches!(class, Some(Class::Permissions))
        };
        let mut texts = Vec::new();
        for statement in before {
            let inside = self.commands(statement.node);
            if statement.node.kind() != NodeKind::Command || !inside.iter().all(is_permission) {
                return None;
            }
            texts.push(statement.node.text());
        }
        Some((UnitKind::Switch { user, command }, texts.join(" && ")))
    }

    fn note_command(&self, command: CommandRef<'_>, unit: &mut Unit) {
        unit.lingers |= command.background();
        for assignment in command.assignments() {
            // In front of a command it is that command's alone.
            if command.name_word().is_none() {
                unit.sets.insert(assignment.name.to_owned());
            }
            note_word(assignment.value, unit);
        }
        for word in command.words() {
            note_word(word, unit);
            unit.mentions.extend(word.literal().map(|w| w.into_owned()));
        }
        for redirect in command.redirects() {
            note_word(redirect.target, unit);
            if redirect.kind == RedirectKind::Read {
                unit.mentions.extend(redirect.target.literal().map(|w| w.into_owned()));
            }
            unit.in_place |= redirect.kind == RedirectKind::Append;
            if let Some(body) = redirect.heredoc {
                note_word(body.text, unit);
            }
            unit.only_bash |= matches!(
                redirect.kind,
                RedirectKind::HereString | RedirectKind::WriteBoth | RedirectKind::AppendBoth
            );
        }
        self.note_program(command, unit);
    }

    fn note_program(&self, command: CommandRef<'_>, unit: &mut Unit) {
        let Some(name) = command.name() else { return };
        if self.functions.contains(&*name) {
            unit.calls.insert(name.into_owned());
            return;
        }
        match &*name {
            "export" | "declare" | "typeset" | "readonly" | "local" | "read" => {
                for word in command.arguments() {
                    let set = word.split_assignment().map(|(name, _)| name.to_owned());
                    unit.sets.extend(set.or_else(|| word.literal().map(|w| w.into_owned())));
                }
                unit.only_bash |= matches!(&*name, "declare" | "typeset");
            }
            "trap" => unit.lingers = true,
            "shift" => unit.arguments = true,
            "set" if command.arguments().any(|w| w.is("--")) => unit.arguments = true,
            "source" | "shopt" | "let" | "mapfile" | "readarray" => unit.only_bash = true,
            name if is_builtin(name) || matches!(name, "sleep" | "exit") => {}
            name => {
                unit.programs.insert(name.to_owned());
            }
        }
    }

    /// The bytes of a statement, here-documents included; nothing where another command stands among them.
    fn text(&self, node: NodeRef<'_>, commands: &[CommandRef<'_>], end: usize) -> Option<String> {
        let text = self.script.text().text();
        let own = node.range();
        let redirects = node.redirects().chain(commands.iter().flat_map(|c| c.redirects()));
        let (mut last, mut heredoc) = (own.end, None);
        for redirect in redirects {
            last = last.max(redirect.range().end);
            if let Some(body) = redirect.heredoc {
                // The line of the delimiter comes behind the body.
                let behind = body.text.range().end;
                let line = text[behind..].find('\n').map_or(text.len(), |at| behind + at);
                heredoc = heredoc.max(Some(line));
            }
        }
        let last = last.max(heredoc.unwrap_or(0));
        (last <= end).then(|| dedent(text, own.start..last))
    }
}

/// The text of `range`, with what indents its first line taken from the others, too.
fn dedent(text: &str, range: Range<usize>) -> String {
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..range.start];
    let inside = text[range].trim_end();
    if indent.is_empty() || !indent.trim().is_empty() || inside.contains("<<") {
        return inside.to_owned();
    }
    let lines = inside.split('\n').map(|l| l.strip_prefix(indent).unwrap_or(l));
    lines.collect::<Vec<_>>().join("\n")
}

/// Variables and positional parameters of a word.
fn note_word(word: Word<'_>, unit: &mut Unit) {
    let mut ahead = vec![word];
    while let Some(word) = ahead.pop() {
        for part in word.parts() {
            match part.kind {
                PartKind::Variable(variable) => {
                    note_variable(variable.name, unit);
                    if variable.default().is_none() && !matches!(variable.operator, ":+" | "+") {
                        unit.bare.insert(variable.name.to_owned());
                    }
                    unit.only_bash |= variable.prefix == "!"
                        || variable.operator.starts_with(['/', '^', ','])
                        || variable.operator == ":"
                        || variable.operator.starts_with(':')
                            && !variable.operator[1..].starts_with(['-', '=', '?', '+']);
                    if matches!(variable.operator, ":=" | "=") {
                        unit.sets.insert(variable.name.to_owned());
                    }
                    ahead.extend(variable.argument);
                }
                PartKind::Arithmetic(raw) => {
                    let names = raw.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                    for name in names.filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
                    {
                        note_variable(name, unit);
                    }
                }
                PartKind::Array(_) | PartKind::Brace(_) | PartKind::Process(_) => unit.only_bash = true,
                PartKind::Unreadable(_) => unit.only_bash = true,
                PartKind::Literal(_) | PartKind::Command(_) | PartKind::Glob(_) | PartKind::Tilde(_) => {}
            }
        }
    }
}

fn note_variable(name: &str, unit: &mut Unit) {
    match name {
        "@" | "*" | "#" => unit.arguments = true,
        "?" | "$" | "!" | "-" | "_" => {}
        name if name.bytes().all(|b| b.is_ascii_digit()) => unit.arguments |= name != "0",
        "RANDOM" | "SECONDS" | "BASH_SOURCE" | "EPOCHSECONDS" | "PIPESTATUS" | "FUNCNAME" => {
            unit.only_bash = true;
        }
        name => {
            unit.reads.insert(name.to_owned());
        }
    }
}

/// Loop variables, words of `for` and `case`, redirections behind compound commands, bash's own forms.
fn note_node(node: NodeRef<'_>, unit: &mut Unit) {
    match node.kind() {
        NodeKind::Command | NodeKind::Assignment | NodeKind::Test => {
            unit.only_bash |= ["[[", "(("].iter().any(|w| node.text().starts_with(w));
            return;
        }
        NodeKind::Loop(LoopKind::For) => unit.sets.extend(node.name().map(str::to_owned)),
        NodeKind::Loop(LoopKind::Select) | NodeKind::ProcessSubstitution => unit.only_bash = true,
        _ => {}
    }
    for word in node.words() {
        note_word(word, unit);
    }
    for redirect in node.redirects() {
        note_word(redirect.target, unit);
    }
}

/// Forms that only bash knows and that no node tells.
fn has_bash_words(text: &str) -> bool {
    text.contains("/dev/tcp/")
        || text.contains("/dev/udp/")
        || text.starts_with("function ")
        || text.contains("((")
}

/// Whether `set` makes the script end where a command fails.
fn exits_on_error(command: CommandRef<'_>) -> bool {
    command.arguments().any(|word| {
        word.literal().is_some_and(|w| {
            w == "errexit" || (w.starts_with('-') && !w.starts_with("--") && w.contains('e'))
        })
    })
}

/// What a loop waits for, where it does nothing but ask, count, sleep and tell.
fn awaited(script: &Script, node: NodeRef<'_>) -> Option<String> {
    let negated = match node.kind() {
        NodeKind::Loop(LoopKind::Until) => false,
        NodeKind::Loop(LoopKind::While) => true,
        _ => return None,
    };
    let mut condition: Option<NodeRef<'_>> = None;
    for child in node.children() {
        match child.role() {
            Role::Condition if condition.is_none() => condition = Some(child),
            Role::Condition => return None,
            _ => {}
        }
    }
    let mut condition = condition?;
    if condition.kind() == NodeKind::Sequence {
        condition = only_child(condition)?;
    }
    if negated {
        if condition.kind() != NodeKind::Negated {
            return None;
        }
        condition = only_child(condition)?;
    }
    if matches!(condition.kind(), NodeKind::Test | NodeKind::AndOr | NodeKind::Unknown) {
        return None;
    }
    let question = commands_below(condition);
    let asked: Vec<_> = question.iter().map(|c| c.node().id()).collect();
    let is_idle =
        |c: &CommandRef<'_>| matches!(c.base_name().as_deref(), Some("echo" | "printf" | "sleep" | ":"));
    let body = commands_below(node).into_iter().filter(|c| !asked.contains(&c.node().id()));
    let is_simple = !question.is_empty() && body.into_iter().all(|c| is_idle(&c));
    is_simple.then(|| {
        let text = script.text().text();
        let last = subtree(condition).iter().flat_map(|n| n.redirects()).map(|r| r.range().end).max();
        text[condition.range().start..condition.range().end.max(last.unwrap_or(0))].trim().to_owned()
    })
}

/// The body of `cat > FILE <<EOF`, where the statement is that and nothing in it is expanded.
fn document(node: NodeRef<'_>, commands: &[CommandRef<'_>]) -> Option<String> {
    let [command] = commands else { return None };
    let is_cat = node.kind() == NodeKind::Command && command.words().count() == 1 && command.name()? == "cat";
    let (mut body, mut writes) = (None, 0);
    for redirect in command.redirects() {
        match redirect.kind {
            RedirectKind::Heredoc => body = redirect.heredoc,
            RedirectKind::Write => writes += 1,
            _ => return None,
        }
    }
    body.filter(|_| is_cat && writes == 1)?.text.literal().map(|text| text.into_owned())
}

/// The command that a condition asks for in `$1`, where it asks for that and for root and for nothing else.
#[allow(clippy::option_option, reason = "no such condition, or one without a command")]
fn asked_command(condition: &str) -> Option<Option<String>> {
    let (mut command, mut root) = (None, false);
    let tests = condition.split("&&").flat_map(|part| part.split(" -a "));
    for test in tests {
        let test = test.trim().trim_start_matches(['[', ' ']).trim_end_matches([']', ' ', ';']);
        let (left, right) =
            test.split_once("==").or_else(|| test.split_once('=')).or_else(|| test.split_once(" -eq "))?;
        let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
        match (bare(left).as_str(), bare(right)) {
            ("$1" | "${1}", word) if !word.contains('$') => command = Some(word),
            ("$(id -u)" | "`id -u`" | "$EUID" | "$UID", user) if user == "0" => root = true,
            _ => return None,
        }
    }
    root.then_some(command)
}

/// The user that `exec gosu USER "$0" "$@"` starts the script as.
fn switched_user(command: CommandRef<'_>) -> Option<String> {
    let words: Vec<_> = command.words().collect();
    let [exec, switch, user, script, arguments] = words.as_slice() else { return None };
    let is_switch = switch.literal().is_some_and(|w| super::reduce::is_user_switch(&w));
    let is_script = matches!(script.raw().trim_matches('"'), "$0" | "$BASH_SOURCE" | "${BASH_SOURCE[0]}");
    let user = user.literal().filter(|_| exec.is("exec") && is_switch && is_script)?;
    super::classify::is_arguments(*arguments).then(|| user.into_owned())
}

/// The one child of a node.
fn only_child(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let mut children = node.children();
    let first = children.next()?;
    children.next().is_none().then_some(first)
}

fn commands_below(node: NodeRef<'_>) -> Vec<CommandRef<'_>> {
    subtree(node).into_iter().filter_map(CommandRef::of).collect()
}

/// The words of a statement that is one plain command.
fn plain_words(node: NodeRef<'_>, commands: &[CommandRef<'_>]) -> Option<Vec<UnitWord>> {
    let [command] = commands else { return None };
    let is_plain = node.kind() == NodeKind::Command
        && command.assignments().next().is_none()
        && command.redirects().next().is_none()
        && !command.background();
    if !is_plain {
        return None;
    }
    command.words().map(unit_word).collect()
}

fn unit_word(word: Word<'_>) -> Option<UnitWord> {
    if let Some(text) = word.literal() {
        return Some(UnitWord::Literal(text.into_owned()));
    }
    let parts = word.parts().into_iter().map(|part| match part.kind {
        PartKind::Literal(text) => Some(UnitPart::Text(text.into_owned())),
        PartKind::Variable(v) if v.is_plain() && part.quoted && !is_special(v.name) => {
            Some(UnitPart::Variable(v.name.to_owned()))
        }
        _ => None,
    });
    Some(UnitWord::Mixed(parts.collect::<Option<_>>()?))
}

fn is_special(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
