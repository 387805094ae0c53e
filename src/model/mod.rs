//! Meaning: what each stage starts from, what its instructions do, what image it ends as, and what that
//! image needs at run time.

mod build;
mod circle;
mod config;
mod configure;
mod effect;
mod executed;
pub(crate) mod image_files;
mod inventory;
pub(crate) mod lower;
pub mod needs;
mod resolve;
mod searches;
mod shipped;
pub mod start;
#[cfg(test)]
mod tests;
mod toolchain;
mod written;

pub use build::BuildSettings;
pub use circle::Circle;
pub use config::{EnvVar, Health, ImageConfig, Launch, Provenance, Setting};
pub use effect::{Effect, EffectKind, Landing, LanguageManager, Manager, Named, Sink};
pub use executed::{Executed, Reader};
pub use lower::command::Argument;
pub use resolve::{Scope, absolute};
pub(crate) use searches::Searches;
pub use toolchain::{Toolchain, spawned, toolchain};

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use barehull_catalog::{ImageFacts, ImageRef, Inventory, Os};
use barehull_syntax::dockerfile::{Dockerfile, Instruction};
use barehull_syntax::shell::Script;
use barehull_syntax::{FileId, Location, Span};

use crate::finding::{StageIdentity, Surface};
use crate::project::outside::OutsideUse;

/// A stage of one Dockerfile: its 0-based position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(pub u32);

impl StageId {
    /// The position, for indexing.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One Dockerfile, understood.
#[derive(Debug)]
pub struct Model {
    /// The Dockerfile.
    pub file: FileId,
    /// Its syntax.
    pub dockerfile: Dockerfile,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// ARGs before the first FROM: names and default values, resolved.
    pub global_args: Vec<(String, Option<String>)>,
    /// `--from` with an index that no stage has: place and index. The build fails.
    pub bad_indices: Vec<(Location, u32)>,
    /// Stages that wait for each other. The build fails.
    pub circles: Vec<Circle>,
    /// References that BuildKit reads as an image although a later stage has that name.
    pub later_references: Vec<LaterReference>,
}

/// A FROM that names a stage which comes later in the file.
#[derive(Clone, Debug)]
pub struct LaterReference {
    /// The reference.
    pub at: Location,
    /// The stage that has the name, or the index.
    pub stage: StageId,
    /// The name as written.
    pub name: String,
}

/// What a stage starts from.
#[derive(Clone, Debug)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage.
    Stage(StageId),
    /// An image.
    Image {
        /// The reference, parsed.
        image: ImageRef,
        /// What the catalog knows of it; absent for an unknown image.
        facts: Option<Arc<ImageFacts>>,
    },
    /// A reference with a variable nobody sets.
    Unresolved,
}

/// One stage.
#[derive(Debug)]
pub struct Stage {
    /// Its position.
    pub id: StageId,
    /// Its name as written, with its place.
    pub name: Option<(String, Span)>,
    /// Its identity across rewrites.
    pub identity: StageIdentity,
    /// Its FROM instruction: index into the Dockerfile's instructions.
    pub from: usize,
    /// What it starts from.
    pub base: Base,
    /// The base as written, with arguments resolved.
    pub base_text: String,
    /// The base's bytes in FROM, as a composite or exact span.
    pub base_span: Span,
    /// `--platform`, as written.
    pub platform: Option<String>,
    /// Its instructions behind FROM.
    pub steps: Vec<Step>,
    /// The image configuration it ends with.
    pub config: ImageConfig,
    /// The operating system, as far as the base is known.
    pub os: Option<Os>,
    /// The executables in it.
    pub inventory: Inventory,
    /// Packages its instructions installed.
    pub(crate) installed: inventory::Installed,
    /// Whether it is an image that somebody builds (the last one, or a target).
    pub is_final: bool,
    /// Whether a final stage is built from it or copies from it.
    pub reachable: bool,
    /// What the image uses at run time; empty unless final.
    pub needs: needs::Needs,
    /// Its surface, once somebody asked for it.
    surface: OnceLock<Arc<Surface>>,
}

/// One instruction of a stage with the state it meets.
#[derive(Debug)]
pub struct Step {
    /// Index into the Dockerfile's instructions.
    pub instruction: usize,
    /// The folder it runs in, absolute.
    pub workdir: String,
    /// The user it runs as, where a USER came before.
    pub user: Option<String>,
    /// What it does.
    pub kind: StepKind,
}

/// What an instruction does beyond the configuration.
#[derive(Debug)]
pub enum StepKind {
    /// RUN.
    Run(RunStep),
    /// COPY or ADD.
    Transfer(Transfer),
    /// Anything else: only the configuration changes.
    Config,
}

/// A RUN instruction.
#[derive(Debug)]
pub struct RunStep {
    /// Its shell text, or each heredoc's; the exec form as one command.
    pub scripts: Vec<Script>,
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// The commands it executes, in order.
    pub commands: Vec<Executed>,
    /// Stages and images that its mounts read.
    pub mounts_from: Vec<Source>,
}

/// Where files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The build context.
    Context,
    /// An earlier stage.
    Stage(StageId),
    /// The stage itself or a later one: BuildKit builds that first, what it holds is not known here.
    Later(StageId),
    /// Another image.
    Image(String),
    /// A URL or git repository (ADD).
    Remote,
    /// The instruction itself (heredocs).
    Heredoc,
    /// It could not be told.
    Unknown,
}

impl Source {
    /// The stage, if it is one.
    pub const fn stage(&self) -> Option<StageId> {
        match self {
            Self::Stage(id) | Self::Later(id) => Some(*id),
            _ => None,
        }
    }
}

impl StepKind {
    /// Where its files come from.
    pub fn sources(&self) -> &[Source] {
        match self {
            Self::Run(run) => &run.mounts_from,
            Self::Transfer(transfer) => std::slice::from_ref(&transfer.from),
            Self::Config => &[],
        }
    }
}

/// A COPY or ADD instruction, variables resolved.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// From where.
    pub from: Source,
    /// What, as written, variables resolved; `None` where a variable is not known.
    pub sources: Vec<Option<String>>,
    /// To where: absolute; a trailing slash is kept. `None` where a variable is not known.
    pub dest: Option<String>,
    /// `--chown`.
    pub chown: Option<String>,
    /// `--chmod`.
    pub chmod: Option<String>,
    /// `--exclude` patterns.
    pub excludes: Vec<String>,
    /// `--parents`.
    pub parents: bool,
    /// ADD rather than COPY: archives are unpacked.
    pub add: bool,
}

impl Model {
    /// The stage.
    pub fn stage(&self, id: StageId) -> &Stage {
        &self.stages[id.index()]
    }

    /// The stages that somebody builds, in order.
    pub fn final_stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|s| s.is_final)
    }

    /// Whether BuildKit refuses the file.
    pub fn is_refused(&self) -> bool {
        !(self.dockerfile.problems().is_empty() && self.bad_indices.is_empty() && self.circles.is_empty())
    }

    /// The instruction of a step.
    pub fn instruction(&self, step: &Step) -> &Instruction {
        &self.dockerfile.instructions()[step.instruction]
    }

    /// The place of a span of the Dockerfile.
    pub const fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// The stage chain of `id`: itself, the stage it is built from, and so on down to the image.
    pub fn lineage(&self, id: StageId) -> Vec<&Stage> {
        let mut chain = vec![self.stage(id)];
        while let Some(Base::Stage(parent)) = chain.last().map(|s| &s.base) {
            chain.push(self.stage(*parent));
        }
        chain
    }

    /// The stage at the bottom of that chain: it starts from an image, from nothing, or from what is not known.
    pub fn root_stage(&self, id: StageId) -> &Stage {
        let mut stage = self.stage(id);
        while let Base::Stage(parent) = stage.base {
            stage = self.stage(parent);
        }
        stage
    }

    /// The stages whose files can be in the image of `id`: itself, what it is built from and copies from, and so on.
    pub(crate) fn behind(&self, id: StageId) -> BTreeSet<StageId> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.stage(next).uses());
            }
        }
        found
    }

    /// Whether a use elsewhere in the project is of stage `id`: by its target, else the last stage.
    pub fn is_used_by(&self, id: StageId, used: &OutsideUse) -> bool {
        let stage = self.stage(id);
        match &used.target {
            Some(target) => stage.name.as_ref().is_some_and(|(n, _)| n.eq_ignore_ascii_case(&target.value)),
            None => id.index() + 1 == self.stages.len(),
        }
    }

    /// The image at the bottom of a stage's lineage.
    pub fn root_base(&self, id: StageId) -> &Base {
        &self.root_stage(id).base
    }
}

impl Stage {
    /// Its surface with what needs each component. Made once.
    pub fn surface(&self) -> &Arc<Surface> {
        self.surface.get_or_init(|| Arc::new(needs::surface(&self.inventory, &self.needs)))
    }

    /// Says what the image uses at run time.
    pub fn set_needs(&mut self, needs: needs::Needs) {
        self.needs = needs;
        self.surface = OnceLock::new();
    }

    /// Its name as written, else its position: what `--from` calls it.
    pub fn label(&self) -> String {
        self.name.as_ref().map_or_else(|| self.id.0.to_string(), |(name, _)| name.clone())
    }

    /// The stage it is built from, if it is one.
    pub const fn base_stage(&self) -> Option<StageId> {
        match self.base {
            Base::Stage(id) => Some(id),
            _ => None,
        }
    }

    /// What the catalog knows of the image it starts from, if it starts from one.
    pub fn facts(&self) -> Option<&ImageFacts> {
        match &self.base {
            Base::Image { facts, .. } => facts.as_deref(),
            _ => None,
        }
    }
}
