//! What a start script does before the application runs, as tasks that can run elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use barehull_syntax::Location;

use super::paths::{self, Input, Output};
use super::wait;
use crate::model::start::{Class, Unit, UnitKind, UnitPart, UnitWord};
use crate::model::{Effect, EffectKind};
use crate::project::outside::OutsideUse;
use crate::recipes::plan::Plan;

/// Work that is done once before the application starts.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// A name for its container.
    pub name: String,
    /// What is run.
    pub runs: Runs,
    /// The variables it reads.
    pub reads: BTreeSet<String>,
    /// Those of them that it reads without a default.
    pub bare: BTreeSet<String>,
    /// It reads whatever variables there are (`envsubst`).
    pub reads_all: bool,
    /// Files and folders it makes for the application.
    pub outputs: Vec<Output>,
    /// Files of the image that it reads.
    pub inputs: Vec<Input>,
    /// The folder it runs in, where its paths are relative.
    pub folder: Option<String>,
    /// The statement.
    pub at: Location,
}

/// What a task runs.
#[derive(Clone, Debug)]
pub(super) enum Runs {
    /// A shell script in an image of its own.
    Script {
        /// The image.
        image: String,
        /// The script, without its first line of options.
        text: String,
    },
    /// A command of the application's own image.
    Application(Vec<UnitWord>),
    /// Nothing: the file is there from the start.
    Nothing,
}

/// Reads the tasks out of the statements of a start script.
pub(super) struct Tasks<'p, 'a, 'c> {
    plan: &'p mut Plan<'a, 'c>,
    uses: &'p [&'p OutsideUse],
    units: &'a [Unit],
    /// The folder that commands run in.
    folder: String,
    /// Statements that set variables, up to here.
    before: Vec<&'a Unit>,
    functions: BTreeMap<&'a str, &'a Unit>,
    names: BTreeSet<String>,
}

/// The tasks of `units`, in order; blocks on what cannot be moved. Permissions are not among them.
pub(super) fn tasks<'a>(plan: &mut Plan<'a, '_>, uses: &[&OutsideUse], units: &'a [Unit]) -> Vec<Task> {
    let folder = plan.cx.stage.config.workdir().to_owned();
    let functions = units.iter().filter_map(|u| match &u.kind {
        UnitKind::Function(name) => Some((name.as_str(), u)),
        _ => None,
    });
    let functions = functions.collect();
    let mut reader =
        Tasks { plan, uses, units, folder, before: Vec::new(), functions, names: BTreeSet::new() };
    reader.read()
}

impl<'a> Tasks<'_, 'a, '_> {
    fn read(&mut self) -> Vec<Task> {
        let mut found: Vec<Task> = Vec::new();
        for unit in self.units {
            match unit.kind {
                UnitKind::Plain if !unit.sets.is_empty() => self.before.push(unit),
                UnitKind::Plain => self.change_folder(unit),
                UnitKind::Work(Class::Permissions) if self.folders_in_volume(unit) => {
                    match self.task(unit, Class::Permissions) {
                        Ok(task) => found.push(task),
                        Err(reason) => self.block(unit, Class::Permissions, &reason),
                    }
                }
                UnitKind::Work(Class::Permissions)
                | UnitKind::Function(_)
                | UnitKind::Handover
                | UnitKind::Switch { .. } => {}
                UnitKind::Work(class) => {
                    if let Err(reason) = self.task(unit, class).map(|task| found.push(task)) {
                        self.block(unit, class, &reason);
                    }
                }
                UnitKind::Other(why) => {
                    self.plan.block(format!("this part of the start script stays: {why}"), unit.at);
                }
            }
        }
        found
    }

    fn block(&mut self, unit: &Unit, class: Class, reason: &str) {
        self.plan.block(format!("the start script {} here, which stays: {reason}", class.words()), unit.at);
    }

    /// Whether a statement makes folders in what is mounted, and nothing else.
    fn folders_in_volume(&self, unit: &Unit) -> bool {
        let mut folders = effects_of(self.plan, unit).into_iter().filter(|e| e.kind != EffectKind::Nothing);
        let is_mounted = |path: &str| {
            self.uses
                .iter()
                .flat_map(|u| &u.mounts)
                .any(|m| path.starts_with(&format!("{}/", m.target.trim_end_matches('/'))))
        };
        let first = folders.next();
        let all = |e: &Effect| matches!(&e.kind, EffectKind::MakeFolder { path } if is_mounted(path));
        first.is_some_and(all) && folders.all(all)
    }

    fn change_folder(&mut self, unit: &Unit) {
        if let Some([UnitWord::Literal(cd), UnitWord::Literal(to)]) = unit.words.as_deref()
            && cd == "cd"
        {
            self.folder = crate::model::absolute(&self.folder, to);
        }
    }

    fn task(&mut self, unit: &'a Unit, class: Class) -> Result<Task, String> {
        let functions = self.functions_of(unit);
        let all: Vec<&Unit> = std::iter::once(unit).chain(functions.iter().copied()).collect();
        if unit.arguments {
            return Err("it reads the arguments of the container".to_owned());
        }
        if class == Class::Job {
            return self.job(unit);
        }
        if class == Class::Health {
            return Err("a probe of the pod asks that".to_owned());
        }
        if let Some(document) = &unit.document {
            return self.document(unit, class, document);
        }
        let awaited = if class == Class::Wait { wait::condition(unit) } else { None };
        let (programs, text) = match &awaited {
            Some(condition) => (condition.programs.clone(), condition.script()),
            None => {
                if all.iter().any(|u| u.only_bash) {
                    return Err("it uses what only bash knows, and small images have no bash".to_owned());
                }
                let programs = all.iter().flat_map(|u| &u.programs).cloned().collect();
                (programs, patient(&unit.text))
            }
        };
        if class == Class::Wait && programs.is_empty() {
            return Err("it asks no other service: time passes, or a file comes from somewhere".to_owned());
        }
        let paths = match class {
            Class::Wait => paths::Paths::default(),
            _ => paths::of(self.plan, unit, &self.folder)?,
        };
        let image = self.image(&programs)?;
        let variables = self.variables(&all);
        let mut script = String::new();
        for earlier in
            variables.iter().chain(&functions).filter(|_| awaited.is_none() || !variables.is_empty())
        {
            let _ = writeln!(script, "{}", earlier.text);
        }
        for input in paths.inputs.iter().filter(|i| i.in_place) {
            let _ = writeln!(script, "cp {} {}", input.mounted(), input.path);
        }
        script.push_str(&text);
        let seen: Vec<&Unit> = all.iter().copied().chain(variables.iter().copied()).collect();
        let reads = seen.iter().flat_map(|u| &u.reads).filter(|v| !unit.sets.contains(*v)).cloned().collect();
        // What an earlier statement sets is set.
        let is_set = |v: &String| unit.sets.contains(v) || variables.iter().any(|u| u.sets.contains(v));
        let own = all.iter().flat_map(|u| &u.bare).filter(|v| !is_set(v));
        let bare = own.chain(variables.iter().flat_map(|u| &u.bare)).cloned().collect();
        Ok(Task {
            name: self.name(unit, class, &paths.outputs),
            runs: Runs::Script { image, text: script },
            reads,
            bare,
            reads_all: ["envsubst", "printenv", "env"].iter().any(|p| programs.contains(*p)),
            folder: paths.is_relative.then(|| self.folder.clone()),
            outputs: paths.outputs,
            inputs: paths.inputs,
            at: unit.at,
        })
    }

    /// A command of the application that is run once.
    fn job(&mut self, unit: &'a Unit) -> Result<Task, String> {
        const MAKES_FILES: [&str; 4] = ["collectstatic", "compilemessages", "assets:precompile", "build"];
        let words = unit
            .words
            .clone()
            .ok_or("it is more than one plain command, and the image will have no shell")?;
        let made = unit.mentions.iter().find(|m| MAKES_FILES.contains(&m.as_str()));
        if let Some(made) = made {
            return Err(format!("{made} makes files that the application needs: run it in the build"));
        }
        if unit.reads.iter().any(|v| self.before.iter().any(|b| b.sets.contains(v))) {
            return Err("it uses a variable that the script sets".to_owned());
        }
        let moved = self.folder != self.plan.cx.stage.config.workdir();
        Ok(Task {
            name: self.name(unit, Class::Job, &[]),
            runs: Runs::Application(words),
            reads: unit.reads.clone(),
            bare: unit.bare.clone(),
            reads_all: true,
            outputs: Vec::new(),
            inputs: Vec::new(),
            folder: moved.then(|| self.folder.clone()),
            at: unit.at,
        })
    }

    /// A file that is always the same.
    fn document(&mut self, unit: &'a Unit, class: Class, text: &str) -> Result<Task, String> {
        let paths = paths::of(self.plan, unit, &self.folder)?;
        let [output] = paths.outputs.as_slice() else {
            return Err("it writes more than one file".to_owned());
        };
        let input = Input { path: output.path.clone(), text: text.to_owned(), in_place: false };
        Ok(Task {
            name: self.name(unit, class, &paths.outputs),
            runs: Runs::Nothing,
            reads: BTreeSet::new(),
            bare: BTreeSet::new(),
            reads_all: false,
            outputs: Vec::new(),
            inputs: vec![input],
            folder: None,
            at: unit.at,
        })
    }

    /// The functions that a statement calls, and those that these call.
    fn functions_of(&self, unit: &Unit) -> Vec<&'a Unit> {
        let mut found: Vec<&'a Unit> = Vec::new();
        let mut ahead: Vec<&str> = unit.calls.iter().map(String::as_str).collect();
        while let Some(name) = ahead.pop() {
            let Some(function) = self.functions.get(name).copied() else { continue };
            if !found.iter().any(|f| f.at == function.at) {
                found.push(function);
                ahead.extend(function.calls.iter().map(String::as_str));
            }
        }
        found.sort_by_key(|f| f.at);
        found
    }

    /// The earlier statements that set what these read.
    fn variables(&self, units: &[&Unit]) -> Vec<&'a Unit> {
        let mut wanted: BTreeSet<&str> = units.iter().flat_map(|u| &u.reads).map(String::as_str).collect();
        let mut found: Vec<&'a Unit> = Vec::new();
        for earlier in self.before.iter().rev() {
            if earlier.sets.iter().any(|v| wanted.contains(v.as_str())) {
                wanted.extend(earlier.reads.iter().map(String::as_str));
                found.push(earlier);
            }
        }
        found.reverse();
        found
    }

    /// The first image that has all `programs`.
    fn image(&self, programs: &BTreeSet<String>) -> Result<String, String> {
        let given = &self.plan.cx.options.tool_images;
        let has = |image: &barehull_catalog::ToolImage, program: &String| {
            image.programs.iter().any(|p| p == program)
        };
        let catalog = self.plan.cx.catalog;
        if let Some(image) = catalog.tool_images().find(|i| programs.iter().all(|p| has(i, p))) {
            let own = given.iter().find(|(name, _)| *name == image.name);
            return Ok(own.map_or_else(|| image.image.clone().into_owned(), |(_, image)| image.clone()));
        }
        if let Some((_, image)) = given.iter().find(|(name, _)| programs.contains(name)) {
            return Ok(image.clone());
        }
        let names: Vec<&str> = programs.iter().map(String::as_str).collect();
        let main = names.first().copied().unwrap_or("NAME");
        Err(format!(
            "no image is known that has {}: name one with --tool-image {main}=IMAGE",
            names.join(", ")
        ))
    }

    /// A name that is not taken yet.
    fn name(&mut self, unit: &Unit, class: Class, outputs: &[Output]) -> String {
        let word = match class {
            Class::Wait => format!("wait-for-{}", wait::host(unit).unwrap_or_else(|| "service".to_owned())),
            Class::Job => {
                let is_verb = |m: &&String| {
                    ["migrate", "seed", "upgrade", "setup", "create", "deploy", "load"]
                        .iter()
                        .any(|v| m.contains(v))
                };
                unit.mentions.iter().find(is_verb).map_or_else(
                    || "prepare".to_owned(),
                    |m| {
                        let name = m.rsplit('/').next().unwrap_or(m);
                        [".js", ".py", ".rb", ".php"]
                            .iter()
                            .find_map(|e| name.strip_suffix(e))
                            .unwrap_or(name)
                            .to_owned()
                    },
                )
            }
            _ => {
                let verb = match class {
                    Class::Download => "fetch",
                    Class::Permissions => "make",
                    _ => "write",
                };
                let made = outputs
                    .first()
                    .map_or("files", |o| o.path.trim_end_matches('/').rsplit('/').next().unwrap_or("files"));
                format!("{verb}-{made}")
            }
        };
        let word = label(&word);
        let mut name = word.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{word}-{number}");
            number += 1;
        }
        name
    }
}

/// What a statement does to files.
pub(super) fn effects_of<'a>(plan: &Plan<'a, '_>, unit: &Unit) -> Vec<&'a Effect> {
    let inside = |e: &&Effect| {
        e.at.file == unit.at.file
            && unit.at.span.start <= e.at.span.start
            && e.at.span.end <= unit.at.span.end
    };
    plan.cx.stage.needs.start.iter().filter(inside).collect()
}

/// A text as the name of a container or volume: lower-case letters, digits and dashes, at most 40.
pub(in crate::recipes) fn label(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        if !(c == '-' && (name.is_empty() || name.ends_with('-'))) {
            name.push(c);
        }
    }
    name.truncate(40);
    let name = name.trim_end_matches('-');
    if name.is_empty() { "work".to_owned() } else { name.to_owned() }
}

/// A download that tries again, where it is one plain command of curl.
fn patient(text: &str) -> String {
    match text.strip_prefix("curl ") {
        Some(rest) if !text.contains("--retry") => format!("curl --retry 5 --connect-timeout 10 {rest}"),
        _ => text.to_owned(),
    }
}

/// The words of a command as a manifest says them: variables as `$(NAME)`, where `is_set` says that the container has
/// them, else their value in the image. The variable that neither has, if there is one.
pub(super) fn manifest_words(
    words: &[UnitWord],
    is_set: impl Fn(&str) -> bool,
    in_image: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, &str> {
    let escaped = |text: &str| text.replace("$(", "$$(");
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        let mut text = String::new();
        match word {
            UnitWord::Literal(literal) => text.push_str(&escaped(literal)),
            UnitWord::Mixed(parts) => {
                for part in parts {
                    match part {
                        UnitPart::Text(literal) => text.push_str(&escaped(literal)),
                        UnitPart::Variable(name) if is_set(name) => {
                            let _ = write!(text, "$({name})");
                        }
                        UnitPart::Variable(name) => {
                            text.push_str(&escaped(&in_image(name).ok_or(name.as_str())?));
                        }
                    }
                }
            }
        }
        found.push(text);
    }
    Ok(found)
}
