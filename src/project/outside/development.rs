//! Which uses of an image are for development, and which of these stand beside one for production.

use super::super::{FileKind, ProjectPath};
use super::{Command, Matched, OutsideUse};

/// How far a use is for development.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Development {
    /// Not at all.
    #[default]
    No,
    /// Sources are mounted, or the command restarts on changes; nothing says that the image is run otherwise.
    InPlace,
    /// The project says so, or runs the same image otherwise.
    Beside,
}

impl Development {
    /// Whether it looks like development, whatever else the project does.
    pub fn is_likely(self) -> bool {
        self != Self::No
    }

    /// Whether it stands beside the way the image is run in production: what it starts is no fact of that.
    pub fn is_beside(self) -> bool {
        self == Self::Beside
    }
}

/// Finds those of `uses` beside which another file runs the same stage for production: a compose file that others are put
/// over, or that is put over this one, or a manifest.
pub(super) fn find_beside(uses: &mut [OutsideUse]) {
    let target = |used: &OutsideUse| used.target.as_ref().map(|target| target.value.clone());
    let produces = |used: &OutsideUse| {
        used.development == Development::No
            && used.matched != Matched::Unmatched
            && matches!(used.kind, FileKind::Compose | FileKind::Yaml)
    };
    let production: Vec<(ProjectPath, Option<String>)> =
        uses.iter().filter(|used| produces(used)).map(|used| (used.at.path.clone(), target(used))).collect();
    for used in uses.iter_mut().filter(|used| used.development == Development::InPlace) {
        let own = target(used);
        if production.iter().any(|(path, target)| *path != used.at.path && *target == own) {
            used.development = Development::Beside;
        }
    }
}

/// Whether a command says that it is for development: it restarts on changes, or is called so.
pub(super) fn is_for_development(command: &Command) -> bool {
    let text = match command {
        Command::Exec(words) => words.join(" "),
        Command::Shell(text) | Command::Unresolved(text) => text.clone(),
    };
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&'));
    words.any(|word| {
        matches!(
            word,
            "dev"
                | "nodemon"
                | "ts-node-dev"
                | "--reload"
                | "--watch"
                | "watchmedo"
                | "air"
                | "reflex"
                | "start:dev"
                | "serve:dev"
                | "dev:server"
                | "start-dev"
                | "webpack-dev-server"
        )
    })
}

/// Whether mounting the folder `source` puts the project's own sources into a container.
pub(super) fn mounts_sources(source: &ProjectPath, context: Option<&ProjectPath>) -> bool {
    let named = matches!(
        source.file_name(),
        "src"
            | "app"
            | "lib"
            | "server"
            | "client"
            | "backend"
            | "frontend"
            | "api"
            | "web"
            | "code"
            | "templates"
    );
    match context {
        // The context itself, a folder above it, or sources in it.
        Some(context) => context.is_within(source) || (source.is_within(context) && named),
        None => source.is_root() || named,
    }
}
