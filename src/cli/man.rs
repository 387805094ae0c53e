//! `barehull man`: manual pages.

use anyhow::{Result, anyhow};
use clap::CommandFactory;
use clap_mangen::Man;

use super::exit::Exit;
use super::output::Output;

/// Print the manual page of the program or of one subcommand.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The subcommand.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let mut program = super::Cli::command();
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => {
            let found =
                program.find_subcommand(name).ok_or_else(|| anyhow!("there is no subcommand {name}"))?;
            found.clone()
        }
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    output.print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Clean)
}
