//! What the final image shall be, as a recipe decides it.

use std::collections::BTreeSet;

use barehull_syntax::Span;

/// A `COPY --from` of the new final stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CopyLine {
    /// The stage or image it copies from; the build stage that the rewrite makes where absent.
    pub from: Option<String>,
    /// The path in it, absolute.
    pub source: String,
    /// The path in the image: absolute, or relative to WORKDIR.
    pub dest: String,
    /// `--chown`.
    pub chown: Option<String>,
    /// A line comment above it that says why, without `#`.
    pub why: Option<String>,
}

impl CopyLine {
    /// A plain copy from the build stage.
    pub fn of(source: &str, dest: &str) -> Self {
        Self { from: None, source: source.to_owned(), dest: dest.to_owned(), chown: None, why: None }
    }
}

/// The final image that a recipe wants.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The base image's reference.
    pub base: String,
    /// What is copied from the build stage, in order.
    pub copies: Vec<CopyLine>,
    /// Whole instructions (no trailing line break, `\n` inside) appended to the build stage.
    pub build_tail: Vec<String>,
    /// Replacements inside instructions that stay: in the build stage, or in COPY lines that are kept.
    pub words: Vec<(Span, String)>,
    /// Instructions (by index) that go away: their effects are not wanted in any stage.
    pub drop: BTreeSet<usize>,
    /// An init (`/usr/bin/tini --`) that stays in front of the process.
    pub init: Vec<String>,
    /// ENTRYPOINT in exec form; none where absent.
    pub entrypoint: Option<Vec<String>>,
    /// CMD in exec form; none where absent.
    pub cmd: Option<Vec<String>>,
    /// USER to declare; the base image's own user where absent.
    pub user: Option<String>,
    /// WORKDIR that the process starts in, where it is another than the stage's.
    pub workdir: Option<String>,
    /// Environment to declare in the final stage beside what the stage declares itself.
    pub env: Vec<(String, String)>,
    /// Names of variables that the stage declares and the final image does not get.
    pub env_drop: BTreeSet<String>,
    /// Instructions of the final stage that only the old base said (`EXPOSE`, `STOPSIGNAL`): keyword and text.
    pub also: Vec<(&'static str, String)>,
    /// What becomes of the health check.
    pub health: HealthChange,
    /// Whether the build stage makes programs for another platform than its own.
    pub cross_built: bool,
    /// Whether all files of the build stage go along: what its base image sets is declared again, too.
    pub whole: bool,
    /// Whether ENTRYPOINT and CMD of the stage stay as they are written.
    pub as_written: bool,
    /// SHELL, where commands in shell form stay.
    pub shell: Option<Vec<String>>,
    /// Name for the build stage that a split makes.
    pub build_name: &'static str,
}

/// What becomes of HEALTHCHECK.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HealthChange {
    /// It stays as it is (or there is none).
    #[default]
    Keep,
    /// Its command becomes this exec form; timing options stay.
    Exec(Vec<String>),
    /// It goes: whoever runs the image asks in another way.
    Gone,
    /// Nothing can take its place yet: this comment (without `#`) marks the gap.
    Gap(String),
}
