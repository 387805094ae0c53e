//! Who starts the script: the image's ENTRYPOINT, or its CMD, which others may replace.

use crate::model::ImageConfig;
use crate::model::start::{Handover, StartScript};
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

    /// What a command line of a manifest becomes without the script that it starts, and whether `args` go with it; nothing
    /// where it starts the script in another way.
    pub fn without_script(
        &self,
        handover: &Handover,
        command: &[String],
        args: &[String],
    ) -> Option<(Vec<String>, bool)> {
        let is_shell =
            |word: &String| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "dash" | "ash"));
        let given = match command {
            [first, given @ ..] if first == self.program => given,
            [shell, first, given @ ..] if is_shell(shell) && first == self.program => given,
            _ => return None,
        };
        // A manifest expands `$(NAME)`, a script does not.
        let mut words: Vec<String> = handover.words.iter().map(|w| w.replace("$(", "$$(")).collect();
        if !handover.arguments {
            return (!words.is_empty()).then_some((words, !args.is_empty()));
        }
        let splits = |word: &String| word.contains(|c: char| c.is_whitespace() || "*?[$".contains(c));
        if handover.splits && given.iter().chain(args).any(splits) {
            return None;
        }
        words.extend(given.iter().cloned());
        if words.is_empty() {
            return (!args.is_empty()).then(|| (args.to_vec(), true));
        }
        Some((words, false))
    }

    /// Whether `command` names the script itself.
    pub fn is_named(&self, command: &Command) -> bool {
        match command {
            Command::Exec(words) => words.iter().any(|w| w == self.program),
            Command::Shell(text) | Command::Unresolved(text) => text.contains(self.program),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_without_the_script() {
        let starts = Starts { program: "/start.sh", in_entrypoint: true };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let handover =
            |text: &str, arguments| Handover { words: words(text), arguments, splits: false, user: None };
        // What the script runs, whether its arguments follow; command and args; what comes of them.
        let table = [
            ("", true, "/start.sh node a.js", "", Some(("node a.js", false))),
            ("", true, "/start.sh node", "a.js", Some(("node", false))),
            ("", true, "sh /start.sh", "node a.js", Some(("node a.js", true))),
            ("", true, "/start.sh", "", None),
            ("python", true, "/bin/bash /start.sh", "a.py", Some(("python", false))),
            ("node a.js", false, "/start.sh", "x", Some(("node a.js", true))),
            ("node a.js", false, "/start.sh x", "", Some(("node a.js", false))),
            ("", true, "sh -c /start.sh", "", None),
            ("", true, "tini -- /start.sh a", "", None),
        ];
        for (run, arguments, command, args, expected) in table {
            let found = starts.without_script(&handover(run, arguments), &words(command), &words(args));
            let expected = expected.map(|(text, gone)| (words(text), gone));
            assert_eq!(found, expected, "{run} {command} {args}");
        }
    }
}
