//! The example of `docs/start-time.md`: the patch that barehull makes of a sample. The rest of the page is written by hand.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use barehull::edit::unified_diff;

use super::recipes::example;

/// What stands in front of the patch, and behind it.
const MARK: &str = "`cargo xtask docs` writes it -->\n```diff\n";
const END: &str = "```\n";

/// The page with the patch as it is made today.
pub fn page() -> Result<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(top.join("docs/start-time.md")).context("docs/start-time.md")?;
    let (head, rest) = page.split_once(MARK).context("docs/start-time.md has no place for the patch")?;
    let (_, tail) = rest.split_once(END).context("the patch in docs/start-time.md has no end")?;
    let example = example(&top.join("samples/start-model-download"))?;
    let rewrite = example.analysis.rewrite.as_ref().context("the sample has no patch")?;
    let patch: String = rewrite.patch.iter().map(|patch| unified_diff(patch, "")).collect();
    Ok([head, MARK, &patch, END, tail].concat())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_fresh() {
        let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/start-time.md"));
        let fresh = super::page().expect("the sample can be read");
        assert!(written.unwrap_or_default() == fresh, "docs/start-time.md is stale: run `cargo xtask docs`");
    }
}
