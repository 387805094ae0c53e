//! The folder that a Dockerfile is built in, where nothing in the project says.

use barehull_syntax::dockerfile::{Dockerfile, Source, View};

use super::{Files, ProjectPath};

/// Sources that are looked for.
const MAX_SOURCES: usize = 200;

/// The Dockerfile's own folder; but if that lacks what COPY and ADD bring and one above has it all, the nearest of these.
pub(super) fn folder_of(files: &dyn Files, dockerfile: &ProjectPath) -> ProjectPath {
    let own = dockerfile.folder();
    if own.is_root() {
        return own;
    }
    let Ok(bytes) = files.read(dockerfile) else { return own };
    let sources = sources(&Dockerfile::parse(bytes));
    let has_all = |folder: &ProjectPath| {
        sources.iter().all(|source| folder.join(source).is_ok_and(|path| files.resolve(&path).is_ok()))
    };
    let mut folder = Some(own.clone());
    while let Some(at) = folder {
        if has_all(&at) {
            return at;
        }
        folder = at.parent();
    }
    own
}

/// What is brought from the context by a plain path.
fn sources(dockerfile: &Dockerfile) -> Vec<String> {
    let mut found = Vec::new();
    for instruction in dockerfile.instructions() {
        let sources = match instruction.view() {
            View::Copy(copy) if copy.from.is_none() => copy.sources,
            View::Add(add) => add.sources,
            _ => continue,
        };
        let plain = sources.iter().filter_map(|source| match source {
            Source::Path(text) => Some(text.text()),
            Source::Heredoc(_) => None,
        });
        let is_plain = |text: &&str| !text.contains([':', '$', '*', '?', '[', '\\']) && !text.contains("..");
        found.extend(plain.filter(is_plain).map(|text| text.trim_start_matches('/').to_owned()));
    }
    found.truncate(MAX_SOURCES);
    found
}
