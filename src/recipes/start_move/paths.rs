//! The files that a statement of a start script reads and writes.

use super::task::effects_of;
use crate::model::start::{Class, Unit, UnitKind};
use crate::model::{Effect, EffectKind, Sink, absolute};
use crate::recipes::plan::Plan;

/// Bytes of a file that may go into a `ConfigMap`.
const MAX_INPUT: usize = 256 << 10;

/// A file or folder that the application finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// Absolute path in the image.
    pub path: String,
    /// A folder whose files are not known by name.
    pub is_folder: bool,
    /// It is there whenever the task ends well.
    pub always: bool,
}

/// A file of the image that a task reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Absolute path in the image.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The task changes the file where it lies, so that it gets a copy.
    pub in_place: bool,
}

impl Input {
    /// The file's name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Where it is mounted in the task's container.
    pub fn mounted(&self) -> String {
        if self.in_place { format!("/original/{}", self.name()) } else { self.path.clone() }
    }
}

/// What a statement reads and writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    pub outputs: Vec<Output>,
    pub inputs: Vec<Input>,
    /// Folders it makes.
    folders: Vec<String>,
    /// It names files relative to its folder.
    pub is_relative: bool,
}

/// The paths of `unit`, which runs in `folder`; an error says what is not known.
pub(super) fn of(plan: &Plan<'_, '_>, unit: &Unit, folder: &str) -> Result<Paths, String> {
    let mut found = Paths::default();
    let effects = effects_of(plan, unit);
    let always = unit.plain;
    for effect in &effects {
        output(effect, always, &mut found)?;
    }
    if unit.in_place || found.outputs.is_empty() {
        edited(unit, folder, &mut found);
    }
    found.outputs.retain(|o| !o.path.starts_with("/dev/") && !o.path.starts_with("/proc/"));
    let mut sorted = std::mem::take(&mut found.outputs);
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    sorted.dedup_by(|a, b| a.path == b.path);
    found.outputs = sorted;
    if unit.kind == UnitKind::Work(Class::Permissions) {
        let folder = |path| Output { path, is_folder: true, always };
        found.outputs.extend(std::mem::take(&mut found.folders).into_iter().map(folder));
    }
    if found.outputs.is_empty() {
        return Err("where it writes is not known".to_owned());
    }
    if found.outputs.iter().any(|o| o.path.contains(['$', '*', '?'])) {
        return Err("where it writes depends on a variable".to_owned());
    }
    inputs(plan, unit, folder, &mut found)?;
    Ok(found)
}

fn output(effect: &Effect, always: bool, found: &mut Paths) -> Result<(), String> {
    let mut add = |path: &str, is_folder: bool| {
        let path = if path == "/" { path } else { path.trim_end_matches('/') };
        found.outputs.push(Output { path: path.to_owned(), is_folder, always: always && effect.certain });
    };
    match &effect.kind {
        EffectKind::Fetch { to: Sink::File(path), .. } | EffectKind::Write { path } => add(path, false),
        EffectKind::Fetch { to: Sink::Folder(path), .. } | EffectKind::Unpack { folder: path } => {
            add(path, true);
        }
        EffectKind::Fetch { to: Sink::Unknown, .. } => return Err("where it writes is not known".to_owned()),
        EffectKind::Copy { to, .. } | EffectKind::Move { to, .. } => add(to, to.ends_with('/')),
        EffectKind::Install { .. }
        | EffectKind::InstallFiles { .. }
        | EffectKind::LanguageInstall { .. }
        | EffectKind::Upgrade(_) => return Err("it installs packages: do that in the build".to_owned()),
        EffectKind::MakeFolder { path } => found.folders.push(path.clone()),
        EffectKind::Link { .. } => return Err("it makes a link".to_owned()),
        EffectKind::Account { .. } => return Err("it makes users".to_owned()),
        EffectKind::Unknown { reason } => return Err(reason.clone()),
        _ => {}
    }
    Ok(())
}

/// Files that are changed where they lie, and what tools that are not modelled write to: their last word.
fn edited(unit: &Unit, folder: &str, found: &mut Paths) {
    let Some(words) = &unit.words else { return };
    let literal: Vec<&str> = words
        .iter()
        .filter_map(|word| match word {
            crate::model::start::UnitWord::Literal(text) => Some(text.as_str()),
            crate::model::start::UnitWord::Mixed(_) => None,
        })
        .collect();
    let program = literal.first().map_or("", |p| p.rsplit('/').next().unwrap_or(p));
    let copies = matches!(program, "aws" | "gsutil") || unit.in_place && program == "sed";
    if let (true, Some(last)) = (copies && literal.len() > 2, literal.last()) {
        let is_folder =
            last.ends_with('/') || literal.iter().any(|w| matches!(*w, "--recursive" | "sync" | "-r"));
        let path = absolute(folder, last);
        found.outputs.push(Output { path, is_folder, always: true });
        found.is_relative |= !last.starts_with('/');
    }
}

/// Files that the statement names and that come from the build context.
fn inputs(plan: &Plan<'_, '_>, unit: &Unit, folder: &str, found: &mut Paths) -> Result<(), String> {
    for mention in &unit.mentions {
        let is_path = mention.contains('/') || mention.contains('.');
        if !is_path
            || mention.contains("://")
            || mention.starts_with('-')
            || mention.contains(char::is_whitespace)
        {
            continue;
        }
        let path = absolute(folder, mention);
        let is_output = found.outputs.iter().any(|o| o.path == path);
        if is_output {
            found.is_relative |= !mention.starts_with('/');
        }
        if is_output && !unit.in_place {
            continue;
        }
        let read = plan.cx.files.borrow_mut().read(&path);
        let Some((_, bytes)) = read else {
            let is_made = found.outputs.iter().any(|o| {
                o.path.starts_with(&format!("{path}/")) || path.starts_with(&format!("{}/", o.path))
            });
            let is_foreign = mention.starts_with('/')
                && !is_made
                && !["/dev/", "/proc/", "/tmp"].iter().any(|p| path.starts_with(p))
                && unit.kind != UnitKind::Work(Class::Wait)
                && !unit.programs.contains(mention);
            if is_foreign && (!is_output || unit.in_place) {
                return Err(format!("it reads {path} of the image, which is not in the build context"));
            }
            continue;
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("it reads {path}, which is not text"))?;
        if text.len() > MAX_INPUT {
            return Err(format!("it reads {path}, which is too long for a ConfigMap"));
        }
        found.is_relative |= !mention.starts_with('/');
        let input = Input { path, text: text.to_owned(), in_place: is_output };
        if !found.inputs.contains(&input) {
            found.inputs.push(input);
        }
    }
    Ok(())
}
