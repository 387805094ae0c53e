//! Who starts the script: the image's ENTRYPOINT, or its CMD, which others may replace.

use crate::model::ImageConfig;
use crate::model::start::StartScript;
use crate::project::outside::Command;

/// How the image starts its script.
pub(super) struct Starts<'s> {
    program: &'s str,
    in_entrypoint: bool,
}

impl<'s> Starts<'s> {
    /// How an image with `config` starts `script`.
    pub fn of(config: &ImageConfig, script: &'s StartScript) -> Self {
        let in_entrypoint = config.entrypoint.as_ref().is_some_and(|e| !e.value.is_empty());
        Self { program: &script.program, in_entrypoint }
    }

    /// Whether the script runs where `command` takes the place of CMD.
    pub fn script_with(&self, command: Option<&Command>) -> bool {
        match command {
            None => true,
            Some(_) if self.in_entrypoint => true,
            Some(command) => self.is_named(command),
        }
    }

    /// Whether `command` names the script itself.
    pub fn is_named(&self, command: &Command) -> bool {
        match command {
            Command::Exec(words) => words.iter().any(|w| w == self.program),
            Command::Shell(text) | Command::Unresolved(text) => text.contains(self.program),
        }
    }
}
