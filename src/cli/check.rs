//! `barehull check`: findings.

use std::path::PathBuf;

use anyhow::Result;
use barehull::analysis::Analysis;
use barehull::report::{Look, Summary, github, json, sarif, text};

use clap::ValueHint;

use super::args::{Build, FailOn, Format, Inputs, LevelName};
use super::baseline::Baseline;
use super::exit::Exit;
use super::inputs::{Job, Jobs};
use super::output::Output;
use super::run::each;

/// Report what the final images hold and how they run.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 nothing at or above --fail-on, 1 something, 2 usage or input/output error."
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    build: Build,
    /// The format of the report [default: text; github in a GitHub workflow].
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Report")]
    format: Option<Format>,
    /// From which severity on a finding makes the run fail.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", help_heading = "Report")]
    fail_on: FailOn,
    /// Findings that this file holds do not count; `barehull baseline write` makes it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Report")]
    baseline: Option<PathBuf>,
    /// Make and prove the fixes of each finding, and report them.
    #[arg(long, help_heading = "Report")]
    with_fixes: bool,
    /// With --with-fixes: fixes up to this level.
    #[arg(
        long,
        value_enum,
        default_value = "review",
        value_name = "LEVEL",
        requires = "with_fixes",
        help_heading = "Report"
    )]
    level: LevelName,
}

/// What is kept of one Dockerfile.
struct Rendered {
    text: String,
    results: Vec<serde_sarif::sarif::Result>,
    summary: Summary,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let catalog = args.build.own_catalog()?;
    let fixes = args.with_fixes.then(|| args.level.into());
    let format = args.format.unwrap_or_else(Format::by_default);
    let mut options = args.build.options(catalog.as_ref(), fixes)?;
    options.search_sources = format == Format::Json;
    let look = output.look();
    let mut jobs = Jobs::find(&args.inputs, output)?;
    jobs.known = args.baseline.as_deref().map(Baseline::read).transpose()?;

    if format == Format::Json {
        output.print(&json::head())?;
    }
    let render = |job: &Job, analysis: &Analysis| render(format, job, analysis, args.with_fixes, look);
    let (mut total, mut results) = (Summary::default(), Vec::new());
    let failures = each(&jobs, &args.inputs, &options, output, render, |_, rendered, output| {
        let separator = format == Format::Json && total.files > 0;
        total.add(&rendered.summary);
        results.extend(rendered.results);
        let text = if separator { json::SEPARATOR.to_owned() + &rendered.text } else { rendered.text };
        output.print(&text)
    })?;
    total.failed = failures.messages.len();
    match format {
        // Where nothing could be looked at, the errors say it all.
        Format::Text if output.is_quiet() || total.files + total.failed == 0 => {}
        Format::Text => output.print(&text::summary(&total, look))?,
        Format::Json => output.print(&json::tail(&total))?,
        Format::Github => output.print(&github::tail(&total))?,
        Format::Sarif => output.print(&sarif::document(results, &failures.messages))?,
    }
    let found = if args.fail_on.is_met_by(total.worst()) { Exit::Found } else { Exit::Clean };
    Ok(failures.exit(found))
}

fn render(format: Format, job: &Job, analysis: &Analysis, with_fixes: bool, look: Look) -> Rendered {
    let stable = &job.site.stable;
    let mut rendered = Rendered { text: String::new(), results: Vec::new(), summary: Summary::of(analysis) };
    match format {
        Format::Text => rendered.text = text::file(analysis, &job.site.shown, look),
        Format::Json => rendered.text = json::file(analysis, stable, with_fixes),
        Format::Github => rendered.text = github::file(analysis, stable),
        Format::Sarif => rendered.results = sarif::results(analysis, stable, with_fixes),
    }
    rendered
}
