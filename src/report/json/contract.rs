//! The types of the JSON output. Changing one changes the contract: add optional fields only, or raise
//! [`VERSION`](super::VERSION).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::comparison::Comparison;
use crate::report::Summary;
use crate::report::controls::Status;
use crate::report::summary::ControlCount;
use crate::rules;

/// What `barehull check`, `barehull surface` and `barehull verify` print with `--format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "barehull report")]
pub struct Document {
    /// The version of this contract: 1.
    pub version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The Dockerfiles, sorted by path; the images that `barehull verify` looked at, in the order of the command line.
    pub files: Vec<File>,
    /// `barehull verify BEFORE --against AFTER`: what distinguishes the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Counts over all files.
    pub summary: Counts,
}

/// What wrote the document.
#[derive(Serialize, JsonSchema)]
pub struct Tool {
    /// `barehull`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Tool {
    /// This program.
    pub const fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// One Dockerfile.
#[derive(Serialize, JsonSchema)]
pub struct File {
    /// Its path, `/` between names.
    pub path: String,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// Findings, sorted by place.
    pub findings: Vec<Finding>,
    /// Why no better rewrite was possible; known where fixes were asked for.
    pub blockers: Vec<Blocker>,
    /// `barehull verify`: the path is that of a built image, whose surface is that of its only stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
}

/// A built image in numbers.
#[derive(Serialize, JsonSchema)]
pub struct Image {
    /// What it is called, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The operating system by its own words: `Debian 12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// As in GOARCH; empty where it is unknown.
    pub architecture: String,
    /// Bytes of all layers as they are stored.
    pub stored_bytes: u64,
    /// Bytes of the files that a container sees.
    pub visible_bytes: u64,
    /// How many regular files a container sees.
    pub files: u64,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
    /// Installed packages as `name version`, sorted.
    pub packages: Vec<String>,
    /// What limits what can be said of it.
    pub notes: Vec<String>,
}

/// A layer of a built image.
#[derive(Serialize, JsonSchema)]
pub struct Layer {
    /// What made it, by the image's history; empty where that is unknown.
    pub created_by: String,
    /// The digest of its uncompressed bytes, where the image says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff_id: Option<String>,
    /// Bytes as it is stored.
    pub stored_bytes: u64,
    /// Files, folders and links in it.
    pub entries: u64,
}

/// A build stage.
#[derive(Serialize, JsonSchema)]
pub struct Stage {
    /// Its name as written.
    pub name: Option<String>,
    /// 0-based position.
    pub index: u32,
    /// Whether it is an image somebody builds: the last stage, or a target.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Its base as written, arguments resolved.
    pub base: String,
    /// Whether the surface is complete.
    pub completeness: Completeness,
    /// The tools in it, by role; empty unless it is final.
    pub surface: Surface,
    /// Uses of programs whose names only the run shows: any of the tools may be meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unnamed_needs: Vec<Need>,
}

/// Whether a list is known to be whole.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// What is not listed is not there.
    Exact,
    /// The list proves presence, never absence.
    AtLeast,
}

/// Components by role: `shell`, `package-manager`, `network-client`, `debug-tool`, `build-tool`,
/// `privilege-tool`, `remote-access`, `language-package-manager`.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Surface(pub BTreeMap<&'static str, Vec<Component>>);

/// An executable in an image.
#[derive(Serialize, JsonSchema)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its absolute path in the image.
    pub path: String,
    /// Whether it is there at run time.
    pub presence: Presence,
    /// What brought it.
    pub origin: Origin,
    /// What uses it at run time.
    pub needed_by: Vec<Need>,
}

/// Whether a component can be started.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is there at run time.
    Present,
    /// A later layer removed it: gone at run time, but still in the image.
    Shadowed,
}

/// What brought a component.
#[derive(Serialize, JsonSchema)]
pub struct Origin {
    /// Which of the fields below there are.
    pub kind: OriginKind,
    /// The image it comes from in the end (base-image, copied).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The stage or image it was copied from (copied).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The instruction that brought it (instruction, copied).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// The 0-based layer of a built image (layer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
    /// What the image's history says of the layer (layer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

/// Kinds of origins.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OriginKind {
    /// The image the stage starts from.
    BaseImage,
    /// An instruction.
    Instruction,
    /// A copy from another stage or image.
    Copied,
    /// A layer of a built image.
    Layer,
}

/// A run-time use of a component.
#[derive(Serialize, JsonSchema)]
pub struct Need {
    /// What uses it: `HEALTHCHECK`, `npm start`.
    pub why: String,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// A place.
#[derive(Serialize, JsonSchema)]
pub struct At {
    /// The file; in a layer, the path in the image.
    pub path: String,
    /// The part of the file; absent where the file as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The 0-based layer of a built image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
}

/// A part of a file.
#[derive(Serialize, JsonSchema)]
pub struct Range {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// A point between two characters of a file.
#[derive(Serialize, JsonSchema)]
pub struct Position {
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
    /// 0-based, in bytes from the start of the file.
    pub offset: u32,
}

/// A rule's verdict.
#[derive(Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The stage it is about, as an identity that survives rewrites.
    pub stage: Option<String>,
    /// Where; absent where it is about the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// Further places that are evidence.
    pub related: Vec<Related>,
    /// 32 hex digits that stay the same while lines move.
    pub fingerprint: String,
    /// Why it does not count, if something in the project says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
    /// The controls that it breaks, where a policy was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<&'static str>,
    /// Proven fixes, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixes: Option<Vec<Fix>>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Must be mended.
    Error,
    /// Should be mended.
    Warning,
    /// Worth knowing.
    Info,
}

/// A labelled place.
#[derive(Serialize, JsonSchema)]
pub struct Related {
    /// What is to be seen there.
    pub message: String,
    /// Where; absent where it is about the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// A set of edits that applies whole or not at all.
#[derive(Serialize, JsonSchema)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// How far it can be trusted.
    pub level: Level,
    /// What it relies on.
    pub assumptions: Vec<Assumption>,
    /// The changes.
    pub edits: Vec<Edit>,
    /// What a person has to add besides, to files that cannot be edited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<ByHand>,
    /// The surface of the stage with the fix applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface_after: Option<Surface>,
}

/// Lines for a file that cannot be edited.
#[derive(Serialize, JsonSchema)]
pub struct ByHand {
    /// The file.
    pub path: String,
    /// The lines, with comments that say where they go.
    pub text: String,
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Same behaviour for every program.
    Safe,
    /// Same behaviour if the assumptions hold.
    Review,
    /// Holds a marked gap that a person must fill.
    Sketch,
}

/// Something a fix relies on.
#[derive(Serialize, JsonSchema)]
pub struct Assumption {
    /// One sentence a reviewer can check.
    pub text: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// One change to one file.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Edit {
    /// Puts `text` in the place of the range at `at`.
    Replace {
        /// The bytes that go; an empty range inserts.
        at: At,
        /// What comes instead.
        text: String,
    },
    /// Writes a new file.
    Create {
        /// Where.
        path: String,
        /// Its text.
        text: String,
        /// Unix permission bits in octal: `"0644"`.
        mode: String,
    },
    /// Removes a file.
    Delete {
        /// Which.
        path: String,
    },
}

/// Why a recipe cannot run at a better level.
#[derive(Serialize, JsonSchema)]
pub struct Blocker {
    /// The recipe.
    pub recipe: &'static str,
    /// What stands in the way and what to do.
    pub reason: String,
    /// Where; absent where it is about the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// Counts over all files; suppressed findings do not count as error, warning or info.
#[derive(Serialize, JsonSchema)]
pub struct Counts {
    /// Dockerfiles that were analysed.
    pub files: usize,
    /// Dockerfiles that could not be read or analysed; standard error says why.
    pub failed: usize,
    /// Findings of severity error.
    pub error: usize,
    /// Findings of severity warning.
    pub warning: usize,
    /// Findings of severity info.
    pub info: usize,
    /// Findings that something in the project suppresses.
    pub suppressed: usize,
    /// Findings by rule.
    pub rules: BTreeMap<&'static str, usize>,
    /// The policies that were asked for, with what became of their controls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
}

/// A policy.
#[derive(Serialize, JsonSchema)]
pub struct Policy {
    /// Its name: `cis-docker`.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Its controls, in order.
    pub controls: Vec<Control>,
}

/// A control of a policy, and what became of it.
#[derive(Serialize, JsonSchema)]
pub struct Control {
    /// `4.1`.
    pub id: &'static str,
    /// What it demands.
    pub title: &'static str,
    /// Whether findings break it.
    pub status: ControlStatus,
    /// Findings that break it.
    pub findings: usize,
    /// Dockerfiles with such findings.
    pub files: usize,
    /// What of it no Dockerfile shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<&'static str>,
}

/// What became of a control.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlStatus {
    /// Findings break it.
    Findings,
    /// Nothing that its rules look for was found.
    NothingFound,
    /// No rule looks at it.
    NotLookedAt,
}

impl Counts {
    /// The counts of a run.
    pub fn of(summary: &Summary) -> Self {
        Self {
            files: summary.files,
            failed: summary.failed,
            error: summary.errors,
            warning: summary.warnings,
            info: summary.infos,
            suppressed: summary.suppressed,
            rules: summary.rules.iter().map(|(id, count)| (*id, count.findings)).collect(),
            policies: summary
                .policies
                .values()
                .map(|(policy, counts)| policy_report(policy, counts))
                .collect(),
        }
    }
}

fn policy_report(policy: &rules::Policy, counts: &[ControlCount]) -> Policy {
    let control = |(control, count): (&rules::Control, &ControlCount)| Control {
        id: control.id,
        title: control.title,
        status: match Status::of(control, *count) {
            Status::Broken(_) => ControlStatus::Findings,
            Status::NothingFound => ControlStatus::NothingFound,
            Status::Unseen => ControlStatus::NotLookedAt,
        },
        findings: count.findings,
        files: count.files,
        unseen: control.unseen,
    };
    let controls = policy.controls.iter().zip(counts).map(control).collect();
    Policy { id: policy.id, title: policy.title, controls }
}
