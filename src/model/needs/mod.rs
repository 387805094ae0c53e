//! What a final image uses at run time, with evidence; and what could not be read, so that nothing is taken
//! for unneeded only because nobody looked.

mod application;
mod launch;
mod outside;
mod process;
mod start;
#[cfg(test)]
mod start_tests;
mod supervisor;
mod surface;
#[cfg(test)]
mod tests;

pub use process::{Process, process_of};
pub use surface::surface;

use crate::finding::Place;
use crate::model::Effect;
use crate::model::start::StartScript;

pub(crate) use application::{add as add_application, languages as languages_of};
pub(crate) use launch::{NeedsCx, fill};
pub(crate) use outside::{add as add_outside, programs as programs_of};

/// What makes an image use a program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// ENTRYPOINT.
    Entrypoint,
    /// CMD.
    Cmd,
    /// HEALTHCHECK.
    HealthCheck,
    /// A script that runs at start, by its path in the context.
    Script(String),
    /// supervisord, by its configuration.
    Supervisor,
    /// A script of package.json.
    PackageScript(String),
    /// The application's own sources.
    Application,
    /// A compose file, manifest or CI file, in words.
    Outside(String),
    /// What a person runs in the container at a terminal, by what says so.
    Person(String),
    /// A shell that a person opens in the container, by what says so.
    Terminal(String),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entrypoint => f.write_str("ENTRYPOINT"),
            Self::Cmd => f.write_str("CMD"),
            Self::HealthCheck => f.write_str("HEALTHCHECK"),
            Self::PackageScript(name) => write!(f, "npm script {name}"),
            Self::Supervisor => f.write_str("supervisord"),
            Self::Script(path) => f.write_str(path),
            Self::Application => f.write_str("the application"),
            Self::Outside(what) | Self::Person(what) | Self::Terminal(what) => f.write_str(what),
        }
    }
}

/// A program the image uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProgramNeed {
    /// As it is called: a name looked up on PATH, or a path.
    pub program: String,
    /// What uses it.
    pub why: Why,
    /// Where that stands.
    pub place: Option<Place>,
}

impl ProgramNeed {
    /// The program without its folder.
    pub fn name(&self) -> &str {
        self.program.rsplit('/').next().unwrap_or(&self.program)
    }
}

/// Something that runs and could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What and why, one sentence.
    pub reason: String,
    /// Where it stands.
    pub place: Option<Place>,
}

/// What an image uses at run time.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Programs, sorted, each use once.
    pub programs: Vec<ProgramNeed>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Places in the application's sources that start a program whose name only the run shows.
    pub unnamed: Vec<Unread>,
    /// What happens at every start before the application runs, in order.
    pub start: Vec<Effect>,
    /// The shell script that ENTRYPOINT or CMD starts, or is, where the build context or the Dockerfile shows it.
    pub start_script: Option<StartScript>,
    /// The script that CMD names or is, where the start script is ENTRYPOINT's and gets it as its arguments.
    pub cmd_script: Option<StartScript>,
}

impl Needs {
    /// The uses of programs of this name.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ProgramNeed> {
        self.programs.iter().filter(move |n| n.name() == name)
    }
}
