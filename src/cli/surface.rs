//! `barehull surface`: what the final image holds.

use anyhow::Result;
use barehull::analysis::Analysis;
use barehull::report::{Summary, json, surface};
use clap::ValueEnum;

use super::args::{Build, Inputs, LevelName};
use super::exit::Exit;
use super::inputs::{Job, Jobs};
use super::output::Output;
use super::run::each;

/// Show the tools in the final images: what brought each, what still needs it, and what the best rewrite leaves.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    build: Build,
    /// The format of the report.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Report")]
    format: Format,
    /// The level of the rewrite that is compared with.
    #[arg(long, value_enum, default_value = "review", value_name = "LEVEL", help_heading = "Report")]
    level: LevelName,
}

/// The formats of the surface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; docs/schema.json is its schema.
    Json,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let catalog = args.build.own_catalog()?;
    let options = args.build.options(catalog.as_ref(), Some(args.level.into()))?;
    let look = output.look();
    let jobs = Jobs::find(&args.inputs, output)?;

    let separator = match args.format {
        Format::Text => "\n",
        Format::Json => json::SEPARATOR,
    };
    if args.format == Format::Json {
        output.print(&json::head())?;
    }
    let render = |job: &Job, analysis: &Analysis| {
        let text = match args.format {
            Format::Text => surface::file(analysis, &job.site.shown, look),
            Format::Json => json::file(analysis, &job.site.stable, true),
        };
        (text, Summary::of(analysis))
    };
    let mut total = Summary::default();
    let failures = each(&jobs, &args.inputs, &options, output, render, |_, (text, summary), output| {
        let first = total.files == 0;
        total.add(&summary);
        output.print(&if first { text } else { separator.to_owned() + &text })
    })?;
    total.failed = failures.messages.len();
    if args.format == Format::Json {
        output.print(&json::tail(&total))?;
    }
    Ok(failures.exit(Exit::Clean))
}
