//! What a command of a start script is for.

use std::fmt;

/// What a command of a start script is for; each kind has another place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The shell's own affairs: options, messages, tests.
    Shell,
    /// Sets a variable.
    Variable,
    /// Changes the folder.
    Folder,
    /// Runs the application.
    Handover,
    /// Waits for another service.
    Wait,
    /// Downloads or installs something.
    Download,
    /// Writes a file, most often a configuration made of a template and variables.
    Render,
    /// A job that must be done once per release: migrations, static files, first users.
    Job,
    /// Makes folders and empty files, changes owners and modes.
    Permissions,
    /// Asks whether the application itself is well.
    Health,
    /// Reads a secret.
    Secret,
    /// Starts another process beside the application.
    Process,
    /// Something else, or something that could not be read.
    Unknown,
}

impl Class {
    /// Every class, in the order of the table that they are explained in.
    pub const ALL: [Self; 13] = [
        Self::Shell,
        Self::Variable,
        Self::Folder,
        Self::Handover,
        Self::Wait,
        Self::Download,
        Self::Render,
        Self::Job,
        Self::Permissions,
        Self::Health,
        Self::Secret,
        Self::Process,
        Self::Unknown,
    ];

    /// Its name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Variable => "variable",
            Self::Folder => "folder",
            Self::Handover => "handover",
            Self::Wait => "wait",
            Self::Download => "download",
            Self::Render => "render",
            Self::Job => "job",
            Self::Permissions => "permissions",
            Self::Health => "health",
            Self::Secret => "secret",
            Self::Process => "process",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is work: something that has to go elsewhere before the script can go.
    pub const fn is_work(self) -> bool {
        !matches!(self, Self::Shell | Self::Variable | Self::Folder | Self::Handover)
    }

    /// What it does, as a clause about the script.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shell => "does what only a shell needs",
            Self::Variable => "sets variables",
            Self::Folder => "changes the folder",
            Self::Handover => "runs the application",
            Self::Wait => "waits for another service",
            Self::Download => "downloads",
            Self::Render => "writes configuration",
            Self::Job => "runs a job of the release",
            Self::Permissions => "prepares folders and owners",
            Self::Health => "checks the application's health",
            Self::Secret => "reads secrets",
            Self::Process => "starts other processes",
            Self::Unknown => "runs commands of unknown purpose",
        }
    }

    /// Where such work belongs.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Shell | Self::Variable | Self::Folder | Self::Handover => {
                "say it with ENV, WORKDIR and CMD"
            }
            Self::Wait => "wait in an init container, or let the application try again",
            Self::Download => "fetch it in the build, or in an init container into a shared volume",
            Self::Render => "mount it from a ConfigMap, or make it in an init container",
            Self::Job => "run it as a job or an init container of the same image",
            Self::Permissions => "do it in the build (COPY --chown), or leave it to fsGroup",
            Self::Health => "leave it to a probe of the platform",
            Self::Secret => "mount it where the application reads it",
            Self::Process => "give each process a container of its own",
            Self::Unknown => "do it in the build, in an init container or in the application",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Which of several classes says most of what they do together: nothing hides behind anything less.
pub(super) fn heaviest(classes: impl IntoIterator<Item = Class>) -> Class {
    let weight = |class: &Class| match class {
        Class::Shell => 0,
        Class::Folder => 1,
        Class::Variable => 2,
        Class::Handover => 3,
        Class::Health => 4,
        Class::Permissions => 5,
        Class::Wait => 6,
        Class::Render => 7,
        Class::Download => 8,
        Class::Job => 9,
        Class::Secret => 10,
        Class::Process => 11,
        Class::Unknown => 12,
    };
    classes.into_iter().max_by_key(weight).unwrap_or(Class::Shell)
}
