//! GitHub workflows and GitLab pipelines: their scripts, build actions, and jobs that run inside an image.

use barehull_syntax::Span;

use super::super::tree::{Node, Pair};
use super::super::{FileKind, ProjectPath, Sited};
use super::baking::Baking;
use super::docker::{assignment, is_program};
use super::variables::{Variables, is_unresolved, shown};
use super::words::calls;
use super::{Build, Command, ImageName, Reader, Refers, Sighting, scripts};

/// Reads the file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let documents = reader.yaml();
    let Some(top) = documents.first() else { return };
    let folders = working_folders(top);
    scripts::read(reader, &|at| {
        folders
            .iter()
            .filter(|(span, _)| span.start <= at && at < span.end)
            .map(|(_, folder)| folder.clone())
            .next_back()
    });
    let mut variables = Variables::scan(reader.text);
    // Texts of several lines are no assignments of one.
    for pair in top.get("env").map(Node::pairs).unwrap_or_default() {
        if let Some(text) = pair.value.text().filter(|text| text.contains('\n')) {
            variables.define(&pair.key.value, text);
        }
    }
    let found = match reader.kind {
        FileKind::Workflow => workflow(reader, top, &variables),
        _ => pipeline(reader, top, &variables),
    };
    reader.found.extend(found);
}

/// `working-directory` of steps, of their jobs and of all: spans, the outer ones first.
fn working_folders(top: &Node) -> Vec<(Span, ProjectPath)> {
    let folder = |text: &str| ProjectPath::new(text).ok();
    let default = |node: &Node| node.text_at(&["defaults", "run", "working-directory"]).and_then(folder);
    let mut found: Vec<_> = default(top).map(|folder| (top.span, folder)).into_iter().collect();
    for job in top.get("jobs").map(Node::pairs).unwrap_or_default() {
        found.extend(default(&job.value).map(|folder| (job.value.span, folder)));
        for step in steps(&job.value) {
            found.extend(
                step.text_at(&["working-directory"]).and_then(folder).map(|folder| (step.span, folder)),
            );
        }
    }
    found
}

fn steps(job: &Node) -> impl Iterator<Item = &Node> {
    job.get("steps").map(Node::items).unwrap_or_default().iter().map(|step| &**step)
}

fn workflow(reader: &Reader<'_>, top: &Node, variables: &Variables) -> Vec<Sighting> {
    let mut found = bakings(reader, top, variables);
    for job in top.get("jobs").map(Node::pairs).unwrap_or_default() {
        let job = &job.value;
        for step in steps(job) {
            let action = step.text_at(&["uses"]).unwrap_or_default().split('@').next().unwrap_or_default();
            if action == "docker/build-push-action" {
                found.extend(action_builds(reader, job, step, variables));
            }
        }
        if let Some(container) = job.get("container") {
            let image = container.text().map(|_| container).or_else(|| container.get("image"));
            let script: Vec<_> = steps(job).filter_map(|step| step.text_at(&["run"])).collect();
            found.extend(image.and_then(|image| job_in_image(reader, image, &script, variables)));
        }
        for service in job.get("services").map(Node::pairs).unwrap_or_default() {
            found.extend(service_image(reader, service, variables));
        }
    }
    found
}

/// What bake builds: by its action or on command lines. All names that `docker/metadata-action` makes in the file count,
/// since the files that it writes go from job to job.
fn bakings(reader: &Reader<'_>, top: &Node, variables: &Variables) -> Vec<Sighting> {
    let jobs = top.get("jobs").map(Node::pairs).unwrap_or_default();
    let all: Vec<&Node> = jobs.iter().flat_map(|job| steps(&job.value)).collect();
    let calls_action = |step: &Node, name: &str| {
        step.text_at(&["uses"]).is_some_and(|uses| uses.split('@').next() == Some(name))
    };
    let by_action = all.iter().filter(|step| calls_action(step, "docker/bake-action"));
    let by_call = calls(reader.text, false, is_program);
    let bakings: Vec<Baking> = by_action
        .map(|step| Baking::of_step(step, variables))
        .chain(by_call.iter().filter_map(|call| Baking::of_call(call, variables)))
        .collect();
    if bakings.is_empty() {
        return Vec::new();
    }
    let metadata: Vec<ImageName> = all
        .iter()
        .filter(|step| calls_action(step, "docker/metadata-action"))
        .flat_map(|step| images_of(step, variables))
        .collect();
    let folders = [ProjectPath::root()];
    bakings.iter().flat_map(|baking| baking.builds(reader, &folders, &metadata)).collect()
}

/// The builds of a step with `docker/build-push-action`: one for each Dockerfile that the job's matrix makes of its
/// `file`.
fn action_builds(reader: &Reader<'_>, job: &Node, step: &Node, variables: &Variables) -> Vec<Sighting> {
    let file = step.text_at(&["with", "file"]);
    let files = file.map(|file| of_matrix(job, file)).unwrap_or_default();
    if files.is_empty() {
        return action_build(reader, job, step, None, variables).into_iter().collect();
    }
    files.iter().filter_map(|file| action_build(reader, job, step, Some(file.as_str()), variables)).collect()
}

/// `text` with each value of the job's matrix in the place of `${{ matrix.NAME }}`.
fn of_matrix(job: &Node, text: &str) -> Vec<String> {
    const MAX: usize = 64;
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let mut texts = vec![text.to_owned()];
    for pair in matrix.map(Node::pairs).unwrap_or_default() {
        let values: Vec<&str> = pair.value.items().iter().filter_map(|item| item.text()).collect();
        let with_values = |text: &String| match reference(text, &pair.key.value) {
            Some((before, behind)) => values.iter().map(|value| format!("{before}{value}{behind}")).collect(),
            None => vec![text.clone()],
        };
        texts = texts.iter().flat_map(with_values).take(MAX).collect();
    }
    texts
}

/// What stands around the first `${{ matrix.NAME }}` of a text.
fn reference<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    text.match_indices("${{").find_map(|(at, _)| {
        let (inner, behind) = text[at + 3..].split_once("}}")?;
        (inner.trim().strip_prefix("matrix.") == Some(name)).then_some((&text[..at], behind))
    })
}

/// A step that builds `file`, or what it names itself.
fn action_build(
    reader: &Reader<'_>,
    job: &Node,
    step: &Node,
    file: Option<&str>,
    variables: &Variables,
) -> Option<Sighting> {
    let with = step.get("with");
    let text = |key: &str| {
        let node = with?.get(key)?;
        Some(Sited::new(variables.expand(node.text()?), node.span))
    };
    let context = text("context").map_or_else(|| ".".to_owned(), |text| text.value);
    let context = if is_unresolved(&context) || context.contains("://") {
        None
    } else {
        ProjectPath::new(&context).ok()
    };
    let dockerfile = match file {
        Some(file) => ProjectPath::new(&variables.expand(file)).ok()?,
        None => context.as_ref()?.child("Dockerfile"),
    };
    let mut build: Build = reader.build(context, dockerfile)?;
    build.target = text("target").filter(|target| !is_unresolved(&target.value));
    let args = text("build-args").map(|args| args.value).unwrap_or_default();
    build.args = args.lines().map(str::trim).filter(|line| !line.is_empty()).map(assignment).collect();
    let tags = with.and_then(|with| with.text_at(&["tags"])).unwrap_or_default();
    build.names = names(tags, variables);
    build.names.extend(metadata_names(job, tags, variables));
    let mut sighting = reader.sighting(step.get("uses")?.span, Refers::Build);
    sighting.used.name = step.text_at(&["name"]).map(str::to_owned);
    sighting.used.build = Some(build);
    Some(sighting)
}

/// The images of a list parted by commas and line ends.
fn names(list: &str, variables: &Variables) -> Vec<ImageName> {
    // Before expansion: what stands in braces may hold commas.
    let expanded = list.lines().map(|line| variables.expand(line)).collect::<Vec<_>>().join("\n");
    expanded.split(['\n', ',']).filter_map(|name| ImageName::new(&shown(name))).collect()
}

/// `tags: ${{ steps.meta.outputs.tags }}`: the images that the step `meta` was given.
fn metadata_names(job: &Node, tags: &str, variables: &Variables) -> Vec<ImageName> {
    let Some((id, _)) = tags.split_once("steps.").and_then(|(_, rest)| rest.split_once('.')) else {
        return Vec::new();
    };
    let step = steps(job).find(|step| step.text_at(&["id"]) == Some(id));
    step.map(|step| images_of(step, variables)).unwrap_or_default()
}

/// The images that a step with `docker/metadata-action` is given.
fn images_of(step: &Node, variables: &Variables) -> Vec<ImageName> {
    let images = step.text_at(&["with", "images"]).unwrap_or_default();
    let plain = images
        .lines()
        .map(|line| line.trim().trim_start_matches("name=").split(",enable=").next().unwrap_or_default());
    names(&plain.collect::<Vec<_>>().join("\n"), variables)
}

/// A job whose steps run inside of an image: by a shell that must be there.
fn job_in_image(
    reader: &Reader<'_>,
    image: &Node,
    script: &[&str],
    variables: &Variables,
) -> Option<Sighting> {
    let text = variables.expand(image.text()?);
    let mut sighting = reader.sighting(image.span, Refers::Image(ImageName::new(&shown(&text))?));
    sighting.used.image = Some(shown(&text));
    sighting.used.executes = vec![Sited::new(Command::Shell(script.join("\n")), image.span)];
    Some(sighting)
}

/// A service beside a job: an image that is run as it is.
fn service_image(reader: &Reader<'_>, service: &Pair, variables: &Variables) -> Option<Sighting> {
    let image =
        service.value.get("image").or(Some(&*service.value)).filter(|image| image.text().is_some())?;
    let text = variables.expand(image.text()?);
    let mut sighting = reader.sighting(image.span, Refers::Image(ImageName::new(&shown(&text))?));
    sighting.used.name = Some(service.key.value.clone());
    sighting.used.image = Some(shown(&text));
    Some(sighting)
}

/// GitLab: `image` of all, of `default` and of jobs.
fn pipeline(reader: &Reader<'_>, top: &Node, variables: &Variables) -> Vec<Sighting> {
    let image = |node: &Node| -> Option<Sited<String>> {
        let image = node.get("image")?;
        image.sited().or_else(|| image.get("name").and_then(Node::sited))
    };
    let mut found = Vec::new();
    let jobs = top.pairs().into_iter().filter(|pair| pair.value.get("script").is_some());
    let general = image(top).or_else(|| top.get("default").and_then(image));
    for job in jobs {
        let Some(image) = image(&job.value).or_else(|| general.clone()) else { continue };
        let text = variables.expand(&image.value);
        let Some(name) = ImageName::new(&shown(&text)) else { continue };
        let lines = |key: &str| job.value.get(key).map(Node::descendants).unwrap_or_default();
        let script: Vec<_> =
            ["before_script", "script", "after_script"].iter().flat_map(|key| lines(key)).collect();
        let script: Vec<_> = script.iter().filter_map(|line| line.text()).collect();
        let mut sighting = reader.sighting(image.span, Refers::Image(name));
        sighting.used.name = Some(job.key.value.clone());
        sighting.used.image = Some(shown(&text));
        sighting.used.executes = vec![Sited::new(Command::Shell(script.join("\n")), job.key.span)];
        found.push(sighting);
    }
    found
}
