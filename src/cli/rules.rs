//! `barehull rules`: the rules at a glance, and the cases of one's own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use barehull::config::{CaseResult, MAX_BYTES, RuleFile};
use barehull::report::rulebook;
use clap::{ValueEnum, ValueHint};

use super::exit::Exit;
use super::output::Output;

/// List the rules, or try rules of your own.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// The format of the list.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run the cases that stand beside the rules of a file (`custom-rules`).
    Test {
        /// The file: a configuration, or `custom-rules` alone.
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// The formats of the list.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    if let Some(Command::Test { file }) = &args.command {
        return test(file, output);
    }
    match args.format {
        Format::Text => output.print(&rulebook::list(output.look()))?,
        Format::Json => output.print(&rulebook::json())?,
    }
    Ok(Exit::Clean)
}

/// Exit 1 if a case is not as it should be, or a rule has none.
fn test(path: &Path, output: &mut Output) -> Result<Exit> {
    let text = super::bounded::text(path, MAX_BYTES).with_context(|| path.display().to_string())?;
    let file = RuleFile::read(&text).map_err(|error| match error.line {
        Some(line) => anyhow!("{}:{line}: {}", path.display(), error.message),
        None => anyhow!("{}: {}", path.display(), error.message),
    })?;
    let results = file.test();
    let wrong: Vec<&CaseResult> = results.iter().filter(|case| !case.is_right).collect();
    for case in &wrong {
        let found = match case.found.first() {
            None => "nothing was found".to_owned(),
            Some((line, message)) => format!("line {line}: {message}"),
        };
        output.print(&format!("{}: {} {}: {found}\n", case.rule, case.kind, case.number))?;
    }
    let right = results.len() - wrong.len();
    output.print(&format!("{} rules, {right} of {} cases are right\n", file.len(), results.len()))?;
    Ok(if wrong.is_empty() { Exit::Clean } else { Exit::Found })
}
