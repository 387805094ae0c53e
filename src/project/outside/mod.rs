//! Who else uses an image: files of the project that build a Dockerfile, run its image or override what it says.

mod bake;
mod baking;
mod compose;
mod devcontainer;
mod development;
mod docker;
mod foreign;
mod hcl;
mod image_name;
mod kubernetes;
mod matching;
mod scans;
mod scripts;
mod skaffold;
#[cfg(test)]
mod tests;
mod variables;
mod words;
mod workflow;

pub use development::Development;
pub use foreign::Foreign;
pub(super) use foreign::foreign_images;
pub use image_name::ImageName;
pub(super) use matching::uses_of;
pub use scans::{Lack, Scan, Target};

use std::sync::Arc;

use barehull_syntax::{LineIndex, Span};

use super::tree::{Node, SyntaxError};
use super::{FileKind, Files, Note, ProjectPath, Sited, Spot, json, yaml};

/// Bytes of a file that is searched for uses.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// One place that builds a Dockerfile, runs its image, or does something inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideUse {
    /// The kind of file.
    pub kind: FileKind,
    /// The service, container, target, step or command.
    pub at: Spot,
    /// Its name: a service, a container, a bake target.
    pub name: Option<String>,
    /// The image it names, as written, variables resolved as far as they could be (`*` for the rest).
    pub image: Option<String>,
    /// The build, if it builds the image.
    pub build: Option<Build>,
    /// The stage that is used, where a build names one.
    pub target: Option<Sited<String>>,
    /// What is run in the place of ENTRYPOINT; then the image's CMD does not count.
    pub entrypoint: Option<Sited<Command>>,
    /// What is run in the place of CMD.
    pub command: Option<Sited<Command>>,
    /// Health checks and probes in the place of HEALTHCHECK.
    pub health_checks: Vec<Sited<HealthCheck>>,
    /// What is executed inside besides: `docker exec`, lifecycle hooks, steps of a CI job in the image.
    pub executes: Vec<Sited<Command>>,
    /// The user in the place of USER.
    pub user: Option<Sited<String>>,
    /// Ports of the container that are published or declared, sorted.
    pub ports: Vec<u16>,
    /// Environment variables it sets; without a value where that is not written.
    pub environment: Vec<(String, Option<String>)>,
    /// Files and folders it mounts.
    pub mounts: Vec<Mount>,
    /// Whether a person sits at it: it asks for a terminal.
    pub interactive: bool,
    /// Whether it is for development.
    pub development: Development,
    /// Why it counts as a use.
    pub matched: Matched,
}

/// How a use was tied to a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// It builds the Dockerfile.
    Builds,
    /// It names an image that is built from the Dockerfile: its name there.
    ByImageName(String),
    /// It may or may not be this image: nothing in the project says.
    Unmatched,
}

/// How an image is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The Dockerfile.
    pub dockerfile: ProjectPath,
    /// The build context, where it is a folder of the project.
    pub context: Option<ProjectPath>,
    /// The target stage.
    pub target: Option<Sited<String>>,
    /// Build arguments; without a value where that is taken from the environment or not literal.
    pub args: Vec<(String, Option<String>)>,
    /// The names that the result gets.
    pub names: Vec<ImageName>,
}

/// A command as a manifest gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Program and arguments. Empty: nothing, the image's own is cleared.
    Exec(Vec<String>),
    /// A text for a shell.
    Shell(String),
    /// It holds variables whose values are not written: as written.
    Unresolved(String),
}

impl OutsideUse {
    /// The commands that it gives, those of health checks aside; behind an entrypoint of its own the command is its
    /// arguments.
    pub fn commands(&self) -> impl Iterator<Item = &Sited<Command>> {
        let command = self.command.iter().filter(|_| self.entrypoint.is_none());
        self.entrypoint.iter().chain(command).chain(&self.executes)
    }

    /// Whether a person sits at it to whom it gives a shell and nothing else.
    pub fn opens_shell(&self) -> bool {
        let gives_text = self.entrypoint.is_some() && self.command.is_some();
        let mut commands = self.commands().peekable();
        self.interactive
            && !gives_text
            && commands.peek().is_some()
            && commands.all(|c| c.value.is_bare_shell())
    }
}

impl Command {
    /// Whether it is a shell that is told nothing.
    fn is_bare_shell(&self) -> bool {
        let Self::Exec(words) = self else { return false };
        let Some((program, options)) = words.split_first() else { return false };
        let name = program.rsplit('/').next().unwrap_or(program);
        matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "fish")
            && options.iter().all(|o| o.starts_with("--") || (o.starts_with('-') && !o.contains('c')))
    }

    /// The command of `words`, unless one holds an unknown variable.
    fn exec(words: Vec<String>) -> Self {
        if words.iter().any(|word| variables::is_unresolved(word)) {
            return Self::Unresolved(words.join(" "));
        }
        Self::Exec(words)
    }
}

/// How something outside tells whether a container is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthCheck {
    /// Not at all: the image's own check is switched off.
    Disabled,
    /// A command inside the container.
    Command(Command),
    /// A request from outside.
    Http {
        /// The path.
        path: String,
        /// A number or a port's name.
        port: String,
    },
    /// A connection from outside (TCP, gRPC).
    Connection {
        /// A number or a port's name.
        port: String,
    },
}

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The folder or file of the project, if it is one.
    pub source: Option<ProjectPath>,
    /// Absolute path in the container.
    pub target: String,
    /// Whether it is a file or folder of the host, whose owner nothing in the image decides.
    pub bind: bool,
}

/// A use as its file shows it, before it is known whose it is.
#[derive(Clone, Debug)]
struct Sighting {
    used: OutsideUse,
    refers: Refers,
    /// The name its container gets.
    container: Option<String>,
    /// The file itself names the image, and nothing says that it is built.
    is_run_only: bool,
}

/// What a sighting says it uses.
#[derive(Clone, Debug)]
enum Refers {
    /// What it builds, and nothing else.
    Build,
    /// An image.
    Image(ImageName),
    /// A running container.
    Container(String),
    /// A compose service.
    Service(String),
    /// An image whose name is not to be told.
    Unknown,
    /// An image that gets another name.
    Renamed { from: ImageName, to: ImageName },
}

impl Sighting {
    /// A sighting of `kind` at `span` of `path`, all else empty.
    fn new(kind: FileKind, path: &ProjectPath, span: Span, refers: Refers) -> Self {
        let used = OutsideUse {
            kind,
            at: Spot { path: path.clone(), span },
            name: None,
            image: None,
            build: None,
            target: None,
            entrypoint: None,
            command: None,
            health_checks: Vec::new(),
            executes: Vec::new(),
            user: None,
            ports: Vec::new(),
            environment: Vec::new(),
            mounts: Vec::new(),
            interactive: false,
            development: Development::No,
            matched: Matched::Unmatched,
        };
        Self { used, refers, container: None, is_run_only: true }
    }
}

/// A file that is searched, and what was found in it.
struct Reader<'a> {
    files: &'a dyn Files,
    path: &'a ProjectPath,
    kind: FileKind,
    text: &'a str,
    found: Vec<Sighting>,
    notes: Vec<Note>,
}

/// What one file shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    sightings: Vec<Sighting>,
    notes: Vec<Note>,
    scanning: scans::Scanning,
}

impl Seen {
    /// What could not be read.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The builds among it.
    pub fn builds(&self) -> impl Iterator<Item = &Build> {
        self.sightings.iter().filter_map(|sighting| sighting.used.build.as_ref())
    }

    /// Runs of scanners, and whether something that is not read may be one.
    pub fn scans(&self) -> (&[Scan], bool) {
        (&self.scanning.scans, self.scanning.maybe)
    }

    /// Whether there is nothing to be said of the file.
    pub fn is_empty(&self) -> bool {
        let scanning = &self.scanning;
        self.sightings.is_empty() && self.notes.is_empty() && scanning.scans.is_empty() && !scanning.maybe
    }
}

/// Reads the file at `path` as what its kind says. What cannot be read is noted; nothing of a file whose text says
/// nothing of images. Takes what was read off `bytes_left`.
pub(super) fn look(
    files: &dyn Files,
    path: &ProjectPath,
    kind: FileKind,
    bytes_left: &mut u64,
) -> Option<Seen> {
    let note = |text: String| {
        // Prose that cannot be read says nothing less than prose that is not there.
        if kind == FileKind::Readme {
            return None;
        }
        let note = Note { path: path.clone(), line: None, text };
        Some(Seen { notes: vec![note], ..Seen::default() })
    };
    let bytes = match files.read_up_to(path, MAX_FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return note(format!("not searched for uses of the image: {}", error.fault)),
    };
    *bytes_left = bytes_left.saturating_sub(bytes.len() as u64);
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return note("not searched for uses of the image: not UTF-8; save it as UTF-8".to_owned());
    };
    let mut reader = Reader { files, path, kind, text, found: Vec::new(), notes: Vec::new() };
    match kind {
        FileKind::Dockerfile => {}
        FileKind::Compose => compose::read(&mut reader),
        FileKind::Yaml => kubernetes::read(&mut reader),
        FileKind::Bake => bake::read(&mut reader),
        FileKind::Devcontainer => devcontainer::read(&mut reader),
        FileKind::Skaffold => skaffold::read(&mut reader),
        FileKind::Workflow | FileKind::GitlabCi => workflow::read(&mut reader),
        FileKind::OtherCi
        | FileKind::Jenkinsfile
        | FileKind::Makefile
        | FileKind::Script
        | FileKind::Readme
        | FileKind::PackageJson => scripts::read(&mut reader, &|_| None),
    }
    let scanning = scans::read(&reader);
    Some(Seen { sightings: reader.found, notes: reader.notes, scanning })
}

impl Reader<'_> {
    /// The documents of a YAML text as far as they could be read.
    fn yaml(&mut self) -> Vec<Arc<Node>> {
        let parsed = yaml::parse(self.text);
        if let Some(error) = parsed.error {
            self.note_syntax(&error);
        }
        parsed.documents
    }

    /// The tree of a JSON text.
    fn json(&mut self) -> Option<Arc<Node>> {
        json::parse(self.text).map_err(|error| self.note_syntax(&error)).ok()
    }

    fn note_syntax(&mut self, error: &SyntaxError) {
        let template = self.text.contains("{{");
        let text = if template {
            "not searched for uses of the image: a template, whose values are not known here".to_owned()
        } else {
            format!("not searched for uses of the image from here on: {}", error.text)
        };
        let line = LineIndex::new(self.text.as_bytes()).line(error.offset);
        self.notes.push(Note { path: self.path.clone(), line: (!template).then_some(line), text });
    }

    /// A sighting in this file.
    fn sighting(&self, span: Span, refers: Refers) -> Sighting {
        Sighting::new(self.kind, self.path, span, refers)
    }

    /// The build of `dockerfile` in `context`, both as paths of the project, if there is such a file.
    fn build(&self, context: Option<ProjectPath>, dockerfile: ProjectPath) -> Option<Build> {
        let there = self.files.is_file(&dockerfile);
        there.then(|| Build { dockerfile, context, target: None, args: Vec::new(), names: Vec::new() })
    }
}
