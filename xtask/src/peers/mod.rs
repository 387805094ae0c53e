//! `cargo xtask peers`: other tools and barehull on the same Dockerfiles. What the others report is kept in
//! `xtask/peers/results.json`, so that the page about it (docs/peers.md) can be written, and tested, without them.

mod cases;
mod install;
mod measure;
mod ours;
mod page;
mod results;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use page::page;

/// Installs the other tools below `target/peers`, runs them, and keeps what they report.
pub fn run() -> Result<()> {
    let cases = cases::all()?;
    let cache = top().join("target/peers");
    let tools = install::tools(&cache)?;
    let results = measure::measure(&tools, &cases, &cache)?;
    results.write()?;
    println!("{} Dockerfiles were looked at; now `cargo xtask docs` writes docs/peers.md", cases.len());
    Ok(())
}

/// The top of the repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
