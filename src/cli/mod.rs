//! The command line: one file per subcommand.

mod args;
mod baseline;
mod bounded;
#[cfg(feature = "verify")]
mod catalog;
mod check;
mod completions;
mod configuration;
mod exit;
mod explain;
mod fix;
mod guard;
mod inputs;
mod man;
mod migrate;
mod output;
mod progress;
mod queue;
mod rules;
mod run;
mod surface;
mod syntax;
mod timings;
#[cfg(feature = "verify")]
mod verify;
mod write;

use clap::{Parser, Subcommand};

use self::args::Global;
use self::exit::Exit;
use self::output::Output;

/// Strips a container image to its bare hull: names every shell, package manager, network client and debugging
/// tool in the final image, and writes the patch that takes it out.
#[derive(Debug, Parser)]
#[command(name = "barehull", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 nothing to report, 1 something was found, 2 usage or input/output error."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Fix(fix::Args),
    Baseline(baseline::Args),
    Surface(surface::Args),
    #[cfg(feature = "verify")]
    Verify(verify::Args),
    #[cfg(feature = "verify")]
    Catalog(catalog::Args),
    Rules(rules::Args),
    Migrate(migrate::Args),
    Explain(explain::Args),
    Syntax(syntax::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Reads the arguments and does what they say.
pub fn run() -> Exit {
    // A usage error ends here, with exit status 2.
    let cli = Cli::parse();
    guard::install();
    let mut output = Output::new(&cli.global);
    let done = match cli.command {
        Command::Check(args) => check::run(&args, &mut output),
        Command::Fix(args) => fix::run(&args, &mut output),
        Command::Baseline(args) => baseline::run(&args, &mut output),
        Command::Surface(args) => surface::run(&args, &mut output),
        #[cfg(feature = "verify")]
        Command::Verify(args) => verify::run(&args, &mut output),
        #[cfg(feature = "verify")]
        Command::Catalog(args) => catalog::run(&args, &mut output),
        Command::Rules(args) => rules::run(&args, &mut output),
        Command::Migrate(args) => migrate::run(&args, &mut output),
        Command::Explain(args) => explain::run(&args, &mut output),
        Command::Syntax(args) => syntax::run(&args, &mut output),
        Command::Completions(args) => completions::run(&args, &mut output),
        Command::Man(args) => man::run(&args, &mut output),
    };
    match done {
        Ok(exit) => exit,
        // Who reads the output has seen enough: `barehull check | head`.
        Err(error) if output::is_broken_pipe(&error) => Exit::Clean,
        Err(error) => {
            output.error(&format!("{error:#}"));
            Exit::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
