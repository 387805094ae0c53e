//! Calls of npm, yarn and pnpm: which script of which package.json they run.

use barehull_syntax::MappedText;
use barehull_syntax::shell::{Dialect, NodeKind, Script};

use crate::model::absolute;
use crate::recipes::launch;
use crate::recipes::plan::Plan;

/// Packages of a repository that are looked through for a workspace's name.
const MAX_PACKAGES: usize = 200;

/// A script that is run.
pub(super) struct Call {
    /// Its name.
    pub(super) script: String,
    /// Arguments for it.
    pub(super) more: Vec<String>,
    /// The folder of its package.json, in which it runs.
    pub(super) folder: String,
}

/// What `manager` is told by `words` in `folder`; blocks where that cannot be followed.
pub(super) fn call(plan: &mut Plan<'_, '_>, manager: &str, words: &[String], folder: &str) -> Option<Call> {
    let mut operands: Vec<&str> = Vec::new();
    let (mut elsewhere, mut workspace) = (None, None);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        match name {
            "--prefix" | "-C" | "--cwd" | "--dir" => elsewhere = value.or_else(|| words.next()),
            "-w" | "--workspace" | "--filter" | "-F" => workspace = value.or_else(|| words.next()),
            "--" => operands.extend(words.by_ref()),
            // npm takes options for itself up to `--`; the others pass on what stands behind the script.
            _ if word.starts_with('-') && (manager == "npm" || operands.iter().all(|o| *o == "run")) => {}
            "workspace" if manager.starts_with("yarn") && operands.is_empty() => workspace = words.next(),
            _ => operands.push(word),
        }
    }
    let (script, more) = match operands.as_slice() {
        ["run" | "run-script", script, more @ ..] => (*script, more),
        [script, more @ ..] => (*script, more),
        [] => ("start", [].as_slice()),
    };
    let mut folder = elsewhere.map_or_else(|| folder.to_owned(), |path| absolute(folder, path));
    if let Some(name) = workspace {
        let Some(found) = workspace_folder(plan, &folder, name) else {
            let reason = format!(
                "`{manager}` starts a script of the workspace {name}, which was not found in the build context: start it with node and its path"
            );
            plan.block(reason, launch::launch_line(plan));
            return None;
        };
        folder = found;
    }
    if matches!(script, "workspaces" | "exec" | "dlx" | "x") {
        let reason = format!("`{manager} {script}` is started: start the script with node and its path");
        plan.block(reason, launch::launch_line(plan));
        return None;
    }
    let more = more.iter().map(|word| (*word).to_owned()).collect();
    Some(Call { script: script.to_owned(), more, folder: folder.trim_end_matches('/').to_owned() })
}

/// The folder of a workspace, by its path or by its package's name.
fn workspace_folder(plan: &Plan<'_, '_>, root: &str, name: &str) -> Option<String> {
    let files = &mut *plan.cx.files.borrow_mut();
    let by_path = absolute(root, name);
    if files.node_package(by_path.trim_end_matches('/')).is_some() {
        return Some(by_path);
    }
    let mut folders = Vec::new();
    for stage in plan.cx.model.lineage(plan.cx.stage.id) {
        let (listed, _) = files.context_files(stage.id);
        let packages = listed.iter().filter_map(|(path, _)| path.strip_suffix("/package.json"));
        folders.extend(packages.filter(|p| !p.contains("/node_modules/")).map(str::to_owned));
    }
    folders.sort();
    folders.dedup();
    let is_meant = |folder: &String| {
        let package = files.node_package(folder);
        package.and_then(|(_, p)| p.name).is_some_and(|n| n.value == name)
    };
    folders.into_iter().take(MAX_PACKAGES).find(is_meant)
}

/// What a script of several commands wants: what it builds first, or does before the application at every start.
/// Nothing where it is no plain chain of commands.
pub(super) fn chained(script: &str, text: &str) -> Option<String> {
    let parsed = Script::parse(&MappedText::verbatim(text, 0), Dialect::Posix);
    let commands: Vec<_> = parsed.commands().collect();
    let plain =
        parsed.nodes().all(|n| matches!(n.kind(), NodeKind::Sequence | NodeKind::Command | NodeKind::AndOr));
    let (last, before) = commands.split_last()?;
    if parsed.has_unknown() || !plain || before.is_empty() {
        return None;
    }
    let shown = |c: &barehull_syntax::shell::CommandRef<'_>| {
        c.words().map(|w| w.display().into_owned()).collect::<Vec<_>>().join(" ")
    };
    let first = before.iter().map(shown).collect::<Vec<_>>().join(" && ");
    let last = shown(last);
    let builds = before.iter().all(|c| {
        let words: Vec<String> = c.words().map(|w| w.display().into_owned()).collect();
        let named = words.iter().any(|w| w == "build" || w.starts_with("build:") || w == "compile");
        named
            || matches!(
                words.first().map(String::as_str),
                Some("tsc" | "webpack" | "rimraf" | "esbuild" | "swc")
            )
    });
    Some(if builds {
        format!(
            "the npm script {script} builds at every start (`{first}`): do that in a RUN, and start with `{last}` alone"
        )
    } else {
        format!(
            "the npm script {script} runs `{first}` before the application at every start: move that to an init container, a job or the application"
        )
    })
}
