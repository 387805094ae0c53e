//! `barehull migrate`: our configuration from hadolint's.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use barehull::config::{NAMES, from_hadolint};
use clap::ValueHint;

use super::exit::Exit;
use super::output::Output;

/// The names under which hadolint looks for its configuration in a project.
const HADOLINT: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];
/// Bytes of a file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Write a configuration that does what hadolint's does; what has no equivalent is told on standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 written, 2 usage or input/output error.")]
pub struct Args {
    /// hadolint's configuration [default: `.hadolint.yaml` or `.hadolint.yml` in this folder].
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Write `barehull.yaml` beside it instead of standard output, unless there is one.
    #[arg(long)]
    write: bool,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let file = match &args.file {
        Some(file) => file.clone(),
        None => found()?,
    };
    let shown = file.display().to_string();
    let size = fs::metadata(&file).with_context(|| shown.clone())?.len();
    if size > MAX_BYTES {
        bail!("{shown}: it has {size} bytes, and no more than {MAX_BYTES} are read");
    }
    let text = fs::read_to_string(&file).with_context(|| shown.clone())?;
    let migration = from_hadolint(&text).map_err(|error| match error.line {
        Some(line) => anyhow!("{shown}:{line}: {}", error.message),
        None => anyhow!("{shown}: {}", error.message),
    })?;
    if args.write {
        let target = file.with_file_name(NAMES[0]);
        write(&target, &migration.yaml)?;
        output.note(&format!("{} is written", target.display()));
    } else {
        output.print(&migration.yaml)?;
    }
    for note in &migration.notes {
        output.note(note);
    }
    Ok(Exit::Clean)
}

fn found() -> Result<PathBuf> {
    let found = HADOLINT.iter().map(PathBuf::from).find(|path| path.is_file());
    found.ok_or_else(|| anyhow!("there is no {} here; name the file", HADOLINT.join(" or ")))
}

/// Writes a new file; one that is there stays.
fn write(path: &Path, text: &str) -> Result<()> {
    match File::create_new(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{}: there is one already; without --write the new one goes to standard output",
                path.display()
            )
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}
