//! The JSON schema of a configuration, for editors.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::file::ConfigFile;
use crate::rules::KEYS;

/// The schema, as a page of the documentation.
pub fn page() -> String {
    let schema = schemars::schema_for!(ConfigFile);
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}

/// Items of `match`: what `src/rules/language` reads.
pub(super) fn matches(_: &mut SchemaGenerator) -> Schema {
    let triggers = [
        "from",
        "run",
        "command",
        "package",
        "copy",
        "add",
        "env",
        "arg",
        "label",
        "expose",
        "user",
        "workdir",
        "cmd",
        "entrypoint",
        "healthcheck",
        "shell",
        "volume",
        "stopsignal",
        "maintainer",
        "onbuild",
        "stage",
    ];
    let part = ["instruction", "keyword", "text", "command", "subcommand", "arg", "value", "assigned"];
    json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["on"],
            "properties": {
                "on": { "enum": triggers, "description": "What it looks at." },
                "stage": { "enum": ["final", "any"], "description": "Where that must stand; `final` unless given." },
                "when": conditions(1),
                "group": { "type": "boolean", "description": "One finding for an instruction." },
                "message": { "type": "string" },
                "key": { "type": "string" },
                "fix": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["level", "title"],
                    "properties": {
                        "level": { "enum": ["safe", "review", "sketch"] },
                        "title": { "type": "string" },
                        "assumes": { "type": "array", "items": { "type": "string" } },
                        "replace": { "enum": part },
                        "delete": { "enum": part },
                        "insert-before": { "enum": part },
                        "insert-after": { "enum": part },
                        "with": { "type": "string" },
                    },
                },
            },
        },
    })
}

/// The conditions; those inside others are shown one deep.
fn conditions(depth: u8) -> Value {
    let many = |item: Value| json!({ "anyOf": [item.clone(), { "type": "array", "items": item }] });
    let mut properties = Map::new();
    for (name, kind, doc) in KEYS {
        let mut held = match *kind {
            "Switch" => json!({ "type": "boolean" }),
            "Number" => json!({ "type": "integer", "minimum": 0, "maximum": 65535 }),
            "Groups" | "Together" | "Commands" if depth > 0 => many(conditions(depth - 1)),
            "Groups" | "Together" | "Commands" => many(json!({ "type": "object" })),
            _ => many(json!({ "type": "string" })),
        };
        held["description"] = Value::from(*doc);
        properties.insert((*name).to_owned(), held);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}
