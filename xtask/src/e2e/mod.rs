//! `cargo xtask e2e`: every sample built for real, as it is and rewritten, run, and compared with what barehull says.

mod bases;
mod container;
mod engine;
mod machine;
mod namespace;
mod report;
mod sample;
mod smoke;
mod tasks;
mod trial;
mod truth;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use bases::Bases;
use engine::Engine;
use report::{Report, Row};
use sample::Sample;
use trial::{Outcome, Trial};

/// The command line.
#[derive(Debug, Default)]
struct Arguments {
    folders: Vec<PathBuf>,
    write_docs: bool,
    jobs: Option<usize>,
}

impl Arguments {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut parsed = Self::default();
        let mut rest = args.iter();
        while let Some(&word) = rest.next() {
            match word {
                "--write-docs" => parsed.write_docs = true,
                "--jobs" => parsed.jobs = Some(rest.next().context("--jobs wants a number")?.parse()?),
                option if option.starts_with('-') => bail!("unknown option {option}"),
                folder => parsed.folders.push(PathBuf::from(folder)),
            }
        }
        Ok(parsed)
    }
}

/// Runs the command; `args` are those behind `e2e`.
pub fn run(args: &[&str]) -> Result<()> {
    let arguments = Arguments::parse(args)?;
    if std::env::var("BAREHULL_E2E").is_ok_and(|value| value == "skip") {
        println!("real builds are skipped: BAREHULL_E2E=skip");
        return Ok(());
    }
    if namespace::is_inside() {
        return inside(&arguments);
    }
    machine::prepare()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", "barehull"])
        .current_dir(repository())
        .status();
    ensure!(status.context("cargo")?.success(), "barehull could not be built");
    let status = namespace::enter(&[&["e2e"], args].concat())?;
    // What went wrong was said inside; the last line is the count.
    std::process::exit(status.code().unwrap_or(1));
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder that is kept between runs: `BAREHULL_E2E_CACHE`, else `barehull/e2e` in the user's cache.
fn cache_folder() -> Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let default = || {
        let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
        Some(caches.join("barehull/e2e"))
    };
    let folder = variable("BAREHULL_E2E_CACHE")
        .or_else(default)
        .context("neither BAREHULL_E2E_CACHE nor HOME is set")?;
    for name in ["bases", "clients", "logs", "tmp", "volumes", "work"] {
        fs::create_dir_all(folder.join(name))?;
    }
    Ok(folder.canonicalize()?)
}

fn inside(arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    let cache = cache_folder()?;
    let lock = File::create(cache.join("lock"))?;
    if lock.try_lock().is_err() {
        println!("waiting for another run to end");
        lock.lock()?;
    }
    let barehull = std::env::current_exe()?.with_file_name("barehull");
    let all = match arguments.folders.as_slice() {
        [] => sample::find(&[repository().join("samples")])?,
        folders => sample::find(folders)?,
    };
    let (samples, skipped): (Vec<Sample>, Vec<Sample>) =
        all.into_iter().partition(|sample| sample.description.static_only.is_none());
    let bases = Bases::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e"))?;

    let engine = Engine::start(&cache)?;
    say(started, "the build engine is ready");
    // Containers of a run that was interrupted.
    engine.buildah(&["rm", "--all"])?;
    let (rows, mut failed) = build_all(&engine, &bases, &samples, &barehull, arguments, started)?;
    let reason = |sample: Sample| (sample.name, sample.description.static_only.unwrap_or_default());
    let passed = rows.len() - failed;
    let report = Report { rows, static_only: skipped.into_iter().map(reason).collect() };

    println!("\n{}", report.tables());
    for (name, reason) in &report.static_only {
        println!("not built: {name}: {reason}");
    }
    if arguments.write_docs {
        ensure!(failed == 0, "docs/real-builds.md is written only when everything passed");
        fs::write(repository().join("docs/real-builds.md"), report.page(&bases))?;
    }
    let short = report.below_the_bar();
    for line in &short {
        println!("below the bar: {line}");
    }
    failed += short.len();
    say(started, "done");
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// Makes the stand-ins that the samples need, and runs the samples as soon as theirs are there. Gives a row a
/// sample, and how many failed.
fn build_all(
    engine: &Engine,
    bases: &Bases,
    samples: &[Sample],
    barehull: &Path,
    arguments: &Arguments,
    started: Instant,
) -> Result<(Vec<Row>, usize)> {
    let prepare = |sample| Trial::prepare(sample, &engine.cache, barehull);
    let trials: Vec<Trial<'_>> = samples.iter().map(prepare).collect::<Result<_>>()?;
    let cached = Bases::cached(engine)?;
    bases.forget_old(engine, &cached)?;
    let needed: Vec<Vec<usize>> = trials.iter().map(|trial| trial.bases(bases)).collect::<Result<_>>()?;
    let wanted: Vec<usize> = bases.with_parents(needed.iter().flatten().copied()).into_iter().collect();
    let task_of = |base: &usize| wanted.binary_search(base).expect("every parent is wanted");

    let mut after: Vec<Vec<usize>> =
        wanted.iter().map(|&base| bases.all[base].parents.iter().map(task_of).collect()).collect();
    after.extend(needed.iter().map(|bases| bases.iter().map(task_of).collect::<Vec<_>>()));

    let results: Mutex<Vec<(usize, Outcome, bool)>> = Mutex::new(Vec::new());
    let jobs = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    tasks::run(jobs, &after, |task, bases_are_there| {
        let start = Instant::now();
        let Some(at) = task.checked_sub(wanted.len()) else {
            let name = bases.all[wanted[task]].short_name();
            return bases_are_there && made(bases.make(wanted[task], engine, &cached), name, started, start);
        };
        let (outcome, result) = if bases_are_there {
            trials[at].run(engine, bases, barehull)
        } else {
            (Outcome::default(), Err(anyhow::anyhow!("a base image could not be made")))
        };
        let passed = result.is_ok();
        say(started, &verdict(&samples[at].name, &outcome, result, start));
        results.lock().expect("no task panics").push((at, outcome, passed));
        passed
    });

    let mut results = results.into_inner().expect("no task panics");
    results.sort_by_key(|(at, ..)| *at);
    let failed = results.iter().filter(|(_, _, passed)| !passed).count();
    let row = |(at, outcome, _): (usize, Outcome, bool)| {
        let sample = &samples[at];
        Row { name: sample.name.clone(), title: sample.description.title.clone(), outcome }
    };
    Ok((results.into_iter().map(row).collect(), failed))
}

/// Reports a stand-in; whether it is there.
fn made(result: Result<bool>, name: &str, started: Instant, start: Instant) -> bool {
    match result {
        Ok(true) => say(started, &format!("base {name} ({} s)", start.elapsed().as_secs())),
        Ok(false) => {}
        Err(error) => {
            say(started, &format!("FAILED base {name}: {error:#}"));
            return false;
        }
    }
    true
}

/// A sample's line of the progress.
fn verdict(name: &str, outcome: &Outcome, result: Result<()>, start: Instant) -> String {
    let seconds = start.elapsed().as_secs();
    match (result, &outcome.after) {
        (Err(error), _) => format!("FAILED {name} ({seconds} s): {error:#}"),
        (Ok(()), Some(after)) => format!("passed {name} ({seconds} s), on {}", after.claim.base),
        (Ok(()), None) => format!("passed {name} ({seconds} s), no rewrite at level review"),
    }
}

fn say(started: Instant, words: &str) {
    let seconds = started.elapsed().as_secs();
    println!("[{:2}:{:02}] {words}", seconds / 60, seconds % 60);
}
