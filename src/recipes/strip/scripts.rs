//! Scripts that a COPY brings and that something starts of which nobody knows what it starts: what they call by name.

use barehull_catalog::{Presence, Role};
use barehull_syntax::{Location, Span};

use super::programs::FOR_PEOPLE;
use crate::finding::Place;
use crate::model::StepKind;
use crate::project::ProjectPath;
use crate::recipes::RecipeCx;
use crate::recipes::trim::is_word;

/// Files, and bytes of each, that are looked at.
const MAX_FILES: usize = 2_000;
const MAX_BYTES: u64 = 256 << 10;

/// The tools of the image that scripts of the build context name and that would go although nobody knows all that is
/// started: package managers, and what people sit in front of. Each with the first place.
pub(super) fn calls(cx: &RecipeCx<'_>) -> Vec<(String, Place)> {
    let inventory = cx.stage.inventory.materialise();
    let goes = |role: Role, name: &str| role == Role::PackageManager || FOR_PEOPLE.contains(&name);
    let present = || inventory.iter().filter(|e| e.presence == Presence::Present).map(|e| &e.component);
    let mut names: Vec<&str> = present().filter(|c| goes(c.role, c.name())).map(|c| c.name()).collect();
    names.sort_unstable();
    names.dedup();
    let mut files = cx.files.borrow_mut();
    let Some(context) = files.context() else { return Vec::new() };
    let mut listed = Vec::new();
    for stage in cx.model.lineage(cx.stage.id) {
        listed.extend(files.context_files(stage.id).0.into_iter().map(|(_, from)| from));
    }
    listed.sort();
    listed.dedup();
    // What a RUN starts by name is there for the build.
    let runs = cx.model.behind(cx.stage.id).into_iter().flat_map(|id| &cx.model.stage(id).steps);
    let runs = runs.filter(|step| matches!(step.kind, StepKind::Run(_)));
    let texts: Vec<&str> = runs.map(|step| cx.model.instruction(step).rest.text()).collect();
    let of_build = |path: &ProjectPath| {
        let name = path.file_name();
        name.ends_with(".sh") && texts.iter().any(|text| text.contains(name))
    };
    let mut found: Vec<(String, Place)> = Vec::new();
    for path in listed.into_iter().filter(|p| may_be_script(p) && !of_build(p)).take(MAX_FILES) {
        let Ok(bytes) = context.read_up_to(&path, MAX_BYTES) else { continue };
        if !bytes.starts_with(b"#!") {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for (start, line) in lines(text).filter(|(_, line)| !line.trim_start().starts_with('#')) {
            for name in &names {
                let Some((at, _)) = line.match_indices(name).find(|(at, _)| is_word(line, *at, name.len()))
                else {
                    continue;
                };
                if found.iter().all(|(known, _)| known != name) {
                    let span = Span::new((start + at) as u32, (start + at + name.len()) as u32);
                    let file = files.add(&path, &bytes);
                    found.push(((*name).to_owned(), Place::Source(Location::new(file, span))));
                }
            }
        }
    }
    // One package manager calls another.
    let managers = || present().filter(|c| c.role == Role::PackageManager).map(|c| c.name());
    let called = found.iter().find(|(name, _)| managers().any(|m| m == name)).map(|(_, place)| place.clone());
    found.extend(called.into_iter().flat_map(|place| managers().map(move |m| (m.to_owned(), place.clone()))));
    found
}

/// Whether a file has the name of a script of a shell, or none that says what it is.
fn may_be_script(path: &ProjectPath) -> bool {
    path.extension().is_none_or(|end| matches!(end, "sh" | "bash" | "up" | "run" | "finish"))
}

/// The lines of a text, each with where it starts.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len() + 1;
        Some((start, line))
    })
}
