//! The commands that a RUN executes, as rules see them: wrappers taken off, variables resolved as far as they are
//! known, each with what it does and who reads its output.

use std::ops::Range;

use barehull_syntax::Location;

use super::lower::command::Argument;

/// One command.
#[derive(Clone, Debug)]
pub struct Executed {
    /// The program as written.
    pub program: String,
    /// What stands behind it.
    pub args: Vec<Argument>,
    /// The command with its wrappers, for pointing at.
    pub at: Location,
    /// The program's word, where an edit may replace just that.
    pub name_at: Option<Location>,
    /// Whether it runs whenever the instruction succeeds.
    pub certain: bool,
    /// Its effects: a range of those of its RUN.
    pub effects: Range<u32>,
    /// Whether `sudo` or its like runs it.
    pub raised: bool,
    /// The variables that are set for it alone.
    pub variables: Vec<String>,
    /// What gets its output: the rest of its pipeline, or the shell whose text it makes.
    pub readers: Vec<Reader>,
}

/// A command that reads another's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The program without its folder; empty where it cannot be told.
    pub name: String,
    /// Its arguments; a word that is not literal is `None`.
    pub args: Vec<Option<String>>,
    /// Whether the output is the text that a shell runs: `sh -c "$(...)"`, `eval "$(...)"`, `. <(...)`.
    pub as_text: bool,
}

impl Executed {
    /// A command that changes nothing in the image, such as `cd`.
    pub(super) fn without_effect(program: String, args: Vec<Argument>, at: Location, certain: bool) -> Self {
        let (name_at, readers, variables) = (None, Vec::new(), Vec::new());
        Self { program, args, at, name_at, certain, effects: 0..0, raised: false, variables, readers }
    }

    /// The same, where `first` effects stand in front of its script's.
    pub(super) fn behind(mut self, first: u32) -> Self {
        self.effects = self.effects.start + first..self.effects.end + first;
        self
    }

    /// The program without its folder.
    pub fn name(&self) -> &str {
        let start = self.program.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1);
        &self.program[start..]
    }

    /// The literal arguments; those that cannot be told are left out.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.args.iter().filter_map(|arg| arg.text.as_deref())
    }
}
