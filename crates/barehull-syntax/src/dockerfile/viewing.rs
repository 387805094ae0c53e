//! From instructions to [views](super::views).

use std::collections::HashMap;

use super::heredoc;
use super::instruction::{Arguments, Flag, Heredoc, Instruction, Keyword, Pair};
use super::mount::Mount;
use super::views::{
    AddView, ArgView, Command, CopyView, FromView, HealthcheckView, RunView, Source, UserView, View,
};
use crate::MappedText;

impl Instruction {
    /// The instruction as what it means.
    pub fn view(&self) -> View<'_> {
        self.readable_view().unwrap_or(View::Unreadable)
    }

    fn readable_view(&self) -> Option<View<'_>> {
        Some(match self.keyword {
            Keyword::Add => View::Add(self.as_add()?),
            Keyword::Arg => View::Arg(self.as_arg()?),
            Keyword::Cmd => View::Cmd(self.command()?),
            Keyword::Copy => View::Copy(self.as_copy()?),
            Keyword::Entrypoint => View::Entrypoint(self.command()?),
            Keyword::Env => View::Env(self.pairs()?),
            Keyword::Expose => View::Expose(self.texts()?),
            Keyword::From => View::From(self.as_from()?),
            Keyword::Healthcheck => View::Healthcheck(self.as_healthcheck()?),
            Keyword::Label => View::Label(self.pairs()?),
            Keyword::Maintainer => View::Maintainer(self.single()?),
            Keyword::Onbuild => View::Onbuild(self.deferred.as_deref()?),
            Keyword::Run => View::Run(self.as_run()?),
            Keyword::Shell => match &self.args {
                Arguments::Json { items, .. } if !items.is_empty() => View::Shell(items),
                _ => return None,
            },
            Keyword::Stopsignal => View::Stopsignal(self.single()?),
            Keyword::User => View::User(self.as_user()?),
            Keyword::Volume => View::Volume(self.texts()?),
            Keyword::Workdir => View::Workdir(self.single()?),
            Keyword::Unknown => return None,
        })
    }

    /// The FROM instruction this is.
    pub fn as_from(&self) -> Option<FromView<'_>> {
        let [image, more @ ..] = self.texts_of(Keyword::From)? else { return None };
        let alias = match more {
            [word, alias, ..] if is_as(word.text()) => Some(alias),
            _ => None,
        };
        Some(FromView { image, alias, platform: self.flag("platform") })
    }

    /// The RUN instruction this is.
    pub fn as_run(&self) -> Option<RunView<'_>> {
        let command = self.command_of(Keyword::Run)?;
        Some(RunView {
            command,
            heredocs: &self.heredocs,
            mounts: self.flags_named("mount").filter_map(Mount::read).collect(),
            network: self.flag("network"),
            security: self.flag("security"),
            devices: self.flag_values("device"),
        })
    }

    /// The COPY instruction this is.
    pub fn as_copy(&self) -> Option<CopyView<'_>> {
        let (dest, sources) = self.texts_of(Keyword::Copy)?.split_last()?;
        Some(CopyView {
            sources: self.sources(sources)?,
            dest,
            from: self.flag("from"),
            chown: self.flag("chown"),
            chmod: self.flag("chmod"),
            link: self.switch("link").unwrap_or(false),
            parents: self.switch("parents").unwrap_or(false),
            exclude: self.flag_values("exclude"),
        })
    }

    /// The ADD instruction this is.
    pub fn as_add(&self) -> Option<AddView<'_>> {
        let (dest, sources) = self.texts_of(Keyword::Add)?.split_last()?;
        Some(AddView {
            sources: self.sources(sources)?,
            dest,
            chown: self.flag("chown"),
            chmod: self.flag("chmod"),
            link: self.switch("link").unwrap_or(false),
            checksum: self.flag("checksum"),
            keep_git_dir: self.switch("keep-git-dir"),
            unpack: self.switch("unpack"),
            exclude: self.flag_values("exclude"),
        })
    }

    /// The command of this CMD.
    pub fn as_cmd(&self) -> Option<Command<'_>> {
        self.command_of(Keyword::Cmd)
    }

    /// The command of this ENTRYPOINT.
    pub fn as_entrypoint(&self) -> Option<Command<'_>> {
        self.command_of(Keyword::Entrypoint)
    }

    /// The HEALTHCHECK instruction this is.
    pub fn as_healthcheck(&self) -> Option<HealthcheckView<'_>> {
        let kind = self.health_type.as_ref()?.text();
        if kind.eq_ignore_ascii_case("none") {
            return Some(HealthcheckView::Disabled);
        }
        let command = self.command_of(Keyword::Healthcheck)?;
        kind.eq_ignore_ascii_case("cmd").then(|| HealthcheckView::Check {
            command,
            interval: self.flag("interval"),
            timeout: self.flag("timeout"),
            start_period: self.flag("start-period"),
            start_interval: self.flag("start-interval"),
            retries: self.flag("retries"),
        })
    }

    /// The ARG instruction this is.
    pub fn as_arg(&self) -> Option<ArgView> {
        let args: Vec<Pair> = self.texts_of(Keyword::Arg)?.iter().map(arg).collect();
        (!args.is_empty()).then_some(ArgView { args })
    }

    /// The variables of this ENV.
    pub fn as_env(&self) -> Option<&[Pair]> {
        (self.keyword == Keyword::Env).then(|| self.pairs())?
    }

    /// The labels of this LABEL.
    pub fn as_label(&self) -> Option<&[Pair]> {
        (self.keyword == Keyword::Label).then(|| self.pairs())?
    }

    /// The USER instruction this is.
    pub fn as_user(&self) -> Option<UserView<'_>> {
        (self.keyword == Keyword::User).then(|| self.single())?.map(|text| UserView { text })
    }

    /// The path of this WORKDIR.
    pub fn as_workdir(&self) -> Option<&MappedText> {
        (self.keyword == Keyword::Workdir).then(|| self.single())?
    }

    /// The program and arguments of this SHELL.
    pub fn as_shell(&self) -> Option<&[MappedText]> {
        match self.view() {
            View::Shell(items) => Some(items),
            _ => None,
        }
    }

    /// The flags called `name`.
    pub fn flags_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Flag> {
        self.flags.iter().filter(move |flag| flag.name.text() == name)
    }

    /// The value of the first flag called `name`.
    pub fn flag(&self, name: &str) -> Option<&MappedText> {
        self.flags.iter().find(|flag| flag.name.text() == name)?.value.as_ref()
    }

    fn flag_values(&self, name: &str) -> Vec<&MappedText> {
        self.flags.iter().filter(|flag| flag.name.text() == name).filter_map(|f| f.value.as_ref()).collect()
    }

    /// Whether the flag `name` is on, if given.
    fn switch(&self, name: &str) -> Option<bool> {
        let flag = self.flags.iter().find(|flag| flag.name.text() == name)?;
        Some(flag.value.as_ref().is_none_or(|value| value.text().eq_ignore_ascii_case("true")))
    }

    fn command_of(&self, keyword: Keyword) -> Option<Command<'_>> {
        (self.keyword == keyword).then(|| self.command())?
    }

    fn command(&self) -> Option<Command<'_>> {
        match &self.args {
            Arguments::Shell(text) => Some(Command::Shell(text)),
            Arguments::Json { items, .. } => Some(Command::Exec(items)),
            Arguments::Words(_) | Arguments::Pairs(_) => None,
        }
    }

    fn texts_of(&self, keyword: Keyword) -> Option<&[MappedText]> {
        (self.keyword == keyword).then(|| self.texts())?
    }

    fn texts(&self) -> Option<&[MappedText]> {
        match &self.args {
            Arguments::Words(texts) | Arguments::Json { items: texts, .. } if !texts.is_empty() => {
                Some(texts)
            }
            _ => None,
        }
    }

    fn single(&self) -> Option<&MappedText> {
        match &self.args {
            Arguments::Words(words) => words.first(),
            Arguments::Shell(text) => Some(text).filter(|text| !text.is_empty()),
            Arguments::Json { .. } | Arguments::Pairs(_) => None,
        }
    }

    fn pairs(&self) -> Option<&[Pair]> {
        match &self.args {
            Arguments::Pairs(pairs) if !pairs.is_empty() => Some(pairs),
            _ => None,
        }
    }

    /// What the arguments `words` of COPY or ADD stand for; of heredocs with one name, the last.
    fn sources<'a>(&'a self, words: &'a [MappedText]) -> Option<Vec<Source<'a>>> {
        let heredocs: HashMap<&str, &Heredoc> =
            self.heredocs.iter().map(|heredoc| (heredoc.name.as_str(), heredoc)).collect();
        let source = |word: &'a MappedText| {
            let name = heredoc::mark_name(word.text());
            match name.and_then(|name| heredocs.get(name.as_str()).copied()) {
                Some(heredoc) => Source::Heredoc(heredoc),
                None => Source::Path(word),
            }
        };
        (!words.is_empty()).then(|| words.iter().map(source).collect())
    }
}

/// Whether `word` is the AS of FROM, in any letter case (the long s is one of an s).
pub(super) fn is_as(word: &str) -> bool {
    word.eq_ignore_ascii_case("as") || matches!(word, "aſ" | "Aſ")
}

/// A build argument, `NAME` or `NAME=default`.
fn arg(word: &MappedText) -> Pair {
    let text = word.text();
    match text.find('=') {
        Some(equals) => Pair {
            name: word.slice(0..equals),
            value: Some(word.slice(equals + 1..text.len())),
            legacy: false,
        },
        None => Pair { name: word.clone(), value: None, legacy: false },
    }
}
