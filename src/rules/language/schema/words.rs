//! What a rule may look at, and the words for what the model knows of it.

/// An instruction, or a part of one, that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Each FROM.
    From,
    /// Each RUN as a whole.
    Run,
    /// Each command that a RUN executes.
    Command,
    /// Each package that a RUN installs by name.
    Package,
    /// Each COPY.
    Copy,
    /// Each ADD.
    Add,
    /// Each variable of an ENV.
    Env,
    /// Each variable of an ARG.
    Arg,
    /// Each label.
    Label,
    /// Each port of an EXPOSE.
    Expose,
    /// Each USER.
    User,
    /// Each WORKDIR.
    Workdir,
    /// Each CMD.
    Cmd,
    /// Each ENTRYPOINT.
    Entrypoint,
    /// Each HEALTHCHECK.
    Healthcheck,
    /// Each SHELL.
    Shell,
    /// Each VOLUME.
    Volume,
    /// Each STOPSIGNAL.
    Stopsignal,
    /// Each MAINTAINER.
    Maintainer,
    /// Each ONBUILD.
    Onbuild,
    /// Each final stage as it ends.
    Stage,
}

impl Trigger {
    /// How many there are.
    pub const COUNT: usize = Self::Stage as usize + 1;
}

/// Where an instruction must stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// In a final stage, or one that it is built from: its result is shipped.
    #[default]
    Final,
    /// In any stage that somebody needs.
    Any,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named as the effects of the model")]
pub enum EffectName {
    Install,
    InstallFiles,
    Uninstall,
    RefreshLists,
    Upgrade,
    CleanCache,
    LanguageInstall,
    Fetch,
    Write,
    Remove,
    Chmod,
    Chown,
    Unpack,
    Account,
    Spawn,
    Unknown,
}

/// Where COPY and ADD take files from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named as the sources of the model")]
pub enum Origin {
    Context,
    Stage,
    Image,
    Remote,
    Heredoc,
}

/// Modes of files that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Programs run as their owner or group.
    Setuid,
    /// Everybody may write.
    WorldWritable,
}
