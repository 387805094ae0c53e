//! The generated pages are those that the code would generate.

use std::fs;
use std::path::Path;

use barehull::report::{json, rulebook};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    fs::read_to_string(path).unwrap_or_default().replace('\r', "")
}

#[test]
fn the_rules_reference_is_fresh() {
    assert!(page("rules.md") == rulebook::markdown(), "docs/rules.md is stale: run `cargo xtask docs`");
}

#[test]
fn the_json_schema_is_fresh() {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let fresh = value(&page("schema.json")) == value(&json::schema_page());
    assert!(fresh, "docs/schema.json is stale: run `cargo xtask docs`");
}
