//! What the script that starts a container does before the application runs, command by command, and what it
//! leaves to run.

mod class;
mod reduce;
#[cfg(test)]
mod tests;
mod units;

use barehull_syntax::shell::Script;
use barehull_syntax::{FileId, Location, Span};

use super::{Effect, ImageConfig};

pub use class::Class;
pub use reduce::{Handover, Reduced, Variable};
pub use units::{Unit, UnitKind, UnitPart, UnitWord};

/// A shell script of the build context that ENTRYPOINT or CMD starts.
#[derive(Clone, Debug)]
pub struct StartScript {
    /// The program as ENTRYPOINT or CMD names it.
    pub program: String,
    /// Its first line.
    pub at: Location,
    /// What its commands are for, in source order.
    pub steps: Vec<Step>,
    /// Its statements, in order.
    pub units: Vec<Unit>,
    /// What it comes down to beside its work, where the rest is nothing that a configuration could not say.
    pub rest: Option<Reduced>,
}

impl StartScript {
    /// What it comes down to, where it does no work.
    pub fn reduced(&self) -> Option<&Reduced> {
        self.rest.as_ref().filter(|r| r.handover.user.is_none() && !self.has_work())
    }

    /// Whether it does anything before the application runs that a configuration cannot say.
    pub fn has_work(&self) -> bool {
        self.units.iter().any(|u| matches!(u.kind, UnitKind::Work(_)))
    }
}

/// A command of a start script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is for.
    pub class: Class,
    /// Where it stands.
    pub at: Location,
    /// The program or shell word it runs, for people; empty for assignments and tests.
    pub name: String,
    /// Whether it runs whenever the script does.
    pub always: bool,
}

/// Reads the start script `script`, whose `effects` are known, of an image with `config`.
pub(crate) fn read(
    program: &str,
    script: &Script,
    file: FileId,
    effects: &[Effect],
    config: &ImageConfig,
) -> StartScript {
    let steps = class::steps(script, file, effects);
    let units = units::units(script, file, &steps);
    let rest = reduce::reduced(script, &units, &steps, config);
    let first = script.text().text().lines().next().unwrap_or_default().len() as u32;
    let at = Location::new(file, Span::new(0, first));
    StartScript { program: program.to_owned(), at, steps, units, rest }
}
