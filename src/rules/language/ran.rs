//! A RUN as matchers look at it: its commands with what each does and is called, worked out once for all rules.

use std::cell::Cell;

use super::holds::name_of;
use super::schema::{Group, Needs};
use crate::model::{Effect, Executed, RunStep};

/// A RUN, and what is known of its commands.
pub(super) struct Ran<'a> {
    pub(super) step: &'a RunStep,
    /// Of each command, what it does and is called.
    has: Vec<Needs>,
    /// Of all of them, with what the RUN does besides.
    has_any: Needs,
    /// The last question about all commands, by where it stands in memory, and the answer: all packages of a RUN ask the
    /// same, one after the other.
    answered: Cell<Option<(usize, bool)>>,
}

impl<'a> Ran<'a> {
    pub(super) fn new(step: &'a RunStep) -> Self {
        let has: Vec<Needs> = step.commands.iter().map(|command| of_command(step, command)).collect();
        let effects = Needs { effects: bits(&step.effects), names: 0 };
        let has_any = has.iter().fold(Needs::EMPTY.with(effects), |all, one| all.with(*one));
        Self { step, has, has_any, answered: Cell::new(None) }
    }

    /// What its commands do and are called.
    pub(super) const fn has(&self) -> Needs {
        self.has_any
    }

    /// Its commands, each with what it does and is called.
    pub(super) fn commands(&self) -> impl Iterator<Item = (&'a Executed, Needs)> {
        self.step.commands.iter().zip(self.has.iter().copied())
    }

    /// Whether one of the conditions holds of some command, as `holds` says.
    pub(super) fn any(&self, asked: &Group, holds: impl Fn(&'a Executed, Needs) -> bool) -> bool {
        if !asked.needs.may_hold(self.has_any) {
            return false;
        }
        let question = asked.tests.as_ptr() as usize;
        if let Some((_, answer)) = self.answered.get().filter(|(last, _)| *last == question) {
            return answer;
        }
        let answer = self.commands().any(|(command, has)| asked.needs.may_hold(has) && holds(command, has));
        self.answered.set(Some((question, answer)));
        answer
    }
}

fn of_command(step: &RunStep, command: &Executed) -> Needs {
    let mut has = Needs { effects: bits(effects_of(step, command)), names: Needs::of_name(command.name()) };
    if command.raised {
        has.effects |= Needs::RAISED;
    }
    if !command.variables.is_empty() {
        has.effects |= Needs::VARIABLES;
    }
    has.with(Needs::EMPTY)
}

/// The effects of one command.
pub(super) fn effects_of<'a>(step: &'a RunStep, command: &Executed) -> &'a [Effect] {
    let range = command.effects.start as usize..command.effects.end as usize;
    step.effects.get(range).unwrap_or_default()
}

/// The bits of what the effects are called.
pub(super) fn bits(effects: &[Effect]) -> u32 {
    effects.iter().filter_map(|effect| name_of(&effect.kind)).fold(0, |bits, name| bits | name.bit())
}
