//! `cargo xtask manifests`: every manifest of a folder, as it is, as `barehull fix` leaves it, and with a large change of its
//! workloads, against the schema of Kubernetes (kubernetes-validate of `PyPI`).

mod change;
mod validator;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, ensure};
use barehull::edit::{FilePatch, unified_diff};
use barehull::engine;
use barehull::finding::Level;
use barehull::manifest;
use barehull::options::{ContextChoice, Input, Options};
use barehull::project::{Disk, Files, Memory, Project, ProjectPath, is_dockerfile_name, walk};
use barehull_catalog::Catalog;

use validator::Validator;

/// A text of a manifest.
struct Version {
    name: String,
    text: String,
    /// The name of the text it was made from.
    before: Option<String>,
}

/// Checks the manifests below the folders of `args`, or those of the samples; with `--diff` shows what is changed.
pub fn run(args: &[&str]) -> Result<()> {
    let (flags, folders): (Vec<&str>, Vec<&str>) = args.iter().partition(|arg| arg.starts_with("--"));
    ensure!(flags.iter().all(|flag| *flag == "--diff"), "there is only --diff");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let folders: Vec<PathBuf> =
        if folders.is_empty() { vec![samples] } else { folders.iter().map(PathBuf::from).collect() };
    let mut versions = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unread = 0;
    for folder in &folders {
        for entry in subfolders(folder)? {
            let files: Arc<dyn Files> = Arc::new(Disk::new(&entry)?);
            let shown = |path: &ProjectPath| format!("{}/{path}", entry.display());
            versions.extend(rewritten(&files, &shown));
            let found = walk(&*files, &ProjectPath::root(), |path| {
                matches!(path.extension(), Some("yaml" | "yml")).then_some(path)
            });
            for path in found.found {
                match change::changed(&*files, &path) {
                    Ok(None) => {}
                    Ok(Some((before, after))) => {
                        let name = shown(&path);
                        if let Err(why) = &after {
                            refused.entry(why.clone()).or_default().push(name.clone());
                        }
                        if let Ok(text) = after {
                            if !flags.is_empty() {
                                print!("{}", diff(&path, &before, &text));
                            }
                            versions.push(Version {
                                name: format!("{name} (changed)"),
                                text,
                                before: Some(name.clone()),
                            });
                        }
                        versions.push(Version { name, text: before, before: None });
                    }
                    Err(_) => unread += 1,
                }
            }
        }
    }
    let mut validator = Validator::start()?;
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for version in &versions {
        errors.insert(&version.name, validator.errors(&version.name, &version.text)?);
    }
    let mut broken = 0;
    for version in versions.iter().filter(|version| version.before.is_some()) {
        let known = version.before.as_deref().and_then(|name| errors.get(name));
        let kind = |error: &String| error.split(':').next_back().unwrap_or_default().to_owned();
        let known: Vec<String> = known.into_iter().flatten().map(kind).collect();
        for error in errors[version.name.as_str()].iter().filter(|error| !known.contains(&kind(error))) {
            broken += 1;
            println!("{}: {error}", version.name);
        }
    }
    for (why, names) in &refused {
        println!("{} cannot be edited: {why}\n    {}", names.len(), names.first().map_or("", String::as_str));
    }
    let (before, after): (Vec<_>, Vec<_>) = versions.iter().partition(|version| version.before.is_none());
    println!(
        "{} manifests with workloads, {} changed, {} not, {unread} not read; {broken} errors that were not there before",
        before.len(),
        after.len(),
        refused.values().map(Vec::len).sum::<usize>(),
    );
    ensure!(broken == 0, "a change made a manifest invalid");
    Ok(())
}

fn diff(path: &ProjectPath, before: &str, after: &str) -> String {
    let bytes = |text: &str| Some(Arc::from(text.as_bytes()));
    let patch = FilePatch { path: path.clone(), before: bytes(before), after: bytes(after), mode: 0o644 };
    unified_diff(&patch, "")
}

/// The folders of `folder`, each a project of its own, and it alone if it has none.
fn subfolders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let mut folders: Vec<PathBuf> =
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|e| e.path()).collect();
    folders.sort();
    Ok(if folders.is_empty() { vec![folder.to_owned()] } else { folders })
}

/// The manifests that `barehull fix --level sketch` changes, as it leaves them.
fn rewritten(files: &Arc<dyn Files>, shown: &dyn Fn(&ProjectPath) -> String) -> Vec<Version> {
    let project = Project::new(Arc::clone(files));
    let found =
        walk(&**files, &ProjectPath::root(), |path| is_dockerfile_name(path.file_name()).then_some(path));
    let mut versions = Vec::new();
    for path in found.found {
        let input = Input { path, text: None };
        let options = Options { fixes: Some(Level::Sketch), ..Options::new(Catalog::builtin()) };
        let analysis = engine::analyse(&project, &input, &ContextChoice::DockerfileFolder, &options);
        for patch in analysis.rewrite.into_iter().flat_map(|rewrite| rewrite.patch) {
            let text = patch.after.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
            let Some(text) = text.filter(|text| text.contains("kind:")) else { continue };
            let memory = Memory::of([(patch.path.as_str(), text)]);
            if manifest::workloads(&memory, &patch.path).is_ok_and(|found| !found.is_empty()) {
                let name = shown(&patch.path);
                versions.push(Version {
                    name: format!("{name} (fixed for {})", input.path),
                    text: text.to_owned(),
                    before: Some(name),
                });
            }
        }
    }
    versions
}
