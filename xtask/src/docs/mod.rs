//! Writes the pages that are generated: the rules reference, policies, other tools, the JSON schemas, the recipes, an
//! example.

mod recipes;
mod start_time;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use barehull::report::{controls, json, rulebook};
use barehull::rules;

/// Writes them into `docs/`.
pub fn generate() -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::create_dir_all(&docs)?;
    let pages = [
        ("rules.md", rulebook::markdown()),
        ("schema.json", json::schema_page()),
        ("config.schema.json", barehull::config::schema_page()),
        ("policies.md", controls::markdown(rules::POLICIES)),
        ("peers.md", crate::peers::page()?),
        ("recipes.md", recipes::page()?),
        ("start-time.md", start_time::page()?),
    ];
    for (name, text) in pages {
        let path = docs.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
