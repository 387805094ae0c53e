//! What the script that starts a container does before the application runs, command by command, and what it
//! leaves to run.

mod class;
mod classify;
mod loops;
mod programs;
mod reduce;
#[cfg(test)]
mod tests;
mod units;
mod wait_for;
mod within;

use barehull_syntax::shell::{Dialect, Script, dialect_of_shebang};
use barehull_syntax::{FileId, Location, MappedText};

use super::{Effect, ImageConfig, Scope, lower};

pub use class::Class;
pub(super) use classify::{behind_wait, steps};
pub(super) use programs::is_wait_script;
pub use reduce::{Handover, Reduced, Variable};
pub use units::{Unit, UnitKind, UnitPart, UnitWord};
pub use within::{Within, WithinKind};

/// A shell script of the build context that ENTRYPOINT or CMD starts.
#[derive(Clone, Debug)]
pub struct StartScript {
    /// The program as ENTRYPOINT or CMD names it; the keyword where the instruction itself is the script.
    pub program: String,
    /// Where its text stands.
    pub source: ScriptSource,
    /// Its first line.
    pub at: Location,
    /// What its commands are for, in the order that they stand in; behind a call of another script stand the steps of
    /// that, in their own file.
    pub steps: Vec<Step>,
    /// Its statements, in order.
    pub units: Vec<Unit>,
    /// What it comes down to beside its work, where the rest is nothing that a configuration could not say.
    pub rest: Option<Reduced>,
}

/// Where the text of a script stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSource {
    /// In a file of the build context.
    File,
    /// In a heredoc of the Dockerfile that writes it.
    Heredoc,
    /// In ENTRYPOINT or CMD itself.
    Instruction,
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
    /// It stands in a substitution (`$(...)`) of the last step before it that does not.
    pub in_substitution: bool,
    /// What it stands in, from the nearest outwards.
    pub within: Vec<Within>,
    /// For steps that wait: for what.
    pub waits_for: Option<WaitFor>,
    /// Of an unknown step: why it is, where there is more to say.
    pub reason: Option<String>,
    /// How many scripts call one another until this step's: 0 in the script that starts.
    pub depth: usize,
}

/// What a command waits for, as written: variables are not expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitFor {
    /// The host.
    pub host: String,
    /// The port, where one is named.
    pub port: Option<String>,
}

impl StartScript {
    /// Reads a script of which nothing but its text is known: no image, no other files. Its places are those of
    /// `FileId(0)`.
    pub fn of_text(program: &str, text: &str) -> StartScript {
        let dialect = text.lines().next().and_then(dialect_of_shebang).unwrap_or(Dialect::Bash);
        let script = Script::parse(&MappedText::verbatim(text, 0), dialect);
        let (file, config) = (FileId(0), ImageConfig::default());
        let effects = lower::script(&script, file, config.workdir(), &Scope::new(b'\\'));
        read(program, ScriptSource::File, &script, file, &effects, &config)
    }
}

/// Reads the start script `script`, whose `effects` are known, of an image with `config`.
pub(crate) fn read(
    program: &str,
    source: ScriptSource,
    script: &Script,
    file: FileId,
    effects: &[Effect],
    config: &ImageConfig,
) -> StartScript {
    let steps = steps(script, file, effects, true);
    let units = units::units(script, file, &steps);
    let rest = reduce::reduced(script, &units, &steps, config);
    let first = script.text().text().lines().next().unwrap_or_default().len();
    let end = if source == ScriptSource::Instruction { script.text().text().len() } else { first };
    let at = Location::new(file, script.source(0..end).span());
    StartScript { program: program.to_owned(), source, at, steps, units, rest }
}
