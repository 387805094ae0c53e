//! What an analysis says: findings, fixes, blockers and the surface.

use std::collections::BTreeMap;
use std::sync::Arc;

use barehull_catalog::{Completeness, Component, Origin, Presence, Role, Text};
use barehull_syntax::Location;
use sha2::{Digest, Sha256};

use crate::builders::Demand;
use crate::edit::Edit;
use crate::project::ProjectPath;
use crate::rules::RuleMeta;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How far a fix can be trusted; the order is from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Same behaviour for every program; never changes user, arguments, base image or set of executables.
    Safe,
    /// Same behaviour if the listed assumptions hold.
    Review,
    /// Shows the way; holds a marked gap that a person must fill.
    Sketch,
}

impl Level {
    /// `safe`, `review` or `sketch`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Review => "review",
            Self::Sketch => "sketch",
        }
    }
}

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Bytes of a file that was read.
    Source(Location),
    /// A file as a whole: absent, or not text.
    File(ProjectPath),
    /// A path in a layer of a built image.
    Image {
        /// 0-based layer.
        layer: u32,
        /// Absolute path in the image.
        path: String,
    },
    /// The project as a whole.
    Project,
}

/// A labelled place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is to be seen there.
    pub text: String,
}

/// A stage's name that survives rewrites: a final stage's target name, else `last`; a build stage's name,
/// else its base and ordinal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageIdentity(pub Arc<str>);

/// A rule's verdict at a place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleMeta,
    /// How bad; the rule's own severity unless overridden.
    pub severity: Severity,
    /// One sentence, plain text, no line break.
    pub message: String,
    /// The stage it is about.
    pub stage: Option<StageIdentity>,
    /// Where it is shown.
    pub place: Place,
    /// Further places that are evidence.
    pub related: Vec<Label>,
    /// What the finding is about within the stage, as its rule declares it: a role, a package, a name.
    pub subject: String,
    /// Names of the components it speaks of; a rewrite must make this smaller.
    pub components: Vec<Text>,
    /// Proven fixes; filled by the engine.
    pub fixes: Vec<Fix>,
    /// Why it does not count, if something in the project says so.
    pub suppressed: Option<String>,
    /// The controls of the policy that it breaks.
    pub controls: Vec<&'static str>,
}

impl Finding {
    /// A finding of `rule` at `place`; the rest is set with the builder methods.
    pub fn new(rule: &'static RuleMeta, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            stage: None,
            place,
            related: Vec::new(),
            subject: String::new(),
            components: Vec::new(),
            fixes: Vec::new(),
            suppressed: None,
            controls: Vec::new(),
        }
    }

    /// Sets the stage.
    #[must_use]
    pub fn stage(mut self, stage: &StageIdentity) -> Self {
        self.stage = Some(stage.clone());
        self
    }

    /// Sets the subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Sets the components it speaks of.
    #[must_use]
    pub fn components<T: Into<Text>>(mut self, components: impl IntoIterator<Item = T>) -> Self {
        self.components = components.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a place as evidence.
    #[must_use]
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// Identifies the finding across edits: 32 hex digits over (path, rule, stage identity, subject).
    pub fn fingerprint(&self, path: &str) -> String {
        let stage = self.stage.as_ref().map_or("", |s| s.0.as_ref());
        short_hash(&[path, self.rule.id, stage, &self.subject])
    }
}

/// 32 hex digits over `parts`, told apart by a separator that no path or name holds.
fn short_hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Something a fix relies on and nobody could check offline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// One sentence a reviewer can check.
    pub text: String,
    /// What it is about, where there is such a place.
    pub place: Option<Place>,
}

/// What a person has to add to a file that cannot be edited: a template, or one with anchors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// The file.
    pub path: ProjectPath,
    /// The lines, with comments that say where they go.
    pub text: String,
}

/// A set of edits that applies whole or not at all.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What made it: a recipe's or a rule's id.
    pub by: &'static str,
    /// What it does, in the imperative.
    pub title: String,
    /// How far it can be trusted.
    pub level: Level,
    /// What it relies on, sorted.
    pub assumptions: Vec<Assumption>,
    /// The edits, none overlapping another.
    pub edits: Vec<Edit>,
    /// What has to be added by hand besides; then it is a sketch.
    pub by_hand: Vec<ByHand>,
    /// The final base image, where the fix changes it.
    pub base_after: Option<String>,
    /// The stage's surface with the fix applied; filled when it is proven.
    pub surface_after: Option<Arc<Surface>>,
    /// What the result asks of a builder; filled when it is proven.
    pub demand: Option<Demand>,
    /// The stage it rewrites.
    pub stage: StageIdentity,
    /// The findings it answers (rule, stage, subject); filled when it is proven.
    pub resolves: Vec<(&'static str, Option<StageIdentity>, String)>,
}

/// Why a recipe cannot run at a better level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The recipe.
    pub recipe: &'static str,
    /// The stage it looked at.
    pub stage: StageIdentity,
    /// One sentence that says what stands in the way and what to do.
    pub reason: String,
    /// Where it stands.
    pub place: Place,
}

/// A run-time use of a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The program that is run, as a name (`curl`) or a path.
    pub program: String,
    /// What runs it: `HEALTHCHECK`, `shell-form CMD`, `npm start`, `app/git.js`.
    pub why: String,
    /// Where that stands.
    pub place: Option<Place>,
}

/// A component of a final image, with what needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurfaceEntry {
    /// The executable.
    pub component: Component,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it is there at run time.
    pub presence: Presence,
    /// What uses it at run time.
    pub needed_by: Vec<Need>,
}

/// The inventory of a final stage, grouped by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// Entries by role, each sorted by name, then path.
    pub groups: BTreeMap<Role, Vec<SurfaceEntry>>,
    /// Whether more may be there than is known.
    pub completeness: Completeness,
    /// Uses of programs whose names only the run shows: any entry may be meant.
    pub unnamed: Vec<Need>,
}

impl Surface {
    /// No tools, and none missed.
    pub const fn empty() -> Self {
        Self { groups: BTreeMap::new(), completeness: Completeness::Exact, unnamed: Vec::new() }
    }

    /// How many distinct names are there at run time.
    pub fn present(&self) -> usize {
        self.groups.keys().map(|role| self.names(*role).len()).sum()
    }

    /// The distinct names of `role` that are there at run time, sorted.
    pub fn names(&self, role: Role) -> Vec<&str> {
        let entries = self.groups.get(&role).into_iter().flatten();
        let mut names: Vec<_> =
            entries.filter(|e| e.presence == Presence::Present).map(|e| e.component.name()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
