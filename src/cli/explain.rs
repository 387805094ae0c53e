//! `barehull explain`: why a rule matters and what to do.

use anyhow::{Result, bail};
use barehull::report::rulebook;
use barehull::rules;

use super::args::no_such_rule;
use super::exit::Exit;
use super::output::Output;

/// Say why a rule matters and what to do.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The rule's id.
    #[arg(value_name = "RULE")]
    rule: String,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let Some(rule) = rules::meta(&args.rule) else { bail!("{}: {}", args.rule, no_such_rule(&args.rule)) };
    let text = rulebook::explain(rule, output.look());
    output.print(&text)?;
    Ok(Exit::Clean)
}
