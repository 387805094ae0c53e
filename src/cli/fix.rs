//! `barehull fix`: a patch.

mod collect;

use anyhow::{Result, bail};
use barehull::analysis::Analysis;
use barehull::finding::Level;
use barehull::options::Migrations;
use barehull::recipes::RECIPES;
use barehull::report::{Look, recipebook, rewrite};
use barehull::rules;

use self::collect::{Change, Collected};
use super::args::{Build, Inputs, LevelName};
use super::exit::Exit;
use super::inputs::{Job, Jobs};
use super::output::Output;
use super::run::each;

/// Print a patch that takes out what the final images do not need; `git apply` and `patch -p1` accept it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Standard output holds the patch and nothing else: `barehull fix . | git apply`.\n\
    Exit status: 0; with --exit-code 1 if there is a patch; 2 usage or input/output error.")]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    build: Build,
    /// Fixes up to this level [default: review; safe with --write].
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Patch")]
    level: Option<LevelName>,
    /// Only the fixes of this recipe (`barehull explain --recipe` lists them) or rule; may be given several times.
    #[arg(long = "recipe", value_name = "NAME", value_parser = recipe, help_heading = "Patch", conflicts_with = "skip_recipes")]
    recipes: Vec<&'static str>,
    /// No fix of this recipe or rule; may be given several times.
    #[arg(long = "skip-recipe", value_name = "NAME", value_parser = recipe, help_heading = "Patch")]
    skip_recipes: Vec<&'static str>,
    /// Where database migrations of a start script go in Kubernetes manifests: a Job is a new file, and a sketch
    /// (`--level sketch`), since the release has to run it first.
    #[arg(long, value_enum, value_name = "WHERE", default_value = "init-container", help_heading = "Patch")]
    migrations: MigrationsName,
    /// Change the files instead of printing a patch.
    #[arg(long, help_heading = "Patch")]
    write: bool,
    /// Add a stage `debug` to the patch, the final image with BusyBox, that is built only if asked for.
    #[arg(long, help_heading = "Patch")]
    with_debug_stage: bool,
    /// Exit with 1 if there is a patch.
    #[arg(long, help_heading = "Patch")]
    exit_code: bool,
}

/// Where migrations go.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum MigrationsName {
    InitContainer,
    Job,
}

/// Files that could not be searched which are named.
const NOTES: usize = 5;

/// What is kept of one Dockerfile.
struct Planned {
    patch: Vec<barehull::edit::FilePatch>,
    words: String,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    if args.write && args.inputs.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input cannot be written to; leave --write out and use the patch");
    }
    let level = match args.level {
        Some(level) => level.into(),
        None if args.write => Level::Safe,
        None => Level::Review,
    };
    let catalog = args.build.own_catalog()?;
    let mut options = args.build.options(catalog.as_ref(), Some(level))?;
    options.debug_stage = args.with_debug_stage;
    options.migrations = match args.migrations {
        MigrationsName::InitContainer => Migrations::InitContainer,
        MigrationsName::Job => Migrations::Job,
    };
    options.skip_fixes = args.skipped();
    let look = output.error_look();
    let jobs = Jobs::find(&args.inputs, output)?;

    let render = |job: &Job, analysis: &Analysis| plan(job, analysis, look);
    let mut collected = Collected::default();
    let failures = each(&jobs, &args.inputs, &options, output, render, |job, planned, output| {
        output.say(&planned.words);
        if let Err(conflict) = collected.add(job, planned.patch) {
            output.note(&conflict.to_string());
        }
        Ok(())
    })?;
    unsearched(&jobs, output);
    let changes = collected.changes();
    if args.write {
        write_all(&changes, output)?;
    } else {
        print(&changes, output)?;
    }
    output.say(&format!("{}\n", look.strong(collected.summary(&jobs))));
    let found = if args.exit_code && !changes.is_empty() { Exit::Found } else { Exit::Clean };
    Ok(failures.exit(found))
}

impl Args {
    /// The recipes and rules that are not asked.
    fn skipped(&self) -> Vec<&'static str> {
        let is_skipped = |id: &str| match self.recipes.as_slice() {
            [] => self.skip_recipes.contains(&id),
            wanted => !wanted.contains(&id),
        };
        let recipes = RECIPES.iter().map(|recipe| recipe.id);
        recipes.chain(rules::all().iter().map(|rule| rule.id)).filter(|id| is_skipped(id)).collect()
    }
}

/// The name of a recipe, or of a rule.
fn recipe(text: &str) -> Result<&'static str, String> {
    let found = RECIPES.iter().find(|recipe| recipe.id == text).map(|recipe| recipe.id);
    found.or_else(|| rules::meta(text).map(|rule| rule.id)).ok_or_else(recipebook::no_such_recipe)
}

fn plan(job: &Job, analysis: &Analysis, look: Look) -> Planned {
    let patch = analysis.rewrite.as_ref().map(|rewrite| rewrite.patch.clone()).unwrap_or_default();
    Planned { patch, words: rewrite::file(analysis, &job.site.shown, look) }
}

/// Says which files of the projects could not be searched for uses of the images.
fn unsearched(jobs: &Jobs, output: &mut Output) {
    for site in jobs.sites() {
        let own = jobs
            .list
            .iter()
            .filter(|job| std::ptr::eq(&raw const *job.site, site))
            .map(|job| &job.input.path);
        let notes = site.project.notes_near(&own.collect::<Vec<_>>());
        let shown = if output.look().all { notes.len() } else { NOTES.min(notes.len()) };
        for note in &notes[..shown] {
            let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
            output.note(&format!("{}{line}: {}", site.shown.show(&note.path), note.text));
        }
        if shown < notes.len() {
            output.note(&format!("and {} more such files (--all)", notes.len() - shown));
        }
        if !site.project.is_complete() {
            output
                .note("the project is too large to be searched whole for uses of its images; name a part with --project");
        }
    }
}

fn print(changes: &[&Change], output: &mut Output) -> Result<()> {
    let Some(base) = collect::base(changes)? else { return Ok(()) };
    for change in changes {
        output.print_patch(&change.diff(&base))?;
    }
    if let Some(folder) = base.elsewhere() {
        output.note(&format!(
            "the patch's paths start at {0}: run `git apply` there (`git -C {0} apply`)",
            folder.display()
        ));
    }
    Ok(())
}

fn write_all(changes: &[&Change], output: &mut Output) -> Result<()> {
    let prepared = changes.iter().map(|change| change.prepare()).collect::<Result<Vec<_>>>()?;
    for (change, prepared) in changes.iter().zip(prepared) {
        prepared.commit()?;
        output.say(&format!("changed {}\n", barehull::report::escape::escaped(&change.shown_path())));
    }
    Ok(())
}
