//! The image configuration a stage ends with, each setting with where it was made.

use barehull_syntax::{Location, MappedText};

use super::StageId;

/// Who made a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The base image, by its reference.
    Base(String),
    /// An instruction of a stage (this one or one it is built from).
    Instruction {
        /// The stage that holds the instruction.
        stage: StageId,
        /// The instruction.
        at: Location,
    },
}

impl Provenance {
    /// The instruction, if it was one.
    pub const fn location(&self) -> Option<Location> {
        match self {
            Self::Base(_) => None,
            Self::Instruction { at, .. } => Some(*at),
        }
    }
}

/// A value with its provenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value, variables resolved as far as they could be.
    pub value: T,
    /// Who made it.
    pub from: Provenance,
}

/// The command of CMD, ENTRYPOINT or HEALTHCHECK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// Exec form.
    Exec(Vec<MappedText>),
    /// Shell form: given to the stage's SHELL.
    Shell(MappedText),
}

impl Launch {
    /// The exec form's strings.
    pub fn argv(&self) -> Option<Vec<&str>> {
        match self {
            Self::Exec(items) => Some(items.iter().map(MappedText::text).collect()),
            Self::Shell(_) => None,
        }
    }

    /// Whether nothing is to be run (`CMD []`, empty shell form).
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Exec(items) => items.is_empty(),
            Self::Shell(text) => text.text().trim().is_empty(),
        }
    }
}

/// The health check of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// `HEALTHCHECK NONE`.
    None,
    /// A command with its timing options as written (`--interval=30s`).
    Check {
        /// The command.
        launch: Launch,
        /// The flags, as written.
        options: Vec<String>,
    },
}

/// One variable of the image's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value, resolved as far as it could be; absent where that failed.
    pub value: Option<String>,
    /// Who set it last.
    pub from: Provenance,
}

/// What the image promises.
#[derive(Clone, Debug, Default)]
pub struct ImageConfig {
    /// Environment, in order of first setting.
    pub env: Vec<EnvVar>,
    /// USER.
    pub user: Option<Setting<String>>,
    /// WORKDIR, absolute.
    pub workdir: Option<Setting<String>>,
    /// ENTRYPOINT.
    pub entrypoint: Option<Setting<Launch>>,
    /// CMD.
    pub cmd: Option<Setting<Launch>>,
    /// HEALTHCHECK.
    pub healthcheck: Option<Setting<Health>>,
    /// SHELL's arguments.
    pub shell: Option<Setting<Vec<String>>>,
    /// EXPOSE, `port/protocol` as written.
    pub expose: Vec<Setting<String>>,
    /// VOLUME paths.
    pub volumes: Vec<Setting<String>>,
    /// LABEL names and values.
    pub labels: Vec<Setting<(String, String)>>,
    /// STOPSIGNAL.
    pub stopsignal: Option<Setting<String>>,
    /// ONBUILD triggers, for images built on this one.
    pub onbuild: Vec<Setting<()>>,
}

impl ImageConfig {
    /// The value of environment variable `name`, if it is set and could be resolved.
    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|v| v.name == name)?.value.as_deref()
    }

    /// Sets environment variable `name`.
    pub fn set_env(&mut self, name: &str, value: Option<String>, from: Provenance) {
        match self.env.iter_mut().find(|v| v.name == name) {
            Some(known) => {
                known.value = value;
                known.from = from;
            }
            None => self.env.push(EnvVar { name: name.to_owned(), value, from }),
        }
    }

    /// The folder processes start in.
    pub fn workdir(&self) -> &str {
        self.workdir.as_ref().map_or("/", |w| w.value.as_str())
    }

    /// The folders of PATH, in order.
    pub fn path(&self) -> Vec<&str> {
        let default = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        self.env("PATH").unwrap_or(default).split(':').filter(|p| !p.is_empty()).collect()
    }

    /// Whether the process runs as root: `None` where the user is a variable that is not resolved, or one that nothing
    /// in the file sets: the base image may.
    pub fn runs_as_root(&self) -> Option<bool> {
        let Some(user) = self.user.as_ref().map(|user| user.value.trim()) else { return Some(true) };
        if user.is_empty() || user.contains('$') {
            return None;
        }
        let name = user.split(':').next().unwrap_or_default();
        Some(matches!(name, "" | "root" | "0"))
    }
}
