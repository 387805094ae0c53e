//! The analysis of every Dockerfile of a run: side by side, reported in order.

use std::io;
use std::ops::ControlFlow;

use anyhow::Result;
use barehull::analysis::{Analysis, Dropped};
use barehull::engine;
use barehull::options::{Input, Options};
use barehull::timings::{Phase, Timings};

use super::args::Inputs;
use super::configuration;
use super::exit::Exit;
use super::inputs::{Job, Jobs};
use super::output::Output;
use super::progress::Progress;
use super::queue::in_order;
use super::timings;

/// What a run could not do.
#[derive(Debug, Default)]
pub struct Failures {
    /// One message per Dockerfile that could not be read or analysed, as shown on standard error.
    pub messages: Vec<String>,
    /// Whether a path on the command line could not be used.
    named: bool,
}

impl Failures {
    /// The exit status, `found` if nothing failed.
    pub fn exit(&self, found: Exit) -> Exit {
        if self.named || !self.messages.is_empty() { Exit::Failed } else { found }
    }
}

/// What one Dockerfile gave.
struct Done<T> {
    rendered: T,
    unreadable: Option<String>,
    /// Fixes that broke an invariant: nothing is wrong with the result, but with barehull.
    dropped: Vec<String>,
}

/// Analyses every Dockerfile; `render` makes of each analysis what is kept of it, and `take` gets that in order.
/// A Dockerfile that brings a defect to light is reported on standard error, and the others go on.
pub fn each<T: Send>(
    jobs: &Jobs,
    inputs: &Inputs,
    options: &Options<'_>,
    output: &mut Output,
    render: impl Fn(&Job, &Analysis) -> T + Sync,
    mut take: impl FnMut(&Job, T, &mut Output) -> io::Result<()>,
) -> Result<Failures> {
    let mut failures = Failures { messages: Vec::new(), named: jobs.failed };
    let mut written = Ok(());
    let progress = Progress::new(jobs.list.len(), output);
    let sums = inputs.timings.then(Timings::default);
    let sums = sums.as_ref();
    let options = Options { timings: sums, ..options.clone() };
    let work = |job: &Job| {
        let (input, unreadable) = Timings::measure(sums, Phase::Read, || read(job));
        let own = configuration::with(&options, job.config.as_deref());
        let mut analysis = engine::analyse(&job.site.project, &input, &jobs.context(job), &own);
        if let Some(known) = &jobs.known {
            known.mark(&mut analysis);
        }
        let rendered = Timings::measure(sums, Phase::Report, || render(job, &analysis));
        Done { rendered, unreadable, dropped: dropped(job, &analysis) }
    };
    in_order(&jobs.list, inputs.jobs.unwrap_or(0), work, |job, done| {
        progress.step(|| {
            let message = match &done {
                Ok(done) => done.unreadable.clone(),
                Err(panic) => Some(format!(
                    "{}: a defect of barehull: {panic}; please report it with the file",
                    job.shown_path()
                )),
            };
            if let Some(message) = message {
                output.error(&message);
                failures.messages.push(message);
            }
            if let Ok(done) = done {
                done.dropped.iter().for_each(|message| output.error(message));
                written = take(job, done.rendered, output);
            }
        });
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    progress.finish();
    if let Some(sums) = sums {
        output.print_error(&timings::table(sums, jobs.list.len()));
    }
    written?;
    Ok(failures)
}

fn dropped(job: &Job, analysis: &Analysis) -> Vec<String> {
    let dropped = analysis.rewrite.iter().flat_map(|rewrite| &rewrite.dropped);
    let message = |fix: &Dropped| {
        format!(
            "{}: a defect of barehull: the fix \"{}\" of {} was dropped, since {}; please report it with the file",
            job.shown_path(),
            fix.title,
            fix.by,
            fix.broke
        )
    };
    dropped.map(message).collect()
}

/// The Dockerfile with its text; without, and why, where it cannot be read (the analysis says so too).
fn read(job: &Job) -> (Input, Option<String>) {
    let mut input = job.input.clone();
    if input.text.is_some() {
        return (input, None);
    }
    match job.site.project.files().read(&input.path) {
        Ok(bytes) => {
            input.text = Some(bytes);
            (input, None)
        }
        Err(error) => (input, Some(format!("{}: {}", job.shown_path(), error.fault))),
    }
}
