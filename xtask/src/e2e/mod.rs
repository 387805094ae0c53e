//! `cargo xtask e2e`: every sample built for real, as it is and rewritten, run, and compared with what barehull says.

mod account;
mod bases;
mod broken;
mod container;
mod cover;
mod engine;
mod entries;
mod formats;
mod machine;
mod manifest;
mod namespace;
mod network;
mod pod;
mod popular;
mod report;
mod runtime;
mod sample;
mod services;
mod session;
mod smoke;
mod tasks;
mod trial;
mod truth;
mod verdict;
mod volumes;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use report::{Report, Row};
use sample::{Description, Sample};
pub use services::WORD as SERVICE;
pub use services::serve;
use session::{Job, Session};
use trial::{Outcome, Trial};

/// The command line.
#[derive(Debug, Default)]
struct Arguments {
    folders: Vec<PathBuf>,
    cover: bool,
    write_docs: bool,
    packages: bool,
    bases: bool,
    formats: bool,
    jobs: Option<usize>,
}

impl Arguments {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut parsed = Self::default();
        let mut rest = args.iter();
        while let Some(&word) = rest.next() {
            match word {
                "--cover" => parsed.cover = true,
                "--write-docs" => parsed.write_docs = true,
                "--packages" => parsed.packages = true,
                "--bases" => parsed.bases = true,
                "--formats" => parsed.formats = true,
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

/// `xtask/e2e`.
fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e")
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
    let session = Session::start(&cache, arguments.jobs, started)?;
    let passed = match arguments {
        Arguments { packages: true, .. } => packages(&session),
        Arguments { bases: true, .. } => all_entries(&session),
        Arguments { formats: true, .. } => formats(&session),
        _ => samples(&session, arguments),
    }?;
    if !passed {
        std::process::exit(1);
    }
    Ok(())
}

/// Builds and runs the samples, and the rewrites that are broken on purpose; whether all is well.
fn samples(session: &Session, arguments: &Arguments) -> Result<bool> {
    let own = [repository().join("samples"), data().join("broken"), data().join("pods")];
    let is_whole = arguments.folders.is_empty();
    let all = sample::find(if is_whole { &own } else { &arguments.folders })?;
    let (built, skipped): (Vec<Sample>, Vec<Sample>) =
        all.into_iter().partition(|sample| sample.description.static_only.is_none());
    let (broken, built): (Vec<Sample>, Vec<Sample>) =
        built.into_iter().partition(|sample| sample.description.caught.is_some());
    let (pods, whole): (Vec<Sample>, Vec<Sample>) =
        built.into_iter().partition(|sample| sample.description.pods.iter().any(|pod| pod.fails.is_some()));

    let (whole, left) =
        if arguments.cover { cover::choose(whole, &session.bases)? } else { (whole, Vec::new()) };
    if !left.is_empty() {
        let names = left.join(", ");
        println!("{} samples are built; the others show nothing that these do not: {names}", whole.len());
    }

    let prepare = |sample| Trial::prepare(sample, &session.engine.cache, &session.barehull);
    let trials: Vec<Trial<'_>> = whole.iter().map(prepare).collect::<Result<_>>()?;
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for trial in &trials {
        jobs.push(Job::new(&trial.sample.name, trial.bases(&session.bases)?, || trial.run(session)));
    }
    for sample in &broken {
        let images = bases::images_of(&sample.dockerfile(&sample.folder)?, &sample.description.args);
        let needed = images.iter().filter_map(|image| session.bases.of(image)).collect();
        jobs.push(Job::new(&format!("broken: {}", sample.name), needed, || {
            let caught = sample.description.caught.as_ref().expect("it was sorted by that");
            (Outcome::default(), broken::run(sample, caught, &session.engine))
        }));
    }
    for sample in &pods {
        let mut needed = bases::images_of(&sample.dockerfile(&sample.folder)?, &sample.description.args)
            .iter()
            .filter_map(|image| session.bases.of(image))
            .collect::<Vec<_>>();
        needed.extend(pod::foreign_bases(sample, &sample.folder, &session.bases)?);
        jobs.push(Job::new("pods", needed, || {
            (Outcome::default(), broken::pods(sample, &session.engine, &session.bases))
        }));
    }
    if is_whole {
        let used = jobs.iter().flat_map(|job| job.bases().iter().copied());
        let used = session.bases.with_parents(used);
        jobs.extend(entries_of(session, used));
        jobs.push(formats::job(session));
    }
    let mut done = session.run(&jobs)?;
    let failed = done.iter().filter(|done| !done.passed).count();
    let passed = done.len() - failed;
    done.truncate(whole.len());
    let rows = done.into_iter().zip(&whole).map(|(done, sample)| Row {
        name: sample.name.clone(),
        title: sample.description.title.clone(),
        outcome: done.outcome,
    });
    let of_broken = |sample: &Sample| {
        let Description { title, caught, .. } = &sample.description;
        (title.clone(), caught.as_ref().and_then(|caught| caught.verify.clone()))
    };
    let reason = |sample: Sample| (sample.name, sample.description.static_only.unwrap_or_default());
    let report = Report {
        rows: rows.collect(),
        static_only: skipped.into_iter().map(reason).collect(),
        caught: broken.iter().map(of_broken).collect(),
    };

    println!("\n{}", report.tables());
    for (name, reason) in &report.static_only {
        println!("not built: {name}: {reason}");
    }
    let short = report.below_the_bar();
    for line in &short {
        println!("below the bar: {line}");
    }
    if arguments.write_docs {
        ensure!(
            is_whole && left.is_empty() && failed == 0,
            "docs/real-builds.md is written only when every sample was built and passed"
        );
        fs::write(repository().join("docs/real-builds.md"), report.page(&session.bases))?;
    }
    Ok(session.end(passed, failed + short.len()))
}

/// Jobs that compare stand-ins with the catalog's entries for what they stand for.
fn entries_of(session: &Session, bases: impl IntoIterator<Item = usize>) -> Vec<Job<'_>> {
    let named = bases.into_iter().filter(|&at| !session.bases.all[at].tags.is_empty());
    let job = |at: usize| {
        let base = &session.bases.all[at];
        let work = || (Outcome::default(), entries::check(base, &session.engine));
        Job::new(&format!("catalog: {}", base.short_name()), vec![at], work)
    };
    named.map(job).collect()
}

/// Compares all stand-ins with the catalog's entries; whether they agree.
fn all_entries(session: &Session) -> Result<bool> {
    let done = session.run(&entries_of(session, 0..session.bases.all.len()))?;
    let failed = done.iter().filter(|done| !done.passed).count();
    Ok(session.end(done.len() - failed, failed))
}

/// Writes one image in every form that is read; whether each is found to be the same.
fn formats(session: &Session) -> Result<bool> {
    let done = session.run(&[formats::job(session)])?;
    let passed = done.iter().filter(|done| done.passed).count();
    Ok(session.end(passed, done.len() - passed))
}

/// Installs the packages that Dockerfiles install most; whether the catalog meets the bar.
fn packages(session: &Session) -> Result<bool> {
    let text = fs::read_to_string(data().join("packages.txt")).context("packages.txt")?;
    let batches = popular::batches(&text);
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for batch in &batches {
        let needed = session.bases.of(&batch.base()).into_iter().collect();
        jobs.push(Job::new(&batch.name, needed, || batch.run(&session.engine, &session.barehull)));
    }
    let done = session.run(&jobs)?;
    let failed = done.iter().filter(|done| !done.passed).count();
    let passed = done.len() - failed;
    let rows = done.into_iter().zip(&batches).map(|(done, batch)| Row {
        name: batch.name.clone(),
        title: batch.packages.clone(),
        outcome: done.outcome,
    });
    let report = Report { rows: rows.collect(), static_only: Vec::new(), caught: Vec::new() };
    println!("\n{}", report.tables());
    let short = report.below_the_bar();
    for line in &short {
        println!("below the bar: {line}");
    }
    Ok(session.end(passed, failed + short.len()))
}
