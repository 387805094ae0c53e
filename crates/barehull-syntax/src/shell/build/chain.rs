//! `&&`, `||` and `|`: the grammar does not always bind the pipe tighter than the others, so the operators
//! decide and not the tree.

use super::{Builder, arena::Open, grammar::Symbol};
use crate::shell::node::{NodeKind, Role};

impl Builder<'_> {
    /// A list or pipeline of the tree begins. Inside another one its members are members of that one.
    pub(super) fn open_chain(&mut self, symbol: Symbol, start: u32, end: u32) {
        match (symbol, self.top_kind()) {
            (Symbol::List, Some(NodeKind::AndOr | NodeKind::Pipeline)) => {}
            (Symbol::Pipeline, Some(NodeKind::Pipeline)) => {}
            (Symbol::List, _) => {
                self.begin(start);
                // `!` belongs to the first pipeline of the list, not to the list.
                self.open(NodeKind::AndOr, self.bang.unwrap_or(start), end, false);
            }
            _ => self.open_statement(NodeKind::Pipeline, start, end, false),
        }
    }

    /// An operator between two members of the chain at hand.
    pub(super) fn operator(&mut self, symbol: Symbol) {
        let (kind, role) = match symbol {
            Symbol::AndAnd => (NodeKind::AndOr, Role::And),
            Symbol::OrOr => (NodeKind::AndOr, Role::Or),
            Symbol::Pipe => (NodeKind::Pipeline, Role::Pipe),
            _ => (NodeKind::Pipeline, Role::PipeBoth),
        };
        match (kind, self.top_kind()) {
            (NodeKind::AndOr, Some(NodeKind::Pipeline)) => self.leave_pipeline(),
            (NodeKind::Pipeline, Some(NodeKind::AndOr)) => self.wrap_last_child(NodeKind::Pipeline),
            _ => {}
        }
        self.set_next_role(role);
    }

    /// `a | b || c`, read as `a | (b || c)`: the pipeline ends here.
    fn leave_pipeline(&mut self) {
        self.close_behind_last_child();
        if self.top_kind() == Some(NodeKind::Negated) {
            self.close_behind_last_child();
        }
        if self.top_kind() != Some(NodeKind::AndOr) {
            self.wrap_last_child(NodeKind::AndOr);
        }
    }

    fn close_behind_last_child(&mut self) {
        if let Some((id, last)) = self.top().map(|open| (open.id as usize, open.last_child as usize)) {
            self.script.nodes[id].end = self.script.nodes[last].end;
        }
        self.close();
    }

    /// Puts a node around the last child of the innermost open node, and opens it for more children.
    fn wrap_last_child(&mut self, kind: NodeKind) {
        let Some(last) = self.top().map(|open| open.last_child) else { return };
        let at = last as usize;
        let mut wrapper = self.script.nodes[at];
        wrapper.kind = kind;
        wrapper.tokens = (wrapper.tokens.0, wrapper.tokens.0);
        self.script.nodes[at].role = Role::Plain;
        self.script.nodes.insert(at, wrapper);
        for node in &mut self.script.nodes[at + 1..] {
            node.next += 1;
            node.parent += u32::from(node.parent >= last);
        }
        self.script.nodes[at + 1].parent = last;
        self.script.compound_redirects.iter_mut().for_each(|(node, _)| *node += u32::from(*node >= last));
        self.open.push(Open { last_child: last + 1, grows: true, ..Open::new(last) });
    }
}
