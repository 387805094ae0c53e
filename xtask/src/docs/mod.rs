//! Writes the pages that are generated: the rules reference, the JSON schema, the recipes, an example.

mod recipes;
mod start_time;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use barehull::report::{json, rulebook};

/// Writes `docs/rules.md`, `docs/schema.json`, `docs/config.schema.json`, `docs/recipes.md`, and the example of
/// `docs/start-time.md`.
pub fn generate() -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::create_dir_all(&docs)?;
    let pages = [
        ("rules.md", rulebook::markdown()),
        ("schema.json", json::schema_page()),
        ("config.schema.json", barehull::config::schema_page()),
        ("recipes.md", recipes::page()?),
        ("start-time.md", start_time::page()?),
    ];
    for (name, text) in pages {
        let path = docs.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
