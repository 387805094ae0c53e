//! Works out for every node when it runs: from the root down, each node tells its children.

use super::{
    LoopKind, NodeKind, Role, Script,
    context::Context,
    node::Node,
    token::{Token, TokenKind},
    word::is_plain,
};

/// Sets the context of every node.
pub(super) fn set_contexts(script: &mut Script) {
    let mut flow = Flow { text: script.text.text(), tokens: &script.tokens, nodes: &mut script.nodes };
    flow.mark_ends();
    flow.nodes[0].context = Context::TAIL;
    for id in 0..flow.nodes.len() {
        flow.tell_children(id);
    }
}

struct Flow<'s> {
    text: &'s str,
    tokens: &'s [Token],
    nodes: &'s mut [Node],
}

impl<'s> Flow<'s> {
    /// Marks all that may end the script (or function) with success before what follows has run.
    fn mark_ends(&mut self) {
        for id in 0..self.nodes.len() {
            if !self.may_end_script(id) {
                continue;
            }
            let mut at = id;
            while !self.nodes[at].context.has(Context::ENDS) {
                self.nodes[at].context = self.nodes[at].context.with(Context::ENDS);
                at = self.nodes[at].parent as usize;
                let kind = self.nodes[at].kind;
                if matches!(
                    kind,
                    NodeKind::Subshell
                        | NodeKind::Pipeline
                        | NodeKind::Function
                        | NodeKind::Substitution
                        | NodeKind::ProcessSubstitution
                ) {
                    break;
                }
            }
        }
    }

    fn may_end_script(&self, id: usize) -> bool {
        let mut words = self.words(id);
        match words.next() {
            Some("exit" | "return") => words.next() == Some("0"),
            Some("exec") => words.next().is_some(),
            _ => false,
        }
    }

    fn tell_children(&mut self, id: usize) {
        let node = self.nodes[id];
        let inherited = node.context.without(Context::ENDS);
        let inner = inherited.without(Context::TAIL);
        match node.kind {
            NodeKind::AndOr => self.tell_list(id, inherited),
            NodeKind::Pipeline => self
                .tell_each(id, |_, is_last| if is_last { inherited } else { inner }.with(Context::SUBSHELL)),
            NodeKind::If => {
                let mut is_first = true;
                self.tell_each(id, |child, _| match child.role {
                    Role::Body | Role::Else => inherited.with(Context::CONDITIONAL),
                    _ if std::mem::take(&mut is_first) => inner,
                    _ => inner.with(Context::CONDITIONAL),
                });
            }
            NodeKind::Loop(kind) => {
                let runs =
                    if self.has_literal_list(id, kind) { Context::USUAL } else { Context::CONDITIONAL };
                self.tell_each(id, |child, _| match child.role {
                    Role::Body => inner.with(runs).with(Context::LOOP),
                    _ => inner,
                });
            }
            NodeKind::Case => self.tell_each(id, |_, _| inherited.with(Context::CONDITIONAL)),
            NodeKind::Function => self.tell_each(id, |_, _| Context::FUNCTION.with(Context::TAIL)),
            NodeKind::Subshell => self.tell_sequence(id, inherited.with(Context::SUBSHELL)),
            NodeKind::Substitution | NodeKind::ProcessSubstitution => {
                self.tell_sequence(id, inner.with(Context::SUBSTITUTION).with(Context::SUBSHELL));
            }
            NodeKind::Sequence | NodeKind::Group | NodeKind::CaseArm => self.tell_sequence(id, inherited),
            NodeKind::Negated
            | NodeKind::Command
            | NodeKind::Assignment
            | NodeKind::Test
            | NodeKind::Unknown => {
                self.tell_each(id, |_, _| inner);
            }
        }
    }

    /// Gives each child the context that `context` says, next to what it already has of its own. Substitutions
    /// in words run where the words do.
    fn tell_each(&mut self, id: usize, mut context: impl FnMut(&Node, bool) -> Context) {
        let inner = self.nodes[id].context.without(Context::TAIL).without(Context::ENDS);
        let last = self.last_statement(id);
        let end = self.nodes[id].next as usize;
        let mut child = id + 1;
        while child < end {
            let next = self.nodes[child].next as usize;
            let told = if self.nodes[child].kind.is_substitution() {
                inner
            } else {
                context(&self.nodes[child], Some(child) == last)
            };
            self.nodes[child].context = self.nodes[child].context.with(told);
            child = next;
        }
    }

    /// Statements one after the other: only the last one's exit status counts, and behind one that may end
    /// the script the rest may not run.
    fn tell_sequence(&mut self, id: usize, context: Context) {
        let mut has_ended = false;
        self.tell_each(id, |child, is_last| {
            let mut told = if is_last { context } else { context.without(Context::TAIL) };
            if has_ended {
                told = told.with(Context::USUAL);
            }
            has_ended |= child.context.has(Context::ENDS);
            told
        });
    }

    /// `a && b || c`: the right side of `||` is conditional. The right side of `&&` runs for sure where a
    /// failure of the left side is a failure of the script.
    fn tell_list(&mut self, id: usize, context: Context) {
        let end = self.nodes[id].next as usize;
        let mut ands_ahead = 0u32;
        let mut rescues_ahead = 0u32;
        let mut child = id + 1;
        while child < end {
            ands_ahead += u32::from(self.nodes[child].role == Role::And);
            rescues_ahead += u32::from(self.rescues(child));
            child = self.nodes[child].next as usize;
        }
        let is_noticed = context.has(Context::TAIL);
        let mut behind_test = false;
        let mut has_ended = false;
        let mut child = id + 1;
        while child < end {
            let role = self.nodes[child].role;
            ands_ahead -= u32::from(role == Role::And);
            rescues_ahead -= u32::from(self.rescues(child));
            let mut told = if ands_ahead > 0 { context.without(Context::TAIL) } else { context };
            match role {
                Role::Or => told = told.with(Context::CONDITIONAL),
                Role::And if is_noticed && rescues_ahead == 0 => {}
                Role::And if behind_test => told = told.with(Context::CONDITIONAL),
                Role::And => told = told.with(Context::USUAL),
                _ => {}
            }
            if has_ended {
                told = told.with(Context::USUAL);
            }
            has_ended |= self.nodes[child].context.has(Context::ENDS);
            behind_test |= self.is_test(child);
            self.nodes[child].context = self.nodes[child].context.with(told);
            child = self.nodes[child].next as usize;
        }
    }

    /// Right of `||`, and it may succeed: then a failure before it goes unnoticed.
    fn rescues(&self, id: usize) -> bool {
        self.nodes[id].role == Role::Or && !self.always_fails(id)
    }

    /// Whether a statement ends with `exit 1`, `false` or the like.
    fn always_fails(&self, id: usize) -> bool {
        const MAX_DEPTH: u32 = 16;
        let mut at = id;
        for _ in 0..MAX_DEPTH {
            let node = &self.nodes[at];
            let last = match node.kind {
                NodeKind::Command => return self.is_failure(at),
                NodeKind::Group | NodeKind::Subshell | NodeKind::AndOr => self.last_statement(at),
                _ => None,
            };
            match last {
                Some(last) if self.nodes[last].role != Role::Or => at = last,
                _ => return false,
            }
        }
        false
    }

    /// The last child that is not a substitution in a redirection.
    fn last_statement(&self, id: usize) -> Option<usize> {
        let end = self.nodes[id].next as usize;
        let first = Some(id + 1).filter(|child| *child < end);
        let next_child = |child: &usize| Some(self.nodes[*child].next as usize).filter(|next| *next < end);
        std::iter::successors(first, next_child)
            .filter(|child| !self.nodes[*child].kind.is_substitution())
            .last()
    }

    fn is_failure(&self, id: usize) -> bool {
        let mut words = self.words(id);
        match words.next() {
            Some("false") => true,
            Some("exit" | "return") => {
                words.next().is_none_or(|status| status.parse::<u32>().is_ok_and(|status| status != 0))
            }
            _ => false,
        }
    }

    /// Whether a statement asks something, so that its failure is an answer.
    fn is_test(&self, id: usize) -> bool {
        match self.nodes[id].kind {
            NodeKind::Test | NodeKind::Negated => true,
            NodeKind::Command => matches!(
                self.words(id).next(),
                Some("[" | "test" | "grep" | "egrep" | "command" | "which" | "type" | "hash" | "false")
            ),
            _ => false,
        }
    }

    /// Whether the body of a `for` runs at least once: its list has a word that is surely one.
    fn has_literal_list(&self, id: usize, kind: LoopKind) -> bool {
        kind == LoopKind::For && self.words(id).any(|word| word.bytes().all(is_plain))
    }

    /// The words of a node as written.
    fn words(&self, id: usize) -> impl Iterator<Item = &'s str> {
        let (text, (first, end)) = (self.text, self.nodes[id].tokens);
        let mut behind = 0;
        self.tokens[first as usize..end as usize]
            .iter()
            .filter(move |token| {
                let own = token.start >= behind;
                behind = behind.max(token.end);
                own && token.kind == TokenKind::Word
            })
            .map(move |token| &text[token.start as usize..token.end as usize])
    }
}
