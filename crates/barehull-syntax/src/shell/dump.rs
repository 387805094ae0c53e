//! A script as people read it in a test or a debugger: one node a line.

use std::fmt::{Debug, Formatter, Result, Write};

use super::{Certainty, CommandRef, NodeKind, NodeRef, PartKind, Role, Script, Word};

impl Debug for Script {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut open: Vec<NodeRef<'_>> = Vec::new();
        for node in self.nodes() {
            while open.last().is_some_and(|around| Some(around.id()) != node.parent().map(NodeRef::id)) {
                open.pop();
            }
            let indent = 2 * open.len();
            write!(f, "{:indent$}", "")?;
            write_node(f, node)?;
            writeln!(f)?;
            open.push(node);
        }
        Ok(())
    }
}

fn write_node(f: &mut impl Write, node: NodeRef<'_>) -> Result {
    f.write_str(match node.role() {
        Role::Plain => "",
        Role::And => "&& ",
        Role::Or => "|| ",
        Role::Pipe => "| ",
        Role::PipeBoth => "|& ",
        Role::Condition => "condition: ",
        Role::Body => "body: ",
        Role::Else => "else: ",
    })?;
    match node.kind() {
        NodeKind::Loop(kind) => write!(f, "{kind:?}")?,
        NodeKind::Unknown => write!(f, "Unknown {:?}", node.text())?,
        kind => write!(f, "{kind:?}")?,
    }
    if let Some(name) = node.name() {
        write!(f, " {name}")?;
    }
    let command = CommandRef::of(node);
    for assignment in command.iter().flat_map(|command| command.assignments()) {
        let operator = if assignment.appends { "+=" } else { "=" };
        write!(f, " {}{}{operator}", assignment.name, assignment.subscript)?;
        write_word(f, assignment.value)?;
    }
    for word in node.words() {
        f.write_char(' ')?;
        write_word(f, word)?;
    }
    for redirect in node.redirects() {
        f.write_char(' ')?;
        if let Some(descriptor) = redirect.descriptor {
            write!(f, "{descriptor}")?;
        }
        write!(f, "{:?}(", redirect.kind)?;
        write_word(f, redirect.target)?;
        f.write_char(')')?;
        if let Some(heredoc) = redirect.heredoc {
            write_word(f, heredoc.text)?;
        }
    }
    command.map_or(Ok(()), |command| write_context(f, command))
}

/// Literal text as it is; what is expanded, in brackets; what is quoted, in quotes.
fn write_word(f: &mut impl Write, word: Word<'_>) -> Result {
    let parts = word.parts();
    for part in &parts {
        let mut text = String::new();
        match &part.kind {
            PartKind::Literal(literal) => text.push_str(literal),
            PartKind::Variable(variable) => {
                write!(text, "${{{}{}{}", variable.prefix, variable.name, variable.operator)?;
                if let Some(argument) = variable.argument {
                    write_word(&mut text, argument)?;
                }
                text.push('}');
            }
            PartKind::Command(_) => text.push_str("$()"),
            PartKind::Process(_) => text.push_str("<()"),
            PartKind::Unreadable(raw) => write!(text, "unreadable({raw})")?,
            PartKind::Arithmetic(raw) => write!(text, "arithmetic({raw})")?,
            PartKind::Glob(raw) => write!(text, "glob({raw})")?,
            PartKind::Brace(raw) => write!(text, "brace({raw})")?,
            PartKind::Tilde(raw) => write!(text, "tilde({raw})")?,
            PartKind::Array(raw) => write!(text, "array{raw}")?,
        }
        if part.quoted { write!(f, "{text:?}")? } else { f.write_str(&text)? }
    }
    if parts.is_empty() { f.write_str("''") } else { Ok(()) }
}

/// Marks: `~` usually, `?` sometimes, `f` in a function, `&` in the background, `.` last.
fn write_context(f: &mut impl Write, command: CommandRef<'_>) -> Result {
    let marks = [
        (command.certainty() == Certainty::Usually, '~'),
        (command.certainty() == Certainty::Sometimes, '?'),
        (command.in_function(), 'f'),
        (command.background(), '&'),
        (command.last(), '.'),
    ];
    if marks.iter().any(|(is_set, _)| *is_set) {
        f.write_str("  #")?;
    }
    marks.iter().filter(|(is_set, _)| *is_set).try_for_each(|(_, mark)| f.write_char(*mark))
}
