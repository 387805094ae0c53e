//! The grammar's symbols, as far as they matter for a skeleton.

use std::sync::LazyLock;

use tree_sitter::{Language, Parser};

/// What a node of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// Nothing of its own: its children count.
    Transparent,
    List,
    Pipeline,
    Command,
    For,
    While,
    DoGroup,
    If,
    Then,
    Elif,
    Else,
    Fi,
    Case,
    CaseItem,
    Function,
    Group,
    Subshell,
    Substitution,
    AndAnd,
    OrOr,
    Pipe,
    PipeBoth,
    Background,
    /// An error, or a statement that no skeleton should have.
    Unreadable,
}

/// A parser for shell text.
pub(super) fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("the grammar fits the library it is built with");
    parser
}

fn language() -> Language {
    tree_sitter_bash::LANGUAGE.into()
}

/// The symbol with the number `id` of the grammar.
pub(super) fn symbol(id: u16) -> Symbol {
    // Errors have a number of their own, far behind the others.
    SYMBOLS.get(usize::from(id)).copied().unwrap_or(Symbol::Unreadable)
}

static SYMBOLS: LazyLock<Vec<Symbol>> = LazyLock::new(|| {
    let language = language();
    let count = language.node_kind_count() as u16;
    (0..count).map(|id| by_name(language.node_kind_for_id(id).unwrap_or_default())).collect()
});

fn by_name(name: &str) -> Symbol {
    match name {
        "list" => Symbol::List,
        "pipeline" => Symbol::Pipeline,
        "command" => Symbol::Command,
        "for_statement" => Symbol::For,
        "while_statement" => Symbol::While,
        "do_group" => Symbol::DoGroup,
        "if_statement" => Symbol::If,
        "then" => Symbol::Then,
        "elif_clause" => Symbol::Elif,
        "else_clause" => Symbol::Else,
        "fi" => Symbol::Fi,
        "case_statement" => Symbol::Case,
        "case_item" => Symbol::CaseItem,
        "function_definition" => Symbol::Function,
        "compound_statement" => Symbol::Group,
        "subshell" => Symbol::Subshell,
        "command_substitution" => Symbol::Substitution,
        "&&" => Symbol::AndAnd,
        "||" => Symbol::OrOr,
        "|" => Symbol::Pipe,
        "|&" => Symbol::PipeBoth,
        "&" => Symbol::Background,
        "ERROR"
        | "c_style_for_statement"
        | "test_command"
        | "negated_command"
        | "declaration_command"
        | "unset_command"
        | "variable_assignment"
        | "variable_assignments"
        | "redirected_statement"
        | "file_redirect"
        | "heredoc_redirect"
        | "herestring_redirect" => Symbol::Unreadable,
        _ => Symbol::Transparent,
    }
}
