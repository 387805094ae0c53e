//! Tables: a source text, and all that it shows.

mod c;
mod dotnet;
mod files;
mod go;
mod java;
mod node;
mod php;
mod python;
mod ruby;
mod rust;

use std::sync::Arc;

use super::*;
use crate::project::Memory;

/// What the files show, a line each: `git`, `sh: git` (a shell has to be there), `?` (not known), `> written`,
/// `< read`, `> ?`, `port`.
fn shown(files: &[(&str, &str)], language: Language) -> (Vec<String>, Evidence) {
    let context =
        BuildContext::new(Arc::new(Memory::of(files.iter().copied())), &ProjectPath::root()).unwrap();
    let mut sources = Sources::default();
    let evidence = scan(&context, &[ProjectPath::root()], language, &|_| true, &mut sources);
    let mut lines = Vec::new();
    for spawn in &evidence.spawns {
        let shell = if spawn.shell { "sh: " } else { "" };
        lines.push(format!("{shell}{}", spawn.program.as_deref().unwrap_or("?")));
    }
    lines.extend(evidence.writes.iter().map(|file| format!("> {}", file.path)));
    lines.extend(evidence.reads.iter().map(|file| format!("< {}", file.path)));
    lines.extend(evidence.writes_elsewhere.map(|_| "> ?".to_owned()));
    lines.extend(evidence.listens_low_port.map(|_| "port".to_owned()));
    (lines, evidence)
}

/// Each row: the text of one file, and what it shows.
fn check(file: &str, language: Language, table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        let (lines, evidence) = shown(&[(file, text)], language);
        assert_eq!(lines, *expected, "{text}");
        assert!(evidence.complete, "{text}");
    }
}
