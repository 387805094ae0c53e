//! Calls of `docker buildx bake`, and steps of `docker/bake-action`: the names that the targets of bake files get there.

use super::super::tree::Node;
use super::super::{FileKind, ProjectPath};
use super::bake::{self, Target};
use super::variables::{Variables, shown};
use super::words::Call;
use super::{ImageName, MAX_FILE_BYTES, Reader, Refers, Sighting};
use barehull_syntax::Span;

/// Files that are read where none is named.
const DEFAULT_FILES: [&str; 4] =
    ["docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json"];
/// Bake files of one call.
const MAX_FILES: usize = 8;

/// One run of bake: what it is given.
#[derive(Debug, Default)]
pub(super) struct Baking {
    span: Span,
    /// Bake files, as named.
    files: Vec<String>,
    /// Words that may be targets.
    words: Vec<String>,
    /// What `--set` says: `web.tags=acme/web`.
    set: Vec<String>,
}

impl Baking {
    /// The run that `call` is.
    pub fn of_call(call: &Call, variables: &Variables) -> Option<Self> {
        let words: Vec<String> = call.words.iter().map(|word| variables.expand(&word.value)).collect();
        let verb = words.iter().take(4).position(|word| word == "bake")?;
        let mut baking = Self { span: call.span(), ..Self::default() };
        let mut rest = words[verb + 1..].iter();
        while let Some(word) = rest.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with('-') => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            match name {
                "-f" | "--file" => baking.files.extend(value.or_else(|| rest.next().cloned())),
                "--set" => baking.set.extend(value.or_else(|| rest.next().cloned())),
                _ if !name.starts_with('-') => baking.words.push(name.to_owned()),
                _ => {}
            }
        }
        Some(baking)
    }

    /// The run of a step with `docker/bake-action`.
    pub fn of_step(step: &Node, variables: &Variables) -> Self {
        let list = |key: &str| {
            let text = step.text_at(&["with", key]).unwrap_or_default();
            let lines = text.lines().map(|line| variables.expand(line.trim()));
            lines.filter(|line| !line.is_empty()).collect::<Vec<String>>()
        };
        let parts = |key: &str| {
            let lines = list(key);
            let parts = lines.iter().flat_map(|line| line.split(',')).map(|part| part.trim().to_owned());
            parts.collect::<Vec<String>>()
        };
        Self { span: step.span, files: parts("files"), words: parts("targets"), set: list("set") }
    }

    /// The builds whose targets get names by it. `metadata`: the names that `docker/metadata-action` gives to what
    /// inherits from its target.
    pub fn builds(
        &self,
        reader: &Reader<'_>,
        folders: &[ProjectPath],
        metadata: &[ImageName],
    ) -> Vec<Sighting> {
        let targets = self.targets(reader, folders);
        let name = |target: &Target| target.sighting.used.name.clone().unwrap_or_default();
        let is_named = |target: &Target| self.words.contains(&name(target));
        let names_some = targets.iter().any(is_named);
        let mut found = Vec::new();
        for target in &targets {
            let mut names = self.tags(&name(target));
            if target.takes_metadata && (is_named(target) || !names_some) {
                names.extend_from_slice(metadata);
            }
            let Some(build) = target.sighting.used.build.clone().filter(|_| !names.is_empty()) else {
                continue;
            };
            let mut sighting = reader.sighting(self.span, Refers::Build);
            sighting.used.name = Some(name(target));
            sighting.used.build = Some(super::Build { names, ..build });
            found.push(sighting);
        }
        found
    }

    /// What `--set` gives `target` for tags.
    fn tags(&self, target: &str) -> Vec<ImageName> {
        let tag = |text: &String| {
            let (key, value) = text.split_once('=')?;
            let (pattern, field) = key.trim_end_matches('+').rsplit_once('.')?;
            let fits = pattern == "*" || pattern == target;
            (fits && field == "tags").then(|| ImageName::new(&shown(value)))?
        };
        self.set.iter().filter_map(tag).collect()
    }

    /// The targets of the bake files.
    fn targets(&self, reader: &Reader<'_>, folders: &[ProjectPath]) -> Vec<Target> {
        let names: Vec<&str> = if self.files.is_empty() {
            DEFAULT_FILES.to_vec()
        } else {
            self.files.iter().map(String::as_str).collect()
        };
        let mut found = Vec::new();
        for name in names.into_iter().take(MAX_FILES) {
            let paths = folders.iter().filter_map(|folder| folder.join(name).ok());
            let Some(path) = paths.into_iter().find(|path| reader.files.is_file(path)) else { continue };
            if !matches!(path.extension(), Some("hcl" | "json")) {
                continue;
            }
            let Ok(bytes) = reader.files.read_up_to(&path, MAX_FILE_BYTES) else { continue };
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            let mut file = Reader {
                files: reader.files,
                path: &path,
                kind: FileKind::Bake,
                text,
                found: Vec::new(),
                notes: Vec::new(),
            };
            found.extend(bake::targets(&mut file));
        }
        found
    }
}
