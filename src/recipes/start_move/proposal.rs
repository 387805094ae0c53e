//! Where nothing in the project runs the image: a Deployment that does, to be completed, or what a Helm chart lacks.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::pods;
use super::prepare::Prepared;
use super::task::{Runs, Task, label};
use crate::edit::Edit;
use crate::finding::ByHand;
use crate::manifest::{self, PodChange, Workload};
use crate::model::start::StartScript;
use crate::project::outside::ImageName;
use crate::project::{Memory, ProjectPath, walk};
use crate::recipes::RecipeCx;
use crate::recipes::plan::Plan;

/// Bytes of a chart's file that is read.
const MAX_BYTES: u64 = 1 << 20;
/// Folders that are called after what is in them, not after the application.
const OF_DOCKER: [&str; 5] = ["docker", ".docker", "dockerfiles", "build", "deploy"];
/// What stands where a person has to say more.
const GAP: &str = "TODO";

/// What a start script does, where it can move.
pub(super) struct Work<'w> {
    pub script: &'w StartScript,
    pub tasks: &'w [Task],
    pub prepared: &'w Prepared,
    /// The number of the user that the script changed to.
    pub user: Option<&'w str>,
}

/// A Deployment in a new file, or lines for the chart that deploys the image; blocks where neither can be.
pub(super) fn propose(plan: &mut Plan<'_, '_>, work: &Work<'_>) -> Vec<Edit> {
    let names = names(plan.cx);
    if let Some((template, name)) = chart_template(plan.cx, &names) {
        let text = deployment(plan.cx, work, None, &name);
        match changed(plan, work, &template, &text) {
            Ok((workload, change)) => {
                let text = manifest::snippet(&[(&workload, &change)]);
                let reason = format!(
                    "{template} is a template of a chart, which is not edited: add what the script did by hand"
                );
                plan.leave_to_hand(ByHand { path: template, text }, reason);
            }
            Err(reason) => plan.block(reason, work.script.at),
        }
        return Vec::new();
    }
    let name = name_of(plan.cx, &names);
    let Some(path) = free_path(plan.cx, &name) else {
        plan.block(
            "no manifest and no compose file of the project runs this image: its start-time work has nowhere to go (name the image with --image)",
            work.script.at,
        );
        return Vec::new();
    };
    let text = deployment(plan.cx, work, names.first(), &name);
    let edited = changed(plan, work, &path, &text).and_then(|(workload, change)| {
        manifest::edits(&text, &[(&workload, &change)]).map_err(|cannot| cannot.reason)
    });
    match edited {
        Ok(edits) => {
            let mut whole = text;
            for edit in edits.iter().rev() {
                whole.replace_range(edit.span.range(), &edit.text);
            }
            let reason = format!(
                "no manifest and no compose file of the project runs this image: a sketch adds {path}, to be completed; if one runs it, name the image with --image"
            );
            plan.sketch(reason, work.script.at);
            vec![Edit::Create { path, text: whole, mode: 0o644 }]
        }
        Err(reason) => {
            plan.block(reason, work.script.at);
            Vec::new()
        }
    }
}

/// The workload that `text` describes, and what the work adds to it.
fn changed(
    plan: &mut Plan<'_, '_>,
    work: &Work<'_>,
    path: &ProjectPath,
    text: &str,
) -> Result<(Workload, PodChange), String> {
    let mut files = Memory::default();
    files.write(path.clone(), text.as_bytes(), false);
    let found = manifest::workloads(&files, path).map_err(|unread| unread.reason)?;
    let workload = found.into_iter().next().ok_or("its Deployment could not be read")?;
    let (change, _) = pods::change(plan, &workload, 0, work.tasks, work.prepared, work.user, false)?;
    Ok((workload, change))
}

/// A Deployment of one container, with a mark at each thing that only a person knows.
fn deployment(cx: &RecipeCx<'_>, work: &Work<'_>, image: Option<&ImageName>, name: &str) -> String {
    let config = &cx.stage.config;
    let image = match image {
        Some(known) => format!("{}:{}", known.as_str(), known.tag().unwrap_or(GAP)),
        None => format!("{name}:{GAP}"),
    };
    let mut text = format!(
        "# {GAP}: the image as it is pushed, replicas, resources, probes and what else the cluster asks for.\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  selector:\n    matchLabels:\n      \
         app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n      containers:\n        \
         - name: {name}\n          image: \"{image}\"\n"
    );
    let ports: BTreeSet<u16> = config
        .expose
        .iter()
        .filter(|port| !port.value.ends_with("/udp"))
        .filter_map(|port| port.value.split('/').next()?.parse().ok())
        .collect();
    if !ports.is_empty() {
        text.push_str("          ports:\n");
        for port in ports {
            let _ = writeln!(text, "            - containerPort: {port}");
        }
    }
    let variables = variables(cx, work.tasks);
    if !variables.is_empty() {
        text.push_str("          env:\n");
        for name in variables {
            let _ = writeln!(text, "            - name: {name}\n              value: {GAP}");
        }
    }
    text
}

/// The variables that the work reads and the image does not set.
fn variables(cx: &RecipeCx<'_>, tasks: &[Task]) -> BTreeSet<String> {
    let read = tasks.iter().flat_map(|task| {
        let all = matches!(task.runs, Runs::Application(_)).then_some(&task.reads);
        task.bare.iter().chain(all.into_iter().flatten())
    });
    read.filter(|name| cx.stage.config.env(name).is_none()).cloned().collect()
}

/// The names that builds of the project give the image.
fn names(cx: &RecipeCx<'_>) -> Vec<ImageName> {
    let uses = cx.uses.iter().filter(|used| cx.model.is_used_by(cx.stage.id, used));
    uses.filter_map(|used| used.build.as_ref()).flat_map(|build| build.names.clone()).collect()
}

/// What the image is called: by its name, else by the folder that its Dockerfile is in.
fn name_of(cx: &RecipeCx<'_>, names: &[ImageName]) -> String {
    let image = names.first().and_then(|name| name.as_str().rsplit('/').next()).filter(|n| !n.contains('*'));
    if let Some(image) = image {
        return label(image);
    }
    let folder = dockerfile(cx).folder();
    let mut names = folder.names().rev().filter(|name| !OF_DOCKER.contains(name));
    names.next().map_or_else(|| "app".to_owned(), label)
}

fn dockerfile(cx: &RecipeCx<'_>) -> ProjectPath {
    ProjectPath::new(&cx.files.borrow().path_of(cx.model.file)).unwrap_or_else(|_| ProjectPath::root())
}

/// Where the new file goes: `k8s` beside the Dockerfile; nothing where a file of the name is there.
fn free_path(cx: &RecipeCx<'_>, name: &str) -> Option<ProjectPath> {
    let path = dockerfile(cx).folder().join(&format!("k8s/{name}.yaml")).ok()?;
    cx.project.kind(&path).is_err().then_some(path)
}

/// The template that runs the image, and the chart's name: of the chart whose values name it, or of the only one beside or around the Dockerfile.
fn chart_template(cx: &RecipeCx<'_>, names: &[ImageName]) -> Option<(ProjectPath, String)> {
    let charts = walk(cx.project, &ProjectPath::root(), |path| {
        (path.file_name() == "Chart.yaml").then(|| path.folder())
    });
    let read = |path: &ProjectPath| {
        let bytes = cx.project.read_up_to(path, MAX_BYTES).ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    };
    let home = dockerfile(cx).folder();
    let is_ours = |chart: &&ProjectPath| {
        let values = read(&chart.child("values.yaml")).unwrap_or_default();
        let repositories = values.lines().filter_map(|line| line.trim().strip_prefix("repository:"));
        let mut named = repositories.filter_map(|name| ImageName::new(name.trim().trim_matches(['"', '\''])));
        named.any(|name| names.iter().any(|own| own.is_same(&name)))
    };
    let near: Vec<&ProjectPath> = charts.found.iter().filter(|chart| chart.is_within(&home)).collect();
    let chart = charts.found.iter().find(is_ours).or(match near.as_slice() {
        [only] => Some(*only),
        _ => None,
    })?;
    let templates = cx.project.list(&chart.child("templates")).ok()?;
    let runs = |path: &ProjectPath| {
        let text = read(path).unwrap_or_default();
        let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
        text.contains("containers:") && kinds.iter().any(|kind| text.contains(&format!("kind: {kind}")))
    };
    let mut paths = templates.entries.iter().map(|entry| chart.child("templates").child(&entry.name));
    let template = paths.find(|path| matches!(path.extension(), Some("yaml" | "yml")) && runs(path))?;
    let about = read(&chart.child("Chart.yaml")).unwrap_or_default();
    let name = about.lines().find_map(|line| line.strip_prefix("name:"));
    let name = label(name.unwrap_or(chart.file_name()).trim().trim_matches(['"', '\'']));
    Some((template, name))
}
