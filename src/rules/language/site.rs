//! What a matcher looks at: an instruction or a part of one, in its stage.

use std::borrow::Cow;
use std::cell::Cell;

use barehull_catalog::{ImageFacts, ImageRef};
use barehull_syntax::dockerfile::{Arguments, Instruction, Pair};
use barehull_syntax::{Location, MappedText, Span};

use super::ran::{Ran, effects_of};
use super::schema::{Field, Needs, Piece, Template};
use crate::finding::Surface;
use crate::model::{
    Argument, Base, Effect, EffectKind, Executed, LanguageManager, Manager, Model, Named, Stage, Transfer,
};

/// Bytes that most fields need.
const ROOM: usize = 24;

/// One place where a rule may hold.
pub(super) struct Site<'a> {
    pub(super) model: &'a Model,
    pub(super) stage: &'a Stage,
    pub(super) instruction: &'a Instruction,
    pub(super) what: What<'a>,
    /// The stage's tools; of a stage as a whole only.
    pub(super) surface: Option<&'a Surface>,
    /// The argument of the command that a condition asked for.
    pub(super) arg: Cell<Option<u16>>,
    /// The source of the copy that a condition asked for.
    pub(super) source: Cell<Option<u16>>,
    /// What its commands do and are called; everything where it has none.
    pub(super) has: Needs,
}

/// The part.
#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    /// The instruction as a whole.
    Whole,
    /// A RUN as a whole.
    Run(&'a Ran<'a>),
    /// A command of a RUN.
    Command(&'a Ran<'a>, &'a Executed),
    /// A package that a RUN installs.
    Package(&'a Ran<'a>, &'a Effect, &'a Named),
    /// COPY or ADD.
    Transfer(&'a Transfer),
    /// A variable or label.
    Pair(&'a Pair),
    /// A word: a port.
    Word(&'a MappedText),
}

impl<'a> Site<'a> {
    /// The same, whose commands do and are called what `has` says.
    pub(super) fn having(self, has: Needs) -> Self {
        Self { has, ..self }
    }

    pub(super) fn run(&self) -> Option<&'a Ran<'a>> {
        match self.what {
            What::Run(run) | What::Command(run, _) | What::Package(run, ..) => Some(run),
            _ => None,
        }
    }

    pub(super) fn command(&self) -> Option<&'a Executed> {
        match self.what {
            What::Command(_, command) => Some(command),
            _ => None,
        }
    }

    pub(super) fn transfer(&self) -> Option<&'a Transfer> {
        match self.what {
            What::Transfer(transfer) => Some(transfer),
            _ => None,
        }
    }

    /// The effects that are looked at: of the command, of the package, else of the whole RUN.
    pub(super) fn effects(&self) -> &'a [Effect] {
        match self.what {
            What::Command(run, command) => effects_of(run.step, command),
            What::Package(_, effect, _) => std::slice::from_ref(effect),
            What::Run(run) => &run.step.effects,
            _ => &[],
        }
    }

    /// The stage whose FROM counts: its own where that is looked at, else the one at the bottom.
    fn base_stage(&self) -> &'a Stage {
        match self.what {
            What::Whole if self.instruction.keyword == barehull_syntax::dockerfile::Keyword::From => {
                self.stage
            }
            _ => self.model.root_stage(self.stage.id),
        }
    }

    pub(super) fn image(&self) -> Option<(&'a ImageRef, Option<&'a ImageFacts>)> {
        match &self.base_stage().base {
            Base::Image { image, facts } => Some((image, facts.as_deref())),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> Option<&'a str> {
        Some(match self.what {
            What::Pair(pair) => pair.name.text(),
            What::Package(_, _, named) => &named.name,
            What::Command(_, command) => command.name(),
            _ => return None,
        })
    }

    pub(super) fn value(&self) -> Option<&'a str> {
        Some(match self.what {
            What::Pair(pair) => unquoted(pair.value.as_ref()?.text()),
            What::Word(word) => word.text(),
            _ => return None,
        })
    }

    /// The arguments as one text.
    pub(super) fn text(&self) -> Cow<'a, str> {
        match &self.instruction.args {
            Arguments::Shell(text) => Cow::Borrowed(text.text().trim()),
            Arguments::Words(items) if items.len() == 1 => Cow::Borrowed(items[0].text()),
            _ => Cow::Borrowed(self.instruction.rest.text().trim()),
        }
    }

    /// The command as it is written, without what continues its lines; elsewhere the arguments.
    fn line(&self) -> Cow<'a, str> {
        let Some(command) = self.command() else { return self.text() };
        let dockerfile = &self.model.dockerfile;
        let written = String::from_utf8_lossy(command.at.span.slice(dockerfile.source()));
        let escape = char::from(dockerfile.escape());
        let lines = written.lines().map(|line| line.trim_end().trim_end_matches(escape));
        Cow::Owned(lines.collect::<Vec<_>>().join(" "))
    }

    /// The first argument that is no option, with its place.
    pub(super) fn subcommand(&self) -> Option<&'a Argument> {
        let options = |arg: &&Argument| arg.text.as_deref().is_some_and(|text| text.starts_with('-'));
        self.command()?.args.iter().find(|arg| !options(arg))
    }

    pub(super) fn caught_argument(&self) -> Option<&'a Argument> {
        self.command()?.args.get(usize::from(self.arg.get()?))
    }

    fn caught_source(&self) -> Option<&'a str> {
        self.transfer()?.sources.get(usize::from(self.source.get()?))?.as_deref()
    }

    /// Where it is shown.
    pub(super) fn place(&self) -> Location {
        match self.what {
            What::Command(_, command) => command.at,
            What::Package(_, _, named) => named.at,
            What::Pair(pair) => {
                let name = pair.name.span();
                self.model.at(pair.value.as_ref().map_or(name, |value| name.cover(value.span())))
            }
            What::Word(word) => self.model.at(word.span()),
            _ => self.model.at(self.head()),
        }
    }

    /// The instruction's first line.
    fn head(&self) -> Span {
        self.instruction.span
    }

    /// A template, filled; `all` is what stands for `{all}`.
    pub(super) fn fill(&self, template: &Template, all: &str) -> String {
        let room = |piece: &Piece| if let Piece::Text(plain) = piece { plain.len() } else { ROOM };
        let mut text = String::with_capacity(template.0.iter().map(room).sum());
        for piece in template.0.iter() {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Field(Field::All) => text.push_str(all),
                Piece::Field(field) => text.push_str(&self.field(*field)),
            }
        }
        text
    }

    /// What is found for a field; empty where there is no such thing.
    pub(super) fn field(&self, field: Field) -> Cow<'a, str> {
        let borrowed = |text: Option<&'a str>| Cow::Borrowed(text.unwrap_or_default());
        match field {
            Field::Image => borrowed(Some(&self.base_stage().base_text)),
            Field::Tag => borrowed(self.image().and_then(|(image, _)| image.effective_tag())),
            Field::Registry => borrowed(self.image().map(|(image, _)| image.registry.as_str())),
            Field::Platform => borrowed(self.stage.platform.as_deref()),
            Field::Name => borrowed(self.name()),
            Field::Value => borrowed(self.value()),
            Field::Quoted => match self.value() {
                Some(value) if value.contains([' ', '\t']) => Cow::Owned(format!("\"{value}\"")),
                value => borrowed(value),
            },
            Field::Text => self.text(),
            Field::Line => self.line(),
            Field::Instruction => {
                let written = self.instruction.keyword_span.slice(self.model.dockerfile.source());
                Cow::Owned(String::from_utf8_lossy(written).to_uppercase())
            }
            Field::Command => borrowed(self.command().map(Executed::name)),
            Field::Subcommand => borrowed(self.subcommand().and_then(|arg| arg.text.as_deref())),
            Field::Arg => borrowed(self.caught_argument().and_then(|arg| arg.text.as_deref())),
            Field::Source => borrowed(self.caught_source()),
            Field::Dest => borrowed(self.transfer().and_then(|transfer| transfer.dest.as_deref())),
            Field::User => borrowed(self.stage.config.user.as_ref().map(|user| user.value.as_str())),
            Field::All => Cow::Borrowed(""),
        }
    }

    /// What stands for it where several are put together.
    pub(super) fn short(&self) -> Cow<'a, str> {
        match self.what {
            What::Package(..) | What::Pair(_) => self.field(Field::Name),
            What::Word(_) => self.field(Field::Value),
            What::Command(..) => self.field(Field::Command),
            _ => self.text(),
        }
    }
}

/// A raw value without the quotes around it.
pub(super) fn unquoted(raw: &str) -> &str {
    let inside = |quote: char| raw.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(raw)
}

/// The name of the package manager that an effect is of.
pub(super) fn manager(kind: &EffectKind) -> Option<&'static str> {
    Some(match kind {
        EffectKind::Install { manager, .. }
        | EffectKind::InstallFiles { manager, .. }
        | EffectKind::Uninstall { manager, .. }
        | EffectKind::RefreshLists(manager)
        | EffectKind::Upgrade(manager)
        | EffectKind::CleanCache(manager) => match manager {
            Manager::Apt => "apt",
            Manager::Dpkg => "dpkg",
            Manager::Apk => "apk",
            Manager::Dnf => "dnf",
            Manager::Rpm => "rpm",
            Manager::Zypper => "zypper",
            Manager::Pacman => "pacman",
        },
        EffectKind::LanguageInstall { manager, .. } => match manager {
            LanguageManager::Pip => "pip",
            LanguageManager::Pipx => "pipx",
            LanguageManager::Poetry => "poetry",
            LanguageManager::Uv => "uv",
            LanguageManager::Conda => "conda",
            LanguageManager::Npm => "npm",
            LanguageManager::Yarn => "yarn",
            LanguageManager::Pnpm => "pnpm",
            LanguageManager::Gem => "gem",
            LanguageManager::Bundler => "bundler",
            LanguageManager::Composer => "composer",
            LanguageManager::Cargo => "cargo",
            LanguageManager::Go => "go",
            LanguageManager::Maven => "maven",
            LanguageManager::Gradle => "gradle",
            LanguageManager::Dotnet => "dotnet",
        },
        _ => return None,
    })
}
