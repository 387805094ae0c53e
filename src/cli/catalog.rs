//! `barehull catalog`: entries for base images that the catalog does not know.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use barehull::describe::{describe, name_of};
use barehull_catalog::Catalog;
use clap::{Subcommand, ValueHint};

use super::args;
use super::exit::Exit;
use super::guard::guarded;
use super::output::Output;
use super::verify::{Source, StartArgs};

/// Write entries for base images of your own, for --catalog.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    From(From),
}

/// Describe a built image from what is in it: tools, distribution, C library, language, configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 written to standard output, 2 usage or input/output error.")]
struct From {
    /// An OCI image layout (folder or tar), an archive of `docker save`, or a root file system folder.
    #[arg(value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    image: PathBuf,
    /// The reference by which Dockerfiles name it [default: what the image itself says].
    #[arg(long = "name", value_name = "REFERENCE")]
    reference: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    start: StartArgs,
    /// A file that adds to the catalog of tools, or corrects it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    catalog: Option<PathBuf>,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let What::From(args) = &args.what;
    let own = args::own_catalog(args.catalog.as_deref())?;
    let catalog = own.as_ref().unwrap_or_else(|| Catalog::builtin());
    let image = args.source.open_started(&args.image, &args.start)?;
    let name = name_of(&image, args.reference.as_deref())?;
    let description = guarded(|| describe(&image, &name, catalog))
        .map_err(|panic| anyhow!("a defect of barehull: {panic}; please report it with the image"))?
        .map_err(|why| anyhow!("{}: {why}", args.image.display()))?;
    for remark in &description.remarks {
        output.note(remark);
    }
    output.print(&description.to_yaml())?;
    Ok(Exit::Clean)
}
