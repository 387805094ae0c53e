//! Writes the pages that are generated: the rules reference and the JSON schema.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use barehull::report::{json, rulebook};

/// Writes `docs/rules.md` and `docs/schema.json`.
pub fn generate() -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::create_dir_all(&docs)?;
    for (name, text) in [("rules.md", rulebook::markdown()), ("schema.json", json::schema_page())] {
        let path = docs.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
