//! One run of the command: the engine, the stand-ins, and the jobs that wait for them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::bases::Bases;
use super::engine::Engine;
use super::tasks;
use super::trial::Outcome;

/// How many jobs end before what their builds have left behind is removed: it takes up the disk, and to remove it is to
/// wait for the builds of others.
const JOBS_BETWEEN: usize = 8;

/// What all jobs share.
#[derive(Debug)]
pub struct Session {
    /// The build engine.
    pub engine: Engine,
    /// The stand-ins.
    pub bases: Bases,
    /// The program under test.
    pub barehull: PathBuf,
    threads: usize,
    started: Instant,
}

/// Something to be built and run once its stand-ins are there.
pub struct Job<'a> {
    name: String,
    bases: Vec<usize>,
    work: Box<dyn Fn() -> (Outcome, Result<()>) + Sync + 'a>,
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl<'a> Job<'a> {
    /// `bases` by their place in [`Bases::all`].
    pub fn new(name: &str, bases: Vec<usize>, work: impl Fn() -> (Outcome, Result<()>) + Sync + 'a) -> Self {
        Self { name: name.to_owned(), bases, work: Box::new(work) }
    }

    /// The stand-ins it waits for.
    pub fn bases(&self) -> &[usize] {
        &self.bases
    }
}

/// What became of a job.
#[derive(Debug)]
pub struct Done {
    /// What was built.
    pub outcome: Outcome,
    /// Whether all went as it should.
    pub passed: bool,
}

impl Session {
    /// Starts the engine; `jobs` side by side, as many as there are processors if not said.
    pub fn start(cache: &Path, jobs: Option<usize>, started: Instant) -> Result<Self> {
        let bases = Bases::read(&super::data())?;
        let engine = Engine::start(cache)?;
        // Containers of a run that was interrupted.
        engine.buildah(&["rm", "--all"])?;
        let threads = jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
        let barehull = std::env::current_exe()?.with_file_name("barehull");
        let session = Self { engine, bases, barehull, threads, started };
        session.say("the build engine is ready");
        Ok(session)
    }

    /// Makes the stand-ins that the jobs need, and runs each job as soon as its own are there; the results in the
    /// jobs' order.
    pub fn run(&self, jobs: &[Job<'_>]) -> Result<Vec<Done>> {
        let cached = self.bases.cached(&self.engine)?;
        let needed = jobs.iter().flat_map(|job| job.bases.iter().copied());
        let wanted: Vec<usize> = self.bases.with_parents(needed).into_iter().collect();
        let task_of = |base: &usize| wanted.binary_search(base).expect("every parent is wanted");
        let parents = wanted.iter().map(|&base| &self.bases.all[base].parents);
        let after: Vec<Vec<usize>> = parents
            .chain(jobs.iter().map(|job| &job.bases))
            .map(|bases| bases.iter().map(task_of).collect())
            .collect();

        let results: Mutex<Vec<(usize, Done)>> = Mutex::new(Vec::new());
        tasks::run(self.threads, &after, |task, bases_are_there| {
            let start = Instant::now();
            let Some(at) = task.checked_sub(wanted.len()) else {
                return bases_are_there && self.make_base(wanted[task], &cached);
            };
            let (outcome, result) = if bases_are_there {
                (jobs[at].work)()
            } else {
                (Outcome::default(), Err(anyhow!("a base image could not be made")))
            };
            let passed = result.is_ok();
            self.say(&verdict(&jobs[at].name, &outcome, result, start));
            let ended = {
                let mut results = results.lock().expect("no task panics");
                results.push((at, Done { outcome, passed }));
                results.len()
            };
            if ended.is_multiple_of(JOBS_BETWEEN)
                && let Err(error) = self.engine.forget_steps()
            {
                self.say(&format!("what builds left behind stays: {error:#}"));
            }
            passed
        });
        let mut results = results.into_inner().expect("no task panics");
        results.sort_by_key(|(at, _)| *at);
        Ok(results.into_iter().map(|(_, done)| done).collect())
    }

    /// Whether the stand-in is there now.
    fn make_base(&self, base: usize, cached: &std::collections::BTreeSet<String>) -> bool {
        let start = Instant::now();
        let name = self.bases.all[base].short_name();
        match self.bases.make(base, &self.engine, cached) {
            Ok(true) => self.say(&format!("base {name} ({} s)", start.elapsed().as_secs())),
            Ok(false) => {}
            Err(error) => {
                self.say(&format!("FAILED base {name}: {error:#}"));
                return false;
            }
        }
        true
    }

    /// The last line; whether nothing failed.
    pub fn end(&self, passed: usize, failed: usize) -> bool {
        self.say("done");
        println!("{passed} passed, {failed} failed");
        failed == 0
    }

    fn say(&self, words: &str) {
        let seconds = self.started.elapsed().as_secs();
        println!("[{:2}:{:02}] {}", seconds / 60, seconds % 60, self.engine.clients.redact(words));
    }
}

/// A job's line of the progress.
fn verdict(name: &str, outcome: &Outcome, result: Result<()>, start: Instant) -> String {
    let seconds = start.elapsed().as_secs();
    match (result, outcome) {
        (Err(error), _) => format!("FAILED {name} ({seconds} s): {error:#}"),
        (Ok(()), Outcome { after: Some(after), .. }) => {
            format!("passed {name} ({seconds} s), on {}", after.claim.base)
        }
        (Ok(()), Outcome { unchanged: true, .. }) => {
            format!("passed {name} ({seconds} s), no rewrite at level review")
        }
        (Ok(()), _) => format!("passed {name} ({seconds} s)"),
    }
}
