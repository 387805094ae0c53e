//! Services of compose files, and changes to them: what Kubernetes does with init containers, a one-shot service does here.

use barehull_syntax::LineIndex;

use super::change::{CannotEdit, Setting, TextEdit};
use super::data::Data;
use super::plan::Plan;
use super::print::Printer;
use super::spell::{list, map, some};
use super::style::Style;
use super::want::{Entries, Refused, Want, entry, entry_or_add};
use super::workload::{Unread, read_text};
use crate::project::{Files, ProjectPath, Spot, yaml};

/// The order in which people write the keys of a service.
const SERVICE: &[&str] = &[
    "container_name",
    "image",
    "build",
    "platform",
    "user",
    "working_dir",
    "entrypoint",
    "command",
    "restart",
    "depends_on",
    "env_file",
    "environment",
    "ports",
    "expose",
    "volumes",
    "healthcheck",
];

/// A service of a compose file, as it is written: variables are not replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The file.
    pub path: ProjectPath,
    /// Its name.
    pub name: String,
    /// Its key: the place by which an [`OutsideUse`](crate::project::outside::OutsideUse) names it.
    pub at: Spot,
    /// Its values, by key.
    pub values: Vec<(String, Data)>,
    /// Names of all services of the file.
    pub services: Vec<String>,
    /// Names of the volumes of the file.
    pub volumes: Vec<String>,
}

impl Service {
    /// What it says at `key`.
    pub fn value(&self, key: &str) -> Option<&Data> {
        self.values.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// Changes to a service and what belongs to it. Texts are meant as they are: a `$` in them is written `$$`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceChange {
    /// Services that run to their end before it starts.
    pub one_shots: Vec<OneShot>,
    /// Volumes of the file.
    pub volumes: Vec<String>,
    /// Volumes that are mounted into it.
    pub mounts: Vec<ServiceMount>,
    /// Variables that are set.
    pub environment: Vec<(String, String)>,
    /// What is run in the place of ENTRYPOINT.
    pub entrypoint: Setting<Vec<String>>,
    /// What is run in the place of CMD.
    pub command: Setting<Vec<String>>,
    /// What `healthcheck.test` becomes, where there is one: a list as compose reads it, so that variables of compose may
    /// stand in it (`${PORT:-80}`), and `$$` is a dollar sign.
    pub test: Option<Vec<String>>,
}

/// A service that runs to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneShot {
    /// Its name.
    pub name: String,
    /// Its image, unless `build` or `image` is among the copied values.
    pub image: Option<String>,
    /// Values that are taken over from the application's service as they are written: `build`, `env_file`, `networks`.
    pub copied: Vec<(String, Data)>,
    /// The user it runs as.
    pub user: Option<String>,
    /// In the place of ENTRYPOINT.
    pub entrypoint: Vec<String>,
    /// In the place of CMD.
    pub command: Vec<String>,
    /// Variables.
    pub environment: Vec<(String, String)>,
    /// Volumes.
    pub mounts: Vec<ServiceMount>,
    /// Services that must have started before it, or be healthy.
    pub depends_on: Vec<(String, Condition)>,
}

/// A volume of the file in a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMount {
    /// The volume's name, or a path of the host.
    pub volume: String,
    /// Absolute path in the container.
    pub path: String,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// What another service must have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It runs.
    Started,
    /// Its health check passes.
    Healthy,
    /// It ran to its end, without an error.
    Completed,
}

impl Condition {
    const fn word(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::Completed => "service_completed_successfully",
        }
    }
}

/// The services of the compose file at `path`.
///
/// # Errors
/// If the file cannot be read to its end.
pub fn services(files: &dyn Files, path: &ProjectPath) -> Result<Vec<Service>, Unread> {
    let text = read_text(files, path)?;
    let parsed = yaml::parse(&text);
    if let Some(error) = parsed.error {
        let line = LineIndex::new(text.as_bytes()).line(error.offset);
        let reason = format!("it is not YAML: {}", error.text);
        return Err(Unread { path: path.clone(), line: Some(line), template: false, reason });
    }
    let Some(top) = parsed.documents.first() else { return Ok(Vec::new()) };
    let names = |key: &str| -> Vec<String> {
        let pairs = top.get(key).map(|node| node.pairs()).unwrap_or_default();
        pairs.iter().map(|pair| pair.key.value.clone()).collect()
    };
    let (all, volumes) = (names("services"), names("volumes"));
    let pairs = top.get("services").map(|node| node.pairs()).unwrap_or_default();
    let service = pairs.iter().map(|pair| {
        let values = match Data::of(&pair.value, &text) {
            Some(Data::Map(values)) => values,
            _ => Vec::new(),
        };
        Service {
            path: path.clone(),
            name: pair.key.value.clone(),
            at: Spot { path: path.clone(), span: pair.key.span },
            values,
            services: all.clone(),
            volumes: volumes.clone(),
        }
    });
    Ok(service.collect())
}

/// The edits of `text` that make its services say what `changes` ask for; none where they say so already. All changes
/// to one file go together.
///
/// # Errors
/// Where the file cannot be changed so that nothing else of it changes: with what a person can write into it.
pub fn service_edits(
    text: &str,
    changes: &[(&Service, &ServiceChange)],
) -> Result<Vec<TextEdit>, CannotEdit> {
    plan(text, changes).map_err(|refused| refused.told(text, snippet(changes)))
}

fn plan(text: &str, changes: &[(&Service, &ServiceChange)]) -> Result<Vec<TextEdit>, Refused> {
    let mut plan = Plan::read(text)?;
    for (service, change) in changes {
        let gone = || Refused { reason: "it is not the file that was read; run again".to_owned(), at: None };
        let top = plan.document(0).ok_or_else(gone)?.map()?;
        let services = entry(top, "services").ok_or_else(gone)?.map()?;
        change_service(services, service, change, text)?;
        if !change.volumes.is_empty() {
            let order = &["version", "name", "services", "volumes"];
            let volumes = entry_or_add(top, "volumes", Data::Map(Vec::new()), order).map()?;
            for volume in &change.volumes {
                entry_or_add(volumes, volume, Data::Null, &[]);
            }
        }
    }
    plan.edits()
}

fn change_service(
    services: &mut Entries,
    service: &Service,
    change: &ServiceChange,
    text: &str,
) -> Result<(), Refused> {
    for one_shot in &change.one_shots {
        let data = spell_one_shot(one_shot);
        match entry(services, &one_shot.name) {
            Some(known) if known.says(&data, text) => {}
            Some(_) => {
                let reason = format!("there is another service called `{}` already", one_shot.name);
                return Err(Refused { reason, at: None });
            }
            None => {
                let at = services.iter().position(|(name, _)| *name == service.name).unwrap_or_default();
                services.insert(at, (one_shot.name.clone(), Want::New(data)));
            }
        }
    }
    let gone = Refused { reason: "it has not the service that was read; run again".to_owned(), at: None };
    let own = entry(services, &service.name).ok_or(gone)?.map()?;
    for (key, setting) in change.settings() {
        match setting {
            Setting::Keep => {}
            Setting::Set(data) => {
                let want = entry_or_add(own, key, Data::Null, SERVICE);
                if !want.says(&data, text) {
                    *want = Want::New(data);
                }
            }
            Setting::Remove => own.retain(|(known, _)| known != key),
        }
    }
    if let Some(test) = &change.test {
        let gone = || Refused {
            reason: "it has not the health check that was read; run again".to_owned(),
            at: None,
        };
        let check = entry(own, "healthcheck").ok_or_else(gone)?.map()?;
        let known = entry(check, "test").ok_or_else(gone)?;
        let data = Data::texts(test);
        if !known.says(&data, text) {
            *known = Want::New(data);
        }
    }
    depend(own, change)?;
    set_variables(own, &change.environment, text)?;
    if !change.mounts.is_empty() {
        let list = entry_or_add(own, "volumes", Data::List(Vec::new()), SERVICE).list()?;
        for mount in &change.mounts {
            let data = spell_mount(mount);
            if !list.iter().any(|item| item.says(&data, text)) {
                list.push(Want::New(data));
            }
        }
    }
    Ok(())
}

/// The service starts once its one-shots have run to their ends.
fn depend(own: &mut Entries, change: &ServiceChange) -> Result<(), Refused> {
    if change.one_shots.is_empty() {
        return Ok(());
    }
    let known = entry_or_add(own, "depends_on", Data::Map(Vec::new()), SERVICE);
    // The short form has no conditions: what it says is said in the long one.
    if let Some(names) = known.texts() {
        let started = |name: String| (name, depends(Condition::Started));
        *known = Want::New(Data::Map(names.into_iter().map(started).collect()));
    }
    let known = known.map()?;
    for one_shot in &change.one_shots {
        entry_or_add(known, &one_shot.name, depends(Condition::Completed), &[]);
    }
    Ok(())
}

/// In a map, or in a list of `NAME=value`.
fn set_variables(own: &mut Entries, variables: &[(String, String)], text: &str) -> Result<(), Refused> {
    if variables.is_empty() {
        return Ok(());
    }
    let known = entry_or_add(own, "environment", Data::Map(Vec::new()), SERVICE);
    if known.texts().is_some() {
        let list = known.list()?;
        for (name, value) in variables {
            let data = Data::Text(format!("{name}={}", literal(value)));
            let begins = format!("{name}=");
            let same = list.iter().any(|item| item.says(&data, text));
            let other = list
                .iter()
                .any(|item| item.text().is_some_and(|text| text == name || text.starts_with(&begins)));
            match (same, other) {
                (true, _) => {}
                (false, true) => {
                    let reason = format!("the variable {name} has another value already");
                    return Err(Refused { reason, at: None });
                }
                (false, false) => list.push(Want::New(data)),
            }
        }
        return Ok(());
    }
    let map = known.map()?;
    for (name, value) in variables {
        let data = Data::Text(literal(value));
        let want = entry_or_add(map, name, Data::Null, &[]);
        if !want.says(&data, text) {
            *want = Want::New(data);
        }
    }
    Ok(())
}

impl ServiceChange {
    fn settings(&self) -> [(&'static str, Setting<Data>); 2] {
        [
            ("entrypoint", self.entrypoint.data(|words| literals(words))),
            ("command", self.command.data(|words| literals(words))),
        ]
    }
}

/// A dollar sign that compose leaves alone.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn literals(words: &[String]) -> Data {
    Data::List(words.iter().map(|word| Data::Text(literal(word))).collect())
}

fn depends(condition: Condition) -> Data {
    map([("condition", Some(Data::text(condition.word())))])
}

fn spell_mount(mount: &ServiceMount) -> Data {
    let mode = if mount.read_only { ":ro" } else { "" };
    Data::Text(format!("{}:{}{mode}", mount.volume, mount.path))
}

fn spell_one_shot(one_shot: &OneShot) -> Data {
    let words = |words: &[String]| (!words.is_empty()).then(|| literals(words));
    let depends_on = one_shot.depends_on.iter().map(|(name, condition)| (name.clone(), depends(*condition)));
    let environment = one_shot.environment.iter();
    let environment = environment.map(|(name, value)| (name.clone(), Data::Text(literal(value))));
    let own = map([
        ("image", one_shot.image.as_deref().map(Data::text)),
        ("user", one_shot.user.as_deref().map(Data::text)),
        ("entrypoint", words(&one_shot.entrypoint)),
        ("command", words(&one_shot.command)),
        ("depends_on", some(Data::Map(depends_on.collect()))),
        ("environment", some(Data::Map(environment.collect()))),
        ("volumes", list(&one_shot.mounts, spell_mount)),
    ]);
    let mut entries = one_shot.copied.clone();
    if let Data::Map(own) = own {
        // What is said here goes before what is taken over.
        entries.retain(|(key, _)| !own.iter().any(|(known, _)| known == key));
        entries.extend(own);
    }
    let rank = |key: &str| SERVICE.iter().position(|known| *known == key).unwrap_or(SERVICE.len());
    entries.sort_by_key(|(key, _)| rank(key));
    Data::Map(entries)
}

/// What a person can write into compose files by hand.
fn snippet(changes: &[(&Service, &ServiceChange)]) -> String {
    let mut printer = Printer::new(Style::USUAL);
    for (service, change) in changes {
        let one_shots = change.one_shots.iter().map(|shot| (shot.name.clone(), spell_one_shot(shot)));
        let set = change.settings().into_iter().filter_map(|(key, setting)| match setting {
            Setting::Set(data) => Some((key.to_owned(), data)),
            _ => None,
        });
        let mut own: Vec<(String, Data)> = set.collect();
        let waits = change.one_shots.iter().map(|shot| (shot.name.clone(), depends(Condition::Completed)));
        let environment = change.environment.iter();
        let environment = environment.map(|(name, value)| (name.clone(), Data::Text(literal(value))));
        if let Data::Map(more) = map([
            ("depends_on", some(Data::Map(waits.collect()))),
            ("environment", some(Data::Map(environment.collect()))),
            ("volumes", list(&change.mounts, spell_mount)),
            ("healthcheck", change.test.as_ref().map(|test| map([("test", Some(Data::texts(test)))]))),
        ]) {
            own.extend(more);
        }
        let services = one_shots.chain([(service.name.clone(), Data::Map(own))]);
        printer.entry("services", &Data::Map(services.collect()), 0);
        if !change.volumes.is_empty() {
            let volumes = change.volumes.iter().map(|volume| (volume.clone(), Data::Null));
            printer.entry("volumes", &Data::Map(volumes.collect()), 0);
        }
    }
    printer.finish()
}
