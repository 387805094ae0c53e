//! `barehull rules`: the rules at a glance.

use anyhow::Result;
use barehull::report::rulebook;
use clap::ValueEnum;

use super::exit::Exit;
use super::output::Output;

/// List the rules.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The format of the list.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
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
    match args.format {
        Format::Text => output.print(&rulebook::list(output.look()))?,
        Format::Json => output.print(&rulebook::json())?,
    }
    Ok(Exit::Clean)
}
