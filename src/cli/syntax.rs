//! `barehull syntax`: what the parser read.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use anyhow::{Context, Result};
use barehull::project::MAX_FILE_BYTES;
use barehull::report::json;
use barehull_syntax::dockerfile::{Dockerfile, Reading};
use clap::ValueHint;
use serde::{Deserialize, Serialize};

use super::exit::Exit;
use super::guard::guarded;
use super::output::Output;

/// Print what the parser reads in a Dockerfile, as JSON in BuildKit's terms.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dockerfiles, or `-` for standard input.
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Read {"name": ..., "dockerfile": ...} a line from standard input and answer each with a line.
    #[arg(long, conflicts_with = "files")]
    stream: bool,
}

/// A line of `--stream`.
#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    name: String,
    dockerfile: String,
}

/// What was read, by name.
#[derive(Serialize)]
struct Answer<'a> {
    name: &'a str,
    #[serde(flatten)]
    reading: Option<Reading>,
    /// Why there is no reading: a question that is not understood, a defect.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    if args.stream {
        return stream(output);
    }
    let mut exit = Exit::Clean;
    for file in &args.files {
        let name = file.to_string_lossy();
        let mut text = Vec::new();
        let read = if file.as_os_str() == "-" {
            io::stdin().lock().take(MAX_FILE_BYTES).read_to_end(&mut text)
        } else {
            File::open(file).and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut text))
        };
        match read.with_context(|| format!("{name} cannot be read")) {
            Ok(_) => exit = exit.max(answer(&name, text, output)?),
            Err(error) => {
                output.error(&format!("{error:#}"));
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

fn stream(output: &mut Output) -> Result<Exit> {
    let mut exit = Exit::Clean;
    for line in io::stdin().lock().split(b'\n') {
        let line = line.context("standard input cannot be read")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Question>(&line) {
            Ok(question) => {
                exit = exit.max(answer(&question.name, question.dockerfile.into_bytes(), output)?);
            }
            Err(error) => {
                fail("", format!("the line is not understood: {error}"), output)?;
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

/// Prints what is read in `text`, on one line.
fn answer(name: &str, text: Vec<u8>, output: &mut Output) -> Result<Exit> {
    match guarded(|| Dockerfile::parse(text).reading()) {
        Ok(reading) => {
            let answer = Answer { name, reading: Some(reading), failure: None };
            output.print(&(json::to_string(&answer) + "\n"))?;
            Ok(Exit::Clean)
        }
        Err(panic) => {
            fail(name, format!("a defect of barehull: {panic}; please report it with the file"), output)?;
            Ok(Exit::Failed)
        }
    }
}

/// Answers with a line all the same, so that answers match questions.
fn fail(name: &str, message: String, output: &mut Output) -> Result<()> {
    output.error(&format!("{name}: {message}"));
    let answer = Answer { name, reading: None, failure: Some(message) };
    output.print(&(json::to_string(&answer) + "\n"))?;
    Ok(())
}
