//! Reads `data/**/*.yaml`, checks it, and writes the catalog as constant tables.

#[path = "build/check.rs"]
mod check;
#[path = "build/emit.rs"]
mod emit;
// The crate's own types; a build script uses only some of their methods.
#[allow(dead_code, unused_imports)]
#[path = "src/schema/mod.rs"]
mod schema;

use schema::{CatalogFile, Tables};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    println!("cargo::rerun-if-changed=data");
    let mut paths = yaml_files(Path::new("data"));
    paths.sort();
    let mut all = CatalogFile::default();
    let mut problems = Vec::new();
    for path in &paths {
        let text =
            fs::read_to_string(path).unwrap_or_else(|error| refuse(&format!("{}: {error}", path.display())));
        match serde_yaml::from_str::<CatalogFile>(&text) {
            Ok(file) => {
                problems
                    .extend(check::provenance(&file).into_iter().map(|p| format!("{}: {p}", path.display())));
                all.extend(file);
            }
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    if !problems.is_empty() {
        refuse(&problems.join("\n"));
    }
    let tables =
        Tables::from_file(all, &Tables::EMPTY).unwrap_or_else(|problem| refuse(&problem.to_string()));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("tables.rs");
    fs::write(&out, emit::tables(&tables)).unwrap_or_else(|error| refuse(&error.to_string()));
}

/// Every YAML file at or below `dir`.
fn yaml_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|error| refuse(&format!("{}: {error}", dir.display())))
        {
            let path = entry.unwrap_or_else(|error| refuse(&error.to_string())).path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                found.push(path);
            }
        }
    }
    found
}

fn refuse(problem: &str) -> ! {
    eprintln!("the catalog's data is not as data/README.md says:\n{problem}");
    process::exit(1);
}
