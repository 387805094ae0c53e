//! Scripts, makefiles and CI files: whatever the format, the command lines in them.

use super::super::{FileKind, ProjectPath, Sited};
use super::baking::Baking;
use super::docker::{is_program, sighting};
use super::variables::{Variables, is_unresolved, shown};
use super::words::calls;
use super::{Build, ImageName, Reader, Refers};

/// Reads the command lines of the file. `working` tells the folder that what stands at a byte is run in, where the
/// file says so.
pub(super) fn read(reader: &mut Reader<'_>, working: &dyn Fn(u32) -> Option<ProjectPath>) {
    let variables = Variables::scan(reader.text);
    let folders = folders(reader.kind, reader.path);
    let mut found = Vec::new();
    // In a workflow a step before the call names what it builds.
    let reads_whole_jobs = reader.kind == FileKind::Workflow;
    for call in calls(reader.text, reader.kind == FileKind::Makefile, is_program) {
        let own = working(call.span().start).map(|folder| vec![folder]);
        let at = own.as_deref().unwrap_or(&folders);
        if let Some(baking) = Baking::of_call(&call, &variables).filter(|_| !reads_whole_jobs) {
            found.extend(baking.builds(reader, at, &[]));
        }
        let sighting = sighting(reader, &call, &variables, at);
        found.extend(sighting.filter(|s| reader.kind != FileKind::Readme || counts_in_prose(&s.refers)));
    }
    reader.found.extend(found);
    if reader.kind == FileKind::Jenkinsfile {
        pipeline_builds(reader, &variables);
    }
}

/// Whether a command line of a README counts: what is built, and what is run in a container that runs. How else to run the
/// image it shows by examples.
fn counts_in_prose(refers: &Refers) -> bool {
    matches!(refers, Refers::Build | Refers::Container(_) | Refers::Service(_))
}

/// Where commands of a file are run, the most likely folder first.
fn folders(kind: FileKind, path: &ProjectPath) -> Vec<ProjectPath> {
    let own = path.folder();
    let mut folders = match kind {
        FileKind::Makefile | FileKind::PackageJson | FileKind::Readme => vec![own],
        // Scripts are run from the top, from where they are, or from the folder above.
        FileKind::Script => vec![ProjectPath::root(), own.clone(), own.folder()],
        _ => vec![ProjectPath::root(), own],
    };
    folders.dedup();
    folders
}

/// `docker.build("name", "-f web/Dockerfile web")` of Jenkins pipelines.
fn pipeline_builds(reader: &mut Reader<'_>, variables: &Variables) {
    let text = reader.text;
    for (at, mark) in text.match_indices("docker.build(").take(100) {
        let start = at + mark.len();
        let line = text[start..].split(['\n', ')']).next().unwrap_or_default();
        let literals: Vec<&str> = line.split(['"', '\'']).skip(1).step_by(2).collect();
        let name = literals.first().and_then(|name| ImageName::new(&shown(&variables.expand(name))));
        let arguments = variables.expand(literals.get(1).unwrap_or(&"."));
        let Some(mut build) = pipeline_build(reader, &arguments) else { continue };
        build.names.extend(name);
        let span = barehull_syntax::Span::new(at as u32, (start + line.len()) as u32);
        let mut sighting = reader.sighting(span, Refers::Build);
        sighting.used.build = Some(build);
        reader.found.push(sighting);
    }
}

/// The build of the arguments `-f file --target x context`.
fn pipeline_build(reader: &Reader<'_>, arguments: &str) -> Option<Build> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let after =
        |names: &[&str]| words.iter().position(|word| names.contains(word)).and_then(|at| words.get(at + 1));
    let root = ProjectPath::root();
    let context = words.last().filter(|word| !word.starts_with('-') && !is_unresolved(word));
    let context = root.join(context.unwrap_or(&".")).ok()?;
    let dockerfile = match after(&["-f", "--file"]) {
        Some(file) => root.join(file).ok()?,
        None => context.child("Dockerfile"),
    };
    let mut build = reader.build(Some(context), dockerfile)?;
    let target = after(&["--target"]).filter(|target| !is_unresolved(target));
    build.target = target.map(|target| Sited::new((*target).to_owned(), barehull_syntax::Span::default()));
    Some(build)
}
