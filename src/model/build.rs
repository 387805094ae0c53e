//! From instructions to stages: one pass over the file, each instruction seen with the state it meets.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use barehull_catalog::{Catalog, ImageFacts, ImageRef, Inventory, List, Os, Text};
use barehull_syntax::dockerfile::{Arguments, Dockerfile, Instruction, Keyword};
use barehull_syntax::{FileId, Location, MappedText, Span};

use super::configure::configure;
use super::inventory::{self, Installed, InventoryCx};
use super::lower::{self, Lowered};
use super::resolve::{Scope, absolute};
use super::{
    Base, Health, ImageConfig, LaterReference, Launch, Model, Provenance, RunStep, Setting, Source, Stage,
    StageId, Step, StepKind, Transfer, circle, needs,
};
use crate::finding::StageIdentity;

/// What the caller decides about a build.
pub struct BuildSettings<'a> {
    /// What is known of images, packages and tools.
    pub catalog: &'a Catalog,
    /// `--build-arg`s.
    pub build_args: &'a BTreeMap<String, String>,
    /// Names of stages to treat as final beside the last one.
    pub targets: &'a [String],
}

impl Model {
    /// Understands `dockerfile`, which is `file` of the analysis. Needs are not filled yet.
    pub fn new(file: FileId, dockerfile: Dockerfile, settings: &BuildSettings<'_>) -> Self {
        let mut builder = Builder::new(&dockerfile, file, settings);
        for (index, instruction) in dockerfile.instructions().iter().enumerate() {
            builder.instruction(index, instruction);
        }
        builder.finish_stage();
        let Builder { stages, global_args, bad_indices, later_references, .. } = builder;
        let mut model = Self {
            file,
            dockerfile,
            stages,
            global_args,
            bad_indices,
            circles: Vec::new(),
            later_references,
        };
        model.circles = circle::find(&model);
        model.mark_final(settings.targets);
        model
    }

    fn mark_final(&mut self, targets: &[String]) {
        let last = self.stages.len().saturating_sub(1);
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let name = stage.name.as_ref().map(|n| n.0.clone());
            let wanted =
                |n: &String| targets.iter().any(|t| t.eq_ignore_ascii_case(n) || *t == index.to_string());
            stage.is_final = index == last || name.as_ref().is_some_and(wanted);
            stage.identity = match name {
                _ if index == last => StageIdentity("last".into()),
                Some(name) => StageIdentity(name.to_lowercase().into()),
                None => StageIdentity(format!("{}#{index}", stage.base_text).into()),
            };
        }
        let mut open: Vec<StageId> = self.final_stages().map(|s| s.id).collect();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut self.stages[id.index()].reachable, true) {
                continue;
            }
            open.extend(self.stages[id.index()].uses());
        }
    }
}

impl Stage {
    /// The stages this one is built from or reads files of.
    pub fn uses(&self) -> Vec<StageId> {
        let sources = self.steps.iter().flat_map(|step| step.kind.sources());
        self.base_stage().into_iter().chain(sources.filter_map(Source::stage)).collect()
    }
}

struct Builder<'a> {
    dockerfile: &'a Dockerfile,
    file: FileId,
    stages: Vec<Stage>,
    global_args: Vec<(String, Option<String>)>,
    bad_indices: Vec<(Location, u32)>,
    later_references: Vec<LaterReference>,
    settings: &'a BuildSettings<'a>,
    /// Variables before the first FROM, for FROM and for ARGs that a stage declares again.
    global: Scope,
    /// How many stages the file has.
    stage_count: u32,
    /// Names of all stages, in file order: a name is known before its stage is reached.
    names: Vec<(String, StageId)>,
    open: Option<Open>,
}

/// The stage that is being read.
struct Open {
    stage: Stage,
    scope: Scope,
}

impl<'a> Builder<'a> {
    fn new(dockerfile: &'a Dockerfile, file: FileId, settings: &'a BuildSettings<'a>) -> Self {
        let froms = dockerfile.instructions().iter().filter(|i| i.keyword == Keyword::From);
        let names = froms
            .enumerate()
            .filter_map(|(at, i)| Some((stage_name(i)?.text().to_lowercase(), StageId(at as u32))))
            .collect();
        let stage_count =
            dockerfile.instructions().iter().filter(|i| i.keyword == Keyword::From).count() as u32;
        let global = Scope::new(dockerfile.escape());
        Self {
            stage_count,
            dockerfile,
            file,
            stages: Vec::new(),
            global_args: Vec::new(),
            bad_indices: Vec::new(),
            later_references: Vec::new(),
            settings,
            global,
            names,
            open: None,
        }
    }

    fn instruction(&mut self, index: usize, instruction: &Instruction) {
        match instruction.keyword {
            Keyword::From => {
                self.finish_stage();
                self.open_stage(index, instruction);
            }
            Keyword::Arg if self.open.is_none() => self.global_arg(instruction),
            _ => self.step(index, instruction),
        }
    }

    fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    fn global_arg(&mut self, instruction: &Instruction) {
        for (name, default) in arguments(instruction) {
            let given = self.settings.build_args.get(name).cloned();
            let value = given.or_else(|| default.and_then(|d| self.global.known(d)));
            self.global_args.push((name.to_owned(), value.clone()));
            self.global.declare(name, value);
        }
    }

    fn open_stage(&mut self, index: usize, from: &Instruction) {
        let id = StageId(self.stages.len() as u32);
        let words = words(from);
        let image = words.first().copied();
        let resolved = image.map(|w| self.global.resolve(w.text()));
        let base_text = match (&resolved, image) {
            (Some(r), _) if r.known => r.value.clone(),
            (_, Some(word)) => word.text().to_owned(),
            _ => String::new(),
        };
        let base = if resolved.is_some_and(|r| r.known) {
            self.base(id, &base_text, from)
        } else {
            let of_platform = image.and_then(|word| self.stage_of_platform(id, word.text()));
            let behind = image.and_then(|word| self.behind_unset(word.text()));
            of_platform.or_else(|| Some(self.base(id, behind?, from))).unwrap_or(Base::Unresolved)
        };
        let mut scope = Scope::new(self.dockerfile.escape());
        let (config, os, inventory, installed) = self.start_of(&base, &base_text);
        scope.inherit(&config);
        let platform = flag(from, "platform").map(|v| v.text().to_owned());
        let name = stage_name(from).map(|n| (n.text().to_owned(), n.span()));
        let stage = Stage {
            id,
            name,
            identity: StageIdentity("".into()),
            from: index,
            base,
            base_span: image.map_or(from.span, MappedText::span),
            base_text,
            platform,
            steps: Vec::new(),
            config,
            os,
            inventory,
            installed,
            is_final: false,
            reachable: false,
            needs: needs::Needs::default(),
            surface: OnceLock::new(),
        };
        self.open = Some(Open { stage, scope });
    }

    /// What a FROM of stage `id` means: scratch, an earlier stage, or an image.
    fn base(&mut self, id: StageId, text: &str, from: &Instruction) -> Base {
        if text == "scratch" {
            return Base::Scratch;
        }
        if let Some(stage) = self.earlier(id, text) {
            return Base::Stage(stage);
        }
        self.note_later(id, text, from);
        match text.parse::<ImageRef>() {
            Ok(image) => {
                let facts = self.settings.catalog.image(&image).map(Arc::new);
                Base::Image { image, facts }
            }
            Err(_) => Base::Unresolved,
        }
    }

    /// The stage that a FROM with a variable of the platform (`base-$TARGETARCH`) means on the usual machine.
    fn stage_of_platform(&self, id: StageId, word: &str) -> Option<Base> {
        let resolved = self.global.on_usual_platform().resolve(word);
        let stage = resolved.known.then(|| self.earlier(id, &resolved.value))?;
        stage.map(Base::Stage)
    }

    /// The image behind `${PREFIX}` at the start of a FROM, where no build gives that ARG a value: BuildKit takes it as
    /// empty.
    fn behind_unset<'t>(&self, word: &'t str) -> Option<&'t str> {
        let (name, rest) = word.strip_prefix("${")?.split_once('}')?;
        let is_unset = self.global_args.iter().any(|(known, value)| known == name && value.is_none());
        let is_image = rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && !rest.contains('$');
        (is_unset && is_image && !self.settings.build_args.contains_key(name)).then_some(rest)
    }

    /// The last stage before `id` that is called `name` (letter case does not count).
    fn earlier(&self, id: StageId, name: &str) -> Option<StageId> {
        self.names.iter().rev().find(|(n, s)| *s < id && n.eq_ignore_ascii_case(name)).map(|(_, s)| *s)
    }

    fn note_later(&mut self, id: StageId, name: &str, at: &Instruction) {
        let later = self.names.iter().find(|(n, s)| *s > id && n.eq_ignore_ascii_case(name));
        if let Some((_, stage)) = later {
            let at = self.at(at.span);
            self.later_references.push(LaterReference { at, stage: *stage, name: name.to_owned() });
        }
    }

    /// Configuration, system and inventory that a stage starts with.
    fn start_of(&self, base: &Base, text: &str) -> (ImageConfig, Option<Os>, Inventory, Installed) {
        match base {
            Base::Scratch => (ImageConfig::default(), None, Inventory::empty(false), Installed::default()),
            Base::Stage(id) => {
                let parent = &self.stages[id.index()];
                let inventory = Inventory::child_of(Arc::new(parent.inventory.clone()));
                (parent.config.clone(), parent.os.clone(), inventory, parent.installed.clone())
            }
            Base::Image { facts: Some(facts), .. } => {
                let (config, os, inventory) = from_facts(facts, text);
                (config, os, inventory, Installed::default())
            }
            Base::Image { facts: None, .. } | Base::Unresolved => {
                let mut inventory = Inventory::empty(false);
                inventory.weaken();
                (ImageConfig::default(), None, inventory, Installed::default())
            }
        }
    }

    fn step(&mut self, index: usize, instruction: &Instruction) {
        let Some(mut open) = self.open.take() else { return };
        let workdir = open.stage.config.workdir().to_owned();
        let user = open.stage.config.user.as_ref().map(|u| u.value.clone());
        let kind = match instruction.keyword {
            Keyword::Run => self.run(&mut open, instruction, &workdir),
            Keyword::Copy | Keyword::Add => self.transfer(&mut open, instruction, &workdir),
            Keyword::Arg => {
                self.stage_arg(&mut open.scope, instruction);
                StepKind::Config
            }
            _ => {
                let from = Provenance::Instruction { stage: open.stage.id, at: self.at(instruction.span) };
                configure(&mut open.stage.config, &mut open.scope, instruction, &from);
                StepKind::Config
            }
        };
        open.stage.steps.push(Step { instruction: index, workdir, user, kind });
        self.open = Some(open);
    }

    /// `ARG NAME` in a stage: the command line's value, its own default, or the global ARG's.
    fn stage_arg(&self, scope: &mut Scope, instruction: &Instruction) {
        for (name, default) in arguments(instruction) {
            let given = self.settings.build_args.get(name).cloned();
            let own = default.map(|d| scope.known(d));
            let value = match (given, own) {
                (Some(given), _) => Some(given),
                (None, Some(own)) => own,
                (None, None) => self.global.argument(name).cloned().flatten(),
            };
            scope.declare(name, value);
        }
    }

    fn run(&mut self, open: &mut Open, instruction: &Instruction, workdir: &str) -> StepKind {
        let lowered = lower::run(&lower::RunCx {
            instruction,
            file: self.file,
            workdir,
            scope: &open.scope,
            shell: open.stage.config.shell.as_ref().map(|s| s.value.as_slice()),
        });
        open.stage.inventory.begin_layer();
        self.furnish(open).apply(&lowered.effects);
        let mut mounts_from = Vec::new();
        for from in mount_sources(instruction) {
            let source = self.source(open.stage.id, &open.scope, &from, instruction);
            mounts_from.push(source);
        }
        let Lowered { scripts, effects, commands } = lowered;
        StepKind::Run(RunStep { scripts, effects, commands, mounts_from })
    }

    fn transfer(&mut self, open: &mut Open, instruction: &Instruction, workdir: &str) -> StepKind {
        let scope = &open.scope;
        let mut paths: Vec<Option<String>> =
            words(instruction).iter().map(|w| scope.known(w.text())).collect();
        let dest = paths.pop().flatten().map(|d| absolute(workdir, &d));
        let own = |name: &str| flag(instruction, name).map(|v| scope.resolve(v.text()).value);
        let add = instruction.keyword == Keyword::Add;
        let remote = |p: &Option<String>| {
            p.as_ref().is_some_and(|p| {
                ["http://", "https://", "git@", "ssh://", "git://"].iter().any(|s| p.starts_with(s))
            })
        };
        let from = match flag(instruction, "from") {
            Some(from) => {
                let from = from.text().to_owned();
                self.source(open.stage.id, &open.scope, &from, instruction)
            }
            None if add && paths.iter().any(remote) => Source::Remote,
            None if !instruction.heredocs.is_empty() && paths.len() == instruction.heredocs.len() => {
                Source::Heredoc
            }
            None => Source::Context,
        };
        let excludes = instruction
            .flags
            .iter()
            .filter(|f| f.name.text() == "exclude")
            .filter_map(|f| f.value.as_ref().map(|v| v.text().to_owned()))
            .collect();
        let transfer = Transfer {
            from,
            sources: paths,
            dest,
            chown: own("chown"),
            chmod: own("chmod"),
            excludes,
            parents: instruction.flags.iter().any(|f| f.name.text() == "parents"),
            add,
        };
        open.stage.inventory.begin_layer();
        let at = self.at(instruction.span);
        self.furnish(open).transfer(&transfer, at, &self.stages);
        StepKind::Transfer(transfer)
    }

    /// The stage's inventory, ready for effects.
    fn furnish<'o>(&self, open: &'o mut Open) -> InventoryCx<'o>
    where
        'a: 'o,
    {
        InventoryCx {
            inventory: &mut open.stage.inventory,
            installed: &mut open.stage.installed,
            os: open.stage.os.as_ref(),
            catalog: self.settings.catalog,
        }
    }

    /// What a `--from` means: a stage by name or index, else an image.
    fn source(&mut self, id: StageId, scope: &Scope, from: &str, instruction: &Instruction) -> Source {
        let Some(name) = scope.known(from) else { return Source::Unknown };
        if let Some(stage) = self.earlier(id, &name) {
            return Source::Stage(stage);
        }
        if let Ok(index) = name.parse::<u32>() {
            if index < id.0 {
                return Source::Stage(StageId(index));
            }
            if index >= self.stage_count {
                self.bad_indices.push((self.at(instruction.span), index));
                return Source::Unknown;
            }
            return Source::Later(StageId(index));
        }
        // Unlike FROM, `--from` also finds the stage itself and those that come later.
        match self.names.iter().find(|(n, _)| n.eq_ignore_ascii_case(&name)) {
            Some((_, stage)) => Source::Later(*stage),
            None => Source::Image(name),
        }
    }

    fn finish_stage(&mut self) {
        if let Some(open) = self.open.take() {
            self.stages.push(open.stage);
        }
    }
}

fn from_facts(facts: &ImageFacts, text: &str) -> (ImageConfig, Option<Os>, Inventory) {
    let from = Provenance::Base(text.to_owned());
    let set = |value: &Text| Setting { value: value.clone().into_owned(), from: from.clone() };
    let known = &facts.config;
    let launch = |argv: &List<Text>| {
        let items = argv.iter().map(|a| MappedText::verbatim(a, 0)).collect();
        (!argv.is_empty()).then(|| Setting { value: Launch::Exec(items), from: from.clone() })
    };
    let mut config = ImageConfig {
        user: known.user.as_ref().map(set),
        workdir: known.workdir.as_ref().map(set),
        entrypoint: known.entrypoint.as_ref().and_then(launch),
        cmd: known.cmd.as_ref().and_then(launch),
        stopsignal: known.stop_signal.as_ref().map(set),
        expose: known.expose.iter().map(set).collect(),
        volumes: known.volumes.iter().map(set).collect(),
        ..ImageConfig::default()
    };
    if let Some(shell) = &known.shell {
        let value = shell.iter().map(|s| s.clone().into_owned()).collect();
        config.shell = Some(Setting { value, from: from.clone() });
    }
    if let Some(check) = known.healthcheck.as_ref().and_then(|argv| health_of(argv)) {
        config.healthcheck = Some(Setting { value: check, from: from.clone() });
    }
    for var in known.env.iter() {
        config.set_env(&var.name, var.value.clone().map(Text::into_owned), from.clone());
    }
    (config, Some(facts.os.clone()), inventory::of_image(facts, text))
}

/// A health check as image configurations hold it: `CMD`, `CMD-SHELL` or `NONE` first.
fn health_of(argv: &[Text]) -> Option<Health> {
    let (kind, rest) = argv.split_first()?;
    let text = |t: &Text| MappedText::verbatim(t, 0);
    let launch = match kind.as_ref() {
        "CMD" => Launch::Exec(rest.iter().map(text).collect()),
        "CMD-SHELL" => Launch::Shell(text(rest.first()?)),
        _ => return Some(Health::None),
    };
    Some(Health::Check { launch, options: Vec::new() })
}

/// The words of an instruction, in word or JSON form.
pub(super) fn words(instruction: &Instruction) -> Vec<&MappedText> {
    match &instruction.args {
        Arguments::Words(items) | Arguments::Json { items, .. } => items.iter().collect(),
        Arguments::Shell(text) => vec![text],
        Arguments::Pairs(_) => Vec::new(),
    }
}

/// The value of a flag.
pub(super) fn flag<'i>(instruction: &'i Instruction, name: &str) -> Option<&'i MappedText> {
    instruction.flags.iter().find(|f| f.name.text() == name)?.value.as_ref()
}

/// Names and default values of an ARG instruction.
fn arguments(instruction: &Instruction) -> Vec<(&str, Option<&str>)> {
    match &instruction.args {
        Arguments::Pairs(pairs) => {
            pairs.iter().map(|p| (p.name.text(), p.value.as_ref().map(MappedText::text))).collect()
        }
        _ => words(instruction)
            .into_iter()
            .map(|w| w.text().split_once('=').map_or((w.text(), None), |(n, v)| (n, Some(v))))
            .collect(),
    }
}

/// The name behind `AS`.
fn stage_name(from: &Instruction) -> Option<&MappedText> {
    let words = words(from);
    let named = words.get(1).is_some_and(|w| w.text().eq_ignore_ascii_case("as"));
    if named { words.get(2).copied() } else { None }
}

/// The `from=` of RUN's mounts.
fn mount_sources(run: &Instruction) -> Vec<String> {
    let mounts = run.flags.iter().filter(|f| f.name.text() == "mount").filter_map(|f| f.value.as_ref());
    mounts
        .flat_map(|value| value.text().split(','))
        .filter_map(|field| field.trim().strip_prefix("from=").map(str::to_owned))
        .collect()
}
