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
    let root = Context::TAIL.with(Context::STATUS);
    flow.nodes[0].context = if has_errexit_shebang(flow.text) { root.with(Context::ERREXIT) } else { root };
    for id in 0..flow.nodes.len() {
        flow.tell_children(id);
    }
}

/// `#!/bin/sh -e`.
fn has_errexit_shebang(text: &str) -> bool {
    let options =
        text.starts_with("#!").then(|| text.lines().next().unwrap_or_default().split_ascii_whitespace());
    options.into_iter().flatten().skip(1).any(|word| word.starts_with('-') && word.contains('e'))
}

/// What a context is to a part whose exit status is not the whole's.
fn apart(context: Context) -> Context {
    context.without(Context::TAIL).without(Context::STATUS).without(Context::ERREXIT)
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
        let apart = apart(inherited);
        match node.kind {
            NodeKind::AndOr => self.tell_list(id, inherited),
            NodeKind::Pipeline => self
                .tell_each(id, |_, is_last| if is_last { inherited } else { apart }.with(Context::SUBSHELL)),
            NodeKind::If => {
                let mut is_first = true;
                self.tell_each(id, |child, _| match child.role {
                    Role::Body | Role::Else => inherited.with(Context::CONDITIONAL),
                    _ if std::mem::take(&mut is_first) => apart,
                    _ => apart.with(Context::CONDITIONAL),
                });
            }
            NodeKind::Loop(kind) => {
                let is_sure = kind == LoopKind::For && self.has_literal_word(id);
                let runs = if is_sure { Context::USUAL } else { Context::CONDITIONAL };
                let body = inherited.without(Context::TAIL).without(Context::STATUS);
                self.tell_each(id, |child, _| match child.role {
                    Role::Body => body.with(runs).with(Context::LOOP),
                    _ => apart,
                });
            }
            NodeKind::Case => self.tell_each(id, |_, _| inherited.with(Context::CONDITIONAL)),
            NodeKind::Function => {
                let body = Context::FUNCTION.with(Context::TAIL).with(Context::STATUS);
                self.tell_each(id, |_, _| body);
            }
            NodeKind::Subshell => self.tell_sequence(id, inherited.with(Context::SUBSHELL)),
            NodeKind::Substitution | NodeKind::ProcessSubstitution => {
                let own = Context::SUBSTITUTION.with(Context::SUBSHELL);
                self.tell_sequence(id, inherited.without(Context::TAIL).with(own));
            }
            NodeKind::Sequence | NodeKind::Group | NodeKind::CaseArm => self.tell_sequence(id, inherited),
            NodeKind::Negated
            | NodeKind::Command
            | NodeKind::Assignment
            | NodeKind::Test
            | NodeKind::Unknown => {
                self.tell_each(id, |_, _| apart);
            }
        }
    }

    /// Gives a child its context, next to what it already has of its own.
    fn tell(&mut self, child: usize, context: Context) {
        let own = self.nodes[child].context;
        let told = if own.has(Context::BACKGROUND) { apart(context) } else { context };
        self.nodes[child].context = own.with(told);
    }

    /// Gives each child the context that `context` says. Substitutions run where the words do that they stand
    /// in; their exit status is only that of an assignment.
    fn tell_each(&mut self, id: usize, mut context: impl FnMut(&Node, bool) -> Context) {
        let is_assignment = self.nodes[id].kind == NodeKind::Assignment;
        let inherited = self.nodes[id].context.without(Context::ENDS);
        let in_words = if is_assignment { inherited.without(Context::TAIL) } else { apart(inherited) };
        let last = self.last_statement(id);
        let end = self.nodes[id].next as usize;
        let mut child = id + 1;
        while child < end {
            let told = match self.nodes[child] {
                node if node.kind.is_substitution() => in_words,
                node => context(&node, Some(child) == last),
            };
            self.tell(child, told);
            child = self.nodes[child].next as usize;
        }
    }

    /// Statements one after the other: only the last one's exit status counts, or all of them behind `set -e`.
    /// Behind a statement that may end the script the rest may not run.
    fn tell_sequence(&mut self, id: usize, mut context: Context) {
        let last = self.last_statement(id);
        let end = self.nodes[id].next as usize;
        let mut has_ended = false;
        let mut child = id + 1;
        while child < end {
            let is_last = Some(child) == last;
            let kind = self.nodes[child].kind;
            let mut told =
                if is_last { context } else { context.without(Context::TAIL).without(Context::STATUS) };
            if context.has(Context::ERREXIT) && kind != NodeKind::AndOr {
                told = told.with(Context::STATUS);
            }
            if has_ended {
                told = told.with(Context::USUAL);
            }
            self.tell(child, if kind.is_substitution() { apart(told) } else { told });
            has_ended |= self.nodes[child].context.has(Context::ENDS);
            match self.sets_errexit(child) {
                Some(true) => context = context.with(Context::ERREXIT),
                Some(false) => context = context.without(Context::ERREXIT),
                None => {}
            }
            child = self.nodes[child].next as usize;
        }
    }

    /// `a && b || c`: the right side of `||` is conditional. The right side of `&&` runs for sure where a
    /// failure of the left side is a failure of the script.
    fn tell_list(&mut self, id: usize, context: Context) {
        let members: Vec<usize> = self.children(id).collect();
        let is_last_and = |member: &usize| self.nodes[*member].role == Role::And;
        let last_and = members.iter().rposition(is_last_and).unwrap_or(0);
        let mut rescues_ahead = members.iter().filter(|member| self.rescues(**member)).count();
        let exits = !context.has(Context::SUBSHELL)
            && members
                .last()
                .is_some_and(|last| self.nodes[*last].role == Role::Or && self.exits_with_failure(*last));
        let mut behind_test = false;
        let mut has_ended = false;
        for (number, member) in members.iter().copied().enumerate() {
            rescues_ahead -= usize::from(self.rescues(member));
            let is_last = number + 1 == members.len();
            let is_noticed = rescues_ahead == 0 && (context.has(Context::STATUS) || exits);
            // With `set -e` the failure of the last member alone ends the script.
            let has_status = is_noticed || is_last && context.has(Context::ERREXIT);
            let mut told = apart(context);
            if number >= last_and {
                told = told.with(context.only(Context::TAIL));
            }
            if has_status {
                told = told.with(Context::STATUS);
            }
            if is_last {
                told = told.with(context.only(Context::ERREXIT));
            }
            told = told.with(match self.nodes[member].role {
                Role::Or => Context::CONDITIONAL,
                Role::And if is_noticed => Context::default(),
                Role::And if behind_test => Context::CONDITIONAL,
                Role::And => Context::USUAL,
                _ => Context::default(),
            });
            if has_ended {
                told = told.with(Context::USUAL);
            }
            has_ended |= self.nodes[member].context.has(Context::ENDS);
            behind_test |= self.is_test(member);
            self.tell(member, told);
        }
    }

    fn children(&self, id: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[id].next as usize;
        let first = Some(id + 1).filter(|child| *child < end);
        std::iter::successors(first, move |child| {
            Some(self.nodes[*child].next as usize).filter(|next| *next < end)
        })
    }

    /// The last child that is not a substitution in a redirection.
    fn last_statement(&self, id: usize) -> Option<usize> {
        self.children(id).filter(|child| !self.nodes[*child].kind.is_substitution()).last()
    }

    /// Right of `||`, and it may succeed: then a failure before it goes unnoticed.
    fn rescues(&self, id: usize) -> bool {
        self.nodes[id].role == Role::Or && self.last_failure(id).is_none()
    }

    /// Whether a statement ends with `exit 1` or the like.
    fn exits_with_failure(&self, id: usize) -> bool {
        self.last_failure(id).is_some_and(|failure| self.words(failure).next() != Some("false"))
    }

    /// Whether a statement turns `set -e` on or off for what follows.
    fn sets_errexit(&self, id: usize) -> Option<bool> {
        match self.nodes[id].kind {
            NodeKind::Command => {
                let mut words = self.words(id).peekable();
                if words.next() != Some("set") {
                    return None;
                }
                let mut errexit = None;
                while let Some(word) = words.next() {
                    let is_on = word.starts_with('-');
                    let is_option =
                        (is_on || word.starts_with('+')) && word.len() > 1 && !word.starts_with("--");
                    let is_named = word.ends_with('o') && words.peek() == Some(&"errexit");
                    if is_option && (is_named || word[1..].contains('e')) {
                        errexit = Some(is_on);
                    }
                }
                errexit
            }
            NodeKind::AndOr => self.children(id).next().and_then(|first| match self.nodes[first].kind {
                NodeKind::Command => self.sets_errexit(first),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The `exit 1`, `false` or the like that a statement ends with.
    fn last_failure(&self, id: usize) -> Option<usize> {
        const MAX_DEPTH: u32 = 16;
        let mut at = id;
        for _ in 0..MAX_DEPTH {
            match self.nodes[at].kind {
                NodeKind::Command => return self.is_failure(at).then_some(at),
                NodeKind::Group | NodeKind::Subshell | NodeKind::AndOr => at = self.last_statement(at)?,
                _ => return None,
            }
            if self.nodes[at].role == Role::Or {
                return None;
            }
        }
        None
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

    /// Whether the list of a `for` has a word that is surely one, so that its body runs.
    fn has_literal_word(&self, id: usize) -> bool {
        self.words(id).any(|word| word.bytes().all(is_plain))
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
